"""LibreOffice as the Excel of the add-in: formulas in its cells run the shipped VBA and reach xlwings in this process.

`VbaHost` takes the modules out of the shipped `Focal.xlam` as LibreOffice reads them and makes them callable from every
workbook.  Replaced are only what is not Focal's, or what only Windows has:

FocalPython          the connection: `FocalServer` is an object in pytest's own process, whose CallUDF is that of
                     xlwings' `com_server.XLPython`
Application          Excel's object, as far as FocalRuntime asks it
CVErr, Intersect,    shadowed by functions put before the first one of FocalRuntime: LibreOffice's CVErr shows as the
MsgBox, DoEvents     text "Error 2042"; the values of its ranges have 0 for an error and numbers for dates; and its
                     message boxes answer themselves without a screen

Not to be seen here: Excel's VBA compiler, Missing in the middle of a formula (LibreOffice passes 0), the real Esc key.
"""

import contextlib
import datetime as dt
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import windows
from tests.support.libreoffice import LibreOffice, error_codes
from tests.support.programs import missing
from tests.support.vba_excel import EPOCH, Excel, services

ADDIN = Path(__file__).parents[2] / "addin" / "Focal.xlam"
REPLACED = "FocalPython"
_FILTER = "Calc MS Excel 2007 VBA XML"  # an .xlam is not recognised by itself
_ERRORS = {521: "#NULL!", 532: "#DIV/0!", 519: "#VALUE!", 524: "#REF!", 525: "#NAME?", 503: "#NUM!", 32767: "#N/A"}

_CONNECTION = """Option VBASupport 1
Option Explicit
Private Function Excel() As Object
    Set Excel = CreateUnoService("focal.test.Application")
End Function
Public Function FocalServer() As Object
    If Excel().Unreachable() <> "" Then Err.Raise 1001, "Focal", Excel().Unreachable()
    If Excel().ErrorOfTheNextCall() <> 0 Then
        Set FocalServer = New FocalDeadServer
    Else
        Set FocalServer = CreateUnoService("focal.test.XLPython")
    End If
End Function
Public Sub FocalForget()
    Excel().Forget
End Sub
Public Function FocalWhyNot() As String
    FocalWhyNot = Excel().Unreachable()
End Function
Public Function FocalIsMac() As Boolean
    FocalIsMac = Excel().IsMac()
End Function
Public Sub FocalOnMac(ByVal command As String)
    Excel().OnMac command
End Sub
"""
_DEAD_SERVER = """Option VBASupport 1
Option ClassModule
Option Explicit
Public Function CallUDF(module, name, arguments, Optional workbook) As Variant
    Dim excel As Object
    Set excel = CreateUnoService("focal.test.Application")
    Err.Raise excel.ErrorOfTheNextCall(), "xlwings", "The remote server machine does not exist or is unavailable"
End Function
"""
_GLOBALS = """Option VBASupport 1
Public Function Application() As Object
    Set Application = CreateUnoService("focal.test.Application")
End Function
Public Function ActiveWorkbook() As Object
    Set ActiveWorkbook = Nothing
End Function
Public Function FOCALTEST_SEVERAL_AREAS() As Variant
    FOCALTEST_SEVERAL_AREAS = FocalCall("CLV_GINI", Array(Application().SeveralAreas()), True)
End Function
"""
_HANDED_OVER = "CStr(Application.Hwnd), Application)"  # LibreOffice cannot pass a stand-in on to another
_SHADOWS = """
Private Function CVErr(ByVal number As Variant) As Variant
    CVErr = Application.CellError(number)
End Function
Private Function Intersect(ByVal one As Variant, ByVal other As Variant) As Object
    If Application.Overlap(one, other) Then Set Intersect = Application.Intersect(one, other)
End Function
Private Function MsgBox(ByVal text As Variant, ByVal buttons As Variant, ByVal title As Variant) As Variant
    MsgBox = Application.MessageBox(text, buttons, title)
End Function
Private Sub DoEvents()
    If Application.EscWasPressed() Then Err.Raise 18, "Excel", "User interrupt occurred"
End Sub
"""


class VbaHost(LibreOffice):
    """A LibreOffice with the add-in's VBA in it."""

    def __init__(self) -> None:
        super().__init__()
        self.excel = Excel()

    def __enter__(self) -> "VbaHost":
        super().__enter__()
        if self._uno is None:
            self.__exit__()
            missing("python3-uno does not load into this Python; on Debian it is built for /usr/bin/python3")
        return self

    def load_addin(self, path: Path) -> dict[str, str]:
        """Take the modules of an add-in into LibreOffice; returns their sources as LibreOffice reads them."""
        windows.install()
        document = self._open(path, FilterName=_FILTER)
        try:
            libraries = document.BasicLibraries
            library = libraries.getByName(libraries.ProjectName)
            sources = {name: library.getByName(name) for name in library.getElementNames()}
        finally:
            document.close(True)
        modules = {name: text for name, text in sources.items() if "VBA_ModuleType=VBAModule" in text[:80]}
        runtime = modules["FocalRuntime"].replace(
            _HANDED_OVER, _HANDED_OVER.replace("Application)", "Application.Itself)")
        )
        assert runtime != modules["FocalRuntime"], "FocalRuntime no longer hands Excel's Application over"
        before, procedure, after = runtime.partition("\nPublic Function")
        modules["FocalRuntime"] = before + _SHADOWS + procedure + after
        # the class comes first, because a module is compiled when it is inserted
        modules = {"FocalDeadServer": _DEAD_SERVER} | modules | {REPLACED: _CONNECTION, "FocalTestGlobals": _GLOBALS}
        container = self._service("com.sun.star.script.ApplicationScriptLibraryContainer")
        container.loadLibrary("Standard")
        for name, text in modules.items():
            container.getByName("Standard").insertByName(name, text)
        return sources

    @contextlib.contextmanager
    def open(self, path: Path | None = None) -> Iterator["Workbook"]:
        """A copy of a workbook, or an empty one, in an Excel where nothing has happened yet."""
        self.excel = Excel()
        document = self._open(path)
        try:
            yield Workbook(document)
        finally:
            document.close(True)

    def run(self, procedure: str, *arguments: str) -> None:
        """Run a Public Sub of the add-in: "FocalRuntime.FocalCommand"."""
        factory = self._service("com.sun.star.script.provider.MasterScriptProviderFactory")
        url = f"vnd.sun.star.script:Standard.{procedure}?language=Basic&location=application"
        factory.createScriptProvider("").getScript(url).invoke(arguments, (), ())

    def _start(self, uno: Any) -> None:
        super()._start(uno)
        for service in services(uno, lambda: self.excel).values():
            self.context.ServiceManager.insert(service)

    def _service(self, name: str) -> Any:
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def _open(self, path: Path | None, **properties: object) -> Any:
        url = "private:factory/scalc"
        if path is not None:  # a copy: a lock file left beside the original makes loading return None
            copy = self.folder / f"{uuid.uuid4().hex}{path.suffix}"
            shutil.copy(path, copy)
            url = copy.as_uri()
        given = self._properties(Hidden=True, MacroExecutionMode=4, **properties)
        document = self._desktop.loadComponentFromURL(url, "_blank", 0, given)
        if document is None:
            raise RuntimeError(f"LibreOffice cannot load {path}")
        return document


@dataclass(frozen=True)
class Workbook:
    """A workbook that is open, its first sheet in front."""

    document: Any

    def cells(self, reference: str) -> Any:
        """The cells of `A1:B2` or `Sheet.A1:B2`."""
        name, _, local = reference.rpartition(".")
        sheets = self.document.Sheets
        return (sheets.getByName(name) if name else sheets.getByIndex(0)).getCellRangeByName(local)

    def put(self, reference: str, value: Any, form: str = "") -> None:
        """Type a value into a cell: number, text, truth value, date or nothing; `form` is a number format."""
        self._put(self.cells(reference).getCellByPosition(0, 0), value, form)

    def _put(self, cell: Any, value: Any, form: str = "") -> None:
        if isinstance(value, bool):
            cell.setFormula(f"={str(value).upper()}()")
        elif isinstance(value, dt.datetime):
            cell.setValue((value - EPOCH) / dt.timedelta(days=1))
            form = form or "YYYY-MM-DD"
        elif isinstance(value, (int, float)):
            cell.setValue(value)
        else:
            cell.setString(value or "")
        if form:
            cell.NumberFormat = _format(self.document, cell, form)

    def put_rows(self, reference: str, rows: Any) -> str:
        """Type a table from its first cell on; returns its reference."""
        first = self.cells(reference).RangeAddress
        last = first.StartColumn + len(rows[0]) - 1, first.StartRow + len(rows) - 1
        sheet = self.document.Sheets.getByIndex(first.Sheet)
        table = sheet.getCellRangeByPosition(first.StartColumn, first.StartRow, *last)
        table.setDataArray(tuple(tuple(map(_plain, row)) for row in rows))
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                if isinstance(value, (bool, dt.datetime)):
                    self._put(table.getCellByPosition(j, i), value)
        return str(table.AbsoluteName.replace("$", ""))

    def type(self, reference: str, formula: str) -> Any:
        """Type a formula: into one cell, or as an array formula over all cells of the reference; returns what it shows.

        One value, or rows; a blank cell is "", an error is its text.
        """
        cells = self.cells(reference)
        if ":" in reference:
            cells.setArrayFormula(formula)
            return self.rows(reference)
        cells.getCellByPosition(0, 0).setFormula(formula)
        return self.rows(reference)[0][0]

    def rows(self, reference: str) -> list[list[Any]]:
        """What cells show: numbers and texts, errors as texts."""
        cells = self.cells(reference)
        shown = [list(row) for row in cells.getDataArray()]
        first = cells.RangeAddress
        for (row, column), code in error_codes(cells.Spreadsheet, cells).items():
            shown[row - first.StartRow][column - first.StartColumn] = _ERRORS.get(code, f"Err:{code}")
        return shown


def _plain(value: Any) -> float | str:
    """A number or a text, which many cells take at once; "", a blank cell, for what is put there by itself."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, str) else ""


def _format(document: Any, cell: Any, form: str) -> int:
    formats, locale = document.NumberFormats, cell.CharLocale
    key = formats.queryKey(form, locale, False)
    return int(formats.addNew(form, locale) if key == -1 else key)


@pytest.fixture(scope="session")
def vba_host() -> Iterator[VbaHost]:
    """One LibreOffice with the shipped add-in for the whole session."""
    with VbaHost() as host:
        host.load_addin(ADDIN)
        yield host
