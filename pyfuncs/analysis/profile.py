"""What makes focal customers different: attribute by attribute, focal customers against all others.

Differences are associations: an attribute that goes with value need not bring it about.  What follows from buying more
(total spend, frequency, value itself) is no difference at all; it is flagged and not counted among the tests.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from pyfuncs.analysis import comparisons
from pyfuncs.analysis.attributes import DATE, TAGS, Attribute
from pyfuncs.analysis.levels import checked_level
from pyfuncs.analysis.texts import Codes, Mask, plural
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.models.arrays import FloatArray

FEWEST: Final = 30
"""Customers below which a cell is shown but not tested."""
FALSE_DISCOVERIES: Final = 0.10
"""Share of false ones among the differences called such."""
BEYOND_DOUBT: Final = 0.001
"""q-value below which rows are ranked by the size of their difference alone."""
LEAK_LIMIT: Final = 0.8
"""Rank correlation with value beyond which an attribute is taken for a function of it."""
ANSWERED: Final = "(any answer)"
_SPEND_NAMES: Final = (
    "frequency recency monetaryvalue lastpurchase purchases orders numberofpurchases numberoforders transactions"
    " totalamount totalspend totalspent totalrevenue totalsales spend spent revenue sales turnover timesincelast"
    " palive probabilityalive expectedpurchases expectedspend discountedpurchases value values residualvalue"
    " lifetimevalue customervalue clv ltv cltv rlv dert decile pfocal averageordervalue aov"
    " daysbetweenpurchases differentproducts distinctproducts numberofproducts"
)
SPEND_NAMES: Final = frozenset(_SPEND_NAMES.split())
"""Headers, letters and digits only, of what is counted or computed from purchases."""
_UNLIKE: Final = 0.1
"""Difference in the share unknown from which focal customers and others are not known alike."""
_LEAK: Final = "not a cause: "  # begins the note of what leaks
_CARRIED: Final = ["attribute", "level", "kind", "is_share", "focal_customers", "customers"]
_FIGURES: Final = {
    "focal": "first", "others": "second", "lift": "lift", "lower": "lift_low", "upper": "lift_high",
    "difference": "difference", "difference_low": "difference_low", "difference_high": "difference_high",
    "standardised": "standardised",
}  # fmt: skip
_SEED: Final = 1
_MOST_RANKED: Final = 50_000  # customers ranked for the correlation with value: enough to tell 0.8


@dataclass(frozen=True, eq=False)
class Profile:
    """The comparison of focal customers with all others.

    Attributes
    ----------
    rows : one per number, date, and level of categories and tags; the most different first.  Of two levels of which
        everyone has one, only that which focal customers have more often: it is one comparison.
        attribute, level ("" for a number or date), kind, is_share; focal, others (share of customers or mean; dates in
        days since 1970); lift, lower, upper; difference, difference_low, difference_high; standardised; p_value,
        q_value (nan where not tested); focal_customers, customers (of whom the attribute is known); note.
    level : of the intervals
    focal, others : customers compared
    """

    rows: pd.DataFrame
    level: float
    focal: float
    others: float

    @property
    def tests(self) -> int:
        """Rows tested, over all of which the false-discovery rate is kept."""
        return int(self.rows["q_value"].notna().sum())

    @property
    def found(self) -> int:
        """Rows called different at the false-discovery rate."""
        return int((self.rows["q_value"] <= FALSE_DISCOVERIES).sum())

    @property
    def statement(self) -> str:
        """How much was tested and found."""
        differ = "differs" if self.found == 1 else "differ"
        return (
            f"{plural(self.tests, 'comparison')} tested at once, {len(self.rows) - self.tests:,} not tested (too few, "
            f"or made of purchases); {self.found:,} {differ} at a false-discovery rate of {FALSE_DISCOVERIES:.0%}. "
            "Differences are associations, not causes."
        )


def profile(
    attributes: Sequence[Attribute], focal: ArrayLike, values: ArrayLike | None = None, level: float = 0.9
) -> Profile:
    """Compare focal customers with all others on every attribute.

    Parameters
    ----------
    attributes
        Of n customers each.
    focal : (n,) array
        Truth values, or the probability of being focal, with which each customer then counts in both groups and the
        sizes of the groups are effective ones; nan for customers not to be counted.
    values : (n,) array, optional
        Value of each customer, with which leaking attributes correlate.
    level : 0 < level < 1
        Of the intervals, each by itself.

    Raises `InputError` for arrays of another length, `InsufficientDataError` without both groups or any attribute.
    """
    weight = np.asarray(focal, dtype=np.float64)
    value = None if values is None else np.asarray(values, dtype=np.float64)
    _check(attributes, weight, value, level)
    counted = ~np.isnan(weight)
    groups = (np.where(counted, weight, 0.0), np.where(counted, 1.0 - np.nan_to_num(weight), 0.0))
    if min(group.sum() for group in groups) <= 0:
        raise InsufficientDataError("profile: there must be focal customers and others; give segments that have both.")
    lines = [line for one in attributes for line in _lines(one, groups, counted, value)]
    rows = _compared(pd.DataFrame(lines), level)
    return Profile(_most_different_first(rows), level, float(groups[0].sum()), float(groups[1].sum()))


def named_after_spend(attribute: Attribute) -> bool:
    """Whether the header says that an attribute is counted or computed from purchases."""
    return "".join(letter for letter in attribute.name.casefold() if letter.isalnum()) in SPEND_NAMES


def sample_of(rows: Codes, most: int) -> Codes:
    """Some rows drawn at random, the same each time, where they are more than `most`; in their order."""
    if rows.size <= most:
        return rows
    return np.sort(np.random.default_rng(_SEED).choice(rows, most, replace=False))


def _check(attributes: Sequence[Attribute], weight: FloatArray, value: FloatArray | None, level: float) -> None:
    if not attributes:
        raise InsufficientDataError("profile: there is no attribute to compare; add a column with one.")
    checked_level(level)
    given = {f'attribute "{one.name}"': len(one.known) for one in attributes}
    given |= {} if value is None else {"values": len(value)}
    for name, length in given.items():
        if length != len(weight):
            raise InputError(f"{name}: {length} rows beside {len(weight)} segments; give one per customer.")


def _lines(
    one: Attribute, groups: tuple[FloatArray, FloatArray], counted: Mask, value: FloatArray | None
) -> Iterator[dict[str, Any]]:
    """The rows of one attribute before they are compared: counts or moments of both groups, and what speaks against."""
    known = one.known & counted
    sizes = [_size(group, known) for group in groups]
    line: dict[str, Any] = {
        "attribute": one.name, "level": "", "kind": one.kind, "is_share": False,
        "focal_customers": round(groups[0][known].sum()), "customers": int(known.sum()),
        "n1": sizes[0][0], "n2": sizes[1][0], "note": _note(one, groups, counted, value), "leaks": False,
    }  # fmt: skip
    line |= {"leaks": line["note"].startswith(_LEAK), "apart": False}
    if one.levels:
        yield from _level_lines(one, groups, known, counted, sizes, line)
        return
    x = one.numbers[known]
    if line["kind"] != DATE and np.isin(x, (0.0, 1.0)).all():
        counts = [float((group[known] * x).sum() * scale) for group, (_, scale) in zip(groups, sizes, strict=True)]
        yield line | {"is_share": True, "k1": counts[0], "k2": counts[1]}
        return
    line["apart"] = _apart(x, groups[0][known])
    yield line | _moments(x, [group[known] for group in groups], [n for n, _ in sizes])


def _moments(x: FloatArray, weights: list[FloatArray], sizes: list[float]) -> dict[str, float]:
    """Means and variances of both groups, and the variance and skewness of both together, of some numbers."""
    found: dict[str, float] = {}
    for number, (weight, n) in enumerate(zip(weights, sizes, strict=True), start=1):
        mean = float(weight @ x / weight.sum()) if n else np.nan
        found[f"m{number}"] = mean
        found[f"v{number}"] = float(weight @ (x - mean) ** 2 / weight.sum() * n / (n - 1)) if n > 1 else np.nan
    apart = x - x.mean() if x.size else x
    variance = float(apart @ apart / x.size) if x.size else np.nan
    cubes = float((apart * apart) @ apart / x.size) if x.size else np.nan
    return found | {"variance": variance, "skewness": cubes / variance**1.5 if variance else 0.0}


def _level_lines(
    one: Attribute,
    groups: tuple[FloatArray, FloatArray],
    known: Mask,
    counted: Mask,
    sizes: list[tuple[float, float]],
    line: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    """A row per level, and one of those who answered at all."""
    k1, k2 = (
        np.bincount(one.held, group[one.holders], len(one.levels)) * scale
        for group, (_, scale) in zip(groups, sizes, strict=True)
    )
    shown = range(len(one.levels))
    if one.either_or and min(n for n, _ in sizes) > 0:
        first_more_often = k1[0] / sizes[0][0] >= k2[0] / sizes[1][0]
        shown = range(0, 1) if first_more_often else range(1, 2)
    for i in shown:
        yield line | {"level": one.levels[i], "is_share": True, "k1": k1[i], "k2": k2[i]}
    if one.kind == TAGS and not one.usage and known.sum() < counted.sum():
        (n1, scale1), (n2, scale2) = (_size(group, counted) for group in groups)
        yield line | {
            "level": ANSWERED, "is_share": True, "n1": n1, "n2": n2, "note": "",
            "k1": groups[0][known].sum() * scale1, "k2": groups[1][known].sum() * scale2,
            "focal_customers": round(groups[0].sum()), "customers": int(counted.sum()),
        }  # fmt: skip


def _size(group: FloatArray, which: Mask) -> tuple[float, float]:
    """Effective size of a weighted group (its count where all weights are 1), and what scales sums of weights to it."""
    weight = group[which]
    total, squares = float(weight.sum()), float(weight @ weight)
    return (total**2 / squares, total / squares) if squares else (0.0, 0.0)


def _apart(x: FloatArray, focal: FloatArray) -> bool:
    """Whether every focal customer lies above, or every one below, all others."""
    mine, others = x[focal > 0], x[focal < 1]
    return bool(mine.size and others.size and (mine.min() > others.max() or mine.max() < others.min()))


def _note(one: Attribute, groups: tuple[FloatArray, FloatArray], counted: Mask, value: FloatArray | None) -> str:
    """What a reader must know of an attribute."""
    if one.artefact:
        return f"{_LEAK}{one.artefact}"
    if named_after_spend(one):
        return f"{_LEAK}it is counted or computed from purchases"
    if value is not None and one.numbers.size:
        correlation = _rank_correlation(one.numbers, np.where(counted, value, np.nan))
        if abs(correlation) > LEAK_LIMIT:
            return f"{_LEAK}it moves with value (rank correlation {correlation:.2f})"
    unknown = 1.0 - float(one.known[counted].mean())
    notes = ["usage: follows from buying"] if one.usage else []
    if unknown >= 0.005:
        mine, others = (float(group[~one.known].sum() / group.sum()) for group in groups)
        whose = f" (focal: {mine:.0%})" if abs(mine - others) >= _UNLIKE else ""
        notes += [f"{unknown:.0%} unknown{whose}"]
    notes += [plural(one.errors, "error cell")] if one.errors else []
    return "; ".join(notes)


def _rank_correlation(x: FloatArray, value: FloatArray) -> float:
    """Spearman's correlation of customers who have both, of a sample where they are many; 0 where one does not vary."""
    both = np.flatnonzero(~np.isnan(x) & ~np.isnan(value))
    both = sample_of(both, _MOST_RANKED)
    if both.size < FEWEST:
        return 0.0
    first, second = (pd.Series(array[both]).rank().to_numpy(dtype=np.float64) for array in (x, value))
    varies = first.std() > 0 and second.std() > 0
    return float(np.corrcoef(first, second)[0, 1]) if varies else 0.0


def _compared(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    """The rows with their figures; p- and q-values only where a test is meant."""
    share = rows["is_share"].to_numpy()

    def column(name: str) -> FloatArray:
        absent = name not in rows
        return np.full(len(rows), np.nan) if absent else rows[name].to_numpy(dtype=np.float64)

    n1, n2, k1, k2 = (column(name) for name in ("n1", "n2", "k1", "k2"))
    moments = comparisons.Moments(*(column(each.name)[~share] for each in fields(comparisons.Moments)))
    both = (
        comparisons.shares(k1[share], n1[share], k2[share], n2[share], level),
        comparisons.means(moments, level),
    )

    def figure(name: str) -> FloatArray:
        found = np.full(len(rows), np.nan)
        found[share], found[~share] = (getattr(part, name) for part in both)
        return found

    cells = np.where(share, np.minimum(k1 + k2, n1 + n2 - k1 - k2), np.inf)
    few = np.minimum(np.minimum(n1, n2), cells) < FEWEST
    still = np.where(share, cells == 0, column("variance") == 0)
    apart = rows["apart"].to_numpy() | (share & (np.abs(figure("difference")) == 1.0))
    leaks = rows["leaks"].to_numpy() | (apart & ~few)
    p_value = np.where(few | leaks | still, np.nan, figure("p_value"))
    found = {name: figure(own) for name, own in _FIGURES.items()}
    for name in ("lift", "lower", "upper"):  # of dates there is no ratio
        found[name][(rows["kind"] == DATE).to_numpy()] = np.nan
    found |= {"p_value": p_value, "q_value": comparisons.q_values(p_value)}
    said = [_added(note, *flags) for note, *flags in zip(rows["note"], still, few, apart & leaks, strict=True)]
    return rows[_CARRIED].assign(**found, note=said)


def _added(note: str, still: bool, few: bool, apart: bool) -> str:
    """A note with what the comparison itself has to say."""
    own = "does not vary" if still else f"too few: a cell of fewer than {FEWEST} customers" if few else ""
    own = own or (f"{_LEAK}it separates focal customers perfectly" if apart and not note.startswith(_LEAK) else "")
    return "; ".join(filter(None, (own, note)))


def _most_different_first(rows: pd.DataFrame) -> pd.DataFrame:
    """By q-value, those not tested last; of equal ones, and of those beyond doubt, the greater standardised difference.

    Among many customers everything is beyond doubt, and what counts is how great a difference is.
    """
    size = rows["standardised"].abs().fillna(0.0)
    doubt = rows["q_value"].fillna(2.0).clip(lower=BEYOND_DOUBT)
    order = np.lexsort((-size.to_numpy(), doubt.to_numpy()))
    return rows.iloc[order].reset_index(drop=True)
