"""Acquisition: what customers of a channel or cohort are worth, the most to pay for them, and when it is paid back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pyfuncs.analysis import acquisition, scores
from pyfuncs.analysis.acquired_value import remaining_value
from pyfuncs.analysis.acquisition import Acquired, Groups
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.payback import payback_table
from pyfuncs.functions import examples
from pyfuncs.functions.catalogue import Example, excel_function
from pyfuncs.functions.cells import Grid, spill
from pyfuncs.functions.kinds import AUTO, Costs, Date, Fraction, GroupedBy, Horizon, Model, Rate
from pyfuncs.functions.tables import LogRange, Transactions, fitted_to, of_log
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray


@excel_function(
    "ACQ_VALUE",
    family="Acquisition",
    example=Example(
        (examples.ACQUIRED, "channel", 50, examples.WITH_SPEND, 0.1, 0.3),
        [
            [
                *("channel", "customers", "mean", "standard_error", "value_before_cac", "lower", "upper", "shrinkage"),
                *("cac", "value_after_cac", "verdict"),
            ],
            ["web", 3, 72.97, 42.67, 74.51, 0.0, 170.6, 0.741, 50.0, 24.51, "cannot tell"],
        ],
        tolerance=2.0,
        rows=2,
    ),
)
def acq_value(
    transactions: Transactions,
    by: GroupedBy = acquisition.CHANNEL,
    cac: Costs | None = None,
    model: Model | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
    level: Fraction = 0.90,
    observation_end: Date | None = None,
    horizon: Horizon | None = None,
) -> Grid:
    """Value of a customer at acquisition by channel or cohort, before CAC, with interval, against CAC.

    The whole life counts, or the first years of it (horizon): the first purchase, what was spent since and what is
    still expected, each discounted to the first purchase, so customers of different ages compare.  mean is the group's
    own; value_before_cac is partially pooled.  lower and upper hold the chance of which customers came, how far groups
    differ, also in what is still to come, and the doubt about the model's parameters.  The last row is all customers.
    """
    found = studied(transactions, by, model, annual_discount_rate, margin, observation_end, horizon)
    return spill(acquisition.value_table(found.customers, found.groups, cac, level), header=transactions.header)


@excel_function(
    "ACQ_CEILING",
    family="Acquisition",
    example=Example(
        (examples.ACQUIRED, "channel", 50, examples.WITH_SPEND, 0.1, 0.3),
        [
            [
                *("channel", "customers", "customers_per_year", "value_before_cac", "ceiling", "cac", "room"),
                *("overpaid_per_year", "missed_per_year"),
            ],
            ["web", 3, 6.76, 74.51, 0.0, 50.0, -50.0, 0.0, 0.0],
        ],
        tolerance=10.0,
        rows=2,
    ),
)
def acq_ceiling(
    transactions: Transactions,
    by: GroupedBy = acquisition.CHANNEL,
    cac: Costs | None = None,
    model: Model | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
    level: Fraction = acquisition.CEILING_LEVEL,
    observation_end: Date | None = None,
    horizon: Horizon | None = None,
) -> Grid:
    """The most to pay for a customer, by channel or cohort: a lower bound of value before CAC.

    A group's customers are worth the ceiling or more on average with the probability `level`.  The last row is all
    customers: paying their ceiling for everyone overpays on groups worth less than that, and misses what groups could
    safely be paid more; both are money per year.
    """
    found = studied(transactions, by, model, annual_discount_rate, margin, observation_end, horizon)
    return spill(acquisition.ceiling_table(found.customers, found.groups, cac, level), header=transactions.header)


@excel_function(
    "ACQ_PAYBACK",
    family="Acquisition",
    example=Example(
        (examples.ACQUIRED, "channel", 20, examples.WITH_SPEND, None, 0.3),
        [
            [
                *("channel", "customers", "cac", "payback_months", "basis", "month", "old_enough"),
                *("share_paid_back", "lower", "upper", "pooled_share"),
            ],
            ["web", 3, 20.0, 7.0, "expected", 3, 3, 0.3333, 0.0777, 0.7465, 0.5],
        ],
        tolerance=1e-3,
        rows=2,
    ),
)
def acq_payback(
    transactions: Transactions,
    by: GroupedBy = acquisition.CHANNEL,
    cac: Costs | None = None,
    model: Model | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
    level: Fraction = 0.90,
    observation_end: Date | None = None,
) -> Grid:
    """Months until the margin of acquired customers covers their CAC, and the share paid back by month 3, 6, 12, 24.

    Margin is cash as it came, not discounted; the rate is there to be like the other functions of the family.
    payback_months is that of the mean customer: seen where enough customers are old enough, beyond that by the model.
    Shares are of the customers acquired so many months ago, with Wilson's interval.  `cac` must be given.
    """
    found = studied(transactions, by, model, annual_discount_rate, margin, observation_end)
    return spill(payback_table(found.customers, found.groups, cac, found.fitted, level), header=transactions.header)


@dataclass(frozen=True, eq=False)
class Studied:
    """Customers valued at acquisition, their groups, the model, and residual values of today, (k,)."""

    customers: Acquired
    groups: Groups
    fitted: Fitted
    residual: FloatArray


def studied(
    transactions: LogRange,
    by: str,
    model: Fitted | str | None,
    annual_discount_rate: float,
    margin: float,
    observation_end: Date | None,
    horizon: float | None = None,
) -> Studied:
    """The customers of a log as the functions of the family see them; the model is fitted unless it was given."""
    if not transactions.header:
        named = transactions.table.rename(columns={"(column 4)": acquisition.CHANNEL})
        transactions = replace(transactions, table=named)
    given = model if isinstance(model, Fitted) else None
    log = transactions.read(observation_end or (given.observation_end if given else None))
    groups = acquisition.groups(log, by)
    table = of_log(log, given.period if given else "week", model, header=transactions.header)
    fitted = fitted_to(table, model or AUTO)
    people = pd.DataFrame(dict(table.usable))
    residual = scores.value(fitted, table.usable, None, annual_discount_rate, margin)
    people["remaining_value"] = residual
    if horizon is not None:
        people["remaining_value"] = remaining_value(fitted, table.usable, horizon, annual_discount_rate, margin)
    customers = acquisition.acquired(
        log, fitted, people, annual_discount_rate=annual_discount_rate, margin=margin, horizon=horizon
    )
    return Studied(customers, groups, fitted, residual[customers.row])
