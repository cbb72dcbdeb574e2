"""Cells as text: one spelling for what a file, a sheet or a frame holds, with blanks and error cells told apart."""

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]

ERROR_TEXTS = frozenset({
    "#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!",
    "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA", "#EXTERNAL!", "#PYTHON!", "#ERROR", "#ERROR!",
})  # fmt: skip
# How exports write "nothing here".  Compared without regard to case, on the whole cell only.
BLANK_WORDS = frozenset({"", "null", "nan", "none", "<na>", "na", "n/a", "nat", "nil", "(blank)", "-", "--"})


def cell_texts(column: "pd.Series[Any]") -> "pd.Series[str]":
    """Every cell as text without outer blanks, NA where there is none.

    Whole numbers lose a trailing ``.0``, other numbers take their shortest exact form, dates become ISO text, truth
    values TRUE or FALSE; text stays as written, so ``007`` keeps its zeros.
    """
    if not isinstance(column.dtype, pd.StringDtype):
        column = _texts(column)
    text = column.reset_index(drop=True).astype("str").str.strip()
    return text.mask(text == "")


def _texts(column: "pd.Series[Any]") -> "pd.Series[str]":
    if column.dtype.kind in "iufM" or only_numbers(column):
        codes, distinct = pd.factorize(column if column.dtype.kind == "M" else column.astype("float64"))
        texts = np.array([*(_text(cell) for cell in distinct), None], dtype=object)[codes]
        return pd.Series(texts, dtype="str")
    return pd.Series([_text(cell) for cell in column], dtype="str")


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


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The distinct texts of a column and where they stand."""

    distinct: list[str]  # in order of first appearance
    codes: Codes  # of each cell, -1 for a blank
    rows: npt.NDArray[np.integer[Any]]  # source row of each cell
    first: Codes  # cell in which each text stands first
    counts: npt.NDArray[np.integer[Any]]  # cells holding each text

    @classmethod
    def of(cls, text: "pd.Series[str]", source_rows: npt.NDArray[np.integer[Any]] | None = None) -> "Found":
        """Take the distinct texts of a column; rows count from 1 when they are not given."""
        codes, distinct = pd.factorize(text)
        rows = np.arange(1, len(text) + 1) if source_rows is None else np.asarray(source_rows)
        return cls._placed([str(one) for one in distinct], np.asarray(codes, dtype=np.intp), rows)

    def by(self, part: list[str]) -> "Found":
        """The same cells by a part of their text, given for each distinct text; an empty part is a text too."""
        place = {one: number for number, one in enumerate(dict.fromkeys(part))}
        codes = np.array([*(place[one] for one in part), -1], dtype=np.intp)[self.codes]
        return self._placed(list(place), codes, self.rows)

    @classmethod
    def _placed(cls, distinct: list[str], codes: Codes, rows: npt.NDArray[np.integer[Any]]) -> "Found":
        seen = np.flatnonzero(codes >= 0)[::-1]
        first = np.full(len(distinct), -1, dtype=np.intp)
        first[codes[seen]] = seen
        return cls(distinct, codes, rows, first, np.bincount(codes[seen], minlength=len(distinct)))

    def example(self, which: Iterable[int]) -> str:
        """Name the first cell among some texts: row 12 ("25/03/2021")."""
        code = min(which, key=lambda one: self.first[one])
        text = self.distinct[code]
        return f'row {self.rows[self.first[code]]} ("{text if len(text) <= 40 else text[:37] + "..."}")'

    def count(self, which: Iterable[int]) -> int:
        """Cells holding one of some texts."""
        return int(self.counts[list(which)].sum())


def spread(flags: "list[bool] | Mask", codes: Codes) -> Mask:
    """A verdict per distinct text, spread over the cells; blanks get False."""
    return np.append(np.asarray(flags, dtype=np.bool_), False)[codes]


def is_error(text: str) -> bool:
    """Whether a text is one of Excel's error values."""
    return text.startswith("#") and text.upper() in ERROR_TEXTS


def is_blank_word(text: str) -> bool:
    """Whether a text only says that nothing is there, as NULL or NaN do."""
    return len(text) <= 7 and text.casefold() in BLANK_WORDS


def plural(count: int, noun: str) -> str:
    """A count with its noun: 1 row, 2,318 rows."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
