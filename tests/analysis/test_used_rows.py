"""Rows with their customers, and the channel of the first purchase."""

import pandas as pd
import pytest

from pyfuncs.analysis.log import read_log, used
from pyfuncs.analysis.used_rows import first_channels, places, used_rows
from pyfuncs.errors import InsufficientDataError

ROWS = [
    ("b", "2024-01-05 10:00", 5, "web"),
    ("a", "2024-01-02 18:00", 5, "shop"),
    ("a", "2024-01-02 09:00", 5, " "),  # the earliest of the day names none
    ("a", "2024-01-02 12:00", 5, "mail"),
    ("b", "2024-01-03 09:00", 5, None),  # b's first day names none: what came later does not count
    (None, "2024-01-01 09:00", 5, "lost"),
    ("c", "2024-01-04", 5, "first of equals"),
    ("c", "2024-01-04", 5, "second"),
]


@pytest.fixture
def log():
    return read_log(pd.DataFrame(ROWS, columns=["customer", "date", "amount", "channel"]))


def test_used_rows_stand_with_their_customers_and_days(log):
    found = used_rows(log)
    customers = used(log).customers
    assert [customers.iloc[who] for who in found.who] == ["b", "a", "a", "a", "b", "c", "c"]
    assert found.row.tolist() == [0, 1, 2, 3, 4, 6, 7]
    assert (found.day - found.day.min()).tolist() == [3, 0, 0, 0, 1, 2, 2]


def test_the_earliest_row_of_the_first_day_that_names_a_channel_counts(log):
    found = dict(zip(used(log).customers, first_channels(log), strict=True))
    assert found["a"] == "mail"
    assert pd.isna(found["b"])
    assert found["c"] == "first of equals"


def test_places_of_what_is_not_there_are_minus_one():
    assert places(pd.Series(["x", "a"], dtype="str"), pd.Series(["a", "b"], dtype="str")).tolist() == [-1, 0]


def test_a_log_without_a_usable_row_is_refused():
    log = read_log(pd.DataFrame([(None, "2024-01-01", 5)], columns=["customer", "date", "amount"]))
    with pytest.raises(InsufficientDataError):
        used_rows(log)
