import datetime as dt
import warnings

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.histories import histories, holdout
from pyfuncs.analysis.log import read_log, used
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.sources.demo import cdnow

SPLIT = dt.date(1997, 9, 30)


@pytest.fixture(scope="module")
def log():
    table = cdnow()
    return read_log(table.frame, first_row=table.first_row)


def small(*rows, columns=("customer_id", "date", "amount"), **options):
    return read_log(pd.DataFrame(rows, columns=list(columns), dtype=object), **options)


def test_a_history_counts_repeat_days_and_averages_them():
    log = small(("a", "2021-01-01", 9), ("a", "2021-01-08", 4), ("a", "2021-01-08", 2), ("a", "2021-01-22", 3),
                ("b", "2021-01-15", 7))  # fmt: skip
    found = histories(log)
    a, b = found.iloc[0], found.iloc[1]
    assert a[["frequency", "recency", "T", "monetary_value"]].tolist() == [2, 3, 3, 4.5]
    assert a[["purchases", "first_amount", "total_amount"]].tolist() == [3, 9, 18]
    assert (a["first_purchase"], a["last_purchase"]) == (pd.Timestamp("2021-01-01"), pd.Timestamp("2021-01-22"))
    assert b[["frequency", "recency", "T", "first_amount", "total_amount"]].tolist() == [0, 0, 1, 7, 7]
    assert np.isnan(b["monetary_value"])


@pytest.mark.parametrize(("period", "days"), [("day", 1), ("week", 7), ("month", 365.25 / 12)])
def test_times_are_day_differences_over_days_per_period(period, days):
    found = histories(small(("a", "2021-01-31", 1), ("a", "2021-03-31", 1), ("b", "2021-12-31", 1)), period)
    assert found["recency"].tolist() == [59 / days, 0]
    assert found["T"].tolist() == [334 / days, 0]


def test_the_cdnow_sample_has_its_published_size(log):
    # brucehardie.com, CDNOW 1/10 sample: 2,357 customers; 39 weeks of calibration; ../shared/data/README.md
    found = histories(log, "week", SPLIT)
    assert len(log.rows) == 6919
    assert len(found) == 2357
    assert (found["frequency"] > 0).sum() == 946
    assert found["frequency"].sum() == 2457
    first = found.set_index("customer_id").loc["1"]
    assert round(first["recency"], 2) == 30.43
    assert round(first["T"], 2) == 38.86
    assert first["frequency"] == 2


def test_the_cdnow_holdout_has_its_published_repeat_purchases(log):
    # Fader, Hardie, Lee (2005): 1,882 repeat purchases in the second 39 weeks
    found = holdout(log, SPLIT)
    assert found["purchases"].sum() == 1882
    assert found["customer_id"].tolist() == histories(log, end=SPLIT)["customer_id"].tolist()


def test_calibration_and_holdout_make_the_whole(log):
    before, after, whole = histories(log, end=SPLIT), holdout(log, SPLIT), histories(log)
    assert (before["purchases"] + after["purchases"]).tolist() == whole["purchases"].tolist()
    assert (before["total_amount"] + after["amount"]).to_numpy() == pytest.approx(whole["total_amount"].to_numpy())


def test_lifetimes_summarises_the_same_log_the_same_way(log):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes.utils import summary_data_from_transaction_data

        bought = used(log).frame()
        theirs = summary_data_from_transaction_data(
            bought, "customer_id", "date", "amount", observation_period_end="1998-06-30", freq="D"
        )
    ours = histories(log, "day").set_index("customer_id")
    theirs = theirs.loc[ours.index]
    for column in ("frequency", "recency", "T"):
        assert ours[column].tolist() == theirs[column].tolist()
    assert ours["monetary_value"].fillna(0).to_numpy() == pytest.approx(theirs["monetary_value"].to_numpy())


def test_customers_first_seen_after_the_end_are_not_there():
    log = small(("a", "2021-01-01", 9), ("b", "2021-02-01", 9), ("b", "2021-03-01", 9))
    assert histories(log, end=dt.date(2021, 1, 31))["customer_id"].tolist() == ["a"]
    assert holdout(log, dt.date(2021, 1, 31))["customer_id"].tolist() == ["a"]


def test_the_holdout_excludes_the_split_day_and_includes_the_end():
    log = small(*(("a", f"2021-01-{day:02d}", day) for day in (1, 10, 11, 20, 21, 31)))
    found = holdout(log, dt.date(2021, 1, 10), dt.date(2021, 1, 20))
    assert found[["purchases", "amount"]].iloc[0].tolist() == [2, 31]


def test_without_amounts_money_is_nan():
    log = small(("a", "2021-01-01"), ("a", "2021-01-09"), ("a", "2021-01-19"), columns=("id", "date"))
    found = histories(log)
    assert found[["monetary_value", "first_amount", "total_amount"]].isna().all(axis=None)
    assert found["frequency"].tolist() == [2]
    assert holdout(log, dt.date(2021, 1, 9))["amount"].isna().all()


def test_bad_arguments_are_answered_with_a_remedy():
    log = small(("a", "2021-01-05", 9), ("a", "2021-01-09", 9))
    with pytest.raises(InputError, match='period: "year" is not one of day, week, month'):
        histories(log, "year")
    with pytest.raises(InputError, match="end: 2021-02-01 is after the observation end, 2021-01-09"):
        histories(log, end=dt.date(2021, 2, 1))
    with pytest.raises(InputError, match="split: 2021-01-09 is not before 2021-01-09"):
        holdout(log, dt.date(2021, 1, 9))
    with pytest.raises(InsufficientDataError, match="first purchase is of 2021-01-05, none is up to 2021-01-01"):
        histories(log, end=dt.date(2021, 1, 1))
