"""Just enough of pywin32 for xlwings' own Windows modules to import and run here: inert, and for tests only.

After `install()` the real `xlwings.udfs`, `xlwings.com_server` and `xlwings._xlwindows` are in place, and `xw.func`,
`xw.arg` and `xw.ret` are those of Windows: what a formula goes through in Python is xlwings' code and not a copy of it.
Nothing here talks to an Excel.
"""

import contextlib
import ctypes
import datetime as dt
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

MISSING = -2147352572
"""What pywin32 makes of an argument that was left out in VBA."""


class ComError(Exception):
    """Stands for pywintypes.com_error."""

    @property
    def hresult(self) -> Any:
        return self.args[0]


class ComTime(dt.datetime):
    """Stands for pywintypes.datetime: Excel's dates arrive as such, always in UTC."""


class _Inert:
    """Whatever is asked of it is there, can be called, and does nothing."""

    restype: Any = None

    def __getattr__(self, name: str) -> "_Inert":
        if name.startswith("__"):
            raise AttributeError(name)
        child = _Inert()
        setattr(self, name, child)
        return child

    def __call__(self, *_: object, **__: object) -> int:
        return 0


def date(*parts: int) -> ComTime:
    """A date cell as pywin32 hands it over."""
    return ComTime(*parts, tzinfo=dt.UTC)


def error(number: int) -> int:
    """An error cell as pywin32 hands it over, from its CVErr number."""
    return -2146828288 + number


def install() -> None:
    """Let xlwings be as on Windows for the rest of this process; modules with UDFs that are there are imported anew."""
    plant()
    import xlwings as xw

    if hasattr(xw, "_xlwindows"):
        return
    with _windows_ctypes():
        xw._xlwindows = importlib.import_module("xlwings._xlwindows")
    xw.engines.add(xw.Engine(impl=xw._xlwindows.engine))
    udfs = importlib.import_module("xlwings.udfs")
    xw.func, xw.arg, xw.ret, xw.script, xw.sub = udfs.xlfunc, udfs.xlarg, udfs.xlret, udfs.xlsub, udfs.xlsub
    xw.serve = importlib.import_module("xlwings.com_server").serve
    for name in ("pyfuncs.hosts.excel.udfs", "pyfuncs.hosts.excel.commands"):
        if name in sys.modules:  # imported while the decorators still did nothing
            importlib.reload(sys.modules[name])


def call_udf(module: str, name: str, *arguments: Any) -> Any:
    """What VBA gets from `FocalServer().CallUDF(module, name, Array(...))`: xlwings' own COM object answers."""
    install()
    return importlib.import_module("xlwings.com_server").XLPython().CallUDF(module, name, arguments)


def plant() -> None:
    """Put stand-ins for pywin32's modules where imports find them."""
    if "pythoncom" in sys.modules:
        return

    def module(name: str, **members: object) -> ModuleType:
        made = sys.modules[name] = ModuleType(name)
        made.__dict__.update(members)
        return made

    def refuse(*_: object) -> Any:
        raise TypeError("not an object that Python gave away")

    dispatch = {"Dispatch": lambda it, **_: it, "DispatchEx": lambda *_: None}
    classes = {name: type(name, (), {}) for name in ("CDispatch", "CoClassBaseClass", "DispatchBaseClass")}
    util = module("win32com.server.util", unwrap=refuse, wrap=lambda it, iid=None: it)
    server = module(
        "win32com.server",
        util=util,
        dispatcher=module("win32com.server.dispatcher"),
        policy=module("win32com.server.policy", DefaultPolicy=object),
    )
    module("win32com", client=module("win32com.client", **dispatch, **classes), server=server)
    module("pywintypes", com_error=ComError, error=ComError, TimeType=ComTime, IID=str)
    module(
        "pythoncom",
        __file__="pythoncom.dll",
        IID_IDispatch="IDispatch",
        IID_IEnumVARIANT="IEnumVARIANT",
        TypeIIDs={"IDispatch": type("PyIDispatch", (), {})},
        com_error=ComError,
        ole_error=ComError,
        CoInitialize=lambda: None,
    )
    module("win32timezone", TimeZoneInfo=SimpleNamespace(utc=lambda: dt.UTC))
    for name in ("win32api", "win32con", "win32event", "win32gui"):
        module(name)
    module("win32process", GetWindowThreadProcessId=lambda hwnd: (1, hwnd))


@contextlib.contextmanager
def _windows_ctypes() -> Iterator[None]:
    """Let ctypes have what it has on Windows while xlwings' modules import."""
    original = ctypes.PyDLL
    ctypes.oledll, ctypes.windll = _Inert(), _Inert()  # type: ignore[attr-defined, assignment]
    ctypes.PyDLL = lambda *_, **__: _Inert()  # type: ignore[assignment, misc]
    try:
        yield
    finally:
        ctypes.PyDLL = original  # type: ignore[misc]
        del ctypes.oledll, ctypes.windll  # type: ignore[attr-defined]
