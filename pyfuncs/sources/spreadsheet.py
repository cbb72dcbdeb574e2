"""Workbooks of transactions: sheets and Excel Tables read as text, exactly as the cells mean it."""

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
from pyfuncs.sources.excel_tables import ExcelTable, excel_tables
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
        return _first_table(reader, name, sheets, recognise)
    except fastexcel.FastExcelError as problem:
        raise _damaged(name, problem) from None


@dataclass(frozen=True, slots=True)
class _Cells:
    """Text columns of a part of a sheet, with the place of each in the sheet (0-based)."""

    columns: "list[pd.Series[str]]"
    places: list[int]

    @property
    def height(self) -> int:
        """Rows."""
        return len(self.columns[0]) if self.columns else 0

    def row(self, at: int) -> list[str | None]:
        """One row of cells."""
        return [None if pd.isna(column.iloc[at]) else str(column.iloc[at]) for column in self.columns]


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
            return _excel_table(reader, one, name)
    there_are = f"the tables are {_list([one.name for one in tables])}" if tables else "there are none"
    raise InputError(f'{name}: there is no Excel Table "{wanted}"; {there_are}.')


def _excel_table(reader: Any, table: ExcelTable, name: str) -> RawTable:
    start = table.first_row + (1 if table.has_header_row else 0)
    count = table.end_row - start
    cells = _exact(reader, table.sheet, _cells(reader, table.sheet, start, count), start, count)
    inside = dict(zip(cells.places, cells.columns, strict=True))
    blank = pd.Series([pd.NA] * cells.height, dtype="str")
    columns = [inside.get(place, blank) for place in range(table.first_column, table.end_column)]
    return tidy(columns, table.headers, f"{name}, table {table.name}", first_row=start + 1)


def _first_table(reader: Any, name: str, sheets: Sequence[str], recognise: Recognise | None) -> RawTable:
    """The first table whose header row is recognised, or else the first that has a row like one."""
    likely: tuple[str, _Cells, int] | None = None
    for sheet in sheets:
        cells = _cells(reader, sheet, 0, None)
        top = [cells.row(at) for at in range(min(cells.height, HEADER_SEARCH + 1))]
        known = find_header(top, recognise) if recognise is not None else None
        if known is not None:
            return _table_below(reader, sheet, cells, known, name)
        at = find_header(top) if likely is None else None
        likely = likely if at is None else (sheet, cells, at)
    if likely is None:
        where = f"sheet {_list(sheets)}" if len(sheets) == 1 else f"any sheet ({_list(sheets)})"
        raise InputError(
            f"{name}: no header row in the first {HEADER_SEARCH} rows of {where}; put a row with the column names "
            "on top of the transactions, or name the sheet."
        )
    return _table_below(reader, *likely, name)


def _table_below(reader: Any, sheet: str, cells: _Cells, header: int, name: str) -> RawTable:
    columns = [
        column.iloc[header + 1 :].reset_index(drop=True) for column in _exact(reader, sheet, cells, 0, None).columns
    ]
    return tidy(columns, cells.row(header), f"{name}, sheet {sheet}", first_row=header + 2)


def _cells(reader: Any, sheet: str, start: int, count: int | None) -> _Cells:
    """Cells of a sheet from a row on as text, numbers rounded to nine decimals."""
    try:
        read = reader.load_sheet(sheet, header_row=None, skip_rows=start, n_rows=count, dtypes="string")
    except fastexcel.InvalidParametersError:  # nothing that far down
        return _Cells([], [])
    batch, errors = read.to_arrow_with_errors()
    columns = [pd.Series(column.cast("large_string"), dtype="str") for column in batch.columns]
    _mark_errors(columns, errors.errors if errors else [])
    return _Cells(columns, [column.absolute_index for column in read.selected_columns])


def _exact(reader: Any, sheet: str, cells: _Cells, start: int, count: int | None) -> _Cells:
    """The same cells with exact numbers: fastexcel rounds those it gives as text, so decimals are read again."""
    decimal = [at for at, column in enumerate(cells.columns) if pc.any(_is_decimal(column)).as_py()]
    if not decimal:
        return cells
    places = [cells.places[at] for at in decimal]
    again = reader.load_sheet(sheet, header_row=None, skip_rows=start, n_rows=count, dtypes="float", use_columns=places)
    columns = list(cells.columns)
    for at, exact in zip(decimal, again.to_arrow_with_errors()[0].columns, strict=True):
        columns[at] = _unrounded(columns[at], exact.to_numpy(zero_copy_only=False))
    return _Cells(columns, cells.places)


def _is_decimal(text: "pd.Series[str]") -> Any:
    return pc.match_substring_regex(pa.array(text, pa.large_string()), _DECIMAL).fill_null(False)


def _mark_errors(columns: "list[pd.Series[str]]", errors: Sequence[Any]) -> None:
    """Put Excel's error texts where fastexcel leaves a blank and reports an error."""
    marks: dict[int, dict[int, str]] = {}
    for error in errors:
        row, at = error.offset_position
        kind = error.detail.partition("Error(")[2].partition(")")[0]
        marks.setdefault(at, {})[row] = _ERROR_TEXTS.get(kind, "#ERROR")
    for at, texts in marks.items():
        cells = columns[at].to_numpy(dtype=object, copy=True)
        cells[list(texts)] = list(texts.values())
        columns[at] = pd.Series(cells, dtype="str")


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


def _list(names: Sequence[str]) -> str:
    return ", ".join(f'"{one}"' for one in names)
