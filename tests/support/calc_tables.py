"""Tables of the Calc engine for xlwings: Calc's database ranges."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from xlwings import base_classes

from pyfuncs.workbook.formula_text import shift
from tests.support import calc_api, calc_cells, calc_formulas
from tests.support.calc_cells import ComError
from tests.support.calc_ranges import Range


class Tables(base_classes.Tables):
    """The tables of a sheet: Calc's database ranges."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet

    def _all(self) -> "list[Table]":
        place = self._sheet.index - 1
        found = (Table(self._sheet, uno) for uno in self._sheet.book.database_ranges())
        return [table for table in found if table.uno.DataArea.Sheet == place]

    def __iter__(self) -> "Iterator[Table]":
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __contains__(self, name: object) -> bool:
        return any(table.name.casefold() == str(name).casefold() for table in self._all())

    def __call__(self, key: int | str) -> "Table":
        for place, table in enumerate(self._all(), start=1):
            if key == place or (isinstance(key, str) and table.name.casefold() == key.casefold()):
                return table
        raise KeyError(key)


class Table(base_classes.Table):
    """A table; `uno` is Calc's database range."""

    def __init__(self, sheet: Any, uno_range: Any) -> None:
        self._sheet, self.uno = sheet, uno_range

    api = property(lambda self: calc_api.TableApi(self))
    parent = property(lambda self: self._sheet)
    name = property(lambda self: self.uno.Name)
    display_name = name
    range = property(lambda self: self._sheet.book.range_at(self.uno.DataArea))
    show_headers = property(lambda self: self.uno.ContainsHeader)
    insert_row_range = None
    autofilter = property(lambda self: calc_api.TableFilter(self))

    @property
    def show_autofilter(self) -> bool:
        return bool(self.uno.AutoFilter)

    @show_autofilter.setter
    def show_autofilter(self, value: bool) -> None:
        if self._sheet.uno.isProtected():
            raise ComError("The sheet is protected.")
        if not value:
            calc_api.show_all(self._sheet.uno, self.uno)
        self.uno.AutoFilter = bool(value)

    @property
    def show_totals(self) -> bool:
        return bool(self.uno.TotalsRow)

    @show_totals.setter
    def show_totals(self, value: bool) -> None:
        """Calc has no switch for it: what the totals held is remembered until they are shown again."""
        if self._sheet.uno.isProtected():
            raise ComError("The sheet is protected.")
        if bool(value) == self.show_totals:
            return
        remembered = self._sheet.book.totals
        area = self.uno.DataArea
        if value:
            area.EndRow += 1
            self.uno.TotalsRow = True
            below = self._rows(self.range.shape[0], 1)
            if any(below.uno.getFormulaArray()[0]):
                below.insert("down")
            self.uno.DataArea = area
            below.formula = remembered.get(self.name, (("",) * below.shape[1],))
        else:
            remembered[self.name] = self.totals_row_range.formula
            self.totals_row_range.clear_contents()
            area.EndRow -= 1
            self.uno.TotalsRow = False
            self.uno.DataArea = area

    @property
    def header_row_range(self) -> Range | None:
        return self._rows(0, 1) if self.show_headers else None

    @property
    def totals_row_range(self) -> Range | None:
        return self._rows(self.range.shape[0] - 1, 1) if self.show_totals else None

    @property
    def data_body_range(self) -> Range | None:
        height = self.range.shape[0] - self.show_headers - self.show_totals
        return self._rows(int(self.show_headers), height) if height > 0 else None

    def _rows(self, first: int, height: int) -> Range:
        area = self.range
        return Range(self._sheet, area.row + first, area.column, height, area.shape[1])

    def part(self, name: str) -> Range:
        """What "", "#All", "#Headers" or a column's header stands for in a structured reference."""
        parts = {"": self.data_body_range, "#all": self.range, "#headers": self.header_row_range}
        if name.casefold() in parts:
            return parts[name.casefold()]
        headers = [str(text).casefold() for text in self.header_row_range.uno.getDataArray()[0]]
        if name.casefold() not in headers:
            raise ComError("Application-defined or object-defined error")
        body = self.data_body_range
        return Range(self._sheet, body.row, body.column + headers.index(name.casefold()), body.shape[0], 1)

    def resize(self, range: Any) -> None:
        """Give the table another extent; calculated columns reach into new rows, as in Excel."""
        old, new = self.range, range.impl
        if self._sheet.uno.isProtected():
            raise ComError("The sheet is protected.")
        if new.row != old.row or new.shape[0] < 2 or new.sheet.index != old.sheet.index:
            raise ComError("The range is not valid: the headers must stay in the same row, with a row below them.")
        if new.column > old.right or new.right < old.column:
            raise ComError("The range is not valid: the resulting table must overlap the original table.")
        columns, last = self.calculated_columns(), self.data_body_range.bottom
        self.uno.DataArea = new.uno.RangeAddress
        self.fill_calculated(columns, last + 1, self.data_body_range.bottom)
        self._compile_anew()

    def calculated_columns(self) -> dict[int, str]:
        """The formula of each calculated column, as its first row has it: Calc does not know them."""
        body = self.data_body_range
        seen: dict[int, Counter[str]] = defaultdict(Counter)
        for (i, j), text in calc_cells.formula_texts(body.uno):
            seen[body.column + j][shift(text, -i, other_sheets=True)] += 1
        commonest = {column: counted.most_common(1)[0] for column, counted in seen.items()}
        return {column: text for column, (text, times) in commonest.items() if times > body.shape[0] / 2}

    def fill_calculated(self, columns: dict[int, str], first: int, last: int) -> None:
        """Enter the formulas of calculated columns in rows that are blank there."""
        body = self.data_body_range
        for column in columns.keys() & set(range(body.column, body.right + 1)) if last >= first else ():
            cells = Range(self._sheet, first, column, last - first + 1, 1).uno
            if not any(text for (text,) in cells.getFormulaArray()):
                texts = (shift(columns[column], row - body.row, other_sheets=True) for row in range(first, last + 1))
                cells.setFormulaArray(tuple((calc_formulas.to_calc(text),) for text in texts))

    def _compile_anew(self) -> None:
        """Enter the body's formulas again: Calc would go on with what [#This Row] meant in the old extent."""
        body = self.data_body_range
        for at in body.uno.queryContentCells(calc_cells.FORMULA).RangeAddresses:
            cells = self._sheet.book.range_at(at).uno
            texts = cells.getFormulaArray()
            if not any(text.startswith("{") for row in texts for text in row):
                cells.setFormulaArray(texts)
