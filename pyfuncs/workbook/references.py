"""What else in a workbook points at a table's body, and follows it when the body grows or shrinks.

Names, print areas, conditional formats, data validations, charts, sparklines, pivot sources and formulas that covered
exactly the old body cover exactly the new one.  Chart caches whose cells changed are dropped: they are previews only.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from pyfuncs.workbook.cells import Area, column_letters, escape, parse_area
from pyfuncs.workbook.formula_text import map_references, split_reference

_FOLLOWING = ("conditionalFormatting", "dataValidation", "protectedRange", "ignoredError")
_CACHES = ("numCache", "strCache", "multiLvlStrCache", "dlblRangeCache", "lvl")


@dataclass(frozen=True, slots=True)
class Growth:
    """The body of a table had these rows and now ends elsewhere."""

    sheet: str
    body: Area
    header_row: int  # 0 when there is none
    last_row: int

    @property
    def ending(self) -> re.Pattern[str]:
        """What any range ending with the old body contains: a quick look before a close one."""
        return re.compile(rf":\$?[A-Z]{{1,3}}\$?{self.body.bottom}(?!\d)")

    def may_concern(self, part: bytes) -> bool:
        """Whether another sheet's part can hold a reference that follows."""
        text = part.decode("utf-8", "replace")
        spelled = escape(self.sheet.replace("'", "''"))  # as formulas spell it
        named = spelled in text or escape(self.sheet) in text
        return named and (self.body.top == self.body.bottom or bool(self.ending.search(text)))

    def area(self, area: Area) -> Area:
        """The area as it is now: changed only when it covered exactly the old body, with or without the header."""
        tops = (self.body.top, self.header_row or self.body.top)
        across = area.left <= self.body.right and self.body.left <= area.right
        if across and area.bottom == self.body.bottom and area.top in tops:
            return area._replace(bottom=self.last_row)
        return area

    def ref(self, ref: str, *, single: bool, narrow: bool = False) -> str:
        """A reference as text; `single`: a lone cell may be a body of one row; `narrow`: only within one column."""
        area = parse_area(ref)
        if area is None or (":" not in ref and not single) or (narrow and area.left != area.right):
            return ref
        new = self.area(area)
        if new == area:
            return ref
        return _absolute(new) if "$" in ref else str(new)

    def formula(self, formula: str, home: str | None, *, single: bool = False, narrow: bool = False) -> str:
        """A formula; references without a sheet count when `home`, the sheet it stands on, is the table's."""

        def changed(sheet: str | None, ref: str) -> str:
            named = home if sheet is None else sheet
            if named is None or named.casefold() != self.sheet.casefold():
                return ref
            return self.ref(ref, single=single, narrow=narrow)

        return map_references(formula, changed)

    def print_area(self, text: str) -> str:
        """A print area that ended with the body still ends with it, wherever it began."""

        def changed(sheet: str | None, ref: str) -> str:
            area = parse_area(ref)
            if area is None or sheet is None or sheet.casefold() != self.sheet.casefold():
                return ref
            if area.top <= self.body.top and area.bottom == self.body.bottom and area.left <= self.body.right:
                return _absolute(area._replace(bottom=self.last_row))
            return ref

        return map_references(text, changed)


def _absolute(area: Area) -> str:
    first = f"${column_letters(area.left)}${area.top}"
    last = f"${column_letters(area.right)}${area.bottom}"
    return first if first == last else f"{first}:{last}"


def grow_names(workbook: etree._Element, growth: Growth) -> bool:
    """Follow in the defined names; True when one changed."""
    changed = False
    for name in workbook.iterfind("{*}definedNames/{*}definedName"):
        old = name.text or ""
        if name.get("name", "").casefold() == "_xlnm.print_area":
            new = growth.print_area(old)
        else:
            new = growth.formula(old, None, single=True)
        changed |= new != old
        name.text = new
    return changed


def grow_sheet(shell: etree._Element, sheet: str, growth: Growth) -> bool:
    """Follow in a sheet's formats, validations and sparklines; True when one changed."""
    home = sheet.casefold() == growth.sheet.casefold()
    changed = False
    for element in shell.iter("{*}*"):
        name = etree.QName(element).localname
        if home and name in _FOLLOWING and (sqref := element.get("sqref")):
            new = " ".join(growth.ref(ref, single=True) for ref in sqref.split())
            changed |= new != sqref
            element.set("sqref", new)
        elif name in ("sqref", "f", "formula", "formula1", "formula2") and element.text:
            new = _in_sheet(element, name, sheet, home, growth)
            changed |= new != element.text
            element.text = new
    return changed


def _in_sheet(element: etree._Element, name: str, sheet: str, home: bool, growth: Growth) -> str:
    text = element.text or ""
    parent = element.getparent()
    sparkline = parent is not None and etree.QName(parent).localname == "sparkline"
    if name != "sqref":
        return growth.formula(text, sheet, single=sparkline, narrow=sparkline)
    if sparkline or not home:
        return text
    return " ".join(growth.ref(ref, single=True) for ref in text.split())


def grow_column_formulas(table: etree._Element, sheet: str, growth: Growth) -> bool:
    """Follow in the formulas a table holds for its columns and totals; True when one changed."""
    changed = False
    for element in table.iter("{*}calculatedColumnFormula", "{*}totalsRowFormula"):
        new = growth.formula(element.text or "", sheet)
        changed |= new != (element.text or "")
        element.text = new
    return changed


def grow_chart(chart: etree._Element, growth: Growth) -> bool:
    """Follow in the series of a chart; True when one changed."""
    changed = False
    for element in _references(chart):
        old = element.text or ""
        new = growth.formula(old, None, single=True, narrow=True)
        changed |= new != old
        element.text = new
    return changed


def grow_pivot_source(cache: etree._Element, growth: Growth, table: str) -> bool:
    """Have a pivot table that reads the table or its cells refreshed when the file is opened."""
    source = cache.find("{*}cacheSource/{*}worksheetSource")
    if source is None:
        return False
    ref, sheet = source.get("ref", ""), source.get("sheet", "")
    area = parse_area(ref)
    touches = area is not None and sheet.casefold() == growth.sheet.casefold() and area.overlaps(growth.body)
    if source.get("name", "").casefold() != table.casefold() and not touches:
        return False
    if touches:
        source.set("ref", growth.ref(ref, single=True))
    cache.set("refreshOnLoad", "1")
    return True


def drop_stale_caches(
    chart: etree._Element,
    changed: Mapping[str, Iterable[Area]],
    named: Callable[[str], tuple[str, str] | None],
    text_at: Callable[[str, Area], str | None],
) -> bool:
    """Take out the cached points of series whose cells changed; titles and series names are brought up to date.

    `changed`: casefolded sheet -> areas; `named`: what a defined name refers to; `text_at`: the text a cell now shows.
    """
    touched = False
    for element in _references(chart):
        target = split_reference(element.text or "") or named((element.text or "").rpartition("!")[2])
        area = parse_area(target[1]) if target else None
        if target is None or area is None:
            continue
        if not any(area.overlaps(other) for other in changed.get(target[0].casefold(), ())):
            continue
        parent = element.getparent()
        caches = [c for c in parent if _local(c) in _CACHES] if parent is not None else []
        for cache in caches:
            touched |= _refresh_title(cache, text_at(target[0], area)) if _is_title(element) else _remove(cache)
    return touched


def _references(chart: etree._Element) -> list[etree._Element]:
    return [element for element in chart.iter("{*}f", "{*}sqref") if element.text]


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _is_title(element: etree._Element) -> bool:
    return any(_local(ancestor) in ("title", "tx") for ancestor in element.iterancestors())


def _refresh_title(cache: etree._Element, text: str | None) -> bool:
    shown = cache.find("{*}pt/{*}v")
    if text is None or shown is None or shown.text == text:
        return False
    shown.text = text
    return True


def _remove(cache: etree._Element) -> bool:
    parent = cache.getparent()
    assert parent is not None
    parent.remove(cache)
    return True
