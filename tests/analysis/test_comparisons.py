"""Two groups compared: published numbers, scipy as a second opinion, and coverage."""

import numpy as np
import pytest
from scipy import stats

from pyfuncs.analysis.comparisons import Moments, fisher_mid_p, means, q_values, shares, wilson


def column(*values):
    return np.array(values, dtype=float)


def moments(a, b):
    both = np.concatenate((a, b))
    return Moments(
        *(column(x) for x in (a.mean(), a.var(ddof=1), a.size, b.mean(), b.var(ddof=1), b.size)),
        column(both.var()), column(stats.skew(both)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "interval"),  # Newcombe (1998), table II, method 10
    [((56, 70, 48, 80), (0.0524, 0.3339)), ((9, 10, 3, 10), (0.1705, 0.8090)), ((10, 10, 0, 20), (0.6791, 1.0))],
)
def test_the_interval_of_a_difference_is_that_of_newcombes_paper(counts, interval):
    found = shares(*(column(count) for count in counts), 0.95)
    assert (found.difference_low[0], found.difference_high[0]) == pytest.approx(interval, abs=5e-5)


def test_the_lift_and_its_interval_by_hand():
    found = shares(column(40), column(100), column(50), column(250), 0.95)
    spread = 1.959964 * np.sqrt(1 / 40 - 1 / 100 + 1 / 50 - 1 / 250)
    assert found.lift[0] == pytest.approx(2.0)
    assert (found.lift_low[0], found.lift_high[0]) == pytest.approx((2 * np.exp(-spread), 2 * np.exp(spread)), rel=1e-6)


def test_the_test_of_shares_is_that_of_scipy():
    table = [[40, 60], [50, 200]]
    found = shares(column(40), column(100), column(50), column(250), 0.9)
    assert found.p_value[0] == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)


def test_small_cells_take_fishers_test_with_mid_p():
    table = [[3, 37], [0, 60]]
    chance = stats.hypergeom(100, 3, 40).pmf(np.arange(4))
    seen = chance[3]
    expected = chance[chance < seen * (1 - 1e-7)].sum() + chance[np.isclose(chance, seen)].sum() / 2
    assert fisher_mid_p(3, 40, 0, 60) == pytest.approx(expected)
    assert shares(column(3), column(40), column(0), column(60), 0.9).p_value[0] == pytest.approx(expected)
    assert expected < stats.fisher_exact(table).pvalue


def test_a_level_nobody_has_still_has_a_bound():
    found = shares(column(0, 20, 0), column(50, 50, 50), column(20, 0, 0), column(100, 100, 100), 0.9)
    assert found.lift[0] == found.lift_low[0] == 0
    assert 0 < found.lift_high[0] < 1
    assert np.isnan(found.lift[1])
    assert found.lift_low[1] > 1
    assert np.isnan(found.lift[2])


def test_means_have_welchs_interval_and_the_p_value_of_all_permutations():
    rng = np.random.default_rng(3)
    a, b = rng.lognormal(0.4, 1, 40), rng.lognormal(0, 1, 160)
    found = means(moments(a, b), 0.9)
    welch = stats.ttest_ind(a, b, equal_var=False)
    low, high = welch.confidence_interval(0.9)
    assert (found.difference_low[0], found.difference_high[0]) == pytest.approx((low, high))
    both = np.concatenate((a, b))
    drawn = np.array([rng.permutation(both)[:40].mean() for _ in range(20_000)])
    tail = min((drawn >= a.mean()).mean(), (drawn <= a.mean()).mean())
    assert found.p_value[0] == pytest.approx(2 * tail, rel=0.15, abs=0.002)


def test_means_that_are_not_positive_have_no_lift():
    a, b = np.array([-1.0, 2, 3]), np.array([-4.0, 1, 1])
    found = means(moments(a, b), 0.9)
    assert np.isnan([found.lift[0], found.lift_low[0], found.lift_high[0]]).all()
    assert np.isfinite(found.p_value[0])


def test_ninety_per_cent_intervals_hold_the_truth_nine_times_in_ten():
    rng = np.random.default_rng(11)
    n1, n2, p1, p2, times = 120, 480, 0.3, 0.2, 4000
    sizes = np.full(times, float(n1)), np.full(times, float(n2))
    k1, k2 = rng.binomial(n1, p1, times).astype(float), rng.binomial(n2, p2, times).astype(float)
    found = shares(k1, sizes[0], k2, sizes[1], 0.9)
    assert 0.885 < np.mean((found.lift_low < p1 / p2) & (p1 / p2 < found.lift_high)) < 0.915
    assert 0.885 < np.mean((found.difference_low < p1 - p2) & (p1 - p2 < found.difference_high)) < 0.915
    a, b = rng.gamma(2.0, 3.0, (times, n1)), rng.gamma(2.0, 2.0, (times, n2))
    x = Moments(a.mean(1), a.var(1, ddof=1), sizes[0], b.mean(1), b.var(1, ddof=1), sizes[1], k1, k1)
    found = means(x, 0.9)
    assert 0.88 < np.mean((found.lift_low < 1.5) & (found.lift_high > 1.5)) < 0.915
    assert 0.88 < np.mean((found.difference_low < 2) & (found.difference_high > 2)) < 0.915


@pytest.mark.parametrize("draw", ["normal", "lognormal", "exponential"])
def test_on_noise_means_are_called_different_as_often_as_stated_however_skewed(draw):
    rng = np.random.default_rng(5)
    times, n1, n2 = 20_000, 60, 240
    x = getattr(rng, draw)(size=(times, n1 + n2))
    a, b = x[:, :n1], x[:, n1:]
    sizes = np.full(times, float(n1)), np.full(times, float(n2))
    groups = (a.mean(1), a.var(1, ddof=1), sizes[0], b.mean(1), b.var(1, ddof=1), sizes[1])
    found = means(Moments(*groups, x.var(1), stats.skew(x, 1)), 0.9)
    assert np.mean(found.p_value < 0.05) == pytest.approx(0.05, abs=0.006)
    assert np.mean(found.p_value < 0.002) < 0.0032


def test_q_values_are_those_of_benjamini_and_hochberg():
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.2])
    np.testing.assert_allclose(q_values(p)[[0, 2, 3, 4]], stats.false_discovery_control(p[[0, 2, 3, 4]]))
    assert np.isnan(q_values(p)[1])
    assert np.isnan(q_values(np.full(2, np.nan))).all()


def test_wilsons_interval_is_the_published_one():
    # Newcombe 1998, table I, method 3, 95 %: 81/263 and 0/20
    low, high = wilson(np.array([81 / 263, 0.0, np.nan]), np.array([263.0, 20.0, 1.0]), 1.959964)
    assert low[:2] == pytest.approx([0.2553, 0.0], abs=5e-5)
    assert high[:2] == pytest.approx([0.3662, 0.1611], abs=5e-5)
    assert np.isnan([low[2], high[2]]).all()
