"""Draws from a posterior of log-parameters: skewed, bent and endless ones, against sums over a grid."""

import numpy as np
import pytest
from scipy.stats import halfcauchy

from pyfuncs.models.posterior import draw, log_prior

PLACES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])


def rng():
    return np.random.default_rng(3)


def skewed(theta):
    """The logarithm of a Gamma(1/2) variable: falls off at once to the right, slowly to the left."""
    e = np.exp(theta)
    return float((e - 0.5 * theta).sum()), e - 0.5, np.diag(e)


def bent(theta):
    """A banana: the second follows the square of the first."""
    off = theta[1] - 0.5 * theta[0] ** 2
    gradient = np.array([theta[0] / 2.25 - 4.0 * off * theta[0], 4.0 * off])
    cross = -4.0 * theta[0]
    hessian = np.array([[1 / 2.25 - 4.0 * off + 4.0 * theta[0] ** 2, cross], [cross, 4.0]])
    return float(theta[0] ** 2 / 4.5 + 2.0 * off**2), gradient, hessian


def endless(theta):
    """A ridge: nothing is known of the second, and of the first that it is not large."""
    share = 1.0 / (1.0 + np.exp(-theta[0]))
    rest = 50.0 * share * (1.0 - share)
    return float(50.0 * np.logaddexp(0.0, theta[0])), np.array([50.0 * share, 0.0]), np.diag([rest, 0.0])


def on_a_grid(objective):
    """Quantiles of both coordinates under exp(-objective) times the prior, (5, 2)."""
    side = np.linspace(-24.0, 24.0, 241)
    log_density = np.array([[log_prior(p)[0] - objective(p)[0] for b in side if (p := np.array([a, b])).size]
                            for a in side])  # fmt: skip
    density = np.exp(log_density - log_density.max())
    shares = [np.cumsum(density.sum(axis=axis)) / density.sum() for axis in (1, 0)]
    return np.stack([np.interp(PLACES, share, side + 0.1) for share in shares], axis=1)


@pytest.mark.parametrize("objective", [skewed, bent, endless])
def test_the_draws_have_the_quantiles_of_the_posterior(objective):
    with np.errstate(over="ignore"):
        expected = on_a_grid(objective)
    found = np.quantile(draw(rng(), objective, np.zeros(2), 4000), PLACES, axis=0)
    assert np.abs(found - expected).max() < 0.04 * np.ptp(expected, axis=0).max()


def test_few_draws_are_spread_as_many_and_stand_in_no_order():
    few = draw(rng(), skewed, np.zeros(2), 200)[:, 0]
    many = draw(rng(), skewed, np.zeros(2), 4000)[:, 0]
    assert np.quantile(few, PLACES) == pytest.approx(np.quantile(many, PLACES), abs=0.15 * np.ptp(many))
    assert np.unique(few).size > 120
    assert abs(np.corrcoef(few[1:], few[:-1])[0, 1]) < 0.2


def test_the_same_seed_gives_the_same_draws():
    assert (draw(rng(), bent, np.zeros(2), 100) == draw(rng(), bent, np.zeros(2), 100)).all()


def test_only_the_allowed_is_drawn_and_nothing_where_there_is_none():
    drawn = draw(rng(), skewed, np.zeros(2), 300, allowed=lambda theta: theta[0] > 0.5)
    assert drawn[:, 0].min() > 0.5
    assert draw(rng(), skewed, np.zeros(2), 20, allowed=lambda theta: False).shape == (0, 2)


def test_where_the_likelihood_is_no_number_nothing_is_drawn():
    def broken(theta):
        return skewed(theta) if theta[0] < 0 else (np.nan, np.zeros(2), np.zeros((2, 2)))

    assert draw(rng(), broken, np.array([-1.0, 0.0]), 300)[:, 0].max() < 0


def test_the_prior_is_half_cauchy_in_the_root_of_a_parameter():
    theta = np.array([-3.0, 0.4, 5.0])
    root = np.exp(0.5 * theta)
    density = halfcauchy.pdf(root) * 0.5 * root  # of the logarithm
    assert log_prior(theta)[0] - log_prior(np.zeros(3))[0] == pytest.approx(
        np.log(density).sum() - 3 * np.log(halfcauchy.pdf(1.0) * 0.5)
    )
    outside = 2.0 * halfcauchy.cdf(160.0**-0.5)
    assert outside == pytest.approx(0.1, abs=0.001)
    step = 1e-5 * np.eye(3)
    slope = [(log_prior(theta + each)[0] - log_prior(theta - each)[0]) / 2e-5 for each in step]
    assert log_prior(theta)[1] == pytest.approx(slope, abs=1e-9)
    bend = [(log_prior(theta + each)[1] - log_prior(theta - each)[1]) / 2e-5 for each in step]
    assert log_prior(theta)[2] == pytest.approx(np.array(bend), abs=1e-9)
