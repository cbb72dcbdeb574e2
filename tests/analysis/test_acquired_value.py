"""Value at acquisition over a horizon: the same first years for customers of every age."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis import scores
from pyfuncs.analysis.acquired_value import remaining_value, value_at_acquisition
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import read_log, used
from pyfuncs.analysis.model_table import Fitted, MeanSpend
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.discounting import continuous_rate
from pyfuncs.models.mbgnbd import MBGNBD
from pyfuncs.models.pareto_nbd import ParetoNBD

MODELS = [
    BGNBD(0.243, 4.414, 0.793, 2.426),
    BGNBD(1.4, 1.4, 0.2, 270.0),
    MBGNBD(0.6178, 8.657, 0.5515, 1.009),
    ParetoNBD(0.553, 10.578, 0.606, 11.669),
]


def people(n=60, weeks=104.0, seed=3):
    """Histories of every age, the oldest as old as `weeks`."""
    rng = np.random.default_rng(seed)
    T = np.round(rng.uniform(0.0, weeks, n) * 7) / 7
    T[:2] = 0.0, weeks
    x = rng.poisson(0.1 * T).astype(float)
    t_x = np.where(x > 0, T * rng.random(n) ** (1.0 / np.maximum(x, 1.0)), 0.0)
    return pd.DataFrame({"frequency": x, "recency": t_x, "T": T, "monetary_value": np.where(x > 0, 20.0, np.nan)})


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.name} {model.r}")
@pytest.mark.parametrize("years", [0.5, 1.0, 2.0, 10.0])
def test_what_is_left_is_that_of_each_customer_asked_alone(model, years):
    fitted, customers = Fitted(model, MeanSpend(20.0)), people()
    left = years * scores.in_periods(fitted, 1.0) - customers["T"].to_numpy()
    delta = continuous_rate(0.10, "week")
    exact = np.zeros(len(customers))
    for i in np.flatnonzero(left > 0):
        one = scores.history(customers.iloc[[i]])
        exact[i] = 0.3 * 20.0 * model.discounted_purchases(delta, *one, t=float(left[i]))[0]
    found = remaining_value(fitted, customers, years, 0.10, 0.3)
    assert (found[left <= 0] == 0).all()
    assert found == pytest.approx(exact, rel=2e-5)


def test_without_a_horizon_all_residual_value_is_left():
    fitted, customers = Fitted(MODELS[0], MeanSpend(20.0)), people()
    assert remaining_value(fitted, customers, None, 0.10, 0.3) == pytest.approx(
        scores.value(fitted, customers, None, 0.10, 0.3)
    )
    far = remaining_value(fitted, customers, 90.0, 0.10, 0.3)
    assert far == pytest.approx(scores.value(fitted, customers, 90.0, 0.10, 0.3), rel=1e-3)


def test_a_customer_acquired_today_has_the_value_of_a_new_one():
    fitted = Fitted(MODELS[2], MeanSpend(20.0))
    new = pd.DataFrame({"frequency": [0.0], "recency": [0.0], "T": [0.0], "monetary_value": [np.nan]})
    expected = scores.new_customer(fitted, 0.10, 0.3, first_amount=0.0, horizons=(1.0,))["value"]
    assert remaining_value(fitted, new, 1.0, 0.10, 0.3) == pytest.approx(expected, rel=1e-6)


def test_purchases_after_the_horizon_are_left_out_and_customers_older_than_it_are_seen_whole():
    rows = [("a", "2022-01-01", 40), ("a", "2022-12-31", 10), ("a", "2023-06-01", 99), ("b", "2023-11-01", 60)]
    log = read_log(pd.DataFrame(rows, columns=["customer", "date", "amount"]), observation_end=dt.date(2023, 12, 31))
    bought = used(log)
    end = int(np.datetime64("2023-12-31").astype("datetime64[D]").astype(int))
    value, to_come = value_at_acquisition(
        bought, 0.5 * bought.amount, np.array([0.0, 7.0]), annual_discount_rate=0.1, observation_end=end, horizon=1.0
    )
    assert to_come == pytest.approx([0.0, 7.0 * 1.1 ** (-60 / 365.25)])
    assert value == pytest.approx([0.5 * (40 + 10 * 1.1 ** (-364 / 365.25)), 30.0 + to_come[1]])


def test_cohorts_of_one_population_are_worth_the_same_whatever_their_age():
    rng = np.random.default_rng(7)
    model, n = ParetoNBD(0.9, 30.0, 0.9, 200.0), 6000  # in days
    arrival = np.repeat([0.0, 365.0, 640.0], n // 3)
    traits = model.draw_new(rng, n)
    until = np.minimum(rng.exponential(size=n) / traits.dropout_rate, 730.0 - arrival)
    repeats = rng.poisson(traits.purchase_rate * until)
    who = np.concatenate((np.arange(n), np.repeat(np.arange(n), repeats)))
    day = np.concatenate((arrival, np.repeat(arrival, repeats) + rng.random(repeats.sum()) * np.repeat(until, repeats)))
    log = read_log(
        pd.DataFrame({"customer": who, "date": np.datetime64("2022-01-01") + day.astype(int), "amount": 10.0}),
        observation_end=dt.date(2023, 12, 31),
    )
    fitted, bought = Fitted(model, MeanSpend(10.0), "day"), used(log)
    table = histories(log, "day").set_index("customer_id").loc[list(bought.customers)]
    value, to_come = value_at_acquisition(
        bought,
        bought.amount,
        remaining_value(fitted, table, 1.0, 0.10),
        annual_discount_rate=0.1,
        observation_end=int(np.datetime64("2023-12-31").astype("datetime64[D]").astype(int)),
        horizon=1.0,
    )
    cohort = bought.day[bought.start[:-1]]
    means = [value[cohort == each].mean() for each in np.unique(cohort)]
    errors = [value[cohort == each].std() / np.sqrt(n / 3) for each in np.unique(cohort)]
    truth = 10.0 * (1.0 + model.new_discounted_purchases(continuous_rate(0.1, "day"), t=365.25))
    assert np.abs(np.array(means) - truth).max() < 3.5 * max(errors)
    assert to_come[cohort == cohort.min()].max() == 0.0
