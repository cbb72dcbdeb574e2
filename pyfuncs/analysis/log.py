"""The transaction log as read: every row used, or set aside with its reason, so that counts and amounts tie."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pyfuncs.analysis import identities
from pyfuncs.analysis.amounts import Amounts, read_amounts
from pyfuncs.analysis.columns import find_columns, unit_price
from pyfuncs.analysis.dates import Dates, read_dates
from pyfuncs.analysis.texts import Mask, cell_texts
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


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """A transaction log, one row of ``rows`` per row read and in its order.

    Columns of ``rows``: source_row (1-based, as the source counts), customer_id (text), date (datetime64[s], clock time
    kept), amount (money; NaN where none could be read), status (USED or one of REASONS), customer_text, date_text,
    amount_text (as found, on rows set aside), and product and channel where the source has them.
    """

    rows: pd.DataFrame
    columns: dict[str, str]
    statements: list[str]
    has_amounts: bool
    observation_end: dt.date
    stated: bool


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
    cells = table.set_axis(headers, axis="columns")
    source_rows = np.arange(first_row, first_row + len(table), dtype=np.int64)
    customers = identities.read_customers(cells[found["customer"]], source_rows)
    dates = read_dates(cells[found["date"]], date_order, source_rows)
    amounts = read_amounts(cells[found["amount"]], decimal_mark, source_rows) if "amount" in found else None
    if amounts is not None and amounts.blank.all():
        amounts = None
    end = _last_date(dates) if observation_end is None else as_date(observation_end)
    status = _row_status(customers, dates, amounts, end)
    said = _duplicate_rows(cells, status, duplicates)
    _day_status(status, customers, dates, amounts, zero_days_count)
    statements = [
        *customers.statements,
        *dates.statements,
        *(amounts.statements if amounts else _no_amounts(headers)),
        *_span_statements(dates, end, stated=observation_end is not None),
        *said,
        *_without_purchase(customers, status),
    ]
    rows = _rows(cells, found, source_rows, customers, dates, amounts, status)
    return Log(rows, found, statements, amounts is not None, end, observation_end is not None)


def account(log: Log) -> pd.DataFrame:
    """Rows and amounts by bin, closing with the total read: reason, rows, amount, first_row.

    The bins are exclusive and exhaustive, so rows and amounts above the last line sum to it.  Amounts that could not be
    read count as nothing; without amounts the column is NaN.  ``first_row`` is the source row of a bin's first row.
    """
    status = log.rows["status"].to_numpy(dtype=object)
    amount = np.nan_to_num(log.rows["amount"].to_numpy(dtype=np.float64))
    source_row = log.rows["source_row"].to_numpy(dtype=np.int64)
    lines: list[dict[str, object]] = []
    for reason in (*STATUSES, READ):
        which = np.ones(len(status), dtype=np.bool_) if reason == READ else status == reason
        money = math.fsum(amount[which]) if log.has_amounts else math.nan
        first = int(source_row[which.argmax()]) if which.any() else pd.NA
        lines.append({"reason": reason, "rows": int(which.sum()), "amount": money, "first_row": first})
    return pd.DataFrame(lines).astype({"rows": "int64", "amount": "float64", "first_row": "Int64"})


def purchases(log: Log) -> pd.DataFrame:
    """Purchases of one customer on one day merged into one: customer_id, date (midnight), amount (NaN without amounts).

    Sorted by customer_id as text, then date.  Raises InsufficientDataError when no row can be used.
    """
    used = log.rows[(log.rows["status"] == USED).to_numpy()]
    if used.empty:
        counts = log.rows["status"].value_counts()
        listed = ", ".join(f"{count:,} {reason}" for reason, count in counts.items())
        raise InsufficientDataError(f"transactions: no row can be used ({listed}); see the rows set aside.")
    codes, ids = pd.factorize(used["customer_id"], sort=True)
    days = used["date"].to_numpy().astype("datetime64[D]")
    keys, inverse = _customer_days(np.asarray(codes, dtype=np.int64), days)
    who, day = np.divmod(keys, _DAYS)
    amount = _net(used["amount"].to_numpy(dtype=np.float64), inverse, len(keys))
    return pd.DataFrame(
        {
            "customer_id": pd.Series(ids[who], dtype="str"),
            "date": (day - _DAYS // 2).astype("datetime64[D]").astype("datetime64[s]"),
            "amount": amount if log.has_amounts else np.full(len(keys), np.nan),
        }
    )


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


_DAYS = 1 << 20  # more days than dates can span, so that customer and day make one sortable number


def _customer_days(
    codes: npt.NDArray[np.int64], days: npt.NDArray[np.datetime64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """The distinct customer-days in order, each as one number, and which of them each row belongs to."""
    keys = codes * _DAYS + days.astype(np.int64) + _DAYS // 2
    distinct, inverse = np.unique(keys, return_inverse=True)
    return distinct, inverse.astype(np.intp)


def _net(amount: npt.NDArray[np.float64], group: npt.NDArray[np.intp], size: int) -> npt.NDArray[np.float64]:
    """Sums by group, with the rounding noise of amounts that cancel (0.1 + 0.2 - 0.3) taken as the zero it is."""
    net = np.bincount(group, amount, minlength=size)
    moved = np.bincount(group, np.abs(amount), minlength=size)
    return np.where(np.abs(net) <= 1e-12 * moved, 0.0, net)


def _row_status(
    customers: identities.Customers, dates: Dates, amounts: Amounts | None, end: dt.date
) -> npt.NDArray[np.object_]:
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
        (AFTER_END, dates.values >= np.datetime64(end, "s") + np.timedelta64(1, "D")),
    ]
    status = np.full(len(none), USED, dtype=object)
    for reason, holds in reversed(reasons):
        status[holds] = reason
    return status


def _duplicate_rows(cells: pd.DataFrame, status: npt.NDArray[np.object_], duplicates: str) -> list[str]:
    """Count rows that repeat an earlier one in every column, and set them aside when asked."""
    repeated = cells.duplicated().to_numpy() & (status == USED)
    count = int(repeated.sum())
    if not count:
        return []
    if duplicates == "keep":
        return [f"Rows that repeat an earlier row in every column: {count:,}; they are kept and their amounts count."]
    status[repeated] = DUPLICATE
    return [f"Rows that repeat an earlier row in every column: {count:,}; they are set aside, as stated."]


def _day_status(
    status: npt.NDArray[np.object_],
    customers: identities.Customers,
    dates: Dates,
    amounts: Amounts | None,
    zero_days_count: bool,
) -> None:
    """Set aside the customer-days that net below zero, and those of zero when zeros do not count."""
    used = np.flatnonzero(status == USED)
    if amounts is None or not len(used):
        return
    days = dates.values[used].astype("datetime64[D]")
    keys, group = _customer_days(customers.codes[used].astype(np.int64), days)
    net = _net(amounts.values[used], group, len(keys))[group]
    status[used[net < 0]] = REFUND
    if not zero_days_count:
        status[used[net == 0]] = ZERO_DAY


def _without_purchase(customers: identities.Customers, status: npt.NDArray[np.object_]) -> list[str]:
    """Customers all of whose rows are set aside."""
    known = customers.codes[customers.codes >= 0]
    used = customers.codes[(customers.codes >= 0) & (status == USED)]
    lost = len(np.unique(known)) - len(np.unique(used))
    return [f"Customers whose rows are all set aside: {lost:,}."] if lost else []


def _no_amounts(headers: list[str]) -> list[str]:
    price = unit_price(headers)
    hint = f' "{price}" is the price of one unit: add a column of quantity times price to value money.' if price else ""
    return [f"There are no amounts: purchases are counted, money is not valued.{hint}"]


def _last_date(dates: Dates) -> dt.date:
    if np.isnat(dates.values).all():
        raise InsufficientDataError("dates: no row has a date; fill the date column or name another one.")
    last: dt.date = dates.values[~np.isnat(dates.values)].max().astype("datetime64[D]").item()
    return last


def _span_statements(dates: Dates, end: dt.date, *, stated: bool) -> list[str]:
    """The observation end, and dates so far from all others that they are likely to be wrong."""
    said = [f"Customers are observed until {end}, as stated."]
    if not stated:
        said = [f"Customers are observed until {end}, the last date there is; state observation_end if it was later."]
    days = np.unique(dates.values[~np.isnat(dates.values)].astype("datetime64[D]"))
    if len(days) < 4:
        return said
    gaps = np.diff(days.astype(np.int64))
    for name, day, gap, rest in (("first", days[0], gaps[0], gaps[1:]), ("last", days[-1], gaps[-1], gaps[:-1])):
        if gap > max(90, rest.sum() // 2):
            said.append(f"The {name} date, {day}, is {gap:,} days from all others: check it.")
    return said


def _rows(
    cells: pd.DataFrame,
    found: Mapping[str, str],
    source_rows: npt.NDArray[np.int64],
    customers: identities.Customers,
    dates: Dates,
    amounts: Amounts | None,
    status: npt.NDArray[np.object_],
) -> pd.DataFrame:
    aside = status != USED
    data: dict[str, Any] = {
        "source_row": source_rows,
        "customer_id": customers.values,
        "date": dates.values,
        "amount": amounts.values if amounts else np.full(len(aside), np.nan),
        "status": status,
    }
    for role in ("customer", "date", "amount"):
        raw = pd.Series(pd.NA, index=range(len(aside)), dtype="str")
        if role in found and aside.any():
            raw[aside] = cell_texts(cells[found[role]][aside]).to_numpy()
        data[f"{role}_text"] = raw
    for role in ("product", "channel"):
        if role in found:
            data[role] = cell_texts(cells[found[role]])
    return pd.DataFrame(data)
