"""Value at acquisition: by hand, on simulated channels whose worth is known, and in groups of every kind."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis import fitting, scores
from pyfuncs.analysis.acquired_value import remaining_value
from pyfuncs.analysis.acquisition import (
    ALL,
    NOT_STATED,
    acquired,
    ceiling_table,
    groups,
    pooled_values,
    value_table,
)
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import read_log
from pyfuncs.analysis.model_table import Fitted, MeanSpend
from pyfuncs.errors import InputError
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.discounting import continuous_rate
from pyfuncs.models.pareto_nbd import ParetoNBD

END = dt.date(2023, 12, 31)
DAYS = 730
MARGIN = 0.3
TYPED = Fitted(BGNBD(0.243, 4.414, 0.793, 2.426), MeanSpend(20.0))


def log_of(rows, headers=("customer", "date", "amount", "channel"), end=END):
    return read_log(pd.DataFrame(rows, columns=headers), observation_end=end)


def valued(log, fitted=TYPED, rate=0.1, margin=MARGIN, horizon=None):
    people = histories(log, fitted.period)
    people["remaining_value"] = remaining_value(fitted, people, horizon, rate, margin)
    return acquired(log, fitted, people, annual_discount_rate=rate, margin=margin, horizon=horizon)


def simulated(seed, sizes, rate, life, spend, horizon=None):
    """A log of two years whose channels differ in rate, lifetime and spend, and the worth of their customers."""
    rng = np.random.default_rng(seed)
    delta = continuous_rate(0.1, "day")
    days, frames, worth = np.inf if horizon is None else horizon * 365.25, [], {}
    for g, n in enumerate(sizes):
        model = ParetoNBD(r=0.8, alpha=60.0 / rate[g], s=0.9, beta=120.0 * life[g])
        mean = 160 / 3 * spend[g]
        worth[f"channel {g}"] = MARGIN * mean * (1 + model.new_discounted_purchases(delta, t=days))
        arrival = rng.uniform(0, 0.9 * DAYS, n)
        traits = model.draw_new(rng, n)
        until = np.minimum(rng.exponential(size=n) / traits.dropout_rate, DAYS - arrival)
        repeats = rng.poisson(traits.purchase_rate * until)
        who = np.concatenate((np.arange(n), np.repeat(np.arange(n), repeats)))
        later = np.repeat(arrival, repeats) + rng.random(repeats.sum()) * np.repeat(until, repeats)
        day = np.floor(np.concatenate((arrival, later))).astype(int)
        own = 40 * spend[g] / rng.gamma(4, 1 / 4, n)
        frames.append(
            pd.DataFrame(
                {
                    "customer": [f"{g}-{i}" for i in who],
                    "date": np.datetime64("2022-01-01") + day,
                    "amount": own[who] * rng.gamma(6, 1 / 6, who.size),
                    "channel": f"channel {g}",
                }
            )
        )
    table = pd.concat(frames).sort_values("date", kind="stable")
    return read_log(table, observation_end=END), worth


def pooled_against_truth(seed, differ, sizes, horizon=None):
    rng = np.random.default_rng(1000 + seed)
    factors = [np.exp(differ * rng.standard_normal(len(sizes)) - differ**2 / 2) for _ in range(3)]
    log, worth = simulated(seed, sizes, *factors, horizon)
    fitted = fitting.fit(histories(log), "Pareto/NBD", "auto", "week", log.observation_end)
    customers, by = valued(log, fitted, horizon=horizon), groups(log)
    table = value_table(customers, by).set_index("channel").loc[list(worth)]
    return table, np.array(list(worth.values()))


def test_value_at_acquisition_by_hand():
    log = log_of([("a", "2023-01-01", 40, "web"), ("a", "2023-07-02", 10, "shop"), ("b", "2023-12-31", 60, "shop")])
    found = valued(log)
    people = histories(log)
    later, age = 182 / 365.25, 364 / 365.25
    residual = MARGIN * 20 * scores.discounted_purchases(TYPED, people, 0.1)
    assert found.to_come == pytest.approx([residual[0] * 1.1**-age, residual[1]])
    assert found.value == pytest.approx(
        [MARGIN * (40 + 10 * 1.1**-later) + residual[0] * 1.1**-age, MARGIN * 60 + residual[1]]
    )
    assert found.age.tolist() == [364, 0]
    assert found.years == pytest.approx(365 / 365.25)


def test_purchases_count_where_money_is_not_modelled_or_not_known():
    rows = [("a", "2023-01-01", 40, "web"), ("a", "2023-07-02", 10, "web")]
    counted = valued(log_of(rows), Fitted(TYPED.purchases))
    assert counted.amount.tolist() == [1.0, 1.0]
    without = log_of(
        [(customer, date, channel) for customer, date, _, channel in rows], ("customer", "date", "channel")
    )
    assert valued(without).amount.tolist() == [20.0, 20.0]


def test_planted_channel_values_are_recovered_and_shrunk_where_data_are_thin():
    sizes = (1500, 700, 300, 120, 50, 20, 8)
    inside, closer = [], []
    for seed in range(6):
        table, worth = pooled_against_truth(seed, 0.2, sizes)
        inside.append((table["lower"] <= worth) & (worth <= table["upper"]))
        closer.append(np.abs(table["value_before_cac"] - worth) - np.abs(table["mean"] - worth))
        assert (np.diff(table["shrinkage"].iloc[1:]) > 0).all()
    assert 0.8 < np.mean(inside) <= 1
    assert np.mean(closer, axis=0)[-3:].max() < 0


@pytest.mark.parametrize("horizon", [0.5, 1.0])
def test_values_of_the_first_years_are_recovered_for_customers_of_every_age(horizon):
    sizes = (1500, 700, 300, 120, 50, 20)
    found = [pooled_against_truth(seed, 0.4, sizes, horizon) for seed in range(6)]
    assert 0.8 < np.mean([(table["lower"] <= worth) & (worth <= table["upper"]) for table, worth in found]) <= 1
    large = np.concatenate([table["value_before_cac"].to_numpy()[:2] / worth[:2] for table, worth in found])
    assert large.mean() == pytest.approx(1, abs=0.05)


def test_channels_that_are_alike_get_nearly_one_value():
    table, _ = pooled_against_truth(1, 0.0, (1500, 700, 300, 120, 50, 20, 8))
    assert np.ptp(table["value_before_cac"]) < 0.25 * np.ptp(table["mean"])


def test_the_doubt_about_parameters_is_in_the_interval_of_all():
    table, _ = pooled_against_truth(1, 0.0, (1500, 700))
    assert table["upper"].iloc[0] - table["lower"].iloc[0] > 2 * 1.645 * table["standard_error"].iloc[0]


def test_the_channel_is_that_of_the_earliest_row():
    log = log_of(
        [
            ("a", "2023-05-02 17:00", 1, "late"),
            ("a", "2023-05-02 09:00", 1, "early"),
            ("b", "2023-05-02", 1, "first row"),
            ("b", "2023-05-02", 1, "second row"),
            ("c", "2023-05-02", 1, None),
            ("d", "2023-05-01", -5, "set aside"),
            ("d", "2023-06-01", 5, "late"),
            ("e", "2023-06-01", 5, "late"),
        ]
    )
    found = groups(log)
    assert [found.names[code] for code in found.code] == ["early", "first row", NOT_STATED, "late", "late"]
    assert found.names[0] == "late"
    assert found.count.tolist() == [2, 1, 1, 1]


def test_cohorts_are_as_fine_as_at_most_24_allow():
    def names(first, last):
        return groups(log_of([("a", first, 1, ""), ("b", last, 1, "")], end=dt.date(2030, 1, 1)), "cohort").names

    assert names("2022-01-31", "2023-12-01") == ("2022-01", "2023-12")
    assert names("2022-01-31", "2024-01-01") == ("2022-Q1", "2024-Q1")
    assert names("2012-01-31", "2024-01-01") == ("2012", "2024")


def test_a_log_without_the_column_says_which_is_missing():
    with pytest.raises(InputError, match="'product' is not one of channel, cohort"):
        groups(log_of([("a", "2023-01-01", 1, "web")]), "product")
    without = read_log(pd.DataFrame({"customer": ["a"], "date": ["2023-01-01"]}))
    with pytest.raises(InputError, match="no column channel"):
        groups(without)


@pytest.fixture(scope="module")
def channels():
    log, _ = simulated(5, (3000, 1000, 900, 800), (1.0,) * 4, (1.0,) * 4, (0.9, 2.0, 1.0, 1.0))
    return valued(log, fitting.fit(histories(log), "BG/NBD", "auto", "week", END)), groups(log)


def test_the_verdict_compares_the_interval_with_the_cost(channels):
    customers, by = channels
    low = value_table(customers, by)["lower"].iloc[0]
    table = value_table(customers, by, {"Channel 0 ": low - 1, "channel 1": 1e4, "channel 2": 1e4, "channel 3": 0})
    assert table["verdict"].tolist() == ["worth it", "not worth it", "not worth it", "worth it", "not worth it"]
    assert table["cac"].iloc[-1] == pytest.approx((3000 * (low - 1) + 1900 * 1e4) / 5700)
    assert table["value_after_cac"].tolist() == pytest.approx((table["value_before_cac"] - table["cac"]).tolist())
    assert value_table(customers, by, low + 0.1)["verdict"].iloc[0] == "cannot tell"
    unknown = value_table(customers, by, {"channel 0": 1.0})
    assert unknown["verdict"].tolist() == ["worth it", *[None] * 4]
    assert np.isnan(unknown["cac"].iloc[1:]).all()


def test_the_ceiling_is_a_lower_bound_and_the_average_overpays(channels):
    customers, by = channels
    table = ceiling_table(customers, by, 20.0).set_index("channel")
    means = pooled_values(customers, by)
    assert table["ceiling"].iloc[:4].tolist() == pytest.approx((means.pooled - 1.2815516 * means.spread).tolist())
    assert table["room"].tolist() == pytest.approx((table["ceiling"] - 20).tolist())
    average, per_year = table.loc[ALL, "ceiling"], table["customers_per_year"]
    assert per_year[ALL] == pytest.approx(5700 / customers.years)
    over = (average - table["value_before_cac"]).clip(lower=0) * per_year
    missed = (table["ceiling"] - average).clip(lower=0) * per_year
    assert table["overpaid_per_year"].tolist() == pytest.approx([*over.iloc[:4], over.iloc[:4].sum()])
    assert table["missed_per_year"].tolist() == pytest.approx([*missed.iloc[:4], missed.iloc[:4].sum()])
    assert over["channel 0"] > 0 == missed["channel 0"]
    assert missed["channel 1"] > 0 == over["channel 1"]
    with pytest.raises(InputError, match="level"):
        ceiling_table(customers, by, level=1.0)


def test_sums_tie(channels):
    customers, by = channels
    table = value_table(customers, by)
    assert (table["mean"] * table["customers"]).iloc[:-1].sum() == pytest.approx(customers.value.sum())
    assert table["mean"].iloc[-1] == pytest.approx(customers.value.mean())
