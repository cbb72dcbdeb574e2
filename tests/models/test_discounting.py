import math

import pytest

from pyfuncs.errors import InputError
from pyfuncs.models.discounting import PERIODS_PER_YEAR, continuous_rate


@pytest.mark.parametrize("period", PERIODS_PER_YEAR)
def test_a_years_periods_discount_by_the_annual_rate(period):
    delta = continuous_rate(0.10, period)
    assert math.exp(-delta * PERIODS_PER_YEAR[period]) == pytest.approx(1 / 1.10)


def test_no_discount_is_zero():
    assert continuous_rate(0.0, "week") == 0.0


@pytest.mark.parametrize("rate", [-1.0, -2.0, math.nan, math.inf])
def test_a_rate_at_or_below_minus_one_is_refused(rate):
    with pytest.raises(InputError, match="above -1"):
        continuous_rate(rate, "week")


def test_an_unknown_period_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="day, week, month"):
        continuous_rate(0.1, "quarter")
