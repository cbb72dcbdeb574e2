"""What the cells of a Calc document hold, read and written in Excel's terms.

Values as `Range.Value` gives and takes them, formulas as English A1 text.  `cells` and `sheet` are UNO objects.
"""

import contextlib
import datetime as dt
import decimal
import functools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from pyfuncs.workbook.formula_text import shift
from tests.support.calc_formulas import from_calc, may_be_other, plain_exponent, spellings, to_calc

TableAt = Callable[[], str | None]
"""Tells which table the cells that are written to lie in."""
ERRORS = {"#NULL!": -2146826288, "#DIV/0!": -2146826281, "#VALUE!": -2146826273, "#REF!": -2146826265,
          "#NAME?": -2146826259, "#NUM!": -2146826252, "#N/A": -2146826246}  # fmt: skip
"""Excel's error texts and the numbers that stand for them in `Range.Value`."""
_CALC_ERRORS = {502: "#VALUE!", 503: "#NUM!", 504: "#REF!", 519: "#VALUE!", 521: "#NULL!", 523: "#NUM!", 524: "#REF!",
                525: "#NAME?", 532: "#DIV/0!", 32767: "#N/A"}  # fmt: skip
_NOT_A_FORMULA = {501, 505, 506, 507, 508, 509, 510, 511, 512, 514, 516, 520, 533}
FORMULA = 16  # com.sun.star.sheet.CellFlags
_CONTENTS = 1 + 2 + 4 + FORMULA  # all but comments and formats
_WITH_ERROR = 4  # com.sun.star.sheet.FormulaResult
_DATE, _TIME, _CURRENCY, _LOGICAL = 2, 4, 8, 1024  # com.sun.star.util.NumberFormat
_LONGEST_TEXT = 32767
_AFTER_LAST_DAY = 2_958_466  # 10000-01-01


class ComError(Exception):
    """What pywin32 raises when Excel refuses: `excepinfo[2]` is Excel's sentence, `excepinfo[5]` its code."""

    def __init__(self, sentence: str) -> None:
        self.hresult, self.strerror, self.argerror = -2147352567, "Exception occurred.", None
        self.excepinfo = (0, "Microsoft Excel", sentence, "xlmain11.chm", 0, -2146827284)
        super().__init__(self.hresult, self.strerror, self.excepinfo, self.argerror)


class Formula(str):
    """A formula in Calc's own spelling."""


class Shown(NamedTuple):
    """A number that brings the format Excel gives it in a cell of format General."""

    number: float
    code: str


class Contents:
    """Reads and writes the cells of one document."""

    def __init__(self, document: Any, formatter: Any, locale: Any, basic: Callable[..., Any]) -> None:
        self._document, self._locale, self._formatter, self._basic = document, locale, formatter, basic
        self._formats = document.NumberFormats
        formatter.attachNumberFormatsSupplier(document)
        self._interpreted = functools.cache(self._interpret)
        self._kind_of = functools.cache(self._kind)
        self._code_of = functools.cache(self._code)
        self.key = functools.cache(self._key)  # the number of a format, which is taken in where it is new

    # --- reading ---

    def values(self, cells: Any) -> list[list[Any]]:
        """None, float, text, bool, datetime, Decimal or an error's number for each cell, as COM hands them over."""
        grid = [list(row) for row in cells.getDataArray()]
        formats, formula_areas, errors = self._basic("Seen", cells)
        formulas = set(places(cells, formula_areas))
        ones = {}  # where a formula gives 0 or 1, which may be a truth value
        for i, (row, keys) in enumerate(zip(grid, _spread(cells, formats), strict=True)):
            for j, (value, key) in enumerate(zip(row, keys, strict=True)):
                if isinstance(value, float):
                    kind = self._kind_of(key)
                    if value in (0, 1) and (i, j) in formulas:
                        ones[i, j] = (value, kind)
                    row[j] = self._typed(value, kind)
                elif value == "" and (i, j) not in formulas:
                    row[j] = None
        for i, j in self._truths(cells, {at: kind for at, (_, kind) in ones.items()}):
            grid[i][j] = bool(ones[i, j][0])
        for i, j, error in errors:
            grid[i][j] = ERRORS[_CALC_ERRORS.get(error, "#VALUE!")]
        return grid

    def formulas(self, cells: Any) -> list[list[str]]:
        """The text of each cell as `Range.Formula` gives it, "" for a blank one."""
        texts = cells.getFormulaArray()
        formats, formula_areas, _ = self._basic("Seen", cells)
        data = zip(texts, cells.getDataArray(), _spread(cells, formats), strict=True)
        found = [[self._constant(*entry) for entry in zip(*rows, strict=True)] for rows in data]
        for i, j in places(cells, formula_areas):
            text = from_calc(texts[i][j])
            found[i][j] = text[1:] if _is_constant(text) else text
        return found

    def number_format(self, cells: Any) -> str | None:
        """The number format in Excel's spelling, None when the cells differ."""
        codes = {self._code_of(key) for key, _ in self._basic("Formats", cells)}
        return codes.pop() if len(codes) == 1 else None

    # --- writing ---

    def write(self, cells: Any, rows: Sequence[Sequence[Any]], table: TableAt) -> None:
        """Put in what Excel makes of these values or formulas."""
        data, formulas, formats = [], {}, {}
        for i, (row, keys) in enumerate(zip(rows, self._keys(cells), strict=True)):
            line = []
            for j, (value, key) in enumerate(zip(row, keys, strict=True)):
                kind = self._kind_of(key)
                entry = self._entry(value, kind, table)
                if kind == "boolean" and entry != "":
                    formats[i, j] = self.key("General")  # what Excel calls the format of a truth value
                if isinstance(entry, Formula):
                    formulas[i, j], entry = entry, ""
                elif isinstance(entry, Shown):
                    if kind in ("general", "boolean"):
                        formats[i, j] = self.key(entry.code)
                    entry = entry.number
                elif isinstance(entry, str) and kind not in ("text", "boolean") and may_be_other(entry):
                    formats[i, j] = key  # Calc gives such a text the format @
                line.append(entry)
            data.append(tuple(line))
        before = cells.getFormulaArray() if formulas else ()
        with self._comments_kept(cells):
            if len(formulas) < len(data) * len(data[0]):
                cells.setDataArray(tuple(data))
            for part, (format_key, *_) in _runs(cells, formats, same=True):
                part.NumberFormat = format_key
            try:
                for part, texts in _runs(cells, formulas):
                    part.setFormulaArray(tuple((text,) for text in texts))
                    _refuse_nonsense(part)
            except ComError:
                cells.setFormulaArray(before)
                raise

    def write_array(self, cells: Any, formula: str, table: TableAt) -> None:
        """Enter one array formula."""
        cells.setArrayFormula(to_calc(formula, table))
        _refuse_nonsense(cells)

    # --- inside ---

    def _keys(self, cells: Any) -> list[list[int]]:
        """The number format of each cell."""
        return _spread(cells, self._basic("Formats", cells))

    @contextlib.contextmanager
    def _comments_kept(self, cells: Any) -> Iterator[None]:
        """Calc's block writing drops the comments of the cells; Excel's keeps them."""
        kept = self._basic("Notes", cells)
        yield
        for at, text in kept:
            cells.Spreadsheet.Annotations.insertNew(at, text)

    def _key(self, code: str) -> int:
        if code in ("General", "BOOLEAN"):
            return int(self._formats.getStandardFormat(_LOGICAL if code == "BOOLEAN" else 0, self._locale))
        known = self._formats.queryKey(code, self._locale, False)
        return int(known if known >= 0 else self._formats.addNew(code, self._locale))

    def _kind(self, key: int) -> str:
        """What a number format makes of a cell: text, date, boolean, currency, general or number."""
        format_ = self._formats.getByKey(key)
        for flag, kind in ((_DATE, "date"), (_CURRENCY, "currency"), (_LOGICAL, "boolean")):
            if format_.Type & flag:
                return kind
        return {"@": "text", "General": "general"}.get(format_.FormatString, "number")

    def _code(self, key: int) -> str:
        format_ = self._formats.getByKey(key)
        text = str(format_.FormatString)
        if format_.Type & _LOGICAL:
            return "General"
        if format_.Type & (_DATE | _TIME):
            return re.sub(r'"[^"]*"|\[\$[^\]]*\]|AM/PM|[^"\[]', lambda found: _lower(found.group()), text)
        return text.replace("[RED]", "[Red]")

    def _truths(self, cells: Any, kinds: dict[tuple[int, int], str]) -> Iterator[tuple[int, int]]:
        """The formulas whose 0 or 1 is a truth value: Calc gives the result of a comparison such a format."""
        if not kinds:
            return
        texts = cells.getFormulaArray()
        shown = self._basic("Shown", cells, *zip(*kinds, strict=True))
        for ((i, j), kind), key in zip(kinds.items(), shown, strict=True):
            if texts[i][j] in ("=TRUE()", "=FALSE()") or (kind == "general" and self._kind_of(key) == "boolean"):
                yield i, j

    def _typed(self, value: float, kind: str) -> Any:
        if kind == "date" and 0 <= value < _AFTER_LAST_DAY:
            return self._day_zero + dt.timedelta(milliseconds=round(value * 86_400_000))
        if kind == "currency":
            return decimal.Decimal(repr(value)).quantize(decimal.Decimal("0.0001"))
        return bool(value) if kind == "boolean" and value in (0, 1) else value

    @functools.cached_property
    def _day_zero(self) -> dt.datetime:
        null = self._document.NullDate
        return dt.datetime(null.Year, null.Month, null.Day)

    def _constant(self, text: str, value: Any, key: int) -> str:
        if isinstance(value, str):
            return value
        if self._kind_of(key) == "boolean" and value in (0, 1):
            return "TRUE" if value else "FALSE"
        return plain_exponent(text)

    def _entry(self, value: Any, kind: str, table: TableAt) -> Any:
        if isinstance(value, str):
            return self._entry_of_text(value, kind, table)
        if value is None:
            return ""
        if isinstance(value, bool):
            if kind in ("general", "boolean"):
                return Shown(float(value), "BOOLEAN")
            return str(value).upper() if kind == "text" else Formula(f"={str(value).upper()}()")
        if isinstance(value, dt.datetime):
            return self._entry_of_moment(value, kind)
        if isinstance(value, (int, float, decimal.Decimal)):
            if not math.isfinite(value):
                raise ComError(f"Excel has no number {value}")
            return f"{value:.15g}" if kind == "text" else float(value)
        raise TypeError(f"Objects of type '{type(value).__name__}' can not be converted to a COM VARIANT")

    def _entry_of_moment(self, moment: dt.datetime, kind: str) -> Any:
        with_time = moment.time() != dt.time()
        if kind == "text":
            clock = f" {moment:%I:%M:%S %p}".replace(" 0", " ") if with_time else ""
            return f"{moment.month}/{moment.day}/{moment.year}{clock}"
        serial = (moment.replace(tzinfo=None) - self._day_zero) / dt.timedelta(days=1)
        return Shown(serial, "m/d/yyyy h:mm" if with_time else "m/d/yyyy")

    def _entry_of_text(self, text: str, kind: str, table: TableAt) -> Any:
        if len(text) > _LONGEST_TEXT:
            raise ComError("Application-defined or object-defined error")
        if text.startswith("'"):
            return text[1:]
        if kind == "text" or not may_be_other(text):
            return text
        if text.upper() in ERRORS:
            return Formula(f"={text.upper()}")
        if text.startswith("=") and len(text) > 1:
            return Formula(to_calc(text, table))
        number = self._interpreted(text)
        if number is not None:
            if number.code == "BOOLEAN":
                return self._entry(bool(number.number), kind, table)
            return number.number if number.code == "General" else number
        if text[0] in "+-@" and len(text) > 1:
            return Formula(to_calc("=" + text.removeprefix("@"), table))
        return text

    def _interpret(self, text: str) -> Shown | None:
        """The number that Excel sees in a text, by Calc's own recognition and a few spellings Calc does not take."""
        for spelling in spellings(text):
            try:
                key = self._formatter.detectNumberFormat(0, spelling)
                number = self._formatter.convertStringToNumber(key, spelling)
            except Exception as problem:
                if type(problem).__name__.endswith("NotNumericException"):
                    continue
                raise
            format_ = self._formats.getByKey(key)
            return Shown(number, _code_of(text, format_.Type, str(format_.FormatString)))
        return None


def _code_of(text: str, kind: int, code: str) -> str:
    """The format that Excel gives a text it takes for a number."""
    if kind & _DATE:
        return "m/d/yyyy h:mm" if kind & _TIME else "m/d/yyyy"
    if kind & _TIME:
        return ("h:mm:ss" if text.count(":") > 1 else "h:mm") + " AM/PM" * ("M" in text.upper())
    if code == "General" and "," in text:
        return "#,##0.00" if "." in text else "#,##0"
    return "0%" if code == "0.00%" and "." not in text else code


def filled(value: Any, height: int, width: int) -> list[list[Any]]:
    """One value for every cell; a formula's relative references follow as when Excel fills."""
    if isinstance(value, str) and value.startswith("=") and len(value) > 1:
        return [[shift(value, i, j, other_sheets=True) for j in range(width)] for i in range(height)]
    return [[value] * width for _ in range(height)]


def clear(cells: Any) -> None:
    """Empty the cells; formats and comments stay."""
    cells.clearContents(_CONTENTS)


def formula_texts(cells: Any) -> Iterator[tuple[tuple[int, int], str]]:
    """Each formula in Excel's spelling with its row and column within `cells`, from 0."""
    texts = cells.getFormulaArray()
    for i, j in places(cells, cells.queryContentCells(FORMULA).RangeAddresses):
        yield (i, j), from_calc(texts[i][j])


def holds_formula(cells: Any) -> bool | None:
    """Whether all cells hold formulas; None when some do."""
    height, width = _size(cells)
    found = sum(not _is_constant(text) for _, text in formula_texts(cells))
    return found > 0 if found in (0, height * width) else None


def array_areas(sheet: Any, cells: Any) -> Iterator[Any]:
    """The whole areas of the array formulas that reach into the cells."""
    texts = cells.getFormulaArray()
    if not any(text.startswith("{=") for row in texts for text in row):
        return
    origin, seen = cells.RangeAddress, set()
    for i, j in places(cells, cells.queryContentCells(FORMULA).RangeAddresses):
        if texts[i][j].startswith("{=") and (origin.StartRow + i, origin.StartColumn + j) not in seen:
            cursor = sheet.createCursorByRange(cells.getCellByPosition(j, i))
            cursor.collapseToCurrentArray()
            area = cursor.RangeAddress
            seen |= {(row, column) for row in range(area.StartRow, area.EndRow + 1)
                     for column in range(area.StartColumn, area.EndColumn + 1)}  # fmt: skip
            yield area


def locked(cells: Any) -> bool | None:
    """Whether the cells are locked; None when they differ."""
    found = {bool(group.CellProtection.IsLocked) for group in _all(cells.getUniqueCellFormatRanges())}
    return found.pop() if len(found) == 1 else None


def refuse_locked(sheet: Any, cells: Any) -> None:
    """Raise as Excel does when a cell is locked on a protected sheet; much of Calc's API would write all the same."""
    if sheet.isProtected() and locked(cells) is not False:
        raise ComError(
            "The cell or chart you're trying to change is on a protected sheet. To make a change, unprotect the sheet."
        )


def refuse_part_of_array(sheet: Any, cells: Any) -> None:
    """Raise as Excel does when only a part of an array formula would be written over."""
    address = cells.RangeAddress
    for area in array_areas(sheet, cells):
        if not (address.StartRow <= area.StartRow and area.EndRow <= address.EndRow
                and address.StartColumn <= area.StartColumn and area.EndColumn <= address.EndColumn):  # fmt: skip
            raise ComError("You can't change part of an array.")


def places(cells: Any, addresses: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Each cell of the addresses as row and column within `cells`, from 0."""
    origin = cells.RangeAddress
    top, left = origin.StartRow, origin.StartColumn
    for address in addresses:
        for i in range(address.StartRow - top, address.EndRow - top + 1):
            for j in range(address.StartColumn - left, address.EndColumn - left + 1):
                yield i, j


def _runs(cells: Any, entries: dict[tuple[int, int], Any], *, same: bool = False) -> Iterator[tuple[Any, list[Any]]]:
    """Entries that lie under each other as one cell range and their values; `same` ends a run where they change."""
    order = sorted(entries, key=lambda at: (at[1], at[0]))
    start = 0
    for k in range(1, len(order) + 1):
        if k < len(order):
            (i, j), (i0, j0) = order[k], order[k - 1]
            if j == j0 and i == i0 + 1 and (not same or entries[order[k]] == entries[order[start]]):
                continue
        (top, column), (bottom, _) = order[start], order[k - 1]
        yield cells.getCellRangeByPosition(column, top, column, bottom), [entries[at] for at in order[start:k]]
        start = k


def _refuse_nonsense(cells: Any) -> None:
    """Raise, and leave the cells empty, where Calc found that a text is no formula."""
    for i, j in places(cells, cells.queryFormulaCells(_WITH_ERROR).RangeAddresses):
        cell = cells.getCellByPosition(j, i)
        if cell.getError() in _NOT_A_FORMULA:
            text = cell.getFormula()
            clear(cells)
            raise ComError(f"There's a problem with this formula: {text}")


def _spread(cells: Any, formats: Sequence[tuple[int, Sequence[Any]]]) -> list[list[int]]:
    """The number format of each cell from the areas of each format."""
    height, width = _size(cells)
    grid = [[formats[0][0]] * width for _ in range(height)]
    for key, areas in formats[1:]:
        for i, j in places(cells, areas):
            grid[i][j] = key
    return grid


def _is_constant(text: str) -> bool:
    """Whether a formula is how Calc keeps a constant of Excel: TRUE, FALSE, #N/A."""
    return text in ("=TRUE", "=FALSE") or text[1:] in ERRORS


def _size(cells: Any) -> tuple[int, int]:
    address = cells.RangeAddress
    return address.EndRow - address.StartRow + 1, address.EndColumn - address.StartColumn + 1


def _lower(token: str) -> str:
    return token.lower() if len(token) == 1 else token


def _all(container: Any) -> Iterator[Any]:
    return (container.getByIndex(i) for i in range(container.Count))
