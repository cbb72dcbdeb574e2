"""The functions on relationships and FACTOR_TEST: tables as they come, what is set aside, refusals in words."""

import datetime as dt

import pytest

from pyfuncs.functions import CATALOGUE, examples

PDC, UPLIFT, REFERRAL, FACTOR = (
    CATALOGUE[name] for name in ("ADHERENCE_PDC", "RESPONSE_UPLIFT", "REFERRAL_VALUE", "FACTOR_TEST")
)


def rows(table):
    return [list(row) for row in table]


def column(*values):
    return [[value] for value in values]


# ---- adherence ----------------------------------------------------------------------------------------------------


def test_fills_are_read_by_header_in_any_order_and_by_position():
    found = PDC(examples.FILLS, None, "2024-03-30")
    turned = [[supply, drug, day, patient] for patient, day, supply, drug in examples.FILLS]
    turned[0] = ["Days Supply", "Medication", "Fill Date", "Patient ID"]
    assert PDC(turned, None, "2024-03-30") == found
    assert PDC(examples.FILLS[1:], None, "2024-03-30") == found[1:]


def test_without_a_product_all_supplies_are_of_one():
    found = PDC([row[:3] for row in examples.FILLS], None, "2024-03-30")
    assert found[3][2] == 60  # B is carried forward too


def test_the_window_ends_with_the_last_fill_and_begins_where_it_is_said():
    assert [row[1] for row in PDC(examples.FILLS)[1:]] == [72, 63, 42]
    assert [row[1] for row in PDC(examples.FILLS, dt.datetime(2024, 1, 20))[1:]] == [53, 53, 42]
    assert "is after the end" in PDC.explain(examples.FILLS, "2025-01-01")


def test_bad_rows_are_set_aside_and_counted():
    bad = [("", "2024-01-01", 30, "A"), ("Ann", "soon", 30, "A"), ("Ann", "2024-01-01", 0, "A"),
           ("Ann", "2024-01-01", 2.5, "A"), ("Ann", "2024-01-01", "#N/A", "A"),
           ("Ann", "2024-01-01", 1e9, "A")]  # fmt: skip
    report = PDC([*rows(examples.FILLS), *bad], None, "2024-03-30", None, True)
    assert ["fills set aside", 6] in [row[:2] for row in report]
    assert PDC([*rows(examples.FILLS), *bad], None, "2024-03-30") == PDC(examples.FILLS, None, "2024-03-30")


def test_the_report_has_share_mean_and_median():
    report = PDC(examples.FILLS, None, "2024-03-30", 0.95, True)
    assert report[0] == ["measure", "value", "lower", "upper", "note"]
    assert report[2][:2] == ["share with PDC at or over 95%", pytest.approx(1 / 3)]
    assert report[4][0] == "median persistence, days"


@pytest.mark.parametrize(
    ("fills", "sentence"),
    [
        ([["patient", "date"], ["Ann", "2024-01-01"]], "no column for supply"),
        ([["Ann", "2024-01-01"]], "2 columns; needed are customer, date, supply"),
        (
            [["patient", "date", "days supply"], ["Ann", "2024-01-01", -1]],
            "no row has a patient, a date and whole days",
        ),
        ([["patient", "date", "days supply"], [None, None, None]], "no row below the header"),
    ],
)
def test_fills_that_cannot_be_used_are_refused_in_words(fills, sentence):
    assert sentence in PDC.explain(fills)


# ---- response -----------------------------------------------------------------------------------------------------


def test_the_banner_stands_first_unless_the_effort_was_randomised():
    headed = [["bought"], *rows(examples.BOUGHT)]
    assert UPLIFT(headed, examples.MAILED)[1][0].startswith("not randomised")
    assert UPLIFT(headed, examples.MAILED, None, True)[1][0] == "all"
    assert UPLIFT(headed, examples.MAILED, None, True)[0][0] == "segment"


def test_headers_stand_over_any_of_the_columns_and_words_are_segments():
    found = UPLIFT(examples.BOUGHT, examples.MAILED, examples.MAILED_SEGMENTS)
    yes = column("bought", *(bool(cell) for (cell,) in examples.BOUGHT))
    assert (
        UPLIFT(yes, column("mailed", *(bool(cell) for (cell,) in examples.MAILED)), examples.MAILED_SEGMENTS)[1:]
        == found
    )
    shops = column("shop", *(f"shop {label}" for (label,) in examples.MAILED_SEGMENTS))
    assert UPLIFT(examples.BOUGHT, examples.MAILED, shops)[2][0] == "shop Core"


def test_numbers_are_compared_as_means():
    found = UPLIFT(column(*(10.0 * cell for (cell,) in examples.BOUGHT)), examples.MAILED, None, True)
    assert found[0][3:6] == [5.5, 2.5, 3.0]
    assert found[0][11] == pytest.approx(240.0)


def test_rows_without_outcome_or_treatment_are_set_aside_and_counted():
    outcome, mailed = rows(examples.BOUGHT), rows(examples.MAILED)
    outcome[0], mailed[1] = ["#N/A"], [None]
    found = UPLIFT(outcome, mailed, None, True)
    assert found[0][1:3] == [79, 79]
    assert found[-1][0].startswith("2 of 160 rows")


def test_what_is_no_effort_is_refused_in_words():
    assert "159 rows beside 160" in UPLIFT.explain(examples.BOUGHT, examples.MAILED[1:])
    assert "neither TRUE nor FALSE" in UPLIFT.explain(examples.BOUGHT, [["maybe"]] * 160)
    assert "two or more customers treated" in UPLIFT.explain(examples.BOUGHT, [[1]] * 160)
    assert "2 columns where one is needed" in UPLIFT.explain(examples.BOUGHT, [[1, 0]] * 160)


# ---- referrals ----------------------------------------------------------------------------------------------------


def test_referrals_are_read_by_header_and_by_position_and_undated():
    found = REFERRAL(*REFERRAL.example.arguments)
    bare = REFERRAL(examples.REFERRALS[1:], examples.CUSTOMER_VALUES[1:], 20, 0.5)
    assert bare == found[1:]
    turned = [
        ["Referral date", "Referred by", "Referee"],
        *([day, one, other] for one, other, day in examples.REFERRALS[1:]),
    ]
    assert REFERRAL(turned, examples.CUSTOMER_VALUES, 20) == found
    assert REFERRAL([row[:2] for row in examples.REFERRALS], examples.CUSTOMER_VALUES, 20) == found


def test_what_is_set_aside_is_said_below_the_table():
    more = [*examples.REFERRALS, ("Cem", "Cem", None), ("Cem", "", None), ("Cem", "Gus", None), ("Gus", "Hal", None),
            ("Hal", "Gus", "2023-01-01")]  # fmt: skip
    said = " ".join(str(row[1]) for row in REFERRAL(more, examples.CUSTOMER_VALUES) if row[0] == "note")
    for sentence in ("never add it", "1 referrals name the referrer", "2 referrals go in a circle", "1 rows have no"):
        assert sentence in said


@pytest.mark.parametrize(
    ("referrals", "values", "sentence"),
    [
        ([["a", "a"]], [["a", 1]], "no row names a customer and somebody else"),
        ([["a", "b"]], [["a", "x"]], "no row has a customer and a value"),
        ([["a", "b"]], [["a", 1], ["a", 2]], '"a" stands there more than once'),
        ([["a"]], [["a", 1]], "1 columns; needed are referrer, referred"),
        ([["referrer", "day"], ["a", "2024-01-01"]], [["a", 1]], "no column for referred"),
    ],
)
def test_referrals_that_cannot_be_used_are_refused_in_words(referrals, values, sentence):
    assert sentence in REFERRAL.explain(referrals, values)


# ---- factors ------------------------------------------------------------------------------------------------------


def test_a_factor_is_joined_by_key_and_its_decision_said():
    found = FACTOR(*FACTOR.example.arguments)
    assert found[1][0] == "app"
    assert found[1][9] == "keep"
    assert "1 tested one by one in BG/NBD, 1 kept" in found[-1][1]
    more = [*examples.APP, ("nobody", 1)]
    assert FACTOR(examples.VISITS, more, *FACTOR.example.arguments[2:]) == found


def test_customers_acquired_after_the_split_count_where_the_factor_is_known():
    log = [*examples.VISITS, ("late", 45292 + 120), ("late", 45292 + 130), ("later", 45292 + 140)]
    found = FACTOR(log, [*examples.APP, ("late", 1)], "2024-04-01", "BG/NBD", "2024-07-01")
    assert found[1][1:3] == [22, 1]


def test_factors_that_cannot_be_used_are_refused_in_words():
    rest = FACTOR.example.arguments[2:]
    assert "no column customer_id" in FACTOR.explain(examples.VISITS, [row[1:] for row in examples.APP], *rest)
    assert 'no row for customer_id "V"' in FACTOR.explain(examples.VISITS, examples.APP[:-1], *rest)
    assert "split: 2024-07-01 is not before" in FACTOR.explain(
        examples.VISITS, examples.APP, "2024-07-01", None, "2024-07-01"
    )
    assert "takes no factors" in FACTOR.explain(examples.VISITS, examples.APP, rest[0], "MBG/NBD")
    blank = [*examples.APP[:-1], ("V", None)]
    assert 'factor "app": row 23 is blank' in FACTOR.explain(examples.VISITS, blank, *rest)
