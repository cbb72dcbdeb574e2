"""The worksheet functions as xlwings calls them, one for each entry of the catalogue; none is written twice.

A cell's formula arrives through VBA and COM as `xlwings.udfs.call_udf("pyfuncs.hosts.excel.udfs", name, cells)`.  Cells
cross raw, as pywin32 hands them over: xlwings' own cleaning takes several times as long as the one here (see
tests/benchmarks) and leaves the errors of newer Excels as numbers.
"""

import datetime as dt
import inspect
from collections.abc import Callable
from itertools import chain
from typing import Any, Final

import xlwings as xw

from pyfuncs.functions import CATALOGUE, Function
from pyfuncs.functions.cells import Grid
from pyfuncs.hosts.excel.cell_errors import error_text

_AS_THEY_ARE: Final = {float, str, bool, type(None)}
_ALREADY_CELLS: Final = {float, str, bool}


def arriving(cells: Any) -> Any:
    """Cells as the catalogue takes them, from what pywin32 makes of Excel's: rows of tuples, one row, or one cell."""
    if not isinstance(cells, (tuple, list)):
        return _arriving(cells)
    rows = cells if cells and isinstance(cells[0], (tuple, list)) else (cells,)
    if set(map(type, chain.from_iterable(rows))) <= _AS_THEY_ARE:
        return rows
    return [[_arriving(cell) for cell in row] for row in rows]


def leaving(grid: Grid) -> list[list[Any]]:
    """A grid as pywin32 takes it: blanks as "" (None would be Null to VBA), dates in the zone that it asks for."""
    if set(map(type, chain.from_iterable(grid))) <= _ALREADY_CELLS:
        return grid
    return [[_leaving(cell) for cell in row] for row in grid]


def _arriving(cell: Any) -> Any:
    if type(cell) is int:  # Excel's numbers are all float, so an integer is an error, or comes from somebody's VBA
        return error_text(cell) or cell
    if isinstance(cell, dt.datetime):  # pywin32's own subclass, in UTC whatever the zone
        return dt.datetime(
            cell.year, cell.month, cell.day, cell.hour, cell.minute, cell.second, cell.microsecond
        )  # fmt: skip
    return cell


def _leaving(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=dt.UTC)  # naive, it would be shifted by the computer's zone
    return float(cell) if type(cell) is int else cell  # beyond 32 bits an integer is no cell value


def _udf(function: Function) -> Callable[..., list[list[Any]]]:
    """A catalogue function as xlwings wants it: an ordinary function with named arguments and their help."""

    def call(*cells: Any) -> list[list[Any]]:
        return leaving(function(*map(arriving, cells)))

    call.__name__ = call.__qualname__ = function.name
    call.__doc__ = function.summary
    call.__annotations__ = {}  # xlwings would take them for converters
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    call.__signature__ = inspect.Signature([  # type: ignore[attr-defined]
        inspect.Parameter(argument.name, kind, default=None if argument.optional else inspect.Parameter.empty)
        for argument in function.arguments
    ])  # fmt: skip
    for argument in function.arguments:
        call = xw.arg(argument.name, "raw", doc=argument.meaning)(call)
    # xw.func comes last: xw.arg and xw.ret set its options back to their defaults.
    declare = xw.func(category=function.category, call_in_wizard=not function.slow)
    return declare(xw.ret("raw")(call))


globals().update({name: _udf(function) for name, function in CATALOGUE.items()})
