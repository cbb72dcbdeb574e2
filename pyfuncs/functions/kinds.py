"""The kinds of arguments a worksheet function can take, each an annotation that carries its reader.

Tables of customers and transactions have their own module, `tables`.
"""

import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from pyfuncs.analysis import acquisition, fitting, intervals, segments
from pyfuncs.analysis.model_table import Fitted, from_table, model_name
from pyfuncs.analysis.used_rows import key_of
from pyfuncs.errors import DomainError, FocalError, InputError
from pyfuncs.functions import cells
from pyfuncs.functions.catalogue import Kind
from pyfuncs.functions.cells import Cell, Floats, Grid, PropagatedError
from pyfuncs.models.discounting import PERIODS_PER_YEAR
from pyfuncs.models.estimation import EVERY_PURCHASE_MODEL
from pyfuncs.vocabulary import TERMS

AUTO: Final = fitting.AUTO
ALL_LAYERS: Final = "all"


@dataclass(frozen=True)
class Column:
    """A column of numbers as it was read: nan where there is none, and what such a row shows instead of a result."""

    values: Floats
    shown: dict[int, Cell]
    header: bool

    def beside(self, name: str, results: list[Cell]) -> Grid:
        """One result per row, in the order of the rows, with the error or blank of the rows that have none."""
        rows: Grid = [[self.shown.get(i, result)] for i, result in enumerate(results)]
        return [[name], *rows] if self.header else rows

    @property
    def usable(self) -> Floats:
        """The numbers there are."""
        return self.values[np.isfinite(self.values)]


# ---- one cell -----------------------------------------------------------------------------------------------------


def _within(low: float, high: float, hint: str, *, open_low: bool = False) -> Callable[[Grid, str], float]:
    """Reader of one number between bounds; `hint` is the sentence for one outside."""

    def read(grid: Grid, name: str) -> float:
        number = cells.to_number(cells.single(grid, name), name)
        if number < low or number > high or (open_low and number == low):
            raise DomainError(f"{name}: {number:g} is out of range; {hint}")
        return number

    return read


def _read_date(grid: Grid, name: str) -> dt.date:
    return cells.to_date(cells.single(grid, name), name)


def _read_flag(grid: Grid, name: str) -> bool:
    return cells.to_flag(cells.single(grid, name), name)


def _read_text(grid: Grid, name: str) -> str:
    return cells.to_text(cells.single(grid, name))


def choice(*words: str) -> Kind:
    """Kind of an argument that is one of some words; upper case, blanks and punctuation do not matter."""
    known = {word_key(word): word for word in words}

    def read(grid: Grid, name: str) -> str:
        text = _read_text(grid, name)
        if word_key(text) not in known:
            raise InputError(f'{name}: "{text[:40]}" is not one of {", ".join(words)}.')
        return known[word_key(text)]

    return Kind("choice", read, words)


def _read_model_name(grid: Grid, name: str) -> str:
    text = _read_text(grid, name)
    return AUTO if word_key(text) == AUTO else model_name(text)


def _read_layers(grid: Grid, name: str) -> tuple[str, ...]:
    """Layers of uncertainty from one cell, separated by commas or the like, or from several cells."""
    words: list[str] = []
    for cell in (cell for row in grid for cell in row):
        if cells.is_error(cell):
            raise PropagatedError(str(cell))
        words += re.split(r"[,;+&/\s]+", cells.to_text(cell).casefold())
    wanted = {word for word in words if word and word != "and"}
    if wanted == {ALL_LAYERS}:
        return intervals.LAYERS
    if not wanted <= set(intervals.LAYERS) or not wanted:
        raise InputError(f"{name}: give all, or one or more of {', '.join(intervals.LAYERS)}.")
    return tuple(layer for layer in intervals.LAYERS if layer in wanted)


_read_probability = _within(0.0, 1.0, "a probability lies from 0 to 1.")
_read_money = _within(0.0, math.inf, "give an amount of money, 0 or more.")


def _read_costs(grid: Grid, name: str) -> float | dict[str, float]:
    """One cost for all, or costs by the group they are of, from a table of two columns; a blank cost is not known."""
    if len(grid) == len(grid[0]) == 1:
        return _read_money(grid, name)
    costs: dict[str, float] = {}
    for group, cost in two_columns(grid, name, "one amount, or two columns: the group and its cost"):
        key = key_of(group)
        if key in costs:
            raise InputError(f'{name}: "{group[:40]}" stands there twice; give each group one cost.')
        if not cells.is_blank(cost):
            costs[key] = _read_money([[cost]], name)
    if not costs:
        raise InputError(f"{name}: there is no cost; give one amount, or two columns: the group and its cost.")
    return costs


def two_columns(grid: Grid, name: str, wanted: str) -> list[tuple[str, Cell]]:
    """The rows of a table of two columns, a text and a cell, below its header if there is one.

    `wanted` says what to give where the columns are not two.
    """
    if len(grid[0]) != 2:
        raise InputError(f"{name}: {len(grid[0])} columns; give {wanted}.")
    for cell in (cell for row in grid for cell in row):
        if cells.is_error(cell):
            raise PropagatedError(str(cell))
    body = grid[1:] if all(cells.is_text(cell) for cell in grid[0]) else grid
    return [(cells.to_text(label), cell) for label, cell in body]


# ---- a model ------------------------------------------------------------------------------------------------------


def _read_model(grid: Grid, name: str) -> Fitted | str:
    """A fitted model from its table, or the name of one to be fitted."""
    if len(grid) == 1 and len(grid[0]) == 1:
        return _read_model_name(grid, name)
    if len(grid[0]) < 2:
        raise InputError(f"{name}: one column of cells; a model is two columns, term and value.")
    for row in grid:
        if cells.is_error(row[0]) or cells.is_error(row[1]):
            raise PropagatedError(str(row[0] if cells.is_error(row[0]) else row[1]))
    # Notes are sentences for people, several of them under one term.
    return from_table([(row[0], row[1]) for row in grid if cells.to_text(row[0]).casefold() != "note"])


# ---- columns ------------------------------------------------------------------------------------------------------


def read_column(grid: Grid, name: str) -> Column:
    """A column of numbers, with or without a header; of a wider table the column that has the argument's name."""
    body, header = _one_column(grid, name)
    values, shown = cells.to_numbers(body)
    return Column(values, shown, header)


def _read_labels(grid: Grid, name: str) -> list[str]:
    """A column of segment labels; "" where a cell is blank or an error, so that the row is not counted."""
    body, header = _one_column(grid, name)
    return [
        "" if cells.is_error(cell) or cells.is_blank(cell) else segment_label(cell, f"{name}: row {i + 1 + header}")
        for i, cell in enumerate(body)
    ]


def _read_chances(grid: Grid, name: str) -> Floats:
    """Chances of being focal: 1 or 0 by a segment label, or the probability itself; nan where a cell says nothing."""
    body, header = _one_column(grid, name)
    chances = np.full(len(body), np.nan)
    for i, cell in enumerate(body):
        where = f"{name}: row {i + 1 + header}"
        if cells.is_error(cell) or cells.is_blank(cell):
            continue
        if cells.is_text(cell):
            chances[i] = segment_label(cell, where) == segments.FOCAL
        else:
            chances[i] = _read_probability([[cell]], where)
    return chances


def segment_label(cell: Cell, where: str) -> str:
    """The segment that a cell names; upper case does not matter.  `where` begins the sentence that refuses another."""
    known = {word_key(label): label for label in segments.LABELS}
    text = cells.to_text(cell)
    if word_key(text) not in known:
        raise InputError(f'{where}: "{text[:40]}" is not a segment; use {", ".join(known.values())}.')
    return known[word_key(text)]


def _read_days(grid: Grid, name: str) -> Floats:
    """A column of dates as days since 1970; nan where a cell is blank or an error."""
    body, header = _one_column(grid, name)
    if header and _day(grid[0][0]) is not None and len(grid[0]) == 1:  # a date typed as text heads nothing
        body, header = [row[0] for row in grid], False
    days = np.full(len(body), np.nan)
    for i, cell in enumerate(body):
        if not cells.is_blank(cell) and not cells.is_error(cell):
            days[i] = (cells.to_date(cell, f"{name}: row {i + 1 + header}") - _EPOCH).days
    return days


def _day(cell: Cell) -> dt.date | None:
    try:
        return cells.to_date(cell, "")
    except FocalError:
        return None


def _one_column(grid: Grid, name: str) -> tuple[list[Cell], bool]:
    """The cells of one column below its header, and whether there was one."""
    if len(grid) == 1:
        if all(cells.is_text(cell) for cell in grid[0]):
            raise InputError(f"{name}: no row below the header.")
        return list(grid[0]), False
    at = 0
    if len(grid[0]) > 1:
        wanted = {word_key(alias) for alias in (name, *TERMS[name].aliases)}
        found = [i for i, cell in enumerate(grid[0]) if isinstance(cell, str) and word_key(cell) in wanted]
        if len(found) != 1:
            raise InputError(f"{name}: {len(grid[0])} columns where one is needed; point to one column.")
        at = found[0]
    column = [row[at] for row in grid]
    labels = {word_key(label) for label in segments.LABELS}
    header = cells.is_text(column[0]) and word_key(str(column[0])) not in labels
    return (column[1:], True) if header else (column, False)


def word_key(text: str) -> str:
    """Letters and digits of a word, in lower case."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


_FAR: Final = 1e12
_EPOCH: Final = dt.date(1970, 1, 1)
Number = Annotated[float, Kind("number", _within(-math.inf, math.inf, ""))]
Money = Annotated[float, Kind("amount of money", _read_money)]
Costs = Annotated[float | dict[str, float], Kind("amount of money, or table of groups and their costs", _read_costs)]
Horizon = Annotated[
    float, Kind("number of years", _within(0.0, _FAR, "give years above 0, or leave it blank.", open_low=True))
]
Rate = Annotated[float, Kind("yearly rate", _within(-1.0, 10.0, "a rate is a fraction: 15 % is 0.15.", open_low=True))]
Fraction = Annotated[float, Kind("fraction", _within(0.0, 1.0, "a fraction lies from 0 to 1: 15 % is 0.15."))]
Date = Annotated[dt.date, Kind("date", _read_date)]
Flag = Annotated[bool, Kind("TRUE or FALSE", _read_flag)]
Text = Annotated[str, Kind("text", _read_text)]
Period = Annotated[str, choice(*PERIODS_PER_YEAR)]
Rule = Annotated[str, choice(*segments.RULES)]
GroupedBy = Annotated[str, choice(*acquisition.BY)]
SpendModel = Annotated[str, choice(*fitting.SPEND_MODELS)]
ModelName = Annotated[str, Kind("choice", _read_model_name, (AUTO, *EVERY_PURCHASE_MODEL))]
Layers = Annotated[tuple[str, ...], Kind("choice", _read_layers, (ALL_LAYERS, *intervals.LAYERS))]
Model = Annotated[Fitted | str, Kind("model", _read_model, (AUTO, *EVERY_PURCHASE_MODEL))]
Values = Annotated[Column, Kind("column", read_column)]
Days = Annotated[Floats, Kind("column of dates", _read_days)]
Chances = Annotated[Floats, Kind("column of labels", _read_chances)]
Labels = Annotated[list[str], Kind("column of labels", _read_labels)]
