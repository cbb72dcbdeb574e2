"""The Repair links button: formulas that look for Focal on another computer call this computer's Focal again.

Excel keeps the path of an add-in with the workbook.  Where Focal.xlam lies elsewhere, =CLV_SCORE(A1:B2) becomes
='C:\\Users\\x\\...\\XLSTART\\Focal.xlam'!CLV_SCORE(A1:B2); a file that met no Focal at all may hold _xludf.CLV_SCORE.
"""

import re
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from pyfuncs.errors import InputError
from pyfuncs.functions import CATALOGUE
from pyfuncs.hosts.excel import grids
from pyfuncs.hosts.excel.conversation import Ask, Conversation, Input, Progress
from pyfuncs.hosts.excel.session import active_workbook, undisturbed
from pyfuncs.workbook.cells import Area, column_letters, parse_area
from pyfuncs.workbook.values_only import ADD_IN

BLOCK: Final = 50_000
"""Cells whose formulas are read in one piece."""
SHOWN: Final = 5
"""Cells named in a sentence."""

_NOTHING: Final = "No formula in this workbook looks for Focal on another computer: nothing to repair."
_NAMES: Final = {name.casefold(): name for name in CATALOGUE}
_TOKEN: Final = re.compile(
    r'"(?:[^"]|"")*"'  # text
    # a call: of another workbook (quoted, by number, or plain), under a prefix of the file format, or both
    r"|(?:(?P<book>'(?:[^']|'')+'|(?<![\w\].])\[[^\[\]]+\]|(?<![\w.\]])[^\W\d][\w.]*)!|(?<![\w.!]))"
    r"(?P<prefix>(?:_xl(?:fn|udf|ws|l)\.)*)(?P<name>[^\W\d]\w*)(?=\()"
    r"|\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]"  # structured reference
    r"|'(?:[^']|'')*'",  # sheet
    re.IGNORECASE,
)


def repaired(formula: str) -> str:
    """A formula with Focal's functions called by their bare names; everything else in it stays."""
    return _TOKEN.sub(_bare, formula)


def _bare(found: re.Match[str]) -> str:
    book, prefix, name = found.group("book", "prefix", "name")
    known = _NAMES.get((name or "").casefold())
    if known is None or not (prefix if book is None else _is_focal(book)):
        return found.group()
    return known


def _is_focal(book: str) -> bool:
    """Whether a call's workbook is the add-in: by its file name, or by a number, which only files show."""
    text = book[1:-1].replace("''", "'") if book.startswith("'") else book
    file = re.split(r"[\\/]", text)[-1].removeprefix("[").removesuffix("]")
    return (book.startswith("[") and file.isdigit()) or bool(ADD_IN.fullmatch(file))


# --- the open workbook -----------------------------------------------------------------------------------------------

Changes = dict[tuple[int, int], str]  # (column, row) -> new formula


@dataclass
class _Outcome:
    """What was repaired, and what could not be."""

    done: dict[str, int] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def repair(app: Any) -> Conversation:
    """Repair the formulas and names of the active workbook."""
    if sys.platform == "darwin":
        raise InputError("Focal's functions work in Excel for Windows only, so there are no links to repair on a Mac.")
    book = active_workbook(app)
    dynamic = _knows_spills(book)
    found: list[tuple[Any, Changes]] = []
    count = len(book.sheets)
    for place, sheet in enumerate(book.sheets, 1):
        changes = yield from _look_over(sheet, f"Looking for links on {sheet.name} ({place} of {count})")
        if changes:
            found.append((sheet, changes))
    names = [(name, new) for name in book.names if (new := repaired(old := name.refers_to)) != old]
    if not found and not names:
        return _NOTHING
    outcome, alerts = _Outcome(), app.display_alerts
    with undisturbed(book):
        try:
            app.display_alerts = False  # or Excel asks for the file when it cannot find a workbook that stays linked
            for sheet, changes in found:
                yield Progress(f"Repairing the formulas on {sheet.name}")
                if sheet.api.ProtectContents:
                    outcome.locked.append(sheet.name)
                elif written := _Sheet(sheet, dynamic, outcome.refused).rewrite(changes):
                    outcome.done[sheet.name] = written
            for name, new in names:
                _repair_name(name, new, outcome)
        finally:
            app.display_alerts = alerts
    return _closing(outcome)


def _knows_spills(book: Any) -> bool:
    """Whether this Excel has dynamic arrays (2021 or Microsoft 365)."""
    try:
        _ = book.sheets[0].range("A1").formula2
    except Exception:  # an unknown member, which COM and each engine report in a way of their own
        return False
    return True


def _look_over(sheet: Any, message: str) -> Generator[Progress | Ask | Input, str, Changes]:
    """The formulas of a sheet that need repair; empties, numbers and texts are passed over."""
    used, changes = sheet.used_range, Changes()
    (height, width), top, left = used.shape, used.row, used.column
    step = max(1, BLOCK // width)
    for start in range(0, height, step):
        yield Progress(message)
        stop = min(start + step, height)
        cells = sheet.range((top + start, left), (top + stop - 1, left + width - 1))
        for i, row in enumerate(grids.formulas(cells, arrays=True)):
            for j, formula in enumerate(row):
                if formula.startswith("=") and (new := repaired(formula)) != formula:
                    changes[left + j, top + start + i] = new
    return changes


def runs(changes: Changes) -> Iterator[Area]:
    """The cells that change, as pieces of columns, so that a column of formulas goes over in one piece."""
    places = sorted(changes)
    ends = [i for i, (a, b) in enumerate(pairwise(places), 1) if b != (a[0], a[1] + 1)]
    for start, stop in pairwise([0, *ends, len(places)]):
        (column, top), (_, bottom) = places[start], places[stop - 1]
        yield Area(top, column, bottom, column)


class _Sheet:
    """A sheet whose formulas are being rewritten."""

    def __init__(self, sheet: Any, dynamic: bool, refused: list[str]) -> None:
        self._sheet, self._dynamic, self._refused = sheet, dynamic, refused
        self._arrays: list[Area] = []  # their other cells repeat the formula of the first

    def rewrite(self, changes: Changes) -> int:
        """Write the changed formulas; how many there were."""
        written = 0
        for run in runs(changes):
            column, rows = run.left, range(run.top, run.bottom + 1)
            if len(rows) > 1 and self._in_one_piece(run, [[changes[column, row]] for row in rows]):
                written += len(rows)
                continue
            for row in rows:
                if not any(area.overlaps(Area(row, column, row, column)) for area in self._arrays):
                    written += self._rewrite_cell(row, column, changes[column, row])
        return written

    def _in_one_piece(self, run: Area, formulas: list[list[str]]) -> bool:
        """Write a run of formulas that belong to no array; Excel answers None where some cells do and some do not."""
        cells = self._sheet.range((run.top, run.left), (run.bottom, run.right))
        api = cells.api
        if not (api.HasFormula is True and api.HasArray is False):
            return False
        if self._dynamic and api.HasSpill is not False:
            return False
        try:
            self._write(cells, formulas)
        except Exception:  # of COM; one formula is at fault, so they are written one by one
            return False
        return True

    def _rewrite_cell(self, row: int, column: int, new: str) -> bool:
        """Rewrite one cell, or the whole array that begins in it; text that looks like a formula stays text."""
        cell = self._sheet.range((row, column))
        api = cell.api
        if not api.HasFormula:
            return False
        spills = self._dynamic and bool(api.HasSpill)
        array = None if spills or not api.HasArray else api.CurrentArray.Address
        area = parse_area(api.SpillParent.SpillingToRange.Address if spills else array or cell.address)
        assert area is not None
        if spills or array:
            self._arrays.append(area)
        try:
            if array:
                self._sheet.range(array).formula_array = new
            else:
                self._write(self._sheet.range((area.top, area.left)), new)
        except Exception:  # of COM, which has no class of its own
            self._refused.append(f"{self._sheet.name}!{column_letters(column)}{row}")
            return False
        return True

    def _write(self, cells: Any, formulas: Any) -> None:
        if self._dynamic:
            cells.formula2 = formulas
        else:
            cells.formula = formulas


def _repair_name(name: Any, new: str, outcome: _Outcome) -> None:
    try:
        name.refers_to = new
    except Exception:  # of COM, which has no class of its own
        outcome.refused.append(f"name {name.name}")
    else:
        outcome.names.append(name.name)


def _closing(outcome: _Outcome) -> str:
    said = []
    if outcome.done:
        count = sum(outcome.done.values())
        sheets = ", ".join(f"{name} {number:,}" for name, number in outcome.done.items())
        said.append(f"{count:,} formula{'s call' if count != 1 else ' calls'} this computer's Focal again: {sheets}.")
    if outcome.names:
        said.append(f"These names call this computer's Focal again: {', '.join(outcome.names)}.")
    for name in outcome.locked:
        said.append(f"Sheet {name} is protected and was left alone: Review > Unprotect Sheet, then repair again.")
    if outcome.refused:
        more = f" and {len(outcome.refused) - SHOWN:,} more" if len(outcome.refused) > SHOWN else ""
        said.append(f"Excel did not take these; type them anew: {', '.join(outcome.refused[:SHOWN])}{more}.")
    if said and not outcome.done and not outcome.names:
        raise InputError("\n".join(said))
    return "\n".join(said) or _NOTHING
