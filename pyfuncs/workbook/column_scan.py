"""Cells read by columns: the XML of many rows is searched as bytes, all of its cells at once.

What nearly all cells look like is read here: numbers, shared strings, texts without escapes, the last results of
formulas.  Any other cell goes through the reader of single cells, which decides what a cell means.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pyfuncs.workbook.cell_runs import TEXT, Texts
from pyfuncs.workbook.cells import CellValue

_ESCAPED = "&|_x|\r"  # in texts that are not what they look like
_NAME = len('<c r="')
_BEYOND = "\0" * 16  # so that looking a few bytes ahead of a tag stays in the buffer
_NUMBER, _SHARED, _RESULT, _INLINE = range(4)
_KINDS = {"n": _NUMBER, "s": _SHARED, "str": _RESULT, "inlineStr": _INLINE}
_POWERS = 10 ** np.arange(1, 8)
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Run(NamedTuple):
    """The cells of some rows by column: numbers (columns, rows), nan where none; texts or null; and the others.

    `others` is (column, row) -> value: truth values, errors, and whatever was read by itself.
    """

    numbers: npt.NDArray[np.float64]
    texts: list[Texts | None]
    others: dict[tuple[int, int], CellValue]

    @classmethod
    def empty(cls, columns: int, rows: int) -> "Run":
        """A run without cells."""
        return cls(np.full((columns, rows), np.nan), [None] * columns, {})


class Scan(NamedTuple):
    """Reads columns of rows, counted from `left`, where `wanted` says so.

    `strings` are the shared strings; `kind` tells the kind of a cell from its attributes, `value` reads a whole <c>.
    """

    left: int
    wanted: Flags
    strings: Texts
    kind: Callable[[str], str]
    value: Callable[[str], CellValue]

    def __call__(self, rows: Sequence[str], first: int) -> Run | None:
        """The cells of the rows `first`, `first` + 1, ...; None where tags and texts do not simply alternate."""
        tags = _Tags.of(rows)
        if tags is None:
            return None
        cells = self._cells(tags, first)
        usual, inline, start, end = _contents(tags, cells)
        kinds = self._kinds(tags, cells, usual)
        numbers, shared = (kinds == _NUMBER) & ~inline, (kinds == _SHARED) & ~inline
        texts = (kinds == _RESULT) & ~inline | (kinds == _INLINE) & inline
        run = Run.empty(len(self.wanted), len(rows))
        read = _put_numbers(run, cells.only(numbers), tags.slices(start[numbers], end[numbers]))
        numbers &= read
        found = tags.slices(start[texts], end[texts])
        plain = pc.invert(pc.match_substring_regex(found, _ESCAPED))
        texts[texts] = plain.to_numpy(zero_copy_only=False)
        _put_texts(run, cells.only(texts), found.filter(plain))
        indices = tags.slices(start[shared], end[shared]).cast(pa.int64())
        _put_texts(run, cells.only(shared), self.strings.take(indices))
        for at in np.flatnonzero(~(numbers | shared | texts | _blank(tags, cells))).tolist():
            value = self.value(tags.text[cells.start[at] : tags.closes[cells.last[at]] + 1].tobytes().decode())
            if value is not None:
                run.others[int(cells.column[at]), int(cells.row[at])] = value
        return run

    def _cells(self, tags: "_Tags", first: int) -> "_Cells":
        """The cells of the wanted columns."""
        tag = np.flatnonzero(tags.named("c "))
        start, last = tags.opens[tag], np.append(tag[1:], len(tags.opens))[: len(tag)] - 1
        column, letters = np.zeros(len(tag), np.int64), np.zeros(len(tag), np.int64)
        for place in range(3):
            letter = tags.text[start + _NAME + place].astype(np.int64) - 64
            more = (letter > 0) & (letters == place)
            column, letters = np.where(more, column * 26 + letter, column), letters + more
        column -= self.left
        inside = (column >= 0) & (column < len(self.wanted))
        inside[inside] = self.wanted[column[inside]]
        row = np.searchsorted(tags.rows, start, side="right") - 1
        digits = np.searchsorted(_POWERS, row + first, side="right") + 1
        return _Cells(start, tag, last, row, column, start + _NAME + letters + digits).only(inside)

    def _kinds(self, tags: "_Tags", cells: "_Cells", usual: Flags) -> npt.NDArray[np.int8]:
        """The place in _KINDS of each usual cell by its attributes, of which there are few different ones; else -1."""
        attributes = tags.slices(cells.named[usual] + 1, tags.closes[cells.tag[usual]]).dictionary_encode()
        known = [_KINDS.get(self.kind(each), -1) for each in attributes.dictionary.to_pylist()]
        kinds = np.full(len(usual), -1, dtype=np.int8)
        kinds[usual] = np.array(known, dtype=np.int8)[attributes.indices.to_numpy()]
        return kinds


class _Cells(NamedTuple):
    """Cells as the text has them: where they start, first and last tag, row, column, where their name ends."""

    start: Places
    tag: Places
    last: Places
    row: Places
    column: Places
    named: Places

    def only(self, which: Flags) -> "_Cells":
        return _Cells(*(places[which] for places in self))


class _Tags(NamedTuple):
    """Rows as bytes, where their tags open and close, and where each row begins."""

    data: Any
    text: npt.NDArray[np.uint8]
    opens: Places
    closes: Places
    rows: Places

    @classmethod
    def of(cls, rows: Sequence[str]) -> "_Tags | None":
        """The tags of rows; None where a > stands in a text."""
        _, offsets, data = pa.array([*rows, _BEYOND], TEXT).buffers()
        text = np.frombuffer(data, np.uint8)
        opens, closes = np.flatnonzero(text == ord("<")), np.flatnonzero(text == ord(">"))
        paired = len(opens) == len(closes) and (opens < closes).all() and (closes[:-1] < opens[1:]).all()
        return cls(data, text, opens, closes, np.frombuffer(offsets, np.int64)[: len(rows)]) if paired else None

    def named(self, start: str, tags: Places | None = None) -> Flags:
        """Which tags have a name that begins so; tags counted beyond the ends are the nearest there are."""
        opens = self.opens if tags is None else self.opens[np.clip(tags, 0, len(self.opens) - 1)]
        found: Flags = self.text[opens + 1] == ord(start[0])
        for place, letter in enumerate(start[1:], 2):
            found &= self.text[opens + place] == ord(letter)
        return found

    def slices(self, start: Places, end: Places) -> Texts:
        """Pieces of the text, each behind the one before."""
        bounds = np.empty(2 * len(start) + 1, dtype=np.int64)
        bounds[:-1:2], bounds[1::2], bounds[-1] = start, end, end[-1] if len(end) else 0
        pieces = pa.Array.from_buffers(TEXT, 2 * len(start), [None, pa.py_buffer(bounds), self.data])
        return pieces.take(pa.array(np.arange(0, 2 * len(start), 2)))


def _contents(tags: _Tags, cells: _Cells) -> tuple[Flags, Flags, Places, Places]:
    """Which cells hold just <v>, <f> and <v>, or <is><t>; which of them the latter; and the ends of their text."""
    tag, last = cells.tag, cells.last
    inside = last - tag
    shown = (inside == 3) | ((inside == 4) | (inside == 5)) & tags.named("f", tag + 1)
    shown &= tags.named("v>", last - 2) & tags.named("/v", last - 1)
    inline = (inside == 5) & tags.named("is>", tag + 1) & tags.named("t", tag + 2) & tags.named("/t", tag + 3)
    usual = (shown | inline) & tags.named("/c", last) & (tags.text[cells.named] == ord('"'))
    opening = np.clip(np.where(inline, tag + 2, last - 2), 0, None)
    return usual, inline, tags.closes[opening] + 1, tags.opens[np.minimum(opening + 1, len(tags.opens) - 1)]


def _blank(tags: _Tags, cells: _Cells) -> Flags:
    """Which cells are <c/> or <c></c>."""
    inside = cells.last - cells.tag
    closed = tags.text[tags.closes[cells.tag] - 1] == ord("/")
    return np.asarray((inside == 0) & closed | (inside == 1) & tags.named("/c", cells.last))


def _put_numbers(run: Run, cells: _Cells, texts: Texts) -> bool:
    """Take the texts of numbers into the run; False when Arrow cannot read one of them."""
    try:
        run.numbers[cells.column, cells.row] = texts.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return False
    return True


def _put_texts(run: Run, cells: _Cells, texts: Texts) -> None:
    for column in np.unique(cells.column).tolist():
        which = np.flatnonzero(cells.column == column)
        at = np.full(run.numbers.shape[1], -1)
        at[cells.row[which]] = which
        found = texts.take(pa.array(at, mask=at < 0))
        before = run.texts[column]
        run.texts[column] = found if before is None else pc.coalesce(found, before)


def whole(runs: Sequence[Run], column: int) -> Any:
    """One column of runs that follow each other: a float array, a Series of text, or an object array of cells."""
    numbers = np.concatenate([run.numbers[column] for run in runs])
    lengths = [run.numbers.shape[1] for run in runs]
    texts = pa.concat_arrays(
        [pa.nulls(length, TEXT) if (found := run.texts[column]) is None else found
         for run, length in zip(runs, lengths, strict=True)]
    )  # fmt: skip
    starts = np.cumsum([0, *lengths])
    others = {
        int(start) + row: value
        for start, run in zip(starts, runs, strict=False)
        for (place, row), value in run.others.items()
        if place == column
    }
    kinds = {*map(type, others.values())}
    there = ~np.isnan(numbers)
    if kinds <= {float} and texts.null_count == len(texts) and (there.any() or others):
        numbers[list(others)] = list(others.values())
        return numbers
    if not kinds and not there.any():
        return pd.Series(texts, dtype="str")
    cells = texts.to_numpy(zero_copy_only=False)
    cells[there] = numbers[there]
    cells[list(others)] = np.fromiter(others.values(), dtype=object, count=len(others))
    return pd.Series(cells, dtype=object if there.any() or kinds != {str} else "str")
