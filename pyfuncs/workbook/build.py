"""Compile the layout to the template workbook with XlsxWriter, the same bytes each time."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from pyfuncs import __version__
from pyfuncs.analysis.assumptions import BY_NAME, FAR
from pyfuncs.workbook import styles
from pyfuncs.workbook.charts import add_chart
from pyfuncs.workbook.parts import Chart, Choice, Grid, Highlight, Lines, Sheet, Spot, Table, Text, formula_at, tables

MARK = "Focal run: "  # begins the part of a page footer that a refit replaces
BORN = dt.datetime(2026, 1, 1)  # a fixed date of creation makes the file reproducible


def build(sheets: tuple[Sheet, ...], path: Path) -> None:
    """Write the empty template described by `sheets` to `path`."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": "Focal workbook",
            "subject": "Customer lifetime value",
            "author": "Focal",
            "created": BORN,
            "comments": f"Made by Focal {__version__} from its template.",
        }
    )
    book.set_calc_mode("auto")
    compiler = _Compiler(book)
    for sheet in sheets:
        compiler.add(sheet)
    for sheet in sheets:
        compiler.fill(sheet)
    book.get_worksheet_by_name(sheets[0].name).activate()
    book.close()


class _Compiler:
    """One workbook being written: its formats, sheets and the tables drawn so far."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self._formats: dict[str, Any] = {}
        self._write: dict[type, Callable[[Any, Sheet, Any], None]] = {
            Text: self._text, Spot: self._spot, Lines: self._lines, Grid: self._grid, Table: self._table,
            Chart: lambda page, _, part: add_chart(self.book, page, part),
            Choice: self._choice, Highlight: self._highlight,
        }  # fmt: skip

    def format(self, style: str) -> Any:
        if style not in self._formats:
            self._formats[style] = self.book.add_format(styles.properties(style))
        return self._formats[style]

    def add(self, sheet: Sheet) -> None:
        self.book.add_worksheet(sheet.name)

    def fill(self, sheet: Sheet) -> None:
        page = self.book.get_worksheet_by_name(sheet.name)
        self._frame(page, sheet)
        for name, cells in sheet.names.items():
            self.book.define_name(name, cells)
        for part in sheet.parts:
            self._write[type(part)](page, sheet, part)

    def _frame(self, page: Any, sheet: Sheet) -> None:
        """Widths, title rows, window and print set-up: alike on every sheet."""
        page.set_tab_color(styles.TAB_COLOURS[sheet.kind])
        page.hide_gridlines(2)
        plain = self.format("text")
        page.set_column(0, 0, 2, plain)
        for index, width in enumerate(sheet.widths, start=1):
            page.set_column(index, index, width, plain)
        page.set_default_row(15)
        page.set_row(1, 21)
        for row, height in sheet.heights.items():
            page.set_row(row - 1, height)
        page.write_string("B2", sheet.title, self.format("title"))
        page.write_string("B3", sheet.shows, self.format("shows"))
        if sheet.name != "Cover":
            page.write_formula("B4", "=Stamp", self.format("shows"), "-")
        if sheet.freeze:
            page.freeze_panes(sheet.freeze)
        page.set_zoom(100)
        if sheet.portrait:
            page.set_portrait()
        else:
            page.set_landscape()
        page.set_paper(9)
        page.set_margins(left=0.5, right=0.5, top=0.55, bottom=0.7)
        page.fit_to_pages(sheet.pages_wide, sheet.pages_high)
        page.set_footer(f"&L&8{MARK}none yet&R&8&A, page &P of &N")
        if sheet.repeat_rows:
            page.repeat_rows(sheet.repeat_rows[0] - 1, sheet.repeat_rows[1] - 1)
        if sheet.print_to:
            page.print_area(f"A1:{sheet.print_to}")
        growing = tables(sheet.parts)
        if growing:
            # a customer id such as 007 or a stray code is text on purpose; Excel's green corners would cry wolf
            page.ignore_errors({"number_stored_as_text": "B1:Z1048576"})

    def _name(self, name: str, sheet: Sheet, first: tuple[int, int], last: tuple[int, int] | None = None) -> None:
        cells = xl_rowcol_to_cell(*first, row_abs=True, col_abs=True)
        if last and last != first:
            cells += ":" + xl_rowcol_to_cell(*last, row_abs=True, col_abs=True)
        self.book.define_name(name, f"={sheet.name}!{cells}")

    def _put(self, page: Any, row: int, column: int, style: str, formula: str | None) -> None:
        if formula is None:
            self._constant(page, row, column, style, None)
            return
        blank = 0 if styles.is_number(style) else "-"  # what a reader without a calculation engine sees before a refit
        if formula.startswith("{"):
            page.write_array_formula(row, column, row, column, formula, self.format(style), blank)
        else:
            page.write_formula(row, column, formula, self.format(style), blank)

    def _place(self, page: Any, part: Text | Spot) -> tuple[int, int]:
        """Row and column of a part, its cells merged."""
        row, column = xl_cell_to_rowcol(part.at)
        last = (row + part.deep - 1, column + part.span - 1)
        if last != (row, column):
            page.merge_range(row, column, *last, "", self.format(part.style))
        return row, column

    def _constant(self, page: Any, row: int, column: int, style: str, value: str | float | None) -> None:
        """A fixed value: text is always text, nothing is a blank cell in its style."""
        if value is None:
            page.write_blank(row, column, None, self.format(style))
        elif isinstance(value, str):
            page.write_string(row, column, value, self.format(style))
        else:
            page.write_number(row, column, value, self.format(style))

    def _text(self, page: Any, sheet: Sheet, part: Text) -> None:
        row, column = self._place(page, part)
        if part.link:
            page.write_url(
                row, column, f"internal:'{part.link}'!A1", self.format(part.style), part.text, f"Go to {part.link}"
            )
        else:
            page.write_string(row, column, part.text, self.format(part.style))

    def _spot(self, page: Any, sheet: Sheet, part: Spot) -> None:
        row, column = self._place(page, part)
        self._put(page, row, column, part.style, part.formula)
        self._name(part.name, sheet, (row, column))

    def _lines(self, page: Any, sheet: Sheet, part: Lines) -> None:
        row, column = xl_cell_to_rowcol(part.at)
        value = column + part.gap
        for index, line in enumerate(part.lines):
            page.write_string(row + index, column, line.label, self.format("label"))
            self._put(page, row + index, value, line.style, line.formula)
            if line.note:
                page.write_string(row + index, value + part.note_gap, line.note, self.format("aside"))
            if line.name:
                self._name(line.name, sheet, (row + index, value))
        self._name(part.name, sheet, (row, value), (row + len(part.lines) - 1, value))

    def _grid(self, page: Any, sheet: Sheet, part: Grid) -> None:
        top, left = xl_cell_to_rowcol(part.at)
        for offset, column in enumerate(part.columns):
            page.write_string(top, left + offset, column.header, self.format(styles.header(column.style)))
            for index in range(part.rows):
                row = top + 1 + index
                last = part.total and index == part.rows - 1
                style = f"total:{column.style.rpartition(':')[2]}" if last else column.style
                style = part.looks.get((index + 1, column.header), style)
                if offset == 0 and part.labels:
                    self._constant(page, row, left, style, part.labels[index])
                else:
                    self._put(page, row, left + offset, style, formula_at(part, index + 1, column))
                if name := part.names.get((index + 1, column.header)):
                    self._name(name, sheet, (row, left + offset))
        self._name(part.name, sheet, (top + 1, left), (top + part.rows, left + len(part.columns) - 1))

    def _table(self, page: Any, sheet: Sheet, part: Table) -> None:
        top, left = xl_cell_to_rowcol(part.at)
        columns = []
        for offset, column in enumerate(part.columns):
            style = self.format(column.style)
            head = self.format(styles.header(column.style))
            columns.append(
                {"header": column.header, "format": style, "header_format": head}
                | ({"formula": column.formula} if column.formula else {})
            )
            if column.above:
                page.write_string(
                    top - 1, left + offset, column.above, self.format(styles.header(column.style, "above"))
                )
            if column.width:
                page.set_column(left + offset, left + offset, column.width, self.format("text"))
        right = left + len(part.columns) - 1
        page.add_table(top, left, top + part.rows, right, {
            "name": part.name, "columns": columns, "style": None, "autofilter": True,
            "title": part.name, "description": part.meaning,
        })  # fmt: skip
        for offset, column in enumerate(part.columns):
            for row in range(top + 1, top + 1 + part.rows):
                if not column.formula:
                    self._constant(page, row, left + offset, column.style, None)

    def _choice(self, page: Any, sheet: Sheet, part: Choice) -> None:
        setting = BY_NAME[part.setting]
        row, column = xl_cell_to_rowcol(part.at)
        kinds = {"percent": "pct", "date": "date", "count": "int", "number": "num2", "text": "wrap"}
        kind = kinds.get(setting.kind, "text")
        self._constant(page, row, column, f"in:{kind}", setting.default)
        page.data_validation(row, column, row, column, _validation(part.setting))
        self._name(part.name, sheet, (row, column))

    def _highlight(self, page: Any, sheet: Sheet, part: Highlight) -> None:
        look = f"highlight:{part.style}"
        if look not in self._formats:
            self._formats[look] = self.book.add_format(styles.HIGHLIGHTS[part.style])
        page.conditional_format(
            part.cells, {"type": "formula", "criteria": part.formula, "format": self._formats[look]}
        )


def _validation(name: str) -> dict[str, Any]:
    """What Excel lets the user type for a setting, and what it says when it does not."""
    setting = BY_NAME[name]
    rule: dict[str, Any]
    if setting.choices:
        rule = {"validate": "list", "source": list(setting.choices)}
    elif setting.kind == "date":
        rule = {"validate": "date", "criteria": ">=", "value": dt.date(1900, 3, 1)}
    elif setting.kind == "text":
        rule = {"validate": "any"}
    else:
        kind = "integer" if setting.kind == "count" else "decimal"
        high = FAR if setting.high is None else setting.high
        rule = {"validate": kind, "criteria": "between", "minimum": setting.low or 0, "maximum": high}
    return rule | {
        "ignore_blank": True,
        "input_title": setting.label[:32],
        "input_message": f"{setting.meaning} Allowed: {setting.allowed}."[:255],
        "error_title": "Not allowed here",
        "error_message": f"{setting.label}: give {setting.allowed}."[:255],
    }
