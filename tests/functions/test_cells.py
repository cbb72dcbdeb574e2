import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from pyfuncs.errors import DomainError, InputError
from pyfuncs.functions import cells


@pytest.mark.parametrize(
    ("given", "grid"),
    [
        (None, [[None]]),
        (3, [[3]]),
        ("x", [["x"]]),
        ([], [[None]]),
        ([[]], [[None]]),
        ([1, 2], [[1, 2]]),
        ([[1], [2]], [[1], [2]]),
        (((1, "a"), (None, True)), [[1, "a"], [None, True]]),
        (np.array([[1.5, 2.0]]), [[1.5, 2.0]]),
        (np.array(4.0), [[4.0]]),
        ([[np.float64(1.5), np.int64(2), np.bool_(True)]], [[1.5, 2, True]]),
        (dt.datetime(2024, 1, 5, tzinfo=dt.UTC), [[dt.datetime(2024, 1, 5)]]),
        ([[Decimal("9.50"), float("nan"), pd.NaT]], [[9.5, None, None]]),
        ([[dt.date(2024, 1, 5), pd.Timestamp("2024-01-05")]], [[dt.datetime(2024, 1, 5), dt.datetime(2024, 1, 5)]]),
    ],
)
def test_what_a_host_hands_over_becomes_rows_of_plain_cells(given, grid):
    assert cells.as_grid(given) == grid


@pytest.mark.parametrize("given", [[[1, 2], [3]], [[1], 2], {"a": 1}, object(), [[object()]], 1j])
def test_what_is_no_range_is_refused(given):
    with pytest.raises(InputError):
        cells.as_grid(given)


@pytest.mark.parametrize(("cell", "number"), [(2, 2.0), (0.5, 0.5), ("12.5", 12.5), (" -3 ", -3.0), ("1e3", 1000.0)])
def test_numbers_and_numbers_typed_as_text_are_read(cell, number):
    assert cells.to_number(cell, "margin") == number


@pytest.mark.parametrize("cell", [True, False, "abc", "1_000", "nan", "inf", None, "", dt.datetime(2024, 1, 5)])
def test_truth_values_words_and_dates_are_no_numbers(cell):
    with pytest.raises(InputError, match="margin"):
        cells.to_number(cell, "margin")


@pytest.mark.parametrize("cell", [float("inf"), 1e300, -1e16])
def test_numbers_beyond_any_business_are_refused(cell):
    with pytest.raises(DomainError):
        cells.to_number(cell, "margin")


@pytest.mark.parametrize(
    "cell",
    [35703, 35703.75, "35703", dt.datetime(1997, 9, 30, 18), "1997-09-30", "1997-09-30T18:00", " 1997-09-30 "],
)
def test_a_date_is_an_excel_date_a_serial_or_year_month_day(cell):
    # 30 September 1997 is day 35703 in Excel.
    assert cells.to_date(cell, "split") == dt.date(1997, 9, 30)


@pytest.mark.parametrize("cell", ["30/09/1997", "soon", True, 0, -5, 3e6, 1e300])
def test_a_date_that_could_be_misread_or_is_none_is_refused(cell):
    with pytest.raises((InputError, DomainError), match="split"):
        cells.to_date(cell, "split")


@pytest.mark.parametrize(("cell", "flag"), [(True, True), (False, False), (1, True), (0.0, False), ("true", True)])
def test_flags_are_read(cell, flag):
    assert cells.to_flag(cell, "x") is flag


def test_a_flag_must_be_true_or_false():
    with pytest.raises(InputError):
        cells.to_flag("maybe", "x")


@pytest.mark.parametrize(
    ("cell", "text"), [(7.0, "7"), (7, "7"), ("007", "007"), (7.5, "7.5"), (None, ""), (" a ", "a")]
)
def test_text_keeps_its_zeros_and_whole_numbers_have_no_point(cell, text):
    assert cells.to_text(cell) == text


def test_a_column_keeps_errors_blanks_and_words_apart():
    values, shown = cells.to_numbers([1, "2", None, "", "#N/A", "abc", True, float("inf"), -1e300])
    np.testing.assert_array_equal(values, [1, 2, *[np.nan] * 7])
    assert shown == {2: None, 3: None, 4: "#N/A", 5: "#VALUE!", 6: "#VALUE!", 7: "#NUM!", 8: "#NUM!"}


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (np.float64(1.5), 1.5),
        (np.int64(2), 2),
        (np.bool_(True), True),
        (float("nan"), None),
        (float("inf"), "#NUM!"),
        (pd.NaT, None),
        (pd.NA, None),
        (dt.date(2024, 1, 5), dt.datetime(2024, 1, 5)),
        (np.datetime64("2024-01-05"), dt.datetime(2024, 1, 5)),
        ("007", "007"),
    ],
)
def test_values_leave_as_plain_cells(value, cell):
    assert cells.to_cell(value) == cell
    assert type(cells.to_cell(value)) is type(cell)


def test_a_table_spills_with_and_without_its_header():
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert cells.spill(frame, header=True) == [["a", "b"], [1, "x"], [2, None]]
    assert cells.spill(frame, header=False) == [[1, "x"], [2, None]]
    assert cells.spill(frame[:0], header=False) == [[None, None]]
