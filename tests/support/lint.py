"""What Excel repairs or refuses although schemas allow it.

A regression net beside the Open XML SDK (validator.py), not a proof: each rule stands for a way in which a file written
without Excel has been known to open with "We found a problem with some content".
"""

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from pyfuncs.workbook.cells import LAST_ROW, LONGEST_TEXT, Area, column_letters, column_number, parse_area
from tests.support.lint_formulas import NOT_A_NAME, formula_issues

_M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CHART_F = "{http://schemas.openxmlformats.org/drawingml/2006/chart}f"
_TYPES = "[Content_Types].xml"
_BOOK = "xl/workbook.xml"
_BOOK_TYPES = {".xlsx": "sheet.main", ".xlsm": "sheet.macroEnabled.main", ".xltx": "template.main",
               ".xltm": "template.macroEnabled", ".xlam": "addin.macroEnabled"}  # fmt: skip
_SHEET_ORDER = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations "
    "hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
    "ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls "
    "webPublishItems tableParts extLst"
)
_BOOK_ORDER = (
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences "
    "definedNames calcPr oleSize customWorkbookViews pivotCaches extLst"
)
_NUMBER = re.compile(r"-?\d+(\.\d*)?([eE][-+]?\d+)?")


class Finding(NamedTuple):
    """One thing Excel would stumble over."""

    rule: str
    where: str
    what: str


def lint(path: str | Path) -> list[Finding]:
    """Look a file over; an empty list means nothing found."""
    with zipfile.ZipFile(path) as archive:
        book = _Book(Path(path), archive)
        findings = [*_zip(book), *_content_types(book), *_xml(book)]
        if book.broken or _BOOK not in book.trees:
            return findings
        findings += [*_relationships(book), *_sheet_names(book), *_order(book, _BOOK, _BOOK_ORDER), *_names(book)]
        for sheet, part in book.sheets.items():
            if part in book.trees and book.trees[part].tag == f"{_M}worksheet":
                findings += [*_cells(book, part), *_around(book, part), *_order(book, part, _SHEET_ORDER)]
                findings += _tables_of(book, sheet, part)
        return [*findings, *_across_tables(book), *_drawings(book), *_calc_chain(book)]


class _Book:
    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self.entries = archive.namelist()
        self.parts = set(self.entries)
        self.trees: dict[str, etree._Element] = {}
        self.broken: dict[str, str] = {}
        for part in sorted(self.parts):
            if part.endswith((".xml", ".rels")):
                try:
                    self.trees[part] = etree.fromstring(archive.read(part), etree.XMLParser(huge_tree=True))
                except etree.XMLSyntaxError as reason:
                    self.broken[part] = str(reason)

    def relations(self, part: str) -> list[tuple[str, str, bool]]:
        """(id, target, internal) of each relationship of a part."""
        path = posixpath.join(posixpath.dirname(part), "_rels", posixpath.basename(part) + ".rels")
        found = []
        for relation in self.trees.get(path, ()):
            target, internal = relation.get("Target", ""), relation.get("TargetMode") != "External"
            if internal:
                joined = target[1:] if target.startswith("/") else posixpath.join(posixpath.dirname(part), target)
                target = posixpath.normpath(joined)
            found.append((relation.get("Id", ""), target, internal))
        return found

    @cached_property
    def sheets(self) -> dict[str, str]:
        targets = {key: target for key, target, _ in self.relations(_BOOK)}
        return {s.get("name", ""): targets.get(s.get(f"{_R}id", ""), "") for s in self.trees[_BOOK].iter(f"{_M}sheet")}

    @cached_property
    def sheet_keys(self) -> set[str]:
        return {sheet.casefold() for sheet in self.sheets}

    @cached_property
    def strings(self) -> list[str]:
        tree = self.trees.get("xl/sharedStrings.xml")
        return [] if tree is None else [_text(item) for item in tree.iterfind(f"{_M}si")]

    def count(self, container: str) -> int:
        styles = self.trees.get("xl/styles.xml")
        found = None if styles is None else styles.find(f"{_M}{container}")
        return 0 if found is None else len(found)

    @cached_property
    def name_keys(self) -> set[str]:
        return {name.get("name", "").casefold() for name in self.trees[_BOOK].iter(f"{_M}definedName")}


def _text(element: etree._Element) -> str:
    return "".join(t.text or "" for t in element.iter(f"{_M}t"))


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


# --- the package -----------------------------------------------------------------------------------------------------


def _zip(book: _Book) -> Iterator[Finding]:
    for name, count in Counter(book.entries).items():
        if count > 1:
            yield Finding("part twice in the zip", name, f"{count} times")


def _content_types(book: _Book) -> Iterator[Finding]:
    types = book.trees[_TYPES]
    overrides = {e.get("PartName", "")[1:]: e.get("ContentType", "") for e in types if _local(e) == "Override"}
    defaults = {e.get("Extension", "").lower() for e in types if _local(e) == "Default"}
    for part in sorted(book.parts - {_TYPES}):
        if not part.endswith("/") and part not in overrides and part.rpartition(".")[2].lower() not in defaults:
            yield Finding("part without content type", part, "")
    for part in sorted(set(overrides) - book.parts):
        yield Finding("content type of an absent part", part, "")
    main, wanted = overrides.get(_BOOK, ""), _BOOK_TYPES.get(book.path.suffix.lower())
    if wanted and wanted not in main:
        yield Finding("extension and content type differ", book.path.suffix, main)
    if ("xl/vbaProject.bin" in book.parts) != ("macroEnabled" in main):
        yield Finding("macros and content type differ", _BOOK, main)


def _xml(book: _Book) -> Iterator[Finding]:
    for part, reason in book.broken.items():
        yield Finding("not XML", part, reason[:100])


def _relationships(book: _Book) -> Iterator[Finding]:
    for part, tree in book.trees.items():
        if part.endswith(".rels") or part == _TYPES:
            continue
        relations = book.relations(part)
        for key, target, internal in relations:
            if internal and target not in book.parts:
                yield Finding("relationship to an absent part", part, target)
            if sum(other == key for other, _, _ in relations) > 1:
                yield Finding("relationship id twice", part, key)
        keys = {key for key, _, _ in relations}
        for element in tree.iter("*"):
            for name, value in element.attrib.items():
                if str(name).startswith(_R) and value and value not in keys:
                    yield Finding("unknown relationship id", part, f"{_local(element)} {value}")


def _order(book: _Book, part: str, elements: str) -> Iterator[Finding]:
    order = elements.split()
    places = [order.index(_local(e)) for e in book.trees[part] if _local(e) in order]
    if places != sorted(places):
        yield Finding("elements out of order", part, str([order[place] for place in places]))


# --- names and formulas ----------------------------------------------------------------------------------------------


def _sheet_names(book: _Book) -> Iterator[Finding]:
    names = [sheet.get("name", "") for sheet in book.trees[_BOOK].iter(f"{_M}sheet")]
    for name, count in Counter(name.casefold() for name in names).items():
        if count > 1:
            yield Finding("sheet name twice", _BOOK, name)
    for name in names:
        bad = re.search(r"[\[\]:*?/\\]", name) or name.startswith("'") or name.endswith("'")
        if bad or not 0 < len(name) <= 31 or name.casefold() == "history":
            yield Finding("sheet name not allowed", _BOOK, name)


def _names(book: _Book) -> Iterator[Finding]:
    seen: dict[tuple[str, str | None], str] = {}
    for element in book.trees[_BOOK].iter(f"{_M}definedName"):
        name, text = element.get("name", ""), element.text or ""
        key = (name.casefold(), element.get("localSheetId"))
        if key in seen:
            yield Finding("defined name twice", name, seen[key])
        seen[key] = name
        allowed = re.fullmatch(r"[^\W\d][\w.\\?]{0,254}|\\[\w.\\?]{0,254}", name) and not NOT_A_NAME.fullmatch(name)
        if not name.startswith("_xlnm.") and not allowed:
            yield Finding("defined name not allowed", name, text)
        for issue in formula_issues(text):
            yield Finding("formula", f"name {name}", issue)
        sheet = re.match(r"'((?:[^']|'')+)'!|([^\W\d][\w.]*)!", text)
        if sheet and (sheet[1] or sheet[2]).replace("''", "'").casefold() not in book.sheet_keys:
            yield Finding("name of an absent sheet", name, text)
        if "#REF!" in text:
            yield Finding("broken reference", name, text)


# --- sheets ----------------------------------------------------------------------------------------------------------


def _cells(book: _Book, part: str) -> Iterator[Finding]:
    last_row = 0
    for row in book.trees[part].iter(f"{_M}row"):
        number = int(row.get("r") or last_row + 1)
        if number <= last_row or number > LAST_ROW:
            yield Finding("rows out of order", part, str(number))
        last_row, last_column = number, 0
        for cell in row.iterfind(f"{_M}c"):
            ref = cell.get("r") or ""
            found = re.fullmatch(r"([A-Z]{1,3})(\d+)", ref)
            if not found or int(found[2]) != number or column_number(found[1]) <= last_column:
                yield Finding("cells out of order", part, ref)
            last_column = column_number(found[1]) if found else last_column
            yield from _cell(book, part, ref, cell)


def _cell(book: _Book, part: str, ref: str, cell: etree._Element) -> Iterator[Finding]:
    where = f"{part} {ref}"
    kind, value = cell.get("t", "n"), cell.findtext(f"{_M}v")
    if int(cell.get("s") or 0) >= book.count("cellXfs"):
        yield Finding("style that is not there", where, cell.get("s") or "")
    if kind == "s" and not (value or "").isdigit():
        yield Finding("shared string without number", where, str(value))
    elif kind == "s" and int(value or 0) >= len(book.strings):
        yield Finding("shared string that is not there", where, str(value))
    formula = cell.find(f"{_M}f")
    waiting = formula is not None and not value  # a formula that was never calculated
    if kind == "n" and value is not None and not waiting and not _NUMBER.fullmatch(value.strip()):
        yield Finding("not a number", where, value)
    if kind == "b" and value not in ("0", "1"):
        yield Finding("not a logical value", where, str(value))
    if kind == "e" and not (value or "").startswith("#"):
        yield Finding("not an error value", where, str(value))
    text = _text(cell) if kind == "inlineStr" else (value or "") if kind == "str" else ""
    if len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
        yield Finding("text too long", where, f"{len(text)} characters")
    if formula is not None and formula.text:
        for issue in formula_issues(formula.text):
            yield Finding("formula", where, issue)
    if kind == "inlineStr" and (formula is not None or cell.find(f"{_M}is") is None):
        yield Finding("inline text with a formula or without text", where, "")


def _around(book: _Book, part: str) -> Iterator[Finding]:
    tree = book.trees[part]
    merged = [area for m in tree.iter(f"{_M}mergeCell") if (area := parse_area(m.get("ref", "")))]
    for i, area in enumerate(merged):
        if any(area.overlaps(other) for other in merged[:i]):
            yield Finding("merged areas overlap", part, str(area))
    for rule in tree.iter(f"{_M}cfRule"):
        if int(rule.get("dxfId") or 0) >= max(book.count("dxfs"), 1):
            yield Finding("format that is not there", part, rule.get("dxfId") or "")
    for element in tree.iter("*"):
        areas = [parse_area(ref) for ref in element.get("sqref", "").split()]
        if any(a and b and a.overlaps(b) for i, a in enumerate(areas) for b in areas[:i]):
            yield Finding("sqref overlaps itself", part, element.get("sqref", ""))
    for validation in tree.iter(f"{_M}dataValidation"):
        yield from _validation(part, validation)
    if sum(1 for _ in tree.iter(f"{_M}hyperlink")) > 65_530:
        yield Finding("too many links", part, "")


def _validation(part: str, validation: etree._Element) -> Iterator[Finding]:
    where, formula = f"{part} {validation.get('sqref')}", validation.findtext(f"{_M}formula1") or ""
    if validation.get("type") == "list" and formula.startswith('"') and len(formula) > 257:
        yield Finding("list longer than 255 characters", where, str(len(formula)))
    if formula.startswith("="):
        yield Finding("validation formula with =", where, formula)
    for name, limit in (("promptTitle", 32), ("errorTitle", 32), ("prompt", 255), ("error", 255)):
        if len(validation.get(name) or "") > limit:
            yield Finding("validation text too long", where, name)


# --- tables ----------------------------------------------------------------------------------------------------------


def _tables_of(book: _Book, sheet: str, part: str) -> Iterator[Finding]:
    tree = book.trees[part]
    tables = [t for _, t, _ in book.relations(part) if t in book.trees and book.trees[t].tag == f"{_M}table"]
    areas: list[Area] = []
    merged = [parse_area(m.get("ref", "")) for m in tree.iter(f"{_M}mergeCell")]
    own_filter = tree.find(f"{_M}autoFilter")
    filtered = None if own_filter is None else parse_area(own_filter.get("ref", ""))
    named = {e.get(f"{_R}id") for e in tree.iter(f"{_M}tablePart")}
    for table in tables:
        area = parse_area(book.trees[table].get("ref", ""))
        if area is None:
            yield Finding("table without area", table, "")
            continue
        if any(area.overlaps(other) for other in areas):
            yield Finding("tables overlap", table, str(area))
        if any(m and area.overlaps(m) for m in merged):
            yield Finding("table over merged cells", table, str(area))
        if filtered and area.overlaps(filtered):
            yield Finding("sheet filter over a table", table, str(filtered))
        areas.append(area)
        yield from _table(book.trees[table], table, area, _headers(book, part, area))
    if len(named) != len(tables):
        yield Finding("table parts and tables differ", part, f"{len(named)} parts, {len(tables)} tables on {sheet}")


def _headers(book: _Book, part: str, area: Area) -> dict[str, str]:
    """Texts of the cells in a table's header row."""
    shown = {}
    for row in book.trees[part].iter(f"{_M}row"):
        if row.get("r") == str(area.top):
            for cell in row.iterfind(f"{_M}c"):
                value = cell.findtext(f"{_M}v") or ""
                texts = {"s": lambda v=value: book.strings[int(v)], "inlineStr": lambda c=cell: _text(c)}
                shown[cell.get("r", "")] = texts.get(cell.get("t", ""), lambda v=value: v)()
    return shown


def _table(tree: etree._Element, part: str, area: Area, shown: dict[str, str]) -> Iterator[Finding]:
    columns = [column.get("name", "") for column in tree.iterfind(f"{_M}tableColumns/{_M}tableColumn")]
    count = tree.find(f"{_M}tableColumns")
    has_header, totals = tree.get("headerRowCount", "1") != "0", int(tree.get("totalsRowCount") or 0)
    if len(columns) != area.right - area.left + 1 or count is None or count.get("count") != str(len(columns)):
        yield Finding("table columns and area differ", part, f"{len(columns)} columns for {area}")
    if area.bottom - area.top + 1 - has_header - totals < 1:
        yield Finding("table without rows", part, str(area))
    for header, times in Counter(column.casefold() for column in columns).items():
        if times > 1:
            yield Finding("table header twice", part, header)
    for place, header in enumerate(columns if has_header else []):
        ref = f"{column_letters(area.left + place)}{area.top}"
        if shown.get(ref) != re.sub(r"_x000[aA]_", "\n", header):
            yield Finding("header cell differs from table column", part, f"{ref}: {shown.get(ref)!r}, not {header!r}")
    auto_filter = tree.find(f"{_M}autoFilter")
    if auto_filter is not None:
        filtered = parse_area(auto_filter.get("ref", ""))
        if filtered is None or filtered != area._replace(bottom=area.bottom - totals):
            yield Finding("table filter and area differ", part, auto_filter.get("ref", ""))
    for element in tree.iter(f"{_M}calculatedColumnFormula"):
        for issue in formula_issues(element.text or ""):
            yield Finding("formula", part, issue)


def _across_tables(book: _Book) -> Iterator[Finding]:
    tables = {part: tree for part, tree in book.trees.items() if tree.tag == f"{_M}table"}
    for attribute in ("id", "displayName"):
        for value, times in Counter(tree.get(attribute, "").casefold() for tree in tables.values()).items():
            if times > 1:
                yield Finding(f"table {attribute} twice", value, f"{times} times")
    for part, tree in tables.items():
        name = tree.get("displayName", "")
        if name.casefold() in book.name_keys:
            yield Finding("table named like a defined name", part, name)
        if " " in name or NOT_A_NAME.fullmatch(name):
            yield Finding("table name not allowed", part, name)


# --- charts and the rest ---------------------------------------------------------------------------------------------


def _drawings(book: _Book) -> Iterator[Finding]:
    for part, tree in book.trees.items():
        if re.fullmatch(r"xl/charts/chart\d+\.xml", part):
            for formula in tree.iter(_CHART_F):
                sheet = re.match(r"'((?:[^'!]|'')+)'!|([^'!]+)!", formula.text or "")
                name = (sheet[1] or sheet[2]).replace("''", "'") if sheet else ""
                if sheet and name.casefold() not in book.sheet_keys and not name.startswith("["):
                    yield Finding("chart of an absent sheet", part, formula.text or "")
        if re.fullmatch(r"xl/drawings/drawing\d+\.xml", part):
            ids = Counter(element.get("id") for element in tree.iter("{*}cNvPr"))
            for key, times in ids.items():
                if times > 1:
                    yield Finding("drawing id twice", part, str(key))


def _calc_chain(book: _Book) -> Iterator[Finding]:
    chain = book.trees.get("xl/calcChain.xml")
    if chain is None:
        return
    parts = {s.get("sheetId"): book.sheets[s.get("name", "")] for s in book.trees[_BOOK].iter(f"{_M}sheet")}
    sheet = None
    for link in chain.iterfind(f"{_M}c"):
        sheet = link.get("i") or sheet
        tree = book.trees.get(parts.get(sheet, ""))
        holders = set() if tree is None else {c.get("r") for c in tree.iter(f"{_M}c") if c.find(f"{_M}f") is not None}
        if link.get("r") not in holders:
            yield Finding("calculation chain names a cell without formula", part_of(parts, sheet), link.get("r") or "")
            return


def part_of(parts: dict[str | None, str], sheet: str | None) -> str:
    """The part of a sheet by its id, for a message."""
    return parts.get(sheet, "an absent sheet")
