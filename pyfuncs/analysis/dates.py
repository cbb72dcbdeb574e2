"""Dates from cells: every form read by one decision per column, stated with the row that shows it."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from pyfuncs.analysis.columns import SERIAL_RANGE
from pyfuncs.analysis.texts import Found, Mask, arrow_texts, plural, quoted
from pyfuncs.errors import InputError

AUTO, DAY_FIRST, MONTH_FIRST = "auto", "day first", "month first"
DATE_ORDERS = (AUTO, DAY_FIRST, MONTH_FIRST)
YEAR_RANGE = (1900, 2199)

_NO_CLOCK = -1
_SERIAL_ORIGIN = dt.date(1899, 12, 30)  # of Excel's 1900 system from March 1900 on
_MONTHS = dict.fromkeys(("jan", "january"), 1) | dict.fromkeys(("feb", "february"), 2)
_MONTHS |= dict.fromkeys(("mar", "march"), 3) | dict.fromkeys(("apr", "april"), 4) | {"may": 5}
_MONTHS |= dict.fromkeys(("jun", "june"), 6) | dict.fromkeys(("jul", "july"), 7) | dict.fromkeys(("aug", "august"), 8)
_MONTHS |= dict.fromkeys(("sep", "sept", "september"), 9) | dict.fromkeys(("oct", "october"), 10)
_MONTHS |= dict.fromkeys(("nov", "november"), 11) | dict.fromkeys(("dec", "december"), 12)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?(?:\s*(?P<half>[ap])\.?m\.?)?"
    r"(?:\s*(?P<zone>Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?|[A-Z]{3,5}))?",
    re.IGNORECASE | re.ASCII,
)
_BEFORE_CLOCK = re.compile(r"(?:T|,?\s+(?:at\s+)?)$", re.IGNORECASE)
_COMPACT_CLOCK = re.compile(r"T?(\d{2})(\d{2})(\d{2})(Z?)", re.IGNORECASE | re.ASCII)
_DAY_AND_CLOCK = r"^[0-9./-]{10}[ T][0-9]{1,2}:"  # what most exports write
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_DIGITS = re.compile(r"\d+", re.ASCII)
_SERIAL = re.compile(r"\d{5}", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}|\d{2})", re.ASCII)
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s\-/.]*([a-z]{3,9})[\s\-/.,]*'?(\d{4}|\d{2})", re.I | re.ASCII)
_NAME_DAY = re.compile(r"([a-z]{3,9})[\s\-/.]*(\d{1,2})(?:st|nd|rd|th)?[\s\-/.,]+'?(\d{4}|\d{2})", re.I | re.ASCII)
_YEAR_NAME = re.compile(r"(\d{4})[\s\-/.]+([a-z]{3,9})[\s\-/.]+(\d{1,2})", re.IGNORECASE | re.ASCII)

YEAR_MONTH_DAY, COMPACT, SERIAL, NUMERIC, NAMED = (
    "year-month-day",
    "YYYYMMDD",
    "Excel serial",
    "day, month, year in digits",
    "day, month name, year",
)


@dataclass(frozen=True, slots=True, eq=False)
class Dates:
    """A column of dates as read: values with NaT where there is none, and why."""

    values: npt.NDArray[np.datetime64]  # datetime64[s], clock time kept
    blank: Mask
    error: Mask
    unreadable: Mask
    statements: list[str]


@dataclass(frozen=True, slots=True)
class _Day:
    """What the text of one day can be: its form, and its date by day-first and by month-first reading."""

    form: str
    day_first: dt.date | None
    month_first: dt.date | None
    short_year: bool = False


def read_dates(column: "pd.Series[Any]", order: str = AUTO, first_row: int = 1) -> Dates:
    """Read a column of dates: ISO text, YYYYMMDD, Excel serials, day-first or month-first text, month names, times.

    Whether 03/04/2021 is March or April is decided once for the column, by a row that allows one reading only, and
    stated; when no row does, or rows contradict each other, ``order`` must say it ("day first" or "month first").
    Time zone marks are dropped and clock times stay as written.  A cell that cannot be read is marked, not raised.

    Raises InputError when the order is undecided or when more than half of the filled cells cannot be read.
    """
    order = date_order(order)
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "M" and _in_range(column.to_numpy()):
        return _real_dates(column.to_numpy(), first_row)
    found = Found.of(column, first_row)
    days, clocks = _days_and_clocks(found)
    meant = [_day(one) for one in days.distinct]
    chosen, why = _decide(order, meant, days)
    stamps = np.array([_stamp(day, chosen) for day in meant] + [np.datetime64("NaT")], dtype="datetime64[s]")
    seconds = np.array([_seconds(one) for one in clocks.distinct] + [_NO_CLOCK], dtype=np.int64)[clocks.codes]
    values = stamps[days.codes] + np.where(seconds < 0, np.timedelta64("NaT"), seconds.astype("timedelta64[s]"))
    blank, error = found.blank_and_error()
    values[blank | error] = np.datetime64("NaT")
    unreadable = np.isnat(values) & ~blank & ~error
    _refuse_if_mostly_unreadable(unreadable, ~blank & ~error, chosen, found)
    return Dates(values, blank, error, unreadable, why + _forms_seen(meant, days) + _zones(clocks))


def _in_range(stamps: npt.NDArray[np.datetime64]) -> bool:
    """Whether all dates are of years that can be read; what is outside needs the words of a text."""
    first, last = (np.datetime64(f"{year}-01-01") for year in (YEAR_RANGE[0], YEAR_RANGE[1] + 1))
    return bool(np.isnat(least := np.fmin.reduce(stamps)) or (least >= first and np.fmax.reduce(stamps) < last))


def _real_dates(stamps: npt.NDArray[np.datetime64], first_row: int) -> Dates:
    """A column that holds dates already, as its text would be read."""
    blank = np.isnat(stamps)
    none = np.zeros(len(stamps), dtype=np.bool_)
    said = []
    if not blank.all():
        first = int(blank.argmin())
        said.append(_read_as(YEAR_MONTH_DAY, quoted(first_row + first, str(stamps[first].astype("datetime64[D]")))))
    return Dates(stamps.astype("datetime64[s]", copy=False), blank, none, none, said)


def date_order(order: str) -> str:
    """The date order a user asked for: "auto", "day first" or "month first", in any spelling of these words."""
    plain = re.sub(r"[\s_\-]+", " ", str(order)).strip().casefold()
    plain = {"dayfirst": DAY_FIRST, "monthfirst": MONTH_FIRST, "": AUTO}.get(plain, plain)
    if plain not in DATE_ORDERS:
        raise InputError(f'date_order: "{order}" is not one of {", ".join(DATE_ORDERS)}.')
    return plain


def _days_and_clocks(found: Found) -> tuple[Found, Found]:
    """The texts by their days and by their clocks: both repeat far more often than their pairs do."""
    usual = pc.match_substring_regex(found.texts, _DAY_AND_CLOCK)
    days, clocks = (pc.utf8_slice_codeunits(found.texts, *part) for part in ((0, 10), (11, None)))
    other = [_split(one) for one in found.texts.filter(pc.invert(usual)).to_pylist()]
    if other:
        others = (arrow_texts(list(part)) for part in zip(*other, strict=True))
        days, clocks = (
            pc.replace_with_mask(part, pc.invert(usual), one) for part, one in zip((days, clocks), others, strict=True)
        )
    return found.by(days), found.by(clocks)


def _split(text: str) -> tuple[str, str]:
    """Day and clock of a text."""
    colon = text.find(":")
    if colon >= 0:
        start = colon
        while start and colon - start < 2 and text[start - 1].isdigit():
            start -= 1
        before = _BEFORE_CLOCK.search(text, 0, start)
        return (text[: before.start()], text[start:]) if before else (text, "")
    if text[5:6] == "." and _SERIAL.fullmatch(text, 0, 5) and _DIGITS.fullmatch(text, 6):
        return text[:5], text[5:]
    if len(text) > 8 and _COMPACT.fullmatch(text, 0, 8) and (clock := _COMPACT_CLOCK.fullmatch(text, 8)):
        return text[:8], f"{clock[1]}:{clock[2]}:{clock[3]}{clock[4]}"
    return text, ""


def _seconds(clock: str) -> int:
    """Seconds since midnight; _NO_CLOCK for what is no time of day."""
    if clock.startswith("."):
        return round(float(clock) * 86400)
    if not clock:
        return 0
    match = _CLOCK.fullmatch(clock)
    if match is None:
        return _NO_CLOCK
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return _NO_CLOCK
        hour = hour % 12 + (12 if match["half"] in "pP" else 0)
    return hour * 3600 + minute * 60 + second if hour < 24 and minute < 60 and second < 60 else _NO_CLOCK


def _day(text: str) -> _Day | None:
    """All that the text of one day can mean; None when it is no date."""
    text = _WEEKDAY.sub("", text, count=1)
    if _SERIAL.fullmatch(text):
        number = int(text)
        inside = SERIAL_RANGE[0] <= number < SERIAL_RANGE[1]
        return _sure(SERIAL, _SERIAL_ORIGIN + dt.timedelta(number)) if inside else None
    if match := _YEAR_FIRST.fullmatch(text):
        return _sure(YEAR_MONTH_DAY, _date(match[1], match[3], match[4]))
    if match := _COMPACT.fullmatch(text):
        return _sure(COMPACT, _date(match[1], match[2], match[3]))
    if match := _NUMERIC.fullmatch(text):
        one, two, year = match[1], match[3], match[4]
        day_first, month_first = _date(year, two, one), _date(year, one, two)
        return _Day(NUMERIC, day_first, month_first, len(year) == 2) if day_first or month_first else None
    for pattern, year_at, month_at, day_at in ((_DAY_NAME, 3, 2, 1), (_NAME_DAY, 3, 1, 2), (_YEAR_NAME, 1, 2, 3)):
        if match := pattern.fullmatch(text):
            month = str(_MONTHS.get(match[month_at].lower(), 0))
            return _sure(NAMED, _date(match[year_at], month, match[day_at]), short_year=len(match[year_at]) == 2)
    return None


def _sure(form: str, date: dt.date | None, *, short_year: bool = False) -> _Day | None:
    return None if date is None else _Day(form, date, date, short_year)


def _date(year: str, month: str, day: str) -> dt.date | None:
    number = int(year)
    if len(year) == 2:
        number += 2000 if number < 69 else 1900  # the POSIX rule
    if not YEAR_RANGE[0] <= number <= YEAR_RANGE[1]:
        return None
    try:
        return dt.date(number, int(month), int(day))
    except ValueError:
        return None


def _stamp(day: _Day | None, order: str) -> np.datetime64:
    date = None if day is None else day.month_first if order == MONTH_FIRST else day.day_first
    return np.datetime64("NaT", "s") if date is None else np.datetime64(date, "s")


def _decide(order: str, forms: list[_Day | None], found: Found) -> tuple[str, list[str]]:
    """Day first or month first, and the sentence that says why."""
    numeric = [(code, form) for code, form in enumerate(forms) if form is not None and form.form == NUMERIC]
    only_day = [code for code, form in numeric if form.month_first is None]
    only_month = [code for code, form in numeric if form.day_first is None]
    if order != AUTO:
        against = only_month if order == DAY_FIRST else only_day
        said = [f"Dates are read {order}, as stated."] if numeric else []
        if against:
            said.append(f"{plural(found.count(against), 'date')} cannot be {order}, first {found.example(against)}.")
        return order, said
    if only_day and only_month:
        raise InputError(
            f"dates: {found.example(only_day)} can only be day first, {found.example(only_month)} only month first; "
            f'correct the dates, or say date_order="{DAY_FIRST}" or "{MONTH_FIRST}" to set the others aside.'
        )
    if not only_day and not only_month:
        open_ = [code for code, form in numeric if form.day_first != form.month_first]
        if open_:
            raise InputError(
                f"dates: {found.example(open_)} and the other dates of this kind can be day first or month first; "
                f'say date_order="{DAY_FIRST}" or "{MONTH_FIRST}".'
            )
        return DAY_FIRST, []
    _refuse_swapped(forms, only_day or only_month, len(numeric), found)
    chosen, shown = (DAY_FIRST, only_day) if only_day else (MONTH_FIRST, only_month)
    return chosen, [f"Dates are read {chosen}: {found.example(shown)} cannot be read otherwise."]


def _refuse_swapped(forms: list[_Day | None], decided: list[int], numeric: int, found: Found) -> None:
    """Refuse a column in which Excel, opening a text file, took part of the dates for the wrong order.

    The mark of it: the dates it could convert all have a day of 12 or less, the texts it left have none.
    """
    converted = {form.day_first for form in forms if form is not None and form.form in (YEAR_MONTH_DAY, SERIAL)}
    low = [date for date in converted if date is not None and date.day <= 12]
    if len(decided) == numeric and len(low) == len(converted) and min(len(low), numeric) >= 10:
        raise InputError(
            f"dates: all real dates have a day of 12 or less and all dates left as text, as {found.example(decided)}, "
            "have one above; a spreadsheet has swapped day and month of the real ones. Import the original file with "
            f'its date column as text, or say date_order="{DAY_FIRST}" to read the dates as they are.'
        )


def _refuse_if_mostly_unreadable(unreadable: Mask, filled: Mask, order: str, found: Found) -> None:
    bad = int(unreadable.sum())
    if bad and 2 * bad > int(filled.sum()):
        example = found.example(set(found.codes[unreadable].tolist()))
        raise InputError(
            f"dates: {bad:,} of {int(filled.sum()):,} cells are not dates that can be read ({order}), first {example}; "
            "write them as 2021-03-25, or check that the right column is named as date."
        )


def _forms_seen(meant: list[_Day | None], found: Found) -> list[str]:
    """Sentences on the forms seen and on two-digit years."""
    seen: dict[str, list[int]] = {}
    for code in found.by_appearance:
        if (day := meant[code]) is not None:
            seen.setdefault(day.form, []).append(code)
    said = []
    if len(seen) > 1:
        listed = ", ".join(
            f"{form} {found.count(codes):,} (first {found.example(codes)})" for form, codes in seen.items()
        )
        said.append(f"Dates are written in several forms: {listed}.")
    elif seen and NUMERIC not in seen:
        form, codes = next(iter(seen.items()))
        said.append(_read_as(form, found.example(codes)))
    short = [code for code, day in enumerate(meant) if day is not None and day.short_year]
    if short:
        said.append(
            f"Years of two digits: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068, first {found.example(short)}."
        )
    return said


def _read_as(form: str, example: str) -> str:
    return f"Dates are read as {form}, first {example}."


def _zones(clocks: Found) -> list[str]:
    matches = [_CLOCK.fullmatch(clock) for clock in clocks.distinct]
    zoned = [code for code, match in enumerate(matches) if match is not None and match["zone"]]
    if not zoned:
        return []
    return [f"Time zones are dropped and clock times kept as written, first {clocks.example(zoned)}."]
