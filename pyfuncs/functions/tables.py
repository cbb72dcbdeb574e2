"""Ranges of customers and of transactions: what they are, how their rows are read, and results set beside them.

By header name in any order, with the usual spellings; without a header by position:

customer_id, frequency, recency, T, monetary_value   five columns, four (no spend) or frequency, recency, T alone
customer, date, amount                               a log; two columns are a log without amounts
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis import columns, fitting
from pyfuncs.analysis.columns import SERIAL_RANGE
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.errors import CellError, InputError, InsufficientDataError
from pyfuncs.functions import cells
from pyfuncs.functions.catalogue import Kind
from pyfuncs.functions.cells import Cell, Columns, Floats, Grid
from pyfuncs.functions.kinds import AUTO, Column, read_column
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.bgbb import BGBB
from pyfuncs.sources.raw_table import unique_headers

if TYPE_CHECKING:
    from pyfuncs.analysis.log import Log  # what reads logs is heavy, and imported where there is one

HISTORY: Final = ("customer_id", "frequency", "recency", "T", "monetary_value")
LOG_BY_POSITION: Final = ("customer", "date", "amount")
NEEDED: Final = ("frequency", "recency", "T")

Score = Callable[[Fitted, Columns], Floats]


@dataclass(frozen=True)
class Problem:
    """Why a row of a customers table has no history, and what it shows instead of a result."""

    shown: Cell
    reason: str


@dataclass(frozen=True)
class LogRange:
    """A range that holds a log of transactions."""

    table: pd.DataFrame
    header: bool

    def read(self, observation_end: dt.date | None = None) -> Log:
        """The log, its rows used or set aside; row numbers count from the top of the range."""
        from pyfuncs.analysis.log import read_log

        return read_log(self.table, observation_end=observation_end, first_row=2 if self.header else 1)


@dataclass(frozen=True)
class CustomerRange:
    """Customers row by row: `histories` has the columns of `HISTORY`, nan or blank where `problems` says why.

    `from_log` tells that the rows are the customers of a log, which are named in results: no table stands beside them.
    """

    histories: Columns
    problems: dict[int, Problem]
    header: bool
    from_log: bool = False
    observation_end: dt.date | None = None

    def __len__(self) -> int:
        return len(self.histories["frequency"])

    @property
    def no_history(self) -> bool:
        """Whether none of the rows is a history."""
        return len(self.problems) == len(self)

    @cached_property
    def usable(self) -> Columns:
        """The rows that are histories."""
        if not self.problems:
            return self.histories
        return {role: np.delete(column, list(self.problems)) for role, column in self.histories.items()}

    def beside(self, **results: Floats) -> Grid:
        """One row of results per row of the range, in its order, from results for the usable rows."""
        names: list[Cell] = list(results)
        found = iter(zip(*(_finite_or_error(result) for result in results.values()), strict=True))
        rows: Grid = [
            [self.problems[i].shown] * len(names) if i in self.problems else list(next(found)) for i in range(len(self))
        ]
        if self.from_log:
            names = ["customer_id", *names]
            rows = [[str(key), *row] for key, row in zip(self.histories["customer_id"], rows, strict=True)]
        return [names, *rows] if self.header else rows


Customers = Annotated[CustomerRange | LogRange, Kind("customers", lambda grid, name: read_customers(grid, name))]
Transactions = Annotated[LogRange, Kind("transactions", lambda grid, name: read_transactions(grid, name))]
CustomersOrValues = Annotated[
    CustomerRange | LogRange | Column, Kind("customers", lambda grid, name: read_customers_or_values(grid, name))
]


def read_transactions(grid: Grid, name: str) -> LogRange:
    """A log of transactions; blank rows at the end of the range are no rows."""
    last = max((i for i, row in enumerate(grid) if not all(cells.is_blank(cell) for cell in row)), default=0)
    headers = _headers(grid[0])
    width = len(grid[0])
    if columns.kind_of(headers) == "transactions":
        return _log_range(grid[1 : last + 1], unique_headers(headers), header=True, name=name)
    if _looks_like_header(grid[0]):
        columns.find_columns(headers)  # says which column is missing
    if width < 2:
        raise InputError(f"{name}: one column; a log needs customer and date, and an amount where there is one.")
    labels = [LOG_BY_POSITION[i] if i < 3 else f"(column {i + 1})" for i in range(width)]
    return _log_range(grid[: last + 1], labels, header=False, name=name)


def read_customers(grid: Grid, name: str) -> CustomerRange | LogRange:
    """A table of customers, or a log of transactions, told apart by header or by position."""
    headers = _headers(grid[0])
    kind = columns.kind_of(headers)
    if kind == "customers":
        found = columns.find_columns(unique_headers(headers), table="customers")
        places = {role: unique_headers(headers).index(header) for role, header in found.items()}
        return _customer_range(grid[1:], places, header=True, name=name)
    if kind == "transactions":
        return read_transactions(grid, name)
    if _looks_like_header(grid[0]):
        raise InputError(
            f"{name}: the header row {', '.join(headers)[:120]} has neither frequency, recency and T nor customer and "
            "date; rename the columns."
        )
    width = len(grid[0])
    if width in (2, 3) and (width == 2 or any(_is_date(row[1]) for row in grid)):
        return read_transactions(grid, name)
    by_position = NEEDED if width == 3 else HISTORY
    if width < 3:
        raise InputError(f"{name}: one column; customers need frequency, recency and T, or a log customer and date.")
    return _customer_range(grid, {role: i for i, role in enumerate(by_position[:width])}, header=False, name=name)


def read_customers_or_values(grid: Grid, name: str) -> CustomerRange | LogRange | Column:
    """Customers, or one column of values."""
    return read_column(grid, "values") if len(grid[0]) == 1 else read_customers(grid, name)


def in_periods(
    customers: CustomerRange | LogRange, period: str, end: dt.date | None = None, model: Fitted | str | None = None
) -> CustomerRange:
    """Customers with their histories as the model counts time; those of a log in the period, up to `end`."""
    if isinstance(customers, CustomerRange):
        return _by_opportunity(customers) if _counts_opportunities(model) else customers
    return log_in_periods(customers.read(end), period, model, header=customers.header)


def log_in_periods(log: Log, period: str, model: Fitted | str | None, *, header: bool) -> CustomerRange:
    """The customers of a log that has been read, with their histories as the model counts time."""
    if _counts_opportunities(model):
        from pyfuncs.analysis.opportunities import opportunities

        table = opportunities(log, period)
        return CustomerRange(_columns(table), {}, header, from_log=True, observation_end=log.observation_end)
    return of_log(log, period, header=header)


def _counts_opportunities(model: Fitted | str | None) -> bool:
    return isinstance(model.purchases, BGBB) if isinstance(model, Fitted) else model == BGBB.name


def _by_opportunity(table: CustomerRange) -> CustomerRange:
    """The same customers, where histories that are not counted in whole opportunities are none."""
    x, t_x, T = (table.histories[role] for role in NEEDED)
    faults = {
        "recency or T is not a whole number of opportunities": (t_x % 1 != 0) | (T % 1 != 0),
        "frequency exceeds the opportunities up to the last purchase": x > t_x,
    }
    problems = dict(table.problems)
    for fault, rows in faults.items():
        for i in np.flatnonzero(rows).tolist():
            problems.setdefault(i, Problem(CellError.NUM.value, fault))
    return replace(table, problems=problems)


def of_log(log: Log, period: str, *, header: bool) -> CustomerRange:
    """The customers of a log that has been read."""
    from pyfuncs.analysis.histories import histories

    table = histories(log, period)
    if table.empty:
        raise InsufficientDataError("no row of the log can be used; CLV_CHECK says why.")
    return CustomerRange(_columns(table), {}, header, from_log=True, observation_end=log.observation_end)


def with_model(
    customers: CustomerRange | LogRange, model: Fitted | str | None, spend_model: str = AUTO
) -> tuple[CustomerRange, Fitted]:
    """Customers in the periods of the model, and the model, which is fitted on them unless it was given."""
    if isinstance(model, Fitted):
        return in_periods(customers, model.period, model.observation_end, model), model
    table = in_periods(customers, "week", model=model)
    fitted = fitting.fit(fittable(table), model or AUTO, spend_model, "week", table.observation_end)
    return table, fitted


def fittable(table: CustomerRange) -> Columns:
    """The rows that are histories, of which there must be some."""
    if table.no_history:
        raise InsufficientDataError("no row is a customer's history, so no model can be fitted; CLV_CHECK says why.")
    return table.usable


def scored(customers: CustomerRange | LogRange, model: Fitted | str | None, **scores: Score) -> Grid:
    """One row of scores per customer, named as the arguments are."""
    table, fitted = with_model(customers, model)
    if table.no_history:
        return table.beside(**{name: np.empty(0) for name in scores})
    return table.beside(**{name: score(fitted, table.usable) for name, score in scores.items()})


def _finite_or_error(result: Floats) -> list[Cell]:
    """Results as cells; where the answer does not exist, #NUM!."""
    return [value if np.isfinite(value) else CellError.NUM.value for value in np.asarray(result, np.float64).tolist()]


def _log_range(rows: Grid, headers: list[str], *, header: bool, name: str) -> LogRange:
    if not rows:
        raise InsufficientDataError(f"{name}: no row below the header.")
    return LogRange(pd.DataFrame(rows, columns=headers, dtype=object), header)


def _columns(frame: pd.DataFrame) -> Columns:
    return {str(name): frame[name].to_numpy() for name in frame}


def _customer_range(rows: Grid, places: dict[str, int], *, header: bool, name: str) -> CustomerRange:
    """Customers from the columns where each role stands."""
    if not rows:
        raise InsufficientDataError(f"{name}: no row below the header.")
    table: dict[str, NDArray[Any]] = {role: np.full(len(rows), np.nan) for role in HISTORY}
    table["customer_id"] = np.full(len(rows), "", dtype=object)
    problems: dict[int, Problem] = {}
    for role, place in places.items():
        column = [row[place] for row in rows]
        if role == "customer_id":
            table[role] = np.array([cells.to_text(cell) for cell in column], dtype=object)
            _note_errors(column, problems)
            continue
        table[role], shown = cells.to_numbers(column)
        for i, cell in shown.items():
            if cell is None and role == "monetary_value":
                continue
            reason = f"{role} is {'blank' if cell is None else cell if cells.is_error(rows[i][place]) else 'no number'}"
            _note(problems, i, Problem(cell or CellError.VALUE.value, reason), own=cells.is_error(rows[i][place]))
    for i in list(problems):
        if all(cells.is_blank(rows[i][place]) for place in places.values()):
            problems[i] = Problem(None, "blank row")
    _note_faults(table, problems)
    return CustomerRange(table, problems, header)


def _note(problems: dict[int, Problem], row: int, problem: Problem, *, own: bool) -> None:
    """Keep the first problem of a row, except that an error cell comes before all else."""
    if own or row not in problems:
        problems[row] = problem


def _note_errors(column: list[Cell], problems: dict[int, Problem]) -> None:
    for i, cell in enumerate(column):
        if cells.is_error(cell):
            problems[i] = Problem(cell, f"customer_id is {cell}")


def _note_faults(table: Columns, problems: dict[int, Problem]) -> None:
    """Numbers that are no history."""
    x, t_x, T, m = (table[role] for role in HISTORY[1:])
    faults = {
        "frequency is not a whole number of 0 or more": (x < 0) | (x != np.floor(x)),
        "recency is below 0": t_x < 0,
        "recency exceeds T": t_x > T,
        "recency is above 0 although frequency is 0": (x == 0) & (t_x > 0),
        "recency is 0 although frequency is above 0": (x > 0) & (t_x == 0),
        "monetary_value is below 0": m < 0,
    }
    readable = np.isfinite(x) & np.isfinite(t_x) & np.isfinite(T)
    for fault, rows in faults.items():
        for i in np.flatnonzero(rows & readable).tolist():
            problems.setdefault(i, Problem(CellError.NUM.value, fault))


def _headers(row: list[Cell]) -> list[str]:
    return [cells.to_text(cell) if cells.is_text(cell) else "" for cell in row]


def _looks_like_header(row: list[Cell]) -> bool:
    """Whether a row holds words only, so that it cannot be data."""
    filled = [cell for cell in row if not cells.is_blank(cell)]
    return bool(filled) and all(cells.is_text(cell) and not _is_date(cell) for cell in filled)


def _is_date(cell: Cell) -> bool:
    """Whether a cell is as good as a date: an Excel date, a serial of our age, or text that starts with a digit."""
    if isinstance(cell, dt.datetime):
        return True
    if isinstance(cell, str):
        return cells.is_text(cell) and cell.strip()[:1].isdigit()
    return isinstance(cell, (int, float)) and SERIAL_RANGE[0] <= cell < SERIAL_RANGE[-1]
