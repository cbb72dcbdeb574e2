"""What Excel can do that xlwings has no name for: members of Excel's own object model, reached through `.api`.

They are COM names, for Excel for Windows.  On a Mac xlwings speaks AppleScript, which has none of them: there filters
stay as they are, and protected sheets must be unprotected by hand.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pyfuncs.errors import InputError
from pyfuncs.workbook.references import Growth

_HAS_COM: Final = sys.platform != "darwin"
_ALLOWED: Final = (
    "AllowFormattingCells", "AllowFormattingColumns", "AllowFormattingRows", "AllowInsertingColumns",
    "AllowInsertingRows", "AllowInsertingHyperlinks", "AllowDeletingColumns", "AllowDeletingRows", "AllowSorting",
    "AllowFiltering", "AllowUsingPivotTables",
)  # fmt: skip


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
    if page.api.FilterMode:  # an advanced filter, or one of the sheet
        page.api.ShowAllData()
    table.api.Sort.SortFields.Clear()


def let_follow(book: Any, growth: Growth) -> None:
    """Let charts and conditional formats that covered a table's old body cover the new one where Excel did not."""
    if not _HAS_COM or book.app.engine.name != "excel":
        return
    for page in book.sheets:
        for chart in page.api.ChartObjects():
            for series in chart.Chart.SeriesCollection():
                new = growth.formula(series.Formula, page.name, single=True)
                if new != series.Formula:
                    series.Formula = new
    page = book.sheets[growth.sheet]
    for condition in page.api.Cells.FormatConditions:
        old = condition.AppliesTo.Address
        new = ",".join(growth.ref(area, single=True) for area in old.split(","))
        if new != old:
            condition.ModifyAppliesToRange(page.range(new).api)


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
        for page, options in opened:
            page.api.Protect(**options)


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
