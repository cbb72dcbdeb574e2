"""What a sheet is made of, as data: texts, spots, lines, grids, tables and charts, each at a cell.

A *slot* is a named rectangle that a refit fills: a `Spot` (one cell), `Lines` (a column of labelled cells) or a `Grid`
(rows and columns).  Slots are found by their defined name, so a company may move, restyle and brand its copy of the
template.  A cell with a formula keeps it; a refit only refreshes the value Excel has stored with it, so that readers
without a calculation engine see the right figure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

SheetKind = Literal["foundation", "input", "presentation", "workings", "control"]


@dataclass(frozen=True)
class Text:
    """Fixed words in a cell, merged over `span` columns and `deep` rows; `link` is a sheet to jump to."""

    at: str
    text: str
    style: str = "text"
    span: int = 1
    deep: int = 1
    link: str | None = None


@dataclass(frozen=True)
class Spot:
    """One named cell that a refit fills, or a native formula."""

    name: str
    at: str
    style: str = "text"
    formula: str | None = None
    span: int = 1
    deep: int = 1


@dataclass(frozen=True)
class Line:
    """One labelled cell of `Lines`: label, value, note; the value is filled or a native formula.

    `name` also gives the value cell a defined name of its own, for use in formulas.
    """

    label: str
    style: str = "text"
    formula: str | None = None
    note: str = ""
    name: str | None = None


@dataclass(frozen=True)
class Lines:
    """Labelled cells under each other; the slot is the column of values, `gap` columns right of the labels."""

    name: str
    at: str
    lines: tuple[Line, ...]
    gap: int = 1
    note_gap: int = 1


@dataclass(frozen=True)
class Column:
    """One column of a grid or table: header, style, optional native formula (`{row}` is the row's number).

    `above` is the plain meaning and unit shown over a table's header.
    """

    header: str
    style: str = "text"
    formula: str | None = None
    above: str = ""
    width: float | None = None


@dataclass(frozen=True)
class Grid:
    """A fixed number of rows under headers; the slot is the body.

    `labels` are fixed words of the first column; `total` styles the last row as a total.  `overrides` gives single
    cells a formula of their own, `names` a defined name and `looks` a style, all by (row from 1, header).
    """

    name: str
    at: str
    columns: tuple[Column, ...]
    rows: int
    labels: tuple[Any, ...] = ()
    total: bool = False
    overrides: Mapping[tuple[int, str], str] = field(default_factory=dict)
    names: Mapping[tuple[int, str], str] = field(default_factory=dict)
    looks: Mapping[tuple[int, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.labels and len(self.labels) != self.rows:
            raise ValueError(f"{self.name}: {len(self.labels)} labels for {self.rows} rows")


@dataclass(frozen=True)
class Table:
    """An Excel Table whose body grows with the data; nothing may stand below it."""

    name: str
    at: str
    columns: tuple[Column, ...]
    meaning: str
    rows: int = 1


@dataclass(frozen=True)
class Series:
    """One series of a chart: name, cells of the categories and of the values, colour.

    Among columns, a "marker" is a mark at its height over each category.
    """

    name: str
    categories: str
    values: str
    colour: str
    kind: Literal["main", "dashed", "marker"] = "main"


@dataclass(frozen=True)
class Chart:
    """A native chart with its titles, axis titles and alternative text.

    A "bar" is horizontal, its first category on top and its series on one line; `x_axis` names its categories.
    `labels_below` keeps the labels of the x axis below the plot where values fall below 0.
    """

    at: str
    kind: Literal["column", "stacked", "bar", "line", "scatter"]
    title: str
    x_axis: str
    y_axis: str
    series: tuple[Series, ...]
    alt: str
    size: tuple[int, int] = (420, 250)
    x_format: str | None = None
    y_format: str | None = None
    x_max: float | None = None
    y_max: float | None = None
    x_interval: int | None = None
    labels_below: bool = False


@dataclass(frozen=True)
class Choice:
    """A cell the user types in, with its validation; the defined name is the setting's."""

    name: str
    at: str
    setting: str


@dataclass(frozen=True)
class Highlight:
    """Colour cells by a native condition, never by colour alone: the cell's own words say it too."""

    cells: str
    formula: str
    style: str


def check_colours(at: str) -> tuple[Highlight, Highlight]:
    """Colours of a cell that shows the master check; `at` is the cell, with its merged neighbours if any."""
    cell = xl_rowcol_to_cell(*xl_cell_to_rowcol(at.partition(":")[0]), row_abs=True, col_abs=True)
    return (
        Highlight(at, f'=LEFT({cell},2)="OK"', "good"),
        Highlight(at, f'=LEFT({cell},4)="FAIL"', "fail"),
    )


def stale_colour(at: str) -> Highlight:
    """Colour of a cell that shows the state of the run, when inputs have changed since."""
    cell = xl_rowcol_to_cell(*xl_cell_to_rowcol(at.partition(":")[0]), row_abs=True, col_abs=True)
    return Highlight(at, f'=LEFT({cell},5)="STALE"', "stale")


Part = Text | Spot | Lines | Grid | Table | Chart | Choice | Highlight
Values = dict[str, Any]  # slot name -> value (Spot), column of values (Lines), rows (Grid)


@dataclass(frozen=True)
class Sheet:
    """One sheet: kind, title, the sentence under it, column widths, parts, and how it prints.

    `figures` gives the values of the slots for a run; `names` are further defined names, of ranges that formulas use;
    `pages_high` 0 lets it print over as many pages as it needs.  `pages_wide` above 1 is for tables of many columns.
    """

    name: str
    kind: SheetKind
    title: str
    shows: str
    widths: tuple[float, ...]
    parts: tuple[Part, ...]
    figures: Callable[[Any], Values] | None = None
    portrait: bool = False
    freeze: str | None = None
    repeat_rows: tuple[int, int] | None = None
    print_to: str | None = None
    pages_high: int = 0
    pages_wide: int = 1
    heights: dict[int, float] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def formula_at(grid: Grid, row: int, column: Column) -> str | None:
    """The formula declared for a cell of a grid's body; `row` counts from 1.

    `{row}` becomes the number of the sheet's row, `{previous}` that of the row above.  Braces around a whole formula
    mark an array formula.
    """
    formula = grid.overrides.get((row, column.header), column.formula)
    if formula is None:
        return None
    sheet_row = xl_cell_to_rowcol(grid.at)[0] + row + 1
    return formula.replace("{row}", str(sheet_row)).replace("{previous}", str(sheet_row - 1))


def slot_rows(slot: Spot | Lines | Grid, value: Any) -> list[list[Any]]:
    """The value of a slot as rows of cells; ValueError when it has not the shape of the slot."""
    if isinstance(slot, Spot):
        return [[value]]
    if isinstance(slot, Lines):
        if len(value) != len(slot.lines):
            raise ValueError(f"{slot.name}: {len(value)} values for {len(slot.lines)} lines")
        return [[entry] for entry in value]
    if len(value) != slot.rows or any(len(row) != len(slot.columns) for row in value):
        raise ValueError(f"{slot.name}: {len(value)} rows of values for {slot.rows} of {len(slot.columns)} columns")
    return [list(row) for row in value]


def slot_shape(slot: Spot | Lines | Grid) -> tuple[int, int]:
    """Rows and columns of a slot."""
    if isinstance(slot, Grid):
        return slot.rows, len(slot.columns)
    return (len(slot.lines) if isinstance(slot, Lines) else 1), 1


def slot_formula(slot: Spot | Lines | Grid, row: int, place: int) -> str | None:
    """The formula declared for a cell of a slot; `row` counts from 1, `place` from 0."""
    if isinstance(slot, Spot):
        return slot.formula
    if isinstance(slot, Lines):
        return slot.lines[row - 1].formula
    return formula_at(slot, row, slot.columns[place])


def is_label(slot: Spot | Lines | Grid, place: int) -> bool:
    """Whether a column of a slot holds the fixed words of a grid."""
    return isinstance(slot, Grid) and bool(slot.labels) and place == 0


def slots(parts: Iterable[Part]) -> list[Spot | Lines | Grid]:
    """The parts that a refit fills or that hold formulas with stored values."""
    return [part for part in parts if isinstance(part, Spot | Lines | Grid)]


def tables(parts: Sequence[Part]) -> list[Table]:
    """The Tables among the parts."""
    return [part for part in parts if isinstance(part, Table)]


def setting_name(name: str) -> str:
    """Defined name of a setting's cell: annual_discount_rate -> AnnualDiscountRate."""
    return "".join(word.capitalize() for word in name.split("_"))


def body(grid: Grid, header: str, sheet: str | None = None, *, chart: bool = False, last: int | None = None) -> str:
    """Cells of one column of a grid's body, as a reference for formulas or (with `chart`) for a chart.

    `last` leaves out the rows after it, such as a total.
    """
    top, left = xl_cell_to_rowcol(grid.at)
    column = left + [column.header for column in grid.columns].index(header)
    first = xl_rowcol_to_cell(top + 1, column, row_abs=True, col_abs=True)
    end = xl_rowcol_to_cell(top + (last or grid.rows), column, row_abs=True, col_abs=True)
    cells = f"{first}:{end}" if first != end else first
    cells = f"{sheet}!{cells}" if sheet else cells
    return f"={cells}" if chart else cells


def cell(grid: Grid, header: str, row: int, sheet: str | None = None) -> str:
    """One cell of a grid's body; `row` counts from 1."""
    top, left = xl_cell_to_rowcol(grid.at)
    column = left + [column.header for column in grid.columns].index(header)
    found = xl_rowcol_to_cell(top + row, column, row_abs=True, col_abs=True)
    return f"{sheet}!{found}" if sheet else found
