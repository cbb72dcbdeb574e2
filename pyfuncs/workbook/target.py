"""A workbook made from the template as reading and filling see it: a file (`Package`), or one that is open in Excel."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from pyfuncs.errors import InputError
from pyfuncs.workbook.cells import CellValue, Writable, parse_area
from pyfuncs.workbook.table_fill import FillReport, TableInfo


class Overridden(NamedTuple):
    """A cell where the user's own entry was found in place of the formula expected there, and kept."""

    sheet: str
    ref: str
    expected: str
    found: CellValue  # the value typed over it, or "=" and the other formula; None when the cell was emptied


class Target(Protocol):
    """What a refit reads and writes; both kinds of workbook must be left with the same cells."""

    overridden: list[Overridden]

    @property
    def sheet_names(self) -> list[str]:
        """The sheets, left to right."""

    @property
    def date1904(self) -> bool:
        """Whether the workbook counts its days from 1904."""

    @property
    def defined_names(self) -> Mapping[str, tuple[str, str]]:
        """Name -> (sheet, reference) of every name that refers to one area."""

    @property
    def tables(self) -> Mapping[str, TableInfo]:
        """Every table by name."""

    def table(self, name: str) -> TableInfo:
        """A table by name; InputError names the tables there are."""

    def read_name(self, name: str) -> list[list[CellValue]] | CellValue:
        """The value of a defined name's cell, or the rows of its range; dates are serial numbers."""

    def read_table(self, name: str) -> list[list[CellValue]]:
        """The body of a table, row by row."""

    def read_columns(self, name: str, headers: Sequence[str]) -> Mapping[str, Any]:
        """Columns of a table by header: an array, Series or list of the values of each, nan for empty among numbers."""

    def write_block(self, sheet: str, top_left: str, rows: Sequence[Sequence[Writable]]) -> list[Overridden]:
        """Write values cell by cell; returns (and collects) entries the user had made in place of formulas."""

    def write_name(self, name: str, value: Writable | Sequence[Sequence[Writable]]) -> list[Overridden]:
        """Write a defined name's cell, or rows from its first cell on."""

    def write_column(self, name: str, header: str, values: Sequence[Any]) -> None:
        """Write values into a column of a table, whatever stood there; rows beyond them are emptied."""

    def fill_table(self, name: str, columns: Mapping[str, Any], n: int, keep_by: str | None = None) -> FillReport:
        """Replace a table's body by n rows; columns not given are the user's and follow the row with the same key."""

    def replace_in_footer(self, sheet: str, pattern: str, text: str) -> bool:
        """Replace what matches `pattern` in a sheet's printed footer; True when something changed."""


def find_table(tables: Mapping[str, TableInfo], name: str, workbook: object) -> TableInfo:
    """A table by name, letter case ignored; InputError names the tables there are."""
    for key, info in tables.items():
        if key.casefold() == name.casefold():
            return info
    raise InputError(
        f"{workbook}: there is no table {name} (only {', '.join(tables) or 'none'}). Restore it from the template."
    )


def find_name(names: Mapping[str, tuple[str, str]], name: str, workbook: object) -> tuple[str, str]:
    """Sheet and reference of a defined name, letter case ignored; InputError when there is none."""
    for key, target in names.items():
        if key.casefold() == name.casefold():
            return target
    raise InputError(f"{workbook}: there is no name {name} for a cell. Restore it from the template.")


def whole_column(info: TableInfo, values: Sequence[Any]) -> pd.Series:
    """Values for all rows of a table: nothing in the rows that are left."""
    column = values if isinstance(values, pd.Series) else pd.Series(values, dtype=object)
    return column.reset_index(drop=True).reindex(range(info.last_row - info.first_row + 1))


def rows_for(name: str, sheet: str, ref: str, value: Writable | Sequence[Sequence[Writable]]) -> Any:
    """A value as rows for the cells of a name; InputError when a name of several cells does not hold them all."""
    rows: Any = value if isinstance(value, (list, tuple, np.ndarray)) else [[value]]
    area = parse_area(ref)
    height, width = len(rows), max((len(row) for row in rows), default=0)
    if area is None or (area.top, area.left) == (area.bottom, area.right):
        return rows
    if height > area.bottom - area.top + 1 or width > area.right - area.left + 1:
        raise InputError(f"name {name} covers {sheet}!{ref}; {height} x {width} values do not fit. Enlarge it.")
    return rows
