"""Filling a Table of an open workbook, with the rules of `TableFill`: own columns follow their row, nothing is lost."""

from collections.abc import Mapping
from typing import Any

from pyfuncs.errors import InputError
from pyfuncs.hosts.excel import excel_only, grids
from pyfuncs.hosts.excel.grids import Formula
from pyfuncs.hosts.excel.journal import Journal
from pyfuncs.workbook.cell_runs import plain_list, sliceable
from pyfuncs.workbook.cells import LAST_ROW, Area, Calculated, CellValue, Encoder, column_letters
from pyfuncs.workbook.formula_text import shift
from pyfuncs.workbook.references import Growth
from pyfuncs.workbook.table_fill import FillReport, TableInfo, follow, key_text, no_room, too_long

Column = list[CellValue]


class LiveTableFill:
    """One fill of one table on an open sheet."""

    def __init__(self, page: Any, info: TableInfo, encoder: Encoder, journal: Journal) -> None:
        self.page, self.info, self.encoder, self.journal = page, info, encoder, journal

    def __call__(self, columns: Mapping[str, Any], n: int, keep_by: str | None) -> FillReport:
        """Replace the body by n rows; 0 rows leave one empty row."""
        info = self.info
        given = {info.column(header): values for header, values in columns.items()}
        last = info.first_row + max(n, 1) - 1
        self._check_room(last)
        excel_only.show_all(self.page, self.page.tables[info.name])
        old = [list(column) for column in zip(*grids.contents(self.page.range(str(info.body))), strict=True)]
        written = {
            place: self._values(values, n) for place, values in given.items() if not isinstance(values, Calculated)
        }
        formulas = {
            place: self._formula(old[place], place) for place, values in given.items() if isinstance(values, Calculated)
        }
        lost: list[dict[str, CellValue]] = []
        if own := [place for place in range(len(info.columns)) if place not in given]:
            key = None if keep_by is None else info.column(keep_by)
            moved, lost = self._follow(old, own, key, [str(i) for i in range(n)] if key is None else written[key])
            written |= moved
        for place, formula in formulas.items():
            written[place] = [_moved(formula, i) for i in range(n)]
        self.journal.before(lambda: self._put_back(old))
        self._resize(last)
        self._write({place: values or [None] for place, values in written.items()})
        return FillReport(lost)

    def _values(self, values: Any, n: int) -> Column:
        cells = plain_list(sliceable(values, self.encoder.date1904))
        plain = [self.encoder.scalar(self.info.name, cell) for cell in cells]
        if len(plain) != n:
            raise ValueError(f"a column of table {self.info.name} has {len(plain)} values for {n} rows")
        return plain

    def _formula(self, column: Column, place: int) -> Formula:
        """The formula of a calculated column, as its first row has it."""
        if not isinstance(column[0], Formula):
            header = self.info.columns[place]
            raise InputError(f'table {self.info.name}: column "{header}" has lost its formula. Restore it.')
        return column[0]

    def _check_room(self, last: int) -> None:
        info = self.info
        end, new_end = info.totals_row or info.last_row, last + bool(info.totals_row)
        if new_end > LAST_ROW:
            raise too_long(info, last)
        if new_end <= end:
            return
        below = info.body._replace(top=end + 1, bottom=new_end)
        for i, row in enumerate(grids.formulas(self.page.range(str(below)))):
            for j, formula in enumerate(row):
                if formula:
                    raise no_room(info, f"{column_letters(below.left + j)}{below.top + i}", new_end)

    def _follow(
        self, old: list[Column], own: list[int], key: int | None, keys: Column
    ) -> tuple[dict[int, Column], list[dict[str, CellValue]]]:
        """The user's columns in the order of the new rows, and the entries that found no row."""
        headers, count = self.info.columns, len(old[0])
        old_keys = [str(i) for i in range(count)] if key is None else [key_text(cell) for cell in old[key]]
        sources, left = follow(old_keys, [key_text(cell) for cell in keys])
        same = {place: _formula_of_all(old[place]) for place in own}
        columns = {
            place: [
                _moved(same[place], i) if source is None else _moved(old[place][source], i - source)
                for i, source in enumerate(sources)
            ]
            for place in own
        }
        lost = []
        for row in left:
            entries = {
                headers[place]: old[place][row]
                for place in own
                if same[place] is None and old[place][row] not in (None, "")
            }
            if entries:
                lost.append(entries if key is None else {headers[key]: old[key][row], **entries})
        return columns, lost

    def _resize(self, last: int) -> None:
        """Give the table its new end; surplus rows are deleted, so that what points at the body shrinks with it."""
        info, table = self.info, self.page.tables[self.info.name]
        if last < info.last_row:
            self.page.range(str(info.body._replace(top=last + 1))).delete("up")
        elif last > info.last_row:
            if info.totals_row:
                table.show_totals = False  # Excel puts the totals below the new end when they are shown again
            table.resize(self.page.range(str(info.body._replace(top=info.header_row or info.first_row, bottom=last))))
            if info.totals_row:
                table.show_totals = True
            excel_only.let_follow(self.page.book, Growth(info.sheet, info.body, info.header_row, last))

    def _write(self, columns: Mapping[int, Column]) -> None:
        """Write columns, neighbours of one kind together."""
        places = sorted(columns)
        while places:
            group = [places.pop(0)]
            formulas = _has_formulas(columns[group[0]])
            while places and places[0] == group[-1] + 1 and _has_formulas(columns[places[0]]) == formulas:
                group.append(places.pop(0))
            rows = [list(row) for row in zip(*(columns[place] for place in group), strict=True)]
            left = self.info.first_col + group[0]
            last = self.info.first_row + len(rows) - 1
            area = Area(self.info.first_row, left, last, left + len(group) - 1)
            grids.write(self.page.range(str(area)), rows)

    def _put_back(self, old: list[Column]) -> None:
        """Give the table the rows it had."""
        rows = self.page.tables[self.info.name].range.shape[0]
        now = rows - bool(self.info.header_row) - bool(self.info.totals_row)
        surplus = now - len(old[0])
        here = self.info.body._replace(bottom=self.info.first_row + now - 1)
        if surplus > 0:
            self.page.range(str(here._replace(top=here.bottom - surplus + 1))).delete("up")
        elif surplus < 0:  # what stood below came up when rows were deleted; it goes down again
            place = here._replace(top=here.bottom, bottom=here.bottom - surplus - 1)
            self.page.range(str(place)).insert("down", "format_from_left_or_above")
        self._write(dict(enumerate(old)))


def _has_formulas(column: Column) -> bool:
    return any(isinstance(cell, Formula) for cell in column)


def _formula_of_all(column: Column) -> CellValue:
    """The formula of the first row when every row has it; None when the column holds entries of its own."""
    first = column[0]
    same = isinstance(first, Formula) and all(cell == _moved(first, i) for i, cell in enumerate(column))
    return first if same else None


def _moved(cell: CellValue, rows: int) -> CellValue:
    """A cell in another row: the relative references of a formula go with it."""
    return Formula(shift(cell, rows)) if isinstance(cell, Formula) else cell
