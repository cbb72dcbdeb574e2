"""What Excel can do that xlwings has no name for: members of Excel's own object model, reached through `.api`.

They are COM names, for Excel for Windows.  On a Mac xlwings speaks AppleScript, which has none of them: there filters
and page footers stay as they are, and protected sheets must be unprotected by hand.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Final

from pyfuncs.errors import InputError
from pyfuncs.workbook.references import Growth

logger = logging.getLogger(__name__)
_HAS_COM: Final = sys.platform != "darwin"
_LONGEST_ADDRESS: Final = 240  # Excel cuts addresses off at 255 characters
_ALLOWED: Final = (
    "AllowFormattingCells", "AllowFormattingColumns", "AllowFormattingRows", "AllowInsertingColumns",
    "AllowInsertingRows", "AllowInsertingHyperlinks", "AllowDeletingColumns", "AllowDeletingRows", "AllowSorting",
    "AllowFiltering", "AllowUsingPivotTables",
)  # fmt: skip


def counts_from_1904(book: Any) -> bool:
    """Whether a workbook counts its days from 1904."""
    return bool(book.api.Date1904 if _HAS_COM else book.api.date_1904.get())


def full_name(book: Any) -> str:
    """Path of a workbook, its web address on OneDrive or SharePoint, or its bare name before it is saved.

    As Excel says it: xlwings would look for a copy on this computer, and fail where there is none.
    """
    return str(book.api.FullName if _HAS_COM else book.fullname)


def areas(cells: Any) -> int:
    """How many pieces a selection has."""
    return int(cells.api.Areas.Count) if _HAS_COM else 1


def default_folder(app: Any) -> str:
    """Where Excel saves by default; "" where it cannot be asked."""
    return str((app.api.DefaultFilePath if _HAS_COM else "") or "")


def replace_in_footer(page: Any, pattern: str, text: str) -> Callable[[], None] | None:
    """Replace what matches in a sheet's printed footer; answers with the way back, or None when nothing changed."""
    if not _HAS_COM:
        return None
    try:
        setup = page.api.PageSetup
        for part in ("LeftFooter", "CenterFooter", "RightFooter"):
            old = getattr(setup, part) or ""
            new = re.sub(pattern, lambda _: text, old)
            if new != old:
                setattr(setup, part, new)
                return partial(setattr, setup, part, old)
    except Exception:  # Excel asks the printer's driver, and there may be no printer
        logger.warning("the footer of %s could not be set", page.name, exc_info=True)
    return None


def exact_values(cells: Any) -> list[list[Any]] | None:
    """The numbers of a range with all their digits; None where Excel cannot be asked.

    Otherwise a cell with a currency format comes rounded to four places.
    """
    if not _HAS_COM:
        return None
    found = cells.api.Value2
    return [list(row) for row in found] if isinstance(found, tuple) else [[found]]


def show_all(page: Any, table: Any) -> None:
    """Take the filters and the sort marks off a table, so that every row takes its new values."""
    if not _HAS_COM:
        return
    if table.show_autofilter and table.api.AutoFilter.FilterMode:
        table.autofilter.clear()
    try:
        if page.api.FilterMode:  # an advanced filter, or one of the sheet
            page.api.ShowAllData()
        table.api.Sort.SortFields.Clear()
    except Exception:  # both depend on the active cell too, and no refit may fail over them
        logger.info("a filter or sort mark on %s stays", page.name, exc_info=True)


def let_follow(book: Any, growth: Growth) -> None:
    """Let charts and conditional formats that covered a table's old body cover the new one where Excel did not.

    A courtesy: one that Excel refuses is left as it is, for no refit may fail over it.
    """
    if not _HAS_COM or book.app.engine.name != "excel":
        return
    for page in book.sheets:
        for chart in page.api.ChartObjects():
            for series in chart.Chart.SeriesCollection():
                _quietly(partial(_follow_series, series, page.name, growth))
    page = book.sheets[growth.sheet]
    for condition in page.api.Cells.FormatConditions:
        _quietly(partial(_follow_condition, condition, page, growth))


def _follow_series(series: Any, sheet: str, growth: Growth) -> None:
    new = growth.formula(series.Formula, sheet, single=True)
    if new != series.Formula:
        series.Formula = new


def _follow_condition(condition: Any, page: Any, growth: Growth) -> None:
    old = condition.AppliesTo.Address
    new = ",".join(growth.ref(area, single=True) for area in old.split(","))
    if new != old and len(old) < _LONGEST_ADDRESS:
        condition.ModifyAppliesToRange(page.range(new).api)


def _quietly(step: Callable[[], None]) -> None:
    try:
        step()
    except Exception:  # charts without series in the old sense, pivot charts, charts on protected sheets
        logger.info("a chart or format does not follow its table", exc_info=True)


@contextmanager
def unprotected(pages: list[Any]) -> Iterator[None]:
    """Open protected sheets that have no password, and protect them again as they were; InputError names the others."""
    opened: list[tuple[Any, dict[str, Any]]] = []
    try:
        for page in pages if _HAS_COM else []:
            if page.api.ProtectContents:
                options = _protection(page)
                _unprotect(page)
                opened.append((page, options))
        yield
    finally:
        with ExitStack() as afterwards:  # each is protected again, whatever becomes of the others
            for page, options in opened:
                afterwards.callback(page.api.Protect, **options)


def _protection(page: Any) -> dict[str, Any]:
    sheet = page.api
    allowed = {name: bool(getattr(sheet.Protection, name)) for name in _ALLOWED}
    return {
        "DrawingObjects": bool(sheet.ProtectDrawingObjects),
        "Contents": True,
        "Scenarios": bool(sheet.ProtectScenarios),
        "UserInterfaceOnly": bool(sheet.ProtectionMode),  # macros of the user's may rely on it
        **allowed,
    }


def _unprotect(page: Any) -> None:
    try:
        page.api.Unprotect("")  # without an argument Excel would ask for the password in a window of its own
    except Exception:  # the COM error of a wrong password; xlwings' engines each have their own class
        still_protected = True
    else:
        still_protected = bool(page.api.ProtectContents)
    if still_protected:
        raise InputError(
            f"sheet {page.name} is protected with a password; nothing was changed. Unprotect it (Review > Unprotect "
            "Sheet) and refit again."
        )
