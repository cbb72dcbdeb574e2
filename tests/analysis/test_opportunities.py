"""Histories counted in opportunities, day by day."""

import datetime as dt

import pandas as pd
import pytest

from pyfuncs.analysis.log import read_log
from pyfuncs.analysis.opportunities import opportunities
from pyfuncs.errors import InsufficientDataError


def log(*purchases, end="2024-02-29"):
    table = pd.DataFrame([(who, day, amount) for who, day, amount in purchases], columns=["customer", "date", "amount"])
    return read_log(table, observation_end=dt.date.fromisoformat(end))


def test_weeks_after_the_first_purchase_with_one_opportunity_each():
    found = opportunities(
        log(
            ("b", "2024-02-01", 5.0),
            ("b", "2024-02-01", 7.0),  # the day of the first purchase
            ("b", "2024-02-02", 10.0),  # week 1: its first day
            ("b", "2024-02-08", 20.0),  # and its last
            ("b", "2024-02-09", 30.0),  # week 2
            ("b", "2024-02-29", 99.0),  # week 4: its last day is the observation end
            ("a", "2024-02-20", 1.0),
            ("a", "2024-02-28", 1.0),  # week 2, which is not over
            ("c", "2024-02-29", 1.0),
        )
    ).set_index("customer_id")
    assert found.loc["b"].tolist() == pytest.approx([3, 4, 4, (10 + 20 + 30 + 99) / 3])
    assert found.loc["a", ["frequency", "recency", "T"]].tolist() == [0, 0, 1]
    assert found.loc["c", ["frequency", "recency", "T"]].tolist() == [0, 0, 0]
    assert found["monetary_value"].isna().tolist() == [True, False, True]
    assert found.index.tolist() == ["a", "b", "c"]


def test_without_a_whole_period_there_is_nothing_to_count():
    with pytest.raises(InsufficientDataError, match="for a whole month after the first purchase"):
        opportunities(log(("a", "2024-02-10", 1.0), ("b", "2024-02-20", 1.0)), "month")
