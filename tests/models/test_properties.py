"""What must hold for any parameters and any history, by hypothesis."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyfuncs.errors import DomainError
from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.estimation import PURCHASE_MODELS
from pyfuncs.models.gamma_gamma import GammaGamma

from .conftest import one


def positive(low, high):
    return st.floats(math.log(low), math.log(high)).map(math.exp)


# Wider than a fit goes: as far as a worksheet may send
PARAMETERS = st.tuples(*[positive(1e-6, 1e6)] * 4)
SPREAD = st.one_of(
    st.tuples(positive(1e-2, 1e2), positive(1e-1, 1e3), positive(1e-2, 1e2), positive(1e-1, 1e3)),
    PARAMETERS,
    PARAMETERS.map(lambda p: (p[0], p[1], 1.0, p[1])),
)
HORIZONS = positive(1e-6, 1e6)


@st.composite
def histories(draw):
    x = draw(st.one_of(st.integers(0, 5), st.integers(0, 100_000)))
    T = draw(st.one_of(st.just(0.0), positive(1e-3, 1e5)))
    share = draw(st.one_of(st.just(1.0), st.floats(0.0, 1.0)))
    return one(x, 0.0 if x == 0 else T * share, T)


@st.composite
def opportunities(draw):
    T = draw(st.one_of(st.integers(0, 60), st.integers(0, 30_000)))
    t_x = draw(st.one_of(st.just(T), st.integers(0, T)))
    x = draw(st.one_of(st.just(t_x), st.integers(1, t_x))) if t_x > 0 else 0
    return one(x, t_x, T)


@settings(max_examples=150, derandomize=True, database=None)
@given(parameters=SPREAD, history=histories(), t=HORIZONS, delta=positive(1e-12, 1e3))
@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_every_answer_is_finite_and_in_range(name, parameters, history, t, delta):
    assert_finite_and_in_range(PURCHASE_MODELS[name](*parameters), history, t, delta)


@settings(max_examples=150, derandomize=True, database=None)
@given(parameters=SPREAD, history=opportunities(), t=HORIZONS.map(math.ceil), delta=positive(1e-12, 1e3))
def test_every_answer_about_opportunities_is_finite_and_in_range(parameters, history, t, delta):
    assert_finite_and_in_range(BGBB(*parameters), history, float(t), delta)


def assert_finite_and_in_range(model, history, t, delta):
    alive, quiet = model.p_alive(*history)[0], model.p_no_purchase(t, *history)[0]
    expected = model.expected_purchases(t, *history)[0]
    to_t, endless = (model.discounted_purchases(delta, *history, h)[0] for h in (t, math.inf))
    assert np.isfinite(model.log_likelihood(*history)[0])
    assert 0 <= alive <= 1
    assert 0 <= quiet <= 1
    assert 0 <= expected < math.inf
    assert 0 <= to_t <= min(expected, endless) * (1 + 1e-9)
    assert endless < math.inf
    assert 1 - quiet <= expected * (1 + 1e-9) + 1e-12  # P(at least one) <= E[count]


@settings(max_examples=40, derandomize=True, database=None)
@given(parameters=SPREAD, history=histories(), t=HORIZONS)
@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_expected_purchases_grow_with_the_horizon_and_discounting_vanishes(name, parameters, history, t):
    model = PURCHASE_MODELS[name](*parameters)
    short, long = (model.expected_purchases(h, *history)[0] for h in (t, 2 * t))
    assert short <= long * (1 + 1e-10) <= 2 * short * (1 + 1e-9) + 1e-300
    assert model.discounted_purchases(1e-12 / t, *history, t)[0] == pytest.approx(short, rel=1e-9, abs=1e-280)
    assert model.discounted_purchases(0.0, *history, t)[0] == pytest.approx(short, rel=1e-12)


@settings(max_examples=40, derandomize=True, database=None)
@given(parameters=SPREAD, t=HORIZONS)
@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_counts_of_a_new_customer_are_probabilities(name, parameters, t):
    model = PURCHASE_MODELS[name](*parameters)
    p = model.probability_of_count(np.arange(60.0), np.array([0.0, t]))
    assert p.shape == (60, 2)
    assert ((p >= 0) & (p <= 1)).all()
    assert p[:, 0] == pytest.approx(np.eye(60)[0], abs=1e-14)
    assert p[:, 1].sum() <= 1 + 1e-10
    assert p[0, 1] == pytest.approx(model.p_no_purchase(t, *one(0, 0, 0))[0], rel=1e-10)


@settings(max_examples=40, derandomize=True, database=None)
@given(parameters=SPREAD, t=st.integers(1, 5000))
def test_counts_of_opportunities_are_probabilities(parameters, t):
    model = BGBB(*parameters)
    p = model.probability_of_count(np.arange(60.0), np.array([0.0, t]))
    assert ((p >= 0) & (p <= 1)).all()
    assert p[:, 1].sum() <= 1 + 1e-10
    assert p[0, 1] == pytest.approx(model.p_no_purchase(t, *one(0, 0, 0))[0], rel=1e-10)


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_count_probabilities_sum_to_one_with_the_expected_mean(name):
    model = PURCHASE_MODELS[name](0.5, 8.0, 0.9, 3.0)
    p, n = model.probability_of_count(np.arange(900.0), np.array([5.0, 39.0])), np.arange(900.0)
    assert p.sum(axis=0) == pytest.approx([1, 1], rel=1e-10)
    assert n @ p == pytest.approx(model.new_expected_purchases(np.array([5.0, 39.0])), rel=1e-8)


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_a_new_customer_is_a_history_of_length_zero(name):
    model = PURCHASE_MODELS[name](0.5, 8.0, 0.9, 3.0)
    t = np.array([[1.0, 2.0], [3.0, 40.0]])
    assert model.new_expected_purchases(t).shape == t.shape
    assert model.new_expected_purchases(t)[1, 1] == pytest.approx(model.expected_purchases(40.0, *one(0, 0, 0))[0])
    assert model.new_discounted_purchases(0.01, 40.0) == pytest.approx(
        model.discounted_purchases(0.01, *one(0, 0, 0), 40.0)[0]
    )


@pytest.mark.parametrize("name", PURCHASE_MODELS)
@pytest.mark.parametrize("shape", [0.3, 1.0])
def test_endless_purchases_without_discount_are_refused_with_a_sentence(name, shape):
    model = PURCHASE_MODELS[name](0.5, 8.0, shape, 3.0)
    with pytest.raises(DomainError, match=r"infinite .* state a horizon or a discount rate"):
        model.discounted_purchases(0.0, *one(2, 5, 9))


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_growth_beyond_all_numbers_is_refused_with_a_sentence(name):
    model = PURCHASE_MODELS[name](0.5, 8.0, 0.9, 3.0)
    assert model.discounted_purchases(-0.01, *one(2, 5, 9), 5e4)[0] < math.inf
    with pytest.raises(DomainError, match=r"weigh more than a number can hold; state a shorter horizon"):
        model.discounted_purchases(-0.01, *one(2, 5, 9), 1e6)


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_endless_purchases_without_discount_are_finite_above_one(name):
    model = PURCHASE_MODELS[name](0.5, 8.0, 3.5, 3.0)
    endless = model.discounted_purchases(0.0, *one(2, 5, 9))[0]
    assert endless == pytest.approx(model.expected_purchases(1e7, *one(2, 5, 9))[0], rel=1e-6)


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_no_customers_give_no_answers(name):
    model, none = PURCHASE_MODELS[name](0.5, 8.0, 0.9, 3.0), np.empty(0)
    for answer in (
        model.log_likelihood(none, none, none),
        model.p_alive(none, none, none),
        model.expected_purchases(5.0, none, none, none),
        model.discounted_purchases(0.01, none, none, none),
        model.p_no_purchase(5.0, none, none, none),
        model.draw_latent(np.random.default_rng(0), none, none, none).expected(0.01),
    ):
        assert answer.shape == (0,)


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_customers_answered_together_are_answered_as_alone(name, cdnow):
    model = PURCHASE_MODELS[name](0.5, 8.0, 0.9, 3.0)
    history = cdnow.x[:40], cdnow.t_x[:40], cdnow.T[:40]
    together = model.discounted_purchases(0.003, *history), model.expected_purchases(39.0, *history)
    for i in range(40):
        alone = tuple(column[i : i + 1] for column in history)
        assert together[0][i] == pytest.approx(model.discounted_purchases(0.003, *alone)[0], rel=1e-11)
        assert together[1][i] == pytest.approx(model.expected_purchases(39.0, *alone)[0], rel=1e-11)


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_impossible_parameters_are_refused_by_name(name):
    for bad in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(DomainError, match="r must be a finite number above 0"):
            PURCHASE_MODELS[name](bad, 1.0, 1.0, 1.0)


@settings(max_examples=100, derandomize=True, database=None)
@given(
    p=positive(1e-6, 1e6),
    q=positive(1e-6, 1e6).map(lambda above: 1.0 + above),
    v=positive(1e-6, 1e6),
    x=st.integers(0, 100_000),
    m=st.one_of(st.just(0.0), positive(1e-6, 1e9)),
)
def test_expected_spend_lies_between_the_customers_mean_and_the_populations(p, q, v, x, m):
    model = GammaGamma(p, q, v)
    found = model.expected_spend(*one(x, m))[0]
    low, high = sorted((m, model.mean))
    assert low * (1 - 1e-9) <= found <= high * (1 + 1e-9)
    if x == 0:
        assert found == model.mean
    elif m > 0:
        assert np.isfinite(model.log_likelihood(*one(x, m))[0])


def test_an_infinite_mean_spend_is_refused():
    with pytest.raises(DomainError, match=r"q = 0\.9 is not above 1"):
        GammaGamma(6.0, 0.9, 15.0).expected_spend(*one(1, 10))
