"""When acquired customers pay back what it cost to acquire them.  Margin is not discounted: payback is about cash.

A month is a twelfth of 365.25 days, counted from each customer's first purchase, whose margin is there at month 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pyfuncs.analysis.acquisition import MONTH, Acquired, Cac, Groups
from pyfuncs.analysis.comparisons import wilson
from pyfuncs.analysis.levels import standard_errors_of
from pyfuncs.analysis.pooling import pooled_shares
from pyfuncs.errors import InputError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.discounting import DAYS_PER_PERIOD

if TYPE_CHECKING:
    from pyfuncs.analysis.model_table import Fitted

MONTHS: Final = (3, 6, 12, 24)
LAST_MONTH: Final = 600
FEWEST: Final = 10
"""Customers old enough that a month of their own is believed; beyond it the model's curve goes on."""
STEADY: Final = 30.0
"""Customers whose purchases so far count as much as the model's in the level at which its curve goes on."""
ACTUAL, EXPECTED, NEVER = "actual", "expected", "not in 50 years"


def payback_table(
    customers: Acquired,
    by: Groups,
    cac: Cac,
    fitted: Fitted,
    level: float = 0.90,
    months: tuple[int, ...] = MONTHS,
) -> pd.DataFrame:
    """Months to payback, and the share of customers who had paid back by month m; one row a group and month.

    Columns: the kind of group, customers, cac, payback_months, basis, month, old_enough, share_paid_back, lower,
    upper, pooled_share.  `payback_months` is the first whole month by which the mean cumulative margin of an acquired
    customer covers the cost; `basis` tells whether it has been seen (actual), lies on the model's curve beyond what has
    been seen (expected), or does not come.  Shares are of the customers acquired at least `month` months ago, with
    Wilson's interval, nan where there are none; `pooled_share` draws those of few to the share of all groups.

    Raises `InputError` when no group's cost is known.
    """
    costs = by.costs(cac)
    if np.isnan(costs).all():
        raise InputError("cac: no group has a cost to pay back; give one amount, or a table of group and cost.")
    month, basis = payback_months(mean_margin(customers, by, fitted), costs)
    paid, old = paid_back(customers, by, costs, months)
    known = ~np.isnan(costs)
    share = np.divide(paid, old, out=np.full(old.shape, np.nan), where=old > 0)
    lower, upper = wilson(share, np.maximum(old, 1.0), standard_errors_of(level))
    pooled = np.full(old.shape, np.nan)
    for column in range(len(months)):
        pooled[known, column] = pooled_shares(paid[known, column], old[known, column])
    for each in (share, lower, upper):
        each[~known] = np.nan
    repeated = len(months)
    return pd.DataFrame(
        {
            by.by: np.repeat(np.array(by.names, dtype=object), repeated),
            "customers": np.repeat(by.count.astype(np.int64), repeated),
            "cac": np.repeat(costs, repeated),
            "payback_months": np.repeat(month, repeated),
            "basis": np.repeat(np.array(basis, dtype=object), repeated),
            "month": np.tile(np.array(months), len(by.names)),
            "old_enough": old.ravel().astype(np.int64),
            "share_paid_back": share.ravel(),
            "lower": lower.ravel(),
            "upper": upper.ravel(),
            "pooled_share": pooled.ravel(),
        }
    )


def paid_back(
    customers: Acquired, by: Groups, costs: FloatArray, months: tuple[int, ...] = MONTHS
) -> tuple[FloatArray, FloatArray]:
    """Customers who had paid back by each month, none where the cost is nan, and those acquired so long ago; (g, m)."""
    days = days_to_pay_back(customers, costs[by.code])
    paid, old = [], []
    for month in months:
        enough = customers.age >= month * MONTH
        old.append(by.sum(enough.astype(np.float64)))
        paid.append(by.sum((enough & (days <= month * MONTH)).astype(np.float64)))
    return np.array(paid).T, np.array(old).T


def days_to_pay_back(customers: Acquired, costs: FloatArray) -> FloatArray:
    """Days from the first purchase until a customer's cumulative margin covers the cost, (k,); inf if it never did.

    `costs` (k,) are those of each customer, in money.
    """
    bought = customers.bought
    running = np.cumsum(customers.margin * customers.amount)
    before = (running - customers.margin * customers.amount)[bought.start[:-1]]
    who = bought.who
    cumulative = running - before[who]
    reached = cumulative >= costs[who] - 1e-9 * np.maximum(1.0, running)
    since = np.where(reached, bought.day - bought.day[bought.start[:-1]][who], np.inf)
    return np.asarray(np.minimum.reduceat(since, bought.start[:-1]), dtype=np.float64)


def mean_margin(customers: Acquired, by: Groups, fitted: Fitted) -> tuple[FloatArray, FloatArray]:
    """Mean cumulative margin of an acquired customer by month, (g, 601), and the last month seen, (g,).

    Each month adds what the customers old enough to have lived all of it brought in it on average.  Where fewer than
    10 are old enough the model goes on: its expected purchases of a new customer at the mean spend, at the level of the
    group's purchases so far, which counts as much as the model's own at 30 customers.
    """
    groups, length = len(by.names), LAST_MONTH + 1
    whole = np.minimum(np.floor(customers.age / MONTH), LAST_MONTH).astype(np.int64)
    who = customers.bought.who
    month = np.ceil((customers.bought.day - customers.bought.day[customers.bought.start[:-1]][who]) / MONTH - 1e-9)
    counted = month <= whole[who]
    cell = by.code[who][counted] * length + month[counted].astype(np.int64)
    margin = customers.margin * customers.amount[counted]
    brought = np.bincount(cell, margin, minlength=groups * length).reshape(groups, length)
    ages = np.bincount(by.code * length + whole, minlength=groups * length).reshape(groups, length)
    old = ages[:, ::-1].cumsum(axis=1)[:, ::-1]
    seen = np.maximum((old >= FEWEST).sum(axis=1) - 1, 0)
    added = np.divide(brought, old, out=np.zeros(brought.shape), where=old > 0)
    model = _expected_margin(fitted, customers.margin)
    for group, last in enumerate(seen.tolist()):
        expected, actual = model[1 : last + 1].sum(), added[group, 1 : last + 1].sum()
        size = float(old[group, 1]) if expected > 0 else 0.0
        level = (size * (actual / expected if expected > 0 else 1.0) + STEADY) / (size + STEADY)
        added[group, last + 1 :] = level * model[last + 1 :]
    return added.cumsum(axis=1), seen


def payback_months(curve: tuple[FloatArray, FloatArray], costs: FloatArray) -> tuple[FloatArray, list[str | None]]:
    """The first month by which each group's mean cumulative margin covers the cost, nan if none does, and its basis."""
    cumulative, seen = curve
    covers = cumulative >= (costs - 1e-9 * np.maximum(1.0, np.abs(costs)))[:, None]  # false where the cost is nan
    month = np.where(covers.any(axis=1), covers.argmax(axis=1), np.nan)
    basis = [
        None if np.isnan(cost) else NEVER if np.isnan(at) else ACTUAL if at <= last else EXPECTED
        for at, last, cost in zip(month.tolist(), seen.tolist(), costs.tolist(), strict=True)
    ]
    return month, basis


def _expected_margin(fitted: Fitted, margin: float) -> FloatArray:
    """Margin that the model expects of a new customer in each month, (601,); month 0 is the first purchase."""
    t = np.arange(1.0, LAST_MONTH + 1) * (MONTH / DAYS_PER_PERIOD[fitted.period])
    purchases = np.append(0.0, fitted.purchases.new_expected_purchases(t))
    spend = 1.0 if fitted.spend is None else float(fitted.spend.mean)
    return margin * spend * np.append(1.0, np.diff(purchases))
