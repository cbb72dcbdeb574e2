"""Likeness to focal customers: a planted signal is recovered, noise is called chance, leaks are left out."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from pyfuncs.analysis.attributes import read_attributes
from pyfuncs.analysis.lookalike import lookalike, report
from pyfuncs.errors import InputError, InsufficientDataError


def population(seed, strength, n=1500):
    """Attributes, focal labels and first purchases; `strength` is how much the attributes tell."""
    rng = np.random.default_rng(seed)
    channel, age = rng.choice(["ads", "shop", "referral"], n), rng.normal(40, 10, n)
    odds = -1.5 + strength * ((channel == "referral") * 1.2 + (age - 40) / 12)
    frame = pd.DataFrame({"channel": channel, "age": age, "noise": rng.lognormal(size=n)})
    return frame, (rng.random(n) < expit(odds)).astype(float), rng.integers(18_000, 18_400, n).astype(float), odds


def test_a_planted_signal_is_recovered_on_later_cohorts():
    frame, focal, first, odds = population(1, 1.0)
    found = lookalike(read_attributes(frame).attributes, focal, first)
    assert found.better_than_chance
    assert "better than chance" in found.verdict
    assert np.corrcoef(found.likeness, expit(odds))[0, 1] > 0.95
    assert found.lift_low > 1.5
    assert (found.trained, found.tested) == ((first <= found.since).sum(), (first > found.since).sum())
    assert 0.25 < found.tested / 1500 <= 0.3
    assert found.fifths["customers"].sum() == found.tested
    assert found.fifths["actual"].is_monotonic_decreasing


def test_the_interval_of_the_area_holds_what_the_truth_gives():
    held = 0
    for seed in range(40):
        frame, focal, first, _ = population(seed, 1.0, n=600)
        found = lookalike(read_attributes(frame).attributes, focal, first)
        held += found.auc_low < 0.74 < found.auc_high  # mean AUC of likeness learned from 420 customers
    assert held >= 31  # of 40 at 90 %, less three standard errors


def test_on_noise_likeness_is_no_better_than_chance():
    better = 0
    for seed in range(60):
        frame, focal, first, _ = population(seed, 0.0, n=400)
        found = lookalike(read_attributes(frame).attributes, focal, first)
        better += found.better_than_chance
    assert better <= 9  # 5 % of 60 and three standard errors
    assert "no better than chance" in found.verdict


def test_of_noise_few_signals_are_telling():
    telling = seen = 0
    for seed in range(60):
        frame, focal, first, _ = population(seed, 0.0, n=400)
        found = lookalike(read_attributes(frame).attributes, focal, first)
        signals = found.signals
        telling += int(((signals["lower"] > 1) | (signals["upper"] < 1)).sum())
        seen += len(signals)
    assert telling / seen <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / seen)


def test_expected_shares_are_calibrated_where_nothing_drifts():
    frame, focal, first, _ = population(5, 1.0, n=6000)
    found = lookalike(read_attributes(frame).attributes, focal, first)
    assert (
        (found.fifths["lower"] < found.fifths["expected"]) & (found.fifths["expected"] < found.fifths["upper"])
    ).sum() >= 4


def test_expected_shares_stand_at_the_level_of_those_tested():
    frame, focal, first, odds = population(5, 1.0, n=6000)
    late = first > np.quantile(first, 0.7)
    focal[late] = (np.random.default_rng(1).random(late.sum()) < expit(odds[late] - 2)).astype(float)
    found = lookalike(read_attributes(frame).attributes, focal, first)
    assert found.trained_share > 2 * found.tested_share
    assert (found.fifths["expected"] * found.fifths["customers"]).sum() / found.tested == pytest.approx(
        found.tested_share, abs=1e-9
    )
    assert found.better_than_chance
    assert (
        (found.fifths["lower"] < found.fifths["expected"]) & (found.fifths["expected"] < found.fifths["upper"])
    ).sum() >= 4


def test_signals_are_the_attributes_that_were_planted():
    frame, focal, first, _ = population(5, 1.0, n=6000)
    frame["member"] = np.where(np.random.default_rng(1).random(6000) < np.where(focal == 1, 0.3, 0.15), "in", "out")
    found = lookalike(read_attributes(frame).attributes, focal, first)
    signals = {(row.attribute, row.level): row for row in found.signals.itertuples()}
    age = signals["age", ""]
    assert age.step == pytest.approx(10, rel=0.1)
    assert age.lower < np.exp(10 / 12) < age.upper
    assert signals["channel", "referral"].odds_ratio > 1 > signals["channel", "ads"].odds_ratio
    assert ("member", "out") not in signals  # it says what "in" says
    assert signals["member", "in"].odds_ratio == pytest.approx(0.3 / 0.7 * 0.85 / 0.15, rel=0.2)
    assert found.telling["attribute"].tolist()[0] == "age"
    assert "noise" not in set(found.telling["attribute"])
    shown = report(found).set_index("measure")
    assert shown.loc["odds ratio: member: in", "lower"] > 1
    assert shown.loc["odds ratio: member: in", "note"] == "more often focal"


def test_probabilities_above_a_half_count_as_focal():
    frame, focal, first, _ = population(1, 1.0)
    attributes = read_attributes(frame).attributes
    sharp, soft = (lookalike(attributes, each, first) for each in (focal, 0.3 + 0.4 * focal))
    np.testing.assert_array_equal(sharp.likeness, soft.likeness)


def test_many_customers_are_learned_from_a_part_whatever_their_order():
    rng = np.random.default_rng(1)
    n = 120_000
    focal = (np.arange(n) % 12 == 0).astype(float)
    club = rng.random(n) < np.where(focal == 1, 0.5, 0.2)
    found = lookalike(read_attributes(pd.DataFrame({"club": club})).attributes, focal)
    expected = np.where(club, 0.5 / (0.5 + 0.2 * 11), 0.5 / (0.5 + 0.8 * 11))
    np.testing.assert_allclose(found.likeness, expected, rtol=0.1)


def test_prospects_are_scored_and_do_not_teach():
    frame, focal, first, odds = population(2, 1.0)
    mine = focal.copy()
    mine[1000:] = np.nan
    found = lookalike(read_attributes(frame).attributes, mine, first)
    assert found.trained + found.tested == 1000
    assert np.corrcoef(found.likeness[1000:], expit(odds[1000:]))[0, 1] > 0.9


def test_attributes_made_of_what_customers_did_since_are_left_out():
    frame, focal, first, _ = population(3, 0.5)
    frame["frequency"] = np.arange(len(frame)) % 7
    frame["points"] = focal + np.random.default_rng(1).normal(0, 0.1, len(frame))
    frame["club"] = np.where(focal == 1, "gold", "grey")
    found = lookalike(read_attributes(frame).attributes, focal, first)
    assert set(found.left_out) == {"frequency", "points", "club"}
    assert "purchases" in found.left_out["frequency"]
    assert [row for row in report(found)["measure"] if row.startswith("left out")] == [
        "left out: frequency", "left out: points", "left out: club",
    ]  # fmt: skip


def test_unknown_values_and_new_levels_do_no_harm():
    frame, focal, first, _ = population(4, 1.0)
    frame.loc[::3, "age"] = np.nan
    frame.loc[first > 18_350, "channel"] = "new"
    found = lookalike(read_attributes(frame).attributes, focal, first)
    assert np.isfinite(found.likeness).all()
    assert ((found.likeness > 0) & (found.likeness < 1)).all()


def test_that_focal_customers_were_the_ones_who_were_asked_tells_nothing_of_prospects():
    _, focal, first, _ = population(4, 0.0)
    draw = np.random.default_rng(2)
    asked = draw.random(len(focal)) < np.where(focal == 1, 0.8, 0.1)
    answers = pd.DataFrame({"age": draw.normal(40, 9, len(focal)), "club": draw.choice(["a", "b"], len(focal))})
    found = lookalike(read_attributes(answers[asked].reindex(answers.index)).attributes, focal, first)
    assert not found.better_than_chance


def test_without_dates_a_random_part_is_tested_the_same_each_time():
    frame, focal, _, _ = population(6, 1.0)
    attributes = read_attributes(frame).attributes
    found = lookalike(attributes, focal)
    assert 0.25 < found.tested / 1500 < 0.35
    assert "customers it had not seen" in found.verdict
    assert found.verdict == lookalike(attributes, focal).verdict


def test_likeness_that_turned_round_is_worse_than_chance():
    frame, focal, first, odds = population(8, 2.0)
    late = first > np.quantile(first, 0.7)
    focal[late] = (np.random.default_rng(1).random(late.sum()) < expit(-odds[late])).astype(float)
    assert "worse than chance" in lookalike(read_attributes(frame).attributes, focal, first).verdict


def test_too_little_to_learn_or_test_is_refused_with_what_is_needed():
    frame, focal, first, _ = population(9, 1.0, n=60)
    attributes = read_attributes(frame).attributes
    with pytest.raises(InsufficientDataError, match="at least 10 of each"):
        lookalike(attributes, (np.arange(60) < 8).astype(float), first)
    with pytest.raises(InsufficientDataError, match="test on"):
        lookalike(attributes, (np.arange(60) % 2).astype(float), np.zeros(60))
    with pytest.raises(InsufficientDataError, match="first purchase"):
        lookalike(attributes, focal, np.full(60, np.nan))
    with pytest.raises(InsufficientDataError, match="no attribute"):
        lookalike([], (np.arange(80) % 2).astype(float), np.arange(80.0))
    with pytest.raises(InputError, match="first_purchase: 3 rows"):
        lookalike(attributes, focal, first[:3])
