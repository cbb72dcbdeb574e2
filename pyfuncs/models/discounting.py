"""From an effective annual discount rate to a continuous rate per period."""

import math

from pyfuncs.errors import InputError

DAYS_PER_YEAR = 365.25
DAYS_PER_PERIOD: dict[str, float] = {"day": 1.0, "week": 7.0, "month": DAYS_PER_YEAR / 12}
PERIODS_PER_YEAR: dict[str, float] = {period: DAYS_PER_YEAR / days for period, days in DAYS_PER_PERIOD.items()}


def continuous_rate(annual_discount_rate: float, period: str) -> float:
    """Continuous discount rate per period, delta = ln(1 + d)/k.

    `annual_discount_rate` d is effective per year, d > -1; `period` is a key of PERIODS_PER_YEAR, whose value is k.
    Raises InputError for an unknown period or a rate that is not a finite number above -1.
    """
    if period not in PERIODS_PER_YEAR:
        raise InputError(f"period {period!r} is not one of {', '.join(PERIODS_PER_YEAR)}.")
    if not (math.isfinite(annual_discount_rate) and annual_discount_rate > -1):
        raise InputError(
            f"annual_discount_rate must be a number above -1 (-100 %), got {annual_discount_rate!r}; 10 % is 0.10."
        )
    return math.log1p(annual_discount_rate) / PERIODS_PER_YEAR[period]
