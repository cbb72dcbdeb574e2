"""Filling an existing workbook by patching its XML: what Focal does not write stays byte for byte.

    package = Package.open("Focal.xlsx")
    package.write_name("observation_end", date(1997, 9, 30))
    report = package.fill_table("Customers", {"customer_id": ids, "value": values}, n=len(ids), keep_by="customer_id")
    package.save("Focal.xlsx")

No library keeps charts, alternative text, sparklines and ribbons of a workbook it rewrites; a company's own branded
copy of the template must survive a refit.  Formulas are never written, only their present values, and Excel calculates
everything anew when it opens the file.
"""

import os
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree

from pyfuncs.errors import InputError
from pyfuncs.workbook.cells import (
    KEEP,
    LAST_COLUMN,
    LAST_ROW,
    Area,
    Cached,
    Calculated,
    CellValue,
    ErrorText,
    Writable,
    column_letters,
    parse_area,
)
from pyfuncs.workbook.formula_text import column_specifier, split_reference
from pyfuncs.workbook.references import (
    Growth,
    drop_stale_caches,
    grow_chart,
    grow_column_formulas,
    grow_names,
    grow_pivot_source,
    grow_sheet,
)
from pyfuncs.workbook.regular_sheet import cut, regular
from pyfuncs.workbook.sheet_columns import read_columns, write_column
from pyfuncs.workbook.sheet_stream import SheetStream
from pyfuncs.workbook.sheet_xml import Sheet, fold_columns, text_of
from pyfuncs.workbook.table_fill import FillReport, TableFill, TableInfo, resize, table_info
from pyfuncs.workbook.target import Overridden, find_name, find_table, rows_for, whole_column
from pyfuncs.workbook.zip_parts import MAIN, RELATIONSHIP, STRICT, Parts

__all__ = [
    "KEEP", "Cached", "Calculated", "ErrorText", "FillReport", "Overridden", "Package", "TableInfo",
    "column_specifier", "is_open_elsewhere",
]  # fmt: skip

_CHARTS = ("drawingml.chart+xml", "chartex+xml")
_BEFORE_CALC = (
    "fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups",
    "externalReferences", "definedNames",
)  # fmt: skip


class Package:
    """An opened workbook.  Reads see earlier writes, save that a filled table is read after saving."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        main = [part for kind, part in parts.relationships("").values() if kind == "officeDocument"]
        if not main or not main[0].endswith(".xml"):
            raise InputError(f"{parts.path}: not an .xlsx workbook. Open it in Excel and save it as Excel Workbook.")
        self._main = main[0]
        self._workbook = parts.tree(self._main)
        if self._workbook.tag != f"{{{MAIN}}}workbook":
            strict = etree.QName(self._workbook).namespace == STRICT
            what = "a Strict Open XML workbook" if strict else "not an Excel workbook"
            raise InputError(f"{parts.path}: this is {what}. Open it in Excel and save it as Excel Workbook (.xlsx).")
        relations = parts.relationships(self._main)
        self._sheet_parts: dict[str, str] = {}
        self._order: list[str] = []
        for sheet in self._workbook.iterfind("{*}sheets/{*}sheet"):
            kind, part = relations.get(sheet.get(f"{{{RELATIONSHIP}}}id", ""), ("", ""))
            self._order.append(sheet.get("name", ""))
            if kind == "worksheet":
                self._sheet_parts[sheet.get("name", "")] = part
        self._sheets: dict[str, Sheet] = {}
        self._touched: dict[str, list[Area]] = {}
        self.tables: dict[str, TableInfo] = self._find_tables()
        self.overridden: list[Overridden] = []

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> "Package":
        """Open a workbook; InputError with a remedy when it is missing, damaged, encrypted or of another format."""
        return cls(Parts.open(path))

    # --- what is in it ---

    @property
    def sheet_names(self) -> list[str]:
        """The sheets, left to right."""
        return list(self._order)

    @property
    def date1904(self) -> bool:
        """Whether the workbook counts its days from 1904."""
        properties = self._workbook.find("{*}workbookPr")
        return properties is not None and properties.get("date1904") in ("1", "true")

    @property
    def defined_names(self) -> dict[str, tuple[str, str]]:
        """Name -> (sheet, reference) of every name that refers to one area; names of one sheet as "Sheet!name"."""
        names = {}
        for name in self._workbook.iterfind("{*}definedNames/{*}definedName"):
            target = split_reference(name.text or "")
            if target and not name.get("name", "").startswith("_xlnm."):
                local = name.get("localSheetId")
                prefix = "" if local is None else self._order[int(local)] + "!"
                names[prefix + name.get("name", "")] = target
        return names

    def _find_tables(self) -> dict[str, TableInfo]:
        tables = {}
        for sheet, part in self._sheet_parts.items():
            for kind, target in self._parts.relationships(part).values():
                if kind == "table":
                    info = table_info(self._parts.tree(target), sheet, target)
                    tables[info.name] = info
        return tables

    # --- reading ---

    def read_cell(self, sheet: str, ref: str) -> CellValue:
        """The value a cell shows: str, float, bool, ErrorText or None; dates are serial numbers."""
        return self.read_range(sheet, ref)[0][0]

    def read_range(self, sheet: str, ref: str) -> list[list[CellValue]]:
        """The values of a range, row by row."""
        return self._sheet(sheet).values(self._area(sheet, ref))

    def read_formula(self, sheet: str, ref: str) -> str | None:
        """The formula of a cell without "=", None when it holds none."""
        area = self._area(sheet, ref)
        cell = self._sheet(sheet).cell(area.top, area.left)
        return cell.formula if cell else None

    def read_name(self, name: str) -> list[list[CellValue]] | CellValue:
        """The value of a defined name's cell, or the rows of its range."""
        sheet, ref = self._name(name)
        rows = self.read_range(sheet, ref)
        return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows

    def read_table(self, name: str) -> list[list[CellValue]]:
        """The body of a table, row by row."""
        info = self.table(name)
        return self._sheet(info.sheet).values(info.body)

    def read_columns(self, name: str, headers: Sequence[str]) -> dict[str, Any]:
        """Columns of a table by header: float arrays, Series of text, or of objects where a column has both."""
        info = self.table(name)
        places = {header: info.column(header) for header in headers}
        found = read_columns(self._sheet(info.sheet), info.body, {info.first_col + place for place in places.values()})
        return {header: found[place] for header, place in places.items()}

    def table(self, name: str) -> TableInfo:
        """A table by name, letter case ignored; InputError names the tables there are."""
        return find_table(self.tables, name, self._parts.path)

    # --- writing ---

    def write_block(self, sheet: str, top_left: str, rows: Sequence[Sequence[Writable]]) -> list[Overridden]:
        """Write values cell by cell, keeping each cell's style; returns (and collects) entries the user had made."""
        area = self._area(sheet, top_left)
        width = max((len(row) for row in rows), default=0)
        if not width:
            return []
        block = Area(area.top, area.left, area.top + len(rows) - 1, area.left + width - 1)
        if block.bottom > LAST_ROW or block.right > LAST_COLUMN:
            raise InputError(f"sheet {sheet}: a block of {len(rows):,} x {width:,} cells at {top_left} does not fit.")
        patched = self._touch(sheet, block)
        found: list[Overridden] = []
        for number, row in enumerate(rows, area.top):
            values = dict(enumerate(row, area.left))
            for column in patched.write(number, values):
                ref = f"{column_letters(column)}{number}"
                formula = self.read_formula(sheet, ref)
                shown = self.read_cell(sheet, ref) if formula is None else f"={formula}"
                found.append(Overridden(patched.name, ref, values[column].formula, shown))
        self.overridden += found
        return found

    def write_name(self, name: str, value: Writable | Sequence[Sequence[Writable]]) -> list[Overridden]:
        """Write a defined name's cell, or rows from its first cell on; a name of several cells must hold them all."""
        sheet, ref = self._name(name)
        area = self._area(sheet, ref)
        return self.write_block(sheet, f"{column_letters(area.left)}{area.top}", rows_for(name, sheet, ref, value))

    def write_column(self, name: str, header: str, values: Sequence[Any]) -> None:
        """Write values into a column of a table, whatever stood there; rows beyond them are emptied."""
        info = self.table(name)
        column = info.first_col + info.column(header)
        area = info.body._replace(left=column, right=column)
        write_column(self._touch(info.sheet, area), area.top, column, whole_column(info, values))

    def fill_table(self, name: str, columns: Mapping[str, Any], n: int, keep_by: str | None = None) -> FillReport:
        """Replace a table's body by n rows and resize it; 0 rows leave one empty row.

        `columns`: header -> n values, or Calculated(n values) where the column has a formula of its own.  Columns not
        given are the user's: their cells follow the row with the same value in column `keep_by` (None: the same
        position), and what finds no row is returned, so that nothing is lost silently.  Each table once per package.
        """
        info = self.table(name)
        sheet = self._touch(info.sheet, info.body)
        tree = self._parts.tree(info.part)
        report, last = TableFill(sheet, info, tree)(columns, n, keep_by)
        self._touch_filled(info, last)
        if resize(tree, info, last):
            self._show_filtered(sheet, info)
        self._parts.change(info.part)
        self.tables[info.name] = table_info(tree, info.sheet, info.part)
        if last != info.last_row:
            self._grow(Growth(info.sheet, info.body, info.header_row, last))
        self._refresh_pivots(Growth(info.sheet, info.body, info.header_row, last), info.name)
        return report

    def rename_columns(self, name: str, headers: Mapping[str, str]) -> None:
        """Give columns of a table other headers: old -> new; a table cannot have two columns of one name."""
        info = self.table(name)
        tree = self._parts.tree(info.part)
        columns = tree.findall("{*}tableColumns/{*}tableColumn")
        for old, new in headers.items():
            place = info.column(old)
            columns[place].set("name", new)
            self.write_block(info.sheet, f"{column_letters(info.first_col + place)}{info.header_row}", [[new]])
        self._parts.change(info.part)
        self.tables[info.name] = table_info(tree, info.sheet, info.part)

    def fold_columns(self, sheet: str, first: int, last: int) -> None:
        """Fold columns of a sheet away, counted from 1: not shown and not printed until they are unfolded."""
        patched = self._sheet(sheet)
        shell = patched.shell()
        fold_columns(shell, first, last)
        patched.set_shell(shell)
        self._touched.setdefault(sheet.casefold(), [])

    def replace_in_footer(self, sheet: str, pattern: str, text: str) -> bool:
        """Replace what matches `pattern` in a sheet's printed footer; a footer without it stays; True when changed."""
        patched = self._sheet(sheet)
        shell = patched.shell()
        footer = shell.find("{*}headerFooter/{*}oddFooter")
        if footer is None or not footer.text:
            return False
        new = re.sub(pattern, lambda _: text, footer.text)
        if new == footer.text:
            return False
        footer.text = new
        patched.set_shell(shell)
        self._touched.setdefault(sheet.casefold(), [])
        return True

    def save(self, path: str | os.PathLike[str], *, level: int = 6) -> None:
        """Write the workbook; `level` is the deflate level 1..9 of all but very large sheets, which get 1.

        On failure the target is left as it was.
        """
        if self._touched:
            self._drop_stale_caches()
            self._calculate_on_load()
        touched = (sheet for key, sheet in self._sheets.items() if key in self._touched)
        streams = {self._sheet_parts[sheet.name]: SheetStream(sheet) for sheet in touched}
        self._parts.save(path, streams, level)

    # --- inside ---

    def _sheet(self, name: str) -> Sheet:
        key = name.casefold()
        if key not in self._sheets:
            for known, part in self._sheet_parts.items():
                if known.casefold() == key:
                    self._sheets[key] = self._opened(known, part)
        if key not in self._sheets:
            raise InputError(f"{self._parts.path}: there is no sheet {name} (sheets: {', '.join(self._order)}).")
        return self._sheets[key]

    def _opened(self, name: str, part: str) -> Sheet:
        try:
            return Sheet(name, cut(regular(self._parts.read(part))), self._strings, self.date1904)
        except (etree.XMLSyntaxError, ValueError) as reason:
            raise InputError(f"{self._parts.path}: the file is damaged ({part}, {reason}). Use a backup.") from None

    @cached_property
    def _strings(self) -> list[str]:
        for kind, part in self._parts.relationships(self._main).values():
            if kind == "sharedStrings":
                root = self._parts.parse(part, self._parts.read(part))
                return [text_of(etree.tostring(item, encoding="unicode")) for item in root.iterfind("{*}si")]
        return []

    def _area(self, sheet: str, ref: str) -> Area:
        area = parse_area(ref)
        if area is None or area.bottom > LAST_ROW or area.right > LAST_COLUMN:
            raise InputError(f"{ref} is not a cell or range of sheet {sheet}.")
        return area

    def _name(self, name: str) -> tuple[str, str]:
        return find_name(self.defined_names, name, self._parts.path)

    def _touch(self, name: str, area: Area) -> Sheet:
        sheet = self._sheet(name)
        for filling in sheet.fillings:
            if filling.area.overlaps(area):
                raise ValueError(f"{name}!{area} lies in a table filled just now; save and open the file first")
        self._touched.setdefault(name.casefold(), []).append(area)
        return sheet

    def _touch_filled(self, info: TableInfo, last: int) -> None:
        self._touched[info.sheet.casefold()].append(info.body._replace(bottom=max(last, info.last_row) + 1))

    def _show_filtered(self, sheet: Sheet, info: TableInfo) -> None:
        sheet.unhide(info.first_row, info.last_row)
        shell = sheet.shell()
        properties = shell.find("{*}sheetPr")
        if properties is not None and properties.attrib.pop("filterMode", ""):
            sheet.set_shell(shell)

    def _grow(self, growth: Growth) -> None:
        if grow_names(self._workbook, growth):
            self._parts.change(self._main)
        for name in self._sheet_parts:
            self._grow_sheet(name, growth)
        for part in self._parts.of_type(*_CHARTS):
            if grow_chart(self._parts.tree(part), growth):
                self._parts.change(part)
        for info in self.tables.values():
            if grow_column_formulas(self._parts.tree(info.part), info.sheet, growth):
                self._parts.change(info.part)

    def _grow_sheet(self, name: str, growth: Growth) -> None:
        home = name.casefold() == growth.sheet.casefold()
        if name.casefold() not in self._sheets and not growth.may_concern(self._parts.read(self._sheet_parts[name])):
            return
        sheet = self._sheet(name)
        shell = sheet.shell()
        changed = grow_sheet(shell, sheet.name, growth)
        if changed:
            sheet.set_shell(shell)
        changed |= sheet.map_formulas(lambda formula: growth.formula(formula, name), growth.ending)
        if changed and not home:
            self._touched.setdefault(name.casefold(), [])

    def _refresh_pivots(self, growth: Growth, table: str) -> None:
        for part in self._parts.of_type("pivotCacheDefinition+xml"):
            if grow_pivot_source(self._parts.tree(part), growth, table):
                self._parts.change(part)

    def _drop_stale_caches(self) -> None:
        names = {key.casefold(): target for key, target in self.defined_names.items()}
        for part in self._parts.of_type(*_CHARTS):
            chart = self._parts.tree(part)
            if drop_stale_caches(chart, self._touched, lambda name: names.get(name.casefold()), self._text_at):
                self._parts.change(part)

    def _text_at(self, sheet: str, area: Area) -> str | None:
        """The text of a single cell; None when it is filled just now or shows no text."""
        if area.top != area.bottom or any(f.area.overlaps(area) for f in self._sheet(sheet).fillings):
            return None
        value = self._sheet(sheet).values(area)[0][0]
        return value if isinstance(value, str) else None

    def _calculate_on_load(self) -> None:
        """Have Excel compute everything on opening, and drop its list of formulas, which it rebuilds."""
        calculation = self._workbook.find("{*}calcPr")
        if calculation is None:
            calculation = etree.Element(f"{{{MAIN}}}calcPr")
            before = [c for c in self._workbook if isinstance(c.tag, str) and etree.QName(c).localname in _BEFORE_CALC]
            before[-1].addnext(calculation)
        calculation.set("fullCalcOnLoad", "1")
        self._parts.change(self._main)
        for kind, part in self._parts.relationships(self._main).values():
            if kind == "calcChain":
                self._parts.drop(part, self._main)


def is_open_elsewhere(path: str | os.PathLike[str]) -> bool:
    """Whether Excel or LibreOffice has left the mark of an open workbook beside the file."""
    path = Path(path)
    return any((path.parent / mark).exists() for mark in (f"~${path.name}", f".~lock.{path.name}#"))
