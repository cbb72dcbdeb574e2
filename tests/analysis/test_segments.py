"""Segments: the rules against hand-made cases and a second, slower implementation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pyfuncs.analysis.segments import (
    BORDERLINE,
    BREAK_EVEN,
    BUDGET,
    CORE,
    FOCAL,
    LIGHT,
    TOP_SHARE,
    VALUE_SHARE,
    label,
    summary,
)
from pyfuncs.errors import InputError

# Few distinct values, so that ties are the rule.
tied_values = arrays(np.float64, st.integers(1, 40), elements=st.integers(-3, 6).map(float))


def focal_count(values, **rule):
    return int(np.count_nonzero(label(values, **rule) == FOCAL))


def test_the_top_fifth_of_ten_is_two_and_the_rest_halves():
    values = np.array([3.0, 10.0, 1.0, 9.0, 2.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    labels = label(values, TOP_SHARE, 0.2)
    assert set(values[labels == FOCAL]) == {10.0, 9.0}
    assert set(values[labels == CORE]) == {8.0, 7.0, 6.0, 5.0}
    assert set(values[labels == LIGHT]) == {1.0, 2.0, 3.0, 4.0}


def test_a_share_of_value_takes_the_fewest_customers_who_hold_it():
    values = [50.0, 30.0, 10.0, 5.0, 5.0, -20.0]
    assert focal_count(values, rule=VALUE_SHARE, threshold=0.5) == 1
    assert focal_count(values, rule=VALUE_SHARE, threshold=0.51) == 2
    assert focal_count(values, rule=VALUE_SHARE, threshold=1.0) == 5
    assert focal_count(values, rule=VALUE_SHARE, threshold=0.0) == 0


def test_a_share_of_value_is_not_thrown_off_by_rounding():
    assert focal_count([0.1] * 3 + [0.7 / 7 - 1e-3 * i for i in range(1, 8)], rule=VALUE_SHARE, threshold=0.0) == 0
    values = np.array([0.3, 0.2, 0.1]) / 0.6  # 0.3 + 0.2 is 5/6 of the value only up to rounding
    assert focal_count(values, rule=VALUE_SHARE, threshold=5 / 6) == 2


def test_a_budget_pays_for_whole_customers_and_is_never_exceeded_by_ties():
    values = [9.0, 8.0, 8.0, 8.0, 1.0]
    assert focal_count(values, rule=BUDGET, threshold=4.99, cost_per_customer=1.0) == 4
    assert focal_count(values, rule=BUDGET, threshold=3.0, cost_per_customer=1.0) == 1
    assert focal_count(values, rule=BUDGET, threshold=0.3, cost_per_customer=0.1) == 1
    assert focal_count([3.0, 2.0, 1.0], rule=BUDGET, threshold=0.3, cost_per_customer=0.1) == 3
    assert focal_count(values, rule=BUDGET, threshold=1e9, cost_per_customer=1.0) == 5


def test_break_even_takes_everyone_worth_the_cost():
    assert focal_count([5.0, 4.0, 3.0], rule=BREAK_EVEN, cost_per_customer=4.0) == 2
    assert focal_count([5.0, 4.0, 3.0], rule=BREAK_EVEN, threshold=np.nan, cost_per_customer=6.0) == 0


def test_ties_go_to_the_side_that_leaves_the_size_nearest():
    assert focal_count([9.0] + [5.0] * 3 + [1.0] * 6, threshold=0.2) == 1  # 1 or 4 for a wish of 2
    assert focal_count([9.0] + [5.0] * 3 + [1.0] * 6, threshold=0.3) == 4
    assert focal_count([5.0] * 10, threshold=0.2) == 0
    assert focal_count([5.0] * 10, threshold=0.8) == 10


def test_customers_of_uncertain_probability_are_borderline_whatever_their_rank():
    values = np.arange(10.0, 0.0, -1.0)
    p_focal = np.array([0.95, 0.8, 0.2, 0.19, np.nan, 0, 0, 0, 0, 0])
    labels = label(values, TOP_SHARE, 0.2, p_focal=p_focal)
    assert list(labels[:5]) == [FOCAL, BORDERLINE, BORDERLINE, CORE, CORE]
    assert list(labels).count(LIGHT) == 3  # the median of the remaining 7 belongs to Core


def test_whom_rule_and_probability_judge_differently_is_borderline():
    values = np.arange(10.0, 0.0, -1.0)
    labels = label(values, TOP_SHARE, 0.2, p_focal=[0.1, np.nan, 0.9, 0, 0, 0, 0, 0, 0, 0])
    assert list(labels[:3]) == [BORDERLINE, FOCAL, BORDERLINE]


def test_a_customer_without_a_value_has_no_label_and_does_not_count():
    values = [np.nan, 5.0, 4.0, 3.0, 2.0, 1.0]
    labels = label(values, TOP_SHARE, 0.2, p_focal=[0.5, 0.9] + [0.0] * 4)
    assert list(labels) == ["", FOCAL, CORE, CORE, LIGHT, LIGHT]
    assert list(label([np.nan, np.nan])) == ["", ""]
    assert label([]).size == 0


@given(tied_values, st.floats(0, 1))
def test_equal_values_share_a_label_and_focal_are_the_best(values, threshold):
    for rule, limit in ((TOP_SHARE, threshold), (VALUE_SHARE, threshold), (BUDGET, 40 * threshold), (BREAK_EVEN, 0.0)):
        labels = label(values, rule, limit, cost_per_customer=1.5)
        assert all(len(set(labels[values == each])) == 1 for each in np.unique(values))
        rank = np.select([labels == FOCAL, labels == CORE], [2, 1], 0)
        assert (np.diff(rank[np.argsort(values, kind="stable")]) >= 0).all()


@given(tied_values, st.floats(0, 1))
def test_no_other_cut_between_values_is_nearer_to_the_share(values, threshold):
    size = focal_count(values, rule=TOP_SHARE, threshold=threshold)
    allowed = [int((values > cut).sum()) for cut in [*np.unique(values), -np.inf]]
    assert abs(size - threshold * values.size) == pytest.approx(
        min(abs(other - threshold * values.size) for other in allowed), abs=1e-9
    )


@given(tied_values, st.floats(0, 60), st.floats(0.5, 5))
def test_a_budget_is_spent_as_far_as_ties_allow(values, budget, cost):
    size = focal_count(values, rule=BUDGET, threshold=budget, cost_per_customer=cost)
    assert size * cost <= budget * (1 + 1e-9)
    bigger = [each for each in (int((values >= cut).sum()) for cut in np.unique(values)) if each > size]
    assert not bigger or min(bigger) * cost > budget * (1 - 1e-9)


@pytest.mark.parametrize(
    ("rule", "threshold", "cost", "says"),
    [
        ("best", 0.2, None, "not a rule"),
        (TOP_SHARE, 20, None, "20 % is 0.2"),
        (VALUE_SHARE, -0.1, None, "not a share"),
        (TOP_SHARE, np.nan, None, "not a share"),
        (BUDGET, -1, 1.0, "not a budget"),
        (BUDGET, 100, None, "missing"),
        (BUDGET, 100, 0.0, "above 0"),
        (BREAK_EVEN, 0, None, "missing"),
    ],
)
def test_a_rule_that_cannot_be_applied_says_what_to_give(rule, threshold, cost, says):
    with pytest.raises(InputError, match=says):
        label([1.0, 2.0], rule, threshold, cost)


def test_probabilities_must_be_as_many_as_customers():
    with pytest.raises(InputError, match="p_focal: 1 values for 2 customers"):
        label([1.0, 2.0], p_focal=[0.5])


def test_the_summary_adds_up_and_leaves_out_the_unlabelled():
    values = np.array([10.0, 6.0, 4.0, 2.0, 2.0, 1.0, np.nan])
    labels = label(values, TOP_SHARE, 1 / 6)
    table = summary(labels, values, p_alive=np.linspace(1, 0, 7), expected_purchases=np.ones(7), expected_spend=values)
    assert list(table["segment"]) == [FOCAL, CORE, LIGHT, "All"]
    parts, whole = table.iloc[:-1], table.iloc[-1]
    for column in ("customers", "share_of_customers", "value", "share_of_value", "expected_purchases"):
        assert parts[column].sum() == pytest.approx(whole[column])
    assert whole["customers"] == 6
    assert whole["value"] == 25
    assert table.set_index("segment").loc[CORE, ["mean", "median", "p10", "p90"]].tolist() == pytest.approx(
        [3.5, 3.0, 2.0, 5.4]
    )
    assert table.set_index("segment").loc[FOCAL, "p_alive"] == 1.0


def test_the_summary_shows_borderline_only_where_there_are_any_and_empty_segments_as_blank():
    values = np.array([3.0, 2.0, 1.0])
    table = summary(label(values, p_focal=[0.5, 0, 0]), values).set_index("segment")
    assert list(table.index) == [FOCAL, BORDERLINE, CORE, LIGHT, "All"]
    assert table.loc[FOCAL, "customers"] == 0
    assert np.isnan(table.loc[FOCAL, "mean"])
    assert "p_alive" not in table
    assert np.isnan(summary([CORE], [-1.0]).set_index("segment").loc[CORE, "share_of_value"])
