"""The small buttons of the ribbon: Check data, New from template, Help, Doctor, About."""

import platform
import sys
import webbrowser
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pyfuncs import __version__
from pyfuncs.errors import InputError
from pyfuncs.hosts.excel.conversation import Conversation, Progress


def check(app: Any) -> Conversation:
    """Say of every row of the log whether it can be used, without changing anything.

    The log is that of the workbook's sheet Transactions, or in any other workbook the table at the selection.
    """
    from pyfuncs.analysis.log import account

    yield Progress("Reading the log")
    log = _log_at_hand(app)
    used, *aside, total = account(log).to_dict("records")
    lines = [f"{total['rows']:,} rows read, {used['rows']:,} used, {total['rows'] - used['rows']:,} set aside."]
    lines += [
        f"  {line['reason']}: {line['rows']:,}, first in row {line['first_row']:.0f}" for line in aside if line["rows"]
    ]
    return "\n".join([*lines, *log.statements])


def _log_at_hand(app: Any) -> Any:
    from pyfuncs.analysis.settings import Settings
    from pyfuncs.functions.cells import Grid
    from pyfuncs.functions.tables import read_transactions
    from pyfuncs.hosts.excel import grids
    from pyfuncs.hosts.excel.insertion import data_at
    from pyfuncs.hosts.excel.live import LiveBook
    from pyfuncs.hosts.excel.session import active_workbook, selection_of
    from pyfuncs.hosts.headless import now_in_utc, read_rows
    from pyfuncs.workbook.read import is_focal_workbook, read_workbook

    live = LiveBook(active_workbook(app))
    if is_focal_workbook(live):
        typed = read_workbook(live)
        return read_rows(typed.log, typed.first_row, typed.settings, typed.columns, now_in_utc())
    selection = selection_of(app)
    if selection is None:
        raise InputError("No cells are selected. Select a cell of your log and press the button again.")
    if selection.shape[0] == 1:  # a cell or a row of the log
        selection = selection.current_region
    area = data_at(selection).area
    rows: Grid = [list(row) for row in grids.values(selection.sheet.range(str(area)))]
    found = read_transactions(rows, "the selected cells")
    return read_rows(found.table, area.top + found.header, Settings.read({}), None, now_in_utc())


def template(app: Any) -> Conversation:
    """Open a new workbook made from the template; it has no name until the user saves it."""
    from pyfuncs.hosts.headless import template_path, write_template

    yield Progress("Opening the template")
    if sys.platform == "darwin":  # AppleScript cannot make a workbook from a template
        folder, number = Path.home() / "Documents", 1
        while (path := folder / f"Focal workbook {number}.xlsx").exists():
            number += 1
        write_template(path, overwrite=False)
        app.books.open(str(path))
    else:
        app.api.Workbooks.Add(str(template_path()))
    return "Paste your log on the sheet Transactions (customer, date, amount), look at Settings, and press Refit."


def help_page(app: Any) -> Conversation:
    """Open the function reference in the browser; it is a file on this computer."""
    from pyfuncs.hosts.shipped import shipped

    yield Progress("Opening the help page")
    page = shipped("addin", "help.html")
    return "" if webbrowser.open(page.as_uri()) else f"No browser opened. The help page is {page}"


def doctor(app: Any) -> Conversation:
    """Examine the installation."""
    from pyfuncs.hosts.installation.doctor import case_of, examine, report
    from pyfuncs.hosts.installation.machine import this_machine

    yield Progress("Examining the installation")
    return report(examine(case_of(this_machine())))


def about(app: Any) -> Conversation:
    """Say what is running."""
    yield Progress("Looking up versions")
    parts = ("numpy", "scipy", "pandas", "xlwings", "lifetimes")
    return "\n".join(
        [
            f"Focal {__version__}: customer lifetime value and customer centricity in Excel.",
            f"Python {platform.python_version()} at {sys.executable}",
            ", ".join(f"{part} {version(part)}" for part in parts),
            "Licence: BSD-3-Clause. Uses the open-source part of xlwings (BSD-3-Clause). No network, no telemetry.",
        ]
    )
