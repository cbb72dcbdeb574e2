"""Ranges and defined names of the Calc engine for xlwings."""

from typing import Any

from xlwings import base_classes

from pyfuncs.workbook.cells import LAST_COLUMN, LAST_ROW, column_letters
from tests.support import calc_api, calc_cells, calc_formulas
from tests.support.calc_cells import ComError


class Range(base_classes.Range):
    """A rectangle of cells: sheet, first row and column from 1, height and width (0: no cells at all)."""

    row: int = 0
    column: int = 0
    shape: tuple[int, int] = (0, 0)
    sheet: Any = None
    has_spill = False

    def __init__(self, sheet: Any, row: int, column: int, height: int, width: int) -> None:
        self.sheet, self.row, self.column, self.shape = sheet, row, column, (height, width)
        self._held: tuple[int, Any] = (-1, None)  # Calc's own range, and how often cells were shifted before

    bottom = property(lambda self: self.row + self.shape[0] - 1)
    right = property(lambda self: self.column + self.shape[1] - 1)
    coords = property(lambda self: (self.sheet.name, self.row, self.column, *self.shape))
    address = property(lambda self: self.get_address(True, True, False))
    api = property(lambda self: calc_api.RangeApi(self) if len(self) else None)
    contents = property(lambda self: self.sheet.book.contents)

    @property
    def uno(self) -> Any:
        """Calc's own range."""
        shifts, found = self._held
        if shifts != self.sheet.book.shifts:
            corners = (self.column - 1, self.row - 1, self.right - 1, self.bottom - 1)
            found = self.sheet.uno.getCellRangeByPosition(*corners)
            self._held = (self.sheet.book.shifts, found)
        return found

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int | None = None) -> "Range":
        if column is None:
            row, column = (row - 1) // self.shape[1] + 1, (row - 1) % self.shape[1] + 1
        return Range(self.sheet, self.row + row - 1, self.column + column - 1, 1, 1)

    def get_address(self, row_absolute: bool, col_absolute: bool, external: bool) -> str:
        r, c = "$" * row_absolute, "$" * col_absolute
        left, right = c + column_letters(self.column), c + column_letters(self.right)
        if self.shape[0] == LAST_ROW and self.shape[1] < LAST_COLUMN:
            text = f"{left}:{right}"
        elif self.shape[1] == LAST_COLUMN:
            text = f"{r}{self.row}:{r}{self.bottom}"
        else:
            text = f"{left}{r}{self.row}" + (f":{right}{r}{self.bottom}" if len(self) > 1 else "")
        if external:
            text = f"{calc_formulas.quoted(f'[{self.sheet.book.name}]{self.sheet.name}')}!{text}"
        return text

    # --- contents ---

    @property
    def raw_value(self) -> Any:
        return self._as_com(self.contents.values(self.uno)) if len(self) else None

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self._write(data)

    @property
    def formula(self) -> Any:
        return self._as_com(self.contents.formulas(self.uno)) if len(self) else None

    @formula.setter
    def formula(self, data: Any) -> None:
        self._write(data)

    formula2 = formula

    @property
    def formula_array(self) -> str | None:
        texts = self.contents.formulas(self.uno)
        if len(self) == 1:
            return texts[0][0]
        areas = list(calc_cells.array_areas(self.sheet.uno, self.uno))
        inside = len(areas) == 1 and self.sheet.book.range_at(areas[0]).holds(self)
        return texts[0][0] if inside else None

    @formula_array.setter
    def formula_array(self, value: str) -> None:
        self.refuse_change()
        self.contents.write_array(self.uno, value, self._table_name)

    @property
    def has_array(self) -> bool:
        return any(True for _ in calc_cells.array_areas(self.sheet.uno, self.uno))

    @property
    def number_format(self) -> str | None:
        return self.contents.number_format(self.uno)

    @number_format.setter
    def number_format(self, value: str) -> None:
        if not self.sheet.api.Protection.AllowFormattingCells:
            calc_cells.refuse_locked(self.sheet.uno, self.uno)
        self.uno.NumberFormat = self.contents.key(value)

    def clear_contents(self) -> None:
        if len(self):
            self.refuse_change()
            calc_cells.clear(self.uno)

    def refuse_change(self) -> None:
        """Raise where Excel would: locked cells of a protected sheet, part of an array formula."""
        calc_cells.refuse_locked(self.sheet.uno, self.uno)
        calc_cells.refuse_part_of_array(self.sheet.uno, self.uno)

    def _write(self, data: Any) -> None:
        if not len(self):
            return
        self.refuse_change()
        if not isinstance(data, (list, tuple)):
            data = calc_cells.filled(data, *self.shape)
        elif not isinstance(data[0], (list, tuple)):
            data = [data]
        if (len(data), len(data[0])) != self.shape:
            raise NotImplementedError(f"{len(data)} x {len(data[0])} values for {self.shape} cells")
        self.contents.write(self.uno, data, self._table_name)

    def _table_name(self) -> str | None:
        table = self.table
        return None if table is None else table.name

    def _as_com(self, grid: list[list[Any]]) -> Any:
        return grid[0][0] if len(self) == 1 else tuple(tuple(row) for row in grid)

    # --- places ---

    def holds(self, other: "Range") -> bool:
        """Whether the other range lies within this one."""
        return (
            self.sheet.name == other.sheet.name
            and self.row <= other.row and other.bottom <= self.bottom
            and self.column <= other.column and other.right <= self.right
        )  # fmt: skip

    @property
    def table(self) -> Any:
        return next((table for table in self.sheet.tables if table.range.holds(self(1, 1))), None)

    @property
    def current_region(self) -> "Range":
        cursor = self.sheet.uno.createCursorByRange(self.uno)
        cursor.collapseToCurrentRegion()
        return self.sheet.book.range_at(cursor.RangeAddress)

    def end(self, direction: str) -> "Range":
        down, right = {"d": (1, 0), "u": (-1, 0), "r": (0, 1), "l": (0, -1)}[direction[0]]
        used = self.sheet.used_range
        line = (
            Range(self.sheet, 1, self.column, used.bottom, 1) if down else Range(self.sheet, self.row, 1, 1, used.right)
        )
        filled = [bool(text) for row in line.uno.getFormulaArray() for text in row]
        at, step = (self.row if down else self.column) - 1, down + right
        end = _end(filled, at, step, (LAST_ROW if down else LAST_COLUMN) - 1) + 1
        return Range(self.sheet, end, self.column, 1, 1) if down else Range(self.sheet, self.row, end, 1, 1)

    def insert(self, shift: str | None = None, copy_origin: str = "format_from_left_or_above") -> None:
        if shift != "down" or copy_origin != "format_from_left_or_above":
            raise NotImplementedError(f"insert {shift}, {copy_origin}")
        self._refuse_shift()
        mode = self.sheet.book.app.enum("com.sun.star.sheet.CellInsertMode", "DOWN")
        tables = [(table, table.calculated_columns()) for table in self.sheet.tables if table.data_body_range]
        self.sheet.uno.insertCells(self.uno.RangeAddress, mode)
        self.sheet.book.shifted()
        for table, columns in tables:
            if table.data_body_range.row <= self.row <= self.bottom <= table.data_body_range.bottom:
                table.fill_calculated(columns, self.row, self.bottom)

    def delete(self, shift: str | None = None) -> None:
        if shift != "up":
            raise NotImplementedError(f"delete {shift}")
        self._refuse_shift()
        mode = self.sheet.book.app.enum("com.sun.star.sheet.CellDeleteMode", "UP")
        self.sheet.uno.removeRange(self.uno.RangeAddress, mode)
        self.sheet.book.shifted()

    def _refuse_shift(self) -> None:
        if self.sheet.uno.isProtected():
            raise ComError("This operation is not allowed: the sheet is protected.")
        for table in self.sheet.tables:
            area = table.range
            beside = area.right < self.column or self.right < area.column
            if not beside and area.bottom >= self.row and not (self.column <= area.column and area.right <= self.right):
                raise ComError("This operation is not allowed. The operation is attempting to shift cells in a table "
                               "on your worksheet.")  # fmt: skip

    def select(self) -> None:
        controller = self.sheet.book.document.CurrentController
        book = self.sheet.book
        if book.app.books.active is not book or controller.getActiveSheet().Name != self.sheet.name:
            raise ComError("Select method of Range class failed")
        controller.select(self.uno)


def _end(filled: list[bool], at: int, step: int, last: int) -> int:
    """Where Ctrl+arrow leads from `at`: the end of this block, or else the next block, or else the sheet's edge."""

    def holds(place: int) -> bool:
        return 0 <= place < len(filled) and filled[place]

    if holds(at) and holds(at + step):
        while holds(at + step):
            at += step
        return at
    at = at + 1 if step > 0 else min(at, len(filled)) - 1
    while 0 <= at < len(filled) and not filled[at]:
        at += step
    return at if holds(at) else (last if step > 0 else 0)


class Names(base_classes.Names):
    """The defined names of a book, those of its sheets after them; or those of one sheet."""

    def __init__(self, book: Any, sheet: Any = None) -> None:
        self._book, self._sheet = book, sheet

    def _all(self) -> "list[Name]":
        found = [] if self._sheet else self._in(self._book.document.NamedRanges, None)
        for sheet in [self._sheet] if self._sheet else self._book.sheets:
            found += self._in(sheet.uno.NamedRanges, sheet)
        return found

    def _in(self, container: Any, sheet: Any) -> "list[Name]":
        listed = self._book.app.basic("Names", container)
        return [Name(self._book, container, name, content, sheet) for name, content in listed]

    def __len__(self) -> int:
        return len(self._all())

    def snapshot(self) -> "list[tuple[str, Name]]":
        return [(name.name, name) for name in self._all()]

    def contains(self, key: str) -> bool:
        return self._find(key) is not None

    def __call__(self, key: int | str) -> "Name":
        found = self._all()[key - 1] if isinstance(key, int) else self._find(key)
        if found is None:
            raise ComError("Application-defined or object-defined error")
        return found

    def _find(self, key: str) -> "Name | None":
        wanted = key.casefold()
        return next((name for name in self._all() if wanted in name.spellings), None)


class Name(base_classes.Name):
    """A defined name; `sheet` where it is that sheet's own."""

    def __init__(self, book: Any, container: Any, uno_name: str, content: str, sheet: Any) -> None:
        self._book, self._container, self._uno_name, self._content = book, container, uno_name, content
        self.sheet = sheet

    @property
    def name(self) -> str:
        plain = self._uno_name.removeprefix("_xlnm.")
        return plain if self.sheet is None else f"{calc_formulas.quoted(self.sheet.name)}!{plain}"

    @property
    def spellings(self) -> set[str]:
        """What the name answers to."""
        return {self.name.casefold()} | ({self.name.rpartition("!")[2].casefold()} if self.sheet else set())

    @property
    def refers_to(self) -> str:
        return calc_formulas.from_calc("=" + self._content)

    @property
    def refers_to_range(self) -> Range:
        cells = self._container.getByName(self._uno_name).getReferredCells()
        if cells is None:
            raise ComError("Application-defined or object-defined error")
        return self._book.range_at(cells.RangeAddress)
