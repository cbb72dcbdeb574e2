"""What a customer is worth on the day of acquisition: what has come since, what is still to come, both discounted.

The value spans the first years from the first purchase on, as many for every customer, or the whole life.  So customers
of different ages compare: of old ones more has been seen, of young ones more is expected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pyfuncs.analysis import scores
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.compression import distinct_rows
from pyfuncs.models.discounting import DAYS_PER_YEAR, continuous_rate
from pyfuncs.models.interpolation import stand_ins

if TYPE_CHECKING:
    from pyfuncs.analysis.purchases import Purchases

_NODES: Final = 14
_EARLY: Final = 300.0
"""The longest time divided by one over which purchases hardly change: they are smooth in the logarithm of both."""


def value_at_acquisition(
    bought: Purchases,
    earned: FloatArray,
    remaining: FloatArray,
    *,
    annual_discount_rate: float,
    observation_end: int,
    horizon: float | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Value of each customer at acquisition, before acquisition cost, and what of it is still to come: two (k,) arrays.

    Parameters
    ----------
    earned : (n,) array
        Margin of each purchase, in money.
    remaining : (k,) array
        `remaining_value` of the same horizon, in money of today.
    observation_end
        In days since 1970.
    horizon
        Years from the first purchase, that one included; None for the whole life.
    """
    first = bought.day[bought.start[:-1]]
    since = bought.day - first[bought.who]
    delta = continuous_rate(annual_discount_rate, "day")
    counted = earned * np.exp(-delta * since)
    if horizon is not None:
        counted = np.where(since <= horizon * DAYS_PER_YEAR, counted, 0.0)
    to_come: FloatArray = remaining * np.exp(-delta * (observation_end - first))
    return bought.total(counted) + to_come, to_come


def remaining_value(
    fitted: Fitted,
    customers: scores.CustomerTable,
    horizon: float | None = None,
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
) -> FloatArray:
    """Residual value of each customer until the horizon (years) from the first purchase is over: (n,), money of today.

    0 for customers older than that; without a horizon, the whole residual value.  To 1e-5, up to 30 years ahead.
    """
    if horizon is None:
        return scores.value(fitted, customers, None, annual_discount_rate, margin)
    scores.check_margin(margin)
    purchases = _purchases_left(fitted, customers, horizon, annual_discount_rate)
    return margin * scores.expected_spend(fitted, customers) * purchases


def _purchases_left(
    fitted: Fitted, customers: scores.CustomerTable, horizon: float, annual_discount_rate: float
) -> FloatArray:
    """Discounted purchases of each customer in what is left of the horizon, interpolated between a few times, (n,)."""
    history = scores.history(customers)
    delta = scores.discount_per_period(fitted, annual_discount_rate, horizon)
    left = scores.in_periods(fitted, horizon) - history[2]
    found = np.zeros(left.size)
    young = np.flatnonzero(left > 0)
    if not young.size:
        return found
    first, inverse = distinct_rows(*(column[young] for column in history))
    x, t_x, T = (column[young[first]] for column in history)
    left = left[young[first]]
    early = float(left.max()) / _EARLY
    z, place = np.unique(left + early, return_inverse=True)
    few, share = stand_ins(z, _NODES)
    times = (few - early).tolist()
    rates = [fitted.purchases.discounted_purchases(delta, x, t_x, T, t=t) / t for t in times]
    found[young] = (np.einsum("ji,ij->i", rates, share[place]) * left)[inverse]
    return found
