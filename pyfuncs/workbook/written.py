"""Fingerprints of the figures a refit wrote, sheet by sheet: the next refit learns where somebody typed over them.

Only what Python writes as values counts: slots without a formula, and the tables Customers and Tracking in whatever
order they were sorted since.  The fingerprints stand in the last column of the Log, where anybody can see them.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pyfuncs.workbook.cells import Calculated, CellValue, Encoder
from pyfuncs.workbook.layout import SHEETS, SLOTS
from pyfuncs.workbook.parts import Grid, Lines, Spot, is_label, slot_formula, slot_rows, slot_shape, slots, tables
from pyfuncs.workbook.sheets import customers, log, validation
from pyfuncs.workbook.table_columns import plain_list
from pyfuncs.workbook.target import Target

COLUMN = "figures"
_TABLES = {customers.TABLE: customers.COLUMNS, validation.TABLE: validation.TRACKED}
_ENTRY = re.compile(r"([^,]+?) ([0-9a-f]{4})(?:, |$)")
_encoder = Encoder("")
Fingerprints = dict[str, str]


def of_run(values: Mapping[str, Any], filled: Mapping[str, Mapping[str, Any]], target: Target) -> Fingerprints:
    """Sheet -> fingerprint of what is about to be written: slot values, and table name -> its columns."""
    rows = {
        name: list(zip(*(plain_list(columns[header]) for header in _headers(name)), strict=True))
        for name, columns in filled.items()
        if name in _TABLES
    }
    present = {name: slot_rows(SLOTS[name], value) for name, value in values.items() if name in target.defined_names}
    return _fingerprints(present, rows)


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
    values, rows = _present(target)
    if last is None:
        blank = {name: [[None] * len(row) for row in cells] for name, cells in values.items()}
        expected = _fingerprints(blank, {table: [] for table in rows})
    else:
        expected = dict(_ENTRY.findall(last))
    now = _fingerprints(values, rows)
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


def _present(target: Target) -> tuple[dict[str, list[list[Any]]], dict[str, list[tuple[Any, ...]]]]:
    """The rows of every slot and table as they stand."""
    values = {name: _rows(target.read_name(name)) for name in SLOTS if name in target.defined_names}
    return values, {name: _table_rows(target, name) for name in _TABLES}


def _headers(table: str) -> list[str]:
    return [column.header for column in _TABLES[table] if column.formula is None]


def _table_rows(target: Target, name: str) -> list[tuple[Any, ...]]:
    table = target.table(name)
    places = [table.column(header) for header in _headers(name)]
    return [tuple(row[place] for place in places) for row in target.read_table(name)]


def _fingerprints(values: Mapping[str, list[list[Any]]], rows: Mapping[str, Iterable[tuple[Any, ...]]]) -> Fingerprints:
    found = {}
    for sheet in SHEETS:
        texts = [
            text for slot in slots(sheet.parts) if slot.name in values for text in _constants(slot, values[slot.name])
        ]
        texts += [_of_rows(rows[part.name]) for part in tables(sheet.parts) if part.name in rows]
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


def _of_rows(rows: Iterable[tuple[Any, ...]]) -> str:
    """A sum over the rows, which does not depend on their order; empty rows do not count."""
    total = 0
    for row in rows:
        text = "\x1f".join(map(_text, row))
        if text.strip("\x1f"):
            total += int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
    return f"{total % 2**64:x}"


def _text(cell: Any) -> str:
    """A cell as it compares: dates as serial numbers, numbers as their shortest text, blanks as nothing."""
    if isinstance(cell, Calculated):
        raise TypeError("a calculated column is no constant")
    plain = _encoder.scalar("", cell)
    if plain is None or isinstance(plain, str):
        return plain or ""
    return str(plain) if isinstance(plain, bool) else repr(float(plain))


def _rows(value: Any) -> list[list[Any]]:
    return value if isinstance(value, list) else [[value]]
