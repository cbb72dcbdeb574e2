"""A table as its source holds it, and the search for its header row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pyfuncs.errors import InputError
from pyfuncs.lazy import pandas as pd

HEADER_SEARCH = 20  # rows from the top in which a header row is looked for

Recognise = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """Cells, their name, and the number their source gives the first row.

    A column is text (pandas ``str``, NA for blanks); where a workbook holds nothing but numbers or nothing but dates in
    it, it is float64 or datetime64 (NaN and NaT for blanks).
    """

    frame: pd.DataFrame
    name: str
    first_row: int


def find_header(top: Sequence[Sequence[str | None]], recognise: Recognise | None = None) -> int | None:
    """Position of the header row among the top rows of a sheet or file; None when none looks like one.

    With ``recognise`` only a row it accepts counts.  Without it: the first row with at least two filled cells, none of
    them a number or a date, and a row as wide as two cells below it.
    """
    for position, row in enumerate(top[:HEADER_SEARCH]):
        filled = _filled(row)
        if len(filled) < 2:
            continue
        if recognise is not None:
            if recognise(filled):
                return position
        elif not any(_is_value(cell) for cell in filled) and _continues(top, position):
            return position
    return None


def unique_headers(cells: Sequence[str | None]) -> list[str]:
    """Headers that differ from each other: repeated and missing ones are told apart by their column number."""
    plain = [(cell or "").strip() for cell in cells]
    return [
        header if header and plain.count(header) == 1 else f"{header} (column {number})".lstrip()
        for number, header in enumerate(plain, start=1)
    ]


def tidy(columns: Sequence[pd.Series[Any]], header: Sequence[str | None], name: str, first_row: int) -> RawTable:
    """The table without blank rows at its end and without blank columns that have no header."""
    frame = pd.concat(columns, axis="columns", ignore_index=True) if columns else pd.DataFrame()
    filled = frame.notna().to_numpy()
    kept = [at for at in range(len(columns)) if (header[at] or "").strip() or filled[:, at].any()]
    if not kept:
        raise InputError(f"{name}: there is nothing in it; choose a file or sheet with transactions.")
    rows = np.flatnonzero(filled.any(axis=1))
    frame = frame.iloc[: int(rows[-1]) + 1 if len(rows) else 0, kept]
    names = unique_headers(header)
    frame = frame.set_axis([names[at] for at in kept], axis="columns")
    return RawTable(frame, name, first_row)


def _filled(row: Sequence[str | None]) -> list[str]:
    return [cell.strip() for cell in row if cell is not None and cell.strip()]


def _is_value(cell: str) -> bool:
    """Whether a cell is a number or a date rather than a heading: most of its characters are digits."""
    digits = sum(letter.isdigit() for letter in cell)
    return 2 * digits >= len(cell.replace(" ", ""))


def _continues(top: Sequence[Sequence[str | None]], position: int) -> bool:
    return position + 1 == len(top) or len(_filled(top[position + 1])) >= 2
