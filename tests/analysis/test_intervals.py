"""Intervals: the layers apart and together, and whether simulated populations fall inside as often as promised."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis import scores, segments
from pyfuncs.analysis.certainty import certainty
from pyfuncs.analysis.fitting import fit
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.intervals import (
    LATENT,
    LAYERS,
    OUTCOME,
    PARAMETERS,
    interval,
    new_value_draws,
    total_interval,
    value_draws,
)
from pyfuncs.analysis.model_table import Fitted, MeanSpend
from pyfuncs.errors import DomainError, InputError, InsufficientDataError
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.mbgnbd import MBGNBD
from pyfuncs.models.pareto_nbd import ParetoNBD

YEAR = 365.25 / 7
TRUTH = BGNBD(0.9, 4.0, 0.8, 3.0)
SPEND = GammaGamma(6.25, 3.74, 15.45)
ALL = pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD", "Pareto/NBD"])


@pytest.fixture(scope="module")
def cdnow(cdnow_customers):
    """A quarter of the sample, fitted by every model."""
    customers = cdnow_customers.iloc[::4].reset_index(drop=True)
    return customers, {name: fit(customers, name) for name in ("BG/NBD", "MBG/NBD", "Pareto/NBD")}


@pytest.fixture(scope="module")
def population():
    """5,000 customers who buy as BG/NBD and Gamma-Gamma say, one by one: until T, and the year after."""
    rng = np.random.default_rng(20)
    rows = []
    for _ in range(5000):
        age, rate, p = rng.integers(70, 700) / 7, rng.gamma(TRUTH.r) / TRUTH.alpha, rng.beta(TRUTH.a, TRUTH.b)
        nu = rng.gamma(SPEND.q) / SPEND.v
        times, clock = [], 0.0
        while True:
            clock += rng.exponential(1 / rate)
            if clock > age + YEAR:
                break
            times.append(clock)
            if rng.random() < p:
                break
        before, after = [t for t in times if t <= age], [t for t in times if t > age]
        past = rng.gamma(SPEND.p * max(len(before), 1)) / nu / max(len(before), 1)
        future = sum(rng.gamma(SPEND.p) / nu * 1.1 ** (-(t - age) / YEAR) for t in after)
        rows.append((len(before), before[-1] if before else 0.0, age, past if before else np.nan, future, len(after)))
    return pd.DataFrame(rows, columns=["frequency", "recency", "T", "monetary_value", "outcome", "purchases"])


@pytest.fixture(scope="module")
def drawn(population):
    return value_draws(fit(population, "BG/NBD"), population, horizon=1.0, annual_discount_rate=0.1, draws=300)


def test_nine_of_ten_frequent_customers_fall_inside_their_interval(population, drawn):
    low, high = interval(drawn, 0.90)
    frequent = (population["frequency"] >= 5) & (population["T"] - population["recency"] < 4)
    assert frequent.sum() > 250
    inside = (population["outcome"] >= low) & (population["outcome"] <= high)
    assert 0.85 <= inside[frequent].mean() <= 0.95
    assert inside.mean() >= 0.90  # those who may never return have a lump of probability at 0, inside every interval


def test_nine_of_ten_groups_of_customers_fall_inside_theirs(population, drawn):
    groups = np.random.default_rng(3).permutation(5000).reshape(200, 25)
    low, high = interval(np.stack([drawn[:, group].sum(axis=1) for group in groups], axis=1), 0.90)
    actual = np.array([population["outcome"].iloc[group].sum() for group in groups])
    assert 0.85 <= ((actual >= low) & (actual <= high)).mean() <= 0.95


def test_nine_of_ten_groups_buy_as_often_as_their_interval_says(population):
    fitted = fit(population, "BG/NBD", "none")
    counted = value_draws(fitted, population, horizon=1.0, annual_discount_rate=0.0, draws=300)
    groups = np.random.default_rng(4).permutation(5000).reshape(200, 25)
    low, high = interval(np.stack([counted[:, group].sum(axis=1) for group in groups], axis=1), 0.90)
    actual = np.array([population["purchases"].iloc[group].sum() for group in groups])
    assert 0.85 <= ((actual >= low) & (actual <= high)).mean() <= 0.95


def test_the_total_falls_inside_the_interval_of_the_base(population, drawn):
    low, high = total_interval(drawn, 0.90)
    assert low < population["outcome"].sum() < high
    assert high - low < 0.3 * low


@ALL
def test_simulated_values_average_to_the_expected_value(name, cdnow):
    customers, fits = cdnow
    expected = scores.value(fits[name], customers, 2.0, 0.1, 0.4)
    for layers in ((LATENT,), (LATENT, OUTCOME)):
        draws = value_draws(fits[name], customers, horizon=2.0, annual_discount_rate=0.1, margin=0.4, layers=layers)
        assert draws.shape == (200, len(customers))
        assert draws.dtype == np.float32
        assert draws.sum(axis=1).mean() == pytest.approx(expected.sum(), rel=0.03)


@ALL
def test_every_layer_adds_uncertainty(name, cdnow):
    customers, fits = cdnow

    def width(*layers):
        low, high = interval(value_draws(fits[name], customers, horizon=3.0, layers=layers))
        return float((high - low).mean())

    parameters, latent, outcome = width(PARAMETERS), width(LATENT), width(LATENT, OUTCOME)
    assert 0 < parameters < latent < outcome
    assert width(*LAYERS) == pytest.approx(outcome, rel=0.15)


def test_parameter_draws_alone_spread_as_the_delta_method_says(cdnow):
    customers, fits = cdnow
    fitted = Fitted(fits["BG/NBD"].purchases, purchase_fit=fits["BG/NBD"].purchase_fit)
    draws = value_draws(fitted, customers, horizon=1.0, layers=(PARAMETERS,), draws=500)
    theta = np.log([fitted.purchases.r, fitted.purchases.alpha, fitted.purchases.a, fitted.purchases.b])

    def total(shifted):
        return scores.value(Fitted(BGNBD(*np.exp(shifted))), customers, 1.0).sum()

    slope = np.array([(total(theta + step) - total(theta - step)) / 2e-4 for step in 1e-4 * np.eye(4)])
    deviation = np.sqrt(slope @ fitted.purchase_fit.covariance @ slope)
    assert draws.sum(axis=1).std() == pytest.approx(deviation, rel=0.15)
    assert draws.sum(axis=1).mean() == pytest.approx(total(theta), rel=0.02)


def test_customers_of_one_history_are_drawn_apart_but_share_the_parameters(cdnow):
    _, fits = cdnow
    twins = pd.DataFrame({"frequency": [3.0] * 2, "recency": [20.0] * 2, "T": [30.0] * 2, "monetary_value": [9.0] * 2})
    apart = value_draws(fits["BG/NBD"], twins, horizon=1.0, layers=(LATENT,))
    assert abs(np.corrcoef(apart.T)[0, 1]) < 0.3
    together = value_draws(fits["BG/NBD"], twins, horizon=1.0, layers=(PARAMETERS,))
    assert (together[:, 0] == together[:, 1]).all()


def test_the_same_seed_gives_the_same_draws_and_another_seed_others(cdnow):
    customers, fits = cdnow
    first, again, other = (value_draws(fits["MBG/NBD"], customers, draws=5, seed=seed) for seed in (7, 7, 8))
    assert (first == again).all()
    assert (first != other).any()


def test_switching_a_layer_off_leaves_the_draws_of_the_others(cdnow):
    """Parameters have a stream of their own: without them the customers' own draws stay in step."""
    customers, fits = cdnow
    alone = value_draws(fits["BG/NBD"], customers, horizon=1.0, layers=(LATENT,), draws=20)
    with_parameters = value_draws(fits["BG/NBD"], customers, horizon=1.0, layers=(PARAMETERS, LATENT), draws=20)
    assert np.corrcoef(alone.ravel(), with_parameters.ravel())[0, 1] > 0.5


def test_a_typed_model_takes_its_uncertainty_from_the_customers(cdnow_customers):
    """The whole sample: where parameters are loose, those of a fit are drawn with a wider spread than typed ones."""
    customers, fitted = cdnow_customers, fit(cdnow_customers, "BG/NBD")
    typed = Fitted(fitted.purchases, fitted.spend)
    expected = value_draws(fitted, customers, horizon=1.0, layers=(PARAMETERS,), draws=150).sum(axis=1)
    draws = value_draws(typed, customers, horizon=1.0, layers=(PARAMETERS,), draws=150).sum(axis=1)
    assert draws.std() == pytest.approx(expected.std(), rel=0.05)


def test_without_a_spend_model_outcomes_are_whole_purchases(cdnow):
    customers, fits = cdnow
    counts = value_draws(Fitted(fits["Pareto/NBD"].purchases), customers, horizon=1.0, annual_discount_rate=0.0)
    assert (counts == np.round(counts)).all()
    money = value_draws(
        Fitted(fits["Pareto/NBD"].purchases, MeanSpend(20.0)), customers, horizon=1.0, annual_discount_rate=0.0
    )
    assert (money == 20 * counts).all()


def test_the_simulated_spend_has_the_spread_of_gamma_gamma():
    """One customer of known nu: n purchases of Gamma(p, nu) sum to mean n p/nu and variance n p/nu^2."""
    spend = GammaGamma(2.0, 1e7, 1e7 * 0.1)  # nu is 10 for everybody
    fitted = Fitted(BGNBD(50.0, 50.0, 1.0, 1e6), spend)
    customers = pd.DataFrame({"frequency": [0.0] * 4000, "recency": [0.0] * 4000, "T": [0.0] * 4000})
    layers = (LATENT, OUTCOME)
    counts = value_draws(
        Fitted(fitted.purchases), customers, horizon=0.1, annual_discount_rate=0, layers=layers, draws=2
    )
    money = value_draws(fitted, customers, horizon=0.1, annual_discount_rate=0, layers=layers, draws=2)
    assert money.mean() == pytest.approx(counts.mean() * 0.2, rel=0.03)
    expected = counts.mean() * 2 / 100 + counts.var() * 0.2**2
    assert money.var() == pytest.approx(expected, rel=0.1)


def test_parameter_draws_never_reach_an_infinite_mean_spend(cdnow):
    customers, fits = cdnow
    fitted = Fitted(fits["BG/NBD"].purchases, GammaGamma(6.25, 1.05, 15.45))
    assert np.isfinite(value_draws(fitted, customers, horizon=1.0, layers=(PARAMETERS,), draws=300)).all()
    with pytest.raises(DomainError, match="mean spend is infinite"):
        value_draws(Fitted(fits["BG/NBD"].purchases, GammaGamma(6.25, 0.01, 15.45)), customers, horizon=1.0)


@pytest.mark.parametrize(
    "model",
    [TRUTH, MBGNBD(0.52, 6.18, 0.89, 1.61), ParetoNBD(0.55, 10.58, 0.61, 11.67)],
    ids=lambda model: model.name,
)
def test_new_customers_average_to_the_ladder(model):
    fitted = Fitted(model, SPEND)
    ladder = scores.new_customer(fitted, 0.1, 0.5, horizons=[2.0])
    draws = new_value_draws(fitted, horizon=2.0, margin=0.5, layers=(LATENT, OUTCOME), draws=8000)
    assert draws.shape == (8000,)
    assert draws.mean() == pytest.approx(ladder["value"][0], rel=0.05)
    fixed = new_value_draws(fitted, horizon=2.0, margin=0.5, first_amount=100.0, layers=(LATENT,), draws=2000)
    assert fixed.min() >= 50


def test_the_expected_value_of_a_new_customer_varies_with_the_parameters_only(cdnow):
    _, fits = cdnow
    value = scores.new_customer(fits["BG/NBD"], 0.1)["value"][4]
    draws = new_value_draws(fits["BG/NBD"], horizon=10.0, layers=(PARAMETERS,), draws=400)
    low, high = interval(draws[:, None])
    assert low[0] < value < high[0]
    with pytest.raises(InsufficientDataError, match="typed by hand"):
        new_value_draws(Fitted(TRUTH), horizon=1.0)


def test_value_without_end_is_simulated_too(cdnow):
    customers, fits = cdnow
    draws = value_draws(fits["Pareto/NBD"], customers, annual_discount_rate=0.15, layers=(LATENT, OUTCOME), draws=400)
    expected = scores.value(fits["Pareto/NBD"], customers, None, 0.15)
    assert draws.sum(axis=1).mean() == pytest.approx(expected.sum(), rel=0.04)


def test_few_focal_customers_are_surely_focal_once_latent_uncertainty_counts(cdnow_full):
    """shared/design/MODELS.md: parameters alone call 98.7 % of the focal fifth certain, with latent traits 20 %.

    These hold for the whole cohort and the value of the next 39 weeks; over the whole life it is half of that.
    """
    customers = histories(cdnow_full, "week", dt.date(1997, 9, 30))
    fitted = fit(customers, "BG/NBD")
    ahead = {"horizon": 273 / 365.25, "annual_discount_rate": 0.0}
    value = scores.value(fitted, customers, **ahead)
    focal = segments.label(value) == segments.FOCAL
    expected = value_draws(fitted, customers, layers=(PARAMETERS,), draws=100, **ahead)
    surely = np.mean([segments.meets_rule(world, segments.TOP_SHARE, 0.2, None) for world in expected], axis=0) >= 0.8
    assert surely[focal].mean() == pytest.approx(0.987, abs=0.01)
    surely = certainty(fitted, customers, value, draws=100, **ahead).p_focal >= 0.8
    assert surely[focal].mean() == pytest.approx(0.20, abs=0.02)


def test_intervals_are_quantiles_and_levels_are_probabilities():
    draws = np.arange(101.0)[:, None] * [1.0, 2.0]
    low, high = interval(draws, 0.9)
    assert low.tolist() == pytest.approx([5, 10])
    assert high.tolist() == pytest.approx([95, 190])
    assert total_interval(draws, 0.5) == pytest.approx((75, 225))
    for level in (0.0, 1.0, 90, np.nan):
        with pytest.raises(InputError, match="level"):
            interval(draws, level)


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ((), "one or more"),
        (("weather",), "one or more"),
        ("latent", "one or more"),
        ((OUTCOME,), "needs latent"),
        ((PARAMETERS, OUTCOME), "needs latent"),
    ],
)
def test_impossible_layers_are_refused(layers, says, cdnow):
    customers, fits = cdnow
    with pytest.raises(InputError, match=says):
        value_draws(fits["BG/NBD"], customers, layers=layers)


def test_bad_numbers_are_refused(cdnow):
    customers, fits = cdnow
    for arguments in ({"draws": 1}, {"horizon": 0.0}, {"margin": np.inf}, {"annual_discount_rate": -2.0}):
        with pytest.raises(InputError):
            value_draws(fits["BG/NBD"], customers, **arguments)


def test_twenty_five_thousand_customers_are_drawn_at_once(cdnow):
    customers, fits = cdnow
    many = pd.concat([customers] * 43, ignore_index=True).iloc[:25_000]
    draws = value_draws(fits["BG/NBD"], many, draws=200)
    assert draws.shape == (200, 25_000)
    assert np.isfinite(draws).all()
