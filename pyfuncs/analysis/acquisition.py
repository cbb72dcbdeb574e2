"""What customers were worth on the day they were acquired, by channel or cohort, against their cost.

The value of a customer at acquisition (`acquired_value`) spans the whole life or the first years of it: margin x (first
purchase and all spend since, each discounted from its day back to the day of acquisition) + the residual value of
today, discounted back over the customer's age.

The residual value is the model's, which knows a customer's history but not the group: what sets a group apart and has
not shown in purchases yet is not in it.  The intervals allow for that: in the part of its value still to come a group
may differ from the others as it differs in all.  They also hold the doubt about the model's parameters, by which the
residual values of all customers are too high or too low together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis.levels import checked_level
from pyfuncs.analysis.pooling import Codes, PooledMeans, pooled_means
from pyfuncs.analysis.used_rows import NOT_STATED, first_channels, key_of, places
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.discounting import DAYS_PER_PERIOD, DAYS_PER_YEAR

if TYPE_CHECKING:
    from pyfuncs.analysis.log import Log
    from pyfuncs.analysis.model_table import Fitted
    from pyfuncs.analysis.purchases import Purchases

CHANNEL: Final = "channel"
COHORT: Final = "cohort"
BY: Final = (CHANNEL, COHORT)
ALL: Final = "All"
OTHER_CHANNELS: Final = "all other channels"
"""The channels for which a table has no room."""
MOST_COHORTS: Final = 24
WORTH, NOT_WORTH, UNSURE = "worth it", "not worth it", "cannot tell"
CEILING_LEVEL: Final = 0.90
"""The ceiling is the value that a group's customers exceed on average with this probability."""
DRAWS: Final = 50
SAMPLED: Final = 500
"""Parameters drawn, and customers valued with each, to know how far off residual values may be together."""
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
    to_come : (k,) array
        The part of it that is residual value, discounted to the acquisition too.
    age : (k,) array
        Days from the first purchase to the observation end.
    doubt : float
        Standard error of the residual values as a whole from the parameters of the model, relative to them.
    row : (k,) array
        Place of each customer in the table of customers that was given.
    """

    bought: Purchases
    amount: FloatArray
    value: FloatArray
    to_come: FloatArray
    age: FloatArray
    margin: float
    doubt: float
    row: Codes

    @property
    def years(self) -> float:
        """Years over which customers were acquired: from the first of them to the observation end."""
        return float(self.age.max() + 1) / DAYS_PER_YEAR


@dataclass(frozen=True, eq=False)
class Groups:
    """Customers by channel or cohort: `code` (k,) is the place of each one's group in `names`.

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
        return np.asarray(np.bincount(self.code, values, minlength=len(self.names)), dtype=np.float64)

    def costs(self, cac: Cac) -> FloatArray:
        """Cost to acquire a customer of each group, (g,); nan where it is not known."""
        if not isinstance(cac, Mapping):
            return np.full(len(self.names), np.nan if cac is None else cac)
        known = {key_of(name): cost for name, cost in cac.items()}
        return np.array([known.get(key_of(name), np.nan) for name in self.names], dtype=np.float64)

    def merged(self, into: NDArray[np.bool_], name: str) -> Groups:
        """The groups with some of them, a (g,) truth each, made one, which stands last."""
        if not into.any():
            return self
        kept = np.flatnonzero(~into)
        place = np.full(len(self.names), kept.size)
        place[kept] = np.arange(kept.size)
        return replace(self, names=(*(self.names[i] for i in kept), name), code=place[self.code])


def acquired(
    log: Log,
    fitted: Fitted,
    customers: pd.DataFrame,
    *,
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
    horizon: float | None = None,
    seed: int = 1,
) -> Acquired:
    """Every customer of a log valued at the day of acquisition.

    `customers` has the histories of the log's customers in any order, and remaining_value, see `acquired_value`, of the
    same `horizon` (years from the first purchase; None for the whole life) with the margin in it.  Where spend is not
    modelled every purchase counts as 1.
    """
    from pyfuncs.analysis.acquired_value import value_at_acquisition
    from pyfuncs.analysis.log import used

    bought = used(log)
    amount = bought.amount
    if fitted.spend is None or not log.has_amounts:
        amount = np.full(amount.shape, 1.0 if fitted.spend is None else float(fitted.spend.mean))
    row = places(bought.customers, customers["customer_id"])
    end = int(np.datetime64(log.observation_end, "D").astype(np.int64))
    value, to_come = value_at_acquisition(
        bought,
        margin * amount,
        customers["remaining_value"].to_numpy(dtype=np.float64)[row],
        annual_discount_rate=annual_discount_rate,
        observation_end=end,
        horizon=horizon,
    )
    age = (end - bought.day[bought.start[:-1]]).astype(np.float64)
    doubt = _doubt(fitted, customers, annual_discount_rate, horizon, seed)
    return Acquired(bought, amount, value, to_come, age, margin, doubt, row)


def groups(log: Log, by: str = CHANNEL, most_cohorts: int = MOST_COHORTS) -> Groups:
    """The customers of a log by the channel of their first purchase, see `first_channels`, or by their cohort.

    Cohorts are months, quarters or years of the first purchase, the finest that makes at most so many (years may be
    more).

    Raises `InputError` when the log has no such column.
    """
    from pyfuncs.analysis.log import used

    if by not in BY:
        raise InputError(f"by: {by!r} is not one of {', '.join(BY)}.")
    if by == COHORT:
        bought = used(log)
        return _cohorts(bought.day[bought.start[:-1]], most_cohorts)
    if by not in log.columns:
        raise InputError(f"transactions: there is no column {by}; add one, or look at customers by cohort.")
    code, names = pd.factorize(first_channels(log).fillna(NOT_STATED).to_numpy(dtype=object))
    order = np.argsort(-np.bincount(code), kind="stable")
    place = np.empty(order.size, dtype=np.intp)
    place[order] = np.arange(order.size)
    return Groups(by, tuple(str(names[i]) for i in order), place[code])


def pooled_values(customers: Acquired, by: Groups) -> PooledMeans:
    """Partially pooled means of the values at acquisition, which `pooled_means` explains.

    What is to come is forecast by what all groups have in common and by the customers' own histories, which show the
    more of a group the more of its value has been seen: so the square of the share to come counts as unseen.  Where
    simulated channels differed in rate, lifetime and spend, values missed 0 to 0.4 of the difference, by the age of the
    customers, and the squares were 0.2 to 0.5; where lifetimes alone differed, customers of under half a year missed
    0.8 of it, which the square understates.
    """
    value, to_come = by.sum(customers.value), by.sum(customers.to_come)
    ahead = np.divide(to_come, value, out=np.zeros(value.shape), where=value > 0)
    means = pooled_means(customers.value, by.code, len(by.names), ahead**2)
    return replace(means, spread=np.hypot(means.spread, customers.doubt * ahead * means.pooled))


def value_table(customers: Acquired, by: Groups, cac: Cac = None, level: float = 0.90) -> pd.DataFrame:
    """Value at acquisition by group, and of all: how sure it is, and whether it is worth its cost.

    Columns: the kind of group, customers, mean, standard_error, value_before_cac, lower, upper, shrinkage, cac,
    value_after_cac, verdict.  `lower` and `upper` bound the mean value of the customers a group brings, of which
    `value_before_cac` is the partially pooled estimate.  They hold the chance of which customers came, how far groups
    differ, in what has been seen and in what is still to come, and the doubt about the model's parameters; not the
    doubt about the model.  Values cannot be below 0, nor can the bounds.
    """
    means = pooled_values(customers, by)
    everyone = overall(customers)
    rows = [
        _value_rows(each, names, costs, level)
        for each, names, costs in ((means, by.names, by.costs(cac)), (everyone, (ALL,), _mean_cost(by, cac)))
    ]
    table = pd.concat(rows, ignore_index=True).rename(columns={"name": by.by})
    table.loc[table.index[-1], "shrinkage"] = np.nan
    return table


def ceiling_table(customers: Acquired, by: Groups, cac: Cac = None, level: float = CEILING_LEVEL) -> pd.DataFrame:
    """The most to pay for a customer, by group, and what paying the ceiling of the average for each would cost.

    Columns: the kind of group, customers, customers_per_year, value_before_cac, ceiling, cac, room (ceiling less cac),
    overpaid_per_year and missed_per_year.  The ceiling is the mean value that the group's customers exceed with
    probability `level`.  The last row is all customers together.  Paying its ceiling for everyone overpays on groups
    worth less than that (value_before_cac), and misses what groups could safely be paid more (their ceiling); both in
    money per year, at the rate at which customers came so far.
    """
    means, everyone, tail = pooled_values(customers, by), overall(customers), 1.0 - checked_level(level)
    average, ceiling = np.maximum(everyone.bound(tail), 0.0), np.maximum(means.bound(tail), 0.0)
    per_year = by.count / customers.years
    over = np.maximum(average - means.pooled, 0.0) * per_year
    missed = np.maximum(ceiling - average, 0.0) * per_year
    table = pd.DataFrame(
        {
            by.by: [*by.names, ALL],
            "customers": np.append(by.count, by.code.size).astype(np.int64),
            "customers_per_year": np.append(per_year, per_year.sum()),
            "value_before_cac": np.append(means.pooled, everyone.pooled),
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
    return pooled_values(customers, Groups("", (ALL,), np.zeros(customers.value.size, dtype=np.int64)))


def _doubt(
    fitted: Fitted, customers: pd.DataFrame, annual_discount_rate: float, horizon: float | None, seed: int
) -> float:
    """Relative standard error of the sum of residual values, from draws of the parameters; 0 where it is not known."""
    from pyfuncs.analysis import intervals

    sample = customers.iloc[:: -(-len(customers) // SAMPLED)]
    try:
        totals = intervals.value_draws(
            fitted,
            sample,
            horizon=horizon,
            annual_discount_rate=annual_discount_rate,
            layers=(intervals.PARAMETERS,),
            draws=DRAWS,
            seed=seed,
        ).sum(axis=1, dtype=np.float64)
    except InsufficientDataError:
        return 0.0
    if totals.mean() <= 0:
        return 0.0
    # of a model typed by hand the sample tells the errors, and all customers know more than the sample
    known = 1.0 if fitted.purchase_fit else np.sqrt(len(sample) / len(customers))
    return float(totals.std() / totals.mean() * known)


def _value_rows(means: PooledMeans, names: tuple[str, ...], cac: FloatArray, level: float) -> pd.DataFrame:
    lower, upper = (np.maximum(bound, 0.0) for bound in means.interval(level))
    verdicts = [
        None if np.isnan(cost) else verdict(low, high, cost)
        for low, high, cost in zip(lower.tolist(), upper.tolist(), cac.tolist(), strict=True)
    ]
    return pd.DataFrame(
        {
            "name": names,
            "customers": means.count,
            "mean": means.mean,
            "standard_error": means.standard_error,
            "value_before_cac": means.pooled,
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


def _cohorts(first: Codes, most: int) -> Groups:
    """Cohorts by the day of the first purchase, days since 1970."""
    month = first.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    span = int(month.max() // 3 - month.min() // 3) + 1
    months = 1 if month.max() - month.min() < most else 3 if span <= most else 12
    periods, code = np.unique(month // months, return_inverse=True)
    return Groups(COHORT, tuple(_cohort_name(int(period), months) for period in periods), code)


def _cohort_name(period: int, months: int) -> str:
    year, month = divmod(period * months, 12)
    suffix = {1: f"-{month + 1:02d}", 3: f"-Q{month // 3 + 1}", 12: ""}[months]
    return f"{1970 + year}{suffix}"
