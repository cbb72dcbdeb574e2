"""A worksheet part on its way into the file: kept rows and filled tables, a run of rows at a time."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pyarrow as pa

from pyfuncs.workbook.cell_runs import TEXT, join, row_numbers, utf8
from pyfuncs.workbook.cells import Area
from pyfuncs.workbook.sheet_xml import Filling, Row, Sheet, ends

_RUN = 8192  # rows written at a time
_CELL_SIZE = 90  # bytes of a long cell
_DIMENSION = re.compile(r"<dimension\s[^>]*?(?:/>|></dimension>)")


class SheetStream:
    """The part of a sheet as chunks of bytes; may be iterated more than once."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._fillings = sorted(sheet.fillings, key=lambda filling: filling.area.left)
        self._last_kept = max(sheet.rows, default=0)

    @property
    def expected_size(self) -> int:
        """About how many bytes there will be."""
        filled = sum((f.area.bottom - f.area.top + 1) * (f.area.right - f.area.left + 1) for f in self._fillings)
        return filled * _CELL_SIZE + sum(len(row.inner) for row in self._sheet.rows.values())

    def __iter__(self) -> Iterator[bytes | memoryview]:
        head = _DIMENSION.sub(f'<dimension ref="{self._dimension()}"/>', self._sheet.head, count=1)
        yield f"{head}<sheetData>".encode()
        for first, last in self._runs():
            fillings = [filling for filling in self._fillings if filling.area.top <= first <= filling.area.bottom]
            kept = [self._sheet.rows.get(row) for row in range(first, last + 1)] if first <= self._last_kept else []
            if len(fillings) == 1 and not any(row and row.inner for row in kept):
                yield _filled(fillings[0], first, last, kept)
            else:
                yield "".join(self._merged(fillings, first, last)).encode()
        yield f"</sheetData>{self._sheet.tail}".encode()

    def _runs(self) -> Iterator[tuple[int, int]]:
        """First and last row of each run; the same tables lie in all rows of a run."""
        edges = {1, self._last_kept + 1}
        for filling in self._fillings:
            edges |= {filling.area.top, filling.area.bottom + 1}
        for first, end in pairwise(sorted(edges)):
            for start in range(first, end, _RUN):
                yield start, min(start + _RUN, end) - 1

    def _merged(self, fillings: Sequence[Filling], first: int, last: int) -> Iterator[str]:
        """Rows in which cells of the file stand alone or beside those of tables, or tables beside each other."""
        rows = row_numbers(first, last)
        nothing = pa.repeat(pa.scalar("", TEXT), len(rows))
        filled = [(f.area.left, join([*f.pieces(rows, first), nothing]).to_pylist()) for f in fillings]
        for number in range(first, last + 1):
            row = self._sheet.rows.get(number)
            if row and not filled:
                inner = row.inner
            else:
                cells = [(left, texts[number - first]) for left, texts in filled]
                cells += [(cell.column, cell.at(number)) for cell in self._sheet.cells(number)]
                inner = "".join(text for _, text in sorted(cells))
            attributes = row.attributes if row else fillings[-1].row_attributes if fillings else ""
            if inner or attributes:
                yield f'<row r="{number}"{attributes}>{inner}</row>' if inner else f'<row r="{number}"{attributes}/>'

    def _dimension(self) -> Area:
        sides: list[tuple[int, int, int, int]] = [(*f.area,) for f in self._fillings]
        for number, row in self._sheet.rows.items():
            if row.inner:
                left, right = ends(row.inner)
                sides.append((number, left, number, right))
        if not sides:
            return Area(1, 1, 1, 1)
        tops, lefts, bottoms, rights = zip(*sides, strict=True)
        return Area(min(tops), min(lefts), max(bottoms), max(rights))


def _filled(filling: Filling, first: int, last: int, kept: Sequence[Row | None]) -> memoryview:
    """Rows that hold cells of one table and nothing else; `kept` is what the file has of them, or nothing of any."""
    rows = row_numbers(first, last)
    attributes = [row.attributes if row else filling.row_attributes for row in kept] or [filling.row_attributes]
    same = len(set(attributes)) == 1
    start = ['<row r="', rows, '"', attributes[0] if same else pa.array(attributes, TEXT), ">"]
    return utf8(join([*start, *filling.pieces(rows, first), "</row>"]))
