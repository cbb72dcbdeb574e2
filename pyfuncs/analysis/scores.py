"""What a fitted model says about each customer: alive, purchases, spend and value.

A table of customers, a DataFrame or any other mapping of columns, has frequency, recency, T and, where amounts are
known, monetary_value, one row per customer; every score returns one number per row, in the order of the rows.  Horizons
are in years; None means the whole remaining life.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np

from pyfuncs.analysis.model_table import Fitted
from pyfuncs.errors import DomainError, InputError
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.discounting import PERIODS_PER_YEAR, continuous_rate
from pyfuncs.models.validation import check_histories, check_spend

LADDER: Final = (1.0, 2.0, 3.0, 5.0, 10.0)
"""Horizons of the ladder of a new customer's value, in years; the last step is for ever."""


class CustomerTable(Protocol):
    """Columns of equal length by name, one row per customer."""

    def __contains__(self, column: Any, /) -> bool: ...

    def __getitem__(self, column: str, /) -> Any: ...


def p_alive(fitted: Fitted, customers: CustomerTable) -> FloatArray:
    """Probability that each customer is still one at the observation end: (n,) array in [0, 1]."""
    return fitted.purchases.p_alive(*history(customers))


def p_no_purchase(fitted: Fitted, customers: CustomerTable, horizon: float) -> FloatArray:
    """Probability that each customer buys nothing within the horizon (years): (n,) array in [0, 1]."""
    return fitted.purchases.p_no_purchase(in_periods(fitted, horizon), *history(customers))


def expected_purchases(fitted: Fitted, customers: CustomerTable, horizon: float | None = None) -> FloatArray:
    """Expected purchases of each customer within the horizon (years).

    For the whole remaining life, raises `DomainError` where the model's customers have no finite mean (a <= 1, s <= 1).
    """
    if horizon is None:
        return fitted.purchases.discounted_purchases(0.0, *history(customers))
    return fitted.purchases.expected_purchases(in_periods(fitted, horizon), *history(customers))


def expected_spend(fitted: Fitted, customers: CustomerTable) -> FloatArray:
    """Expected spend per purchase of each customer, in money; 1 where spend is not modelled."""
    if fitted.spend is None:
        return np.ones(len(customers["frequency"]))
    return fitted.spend.expected_spend(*spend_history(customers))


def discounted_purchases(
    fitted: Fitted, customers: CustomerTable, annual_discount_rate: float, horizon: float | None = None
) -> FloatArray:
    """Expected purchases of each customer, each discounted from its date to the observation end (DECT, DERT)."""
    delta = discount_per_period(fitted, annual_discount_rate, horizon)
    return fitted.purchases.discounted_purchases(delta, *history(customers), t=in_periods(fitted, horizon))


def value(
    fitted: Fitted,
    customers: CustomerTable,
    horizon: float | None = None,
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
) -> FloatArray:
    """Residual value of each customer: margin x expected spend x discounted purchases.  Past spend is not in it."""
    check_margin(margin)
    purchases = discounted_purchases(fitted, customers, annual_discount_rate, horizon)
    return margin * expected_spend(fitted, customers) * purchases


def new_customer(
    fitted: Fitted,
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
    first_amount: float | None = None,
    horizons: Sequence[float | None] = (*LADDER, None),
) -> dict[str, FloatArray]:
    """Value of a customer acquired today, before acquisition cost, by horizon.

    value = margin x (first purchase + mean spend x discounted repeat purchases).  `first_amount` is the mean amount
    of a first purchase, the mean spend per purchase when left out.  A horizon is in years; None is for ever.

    Columns, one row per horizon: horizon (nan for ever), purchases (repeat, undiscounted, nan for ever),
    discounted_purchases, value, and share of the discounted purchases of the whole life.  What is infinite, as a life
    without end and without discount can be, is nan.
    """
    check_margin(margin)
    spend = 1.0 if fitted.spend is None else float(fitted.spend.mean)
    first = spend if first_amount is None else first_amount
    if not np.isfinite(first):
        raise InputError(f"first_amount: {first_amount} is not an amount of money.")
    whole = _new_purchases(fitted, annual_discount_rate, None)
    rows = []
    for horizon in horizons:
        discounted = whole if horizon is None else _new_purchases(fitted, annual_discount_rate, horizon)
        t = np.array([in_periods(fitted, horizon)])
        purchases = np.nan if horizon is None else float(fitted.purchases.new_expected_purchases(t)[0])
        years = np.nan if horizon is None else horizon
        rows.append((years, purchases, discounted, margin * (first + spend * discounted), discounted / whole))
    names = ("horizon", "purchases", "discounted_purchases", "value", "share")
    return dict(zip(names, np.array(rows, dtype=np.float64).T, strict=True))


def _new_purchases(fitted: Fitted, annual_discount_rate: float, horizon: float | None) -> float:
    """Discounted repeat purchases of a new customer, nan where they are infinite."""
    try:
        delta = discount_per_period(fitted, annual_discount_rate, horizon)
        return float(fitted.purchases.new_discounted_purchases(delta, t=in_periods(fitted, horizon)))
    except DomainError:
        return np.nan


def history(customers: CustomerTable) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Frequency, recency and T of the customers as three (n,) arrays, or `InputError` naming the column or row."""
    for column in ("frequency", "recency", "T"):
        if column not in customers:
            raise InputError(f"customers: there is no column {column}; needed are frequency, recency and T.")
    return check_histories(customers["frequency"], customers["recency"], customers["T"])


def spend_history(customers: CustomerTable) -> tuple[FloatArray, FloatArray]:
    """Frequency and mean spend per repeat purchase as two (n,) arrays; the mean is nan where it is not known."""
    if "monetary_value" not in customers:
        return check_spend(customers["frequency"], np.full(len(customers["frequency"]), np.nan))
    return check_spend(customers["frequency"], customers["monetary_value"])


def in_periods(fitted: Fitted, horizon: float | None) -> float:
    """A horizon in years as periods of the fit; None is without end."""
    if horizon is None:
        return np.inf
    if not 0.0 < horizon < np.inf:
        raise InputError(f"horizon: {horizon} years; give a number above 0, or leave it out for the whole life.")
    return horizon * PERIODS_PER_YEAR[fitted.period]


def discount_per_period(fitted: Fitted, annual_discount_rate: float, horizon: float | None) -> float:
    """Continuous discount rate per period of the fit; refuses rates that make a value without end infinite."""
    delta = continuous_rate(annual_discount_rate, fitted.period)
    if horizon is None and delta < 0:
        raise DomainError(
            f"annual_discount_rate: {annual_discount_rate} is below 0, so value without a horizon is infinite; "
            "give a rate above 0 or a horizon."
        )
    return delta


def check_margin(margin: float) -> None:
    """Refuse a margin that is not a finite number."""
    if not np.isfinite(margin):
        raise InputError(f"margin: {margin} is not a number.")
