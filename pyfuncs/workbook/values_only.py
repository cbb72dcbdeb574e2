"""A copy of a workbook for people without Focal: every formula gives way to the value stored with it.

Nothing is calculated and nothing else is touched: sheets are patched as text, a part that holds no formula stays byte
for byte.  With the formulas go what only serves them: the calculation chain, the order to calculate on opening, the
formulas of table columns and totals, and links to other workbooks that nothing refers to any more.  Such a link would
ask the reader to update what can no longer be updated, and its part holds cells of the other workbook.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from pyfuncs.errors import InputError
from pyfuncs.workbook.cells import column_letters, parse_area, unescape_xml
from pyfuncs.workbook.package import Package
from pyfuncs.workbook.regular_sheet import cut, regular, row_texts
from pyfuncs.workbook.zip_parts import RELATIONSHIP, Parts, relationships_part

ADD_IN = re.compile(r"focal(?:[\s\d()._-]|%20)*\.xlam?", re.IGNORECASE)
"""The file name of Focal's add-in, and of downloads such as "Focal (1).xlam"."""
SHOWN = 5
"""How many of the formulas without a value are named."""

_CHUNK = 1_000_000  # characters of a sheet rewritten at a time
_ANY_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_FORMULA_CELL = re.compile(r'<c r="([A-Z]+)(\d+)"([^>]*)>\s*<f(?:\s[^>]*?)?(?:/>|>.*?</f>)\s*(.*?)</c>', re.DOTALL)
_VALUE = re.compile(r"<v(?:\s[^>]*?)?(?:/>|>(.*?)</v>)", re.DOTALL)
_KIND = re.compile(r"""\st=["'](\w+)["']""")
# cm says that a formula is a dynamic array; vm points to a rich value (a picture, a #SPILL!), which constants have too
_OF_FORMULA = re.compile(r"""\scm=["'][^"']*["']""")
_CALCULATE = re.compile(r"<sheetCalcPr\b[^>]*?(?:/>|>\s*</sheetCalcPr>)")
_LINKED = re.compile(r"""(?<![\w\]])\[(\d+)\][^\[\]<>"]*?!""")
_FREE_OF_REFERENCES = re.compile(
    r"^(?:docProps|customXml)/|/(?:sharedStrings|styles|metadata|calcChain)\.xml$|/(?:externalLinks|theme|tables)/"
    r"|[cC]omments?\d*\.xml$"
)


@dataclass(frozen=True)
class Summary:
    """What became of a workbook's formulas."""

    formulas: int  # cells that show the value of their formula now
    uncalculated: int  # cells whose formula had no value; they are empty now
    first_uncalculated: tuple[str, ...]  # the first of these, as Sheet!B5
    names: tuple[str, ...]  # defined names that call Focal: they say #NAME? now
    links: tuple[str, ...]  # other workbooks that are no longer linked to
    kept_links: tuple[str, ...]  # those that a name, a chart or the like still refers to


@dataclass
class _Count:
    """What is counted while the sheets are written."""

    formulas: int = 0
    empty: int = 0
    first: list[str] = field(default_factory=list)


def save_values(source: Path, target: Path) -> Summary:
    """Save a copy of an .xlsx or .xlsm in which each formula is the value stored with it; InputError as `Package`."""
    parts = Parts.open(source)
    Package(parts)  # refuses what is no workbook, or one in the Strict variant of the format
    main = next(part for kind, part in parts.relationships("").values() if kind == "officeDocument")
    count = _Count()
    sheets = _sheets(parts, main)
    streams = {
        part: _SheetOfValues(parts, name, part, count)
        for part, name in sheets.items()
        if _may_hold_formula(parts.read(part))
    }
    for part in sheets:
        _forget_table_formulas(parts, part)
    links, kept, names = _unlink(parts, main, list(sheets))
    for calculation in parts.tree(main).iterfind("{*}calcPr"):
        if calculation.attrib.pop("fullCalcOnLoad", ""):
            parts.change(main)
    for kind, part in parts.relationships(main).values():
        if kind in ("calcChain", "volatileDependencies"):
            parts.drop(part, main)
    parts.save(target, streams, 6)
    return Summary(count.formulas, count.empty, tuple(count.first), names, links, kept)


def _sheets(parts: Parts, main: str) -> dict[str, str]:
    """Part -> name of the worksheets, left to right; chart and macro sheets have no cells that show values."""
    relations = parts.relationships(main)
    found = {}
    for sheet in parts.tree(main).iterfind("{*}sheets/{*}sheet"):
        kind, part = relations.get(sheet.get(f"{{{RELATIONSHIP}}}id", ""), ("", ""))
        if kind == "worksheet":
            found[part] = sheet.get("name", "")
    return found


def _may_hold_formula(content: bytes) -> bool:
    rows, _, rest = content.rpartition(b"sheetData")  # behind them sparklines have formulas, which stay
    utf_16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    return utf_16 or b"sheetCalcPr" in rest or bool(_ANY_FORMULA.search(rows))


# --- cells -----------------------------------------------------------------------------------------------------------


class _SheetOfValues:
    """A sheet on its way into the file, a run of rows at a time."""

    def __init__(self, parts: Parts, name: str, part: str, count: _Count) -> None:
        self._parts, self._name, self._part, self._count = parts, name, part, count
        self.expected_size = parts.size(part)

    def __iter__(self) -> Iterator[bytes]:
        head, body, tail = _cut(self._parts, self._part)
        yield f"{head}<sheetData>".encode()
        start = 0
        while start < len(body):
            end = body.find("</row>", start + _CHUNK)
            end = len(body) if end < 0 else end + len("</row>")
            yield _FORMULA_CELL.sub(self._value, body[start:end]).encode()
            start = end
        yield f"</sheetData>{_CALCULATE.sub('', tail)}".encode()

    def _value(self, cell: re.Match[str]) -> str:
        letters, row, attributes, rest = cell.groups()
        plain = _OF_FORMULA.sub("", attributes) if "cm=" in attributes else attributes
        if " t=" not in plain and rest.startswith("<v>") and not rest.startswith("<v></v>"):
            self._count.formulas += 1
            return f'<c r="{letters}{row}"{plain}>{rest}</c>'  # a number: most cells
        kind = _KIND.search(plain)
        value = _VALUE.search(rest)
        if value is None or not (value.group(1) or (kind and kind.group(1) == "str")):
            self._note_empty(f"{letters}{row}")
            return f'<c r="{letters}{row}"{_KIND.sub("", plain)}/>'
        self._count.formulas += 1
        if kind is None or kind.group(1) != "str":
            return f'<c r="{letters}{row}"{plain}>{rest}</c>'
        return f'<c r="{letters}{row}"{_KIND.sub("", plain)} t="inlineStr">{_inline(value.group(1) or "")}</c>'

    def _note_empty(self, ref: str) -> None:
        self._count.empty += 1
        if len(self._count.first) < SHOWN:
            self._count.first.append(f"{self._name}!{ref}")


def _inline(text: str) -> str:
    """Text as a constant; it comes from the XML and goes back into it, so that nothing is escaped twice."""
    blanks = text != text.strip() or "\n" in text or "&#" in text
    return f'<is><t xml:space="preserve">{text}</t></is>' if blanks else f"<is><t>{text}</t></is>"


def _cut(parts: Parts, part: str) -> tuple[str, str, str]:
    try:
        return cut(regular(parts.read(part)))
    except (etree.XMLSyntaxError, ValueError) as reason:
        raise InputError(f"{parts.path}: the file is damaged ({part}, {reason}). Use a backup copy.") from None


# --- tables ----------------------------------------------------------------------------------------------------------


def _forget_table_formulas(parts: Parts, sheet: str) -> None:
    """Take the formulas out of a sheet's tables.

    Excel repairs a table whose totals function or label is not what stands in the cell, so both follow the cell.
    """
    for kind, part in parts.relationships(sheet).values():
        if kind != "table":
            continue
        table, changed = parts.tree(part), False
        for place, column in enumerate(table.iterfind("{*}tableColumns/{*}tableColumn")):
            for formula in column.findall("{*}calculatedColumnFormula") + column.findall("{*}totalsRowFormula"):
                column.remove(formula)
                changed = True
            if column.attrib.pop("totalsRowFunction", ""):
                changed = True
                if text := _total(parts, sheet, table, place):
                    column.set("totalsRowLabel", text)
        if changed:
            parts.change(part)


def _total(parts: Parts, sheet: str, table: etree._Element, place: int) -> str:
    """The text that a formula of a table's totals row shows; "" when it shows anything else."""
    area = parse_area(table.get("ref", ""))
    if area is None or table.get("totalsRowCount", "0") == "0":
        return ""
    row = next((inner for number, _, inner in row_texts(_cut(parts, sheet)[1]) if number == area.bottom), "")
    for cell in _FORMULA_CELL.finditer(row):
        letters, _, attributes, rest = cell.groups()
        kind, value = _KIND.search(attributes), _VALUE.search(rest)
        if letters == column_letters(area.left + place) and kind and kind.group(1) == "str" and value:
            return unescape_xml(value.group(1) or "").replace("\n", "_x000a_")
    return ""


# --- links to other workbooks ----------------------------------------------------------------------------------------


def _unlink(parts: Parts, main: str, sheets: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Drop the links that nothing needs now; returns those dropped, those kept and the names that called Focal.

    Formulas know links by number, so those that stay behind a dropped one are counted anew in names and charts.
    """
    workbook = parts.tree(main)
    references = workbook.findall("{*}externalReferences/{*}externalReference")
    if not references:
        return (), (), ()
    relations = parts.relationships(main)
    links = [relations.get(each.get(f"{{{RELATIONSHIP}}}id", ""), ("", ""))[1] for each in references]
    targets = [_target(parts, link) for link in links]
    focal = {i for i, target in enumerate(targets, 1) if ADD_IN.fullmatch(re.split(r"[\\/]", target)[-1])}
    names = _silence_names(workbook, focal)
    charts = parts.of_type("drawingml.chart+xml", "chartex+xml")
    movable = {main: workbook.findall("{*}definedNames/{*}definedName")}
    movable |= {chart: [*parts.tree(chart).iter("{*}f")] for chart in charts}
    fixed = max(_elsewhere(parts, {main, *charts}, sheets), default=0)
    used = set(range(1, min(fixed, len(links)) + 1))
    used |= {int(n) for texts in movable.values() for each in texts for n in _LINKED.findall(each.text or "")}
    renumbered = {old: new for new, old in enumerate(sorted(used & set(range(1, len(links) + 1))), 1)}
    for part, elements in movable.items():
        if _renumber(elements, renumbered):
            parts.change(part)
    for number, (reference, link) in enumerate(zip(references, links, strict=True), 1):
        if number not in renumbered:
            container = reference.getparent()
            assert container is not None
            container.remove(reference)
            if link in parts:
                parts.drop(link, main)
            if not len(container):
                workbook.remove(container)
    parts.change(main)
    dropped = tuple(target for i, target in enumerate(targets, 1) if i not in renumbered)
    return dropped, tuple(targets[i - 1] for i in renumbered), names


def _target(parts: Parts, link: str) -> str:
    """The file a link points to."""
    path = relationships_part(link)
    relations = parts.tree(path).findall("{*}Relationship") if path in parts else []
    return next((unquote(each.get("Target", "")) for each in relations if each.get("TargetMode") == "External"), "")


def _silence_names(workbook: etree._Element, focal: set[int]) -> tuple[str, ...]:
    """Have names that call Focal say #NAME?, as they would without it; what refers to them stays valid."""
    found = []
    for name in workbook.iterfind("{*}definedNames/{*}definedName"):
        if any(int(number) in focal for number in _LINKED.findall(name.text or "")):
            name.text = "#NAME?"
            found.append(name.get("name", ""))
    return tuple(found)


def _elsewhere(parts: Parts, known: set[str], sheets: Sequence[str]) -> Iterator[int]:
    """The numbers of links in formats, validations, controls, drawings: whatever else can hold a reference."""
    for part in parts.names:
        if part in known or not part.endswith((".xml", ".vml")) or _FREE_OF_REFERENCES.search(part):
            continue
        text = _cut(parts, part)[2] if part in sheets else parts.read(part).decode("utf-8", "replace")
        yield from (int(number) for number in _LINKED.findall(text))


def _renumber(elements: Sequence[etree._Element], numbers: dict[int, int]) -> bool:
    """Count links anew in some formulas; True when one changed."""

    def renumbered(found: re.Match[str]) -> str:
        old = int(found.group(1))
        return found.group().replace(f"[{old}]", f"[{numbers.get(old, old)}]", 1)

    changed = False
    for element in elements:
        new = _LINKED.sub(renumbered, element.text or "")
        if new != (element.text or ""):
            element.text, changed = new, True
    return changed
