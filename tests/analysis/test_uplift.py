"""Response by segment: planted uplift found, noise not called, what mixes segments said."""

import numpy as np
import pytest

from pyfuncs.analysis.uplift import BANNER, FEWEST, uplift
from pyfuncs.errors import InputError, InsufficientDataError


def effort(rng, n=4000, raised=0.1, money=False, shares=(0.5, 0.5)):
    """Customers of two segments; the effort raises the response of the first alone."""
    first = rng.random(n) < 0.4
    treated = rng.random(n) < np.where(first, *shares)
    chance = 0.2 + raised * (first & treated)
    outcome = (rng.random(n) < chance).astype(float)
    return outcome * rng.lognormal(3, 1, n) if money else outcome, treated, np.where(first, "one", "two").tolist()


@pytest.mark.parametrize("money", [False, True])
def test_planted_uplift_is_found_where_it_was_planted(money):
    found = uplift(*effort(np.random.default_rng(1), n=12000, raised=0.15, money=money), randomised=True)
    rows = found.rows.set_index("segment")
    assert list(rows.index) == ["all", "two", "one"]
    assert rows.loc["one", "q_value"] < 0.01
    assert rows.loc["two", "q_value"] > 0.1
    truth = 0.15 * (np.exp(3.5) if money else 1.0)
    assert rows.loc["one", "lower"] < truth < rows.loc["one", "upper"]
    assert rows.loc["one", "incremental"] == pytest.approx(
        rows.loc["one", "uplift"] * rows.loc["one", "treated_customers"]
    )
    assert any("their uplifts differ" in each for each in found.statements)


def test_shares_are_those_of_the_hand():
    outcome = np.array([1, 1, 1, 0] * 10 + [1, 0, 0, 0] * 10, dtype=float)
    found = uplift(outcome, np.arange(80) < 40).rows.iloc[0]
    assert (found["treated_outcome"], found["control_outcome"]) == (0.75, 0.25)
    assert (found["uplift"], found["relative_uplift"], found["incremental"]) == (0.5, 2.0, 20.0)


@pytest.mark.parametrize("money", [False, True])
def test_of_efforts_that_do_nothing_few_are_called(money):
    called = [
        uplift(*effort(np.random.default_rng(seed), 400, 0.0, money)).rows["p_value"].iloc[0] <= 0.05
        for seed in range(200)
    ]
    assert 0 < np.mean(called) < 0.09


def test_the_interval_holds_the_truth_as_often_as_it_says():
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        row = uplift(*effort(rng, 600, 0.1)[:2]).rows.iloc[0]
        held.append(row["lower"] <= 0.04 <= row["upper"])
    assert 0.84 < np.mean(held) < 0.96


def test_few_in_a_group_are_shown_and_not_tested():
    outcome, treated, segments = effort(np.random.default_rng(2), 200)
    segments[: FEWEST - 1] = ["few"] * (FEWEST - 1)
    few = uplift(outcome, treated, segments).rows.set_index("segment").loc["few"]
    assert np.isfinite(few["uplift"])
    assert np.isnan(few["p_value"])
    assert "not tested" in few["note"]


def test_a_segment_without_a_group_has_no_figure():
    outcome, treated, segments = effort(np.random.default_rng(2), 200)
    segments = [
        "none" if given and i < 60 else name for i, (given, name) in enumerate(zip(treated, segments, strict=True))
    ]
    for values in (outcome, outcome * 2.5):
        row = uplift(values, treated, segments).rows.set_index("segment").loc["none"]
        assert row["control_customers"] == 0
        assert np.isnan(row[["control_outcome", "uplift", "lower", "p_value", "incremental"]].astype(float)).all()


def test_segments_treated_unlike_are_said_and_the_banner_is_first():
    alike = uplift(*effort(np.random.default_rng(3)), randomised=True)
    unlike = uplift(*effort(np.random.default_rng(3), shares=(0.8, 0.3)))
    assert not any("not treated alike" in each for each in alike.statements)
    assert unlike.statements[0] == BANNER
    assert "not treated alike: from 30% to 79% of their customers" in unlike.statements[1]


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(InsufficientDataError, match="two or more customers treated"):
        uplift(np.ones(5), np.ones(5, dtype=bool))
    with pytest.raises(InputError, match="level"):
        uplift(np.ones(5), np.arange(5) < 2, level=1.0)
