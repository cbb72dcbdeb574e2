import pandas as pd
import pytest

from pyfuncs.errors import InputError
from pyfuncs.sources.raw_table import find_header, tidy, unique_headers


def test_the_header_row_is_the_first_row_of_names_over_a_wide_row():
    top = [["Report of sales"], [], ["Made by", "Ann"], [], ["id", "date"], ["1", "2021-01-05"]]
    assert find_header(top) == 4


def test_rows_of_numbers_and_dates_are_no_header():
    assert find_header([["1", "2021-01-05"], ["2", "2021-01-06"]]) is None


def test_a_recogniser_decides_alone():
    top = [["a", "b"], ["c", "d"]]
    assert find_header(top, lambda cells: cells == ["c", "d"]) == 1
    assert find_header(top, lambda cells: False) is None


def test_a_header_alone_is_a_header():
    assert find_header([["id", "date"]]) == 0


def test_a_header_too_far_down_is_not_found():
    assert find_header([[""]] * 20 + [["id", "date"], ["1", "2"]]) is None


def test_repeated_and_missing_headers_are_told_apart():
    assert unique_headers(["id", "date", None, "date "]) == ["id", "date (column 2)", "(column 3)", "date (column 4)"]


def test_blank_rows_at_the_end_and_nameless_blank_columns_go():
    columns = [pd.Series(cells, dtype="str") for cells in (["1", None, "2", None], [None] * 4, [None] * 4)]
    table = tidy(columns, ["id", "", "note"], "x", first_row=2)
    assert table.frame.columns.tolist() == ["id", "note"]
    assert len(table.frame) == 3


def test_nothing_at_all_is_refused():
    with pytest.raises(InputError, match="there is nothing in it"):
        tidy([], [], "x", first_row=1)
