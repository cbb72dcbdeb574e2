"""Formulas that look for Focal on another computer call this computer's Focal again, and nothing else changes."""

import sys
from types import SimpleNamespace

import pytest

from pyfuncs.errors import InputError
from pyfuncs.functions import CATALOGUE
from pyfuncs.hosts.excel import links
from pyfuncs.hosts.excel.conversation import Progress
from pyfuncs.hosts.excel.links import repair, repaired, runs
from pyfuncs.workbook.cells import Area, column_letters, parse_area
from tests.support.conversations import drive

FAR = r"'C:\Users\x\AppData\Roaming\Microsoft\Excel\XLSTART\Focal.xlam'!"

# --- one formula -----------------------------------------------------------------------------------------------------

BROKEN = [
    (f"={FAR}CLV_SCORE(A1:B2)", "=CLV_SCORE(A1:B2)"),
    (r"='C:\Users\O''Brien\It''s here\Focal.xlam'!CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    (r"='\\server\share\Excel add-ins\Focal.xlam'!CLV_RFM(A1:C9)", "=CLV_RFM(A1:C9)"),
    ("='https://company.sharepoint.com/sites/Team%20A/Focal.xlam'!CLV_FIT(A1:E9)", "=CLV_FIT(A1:E9)"),
    ("='/Users/x/Library/Focal.xlam'!CLV_FIT(A1:E9)", "=CLV_FIT(A1:E9)"),
    ("=Focal.xlam!CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    ("='Focal.xlam'!CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    ("='Focal (1).xlam'!CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    (r"='C:\Downloads\Focal%20(2).xlam'!CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    (r"='C:\x\[Focal.xlam]'!CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    ("=[Focal.xlam]!CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    ("=[1]!CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    ("=[12]!CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    ("=_xlfn.CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    ("=_xludf.CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    ("=_xlfn._xludf.CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    ("=_xll.CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    ("=[1]!_xludf.CLV_SCORE(A1)", "=CLV_SCORE(A1)"),
    ("=focal.XLAM!clv_score(a1)", "=CLV_SCORE(a1)"),
    ("=_XLUDF.clv_score(a1)", "=CLV_SCORE(a1)"),
    (f"=SUM({FAR}CLV_SCORE(A1:B2,[1]!CLV_FIT(A1:B2)),1)", "=SUM(CLV_SCORE(A1:B2,CLV_FIT(A1:B2)),1)"),
    (f"=IF(A1,{FAR}CLV_DERT(A1),-_xlfn.CLV_DERT(A2))+1", "=IF(A1,CLV_DERT(A1),-CLV_DERT(A2))+1"),
    (f"=@{FAR}CLV_SCORE(A1)", "=@CLV_SCORE(A1)"),
    (f"=@{FAR}CLV_SCORE(Customers[[#All],[it's]])", "=@CLV_SCORE(Customers[[#All],[it's]])"),
    (f'=IFERROR({FAR}FOCAL_SEGMENT(A1:A9,"top share"),"it\'s [1]!CLV_FIT(")',
     '=IFERROR(FOCAL_SEGMENT(A1:A9,"top share"),"it\'s [1]!CLV_FIT(")'),
    (f"={FAR}CLV_SCORE('It''s 2024'!A1:B2)", "=CLV_SCORE('It''s 2024'!A1:B2)"),
    (f"=LET(x,{FAR}CLV_SCORE(A1#),INDEX(x,1))", "=LET(x,CLV_SCORE(A1#),INDEX(x,1))"),
    (f"='[Book 2.xlsx]S'!A1+{FAR}CLV_GINI(A1:A9)", "='[Book 2.xlsx]S'!A1+CLV_GINI(A1:A9)"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "expected"), BROKEN)
def test_a_broken_call_becomes_a_plain_one(formula: str, expected: str) -> None:
    assert repaired(formula) == expected
    assert repaired(expected) == expected


@pytest.mark.parametrize(
    "formula",
    [
        "=CLV_SCORE(A1:B2)",
        "=clv_score(A1:B2)",
        f'="{FAR}CLV_SCORE(A1)"',
        '=CONCAT("a ""[1]!CLV_SCORE("" b")',
        "='C:\\x\\Other.xlam'!CLV_SCORE(A1)",
        "=Other.xlsm!CLV_SCORE(A1)",
        "='C:\\x\\NotFocal.xlam'!CLV_SCORE(A1)",
        "='C:\\Focal.xlam\\Book.xlsm'!CLV_SCORE(A1)",
        "='C:\\x\\Focal.xlsx'!CLV_SCORE(A1)",
        f"={FAR}OTHER(A1)",
        f"={FAR}CLV_SCORES(A1)",
        f"={FAR}CLV_SCORE",
        "=[1]!rates*2",
        "=[1]Sheet1!A1",
        "='[1]My Sheet'!A1:B2",
        "=Focal.xlam!A1",
        "='Focal.xlam'!A1:B2",
        "='Focal.xlam!CLV_SCORE('!A1",
        "=Table1[Focal.xlam!CLV_SCORE(x)]",
        "=Table1[[#All],[_xludf.CLV_SCORE(x)]]",
        "=Table1['[1'']!CLV_SCORE(]",
        "=_xlfn.XLOOKUP(A1,B:B,C:C)",
        "=_xlfn.LET(_xlpm.x,1,_xlpm.x)",
        "=my_xlfn.CLV_SCORE(A1)",
        "",
        "CLV_SCORE",
    ],
)
def test_everything_else_stays(formula: str) -> None:
    assert repaired(formula) == formula


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_function_of_the_catalogue_is_repaired(name: str) -> None:
    assert repaired(f"=1+{FAR}{name.lower()}(A1)") == f"=1+{name}(A1)"


def test_a_long_formula_is_done_at_once() -> None:
    formula = "=" + "+".join([f"{FAR}CLV_SCORE(A1)", "'It''s'!A1", '"text"', "T[[#All],[x]]", "Sheet1!B2"] * 60)
    assert repaired(formula).count("CLV_SCORE(") == 60
    assert "xlam" not in repaired(formula)
    assert repaired("='" + "a" * 8000) == "='" + "a" * 8000
    assert repaired("=" + "[" * 4000) == "=" + "[" * 4000


def test_changes_go_over_in_pieces_of_columns() -> None:
    changes = {(2, row): "" for row in (3, 4, 5, 9)} | {(3, 6): ""}
    assert list(runs(changes)) == [Area(3, 2, 5, 2), Area(9, 2, 9, 2), Area(6, 3, 6, 3)]
    assert list(runs({(1, 1): ""})) == [Area(1, 1, 1, 1)]


# --- the open workbook -----------------------------------------------------------------------------------------------


class ComError(Exception):
    """What COM raises."""


class Sheet:
    """As much of a sheet in Excel as the button touches: formulas by place, arrays, texts, protection."""

    def __init__(
        self,
        name: str,
        cells: dict[str, str],
        *,
        arrays: tuple[str, ...] = (),
        spills: tuple[str, ...] = (),
        texts: tuple[str, ...] = (),
        refused: tuple[str, ...] = (),
        protected: bool = False,
    ) -> None:
        self.name, self.texts, self.refused, self.protected = name, texts, refused, protected
        self.cells = {(area.top, area.left): text for at, text in cells.items() if (area := parse_area(at))}
        self.arrays, self.spills = [parse_area(a) for a in arrays], [parse_area(a) for a in spills]
        for area in (*self.arrays, *self.spills):
            for place in places(area):
                self.cells[place] = self.cells[area.top, area.left]
        self.written: list[str] = []
        self.api = SimpleNamespace(ProtectContents=protected)

    @property
    def used_range(self) -> "Range":
        rows, columns = zip(*self.cells, strict=True)
        return Range(self, Area(min(rows), min(columns), max(rows), max(columns)))

    def range(self, first, last=None) -> "Range":
        if isinstance(first, str):
            return Range(self, parse_area(first))
        return Range(self, Area(*first, *(last or first)))

    def formula(self, at: str) -> str:
        area = parse_area(at)
        return self.cells[area.top, area.left]


def places(area: Area) -> list[tuple[int, int]]:
    return [(row, column) for row in range(area.top, area.bottom + 1) for column in range(area.left, area.right + 1)]


class Range:
    def __init__(self, sheet: Sheet, area: Area) -> None:
        self.sheet, self.area, self.api = sheet, area, RangeApi(sheet, area)
        self.row, self.column = area.top, area.left
        self.shape = (area.bottom - area.top + 1, area.right - area.left + 1)
        self.address = str(area)

    @property
    def formula2(self):
        if not dynamic:
            raise ComError("Formula2")
        return self.formula

    @formula2.setter
    def formula2(self, new) -> None:
        self._write(new)

    @property
    def formula(self):
        grid = tuple(
            tuple(self.sheet.cells.get((row, column), "") for column in range(self.area.left, self.area.right + 1))
            for row in range(self.area.top, self.area.bottom + 1)
        )
        return grid[0][0] if self.shape == (1, 1) else grid

    @formula.setter
    def formula(self, new) -> None:
        assert not dynamic, "Formula puts @ before functions that return arrays"
        self._write(new)

    def _write(self, new) -> None:
        rows = [[new]] if isinstance(new, str) else new
        assert (len(rows), len(rows[0])) == self.shape
        for array in self.sheet.arrays:
            if array.overlaps(self.area):
                raise ComError("You can't change part of an array.")
        self._put(dict(zip(places(self.area), [text for row in rows for text in row], strict=True)))

    @property
    def formula_array(self):
        raise AssertionError

    @formula_array.setter
    def formula_array(self, new: str) -> None:
        assert self.area in self.sheet.arrays
        self._put(dict.fromkeys(places(self.area), new))

    def _put(self, entries) -> None:
        if self.sheet.protected:
            raise ComError("The sheet is protected.")
        for place in entries:
            if any(str(Area(*place, *place)) == at for at in self.sheet.refused):
                raise ComError("There's a problem with this formula.")
        self.sheet.cells |= entries
        self.sheet.written.append(self.address)


class RangeApi:
    """Range in Excel's object model; a member of an Excel before dynamic arrays is not there."""

    def __init__(self, sheet: Sheet, area: Area) -> None:
        self._sheet, self._area = sheet, area

    def _all(self, holds):
        found = {holds(place) for place in places(self._area)}
        return found.pop() if len(found) == 1 else None

    def _is_formula(self, place) -> bool:
        text = self._sheet.cells.get(place, "")
        return text.startswith("=") and str(Area(*place, *place)) not in self._sheet.texts

    def _of(self, areas, place=None):
        at = place or (self._area.top, self._area.left)
        return next((area for area in areas if Area(*at, *at).overlaps(area)), None)

    HasFormula = property(lambda self: self._all(self._is_formula))
    HasArray = property(lambda self: self._all(lambda place: self._of(self._sheet.arrays, place) is not None))
    Address = property(lambda self: f"${column_letters(self._area.left)}${self._area.top}")
    CurrentArray = property(lambda self: SimpleNamespace(Address=str(self._of(self._sheet.arrays))))

    @property
    def HasSpill(self):  # noqa: N802
        if not dynamic:
            raise ComError("HasSpill")
        return self._all(lambda place: self._of(self._sheet.spills, place) is not None)

    @property
    def SpillParent(self):  # noqa: N802
        return SimpleNamespace(SpillingToRange=SimpleNamespace(Address=str(self._of(self._sheet.spills))))


dynamic = True


class Name:
    def __init__(self, name: str, refers_to: str) -> None:
        self.name, self.refers_to = name, refers_to


class Sheets(list):
    active = SimpleNamespace(activate=lambda: None)


def excel(*sheets: Sheet, names: tuple[Name, ...] = ()):
    """An Excel with one workbook open."""
    selection = SimpleNamespace(select=lambda: None)
    app = SimpleNamespace(calculation="automatic", screen_updating=True, enable_events=True, display_alerts=True,
                          selection=selection)  # fmt: skip
    book = SimpleNamespace(app=app, name="book.xlsx", sheets=Sheets(sheets), names=names)

    class Books(list):
        active = book

    app.books = Books([book])
    return app


@pytest.fixture(params=[True, False], ids=["dynamic arrays", "older Excel"])
def either_excel(request, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "dynamic", request.param)


def state(app):
    return app.calculation, app.screen_updating, app.enable_events, app.display_alerts


@pytest.mark.usefixtures("either_excel")
def test_the_formulas_of_all_sheets_are_repaired_and_counted() -> None:
    one = Sheet("Scores", {"A1": "value", "B2": f"={FAR}CLV_SCORE(A2)", "B3": f"={FAR}CLV_SCORE(A3)", "C9": "=1+1"})
    two = Sheet("Other", {"D4": "5"})
    three = Sheet("Summary", {"A1": "=_xludf.CLV_GINI(Scores!B2:B3)"})
    app = excel(one, two, three)
    before = state(app)
    said, closing = drive(repair(app))
    assert closing == "3 formulas call this computer's Focal again: Scores 2, Summary 1."
    assert (one.formula("B2"), one.formula("B3")) == ("=CLV_SCORE(A2)", "=CLV_SCORE(A3)")
    assert three.formula("A1") == "=CLV_GINI(Scores!B2:B3)"
    assert (one.written, two.written) == (["B2:B3"], [])
    assert all(isinstance(message, Progress) for message in said)
    assert state(app) == before


@pytest.mark.usefixtures("either_excel")
def test_a_large_sheet_is_read_in_blocks_and_a_column_is_written_in_one_piece(monkeypatch) -> None:
    monkeypatch.setattr(links, "BLOCK", 20)
    cells = {f"B{row}": f"={FAR}CLV_SCORE(A{row})" for row in range(5, 105)} | {"A5": "x"}
    sheet = Sheet("Scores", cells)
    said, closing = drive(repair(excel(sheet)))
    assert closing.startswith("100 formulas call")
    assert sheet.written == ["B5:B104"]
    assert sheet.formula("B104") == "=CLV_SCORE(A104)"
    assert len([message for message in said if "Looking" in message.text]) == 10


@pytest.mark.usefixtures("either_excel")
def test_an_array_formula_is_entered_anew_as_a_whole() -> None:
    sheet = Sheet("S", {"B2": f"={FAR}CLV_SCORE(A1:A9)", "C9": "x"}, arrays=("B2:C4",))
    assert drive(repair(excel(sheet)))[1] == "1 formula calls this computer's Focal again: S 1."
    assert (sheet.formula("B2"), sheet.formula("C4")) == ("=CLV_SCORE(A1:A9)",) * 2
    assert sheet.written == ["B2:C4"]


def test_of_a_spilled_formula_the_first_cell_is_written() -> None:
    sheet = Sheet("S", {"B2": f"={FAR}CLV_SCORE(A1:A9)", "B9": f"={FAR}CLV_GINI(A1:A9)"}, spills=("B2:C5",))
    assert drive(repair(excel(sheet)))[1] == "2 formulas call this computer's Focal again: S 2."
    assert sheet.written == ["B2", "B9"]


def test_text_that_looks_like_a_formula_stays_text() -> None:
    sheet = Sheet("S", {"B2": f"={FAR}CLV_SCORE(A2)", "B3": f"={FAR}CLV_SCORE(A3)"}, texts=("B3",))
    assert drive(repair(excel(sheet)))[1] == "1 formula calls this computer's Focal again: S 1."
    assert sheet.written == ["B2"]
    only_text = Sheet("S", {"B3": f"={FAR}CLV_SCORE(A3)"}, texts=("B3",))
    assert "nothing to repair" in drive(repair(excel(only_text)))[1]


def test_a_protected_sheet_is_left_alone_and_named() -> None:
    broken = {"B2": f"={FAR}CLV_SCORE(A2)"}
    locked, sheet = Sheet("Locked", broken, protected=True), Sheet("Free", broken)
    harmless = Sheet("Harmless", {"A1": "=1+1"}, protected=True)
    _, closing = drive(repair(excel(locked, sheet, harmless)))
    assert closing.splitlines() == [
        "1 formula calls this computer's Focal again: Free 1.",
        "Sheet Locked is protected and was left alone: Review > Unprotect Sheet, then repair again.",
    ]
    app = excel(locked)
    with pytest.raises(InputError, match="Sheet Locked is protected"):
        drive(repair(app))
    assert state(app) == ("automatic", True, True, True)


def test_what_excel_refuses_is_named_and_the_rest_is_repaired() -> None:
    cells = {f"B{row}": f"={FAR}CLV_SCORE(A{row})" for row in range(1, 11)}
    sheet = Sheet("S", cells, refused=tuple(f"B{row}" for row in range(2, 9)))
    _, closing = drive(repair(excel(sheet)))
    assert closing.splitlines() == [
        "3 formulas call this computer's Focal again: S 3.",
        "Excel did not take these; type them anew: S!B2, S!B3, S!B4, S!B5, S!B6 and 2 more.",
    ]


def test_names_that_call_focal_are_repaired_too() -> None:
    names = (Name("Scores", f"={FAR}CLV_SCORE(S!$A$1)"), Name("Other", "=S!$A$1"))
    _, closing = drive(repair(excel(Sheet("S", {"A1": "1"}), names=names)))
    assert [name.refers_to for name in names] == ["=CLV_SCORE(S!$A$1)", "=S!$A$1"]
    assert closing == "These names call this computer's Focal again: Scores."


def test_where_nothing_is_broken_nothing_is_touched() -> None:
    sheet = Sheet("S", {"A1": "=CLV_SCORE(B1:C2)"})
    app = excel(sheet)
    _, closing = drive(repair(app))
    assert "nothing to repair" in closing
    assert sheet.written == []


def test_stopping_half_way_puts_excel_back() -> None:
    app = excel(Sheet("A", {"B2": f"={FAR}CLV_SCORE(A2)"}), Sheet("B", {"B2": f"={FAR}CLV_SCORE(A2)"}))
    conversation = repair(app)
    for message in conversation:
        if message.text.startswith("Repairing"):
            break
    assert app.calculation == "manual"
    conversation.close()
    assert state(app) == ("automatic", True, True, True)


def test_without_a_workbook_or_on_a_mac_it_says_so(monkeypatch) -> None:
    app = excel(Sheet("S", {"A1": "1"}))
    app.books = SimpleNamespace(active=None)
    with pytest.raises(InputError, match="No workbook is open"):
        drive(repair(app))
    monkeypatch.setattr(links.sys, "platform", "darwin")
    with pytest.raises(InputError, match="Excel for Windows"):
        drive(repair(app))
