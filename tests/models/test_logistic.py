"""Logistic regression and the area under the ROC curve, against direct optimisation and brute force."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from pyfuncs.models.discrimination import auc
from pyfuncs.models.logistic import fit_logistic, posterior_sd


def test_the_coefficients_maximise_the_posterior():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(300, 3))
    y = (rng.random(300) < expit(X @ [1.0, -0.5, 0.0] - 1)).astype(float)

    def loss(beta):
        eta = beta[0] + X @ beta[1:]
        return np.sum(np.logaddexp(0, eta) - y * eta) + beta[1:] @ beta[1:] / (2 * 0.5**2)

    found = fit_logistic(X, y, 0.5)
    np.testing.assert_allclose(found, minimize(loss, np.zeros(4), tol=1e-12).x, atol=1e-5)


def test_a_flat_prior_recovers_the_odds_ratio_of_a_table():
    x = np.repeat([0.0, 0.0, 1.0, 1.0], [60, 40, 20, 80])
    y = np.repeat([0.0, 1.0, 0.0, 1.0], [60, 40, 20, 80])
    found = fit_logistic(x[:, None], y, 1e4)
    assert found == pytest.approx([np.log(40 / 60), np.log(80 / 20 * 60 / 40)], abs=1e-6)


def test_with_a_flat_prior_the_standard_deviation_is_that_of_a_log_odds_ratio():
    x = np.repeat([0.0, 0.0, 1.0, 1.0], [60, 40, 20, 80])[:, None]
    y = np.repeat([0.0, 1.0, 0.0, 1.0], [60, 40, 20, 80])
    found = posterior_sd(x, fit_logistic(x, y, 1e4), 1e4)
    woolf = np.sqrt([1 / 60 + 1 / 40, 1 / 60 + 1 / 40 + 1 / 20 + 1 / 80])  # Woolf (1955)
    np.testing.assert_allclose(found, woolf, rtol=1e-6)
    assert posterior_sd(x, fit_logistic(x, y, 0.1), 0.1)[1] < 0.1  # never beyond that of the prior


def test_perfectly_separated_groups_still_have_finite_effects():
    x = np.arange(20.0)[:, None]
    found = fit_logistic((x - 9.5) / 5, (x[:, 0] > 9).astype(float), 1.0)
    assert np.isfinite(found).all()
    assert 0.5 < found[1] < 5


def test_without_columns_the_intercept_is_the_log_odds():
    assert fit_logistic(np.empty((10, 0)), np.repeat([1.0, 0.0], [2, 8])) == pytest.approx([np.log(0.25)])


def test_the_area_is_the_share_of_pairs_in_order():
    rng = np.random.default_rng(2)
    score, positive = rng.integers(0, 8, 60).astype(float), rng.random(60) < 0.4
    pairs = score[positive][:, None] - score[~positive][None, :]
    assert auc(score, positive)[0] == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean())


def test_the_error_of_the_area_is_its_spread_over_samples():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(600):
        positive = np.repeat([True, False], [60, 140])
        found.append(auc(rng.normal(size=200) + positive, positive))
    areas, errors = np.array(found).T
    assert areas.mean() == pytest.approx(0.7602, abs=0.006)
    assert errors.mean() == pytest.approx(areas.std(), rel=0.1)
