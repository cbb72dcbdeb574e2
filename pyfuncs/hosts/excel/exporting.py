"""The Export values button: a copy of the open workbook without formulas, for people who do not have Focal."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from pyfuncs.errors import InputError
from pyfuncs.hosts.excel.conversation import YES, Ask, Conversation, Input, Progress
from pyfuncs.hosts.excel.excel_only import full_name
from pyfuncs.hosts.excel.session import active_workbook, documents, folder_of
from pyfuncs.workbook.values_only import Summary, save_values

SUFFIXES: Final = {51: ".xlsx", 52: ".xlsm", 53: ".xltm", 54: ".xltx"}
"""The formats that can be exported, by Excel's number (XlFileFormat); a copy is always in the format of its source."""
_OF_WORKBOOKS: Final = frozenset((*SUFFIXES.values(), ".xlsb", ".xls", ".xlam"))


def export_values(app: Any) -> Conversation:
    """Save a copy of the active workbook in which every formula is its value; the workbook itself stays as it is."""
    if sys.platform == "darwin":
        raise InputError(
            "Export values works in Excel for Windows only; on a Mac open the workbook there to export it."
        )
    book = active_workbook(app)
    suffix = _suffix(book)
    default = default_path(book.name, full_name(book), suffix, documents(app))
    path = None
    while path is None:
        answer = yield Input(
            f"Copy of {book.name} in which every formula is replaced by its value, for people without Focal.\n\n"
            "Save it as:",
            str(default),
        )
        path = chosen_path(answer, default)
        if path == Path(full_name(book)):
            raise InputError(f"{path}: this is the workbook itself. Give the copy another name.")
        if path.exists() and (yield Ask(f"{path} exists already.\n\nReplace it?")) != YES:
            default, path = path, None
    yield Progress(f"Copying {book.name}")
    with _copy(book, suffix) as copy:
        yield Progress("Replacing formulas by their values")
        try:
            summary = save_values(copy, path)
        except InputError as reason:  # about the copy, which the user does not know, or about the path
            raise InputError(str(reason).replace(str(copy), book.name)) from reason
    return closing(path, summary, manual=app.calculation == "manual")


def default_path(name: str, full_name: str, suffix: str, documents: Path) -> Path:
    """Beside the workbook where it lies in a folder of this computer, otherwise among the documents."""
    name = unquote(name) if "://" in full_name else name
    stem = Path(name).stem if Path(name).suffix.lower() in _OF_WORKBOOKS else name
    return folder_of(full_name, documents) / f"{stem} - values{suffix}"


def chosen_path(answer: str, default: Path) -> Path:
    """The path that was typed: a name alone goes where the default is, the suffix must be that of the format."""
    text = answer.strip().strip('"').strip()
    if not text:
        return default
    if "://" in text:
        raise InputError(f"{text}: a copy cannot be saved to a web address. Give a folder of this computer.")
    path = default.parent / text  # an absolute path stands for itself
    if path.is_dir():
        return path / default.name
    if path.suffix.lower() == default.suffix:
        return path
    return path.with_suffix(default.suffix) if path.suffix.lower() in _OF_WORKBOOKS else Path(f"{path}{default.suffix}")


def closing(path: Path, summary: Summary, *, manual: bool) -> str:
    """What was done, in sentences."""
    count = summary.formulas
    said = [f"{count:,} formulas became values: {path}" if count != 1 else f"1 formula became a value: {path}"]
    if summary.uncalculated:
        more = " and others" if summary.uncalculated > len(summary.first_uncalculated) else ""
        cells = ", ".join(summary.first_uncalculated)
        said.append(f"{summary.uncalculated:,} had never been calculated; their cells are empty: {cells}{more}.")
    if manual:
        said.append("Excel calculates by hand here (Formulas > Calculation Options), so values are those of last time.")
    if summary.names:
        said.append(f"Names that call Focal show #NAME? in the copy: {', '.join(summary.names)}.")
    if summary.kept_links:
        said.append(f"Names, charts or formats of the copy still refer to: {', '.join(summary.kept_links)}.")
    return "\n".join(said)


def _suffix(book: Any) -> str:
    """The suffix that belongs to the format of the workbook; InputError when it is not one that can be exported."""
    suffix = SUFFIXES.get(book.api.FileFormat)
    if suffix is None:
        raise InputError(
            f"{book.name} is in a format whose formulas cannot be taken out. Save it as Excel Workbook (.xlsx), or as "
            "Excel Macro-Enabled Workbook (.xlsm) if it has macros (File > Save As), and export again."
        )
    if book.api.HasPassword:
        raise InputError(
            f"{book.name} opens with a password only; its copy could not be written. Take the password off (File > "
            "Info > Protect Workbook > Encrypt with Password), export, and set it again for both files."
        )
    return suffix


@contextmanager
def _copy(book: Any, suffix: str) -> Iterator[Path]:
    """A copy of the workbook as it stands in Excel, saved or not, for the time of the export."""
    folder = Path(tempfile.mkdtemp(prefix="focal-"))
    copy = folder / f"copy{suffix}"
    events = book.app.enable_events
    try:
        book.app.enable_events = False  # a macro that runs on saving would run on the workbook itself
        try:
            book.api.SaveCopyAs(str(copy))
        except Exception as reason:  # of COM, which has no class of its own
            raise InputError(
                f"Excel did not save a copy of {book.name} ({reason}). Save the workbook first."
            ) from reason
        finally:
            book.app.enable_events = events
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)
