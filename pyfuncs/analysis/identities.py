"""Customer numbers from cells: text, never numbers, with the doubtful ones pointed out and none merged."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from pyfuncs.analysis.texts import Found, Mask, Texts, flags, letters_and_widths, spelled

_WHOLE = re.compile(r"\d+(?:\.0)?", re.ASCII)
_ROUNDED = r"^\d(?:[.,]\d+)?E\+\d\d$"


@dataclass(frozen=True, slots=True, eq=False)
class Customers:
    """A column of customers as read: whose each row is, and why where it is nobody's."""

    ids: Texts  # the distinct texts in whatever order, words for nobody and error values among them
    codes: npt.NDArray[np.intp]  # place in ids of each row's customer, -1 where there is none
    blank: Mask
    error: Mask
    statements: list[str]

    @property
    def values(self) -> "pd.Series[str]":
        """The id of each row as text, NA where there is none."""
        return spelled(self.ids, self.codes)


def read_customers(column: "pd.Series[Any]", first_row: int = 1) -> Customers:
    """Read a column of customer ids as text: ``007`` stays, the number 12346.0 becomes ``12346``.

    Ids that differ by case, blanks or leading zeros only stay apart and are reported.  NULL, NaN and the like count as
    blank.
    """
    found = Found.of(column, first_row)
    said = []
    pointed = np.flatnonzero(flags(pc.ends_with(found.texts, ".0")))
    if len(pointed) and all(map(_WHOLE.fullmatch, found.texts.filter(~(found.blank_words | found.errors)).to_pylist())):
        # A table with blanks turns whole numbers into decimals on its way through other tools.
        said.append(f'Customer ids: the ending ".0" of whole numbers is dropped, first {found.example(pointed)}.')
        found = found.by(pc.replace_substring_regex(found.texts, r"\.0$", ""))
    blank, error = found.blank_and_error()
    codes = np.where(blank | error, -1, found.codes) if found.blank_words.any() or found.errors.any() else found.codes
    said += _blank_words(found) + _doubtful(found)
    return Customers(found.texts, codes, blank, error, said)


def _blank_words(found: Found) -> list[str]:
    which = np.flatnonzero(found.blank_words)
    if not len(which):
        return []
    return [f"Customer ids that only say there is none: {found.count(which):,}, first {found.example(which)}; blank."]


def _doubtful(found: Found) -> list[str]:
    return _alike(found) + _rounded(found)


def _alike(found: Found) -> list[str]:
    if _one_spelling_each(found.texts):
        return []
    alike: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    for code in found.by_appearance:
        key = "".join(found.distinct[code].split()).casefold().lstrip("0")
        if key in alike:
            pairs.append((alike[key], code))
        else:
            alike[key] = code
    if not pairs:
        return []
    earlier, later = pairs[0]
    return [
        f"Customer ids that differ from an earlier one by case, blanks or leading zeros only: {len(pairs):,}, as "
        f"{found.example([earlier])} and {found.example([later])}; they are kept apart."
    ]


def _one_spelling_each(ids: Texts) -> bool:
    """Whether ids are plainly no spellings of each other: ASCII in one case, no blanks, zeros in front to one width."""
    letters, widths = letters_and_widths(ids)
    upper, lower = ((letters >= ord(first)) & (letters <= ord(last)) for first, last in ("AZ", "az"))
    odd = (letters <= ord(" ")) | (letters > ord("~"))
    padded = (flags(pc.starts_with(ids, "0")) & (widths > 1)).any() and (widths != widths[0]).any()
    return not (odd.any() or (upper.any() and lower.any()) or padded)


def _rounded(found: Found) -> list[str]:
    letters, _ = letters_and_widths(found.texts)
    if not (letters == ord("+")).any():
        return []
    which = np.flatnonzero(flags(pc.match_substring_regex(found.texts, _ROUNDED)))
    if not len(which):
        return []
    return [
        f"Customer ids that a spreadsheet has rounded: {len(which):,}, first {found.example(which)}; different "
        "customers may have become one. Export the ids as text."
    ]
