"""Excel as the add-in's VBA meets it in LibreOffice: objects in pytest's own process that Basic can call.

`Excel` is what a test sets and looks at; `services` are the objects behind it, under the names that Basic asks for.
"""

import datetime as dt
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support import windows

EPOCH = dt.datetime(1899, 12, 30)
CALC_ERRORS = {2000: 521, 2007: 532, 2015: 519, 2023: 524, 2029: 525, 2036: 503, 2042: 32767}
"""CVErr numbers and Calc's own error codes; the errors of newer Excels are unknown to Calc."""
_NUMBERS = {code: number for number, code in CALC_ERRORS.items()} | {502: 2015, 504: 2023}
_MARK = "\ue000"
_DATE, _CURRENCY, _LOGICAL = 2 | 4, 8, 1024  # com.sun.star.util.NumberFormat
_WITH_ERROR = 4  # com.sun.star.sheet.FormulaResult


@dataclass
class Excel:
    """What the add-in's VBA finds in Excel, and what it did there."""

    status_bar: list[Any] = field(default_factory=list)
    """Everything the status bar was set to, in order; False gives it back to Excel."""
    cancel_key: list[int] = field(default_factory=lambda: [1])
    state: dict[str, Any] = field(
        default_factory=lambda: {"Calculation": -4105, "EnableEvents": True, "ScreenUpdating": True}
    )
    messages: list[str] = field(default_factory=list)
    replies: list[Any] = field(default_factory=list)
    """Answers to coming questions: "yes", "no", a text, or False for Cancel."""
    esc_before_step: int | None = None
    steps: int = 0
    wizard_is_open: bool = False
    is_mac: bool = False
    on_mac: list[str] = field(default_factory=list)
    unreachable: str = ""
    """Why there is no server."""
    dead: list[int] = field(default_factory=list)
    """Errors in which calls end, one after the other, until FocalForget has been called as often."""
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    """Module, name and arguments of every call that reached Python, as xlwings gets them."""


def services(uno: Any, excel: Callable[[], Excel]) -> dict[str, Any]:
    """The objects that Basic finds, by the name of their service."""
    members = {"focal.test.XLPython": _Server(uno, excel), "focal.test.Application": _Application(uno, excel)}
    return {name: _Factory(uno, name, _Scriptable(uno, object_)) for name, object_ in members.items()}


class _Scriptable:
    """An object whose members Basic can call and read; `members` has them under their names in VBA."""

    def __init__(self, uno: Any, members: Any) -> None:
        self._uno, self._members = uno, members

    def getTypes(self) -> tuple[Any, ...]:  # noqa: N802
        names = ("com.sun.star.script.XInvocation", "com.sun.star.lang.XTypeProvider")
        return tuple(map(self._uno.getTypeByName, names))

    def getImplementationId(self) -> Any:  # noqa: N802
        return self._uno.ByteSequence(b"")

    def getIntrospection(self) -> None:  # noqa: N802
        return None

    def hasMethod(self, name: str) -> bool:  # noqa: N802
        return callable(getattr(type(self._members), name, None))

    def hasProperty(self, name: str) -> bool:  # noqa: N802
        return isinstance(getattr(type(self._members), name, None), property)

    def getValue(self, name: str) -> Any:  # noqa: N802
        return getattr(self._members, name)

    def setValue(self, name: str, value: Any) -> None:  # noqa: N802
        setattr(self._members, name, value)

    def invoke(self, name: str, given: tuple[Any, ...], _: Any, __: Any) -> tuple[Any, tuple[()], tuple[()]]:
        return getattr(self._members, name)(*given), (), ()


class _Factory:
    """Gives soffice one object under the name of a service."""

    def __init__(self, uno: Any, service: str, made: Any) -> None:
        self._uno, self._service, self._made = uno, service, made

    def getTypes(self) -> tuple[Any, ...]:  # noqa: N802
        names = ("XSingleComponentFactory", "XServiceInfo", "XTypeProvider")
        return tuple(self._uno.getTypeByName(f"com.sun.star.lang.{name}") for name in names)

    def getImplementationId(self) -> Any:  # noqa: N802
        return self._uno.ByteSequence(b"")

    def createInstanceWithContext(self, _: Any) -> Any:  # noqa: N802
        return self._made

    def createInstanceWithArgumentsAndContext(self, _: Any, __: Any) -> Any:  # noqa: N802
        return self._made

    def getImplementationName(self) -> str:  # noqa: N802
        return self._service

    def supportsService(self, name: str) -> bool:  # noqa: N802
        return name == self._service

    def getSupportedServiceNames(self) -> tuple[str, ...]:  # noqa: N802
        return (self._service,)


class _Server:
    """The server's object: xlwings' own, with Basic's values made what pywin32 makes of Excel's."""

    def __init__(self, uno: Any, excel: Callable[[], Excel]) -> None:
        self._uno, self._excel = uno, excel

    def CallUDF(self, module: str, name: str, arguments: Any, _: Any = None) -> Any:  # noqa: N802
        given = tuple(windows.MISSING if value is None else _of_excel(value) for value in arguments or ())
        self._excel().calls.append((module, name, given))
        if module.endswith("commands"):
            self._excel().steps += 1
        return _for_basic(self._uno, windows.call_udf(module, name, *given))


class _Application:
    """Excel's Application, as far as FocalRuntime asks it, and what stands in for Basic's own words."""

    def __init__(self, uno: Any, excel: Callable[[], Excel]) -> None:
        self._uno, self._excel = uno, excel

    @property
    def StatusBar(self) -> Any:  # noqa: N802
        return self._excel().status_bar[-1] if self._excel().status_bar else False

    @StatusBar.setter
    def StatusBar(self, text: Any) -> None:  # noqa: N802
        self._excel().status_bar.append(text)

    @property
    def Hwnd(self) -> int:  # noqa: N802
        return 4711

    @property
    def Itself(self) -> str:  # noqa: N802
        return "Application"

    @property
    def EnableCancelKey(self) -> int:  # noqa: N802
        return self._excel().cancel_key[-1]

    @EnableCancelKey.setter
    def EnableCancelKey(self, value: int) -> None:  # noqa: N802
        self._excel().cancel_key.append(int(value))

    Calculation, EnableEvents, ScreenUpdating = (
        property(lambda self, name=name: self._excel().state[name],
                 lambda self, value, name=name: self._excel().state.update({name: value}))
        for name in ("Calculation", "EnableEvents", "ScreenUpdating")
    )  # fmt: skip

    @property
    def Enabled(self) -> bool:  # noqa: N802
        return not self._excel().wizard_is_open

    def CommandBars(self, _: str) -> Any:  # noqa: N802
        return _Scriptable(self._uno, self)

    def Controls(self, _: int) -> Any:  # noqa: N802
        return _Scriptable(self._uno, self)

    def Overlap(self, one: Any, other: Any) -> bool:  # noqa: N802
        return bool(one.CellRange.queryIntersection(other.CellRange.RangeAddress).RangeAddresses)

    def Intersect(self, one: Any, other: Any) -> Any:  # noqa: N802
        cells = one.CellRange
        (area,) = cells.queryIntersection(other.CellRange.RangeAddress).RangeAddresses
        at = (area.StartColumn, area.StartRow, area.EndColumn, area.EndRow)
        return _Scriptable(self._uno, _Range(self._uno, cells.Spreadsheet.getCellRangeByPosition(*at)))

    def SeveralAreas(self) -> Any:  # noqa: N802
        return _Scriptable(self._uno, _TwoAreas(self._uno))

    def InputBox(self, text: str, _: str, default: str) -> Any:  # noqa: N802
        self._excel().messages.append(f"{text} [{default}]")
        return self._excel().replies.pop(0)

    def MessageBox(self, text: str, buttons: int, _: str) -> int:  # noqa: N802
        self._excel().messages.append(text)
        question = int(buttons) & 7 == 4
        return {"yes": 6, "no": 7}[self._excel().replies.pop(0)] if question else 1

    def CellError(self, number: int) -> float:  # noqa: N802
        code = CALC_ERRORS.get(int(number), CALC_ERRORS[2015])
        (nan,) = struct.unpack("<d", struct.pack("<Q", 0x7FF8 << 48 | code))
        return float(nan)  # Calc shows a nan of such bits as the error of that code

    def EscWasPressed(self) -> bool:  # noqa: N802
        if self._excel().esc_before_step != self._excel().steps:
            return False
        self._excel().esc_before_step = None
        return True

    def Unreachable(self) -> str:  # noqa: N802
        return self._excel().unreachable

    def ErrorOfTheNextCall(self) -> int:  # noqa: N802
        return self._excel().dead[0] if self._excel().dead else 0

    def Forget(self) -> None:  # noqa: N802
        del self._excel().dead[:1]

    def IsMac(self) -> bool:  # noqa: N802
        return self._excel().is_mac

    def OnMac(self, command: str) -> None:  # noqa: N802
        self._excel().on_mac.append(command)


class _TwoAreas:
    """A selection of two areas, which Calc hands to no function."""

    def __init__(self, uno: Any) -> None:
        self._uno = uno

    @property
    def Areas(self) -> Any:  # noqa: N802
        return _Scriptable(self._uno, self)

    @property
    def Count(self) -> int:  # noqa: N802
        return 2


class _Range:
    """A range with the values that Excel's has.

    Dates and errors travel through Basic as marked texts, because on its way out Basic makes plain numbers of dates.
    """

    def __init__(self, uno: Any, cells: Any) -> None:
        self._uno, self._cells = uno, cells

    @property
    def Value(self) -> Any:  # noqa: N802
        return self._values(dates=True)

    @property
    def Value2(self) -> Any:  # noqa: N802
        return self._values(dates=False)

    def _values(self, *, dates: bool) -> Any:
        rows = [list(row) for row in self._cells.getDataArray()]
        for kind, i, j in self._numbers():
            if isinstance(rows[i][j], float):
                if kind & _LOGICAL:
                    rows[i][j] = bool(rows[i][j])
                elif kind & _DATE and dates:
                    rows[i][j] = f"{_MARK}date {rows[i][j]!r}"
                elif kind & _CURRENCY and dates:
                    fixed = round(rows[i][j] * 10_000)
                    rows[i][j] = self._uno.createUnoStruct("com.sun.star.bridge.oleautomation.Currency", fixed)
        for i, j in _each(self._cells, self._cells.queryEmptyCells()):
            rows[i][j] = None
        for i, j in _each(self._cells, self._cells.queryFormulaCells(_WITH_ERROR)):
            code = self._cells.getCellByPosition(j, i).getError()
            rows[i][j] = f"{_MARK}error {_NUMBERS.get(code, 2015)}"
        return rows[0][0] if len(rows) == len(rows[0]) == 1 else _array(self._uno, rows)

    def _numbers(self) -> Iterator[tuple[int, int, int]]:
        """Type of number format, row and column of the cells that have one that matters."""
        formats = self._cells.Spreadsheet.DrawPage.Forms.Parent.NumberFormats
        for same in _all(self._cells.getUniqueCellFormatRanges()):
            kind = formats.getByKey(same.getByIndex(0).NumberFormat).Type
            if kind & (_DATE | _CURRENCY | _LOGICAL):
                for i, j in _each(self._cells, same):
                    yield kind, i, j


def _each(cells: Any, ranges: Any) -> Iterator[tuple[int, int]]:
    """Row and column within `cells` of every cell of some ranges."""
    corner = cells.RangeAddress
    for address in ranges.RangeAddresses:
        for row in range(address.StartRow, address.EndRow + 1):
            for column in range(address.StartColumn, address.EndColumn + 1):
                yield row - corner.StartRow, column - corner.StartColumn


def _all(container: Any) -> Iterator[Any]:
    return (container.getByIndex(i) for i in range(container.Count))


def _array(uno: Any, rows: Any) -> Any:
    """Rows as one array of two dimensions; an array of arrays would be none to a cell."""
    grid = uno.Any("[][]any", tuple(map(tuple, rows)))
    return uno.createUnoStruct("com.sun.star.script.ArrayWrapper", True, grid)


def _of_excel(value: Any) -> Any:
    """What pywin32 hands over where Basic handed this."""
    value = getattr(value, "Array", value)
    if isinstance(value, tuple):
        return tuple(map(_of_excel, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)  # Basic makes integers of whole numbers; Excel has none
    if not isinstance(value, str) or not value.startswith(_MARK):
        return value
    kind, number = value.removeprefix(_MARK).split()
    if kind == "error":
        return windows.error(int(number))
    day = EPOCH + dt.timedelta(days=float(number))
    return windows.date(*day.timetuple()[:6])


def _for_basic(uno: Any, value: Any) -> Any:
    """What VBA gets where pywin32 was handed this: rows, a row or one value."""
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=None) - EPOCH) / dt.timedelta(days=1)
    if not isinstance(value, list):
        return value
    if not isinstance(value[0], list):
        return tuple(_for_basic(uno, cell) for cell in value)
    return _array(uno, [[_for_basic(uno, cell) for cell in row] for row in value])
