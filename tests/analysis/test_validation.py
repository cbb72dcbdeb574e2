"""The holdout: the verified CDNOW figures, second implementations of the measures, and plain words."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pyfuncs.analysis.concentration import evened
from pyfuncs.analysis.fitting import fit
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import read_log, used
from pyfuncs.analysis.validation import holdout_report, normalised_gini, tracking, tracking_errors
from pyfuncs.errors import InputError, InsufficientDataError

SPLIT, END = dt.date(1997, 9, 30), dt.date(1998, 6, 30)


@pytest.fixture(scope="module")
def report(cdnow_sample):
    return holdout_report(cdnow_sample, SPLIT, "Pareto/NBD")


@pytest.fixture(scope="module")
def full_report(cdnow_full):
    return holdout_report(cdnow_full, SPLIT, "BG/NBD")


@pytest.fixture(scope="module")
def tracked(cdnow_sample):
    fitted = fit(histories(cdnow_sample, "week", SPLIT), "BG/NBD", "none")
    return fitted, tracking(cdnow_sample, fitted, SPLIT)


def small_log(rows, end="2024-12-31", columns=("customer_id", "date", "amount")):
    return read_log(pd.DataFrame(rows, columns=list(columns)), observation_end=dt.date.fromisoformat(end))


def buyers(n=60, amounts=True):
    """A small log over two years; who buys, buys about every eight weeks and leaves at some time."""
    rng = np.random.default_rng(9)
    rows = []
    for customer in range(n):
        day, leave = rng.integers(0, 300), rng.exponential(400) + 1
        first = day
        while day < 720 and day - first < leave:
            rows.append((f"c{customer}", pd.Timestamp("2023-01-01") + pd.Timedelta(days=int(day)), rng.gamma(5, 4)))
            day += rng.exponential(50) + 1
    columns = ("customer_id", "date", "amount")
    table = pd.DataFrame(rows, columns=list(columns))
    return read_log(table if amounts else table.drop(columns="amount"), observation_end=dt.date(2024, 12, 31))


def test_pareto_nbd_forecasts_1665_6_of_the_1882_purchases_of_the_holdout(report):
    """shared/data/README.md."""
    purchased = report.totals.set_index("measure").loc["purchases"]
    assert purchased["predicted"] == pytest.approx(1665.6, abs=0.15)
    assert purchased["actual"] == 1882
    assert purchased["error"] == pytest.approx(1665.6 / 1882 - 1, abs=1e-4)
    assert (report.split, report.end, report.fitted.purchases.name) == (SPLIT, END, "Pareto/NBD")
    assert len(report.customers) == 2357


def test_the_top_fifth_captures_what_was_verified_on_the_whole_cohort(full_report):
    """shared/design/MODELS.md; equal numbers of past purchases are ordered by past spend."""
    captured = 100 * full_report.capture.set_index("ranking")["captured"]
    assert captured.round(1).to_dict() == {
        "model": 68.4,
        "past spend": 66.1,
        "past purchases": 66.3,
        "recency": 64.4,
        "first purchase": 40.9,
        "perfect foresight": 93.9,
        "random": 20.0,
    }
    spend = full_report.totals.set_index("measure").loc["spend"]
    assert spend["error"] == pytest.approx(-0.17, abs=5e-3)


def test_the_words_say_what_the_figures_say(full_report):
    words = " ".join(full_report.statements)
    assert "Total spend in the holdout was under-forecast by 17%." in words
    assert "knows no seasons" in words
    assert "held 68.4%" in words
    assert "past purchases, held 66.3%, so the model finds 2.1 points more" in words
    assert "past purchases reaches" in words  # whose order of the whole base is better than the model's


def test_customer_errors_are_those_of_the_customers(report):
    for measure, mae, rmse in report.customer_errors.itertuples(index=False):
        error = report.customers[f"predicted_{measure}"] - report.customers[f"actual_{measure}"]
        assert mae == pytest.approx(error.abs().mean())
        assert rmse == pytest.approx((error**2).mean() ** 0.5)
    assert report.customers["actual_spend"].sum() == pytest.approx(report.totals["actual"].iloc[1])


def test_the_actual_holdout_is_that_of_the_transactions(report, cdnow_sample):
    bought = used(cdnow_sample).frame()
    after = bought[bought["date"] > pd.Timestamp(SPLIT)]
    counted = after.groupby("customer_id")["amount"].agg(["size", "sum"])
    actual = report.customers.set_index("customer_id").loc[counted.index]
    assert (actual["actual_purchases"] == counted["size"]).all()
    assert actual["actual_spend"].to_numpy() == pytest.approx(counted["sum"].to_numpy())


def test_deciles_follow_the_prediction_and_add_up(report):
    table = report.deciles
    assert table["decile"].tolist() == list(range(1, 11))
    assert table["customers"].sum() == 2357
    assert table["predicted_spend"].is_monotonic_decreasing
    assert table["actual_purchases"].sum() == 1882
    assert table["actual_spend"].iloc[0] > 0.4 * table["actual_spend"].sum()


def test_nine_of_ten_customers_buy_within_their_interval(report):
    row = report.coverage.iloc[0]
    inside = (report.customers["actual_purchases"] >= report.customers["low"]) & (
        report.customers["actual_purchases"] <= report.customers["high"]
    )
    assert row["covered"] == pytest.approx(inside.mean())
    assert row["covered"] + row["below"] + row["above"] == pytest.approx(1)
    assert 0.90 <= row["covered"] <= 0.97  # counts are whole, so an interval holds rather more than its level


def test_normalised_gini_is_one_for_perfect_order_and_minus_one_for_reverse():
    actual = np.array([0.0, 1.0, 5.0, 2.0, 0.0])
    assert normalised_gini(actual, evened(actual, actual)) == 1
    assert normalised_gini(actual, evened(actual, np.exp(actual))) == 1
    assert normalised_gini(actual, evened(actual, -actual)) == -1
    assert normalised_gini(actual, evened(actual, np.ones(5))) == pytest.approx(0, abs=1e-12)
    assert np.isnan(normalised_gini(np.zeros(3), np.arange(3.0)))


values = arrays(np.float64, 12, elements=st.integers(0, 6).map(float))


@given(values, values)
def test_normalised_gini_agrees_with_the_area_under_the_curve_of_the_ranking(actual, predicted):
    def area(order):
        table = pd.DataFrame({"actual": actual, "order": order}).groupby("order")["actual"].agg(["sum", "size"])
        share = np.concatenate(([0], table["size"].cumsum() / len(actual)))
        held = np.concatenate(([0], table["sum"].cumsum() / actual.sum()))
        return 1 - 2 * np.trapezoid(held, share)

    found = normalised_gini(actual, evened(actual, predicted))
    if actual.sum() == 0 or np.ptp(actual) == 0:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(area(predicted) / area(actual), abs=1e-9)
        assert -1 - 1e-9 <= found <= 1 + 1e-9


def test_a_log_without_amounts_is_judged_by_purchases():
    report = holdout_report(buyers(amounts=False), dt.date(2024, 1, 1), "BG/NBD")
    assert report.totals["measure"].tolist() == ["purchases"]
    assert report.capture["ranking"].tolist() == ["model", "past purchases", "recency", "perfect foresight", "random"]
    assert "predicted_spend" not in report.deciles
    assert report.normalised_gini == pytest.approx(report.capture["normalised_gini"].iloc[0])
    assert all("spend" not in sentence for sentence in report.statements)


def test_customers_first_seen_after_the_split_take_no_part():
    log, split = buyers(), dt.date(2023, 7, 1)
    report = holdout_report(log, split, "BG/NBD")
    first = used(log).frame().groupby("customer_id")["date"].min()
    assert set(report.customers["customer_id"]) == set(first.index[first <= pd.Timestamp(split)])
    shorter = holdout_report(log, split, "BG/NBD", observation_end=dt.date(2024, 6, 30))
    assert shorter.end == dt.date(2024, 6, 30)
    assert shorter.totals["actual"].iloc[0] < report.totals["actual"].iloc[0]
    assert shorter.fitted.purchases == report.fitted.purchases


def test_the_period_of_the_model_changes_no_forecast():
    log = buyers()
    weekly, monthly = (holdout_report(log, dt.date(2024, 1, 1), "BG/NBD", period) for period in ("week", "month"))
    assert monthly.totals["predicted"].to_numpy() == pytest.approx(weekly.totals["predicted"].to_numpy(), rel=1e-3)


def test_a_holdout_in_which_nothing_was_bought_has_no_error_and_says_so():
    rows = [(f"c{i}", f"2024-01-{1 + day:02d}", 5.0 + i % 3) for i in range(25) for day in range(0, 20, 4 + i % 5)]
    report = holdout_report(small_log(rows), dt.date(2024, 2, 1), "BG/NBD")
    assert report.totals["error"].isna().all()
    assert np.isnan(report.capture["captured"].iloc[0])
    assert "Nothing was bought in the holdout" in report.statements[0]


def test_a_split_outside_the_log_is_refused(cdnow_sample):
    for split in (END, dt.date(1999, 1, 1)):
        with pytest.raises(InputError, match="split"):
            holdout_report(cdnow_sample, split)
    with pytest.raises(InsufficientDataError, match="1996-12-31"):
        holdout_report(cdnow_sample, dt.date(1996, 12, 31))
    with pytest.raises(InputError, match="end"):
        holdout_report(cdnow_sample, SPLIT, observation_end=dt.date(1999, 1, 1))


def test_tracking_counts_every_repeat_purchase_once(tracked, cdnow_sample):
    _, table = tracked
    bought = used(cdnow_sample).frame()
    repeats = bought[bought.duplicated("customer_id")]
    assert table["actual"].sum() == len(repeats)
    assert table["cumulative_actual"].iloc[-1] == len(repeats)
    for row in table.itertuples():
        inside = (repeats["date"] >= pd.Timestamp(row.period_start)) & (repeats["date"] <= pd.Timestamp(row.period_end))
        assert inside.sum() == row.actual


def test_tracking_steps_are_whole_periods_that_meet_at_the_split(tracked):
    _, table = tracked
    assert len(table) <= 60
    assert table["period_start"].iloc[0] == dt.date(1997, 1, 1)
    assert table["period_end"].iloc[-1] == END
    starts, ends = pd.to_datetime(table["period_start"]), pd.to_datetime(table["period_end"])
    assert ((starts.iloc[1:].to_numpy() - ends.iloc[:-1].to_numpy()) == np.timedelta64(1, "D")).all()
    assert set((ends - starts).dt.days.iloc[1:-1]) == {13}
    assert SPLIT in set(table["period_end"])
    assert (table["window"] == np.where(table["period_end"] <= SPLIT, "calibration", "holdout")).all()


def test_expected_tracking_is_the_sum_over_customers_by_their_age(tracked, cdnow_sample):
    fitted, table = tracked
    first = used(cdnow_sample).frame().groupby("customer_id")["date"].min()
    for row in table.iloc[[0, 5, 19, 20, 39]].itertuples():
        age = np.maximum((pd.Timestamp(row.period_end) - first).dt.days.to_numpy() / 7, 0)
        assert row.cumulative_expected == pytest.approx(fitted.purchases.new_expected_purchases(age).sum())
    assert table["expected"].cumsum().to_numpy() == pytest.approx(table["cumulative_expected"].to_numpy())
    # Fader, Hardie & Lee (2005), figure 5: the model follows cumulative sales to within a few percent.
    calibration = table[table["window"] == "calibration"].iloc[-1]
    assert calibration["cumulative_expected"] == pytest.approx(calibration["cumulative_actual"], rel=0.03)


def test_tracking_errors_are_those_of_the_steps(tracked):
    _, table = tracked
    errors = tracking_errors(table).set_index("window")
    assert list(errors.index) == ["calibration", "holdout"]
    last = table.iloc[-1]
    assert errors.loc["holdout", "final_error"] == pytest.approx(
        last["cumulative_expected"] / last["cumulative_actual"] - 1
    )
    ahead = table[table["window"] == "holdout"]
    by_hand = [abs(row.expected - row.actual) / row.actual for row in ahead.itertuples()]
    assert errors.loc["holdout", "mape"] == pytest.approx(np.mean(by_hand))
    assert errors.loc["holdout", "cumulative_mape"] < 0.05
    assert np.isfinite(errors.loc["calibration"].astype(float)).all()  # the first step has no repeat purchase
    assert tracking_errors(table.iloc[:1])[["final_error", "mape"]].isna().all(axis=None)


def test_tracking_without_a_split_is_all_calibration_and_takes_other_steps(cdnow_sample):
    fitted = fit(histories(cdnow_sample, "week"), "BG/NBD", "none")
    table = tracking(cdnow_sample, fitted)
    assert set(table["window"]) == {"calibration"}
    daily, monthly = (tracking(cdnow_sample, fitted, SPLIT, period=period) for period in ("day", "month"))
    assert len(daily) <= 60
    assert 18 <= len(monthly) <= 20
    for other in (daily, monthly):
        assert other["cumulative_actual"].iloc[-1] == table["cumulative_actual"].iloc[-1]
        assert other["cumulative_expected"].iloc[-1] == pytest.approx(table["cumulative_expected"].iloc[-1])
    with pytest.raises(InputError, match="period"):
        tracking(cdnow_sample, fitted, period="year")
    with pytest.raises(InputError, match="split"):
        tracking(cdnow_sample, fitted, dt.date(1999, 1, 1))
    with pytest.raises(InsufficientDataError, match="split"):
        tracking(cdnow_sample, fitted, dt.date(1996, 12, 31))


def test_tracking_leaves_out_customers_acquired_after_the_split():
    log, split = buyers(), dt.date(2023, 7, 1)
    fitted = fit(histories(log, "week", split), "BG/NBD", "none")
    table = tracking(log, fitted, split, dt.date(2024, 3, 31))
    bought = used(log).frame()
    first = bought.groupby("customer_id")["date"].transform("min")
    counted = (first <= pd.Timestamp(split)) & (bought["date"] > first) & (bought["date"] <= "2024-03-31")
    assert table["actual"].sum() == counted.sum()
    assert table["period_end"].iloc[-1] == dt.date(2024, 3, 31)
