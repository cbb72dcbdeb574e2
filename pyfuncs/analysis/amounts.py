"""Amounts from cells: currency signs, thousands separators, decimal commas and negatives, decided once per column."""

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pyfuncs.analysis.texts import Found, Mask, Texts, flags, only_numbers, plural
from pyfuncs.errors import InputError

AUTO, POINT, COMMA = "auto", ".", ","
DECIMAL_MARKS = (AUTO, POINT, COMMA)

_CODES = re.compile(
    "USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|TRY|RUB|UAH|BRL|MXN|ARS|CLP|COP|PEN|ZAR"
    "|NGN|KES|EGP|MAD|ILS|AED|SAR|QAR|KWD|SGD|HKD|TWD|KRW|THB|IDR|MYR|PHP|VND|PKR|BDT|LKR|KR"
)
_SIGNS = {
    "$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "A$": "AUD",
    "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "R$": "BRL", "KR.": "KR",
    "FR": "CHF", "FR.": "CHF", "SFR.": "CHF", "ZŁ": "PLN", "KČ": "CZK", "FT": "HUF", "LEI": "RON", "RS": "INR",
    "RS.": "INR", "₺": "TRY", "₴": "UAH", "₪": "ILS", "฿": "THB", "₫": "VND", "₱": "PHP", "₦": "NGN", "₡": "CRC",
    "RM": "MYR", "RP": "IDR", "EURO": "EUR",
}  # fmt: skip
_CELL = re.compile(
    r"(?P<before>(?:[^\d.,]|(?<=[a-z])\.(?!\d))*)(?P<core>(?=[.,]?\d)[\d.,' ]*?[.,]?)"
    r"(?P<after>(?:[^\d.,]|(?<=[a-z])\.)*)",
    re.IGNORECASE | re.ASCII,
)
_EXPONENT = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,3}", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}([' ])\d{3}(?:\1\d{3})*(?:[.,]\d*)?", re.ASCII)
_PLAIN = r"^-?\d+(?:\.\d+)?$"
_OPEN = r"^-?[1-9]\d{0,2}\.\d{3}$"  # 1.234
_NO_CENTS = re.compile(r"(?<=\d)([.,])-{1,2}(?=\D*$)")  # 45,- is 45,00
_ODD_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "’": "'", "‘": "'"})


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """A column of amounts as read: values with NaN where there is none, and why."""

    values: npt.NDArray[np.float64]
    blank: Mask
    error: Mask
    unreadable: Mask
    statements: list[str]


@dataclass(frozen=True, slots=True)
class _Form:
    """What one text can be: its value with a decimal point and with a decimal comma (NaN where impossible)."""

    with_point: float
    with_comma: float
    currency: str = ""
    bare: bool = False  # digits only, at least four of them: this column does not group thousands
    marked: bool = False

    @property
    def open(self) -> bool:
        """Whether it can be read both ways, with different results."""
        return not math.isnan(self.with_point + self.with_comma) and self.with_point != self.with_comma


def read_amounts(column: "pd.Series[Any]", decimal_mark: str = AUTO, first_row: int = 1) -> Amounts:
    """Read a column of amounts: numbers, or text with currency signs, separators, brackets or a trailing minus.

    1.234,56 and 1,234.56 can each mean one thing only and are read so.  1,234 and 1.234 can mean two: the other rows
    decide for the whole column; without evidence a lone comma before three digits separates thousands, and a lone point
    before three digits is a question, answered by ``decimal_mark`` ("." or ",").  Percentages are unreadable.

    Raises InputError when the mark is undecided, when currencies are mixed, or when more than half of the filled cells
    cannot be read.
    """
    if decimal_mark not in DECIMAL_MARKS:
        raise InputError(f'decimal_mark: "{decimal_mark}" is not one of {", ".join(DECIMAL_MARKS)}.')
    if only_numbers(column):
        return _numbers(np.asarray(column.astype("float64"), dtype=np.float64))
    typed = _typed_numbers(column)
    found = Found.of(column.mask(~np.isnan(typed)) if column.dtype == object else column, first_row)
    nothing = found.blank_words | found.errors
    if _plain(found.texts, nothing):
        said: list[str] = []
        read = pc.if_else(pa.array(nothing), None, found.texts).cast(pa.float64()).to_numpy(zero_copy_only=False)
    else:
        read, said = _by_form(found, nothing, decimal_mark)
    values = np.append(read, math.nan)[found.codes]
    values = np.where(np.isnan(typed), values, typed)
    blank, error = found.blank_and_error()
    blank &= np.isnan(values)
    unreadable = np.isnan(values) & ~blank & ~error
    _refuse_if_mostly_unreadable(unreadable, ~blank & ~error, found)
    return Amounts(values, blank, error, unreadable, said)


def _plain(texts: Texts, nothing: Mask) -> bool:
    """Whether the amounts are digits with at most a decimal point, none of which could separate thousands."""
    plain = flags(pc.match_substring_regex(texts, _PLAIN)) | nothing
    return bool(plain.all()) and not flags(pc.match_substring_regex(texts, _OPEN)).any()


def _by_form(found: Found, nothing: Mask, decimal_mark: str) -> tuple[npt.NDArray[np.float64], list[str]]:
    """The number each text means, and the sentences on what decides it."""
    forms = [None if no else _form(one) for one, no in zip(found.distinct, nothing.tolist(), strict=True)]
    mark, why = _decide(decimal_mark, forms, found)
    read = np.array([math.nan if form is None else _value(form, mark) for form in forms])
    return read, _currency(forms, found) + why + _negatives(found, forms)


def _numbers(values: npt.NDArray[np.float64]) -> Amounts:
    none = np.zeros(len(values), dtype=np.bool_)
    if np.isfinite(values).all():
        return Amounts(values, none, none, none, [])
    infinite = np.isinf(values)
    return Amounts(np.where(infinite, np.nan, values), np.isnan(values), none, infinite, [])


def _typed_numbers(column: "pd.Series[Any]") -> npt.NDArray[np.float64]:
    """Cells that are numbers already need no reading."""
    if column.dtype != object:
        return np.full(len(column), np.nan)
    cells = (
        float(cell) if isinstance(cell, int | float | np.number) and not isinstance(cell, bool) else math.nan
        for cell in column
    )
    values = np.fromiter(cells, dtype=np.float64, count=len(column))
    return np.where(np.isinf(values), np.nan, values)


def _form(text: str) -> _Form | None:
    """All that one text can mean; None when it is no amount."""
    if _EXPONENT.fullmatch(text):
        number = float(text)
        return _Form(number, number) if math.isfinite(number) else None
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_ODD_MINUS)
    if "-" in text:
        text = _NO_CENTS.sub(r"\g<1>00", text)
    match = _CELL.fullmatch(text.strip())
    if match is None:
        return None
    core = match["core"].strip()
    around = _around(match["before"], match["after"])
    if around is None:
        return None
    sign, currency = around
    if " " in core or "'" in core:
        if not _GROUPED.fullmatch(core):
            return None
        core = core.replace(" ", "").replace("'", "")
    return _with_marks(core, sign, currency)


@lru_cache(maxsize=1024)
def _around(before: str, after: str) -> tuple[float, str] | None:
    """Sign and currency from what stands around the digits."""
    brackets = (before.count("("), after.count(")"))
    minus = (before + after).count("-")
    if brackets not in ((0, 0), (1, 1)) or minus + brackets[0] > 1:
        return None
    tokens = [re.sub(r"[-+()\s]", "", part).upper() for part in (before, after)]
    classes = {_SIGNS.get(token, token if _CODES.fullmatch(token) else None) for token in tokens if token}
    if len(classes) > 1 or None in classes:
        return None
    return (-1.0 if minus or brackets[0] else 1.0), str(next(iter(classes), ""))


def _with_marks(core: str, sign: float, currency: str) -> _Form | None:
    points, commas = core.count(POINT), core.count(COMMA)
    if not points and not commas:
        number = sign * float(core)
        return _Form(number, number, currency, bare=len(core) >= 4)
    readings = [sign * _reading(core, decimal) for decimal in (POINT, COMMA)]
    if all(math.isnan(reading) for reading in readings):
        return None
    return _Form(readings[0], readings[1], currency, marked=True)


def _reading(core: str, decimal: str) -> float:
    """The number when ``decimal`` is the decimal mark and the other mark separates thousands; NaN when impossible."""
    whole, mark, part = core.partition(decimal)
    group = COMMA if decimal == POINT else POINT
    if mark and not (part.isdigit() or (not part and whole)):
        return math.nan
    if group in whole:
        first, *between, last = whole.split(group)
        # Groups of two stand before the last three in South Asia: 12,34,567.
        proper = 1 <= len(first) <= 3 and len(last) == 3 and all(len(one) in (2, 3) for one in between)
        if not proper or first[0] == "0":
            return math.nan
        whole = first + "".join(between) + last
    return float(f"{whole or 0}.{part or 0}")


def _value(form: _Form, mark: str) -> float:
    first, second = (form.with_comma, form.with_point) if mark == COMMA else (form.with_point, form.with_comma)
    return second if math.isnan(first) else first


def _decide(asked: str, forms: list[_Form | None], found: Found) -> tuple[str, list[str]]:
    """The decimal mark of the column, and the sentence that says why."""
    marked = [(code, form) for code, form in enumerate(forms) if form is not None and form.marked]
    open_ = [code for code, form in marked if form.open]
    point = [code for code, form in marked if math.isnan(form.with_comma)]
    comma = [code for code, form in marked if math.isnan(form.with_point)]
    if asked != AUTO:
        return asked, [f'Amounts: "{asked}" is the decimal mark, as stated.'] if open_ else []
    if point and comma:
        if open_:
            raise _undecided(open_, found)
        return POINT, [
            f"Amounts: {found.example(point)} has a decimal point, {found.example(comma)} a decimal comma; each amount "
            "can be read one way only."
        ]
    if comma:
        return COMMA, [f"Amounts: the comma is the decimal mark, as {found.example(comma)} shows."]
    if point:
        grouped = [code for code, _ in marked if COMMA in found.distinct[code]]
        said = f"Amounts: the comma separates thousands, as in {found.example(grouped)}." if grouped else ""
        return POINT, [said] if said else []
    if not open_:
        return POINT, []
    bare = any(form is not None and form.bare for form in forms)
    commas = [code for code, form in marked if form.open and abs(form.with_point) > abs(form.with_comma)]
    if len(commas) == len(open_) and not bare:
        return POINT, [f"Amounts: the comma before three digits separates thousands, first {found.example(commas)}."]
    if not commas and bare:
        return POINT, []
    raise _undecided(open_, found)


def _undecided(open_: Iterable[int], found: Found) -> InputError:
    return InputError(
        f"amounts: {found.example(open_)} can be thousands or decimals, and no other amount decides it; "
        'say decimal_mark="." or decimal_mark=",".'
    )


def _refuse_if_mostly_unreadable(unreadable: Mask, filled: Mask, found: Found) -> None:
    bad = int(unreadable.sum())
    if bad and 2 * bad > int(filled.sum()):
        example = found.example(set(found.codes[unreadable].tolist()))
        raise InputError(
            f"amounts: {bad:,} of {int(filled.sum()):,} cells are not amounts that can be read, first {example}; "
            "check that the right column is named as amount."
        )


def _currency(forms: list[_Form | None], found: Found) -> list[str]:
    by_currency: dict[str, list[int]] = {}
    for code in found.by_appearance:
        if (form := forms[code]) is not None and form.currency:
            by_currency.setdefault(form.currency, []).append(code)
    if len(by_currency) > 1:
        examples = " and ".join(found.example(codes) for codes in list(by_currency.values())[:2])
        raise InputError(f"amounts: several currencies, {examples}; convert them to one.")
    return [f"Amounts: the currency sign is dropped, first {found.example(codes)}." for codes in by_currency.values()]


def _negatives(found: Found, forms: list[_Form | None]) -> list[str]:
    odd = [
        code
        for code, form in enumerate(forms)
        if form is not None
        and (found.distinct[code][-1] in ")-" or found.distinct[code][0] == "(")
        and form.with_point < 0
    ]
    return [f"Amounts: brackets or a minus behind mean negative in {plural(found.count(odd), 'cell')}, first "
            f"{found.example(odd)}."] if odd else []  # fmt: skip
