import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfuncs.analysis.amounts import read_amounts
from pyfuncs.errors import InputError

AMOUNTS = st.decimals(-9_999_999, 9_999_999, places=2, allow_nan=False)


def read(*cells, mark="auto"):
    return read_amounts(pd.Series(list(cells), dtype=object), mark, 2)


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("12.30", 12.3),
        ("12,30", 12.3),
        ("1,234.56", 1234.56),
        ("1.234,56", 1234.56),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("12,34,567.50", 1234567.5),
        ("1 234,56", 1234.56),
        ("1\u202f234,56", 1234.56),
        ("1\u00a0234\u00a0567", 1234567),
        ("1'234.50", 1234.5),
        ("1’234.50", 1234.5),
        ("$12.30", 12.3),
        ("$ 1,234.56", 1234.56),
        ("12,30 €", 12.3),
        ("€12.30", 12.3),
        ("£-12.30", -12.3),
        ("-£12.30", -12.3),
        ("−12.30", -12.3),
        ("(12.30)", -12.3),
        ("($1,234.56)", -1234.56),
        ("$(12.30)", -12.3),
        ("12.30-", -12.3),
        ("+12.30", 12.3),
        ("USD 12.30", 12.3),
        ("12.30 eur", 12.3),
        ("US$12.30", 12.3),
        ("R$ 12,30", 12.3),
        ("Fr. 12.50", 12.5),
        ("12.50 kr", 12.5),
        ("45,-", 45),
        ("45.--", 45),
        ("45,- €", 45),
        ("-45,-", -45),
        ("1.234,-", 1234),
        ("1e3", 1000),
        ("1.5E-05", 1.5e-05),
        (".5", 0.5),
        ("12.", 12),
        ("0,999", 0.999),
        ("0", 0),
        (12, 12),
        (12.3, 12.3),
        (1.234, 1.234),
        (-0.001, -0.001),
        (np.float64(1.5), 1.5),
    ],
)
def test_every_usual_form_of_an_amount_is_read(cell, amount):
    assert read(cell).values.tolist() == [amount]


@pytest.mark.parametrize(
    "cell",
    ["free", "12%", "1,23,4", "1.2.3", "1,2345.6", "12 34", "--5", "(-5)", "5 apples", "12:30", True, "1e999", math.inf,
     "$12 €", "2021-03-25", "1..2", ",", "$", "(12.30", "0,123,456", "1.234.56,7", "12,"*40],
)  # fmt: skip
def test_a_cell_that_is_no_amount_is_marked_and_stops_nothing(cell):
    amounts = read("5", "6.5", cell)
    assert amounts.unreadable.tolist() == [False, False, True]
    assert math.isnan(amounts.values[2])


@pytest.mark.parametrize("cell", [None, np.nan, "", "NULL", "n/a", "-"])
def test_nothing_is_blank_and_not_unreadable(cell):
    amounts = read("5", cell)
    assert (amounts.blank[1], amounts.unreadable[1], amounts.error[1]) == (True, False, False)


def test_an_error_cell_is_an_error():
    amounts = read("5", "#DIV/0!")
    assert (amounts.blank[1], amounts.unreadable[1], amounts.error[1]) == (False, False, True)


def test_a_column_of_numbers_is_taken_as_it_is():
    amounts = read_amounts(pd.Series([1.234, np.nan, np.inf, -2.0]))
    assert amounts.values[[0, 3]].tolist() == [1.234, -2.0]
    assert amounts.blank.tolist() == [False, True, False, False]
    assert amounts.unreadable.tolist() == [False, False, True, False]


def test_other_rows_decide_a_lone_comma_before_three_digits():
    assert read("1,234", "5,50").values.tolist() == [1.234, 5.5]
    assert read("1,234", "5.50").values.tolist() == [1234, 5.5]
    assert read("1,234", "1,234.5").values.tolist() == [1234, 1234.5]
    assert read("1,234", "1.234,5").values.tolist() == [1.234, 1234.5]


def test_other_rows_decide_a_lone_point_before_three_digits():
    assert read("1.234", "5,50").values.tolist() == [1234, 5.5]
    assert read("1.234", "5.50").values.tolist() == [1.234, 5.5]
    assert read("1.234", "1500").values.tolist() == [1.234, 1500]


def test_the_decision_names_its_row():
    assert read("1,234", "5,50").statements == ['Amounts: the comma is the decimal mark, as row 3 ("5,50") shows.']


def test_a_lone_comma_before_three_digits_separates_thousands_unless_something_says_otherwise():
    amounts = read("1,234", "900")
    assert amounts.values.tolist() == [1234, 900]
    assert "comma before three digits separates thousands, first row 2" in amounts.statements[0]


@pytest.mark.parametrize("cells", [("1.234", "900"), ("1.234", "1,234"), ("1,234", "1500"), ("5.5", "5,5", "1.234")])
def test_an_open_mark_is_asked_for_with_an_example(cells):
    with pytest.raises(InputError, match=r'row \d \("1.234"\) can be thousands or decimals.*decimal_mark="\."'):
        read(*cells)


def test_a_stated_mark_decides():
    assert read("1.234", "900", mark=",").values.tolist() == [1234, 900]
    assert read("1.234", "900", mark=".").values.tolist() == [1.234, 900]
    assert "as stated" in read("1.234", mark=",").statements[0]
    with pytest.raises(InputError, match='decimal_mark: "comma" is not one of'):
        read("5", mark="comma")


def test_amounts_that_can_be_read_one_way_each_need_no_common_mark():
    amounts = read("5.5", "5,5")
    assert amounts.values.tolist() == [5.5, 5.5]
    assert "can be read one way only" in amounts.statements[0]


def test_a_dropped_currency_sign_is_stated():
    assert read("3", "$5").statements == ['Amounts: the currency sign is dropped, first row 3 ("$5").']


def test_several_currencies_are_refused():
    with pytest.raises(InputError, match=r'several currencies, row 2 \("\$5"\) and row 3 \("€5"\); convert'):
        read("$5", "€5")


def test_brackets_and_a_minus_behind_are_stated():
    assert "mean negative in 2 cells, first row 3" in read("5", "(5)", "5-").statements[0]


def test_a_column_that_is_no_amount_column_is_refused():
    with pytest.raises(InputError, match=r'2 of 3 cells are not amounts that can be read, first row 2 \("web"\)'):
        read("web", "shop", "5")


def _german(amount):
    return f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


@given(
    st.lists(AMOUNTS, min_size=1, max_size=20),
    st.sampled_from(
        [
            "{:.2f}".format,
            "{:,.2f}".format,
            "${:,.2f}".format,
            _german,
            lambda amount: _german(amount) + " €",
            lambda amount: f"({-amount:,.2f})" if amount < 0 else f"{amount:,.2f}",
            lambda amount: f"{-amount:.2f}-" if amount < 0 else f"{amount:.2f}",
            lambda amount: f"{amount:,.2f}".replace(",", " "),
        ]
    ),
)
def test_amounts_survive_every_form(amounts, form):
    assert read(*(form(amount) for amount in amounts)).values.tolist() == [float(amount) for amount in amounts]


@given(st.lists(st.text(max_size=15) | st.floats() | st.none() | st.booleans(), min_size=1, max_size=8))
def test_junk_is_marked_or_refused_in_a_sentence(cells):
    try:
        amounts = read(*cells)
    except InputError as raised:
        problem = str(raised)
    else:
        problem = ""
        assert (np.isfinite(amounts.values) ^ (amounts.blank | amounts.error | amounts.unreadable)).all()
    assert problem == "" or problem.startswith("amounts: ")
