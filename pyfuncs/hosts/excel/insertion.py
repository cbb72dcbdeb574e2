"""The Insert function button: types a formula for the selected data into the first free place beside it.

What the formula refers to, what the user is asked for and where the result goes is decided by plain functions; only
what follows `insert` speaks to Excel.
"""

import datetime as dt
import re
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pyfuncs.errors import InputError
from pyfuncs.functions import CATALOGUE, Function
from pyfuncs.functions.catalogue import Argument
from pyfuncs.hosts.excel import excel_only, grids
from pyfuncs.hosts.excel.conversation import Ask, Conversation, Input, Progress
from pyfuncs.hosts.excel.session import selection_of
from pyfuncs.vocabulary import TERMS
from pyfuncs.workbook.cells import LAST_COLUMN, Area
from pyfuncs.workbook.formula_text import column_specifier

COLUMNS: Final = ("column", "column of labels", "column of dates", "column of TRUE and FALSE")
"""Kinds of arguments that are one column."""
LOOKED_AT: Final = 1000
"""First rows of the data: something must stand in them, and a model fits into them."""

_SELECT: Final = "Select a cell of your data, a table or a range with headers, and try again."


@dataclass(frozen=True)
class Data:
    """The data a formula is to refer to: where it lies, and how it and each of its columns are written.

    `whole` is the reference to everything, headers included; `column(i)` that to one column, counted from 0.
    `chosen` is the column the user pointed at, None when it is several.  `model` says that a fitted model stands there.
    """

    area: Area
    whole: str
    column: Callable[[int], str]
    headers: tuple[str, ...]
    chosen: int | None
    model: bool = False


Written = Callable[[Area, Sequence[str], int | None], Data]
"""Makes data of where they lie, their first row and the chosen column."""


# --- references ------------------------------------------------------------------------------------------------------


def of_table(name: str, area: Area, headers: Sequence[str], chosen: int | None, *, header: bool, totals: bool) -> Data:
    """An Excel Table by name, valid on every sheet; its totals are no data.

    A column is taken with its header, so that results say what they are and stand row for row beside the table.
    """
    rows = ("[#Headers],[#Data]" if header else "[#Data]") if totals else "[#All]"
    return Data(
        area._replace(bottom=area.bottom - totals),
        f"{name}[{rows}]" if "," in rows else f"{name}{rows}",
        lambda place: f"{name}[{rows},{column_specifier(headers[place])}]",
        tuple(headers),
        chosen,
    )


def of_spill(area: Area, headers: Sequence[str], chosen: int | None) -> Data:
    """A spilled range by its first cell, so that the reference grows and shrinks with it."""
    whole = f"{Area(area.top, area.left, area.top, area.left)}#"
    single = area.left == area.right
    return Data(area, whole, lambda place: whole if single else f"INDEX({whole},,{place + 1})", tuple(headers), chosen)


def of_cells(area: Area, headers: Sequence[str], chosen: int | None) -> Data:
    """Plain cells by their address."""

    def column(place: int) -> str:
        return str(area._replace(left=area.left + place, right=area.left + place))

    return Data(area, str(area), column, tuple(headers), chosen)


def first_reference(function: Function, data: Data) -> str:
    """What the first argument refers to."""
    argument = function.arguments[0]
    if argument.kind.name not in COLUMNS:
        return data.whole
    if data.chosen is None:
        raise InputError(f"{function.name} takes one column ({argument.name}). Select a cell of that column.")
    return data.column(data.chosen)


def likely_column(argument: Argument, data: Data) -> str:
    """The column whose header is the name of an argument or another word for it; "" when none or several are."""
    term = TERMS[argument.name]
    wanted = {word.casefold() for word in (term.name, *term.aliases)}
    places = [place for place, header in enumerate(data.headers) if header.strip().casefold() in wanted]
    return data.column(places[0]) if argument.kind.name in COLUMNS and len(places) == 1 else ""


# --- what the user types ---------------------------------------------------------------------------------------------


def question(function: Function, argument: Argument) -> str:
    """What is asked for an argument that must be given."""
    if argument.kind.name in COLUMNS:
        how = "Type the header of the column, or its reference such as C1:C100."
    elif argument.kind.name == "date":
        how = "Type a date as year-month-day, such as 2024-06-30, or the reference of a cell."
    elif argument.kind.choices:
        how = f"Type one of: {', '.join(argument.kind.choices)}."
    else:
        how = "Type a number, or a reference."
    return f"{function.name} needs {argument.name}: {argument.meaning}\n\n{how}"


def typed(argument: Argument, answer: str, data: Data) -> str:
    """An answer as it goes into the formula; InputError when it cannot."""
    text = answer.strip().removeprefix("=").strip()
    for choice in argument.kind.choices:
        if text.strip('"').casefold() == choice.casefold():
            return f'"{choice}"'
    if argument.kind.name in COLUMNS:
        places = [i for i, header in enumerate(data.headers) if header.strip().casefold() == text.casefold()]
        return data.column(places[0]) if len(places) == 1 else text
    if argument.kind.name == "date":
        return _date(argument, text)
    if found := re.fullmatch(r"(-?\d+),(\d+)", text):  # Excel takes the comma for the end of the argument
        if len(found.group(2)) == 3:
            raise InputError(f"{argument.name}: {text} can be two numbers. Write it with a decimal point or without.")
        return f"{found.group(1)}.{found.group(2)}"
    return text


def _date(argument: Argument, text: str) -> str:
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        year, month, day = map(int, found.groups())
        try:
            dt.date(year, month, day)
        except ValueError:
            raise InputError(f"{argument.name}: there is no day {text}.") from None
        return f"DATE({year},{month},{day})"
    if re.fullmatch(r"\d+\s?[./-]\s?\d+\s?[./-]\s?\d+", text):
        raise InputError(f"{argument.name}: {text} can be read as more than one day. Write it as 2024-06-30.")
    return text


def closing(function: Function, formula: str, cell: str, given: int) -> str:
    """What was typed where, and what can be added."""
    optional = ", ".join(argument.name for argument in function.arguments[given:])
    if function.arguments and not given:
        return (
            f"{cell} holds {formula}. Put the cells of a model, as CLV_FIT spills them, into the brackets: {optional}."
        )
    return f"{cell} holds {formula}." + (f" It can also take, in this order: {optional}." if optional else "")


# --- where the result goes -------------------------------------------------------------------------------------------


def width_of(function: Function) -> int:
    """Columns the result will need: those of the documented example, and one for the names of a log's customers."""
    result = function.example.result
    return (len(result[0]) if isinstance(result, (list, tuple)) else 1) + 1


def free_place(data: Area, width: int, used: Area, is_free: Callable[[Area], bool]) -> tuple[int, int]:
    """Row and column of the first free place to the right of the data, level with its first row.

    The place is free down to the last used row, for nobody knows how far a result will spill, and a blank column stays
    on either side of it, so that it grows together with nothing.
    """
    bottom = max(data.bottom, used.bottom)
    for column in range(data.right + 2, LAST_COLUMN - width + 1):
        place = Area(data.top, max(column - 1, 1), bottom, column + width)
        if place.left > used.right or is_free(place):
            return data.top, column
    raise InputError("There is no free place to the right of the data. Type the formula on another sheet.")


# --- the open workbook -----------------------------------------------------------------------------------------------


def insert(app: Any, name: str) -> Conversation:
    """Type a formula of a function for the selection, and select its cell."""
    if sys.platform == "darwin":
        raise InputError("Focal's functions work in Excel for Windows only. On a Mac use Focal > Refit.")
    function = CATALOGUE.get(name.upper())
    if function is None:
        raise InputError(f"Focal has no function {name}; the add-in is of another version. Run: focal install")
    selection = selection_of(app)
    if selection is None:
        raise InputError(f"No cells are selected. {_SELECT}")
    sheet = selection.sheet
    if sheet.api.ProtectContents:
        raise InputError(
            f"Sheet {sheet.name} is protected, so nothing can be typed beside its data. Unprotect it (Review > "
            "Unprotect Sheet), or copy the data to a sheet of your own."
        )
    yield Progress(f"Inserting {function.name}")
    if function.arguments[0].optional:
        area, given = _without_data(selection)
    else:
        data = data_at(selection)
        area, given = data.area, [first_reference(function, data)]
        for argument in function.arguments[1:]:
            if not argument.optional:
                given.append((yield from _asked(function, argument, data)))
    row, column = free_place(area, width_of(function), _area(sheet.used_range), _free_on(sheet))
    formula = f"={function.name}({', '.join(given)})"
    cell = sheet.range((row, column))
    _type(cell, formula)
    cell.select()
    return closing(function, formula, str(Area(row, column, row, column)), len(given))


def _asked(function: Function, argument: Argument, data: Data) -> Generator[Progress | Ask | Input, str, str]:
    """Ask for an argument until it can be written."""
    asking, default = question(function, argument), likely_column(argument, data)
    text = asking
    while True:
        answer = (yield Input(text, default)) or default
        if not answer.strip():
            raise InputError(f"{function.name} needs {argument.name}; nothing was inserted.")
        try:
            return typed(argument, answer, data)
        except InputError as reason:  # it says how to type it; a window for input holds 255 characters
            text = str(reason)


def data_at(selection: Any) -> Data:
    """The data at the selection: its table, what has spilled there, what surrounds a cell, or the cells themselves."""
    if excel_only.areas(selection) > 1:
        raise InputError(f"Several ranges are selected. {_SELECT}")
    here, sheet = _area(selection), selection.sheet
    corner, table = sheet.range((here.top, here.left)), selection.table
    kind: Written = of_cells
    if table is not None:
        cells, kind = table.range, _of_table(table)
    elif _spills(corner):
        cells, kind = sheet.range(corner.api.SpillParent.SpillingToRange.Address), of_spill
    elif here.top == here.bottom and here.left == here.right:
        cells = selection.current_region
    else:
        used = _area(sheet.used_range)
        if not used.overlaps(here):
            raise InputError(f"The selected cells are empty. {_SELECT}")
        (a, b, c, d), (e, f, g, h) = here, used
        cells = _cells(sheet, Area(max(a, e), max(b, f), min(c, g), min(d, h)))  # a whole column ends with its data
    area = _area(cells)
    if area.top == area.bottom and area.left == area.right:
        raise InputError(f"{area} is a single cell. {_SELECT}")
    rows = grids.values(_cells(sheet, area._replace(bottom=min(area.bottom, area.top + LOOKED_AT - 1))))
    if all(cell is None or cell == "" for row in rows for cell in row):
        raise InputError(f"The selected cells are empty. {_SELECT}")
    found = kind(area, [cell if isinstance(cell, str) else "" for cell in rows[0]], None)
    model = any(isinstance(row[0], str) and row[0].strip().casefold() == "model" for row in rows)
    return replace(found, model=model, chosen=here.left - area.left if here.left == here.right else None)


def _of_table(table: Any) -> Written:
    def kind(area: Area, first_row: Sequence[str], chosen: int | None) -> Data:
        headers = first_row if table.show_headers else [column.name for column in table.columns]
        return of_table(
            table.name, area, headers, chosen, header=bool(table.show_headers), totals=bool(table.show_totals)
        )

    return kind


def _without_data(selection: Any) -> tuple[Area, list[str]]:
    """Where a function goes that needs no data, and the model it takes when one is selected."""
    region = _area(selection.current_region)
    if region.top == region.bottom and region.left == region.right:
        # into the selected cell itself, which lies two columns to the right of this
        return (region._replace(left=region.left - 2, right=region.right - 2) if _is_blank(selection) else region), []
    data = data_at(selection)
    return data.area, [data.whole] if data.model else []


def _is_blank(cell: Any) -> bool:
    return bool(grids.formulas(cell)[0][0] == "")


def _spills(cell: Any) -> bool:
    try:
        return bool(cell.api.HasSpill)
    except Exception:  # an unknown member before Excel 2021, which COM reports as an error of its own
        return False


def _free_on(sheet: Any) -> Callable[[Area], bool]:
    """Tells whether a result can spill over a place of a sheet: no contents, no table, no merged cells."""
    tables = [_area(table.range) for table in sheet.tables]
    count = sheet.book.app.api.WorksheetFunction.CountA

    def is_free(place: Area) -> bool:
        cells = _cells(sheet, place)
        return (
            not any(table.overlaps(place) for table in tables) and not count(cells.api) and cells.merge_cells is False
        )

    return is_free


def _type(cell: Any, formula: str) -> None:
    try:
        _ = cell.formula2
    except Exception:  # an unknown member, which COM reports as an error of its own
        raise InputError(
            "This Excel has no dynamic arrays (Excel 2021 and Microsoft 365 have). Select cells for the result, type "
            f"{formula} and press Ctrl+Shift+Enter."
        ) from None
    try:
        cell.formula2 = formula
    except Exception as reason:  # of COM, which has no class of its own
        raise InputError(
            f"Excel did not accept {formula}. Choose the function again and look at what you type."
        ) from reason


def _area(cells: Any) -> Area:
    (height, width), top, left = cells.shape, cells.row, cells.column
    return Area(top, left, top + height - 1, left + width - 1)


def _cells(sheet: Any, area: Area) -> Any:
    return sheet.range((area.top, area.left), (area.bottom, area.right))
