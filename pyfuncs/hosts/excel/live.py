"""A workbook that is open in Excel, read and filled through xlwings as `Package` reads and fills a file.

Excel calculates here, so formulas are left alone and only looked at: where the user typed something in place of one, it
stays and is reported, as in a file.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from pyfuncs.hosts.excel import grids
from pyfuncs.hosts.excel.journal import Journal
from pyfuncs.hosts.excel.live_table import LiveTableFill
from pyfuncs.workbook.cells import KEEP, Area, Cached, CellValue, Encoder, Writable, column_letters, parse_area
from pyfuncs.workbook.formula_text import canonical, split_reference
from pyfuncs.workbook.table_fill import FillReport, TableInfo
from pyfuncs.workbook.target import Overridden, find_name, find_table, rows_for

_FOOTERS = ("LeftFooter", "CenterFooter", "RightFooter")


class LiveBook:
    """An open workbook as a `Target`; `journal` takes back what was written."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.journal = Journal()
        self.overridden: list[Overridden] = []
        self._tables: dict[str, TableInfo] | None = None

    @cached_property
    def sheet_names(self) -> list[str]:
        """The sheets, left to right."""
        return [sheet.name for sheet in self._book.sheets]

    @cached_property
    def date1904(self) -> bool:
        """Whether the workbook counts its days from 1904."""
        return bool(self._book.api.Date1904)

    @cached_property
    def defined_names(self) -> dict[str, tuple[str, str]]:
        """Name -> (sheet, reference) of every name that refers to one area."""
        found = ((name.name, split_reference(name.refers_to)) for name in self._book.names)
        return {name: target for name, target in found if target is not None and "_xlnm" not in name}

    @property
    def tables(self) -> dict[str, TableInfo]:
        """Every table by name."""
        if self._tables is None:
            self._tables = {info.name: info for sheet in self._book.sheets for info in map(_info, [*sheet.tables])}
        return self._tables

    def table(self, name: str) -> TableInfo:
        """A table by name, letter case ignored; InputError names the tables there are."""
        return find_table(self.tables, name, self._book.name)

    # --- reading ---

    def read_name(self, name: str) -> list[list[CellValue]] | CellValue:
        """The value of a defined name's cell, or the rows of its range."""
        rows = grids.values(self._cells(*self._name(name)))
        return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows

    def read_table(self, name: str) -> list[list[CellValue]]:
        """The body of a table, row by row."""
        info = self.table(name)
        return grids.values(self._cells(info.sheet, str(info.body)))

    # --- writing ---

    def write_block(self, sheet: str, top_left: str, rows: Sequence[Sequence[Writable]]) -> list[Overridden]:
        """Write values cell by cell; returns (and collects) entries the user had made in place of formulas."""
        corner = parse_area(top_left)
        width = max((len(row) for row in rows), default=0)
        if corner is None or not width:
            return []
        block = Area(corner.top, corner.left, corner.top + len(rows) - 1, corner.left + width - 1)
        found = self._typed_over(sheet, block, rows) if any(isinstance(c, Cached) for row in rows for c in row) else []
        encoder = Encoder(sheet, self.date1904)
        for left, right in _alike(rows, width):
            self._write_columns(sheet, block, left, right, rows, encoder)
        self.overridden += found
        return found

    def write_name(self, name: str, value: Writable | Sequence[Sequence[Writable]]) -> list[Overridden]:
        """Write a defined name's cell, or rows from its first cell on; a name of several cells must hold them all."""
        sheet, ref = self._name(name)
        return self.write_block(sheet, ref, rows_for(name, sheet, ref, value))

    def fill_table(self, name: str, columns: Mapping[str, Any], n: int, keep_by: str | None = None) -> FillReport:
        """Replace a table's body by n rows; columns not given are the user's and follow the row with the same key."""
        info = self.table(name)
        page = self._book.sheets[info.sheet]
        report = LiveTableFill(page, info, Encoder(info.sheet, self.date1904), self.journal)(columns, n, keep_by)
        self._tables = None
        return report

    def replace_in_footer(self, sheet: str, pattern: str, text: str) -> bool:
        """Replace what matches `pattern` in a sheet's printed footer; True when something changed."""
        setup = self._book.sheets[sheet].api.PageSetup
        for part in _FOOTERS:
            old = getattr(setup, part) or ""
            new = re.sub(pattern, lambda _: text, old)
            if new != old:
                self.journal.before(lambda setup=setup, part=part, old=old: setattr(setup, part, old))  # type: ignore[misc]
                setattr(setup, part, new)
                return True
        return False

    # --- inside ---

    def _cells(self, sheet: str, ref: str) -> Any:
        return self._book.sheets[sheet].range(ref)

    def _name(self, name: str) -> tuple[str, str]:
        return find_name(self.defined_names, name, self._book.name)

    def _typed_over(self, sheet: str, block: Area, rows: Sequence[Sequence[Writable]]) -> list[Overridden]:
        """The cells where a formula is expected and another entry stands."""
        contents = grids.contents(self._cells(sheet, str(block)))
        found = []
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                entry = contents[i][j]
                if isinstance(cell, Cached) and not _same_formula(entry, cell.formula):
                    ref = f"{column_letters(block.left + j)}{block.top + i}"
                    found.append(Overridden(sheet, ref, cell.formula, entry))
        return found

    def _write_columns(
        self, sheet: str, block: Area, left: int, right: int, rows: Sequence[Sequence[Writable]], encoder: Encoder
    ) -> None:
        """Write columns left..right of a block, in which every row is written in all of them or in none."""
        start = 0
        while start < len(rows):
            if not _is_value(rows[start], left):
                start += 1
                continue
            stop = start
            while stop < len(rows) and _is_value(rows[stop], left):
                stop += 1
            area = Area(block.top + start, block.left + left, block.top + stop - 1, block.left + right)
            cells = self._cells(sheet, str(area))
            plain = [[encoder.scalar(str(area), cell) for cell in row[left : right + 1]] for row in rows[start:stop]]
            self.journal.before_writing(cells)
            grids.write(cells, plain)
            start = stop


def _same_formula(entry: CellValue, expected: str) -> bool:
    return isinstance(entry, grids.Formula) and canonical(entry) == canonical(expected)


def _is_value(row: Sequence[Writable], column: int) -> bool:
    return column < len(row) and row[column] is not KEEP and not isinstance(row[column], Cached)


def _alike(rows: Sequence[Sequence[Writable]], width: int) -> list[tuple[int, int]]:
    """Neighbouring columns that are written in the same rows, first and last."""
    shapes = [tuple(_is_value(row, column) for row in rows) for column in range(width)]
    groups: list[tuple[int, int]] = []
    for column, shape in enumerate(shapes):
        if groups and shapes[column - 1] == shape:
            groups[-1] = (groups[-1][0], column)
        else:
            groups.append((column, column))
    return groups


def _info(table: Any) -> TableInfo:
    """Where a table lies."""
    area = parse_area(table.range.address)
    assert area is not None
    headers, totals = bool(table.show_headers), bool(table.show_totals)
    names = table.header_row_range.options(ndim=1).value if headers else [column.name for column in table.columns]
    return TableInfo(
        name=table.name,
        sheet=table.range.sheet.name,
        ref=str(area),
        columns=[str(name) for name in names],
        header_row=area.top if headers else 0,
        first_row=area.top + headers,
        last_row=area.bottom - totals,
        first_col=area.left,
        totals_row=area.bottom if totals else 0,
        part="",
    )
