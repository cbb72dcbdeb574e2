"""Cells of an open workbook, read and written with the values the file would have.

Dates are serial numbers and errors `ErrorText`, as `Package` reads them.  Text is always text: Excel would take "=1+1",
"007" or "1/2" assigned to a cell for a formula, a number or a date, so text goes in behind an apostrophe, which Excel
takes for "what follows is text" and does not keep in the value; cells formatted as text take it as it is.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from pyfuncs.errors import ERROR_TEXTS
from pyfuncs.hosts.excel.cell_errors import error_text
from pyfuncs.hosts.excel.excel_only import exact_values
from pyfuncs.workbook.cells import CellValue, ErrorText

CHUNK: Final = 20_000
"""Rows that cross to Excel in one piece."""
_TEXT_FORMAT: Final = "@"
_EPOCH: Final = dt.datetime(1899, 12, 30)
"""Day 0 of the dates that COM hands over: serial numbers from 0 on, without Excel's 29 February 1900."""
Rows = Sequence[Sequence[CellValue]]


class Formula(str):
    """A formula with its "=", told apart from text that merely begins so."""

    __slots__ = ()


def values(cells: Any) -> list[list[CellValue]]:
    """The values of a range, row by row."""
    rows = cells.options(ndim=2, err_to_str=True, chunksize=CHUNK).value
    exact = exact_values(cells) if any(isinstance(cell, Decimal) for row in rows for cell in row) else None
    if exact is not None:
        for row, digits in zip(rows, exact, strict=True):
            row[:] = [digits[i] if isinstance(cell, Decimal) else cell for i, cell in enumerate(row)]
    return [[_plain(cell) for cell in row] for row in rows]


def formulas(cells: Any, *, arrays: bool = False) -> list[list[str]]:
    """The formulas of a range, row by row; of a constant its text, "" of a blank cell.

    With `arrays` as Excel 2021 and later have them, where every formula may be one of arrays: read and written in the
    old way, such a formula would be another.  Without, as the template has them.
    """
    found, (height, width) = _formula2(cells) if arrays else cells.formula, cells.shape
    if height == width == 1:
        found = [[found]]
    elif not isinstance(found[0], (list, tuple)):
        found = [found] if height == 1 else [[cell] for cell in found]
    return [["" if cell is None else str(cell) for cell in row] for row in found]


def contents(cells: Any, *, arrays: bool = True) -> list[list[CellValue]]:
    """What was entered in a range: `Formula` where there is one, otherwise the value."""
    pairs = zip(formulas(cells, arrays=arrays), values(cells), strict=True)
    return [[entered(formula, value) for formula, value in zip(*row, strict=True)] for row in pairs]


def entered(formula: str, value: CellValue) -> CellValue:
    """What was entered in a cell; text that merely begins with "=" shows itself."""
    return Formula(formula) if formula.startswith("=") and formula != value else value


def write(cells: Any, rows: Rows) -> None:
    """Write values and formulas into a range of their shape."""
    kinds = {type(cell) for row in rows for cell in row}
    as_text = False
    if str in kinds:
        form = cells.number_format
        if form is None and cells.size > 1:  # several formats: the pieces have one each
            return _write_in_two(cells, rows)
        as_text = form == _TEXT_FORMAT
    entries = [[_entry(cell, as_text) for cell in row] for row in rows]
    if Formula in kinds:
        _set_formula2(cells, entries)
    else:
        cells.options(chunksize=CHUNK).value = entries


def _formula2(cells: Any) -> Any:
    try:
        return cells.formula2
    except Exception:  # before Excel 2021 there is no such member, which each engine says in its own way
        return cells.formula


def _set_formula2(cells: Any, entries: Any) -> None:
    try:
        cells.formula2 = entries
    except Exception:  # as above; what Excel refuses for another reason, it refuses here as well
        cells.formula = entries


def _write_in_two(cells: Any, rows: Rows) -> None:
    height, width = cells.shape
    if width > 1:
        half = width // 2
        write(cells[:, :half], [row[:half] for row in rows])
        write(cells[:, half:], [row[half:] for row in rows])
    else:
        half = height // 2
        write(cells[:half, :], rows[:half])
        write(cells[half:, :], rows[half:])


def _plain(cell: Any) -> CellValue:
    if isinstance(cell, dt.datetime):
        return (cell.replace(tzinfo=None) - _EPOCH) / dt.timedelta(days=1)
    if isinstance(cell, str):
        return ErrorText(cell) if cell in ERROR_TEXTS else cell
    if type(cell) is int:  # Excel's numbers are all float, its errors are not
        text = error_text(cell)
        return float(cell) if text is None else ErrorText(text)
    if isinstance(cell, Decimal):
        return float(cell)
    return cell  # type: ignore[no-any-return]


def _entry(cell: CellValue, as_text: bool) -> Any:
    if type(cell) is int:
        return float(cell)  # an integer beyond 32 bits is no cell value to Excel
    if type(cell) is not str:
        return cell
    return cell if as_text and not cell.startswith("'") else f"'{cell}"
