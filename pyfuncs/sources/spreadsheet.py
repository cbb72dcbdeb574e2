"""Workbooks of transactions: sheets and Excel Tables read as text, exactly as the cells mean it."""

import logging
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import fastexcel
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pyfuncs.errors import InputError
from pyfuncs.sources.excel_tables import ExcelTable, excel_tables, may_hold_truth_values
from pyfuncs.sources.raw_table import HEADER_SEARCH, RawTable, Recognise, find_header, tidy

_ERROR_TEXTS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
_OLE_START = b"\xd0\xcf\x11\xe0"
_DECIMAL = r"^-?\d+\.\d+$"
_EMPTY_TEXT = "but got 'String(\"\")'"
_TRUTH_VALUES = ("true", "false")
_EXACT = 1e15  # Excel keeps fifteen digits
logging.getLogger("fastexcel").addHandler(logging.NullHandler())  # a blank column is nothing to report


def read_spreadsheet(
    content: bytes,
    name: str,
    *,
    sheet: str | None = None,
    table: str | None = None,
    recognise: Recognise | None = None,
) -> RawTable:
    """Read the Excel Table ``table``, or the table on ``sheet``, or the first one of the workbook.

    Raises InputError for a damaged or protected workbook, and a sheet, table or header row that is not there.
    """
    reader = _open(content, name)
    try:
        if table is not None:
            return _named_table(reader, content, name, sheet, table)
        sheets = [_sheet_name(reader, name, sheet)] if sheet is not None else list(reader.sheet_names)
        return _first_table(reader, content, name, sheets, recognise)
    except fastexcel.FastExcelError as problem:
        raise _damaged(name, problem) from None


@dataclass(frozen=True, slots=True)
class _Cells:
    """Columns of a part of a sheet, with the place of each in the sheet (0-based) and the options that load the part.

    A column is text, or numbers or dates where every filled cell of it is one.
    """

    columns: list["pd.Series[Any]"]
    places: list[int]
    part: dict[str, Any]
    doubtful: list[int]  # columns that only their text tells

    @property
    def height(self) -> int:
        """Rows."""
        return len(self.columns[0]) if self.columns else 0

    def row(self, at: int) -> list[str | None]:
        """One row of cells as text."""
        return [_shown(column.iloc[at]) for column in self.columns]


def _open(content: bytes, name: str) -> Any:
    try:
        return fastexcel.read_excel(content)
    except fastexcel.FastExcelError as problem:
        if content.startswith(_OLE_START) and name.lower().endswith(("x", "m", "b")):
            message = f"{name}: the workbook is protected by a password; open it in Excel and save it without one."
            raise InputError(message) from None
        raise _damaged(name, problem) from None


def _damaged(name: str, problem: Exception) -> InputError:
    reason = str(problem).splitlines()[0].removeprefix("calamine error: ")
    return InputError(
        f"{name}: the workbook is damaged, protected or of another kind than its ending says ({reason}); "
        "open it in Excel and save it again as .xlsx."
    )


def _sheet_name(reader: Any, name: str, sheet: str) -> str:
    for one in reader.sheet_names:
        if one.casefold() == sheet.strip().casefold():
            return str(one)
    raise InputError(f'{name}: there is no sheet "{sheet}"; the sheets are {_list(reader.sheet_names)}.')


def _named_table(reader: Any, content: bytes, name: str, sheet: str | None, wanted: str) -> RawTable:
    try:
        tables = excel_tables(content)
    except (KeyError, zipfile.BadZipFile, ElementTree.ParseError, StopIteration) as problem:
        raise _damaged(name, problem) from None
    if sheet is not None:
        there = _sheet_name(reader, name, sheet)
        tables = [one for one in tables if one.sheet == there]
    for one in tables:
        if one.name.casefold() == wanted.strip().casefold():
            return _excel_table(reader, content, one, name)
    there_are = f"the tables are {_list([one.name for one in tables])}" if tables else "there are none"
    raise InputError(f'{name}: there is no Excel Table "{wanted}"; {there_are}.')


def _excel_table(reader: Any, content: bytes, table: ExcelTable, name: str) -> RawTable:
    start = table.first_row + (1 if table.has_header_row else 0)
    cells = _settled(reader, content, table.sheet, _cells(reader, table.sheet, _below(start, table.end_row - start)))
    inside = dict(zip(cells.places, cells.columns, strict=True))
    blank = pd.Series([pd.NA] * cells.height, dtype="str")
    columns = [inside.get(place, blank) for place in range(table.first_column, table.end_column)]
    return tidy(columns, table.headers, f"{name}, table {table.name}", first_row=start + 1)


def _first_table(
    reader: Any, content: bytes, name: str, sheets: Sequence[str], recognise: Recognise | None
) -> RawTable:
    """The first table whose header row is recognised, or else the first that has a row like one."""
    likely: _Headed | None = None
    for sheet in sheets:
        top, below = _top(reader, sheet)
        known = find_header(top, recognise) if recognise is not None else None
        if known is not None:
            return _table_below(reader, content, name, _Headed(sheet, top, known, below))
        at = find_header(top) if likely is None else None
        likely = likely if at is None else _Headed(sheet, top, at, below)
    if likely is None:
        where = f"sheet {_list(sheets)}" if len(sheets) == 1 else f"any sheet ({_list(sheets)})"
        raise InputError(
            f"{name}: no header row in the first {HEADER_SEARCH} rows of {where}; put a row with the column names "
            "on top of the transactions, or name the sheet."
        )
    return _table_below(reader, content, name, likely)


@dataclass(frozen=True, slots=True)
class _Headed:
    """A sheet with a header row, and the cells below its first row where they have been read."""

    sheet: str
    top: list[list[str | None]]
    header: int
    below_first: _Cells | None


def _table_below(reader: Any, content: bytes, name: str, found: _Headed) -> RawTable:
    first = found.header + 1
    cells = found.below_first if found.header == 0 else None
    if cells is None:
        cells = _cells(reader, found.sheet, _below(first))
    cells = _settled(reader, content, found.sheet, cells)
    header = found.top[found.header]
    return tidy(cells.columns, header, f"{name}, sheet {found.sheet}", first_row=first + 1)


def _top(reader: Any, sheet: str) -> tuple[list[list[str | None]], _Cells | None]:
    """The first rows of a sheet as text, and the cells below its first row where that is plainly a header row.

    Reading a sheet costs the same for one row as for all, and a column has a kind only without its header: so the first
    row is tried as the header of them all, and the first rows are read by themselves where that tells too little.
    """
    read = _load(reader, sheet, {"header_row": 0, "skip_rows": 0})
    names = [column.name for column in read.selected_columns]
    if names and all(column.column_name_from == "looked_up" for column in read.selected_columns):
        cells = _cells_of(read, {"header_row": 0, "skip_rows": 0})
        rows = [cells.row(at) for at in range(min(cells.height, HEADER_SEARCH))]
        filled = next((row for row in rows if any(row)), [])
        # fastexcel numbers repeated names, and repeats the first row as cells where blank rows stand above it
        numbered = any(name.rpartition("_")[0] in names for name in names)
        if not numbered and not any(cell == name for cell, name in zip(filled, names, strict=False)):
            return [names, *rows], cells
    top = _text_cells(reader, sheet, _below(0, HEADER_SEARCH + 1))
    return [top.row(at) for at in range(top.height)], None


def _below(start: int, count: int | None = None) -> dict[str, Any]:
    """What loads the rows of a sheet from one on."""
    return {"header_row": None, "skip_rows": start, "n_rows": count}


def _cells(reader: Any, sheet: str, part: dict[str, Any]) -> _Cells:
    try:
        return _cells_of(_load(reader, sheet, part), part)
    except fastexcel.InvalidParametersError:  # nothing that far down
        return _Cells([], [], part, [])


def _load(reader: Any, sheet: str, part: dict[str, Any]) -> Any:
    """A part of a sheet, each column of the one kind its cells have, or else text."""
    try:
        return reader.load_sheet(sheet, schema_sample_rows=None, **part)
    except (fastexcel.UnsupportedColumnTypeCombinationError, fastexcel.CalamineCellError):  # as #NAME?
        return reader.load_sheet(sheet, dtypes="string", **part)


def _text_cells(reader: Any, sheet: str, part: dict[str, Any]) -> _Cells:
    """Cells as text, numbers rounded to nine decimals."""
    return _cells_of(reader.load_sheet(sheet, dtypes="string", **part), part)


def _cells_of(read: Any, part: dict[str, Any]) -> _Cells:
    batch, found = read.to_arrow_with_errors()
    errors = _errors(found)
    columns = [_column(column) for column in batch.columns]
    doubtful = []
    for at, column in enumerate(batch.columns):
        if _is_text(column):
            columns[at] = _marked(columns[at], errors.get(at))
        elif at in errors or columns[at].dtype == "str":
            doubtful.append(at)
    return _Cells(columns, [column.absolute_index for column in read.selected_columns], part, doubtful)


def _errors(found: Any) -> dict[int, dict[int, str]]:
    """Excel's error texts by column, counted from the first one in use, and row of the part."""
    texts: dict[int, dict[int, str]] = {}
    for error in found.errors if found else []:
        if not error.detail.endswith(_EMPTY_TEXT):
            row, at = error.offset_position
            kind = error.detail.partition("Error(")[2].partition(")")[0]
            texts.setdefault(at, {})[row] = _ERROR_TEXTS.get(kind, "#ERROR")
    return texts


def _marked(column: "pd.Series[Any]", errors: dict[int, str] | None) -> "pd.Series[Any]":
    """A column of text with Excel's error texts where fastexcel leaves a blank and reports an error."""
    if not errors:
        return column
    cells = column.to_numpy(dtype=object, copy=True)
    cells[list(errors)] = list(errors.values())
    return pd.Series(cells, dtype="str")


def _column(column: Any) -> "pd.Series[Any]":
    if pa.types.is_floating(column.type) or pa.types.is_timestamp(column.type):
        return pd.Series(column.to_numpy(zero_copy_only=False))
    return pd.Series(column.cast(pa.large_string()) if _is_text(column) else column.to_pandas(), dtype="str")


def _is_text(column: Any) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_null(column.type))


def _settled(reader: Any, content: bytes, sheet: str, cells: _Cells) -> _Cells:
    """The same cells exactly as the sheet means them.

    What fastexcel turns into numbers (truth values) and what it leaves out of them (errors) is read again as text, and
    so are numbers of more digits than Excel keeps; text that stands for a decimal number is read again as a number,
    because fastexcel rounds it.
    """
    columns = list(cells.columns)
    again = sorted({*cells.doubtful, *_unsure_numbers(content, columns)})
    if again:
        batch, found = _again(reader, sheet, cells, again, "string")
        errors = _errors(found)
        for at, column in zip(again, batch.columns, strict=True):
            text = _marked(_column(column), errors.get(at))
            if at in cells.doubtful or not _is_exact(columns[at]) or text.isin(_TRUTH_VALUES).any():
                columns[at] = text
    decimal = [at for at, column in enumerate(columns) if column.dtype == "str" and pc.any(_is_decimal(column)).as_py()]
    if decimal:
        exact, _ = _again(reader, sheet, cells, decimal, "float")
        for at, numbers in zip(decimal, exact.columns, strict=True):
            columns[at] = _unrounded(columns[at], numbers.to_numpy(zero_copy_only=False))
    return _Cells(columns, cells.places, cells.part, [])


def _again(reader: Any, sheet: str, cells: _Cells, which: list[int], kind: str) -> Any:
    """Some columns read again as another kind, with the errors met."""
    places = [cells.places[at] for at in which]
    return reader.load_sheet(sheet, dtypes=kind, use_columns=places, **cells.part).to_arrow_with_errors()


def _unsure_numbers(content: bytes, columns: "list[pd.Series[Any]]") -> list[int]:
    """Columns of numbers that may hold truth values or numbers that are not exact."""
    numbers = [at for at, column in enumerate(columns) if column.dtype == np.float64]
    unsure = [at for at in numbers if not _is_exact(columns[at])]
    truth = [at for at in numbers if columns[at].isin([0.0, 1.0]).any()]
    return [*unsure, *(truth if truth and may_hold_truth_values(content) else [])]


def _is_exact(numbers: "pd.Series[Any]") -> bool:
    return not bool((np.abs(numbers.to_numpy(np.float64)) >= _EXACT).any())


def _is_decimal(text: "pd.Series[str]") -> Any:
    return pc.match_substring_regex(pa.array(text, pa.large_string()), _DECIMAL).fill_null(False)


def _unrounded(text: "pd.Series[str]", exact: npt.NDArray[np.float64]) -> "pd.Series[str]":
    """Numbers in their shortest exact text where the text at hand is their rounding; other cells as they are."""
    decimal = text.where(_is_decimal(text).to_numpy(zero_copy_only=False))
    shown = pd.to_numeric(decimal).to_numpy(np.float64, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        differs = (shown != exact) & (np.abs(shown - exact) < 1e-9)
    if not differs.any():
        return text
    cells = text.to_numpy(dtype=object, copy=True)
    cells[differs] = [repr(number) for number in exact[differs].tolist()]
    return pd.Series(cells, dtype="str")


def _shown(cell: Any) -> str | None:
    if pd.isna(cell):
        return None
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def _list(names: Sequence[str]) -> str:
    return ", ".join(f'"{one}"' for one in names)
