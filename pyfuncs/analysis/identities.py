"""Customer numbers from cells: text, never numbers, with the doubtful ones pointed out and none merged."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pyfuncs.analysis.texts import Found, Mask, cell_texts, is_blank_word, is_error, spread

_WHOLE = re.compile(r"\d+(?:\.0)?", re.ASCII)
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d\d", re.ASCII)


@dataclass(frozen=True, slots=True, eq=False)
class Customers:
    """A column of customers as read: ids as text with NA where there is none, and why."""

    values: "pd.Series[str]"
    codes: npt.NDArray[np.intp]  # one whole number per customer, -1 where there is none
    blank: Mask
    error: Mask
    statements: list[str]


def read_customers(column: "pd.Series[Any]", source_rows: npt.NDArray[np.integer[Any]] | None = None) -> Customers:
    """Read a column of customer ids as text: ``007`` stays, the number 12346.0 becomes ``12346``.

    Ids that differ by case, blanks or leading zeros only stay apart and are reported.  NULL, NaN and the like count as
    blank.
    """
    text = cell_texts(column)
    found = Found.of(text, source_rows)
    said = []
    if any(one.endswith(".0") for one in found.distinct) and all(
        _WHOLE.fullmatch(one) or is_blank_word(one) or is_error(one) for one in found.distinct
    ):
        # A table with blanks turns whole numbers into decimals on its way through other tools.
        pointed = [code for code, one in enumerate(found.distinct) if one.endswith(".0")]
        said.append(f'Customer ids: the ending ".0" of whole numbers is dropped, first {found.example(pointed)}.')
        text = text.str.removesuffix(".0")
        found = Found.of(text, source_rows)
    word = [is_blank_word(one) for one in found.distinct]
    blank = spread(word, found.codes) | (found.codes < 0)
    error = spread([is_error(one) for one in found.distinct], found.codes)
    codes = np.where(blank | error, -1, found.codes)
    said += _blank_words(found, word) + _doubtful(found)
    return Customers(text.mask(codes < 0), codes, blank, error, said)


def _blank_words(found: Found, word: list[bool]) -> list[str]:
    which = [code for code, flag in enumerate(word) if flag]
    if not which:
        return []
    return [f"Customer ids that only say there is none: {found.count(which):,}, first {found.example(which)}; blank."]


def _doubtful(found: Found) -> list[str]:
    said = []
    alike: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    for code, one in enumerate(found.distinct):
        key = "".join(one.split()).casefold().lstrip("0")
        if key in alike:
            pairs.append((alike[key], code))
        else:
            alike[key] = code
    if pairs:
        earlier, later = pairs[0]
        said.append(
            f"Customer ids that differ from an earlier one by case, blanks or leading zeros only: {len(pairs):,}, as "
            f"{found.example([earlier])} and {found.example([later])}; they are kept apart."
        )
    rounded = [code for code, one in enumerate(found.distinct) if _ROUNDED.fullmatch(one)]
    if rounded:
        said.append(
            f"Customer ids that a spreadsheet has rounded: {len(rounded):,}, first {found.example(rounded)}; different "
            "customers may have become one. Export the ids as text."
        )
    return said
