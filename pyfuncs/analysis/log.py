"""The transaction log as read: every row used, or set aside with its reason, so that counts and amounts tie."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pyfuncs.analysis import identities
from pyfuncs.analysis.amounts import Amounts, read_amounts
from pyfuncs.analysis.columns import find_columns, unit_price
from pyfuncs.analysis.dates import Dates, read_dates
from pyfuncs.analysis.purchases import CustomerDays, Days, Purchases
from pyfuncs.analysis.texts import Codes, Mask, arrow_texts, cell_texts, spelled, text_order
from pyfuncs.errors import InputError, InsufficientDataError

USED = "used"
BLANK_ROW = "blank row"
ERROR_CELL = "error cell"
BLANK_CUSTOMER = "blank customer"
BLANK_DATE = "blank date"
UNREADABLE_DATE = "unreadable date"
BLANK_AMOUNT = "blank amount"
UNREADABLE_AMOUNT = "unreadable amount"
AFTER_END = "after observation end"
DUPLICATE = "exact duplicate row"
REFUND = "refund netted below zero"
ZERO_DAY = "zero-amount day"
READ = "read"
REASONS = (
    BLANK_ROW,
    ERROR_CELL,
    BLANK_CUSTOMER,
    BLANK_DATE,
    UNREADABLE_DATE,
    BLANK_AMOUNT,
    UNREADABLE_AMOUNT,
    AFTER_END,
    DUPLICATE,
    REFUND,
    ZERO_DAY,
)
STATUSES = (USED, *REASONS)
DUPLICATES = ("keep", "set aside")
OPTIONAL = ("product", "channel")
"""Columns that are as good as absent where they are blank."""
_USED = STATUSES.index(USED)
_NO_DAY = np.datetime64("NaT", "D").view(np.int64)


@dataclass(frozen=True, eq=False)
class Log:
    """A transaction log: what was read, what became of each row, and the purchases it holds."""

    columns: dict[str, str]
    statements: list[str]
    has_amounts: bool
    observation_end: dt.date
    stated: bool
    bought: Purchases  # none when no row can be used
    read: "Read"

    @cached_property
    def rows(self) -> pd.DataFrame:
        """One row per row read and in its order.

        Columns: source_row (1-based, as the source counts), customer_id (text), date (datetime64[s], clock time kept),
        amount (money; NaN where none could be read), status (categories: STATUSES), customer_text, date_text,
        amount_text (as found, on rows set aside), and product and channel where the source has them.
        """
        return _rows(self.read, self.columns)


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """The columns of a log as cells and as read, and the bin of each row as a place in STATUSES."""

    cells: pd.DataFrame
    first_row: int  # its number in the source
    customers: identities.Customers
    dates: Dates
    amounts: Amounts | None
    status: npt.NDArray[np.int8]


def read_log(
    table: pd.DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    date_order: str = "auto",
    observation_end: dt.date | None = None,
    zero_days_count: bool = True,
    duplicates: str = "keep",
    decimal_mark: str = "auto",
    first_row: int = 2,
) -> Log:
    """Read transactions from a table of cells, putting every row in exactly one bin.

    ``columns`` names headers by role (customer, date, amount, product, channel); the rest are found by their usual
    names.  ``observation_end`` is the last day customers were observed, by default the last date there is.
    ``first_row`` is the number the source gives to the first row of ``table``.  A row is set aside for the first of
    REASONS that holds.  Refunds net within the customer-day: a day below zero is set aside as a whole.

    Raises InputError for columns, dates or amounts that need the user's word, InsufficientDataError for no rows or no
    date.
    """
    if duplicates not in DUPLICATES:
        raise InputError(f'duplicates: "{duplicates}" is not one of {", ".join(DUPLICATES)}.')
    headers = [str(header) for header in table.columns]
    found = find_columns(headers, columns)
    if table.empty:
        raise InsufficientDataError("transactions: there is a header row but no row below it; add transactions.")
    cells = table.set_axis(headers, axis="columns").infer_objects()  # whole columns of one kind need no text
    found = {role: header for role, header in found.items() if role not in OPTIONAL or _filled(cells[header])}
    customers = identities.read_customers(cells[found["customer"]], first_row)
    dates = read_dates(cells[found["date"]], date_order, first_row)
    amounts = read_amounts(cells[found["amount"]], decimal_mark, first_row) if "amount" in found else None
    if amounts is not None and amounts.blank.all():
        amounts = None
    day = dates.values.astype("datetime64[D]").view(np.int64)
    end = _last_date(day) if observation_end is None else as_date(observation_end)
    status = _row_status(customers, dates, amounts, day > np.datetime64(end, "D").view(np.int64))
    order = text_order(customers.ids)
    days = _customer_days(customers, order, day, status)
    days, said = _without_repeats(cells, status, days, duplicates)
    days = _day_status(status, days, amounts, zero_days_count)
    bought = Purchases.of(customers.ids, order, days, amounts.values if amounts else None)
    statements = [
        *customers.statements,
        *dates.statements,
        *(amounts.statements if amounts else _no_amounts(headers)),
        *_span_statements(day, end, stated=observation_end is not None),
        *said,
        *_without_purchase(customers, status, bought),
    ]
    read = Read(cells[list(found.values())], first_row, customers, dates, amounts, status)
    return Log(found, statements, amounts is not None, end, observation_end is not None, bought, read)


def _filled(column: "pd.Series[Any]") -> bool:
    """Whether a column has any entry."""
    there = column.dropna()
    return bool((there.iloc[:1] != "").any() or (there != "").any())


def account(log: Log) -> pd.DataFrame:
    """Rows and amounts by bin, closing with the total read: reason, rows, amount, first_row.

    The bins are exclusive and exhaustive, so rows and amounts above the last line sum to it.  Amounts that could not be
    read count as nothing; without amounts the column is NaN.  ``first_row`` is the source row of a bin's first row.
    """
    amount = np.zeros(len(log.read.status)) if log.read.amounts is None else np.nan_to_num(log.read.amounts.values)
    total = math.fsum(amount)
    lines: list[dict[str, object]] = []
    for place, reason in enumerate((*STATUSES, READ)):
        which = np.arange(len(amount)) if reason == READ else np.flatnonzero(log.read.status == place)
        money = total if len(which) == len(amount) else math.fsum(amount[which])
        first = log.read.first_row + int(which[0]) if len(which) else pd.NA
        money = money if log.has_amounts else math.nan
        lines.append({"reason": reason, "rows": len(which), "amount": money, "first_row": first})
    return pd.DataFrame(lines).astype({"rows": "int64", "amount": "float64", "first_row": "Int64"})


def used(log: Log) -> Purchases:
    """The purchases of a log as arrays; raises InsufficientDataError when no row can be used."""
    if not len(log.bought.day):
        counts = np.bincount(log.read.status, minlength=len(STATUSES))
        listed = ", ".join(
            f"{counts[place]:,} {STATUSES[place]}" for place in np.argsort(-counts, kind="stable") if counts[place]
        )
        raise InsufficientDataError(f"transactions: no row can be used ({listed}); see the rows set aside.")
    return log.bought


def as_date(day: object) -> dt.date:
    """A calendar day from a date, a time stamp or ISO text."""
    try:
        if isinstance(day, str):
            return dt.datetime.fromisoformat(day.strip()).date()
        if isinstance(day, dt.date | np.datetime64) and not pd.isna(day):
            return pd.Timestamp(day).date()
    except ValueError:
        pass
    raise InputError(f'date: "{day}" is not a date; write it as 1998-06-30.')


def _row_status(
    customers: identities.Customers, dates: Dates, amounts: Amounts | None, after_end: Mask
) -> npt.NDArray[np.int8]:
    """The first reason that holds for each row by itself, USED for the others."""
    none = np.zeros(len(customers.blank), dtype=np.bool_)
    blank_amount = amounts.blank if amounts else none
    bad_amount = amounts.unreadable if amounts else none
    error = customers.error | dates.error | (amounts.error if amounts else none)
    reasons: list[tuple[str, Mask]] = [
        (BLANK_ROW, customers.blank & dates.blank & (blank_amount if amounts else ~none)),
        (ERROR_CELL, error),
        (BLANK_CUSTOMER, customers.blank),
        (BLANK_DATE, dates.blank),
        (UNREADABLE_DATE, dates.unreadable),
        (BLANK_AMOUNT, blank_amount),
        (UNREADABLE_AMOUNT, bad_amount),
        (AFTER_END, after_end),
    ]
    status = np.zeros(len(none), dtype=np.int8)
    for reason, holds in reversed(reasons):
        if holds.any():
            status[holds] = STATUSES.index(reason)
    return status


def _customer_days(
    customers: identities.Customers, order: Codes, day: Days, status: npt.NDArray[np.int8]
) -> CustomerDays:
    """The rows that can be used by customer, numbered in the order of the ids as text, and day."""
    rank = np.full(len(order) + 1, -1, dtype=np.int32)  # the last is nobody's
    rank[order] = np.arange(len(order))
    return CustomerDays.of(rank[customers.codes], day, status == _USED)


def _without_repeats(
    cells: pd.DataFrame, status: npt.NDArray[np.int8], days: CustomerDays, duplicates: str
) -> tuple[CustomerDays, list[str]]:
    """Count rows that repeat an earlier one in every column, and set them aside when asked.

    Such rows are of one customer and day, so only the rows that share theirs are looked at.
    """
    places = days.rows[days.shared]
    repeated = places[cells.iloc[places].duplicated().to_numpy()]
    count = len(repeated)
    if not count:
        return days, []
    if duplicates == "keep":
        return days, [
            f"Rows that repeat an earlier row in every column: {count:,}; they are kept and their amounts count."
        ]
    status[repeated] = STATUSES.index(DUPLICATE)
    said = [f"Rows that repeat an earlier row in every column: {count:,}; they are set aside, as stated."]
    return days.kept(status[days.rows] == _USED), said


def _day_status(
    status: npt.NDArray[np.int8], days: CustomerDays, amounts: Amounts | None, zero_days_count: bool
) -> CustomerDays:
    """Set aside the customer-days that net below zero, and those of zero when zeros do not count."""
    if amounts is None or (amounts.values > 0).all():
        return days
    net = days.net(amounts.values)
    status[days.rows[days.each(net < 0)]] = STATUSES.index(REFUND)
    if not zero_days_count:
        status[days.rows[days.each(net == 0)]] = STATUSES.index(ZERO_DAY)
    return days.kept(status[days.rows] == _USED)


def _without_purchase(customers: identities.Customers, status: npt.NDArray[np.int8], bought: Purchases) -> list[str]:
    """Customers all of whose rows are set aside."""
    if not status.any():
        return []
    known = np.zeros(len(customers.ids), dtype=np.bool_)
    known[customers.codes[customers.codes >= 0]] = True
    lost = int(known.sum()) - len(bought.customers)
    return [f"Customers whose rows are all set aside: {lost:,}."] if lost else []


def _no_amounts(headers: list[str]) -> list[str]:
    price = unit_price(headers)
    hint = f' "{price}" is the price of one unit: add a column of quantity times price to value money.' if price else ""
    return [f"There are no amounts: purchases are counted, money is not valued.{hint}"]


def _last_date(day: Days) -> dt.date:
    last = int(day.max())
    if last == _NO_DAY:
        raise InsufficientDataError("dates: no row has a date; fill the date column or name another one.")
    return as_date(np.datetime64(last, "D"))


def _distinct_days(day: Days) -> npt.NDArray[np.datetime64]:
    known = day[day != _NO_DAY] if (day == _NO_DAY).any() else day
    first = int(known.min()) if len(known) else 0
    return np.asarray((np.flatnonzero(np.bincount(known - first)) + first).astype("datetime64[D]"))


def _span_statements(day: Days, end: dt.date, *, stated: bool) -> list[str]:
    """The observation end, and dates so far from all others that they are likely to be wrong."""
    said = [f"Customers are observed until {end}, as stated."]
    if not stated:
        said = [f"Customers are observed until {end}, the last date there is; state observation_end if it was later."]
    days = _distinct_days(day)
    if len(days) < 4:
        return said
    gaps = np.diff(days.astype(np.int64))
    for name, day, gap, rest in (("first", days[0], gaps[0], gaps[1:]), ("last", days[-1], gaps[-1], gaps[:-1])):
        if gap > max(90, rest.sum() // 2):
            said.append(f"The {name} date, {day}, is {gap:,} days from all others: check it.")
    return said


def _rows(read: Read, found: Mapping[str, str]) -> pd.DataFrame:
    aside = np.flatnonzero(read.status != _USED)
    place = np.full(len(read.status), -1, dtype=np.intp)
    place[aside] = np.arange(len(aside))
    data: dict[str, Any] = {
        "source_row": np.arange(read.first_row, read.first_row + len(place)),
        "customer_id": read.customers.values,
        "date": read.dates.values,
        "amount": read.amounts.values if read.amounts else np.full(len(place), np.nan),
        "status": pd.Categorical.from_codes(read.status, categories=pd.Index(STATUSES)),
    }
    for role in ("customer", "date", "amount"):
        texts = cell_texts(read.cells[found[role]].iloc[aside]) if role in found else pd.Series(dtype="str")
        data[f"{role}_text"] = spelled(arrow_texts(texts), place if role in found else np.full(len(place), -1))
    for role in OPTIONAL:
        if role in found:
            data[role] = cell_texts(read.cells[found[role]])
    return pd.DataFrame(data)
