"""Formulas as text between Excel ("=SUM(Settings!A1,tbl[@x])") and Calc, and texts that Excel takes for numbers."""

import functools
import re
from collections.abc import Callable, Iterator

_STRING = r'(?P<string>"(?:[^"]|"")*")'
_ERROR = r"(?P<error>#(?:N/A|REF!|VALUE!|NAME\?|NUM!|NULL!|DIV/0!))"
_BRACKETS = r"(?P<brackets>\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])"
_SHEET = r"(?P<sheet>'(?:[^']|'')+'|[^\W\d]\w*)"
_REFERENCE = r"(?=\$?[A-Za-z]{1,3}\$?\d+(?![\w(.])|\$?[A-Za-z]{1,3}:|\$?\d+:|#REF!)"
_WORD = r"(?P<word>[^\W\d][\w.]*)"
_FROM_CALC = re.compile(
    rf"{_STRING}|{_ERROR}|{_BRACKETS}|(?P<truth>\b(?:TRUE|FALSE)\(\))|\$?{_SHEET}\.{_REFERENCE}"
    rf"|(?P<exponent>\d(?:\.\d+)?E[+-]\d+)|{_WORD}|(?P<sign>[;!~|{{}}])"
)
_TO_CALC = re.compile(
    rf"{_STRING}|{_ERROR}|{_BRACKETS}|(?P<truth>\b(?:TRUE|FALSE)\b(?!\())|{_SHEET}!"
    rf"|{_WORD}|(?P<space>(?<=[\w\])])\s+(?=[\w$'(\[]))|(?P<at>@)|(?P<sign>[,;{{}}])"
)
_FUNCTIONS = {"CEILING.XCL": "CEILING", "FLOOR.XCL": "FLOOR", "EFFECTIVE": "EFFECT", "FORMULA": "FORMULATEXT",
              "SKEWP": "SKEW.P", "ZGZ": "RRI"}  # fmt: skip
_TO_FUNCTIONS = {excel: calc for calc, excel in _FUNCTIONS.items()}


@functools.cache
def from_calc(text: str) -> str:
    """A formula of Calc ("=SUM($Settings.$C$4;tbl[[#This Row];[a]])") as Excel writes it, braces of arrays left out."""
    if text.startswith("{="):
        text = text[1:-1]
    depth = 0

    def changed(found: re.Match[str]) -> str:
        nonlocal depth
        kind, token = found.lastgroup, found.group()
        if kind == "brackets":
            return token.replace("];[", "],[")
        if kind == "truth":
            return token[:-2]
        if kind == "sheet":
            return quoted(found["sheet"]) + "!"
        if kind == "exponent":
            return plain_exponent(token)
        if kind == "word" and text[found.end() : found.end() + 1] == "(":
            return _FUNCTIONS.get(token, token.upper().removeprefix("_XLFN."))
        if kind == "sign":
            depth += {"{": 1, "}": -1}.get(token, 0)
            return {";": ",", "|": ";", "!": " ", "~": ","}.get(token, token)
        return token

    return _FROM_CALC.sub(changed, text)


def to_calc(text: str, table: Callable[[], str | None] = lambda: None) -> str:
    """A formula of Excel in Calc's spelling; [@column] needs the table it lies in."""
    depth = 0

    def changed(found: re.Match[str]) -> str:
        nonlocal depth
        kind, token = found.lastgroup, found.group()
        if kind == "brackets":
            before = text[found.start() - 1]
            return ("" if before.isalnum() or before in "_.]" else table() or "") + _brackets_to_calc(token)
        if kind == "truth":
            return token + "()"
        if kind == "sheet":
            return f"${token[:-1]}."
        if kind == "word" and text[found.end() : found.end() + 1] == "(":
            token = token.removeprefix("_xlfn.").removeprefix("_xlws.")
            return _TO_FUNCTIONS.get(token.upper(), token)
        if kind in ("space", "at"):
            return "!" if kind == "space" else ""
        if kind == "sign":
            depth += {"{": 1, "}": -1}.get(token, 0)
            return {",": ";", ";": "|"}.get(token, token) if depth else {",": ";"}.get(token, token)
        return token

    return _TO_CALC.sub(changed, text)


def quoted(sheet: str) -> str:
    """A sheet's name as formulas write it; takes it with or without quotes."""
    name = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
    if re.fullmatch(r"[^\W\d][\w.]*", name) and not re.fullmatch(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*|[RrCc]", name):
        return name
    return "'" + name.replace("'", "''") + "'"


def _brackets_to_calc(token: str) -> str:
    inner = token[1:-1].strip()
    if inner.startswith("@"):
        column = inner[1:].strip()
        if column and not column.startswith("["):
            column = f"[{column}]"
        return f"[[#This Row];{column}]" if column else "[[#This Row]]"
    if inner.startswith("#"):
        return f"[[{inner}]]"
    return re.sub(r"\]\s*,\s*\[", "];[", token)


# --- text that Excel takes for something else ---

_MONTH = (
    "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    "(?:(?<=jan)uary|(?<=feb)ruary|(?<=mar)ch|(?<=apr)il|(?<=jun)e|(?<=jul)y"
    "|(?<=aug)ust|(?<=sep)t(?:ember)?|(?<=oct)ober|(?<=nov)ember|(?<=dec)ember)?"
)
_SEEN_AS_OTHER = re.compile(rf"\s*(?:[\d=+\-@.,($€£¥#]|{_MONTH}\.?[\s-]*\d|(?:true|false)\s*$)", re.IGNORECASE)


def may_be_other(text: str) -> bool:
    """Whether Excel looks twice at a text: it may be a number, a date, a truth value, an error or a formula."""
    return _SEEN_AS_OTHER.match(text) is not None


def spellings(text: str) -> Iterator[str]:
    """The text, and then as Calc would take it where Excel takes it for a date."""
    yield text
    text = text.strip()
    if found := re.fullmatch(r"(\d{1,4})[-/](\d{1,2})(?:[-/](\d{1,4}))?", text):
        numbers = [part for part in found.groups() if part]
        yield ("-" if len(numbers[0]) == 4 else "/").join(numbers)
    elif found := re.fullmatch(rf"{_MONTH}\.?[\s-]*(\d{{1,4}})", text, re.IGNORECASE):
        yield " ".join(found.groups())
    elif found := re.fullmatch(rf"(\d{{1,2}})[\s-]*{_MONTH}(?:[\s-]*(\d{{2,4}}))?", text, re.IGNORECASE):
        day, month, year = found.groups()
        yield f"{day}-{month}-{year}" if year else f"{month} {day}"


def plain_exponent(text: str) -> str:
    """1E-020 as Excel writes it: 1E-20."""
    return re.sub(r"E([+-])0*(?=\d)", r"E\1", text)
