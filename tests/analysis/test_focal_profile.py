"""The profile of a log's focal customers: what the log itself tells, and a table of further attributes."""

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.attribute_cells import read_attribute_cells
from pyfuncs.analysis.focal_profile import (
    AT_ACQUISITION,
    CUT_OUT,
    MONTH,
    SINCE,
    USAGE,
    WEEKDAY,
    at_acquisition,
    focal_profile,
    products_bought,
    usage,
)
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import read_log

ROWS = [
    ("A", "2024-01-01", 10.0, "tea", "web"),
    ("A", "2024-01-01", 5.0, "cup", None),
    ("A", "2024-01-11", 15.0, "tea", "shop"),
    ("B", "2024-02-06", 4.0, "cup", "shop"),
    ("C", "2024-02-07", 8.0, None, None),
    ("B", "2024-01-30", 6.0, "tea", "mail"),
]


def log_of(rows, **options):
    return read_log(pd.DataFrame(rows, columns=["customer", "date", "amount", "product", "channel"]), **options)


def by_name(attributes):
    return {one.name: one for one in attributes}


@pytest.fixture
def log():
    return log_of(ROWS)


@pytest.fixture
def customers(log):
    return histories(log).iloc[::-1].reset_index(drop=True)  # C, B, A: the order of a refit is another one


def words(attribute):
    found = [set() for _ in attribute.known]
    for customer, level in zip(attribute.holders, attribute.held, strict=True):
        found[customer].add(attribute.levels[level])
    return found


def test_the_first_purchase_tells_month_weekday_amount_channel_and_products(log, customers):
    found = by_name(at_acquisition(log, products_bought(log, customers), customers))
    assert words(found[MONTH]) == [{"February"}, {"January"}, {"January"}]
    assert words(found["Weekday of first purchase"]) == [{"Wednesday"}, {"Tuesday"}, {"Monday"}]
    assert found["Amount of first purchase"].numbers.tolist() == [8, 6, 15]
    assert words(found["Channel of first purchase"]) == [set(), {"mail"}, {"web"}]
    assert words(found["Product of first purchase"]) == [set(), {"tea"}, {"tea"}]  # A: tea for 10, a cup for 5
    assert found["Channel of first purchase"].known.tolist() == [False, True, True]


def test_columns_without_an_entry_tell_nothing():
    log = log_of([(*row[:3], None, None) for row in ROWS])
    found = at_acquisition(log, products_bought(log, people := histories(log)), people)
    assert [one.name for one in found] == [MONTH, "Weekday of first purchase", "Amount of first purchase"]


def test_usage_is_breadth_depth_pace_and_mix(log, customers):
    found = by_name(usage(products_bought(log, customers), customers))
    assert all(one.usage for one in found.values())
    expected = {
        "Days between purchases": [np.nan, 7, 10],
        "Different products": [np.nan, 2, 2],
        "Variety from purchase to purchase": [np.nan, 1, 0.5],  # A: tea and cup, then tea
        "Rows per purchase": [np.nan, 1, 1.5],
        "Share of spend on tea": [np.nan, 0.6, 25 / 30],
        "Share of spend on cup": [np.nan, 0.4, 5 / 30],
    }
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name].numbers, values)


def test_variety_does_not_depend_on_how_much_is_bought():
    rng = np.random.default_rng(1)
    rows = [
        (f"C{i:03}", str(np.datetime64("2024-01-01") + day), 1.0, f"p{rng.integers(4)}", "web")
        for i in range(400)
        for day in range(2 if i % 2 else 12)
        for _ in range(2)
    ]
    log = log_of(rows)
    found = by_name(usage(products_bought(log, histories(log)), histories(log)))
    variety = found["Variety from purchase to purchase"].numbers
    assert variety[1::2].mean() == pytest.approx(0.75, abs=0.05)
    assert variety[::2].mean() == pytest.approx(0.75, abs=0.01)
    assert found["Different products"].numbers[::2].mean() > 3.9


def test_a_log_of_dates_alone_still_tells_something():
    log = read_log(pd.DataFrame({"customer": ["A", "B"], "date": ["2024-01-01", "2024-01-02"]}))
    people = histories(log)
    assert [one.name for one in at_acquisition(log, products_bought(log, people), people)] == [
        MONTH,
        "Weekday of first purchase",
    ]
    assert [one.name for one in usage(products_bought(log, people), people)] == ["Days between purchases"]


@pytest.fixture(scope="module")
def many():
    """600 customers, 120 focal; three in four of these came by referral, one in four of the others."""
    rng = np.random.default_rng(1)
    focal = rng.permutation(600) < 120
    channel = np.where(rng.random(600) < np.where(focal, 0.75, 0.25), "referral", "web")
    day = np.datetime64("2024-01-01") + rng.integers(0, 120, 600)
    rows = [(f"C{i:03}", str(day[i]), 10.0 + i % 7, f"p{i % 3}", channel[i]) for i in range(600)]
    rows += [(f"C{i:03}", str(day[i] + 20 + i % 9), 12.0, f"p{i % 2}", "shop") for i in range(600) if focal[i]]
    log = log_of(rows)
    people = histories(log).assign(p_focal=focal * 1.0, value=np.where(focal, 100.0, 10.0))
    return log, people


def test_a_planted_channel_is_found_and_foretells_later_cohorts(many):
    found = focal_profile(*many)
    top = found.profile.rows[found.profile.rows["q_value"] <= 0.1]
    assert set(top["attribute"]) >= {"Channel of first purchase"}
    assert top["lift"].max() == pytest.approx(3.0, rel=0.3)
    assert found.likeness.better_than_chance
    assert found.statements == ()


def test_further_attributes_are_matched_by_customer(many):
    log, people = many
    extra = pd.DataFrame(
        {
            "Customer ID": [*people["customer_id"][::-1], "Nobody"],
            "club": [*(people["p_focal"][::-1] == 1), True],
            "age": 30.0,
            "said": ["price; speed", "speed"] * 300 + ["price"],
        }
    )
    found = focal_profile(log, people, more=read_attribute_cells(extra, "club, age"))
    club = found.profile.rows.set_index("attribute").loc["club"]
    assert (club["focal"], club["others"]) == (1, 0)
    assert "perfectly" in club["note"]
    assert "club" in found.likeness.left_out
    assert "said" in set(found.profile.rows["attribute"])


def test_only_what_was_known_at_acquisition_tells_who_is_like_focal_customers(many):
    log, people = many
    rng = np.random.default_rng(5)
    loyal = np.where(rng.random(600) < 0.2 + 0.6 * people["p_focal"], 1.0, 0.0)
    extra = pd.DataFrame({"customer": people["customer_id"], "loyal": loyal})
    known, unknown = (focal_profile(log, people, more=read_attribute_cells(extra, name)) for name in ("loyal", None))
    assert known.likeness.auc > unknown.likeness.auc + 0.02
    assert "loyal" in set(unknown.profile.rows["attribute"])


def test_what_was_known_at_acquisition_is_told_from_what_was_learned_since(many):
    log, people = many
    extra = pd.DataFrame({"customer": people["customer_id"], "age": np.arange(600) % 50, "offers": np.arange(600) % 7})
    when = focal_profile(log, people, more=read_attribute_cells(extra, "age")).profile.rows.set_index("attribute")[
        "when"
    ]
    assert (when["age"], when["offers"], when["Days between purchases"]) == (AT_ACQUISITION, SINCE, USAGE)
    assert (when[MONTH] == AT_ACQUISITION).all()


def test_that_nobody_said_what_was_known_at_acquisition_is_stated(many):
    log, people = many
    extra = pd.DataFrame({"customer": people["customer_id"], "age": np.arange(600) % 50})
    found = focal_profile(log, people, more=read_attribute_cells(extra))
    assert found.profile.rows.set_index("attribute")["when"]["age"] == SINCE
    assert found.statements == (
        "Setting 'Known at acquisition' is blank: no column of Attributes counts as known by then.",
    )


def test_in_a_log_that_begins_in_the_midst_the_time_of_the_first_purchase_tells_nothing(many):
    _, people = many
    rng = np.random.default_rng(2)
    day = np.where(np.arange(600) < 450, rng.integers(0, 28, 600), rng.integers(28, 800, 600))
    rows = [(name, str(np.datetime64("2024-01-01") + first), 10.0 + i % 7, f"p{i % 3}", "web")
            for i, (name, first) in enumerate(zip(people["customer_id"], day.tolist(), strict=True))]  # fmt: skip
    log = log_of(rows)
    customers = histories(log).assign(p_focal=np.where(np.arange(600) % 4, 0.1, 0.9), value=1.0)
    found = focal_profile(log, customers)
    notes = found.profile.rows.set_index("attribute")["note"]
    assert notes[MONTH].str.contains(f"not a cause: {CUT_OUT}").all()
    assert found.profile.rows.set_index("attribute")["q_value"][MONTH].isna().all()
    assert notes["Amount of first purchase"] == "the first in the log, not the first ever"
    assert found.statements[0].startswith("The log begins in the midst: 75% of its customers ")
    assert found.likeness.left_out == {MONTH: CUT_OUT, WEEKDAY: CUT_OUT}


def test_customers_count_by_their_probability_of_being_focal(many):
    log, people = many
    found = focal_profile(log, people.assign(p_focal=0.1 + 0.7 * people["p_focal"]))
    assert found.profile.focal == pytest.approx(0.1 * 480 + 0.8 * 120)


def test_without_focal_customers_the_reason_is_given(many):
    log, people = many
    assert "focal customers and others" in focal_profile(log, people.assign(p_focal=0.0))


def test_too_few_to_test_still_have_a_profile(many):
    log, people = many
    few = people.assign(p_focal=(np.arange(600) < 12) * 1.0)
    found = focal_profile(log, few)
    assert "are needed" in found.likeness
    assert found.profile.tests == 0
