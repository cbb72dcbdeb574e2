"""Parameter draws: normal where the data say enough, held to the likelihood where they do not."""

import numpy as np
import pytest

from pyfuncs.analysis.fitting import fit
from pyfuncs.analysis.intervals import PARAMETERS, total_interval, value_draws
from pyfuncs.analysis.parameter_draws import WIDE, draw_models
from pyfuncs.analysis.scores import value
from pyfuncs.models.estimation import draw_parameters
from pyfuncs.models.gamma_gamma import GammaGamma

MODEL = GammaGamma(6.0, 3.0, 15.0)
NARROW, BROAD = np.diag([0.01, 0.01, 0.01]), np.diag([0.01, 9.0, 0.01])


def rng():
    return np.random.default_rng(1)


def skewed():
    """A log-likelihood of ln q that falls off at once to the right and slowly to the left, with its top at ln 3."""

    def objective(theta):
        up, (p, _, v) = np.exp(theta[1]), (theta - np.log([6.0, 1.0, 1.0])) / 0.1
        gradient = np.array([p / 0.1, 0.5 * up - 0.5, v / 0.1])
        return 0.5 * float(up - theta[1] + p * p + v * v), gradient, np.diag([100.0, 0.5 * up, 100.0])

    return objective, np.array([1.0, 3.0, 15.0])


def never():
    raise AssertionError("the likelihood was asked for")


def test_a_narrow_covariance_needs_no_likelihood():
    assert draw_models(rng(), MODEL, NARROW, 50, never) == draw_parameters(rng(), MODEL, NARROW, 50)
    assert draw_models(rng(), MODEL, BROAD, 50) == draw_parameters(rng(), MODEL, BROAD, 50)
    assert np.sqrt(NARROW.max()) < WIDE < np.sqrt(BROAD.max())


@pytest.mark.parametrize("covariance", [BROAD, np.diag([0.01, 0.0, 0.01])], ids=["wide", "left open"])
def test_what_is_loose_is_drawn_from_the_likelihood(covariance):
    """A long tail to the left, none to the right, and the prior, which is flat in comparison."""
    theta = np.linspace(-15.0, 5.0, 2001)
    density = np.exp(-0.5 * (np.exp(theta) - theta)) / np.cosh(0.5 * theta)
    expected = np.interp([0.05, 0.5, 0.95], np.cumsum(density) / density.sum(), theta)
    drawn = draw_models(rng(), MODEL, covariance, 3000, skewed)
    assert len(drawn) == 3000
    assert np.quantile(np.log([each.q / 3.0 for each in drawn]), [0.05, 0.5, 0.95]) == pytest.approx(expected, abs=0.12)
    assert np.std(np.log([each.p for each in drawn])) == pytest.approx(0.1, rel=0.1)


def cliff():
    """A log-likelihood of ln q with curvature 1/9 at its top, ln 3, that falls off a cliff above ln 6."""

    def objective(theta):
        step = theta[1]
        return step * step / 18 if step < np.log(2) else 1e9, np.zeros(3), np.zeros((3, 3))

    return objective, np.array([1.0, 3.0, 15.0])


def test_around_what_is_typed_the_likelihood_takes_from_the_normal_curve_what_it_excludes():
    drawn = np.log([each.q for each in draw_models(rng(), MODEL, BROAD, 4000, cliff, typed=True)])
    assert len(drawn) == 4000
    assert drawn.max() < np.log(6)
    plain = np.log([each.q for each in draw_parameters(rng(), MODEL, BROAD, 4000)])
    allowed = plain[plain < np.log(6)]
    # Below the cliff the likelihood is the normal curve itself, so nothing else may change.
    assert drawn.mean() == pytest.approx(allowed.mean(), abs=0.15)
    assert drawn.std() == pytest.approx(allowed.std(), rel=0.05)


def test_only_the_allowed_are_drawn_and_none_where_there_is_none():
    assert min(each.q for each in draw_models(rng(), MODEL, BROAD, 200, allowed=lambda each: each.q > 1)) > 1
    assert draw_models(rng(), MODEL, BROAD, 5, allowed=lambda each: False) == []
    rare = draw_models(rng(), MODEL, BROAD, 5, allowed=lambda each: each.q > 1000)
    assert len(rare) == 5
    assert min(each.q for each in draw_models(rng(), MODEL, BROAD, 200, skewed, lambda each: each.q > 4)) > 4


def test_what_a_short_history_leaves_open_does_not_make_every_customer_vanish(cdnow_customers):
    """Nobody leaves: the chance to drop out is almost unknown, yet draws in which all leave at once are excluded."""
    generator = np.random.default_rng(3)
    age = generator.integers(7, 200, 60) / 7
    count = generator.poisson(generator.gamma(2.0, 0.1, 60) * age).astype(float)
    last = np.where(count > 0, age * generator.random(60) ** (1 / np.maximum(count, 1)), 0.0)
    customers = cdnow_customers.head(60).assign(frequency=count, recency=last, T=age)
    fitted = fit(customers, "MBG/NBD", "none")
    low, _ = total_interval(value_draws(fitted, customers, horizon=1.0, layers=(PARAMETERS,)))
    assert np.sqrt(np.diagonal(fitted.purchase_fit.covariance).max()) > 5
    assert low > 0.7 * value(fitted, customers, 1.0).sum()
