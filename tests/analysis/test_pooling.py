"""Partial pooling on planted groups: truth recovered, thin data shrunk, alike groups made alike, intervals honest."""

import numpy as np
import pytest

from pyfuncs.analysis.pooling import pooled_means, pooled_shares
from pyfuncs.errors import InputError, InsufficientDataError

SIZES = np.array([2000, 500, 200, 100, 50, 20, 8, 3])
GROUP = np.repeat(np.arange(SIZES.size), SIZES)


def skewed(rng, means, sigma=1.2):
    """Lognormal values of the customers of each group, whose true means are given."""
    return means[GROUP] * np.exp(sigma * rng.standard_normal(GROUP.size) - sigma**2 / 2)


def planted(seed, differ):
    rng = np.random.default_rng(seed)
    means = 100 * np.exp(differ * rng.standard_normal(SIZES.size) - differ**2 / 2)
    return means, pooled_means(skewed(rng, means), GROUP, SIZES.size)


@pytest.mark.parametrize("differ", [0.2, 0.5])
def test_intervals_of_90_percent_hold_85_to_95_percent_of_planted_means(differ):
    inside = []
    for seed in range(200):
        means, found = planted(seed, differ)
        low, high = found.interval(0.9)
        inside.append((low <= means) & (means <= high))
    assert 0.85 <= np.mean(inside) <= 0.95
    assert np.mean(inside, axis=0).min() > 0.8  # in groups of every size


def test_pooling_is_nearer_to_the_truth_than_the_own_means():
    errors = np.array(
        [[found.pooled - means, found.mean - means] for means, found in (planted(seed, 0.3) for seed in range(100))]
    )
    pooled, own = np.sqrt((errors**2).mean(axis=0))
    assert pooled[:2] == pytest.approx(own[:2], rel=0.15)
    assert (pooled[2:] < own[2:]).all()
    assert (pooled[5:] < 0.7 * own[5:]).all()
    assert pooled[-1] < 0.4 * own[-1]


def test_the_fewer_the_customers_the_more_a_mean_is_shrunk():
    weights = np.mean([planted(seed, 0.4)[1].shrinkage for seed in range(20)], axis=0)
    assert (np.diff(weights) > 0).all()
    assert weights[0] < 0.05
    assert weights[-1] > 0.7


def test_groups_that_are_alike_are_pooled_to_nearly_one_value():
    spread = np.array(
        [[found.pooled.std(), found.mean.std()] for _, found in (planted(seed, 0.0) for seed in range(50))]
    )
    pooled, own = np.median(spread, axis=0)
    assert pooled < 0.15 * own
    assert pooled < 5


def test_hand_computed_two_equal_groups():
    found = pooled_means(np.array([1.0, 3.0, 3.0, 5.0]), np.array([0, 0, 1, 1]), 2)
    assert found.mean.tolist() == [2.0, 4.0]
    # both spreads are blended to the common variance of 2, over 2 customers
    assert found.standard_error == pytest.approx([1.0, 1.0])
    assert found.pooled.mean() == pytest.approx(3.0)
    assert found.pooled[0] == pytest.approx(2 + found.shrinkage[0])  # 3 is everybody's mean


def test_what_is_unseen_widens_the_interval_and_moves_no_mean():
    rng = np.random.default_rng(1)
    values = skewed(rng, np.linspace(50, 150, SIZES.size))
    seen, unseen = (pooled_means(values, GROUP, SIZES.size, share) for share in (0.0, 0.5))
    assert unseen.pooled.tolist() == seen.pooled.tolist()
    assert (unseen.spread > seen.spread).all()


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e300])
def test_money_of_any_unit_gives_the_same_weights(scale):
    values = skewed(np.random.default_rng(2), np.linspace(50, 150, SIZES.size)) / 1000
    found, unit = pooled_means(values * scale, GROUP, SIZES.size), pooled_means(values, GROUP, SIZES.size)
    assert found.shrinkage == pytest.approx(unit.shrinkage)
    assert found.pooled / scale == pytest.approx(unit.pooled)


def test_odd_groups():
    assert pooled_means(np.zeros(4), np.array([0, 0, 1, 1]), 2).pooled.tolist() == [0.0, 0.0]
    one = pooled_means(np.array([1.0, 2.0, 6.0]), np.zeros(3, dtype=int), 1)
    assert one.pooled == pytest.approx([3.0])
    assert one.shrinkage.tolist() == [0.0]
    singles = pooled_means(np.array([1.0, 2.0, 6.0]), np.arange(3), 3)
    assert np.isfinite(singles.spread).all()
    with pytest.raises(InsufficientDataError, match="at least 2"):
        pooled_means(np.array([1.0]), np.array([0]), 1)
    with pytest.raises(InputError, match="level"):
        one.interval(1.0)


def test_shares_of_few_are_drawn_to_that_of_all_and_those_of_many_stay():
    count = np.array([1000.0, 1000.0, 1000.0, 5.0, 0.0])
    found = pooled_shares(np.array([200.0, 500.0, 800.0, 5.0, 0.0]), count)
    assert found[:3] == pytest.approx([0.2, 0.5, 0.8], abs=0.01)
    assert 0.6 < found[3] < 0.95
    assert found[4] == pytest.approx(1505 / 3005)


def test_shares_that_differ_by_chance_alone_become_one():
    rng = np.random.default_rng(4)
    count = np.array([400.0, 100.0, 30.0, 10.0])
    found = np.array([pooled_shares(rng.binomial(count.astype(int), 0.4).astype(float), count) for _ in range(100)])
    assert np.median(np.ptp(found, axis=1)) < 0.05
    assert np.isnan(pooled_shares(np.zeros(2), np.zeros(2))).all()
    assert pooled_shares(np.array([3.0, 0.0]), np.array([3.0, 0.0])).tolist() == [1.0, 1.0]
