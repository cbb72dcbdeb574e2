"""What the sheet Beyond shows: what attributes known at acquisition do to purchases and lifetime, and if they forecast.

Attributes are the columns of the table of attributes that were known when a customer was acquired, and the channel of
the first purchase.  What follows from purchases would explain them by itself and is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pyfuncs.analysis import comparisons, covariates
from pyfuncs.analysis.attribute_cells import AttributeCells
from pyfuncs.analysis.attributes import CATEGORY, NUMBER, Attribute, read_attributes
from pyfuncs.analysis.covariates import Covariate
from pyfuncs.analysis.factor_test import FactorTest, factor_test, holdout_of
from pyfuncs.analysis.fitting import AUTO
from pyfuncs.analysis.focal_profile import at_acquisition, used_rows
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import Log
from pyfuncs.analysis.settings import Settings
from pyfuncs.errors import FocalError
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.covariates import COVARIATE_MODELS

MOST_CUSTOMERS: Final = 5_000
"""Customers, drawn at random, on whom the effects are fitted and the factors tested: errors of a few percent remain."""
MOST_EFFECTS: Final = 8
"""Numbers, and levels of categories, fitted together."""
MOST_LEVELS: Final = 4
"""Levels of a category, the most frequent and what is left of the others."""
FEWEST: Final = 30
"""Customers below which a level counts among the others."""
FALSE_DISCOVERIES: Final = 0.10
"""q-value up to which an effect is called one."""
NOTHING_KNOWN: Final = (
    "Nothing beyond purchases is known of customers: add a column channel to the log, or fill in the sheet Attributes "
    "and name on Settings the columns that were known at acquisition."
)
_REST: Final = "others"
_UNKNOWN: Final = "unknown"
_TENTHS: Final = np.linspace(0.05, 0.95, 10)


@dataclass(frozen=True, eq=False)
class Beyond:
    """The effects of attributes on the purchase and the dropout process, and the test of each attribute as a factor.

    Attributes
    ----------
    effects : one row per number and per level of a category against its most frequent one
        effect (its name); rate, rate_low, rate_high: what it multiplies the purchase rate by; life, life_low,
        life_high: what it multiplies the lifetime by, which BG/NBD counts in purchases; rate_q, life_q: q-values of the
        likelihood-ratio tests over all of them.  Intervals are of 95 %.
    factors : each attribute on the holdout
    model : in which the effects were fitted
    customers : on how many
    statements : what was left out, in sentences
    """

    effects: pd.DataFrame
    factors: FactorTest
    model: str
    customers: int
    statements: tuple[str, ...]

    @property
    def tests(self) -> int:
        """Effects tested, each on the purchase rate and on the lifetime."""
        return int(self.effects[["rate_q", "life_q"]].notna().to_numpy().sum())


def beyond(
    log: Log, customers: pd.DataFrame, settings: Settings, split: dt.date, model: str, more: AttributeCells | None
) -> Beyond | str:
    """Effects of the attributes known at acquisition and their test on the holdout after `split`, or why there is none.

    `customers` has the columns of `histories` in the period of the settings.  `model` is the chosen one; where it takes
    no covariates, the better of those that do is taken.
    """
    known = _known(log, customers, more)
    if not known:
        return NOTHING_KNOWN
    drawn = np.arange(len(customers))
    if len(drawn) > MOST_CUSTOMERS:
        drawn = np.sort(np.random.default_rng(settings.seed).choice(drawn, MOST_CUSTOMERS, replace=False))
    sample = customers.iloc[drawn]
    made, said = _covariates(known, drawn)
    if not made:
        return f"No attribute known at acquisition can be fitted. {' '.join(said)}"
    name = model if model in COVARIATE_MODELS else AUTO
    try:
        found = covariates.effects(
            {each: sample[each].to_numpy() for each in ("frequency", "recency", "T")}, made, name
        )
        tested = _tested(log, sample, settings.period, split, made, name)
    except FocalError as reason:
        return f"The effects of attributes cannot be fitted: {reason}"
    if len(drawn) < len(customers):
        said.insert(0, f"{len(drawn):,} of {len(customers):,} customers, drawn at random, are used.")
    fitted = found.fit.model.base.name
    if fitted != model:
        said.append(f"{model} takes no covariates, so that {fitted} is used here.")
    return Beyond(_ratios(found), tested, fitted, len(drawn), tuple(said))


def _known(log: Log, customers: pd.DataFrame, more: AttributeCells | None) -> list[Attribute]:
    """What is known of each customer from the acquisition on: the channel, then the columns of the table."""
    known: list[Attribute] = []
    if "channel" in log.columns:
        known += [one for one in at_acquisition(used_rows(log, customers), customers) if one.name.startswith("Channel")]
    if more is not None and more.at_acquisition:
        read = read_attributes(more.of(customers["customer_id"])).attributes
        known += [one for one in read if one.name in more.at_acquisition]
    return known


def _covariates(known: Sequence[Attribute], drawn: NDArray[np.int64]) -> tuple[dict[str, Covariate], list[str]]:
    """The attributes of the customers drawn as covariates, and which were left out."""
    made: dict[str, Covariate] = {}
    room, left_out = MOST_EFFECTS, []
    for one in known:
        name, values = _covariate(one, drawn)
        effects = len(set(values)) - 1 if isinstance(values, list) else 1
        if 0 < effects <= room:
            made[name] = values
            room -= effects
        else:
            left_out.append(one.name)
    if not left_out:
        return made, []
    named = ", ".join(left_out[:4]) + ("..." if len(left_out) > 4 else "")
    return made, [f"Left out are dates, tags, what is the same for all, and more than {MOST_EFFECTS} effects: {named}."]


def _covariate(one: Attribute, drawn: NDArray[np.int64]) -> tuple[str, Covariate]:
    """What an attribute is called as a covariate, and its values; without any where it can be none."""
    if one.kind == NUMBER:
        return _numbers(one, drawn)
    return (one.name, _levels(one, drawn)) if one.kind == CATEGORY else (one.name, [])


def _numbers(one: Attribute, drawn: NDArray[np.int64]) -> tuple[str, Covariate]:
    """A number by its tenth, 0 in the lowest and 1 in the highest; by halves where it is not known of everybody."""
    values = one.numbers[drawn]
    there = np.isfinite(values)
    if there.sum() < FEWEST or np.ptp(values[there]) == 0:
        return one.name, []
    if there.all():
        middles = np.unique([*np.quantile(values, _TENTHS, method="nearest"), *_ends_of_few(values)])
        low, high = float(middles[0]), float(middles[-1])
        nearest: FloatArray = middles[np.abs(values[:, None] - middles).argmin(axis=1)]
        return f"{one.name}: {_said(high)} against {_said(low)}", (nearest - low) / (high - low)
    cut = float(np.median(values[there]))
    return one.name, np.where(
        there, np.where(values > cut, f"over {_said(cut)}", f"up to {_said(cut)}"), _UNKNOWN
    ).tolist()


def _said(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def _ends_of_few(values: FloatArray) -> tuple[float, ...]:
    """Both ends of numbers of which nearly all are the same, as of yes and no; the tenths would miss them."""
    middle = np.quantile(values, (_TENTHS[0], _TENTHS[-1]), method="nearest")
    return () if middle[0] < middle[1] else (float(values.min()), float(values.max()))


def _levels(one: Attribute, drawn: NDArray[np.int64]) -> list[str]:
    """A category's most frequent levels, the others as one; of TRUE and FALSE the attribute has the one level TRUE."""
    words = np.full(len(one.known), _UNKNOWN, dtype=object)
    words[one.known] = "not" if len(one.levels) == 1 else _REST
    words[one.holders] = np.array(one.levels, dtype=object)[one.held]
    words = words[drawn]
    levels, counts = np.unique(words, return_counts=True)
    ranked = levels[np.argsort(-counts, kind="stable")]
    large = set(levels[counts >= FEWEST]) & set(ranked if len(ranked) <= MOST_LEVELS else ranked[: MOST_LEVELS - 1])
    named = [str(word) if word in large else _REST for word in words]
    if named.count(_REST) < FEWEST:  # too few to tell anything apart
        usual = str(ranked[0])
        named = [usual if word == _REST else word for word in named]
    return named


def _tested(
    log: Log, sample: pd.DataFrame, period: str, split: dt.date, made: dict[str, Covariate], name: str
) -> FactorTest:
    """The covariates of the sample on the holdout."""
    before = histories(log, period, split)
    before = before[before["customer_id"].isin(sample["customer_id"])]
    holdout = holdout_of(before, sample)
    place = pd.Index(sample["customer_id"]).get_indexer(pd.Index(holdout.customers))
    return factor_test(holdout, {each: np.asarray(values)[place] for each, values in made.items()}, name)


def _ratios(found: covariates.Effects) -> pd.DataFrame:
    """Coefficients as what they multiply, purchase rate and lifetime beside each other."""
    table = pd.DataFrame(found.table)
    table = table[table["process"] != covariates.BOTH]
    q_value = comparisons.q_values(table["lr_p_value"].to_numpy(dtype=np.float64))
    low, middle, high = (table[name].to_numpy(dtype=np.float64) for name in ("lower", "coefficient", "upper"))
    bought = (table["process"] == "purchase").to_numpy()
    with np.errstate(over="ignore"):
        return pd.DataFrame(
            {
                "effect": table["covariate"].to_numpy(dtype=object)[bought],
                **dict(zip(("rate", "rate_low", "rate_high"), np.exp([middle, low, high])[:, bought], strict=True)),
                "rate_q": q_value[bought],
                **dict(zip(("life", "life_low", "life_high"), np.exp([-middle, -high, -low])[:, ~bought], strict=True)),
                "life_q": q_value[~bought],
            }
        )
