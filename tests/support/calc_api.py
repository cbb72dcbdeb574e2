"""The members of Excel's own objects that Focal uses through `.api`, over Calc.

Any other member raises NotImplementedError, read or written.
"""

import re
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

from tests.support import calc_cells
from tests.support.calc_cells import ComError

_ALLOW = ("FormattingCells", "FormattingColumns", "FormattingRows", "InsertingColumns", "InsertingRows",
          "InsertingHyperlinks", "DeletingColumns", "DeletingRows", "Sorting", "Filtering",
          "UsingPivotTables")  # fmt: skip
_IN_FILE = ("formatCells", "formatColumns", "formatRows", "insertColumns", "insertRows", "insertHyperlinks",
            "deleteColumns", "deleteRows", "sort", "autoFilter", "pivotTables")  # fmt: skip
_NO_RESTRICTIONS, _UNLOCKED_CELLS, _NO_SELECTION = 0, 1, -4142


class _Members:
    """Refuses every member that is not there, instead of taking it silently."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotImplementedError(f"{type(self).__name__}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and not hasattr(type(self), name):
            raise NotImplementedError(f"{type(self).__name__}.{name}")
        object.__setattr__(self, name, value)


class AppApi(_Members):
    """Excel's Application."""

    DefaultFilePath = ""


class BookApi(_Members):
    """A Workbook."""

    def __init__(self, book: Any) -> None:
        self._book = book

    Date1904 = property(lambda self: self._book.document.NullDate.Year == 1904)
    ReadOnly = property(lambda self: bool(self._book.document.isReadonly()))

    @property
    def Saved(self) -> bool:  # noqa: N802
        return not self._book.document.isModified()

    @Saved.setter
    def Saved(self, value: bool) -> None:  # noqa: N802
        self._book.document.setModified(not value)

    def SaveCopyAs(self, path: str) -> None:  # noqa: N802
        self._book.store(path)


class SheetApi(_Members):
    """A Worksheet."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._options = sheet.book.protections.setdefault(sheet.name, {})

    ProtectContents = property(lambda self: bool(self._sheet.uno.isProtected()))
    ProtectDrawingObjects = property(lambda self: self.ProtectContents and self._options.get("DrawingObjects", False))
    ProtectScenarios = property(lambda self: self.ProtectContents and self._options.get("Scenarios", False))
    Protection = property(lambda self: Protection(self._options))
    ProtectionMode = False  # UserInterfaceOnly: Calc has no such thing
    PageSetup = property(lambda self: PageSetup(self._sheet))

    @property
    def EnableSelection(self) -> int:  # noqa: N802
        return int(self._options.get("EnableSelection", _NO_RESTRICTIONS))

    @EnableSelection.setter
    def EnableSelection(self, value: int) -> None:  # noqa: N802
        self._options["EnableSelection"] = value

    def Protect(  # noqa: N802
        self,
        Password: str = "",
        DrawingObjects: bool = True,
        Contents: bool = True,
        Scenarios: bool = True,
        UserInterfaceOnly: bool = False,
        **allowed: bool,
    ) -> None:
        if UserInterfaceOnly or not Contents or allowed.keys() - {f"Allow{name}" for name in _ALLOW}:
            raise NotImplementedError(f"Protect {UserInterfaceOnly=} {Contents=} {allowed}")
        self._sheet.uno.protect(Password or "")
        for name in _ALLOW:
            self._options[f"Allow{name}"] = bool(allowed.get(f"Allow{name}", False))
        self._options |= {"DrawingObjects": bool(DrawingObjects), "Scenarios": bool(Scenarios)}

    def Unprotect(self, Password: str = "") -> None:  # noqa: N802
        try:
            self._sheet.uno.unprotect(Password or "")
        except Exception as problem:
            if not type(problem).__name__.endswith("IllegalArgumentException"):
                raise
        if self._sheet.uno.isProtected():
            raise ComError(
                "The password you supplied is not correct. Verify that the CAPS LOCK key is off and be sure to use the "
                "correct capitalization."
            )

    # --- the filter of a plain range; tables have their own ---

    @property
    def AutoFilterMode(self) -> bool:  # noqa: N802
        return self._filtered_range() is not None

    FilterMode = property(lambda self: bool(self.AutoFilterMode and is_filtered(self._filtered_range())))

    def ShowAllData(self) -> None:  # noqa: N802
        if not self.FilterMode:
            raise ComError("ShowAllData method of Worksheet class failed")
        if self.ProtectContents and not self.Protection.AllowFiltering:
            raise ComError("The sheet is protected.")
        show_all(self._sheet.uno, self._filtered_range())

    def _filtered_range(self) -> Any:
        ranges = self._sheet.book.document.getPropertyValue("UnnamedDatabaseRanges")
        place = self._sheet.index - 1
        found = ranges.getByTable(place) if ranges.hasByTable(place) else None
        return found if found is not None and found.AutoFilter else None


class Protection(_Members):
    """What a protected sheet still allows; remembered, for Calc has no such options in its API."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options


for _name in _ALLOW:
    setattr(Protection, f"Allow{_name}", property(lambda self, key=f"Allow{_name}": self._options.get(key, False)))


def protections_in(path: Path) -> dict[str, dict[str, Any]]:
    """The protection options of each sheet as the .xlsx file states them, since Calc does not tell."""
    found: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(path) as archive:
        links = {link.get("Id"): link.get("Target", "")
                 for link in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))}  # fmt: skip
        for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iterfind("{*}sheets/{*}sheet"):
            link = next(value for name, value in sheet.attrib.items() if name.endswith("}id"))
            target = links[link]
            text = archive.read(target.lstrip("/") if target.startswith("/") else f"xl/{target}").decode()
            if mark := re.search(r"<(?:\w+:)?sheetProtection\b([^>]*)>", text):
                found[sheet.get("name", "")] = _options(dict(re.findall(r'(\w+)="([^"]*)"', mark[1])))
    return found


def _options(attributes: dict[str, str]) -> dict[str, Any]:
    def is_set(name: str, default: str = "0") -> bool:
        return attributes.get(name, default) in ("1", "true")

    options: dict[str, Any] = {f"Allow{name}": not is_set(key, "1") for name, key in zip(_ALLOW, _IN_FILE, strict=True)}
    options |= {"DrawingObjects": is_set("objects"), "Scenarios": is_set("scenarios")}
    if is_set("selectLockedCells"):
        options["EnableSelection"] = _NO_SELECTION if is_set("selectUnlockedCells") else _UNLOCKED_CELLS
    return options


class RangeApi(_Members):
    """A Range."""

    def __init__(self, cells: Any) -> None:
        self._cells = cells

    HasSpill = False
    Areas = SimpleNamespace(Count=1)

    @property
    def Value2(self) -> Any:  # noqa: N802
        rows = tuple(tuple(None if cell == "" else cell for cell in row) for row in self._cells.uno.getDataArray())
        return rows[0][0] if self._cells.shape == (1, 1) else rows

    HasFormula = property(lambda self: calc_cells.holds_formula(self._cells.uno))

    @property
    def Locked(self) -> bool | None:  # noqa: N802
        return calc_cells.locked(self._cells.uno)

    @Locked.setter
    def Locked(self, value: bool) -> None:  # noqa: N802
        calc_cells.refuse_locked(self._cells.sheet.uno, self._cells.uno)
        protection = self._cells.uno.CellProtection
        protection.IsLocked = bool(value)
        self._cells.uno.CellProtection = protection


class TableApi(_Members):
    """A ListObject."""

    def __init__(self, table: Any) -> None:
        self._table = table

    @property
    def ShowAutoFilter(self) -> bool:  # noqa: N802
        return bool(self._table.show_autofilter)

    @ShowAutoFilter.setter
    def ShowAutoFilter(self, value: bool) -> None:  # noqa: N802
        self._table.show_autofilter = value

    AutoFilter = property(lambda self: AutoFilter(self._table) if self._table.show_autofilter else None)
    Sort = property(lambda self: Sort())


class AutoFilter(_Members):
    """The filter of a table."""

    def __init__(self, table: Any) -> None:
        self._table = table

    FilterMode = property(lambda self: is_filtered(self._table.uno))

    def ShowAllData(self) -> None:  # noqa: N802
        sheet = self._table.parent
        if not self.FilterMode:
            raise ComError("ShowAllData method of AutoFilter class failed")
        if sheet.uno.isProtected() and not sheet.api.Protection.AllowFiltering:
            raise ComError("The sheet is protected.")
        show_all(sheet.uno, self._table.uno)


class Sort(_Members):
    """The sort of a table: Calc keeps no sort keys, so there is nothing to clear."""

    SortFields = property(lambda self: SortFields())


class SortFields(_Members):
    """The keys of a sort."""

    def Clear(self) -> None:  # noqa: N802
        """Nothing to clear."""


class TableFilter:
    """What `xw.Table.autofilter` calls; enough to set a filter as a user would."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def apply_values(self, field: int, values: list[str]) -> None:
        """Show the rows whose column `field`, from 1, holds one of the values."""
        uno = self._table.parent.book.app.host._uno
        equal = uno.Enum("com.sun.star.sheet.FilterOperator", "EQUAL")
        fields = []
        for value in values:
            criterion = uno.createUnoStruct("com.sun.star.sheet.TableFilterField")
            criterion.Field, criterion.StringValue, criterion.Operator = field - 1, value, equal
            criterion.Connection = uno.Enum("com.sun.star.sheet.FilterConnection", "OR")
            fields.append(criterion)
        _filter(self._table.parent.uno, self._table.uno, fields)

    def clear(self, field: int | None) -> None:
        """Show all rows."""
        if field is not None:
            raise NotImplementedError("clear one field")
        show_all(self._table.parent.uno, self._table.uno)


def is_filtered(database_range: Any) -> bool:
    """Whether a filter has criteria."""
    return len(database_range.getFilterDescriptor().getFilterFields()) > 0


def show_all(sheet: Any, database_range: Any) -> None:
    """Take the criteria out of a filter and show its rows; the buttons stay."""
    _filter(sheet, database_range, [])


def _filter(sheet: Any, database_range: Any, fields: list[Any]) -> None:
    criteria = database_range.getFilterDescriptor()
    criteria.setFilterFields(tuple(fields))
    at = database_range.DataArea
    sheet.getCellRangeByPosition(at.StartColumn, at.StartRow, at.EndColumn, at.EndRow).filter(criteria)


# --- page footers ---

_FIELDS = {"P": "PageNumber", "N": "PageCount", "A": "SheetName"}
_CODE = re.compile(r'&(?:(?P<double>&)|"(?P<font>[^",]*)(?:,(?P<style>[^"]*))?"|(?P<size>\d+) ?|K(?P<color>[0-9A-F]{6})'
                   r"|(?P<letter>[A-Z]))|(?P<text>[^&]+)")  # fmt: skip


class PageSetup(_Members):
    """The footer of a sheet's page style in Excel's codes: &P &N &A, &8, &"font,style", &Krrggbb, &&."""

    def __init__(self, sheet: Any) -> None:
        self._book, self._document, self._name = sheet.book, sheet.book.document, sheet.uno.PageStyle

    LeftFooter = property(lambda self: self._read("LeftText"), lambda self, codes: self._write("LeftText", codes))
    CenterFooter = property(lambda self: self._read("CenterText"), lambda self, codes: self._write("CenterText", codes))
    RightFooter = property(lambda self: self._read("RightText"), lambda self, codes: self._write("RightText", codes))

    def _read(self, part: str) -> str:
        self._book.put_footers(self._name)
        style = self._style()
        if not style.FooterIsOn:
            return ""
        normal = self._document.StyleFamilies.getByName("CellStyles").getByName("Default")
        look = (normal.CharFontName, "Regular", normal.CharHeight, 0)
        text = ""
        for number, paragraph in enumerate(_parts(getattr(style.RightPageFooterContent, part))):
            text += "\n" * (number > 0)
            for portion in _parts(paragraph):
                if not portion.String:
                    continue  # what an empty footer consists of
                code, look = _codes(portion, look)
                text += code + _portion_text(portion, digit_would_join=bool(re.search(r"&\d+$", text + code)))
        return text

    def _write(self, part: str, codes: str) -> None:
        """Kept until it is read or stored: for each footer Calc paginates the sheet, a tenth of a second."""
        if "".join(found.group() for found in _CODE.finditer(codes)) != codes:
            raise NotImplementedError(f"footer codes {codes}")
        self._book.footers.setdefault(self._name, {})[part] = partial(self._put, part, codes)

    def _style(self) -> Any:
        return self._document.StyleFamilies.getByName("PageStyles").getByName(self._name)

    def _put(self, part: str, codes: str) -> None:
        style = self._style()
        if not style.FooterIsOn:  # setting it costs a tenth of a second all the same
            style.FooterIsOn = True
        content = style.RightPageFooterContent
        text = getattr(content, part)
        text.setString("")
        cursor = text.createTextCursor()
        normal = self._document.StyleFamilies.getByName("CellStyles").getByName("Default")
        look = {"CharFontName": normal.CharFontName, "CharHeight": normal.CharHeight, "CharWeight": 100.0,
                "CharColor": 0}  # fmt: skip
        for found in _CODE.finditer(codes):
            if found["size"]:
                look["CharHeight"] = float(found["size"])
            elif found["color"]:
                look["CharColor"] = int(found["color"], 16)
            elif found["font"] is not None:
                look["CharFontName"] = look["CharFontName"] if found["font"] == "-" else found["font"]
                look["CharWeight"] = 150.0 if "Bold" in (found["style"] or "") else 100.0
            else:
                cursor.gotoEnd(False)
                for name, value in look.items():
                    cursor.setPropertyValue(name, value)
                self._insert(text, cursor, found)
        style.RightPageFooterContent = content

    def _insert(self, text: Any, cursor: Any, found: "re.Match[str]") -> None:
        letter = found["letter"]
        if letter is None:
            text.insertString(cursor, "&" if found["double"] else found["text"], False)
        elif letter in _FIELDS:
            field = self._document.createInstance(f"com.sun.star.text.TextField.{_FIELDS[letter]}")
            text.insertTextContent(cursor, field, False)
        else:
            raise NotImplementedError(f"footer code &{letter}")


def _parts(text: Any) -> Iterator[Any]:
    listed = text.createEnumeration()
    while listed.hasMoreElements():
        yield listed.nextElement()


def _codes(portion: Any, look: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The codes that lead from one look to the portion's."""
    weight = "Bold" if portion.CharWeight > 100 else "Regular"
    new = (portion.CharFontName, weight, portion.CharHeight, max(portion.CharColor, 0))
    codes = f'&"{new[0]},{new[1]}"' if new[:2] != look[:2] else ""
    codes += f"&{new[2]:g}" if new[2] != look[2] else ""
    return codes + (f"&K{new[3]:06X}" if new[3] != look[3] else ""), new


def _portion_text(portion: Any, digit_would_join: bool) -> str:
    if portion.TextPortionType != "TextField":
        text = portion.String.replace("&", "&&")
        return " " + text if digit_would_join and text[:1].isdigit() else text
    services = " ".join(portion.TextField.SupportedServiceNames)
    for letter, service in _FIELDS.items():
        if service in services:
            return f"&{letter}"
    raise NotImplementedError(f"footer field {services}")
