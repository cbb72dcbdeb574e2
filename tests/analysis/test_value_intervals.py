"""Intervals for many: as if every customer were drawn one by one, though peers share their draws."""

from dataclasses import astuple

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.fitting import fit
from pyfuncs.analysis.intervals import LATENT, PARAMETERS, interval, total_interval, value_draws
from pyfuncs.analysis.model_table import Fitted, MeanSpend
from pyfuncs.analysis.value_intervals import _BLOCK, _Base, _expected_factors, value_intervals
from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.mbgnbd import MBGNBD
from pyfuncs.models.pareto_nbd import ParetoNBD

TRUTH = MBGNBD(1.2, 13.0, 0.62, 0.54)
SPEND = GammaGamma(6.0, 4.0, 27.0)


@pytest.fixture(scope="module")
def cdnow(cdnow_customers):
    """A quarter of the sample, fitted by every model."""
    customers = cdnow_customers.iloc[::4].reset_index(drop=True)
    return customers, {name: fit(customers, name) for name in ("BG/NBD", "MBG/NBD", "Pareto/NBD")}


def test_the_intervals_are_those_of_the_draws(cdnow):
    """Customers who bought once share theirs; the total is as wide as if each had been drawn by itself."""
    customers, fits = cdnow
    chosen = {"horizon": 2.0, "annual_discount_rate": 0.1, "draws": 1500}
    draws = value_draws(fits["MBG/NBD"], customers, **chosen)
    low, high = interval(draws)
    found = value_intervals(fits["MBG/NBD"], customers, **chosen, seed=2)
    near = np.abs(found.high - high) <= 0.25 * high
    assert near[customers["frequency"] > 2].mean() > 0.97
    assert found.high.sum() == pytest.approx(high.sum(), rel=0.02)
    assert found.low.sum() == pytest.approx(low.sum(), abs=0.002 * high.sum())  # nearly all are 0
    assert (found.total_low, found.total_high) == pytest.approx(total_interval(draws), rel=0.03)
    once = customers.assign(high=found.high)[customers["frequency"] == 0].groupby("T")["high"]
    assert (once.nunique() == 1).all()
    assert once.size().max() > 1


def test_without_the_total_all_who_are_alike_share_their_interval(cdnow):
    customers, fits = cdnow
    fitted = Fitted(fits["BG/NBD"].purchases, purchase_fit=fits["BG/NBD"].purchase_fit)
    found = value_intervals(fitted, customers, horizon=1.0, total=False)
    assert np.isnan([found.total_low, found.total_high]).all()
    histories_of = customers.assign(high=found.high).groupby(["frequency", "recency", "T"])["high"]
    assert (histories_of.nunique() == 1).all()


def test_intervals_of_the_parameters_alone_are_those_of_their_draws(cdnow):
    customers, fits = cdnow
    found = value_intervals(fits["BG/NBD"], customers, horizon=1.0, layers=(PARAMETERS,))
    draws = value_draws(fits["BG/NBD"], customers, horizon=1.0, layers=(PARAMETERS,))
    assert (found.low == interval(draws)[0]).all()
    assert (found.total_low, found.total_high) == total_interval(draws)


@pytest.mark.parametrize(
    "fitted",
    [
        Fitted(ParetoNBD(0.55, 10.6, 0.6, 11.7), MeanSpend(20.0)),
        Fitted(BGBB(1.2, 0.75, 0.66, 9.0), SPEND),
        Fitted(TRUTH, SPEND),
    ],
    ids=lambda fitted: fitted.purchases.name,
)
@pytest.mark.parametrize("layers", [(LATENT,), (LATENT, "outcome")])
def test_the_total_of_many_peers_is_as_wide_as_if_each_were_drawn_by_itself(fitted, layers):
    """Some thousand customers of three frequencies and ages; one of them without a known spend."""
    rng = np.random.default_rng(6)
    x = rng.integers(0, 3, 3000)
    T = 30.0 + 4 * x
    t_x = np.where(x > 0, x + rng.integers(0, 25, 3000), 0)
    m = np.where((x > 0) & (rng.random(3000) > 0.05), rng.gamma(2.0, 20.0, 3000), np.nan)
    customers = pd.DataFrame({"frequency": x * 1.0, "recency": t_x * 1.0, "T": T, "monetary_value": m})
    chosen = {"horizon": 1.0, "layers": layers, "draws": 1500}
    draws = value_draws(fitted, customers, **chosen)
    low, high = interval(draws)
    found = value_intervals(fitted, customers, **chosen, seed=2)
    spread = draws.sum(axis=1, dtype=np.float64).std()
    assert (found.total_low, found.total_high) == pytest.approx(total_interval(draws), abs=0.35 * spread)
    assert found.low.sum() == pytest.approx(low.sum(), abs=0.01 * high.sum())
    assert found.high.sum() == pytest.approx(high.sum(), rel=0.1)  # three draws of what many share


def test_peers_who_differ_in_spend_alone_have_intervals_in_proportion(cdnow):
    _, fits = cdnow
    v = fits["BG/NBD"].spend.v
    peers = pd.DataFrame({"frequency": 4.0, "recency": 30.0, "T": 35.0, "monetary_value": [10.0, 40.0]}, index=[0, 1])
    found = value_intervals(fits["BG/NBD"], peers, horizon=2.0, layers=(LATENT, "outcome"))
    assert found.high[1] / found.high[0] == pytest.approx((v + 160.0) / (v + 40.0), rel=1e-5)


def test_more_peers_than_a_block_holds_are_still_one_by_one_in_the_total():
    n = 2 * _BLOCK + 77
    spend = np.linspace(10.0, 90.0, n)
    customers = pd.DataFrame({"frequency": 2.0, "recency": 20.0, "T": 30.0, "monetary_value": spend})
    found = value_intervals(Fitted(TRUTH, SPEND), customers, horizon=1.0, layers=(LATENT, "outcome"), draws=800)
    draws = value_draws(Fitted(TRUTH, SPEND), customers, horizon=1.0, layers=(LATENT, "outcome"), draws=800)
    spread = draws.sum(axis=1, dtype=np.float64).std()
    assert (found.total_low, found.total_high) == pytest.approx(total_interval(draws), abs=0.4 * spread)


def test_a_negative_margin_turns_the_interval_over(cdnow):
    customers, fits = cdnow
    gain, loss = (value_intervals(fits["MBG/NBD"], customers, horizon=2.0, margin=margin) for margin in (1.0, -1.0))
    assert loss.low == pytest.approx(-gain.high, rel=1e-6)
    assert loss.total_low == pytest.approx(-gain.total_high, rel=1e-6)


@pytest.mark.parametrize("horizon", [52.0, np.inf])
@pytest.mark.parametrize(
    "middle",
    [BGNBD(0.3, 4.0, 0.1, 0.2), MBGNBD(1.4, 1.4, 0.2, 280.0), ParetoNBD(0.5, 10.0, 0.2, 5.0), BGBB(1.2, 0.8, 0.7, 9.0)],
    ids=lambda model: model.name,
)
def test_the_means_in_worlds_far_apart_are_those_of_every_group_of_peers(middle, horizon):
    rng = np.random.default_rng(5)
    x = rng.negative_binomial(1, 0.1, 400) * 1.0
    T = x + rng.integers(0, 60, 400)
    base = _Base.of({"frequency": x, "recency": np.where(x > 0, T, 0.0), "T": T}, None)
    apart = np.log(astuple(middle)) + rng.standard_normal((12, 4)) * [0.1, 0.1, 1.5, 1.5]
    worlds = [(type(middle)(*row), None) for row in np.exp(apart).tolist()]
    found = _expected_factors(worlds, base, 0.002, horizon)
    history = base.x[base.first], np.where(base.x > 0, base.T, 0.0)[base.first], base.T[base.first]
    for column, (model, _) in zip(found.T, worlds, strict=True):
        alive = model.discounted_purchases(0.002, *history, t=horizon)
        assert column * model.p_alive(*history) == pytest.approx(alive, rel=2e-4)
