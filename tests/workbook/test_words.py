"""Numbers as words: what Excel's FIXED and & give, known values."""

import pytest

from pyfuncs.workbook.words import fixed, general, since_first


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (1234.5, 0, "1,235"),
        (0.125, 2, "0.13"),
        (-2.5, 0, "-3"),
        (1e6, 1, "1,000,000.0"),
        (79.95, 1, "80.0"),
        (0.0, 2, "0.00"),
    ],
)
def test_fixed_rounds_halves_away_from_zero_with_thousands(number, decimals, text):
    assert fixed(number, decimals) == text


@pytest.mark.parametrize(("number", "text"), [(1.0, "1"), (0.5, "0.5"), (1 / 3, "0.333333333333333"), (52, "52")])
def test_a_number_joined_to_text_shows_fifteen_digits(number, text):
    assert general(number) == text


def test_how_long_the_value_of_a_customer_counts():
    assert since_first(None) == "over the whole life"
    assert since_first(1.0) == "in the first year from the first purchase"
    assert since_first(2.5) == "in the first 2.5 years from the first purchase"
