"""Simulated futures average to the closed forms, within four standard errors."""

import numpy as np
import pytest

from pyfuncs.errors import DomainError
from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.latent import Latent, OpportunityTraits, _discount_uniform_times, among
from pyfuncs.models.mbgnbd import MBGNBD
from pyfuncs.models.pareto_nbd import ParetoNBD

MODELS = [
    BGNBD(0.24, 4.4, 0.8, 2.4),
    MBGNBD(0.52, 6.2, 0.9, 1.6),
    ParetoNBD(0.55, 10.6, 0.6, 11.7),
    BGBB(1.2, 0.75, 0.66, 9.0),
]
HISTORIES = [(0, 0.0, 39.0), (2, 30.0, 39.0), (9, 34.0, 39.0)]
N = 40_000
DELTA = 0.0027


def near(sample, expected, errors=4.0):
    assert abs(sample.mean() - expected) < errors * sample.std() / np.sqrt(sample.size) + 1e-12


def everybody(latent, values):
    """Values of the alive, and 0 for the others."""
    return among(latent.alive, values)


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_draws_and_simulated_outcomes_average_to_the_expectations(model, history):
    rng = np.random.default_rng(5)
    alone = tuple(np.array([value]) for value in history)
    latent = model.draw_latent(rng, *(np.full(N, value) for value in history))
    near(latent.alive, model.p_alive(*alone)[0])
    near(everybody(latent, latent.expected(DELTA)), model.discounted_purchases(DELTA, *alone)[0])
    near(everybody(latent, latent.expected(DELTA, 52.0)), model.discounted_purchases(DELTA, *alone, 52.0)[0])
    near(everybody(latent, latent.expected(0.0, 52.0)), model.expected_purchases(52.0, *alone)[0])
    discounted, count = (everybody(latent, each) for each in latent.simulate(rng, DELTA, 52.0))
    near(discounted, model.discounted_purchases(DELTA, *alone, 52.0)[0])
    near(count, model.expected_purchases(52.0, *alone)[0])
    near(count == 0, model.p_no_purchase(52.0, *alone)[0])
    endless, _ = latent.simulate(rng, DELTA)
    near(everybody(latent, endless), model.discounted_purchases(DELTA, *alone)[0])


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_new_customers_count_as_the_distribution_says(model):
    rng = np.random.default_rng(4)
    latent = model.draw_new(rng, N)
    count = everybody(latent, latent.simulate(rng, 0.0, 39.0)[1])
    near(count, model.new_expected_purchases(np.array([39.0]))[0])
    expected = model.probability_of_count(np.arange(4.0), np.array([39.0]))[:, 0]
    for n in range(4):
        near(count == n, expected[n])
    near(everybody(latent, latent.expected(DELTA)), model.new_discounted_purchases(DELTA))


def test_a_pareto_dropout_is_no_purchase_and_a_bg_dropout_is_one():
    alive, rate = np.array([True] * 1000), np.full(1000, 2.0)
    gone_at_once = np.full(1000, 2.0)  # p = 1: the next purchase is the last
    _, count = Latent(alive, rate, gone_at_once, True).simulate(np.random.default_rng(1), 0.0, 50.0)
    assert (count == 1).all()
    _, count = Latent(alive, np.zeros(1000), gone_at_once, False).simulate(np.random.default_rng(1), 0.0, 50.0)
    assert (count == 0).all()


def test_extreme_rates_stay_finite():
    rates = np.array([0.0, 1e-300, 1e-8, 1.0, 1e3])
    latent = Latent(np.ones(5, dtype=bool), rates, rates * 1e-3, False)
    for delta, t in ((0.01, np.inf), (0.0, 10.0), (-0.01, 10.0), (0.01, 10.0)):
        assert np.isfinite(latent.expected(delta, t)).all()
    assert latent.expected(0.0, 10.0)[3] == pytest.approx(10.0, rel=1e-2)


def test_certain_chances_at_opportunities_stay_finite():
    certain = np.array([0.0, 1.0, 0.0, 1.0, 0.5])
    traits = OpportunityTraits(np.ones(5, dtype=bool), certain, np.array([0.0, 0.0, 1.0, 1.0, 1e-300]))
    rng = np.random.default_rng(1)
    for rate, t in ((0.01, np.inf), (0.0, 10.0), (0.01, 10.0), (0.0, 0.5)):
        expected, (discounted, count) = traits.expected(rate, t), traits.simulate(rng, rate, t)
        assert np.isfinite(expected).all()
        assert np.isfinite(discounted).all()
        assert (count[[0, 2, 3]] == 0).all()
    assert traits.expected(0.0, 10.0) == pytest.approx([0, 10, 0, 0, 5])
    assert traits.simulate(rng, 0.0, 10.0)[1][1] == 10


def test_the_discounts_of_many_purchases_spread_as_those_drawn_one_by_one():
    rng, delta, until = np.random.default_rng(5), 0.01, 200.0
    drawn = _discount_uniform_times(rng, np.full(N, 40.0), np.full(N, until), delta)
    one_by_one = np.exp(-delta * rng.random((N, 40)) * until).sum(axis=1)
    levels = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
    assert np.quantile(drawn, levels) == pytest.approx(np.quantile(one_by_one, levels), rel=0.01)
    assert drawn.std() == pytest.approx(one_by_one.std(), rel=0.02)


def test_without_horizon_and_discount_a_simulation_is_refused():
    latent = MODELS[0].draw_new(np.random.default_rng(0), 3)
    with pytest.raises(DomainError, match="without a horizon"):
        latent.simulate(np.random.default_rng(0), 0.0)


def test_drawn_mean_spend_averages_to_the_expectation():
    model = GammaGamma(6.25, 3.74, 15.45)
    rng = np.random.default_rng(2)
    for x, m in ((0.0, np.nan), (1.0, 20.0), (5.0, 80.0)):
        draws = model.draw_mean_spend(rng, np.full(N, x), np.full(N, m))
        near(draws, model.expected_spend(np.array([x]), np.array([m]))[0])


def test_one_very_fast_buyer_neither_fills_the_memory_nor_loses_the_mean():
    rng = np.random.default_rng(3)
    fast = Latent(np.array([True]), np.array([4e7]), np.array([1e-12]), dropout_is_purchase=False)
    discounted, count = fast.simulate(rng, 0.002, t=50.0)
    assert count == pytest.approx(2e9, rel=1e-3)
    assert discounted == pytest.approx(fast.expected(0.002, t=50.0), rel=1e-3)


def test_a_dropout_rate_of_next_to_nothing_is_a_life_without_end():
    rng = np.random.default_rng(4)
    loyal = Latent(np.ones(3, bool), np.ones(3), np.full(3, 5e-324), dropout_is_purchase=True)
    discounted, count = loyal.simulate(rng, 0.01)
    assert np.isfinite(discounted).all()
    assert (count > 0).all()
