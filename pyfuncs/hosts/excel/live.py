"""A workbook that is open in Excel, read and filled through xlwings as `Package` reads and fills a file.

Excel calculates here, so formulas are left alone and only looked at: where the user typed something in place of one, it
stays and is reported, as in a file.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from pyfuncs.hosts.excel import excel_only, grids
from pyfuncs.hosts.excel.journal import Journal
from pyfuncs.hosts.excel.live_table import LiveTableFill
from pyfuncs.workbook.cell_runs import plain_list, sliceable
from pyfuncs.workbook.cells import KEEP, Area, Cached, CellValue, Encoder, Writable, column_letters, parse_area
from pyfuncs.workbook.formula_text import canonical, split_reference
from pyfuncs.workbook.table_fill import FillReport, TableInfo
from pyfuncs.workbook.target import Overridden, find_name, find_table, rows_for, whole_column


class LiveBook:
    """An open workbook as a `Target`; `journal` takes back what was written."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.journal = Journal()
        self.overridden: list[Overridden] = []

    @cached_property
    def sheet_names(self) -> list[str]:
        """The sheets, left to right."""
        return [sheet.name for sheet in self._book.sheets]

    @cached_property
    def date1904(self) -> bool:
        """Whether the workbook counts its days from 1904."""
        return excel_only.counts_from_1904(self._book)

    @cached_property
    def defined_names(self) -> dict[str, tuple[str, str]]:
        """Name -> (sheet, reference) of every name that refers to one area."""
        found = ((name.name, split_reference(name.refers_to)) for name in self._book.names)
        return {name: target for name, target in found if target is not None and "_xlnm" not in name}

    @cached_property
    def tables(self) -> dict[str, TableInfo]:
        """Every table by name."""
        return {info.name: info for sheet in self._book.sheets for info in map(_info, [*sheet.tables])}

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

    def read_columns(self, name: str, headers: Sequence[str]) -> dict[str, list[CellValue]]:
        """Columns of a table by header."""
        info = self.table(name)
        columns = list(zip(*self.read_table(name), strict=True))
        return {header: list(columns[info.column(header)]) for header in headers}

    # --- writing ---

    def write_block(self, sheet: str, top_left: str, rows: Sequence[Sequence[Writable]]) -> list[Overridden]:
        """Write values cell by cell; returns (and collects) entries the user had made in place of formulas."""
        corner = parse_area(top_left)
        width = max((len(row) for row in rows), default=0)
        if corner is None or not width:
            return []
        block = Area(corner.top, corner.left, corner.top + len(rows) - 1, corner.left + width - 1)
        page = self._book.sheets[sheet]
        for info in self.tables.values():
            if info.sheet.casefold() == sheet.casefold() and info.body.overlaps(block):
                excel_only.show_all(page, page.tables[info.name])
        before = grids.contents(page.range(str(block)), arrays=False)
        found = _typed_over(sheet, block, rows, before)
        encoder = Encoder(sheet, self.date1904)
        for area in _pieces(rows, width):
            cells = page.range(str(_moved(area, block)))
            self.journal.before_writing(cells, _cut(before, area))
            plain = [[encoder.scalar(str(block), cell) for cell in row] for row in _cut(rows, area)]
            grids.write(cells, plain)
        self.overridden += found
        return found

    def write_name(self, name: str, value: Writable | Sequence[Sequence[Writable]]) -> list[Overridden]:
        """Write a defined name's cell, or rows from its first cell on; a name of several cells must hold them all."""
        sheet, ref = self._name(name)
        return self.write_block(sheet, ref, rows_for(name, sheet, ref, value))

    def write_column(self, name: str, header: str, values: Sequence[Any]) -> None:
        """Write values into a column of a table, whatever stood there; rows beyond them are emptied."""
        info = self.table(name)
        at = f"{column_letters(info.first_col + info.column(header))}{info.first_row}"
        cells = plain_list(sliceable(whole_column(info, values), self.date1904))
        self.write_block(info.sheet, at, [[cell] for cell in cells])

    def fill_table(self, name: str, columns: Mapping[str, Any], n: int, keep_by: str | None = None) -> FillReport:
        """Replace a table's body by n rows; columns not given are the user's and follow the row with the same key."""
        info = self.table(name)
        page = self._book.sheets[info.sheet]
        report = LiveTableFill(page, info, Encoder(info.sheet, self.date1904), self.journal)(columns, n, keep_by)
        self.tables[info.name] = _info(page.tables[info.name])
        return report

    def replace_in_footer(self, sheet: str, pattern: str, text: str) -> bool:
        """Replace what matches `pattern` in a sheet's printed footer; True when something changed."""
        back = excel_only.replace_in_footer(self._book.sheets[sheet], pattern, text)
        if back is not None:
            self.journal.before(back)
        return back is not None

    # --- inside ---

    def _cells(self, sheet: str, ref: str) -> Any:
        return self._book.sheets[sheet].range(ref)

    def _name(self, name: str) -> tuple[str, str]:
        return find_name(self.defined_names, name, self._book.name)


def _typed_over(
    sheet: str, block: Area, rows: Sequence[Sequence[Writable]], before: list[list[CellValue]]
) -> list[Overridden]:
    """The cells where a formula is expected and another entry stands."""
    found = []
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if isinstance(cell, Cached) and not _same_formula(before[i][j], cell.formula):
                ref = f"{column_letters(block.left + j)}{block.top + i}"
                found.append(Overridden(sheet, ref, cell.formula, before[i][j]))
    return found


def _same_formula(entry: CellValue, expected: str) -> bool:
    return isinstance(entry, grids.Formula) and canonical(entry) == canonical(expected)


def _is_value(row: Sequence[Writable], column: int) -> bool:
    return column < len(row) and row[column] is not KEEP and not isinstance(row[column], Cached)


def _pieces(rows: Sequence[Sequence[Writable]], width: int) -> Iterator[Area]:
    """The rectangles of values in a block, counted from 0: neighbouring columns that are written in the same rows."""
    shapes = [tuple(_is_value(row, column) for row in rows) for column in range(width)]
    left = 0
    while left < width:
        right = left
        while right + 1 < width and shapes[right + 1] == shapes[left]:
            right += 1
        for top, bottom in _runs(shapes[left]):
            yield Area(top, left, bottom, right)
        left = right + 1


def _runs(written: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """First and last place of each run of True."""
    start = None
    for place, value in enumerate([*written, False]):
        if value and start is None:
            start = place
        elif not value and start is not None:
            yield start, place - 1
            start = None


def _moved(area: Area, block: Area) -> Area:
    """A piece of a block on its sheet."""
    return Area(block.top + area.top, block.left + area.left, block.top + area.bottom, block.left + area.right)


def _cut(rows: Sequence[Sequence[Any]], area: Area) -> list[list[Any]]:
    return [list(row[area.left : area.right + 1]) for row in rows[area.top : area.bottom + 1]]


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
