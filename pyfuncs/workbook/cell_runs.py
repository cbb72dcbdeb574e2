"""Runs of cells of one column: taken apart into numbers and texts, and written as XML without a Python object a cell.

Arrow joins the texts of all rows at once; what needs a closer look goes through `Encoder` cell by cell.  Both spell a
cell the same way, save for numbers (Arrow writes 5 and 1e-7 for 5.0 and 1e-07), which read back as the same double.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pyfuncs.workbook.cells import LONGEST_TEXT, Encoder, serials, text_element

TEXT = pa.large_string()  # 64-bit offsets: a run of long texts outgrows 32
Texts: TypeAlias = Any  # an Arrow array of TEXT
Piece: TypeAlias = str | Texts  # a part of the XML of a row: the same in every row, or one text a row

# All texts that `text_element` may write other than as they are, and some that it does not; here \s is ASCII only.
_AWKWARD = r"^[\s\p{Z}\x{85}]|[\s\p{Z}\x{85}]$|[&<>\x00-\x1f\x{fffe}\x{ffff}]|_x[0-9A-Fa-f]{4}_"


class Plain(NamedTuple):
    """Cells that are numbers, texts or empty: a float or integer array, nan where there is none; texts or null."""

    numbers: npt.NDArray[Any] | None
    texts: Texts | None


def sliceable(values: Any, date1904: bool) -> Any:
    """A column as an array or list: text as Arrow holds it, dates as serial numbers."""
    if isinstance(values, pd.Series) and isinstance(values.dtype, pd.StringDtype):
        texts = pa.array(values, TEXT)
        return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    if isinstance(values, pd.Series) and isinstance(values.dtype, pd.CategoricalDtype):
        return pa.array(values).cast(TEXT)
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return serials(values, date1904)
    return values if hasattr(values, "__getitem__") else list(values)


def plain_list(values: Any) -> list[Any]:
    """The values as Python objects."""
    return values.tolist() if hasattr(values, "tolist") else list(values)


def plain(values: Any) -> Plain | None:
    """Take sliceable cells apart; None when some need a closer look: other types, infinities, long texts."""
    numbers = texts = None
    if isinstance(values, pa.Array):
        texts = values
    elif isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        numbers = values
    else:
        cells = plain_list(values)
        kinds = set(map(type, cells))
        if not kinds <= {float, str, type(None)}:
            return None
        if float in kinds:
            numbers = np.array([cell if type(cell) is float else np.nan for cell in cells])
        if str in kinds:
            try:
                texts = pa.array([cell if type(cell) is str else None for cell in cells], TEXT)
            except UnicodeEncodeError:  # half a character
                return None
    if numbers is not None and np.isinf(numbers).any():
        return None
    longest = None if texts is None else pc.max(pc.binary_length(texts)).as_py()
    if longest is not None and longest > LONGEST_TEXT:
        return None
    return Plain(None if numbers is None or np.isnan(numbers).all() else numbers, texts if longest else None)


# --- into XML --------------------------------------------------------------------------------------------------------


def row_numbers(first: int, last: int) -> Texts:
    """The numbers of rows first..last as text."""
    return pa.array(np.arange(first, last + 1)).cast(TEXT)


def join(pieces: Iterable[Piece]) -> Texts:
    """The text of each row, null where a piece is; one piece at least must be an array."""
    parts: list[Piece] = []
    for piece in pieces:  # constants beside each other as one
        if isinstance(piece, str) and parts and isinstance(parts[-1], str):
            parts[-1] += piece
        else:
            parts.append(piece)
    return pc.binary_join_element_wise(*map(_scalar, parts), _scalar(""))


def utf8(texts: Texts) -> memoryview:
    """The bytes of all texts, one after the other; there must be no null."""
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int64)[texts.offset :]
    return memoryview(data)[places[0] : places[len(texts)]]


def per_cell(cells: Iterable[str]) -> list[Piece]:
    """Cells written one by one, as a piece."""
    return [pa.array(cells, TEXT)]


def constants(encoder: Encoder, letters: str, style: str, rows: Texts, values: Any) -> list[Piece]:
    """The <c> elements of a run of constants in the given rows."""
    found = plain(values)
    if found is None:
        cells = zip(rows.to_pylist(), plain_list(values), strict=True)
        return per_cell(encoder.cell(f"{letters}{row}", style, value) for row, value in cells)
    start = [f'<c r="{letters}', rows, f'"{style}']
    kinds: list[list[Piece]] = []
    if found.numbers is not None:
        kinds.append([*start, "><v>", _number_texts(found.numbers), "</v></c>"])
    if found.texts is not None:
        kinds.append([*start, ' t="inlineStr"><is>', *_text_elements(found.texts), "</is></c>"])
    return _first(kinds, [*start, "/>"] if style else [""])


def formulas(letters: str, style: str, rows: Texts, element: Sequence[Piece], found: Plain) -> list[Piece]:
    """The <c> elements of a run of formulas, `element` being the <f> of each, with present values that are numbers."""
    start = [f'<c r="{letters}', rows, f'"{style}>', *element]
    kinds = [] if found.numbers is None else [[*start, "<v>", _number_texts(found.numbers), "</v></c>"]]
    return _first(kinds, [*start, "</c>"])


def _first(kinds: list[list[Piece]], empty: list[Piece]) -> list[Piece]:
    """Each cell as the first of its kinds that has it, and empty cells for the rest."""
    for pieces in kinds:
        if all(isinstance(piece, str) or not piece.null_count for piece in pieces):
            return pieces
    if not kinds:
        return empty
    rest = empty[0] if len(empty) == 1 else join(empty)
    return [pc.coalesce(*map(join, kinds), _scalar(rest))]


def _number_texts(numbers: npt.NDArray[Any]) -> Texts:
    """The shortest texts that read back as the same numbers, null for nan; -0 is 0, as everywhere in Excel."""
    if numbers.dtype.kind == "f":
        numbers = numbers.astype(np.float64) + 0.0
    return pa.array(numbers, from_pandas=True).cast(TEXT)


def _text_elements(texts: Texts) -> list[Piece]:
    """The <t> elements of texts; null for null and ''."""
    if pc.min(pc.binary_length(texts)).as_py() == 0:  # an empty text is an empty cell
        texts = pc.replace_with_mask(texts, pc.equal(texts, _scalar("")), pa.scalar(None, TEXT))
    awkward = pc.match_substring_regex(texts, _AWKWARD)
    if not pc.any(awkward).as_py():
        return ["<t>", texts, "</t>"]
    found = texts.filter(awkward).dictionary_encode()
    elements = pa.array([text_element(text) for text in found.dictionary.to_pylist()], TEXT).take(found.indices)
    return [pc.replace_with_mask(join(["<t>", texts, "</t>"]), pc.fill_null(awkward, False), elements)]


def _scalar(piece: Piece) -> Any:
    return pa.scalar(piece, TEXT) if isinstance(piece, str) else piece
