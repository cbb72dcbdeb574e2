"""Tables of records that are no purchases, dispensed supplies, referrals and values, and columns beside one another.

By header name in any order, with the usual spellings of `analysis.columns`; without a header by position.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np

from pyfuncs.analysis import columns
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.functions import cells
from pyfuncs.functions.catalogue import Kind
from pyfuncs.functions.cells import Cell, Floats, Grid
from pyfuncs.functions.kinds import Column, read_column
from pyfuncs.lazy import pandas as pd
from pyfuncs.sources.raw_table import unique_headers

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROLES: Final = {
    "fills": ("customer", "date", "supply", "product"),
    "referrals": ("referrer", "referred", "date"),
    "values": ("customer", "value"),
}
"""The columns of each kind of table, in the order in which they are read without a header."""


@dataclass(frozen=True)
class Records:
    """The cells of each column that is there, by its role; the rows begin below the header where there is one."""

    cells: dict[str, list[Cell]]
    header: bool

    def __len__(self) -> int:
        return len(next(iter(self.cells.values())))

    def texts(self, role: str) -> NDArray[np.object_]:
        """A column as text, "" where a cell is blank or an error, or where there is no such column."""
        column: list[Cell] = self.cells.get(role, [None] * len(self))
        return np.array(["" if cells.is_error(cell) else cells.to_text(cell) for cell in column], dtype=object)

    def days(self, role: str) -> Floats:
        """A column of dates as days since 1970, nan where a cell is none, or where there is no such column."""
        column = self.cells.get(role)
        if column is None or cells.nothing_in([column]):
            return np.full(len(self), np.nan)
        from pyfuncs.analysis.dates import read_dates

        stamps = read_dates(pd.Series(column, dtype=object), first_row=2 if self.header else 1).values
        days = stamps.astype("datetime64[D]")
        return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(np.float64))

    def numbers(self, role: str) -> Floats:
        """A column of numbers, nan where a cell is none."""
        return cells.to_numbers(self.cells[role])[0]


def _records(table: str) -> Kind:
    """Kind of argument that is a table of these roles."""
    roles, required = ROLES[table], columns.REQUIRED[table]

    def read(grid: Grid, name: str) -> Records:
        headers = unique_headers([cells.to_text(cell) if cells.is_text(cell) else "" for cell in grid[0]])
        places = _by_name(headers, table, grid[0])
        body = grid[1:] if places else grid
        if not places:
            if len(grid[0]) < len(required):
                raise InputError(f"{name}: {len(grid[0])} columns; needed are {', '.join(required)}.")
            places = dict(zip(roles, range(len(grid[0])), strict=False))
        last = max((i for i, row in enumerate(body) if not cells.nothing_in([row])), default=-1)
        if last < 0:
            raise InsufficientDataError(f"{name}: no row below the header.")
        return Records(
            {role: [row[at] for row in body[: last + 1]] for role, at in places.items()}, len(body) < len(grid)
        )

    return Kind(f"table of {table}", read)


def _by_name(headers: list[str], table: str, row: list[Cell]) -> dict[str, int]:
    """Where each column stands by its header; empty where the row is no header."""
    found = columns.find_columns(headers, table=table, required=())
    if set(columns.REQUIRED[table]) <= set(found):
        return {role: headers.index(header) for role, header in found.items()}
    words = all(cells.is_text(cell) and not cell[:1].isdigit() for cell in row if isinstance(cell, str))
    if found and words and all(isinstance(cell, str) for cell in row if not cells.is_blank(cell)):
        columns.find_columns(headers, table=table)  # says which column is missing
    return {}


def _read_outcome(grid: Grid, name: str) -> Column:
    """A column of numbers; TRUE and FALSE are 1 and 0."""
    return read_column([[float(cell) if isinstance(cell, bool) else cell for cell in row] for row in grid], name)


def _read_beside(grid: Grid, name: str) -> list[Cell]:
    """The cells of one column, with its header if it has one."""
    if len(grid[0]) > 1:
        raise InputError(f"{name}: {len(grid[0])} columns where one is needed; point to one column.")
    return [row[0] for row in grid]


def beside(column: list[Cell], length: int, name: str) -> list[Cell]:
    """The cells of a column that stands beside another of so many rows, without its header."""
    if len(column) == length + 1 and (cells.is_text(column[0]) or cells.is_blank(column[0])):
        return column[1:]
    if len(column) != length:
        raise InputError(f"{name}: {len(column):,} rows beside {length:,} of outcome; give one per customer.")
    return column


Fills = Annotated[Records, _records("fills")]
Referrals = Annotated[Records, _records("referrals")]
CustomerValues = Annotated[Records, _records("values")]
Outcome = Annotated[Column, Kind("column", _read_outcome)]
Flags = Annotated[list[Cell], Kind("column of TRUE and FALSE", _read_beside)]
Groups = Annotated[list[Cell], Kind("column of labels", _read_beside)]
