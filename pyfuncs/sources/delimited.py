"""Text files of transactions: encoding, delimiter and header row found from the file itself."""

import codecs
import csv
import io
import re
import warnings
from collections import Counter

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from pyfuncs.errors import InputError
from pyfuncs.sources.raw_table import HEADER_SEARCH, RawTable, Recognise, find_header, tidy

_DELIMITERS = (",", ";", "\t", "|")
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",  # Excel's "Unicode text"
    codecs.BOM_UTF16_BE: "utf-16",
}
_WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_delimited(content: bytes, name: str, recognise: Recognise | None = None) -> RawTable:
    """Read a delimited text file: UTF-8 or Windows text, fields apart by comma, semicolon, tab or bar.

    Raises InputError for content that is no text, has no header row, or has rows wider than its header.
    """
    text = _decode(content, name)
    delimiter = _delimiter(text)
    top, ends = _top(text, delimiter, name)
    at = find_header(top, recognise)
    at = find_header(top) if at is None else at
    if at is None:
        raise InputError(
            f"{name}: no header row in its first {HEADER_SEARCH} rows; put a row with the names of the columns on top."
        )
    header = top[at]
    columns = _columns(text, delimiter, len(header), lines=ends[at], rows=at + 1, name=name)
    return tidy(columns, header, name, first_row=at + 2)


def _decode(content: bytes, name: str) -> str:
    if content.startswith(_WORKBOOK_STARTS):
        raise InputError(f"{name}: this is a workbook, not text; give the file the ending .xlsx or .xls.")
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    if b"\0" in content:
        raise InputError(f"{name}: the file is damaged or not text; export the transactions again.")
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _delimiter(text: str) -> str:
    announced = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)  # a first line Excel understands
    if announced:
        return announced[1]
    lines = text[:50_000].splitlines()[:HEADER_SEARCH]

    def fit(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        width, rows = widths.most_common(1)[0] if widths else (0, 0)
        return rows, width

    return max(_DELIMITERS, key=fit)


def _top(text: str, delimiter: str, name: str) -> tuple[list[list[str | None]], list[int]]:
    """The first rows, and how many lines of the file each has behind it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str | None]] = []
    ends: list[int] = []
    try:
        for row in reader:
            rows.append(list(row))
            ends.append(reader.line_num)
            if len(rows) > HEADER_SEARCH:
                break
    except csv.Error:
        raise _broken(name) from None
    return rows, ends


def _columns(text: str, delimiter: str, width: int, *, lines: int, rows: int, name: str) -> list["pd.Series[str]"]:
    """The cells below the header, ``lines`` lines and ``rows`` rows into the file."""
    body = io.StringIO(text, newline="")
    for _ in range(lines):
        body.readline()
    regular = regular_columns(text[body.tell() :], delimiter, width)
    return irregular_columns(body, delimiter, width, rows=rows, name=name) if regular is None else regular


def regular_columns(body: str, delimiter: str, width: int) -> "list[pd.Series[str]] | None":
    """The cells of rows that all have the width, without a Python object each; None where a row has not.

    None as well with quotation marks: Arrow takes one that is never closed for the end of the file.
    """
    if '"' in body:
        return None
    places = [str(place) for place in range(width)]
    try:
        table = pa_csv.read_csv(
            pa.py_buffer(body.encode()),
            read_options=pa_csv.ReadOptions(column_names=places),
            parse_options=pa_csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.large_string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid:
        return None
    return [pd.Series(column.combine_chunks(), dtype="str") for column in table.columns]


def irregular_columns(body: io.StringIO, delimiter: str, width: int, *, rows: int, name: str) -> "list[pd.Series[str]]":
    """The cells of rows that may be narrower; raises InputError for one that is wider."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                body,
                sep=delimiter,
                header=None,
                names=[*range(width + 1)],  # one to spare shows rows that are too wide
                index_col=False,
                dtype="str",
                keep_default_na=False,
                na_values=[""],
                skip_blank_lines=False,
            )
    except pd.errors.ParserWarning:
        raise _too_wide(name, rows + 1, width) from None
    except pd.errors.ParserError as problem:
        wide = re.search(r"in line (\d+), saw", str(problem))
        raise (_too_wide(name, rows + int(wide[1]), width) if wide else _broken(name)) from None
    spare = frame.iloc[:, width].notna().to_numpy()
    if spare.any():
        raise _too_wide(name, rows + 1 + int(spare.argmax()), width)
    return [frame.iloc[:, at] for at in range(width)]


def _too_wide(name: str, row: int, width: int) -> InputError:
    return InputError(
        f"{name}: row {row} has more cells than the header row has names ({width}); put text and amounts that hold the "
        "delimiter in quotation marks, or export with another delimiter."
    )


def _broken(name: str) -> InputError:
    return InputError(f"{name}: a quotation mark is opened and never closed; export the transactions again.")
