"""The workbook at hand, and Excel kept still while Focal writes and put back as it was."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pyfuncs.errors import InputError
from pyfuncs.hosts.excel import excel_only

logger = logging.getLogger(__name__)


def active_workbook(app: Any) -> Any:
    """The workbook the user is looking at."""
    try:
        book = app.books.active
        _ = book.name
    except Exception:  # none is open, or a Protected View is in front: each engine says so in its own way
        raise InputError("No workbook is open for editing. Use Focal > New from template, or open yours.") from None
    return book


def selection_of(app: Any) -> Any:
    """The selected cells; None when a chart, a picture or nothing is selected."""
    try:
        return app.selection
    except Exception:  # a shape has no address, which each engine says in its own way
        return None


def path_of(book: Any) -> Path:
    """A path beside the workbook, or among the documents while it has none on this computer."""
    return folder_of(excel_only.full_name(book), documents(book.app)) / str(book.name)


def folder_of(full_name: str, otherwise: Path) -> Path:
    """The folder of a workbook; one on OneDrive or SharePoint has a web address, one never saved has no folder."""
    folder = Path(full_name).parent
    local = "://" not in full_name and Path(full_name).is_absolute() and folder.is_dir()
    return folder if local else otherwise


def documents(app: Any) -> Path:
    """Where Excel saves by default, otherwise the user's documents or home folder."""
    folders = (Path(excel_only.default_folder(app)), Path.home() / "Documents")
    return next((folder for folder in folders if folder.is_absolute() and folder.is_dir()), Path.home())


@contextmanager
def undisturbed(book: Any) -> Iterator[None]:
    """No calculation, no redrawing, no events; afterwards mode, active sheet and selection are what they were."""
    app = book.app
    front = active_workbook(app)  # the user may have turned to another one
    sheet, selection = front.sheets.active, selection_of(app)
    with ExitStack() as afterwards:  # each is put back, whatever becomes of the others
        for name in ("screen_updating", "enable_events", "calculation"):
            afterwards.callback(setattr, app, name, getattr(app, name))
        afterwards.callback(_show, front, sheet, selection)
        app.screen_updating = app.enable_events = False
        app.calculation = "manual"
        yield


def _show(front: Any, sheet: Any, selection: Any) -> None:
    try:
        front.activate()
        sheet.activate()
        if selection is not None:
            selection.select()
    except Exception:  # a courtesy: the sheet may have gone, and no work may fail over it
        logger.info("the selection could not be put back", exc_info=True)
