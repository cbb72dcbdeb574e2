import warnings

import numpy as np
import pytest

from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.estimation import (
    PURCHASE_MODELS,
    covariance,
    draw_parameters,
    fit_purchases,
    fit_spend,
    spend_covariance,
)
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.mbgnbd import MBGNBD
from pyfuncs.models.pareto_nbd import ParetoNBD

from .conftest import simulate

TRUE = {
    "BG/NBD": (0.6, 8.0, 0.9, 2.5),
    "MBG/NBD": (0.8, 8.0, 0.7, 2.0),
    "Pareto/NBD": (0.7, 10.0, 0.8, 15.0),
}


def always_buying(n=200):
    """Everybody buys at a steady rate of their own until the very end: nobody is seen to leave."""
    rng = np.random.default_rng(5)
    x = 1.0 + rng.poisson(rng.gamma(3.0, 5.0, n))
    T = np.full(n, 104.0)
    return x, T - rng.exponential(T / (x + 1) / 4), T


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_recovers_the_parameters_of_simulated_customers_within_four_standard_errors(name):
    rng = np.random.default_rng(11)
    T = rng.uniform(30.0, 104.0, 8000)
    x, t_x = simulate(rng, PURCHASE_MODELS[name](*TRUE[name]), T)
    fit = fit_purchases(name, x, t_x, T)
    assert fit.converged
    for (parameter, error), truth in zip(fit.standard_errors.items(), TRUE[name], strict=True):
        assert abs(getattr(fit.model, parameter) - truth) < 4 * error


def test_recovers_the_spend_parameters_within_four_standard_errors():
    rng = np.random.default_rng(3)
    x = 1.0 + rng.poisson(3.0, 6000)
    nu = rng.gamma(4.0, size=x.size) / 20.0
    fit = fit_spend(x, rng.gamma(6.0 * x) / (nu * x))
    for name, truth in (("p", 6.0), ("q", 4.0), ("v", 20.0)):
        assert abs(getattr(fit.model, name) - truth) < 4 * fit.standard_errors[name]


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_the_reported_likelihood_is_the_sum_of_the_models_own(name, cdnow):
    fit = fit_purchases(name, cdnow.x, cdnow.t_x, cdnow.T)
    own = fit.model.log_likelihood(cdnow.x, cdnow.t_x, cdnow.T).sum()
    assert fit.log_likelihood == pytest.approx(own, abs=1e-8)
    assert fit.aic == pytest.approx(8 - 2 * own)
    assert fit.bic == pytest.approx(4 * np.log(2357) - 2 * own)
    assert fit.statement.startswith("Converged")


def test_the_reported_spend_likelihood_is_the_sum_of_the_models_own(cdnow):
    fit = fit_spend(cdnow.x, cdnow.m)
    used = (cdnow.x > 0) & (cdnow.m > 0)
    assert fit.log_likelihood == pytest.approx(fit.model.log_likelihood(cdnow.x[used], cdnow.m[used]).sum(), abs=1e-8)


@pytest.mark.parametrize("name", PURCHASE_MODELS)
@pytest.mark.parametrize("days", [1.0, 1 / 7, 7 / 365.25])
def test_the_unit_of_time_does_not_change_the_fit(name, days, cdnow):
    weekly = fit_purchases(name, cdnow.x, cdnow.t_x, cdnow.T)
    other = fit_purchases(name, cdnow.x, cdnow.t_x * days, cdnow.T * days)
    history = cdnow.x[:50], cdnow.t_x[:50], cdnow.T[:50]
    scaled = history[0], history[1] * days, history[2] * days
    assert other.model.p_alive(*scaled) == pytest.approx(weekly.model.p_alive(*history), rel=1e-6)


def test_a_large_data_set_is_started_from_a_subsample_and_finished_on_all():
    rng = np.random.default_rng(2)
    T = rng.uniform(10.0, 100.0, 12_000)
    x, t_x = simulate(rng, BGNBD(0.6, 8.0, 0.9, 2.5), T)
    fit = fit_purchases("BG/NBD", x, t_x, T)
    assert fit.customers == 12_000
    assert fit.gradient_norm < 1e-4


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_data_without_churn_are_named_and_everyone_is_alive(name):
    history = always_buying()
    fit = fit_purchases(name, *history)
    values = [getattr(fit.model, field) for field in fit.standard_errors]
    assert fit.boundary is not None
    assert "No churn is visible" in fit.boundary
    assert fit.statement == fit.boundary
    assert np.isfinite(values).all()
    assert max(values) < 1e8
    assert fit.model.p_alive(*history) == pytest.approx(1.0, abs=1e-2)
    assert np.isnan(list(fit.standard_errors.values())).any()
    assert np.isfinite(fit.covariance).all()


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_customers_who_all_buy_at_one_rate_are_named(name):
    rng = np.random.default_rng(8)
    T = np.full(300, 52.0)
    x = 4.0 + rng.integers(0, 2, 300)
    fit = fit_purchases(name, x, T - rng.uniform(0, 5, 300), T)
    assert fit.boundary is not None
    assert np.isfinite([getattr(fit.model, field) for field in fit.standard_errors]).all()


def test_spend_that_is_the_same_for_everyone_is_named():
    x = np.array([1.0, 2.0, 3.0, 4.0, 5.0] * 20)
    m = 10.0 + np.tile([0.01, -0.01, 0.005, -0.005], 25)
    assert fit_spend(x, m).boundary is not None


def test_nobody_bought_again():
    with pytest.raises(InsufficientDataError, match="none of 50 customers bought again: read a longer history"):
        fit_purchases("BG/NBD", np.zeros(50), np.zeros(50), np.full(50, 30.0))


def test_fewer_customers_than_parameters():
    with pytest.raises(InsufficientDataError, match="3 customers cannot determine 4 parameters"):
        fit_purchases("BG/NBD", [1, 0, 2], [3.0, 0, 4], [10.0, 10, 10])


def test_too_few_repeat_buyers_for_a_spend_model():
    with pytest.raises(InsufficientDataError, match="2 customers have repeat purchases"):
        fit_spend([1, 0, 2, 3], [10.0, np.nan, 12.0, 0.0])


def test_an_unknown_model_is_refused_with_the_known_names():
    with pytest.raises(InputError, match="BG/NBD, MBG/NBD, Pareto/NBD"):
        fit_purchases("BTYD", [1] * 5, [1] * 5, [2] * 5)


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_covariance_at_the_estimate_is_the_fits_own(name, cdnow):
    fit = fit_purchases(name, cdnow.x, cdnow.t_x, cdnow.T)
    again = covariance(fit.model, cdnow.x, cdnow.t_x, cdnow.T)
    assert again == pytest.approx(fit.covariance, rel=1e-5)
    assert again == pytest.approx(again.T)
    own = [getattr(fit.model, f) * e for f, e in zip(fit.standard_errors, np.sqrt(np.diag(again)), strict=True)]
    assert list(fit.standard_errors.values()) == pytest.approx(own, rel=1e-5)


def test_spend_covariance_at_the_estimate_is_the_fits_own(cdnow):
    fit = fit_spend(cdnow.x, cdnow.m)
    assert spend_covariance(fit.model, cdnow.x, cdnow.m) == pytest.approx(fit.covariance, rel=1e-4)


@pytest.mark.parametrize(
    "model", [BGNBD(0.2, 4, 0.8, 2.4), MBGNBD(0.5, 6, 0.9, 1.6), ParetoNBD(0.5, 10, 0.6, 12), GammaGamma(6, 4, 15)]
)
def test_drawn_parameters_have_the_covariance_asked_for(model):
    k = len(model.__slots__)
    wanted = 0.01 * (np.eye(k) + 0.5)
    draws = draw_parameters(np.random.default_rng(1), model, wanted, 4000)
    logs = np.log([[getattr(draw, field) for field in model.__slots__] for draw in draws])
    assert all(type(draw) is type(model) for draw in draws)
    assert np.cov(logs.T) == pytest.approx(wanted, abs=0.002)


def test_fits_are_silent_and_repeatable(cdnow):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = fit_purchases("Pareto/NBD", cdnow.x, cdnow.t_x, cdnow.T)
    assert fit_purchases("Pareto/NBD", cdnow.x, cdnow.t_x, cdnow.T).model == first.model
