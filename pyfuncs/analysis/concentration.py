"""How unevenly value is spread: Gini, Lorenz and whale curves, deciles, and the average customer who hardly exists.

Values are one number per customer; a customer without a value (nan) is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pyfuncs.analysis import intervals, scores
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.errors import DomainError, InputError, InsufficientDataError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray

NEAR_AVERAGE: Final = 0.25
"""A customer within this fraction of the mean counts as near the average."""
TOP: Final = 0.2
"""The share of customers whose share of value is quoted: the top fifth."""
_CUSTOMERS_DRAWN: Final = 1_000_000
_FEWEST_DRAWS: Final = 2
"""The Gini of one world of 400,000 customers is known to a thousandth; two of them are enough."""


@dataclass(frozen=True)
class Whale:
    """The whale curve and its peak.

    Attributes
    ----------
    curve : columns customers_share and value_share
        Cumulative profit of the best customers over total profit.
    peak : float
        Highest cumulative share; 1 when nobody loses money.
    peak_at : float
        Share of customers, best first, at which it stands.
    """

    curve: dict[str, FloatArray]
    peak: float
    peak_at: float

    @property
    def erosion(self) -> float:
        """Profit lost to unprofitable customers, as a share of total profit: peak - 1."""
        return self.peak - 1.0


def gini(values: ArrayLike) -> float:
    """Gini coefficient of non-negative values: 0 when all are equal, near 1 when one customer holds everything.

    On ascending values: sum (2i - n - 1) y_i / (n sum y).  Raises `DomainError` for a negative value, where the Gini is
    not bounded, or when all are zero.
    """
    return _gini_of(np.sort(_counted(values)))


def _gini_of(ascending: FloatArray) -> float:
    if ascending[0] < 0:
        raise DomainError(
            f"gini: the least value is {ascending[0]:.6g}; a Gini needs values of 0 or more. "
            "Use the whale curve where customers lose money."
        )
    total = ascending.sum()
    if total <= 0:
        raise DomainError("gini: all values are 0, so there is nothing to share out.")
    return ordered_gini(ascending)


def top_share(values: ArrayLike, share: float = TOP, by: ArrayLike | None = None) -> float:
    """Share of the total value held by the best `share` of customers, best by value or by another ranking.

    The customer on the boundary counts in part.  Customers tied in `by` each hold the mean of the tied, so the answer
    does not hang on the order of the rows.
    """
    value = np.asarray(values, dtype=np.float64)
    counted = ~np.isnan(value)
    value = value[counted]
    total = value.sum()
    if total <= 0:
        raise DomainError(f"top share: the total is {total:.6g}; shares need a positive total.")
    return last_share(np.sort(value) if by is None else evened(value, np.asarray(by, dtype=np.float64)[counted]), share)


def evened(value: FloatArray, order: FloatArray) -> FloatArray:
    """Values by ascending order, where those of equal order each hold their mean."""
    ascending = np.argsort(order)
    start = np.flatnonzero(np.diff(order[ascending], prepend=np.nan) != 0)
    count = np.diff(np.append(start, order.size))
    mean: FloatArray = np.add.reduceat(value[ascending], start) / count
    return mean.repeat(count)


def ordered_gini(held: FloatArray) -> float:
    """Gini of values in a given order, the least first as it should be: sum (2i - n - 1) y_i / (n sum y)."""
    n = held.size
    return float((2.0 * np.arange(1, n + 1) - n - 1) @ held / (n * held.sum()))


def last_share(held: FloatArray, share: float) -> float:
    """What the last `share` of customers hold of values in a given order, over the total."""
    cumulative = np.concatenate(([0.0], np.cumsum(held[::-1])))
    return float(np.interp(share * held.size, np.arange(held.size + 1), cumulative) / cumulative[-1])


def lorenz(values: ArrayLike, points: int = 20) -> dict[str, FloatArray]:
    """Lorenz curve: share of value held by the poorest share of customers.

    Columns customers_share and value_share; `points` + 1 rows, from 0 to 1 in equal steps of customers.  Raises
    `DomainError` for negative values or a zero total, like `gini`.
    """
    gini(values)
    return _cumulative_curve(np.sort(_counted(values)), points)


def whale(values: ArrayLike, points: int = 20) -> Whale:
    """Whale curve: cumulative share of profit held by the best customers, which rises above 1 where some lose money.

    Raises `DomainError` when the total is not positive: shares of a loss say nothing.
    """
    descending = -np.sort(-_counted(values))
    total = descending.sum()
    if total <= 0:
        raise DomainError(f"whale: total profit is {total:.6g}; a share of total profit needs it above 0.")
    cumulative = np.cumsum(descending)
    # The peak is where profit turns to loss; customers of exactly zero profit stand after it.
    peak_count = int(np.count_nonzero(descending > 0))
    return Whale(
        curve=_cumulative_curve(descending, points),
        peak=float(cumulative[peak_count - 1] / total),
        peak_at=peak_count / descending.size,
    )


def decile_of(values: ArrayLike) -> NDArray[np.int64]:
    """Decile of each customer by value: 1 is the best tenth, 10 the last; 0 where there is no value.

    Deciles hold equally many customers (within one); equal values at an edge are split in row order.
    """
    value = np.asarray(values, dtype=np.float64)
    order = np.argsort(-value, kind="stable")  # nan sorts last
    counted = int(np.count_nonzero(~np.isnan(value)))
    decile = np.zeros(value.size, dtype=np.int64)
    decile[order[:counted]] = np.arange(counted) * 10 // max(counted, 1) + 1
    return decile


def deciles(values: ArrayLike) -> dict[str, NDArray[Any]]:
    """Customers and value by decile of value, best first.

    Columns: decile, customers, value, share_of_value, cumulative_share, mean, lowest, highest.  Shares are nan when the
    total is not positive.  Needs at least ten customers.
    """
    value = _counted(values)
    if value.size < 10:
        raise InsufficientDataError(f"deciles: {value.size} customers with a value; at least 10 are needed.")
    decile = decile_of(value)
    held = [value[decile == number] for number in range(1, 11)]
    total, sums = value.sum(), np.array([each.sum() for each in held])
    share = sums / total if total > 0 else np.full(10, np.nan)
    return {
        "decile": np.arange(1, 11),
        "customers": np.array([each.size for each in held]),
        "value": sums,
        "share_of_value": share,
        "cumulative_share": np.cumsum(share),
        "mean": np.array([each.mean() for each in held]),
        "lowest": np.array([each.min() for each in held]),
        "highest": np.array([each.max() for each in held]),
    }


def average_customer(values: ArrayLike, cac: float | None = None) -> pd.DataFrame:
    """How few customers are near the average, and what it costs to pay for each as if they were average.

    Columns measure and value.  Paying the mean for every customer loses mean(max(0, mean - value)) on each customer
    acquired; with `cac` (money to acquire one customer) the same is told for that price.
    """
    value = _counted(values)
    mean = float(value.mean())
    near = np.abs(value - mean) <= NEAR_AVERAGE * abs(mean)
    rows: list[tuple[str, float]] = [
        ("customers", float(value.size)),
        ("mean value", mean),
        ("median value", float(np.median(value))),
        (f"customers within {NEAR_AVERAGE:.0%} of the mean", float(np.count_nonzero(near))),
        (f"share within {NEAR_AVERAGE:.0%} of the mean", float(near.mean())),
        ("share below the mean", float((value < mean).mean())),
        (f"value share of the top {TOP:.0%}", top_share(value) if value.sum() > 0 else np.nan),
        ("overpaid per customer when paying the mean", float(np.maximum(0.0, mean - value).mean())),
    ]
    if cac is not None:
        if not np.isfinite(cac) or cac < 0:
            raise InputError(f"cac: {cac} is not a cost; give an amount of money, 0 or more.")
        rows += [
            ("share worth less than the CAC", float((value < cac).mean())),
            ("overpaid per customer when paying the CAC", float(np.maximum(0.0, cac - value).mean())),
        ]
    return pd.DataFrame(rows, columns=["measure", "value"])


def ginis(
    fitted: Fitted,
    customers: scores.CustomerTable,
    past: ArrayLike,
    *,
    horizon: float | None = None,
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
    draws: int = 100,
    seed: int = 1,
) -> pd.DataFrame:
    """Concentration four ways: past, expected, latent and predictive.

    `past` is what each customer spent so far.  "expected" is the Gini of the point predictions, which are averages and
    therefore too even; "latent" that of the expected values given each customer's own drawn traits; "predictive" that
    of simulated outcomes, to be compared with what the future brings.  The last two are means over `draws`, of which
    many customers need fewer: no more than draw some two million customers in all.

    Columns: measure, gini, top_share (value share of the top fifth); nan where there is nothing to share out.
    """

    worlds_drawn = max(_FEWEST_DRAWS, min(draws, _CUSTOMERS_DRAWN // len(customers["frequency"])))

    def drawn(layers: tuple[str, ...]) -> tuple[float, float]:
        worlds = intervals.value_draws(
            fitted,
            customers,
            horizon=horizon,
            annual_discount_rate=annual_discount_rate,
            margin=margin,
            layers=layers,
            draws=worlds_drawn,
            seed=seed,
        )
        worlds = worlds[worlds.sum(axis=1) > 0]  # a world in which nobody returns has nothing to share out
        found = np.array([_shared(world) for world in worlds]).reshape(-1, 2)
        gini_mean, top_mean = found.mean(axis=0) if len(found) else (np.nan, np.nan)
        return float(gini_mean), float(top_mean)

    rows = [
        ("past", *_shared(past)),
        ("expected", *_shared(scores.value(fitted, customers, horizon, annual_discount_rate, margin))),
        ("latent", *drawn((intervals.LATENT,))),
        ("predictive", *drawn((intervals.LATENT, intervals.OUTCOME))),
    ]
    return pd.DataFrame(rows, columns=["measure", "gini", "top_share"])


def _shared(values: ArrayLike) -> tuple[float, float]:
    """Gini and value share of the top fifth, nan where they do not exist."""
    ascending = np.sort(_counted(values))
    try:
        return _gini_of(ascending), last_share(ascending, TOP)
    except DomainError:
        return np.nan, np.nan


def _counted(values: ArrayLike) -> FloatArray:
    """The values there are, or `InsufficientDataError` when there are none."""
    value = np.asarray(values, dtype=np.float64).ravel()
    value = value[~np.isnan(value)]
    if value.size == 0:
        raise InsufficientDataError("no customer has a value; give at least one number.")
    return value


def _cumulative_curve(ranked: FloatArray, points: int) -> dict[str, FloatArray]:
    """Cumulative share of ranked values at equal steps of customers, by straight lines between customers."""
    if points < 1:
        raise InputError(f"points: {points} steps draw no curve; use 1 or more.")
    share = np.linspace(0.0, 1.0, points + 1)
    cumulative = np.concatenate(([0.0], np.cumsum(ranked)))
    held = np.interp(share * ranked.size, np.arange(ranked.size + 1), cumulative) / cumulative[-1]
    return {"customers_share": share, "value_share": held}
