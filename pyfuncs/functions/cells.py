"""Where cells become Python and Python becomes cells: nothing else in Focal converts the one to the other.

In: a range arrives as a list of rows, one cell or one constant also as a bare value.  A cell is a number, text, a truth
value, a date (`datetime` or Excel serial), nothing (`None` or "") or the text of an Excel error such as "#N/A".
Out: always a list of rows of `str`, `float`, `int`, `bool`, `datetime.datetime` (dates, at midnight) or `None` (a blank
cell).  Errors go out as Excel spells them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.errors import ERROR_TEXTS, CellError, DomainError, FocalError, InputError
from pyfuncs.lazy import pandas as pd

Cell = str | float | int | bool | dt.datetime | None
Grid = list[list[Cell]]
Floats = NDArray[np.float64]
Columns = Mapping[str, NDArray[Any]]
"""A table as its columns by name, all of one length."""

LARGEST: Final = 1e15
"""No count, time or amount of a business is larger; beyond it Excel itself no longer keeps every unit."""
_PLAIN: Final = frozenset((str, float, int, bool))
_BARE: Final = _PLAIN | {type(None)}
EPOCH: Final = dt.datetime(1899, 12, 30)
"""Day 0 of Excel's serial dates, as they count from March 1900 on."""
LAST_SERIAL: Final = 2_958_465
"""31 December 9999, the last date Excel knows."""


class PropagatedError(FocalError):
    """An Excel error stands where an argument should; it becomes the answer, as Excel's own functions do it."""

    def __init__(self, text: str) -> None:
        super().__init__(f"the argument holds the error {text}.")
        self.text = text


# ---- in -----------------------------------------------------------------------------------------------------------


def as_grid(value: object) -> Grid:
    """Rows of cells from whatever a host hands over: a grid, one row, or a bare value."""
    if not isinstance(value, (list, tuple, np.ndarray)) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return [[_plain(value)]]
    rows = [list(row) if isinstance(row, (list, tuple, np.ndarray)) else None for row in value]
    if not any(row is not None for row in rows):
        return [[_plain(cell) for cell in value]] if len(value) else [[None]]
    given = [row for row in rows if row is not None]
    if set(map(type, chain.from_iterable(given))) <= _BARE:  # nearly every range, hence first
        grid: Grid = [[None if cell != cell else cell for cell in row] for row in given]
    else:
        grid = [[_plain(cell) for cell in row] for row in given]
    if len(grid) != len(rows) or len({len(row) for row in grid}) != 1:
        raise InputError("a range must be rows of equal length.")
    return grid if grid[0] else [[None]]


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing: empty, or text of blanks only (what formulas leave to look empty)."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_error(cell: Cell) -> bool:
    """Whether a cell holds an Excel error value."""
    return isinstance(cell, str) and cell in ERROR_TEXTS


def is_text(cell: Cell) -> bool:
    """Whether a cell holds words: text that is neither an error nor a number."""
    return isinstance(cell, str) and not is_blank(cell) and not is_error(cell) and _parsed(cell) is None


def nothing_in(grid: Grid) -> bool:
    """Whether every cell of a range is blank."""
    return all(is_blank(cell) for row in grid for cell in row)


def single(grid: Grid, name: str) -> Cell:
    """The one cell of an argument that must be one cell."""
    if len(grid) != 1 or len(grid[0]) != 1:
        raise InputError(f"{name}: {len(grid)} x {len(grid[0])} cells where one is needed; point to one cell.")
    return grid[0][0]


def to_number(cell: Cell, name: str) -> float:
    """The number in a cell; numbers typed as text count, truth values and dates do not."""
    value = _parsed(cell)
    if value is None:
        raise InputError(f"{name}: {_shown(cell)} is not a number.")
    if not abs(value) <= LARGEST:
        raise DomainError(f"{name}: {_shown(cell)} is beyond any number of a business.")
    return value


def to_date(cell: Cell, name: str) -> dt.date:
    """The date in a cell: an Excel date, its serial number, or text as year-month-day, which nobody misreads."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, str):
        try:
            return dt.datetime.fromisoformat(cell.strip()).date()
        except ValueError:
            pass
    serial = to_number(cell, name)
    if not 1 <= serial <= LAST_SERIAL:
        raise DomainError(f"{name}: {_shown(cell)} is not an Excel date.")
    return (EPOCH + dt.timedelta(days=math.floor(serial))).date()


def to_flag(cell: Cell, name: str) -> bool:
    """TRUE or FALSE; 1 and 0 count, as in Excel's own functions, and so do the words."""
    if isinstance(cell, str) and cell.strip().upper() in ("TRUE", "FALSE"):
        return cell.strip().upper() == "TRUE"
    if isinstance(cell, bool) or cell in (0, 1):
        return bool(cell)
    raise InputError(f"{name}: {_shown(cell)} is neither TRUE nor FALSE.")


def to_text(cell: Cell) -> str:
    """The text of a cell; whole numbers without a decimal point, so that customer 7 is "7" and not "7.0"."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def to_numbers(cells: Iterable[Cell]) -> tuple[Floats, dict[int, Cell]]:
    """Numbers of a column of cells, nan where there is none, and what each such cell shows instead of a result.

    A blank cell shows nothing, an error shows itself, a number beyond `LARGEST` #NUM!, anything else #VALUE!.
    """
    values: list[float] = []
    shown: dict[int, Cell] = {}
    for i, cell in enumerate(cells):
        if type(cell) is float and abs(cell) <= LARGEST:  # nearly every cell, hence first
            values.append(cell)
            continue
        number = _parsed(cell)
        if number is None:
            shown[i] = None if is_blank(cell) else cell if is_error(cell) else CellError.VALUE.value
        elif not abs(number) <= LARGEST:
            shown[i] = CellError.NUM.value
        values.append(math.nan if number is None or i in shown else number)
    return np.array(values, dtype=np.float64), shown


# ---- out ----------------------------------------------------------------------------------------------------------


def to_cell(value: object) -> Cell:
    """One Python value as a cell: missing values become blank, numpy's numbers Python's own, dates a `datetime`."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return None if math.isnan(value) else value if math.isfinite(value) else CellError.NUM.value
    if type(value) in _BARE:
        return value  # type: ignore[return-value]
    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)
    if isinstance(value, (bool, int, dt.datetime)):
        return value
    return str(value)


def spill(table: pd.DataFrame | Columns, *, header: bool) -> Grid:
    """Rows of cells of a table, under its column names where the range that was read had a header."""
    names: list[Cell] = list(map(str, table))
    columns = [[to_cell(value) for value in column.tolist()] for _, column in table.items()]
    rows: Grid = [list(row) for row in zip(*columns, strict=True)]
    return [names, *rows] if header else rows or [[None] * len(names)]


def error(cell: str) -> Grid:
    """The answer that is one error."""
    return [[str(cell)]]


def _plain(value: object) -> Cell:
    """A cell as plain Python, whatever number or date type the host uses; nan is blank."""
    if type(value) in _PLAIN:  # nearly every cell, hence first
        return None if value != value else value  # type: ignore[return-value]
    if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0:
        value = value.item()
    if isinstance(value, Decimal):
        return float(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, dt.datetime):
        if value != value:  # NaT
            return None
        if type(value) is not dt.datetime and isinstance(value, pd.Timestamp):
            value = value.to_pydatetime()
        return value.replace(tzinfo=None)  # Excel knows no zones; COM hands its dates over as UTC
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (float, int)):
        return value
    raise InputError(f"a {type(value).__name__} is not a cell.")


def _parsed(cell: Cell) -> float | None:
    """The number in a cell, or None where there is none."""
    if isinstance(cell, bool) or cell is None or isinstance(cell, dt.datetime):
        return None
    if isinstance(cell, str):
        if "_" in cell or is_blank(cell):  # Python alone reads 1_000 as a number
            return None
        try:
            number = float(cell)
        except ValueError:
            return None
        return number if math.isfinite(number) else None
    try:
        return float(cell)
    except OverflowError:
        return None


def _shown(cell: Cell) -> str:
    """A cell as a message quotes it."""
    return "a blank cell" if is_blank(cell) else f'"{str(cell)[:40]}"' if isinstance(cell, str) else str(cell)
