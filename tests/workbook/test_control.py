"""What a run says of its log: totals as Excel counts them, cells that could not be understood, a fingerprint."""

import datetime as dt
from types import SimpleNamespace

import pandas as pd
import pytest

from pyfuncs.analysis.log import read_log
from pyfuncs.workbook.cell_runs import plain_list, sliceable
from pyfuncs.workbook.control import Run, log_totals

HEADERS = ["customer", "date", "amount"]
ROWS = [
    ("Anna", "2024-01-01", "10"),
    ("😀 é", "2024-01-02", "2.5"),
    ("", "2024-01-03", "1"),
    ("Bob", "someday", "4"),
    ("Bob", "2024-01-05", "much"),
    ("#N/A", "2024-01-06", ""),
]


def run(rows, headers=HEADERS, **circumstances):
    log = read_log(pd.DataFrame([row[: len(headers)] for row in rows], columns=headers, dtype=object))
    return Run(SimpleNamespace(log=log), "a log", dt.datetime(2024, 2, 1), "0", **circumstances)


def cells(run):
    return {header: plain_list(sliceable(column, date1904=False)) for header, column in run.transactions.items()}


def test_transactions_hold_what_was_read_and_as_found_what_was_not():
    written = cells(run(ROWS))
    assert written["customer"] == ["Anna", "😀 é", None, "Bob", "Bob", "#N/A"]
    assert written["date"] == [45292.0, 45293.0, 45294.0, "someday", 45296.0, 45297.0]
    assert written["amount"][:5] == [10.0, 2.5, 1.0, 4.0, "much"]
    assert pd.isna(written["amount"][5])
    assert pd.isna(written["product"]).all()
    assert written["status"][:4] == ["used", "used", "blank customer", "unreadable date"]


def test_a_log_that_was_understood_is_columns_of_numbers():
    written = run(ROWS[:2]).transactions
    assert (written["date"].dtype, written["amount"].dtype) == ("float64", "float64")


def test_totals_are_those_that_excel_counts():
    names = ["Anna", "😀 é", "Bob", "Bob", "#N/A"]
    length = sum(len(name.encode("utf-16-le")) // 2 for name in names)
    dates = [45292, 45293, 45294, 45296, 45297]
    assert log_totals(run(ROWS)) == [5, length, 5, sum(dates), 4, 17.5]


def test_totals_of_what_is_not_there_are_zero():
    assert log_totals(run(ROWS, log_here=False)) == [0.0] * 6
    assert log_totals(run(ROWS, HEADERS[:2]))[4:] == [0, 0.0]


@pytest.mark.parametrize(
    "other",
    [
        [("Ann", "2024-01-01", "10"), *ROWS[1:]],
        [("Anna", "2024-01-02", "10"), *ROWS[1:]],
        [("Anna", "2024-01-01", "10.01"), *ROWS[1:]],
        [("Anna", "never", "10"), *ROWS[1:]],
        [ROWS[1], ROWS[0], *ROWS[2:]],
        ROWS[:-1],
        [("Anna😀", "2024-01-01", "10"), (" é", "2024-01-02", "2.5"), *ROWS[2:]],
    ],
)
def test_the_fingerprint_of_a_log_changes_with_any_row(other):
    assert run(ROWS).fingerprint == run(ROWS).fingerprint
    assert run(ROWS).fingerprint != run(other).fingerprint
