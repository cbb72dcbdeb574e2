"""Scores of customers: published numbers, units of time, and what must hold between scores."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from pyfuncs.analysis import scores
from pyfuncs.analysis.model_table import Fitted, MeanSpend
from pyfuncs.errors import DomainError, InputError
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.discounting import PERIODS_PER_YEAR
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.mbgnbd import MBGNBD
from pyfuncs.models.pareto_nbd import ParetoNBD

# Fader, Hardie & Lee (2005) and Fader & Hardie's notes 008, 025; shared/design/MODELS.md
BG = Fitted(BGNBD(0.243, 4.414, 0.793, 2.426), GammaGamma(6.25, 3.74, 15.45))
PARETO = Fitted(ParetoNBD(0.553, 10.578, 0.606, 11.669), GammaGamma(6.25, 3.74, 15.45))
# shared/data/README.md
MBG = Fitted(MBGNBD(0.524843, 6.183086, 0.891359, 1.614002), GammaGamma(6.25, 3.74, 15.45))
CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c", "d"],
        "frequency": [2.0, 0.0, 26.0, 1.0],
        "recency": [30.43, 0.0, 30.86, 1.71],
        "T": [38.86, 38.86, 31.0, 38.86],
        "monetary_value": [22.35, np.nan, 47.3, 11.77],
    }
)
WEEKS_39 = 39 * 7 / 365.25
ALL = pytest.mark.parametrize("fitted", [BG, MBG, PARETO], ids=lambda fitted: fitted.purchases.name)


def test_the_published_customer_is_alive_with_probability_0_7266_and_buys_1_226_times():
    assert scores.p_alive(BG, CUSTOMERS)[0] == pytest.approx(0.7266, abs=5e-5)
    assert scores.expected_purchases(BG, CUSTOMERS, WEEKS_39)[0] == pytest.approx(1.226, abs=5e-4)
    assert scores.p_alive(BG, CUSTOMERS)[1] == 1


def test_the_same_customer_under_pareto_nbd_agrees_with_the_reference_fit():
    assert scores.p_alive(PARETO, CUSTOMERS)[0] == pytest.approx(0.86917, abs=5e-6)
    # By mpmath from the integral over the time of death: 1.4551231932576 (README says 1.45532).
    assert scores.expected_purchases(PARETO, CUSTOMERS, WEEKS_39)[0] == pytest.approx(1.4551231932576, abs=1e-9)
    # The reference divides the year into 52 weeks; this rate is the same per week.
    rate = 1.15 ** (PERIODS_PER_YEAR["week"] / 52) - 1
    assert scores.discounted_purchases(PARETO, CUSTOMERS, rate)[0] == pytest.approx(6.5022, abs=2e-3)


@ALL
def test_value_is_margin_times_spend_times_discounted_purchases(fitted):
    value = scores.value(fitted, CUSTOMERS, 3.0, 0.12, 0.3)
    purchases = scores.discounted_purchases(fitted, CUSTOMERS, 0.12, 3.0)
    assert value == pytest.approx(0.3 * scores.expected_spend(fitted, CUSTOMERS) * purchases)
    assert scores.value(fitted, CUSTOMERS, 3.0, 0.12, -0.3) == pytest.approx(-value)


@ALL
def test_discounted_purchases_are_the_discounted_increments_of_expected_purchases(fitted):
    horizon, rate = 4.0, 0.2
    edges = np.linspace(0, horizon, 401)[1:]
    expected = np.array([scores.expected_purchases(fitted, CUSTOMERS, edge) for edge in edges])
    increments = np.diff(expected, axis=0, prepend=0)
    by_sum = (increments * (1.0 + rate) ** -(edges - horizon / 800)[:, None]).sum(axis=0)
    assert scores.discounted_purchases(fitted, CUSTOMERS, rate, horizon) == pytest.approx(by_sum, rel=1e-5)


@ALL
def test_the_whole_life_is_the_limit_of_long_horizons(fitted):
    for_ever = scores.value(fitted, CUSTOMERS, None, 0.1)
    assert scores.value(fitted, CUSTOMERS, 400.0, 0.1) == pytest.approx(for_ever, rel=1e-9)
    assert (scores.value(fitted, CUSTOMERS, 20.0, 0.1) < for_ever).all()


@ALL
def test_the_unit_of_time_changes_no_score(fitted):
    """The same model in weeks and in days gives the same scores at horizons in years."""
    in_days = {
        "BG/NBD": lambda m: BGNBD(m.r, 7 * m.alpha, m.a, m.b),
        "MBG/NBD": lambda m: MBGNBD(m.r, 7 * m.alpha, m.a, m.b),
        "Pareto/NBD": lambda m: ParetoNBD(m.r, 7 * m.alpha, m.s, 7 * m.beta),
    }[fitted.purchases.name](fitted.purchases)
    daily = Fitted(in_days, fitted.spend, "day")
    customers = CUSTOMERS.assign(recency=7 * CUSTOMERS["recency"], T=7 * CUSTOMERS["T"])
    assert scores.value(daily, customers, 2.0, 0.1) == pytest.approx(scores.value(fitted, CUSTOMERS, 2.0, 0.1))
    assert scores.value(daily, customers) == pytest.approx(scores.value(fitted, CUSTOMERS))
    assert scores.p_no_purchase(daily, customers, 0.5) == pytest.approx(scores.p_no_purchase(fitted, CUSTOMERS, 0.5))
    ladder, daily_ladder = (scores.new_customer(each, 0.15)["value"] for each in (fitted, daily))
    assert daily_ladder == pytest.approx(ladder)


@ALL
def test_no_purchase_grows_less_likely_with_time_down_to_the_chance_of_being_gone(fitted):
    at = [scores.p_no_purchase(fitted, CUSTOMERS, horizon) for horizon in (0.01, 0.5, 2.0, 1e9)]
    assert (np.diff(at, axis=0) < 0).all()
    gone = 1 - scores.p_alive(fitted, CUSTOMERS)
    if fitted is PARETO:  # whoever is alive may still leave in silence
        assert (at[-1] > gone).all()
    else:
        assert at[-1] == pytest.approx(gone, abs=0.02)


def test_spend_is_the_weighted_mean_of_own_and_population_spend():
    p, q, v = 6.25, 3.74, 15.45
    weight = p * 2 / (p * 2 + q - 1)
    spend = scores.expected_spend(BG, CUSTOMERS)
    assert spend[0] == pytest.approx(weight * 22.35 + (1 - weight) * p * v / (q - 1))
    assert spend[1] == pytest.approx(p * v / (q - 1))


def test_without_amounts_or_a_spend_model_value_counts_purchases():
    counted = Fitted(BG.purchases)
    assert scores.expected_spend(counted, CUSTOMERS).tolist() == [1, 1, 1, 1]
    assert scores.value(counted, CUSTOMERS, 1.0, 0.1) == pytest.approx(
        scores.discounted_purchases(BG, CUSTOMERS, 0.1, 1.0)
    )
    no_amounts = CUSTOMERS.drop(columns="monetary_value")
    assert scores.expected_spend(BG, no_amounts) == pytest.approx(np.full(4, 6.25 * 15.45 / 2.74))
    assert scores.value(Fitted(BG.purchases, MeanSpend(2.0)), no_amounts, 1.0) == pytest.approx(
        2 * scores.value(counted, CUSTOMERS, 1.0)
    )


def test_the_ladder_of_a_new_customer_has_the_published_shares():
    """3.964 purchases at 15 %, of which year 1 holds 35 %, 5 years 76 %, 10 years 91 %; BG/NBD 3.66 (MODELS.md)."""
    rate = 1.15 ** (PERIODS_PER_YEAR["week"] / 52) - 1
    ladder = scores.new_customer(PARETO, rate)
    assert ladder["horizon"].tolist()[:5] == [1, 2, 3, 5, 10]
    assert np.isnan(ladder["horizon"][5])
    assert ladder["discounted_purchases"][5] == pytest.approx(3.964, abs=1e-3)
    assert ladder["share"][[0, 3, 4]].round(2).tolist() == [0.35, 0.76, 0.91]
    assert scores.new_customer(BG, rate)["discounted_purchases"][5] == pytest.approx(3.66, abs=5e-3)


@ALL
def test_a_new_customer_is_worth_the_first_purchase_and_the_discounted_rest(fitted):
    ladder = scores.new_customer(fitted, 0.15, 0.4, first_amount=20.0)
    spend = fitted.spend.mean
    assert ladder["value"] == pytest.approx(0.4 * (20 + spend * ladder["discounted_purchases"]))
    without = scores.new_customer(fitted, 0.15, 0.4)
    assert without["value"] - ladder["value"] == pytest.approx(np.full(6, 0.4 * (spend - 20)))
    delta = np.log(1.15) / PERIODS_PER_YEAR["week"]

    def rate(time, step=1e-3):
        late, early = fitted.purchases.new_expected_purchases(np.array([time + step, time]))
        return np.exp(-delta * time) * (late - early) / step

    by_integral = quad(rate, 0, PERIODS_PER_YEAR["week"], limit=200)[0]
    assert ladder["discounted_purchases"][0] == pytest.approx(by_integral, rel=1e-4)


def test_a_value_that_would_be_infinite_is_refused_with_a_sentence():
    for fitted in (BG, PARETO):
        with pytest.raises(DomainError, match="infinite"):
            scores.value(fitted, CUSTOMERS, None, 0.0)
        with pytest.raises(DomainError, match="infinite"):
            scores.expected_purchases(fitted, CUSTOMERS)
    with pytest.raises(DomainError, match="below 0"):
        scores.value(BG, CUSTOMERS, None, -0.05)
    assert np.isfinite(scores.value(BG, CUSTOMERS, 5.0, -0.05)).all()
    lasting = Fitted(BGNBD(0.243, 4.414, 1.5, 2.426))
    assert np.isfinite(scores.value(lasting, CUSTOMERS, None, 0.0)).all()


@pytest.mark.parametrize("horizon", [0.0, -1.0, np.nan, np.inf])
def test_a_horizon_must_be_above_zero(horizon):
    for score in (scores.p_no_purchase, scores.expected_purchases, scores.value):
        with pytest.raises(InputError, match="horizon"):
            score(BG, CUSTOMERS, horizon)


def test_margins_rates_and_first_amounts_must_be_numbers():
    with pytest.raises(InputError, match="margin"):
        scores.value(BG, CUSTOMERS, 1.0, 0.1, np.nan)
    with pytest.raises(InputError, match="annual_discount_rate"):
        scores.value(BG, CUSTOMERS, 1.0, -1.0)
    with pytest.raises(InputError, match="first_amount"):
        scores.new_customer(BG, 0.1, first_amount=np.nan)


def test_a_row_that_is_no_history_is_named():
    with pytest.raises(InputError, match=r"row 2: recency exceeds T \(frequency 1, recency 41.2, T 38.9\); 1 row"):
        scores.p_alive(BG, pd.DataFrame({"frequency": [0, 1], "recency": [0, 41.2], "T": [38.9, 38.9]}))
    with pytest.raises(InputError, match="no column recency"):
        scores.p_alive(BG, pd.DataFrame({"frequency": [0], "T": [1]}))
