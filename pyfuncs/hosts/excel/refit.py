"""The Refit button: read the open workbook, fit, and fill every sheet, as `focal refit` does with a file."""

import contextlib
import datetime as dt
import logging
import queue
import threading
import time
from collections.abc import Callable, Generator
from typing import Any, Final

from pyfuncs import __version__
from pyfuncs.analysis.attribute_cells import read_attribute_cells
from pyfuncs.analysis.refit import refit as refit_log
from pyfuncs.errors import FocalError, InputError
from pyfuncs.hosts.excel.conversation import YES, Ask, Conversation, Input, Progress
from pyfuncs.hosts.excel.excel_only import unprotected
from pyfuncs.hosts.excel.live import LiveBook
from pyfuncs.hosts.excel.session import active_workbook, path_of, undisturbed
from pyfuncs.hosts.headless import keep_beside, now_in_utc, read_rows
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.fill import Kept, filling
from pyfuncs.workbook.layout import SHEETS
from pyfuncs.workbook.read import is_focal_workbook, read_workbook
from pyfuncs.workbook.written import typed_over

logger = logging.getLogger(__name__)
TICK: Final = 0.25
"""Seconds between two looks at the work, in which Excel can redraw and notice Esc."""


class _Stopped(BaseException):
    """Ends the work in its thread after the user has pressed Esc."""


def refit(app: Any, now: dt.datetime | None = None) -> Conversation:
    """Refit the active workbook; `now` is the present time in UTC."""
    book = active_workbook(app)
    live = LiveBook(book)
    if not is_focal_workbook(live):
        raise InputError(
            f"{book.name} was not made from Focal's template. Use Focal > New from template, paste your log on its "
            "sheet Transactions, and refit."
        )
    yield Progress("Reading Settings, Transactions and Attributes")
    typed = read_workbook(live)
    now = now or now_in_utc()
    log = read_rows(typed.log, typed.first_row, typed.settings, typed.columns, now)
    changed = typed_over(live)
    if changed:
        answer = yield Ask(
            f"Figures on {', '.join(changed)} were typed over since the last refit. A refit replaces them with its "
            "own. Notes, columns and sheets of yours stay in any case.\n\nReplace them?"
        )
        if answer != YES:
            return "Nothing was changed."
    known = read_attribute_cells(typed.attributes, typed.settings.known_at_acquisition)
    found = yield from _in_a_thread(
        lambda progress: refit_log(log, typed.settings, progress, known, typed.channel_costs, typed.product_margins)
    )
    run = Run(found, _name(book), now, __version__, attributes_here=typed.attributes_here)
    kept = yield from _written(book, live, run)
    return _closing(run, kept)


def _in_a_thread(work: Callable[[Callable[[str], None]], Any]) -> Generator[Progress | Ask | Input, str, Any]:
    """Do long work beside Excel: its progress is passed on, and Esc ends it at its next step."""
    news: queue.SimpleQueue[str] = queue.SimpleQueue()
    stopped = threading.Event()
    outcome: dict[str, Any] = {}

    def progress(message: str) -> None:
        if stopped.is_set():
            raise _Stopped
        news.put(message)

    def target() -> None:
        try:
            outcome["result"] = work(progress)
        except _Stopped:
            pass
        except BaseException as problem:  # handed over to the thread that Excel waits for
            outcome["problem"] = problem

    thread = threading.Thread(target=target, name="Focal refit", daemon=True)
    thread.start()
    started, message = time.monotonic(), "Fitting"
    try:
        while thread.is_alive():
            with contextlib.suppress(queue.Empty):
                message = news.get(timeout=TICK)
            yield Progress(f"{message} ({time.monotonic() - started:.0f} s; Esc stops)")
    finally:
        stopped.set()
    if "problem" in outcome:
        raise outcome["problem"]
    return outcome["result"]


def _written(book: Any, live: LiveBook, run: Run) -> Generator[Progress | Ask | Input, str, Kept]:
    """Fill the workbook; when that fails, offer to put back what stood there."""
    ours = {sheet.name.casefold() for sheet in SHEETS} | {info.sheet.casefold() for info in live.tables.values()}
    pages = [page for page in book.sheets if page.name.casefold() in ours]
    with unprotected(pages), undisturbed(book):
        try:
            steps = filling(live, run, replace_log=False)
            kept = yield from _said(steps)
            if kept.lost:
                kept.notes.append(keep_beside(kept.lost, path_of(book), run.made_at))
        except GeneratorExit:  # Esc
            live.journal.undo()
            raise
        except Exception as problem:  # of Excel itself too: what it refuses comes as an error of COM
            logger.exception("Filling the workbook failed")
            reason = str(problem) if isinstance(problem, FocalError) else f"Excel did not take the figures ({problem})."
            answer = yield Ask(f"The refit stopped while writing: {reason}\n\nPut back the values from before?")
            if answer != YES:
                raise InputError(f"{reason} The workbook is partly filled; close it without saving.") from problem
            _put_back(live, reason)
            raise InputError(f"{reason} The values from before are back.") from problem
    book.app.calculate()
    return kept


def _said(steps: Generator[str, None, Kept]) -> Generator[Progress | Ask | Input, str, Kept]:
    """Pass on what is being written."""
    while True:
        try:
            what = next(steps)
        except StopIteration as finished:
            kept: Kept = finished.value
            return kept
        yield Progress(f"Writing {what} (Esc puts everything back)")


def _name(book: Any) -> str:
    """The workbook's name; a refit takes a while, in which the user may have closed it."""
    try:
        return str(book.name)
    except Exception:  # of COM, which has no class of its own
        raise InputError("The workbook was closed while Focal was at work; nothing was written.") from None


def _put_back(live: LiveBook, reason: str) -> None:
    try:
        live.journal.undo()
    except Exception as problem:
        raise InputError(
            f"{reason} Not everything could be put back ({problem}); close the workbook without saving."
        ) from problem


def _closing(run: Run, kept: Kept) -> str:
    found = run.refit
    return "\n".join(
        [
            f"{len(found.customers):,} customers, customer equity {found.equity:,.0f} {found.unit}.",
            f"Model: {found.fitted.purchases.name}. Checks: {run.master_check}.",
            *kept.notes,
        ]
    )
