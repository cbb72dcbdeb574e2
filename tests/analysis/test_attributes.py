"""What each column of a wide table is taken for."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.attributes import (
    CATEGORY,
    DATE,
    MOST_LEVELS,
    NUMBER,
    OTHER,
    TAGS,
    category,
    read_attributes,
)


def read_one(cells, name="x"):
    table = read_attributes(pd.DataFrame({name: pd.Series(cells, dtype=object)}))
    assert len(table.attributes) == 1, table.statements
    return table.attributes[0]


def words_of(attribute):
    found = [[] for _ in attribute.known]
    for customer, level in zip(attribute.holders, attribute.held, strict=True):
        found[customer].append(attribute.levels[level])
    return found


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        ([1, 2.5, None], [1, 2.5, np.nan]),
        ([0, 1, 1], [0, 1, 1]),
        (["1", "2.5", ""], [1, 2.5, np.nan]),
        (["1,200.50", "3,000.00", "n/a"], [1200.5, 3000, np.nan]),
        (["$ 12", "$ 7", "(5)"], [12, 7, -5]),
        ([1, "2", None], [1, 2, np.nan]),
    ],
)
def test_numbers_are_numbers_also_as_text(cells, numbers):
    found = read_one(cells)
    assert found.kind == NUMBER
    np.testing.assert_array_equal(found.numbers, numbers)
    np.testing.assert_array_equal(found.known, ~np.isnan(numbers))


def test_codes_with_leading_zeros_and_ranges_are_words():
    assert read_one(["01234", "01234", "94110"]).kind == CATEGORY
    assert read_one(["18-25", "26-35", "18-25"]).levels == ("18-25", "26-35")


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-01-05", "2024-03-01", None],
        ["25/12/2023", "01/02/2024", ""],
        [dt.datetime(2024, 1, 5), None, dt.datetime(2024, 3, 1)],
        ["5 Jan 2024", "1 Mar 2024", "12 May 2024"],
    ],
)
def test_dates_are_dates_also_as_text(cells):
    found = read_one(cells)
    assert found.kind == DATE
    assert found.known.sum() == sum(bool(cell) for cell in cells)


def test_serial_numbers_are_dates_where_the_header_says_so():
    found = read_one([45000, 45001], name="Signup date")
    assert found.kind == DATE
    assert found.numbers.astype("datetime64[D]").astype(str).tolist() == ["2023-03-15", "2023-03-16"]
    assert read_one([45000, 45001], name="income").kind == NUMBER


def test_dates_that_can_be_read_two_ways_are_set_aside_with_what_to_do():
    table = read_attributes(pd.DataFrame({"joined": ["03/04/2021", "05/06/2021"]}))
    assert table.attributes == ()
    assert "day first" in table.aside["joined"]


def test_truth_values_and_yes_are_one_level():
    for cells in ([True, False, True], ["TRUE", "FALSE", "true"], ["yes", "No", "Yes"], ["y", "n", "Y"]):
        found = read_one(cells)
        assert found.kind == CATEGORY
        assert len(found.levels) == 1
        assert found.holders.tolist() == [0, 2]
        assert found.known.all()
    assert not read_one([True, None, False]).known[1]


def test_words_differ_in_more_than_case_and_the_most_frequent_come_first():
    found = read_one(["web", "Shop", "Shop ", "shop", None, "Web"])
    assert found.levels == ("Shop", "web")
    assert words_of(found) == [["web"], ["Shop"], ["Shop"], ["Shop"], [], ["web"]]
    assert found.unknown == pytest.approx(1 / 6)


def test_tags_are_split_and_count_once_a_customer():
    found = read_one(["price; slow delivery", "Price", None, "none", "service | price; price", ""])
    assert found.kind == TAGS
    assert words_of(found) == [["price", "slow delivery"], ["price"], [], [], ["price", "service"], []]
    assert found.known.tolist() == [True, True, False, True, True, False]
    assert "no answer" in found.statement


def test_error_cells_are_unknown_and_counted():
    for cells in (["a", "#N/A", "b"], ["1", "#N/A", "2"], ["a;b", "#VALUE!", "a"]):
        found = read_one(cells)
        assert found.errors == 1
        assert found.known.tolist() == [True, False, True]
        assert "1 error cell" in found.statement


def test_what_is_no_attribute_is_set_aside_with_a_reason():
    n = 100
    frame = pd.DataFrame(
        {
            "customer_id": range(n),
            "Customer ID": range(n),
            "e-mail": [f"{i}@x.org" for i in range(n)],
            "reference": [f"K{i}" for i in range(n)],
            "comment": ["The shop is nice but delivery took far too long for my taste."] * n,
            "empty": [None] * n,
            "member": [True, False] * (n // 2),
        }
    )  # fmt: skip
    table = read_attributes(frame)
    assert [one.name for one in table.attributes] == ["member"]
    assert list(table.aside) == ["reference", "comment", "empty"]
    assert "identifier" in table.aside["reference"]
    assert "tags" in table.aside["comment"]


def test_rare_words_of_a_column_of_many_count_together():
    cells = [f"city {i % 80}" for i in range(400)] + ["city 0"] * 5
    found = read_one(cells)
    assert len(found.levels) == MOST_LEVELS + 1
    assert (found.levels[0], found.levels[-1]) == ("city 0", OTHER)
    assert len(found.holders) == len(cells)
    assert np.bincount(found.held)[-1] == 30 * 5


def test_two_columns_of_one_name_are_two_attributes():
    frame = pd.DataFrame([[1, "a"], [2, "b"]], columns=["x", "x"])
    assert [one.kind for one in read_attributes(frame).attributes] == [NUMBER, CATEGORY]


def test_words_given_as_such_stay_words():
    assert category("month", pd.Series(["1", "2", None])).levels == ("1", "2")


@pytest.mark.parametrize(
    "cells", [["1", "2", "1", "2", "1", "2", "1", "2", "1", "2", "5+"], ["1", "2", "< 1"], [0, 1, 2, "3 +"]]
)
def test_numbers_beside_an_open_class_are_classes_and_none_is_lost(cells):
    found = read_one(cells)
    assert found.kind == CATEGORY
    assert words_of(found) == [[str(cell)] for cell in cells]
