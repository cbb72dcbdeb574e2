"""CLV_COVARIATES: customers and covariates row by row or joined by key, and refusals in words."""

import datetime as dt

import pytest

from pyfuncs.functions import CATALOGUE, examples

FUNCTION = CATALOGUE["CLV_COVARIATES"]
CUSTOMERS = [list(row) for row in examples.OTHERS_AND_MEMBERS]
COVARIATES = [
    ["customer_id", "member", "age"],
    *([key, bool(member), 20 + i * i % 37] for i, (key, member) in enumerate(examples.MEMBERSHIP[1:])),
]
BARE = [row[1:] for row in COVARIATES]


def refused(customers, covariates, model="BG/NBD"):
    return FUNCTION.explain(customers, covariates, model)


def changed(row, column, cell):
    table = [list(each) for each in COVARIATES]
    table[row][column] = cell
    return table


@pytest.fixture(scope="module")
def by_key():
    return FUNCTION(CUSTOMERS, COVARIATES, "BG/NBD")


def test_the_example_finds_what_was_planted():
    table = FUNCTION(*FUNCTION.example.arguments)
    assert [row[:2] for row in table[1:5]] == [
        ["member", "purchase"],
        ["member", "dropout"],
        ["member", "both"],
        ["all covariates", "both"],
    ]
    assert table[1][2] == pytest.approx(0.917, abs=1e-3)
    assert table[2][2] == pytest.approx(-1.327, abs=1e-3)
    assert {row[0] for row in table[5:]} == {"note"}


def test_rows_in_order_and_rows_joined_by_key_give_the_same(by_key):
    assert [row[:2] for row in by_key[1:4]] == [["member", "purchase"], ["member", "dropout"], ["member", "both"]]
    assert FUNCTION(CUSTOMERS, BARE, "BG/NBD") == by_key
    others = [["X", True, 99], *COVARIATES[:0:-1]]
    assert FUNCTION(CUSTOMERS, [COVARIATES[0], *others], "BG/NBD") == by_key
    assert FUNCTION([row[1:] for row in CUSTOMERS], BARE, "BG/NBD") == by_key


def test_yes_and_no_are_one_and_zero_and_numbers_may_be_text(by_key):
    table = [COVARIATES[0], *([key, int(member), str(age)] for key, member, age in COVARIATES[1:])]
    assert FUNCTION(CUSTOMERS, table, "BG/NBD") == by_key


def test_a_category_stands_against_its_most_frequent_level_and_blanks_are_one():
    table = [["shop"], *([["web", "store", None, "web"][i % 4]] for i in range(36))]
    found = FUNCTION(CUSTOMERS, table, "BG/NBD")
    assert [row[0] for row in found if row[1] == "dropout"] == [
        "shop: missing (against web)",
        "shop: store (against web)",
    ]


def test_rows_that_are_no_history_are_left_out_with_their_covariates():
    broken = [*CUSTOMERS[:11], ["C", -1, 0, 5], *CUSTOMERS[11:], [None] * 4]
    covariates = [*BARE[:11], ["#N/A", "x"], *BARE[11:]]
    assert FUNCTION(broken, covariates, "BG/NBD") == FUNCTION(CUSTOMERS, BARE, "BG/NBD")
    assert FUNCTION(broken, [*covariates, [None, None]], "BG/NBD") == FUNCTION(CUSTOMERS, BARE, "BG/NBD")


def test_a_log_is_joined_by_key():
    day = dt.datetime(2024, 1, 1)
    log = [["customer_id", "date"]]
    for key, frequency, recency, T in CUSTOMERS[1:]:
        days = {0, *(round(7 * recency * (i + 1) / frequency) for i in range(frequency))}
        log += [[key, day + dt.timedelta(days=7 * (39 - T) + each)] for each in sorted(days)]
    log.append(["C01", day + dt.timedelta(days=7 * 39)])
    found = FUNCTION(log, COVARIATES, "Pareto/NBD")
    assert found[1][:2] == ["member", "purchase"]
    assert "a log of transactions" in refused(log, BARE)


def test_of_a_table_the_name_is_taken(by_key):
    assert FUNCTION(CUSTOMERS, COVARIATES, examples.BGNBD) == by_key
    assert refused(CUSTOMERS, COVARIATES, "MBG/NBD") == (
        "model 'MBG/NBD' takes no covariates; use one of Pareto/NBD, BG/NBD."
    )


@pytest.mark.parametrize(
    ("covariates", "sentence"),
    [
        (BARE[:30], "29 rows beside 36 customers"),
        ([*BARE, [True, 20]], "37 rows beside 36 customers"),
        (COVARIATES[:30], 'no row for customer_id "C30"; 7 of 36 customers'),
        ([*COVARIATES, COVARIATES[5]], 'customer_id "C05" stands there 2 times'),
        (BARE[1:], "the first row must name every covariate"),
        ([["member", "Member"], *BARE[1:]], 'two columns are called "member"'),
        ([["customer_id"], *([row[0]] for row in COVARIATES[1:])], "no column but the customers' key"),
        (changed(3, 2, None), 'covariate "age": row 4 is blank; 1 rows affected'),
        (changed(3, 2, "#N/A"), 'covariate "age": row 4 holds an error, #N/A'),
        (changed(3, 2, dt.datetime(1980, 1, 1)), 'covariate "age": row 4 holds a date; give a number, such as an age'),
        (changed(3, 2, "forty"), 'covariate "age": row 4 holds "forty" and other rows numbers'),
        ([["member"], *[[None]] * 35, [" "]], "no row below the header"),
        ([["member", "age"], *([None, row[1]] for row in BARE[1:])], 'covariate "member": the column is blank'),
        ([["member"], *[[1]] * 36], 'covariate "member": it is 1 for every customer'),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(covariates, sentence):
    assert sentence in refused(CUSTOMERS, covariates)


def test_covariates_with_a_key_need_customers_with_one():
    assert "customers have none" in refused([row[1:] for row in CUSTOMERS], COVARIATES)
