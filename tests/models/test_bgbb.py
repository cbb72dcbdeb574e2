"""BG/BB against the paper's donations, lifetimes, plain sums and simulated customers."""

import csv
import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

from pyfuncs.errors import DomainError, InputError
from pyfuncs.models.bgbb import _LONGEST_SUM, BGBB
from pyfuncs.models.estimation import covariance, fit_purchases
from pyfuncs.models.second_opinion import second_opinion

from .conftest import one, opportunities

PAPER = BGBB(1.20352, 0.74972, 0.65672, 2.78344)  # Fader, Hardie & Shang 2010, table 2, with more digits


@pytest.fixture(scope="module")
def donations():
    """The 11,104 donors of the paper, from lifetimes' packaged table (lifetimes itself is not imported)."""
    folder = Path(importlib.util.find_spec("lifetimes").origin).parent / "datasets"
    with (folder / "donations.csv").open(encoding="utf-8") as file:
        table = [
            [float(row[name]) for name in ("frequency", "recency", "periods", "weights")]
            for row in csv.DictReader(file)
        ]
    rows = np.array(table)
    return rows[:, :3].repeat(rows[:, 3].astype(int), axis=0).T


def test_the_papers_parameters_and_likelihood(donations):
    fit = fit_purchases("BG/BB", *donations)
    assert fit.customers == 11_104
    assert fit.log_likelihood == pytest.approx(-33225.5813, abs=1e-4)
    assert list(fit.standard_errors) == ["alpha", "beta", "gamma", "delta"]
    found = [fit.model.alpha, fit.model.beta, fit.model.gamma, fit.model.delta]
    assert found == pytest.approx([1.2035, 0.7497, 0.6567, 2.7834], abs=1e-4)
    assert fit.converged
    assert fit.boundary is None
    assert fit.gradient_norm < 1e-4
    assert fit.log_likelihood == pytest.approx(fit.model.log_likelihood(*donations).sum(), rel=1e-13)
    assert covariance(fit.model, *donations) == pytest.approx(fit.covariance, rel=1e-5)


def test_lifetimes_says_the_same(donations):
    some = donations[:, ::37]
    other = second_opinion(PAPER, *some, 5.0)
    assert other.log_likelihood == pytest.approx(PAPER.log_likelihood(*some).sum(), rel=1e-12)
    assert other.p_alive == pytest.approx(PAPER.p_alive(*some), rel=1e-9)
    assert other.expected_purchases == pytest.approx(PAPER.expected_purchases(5.0, *some), rel=1e-9)


@pytest.mark.parametrize("periods", [52, 365])
def test_long_series_of_opportunities_are_fitted_where_lifetimes_gives_up(periods):
    rng, truth = np.random.default_rng(4), (1.2, 0.75, 0.66, 20.0)
    T = np.full(1500, float(periods))
    fit = fit_purchases("BG/BB", *opportunities(rng, BGBB(*truth), T), T)
    assert fit.converged
    assert fit.boundary is None
    for (name, error), value in zip(fit.standard_errors.items(), truth, strict=True):
        assert abs(getattr(fit.model, name) - value) < 4 * error


@pytest.mark.parametrize(
    ("history", "p_alive"),
    [((3, 4, 6), 0.4725), ((26, 50, 52), 0.9264), ((50, 100, 104), 0.8435), ((180, 360, 365), 0.9007)],
)
def test_p_alive_where_lifetimes_has_a_floor_under_the_likelihood(history, p_alive):
    assert PAPER.p_alive(*one(*history))[0] == pytest.approx(p_alive, abs=5e-5)  # mpmath; shared/notes/performance.md


@pytest.mark.parametrize("history", [(0, 0, 0), (0, 0, 6), (3, 4, 6), (6, 6, 6)])
def test_the_future_is_the_sum_over_what_may_happen(history):
    """Every way the next opportunities can go, from the joint likelihoods of longer histories."""
    x, t_x, T = history
    ahead = 5
    total = math.exp(PAPER.log_likelihood(*one(*history))[0])
    chances = {}
    for pattern in range(2**ahead):
        bits = [pattern >> k & 1 for k in range(ahead)]
        last = max((T + k + 1 for k in range(ahead) if bits[k]), default=t_x)
        joint = math.exp(PAPER.log_likelihood(*one(x + sum(bits), last, T + ahead))[0])
        chances[tuple(bits)] = joint / total
    assert sum(chances.values()) == pytest.approx(1, rel=1e-12)
    mean = sum(p * sum(bits) for bits, p in chances.items())
    assert PAPER.expected_purchases(ahead, *one(*history))[0] == pytest.approx(mean, rel=1e-11)
    assert PAPER.p_no_purchase(ahead, *one(*history))[0] == pytest.approx(chances[(0,) * ahead], rel=1e-11)
    worth = sum(p * sum(b * math.exp(-0.1 * (k + 1)) for k, b in enumerate(bits)) for bits, p in chances.items())
    assert PAPER.discounted_purchases(0.1, *one(*history), ahead)[0] == pytest.approx(worth, rel=1e-11)
    if T == 0:
        for count in range(ahead + 1):
            of_count = sum(p for bits, p in chances.items() if sum(bits) == count)
            assert PAPER.probability_of_count(*one(count, ahead))[0, 0] == pytest.approx(of_count, rel=1e-11)


def test_long_silence_joins_the_term_by_term_sum():
    history = one(3, 4, 6)
    below, above = (PAPER.p_no_purchase(float(t), *history)[0] for t in (_LONGEST_SUM, _LONGEST_SUM + 1))
    assert above == pytest.approx(below, rel=1e-12)
    assert PAPER._long_silent(3.0, 6.0, 500.0) == pytest.approx(PAPER._silent(3.0, 6.0, 500.0), rel=1e-12)
    gone = 1 - PAPER.p_alive(*history)[0]
    assert gone < PAPER.p_no_purchase(1e12, *history)[0] < below


def test_horizons_count_whole_opportunities():
    history = one(3, 4, 6)
    assert PAPER.expected_purchases(4.9, *history) == PAPER.expected_purchases(4.0, *history)
    assert PAPER.expected_purchases(12 * (1 / 12) * 5 - 1e-13, *history) == PAPER.expected_purchases(5.0, *history)
    assert PAPER.expected_purchases(0.5, *history)[0] == 0
    assert PAPER.p_no_purchase(0.5, *history)[0] == 1


def test_for_ever_without_discount_needs_gamma_above_one():
    with pytest.raises(DomainError, match=r"gamma = 0\.6567 is not above 1.*state a horizon"):
        PAPER.discounted_purchases(0.0, *one(3, 4, 6))
    steady = BGBB(1.2, 0.75, 3.0, 9.0)
    endless = steady.discounted_purchases(0.0, *one(3, 4, 6))[0]
    assert endless == pytest.approx(steady.expected_purchases(1e9, *one(3, 4, 6))[0], rel=1e-6)
    assert steady.new_discounted_purchases(0.0) == pytest.approx(1.2 / 1.95 * 9.0 / 2.0)


@pytest.mark.parametrize(
    ("history", "says"),
    [
        ((1, 2.5, 6), "row 1: BG/BB counts whole opportunities"),
        ((1, 2, 6.5), "row 1: BG/BB counts whole opportunities"),
        ((3, 2, 6), r"row 1: more purchases than opportunities up to the last of them \(frequency 3, recency 2, T 6\)"),
        ((1, 7, 6), "row 1: recency exceeds T"),
    ],
)
def test_impossible_histories_are_refused_with_their_row(history, says):
    with pytest.raises(InputError, match=says):
        PAPER.p_alive(*one(*history))
    with pytest.raises(InputError, match=says):
        fit_purchases("BG/BB", *(np.full(9, value) for value in history))


def test_customers_who_never_leave_are_named():
    rng = np.random.default_rng(3)
    T = np.full(400, 30.0)
    bought = rng.random((400, 30)) < rng.beta(3.0, 3.0, 400)[:, None]
    x, t_x = bought.sum(axis=1).astype(float), (bought * np.arange(1.0, 31.0)).max(axis=1)
    fit = fit_purchases("BG/BB", x, t_x, T)
    assert fit.boundary is not None
    assert "No churn is visible" in fit.boundary
    assert np.isfinite([fit.model.alpha, fit.model.beta, fit.model.gamma, fit.model.delta]).all()
