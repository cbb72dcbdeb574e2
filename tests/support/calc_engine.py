"""A desktop engine for xlwings over LibreOffice Calc: `xw.Book` objects on a real spreadsheet program.

    with open_in_calc(libreoffice, path) as book:
        book.sheets["Settings"]["C4"].value = 0.2
        book.app.calculate()
        saved_as(book, target)

Only what Focal asks of an open workbook is there; the rest raises NotImplementedError.  `.api` objects are in
`calc_api`, ranges in `calc_ranges`, tables in `calc_tables`, what cells hold in `calc_cells`, formulas as text in
`calc_formulas`, what Calc answers about many cells at once in `calc_basic`.  Nothing of xlwings.pro is used.
"""

import contextlib
import datetime as dt
import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlwings as xw
from xlwings import base_classes

from pyfuncs.workbook.cells import LAST_COLUMN, LAST_ROW, column_number
from tests.support import calc_api, calc_cells
from tests.support.calc_basic import in_basic
from tests.support.calc_cells import ComError, Contents
from tests.support.calc_ranges import Names, Range
from tests.support.calc_tables import Table, Tables
from tests.support.libreoffice import LibreOffice
from tests.support.programs import missing

_XLSX = "Calc MS Excel 2007 XML"
_ERROR_TEXTS = {number: text for text, number in calc_cells.ERRORS.items()}
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)", re.IGNORECASE)
_AREA = re.compile(r"\$?([A-Z]{1,3})?\$?(\d+)?:\$?([A-Z]{1,3})?\$?(\d+)?", re.IGNORECASE)


@contextlib.contextmanager
def open_in_calc(host: LibreOffice, path: Path) -> Iterator[xw.Book]:
    """Open a copy of a workbook in Calc as an xlwings book; it is the active one until the end."""
    if host._uno is None:
        missing("pyuno does not load into this Python: no workbook can be held open in LibreOffice")
    app = next((app for app in _ENGINE.impl.apps if app.host is host), None) or App(host)
    before = xw.engines.active
    if "calc" not in [engine.name for engine in xw.engines]:
        xw.engines.add(_ENGINE)
    xw.engines.active = _ENGINE
    book = app.books.open(path)
    try:
        yield xw.Book(impl=book)
    finally:
        book.close()
        xw.engines.active = before


def saved_as(book: xw.Book, path: Path) -> Path:
    """Store the book's present state as .xlsx and return where."""
    book.impl.store(path)
    return path


class EngineImpl:
    """What xlwings asks of an engine, in the words of its Windows engine."""

    name, type = "calc", "desktop"

    def __init__(self) -> None:
        self.apps = Apps()

    @staticmethod
    def prepare_xl_data_element(x: Any, options: Any) -> Any:
        if isinstance(x, np.datetime64):
            x = pd.Timestamp(x)
        if x is None or (not isinstance(x, (list, tuple)) and pd.isna(x)):
            return ""
        if isinstance(x, pd.Timestamp):
            x = x.to_pydatetime()
        if isinstance(x, dt.datetime):
            return x.replace(tzinfo=None)
        if isinstance(x, dt.date):
            return dt.datetime(x.year, x.month, x.day)
        return float(x) if isinstance(x, np.number) else x

    @staticmethod
    def clean_value_data(data: Any, datetime_builder: Any, empty_as: Any, number_builder: Any, err_to_str: bool) -> Any:
        def clean(value: Any) -> Any:
            if value is None or value == "":
                return empty_as
            if isinstance(value, dt.datetime):
                parts = {name: getattr(value, name) for name in _PARTS_OF_A_MOMENT}
                return datetime_builder(**parts, tzinfo=None)
            if isinstance(value, float) and number_builder is not None:
                return number_builder(value)
            if isinstance(value, int) and not isinstance(value, bool) and value in _ERROR_TEXTS:
                return _ERROR_TEXTS[value] if err_to_str else None
            return value

        return [[clean(value) for value in row] for row in data]


_PARTS_OF_A_MOMENT = ("year", "month", "day", "hour", "minute", "second", "microsecond")


class Apps(base_classes.Apps):
    """One app per LibreOffice process, remembered while it has open books."""

    def __init__(self) -> None:
        self._apps: list[App] = []

    def remember(self, app: "App", alive: bool) -> None:
        self._apps = [other for other in self._apps if other is not app] + [app] * alive

    def keys(self) -> list[int]:
        return [app.pid for app in self._apps]

    def __iter__(self) -> Iterator["App"]:
        return iter(self._apps)

    def __len__(self) -> int:
        return len(self._apps)

    def __getitem__(self, pid: int) -> "App":
        return next(app for app in self._apps if app.pid == pid)


class App(base_classes.App):
    """One soffice process; its display switches are only remembered, its calculation mode is real."""

    screen_updating = enable_events = display_alerts = interactive = visible = True
    books: Any = None  # a plain attribute in place of the property of the base class

    def __init__(self, host: LibreOffice) -> None:
        self.host = host
        self.books = Books(self)
        self.status_bar_history: list[str | bool] = []
        self._status_bar: str | bool = False
        self._calculation = "automatic"
        self.context = host.context
        self.basic = in_basic(host.context)
        self.locale = host._uno.createUnoStruct("com.sun.star.lang.Locale", "en", "US", "")

    engine = property(lambda self: _ENGINE.impl)
    pid = property(lambda self: self.host._process.pid)
    hwnd = pid
    api = property(lambda self: calc_api.AppApi())

    @property
    def status_bar(self) -> str | bool:
        return self._status_bar

    @status_bar.setter
    def status_bar(self, value: str | bool) -> None:
        self._status_bar = value
        self.status_bar_history.append(value)

    @property
    def calculation(self) -> str:
        return self._calculation

    @calculation.setter
    def calculation(self, value: str) -> None:
        if value not in ("automatic", "manual"):
            raise NotImplementedError(f"calculation {value}")
        self._calculation = value
        for book in self.books:
            book.document.enableAutomaticCalculation(value == "automatic")

    def calculate(self) -> None:
        for book in self.books:
            book.document.calculateAll()

    def activate(self, steal_focus: bool = False) -> None:
        """There is nothing to bring to the front."""

    @property
    def selection(self) -> Range | None:
        book = self.books.active
        chosen = book.document.CurrentController.getSelection()
        if not hasattr(chosen, "RangeAddress"):
            return None
        return book.range_at(chosen.RangeAddress)

    def enum(self, name: str, value: str) -> Any:
        """A UNO enumeration value."""
        return self.host._uno.Enum(name, value)


class Books(base_classes.Books):
    """The open books of an app; the active one is the last activated."""

    app: Any = None

    def __init__(self, app: App) -> None:
        self.app = app
        self.open_books: list[Book] = []
        self._active: Book | None = None

    @property
    def active(self) -> "Book":
        assert self._active is not None
        return self._active

    @active.setter
    def active(self, book: "Book | None") -> None:
        self._active = book

    def __iter__(self) -> Iterator["Book"]:
        return iter(list(self.open_books))

    def __len__(self) -> int:
        return len(self.open_books)

    def __call__(self, key: int | str) -> "Book":
        if isinstance(key, int):
            return self.open_books[key - 1]
        for book in self.open_books:
            if key.casefold() in (book.name.casefold(), book.fullname.casefold()):
                return book
        raise KeyError(key)

    def open(self, fullname: Path | str, *_: Any, **__: Any) -> "Book":
        """Open a copy, in a folder of its own so that it keeps its name."""
        source = Path(fullname)
        copy = self.app.host.folder / uuid.uuid4().hex / source.name
        copy.parent.mkdir()
        shutil.copy(source, copy)
        book = Book(self.app, copy)
        self.open_books.append(book)
        self.active = book
        _ENGINE.impl.apps.remember(self.app, True)
        return book


class Book(base_classes.Book):
    """An open document."""

    def __init__(self, app: App, path: Path) -> None:
        self._app, self._path = app, path
        host = app.host
        self.document = host._desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, host._properties(Hidden=True))
        if self.document is None:
            raise RuntimeError(f"LibreOffice cannot load {path}")
        self.document.enableAutomaticCalculation(app.calculation == "automatic")
        self.document.setModified(False)  # calculating on load is no change
        self.uno_sheets = self.document.Sheets
        self._uno_tables = self.document.DatabaseRanges
        self._pages: dict[str, Any] = {}
        self._database_ranges: dict[str, Any] = {}
        self.shifts = 0  # how often cells were inserted or deleted
        formatter = app.context.ServiceManager.createInstanceWithContext(
            "com.sun.star.util.NumberFormatter", app.context
        )
        self.contents = Contents(self.document, formatter, app.locale, app.basic)
        self.protections = calc_api.protections_in(path)
        self.totals: dict[str, Any] = {}  # table -> the totals it had when they were switched off
        self.footers: dict[str, dict[str, Any]] = {}  # page style -> what writes each part of its footer into Calc

    api = property(lambda self: calc_api.BookApi(self))
    app = property(lambda self: self._app)
    name = property(lambda self: self._path.name)
    fullname = property(lambda self: str(self._path))
    sheets = property(lambda self: Sheets(self))
    names = property(lambda self: Names(self))

    def activate(self) -> None:
        self._app.books.active = self

    def close(self) -> None:
        if self.document is None:
            return
        self.document.close(True)
        self.document = None
        books = self._app.books
        books.open_books.remove(self)
        books.active = books.open_books[-1] if books.open_books else None
        _ENGINE.impl.apps.remember(self._app, bool(books.open_books))

    def save(self, path: str | None = None, password: str | None = None) -> None:
        if password is not None:
            raise NotImplementedError("password")
        if path is not None:
            self._path = Path(path).absolute()
        self.put_footers(*self.footers)
        self.document.storeAsURL(self._path.as_uri(), self._app.host._properties(FilterName=_XLSX))

    def store(self, path: Path | str) -> None:
        """Store a copy as .xlsx; the book stays what it is."""
        self.put_footers(*self.footers)
        target = Path(path).absolute().as_uri()
        self.document.storeToURL(target, self._app.host._properties(FilterName=_XLSX))

    def put_footers(self, *styles: str) -> None:
        """Write the footers of these page styles into Calc, as far as that was put off."""
        for style in styles:
            for put in self.footers.pop(style, {}).values():
                put()

    def page(self, name: str) -> Any:
        """Calc's own sheet of that name."""
        if name not in self._pages:
            self._pages[name] = self.uno_sheets.getByName(name)
        return self._pages[name]

    def shifted(self) -> None:
        """To be said after inserting or deleting cells: it cuts the objects in hand, a sheet's is then no sheet's."""
        self._pages.clear()
        self.shifts += 1

    def database_ranges(self) -> list[Any]:
        """Calc's own tables."""
        for name in (names := self._uno_tables.ElementNames):
            if name not in self._database_ranges:
                self._database_ranges[name] = self._uno_tables.getByName(name)
        return [self._database_ranges[name] for name in names]

    def range_at(self, address: Any) -> Range:
        """The range of a UNO address."""
        sheet = Sheet(self, self.uno_sheets.ElementNames[address.Sheet])
        return Range(sheet, address.StartRow + 1, address.StartColumn + 1,
                     address.EndRow - address.StartRow + 1, address.EndColumn - address.StartColumn + 1)  # fmt: skip


class Sheets(base_classes.Sheets):
    """The sheets of a book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    @property
    def active(self) -> "Sheet":
        return Sheet(self._book, self._book.document.CurrentController.getActiveSheet().Name)

    def __len__(self) -> int:
        return int(self._book.uno_sheets.Count)

    def __iter__(self) -> Iterator["Sheet"]:
        return (self(place) for place in range(1, len(self) + 1))

    def __contains__(self, name: object) -> bool:
        raise NotImplementedError('"name" in book.sheets is False in Excel, whatever the name: ask book.sheet_names')

    def __call__(self, key: int | str) -> "Sheet":
        names = self._book.uno_sheets.ElementNames
        if isinstance(key, int):
            if 1 <= key <= len(names):
                return Sheet(self._book, names[key - 1])
        elif name := next((name for name in names if name.casefold() == key.casefold()), None):
            return Sheet(self._book, name)
        raise ComError("Subscript out of range")


class Sheet(base_classes.Sheet):
    """A sheet; `uno` is Calc's own."""

    name: Any = None  # a plain attribute in place of the property of the base class

    def __init__(self, book: Book, name: str) -> None:
        self._book, self.name = book, name

    api = property(lambda self: calc_api.SheetApi(self))
    book = property(lambda self: self._book)
    uno = property(lambda self: self._book.page(self.name))
    index = property(lambda self: self._book.uno_sheets.ElementNames.index(self.name) + 1)
    tables = property(lambda self: Tables(self))
    names = property(lambda self: Names(self._book, self))
    cells = property(lambda self: Range(self, 1, 1, LAST_ROW, LAST_COLUMN))

    @property
    def visible(self) -> int:
        """-1 or 0, as Excel says it."""
        return -int(self.uno.IsVisible)

    @visible.setter
    def visible(self, value: bool) -> None:
        self.uno.IsVisible = bool(value)

    @property
    def used_range(self) -> Range:
        cursor = self.uno.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        return self._book.range_at(cursor.RangeAddress)

    def activate(self) -> None:
        if not self.uno.IsVisible:
            raise ComError("Activate method of Worksheet class failed")
        self._book.activate()
        self._book.document.CurrentController.setActiveSheet(self.uno)

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        if isinstance(arg1, tuple) and len(arg1) == 4:
            return Range(self, *arg1)
        if isinstance(arg1, int) and isinstance(arg2, int):
            arg1, arg2 = (arg1, arg2), None
        first = self._corner(arg1)
        if arg2 is None:
            return first
        second = self._corner(arg2)
        top, left = min(first.row, second.row), min(first.column, second.column)
        bottom, right = max(first.bottom, second.bottom), max(first.right, second.right)
        return Range(first.sheet, top, left, bottom - top + 1, right - left + 1)

    def _corner(self, given: Any) -> Range:
        if isinstance(given, Range):
            return given
        if isinstance(given, tuple):
            if 0 in given:
                raise IndexError("Attempted to access 0-based Range. xlwings/Excel Ranges are 1-based.")
            return Range(self, *given, 1, 1)
        found = _CELL.fullmatch(given) or _AREA.fullmatch(given)
        return self._at(*found.groups()) if found else self._named(given)

    def _at(self, left: str | None, top: str | None, right: str | None = "", bottom: str | None = "") -> Range:
        right, bottom = left if right == "" else right, top if bottom == "" else bottom
        rows = sorted((int(top or 1), int(bottom or LAST_ROW)))
        columns = sorted((column_number((left or "A").upper()), column_number((right or "XFD").upper())))
        if rows[1] > LAST_ROW or columns[1] > LAST_COLUMN:
            raise ComError("Application-defined or object-defined error")
        return Range(self, rows[0], columns[0], rows[1] - rows[0] + 1, columns[1] - columns[0] + 1)

    def _named(self, text: str) -> Range:
        name, _, part = text.partition("[")
        for found in self._book.database_ranges():
            if found.Name.casefold() == name.casefold():
                sheet = Sheet(self._book, self._book.uno_sheets.ElementNames[found.DataArea.Sheet])
                return Table(sheet, found).part(part.rstrip("]"))
        for names in (Names(self._book, self), self._book.names):
            if names.contains(text):
                return names(text).refers_to_range
        raise ComError("Application-defined or object-defined error")


_ENGINE = xw.Engine(impl=EngineImpl())
