"""Payback against cases computed by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.acquisition import acquired, groups
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import read_log
from pyfuncs.analysis.model_table import Fitted, MeanSpend
from pyfuncs.analysis.payback import (
    ACTUAL,
    EXPECTED,
    LAST_MONTH,
    NEVER,
    days_to_pay_back,
    mean_margin,
    payback_months,
    payback_table,
)
from pyfuncs.errors import InputError
from pyfuncs.models.bgnbd import BGNBD

TYPED = Fitted(BGNBD(0.243, 4.414, 0.793, 2.426), MeanSpend(20.0))


def studied(rows, end=dt.date(2024, 12, 31), margin=0.5):
    log = read_log(pd.DataFrame(rows, columns=["customer", "date", "amount", "channel"]), observation_end=end)
    people = histories(log).assign(remaining_value=1.0)
    return acquired(log, TYPED, people, margin=margin), groups(log)


ROWS = [
    ("a", "2024-01-01", 20, "web"),
    ("a", "2024-02-10", 20, "web"),  # 40 days later: margin 20
    ("b", "2024-01-01", 60, "web"),
    ("c", "2024-11-01", 20, "web"),  # 60 days old: too young for month 3
    ("d", "2024-01-01", 10, "shop"),
    ("d", "2024-07-01", 30, "shop"),  # 182 days later: margin 20, by month 6 (182.6)
]


def test_days_to_pay_back_by_hand():
    customers, _ = studied(ROWS)
    assert days_to_pay_back(customers, np.full(4, 20.0)).tolist() == [40, 0, np.inf, 182]
    assert days_to_pay_back(customers, np.zeros(4)).tolist() == [0, 0, 0, 0]
    assert days_to_pay_back(customers, np.full(4, np.nan)).tolist() == [np.inf] * 4


def test_tenths_that_add_up_pay_back():
    customers, _ = studied([("a", f"2024-01-0{day}", 0.1, "web") for day in (1, 2, 3)], margin=1.0)
    assert days_to_pay_back(customers, np.array([0.3])).tolist() == [2]


def test_shares_paid_back_by_hand():
    customers, by = studied(ROWS)
    table = payback_table(customers, by, 20.0, TYPED, months=(3, 6, 12))
    web, shop = table[table["channel"] == "web"], table[table["channel"] == "shop"]
    assert web["old_enough"].tolist() == [2, 2, 0]  # 365 days are not yet twelve months of 365.25 / 12
    assert web["share_paid_back"].tolist()[:2] == [1.0, 1.0]
    assert np.isnan(web["share_paid_back"].iloc[2])
    assert shop["share_paid_back"].tolist()[:2] == [0.0, 1.0]
    assert (table["lower"] <= table["share_paid_back"])[table["old_enough"] > 0].all()
    assert np.isnan(table["pooled_share"].iloc[2])


def test_the_mean_margin_adds_what_those_old_enough_brought():
    rows = [(f"c{i}", "2024-01-01", 20, "web") for i in range(12)]
    rows += [(f"c{i}", "2024-02-10", 12, "web") for i in range(6)]  # month 2
    rows += [(f"young{i}", "2024-11-25", 20, "web") for i in range(8)]  # one whole month, then no more
    customers, by = studied(rows)
    cumulative, seen = mean_margin(customers, by, TYPED)
    assert seen.tolist() == [11]
    assert cumulative[0, :4].tolist() == pytest.approx([10, 10, 13, 13])  # 6 customers x 6 over the 12 old enough
    assert (np.diff(cumulative[0]) >= 0).all()
    assert cumulative.shape == (1, LAST_MONTH + 1)


def test_payback_is_seen_expected_or_never():
    rows = [(f"c{i}", "2024-01-01", 20, "web") for i in range(12)]
    rows += [(f"c{i}", "2024-02-10", 12, "web") for i in range(12)]
    customers, by = studied(rows)
    curve = mean_margin(customers, by, TYPED)
    for cost, month, basis in ((10.0, 0, ACTUAL), (15.0, 2, ACTUAL), (1e6, np.nan, NEVER)):
        found, why = payback_months(curve, np.array([cost]))
        assert found == pytest.approx([month], nan_ok=True)
        assert why == [basis]
    (month,), (basis,) = payback_months(curve, np.array([16.5]))
    assert basis == EXPECTED
    assert month > curve[1][0]
    assert payback_months(curve, np.array([np.nan]))[1] == [None]


def test_beyond_what_is_seen_the_model_goes_on_at_the_level_of_the_group():
    rows = [(f"c{i}", "2024-01-01", 20, "web") for i in range(30)]
    rows += [(f"c{i}", "2024-03-10", 40, "web") for i in range(30)]
    (much,), _ = mean_margin(*studied(rows), TYPED)
    (none,), _ = mean_margin(*studied(rows[:30]), TYPED)
    ahead = np.array([much[-1] - much[11], none[-1] - none[11]])
    weeks = np.array([11.0, LAST_MONTH]) * (365.25 / 12 / 7)
    expected = 0.5 * 20 * np.diff(TYPED.purchases.new_expected_purchases(weeks))[0]
    # nobody bought again: half of the model's level; all spent 20 where the model had expected less: more than it
    assert ahead[1] == pytest.approx(expected / 2)
    assert ahead[0] > expected


def test_payback_needs_a_cost():
    customers, by = studied(ROWS)
    with pytest.raises(InputError, match="cac"):
        payback_table(customers, by, None, TYPED)
    table = payback_table(customers, by, {"web": 20.0}, TYPED)
    shop = table[table["channel"] == "shop"]
    assert shop[["cac", "payback_months", "share_paid_back", "lower", "pooled_share"]].isna().all(axis=None)
    assert shop["basis"].isna().all()
