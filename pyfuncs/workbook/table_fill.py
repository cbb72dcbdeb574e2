"""Filling a ListObject: what its part says about it, and how its body is replaced row by row."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from pyfuncs.errors import InputError
from pyfuncs.workbook.cell_runs import plain_list, sliceable
from pyfuncs.workbook.cells import (
    LAST_ROW,
    Area,
    Calculated,
    CellValue,
    column_letters,
    parse_area,
    unescape_hex,
)
from pyfuncs.workbook.formula_text import shift
from pyfuncs.workbook.sheet_xml import Cell, Sheet
from pyfuncs.workbook.table_columns import (
    CalculatedColumn,
    ColumnFormula,
    ConstantColumn,
    OwnColumn,
    TableFilling,
)

_SAFE_IN_NEW_ROW = re.compile(r'\s(?:ht|customHeight|s|customFormat|[\w]+:dyDescent)="[^"]*"')


@dataclass(frozen=True, slots=True)
class TableInfo:
    """Where a table lies.  Rows and columns count from 1; `first_row`..`last_row` is its body."""

    name: str
    sheet: str
    ref: str
    columns: list[str]
    header_row: int  # 0 when the header is switched off
    first_row: int
    last_row: int
    first_col: int
    totals_row: int  # 0 when the table has none
    part: str

    @property
    def body(self) -> Area:
        """The area of the body."""
        return Area(self.first_row, self.first_col, self.last_row, self.first_col + len(self.columns) - 1)

    def column(self, header: str) -> int:
        """Position of a column from 0, letter case ignored; InputError names the columns there are."""
        for place, name in enumerate(self.columns):
            if name.casefold() == header.casefold():
                return place
        there = ", ".join(self.columns)
        raise InputError(f'table {self.name} (sheet {self.sheet}) has no column "{header}", only {there}. Restore it.')


@dataclass(frozen=True, slots=True)
class FillReport:
    """What a fill could not keep: the user's own entries whose row is gone, one header -> value mapping per row."""

    lost: list[dict[str, CellValue]] = field(default_factory=list)


def table_info(tree: etree._Element, sheet: str, part: str) -> TableInfo:
    """Read a table part."""
    area = parse_area(tree.get("ref", ""))
    name = tree.get("displayName") or tree.get("name") or ""
    if area is None:
        raise InputError(f"table {name} on sheet {sheet} has no area. Create it again in Excel.")
    header = tree.get("headerRowCount", "1") != "0"
    totals = tree.get("totalsRowCount", "0") != "0"
    return TableInfo(
        name=name,
        sheet=sheet,
        ref=str(area),
        columns=[unescape_hex(column.get("name", "")) for column in tree.iterfind("{*}tableColumns/{*}tableColumn")],
        header_row=area.top if header else 0,
        first_row=area.top + header,
        last_row=area.bottom - totals,
        first_col=area.left,
        totals_row=area.bottom if totals else 0,
        part=part,
    )


def resize(tree: etree._Element, info: TableInfo, last_row: int) -> bool:
    """Give the table part its new end and drop what a sort or filter left; True when a filter was set."""
    top, right = info.header_row or info.first_row, info.body.right
    tree.set("ref", str(Area(top, info.first_col, last_row + bool(info.totals_row), right)))
    for name in ("insertRow", "insertRowShift"):
        tree.attrib.pop(name, "")
    filtered = False
    for auto_filter in tree.findall("{*}autoFilter"):
        auto_filter.set("ref", str(Area(top, info.first_col, last_row, right)))
        for column in auto_filter.findall("{*}filterColumn"):
            if len(column):
                auto_filter.remove(column)
                filtered = True
    for state in [*tree.findall("{*}sortState"), *tree.findall("{*}autoFilter/{*}sortState")]:
        parent = state.getparent()
        assert parent is not None
        parent.remove(state)
    return filtered


class TableFill:
    """One fill of one table: checks the room, takes the old body out, and leaves a `TableFilling` on the sheet."""

    def __init__(self, sheet: Sheet, info: TableInfo, tree: etree._Element) -> None:
        self.sheet, self.info, self.tree = sheet, info, tree

    def __call__(self, columns: Mapping[str, Any], n: int, keep_by: str | None) -> tuple[FillReport, int]:
        """Replace the body by n rows; returns what was lost and the new last row."""
        given = self._given(columns, n)
        key = None if keep_by is None else self.info.column(keep_by)
        if key is not None and key not in given:
            raise ValueError(f"keep_by column {keep_by} is not among the columns given")
        last = self.info.first_row + max(n, 1) - 1
        self._check_room(last)
        styles, formulas = self._styles(), self._formulas(given)
        attributes = self.sheet.rows.get(self.info.first_row)
        own = [place for place in range(len(self.info.columns)) if place not in given]
        old = self._take_out_body(last, self._wanted(own, key))
        sources, lost = self._follow(old, own, given, key, n) if own else ({}, [])
        filling = TableFilling(
            self.info.body._replace(bottom=last),
            "".join(_SAFE_IN_NEW_ROW.findall(attributes.attributes)) if attributes else "",
            [
                self._column(place, given.get(place), styles[place], formulas.get(place), sources.get(place), n)
                for place in range(len(self.info.columns))
            ],
        )
        self.sheet.fillings.append(filling)
        return FillReport(lost), last

    def _given(self, columns: Mapping[str, Any], n: int) -> dict[int, Any]:
        given: dict[int, Any] = {}
        for header, values in columns.items():
            length = len(values.values if isinstance(values, Calculated) else values)
            if length != n:
                raise ValueError(f"column {header} of table {self.info.name} has {length} values for {n} rows")
            given[self.info.column(header)] = values
        return given

    def _check_room(self, last: int) -> None:
        info = self.info
        end, new_end = info.totals_row or info.last_row, last + bool(info.totals_row)
        if new_end > LAST_ROW:
            raise too_long(info, last)
        below = info.body._replace(top=end + 1, bottom=new_end)
        blocked = None
        for number in sorted(n for n in self.sheet.rows if end < n <= new_end):
            for cell in self.sheet.cells(number):
                if below.left <= cell.column <= below.right and cell.inner:
                    blocked = blocked or f"{column_letters(cell.column)}{number}"
        if new_end > end and not blocked:
            merged = (parse_area(m.get("ref", "")) for m in self.sheet.shell().iterfind("{*}mergeCells/{*}mergeCell"))
            blocked = next((str(area) for area in merged if area and area.overlaps(below)), None)
            blocked = blocked or next((str(f.area) for f in self.sheet.fillings if f.area.overlaps(below)), None)
        if blocked:
            raise no_room(info, blocked, new_end)

    def _styles(self) -> list[str]:
        info = self.info
        first = {cell.column: cell.style for cell in self.sheet.cells(info.first_row)}
        for column in self.sheet.shell().iterfind("{*}cols/{*}col"):
            if style := column.get("style"):
                for number in range(int(column.get("min", "1")), min(int(column.get("max", "1")), info.body.right) + 1):
                    first.setdefault(number, f' s="{style}"')
        return [first.get(info.first_col + place, "") for place in range(len(info.columns))]

    def _formulas(self, given: Mapping[int, Any]) -> dict[int, ColumnFormula]:
        """The formulas of calculated columns; LibreOffice forgets them, but their cells still have them."""
        found, first = {}, self.info.first_row
        cells = {cell.column - self.info.first_col: cell for cell in self.sheet.cells(first)}
        for place, column in enumerate(self.tree.iterfind("{*}tableColumns/{*}tableColumn")):
            formula = column.find("{*}calculatedColumnFormula")
            text, array = "", False
            if formula is not None:
                text, array = (formula.text or "").removeprefix("="), formula.get("array") in ("1", "true")
            elif isinstance(given.get(place), Calculated) and place in cells:
                text = cells[place].formula or ""
            if text:
                found[place] = ColumnFormula(text, array, first, shift(text, 1) == text)
        return found

    def _wanted(self, own: list[int], key: int | None) -> set[int]:
        """Columns whose old cells matter: the user's own, and the key they follow."""
        return {self.info.first_col + place for place in [*own, *([key] if key is not None else [])]} if own else set()

    def _take_out_body(self, last: int, wanted: set[int]) -> dict[int, list[Cell]]:
        """Take the old body out and make room for the new one; a totals row moves below it."""
        info, body = self.info, self.info.body
        everything = range(body.left, body.right + 1)
        totals = self.sheet.take_out(body._replace(top=info.totals_row, bottom=info.totals_row), everything)
        old = self.sheet.take_out(body, wanted)
        self.sheet.take_out(body._replace(top=info.last_row + 1, bottom=last + bool(info.totals_row)), ())
        if info.totals_row:
            self.sheet.put_back(last + 1, totals.get(info.totals_row, []))
        return old

    def _follow(
        self, old: dict[int, list[Cell]], own: list[int], given: Mapping[int, Any], key: int | None, n: int
    ) -> tuple[dict[int, list[tuple[int, Cell] | None]], list[dict[str, CellValue]]]:
        """Find for each new row the old row whose own cells it takes over; the rest is lost."""
        info = self.info
        by_place = {number: {cell.column - info.first_col: cell for cell in cells} for number, cells in old.items()}
        numbers = sorted(by_place)
        found, left = follow(
            [self._old_key(number, by_place[number], key) for number in numbers], self._new_keys(given, key, n)
        )
        sources: dict[int, list[tuple[int, Cell] | None]] = {place: [None] * n for place in own}
        for i, old_row in enumerate(found):
            if old_row is not None:
                for place in own:
                    if cell := by_place[numbers[old_row]].get(place):
                        sources[place][i] = (numbers[old_row], cell)
        lost = (self._entries(by_place[numbers[row]], own, key) for row in left)
        return sources, [entries for entries in lost if entries]

    def _old_key(self, number: int, cells: Mapping[int, Cell], key: int | None) -> str:
        if key is None:
            return str(number - self.info.first_row)
        cell = cells.get(key)
        return key_text(self.sheet.value(cell.attributes, cell.inner) if cell else None)

    def _new_keys(self, given: Mapping[int, Any], key: int | None, n: int) -> list[str]:
        if key is None:
            return [str(i) for i in range(n)]
        values = given[key].values if isinstance(given[key], Calculated) else given[key]
        encoder = self.sheet.encoder
        return [key_text(encoder.scalar(self.info.name, v)) for v in plain_list(sliceable(values, encoder.date1904))]

    def _entries(self, cells: Mapping[int, Cell], own: list[int], key: int | None) -> dict[str, CellValue]:
        """What the user typed into a row: constants, and formulas that are not the column's."""
        calculated = self._formulas({})
        entries: dict[str, CellValue] = {}
        for place in own:
            cell = cells.get(place)
            if cell is None or not cell.inner or (cell.formula is not None and place in calculated):
                continue
            shown = self.sheet.value(cell.attributes, cell.inner)
            entries[self.info.columns[place]] = shown if cell.formula is None else f"={cell.formula}"
        if entries and key is not None and key in cells:
            shown = self.sheet.value(cells[key].attributes, cells[key].inner)
            return {self.info.columns[key]: shown, **entries}
        return entries

    def _column(
        self,
        place: int,
        values: Any,
        style: str,
        formula: ColumnFormula | None,
        source: list[tuple[int, Cell] | None] | None,
        n: int,
    ) -> ConstantColumn | CalculatedColumn | OwnColumn:
        letters = column_letters(self.info.first_col + place)
        encoder = self.sheet.encoder
        if n == 0:
            return ConstantColumn(letters, style, [None], encoder)
        if isinstance(values, Calculated):
            if formula is None:
                header = self.info.columns[place]
                raise InputError(f'table {self.info.name}: column "{header}" has lost its formula. Restore it.')
            return CalculatedColumn(letters, style, formula, values.values, encoder)
        if values is not None:
            return ConstantColumn(letters, style, values, encoder)
        return OwnColumn(letters, style, formula, source or [None] * n)


def key_text(value: Any) -> str:
    """Keys compare as what they show: the number 7 and the text "7" are one customer."""
    if isinstance(value, float) and value.is_integer() and not isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value)


def follow(old_keys: Sequence[str], new_keys: Sequence[str]) -> tuple[list[int | None], list[int]]:
    """For each new row the position of the old row with its key, equal keys in order; and the old rows left over."""
    waiting: dict[str, list[int]] = defaultdict(list)
    for place in range(len(old_keys) - 1, -1, -1):  # popped from the end: the first of equal keys comes first
        waiting[old_keys[place]].append(place)
    found = [waiting[key].pop() if waiting.get(key) else None for key in new_keys]
    return found, sorted(place for places in waiting.values() for place in places)


def no_room(info: TableInfo, blocked: str, last: int) -> InputError:
    """The refusal to write over what stands below a table."""
    return InputError(
        f"sheet {info.sheet}, cell {blocked}: table {info.name} needs this cell to grow to row {last}. "
        "Move what stands below the table elsewhere."
    )


def too_long(info: TableInfo, last: int) -> InputError:
    """The refusal of more rows than a sheet has."""
    return InputError(f"table {info.name}: {last - info.first_row + 1:,} rows do not fit on sheet {info.sheet}.")
