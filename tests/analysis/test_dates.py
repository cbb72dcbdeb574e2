import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pyfuncs.analysis.dates import read_dates
from pyfuncs.errors import InputError

MARCH_25 = "2021-03-25T00:00:00"
DAYS = st.dates(dt.date(1955, 1, 1), dt.date(2099, 12, 31))


def read(*cells, order="auto"):
    return read_dates(pd.Series(list(cells), dtype=object), order, 2)


def iso(dates):
    return dates.values.astype(str).tolist()


@pytest.mark.parametrize(
    "cell",
    [
        "2021-03-25",
        "2021/03/25",
        "2021.3.25",
        "20210325",
        "25.03.2021",
        "25/3/2021",
        "25-03-21",
        "03/25/2021",
        "3-25-21",
        "25-Mar-2021",
        "25 March 2021",
        "25Mar21",
        "March 25, 2021",
        "Mar 25th, 2021",
        "Thursday, 25 March 2021",
        "Thu Mar 25 2021",
        "2021-Mar-25",
        "44280",
        44280,
        44280.0,
        dt.date(2021, 3, 25),
        dt.datetime(2021, 3, 25),
        pd.Timestamp("2021-03-25"),
        np.datetime64("2021-03-25"),
        "2021-03-25 00:00:00",
        "2021-03-25T00:00:00.000Z",
    ],
)
def test_every_usual_form_of_a_date_is_read(cell):
    assert iso(read(cell)) == [MARCH_25]


@pytest.mark.parametrize(
    ("cell", "clock"),
    [
        ("2021-03-25T13:45:12", "13:45:12"),
        ("2021-03-25 13:45:12.999", "13:45:12"),
        ("2021-03-25 13:45:12,999", "13:45:12"),
        ("2021-03-25 13:45", "13:45:00"),
        ("25/03/2021 1:45 PM", "13:45:00"),
        ("25/03/2021 12:05:00 a.m.", "00:05:00"),
        ("25 March 2021 at 13:45", "13:45:00"),
        ("Mar 25, 2021, 1:45:12 pm", "13:45:12"),
        ("20210325T134512Z", "13:45:12"),
        ("20210325134512", "13:45:12"),
        ("2021-03-25T13:45:12+02:00", "13:45:12"),
        ("2021-03-25 13:45:12 -0500", "13:45:12"),
        ("2021-03-25 13:45:12 UTC", "13:45:12"),
        ("44280.5", "12:00:00"),
        (44280.573055555554, "13:45:12"),
        (dt.datetime(2021, 3, 25, 13, 45, 12, 600_000), "13:45:12"),
    ],
)
def test_clock_times_are_kept_as_written(cell, clock):
    assert iso(read(cell)) == [f"2021-03-25T{clock}"]


def test_a_serial_a_moment_before_midnight_is_midnight():
    assert iso(read(44279.99999999)) == [MARCH_25]


def test_a_dropped_time_zone_is_stated():
    said = " ".join(read("2021-03-25T10:00:00", "2021-03-25T13:45:12Z").statements)
    assert 'Time zones are dropped and clock times kept as written, first row 3 ("13:45:12Z").' in said


@pytest.mark.parametrize("cell", [None, np.nan, "", "  ", "NULL", "nan", pd.NaT])
def test_nothing_is_blank_and_not_unreadable(cell):
    dates = read("2021-03-25", cell)
    assert (dates.blank[1], dates.unreadable[1], dates.error[1]) == (True, False, False)


def test_an_error_cell_is_an_error():
    dates = read("2021-03-25", "#N/A")
    assert (dates.blank[1], dates.unreadable[1], dates.error[1]) == (False, False, True)


@pytest.mark.parametrize(
    "cell",
    ["soon", "2021-02-30", "32/01/2021", "13/13/2021", "1899-12-31 12:00:00", "2500-01-01", "20211301", "19999",
     "2021-03-25 25:00", "2021-03-25 10:61", "10:30", "25-Foo-2021", "3", "-44280", True, "2021-03", 1e300,
     "25/03.2021", "44280.²", "٢٠٢١-٠٣-٢٥", "²:30"],
)  # fmt: skip
def test_a_cell_that_is_no_date_is_marked_and_stops_nothing(cell):
    dates = read("2021-03-25", "2021-03-26", cell)
    assert dates.unreadable.tolist() == [False, False, True]
    assert np.isnat(dates.values[2])


def test_one_row_decides_day_first_for_the_column_and_is_named():
    dates = read("03/04/2021", "05/04/2021", "25/03/2021")
    assert iso(dates)[0] == "2021-04-03T00:00:00"
    assert dates.statements[0] == 'Dates are read day first: row 4 ("25/03/2021") cannot be read otherwise.'


def test_one_row_decides_month_first_for_the_column_and_is_named():
    dates = read("03/04/2021", "03/25/2021")
    assert iso(dates)[0] == "2021-03-04T00:00:00"
    assert dates.statements[0] == 'Dates are read month first: row 3 ("03/25/2021") cannot be read otherwise.'


def test_an_open_order_is_asked_for_with_an_example():
    with pytest.raises(InputError, match=r'row 3 \("03/04/2021"\).*date_order="day first" or "month first"'):
        read("04/04/2021", "03/04/2021")


def test_no_question_is_asked_when_both_readings_agree():
    assert iso(read("04/04/2021", "05.05.2021")) == ["2021-04-04T00:00:00", "2021-05-05T00:00:00"]


def test_contradicting_rows_are_asked_about_never_guessed():
    with pytest.raises(
        InputError, match=r'row 2 \("25/03/2021"\) can only be day first, row 3 \("03/26/2021"\) only mon'
    ):
        read("25/03/2021", "03/26/2021")


def test_a_stated_order_sets_the_contradicting_rows_aside():
    dates = read("25/03/2021", "03/04/2021", "03/26/2021", order="Day-first")
    assert iso(dates)[1] == "2021-04-03T00:00:00"
    assert dates.unreadable.tolist() == [False, False, True]
    assert "cannot be day first, first row 4" in dates.statements[1]


def test_a_stated_order_that_most_rows_contradict_is_refused():
    with pytest.raises(InputError, match=r"2 of 3 cells are not dates that can be read \(month first\), first row 2"):
        read("25/03/2021", "26/03/2021", "03/04/2021", order="month first")


def test_an_unknown_order_is_refused():
    with pytest.raises(InputError, match='"year first" is not one of auto, day first, month first'):
        read("2021-03-25", order="year first")


def test_a_column_that_is_no_date_column_is_refused():
    with pytest.raises(InputError, match=r'2 of 3 cells are not dates that can be read .*row 2 \("web"\)'):
        read("web", "shop", "2021-03-25")


def test_several_forms_in_one_column_are_listed():
    said = read("2021-03-25", "44281", "25/03/2021").statements
    assert "several forms: year-month-day 1 (first row 2" in said[-1]


def test_dates_half_converted_by_a_spreadsheet_are_refused():
    days = pd.date_range("2020-01-01", "2021-12-31", freq="5D")
    # a spreadsheet of month-first habits opens day-first text: it converts what it can, swapping, and leaves the rest
    cells = [dt.datetime(day.year, day.day, day.month) if day.day <= 12 else day.strftime("%d/%m/%Y") for day in days]
    with pytest.raises(InputError, match="swapped day and month"):
        read(*cells)
    assert len(read(*cells, order="day first").values) == len(days)


def test_two_digit_years_follow_the_stated_rule():
    dates = read("25/03/68", "25/03/69")
    assert iso(dates) == ["2068-03-25T00:00:00", "1969-03-25T00:00:00"]
    assert any("69 to 99 are 1969 to 1999" in one for one in dates.statements)


@given(st.lists(DAYS, min_size=1, max_size=30), st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y %H:%M"]))
def test_day_first_dates_are_read_or_asked_about(days, form):
    cells = [day.strftime(form) for day in days]
    if any(day.day > 12 for day in days):
        assert iso(read(*cells)) == [f"{day}T00:00:00" for day in days]
    elif any(day.day != day.month for day in days):
        with pytest.raises(InputError, match="day first or month first"):
            read(*cells)
        assert iso(read(*cells, order="day first")) == [f"{day}T00:00:00" for day in days]


@given(st.lists(DAYS, min_size=1, max_size=30), st.sampled_from(["%m/%d/%Y", "%m-%d-%Y", "%m/%d/%Y %I:%M %p"]))
def test_month_first_dates_are_read_or_asked_about(days, form):
    assume(any(day.day > 12 for day in days))
    cells = [day.strftime(form) for day in days]
    assert iso(read(*cells)) == [f"{day}T00:00:00" for day in days]


@given(
    st.datetimes(dt.datetime(1955, 1, 1), dt.datetime(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%dT%H:%M:%S", "%Y%m%d %H:%M:%S", "%d %B %Y %H:%M:%S", "%b %d, %Y %I:%M:%S %p"]),
)
def test_moments_survive_every_unambiguous_form(moment, form):
    assert iso(read(moment.strftime(form))) == [moment.strftime("%Y-%m-%dT%H:%M:%S")]


@given(st.lists(st.text(max_size=25) | st.floats() | st.none() | st.booleans(), min_size=1, max_size=8))
def test_junk_is_marked_or_refused_in_a_sentence(cells):
    try:
        dates = read(*cells)
    except InputError as raised:
        problem = str(raised)
    else:
        problem = ""
        read_or_marked = ~np.isnat(dates.values) ^ (dates.blank | dates.error | dates.unreadable)
        assert read_or_marked.all()
    assert problem == "" or problem.startswith("dates: ")


def test_texts_of_every_kind_stand_beside_each_other():
    cells = ["2021-01-05 09:30", "2021-01-06T9:30:15", "5 Jan 2021 at 9:30 pm", "NULL", None, "07.01.2021 23:59:59",
             "2021-01-08", "2021-01-05 09:30", "2021-01-05 25:00", "44201.5"]  # fmt: skip
    values = read_dates(pd.Series(cells, dtype="str"), "day first").values
    assert [None if np.isnat(value) else str(value) for value in values] == [
        "2021-01-05T09:30:00", "2021-01-06T09:30:15", "2021-01-05T21:30:00", None, None, "2021-01-07T23:59:59",
        "2021-01-08T00:00:00", "2021-01-05T09:30:00", None, "2021-01-05T12:00:00",
    ]  # fmt: skip
