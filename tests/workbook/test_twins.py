"""The Python twins of the native summaries, against brute force on a small base."""

import numpy as np
import pandas as pd
import pytest

from pyfuncs.workbook import twins


@pytest.fixture
def customers():
    value = np.array([100.0, 50, 40, 30, 10, 9, 8, 2, 1, 0])
    return pd.DataFrame(
        {
            "value": value,
            "decile": range(1, 11),
            "segment": ["Focal"] * 2 + ["Core"] * 4 + ["Light"] * 4,
            "p_alive": np.linspace(1, 0, 10),
            "expected_purchases": value / 10,
            "expected_spend": 5.0,
            "total_amount": value * 2,
        }
    )


def test_segments_sum_to_all(customers):
    summary = twins.segment_summary(customers).set_index("segment")
    assert summary.loc["Focal", "value"] == 150
    for column in ("customers", "value", "share_of_value", "expected_purchases", "total_spend"):
        assert summary.loc[["Focal", "Core", "Light"], column].sum() == pytest.approx(summary.loc["All", column])
    assert summary.loc["Core", "median"] == 20


def test_an_empty_segment_holds_zeros(customers):
    summary = twins.segment_summary(customers.assign(segment="Light")).set_index("segment")
    assert (summary.loc["Focal"] == 0).all()


def test_the_whale_curve_takes_the_best_customers_first(customers):
    curve = twins.whale(customers, (0.0, 0.1, 0.25, 1.0))
    assert curve["customers"].tolist() == [0, 1, 3, 10], "2.5 customers round up, as in Excel"
    assert curve["share_of_value"].tolist() == pytest.approx([0, 0.4, 0.76, 1])


def test_bins_of_p_alive_hold_everyone_once(customers):
    bins = twins.alive_bins(customers)
    assert sum(bins) == len(customers)
    assert bins[9] == 1


def test_the_average_customer_by_brute_force(customers):
    average = twins.average(customers)
    assert average.mean == 25
    assert average.customers_near == sum(18.75 <= v <= 31.25 for v in customers["value"])
    assert average.cost_of_mean == pytest.approx(np.mean([max(0, 25 - v) for v in customers["value"]]))
