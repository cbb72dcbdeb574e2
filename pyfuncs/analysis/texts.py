"""Cells as text: one spelling for what a file, a sheet or a frame holds, with blanks and error cells told apart."""

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pyfuncs.errors import ERROR_TEXTS
from pyfuncs.models.compression import ranks_by_table, sorting_order

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]
Texts = Any  # an Arrow array of large_string: text without a Python object each

# How exports write "nothing here".  Compared without regard to case, on the whole cell only.
BLANK_WORDS = frozenset({"", "null", "nan", "none", "<na>", "na", "n/a", "nat", "nil", "(blank)", "-", "--"})
_BLANK_WORDS = pa.array(sorted(BLANK_WORDS), pa.large_string())
_ERROR_TEXTS = pa.array(sorted(ERROR_TEXTS), pa.large_string())
_LONGEST = 20  # letters of an id that may fit a whole number
_EXACT = 2.0**53  # below it every whole number has its own float


def cell_texts(column: "pd.Series[Any]") -> "pd.Series[str]":
    """Every cell as text without outer blanks, NA where there is none.

    Whole numbers lose a trailing ``.0``, other numbers take their shortest exact form, dates become ISO text, truth
    values TRUE or FALSE; text stays as written, so ``007`` keeps its zeros.
    """
    if isinstance(column.dtype, pd.StringDtype):
        text = column.reset_index(drop=True).astype("str").str.strip()
        return text.mask(text == "")
    codes, texts = _distinct(column)
    return spelled(texts, codes)


def spelled(texts: Texts, codes: Codes) -> "pd.Series[str]":
    """The text of each cell from the distinct ones and the cells' codes, NA at -1."""
    if len(codes) == len(texts) and (codes == np.arange(len(codes))).all():
        return pd.Series(texts, dtype="str")
    return pd.Series(texts.take(pa.array(codes, mask=codes < 0)), dtype="str")


def _distinct(column: "pd.Series[Any]") -> tuple[Codes, Texts]:
    """Code of each cell, -1 for a blank, and the distinct texts."""
    if only_numbers(column):
        return _distinct_numbers(column)
    if column.dtype.kind == "M":
        codes, distinct = _factorized(column)
        return codes, arrow_texts([_text(cell) for cell in distinct])
    if not isinstance(column.dtype, pd.StringDtype):
        column = pd.Series([_text(cell) for cell in column], dtype="str")
    codes, texts = _distinct_texts(arrow_texts(column))
    plain = pc.utf8_trim_whitespace(texts)
    if plain.equals(texts) and not pc.any(pc.equal(texts, "")).as_py():
        return codes, texts
    merged, texts = _distinct_texts(pc.if_else(pc.equal(plain, ""), None, plain))
    return np.append(merged, -1)[codes], texts


def _distinct_texts(texts: Texts) -> tuple[Codes, Texts]:
    numbers = None if texts.null_count else _ordered_numbers(texts)
    if numbers is None:
        codes, distinct = _factorized(pd.Series(texts, dtype="str"))
        return codes, arrow_texts(distinct)
    codes, places = _distinct_whole(numbers)
    return codes, texts.take(pa.array(places))


def text_order(texts: Texts) -> Codes:
    """Positions that sort distinct texts by their code points."""
    if flags(pc.less(texts[:-1], texts[1:])).all():
        return np.arange(len(texts))
    numbers = _ordered_numbers(texts)
    return np.asarray(pc.array_sort_indices(texts) if numbers is None else sorting_order(numbers), dtype=np.intp)


def _ordered_numbers(texts: Texts) -> npt.NDArray[np.integer[Any]] | None:
    """Whole numbers that are equal and in order where texts without NA are; None where the texts are too long for it.

    Each place in the text is a digit, with as many values as letters stand there: hashed and sorted several times as
    fast as text, and ids mostly differ in few places.
    """
    letters, widths = letters_and_widths(texts)
    longest = int(widths.max(initial=0))
    if longest > _LONGEST or not letters.all():
        return None
    if len(letters) < longest * len(widths):
        padded = np.zeros((len(widths), longest), np.uint8)
        padded[np.arange(longest) < widths[:, None]] = letters
    else:
        padded = letters.reshape(len(widths), longest)
    columns = np.ascontiguousarray(padded.T)
    least = columns.min(axis=1, initial=255)
    values = columns.max(axis=1, initial=0) - least.astype(np.int64) + 1
    size = math.prod(values.tolist())
    if size >= 1 << 63:
        return None
    numbers: npt.NDArray[np.integer[Any]] = np.zeros(len(widths), np.int32 if size < 1 << 31 else np.int64)
    for place in np.flatnonzero(values > 1):
        numbers *= numbers.dtype.type(values[place])
        numbers += columns[place] - least[place]
    return numbers


def letters_and_widths(texts: Texts) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """All bytes of some texts in a row, and how many each has."""
    _, offsets, letters = texts.buffers()
    bounds = np.frombuffer(offsets or b"", np.int64)[texts.offset : texts.offset + len(texts) + 1]
    if letters is None or not len(texts):
        return np.empty(0, np.uint8), np.zeros(len(texts), np.int64)
    return np.frombuffer(letters, np.uint8)[bounds[0] : bounds[-1]], np.diff(bounds)


def _distinct_numbers(column: "pd.Series[Any]") -> tuple[Codes, Texts]:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        whole = column.to_numpy()
        codes, places = _distinct_whole(whole)
        return codes, pa.array(whole[places]).cast(pa.large_string())
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.all(np.abs(numbers) < _EXACT):
        whole = numbers.astype(np.int64)
        if np.array_equal(whole, numbers):  # so whole numbers cost as much as integers
            return _distinct_numbers(pd.Series(whole))
    codes, distinct = _factorized(pd.Series(numbers))
    return codes, arrow_texts([number_text(one) for one in distinct.tolist()])


def _distinct_whole(numbers: npt.NDArray[np.integer[Any]]) -> tuple[Codes, Codes]:
    """Code of each whole number and a place of each distinct one: in order, by a table, where they lie close."""
    if len(numbers) and (size := int(numbers.max()) - int(numbers.min()) + 1) <= len(numbers):
        steps = np.subtract(numbers, numbers.min(), dtype=np.int64, casting="unsafe")  # they fit, also those of uint64
        places, codes = ranks_by_table(steps, size)
        return codes, places
    codes, distinct = pd.factorize(numbers)
    places = np.empty(len(distinct), dtype=np.intp)
    places[codes] = np.arange(len(codes))
    return codes, places


def _factorized(column: "pd.Series[Any]") -> tuple[Codes, Any]:
    codes, distinct = pd.factorize(column)
    return np.asarray(codes, dtype=np.intp), distinct


def arrow_texts(texts: Any) -> Texts:
    """Some texts, NA and None among them, as one Arrow array."""
    found = pa.array(texts, pa.large_string())
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def only_numbers(column: "pd.Series[Any]") -> bool:
    """Whether the filled cells of a column are all numbers already."""
    return column.dtype.kind in "iuf" or pd.api.types.infer_dtype(column, skipna=True) in (
        "integer",
        "floating",
        "mixed-integer-float",
    )


def _text(cell: Any) -> str | None:
    if isinstance(cell, str):
        return str(cell)
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, bool | np.bool_):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return None if math.isnan(cell) else number_text(float(cell))
    if isinstance(cell, np.datetime64):
        cell = pd.Timestamp(cell)
    if isinstance(cell, dt.datetime):
        return None if pd.isna(cell) else cell.isoformat(" ")
    return str(cell.item() if isinstance(cell, np.generic) else cell)


def number_text(number: float) -> str:
    """The shortest text that reads back as the same number; whole numbers carry no point."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e16 else repr(number)


@dataclass(frozen=True, eq=False)
class Found:
    """The distinct texts of a column and where they stand."""

    texts: Texts  # in whatever order
    codes: Codes  # of each cell, -1 for a blank
    first_row: int  # source row of the first cell

    @classmethod
    def of(cls, column: "pd.Series[Any]", first_row: int = 1) -> "Found":
        """Take the distinct texts of a column's cells."""
        codes, texts = _distinct(column)
        return cls(texts, codes, first_row)

    def by(self, part: Texts) -> "Found":
        """The same cells by a part of their text, given for each distinct text; an empty part is a text too."""
        codes, texts = _distinct_texts(part)
        return Found(texts, np.append(codes, -1)[self.codes], self.first_row)

    @cached_property
    def distinct(self) -> list[str]:
        """The distinct texts as Python holds them."""
        found: list[str] = self.texts.to_pylist()
        return found

    @cached_property
    def first(self) -> Codes:
        """The cell in which each text stands first."""
        seen = np.flatnonzero(self.codes >= 0)[::-1]
        first = np.full(len(self.texts), -1, dtype=np.intp)
        first[self.codes[seen]] = seen
        return first

    @cached_property
    def by_appearance(self) -> list[int]:
        """The texts' codes in the order of their first cells."""
        codes: list[int] = np.argsort(self.first).tolist()
        return codes

    @cached_property
    def counts(self) -> npt.NDArray[np.integer[Any]]:
        """Cells holding each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    @cached_property
    def blank_words(self) -> Mask:
        """Which texts only say that nothing is there, as NULL or NaN do."""
        letters, widths = letters_and_widths(self.texts)
        if widths.all() and not ((letters == ord("-")) | (letters | ord(" ") == ord("n"))).any():
            return np.zeros(len(widths), dtype=np.bool_)  # every blank word has a dash, an n or an N, or no letter
        return flags(pc.is_in(pc.utf8_lower(self.texts), value_set=_BLANK_WORDS))

    @cached_property
    def errors(self) -> Mask:
        """Which texts are error values of Excel."""
        marked = flags(pc.starts_with(self.texts, "#"))
        return flags(pc.is_in(pc.utf8_upper(self.texts), value_set=_ERROR_TEXTS)) if marked.any() else marked

    def blank_and_error(self) -> tuple[Mask, Mask]:
        """Which cells hold nothing, and which an error value."""
        return spread(self.blank_words, self.codes) | (self.codes < 0), spread(self.errors, self.codes)

    def example(self, which: Iterable[int]) -> str:
        """Name the first cell among some texts: row 12 ("25/03/2021")."""
        code = min(which, key=lambda one: self.first[one])
        return quoted(self.first_row + int(self.first[code]), self.texts[int(code)].as_py())

    def count(self, which: Iterable[int]) -> int:
        """Cells holding one of some texts."""
        return int(self.counts[list(which)].sum())


def quoted(row: int, text: str) -> str:
    """A cell named by its row, with its text cut to a readable length."""
    return f'row {row} ("{text if len(text) <= 40 else text[:37] + "..."}")'


def spread(flags: Mask, codes: Codes) -> Mask:
    """A verdict per distinct text, spread over the cells; blanks get False."""
    if not flags.any():
        return np.zeros(len(codes), dtype=np.bool_)
    return np.append(flags, False)[codes]


def flags(verdicts: Any) -> Mask:
    """Arrow's verdicts on some texts as NumPy takes them."""
    found: Mask = verdicts.to_numpy(zero_copy_only=False)
    return found


def plural(count: int, noun: str) -> str:
    """A count with its noun: 1 row, 2,318 rows."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
