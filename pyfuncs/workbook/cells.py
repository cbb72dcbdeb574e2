"""Cell references and cell values: what Focal puts into a sheet's <c> elements, and what it reads back.

A value is str, int, float, bool, a date, or None (an empty cell).  Text is always text: a customer called "=1+1" stays
a customer.  Excel's own rules are kept here and nowhere else: serial dates with the 1904 flag and the leap year 1900
that never was, control characters as _xHHHH_, at most 32,767 characters in a cell.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from pyfuncs.errors import InputError

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
LONGEST_TEXT = 32_767


class ErrorText(str):
    """An Excel error value such as #N/A, told apart from text that merely looks like one."""

    __slots__ = ()


CellValue: TypeAlias = str | float | bool | None
Writable: TypeAlias = Any  # CellValue, int, date, datetime, numpy scalar, KEEP or Cached; `Encoder` refuses the rest


class _Keep(Enum):
    KEEP = "keep"


KEEP: Final = _Keep.KEEP
"""Written into a block where the cell must stay as it is."""


@dataclass(frozen=True, slots=True)
class Cached:
    """The present value of a formula the cell is expected to hold; the formula itself is never replaced."""

    value: Writable
    formula: str


@dataclass(frozen=True, slots=True)
class Calculated:
    """The present values of a calculated column; its formula is the one the table holds."""

    values: Sequence[Any]


class Area(NamedTuple):
    """A rectangle of cells, rows and columns counted from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        """Write the area as Excel does: B5 or B5:D9."""
        first = f"{column_letters(self.left)}{self.top}"
        last = f"{column_letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"

    def overlaps(self, other: "Area") -> bool:
        """Whether the two areas share a cell."""
        return (
            self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )


@lru_cache(maxsize=LAST_COLUMN)
def column_letters(number: int) -> str:
    """Turn 28 into "AB"."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=LAST_COLUMN)
def column_number(letters: str) -> int:
    """Turn "AB" into 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?", re.IGNORECASE)


def parse_area(ref: str) -> Area | None:
    """Read "B5", "$B$5:$D$9"; None for anything else, whole rows and columns included."""
    found = _AREA.fullmatch(ref.strip())
    if not found:
        return None
    left, top, right, bottom = found.groups()
    a, b = column_number(left.upper()), column_number((right or left).upper())
    c, d = int(top), int(bottom or top)
    return Area(min(c, d), min(a, b), max(c, d), max(a, b))


# --- text ------------------------------------------------------------------------------------------------------------

_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_AWKWARD = re.compile(r"^\s|\s$|[\n\t]|" + _SPECIAL.pattern)
_HEX = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ENTITY = re.compile(r"&(#x[0-9A-Fa-f]+|#\d+|\w+);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def _special(found: re.Match[str]) -> str:
    text = found.group()
    if text in "&<>":
        return {"&": "&amp;", "<": "&lt;", ">": "&gt;"}[text]
    return f"_x{ord(text):04X}_" if len(text) == 1 else "_x005F" + text


def escape(text: str) -> str:
    """Make text safe inside a cell: markup as entities, what XML cannot hold as _xHHHH_."""
    return _SPECIAL.sub(_special, text)


def text_element(text: str) -> str:
    """The <t> element of a text."""
    if not _AWKWARD.search(text):
        return f"<t>{text}</t>"
    return f'<t xml:space="preserve">{escape(text)}</t>'


def escape_formula(formula: str) -> str:
    """Make a formula safe inside <f>."""
    return formula.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _entity(found: re.Match[str]) -> str:
    name = found.group(1)
    if name.startswith("#"):
        return chr(int(name[2:], 16) if name[1] in "xX" else int(name[1:]))
    return _NAMED.get(name, found.group())


def unescape_xml(text: str) -> str:
    """Undo XML's entities and its line ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ENTITY.sub(_entity, text) if "&" in text else text


def unescape_hex(text: str) -> str:
    """Undo Excel's _xHHHH_."""
    if "_x" not in text:
        return text
    plain = _HEX.sub(lambda m: chr(int(m.group(1), 16)), text)
    # a pair of halves written apart is one character
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


# --- dates -----------------------------------------------------------------------------------------------------------

_EPOCH_1900 = datetime(1899, 12, 30)
_EPOCH_1904 = datetime(1904, 1, 1)
_LEAP_1900 = 61  # serial of 1 March 1900; before it Excel counts a day less


def serial(value: date, date1904: bool = False) -> float:
    """Excel's serial number of a date or date and time, in days; ValueError where Excel has none."""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    if moment.tzinfo is not None:
        raise ValueError("a time with a time zone; convert it to local time first")
    days = (moment - (_EPOCH_1904 if date1904 else _EPOCH_1900)) / timedelta(days=1)
    if not date1904 and days < _LEAP_1900:
        days -= 1
    if days < 0:
        raise ValueError(f"Excel has no date {moment:%Y-%m-%d}")
    return days


def serials(dates: "np.ndarray[Any, Any]", date1904: bool) -> "np.ndarray[Any, Any]":
    """Excel's serial numbers of a datetime64 array, (n,) days, nan for NaT; ValueError where Excel has no date."""
    epoch = np.datetime64(_EPOCH_1904 if date1904 else _EPOCH_1900, "us")
    days: np.ndarray[Any, Any] = (dates.astype("datetime64[us]") - epoch) / np.timedelta64(1, "D")
    if not date1904:
        days = np.where(days < _LEAP_1900, days - 1, days)
    if np.any(days < 0):
        raise ValueError(f"Excel has no date {str(np.nanmin(dates))[:10]}")
    return days


# --- values into XML -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Encoder:
    """Writes values as <c> elements of one sheet; `style` is the finished attribute, ' s="3"' or ''."""

    sheet: str
    date1904: bool = False

    def scalar(self, ref: str, value: Writable) -> str | float | int | bool | None:
        """Reduce a value to what a cell can hold; nan, NaT and NA are empty, infinity is refused."""
        try:
            return self._scalar(value)
        except ValueError as reason:
            raise InputError(f"{self.sheet}!{ref}: {reason}") from None

    def _scalar(self, value: Writable) -> str | float | int | bool | None:
        if value is None or isinstance(value, str):
            if value and len(value) > LONGEST_TEXT // 2 and _utf16_length(value) > LONGEST_TEXT:
                raise ValueError(f"text of {len(value):,} characters; a cell holds {LONGEST_TEXT:,}. Shorten it.")
            return value
        if isinstance(value, (bool, np.bool_)):
            return bool(value)
        if isinstance(value, (int, np.integer)):
            return int(value)
        if isinstance(value, (float, np.floating, Decimal)):
            number = float(value)
            if number in (float("inf"), float("-inf")):
                raise ValueError("the value is infinite; a cell cannot hold it")
            return None if number != number else number + 0.0
        if isinstance(value, np.datetime64):
            value = value.astype("datetime64[us]").item()
        if value is None or type(value).__name__ in ("NaTType", "NAType"):
            return None
        if isinstance(value, date):
            return serial(value, self.date1904)
        raise ValueError(f"cannot write a {type(value).__name__} into a cell")

    def cell(self, ref: str, style: str, value: Writable) -> str:
        """The <c> element of a value, or '' for an empty cell without style."""
        plain = self.scalar(ref, value)
        if plain is None or plain == "":
            return f'<c r="{ref}"{style}/>' if style else ""
        if isinstance(plain, ErrorText):
            return f'<c r="{ref}"{style} t="e"><v>{escape(plain)}</v></c>'
        if isinstance(plain, str):
            return f'<c r="{ref}"{style} t="inlineStr"><is>{text_element(plain)}</is></c>'
        if isinstance(plain, bool):
            return f'<c r="{ref}"{style} t="b"><v>{plain:d}</v></c>'
        return f'<c r="{ref}"{style}><v>{plain!r}</v></c>'

    def formula_cell(self, ref: str, attributes: str, formula: str, value: Writable) -> str:
        """The <c> element of a finished <f> element with its present value; None leaves it to be calculated."""
        plain = self.scalar(ref, value)
        if plain is None:
            kind, shown = "", ""
        elif isinstance(plain, bool):
            kind, shown = ' t="b"', f"<v>{plain:d}</v>"
        elif isinstance(plain, str):
            kind = ' t="e"' if isinstance(plain, ErrorText) else ' t="str"'
            shown = f"<v>{escape(plain)}</v>"
        else:
            kind, shown = "", f"<v>{plain!r}</v>"
        return f'<c r="{ref}"{attributes}{kind}>{formula}{shown}</c>'


def _utf16_length(text: str) -> int:
    return len(text) + sum(c > "\uffff" for c in text)
