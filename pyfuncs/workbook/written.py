"""Fingerprints of the figures a refit wrote, sheet by sheet: the next refit learns where somebody typed over them.

Only what Python writes as values counts: slots without a formula, and the tables Customers and Tracking in whatever
order they were sorted since.  The fingerprints stand in the last column of the Log, where anybody can see them.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from pyfuncs.workbook.cell_runs import plain, plain_list, sliceable
from pyfuncs.workbook.cells import CellValue, Encoder
from pyfuncs.workbook.layout import SHEETS, SLOTS
from pyfuncs.workbook.parts import Grid, Lines, Spot, is_label, slot_formula, slot_rows, slot_shape, slots, tables
from pyfuncs.workbook.sheets import customers, log, validation
from pyfuncs.workbook.target import Target

COLUMN = "figures"
_TABLES = {customers.TABLE: customers.COLUMNS, validation.TABLE: validation.TRACKED}
_ENTRY = re.compile(r"([^,]+?) ([0-9a-f]{4})(?:, |$)")
_MIX = np.uint64(1_000_003)
_encoder = Encoder("")
Fingerprints = dict[str, str]


def of_run(values: Mapping[str, Any], filled: Mapping[str, Mapping[str, Any]], target: Target) -> Fingerprints:
    """Sheet -> fingerprint of what is about to be written: slot values, and table name -> its columns."""
    columns = {name: [given[header] for header in _headers(name)] for name, given in filled.items()}
    present = {name: slot_rows(SLOTS[name], value) for name, value in values.items() if name in target.defined_names}
    return _fingerprints(present, columns)


def of_workbook(target: Target) -> Fingerprints:
    """Sheet -> fingerprint of what stands in the workbook now."""
    return _fingerprints(*_present(target))


def in_words(fingerprints: Fingerprints) -> str:
    """One line for the Log."""
    return ", ".join(f"{sheet} {digits}" for sheet, digits in fingerprints.items())


def typed_over(target: Target) -> list[str]:
    """Sheets on which a figure was changed since the last refit, or typed before the first; none if nobody can tell."""
    last = _last_refit(target)
    if last == "":
        return []
    values, columns = _present(target)
    if last is None:
        blank = {name: [[None] * len(row) for row in cells] for name, cells in values.items()}
        expected = _fingerprints(blank, {table: [] for table in columns})
    else:
        expected = dict(_ENTRY.findall(last))
    now = _fingerprints(values, columns)
    return [sheet for sheet, digits in expected.items() if now.get(sheet) != digits]


def refits(target: Target) -> list[list[CellValue]]:
    """The rows of the Log that hold a refit, as they stand."""
    return [row for row in target.read_table(log.TABLE) if any(cell not in (None, "") for cell in row)]


def _last_refit(target: Target) -> str | None:
    """What the latest row of the Log has written down, "" where it has no such column; None before the first refit."""
    table, entries = target.table(log.TABLE), refits(target)
    if not entries:
        return None
    when = table.column("refit_at")  # the table may have been sorted since
    _, _, latest = max((str(row[when] or ""), place, row) for place, row in enumerate(entries))
    return str(latest[table.columns.index(COLUMN)] or "") if COLUMN in table.columns else ""


def _present(target: Target) -> tuple[dict[str, list[list[Any]]], dict[str, list[Any]]]:
    """The rows of every slot and the columns of every table as they stand."""
    values = {name: _rows(target.read_name(name)) for name in SLOTS if name in target.defined_names}
    return values, {name: _table_columns(target, name) for name in _TABLES}


def _headers(table: str) -> list[str]:
    return [column.header for column in _TABLES[table] if column.formula is None]


def _table_columns(target: Target, name: str) -> list[Any]:
    headers = _headers(name)
    columns = target.read_columns(name, headers)
    return [columns[header] for header in headers]


def _fingerprints(values: Mapping[str, list[list[Any]]], columns: Mapping[str, list[Any]]) -> Fingerprints:
    found = {}
    for sheet in SHEETS:
        texts = [
            text for slot in slots(sheet.parts) if slot.name in values for text in _constants(slot, values[slot.name])
        ]
        texts += [_of_columns(columns[part.name]) for part in tables(sheet.parts) if part.name in columns]
        if texts:
            found[sheet.name] = hashlib.sha256("\x1e".join(texts).encode()).hexdigest()[:4]
    return found


def _constants(slot: Spot | Lines | Grid, rows: list[list[Any]]) -> Iterator[str]:
    """The texts of the cells that hold values, not formulas or labels; a name may have been enlarged since."""
    height, width = slot_shape(slot)
    for number, row in enumerate(rows[:height], start=1):
        for place, cell in enumerate(row[:width]):
            if not is_label(slot, place) and slot_formula(slot, number, place) is None:
                yield _text(cell)


def _of_columns(columns: Sequence[Any]) -> str:
    """A sum over the rows, which does not depend on their order; empty rows do not count."""
    if not columns:
        return "0"
    row: Any = 0
    filled: Any = False
    for values in columns:
        cells = _hashes(sliceable(values, date1904=False))
        row, filled = row * _MIX + cells, filled | (cells != 0)
    return f"{int(pd.util.hash_array(row)[filled].sum(dtype=np.uint64)):x}"


def _hashes(values: Any) -> npt.NDArray[np.uint64]:
    """A hash of every cell as it compares: numbers as doubles, texts, and 0 for what is empty."""
    cells = plain(values) or plain([_comparable(cell) for cell in plain_list(values)])
    assert cells is not None
    found = np.zeros(len(values), dtype=np.uint64)
    if cells.numbers is not None:
        numbers = cells.numbers.astype(np.float64) + 0.0
        there = ~np.isnan(numbers)
        found[there] = pd.util.hash_array(numbers[there]) + np.uint64(1)  # the hash of the number 0 is 0
    if cells.texts is not None:
        there = pc.greater(pc.fill_null(pc.binary_length(cells.texts), 0), 0)
        texts = cells.texts.filter(there).to_numpy(zero_copy_only=False)
        found[there.to_numpy(zero_copy_only=False)] = pd.util.hash_array(texts, categorize=False)
    return found


def _comparable(cell: Any) -> float | str | None:
    """A cell as a number, text or nothing: dates as serial numbers, truth and error values as text."""
    value = _encoder.scalar("", cell)
    return value if value is None or type(value) is float else float(value) if type(value) is int else str(value)


def _text(cell: Any) -> str:
    """A cell of a slot as it compares: numbers by their shortest text, blanks as nothing."""
    value = _comparable(cell)
    return repr(value) if isinstance(value, float) else value or ""


def _rows(value: Any) -> list[list[Any]]:
    return value if isinstance(value, list) else [[value]]
