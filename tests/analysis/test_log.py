import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyfuncs.analysis import log as log_module
from pyfuncs.analysis.log import Log, account, as_date, read_log, used
from pyfuncs.analysis.texts import cell_texts
from pyfuncs.errors import InputError, InsufficientDataError


def table(*rows, columns=("customer_id", "date", "amount")):
    return pd.DataFrame(rows, columns=list(columns), dtype=object)


def statuses(*rows, **options):
    return read_log(table(*rows), **options).rows["status"].tolist()


GOOD = ("a", "2021-01-05", "10")


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (("a", "2021-01-06", "10"), "used"),
        ((None, None, None), "blank row"),
        (("", " ", "NULL"), "blank row"),
        (("#N/A", None, None), "error cell"),
        (("a", "#VALUE!", "10"), "error cell"),
        (("a", "2021-01-06", "#DIV/0!"), "error cell"),
        ((None, "2021-01-06", "10"), "blank customer"),
        (("a", None, "10"), "blank date"),
        (("a", "soon", "10"), "unreadable date"),
        (("a", "2021-01-06", None), "blank amount"),
        (("a", "2021-01-06", "free"), "unreadable amount"),
        (("a", "2021-02-01", "10"), "after observation end"),
        (("b", "2021-01-06", "-10"), "refund netted below zero"),
        (("b", "2021-01-06", "0"), "zero-amount day"),
        (GOOD, "exact duplicate row"),
    ],
)
def test_each_kind_of_row_has_its_bin(row, status):
    found = statuses(
        GOOD, ("b", "2021-01-31", "5"), ("b", "2021-01-30", "5"), row,
        observation_end=dt.date(2021, 1, 31), zero_days_count=False, duplicates="set aside",
    )  # fmt: skip
    assert found == ["used", "used", "used", status]


def test_every_status_is_one_of_the_module_s_constants():
    constants = {value for name, value in vars(log_module).items() if name.isupper() and isinstance(value, str)}
    assert set(log_module.STATUSES) <= constants
    assert log_module.STATUSES[0] == "used"


def test_a_refund_within_a_day_that_stays_above_zero_is_used():
    log = read_log(table(("a", "2021-01-05 09:00", "10"), ("a", "2021-01-05 17:00", "-4")))
    assert log.rows["status"].tolist() == ["used", "used"]
    assert used(log).frame()["amount"].tolist() == [6]


def test_a_day_below_zero_is_set_aside_as_a_whole():
    assert statuses(("a", "2021-01-05", "10"), ("a", "2021-01-05", "-14"), ("a", "2021-01-06", "1")) == [
        "refund netted below zero",
        "refund netted below zero",
        "used",
    ]


def test_a_day_of_amounts_that_cancel_is_a_zero_day_in_spite_of_rounding():
    rows = [("a", "2021-01-05", amount) for amount in ("0.1", "0.2", "-0.3")]
    assert statuses(*rows) == ["used"] * 3
    assert statuses(*rows, zero_days_count=False) == ["zero-amount day"] * 3
    assert used(read_log(table(*rows))).frame()["amount"].tolist() == [0]


def test_duplicates_are_kept_and_counted_unless_asked():
    log = read_log(table(GOOD, GOOD, GOOD))
    assert log.rows["status"].tolist() == ["used"] * 3
    assert (
        "Rows that repeat an earlier row in every column: 2; they are kept and their amounts count." in log.statements
    )
    assert statuses(GOOD, GOOD, duplicates="set aside") == ["used", "exact duplicate row"]
    with pytest.raises(InputError, match='duplicates: "drop" is not one of keep, set aside'):
        statuses(GOOD, duplicates="drop")


def test_rows_that_differ_in_another_column_are_no_duplicates():
    rows = table(("a", "2021-01-05", "10", "1"), ("a", "2021-01-05", "10", "2"), columns=("id", "date", "amount", "n"))
    assert read_log(rows, duplicates="set aside").rows["status"].tolist() == ["used", "used"]


def test_source_rows_count_from_the_number_of_the_first_row():
    assert read_log(table(GOOD, GOOD)).rows["source_row"].tolist() == [2, 3]
    assert read_log(table(GOOD, GOOD), first_row=7).rows["source_row"].tolist() == [7, 8]


def test_raw_texts_are_kept_for_rows_set_aside_only():
    rows = read_log(table(GOOD, GOOD, ("a", "soon", "$5"))).rows
    assert rows.loc[2, ["customer_text", "date_text", "amount_text"]].tolist() == ["a", "soon", "$5"]
    assert rows.loc[:1, ["customer_text", "date_text", "amount_text"]].isna().all(axis=None)


def test_rows_have_the_promised_kinds():
    rows = read_log(table(GOOD, (None, None, None))).rows
    assert rows["date"].dtype == "datetime64[s]"
    assert rows["amount"].dtype == np.float64
    assert isinstance(rows["customer_id"].dtype, pd.StringDtype)
    assert rows["source_row"].dtype == np.int64


def test_purchases_are_the_caller_s_own():
    log = read_log(table(GOOD, ("b", "2021-01-06", "5")))
    mine = used(log).frame()
    mine.loc[0, ["customer_id", "amount"]] = ["z", 99.0]
    assert used(log).frame().drop(columns="date").to_numpy().tolist() == [["a", 10], ["b", 5]]


def test_a_log_keeps_what_it_read_when_the_table_changes():
    rows = pd.DataFrame({"id": [1, 2], "date": pd.to_datetime(["2021-01-05", "2021-01-06"]), "amount": [1.0, 2.0]})
    rows["date"] = rows["date"].astype("datetime64[s]")
    log = read_log(rows)
    rows.loc[0] = [9, pd.Timestamp("1999-01-01"), 9.0]
    assert log.rows["customer_id"].tolist() == ["1", "2"]
    assert log.rows[["date", "amount"]].iloc[0].tolist() == [pd.Timestamp("2021-01-05"), 1.0]


def test_product_and_channel_come_along():
    log = read_log(table(("a", "2021-01-05", "10", "X1", "web"), columns=("id", "date", "amount", "sku", "channel")))
    assert log.rows[["product", "channel"]].iloc[0].tolist() == ["X1", "web"]
    assert log.columns == {"customer": "id", "date": "date", "amount": "amount", "product": "sku", "channel": "channel"}


def test_without_amounts_everything_else_works():
    log = read_log(table(("a", "2021-01-05"), ("a", "2021-01-07"), columns=("cust", "date")))
    assert not log.has_amounts
    assert log.rows["status"].tolist() == ["used", "used"]
    assert used(log).frame()["amount"].isna().all()
    assert account(log)["amount"].isna().all()
    assert any("There are no amounts" in one for one in log.statements)


def test_a_column_of_blank_amounts_is_none():
    log = read_log(table(("a", "2021-01-05", None), ("a", "2021-01-06", "")))
    assert not log.has_amounts
    assert log.rows["status"].tolist() == ["used", "used"]


def test_a_unit_price_without_amounts_is_pointed_out():
    log = read_log(table(("a", "2021-01-05", 2, 5.0), columns=("CustomerID", "InvoiceDate", "Quantity", "UnitPrice")))
    assert any('"UnitPrice" is the price of one unit' in one for one in log.statements)


def test_the_observation_end_is_the_last_date_unless_stated():
    log = read_log(table(GOOD, ("a", "2021-01-31 23:59", "1")))
    assert (log.observation_end, log.stated) == (dt.date(2021, 1, 31), False)
    assert any("until 2021-01-31, the last date there is" in one for one in log.statements)
    stated = read_log(table(GOOD, ("a", "2021-01-31 23:59", "1")), observation_end=dt.date(2021, 1, 31))
    assert stated.stated
    assert stated.rows["status"].tolist() == ["used", "used"]


def test_an_observation_end_before_all_rows_leaves_nothing_to_use():
    log = read_log(table(GOOD), observation_end=dt.date(2020, 12, 31))
    assert account(log).set_index("reason").loc["after observation end", "rows"] == 1
    with pytest.raises(InsufficientDataError, match="no row can be used \\(1 after observation end\\)"):
        used(log).frame()


def test_only_refunds_leave_nothing_to_use():
    with pytest.raises(InsufficientDataError, match="1 refund netted below zero"):
        used(read_log(table(("a", "2021-01-05", "-10")))).frame()


def test_no_rows_and_no_dates_say_so():
    with pytest.raises(InsufficientDataError, match="no row below it"):
        read_log(table())
    with pytest.raises(InsufficientDataError, match="no row has a date"):
        read_log(table(("a", None, "10")))
    stated = read_log(table(("a", None, "10")), observation_end=dt.date(2021, 1, 31))
    assert stated.rows["status"].tolist() == ["blank date"]


@pytest.mark.parametrize(("far", "name"), [("1900-01-01", "first"), ("2150-01-01", "last")])
def test_a_date_far_from_all_others_is_pointed_out(far, name):
    rows = [("a", f"2021-01-{day:02d}", "1") for day in range(1, 20)]
    assert any(f"The {name} date, {far}, is" in one for one in read_log(table(*rows, ("b", far, "1"))).statements)
    assert not any("from all others" in one for one in read_log(table(*rows)).statements)


def test_customers_without_a_usable_row_are_counted():
    log = read_log(table(GOOD, ("b", "2021-01-05", "-5")))
    assert "Customers whose rows are all set aside: 1." in log.statements


def test_purchases_merge_days_and_sort_by_customer_as_text():
    log = read_log(
        table(("b", "2021-01-07 10:00", "1"), ("10", "2021-01-05", "2"), ("9", "2021-01-05", "3"),
              ("b", "2021-01-06", "4"), ("b", "2021-01-07 11:00", "5"))
    )  # fmt: skip
    found = used(log).frame()
    assert found["customer_id"].tolist() == ["10", "9", "b", "b"]
    assert found["date"].astype(str).tolist() == ["2021-01-05", "2021-01-05", "2021-01-06", "2021-01-07"]
    assert found["amount"].tolist() == [2, 3, 4, 6]


def test_days_before_1970_sort_and_merge_too():
    log = read_log(table(("a", "1961-05-02", "1"), ("a", "1960-05-02", "2"), ("a", "1961-05-02", "3")))
    assert used(log).frame()["amount"].tolist() == [2, 4]


def test_the_account_names_first_rows_and_ties():
    log = read_log(table(GOOD, ("a", "soon", "3"), ("a", "never", "4"), (*GOOD[:2], "x"), ("b", "2021-01-05", "-9")))
    lines = account(log).set_index("reason")
    assert lines.index.tolist() == [*log_module.STATUSES, "read"]
    assert lines.loc["unreadable date"].tolist() == [2, 7.0, 3]
    assert lines.loc["used"].tolist() == [1, 10.0, 2]
    assert lines.loc["read"].tolist() == [5, 8.0, 2]
    assert pd.isna(lines.loc["blank row", "first_row"])


CELLS = st.one_of(
    st.none(),
    st.sampled_from(["#N/A", "", "NULL", "x", "-5", "5.25", "$3", "(4)", "0", "2021-01-06", "44202", "07/01/2021"]),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-10, 50_000),
    st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2022, 1, 1)),
    st.booleans(),
)
DIRTY = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12)
CLEAN = st.lists(
    st.tuples(st.sampled_from("abc"), st.dates(dt.date(2021, 1, 1), dt.date(2021, 1, 9)).map(str), st.integers(-3, 9)),
    min_size=6, max_size=30,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(CLEAN, DIRTY, st.booleans(), st.sampled_from(["keep", "set aside"]), st.booleans())
def test_every_row_is_in_one_bin_and_rows_and_amounts_tie(clean, dirty, zero_days_count, duplicates, stated):
    rows = table(*clean, *dirty)
    end = dt.date(2021, 1, 5) if stated else None
    try:
        log = read_log(rows, zero_days_count=zero_days_count, duplicates=duplicates, observation_end=end)
    except InputError:
        return  # a question to the user; the sentences have tests of their own
    _check_account(log, len(rows))
    _check_purchases(log, zero_days_count)


def _check_account(log: Log, rows: int) -> None:
    assert set(log.rows["status"]) <= set(log_module.STATUSES)
    lines = account(log)
    bins, read = lines.iloc[:-1], lines.iloc[-1]
    assert bins["rows"].sum() == read["rows"] == rows == len(log.rows)
    assert math.fsum(bins["amount"]) == pytest.approx(read["amount"], rel=1e-12, nan_ok=True)


def _check_purchases(log: Log, zero_days_count: bool) -> None:
    kept = log.rows[log.rows["status"] == "used"]
    if kept.empty:
        with pytest.raises(InsufficientDataError):
            used(log).frame()
        return
    found = used(log).frame()
    days = kept.assign(day=kept["date"].dt.floor("D")).groupby(["customer_id", "day"])["amount"].sum()
    assert len(found) == len(days)
    if log.has_amounts:
        assert found["amount"].to_numpy() == pytest.approx(days.to_numpy())
        assert (found["amount"] >= 0).all()
        assert zero_days_count or (found["amount"] > 0).all()


@settings(max_examples=30, deadline=None)
@given(CLEAN)
def test_the_order_of_rows_does_not_matter(clean):
    log = read_log(table(*clean))
    turned = read_log(table(*clean[::-1]))
    assert log.rows["status"].tolist() == turned.rows["status"].tolist()[::-1]
    if (log.rows["status"] == "used").any():
        pd.testing.assert_frame_equal(used(log).frame(), used(turned).frame())


MOMENTS = st.none() | st.datetimes(dt.datetime(1890, 1, 1), dt.datetime(2210, 1, 1)) | st.just(dt.datetime(2021, 1, 5))
CENTS = st.none() | st.integers(-500, 99_999).map(lambda cents: cents / 100)


def outcome(frame, **options):
    """What a table of transactions comes to: a log, or the sentence that refuses it."""
    try:
        return read_log(frame, first_row=5, **options)
    except (InputError, InsufficientDataError) as refused:
        return str(refused)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.none() | st.integers(-3, 12), MOMENTS, CENTS), min_size=1, max_size=25),
    st.sampled_from(["float64", "object"]), st.sampled_from(["s", "ms", "us"]),
    st.sampled_from(["keep", "set aside"]), st.booleans(),
)  # fmt: skip
def test_columns_of_one_kind_are_read_as_their_texts_would_be(rows, ids, unit, duplicates, zero_days_count):
    whose, when, spent = zip(*rows, strict=True)
    typed = pd.DataFrame({
        "id": pd.Series(whose, dtype=ids), "date": pd.Series(when, dtype=f"datetime64[{unit}]"),
        "amount": pd.Series(spent, dtype="float64"),
    })  # fmt: skip
    options = {"duplicates": duplicates, "zero_days_count": zero_days_count}
    log, same = outcome(typed, **options), outcome(typed.apply(cell_texts), **options)
    if isinstance(log, str) or isinstance(same, str):
        assert log == same
        return
    assert log.statements == same.statements
    assert (log.observation_end, log.has_amounts) == (same.observation_end, same.has_amounts)
    pd.testing.assert_frame_equal(log.rows, same.rows)
    pd.testing.assert_frame_equal(account(log), account(same))
    pd.testing.assert_frame_equal(log.bought.frame(), same.bought.frame())


@pytest.mark.parametrize(
    "day",
    [
        dt.date(2021, 1, 5),
        dt.datetime(2021, 1, 5, 9),
        pd.Timestamp("2021-01-05"),
        "2021-01-05",
        np.datetime64("2021-01-05"),
    ],
)
def test_a_day_is_taken_from_any_kind_of_date(day):
    assert as_date(day) == dt.date(2021, 1, 5)


@pytest.mark.parametrize("day", ["05/01/2021", pd.NaT, 44201, "soon"])
def test_what_is_no_day_is_refused(day):
    with pytest.raises(InputError, match="is not a date"):
        as_date(day)
