"""The workbook at hand, and Excel kept still while Focal writes and put back as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyfuncs.errors import InputError


def active_workbook(app: Any) -> Any:
    """The workbook the user is looking at."""
    book = app.books.active if len(app.books) else None
    if book is None:
        raise InputError("No workbook is open. Use Focal > New from template, or open yours.")
    return book


@contextmanager
def undisturbed(book: Any) -> Iterator[None]:
    """No calculation, no redrawing, no events; afterwards mode, active sheet and selection are what they were."""
    app = book.app
    calculation, updating, events = app.calculation, app.screen_updating, app.enable_events
    sheet, selection = book.sheets.active, app.selection  # no selection when a shape is selected
    app.screen_updating = app.enable_events = False
    app.calculation = "manual"
    try:
        yield
    finally:
        app.calculation = calculation
        app.enable_events = events
        sheet.activate()
        if selection is not None:
            selection.select()
        app.screen_updating = updating
