"""Covariates: derivatives, planted effects found again, tests of the right size, refusals that name the covariate."""

from dataclasses import astuple

import mpmath as mp
import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from pyfuncs.errors import DomainError, InputError, InsufficientDataError
from pyfuncs.models.compression import Histories
from pyfuncs.models.covariate_objective import CovariateObjective
from pyfuncs.models.covariates import COVARIATE_MODELS, CovariateModel, fit_with_covariates
from pyfuncs.models.dropout_mixture import mean_purchases, mean_purchases_by_row
from pyfuncs.models.estimation import fit_purchases
from pyfuncs.models.objectives import BetaGeometricObjective
from pyfuncs.models.pareto_objective import ParetoObjective

from .populations import BASES, population
from .references import definitions
from .test_objectives import check, some_histories

MODELS = pytest.mark.parametrize("name", COVARIATE_MODELS)
PURCHASE, DROPOUT = np.array([0.3, -0.5]), np.array([-0.4, 0.5])


def some_covariates(rng, n):
    """A number and a yes or no."""
    return np.column_stack([rng.standard_normal(n), rng.random(n) < 0.4]).astype(float)


def some_customers(seed, name, n=1500, purchase=PURCHASE, dropout=DROPOUT):
    rng = np.random.default_rng(seed)
    z = some_covariates(rng, n)
    return *population(rng, name, z, purchase, dropout), z


@pytest.fixture(scope="module", params=COVARIATE_MODELS)
def fitted(request):
    customers = some_customers(7, request.param)
    return request.param, customers, fit_with_covariates(request.param, *customers, ["age", "member"])


@MODELS
@pytest.mark.parametrize("scale", [0.0, 0.5, 3.0])
def test_derivatives_agree_with_differences(name, scale):
    data = some_histories()
    rng = np.random.default_rng(3)
    z = some_covariates(rng, data.x.size)
    theta = np.concatenate([np.log([0.7, 9.0]), scale * PURCHASE, np.log([0.8, 2.5]), scale * DROPOUT])
    check(CovariateObjective(COVARIATE_MODELS[name], data, z), theta)


@MODELS
@pytest.mark.parametrize("point", [(0.7, 9.0, 0.8, 2.5), (2.0, 3.0, 1.7, 30.0), (40.0, 300.0, 25.0, 400.0)])
def test_without_effects_the_objective_is_that_of_the_model_without_covariates(name, point):
    data = some_histories()
    data.x[1], data.t_x[1] = 4500, data.T[1] / 2
    plain = ParetoObjective(data) if name == "Pareto/NBD" else BetaGeometricObjective(data, 0)
    value, gradient, hessian = plain(np.log(point))
    z = some_covariates(np.random.default_rng(4), data.x.size)
    shared = [0, 1, 4, 5]
    theta = np.zeros(8)
    theta[shared] = np.log(point)
    found = CovariateObjective(COVARIATE_MODELS[name], data, z)(theta)
    assert found[0] == pytest.approx(value, rel=1e-12)
    assert found[1][shared] == pytest.approx(gradient, rel=1e-9, abs=1e-9)
    assert found[2][np.ix_(shared, shared)] == pytest.approx(hessian, rel=1e-9, abs=1e-9 * np.abs(hessian).max())


@MODELS
def test_the_likelihood_of_each_customer_is_that_of_the_definition(name):
    data = some_histories()
    rows = [0, 2, 3, 10, 20]
    x, t_x, T = data.x[rows], data.t_x[rows], data.T[rows]
    z = some_covariates(np.random.default_rng(5), len(rows))
    model = CovariateModel(BASES[name], np.array([0.1, 0.4]), PURCHASE, DROPOUT)
    r, alpha, third, last = astuple(BASES[name])
    define = definitions.pareto_nbd if name == "Pareto/NBD" else definitions.bgnbd
    names = ("r", "alpha", "s", "beta") if name == "Pareto/NBD" else ("r", "alpha", "a", "b")
    with mp.workdps(50):
        own = []
        for i in range(len(rows)):
            away = z[i] - model.centre
            parameters = (r, alpha * mp.exp(-(away @ PURCHASE)), third, last * mp.exp(-(away @ DROPOUT)))
            history = {"x": int(x[i]), "t_x": mp.mpf(t_x[i]), "T": mp.mpf(T[i])}
            exact = [mp.mpf(value) for value in parameters]
            values = define(dict(zip(names, exact, strict=True)), t=mp.mpf(10), rate=mp.mpf("0.01"), n=2, **history)
            own.append([float(values[key]) for key in ("log_likelihood", "p_alive", "expected_purchases")])
    expected = np.array(own).T
    assert model.log_likelihood(x, t_x, T, z) == pytest.approx(expected[0], rel=1e-10)
    assert model.p_alive(x, t_x, T, z) == pytest.approx(expected[1], rel=1e-10)
    assert model.expected_purchases(10.0, x, t_x, T, z) == pytest.approx(expected[2], rel=1e-8)
    theta = np.concatenate(
        [
            np.log([r, alpha * np.exp(model.centre @ PURCHASE)]),
            PURCHASE,
            np.log([third, last * np.exp(model.centre @ DROPOUT)]),
            DROPOUT,
        ]
    )
    objective = CovariateObjective(COVARIATE_MODELS[name], Histories(x, t_x, T, np.ones(len(rows))), z)
    assert objective(theta)[0] == pytest.approx(-expected[0].sum(), rel=1e-10)


@MODELS
def test_planted_effects_are_found_within_their_errors(name):
    """Numbers with long tails, numbers around 0, and rare and common yes or no, over seven populations."""
    purchase, dropout = np.array([0.3, -0.5, 0.05, 0.0]), np.array([-0.4, 0.5, 0.06, 0.0])
    scores = []
    for seed in range(7):
        rng = np.random.default_rng(seed)
        z = np.column_stack([some_covariates(rng, 2000), rng.gamma(2.0, 3.0, 2000), rng.random(2000) < 0.05])
        fit = fit_with_covariates(name, *population(rng, name, z, purchase, dropout), z, ["a", "b", "c", "d"])
        assert fit.converged
        found = np.array([fit.model.purchase - purchase, fit.model.dropout - dropout])
        scores.append(found / fit.standard_errors)
    scores = np.array(scores)
    assert np.abs(scores).max() < 4.0
    assert np.sqrt((scores**2).mean()) == pytest.approx(1.0, abs=0.25)
    assert (np.abs(scores) < 1.96).mean() > 0.88
    assert np.abs(scores.mean(axis=0)).max() < 3.5 / np.sqrt(7)


@MODELS
def test_of_covariates_that_do_nothing_one_in_twenty_is_significant(name):
    statistics, joint, overall = [], [], []
    for seed in range(20):
        customers = some_customers(100 + seed, name, 400, np.zeros(2), np.zeros(2))
        fit = fit_with_covariates(name, *customers, ["age", "member"])
        statistics += [ratio.statistic for process in fit.ratios for ratio in process]
        joint += [ratio.p_value for ratio in fit.joint]
        overall.append(fit.overall.p_value)
    assert np.mean(statistics) == pytest.approx(1.0, abs=0.4)
    assert np.mean(np.array(statistics) > chi2.isf(0.05, 1)) < 0.1
    assert np.mean(np.array(joint) < 0.05) < 0.13
    assert np.mean(np.array(overall) < 0.05) < 0.15
    assert 0.3 < np.mean(overall) < 0.7


def test_a_second_optimiser_finds_the_same(fitted):
    name, (x, t_x, T, z), fit = fitted
    groups = z.copy()
    groups[:, 0] = np.sign(groups[:, 0])
    fit = fit_with_covariates(name, x, t_x, T, groups, ["age", "member"])
    base = COVARIATE_MODELS[name]

    def loss(theta):
        model = CovariateModel(base(*np.exp(theta[:4]).tolist()), fit.model.centre, theta[4:6], theta[6:])
        return -model.log_likelihood(x, t_x, T, groups).sum()

    start = np.concatenate([np.log(astuple(fit.without.model)), np.zeros(4)])
    other = minimize(loss, start, method="BFGS", options={"gtol": 1e-4})
    assert fit.log_likelihood == pytest.approx(-other.fun, abs=1e-5)
    assert fit.model.purchase == pytest.approx(other.x[4:6], abs=2e-3)
    assert fit.model.dropout == pytest.approx(other.x[6:], abs=5e-3)
    assert fit.log_likelihood == pytest.approx(fit.model.log_likelihood(x, t_x, T, groups).sum(), rel=1e-12)


def test_a_likelihood_ratio_is_what_a_fit_without_the_covariate_loses(fitted):
    name, (x, t_x, T, z), fit = fitted
    smaller = fit_with_covariates(name, x, t_x, T, z[:, :1], ["age"])
    assert fit.joint[1].statistic == pytest.approx(2 * (fit.log_likelihood - smaller.log_likelihood), abs=1e-4)
    assert fit.joint[1].degrees == 2
    assert smaller.overall.statistic == pytest.approx(smaller.joint[0].statistic, abs=1e-4)
    assert smaller.without.log_likelihood == fit_purchases(name, x, t_x, T).log_likelihood
    together = fit_with_covariates(name, x, t_x, T, z, ["age", "member"], [[0, 1]])
    assert together.joint[0].statistic == pytest.approx(fit.overall.statistic, abs=1e-4)
    assert together.joint[0].degrees == fit.overall.degrees == 4
    wald = (np.array([fit.model.purchase, fit.model.dropout]) / fit.standard_errors) ** 2
    found = np.array([[ratio.statistic for ratio in process] for process in fit.ratios])
    assert found == pytest.approx(wald, rel=0.25)


def test_units_and_origin_of_a_covariate_do_not_matter(fitted):
    name, (x, t_x, T, z), fit = fitted
    other = np.column_stack([2015.0 + 3.0 * z[:, 0], 1.0 - z[:, 1]])
    again = fit_with_covariates(name, x, t_x, T, other, ["year", "stranger"])
    assert again.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-10)
    assert again.model.purchase * [3.0, -1.0] == pytest.approx(fit.model.purchase, rel=1e-5)
    assert again.standard_errors * [3.0, 1.0] == pytest.approx(fit.standard_errors, rel=1e-5)
    assert again.model.p_alive(x, t_x, T, other) == pytest.approx(fit.model.p_alive(x, t_x, T, z), abs=1e-5)


def test_the_unit_of_time_does_not_matter(fitted):
    name, (x, t_x, T, z), fit = fitted
    days = fit_with_covariates(name, x, 7.0 * t_x, 7.0 * T, z, ["age", "member"])
    assert days.log_likelihood == pytest.approx(fit.log_likelihood - x.sum() * np.log(7.0), rel=1e-10)
    assert days.model.dropout == pytest.approx(fit.model.dropout, rel=1e-6)
    assert days.model.base.alpha == pytest.approx(7.0 * fit.model.base.alpha, rel=1e-5)


def test_each_customer_is_scored_by_the_model_of_their_own_covariates(fitted):
    _, (x, t_x, T, z), fit = fitted
    z = np.column_stack([np.sign(z[:, 0]), z[:, 1]])
    found = (
        fit.model.p_alive(x, t_x, T, z),
        fit.model.expected_purchases(26.0, x, t_x, T, z),
        fit.model.discounted_purchases(0.002, x, t_x, T, z),
    )
    for group in ([-1.0, 0.0], [1.0, 1.0]):
        rows = (z == group).all(axis=1)
        own, history = fit.model.at(np.array(group)), (x[rows], t_x[rows], T[rows])
        assert found[0][rows] == pytest.approx(own.p_alive(*history), rel=1e-12)
        assert found[1][rows] == pytest.approx(own.expected_purchases(26.0, *history), rel=1e-12)
        assert found[2][rows] == pytest.approx(own.discounted_purchases(0.002, *history), rel=1e-12)


@MODELS
def test_covariates_that_are_never_the_same_twice_are_scored_all_at_once(name):
    rng = np.random.default_rng(6)
    x = np.append(rng.negative_binomial(1, 0.2, 28), [0, 900]) * 1.0
    T = rng.uniform(1.0, 90.0, 30)
    t_x, z = np.where(x > 0, T * rng.random(30), 0.0), 1.5 * rng.standard_normal((30, 2))
    model = CovariateModel(BASES[name], np.array([0.1, 0.4]), PURCHASE, DROPOUT)

    def one_by_one(score):
        return np.concatenate([score(model.at(z[i]), (x[i : i + 1], t_x[i : i + 1], T[i : i + 1])) for i in range(30)])

    expected = one_by_one(lambda own, history: own.log_likelihood(*history))
    assert model.log_likelihood(x, t_x, T, z) == pytest.approx(expected, rel=1e-12)
    expected = one_by_one(lambda own, history: own.p_alive(*history))
    assert model.p_alive(x, t_x, T, z) == pytest.approx(expected, rel=1e-12)
    for t in (0.5, 52.0, 4000.0):
        expected = one_by_one(lambda own, history, t=t: own.expected_purchases(t, *history))
        assert model.expected_purchases(t, x, t_x, T, z) == pytest.approx(expected, rel=1e-12)
        for delta in (0.002, 0.0, -1e-4):
            expected = one_by_one(lambda own, history, t=t, d=delta: own.discounted_purchases(d, *history, t=t))
            assert model.discounted_purchases(delta, x, t_x, T, z, t) == pytest.approx(expected, rel=1e-12)
    with pytest.raises(DomainError, match="horizon"):
        model.discounted_purchases(-0.01, x, t_x, T, z)


@pytest.mark.parametrize("a", [1e-3, 0.3, 1.0, 7.0, 14.0, 40.0, 300.0])
def test_expectations_over_beta_distributions_on_one_grid_are_those_of_each(a):
    rng = np.random.default_rng(7)
    x = np.append(rng.negative_binomial(1, 0.1, 60), [3000.0, 0.0])
    B, z = x + np.exp(rng.normal(1.0, 2.5, 62)), np.exp(rng.normal(0.0, 2.0, 62))
    z[5] = 0.0
    R = 0.4 + x
    assert mean_purchases_by_row(a, B, R, z) == pytest.approx(mean_purchases(a, B, R, z), rel=5e-12)


def test_a_coefficient_multiplies_rates_and_moves_the_mean_dropout(fitted):
    name, _, fit = fitted
    low, high = fit.model.at(np.array([0.0, 0.0])), fit.model.at(np.array([0.0, 1.0]))
    assert (high.r / high.alpha) / (low.r / low.alpha) == pytest.approx(np.exp(fit.model.purchase[1]))
    if name == "Pareto/NBD":
        means = high.s / high.beta, low.s / low.beta
    else:
        means = high.a / high.b, low.a / low.b  # the odds of the mean, which itself moves with them
        assert high.a / (high.a + high.b) > low.a / (low.a + low.b)
    assert means[0] / means[1] == pytest.approx(np.exp(fit.model.dropout[1]))


def test_equal_customers_weigh_as_often_as_they_are_there(fitted):
    name, (x, t_x, T, z), fit = fitted
    twice = fit_with_covariates(name, *(np.concatenate([each, each]) for each in (x, t_x, T, z)), ["age", "member"])
    assert twice.log_likelihood == pytest.approx(2.0 * fit.log_likelihood, rel=1e-10)
    assert twice.standard_errors == pytest.approx(fit.standard_errors / np.sqrt(2.0), rel=1e-5)
    assert twice.customers == 2 * fit.customers
    assert twice.aic == 16.0 - 2.0 * twice.log_likelihood


@MODELS
def test_a_covariate_with_outliers_is_searched_without_overflow(name):
    rng = np.random.default_rng(2)
    z = rng.pareto(2.0, (1000, 1))
    x, t_x, T = population(rng, name, np.log1p(z), np.array([0.3]), np.array([-0.3]))
    fit = fit_with_covariates(name, x, t_x, T, z, ["income"])
    assert np.isfinite(fit.log_likelihood)
    assert fit.log_likelihood > fit.without.log_likelihood


def test_where_customers_do_not_differ_but_by_covariates_the_edge_is_named_and_effects_remain():
    rng = np.random.default_rng(0)
    z = some_covariates(rng, 3000)
    T = rng.uniform(20.0, 60.0, 3000)
    until = np.minimum(rng.exponential(1.0 / rng.gamma(1.1, 1.0 / 30.0, 3000)), T)
    x = rng.poisson(0.1 * np.exp(z @ PURCHASE) * until).astype(float)
    t_x = np.where(x > 0, until * rng.random(3000) ** (1.0 / np.maximum(x, 1.0)), 0.0)
    fit = fit_with_covariates("Pareto/NBD", x, t_x, T, z, ["age", "member"])
    assert "buy at one rate" in fit.boundary
    assert np.abs((fit.model.purchase - PURCHASE) / fit.standard_errors[0]).max() < 3.5


def refuse(error, sentence, name, x, t_x, T, z, names=("age", "member")):
    with pytest.raises(error, match=sentence):
        fit_with_covariates(name, x, t_x, T, z, list(names))


@MODELS
def test_covariates_that_cannot_be_fitted_are_refused_by_name(name):
    x, t_x, T, z = some_customers(1, name, 300)
    ones, twice = np.column_stack([z[:, 0], np.full(300, 40.0)]), np.column_stack([z, z[:, 0] - 2.0 * z[:, 1]])
    gaps = z.copy()
    gaps[[4, 9], 0] = np.nan
    refuse(InputError, '"member": it is 40 for every customer', name, x, t_x, T, ones)
    refuse(
        InputError, '"sum": it follows exactly from "age", "member"', name, x, t_x, T, twice, ("age", "member", "sum")
    )
    refuse(InputError, '"age": row 5 has no number; 2 rows', name, x, t_x, T, gaps)
    refuse(InputError, "299.*values for 300 customers", name, x, t_x, T, z[1:])
    refuse(InsufficientDataError, "8 parameters: give fewer covariates", name, x[:9], t_x[:9], T[:9], z[:9])
    never = x.copy(), t_x.copy()
    for column in never:
        column[z[:, 1] == 1] = 0.0
    sentence = r'"member": none of the \d+ customers where it is 1 bought again'
    refuse(InsufficientDataError, sentence, name, *never, T, z)
    with pytest.raises(InputError, match="MBG/NBD' takes no covariates; use one of Pareto/NBD, BG/NBD"):
        fit_with_covariates("MBG/NBD", x, t_x, T, z, ["age", "member"])


@MODELS
def test_a_covariate_that_tells_stayers_from_leavers_is_refused_by_name(name):
    x, t_x, T, z = some_customers(3, name)
    t_x = np.where((x > 0) & (z[:, 1] == 1), T, t_x)  # members bought on the last day, so they are alive
    refuse(InsufficientDataError, '"member": these data do not determine its effect on dropout', name, x, t_x, T, z)
