"""Whole columns of a sheet, read and written at once; cells that are not plain go through `Sheet` one by one."""

from collections.abc import Container
from typing import Any

import numpy as np
import pyarrow as pa

from pyfuncs.workbook.cell_runs import TEXT, constants, join, plain_list, row_numbers, sliceable
from pyfuncs.workbook.cells import Area, column_letters
from pyfuncs.workbook.column_scan import Flags, Run, Scan, whole
from pyfuncs.workbook.sheet_xml import SPANS, Row, Sheet, ends, kind_of, style_of

RUN = 4096
"""Rows read or written at a time."""


def read_columns(sheet: Sheet, area: Area, wanted: Container[int]) -> list[Any]:
    """The values of an area column by column, as `column_scan.whole` has them; of columns not wanted nothing."""
    sheet.refuse_filled(area)
    which = np.array([column in wanted for column in range(area.left, area.right + 1)])
    scan = Scan(area.left, which, sheet.shared_texts, kind_of, sheet.value_of)
    runs = []
    for first in range(area.top, area.bottom + 1, RUN):
        last = min(first + RUN - 1, area.bottom)
        found = scan([row.inner if row else "" for row in map(sheet.rows.get, range(first, last + 1))], first)
        runs.append(found or _cell_by_cell(sheet, area._replace(top=first, bottom=last), which))
    return [whole(runs, column) for column in range(len(which))]


def _cell_by_cell(sheet: Sheet, area: Area, wanted: Flags) -> Run:
    run = Run.empty(len(wanted), area.bottom - area.top + 1)
    for number, row in enumerate(sheet.values(area)):
        run.others.update({(i, number): cell for i, cell in enumerate(row) if wanted[i] and cell is not None})
    return run


def write_column(sheet: Sheet, first: int, column: int, values: Any) -> None:
    """Write cells of one column from row `first` on, whatever stood there; each keeps its style."""
    cells = sliceable(values, sheet.encoder.date1904)
    for start in range(0, len(cells), RUN):
        _write_run(sheet, first + start, column, cells[start : start + RUN])


def _write_run(sheet: Sheet, first: int, column: int, values: Any) -> None:
    letters, rows = column_letters(column), row_numbers(first, first + len(values) - 1)
    nothing = pa.repeat(pa.scalar("", TEXT), len(values))
    spelt: dict[str, list[str]] = {}  # by style
    texts: list[str] = []
    for place, number in enumerate(range(first, first + len(values))):
        row = sheet.rows.get(number, Row("", ""))
        if texts and texts[place] and row.inner.endswith(texts[place]):
            continue  # most cells say what they said, in the style of the one above
        found = _spot(row.inner, f'<c r="{letters}{number}"', column)
        if found is None:
            sheet.write(number, {column: plain_list(values[place : place + 1])[0]})
            continue
        at, end, style = found
        if style not in spelt:
            spelt[style] = join([*constants(sheet.encoder, letters, style, rows, values), nothing]).to_pylist()
        texts = spelt[style]
        inner = row.inner[:at] + texts[place] + row.inner[end:]
        if inner != row.inner:
            sheet.rows[number] = Row(SPANS.sub("", row.attributes) if at == end else row.attributes, inner)


def _spot(cells: str, start: str, column: int) -> tuple[int, int, str] | None:
    """Where a row's cell in a column begins and ends, and its style; None for a missing cell before others."""
    at = cells.find(start)
    if at >= 0:
        following = cells.find("<c r=", at + 1)
        style = style_of(cells[at + len(start) : cells.index(">", at)])
        return at, following if following >= 0 else len(cells), style
    return (len(cells), len(cells), "") if not cells or ends(cells)[1] < column else None
