"""What customers were worth on the day they were acquired, by channel, cohort or first product, against their cost.

The value of a customer at acquisition, before acquisition cost, spans the whole life: margin x (first purchase and all
spend since, each discounted from its day back to the day of acquisition) + the residual value of today, discounted back
over the customer's age.  So customers of different ages compare.

The residual value is the model's, which knows a customer's history but not the group: what sets a group apart and has
not shown in purchases yet is not in it, so young groups look more alike than they may prove to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from pyfuncs.analysis.pooling import Codes, PooledMeans, pooled_means
from pyfuncs.errors import InputError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.discounting import DAYS_PER_PERIOD, DAYS_PER_YEAR, continuous_rate

if TYPE_CHECKING:
    from pyfuncs.analysis.log import Log
    from pyfuncs.analysis.model_table import Fitted
    from pyfuncs.analysis.purchases import Purchases

CHANNEL: Final = "channel"
COHORT: Final = "cohort"
PRODUCT: Final = "product"
BY: Final = (CHANNEL, COHORT, PRODUCT)
NOT_STATED: Final = "not stated"
ALL: Final = "All"
MOST_COHORTS: Final = 24
WORTH, NOT_WORTH, UNSURE = "worth it", "not worth it", "cannot tell"
CEILING_LEVEL: Final = 0.90
"""The ceiling is the value that a group's customers exceed on average with this probability."""
MONTH: Final = DAYS_PER_PERIOD["month"]

Cac = float | Mapping[str, float] | None
"""Cost to acquire one customer: one for all, or by the name of the group; None where it is not known."""


@dataclass(frozen=True, eq=False)
class Acquired:
    """Customers in the order of `bought.customers`, (k,) arrays, and their purchases, (n,).

    Attributes
    ----------
    amount : (n,) array
        Money of each purchase; 1 where purchases are counted.
    value : (k,) array
        Value at acquisition, before acquisition cost, in money; margin is in it.
    residual : (k,) array
        Residual value of today.
    age : (k,) array
        Days from the first purchase to the observation end.
    """

    bought: Purchases
    amount: FloatArray
    value: FloatArray
    residual: FloatArray
    age: FloatArray
    margin: float

    @property
    def years(self) -> float:
        """Years over which customers were acquired: from the first of them to the observation end."""
        return float(self.age.max() + 1) / DAYS_PER_YEAR


@dataclass(frozen=True, eq=False)
class Groups:
    """Customers by channel, cohort or first product: `code` (k,) is the place of each one's group in `names`.

    Cohorts stand in order of time, other groups by their number of customers, most first.
    """

    by: str
    names: tuple[str, ...]
    code: Codes

    @property
    def count(self) -> FloatArray:
        """Customers of each group, (g,)."""
        return self.sum(np.ones(self.code.size))

    def sum(self, values: FloatArray) -> FloatArray:
        """Sums of the customers' values by group, (g,)."""
        return np.bincount(self.code, values, minlength=len(self.names))

    def costs(self, cac: Cac) -> FloatArray:
        """Cost to acquire a customer of each group, (g,); nan where it is not known."""
        if not isinstance(cac, Mapping):
            return np.full(len(self.names), np.nan if cac is None else cac)
        known = {key_of(name): cost for name, cost in cac.items()}
        return np.array([known.get(key_of(name), np.nan) for name in self.names], dtype=np.float64)

    def merged(self, into: FloatArray, name: str) -> Groups:
        """The groups with some of them, a (g,) truth each, made one, which stands last."""
        if not into.any():
            return self
        kept = np.flatnonzero(~into)
        place = np.full(len(self.names), kept.size)
        place[kept] = np.arange(kept.size)
        return replace(self, names=(*(self.names[i] for i in kept), name), code=place[self.code])


def key_of(name: str) -> str:
    """How names of groups compare: letter case and outer blanks do not matter."""
    return name.strip().casefold()


def acquired(
    log: Log, fitted: Fitted, customers: pd.DataFrame, annual_discount_rate: float = 0.10, margin: float = 1.0
) -> Acquired:
    """Every customer of a log valued at the day of acquisition.

    `customers` has customer_id and value, the residual value of today with the margin in it, one row per customer of
    the log in any order.  Where spend is not modelled every purchase counts as 1.
    """
    from pyfuncs.analysis.log import used

    bought = used(log)
    amount = bought.amount
    if fitted.spend is None or not log.has_amounts:
        amount = np.full(amount.shape, 1.0 if fitted.spend is None else float(fitted.spend.mean))
    first = bought.day[bought.start[:-1]]
    delta = continuous_rate(annual_discount_rate, "day")
    place = pd.Index(customers["customer_id"]).get_indexer(pd.Index(bought.customers))
    residual = customers["value"].to_numpy(dtype=np.float64)[place]
    age = (np.datetime64(log.observation_end, "D").astype(np.int64) - first).astype(np.float64)
    realised = bought.total(amount * np.exp(-delta * (bought.day - first[bought.who])))
    return Acquired(bought, amount, margin * realised + residual * np.exp(-delta * age), residual, age, margin)


def groups(log: Log, by: str = CHANNEL) -> Groups:
    """The customers of a log by the channel or product of their first purchase's row, or by their cohort.

    Of several rows on the first day the earliest counts, by clock time and then by the order of the log.  Cohorts are
    months, quarters or years of the first purchase, the finest that makes at most 24 (years may be more).

    Raises `InputError` when the log has no such column.
    """
    from pyfuncs.analysis.log import used
    from pyfuncs.analysis.texts import cell_texts

    if by not in BY:
        raise InputError(f"by: {by!r} is not one of {', '.join(BY)}.")
    if by == COHORT:
        bought = used(log)
        return _cohorts(bought.day[bought.start[:-1]])
    if by not in log.columns:
        raise InputError(f"transactions: there is no column {by}; add one, or look at customers by cohort.")
    cells = cell_texts(log.read.cells[log.columns[by]].iloc[_first_rows(log)])
    code, names = pd.factorize(cells.fillna(NOT_STATED).to_numpy(dtype=object))
    order = np.argsort(-np.bincount(code), kind="stable")
    place = np.empty(order.size, dtype=np.intp)
    place[order] = np.arange(order.size)
    return Groups(by, tuple(str(names[i]) for i in order), place[code])


def value_table(
    customers: Acquired, by: Groups, cac: Cac = None, level: float = 0.90, means: PooledMeans | None = None
) -> pd.DataFrame:
    """Value at acquisition by group, and of all: how sure it is, and whether it is worth its cost.

    Columns: the kind of group, customers, mean, standard_error, pooled_mean, lower, upper, shrinkage, cac,
    value_after_cac, verdict.  `lower` and `upper` bound the mean value of the customers a group brings, `pooled_mean`;
    they hold the chance of which customers came and how far groups differ, not the doubt about the model's parameters.
    Values cannot be below 0, nor can the bounds.
    """
    means = means or pooled_means(customers.value, by.code, len(by.names))
    everyone = overall(customers)
    rows = [
        _value_rows(each, names, costs, level)
        for each, names, costs in ((means, by.names, by.costs(cac)), (everyone, (ALL,), _mean_cost(by, cac)))
    ]
    table = pd.concat(rows, ignore_index=True).rename(columns={"name": by.by})
    table.loc[table.index[-1], "shrinkage"] = np.nan
    return table


def ceiling_table(
    customers: Acquired, by: Groups, cac: Cac = None, level: float = CEILING_LEVEL, means: PooledMeans | None = None
) -> pd.DataFrame:
    """The most to pay for a customer, by group, and what paying the ceiling of the average for each would cost.

    Columns: the kind of group, customers, customers_per_year, pooled_mean, ceiling, cac, room (ceiling less cac),
    overpaid_per_year and missed_per_year.  The ceiling is the mean value that the group's customers exceed with
    probability `level`.  The last row is all customers together: at its ceiling, groups worth less are overpaid, and
    groups worth more are bid for too low; both in money per year at the rate at which customers came so far.
    """
    means = means or pooled_means(customers.value, by.code, len(by.names))
    everyone = overall(customers)
    average = np.maximum(everyone.bound(1.0 - level), 0.0)
    ceiling = np.maximum(means.bound(1.0 - level), 0.0)
    per_year = by.count / customers.years
    gap = (average - ceiling) * per_year
    over, missed = np.maximum(gap, 0.0), np.maximum(-gap, 0.0)
    table = pd.DataFrame(
        {
            by.by: [*by.names, ALL],
            "customers": np.append(by.count, by.code.size).astype(np.int64),
            "customers_per_year": np.append(per_year, per_year.sum()),
            "pooled_mean": np.append(means.pooled, everyone.pooled),
            "ceiling": np.append(ceiling, average),
            "cac": np.append(by.costs(cac), _mean_cost(by, cac)),
            "overpaid_per_year": np.append(over, over.sum()),
            "missed_per_year": np.append(missed, missed.sum()),
        }
    )
    table.insert(6, "room", table["ceiling"] - table["cac"])
    return table


def verdict(lower: float, upper: float, cac: float) -> str:
    """Whether customers worth between `lower` and `upper` on average are worth their cost."""
    return WORTH if lower >= cac else NOT_WORTH if upper < cac else UNSURE


def overall(customers: Acquired) -> PooledMeans:
    """The mean of all customers as one group."""
    return pooled_means(customers.value, np.zeros(customers.value.size, dtype=np.int64), 1)


def _value_rows(means: PooledMeans, names: tuple[str, ...], cac: FloatArray, level: float) -> pd.DataFrame:
    lower, upper = (np.maximum(bound, 0.0) for bound in means.interval(level))
    verdicts = [
        None if np.isnan(cost) else verdict(*bounds, cost)
        for *bounds, cost in zip(lower.tolist(), upper.tolist(), cac.tolist(), strict=True)
    ]
    return pd.DataFrame(
        {
            "name": names,
            "customers": means.count,
            "mean": means.mean,
            "standard_error": means.standard_error,
            "pooled_mean": means.pooled,
            "lower": lower,
            "upper": upper,
            "shrinkage": means.shrinkage,
            "cac": cac,
            "value_after_cac": means.pooled - cac,
            "verdict": pd.Series(verdicts, dtype=object),
        }
    )


def _mean_cost(by: Groups, cac: Cac) -> FloatArray:
    """What a customer of any group cost on average, (1,); nan where a group's cost is not known."""
    return np.array([by.count @ by.costs(cac) / by.code.size])


def _first_rows(log: Log) -> Codes:
    """The place in the log of the row that begins each customer's first purchase, in the order of `used(log)`."""
    from pyfuncs.analysis.log import STATUSES, USED, used
    from pyfuncs.analysis.texts import spelled

    read = log.read
    rows = np.flatnonzero(read.status == STATUSES.index(USED))
    rows = rows[np.argsort(read.dates.values[rows], kind="stable")][::-1]
    ids = spelled(read.customers.ids, np.arange(len(read.customers.ids)))
    place = pd.Index(used(log).customers).get_indexer(pd.Index(ids))[read.customers.codes[rows]]
    first = np.empty(len(used(log).customers), dtype=np.intp)
    first[place] = rows  # the last one written is the earliest
    return first


def _cohorts(first: Codes) -> Groups:
    """Cohorts by the day of the first purchase, days since 1970."""
    month = first.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    span = int(month.max() // 3 - month.min() // 3) + 1
    months = 1 if month.max() - month.min() < MOST_COHORTS else 3 if span <= MOST_COHORTS else 12
    periods, code = np.unique(month // months, return_inverse=True)
    return Groups(COHORT, tuple(_cohort_name(int(period), months) for period in periods), code)


def _cohort_name(period: int, months: int) -> str:
    year, month = divmod(period * months, 12)
    suffix = {1: f"-{month + 1:02d}", 3: f"-Q{month // 3 + 1}", 12: ""}[months]
    return f"{1970 + year}{suffix}"
