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


def skewed(model):
    """A log-likelihood of ln q with curvature 1/9 at its top, ln 3, that falls off a cliff above ln 6."""
    step = np.log(model.q / 3)
    return -step * step / 18 if model.q < 6 else -1e9


def test_a_narrow_covariance_needs_no_likelihood():
    assert draw_models(rng(), MODEL, NARROW, 50, skewed) == draw_parameters(rng(), MODEL, NARROW, 50)
    assert draw_models(rng(), MODEL, BROAD, 50) == draw_parameters(rng(), MODEL, BROAD, 50)
    assert np.sqrt(NARROW.max()) < WIDE < np.sqrt(BROAD.max())


def test_a_wide_covariance_keeps_what_the_likelihood_allows_and_no_more():
    drawn = np.log([each.q for each in draw_models(rng(), MODEL, BROAD, 4000, skewed)])
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
