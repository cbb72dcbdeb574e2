"""A private, headless LibreOffice that calculates, reads and prints workbooks for the tests.

Use it through the session fixture: `from tests.support.libreoffice import libreoffice  # noqa: F401`.  One soffice
serves a whole test session.  Without soffice the fixture fails; it never skips.

Python talks to it by Debian's pyuno where that loads into the interpreter, and otherwise converts each file with
`soffice --convert-to` (slower; texts are then plain renderings of the values).
"""

import builtins
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.programs import missing

_PYUNO = "/usr/lib/python3/dist-packages"
_ERRORS = {502: "#VALUE!", 503: "#NUM!", 504: "#REF!", 519: "#VALUE!", 524: "#REF!", 525: "#NAME?", 532: "#DIV/0!",
           32767: "#N/A"}  # fmt: skip
_XLSX = "Calc MS Excel 2007 XML"
_WITH_ERROR = 4  # com.sun.star.sheet.FormulaResult.ERROR
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">\
<value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">\
<value>3</value></prop></item>
</oor:items>
"""


@dataclass(frozen=True, slots=True)
class LibreCell:
    """A cell as LibreOffice calculated it."""

    value: float | str | None  # None when the cell holds an error
    text: str  # as displayed
    formula: str  # with "=", or "" for a constant
    error: str | None  # Excel's spelling, or "Err:508" where Excel has none


Cells = dict[str, dict[str, LibreCell]]  # sheet -> reference -> cell; empty cells are not in it


class LibreOffice:
    """One soffice process with a profile of its own; a context manager."""

    def __init__(self) -> None:
        program = shutil.which("soffice")
        if program is None:
            missing("soffice is missing: apt-get install libreoffice-calc python3-uno poppler-utils")
        self._program = program
        self.folder = Path(tempfile.mkdtemp(prefix="focal-libreoffice-"))
        settings = self.folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_SETTINGS, encoding="utf-8")
        self._options = ["--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard",
                         f"-env:UserInstallation={(self.folder / 'profile').as_uri()}"]  # fmt: skip
        self._uno = _import_uno()
        self._process: subprocess.Popen[bytes] | None = None
        self._desktop: Any = None
        self.context: Any = None  # of the soffice process, for what this class has no method for

    def __enter__(self) -> "LibreOffice":
        try:
            if self._uno is not None:
                self._start(self._uno)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            with contextlib.suppress(Exception):  # the bridge may be gone; the process is ended below in any case
                if self._desktop is not None:
                    self._desktop.terminate()
                    self._process.wait(4)  # xdist gives an interrupted worker ten seconds
            self._end(self._process)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what tests ask of it ---

    def cells(self, path: str | os.PathLike[str], *, texts: bool = True) -> Cells:
        """Calculate a copy of a workbook anew and return every cell; `texts=False` is faster on large sheets."""
        if self._uno is None:
            return _converted_cells(self._convert(path, "xlsx"))
        document = self._load(path)
        try:
            document.calculateAll()
            return document_cells(document, texts=texts)
        finally:
            document.close(True)

    def pdf(self, path: str | os.PathLike[str]) -> Path:
        """Print a calculated copy of a workbook; the PDF lives as long as the host."""
        return self._convert(path, "pdf") if self._uno is None else self._stored(path, "pdf", "calc_pdf_Export")

    def pdf_text(self, path: str | os.PathLike[str]) -> str:
        """The words of the printed workbook, laid out as on the page."""
        if shutil.which("pdftotext") is None:
            missing("pdftotext is missing: apt-get install poppler-utils")
        command = ["pdftotext", "-layout", str(self.pdf(path)), "-"]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout

    def saved_as_xlsx(self, path: str | os.PathLike[str]) -> Path:
        """Save a copy of a workbook as LibreOffice writes .xlsx; it lives as long as the host."""
        return self._convert(path, "xlsx") if self._uno is None else self._stored(path, "xlsx", _XLSX)

    def pages(self, path: str | os.PathLike[str], folder: Path, *, dpi: int = 80) -> list[Path]:
        """Print a workbook to one PNG per page."""
        if shutil.which("pdftoppm") is None:
            missing("pdftoppm is missing: apt-get install poppler-utils")
        stem = folder / Path(path).stem
        subprocess.run(["pdftoppm", "-png", "-r", str(dpi), self.pdf(path), stem], check=True, timeout=300)
        return sorted(folder.glob(f"{stem.name}-*.png"))

    # --- inside ---

    def _start(self, uno: Any) -> None:
        pipe = f"focal{uuid.uuid4().hex[:12]}"
        command = [self._program, *self._options, f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext"]
        with (self.folder / "soffice.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        url = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
        no_connection = uno.getClass("com.sun.star.connection.NoConnectException")
        for _ in range(600):
            try:
                self.context = resolver.resolve(url)
                break
            except no_connection:
                if self._process.poll() is not None:
                    raise RuntimeError(f"soffice ended at once with code {self._process.returncode}") from None
                time.sleep(0.1)
        else:
            raise RuntimeError("soffice did not answer within a minute")
        self._desktop = self.context.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", self.context
        )

    @staticmethod
    def _end(process: "subprocess.Popen[bytes]") -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # the session started here: soffice and what it started
        process.wait(15)

    def _load(self, path: str | os.PathLike[str]) -> Any:
        # a copy: a lock file left beside the original makes loading return None
        copy = self.folder / f"{uuid.uuid4().hex}{Path(path).suffix}"
        shutil.copy(path, copy)
        document = self._desktop.loadComponentFromURL(copy.as_uri(), "_blank", 0, self._properties(Hidden=True))
        if document is None:
            raise RuntimeError(f"LibreOffice cannot load {path}")
        return document

    def _stored(self, path: str | os.PathLike[str], suffix: str, filter_name: str) -> Path:
        target = self.folder / f"{uuid.uuid4().hex}.{suffix}"
        document = self._load(path)
        try:
            document.calculateAll()
            document.storeToURL(target.as_uri(), self._properties(FilterName=filter_name))
        finally:
            document.close(True)
        return target

    def _properties(self, **values: object) -> tuple[Any, ...]:
        assert self._uno is not None
        kind: Any = self._uno.getClass("com.sun.star.beans.PropertyValue")
        return tuple(kind(name, 0, value, 0) for name, value in values.items())

    def _convert(self, path: str | os.PathLike[str], suffix: str) -> Path:
        source = self.folder / f"{uuid.uuid4().hex}{Path(path).suffix}"
        shutil.copy(path, source)
        target = self.folder / f"out-{source.stem}"
        command = [self._program, *self._options, "--convert-to", suffix, "--outdir", str(target), str(source)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=300)
        converted = target / f"{source.stem}.{suffix}"
        if not converted.exists():
            raise RuntimeError(f"LibreOffice cannot convert {path}: {run.stdout} {run.stderr}")
        return converted


@pytest.fixture(scope="session")
def libreoffice() -> Iterator[LibreOffice]:
    """One LibreOffice for the whole session."""
    with LibreOffice() as host:
        yield host


def _import_uno() -> ModuleType | None:
    """Debian's pyuno, or None in an interpreter it was not built for; its import hook is taken out again."""
    original = builtins.__import__
    if _PYUNO not in sys.path:
        sys.path.append(_PYUNO)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import uno
    except ImportError:
        return None
    finally:
        builtins.__import__ = original
        sys.path.remove(_PYUNO)
    module: ModuleType = uno
    return module


def _all(container: Any) -> Iterator[Any]:
    return (container.getByIndex(i) for i in range(container.Count))


def document_cells(document: Any, *, texts: bool) -> Cells:
    """Every cell of a document that is open in Calc, as it stands."""
    return {sheet.Name: _sheet_cells(sheet, texts) for sheet in _all(document.Sheets)}


def _sheet_cells(sheet: Any, texts: bool) -> dict[str, LibreCell]:
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.RangeAddress
    area = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
    errors = {at: _ERRORS.get(code, f"Err:{code}") for at, code in error_codes(sheet, area).items()}
    found = {}
    for row, (values, formulas) in enumerate(zip(area.getDataArray(), area.getFormulaArray(), strict=True)):
        for column, (value, formula) in enumerate(zip(values, formulas, strict=True)):
            error = errors.get((row, column))
            if value == "" and formula == "" and error is None:
                continue
            text = sheet.getCellByPosition(column, row).String if texts else str(value)
            is_formula = formula.startswith(("=", "{=")) and not (isinstance(value, str) and value == formula)
            shown = None if error else value
            found[f"{_letters(column)}{row + 1}"] = LibreCell(shown, text, formula if is_formula else "", error)
    return found


def error_codes(sheet: Any, area: Any) -> dict[tuple[int, int], int]:
    """LibreOffice's number of each error in an area, by row and column of the sheet from 0."""
    return {
        (row, column): sheet.getCellByPosition(column, row).getError()
        for address in area.queryFormulaCells(_WITH_ERROR).RangeAddresses
        for row in range(address.StartRow, address.EndRow + 1)
        for column in range(address.StartColumn, address.EndColumn + 1)
    }


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _converted_cells(path: Path) -> Cells:
    """Read what LibreOffice calculated and wrote into a converted file."""
    import openpyxl

    results, formulas = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    found: Cells = {}
    for sheet in results.worksheets:
        cells = found.setdefault(sheet.title, {})
        for row in sheet.iter_rows():
            for cell in row:
                source = formulas[sheet.title][cell.coordinate]
                if cell.value is None and source.data_type != "f":
                    continue
                error = str(cell.value) if cell.data_type == "e" else None
                value: Any = None if error else cell.value
                if isinstance(value, (bool, int)):
                    value = float(value)
                formula = str(source.value) if source.data_type == "f" else ""
                cells[cell.coordinate] = LibreCell(value, "" if value is None else str(value), formula, error)
    return found
