"""One worksheet as text: its rows are found, read and rewritten without an element per cell.

A sheet part is cut in three: what stands before <sheetData>, the rows, and what stands after.  Rows are kept as the
text the file has (in the form of regular_sheet); only cells that are written change.
"""

import gc
import re
from collections.abc import Callable, Container, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple, Protocol

import pyarrow as pa
from lxml import etree

from pyfuncs.workbook.cell_runs import TEXT, Piece, Texts
from pyfuncs.workbook.cells import (
    KEEP,
    Area,
    Cached,
    CellValue,
    Encoder,
    ErrorText,
    Writable,
    column_letters,
    column_number,
    escape_formula,
    serial,
    unescape_hex,
    unescape_xml,
)
from pyfuncs.workbook.formula_text import canonical, shift
from pyfuncs.workbook.regular_sheet import row_texts
from pyfuncs.workbook.zip_parts import parser

_CELL = re.compile(r'<c r="([A-Z]+)\d+"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_FIRST_CELL = re.compile(r'<c r="([A-Z]+)')
_KIND = re.compile(r"""\st=["'](\w+)["']""")
_STYLE = re.compile(r"""\ss=["'](\d+)["']""")
_DROPPED_WITH_VALUE = re.compile(r"""\s(?:t|cm|vm|ph)=["'][^"']*["']""")
_VALUE = re.compile(r"<v(?:\s[^>/]*)?>(.*?)</v>", re.DOTALL)
_TEXT = re.compile(r"<t(?:\s[^>/]*)?>(.*?)</t>", re.DOTALL)
_PHONETIC = re.compile(r"<rPh\b.*?</rPh>", re.DOTALL)
_FORMULA = re.compile(r"<f(\s[^>]*?)?(?:/>|>(.*?)</f>)", re.DOTALL)
_SHARED = re.compile(r"""\st=["']shared["']""")
_SHARED_INDEX = re.compile(r"""\ssi=["'](\d+)["']""")
SPANS = re.compile(r"""\sspans=["'][^"']*["']""")
"""What a row says of the columns it fills; wrong once it has more."""
_FOLDED = {"hidden": "1", "outlineLevel": "1"}
_HIDDEN = re.compile(r"""\s(?:hidden|collapsed)=["'][^"']*["']""")
_SHEET_DATA = re.compile(r"<sheetData\s*(?:/>|>(.*?)</sheetData\s*>)", re.DOTALL)


class Cell(NamedTuple):
    """A cell as the file has it: attributes without the reference, and what is inside (None for <c/>)."""

    column: int
    attributes: str
    inner: str | None

    @property
    def style(self) -> str:
        """The style attribute, ready to be written again."""
        return style_of(self.attributes)

    @property
    def formula_element(self) -> str | None:
        """The <f> element as it stands."""
        found = _FORMULA.search(self.inner) if self.inner else None
        return found.group() if found else None

    @property
    def formula(self) -> str | None:
        """The formula without "="; '' when the cell only repeats a shared one."""
        found = _FORMULA.search(self.inner) if self.inner else None
        return unescape_xml(found.group(2) or "") if found else None

    def at(self, row: int) -> str:
        """The <c> element at a row."""
        end = "/>" if self.inner is None else f">{self.inner}</c>"
        return f'<c r="{column_letters(self.column)}{row}"{self.attributes}{end}'


class Row(NamedTuple):
    """A row as the file has it: attributes without the number, and its cells as text."""

    attributes: str
    inner: str


class Filling(Protocol):
    """New content of an area, produced a run of rows at a time."""

    area: Area
    row_attributes: str

    def pieces(self, rows: Texts, first: int) -> list[Piece]:
        """The XML of the cells of some rows of the area, `rows` being their numbers and `first` the first of them."""

    def map_formulas(self, change: Callable[[str], str]) -> None:
        """Pass the formulas it will write through `change`."""


class Sheet:
    """The rows of a worksheet, and the rest of the part around them."""

    def __init__(self, name: str, parts: tuple[str, str, str], shared_strings: Sequence[str], date1904: bool) -> None:
        self.encoder = Encoder(name, date1904)
        self.name = name
        self._strings = shared_strings
        self.head, body, self.tail = parts  # as regular_sheet cuts them
        self.rows = _rows(body)
        self.fillings: list[Filling] = []
        if any(_SHARED.search(row.inner) for row in self.rows.values() if "shared" in row.inner):
            self._unshare()

    # --- reading ---

    def cells(self, row: int) -> list[Cell]:
        """The cells of a row, left to right."""
        kept = self.rows.get(row)
        return _cells(kept.inner) if kept else []

    def cell(self, row: int, column: int) -> Cell | None:
        """One cell, None where the file has none."""
        return next((cell for cell in self.cells(row) if cell.column == column), None)

    def values(self, area: Area) -> list[list[CellValue]]:
        """The values of an area, row by row."""
        self.refuse_filled(area)
        width = area.right - area.left + 1
        rows: list[list[CellValue]] = []
        for number in range(area.top, area.bottom + 1):
            values: list[CellValue] = [None] * width
            kept = self.rows.get(number)
            if kept and kept.inner:
                for letters, attributes, inner in _CELL.findall(kept.inner):
                    place = column_number(letters) - area.left
                    if inner and 0 <= place < width:
                        values[place] = self.value(attributes, inner)
            rows.append(values)
        return rows

    @cached_property
    def shared_texts(self) -> Texts:
        """The shared strings as Arrow holds them."""
        return pa.array(self._strings, TEXT)

    def value_of(self, text: str) -> CellValue:
        """The value of a <c> element."""
        found = _CELL.match(text)
        return self.value(found.group(2), found.group(3)) if found else None

    def value(self, attributes: str, inner: str | None) -> CellValue:
        """What a cell shows: its constant, or the last result of its formula."""
        if not inner:
            return None
        if " t=" not in attributes and inner.startswith("<v>") and inner.count("<") == 2:
            return float(inner[3:-4])  # most cells; quicker than looking closely
        kind = kind_of(attributes)
        if kind == "inlineStr":
            return text_of(inner)
        value = _VALUE.search(inner)
        if value is None:
            return None
        text = unescape_xml(value.group(1))
        return self._decoded(kind, text)

    def _decoded(self, kind: str, text: str) -> CellValue:
        if kind == "s":
            return self._strings[int(text)]
        if kind == "str":
            return unescape_hex(text)
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "e":
            return ErrorText(text)
        if kind == "d":
            return serial(datetime.fromisoformat(text), self.encoder.date1904)
        return float(text) if text.strip() else None

    def _unshare(self) -> None:
        """Write shared formulas out, so that each cell may be changed without the others."""
        masters: dict[str, tuple[int, int, str]] = {}
        for number in sorted(self.rows):
            row = self.rows[number]
            if "shared" not in row.inner:
                continue
            texts = []
            for cell in _cells(row.inner):
                element = _FORMULA.search(cell.inner) if cell.inner else None
                if element and cell.inner and _SHARED.search(element.group(1) or ""):
                    index = _SHARED_INDEX.search(element.group(1))
                    key = index.group(1) if index else ""
                    if element.group(2):
                        masters[key] = (number, cell.column, unescape_xml(element.group(2)))
                    top, left, formula = masters.get(key, (number, cell.column, ""))
                    moved = shift(formula, number - top, cell.column - left, other_sheets=True)
                    plain = f"<f>{escape_formula(moved)}</f>"
                    cell = cell._replace(inner=cell.inner.replace(element.group(), plain, 1))
                texts.append(cell.at(number))
            self.rows[number] = row._replace(inner="".join(texts))

    # --- writing ---

    def write(self, number: int, values: Mapping[int, Writable]) -> list[int]:
        """Write cells of one row, column -> value; returns the columns where the user's own entry was kept."""
        row = self.rows.get(number, Row("", ""))
        before, inner = _parted(row.inner, number, min(values, default=1))
        cells = {cell.column: cell for cell in _cells(inner)}
        texts = {column: cell.at(number) for column, cell in cells.items()}
        overridden = []
        for column, value in values.items():
            old = cells.get(column, Cell(column, "", None))
            if value is KEEP:
                continue
            if isinstance(value, Cached):
                text, own = self._cached(number, old, value)
                if own:
                    overridden.append(column)
            else:
                text = self.encoder.cell(f"{column_letters(column)}{number}", old.style, value)
            texts[column] = text
        inner = before + "".join(texts[column] for column in sorted(texts))
        if inner or row.attributes:
            wider = texts.keys() - cells.keys()
            self.rows[number] = Row(SPANS.sub("", row.attributes) if wider else row.attributes, inner)
        return overridden

    def _cached(self, number: int, cell: Cell, cached: Cached) -> tuple[str, bool]:
        ref = f"{column_letters(cell.column)}{number}"
        element = cell.formula_element
        if element is None:
            return (cell.at(number) if cell.attributes or cell.inner else ""), True
        attributes = _KIND.sub("", cell.attributes)
        if canonical(cell.formula or "") == canonical(cached.formula):
            return self.encoder.formula_cell(ref, attributes, element, cached.value), False
        return self.encoder.formula_cell(ref, attributes, element, None), True

    def take_out(self, area: Area, wanted: Container[int]) -> dict[int, list[Cell]]:
        """Remove the cells of an area, row -> those in the wanted columns; row heights and cells beside it stay."""
        taken: dict[int, list[Cell]] = {}
        for number in [n for n in self.rows if area.top <= n <= area.bottom and self.rows[n].inner]:
            row = self.rows[number]
            inside: list[Cell] = []
            outside: list[str] = []
            first, last = ends(row.inner)
            nothing_else = not wanted and area.left <= first and last <= area.right
            for cell in () if nothing_else else _cells(row.inner):
                if not area.left <= cell.column <= area.right:
                    outside.append(cell.at(number))
                elif cell.column in wanted:
                    inside.append(cell)
            taken[number] = inside
            self.rows[number] = Row(SPANS.sub("", row.attributes), "".join(outside))
        return taken

    def map_formulas(self, change: Callable[[str], str], where: re.Pattern[str]) -> bool:
        """Pass the formulas of rows in which `where` is found through `change`; True when one changed."""

        def changed(found: re.Match[str]) -> str:
            formula = unescape_xml(found.group(2) or "")
            new = change(formula)
            return found.group() if new == formula else f"<f{found.group(1) or ''}>{escape_formula(new)}</f>"

        any_changed = False
        for number, row in self.rows.items():
            if "<f" in row.inner and where.search(row.inner):
                inner = _FORMULA.sub(changed, row.inner)
                any_changed |= inner != row.inner
                self.rows[number] = row._replace(inner=inner)
        for filling in self.fillings:
            filling.map_formulas(change)
        return any_changed

    def put_back(self, number: int, cells: Sequence[Cell]) -> None:
        """Set cells taken out elsewhere into a row; the places must be free."""
        row = self.rows.get(number, Row("", ""))
        together = sorted([*_cells(row.inner), *cells])
        self.rows[number] = Row(SPANS.sub("", row.attributes), "".join(cell.at(number) for cell in together))

    def unhide(self, first: int, last: int) -> None:
        """Show rows that a filter had hidden."""
        for number, row in self.rows.items():
            if first <= number <= last and "hidden" in row.attributes:
                self.rows[number] = row._replace(attributes=_HIDDEN.sub("", row.attributes))

    def refuse_filled(self, area: Area) -> None:
        """Refuse to read what is only now being written."""
        for filling in self.fillings:
            if filling.area.overlaps(area):
                raise ValueError(f"{self.name}!{area} lies in a table filled just now; save and open the file first")

    # --- the whole part ---

    def shell(self) -> etree._Element:
        """The part without its rows, parsed; give it back to `set_shell` when changed."""
        return etree.fromstring(f"{_undeclared(self.head)}<sheetData/>{self.tail}".encode(), parser())

    def set_shell(self, shell: etree._Element) -> None:
        """Replace everything but the rows."""
        text = etree.tostring(shell, encoding="unicode")
        found = _SHEET_DATA.search(text)
        assert found is not None
        self.head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text[: found.start()]
        self.tail = text[found.end() :]


def fold_columns(shell: etree._Element, first: int, last: int) -> None:
    """Put columns into an outline that is folded, so that neither screen nor print shows them."""
    columns = shell.find("{*}cols")
    if columns is None:
        return
    for column in list(columns):
        low, high = int(column.get("min", "")), int(column.get("max", ""))
        parts = ((low, min(high, first - 1)), (max(low, first), min(high, last)), (max(low, last + 1), high))
        for place, (start, end) in enumerate(parts):
            if start <= end:
                part = copy(column)
                for name, value in {"min": str(start), "max": str(end), **(_FOLDED if place == 1 else {})}.items():
                    part.set(name, value)
                column.addprevious(part)
        columns.remove(column)
    if (form := shell.find("{*}sheetFormatPr")) is not None:
        form.set("outlineLevelCol", "1")


def _rows(body: str) -> dict[int, Row]:
    """The rows by number; meanwhile nothing looks for garbage, which costs as much among a million rows, all of use."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return {number: Row(attributes, inner) for number, attributes, inner in row_texts(body)}
    finally:
        if collecting:
            gc.enable()


@lru_cache(maxsize=1024)
def style_of(attributes: str) -> str:
    """The style attribute among others, ready to be written again."""
    found = _STYLE.search(attributes)
    return f' s="{found.group(1)}"' if found else ""


def ends(cells: str) -> tuple[int, int]:
    """The columns of the first and the last of some cells."""
    first, last = _FIRST_CELL.match(cells), _FIRST_CELL.match(cells, cells.rfind("<c r="))
    assert first is not None
    assert last is not None
    return column_number(first.group(1)), column_number(last.group(1))


def text_of(inner: str) -> str:
    """The text of a string item: rich runs joined, phonetic guides left out."""
    if "<rPh" in inner:
        inner = _PHONETIC.sub("", inner)
    return unescape_hex(unescape_xml("".join(_TEXT.findall(inner))))


def kind_of(attributes: str) -> str:
    """The kind of a cell with these attributes."""
    found = _KIND.search(attributes)
    return found.group(1) if found else "n"


def _cells(inner: str) -> list[Cell]:
    return (
        [Cell(column_number(found.group(1)), found.group(2), found.group(3)) for found in _CELL.finditer(inner)]
        if inner
        else []
    )


def _parted(cells: str, row: int, column: int) -> tuple[str, str]:
    """The cells of a row before a column and from it on; all of them together where it has none."""
    place = max(0, cells.find(f'<c r="{column_letters(column)}{row}"'))
    return cells[:place], cells[place:]


def _undeclared(head: str) -> str:
    return head[head.index("?>") + 2 :].lstrip() if head.lstrip("\ufeff").startswith("<?xml") else head
