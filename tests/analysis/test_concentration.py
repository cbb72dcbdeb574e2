"""Concentration: published CDNOW figures, brute force, and what must hold for any values."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pyfuncs.analysis.concentration import (
    average_customer,
    decile_of,
    deciles,
    gini,
    ginis,
    lorenz,
    top_share,
    whale,
)
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.validation import holdout_report
from pyfuncs.errors import DomainError, InputError, InsufficientDataError
from pyfuncs.models.bgnbd import BGNBD

positive_values = arrays(np.float64, st.integers(1, 60), elements=st.integers(0, 50).map(float))
any_values = arrays(np.float64, st.integers(1, 60), elements=st.integers(-20, 50).map(float))


def gini_by_pairs(values):
    """Half the mean absolute difference over the mean: the definition, in n squared steps."""
    return np.abs(values[:, None] - values[None, :]).mean() / (2 * values.mean())


@given(positive_values)
def test_the_gini_is_half_the_mean_difference_over_the_mean(values):
    assume(values.sum() > 0)
    assert gini(values) == pytest.approx(gini_by_pairs(values), abs=1e-12)
    assert -1e-12 <= gini(values) < 1
    assert gini(7 * values) == pytest.approx(gini(values), abs=1e-12)


def test_the_gini_of_equal_values_is_zero_and_of_one_owner_nearly_one():
    assert gini([4.0] * 9) == 0
    assert gini([0.0] * 99 + [5.0]) == pytest.approx(0.99)
    assert gini([1.0, np.nan, 1.0]) == 0


def test_the_gini_refuses_losses_emptiness_and_zeros():
    with pytest.raises(DomainError, match="whale"):
        gini([1.0, -1.0, 5.0])
    with pytest.raises(DomainError, match="all values are 0"):
        gini([0.0, 0.0])
    with pytest.raises(InsufficientDataError):
        gini([np.nan])


@given(positive_values)
def test_the_lorenz_curve_is_convex_below_the_diagonal_and_encloses_the_gini(values):
    assume(values.sum() > 0)
    curve = lorenz(values, points=values.size)
    share, held = curve["customers_share"], curve["value_share"]
    assert (share[0], share[-1], held[0], held[-1]) == (0, 1, 0, 1)
    assert (np.diff(held, 2) >= -1e-12).all()
    assert (held <= share + 1e-12).all()
    assert 1 - 2 * np.trapezoid(held, share) == pytest.approx(gini(values), abs=1e-12)


def test_the_lorenz_curve_has_a_row_for_every_twentieth_and_zero():
    curve = lorenz(np.arange(7.0))
    assert list(curve["customers_share"]) == pytest.approx([step / 20 for step in range(21)])
    assert lorenz([0.0, 0.0, 0.0, 8.0], points=4)["value_share"].tolist() == [0, 0, 0, 0, 1]
    with pytest.raises(InputError, match="points"):
        lorenz([1.0], points=0)


def test_the_whale_curve_peaks_where_profit_turns_to_loss():
    curve = whale([60.0, 50.0, 20.0, 0.0, -10.0, -20.0], points=6)
    assert curve.curve["value_share"].tolist() == pytest.approx([0, 0.6, 1.1, 1.3, 1.3, 1.2, 1.0])
    assert curve.peak == pytest.approx(1.3)
    assert curve.peak_at == pytest.approx(0.5)
    assert curve.erosion == pytest.approx(0.3)


@given(any_values)
def test_the_whale_peak_is_the_highest_point_and_nothing_is_lost_without_losses(values):
    assume(values.sum() > 0)
    curve = whale(values, points=values.size)
    assert curve.peak == pytest.approx(curve.curve["value_share"].max())
    assert curve.peak == pytest.approx(values[values > 0].sum() / values.sum())
    assert curve.curve["value_share"][-1] == pytest.approx(1)
    assert (curve.erosion > 1e-12) == bool((values < 0).any())


def test_the_whale_curve_of_a_losing_base_is_refused():
    with pytest.raises(DomainError, match="total profit is -1"):
        whale([1.0, -2.0])


@given(any_values)
def test_deciles_are_equally_large_and_ordered_by_value(values):
    decile = decile_of(values)
    best_first = decile[np.argsort(-values, kind="stable")]
    assert (np.diff(best_first) >= 0).all()
    assert set(decile) <= set(range(1, 11))
    if values.size >= 10:
        assert np.ptp(np.bincount(decile, minlength=11)[1:]) <= 1


def test_a_customer_without_a_value_is_in_no_decile():
    decile = decile_of([np.nan, *range(20), np.nan])
    assert decile[0] == decile[-1] == 0
    assert sorted(decile[1:-1]) == sorted([*range(1, 11)] * 2)
    assert decile[-2] == 1


def test_the_decile_table_adds_up():
    table = deciles(np.arange(1.0, 101.0))
    assert table["decile"].tolist() == list(range(1, 11))
    assert table["customers"].tolist() == [10] * 10
    assert table["value"].sum() == 5050
    assert table["share_of_value"].sum() == pytest.approx(1)
    assert table["cumulative_share"][-1] == pytest.approx(1)
    assert [table[name][0] for name in ("lowest", "highest", "mean")] == [91, 100, 95.5]
    assert np.isnan(deciles(-np.arange(10.0))["share_of_value"]).all()
    with pytest.raises(InsufficientDataError, match="9 customers"):
        deciles(np.arange(9.0))


def test_the_top_share_counts_a_boundary_customer_in_part_and_shares_ties():
    assert top_share([6.0, 2.0, 1.0, 1.0]) == pytest.approx(0.8 * 0.6)
    assert top_share([10.0, 0, 0, 0, 0]) == 1
    assert top_share([1.0, 9.0, 0.0, 0.0, 0.0], by=[5.0, 5.0, 1.0, 1.0, 1.0]) == pytest.approx(0.5)
    assert top_share([1.0, 9.0, 0.0, 0.0, 0.0], by=[6.0, 5.0, 1.0, 1.0, 1.0]) == pytest.approx(0.1)
    with pytest.raises(DomainError, match="positive total"):
        top_share([0.0])


@given(positive_values, st.randoms())
def test_the_top_share_does_not_depend_on_the_order_of_rows(values, random):
    assume(values.sum() > 0)
    by = np.floor(values / 10)
    rows = list(range(values.size))
    random.shuffle(rows)
    assert top_share(values, by=by) == pytest.approx(top_share(values[rows], by=by[rows]))
    assert top_share(values, by=by) <= top_share(values) + 1e-12


def test_the_average_customer_hardly_exists():
    table = average_customer([0.0, 0.0, 0.0, 0.0, 10.0, 50.0], cac=20.0).set_index("measure")["value"]
    assert table["mean value"] == 10
    assert table["median value"] == 0
    assert table["customers within 25% of the mean"] == 1
    assert table["share within 25% of the mean"] == pytest.approx(1 / 6)
    assert table["share below the mean"] == pytest.approx(4 / 6)
    assert table["overpaid per customer when paying the mean"] == pytest.approx(40 / 6)
    assert table["value share of the top 20%"] == pytest.approx((50 + 0.2 * 10) / 60)
    assert table["share worth less than the CAC"] == pytest.approx(5 / 6)
    assert table["overpaid per customer when paying the CAC"] == pytest.approx(90 / 6)


def test_the_average_customer_without_a_cac_says_nothing_about_it_and_a_bad_one_is_refused():
    assert not average_customer([1.0, 2.0])["measure"].str.contains("CAC").any()
    assert np.isnan(average_customer([-1.0, -2.0]).set_index("measure").loc["value share of the top 20%", "value"])
    with pytest.raises(InputError, match="cac"):
        average_customer([1.0], cac=-1.0)


def test_the_ginis_of_cdnow_are_the_verified_ones(cdnow_full):
    """shared/design/MODELS.md; whole cohort, 39 weeks: past .58, expected .63, latent .84, realised holdout .875."""
    report = holdout_report(cdnow_full, dt.date(1997, 9, 30), "BG/NBD")
    base = histories(cdnow_full, "week", dt.date(1997, 9, 30))
    table = ginis(
        report.fitted, base, base["total_amount"], horizon=273 / 365.25, annual_discount_rate=0.0, draws=20
    ).set_index("measure")
    assert table["gini"][["past", "expected", "latent"]].round(2).tolist() == [0.58, 0.63, 0.84]
    assert gini(report.customers["actual_spend"]) == pytest.approx(0.875, abs=5e-4)
    # Simulated outcomes are nearer to what happened than the point predictions are.
    assert table["gini"]["predictive"] == pytest.approx(0.875, abs=0.02)
    assert table["top_share"].is_monotonic_increasing


def test_ginis_of_worlds_in_which_nobody_returns_are_blank():
    gone = pd.DataFrame({"frequency": [3.0, 2.0], "recency": [1.0, 1.0], "T": [5000.0, 5000.0]})
    table = ginis(Fitted(BGNBD(2.0, 1.0, 0.8, 2.0)), gone, [5.0, 5.0], horizon=0.1, draws=5).set_index("measure")
    assert table["gini"]["past"] == 0
    assert np.isnan(table["gini"]["predictive"])
