"""The columns of a table's new body, written a run of rows at a time: constants, calculated columns, the user's own."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyfuncs.workbook.cell_runs import Piece, Texts, constants, formulas, per_cell, plain, plain_list, sliceable
from pyfuncs.workbook.cells import Area, Encoder, column_letters, escape_formula
from pyfuncs.workbook.formula_text import shift
from pyfuncs.workbook.sheet_xml import Cell


class ConstantColumn:
    """A column of constants."""

    def __init__(self, letters: str, style: str, values: Any, encoder: Encoder) -> None:
        self._letters, self._style, self._encoder = letters, style, encoder
        self._values = sliceable(values, encoder.date1904)

    def pieces(self, rows: Texts, row: int, start: int, stop: int) -> list[Piece]:
        """The cells of places start..stop in the sheet rows `rows`, the first of which is `row`."""
        return constants(self._encoder, self._letters, self._style, rows, self._values[start:stop])


class CalculatedColumn:
    """A calculated column: one formula, a present value per row."""

    def __init__(self, letters: str, style: str, formula: "ColumnFormula", values: Any, encoder: Encoder) -> None:
        self._letters, self._style, self._formula, self._encoder = letters, style, formula, encoder
        self._values = sliceable(values, encoder.date1904)

    def pieces(self, rows: Texts, row: int, start: int, stop: int) -> list[Piece]:
        """The cells of places start..stop in the sheet rows `rows`, the first of which is `row`."""
        run = self._values[start:stop]
        found = plain(run) if self._formula.fixed else None
        if found is not None and found.texts is None:
            return formulas(self._letters, self._style, rows, self._formula.pieces(self._letters, rows), found)
        return per_cell(self._cell(number, value) for number, value in enumerate(plain_list(run), row))

    def _cell(self, number: int, value: Any) -> str:
        ref = f"{self._letters}{number}"
        return self._encoder.formula_cell(ref, self._style, self._formula.element(ref, number), value)

    def map_formulas(self, change: Callable[[str], str]) -> None:
        """Pass the formula of the column through `change`."""
        self._formula = self._formula.mapped(change)


class OwnColumn:
    """A column of the user's own: each cell follows its row; rows that are new get the column's formula, if any."""

    def __init__(
        self, letters: str, style: str, formula: "ColumnFormula | None", cells: "Sequence[tuple[int, Cell] | None]"
    ) -> None:
        self._letters, self._style, self._formula, self._cells = letters, style, formula, cells

    def pieces(self, rows: Texts, row: int, start: int, stop: int) -> list[Piece]:
        """The cells of places start..stop in the sheet rows `rows`, the first of which is `row`."""
        return per_cell(self._cell(number, kept) for number, kept in enumerate(self._cells[start:stop], row))

    def _cell(self, number: int, kept: "tuple[int, Cell] | None") -> str:
        if kept is None:
            ref = f"{self._letters}{number}"
            if self._formula:
                return f'<c r="{ref}"{self._style}>{self._formula.element(ref, number)}</c>'
            return f'<c r="{ref}"{self._style}/>' if self._style else ""
        from_row, cell = kept
        return moved(cell, from_row, number).at(number)

    def map_formulas(self, change: Callable[[str], str]) -> None:
        """Pass the formulas of the kept cells and of the column through `change`."""
        if self._formula:
            self._formula = self._formula.mapped(change)
        self._cells = [
            (kept[0], with_formula(kept[1], change(kept[1].formula or ""))) if kept and kept[1].formula else kept
            for kept in self._cells
        ]


@dataclass(frozen=True, slots=True)
class ColumnFormula:
    """The formula of a calculated column as its first row has it."""

    formula: str
    array: bool
    first_row: int
    fixed: bool  # reads the same in every row, as structured references do

    def element(self, ref: str, row: int) -> str:
        """The <f> element of one row."""
        text = escape_formula(self.formula if self.fixed else shift(self.formula, row - self.first_row))
        return f'<f t="array" ref="{ref}">{text}</f>' if self.array else f"<f>{text}</f>"

    def pieces(self, letters: str, rows: Texts) -> list[Piece]:
        """The <f> elements of many rows, where all of them read the same."""
        text = escape_formula(self.formula)
        return [f'<f t="array" ref="{letters}', rows, f'">{text}</f>'] if self.array else [f"<f>{text}</f>"]

    def mapped(self, change: Callable[[str], str]) -> "ColumnFormula":
        """The formula passed through `change`."""
        return replace(self, formula=change(self.formula))


def moved(cell: Cell, from_row: int, row: int) -> Cell:
    """A cell in another row, its formula's relative references with it."""
    return with_formula(cell, shift(cell.formula, row - from_row), row) if cell.formula and row != from_row else cell


def with_formula(cell: Cell, formula: str, row: int | None = None) -> Cell:
    """The cell with another formula in place of its own; an array formula also learns its new row."""
    element = cell.formula_element
    if element is None or cell.inner is None:
        return cell
    start = element.partition(">")[0]
    if row is not None and "ref=" in start:
        start = re.sub(r'ref="[^"]*"', f'ref="{column_letters(cell.column)}{row}"', start)
    return cell._replace(inner=cell.inner.replace(element, f"{start}>{escape_formula(formula)}</f>", 1))


@dataclass(slots=True)
class TableFilling:
    """The new body of a table, ready to be written (a `Filling` of sheet_xml)."""

    area: Area
    row_attributes: str
    columns: list[ConstantColumn | CalculatedColumn | OwnColumn]

    def pieces(self, rows: Texts, first: int) -> list[Piece]:
        """The cells of the sheet rows `rows`, the first of which is `first`."""
        start = first - self.area.top
        return [piece for column in self.columns for piece in column.pieces(rows, first, start, start + len(rows))]

    def map_formulas(self, change: Callable[[str], str]) -> None:
        """Pass the formulas of its columns through `change`."""
        for column in self.columns:
            if not isinstance(column, ConstantColumn):
                column.map_formulas(change)
