"""Who is like the focal customers, from attributes known at acquisition, and whether that holds for later cohorts.

A logistic regression learns on the customers acquired first and is tested on those acquired last, whom it has not
seen; then it is fitted to all and scores customers or prospects.  Focal means expected future value: of the latest
customers it rests on few purchases, so the test asks whether attributes foretell what the model expects of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from pyfuncs.analysis.attributes import Attribute
from pyfuncs.analysis.comparisons import wilson
from pyfuncs.analysis.concentration import top_share
from pyfuncs.analysis.profile import named_after_spend, sample_of
from pyfuncs.analysis.texts import Mask, plural
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.discrimination import auc
from pyfuncs.models.logistic import fit_logistic, posterior_sd
from pyfuncs.models.special import expit

TESTED: Final = 0.3
"""Share of the customers, those acquired last, on whom the likeness is tested."""
TOP: Final = 0.1
LEVEL: Final = 0.90
PRIOR_SD: Final = 0.5
"""Prior standard deviation of each effect, in log-odds per standard deviation of a number and per level of words."""
FEWEST: Final = 10
"""Customers of either kind without whom nothing is learned or tested, and of a level for an effect of its own."""
TOO_GOOD: Final = 0.99
"""AUC of one attribute by itself beyond which it must be made of what customers did since."""
LIKELY: Final = 0.5
FIFTHS: Final = 5
SIGNALS: Final = 6
"""Signals that are shown, the strongest."""
_MOST_TRAINED: Final = 10_000  # of either kind; beyond it effects are known better than they are stable
_Z: Final = 1.6448536269514722
_SEED: Final = 1
_FAR: Final = 40.0  # log-odds beyond which a chance is 0 or 1
_HALVINGS: Final = 60


@dataclass(frozen=True, eq=False)
class Lookalike:
    """Likeness to focal customers and its test.

    Attributes
    ----------
    likeness : (n,) chance of being focal by the attributes alone, fitted to all labelled customers
    signals : what likeness goes by, what spreads customers most first: attribute, level ("" for numbers and dates),
        step (of a number or in days, its standard deviation; nan for a level), odds_ratio (odds of being focal with the
        level against without, or with one step more; the other attributes alike), lower, upper, fitted to all labelled
        customers
    trained, tested : customers the test was fitted on, and those it was made on
    trained_share, tested_share : the focal among them, as shares
    since : days since 1970 of the first purchase after which customers were tested; nan where dates were not known
    auc, auc_low, auc_high : chance that a focal customer is more alike than another; 0.5 is chance
    lift, lift_low, lift_high : focal customers in the most alike tenth over those at random
    fifths : fifth (1 the most alike), customers, expected, actual (shares of focal), lower, upper.  What is expected
        is brought to the level of those tested: later customers are focal less often or more, and the test is of who.
    left_out : by name why attributes were not used
    """

    likeness: FloatArray
    signals: pd.DataFrame
    trained: int
    tested: int
    trained_share: float
    tested_share: float
    since: float
    auc: float
    auc_low: float
    auc_high: float
    lift: float
    lift_low: float
    lift_high: float
    fifths: pd.DataFrame
    left_out: dict[str, str]

    @property
    def telling(self) -> pd.DataFrame:
        """The strongest signals, as many as are shown, whose interval does not hold 1."""
        return self.signals[(self.signals["lower"] > 1) | (self.signals["upper"] < 1)].head(SIGNALS)

    @property
    def better_than_chance(self) -> bool:
        """Whether the interval of the AUC lies above 0.5."""
        return self.auc_low > 0.5

    @property
    def verdict(self) -> str:
        """What the test says, in a sentence."""
        figures = f"AUC {self.auc:.2f}, {LEVEL:.0%} interval {self.auc_low:.2f} to {self.auc_high:.2f}"
        whom = "customers acquired later" if np.isfinite(self.since) else "customers it had not seen"
        if self.better_than_chance:
            return (
                f"Tested on {whom}, likeness finds focal customers better than chance ({figures}): the tenth most "
                f"alike holds {self.lift:.1f} times as many as a tenth at random."
            )
        if self.auc_high < 0.5:
            return f"Tested on {whom}, likeness is worse than chance ({figures}): what held before does not hold now."
        return f"Tested on {whom}, likeness is no better than chance ({figures}): do not choose prospects by it."


def lookalike(attributes: Sequence[Attribute], focal: ArrayLike, first_purchase: ArrayLike | None = None) -> Lookalike:
    """Learn and test the likeness to focal customers, and score everyone.

    Parameters
    ----------
    attributes
        Of n customers each, known when a customer is acquired.  Those counted or computed from purchases, and those
        that by themselves tell the focal customers, are left out with a reason.
    focal : (n,) array
        Truth values, or probabilities, of which those above a half count; nan for prospects, who are scored only.
    first_purchase : (n,) array, optional
        Days since 1970.  The last 30 % of customers by this day are tested.  Without it a random 30 % are, which does
        not tell whether likeness lasts.

    Raises `InputError` for arrays of another length, `InsufficientDataError` when no attribute is left or there are
    fewer than ten focal customers or others to learn from or to test on.
    """
    chance = np.asarray(focal, dtype=np.float64)
    labelled = ~np.isnan(chance)
    label = np.where(labelled, chance > LIKELY, np.nan)
    day = None if first_purchase is None else np.asarray(first_purchase, dtype=np.float64)
    lengths = {one.name: len(one.known) for one in attributes} | ({} if day is None else {"first_purchase": len(day)})
    for name, length in lengths.items():
        if length != len(label):
            raise InputError(f"{name}: {length} rows beside {len(label)} segments; give one per customer.")
    training, testing, since = _cohorts(labelled, day)
    _check_enough(label[training], "learn from")
    _check_enough(label[testing], "test on")
    left_out = {one.name: why for one in attributes if (why := _unfit(one, label))}
    used = [one for one in attributes if one.name not in left_out]
    if not used:
        reasons = "".join(f" {name}: {why}." for name, why in left_out.items())
        raise InsufficientDataError(f"lookalike: no attribute known at acquisition; add a column with one.{reasons}")
    actual = label[testing]
    expected = _at_level(_log_odds(used, label, training)[0][testing], float(actual.mean()))
    area, error = auc(expected, actual == 1)
    captured = top_share(actual, TOP, by=expected)
    low, high = wilson(np.array([captured]), np.array([actual.sum()]), _Z)
    log_odds, signals = _log_odds(used, label, labelled)
    return Lookalike(
        likeness=expit(log_odds), signals=signals,
        trained=int(training.sum()), tested=int(testing.sum()),
        trained_share=float(label[training].mean()), tested_share=float(actual.mean()), since=since,
        auc=area, auc_low=max(0.0, area - _Z * error), auc_high=min(1.0, area + _Z * error),
        lift=captured / TOP, lift_low=float(low[0]) / TOP, lift_high=float(high[0]) / TOP,
        fifths=_fifths(expected, actual), left_out=left_out,
    )  # fmt: skip


def report(found: Lookalike) -> pd.DataFrame:
    """The test as a table: measure, value, lower, upper, note."""
    rows: list[tuple[str, float, float, float, str]] = [
        ("customers learned from", found.trained, np.nan, np.nan, ""),
        ("focal share of them", found.trained_share, np.nan, np.nan, ""),
        ("customers tested on", found.tested, np.nan, np.nan, ""),
        ("focal share of these", found.tested_share, np.nan, np.nan, ""),
        ("AUC", found.auc, found.auc_low, found.auc_high, found.verdict),
        ("lift of the tenth most alike", found.lift, found.lift_low, found.lift_high, ""),
    ]
    for fifth, _, expected, *actual in found.fifths.to_numpy().tolist():
        rows.append((f"fifth {fifth:.0f}, focal share expected", expected, np.nan, np.nan, ""))
        rows.append((f"fifth {fifth:.0f}, focal share found", *actual, ""))
    signal: Any
    for signal in found.telling.itertuples(index=False):
        figures = (signal.odds_ratio, signal.lower, signal.upper)
        rows.append((f"odds ratio: {signal_in_words(signal)}", *figures, points_to(signal)))
    rows += [(f"left out: {name}", np.nan, np.nan, np.nan, why) for name, why in found.left_out.items()]
    return pd.DataFrame(rows, columns=["measure", "value", "lower", "upper", "note"])


def signal_in_words(signal: Any) -> str:
    """A row of `Lookalike.signals` as what its odds ratio is of."""
    return f"{signal.attribute}: {signal.level}" if signal.level else f"{signal.attribute}, {signal.step:,.3g} more"


def points_to(signal: Any) -> str:
    """Whether a row of `Lookalike.signals` speaks for or against being focal."""
    return "more often focal" if signal.odds_ratio >= 1 else "less often focal"


def _unfit(one: Attribute, label: FloatArray) -> str:
    """Why an attribute must not be used; empty when it may."""
    if one.artefact:
        return one.artefact
    if one.usage or named_after_spend(one):
        return "it is counted or computed from purchases, so it is not known at acquisition"
    known = np.flatnonzero(one.known & ~np.isnan(label))
    focal = label[known] == 1
    if min(focal.sum(), (~focal).sum()) < FEWEST:
        return f"it is known of fewer than {FEWEST} focal customers or others"
    if one.numbers.size:
        some = np.concatenate([sample_of(known[kind], _MOST_TRAINED) for kind in (focal, ~focal)])
        area = auc(one.numbers[some], label[some] == 1)[0]
        apart = max(area, 1 - area)
    else:
        mine, rest = (np.bincount(one.held[label[one.holders] == kind], minlength=len(one.levels)) for kind in (1, 0))
        # of one level by itself the AUC is half of 1 and the difference of its shares
        apart = 0.5 + 0.5 * float(np.abs(mine / focal.sum() - rest / (~focal).sum()).max(initial=0.0))
    return "by itself it tells the focal customers, so it is made of what they did since" if apart > TOO_GOOD else ""


def _check_enough(label: FloatArray, purpose: str) -> None:
    mine, others = int((label == 1).sum()), int((label == 0).sum())
    if min(mine, others) < FEWEST:
        raise InsufficientDataError(
            f"lookalike: {plural(mine, 'focal customer')} and {others:,} others to {purpose}; at least {FEWEST} of "
            "each are needed."
        )


def _cohorts(labelled: Mask, day: FloatArray | None) -> tuple[Mask, Mask, float]:
    """Customers to learn from and to test on, and the day after which the latter came."""
    if day is None:
        testing = labelled & (np.random.default_rng(_SEED).random(len(labelled)) < TESTED)
        return labelled & ~testing, testing, np.nan
    dated = labelled & ~np.isnan(day)
    if not dated.any():
        raise InsufficientDataError("lookalike: no customer has both a segment and a first purchase.")
    since = float(np.quantile(day[dated], 1 - TESTED, method="lower"))
    return dated & (day <= since), dated & (day > since), since


def _log_odds(attributes: Sequence[Attribute], label: FloatArray, training: Mask) -> tuple[FloatArray, pd.DataFrame]:
    """Log-odds of being focal of everyone, learned from some, and the signals they go by."""
    groups = [np.flatnonzero(training & (label == kind)) for kind in (1, 0)]
    drawn = [sample_of(group, _MOST_TRAINED) for group in groups]
    rows = np.concatenate(drawn)
    columns = [column[rows] for _, column in _columns(attributes, training)]
    X = np.column_stack(columns) if columns else np.empty((rows.size, 0))
    beta = fit_logistic(X, label[rows], PRIOR_SD)
    # Where the groups were drawn at different rates, only the intercept has to be set right (Prentice and Pyke 1979).
    (mine, others), (mine_drawn, others_drawn) = ([part.size for part in parts] for parts in (groups, drawn))
    log_odds = np.full(len(label), beta[0] + np.log(mine / mine_drawn) - np.log(others / others_drawn))
    margins = _Z * posterior_sd(X, beta, PRIOR_SD)
    signals = []
    for effect, margin, (signal, column) in zip(beta[1:], margins[1:], _columns(attributes, training), strict=True):
        log_odds += effect * column
        ratios = np.exp((effect, effect - margin, effect + margin)).tolist()
        signals.append((*signal, *ratios, abs(effect) * float(column[training].std())))
    table = pd.DataFrame(signals, columns=["attribute", "level", "step", "odds_ratio", "lower", "upper", "spread"])
    return log_odds, table.sort_values("spread", ascending=False, ignore_index=True).drop(columns="spread")


def _columns(attributes: Sequence[Attribute], training: Mask) -> Iterator[tuple[tuple[str, str, float], FloatArray]]:
    """The regression's columns one after the other, (n,) each: no more than one of them is held for everyone.

    With each its attribute, level and step.  Numbers are cut at the 1st and 99th percentile and standardised, levels
    are 0 or 1, and of two that say the same the rarer stands for both.  What is unknown is at its mean, so that it says
    nothing: often those who buy most are the ones who were asked, and nobody asked the prospects.  All of it is
    measured on the customers learned from.
    """
    for one in attributes:
        known = one.known & training
        if one.numbers.size:
            low, high = np.quantile(one.numbers[known], (0.01, 0.99))
            cut = np.clip(one.numbers, low, high)
            mean, spread = cut[known].mean(), cut[known].std()
            if spread > 0:
                yield (one.name, "", float(spread)), np.where(one.known, (cut - mean) / spread, 0.0)
        by_level = np.split(
            one.holders[np.argsort(one.held.astype(np.int16), kind="stable")],
            np.cumsum(np.bincount(one.held, minlength=len(one.levels)))[:-1],
        )
        for level, holders in list(zip(one.levels, by_level, strict=False))[int(one.either_or) :]:
            if training[holders].sum() >= FEWEST:
                column = np.zeros(len(training))
                column[holders] = 1.0
                column[~one.known] = column[known].mean()
                yield (one.name, level, np.nan), column


def _at_level(log_odds: FloatArray, share: float) -> FloatArray:
    """Chances whose log-odds are all moved alike until their mean is `share`, which lies within 0 and 1."""
    low, high = -_FAR - log_odds.max(), _FAR - log_odds.min()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if expit(log_odds + middle).mean() < share else (low, middle)
    return expit(log_odds + low)


def _fifths(expected: FloatArray, actual: FloatArray) -> pd.DataFrame:
    """Focal shares expected and found, by fifth of likeness, the most alike first."""
    order = np.argsort(-expected, kind="stable")
    parts = np.array_split(order, FIFTHS)
    size = np.array([part.size for part in parts], dtype=np.float64)
    share = np.array([actual[part].mean() for part in parts])
    low, high = wilson(share, size, _Z)
    return pd.DataFrame(
        {
            "fifth": np.arange(1, FIFTHS + 1),
            "customers": size.astype(np.int64),
            "expected": [expected[part].mean() for part in parts],
            "actual": share,
            "lower": low,
            "upper": high,
        }
    )
