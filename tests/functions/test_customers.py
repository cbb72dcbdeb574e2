import datetime as dt

import pytest

from pyfuncs.functions import CATALOGUE, examples

LOG = examples.LOG
END = "2024-06-28"
TABLE = examples.CUSTOMERS


def reasons(account):
    return {row[0]: row[1:] for row in account[1:]}


def test_the_histories_of_cdnow_are_the_published_ones(cdnow_customers):
    # 2,357 customers in the calibration window of 39 weeks; 946 bought again.
    assert cdnow_customers[0] == ["customer_id", "frequency", "recency", "T", "monetary_value"]
    rows = cdnow_customers[1:]
    assert len(rows) == 2357
    assert sum(row[1] > 0 for row in rows) == 946
    assert rows[0][1:] == pytest.approx([2, 213 / 7, 272 / 7, 22.345])  # customer 0001 of Fader, Hardie, Lee (2005)
    assert all((row[4] is None) == (row[1] == 0) for row in rows)


@pytest.mark.parametrize(("period", "days"), [("day", 1), ("week", 7), ("month", 365.25 / 12), ("Week", 7)])
def test_times_are_in_the_period(period, days):
    ann = CATALOGUE["CLV_RFM"](LOG, END, period)[1]
    assert ann[1:4] == pytest.approx([2, 84 / days, 175 / days])


@pytest.mark.parametrize("end", ["2024-06-28", dt.datetime(2024, 6, 28), 45471, [[45471.0]]])
def test_the_observation_end_is_a_date_in_any_form_of_a_cell(end):
    assert CATALOGUE["CLV_RFM"](LOG, end) == CATALOGUE["CLV_RFM"](LOG, END)


def test_the_log_is_read_by_header_in_any_order_and_by_position_without_one():
    expected = CATALOGUE["CLV_RFM"](LOG, END)
    shuffled = [(amount, "x", customer, date) for customer, date, amount in LOG]
    shuffled[0] = ("Net Sales", "Note", "Client", "Order Date")
    assert CATALOGUE["CLV_RFM"](shuffled, END) == expected
    assert CATALOGUE["CLV_RFM"](LOG[1:], END) == expected[1:]


def test_a_log_without_amounts_has_no_monetary_value():
    rows = CATALOGUE["CLV_RFM"]([row[:2] for row in LOG], END)
    assert [row[4] for row in rows[1:]] == [None, None, None]


def test_blank_rows_at_the_end_of_the_range_are_no_rows():
    padded = [*LOG, (None, None, None), ("", "", "")]
    assert CATALOGUE["CLV_RFM"](padded, END) == CATALOGUE["CLV_RFM"](LOG, END)
    assert CATALOGUE["CLV_CHECK"](padded, END) == CATALOGUE["CLV_CHECK"](LOG, END)


def test_customers_keep_their_leading_zeros_and_stay_text():
    rows = CATALOGUE["CLV_RFM"]((LOG[0], ("007", 45000, 1), (8, 45001, 2)), None)
    assert [row[0] for row in rows[1:]] == ["007", "8"]


def test_an_error_in_a_row_of_the_log_sets_aside_that_row_only():
    broken = [*LOG, ("#N/A", "2024-03-01", 5), ("Bob", "2024-03-08", "#DIV/0!")]
    assert CATALOGUE["CLV_RFM"](broken, END) == CATALOGUE["CLV_RFM"](LOG, END)
    assert reasons(CATALOGUE["CLV_CHECK"](broken, END))["error cell"][0] == 2


@pytest.mark.parametrize(
    "log",
    [
        (("customer", "amount"), ("Ann", 5)),
        (("shop", "colour", "size"), ("a", "b", "c")),
        (("customer", "date"),),
        ((1,), (2,)),
        (("customer", "date"), ("a", "03/04/2024"), ("b", "05/06/2024")),  # day or month first? nobody knows
    ],
)
def test_what_is_no_log_is_one_error(log):
    (cells,) = CATALOGUE["CLV_RFM"](log)
    assert cells[0] in ("#VALUE!", "#N/A")


def test_an_observation_end_before_all_purchases_leaves_nothing():
    assert CATALOGUE["CLV_RFM"](LOG, "2020-01-01") == [["#N/A"]]


def test_the_account_of_cdnow_ties(cdnow_log):
    account = CATALOGUE["CLV_CHECK"](cdnow_log, "1997-09-30")
    bins = reasons(account)
    read = bins.pop("read")
    counted = [row for row in bins.values() if row[0] is not None]
    assert read[0] == len(cdnow_log) - 1 == 6919
    assert sum(row[0] for row in counted) == read[0]
    assert sum(row[1] for row in counted) == pytest.approx(read[1])
    assert read[1] == pytest.approx(sum(row[2] for row in cdnow_log[1:]))
    assert set(bins) >= {"used", "after observation end"}


def test_the_account_of_a_log_counts_rows_as_the_range_does():
    assert reasons(CATALOGUE["CLV_CHECK"](LOG, END))["unreadable date"] == [1, 40.0, 8]
    headless = CATALOGUE["CLV_CHECK"](LOG[1:], END)
    assert ["unreadable date", 1, 40.0, 7] in headless


def test_a_log_that_cannot_be_read_as_a_whole_says_why_in_words():
    account = CATALOGUE["CLV_CHECK"]((("customer", "date"), ("a", "03/04/2024"), ("b", "05/06/2024")))
    assert account[1] == ["used", 0, None, None]
    assert "day first or month first" in account[2][0]
    assert account[2][1:] == [2, None, 2]
    assert account[3] == ["read", 2, None, 2]


def test_a_table_of_customers_is_checked_in_words_and_ties():
    table = [
        *TABLE,
        ("Cem", 1, 41.2, 38.9, 10),
        ("Dia", 1, 45.0, 38.9, 10),
        ("Eve", "two", 3, 38.9, 10),
        ("Fay", 2, 3, "#N/A", 10),
        (None, None, None, None, None),
        ("Gus", 0, 0, 12, None),
    ]
    account = CATALOGUE["CLV_CHECK"](table)
    assert account[0] == ["reason", "rows", "amount", "first_row"]
    assert account[1] == ["used", 3, pytest.approx(44.7), 2]
    assert ["recency exceeds T (frequency 1, recency 41.2, T 38.9, monetary_value 10)", 2, 20.0, 4] in account
    assert ["frequency is no number (recency 3, T 38.9, monetary_value 10)", 1, 0.0, 6] in account
    assert ["T is #N/A (frequency 2, recency 3, monetary_value 10)", 1, 20.0, 7] in account
    assert ["blank row", 1, 0.0, 8] in account
    assert account[-1][:2] == ["read", 8]
    assert sum(row[1] for row in account[1:-1]) == 8
    assert sum(row[2] for row in account[1:-1]) == pytest.approx(account[-1][2])
    assert ["recency exceeds T (frequency 1, recency 41.2, T 38.9, monetary_value 10)", 2, 20.0, 3] in CATALOGUE[
        "CLV_CHECK"
    ](table[1:])
