import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfuncs.analysis.identities import read_customers


def read(*cells):
    return read_customers(pd.Series(list(cells), dtype=object), 2)


def test_leading_zeros_stay_and_outer_blanks_go():
    assert read("007", " 8 ", "A b").values.tolist() == ["007", "8", "A b"]


def test_a_number_is_written_as_a_whole_number():
    assert read(12346.0, 7).values.tolist() == ["12346", "7"]


def test_whole_numbers_that_another_tool_turned_into_decimals_are_mended_and_stated():
    customers = read("17850.0", "12346.0", None)
    assert customers.values.tolist()[:2] == ["17850", "12346"]
    assert customers.statements == [
        'Customer ids: the ending ".0" of whole numbers is dropped, first row 2 ("17850.0").'
    ]


def test_the_ending_stays_where_ids_are_not_all_whole_numbers():
    assert read("1.0", "1.1").values.tolist() == ["1.0", "1.1"]


@pytest.mark.parametrize("cell", [None, "", " ", "NULL", "nan", "n/a"])
def test_nobody_is_blank(cell):
    customers = read("a", cell)
    assert customers.blank.tolist() == [False, True]
    assert customers.codes.tolist() == [0, -1]
    assert customers.values.isna().tolist() == [False, True]


def test_words_for_nobody_are_stated():
    assert read("a", "NULL", "NULL").statements == [
        'Customer ids that only say there is none: 2, first row 3 ("NULL"); blank.'
    ]


def test_an_error_cell_is_an_error_and_no_customer():
    customers = read("a", "#N/A")
    assert customers.error.tolist() == [False, True]
    assert customers.codes.tolist() == [0, -1]


def test_ids_that_look_alike_are_reported_and_kept_apart():
    customers = read("ann lee", "Ann Lee", "7", "007")
    assert len(set(customers.codes)) == 4
    assert (
        'leading zeros only: 2, as row 2 ("ann lee") and row 3 ("Ann Lee"); they are kept apart'
        in customers.statements[0]
    )


@given(st.lists(st.text("0017aAb \u00e9", min_size=1, max_size=3).map(str.strip).filter(bool), min_size=1, max_size=6))
def test_ids_look_alike_by_case_blanks_and_leading_zeros_and_by_nothing_else(ids):
    distinct = list(dict.fromkeys(ids))
    keys = {"".join(one.split()).casefold().lstrip("0") for one in distinct}
    said = [one for one in read(*ids).statements if "leading zeros only" in one]
    count = len(distinct) - len(keys)
    assert [f"only: {count}," in one for one in said] == ([True] if count else [])


def test_ids_rounded_by_a_spreadsheet_are_reported():
    assert 'rounded: 1, first row 3 ("1.23457E+15")' in read("a", "1.23457E+15").statements[0]
