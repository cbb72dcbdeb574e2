"""Formulas as text: comparing them, moving them, and finding the cell references in them.  Nothing is evaluated."""

import re
from collections.abc import Callable
from functools import lru_cache

from pyfuncs.workbook.cells import LAST_COLUMN, LAST_ROW, column_letters, column_number

_CELL = r"\$?[A-Z]{1,3}\$?[1-9]\d{0,6}"
_REF = rf"(?:{_CELL}(?::{_CELL})?|\$?[A-Z]{{1,3}}:\$?[A-Z]{{1,3}}|\$?[1-9]\d*:\$?[1-9]\d*)"
_TOKEN = re.compile(
    r'"(?:[^"]|"")*"'  # text
    rf"|\[\d+\][\w.]*!{_REF}"  # another workbook
    r"|\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]"  # structured reference
    rf"|(?P<sheet>'(?:[^']|'')+'|[^\W\d][\w.]*)!(?P<there>{_REF})(?![\w(.])"
    rf"|(?<![\w.$!\]'])(?P<here>{_REF})(?![\w(.!\[])"
)
_CORNER = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)|(\$?)([A-Z]{1,3})|(\$?)(\d+)")


def map_references(formula: str, change: Callable[[str | None, str], str]) -> str:
    """Replace each reference by `change(sheet, ref)`; sheet is None where the formula names none."""

    def replaced(found: re.Match[str]) -> str:
        sheet, there, here = found.group("sheet", "there", "here")
        if here:
            return change(None, here)
        if not there or sheet.startswith("'["):
            return found.group()
        return f"{sheet}!{change(unquote(sheet), there)}"

    return _TOKEN.sub(replaced, formula)


def unquote(sheet: str) -> str:
    """Turn 'It''s' as formulas write it into It's."""
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


@lru_cache(maxsize=4096)
def split_reference(text: str) -> tuple[str, str] | None:
    """Split Settings!$C$4 into sheet and reference; None when it is anything but one reference to one sheet."""
    found = _TOKEN.fullmatch(text.strip().removeprefix("="))
    if not found or not found.group("there") or found.group("sheet").startswith("'["):
        return None
    return unquote(found.group("sheet")), found.group("there").replace("$", "")


def shift(formula: str, rows: int, columns: int = 0, *, other_sheets: bool = False) -> str:
    """Move a formula as copying does: relative references follow, absolute ones stay.

    References that name a sheet stay too, as when Excel sorts, unless `other_sheets` (the rule of shared formulas).
    """
    if not rows and not columns:
        return formula

    def moved(sheet: str | None, ref: str) -> str:
        if sheet is not None and not other_sheets:
            return ref
        try:
            return _CORNER.sub(lambda m: _moved_corner(m, rows, columns), ref)
        except OverflowError:
            return "#REF!"

    return map_references(formula, moved)


def _moved_corner(found: re.Match[str], rows: int, columns: int) -> str:
    fixed_column, letters = found.group(1) or found.group(5) or "", found.group(2) or found.group(6) or ""
    fixed_row, digits = found.group(3) or found.group(7) or "", found.group(4) or found.group(8) or ""
    if letters and not fixed_column:
        number = column_number(letters) + columns
        if not 1 <= number <= LAST_COLUMN:
            raise OverflowError
        letters = column_letters(number)
    if digits and not fixed_row:
        if not 1 <= int(digits) + rows <= LAST_ROW:
            raise OverflowError
        digits = str(int(digits) + rows)
    return f"{fixed_column}{letters}{fixed_row}{digits}"


_PIECE = re.compile(
    r'("(?:[^"]|"")*")'  # text: as it is
    r"|(\[(?:[^\[\]]|\[[^\[\]]*\])*\])"  # structured reference: its spaces count
    r"|'([^\W\d][\w.]*)'(?=!)"  # a sheet name that needs no quotes
    r"|\s+|_xl(?:fn|ws|pm|udf)\."
)


def canonical(formula: str) -> str:
    """The formula without what Excel changes on its own: spacing, letter case, needless quotes, _xlfn. prefixes."""
    out, end = [], 0
    text = formula.strip().removeprefix("=")
    for found in _PIECE.finditer(text):
        out.append(text[end : found.start()].casefold())
        literal, bracket, sheet = found.group(1), found.group(2), found.group(3)
        out.append(literal or (bracket or sheet or "").casefold())
        end = found.end()
    out.append(text[end:].casefold())
    return "".join(out)


def column_specifier(header: str) -> str:
    """A table header as structured references write it: [ ] # @ ' are escaped by an apostrophe."""
    return "[" + re.sub(r"(['\[\]#@])", r"'\1", header) + "]"
