"""The profile of focal customers: planted differences, noise, leaks, small cells."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.attributes import read_attributes
from pyfuncs.analysis.profile import ANSWERED, FALSE_DISCOVERIES, profile
from pyfuncs.errors import InputError, InsufficientDataError


def by_level(found):
    return found.rows.set_index(["attribute", "level"])


def attributes_of(**columns):
    return read_attributes(pd.DataFrame(columns)).attributes


@pytest.fixture
def planted():
    """2,000 customers, 400 focal, who are twice as often referred, older, and complain less."""
    rng = np.random.default_rng(7)
    n, focal = 2000, np.arange(2000) < 400
    channel = np.where(rng.random(n) < np.where(focal, 0.4, 0.2), "referral", rng.choice(["ads", "shop"], n))
    return focal, attributes_of(
        channel=channel,
        age=rng.normal(np.where(focal, 45, 40), 10),
        says=np.where(rng.random(n) < np.where(focal, 0.1, 0.3), "slow; dear", "nice"),
        joined=np.datetime64("2020-01-01") + (rng.random(n) * 300).astype(int) + np.where(focal, 0, 60),
        **{f"noise {i}": rng.choice(["a", "b", "c"], n) for i in range(8)},
        **{f"more noise {i}": rng.lognormal(size=n) for i in range(8)},
    )


def test_planted_differences_are_found_and_lead_the_table(planted):
    found = profile(planted[1], planted[0])
    rows = by_level(found)
    assert set(found.rows["attribute"].head(8)) == {"channel", "age", "says", "joined"}
    assert rows.loc[("channel", "referral"), "lower"] < 2 < rows.loc[("channel", "referral"), "upper"]
    assert rows.loc[("says", "slow"), "upper"] < 0.6
    assert rows.loc[("age", ""), "difference_low"] < 5 < rows.loc[("age", ""), "difference_high"]
    assert rows.loc[("joined", ""), "difference"] == pytest.approx(-60, abs=10)
    assert np.isnan(rows.loc[("joined", ""), "lift"])
    assert (rows.loc[[("channel", "referral"), ("age", ""), ("says", "dear"), ("joined", "")], "q_value"] < 0.001).all()
    assert f"{found.tests} comparisons tested at once" in found.statement


def test_beyond_doubt_the_size_of_a_difference_decides_the_order():
    rng = np.random.default_rng(3)
    focal = np.arange(40_000) < 8000
    small = rng.normal(np.where(focal, 0.2, 0), 1)
    large = np.where(rng.random(40_000) < 0.95, np.nan, rng.normal(np.where(focal, 0.8, 0), 1))
    rows = profile(attributes_of(small=small, large=large), focal).rows
    assert rows["attribute"].tolist() == ["large", "small"]
    assert rows["p_value"][1] < rows["p_value"][0] < 0.001


def test_figures_by_hand():
    focal = np.repeat([True, False], [50, 100])
    club = np.r_[np.repeat([1, 0], [30, 20]), np.repeat([1, 0], [20, 80])]
    rows = by_level(profile(attributes_of(club=club, size=np.r_[np.full(50, 6.0), np.full(100, 4.0)] + club), focal))
    assert rows.loc[("club", ""), ["focal", "others", "lift"]].tolist() == pytest.approx([0.6, 0.2, 3.0])
    assert rows.loc[("size", ""), ["focal", "others", "difference"]].tolist() == pytest.approx([6.6, 4.2, 2.4])
    assert rows.loc[("club", ""), ["focal_customers", "customers"]].tolist() == [50, 150]


def test_the_false_discovery_rate_on_noise_is_what_it_says():
    called, times = 0, 120
    for seed in range(times):
        rng = np.random.default_rng(seed)
        n = 500
        noise = {f"number {i}": rng.lognormal(size=n) for i in range(8)}
        noise |= {f"word {i}": rng.choice(list("abcd"), n, p=[0.5, 0.3, 0.12, 0.08]) for i in range(6)}
        called += profile(attributes_of(**noise), np.arange(n) < 100).found > 0
    # On pure noise every discovery is false, so the chance of any is the rate; 0.10 with three standard errors above.
    assert called / times < FALSE_DISCOVERIES + 3 * np.sqrt(0.1 * 0.9 / times)


def test_among_planted_differences_few_of_the_found_are_false():
    false = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        n, focal = 1000, np.arange(1000) < 200
        real = {f"real {i}": rng.random(n) < np.where(focal, 0.35, 0.2) for i in range(5)}
        noise = {f"noise {i}": rng.random(n) < 0.25 for i in range(30)}
        rows = profile(attributes_of(**real, **noise), focal).rows
        names = rows["attribute"][rows["q_value"] <= FALSE_DISCOVERIES]
        assert names.str.startswith("real").sum() >= 2
        false.append(names.str.startswith("noise").mean())
    assert np.mean(false) < FALSE_DISCOVERIES + 3 * np.std(false) / np.sqrt(len(false))


def test_what_is_made_of_spend_is_flagged_and_not_tested():
    rng = np.random.default_rng(1)
    value = rng.gamma(1, 100, 600)
    focal = value > np.quantile(value, 0.8)
    columns = {
        "Total spend": rng.normal(size=600),
        "loyalty points": value * rng.uniform(0.9, 1.1, 600),
        "gold": np.where(focal, "gold", "none of it"),
        "premium": value > np.quantile(value, 0.8),
        "free": rng.choice(["a", "b"], 600),
    }
    found = profile(attributes_of(**columns), focal, value)
    leaking = found.rows[found.rows["note"].str.startswith("not a cause")]
    assert set(leaking["attribute"]) == {"Total spend", "loyalty points", "gold", "premium"}
    assert leaking[["p_value", "q_value"]].isna().all(axis=None)
    assert leaking["lift"].notna().any()
    assert found.tests == 1
    separated = profile(attributes_of(points=value), focal).rows["note"][0]
    assert separated == "not a cause: it separates focal customers perfectly"


def test_small_cells_are_shown_and_not_tested():
    focal = np.repeat([True, False], [100, 300])
    word = np.array(["common"] * 400, dtype=object)
    word[:20] = "rare"
    few = np.full(400, np.nan)
    few[:29] = np.arange(29)
    few[100:] = np.arange(300)
    rows = by_level(profile(attributes_of(word=word, few=few, same=np.ones(400)), focal))
    assert rows.loc[("word", "rare"), "focal"] == 0.2
    for key in (("word", "rare"), ("few", "")):
        assert np.isnan(rows.loc[key, "q_value"])
        assert "too few" in rows.loc[key, "note"]
    assert rows.loc[("same", ""), "note"] == "does not vary"
    assert "68% unknown" not in rows.loc[("few", ""), "note"]
    assert "18% unknown" in rows.loc[("few", ""), "note"]


def test_of_two_levels_that_say_the_same_one_is_compared():
    focal = np.repeat([True, False], [100, 300])
    married = np.where(np.arange(400) % 10 < np.where(focal, 7, 4), "Married", "Unmarried").astype(object)
    married[::7] = None
    wed, single, many = (
        profile(attributes_of(status=status, free=np.arange(400) % 3), focal)
        for status in (
            married,
            np.where(married == "Married", "no", married),
            np.array(list("abc"))[np.arange(400) % 3],
        )
    )
    assert wed.rows["level"].tolist() == ["Married", ""]  # which focal customers have more often
    assert wed.tests == 2
    assert single.rows["level"].tolist() == ["no", ""]
    assert (many.rows["attribute"] == "status").sum() == 3


def test_two_tags_are_two_comparisons_because_a_customer_may_have_both():
    focal = np.repeat([True, False], [100, 300])
    says = np.where(np.arange(400) % 2, "price; speed", "speed")
    assert (profile(attributes_of(says=says), focal).rows["attribute"] == "says").sum() == 2


def test_what_comes_of_how_a_log_was_made_is_shown_and_not_tested():
    focal = np.repeat([True, False], [100, 300])
    month = replace(attributes_of(month=np.where(focal, "January", "May"))[0], artefact="the log begins here")
    found = profile([month], focal)
    assert found.tests == 0
    assert found.rows["note"].tolist() == ["not a cause: the log begins here"]


def test_tags_are_compared_among_those_who_answered_and_answering_is_a_row():
    focal = np.repeat([True, False], [100, 300])
    says = np.array([None] * 400, dtype=object)
    says[:80] = ["price; speed"] * 40 + ["speed"] * 40
    says[100:180] = ["price"] * 40 + ["speed"] * 40
    rows = by_level(profile(attributes_of(says=says), focal))
    assert rows.loc[("says", "price"), ["focal", "others"]].tolist() == [0.5, 0.5]
    assert rows.loc[("says", ANSWERED), ["focal", "others", "lift"]].tolist() == pytest.approx([0.8, 80 / 300, 3.0])
    assert rows.loc[("says", ANSWERED), "customers"] == 400
    assert rows.loc[("says", "price"), "customers"] == 160


def test_customers_without_a_label_are_not_counted():
    rng = np.random.default_rng(2)
    focal = np.r_[np.ones(50), np.zeros(100), np.full(30, np.nan)]
    x = rng.normal(size=180)
    found = profile(attributes_of(x=x), focal)
    pd.testing.assert_frame_equal(found.rows, profile(attributes_of(x=x[:150]), focal[:150]).rows)
    assert (found.focal, found.others) == (50, 100)


def test_probabilities_weigh_customers_into_both_groups():
    rng = np.random.default_rng(4)
    n = 3000
    p = rng.beta(0.5, 2, n)
    focal = rng.random(n) < p
    club = rng.random(n) < np.where(focal, 0.6, 0.3)
    sharp, soft = (by_level(profile(attributes_of(club=club), each)).loc[("club", "TRUE")] for each in (focal, p))
    assert sharp["focal"] == pytest.approx(0.6, abs=0.05)
    assert 0.3 < soft["focal"] < sharp["focal"]
    assert soft["q_value"] < 0.001
    assert soft["focal_customers"] == round(p.sum())
    certain = profile(attributes_of(club=club), focal.astype(float)).rows
    pd.testing.assert_frame_equal(certain, profile(attributes_of(club=club), focal).rows)


def test_what_cannot_be_compared_is_refused_with_what_to_do():
    x = attributes_of(x=[1.0, 2.0, 3.0])
    with pytest.raises(InsufficientDataError, match="focal customers and others"):
        profile(x, [True, True, True])
    with pytest.raises(InputError, match="2 segments"):
        profile(x, [True, False])
    with pytest.raises(InputError, match="values"):
        profile(x, [True, False, False], [1.0])
    with pytest.raises(InsufficientDataError, match="no attribute"):
        profile([], [True, False])
    with pytest.raises(InputError, match="level"):
        profile(x, [True, False, False], level=90)


def test_a_note_says_when_focal_customers_are_not_known_alike():
    focal = np.arange(1000) < 200
    asked = np.where(focal, np.arange(1000) % 2 == 0, np.arange(1000) % 10 == 0)
    age = np.where(asked, 20.0 + np.arange(1000) % 40, np.nan)
    rows = by_level(profile(attributes_of(age=age), focal))
    assert rows.loc[("age", ""), "note"] == "82% unknown (focal: 50%)"
