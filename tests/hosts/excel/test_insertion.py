"""Typing a formula for the selection: what it refers to, what is asked, and that nothing is ever written over."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import xlsxwriter

from pyfuncs.errors import InputError
from pyfuncs.functions import CATALOGUE
from pyfuncs.functions.catalogue import Argument
from pyfuncs.functions.kinds import choice
from pyfuncs.hosts.excel import insertion
from pyfuncs.hosts.excel.conversation import Input
from pyfuncs.hosts.excel.insertion import (
    closing,
    first_reference,
    free_place,
    insert,
    likely_column,
    of_cells,
    of_spill,
    of_table,
    question,
    typed,
    width_of,
)
from pyfuncs.workbook.cells import LAST_COLUMN, Area, parse_area
from tests.support import calc_api
from tests.support.calc_engine import open_in_calc
from tests.support.calc_ranges import Range
from tests.support.conversations import drive

HEADERS = ("customer_id", "segment", "value", "own [#]'s")
AREA = Area(5, 2, 20, 5)
TABLE = of_table("tblCustomers", AREA, HEADERS, 2, header=True, totals=False)
SPLIT, VALUES = CATALOGUE["CLV_HOLDOUT"].arguments[1], CATALOGUE["FOCAL_SUMMARY"].arguments[1]

# --- references ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "totals", "whole", "column"),
    [
        (True, False, "T[#All]", "T[[#All],[value]]"),
        (True, True, "T[[#Headers],[#Data]]", "T[[#Headers],[#Data],[value]]"),
        (False, True, "T[#Data]", "T[[#Data],[value]]"),
        (False, False, "T[#All]", "T[[#All],[value]]"),
    ],
)
def test_a_table_is_taken_with_its_headers_and_without_its_totals(header, totals, whole: str, column: str) -> None:
    data = of_table("T", AREA, HEADERS, 2, header=header, totals=totals)
    assert (data.whole, data.column(2)) == (whole, column)
    assert data.area == AREA._replace(bottom=20 - totals)


def test_awkward_headers_are_escaped() -> None:
    assert TABLE.column(3) == "tblCustomers[[#All],[own '['#']''s]]"


def test_a_spilled_range_is_its_first_cell() -> None:
    wide, narrow = of_spill(AREA, HEADERS, 1), of_spill(AREA._replace(right=2), HEADERS, 0)
    assert (wide.whole, wide.column(2)) == ("B5#", "INDEX(B5#,,3)")
    assert (narrow.whole, narrow.column(0)) == ("B5#", "B5#")


def test_plain_cells_are_their_address() -> None:
    data = of_cells(AREA, HEADERS, 1)
    assert (data.whole, data.column(0), data.column(3)) == ("B5:E20", "B5:B20", "E5:E20")


@pytest.mark.parametrize("name", [name for name, each in CATALOGUE.items() if not each.arguments[0].optional])
def test_every_function_takes_the_whole_table_or_the_chosen_column(name: str) -> None:
    wanted = {"customers": TABLE.whole, "transactions": TABLE.whole, "values": TABLE.column(2)}
    wanted |= {"segments": TABLE.column(2), "attributes": TABLE.whole, "earlier": TABLE.whole}
    wanted |= {"fills": TABLE.whole, "referrals": TABLE.whole, "outcome": TABLE.column(2)}
    assert first_reference(CATALOGUE[name], TABLE) == wanted[CATALOGUE[name].arguments[0].name]


def test_a_function_of_one_column_asks_for_one_when_several_are_selected() -> None:
    with pytest.raises(InputError, match=r"CLV_LORENZ takes one column \(values\)"):
        first_reference(CATALOGUE["CLV_LORENZ"], of_cells(AREA, HEADERS, None))


def test_a_column_is_proposed_where_one_header_fits() -> None:
    assert likely_column(VALUES, TABLE) == "tblCustomers[[#All],[value]]"
    assert likely_column(VALUES, of_cells(AREA, ("id", " CLV ", "x", "y"), None)) == "C5:C20"
    assert likely_column(VALUES, of_cells(AREA, ("value", "clv", "x", "y"), None)) == ""
    assert likely_column(VALUES, of_cells(AREA, ("a", "b", "c", "d"), None)) == ""
    assert likely_column(SPLIT, of_cells(AREA, ("split", "b", "c", "d"), None)) == ""


# --- what the user types ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("2024-06-30", "DATE(2024,6,30)"),
        (" 2024-6-3 ", "DATE(2024,6,3)"),
        ("=DATE(2024,6,30)", "DATE(2024,6,30)"),
        ("B3", "B3"),
        ("=Settings!$C$4", "Settings!$C$4"),
        ("'My sheet'!A1", "'My sheet'!A1"),
        ("45473", "45473"),
        ("Split", "Split"),
    ],
)
def test_a_typed_day_becomes_a_date_and_anything_else_goes_in_as_typed(answer: str, text: str) -> None:
    assert typed(SPLIT, answer, TABLE) == text


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("2024-02-30", "there is no day"),
        ("30.06.2024", "2024-06-30"),
        ("6/30/24", "2024-06-30"),
        ("3. 6. 2024", "more"),
    ],
)
def test_a_day_that_is_none_or_could_be_two_is_asked_for_again(answer: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        typed(SPLIT, answer, TABLE)


def test_a_column_may_be_named_by_its_header() -> None:
    assert typed(VALUES, "Value", TABLE) == "tblCustomers[[#All],[value]]"
    assert typed(VALUES, "C1:C9", TABLE) == "C1:C9"


def test_numbers_and_choices_are_written_as_formulas_have_them() -> None:
    number = Argument("threshold", CATALOGUE["FOCAL_SEGMENT"].arguments[2].kind, False)
    assert [typed(number, text, TABLE) for text in ("0.2", "0,2", "-1,5", "15%", "1000", "1,25")] == [
        *("0.2", "0.2", "-1.5", "15%", "1000", "1.25"),
    ]
    with pytest.raises(InputError, match="1,000 can be two numbers"):
        typed(number, "1,000", TABLE)
    rule = Argument("rule", choice("top share", "budget"), False)
    assert [typed(rule, text, TABLE) for text in ("Top Share", '"budget"', "B2")] == ['"top share"', '"budget"', "B2"]


@pytest.mark.parametrize("function", CATALOGUE.values(), ids=str)
def test_every_question_says_what_the_argument_means_within_a_message_box(function) -> None:
    for argument in function.arguments:
        asked = question(function, argument)
        assert argument.meaning in asked
        assert len(asked) < 1000


def test_the_closing_names_the_cell_the_formula_and_what_can_be_added() -> None:
    said = closing(CATALOGUE["CLV_SCORE"], "=CLV_SCORE(T[#All])", "G5", 1)
    assert said == (
        "G5 holds =CLV_SCORE(T[#All]). It can also take, in this order: model, horizon, annual_discount_rate, margin."
    )
    assert closing(CATALOGUE["CLV_LORENZ"], "=CLV_LORENZ(A1:A9)", "C1", 1) == "C1 holds =CLV_LORENZ(A1:A9)."
    assert "as CLV_FIT spills them" in closing(CATALOGUE["CLV_NEW"], "=CLV_NEW()", "C1", 0)


# --- where the result goes -------------------------------------------------------------------------------------------


def free(*occupied: str):
    areas = [area for ref in occupied if (area := parse_area(ref))]
    return lambda place: not any(place.overlaps(area) for area in areas)


@pytest.mark.parametrize(
    ("occupied", "width", "place"),
    [
        ([], 2, (5, 7)),
        (["G5"], 2, (5, 9)),
        (["F5"], 2, (5, 8)),  # right beside the data: a blank column comes after it
        (["H3:H4"], 2, (5, 7)),  # above the result
        (["I5"], 2, (5, 11)),  # a blank column before it too
        (["J5"], 2, (5, 7)),
        (["G900"], 2, (5, 9)),  # far below, but in the way of a spill
        (["G5", "K5"], 2, (5, 13)),
        (["G5", "K5"], 1, (5, 9)),
        (["A1:Z30"], 9, (5, 28)),
    ],
)
def test_the_result_goes_to_the_first_place_where_nothing_stands(occupied, width: int, place) -> None:
    used = Area(1, 1, 1000, 26)
    assert free_place(AREA, width, used, free("B5:E20", *occupied)) == place


def test_beyond_the_last_used_column_nothing_is_asked() -> None:
    def never(place: Area) -> bool:
        raise AssertionError(place)

    assert free_place(AREA, 3, Area(1, 1, 20, 5), never) == (5, 7)
    assert free_place(Area(1, -1, 1, -1), 2, Area(1, 1, 1, 1), lambda place: place.left == 1) == (1, 1)


def test_data_at_the_edge_of_the_sheet_leave_no_place() -> None:
    with pytest.raises(InputError, match="no free place"):
        free_place(Area(1, 1, 9, LAST_COLUMN - 2), 2, Area(1, 1, 9, LAST_COLUMN), lambda _: False)


def test_the_width_is_known_from_the_documented_example() -> None:
    widths = {name: width_of(function) for name, function in CATALOGUE.items()}
    assert (widths["CLV_P_ALIVE"], widths["CLV_INTERVAL"], widths["CLV_COMPARE"], widths["CLV_RFM"]) == (2, 3, 10, 6)
    assert max(widths.values()) < 17


# --- the open workbook -----------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A plain range, a table with something beside it, a model, a protected sheet and an empty one."""
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    plain, tables, locked, empty = (book.add_worksheet(name) for name in ("Plain", "Tables", "Locked", "Empty"))
    rows = [["customer", "date", "amount"], *([f"c{i}", 45000 + i, 10.0 * i] for i in range(6))]
    for i, row in enumerate(rows):
        plain.write_row(i + 1, 1, row)
        locked.write_row(i, 0, row)
    plain.write("B20", "alone")
    columns = [{"header": "customer_id"}, {"header": "segment"}, {"header": "value"}]
    data = [["a", "Focal", 60.0], ["b", "Core", 20.0], ["c", "Light", 5.0]]
    tables.add_table("A3:C6", {"name": "tblOwn", "columns": columns, "data": data})
    tables.write("E9", "a note far below")
    for i, row in enumerate([["term", "value"], ["model", "BG/NBD"], ["r", 0.24]]):
        empty.write_row(i + 30, 3, row)
    locked.protect()
    book.close()
    return tmp_path / "book.xlsx"


@pytest.fixture
def in_excel(monkeypatch):
    """The members of Excel that Calc lacks; change what they say before the command runs."""
    facts = {"areas": 1, "spill": None, "merged": False}

    def count(_, api) -> int:
        return sum(cell not in ("", None) for row in _grid(api._cells.formula) for cell in row)

    ranges = {
        "Areas": property(lambda self: SimpleNamespace(Count=facts["areas"])),
        "HasSpill": property(lambda self: facts["spill"] is not None),
        "SpillParent": property(lambda self: SimpleNamespace(SpillingToRange=SimpleNamespace(Address=facts["spill"]))),
    }
    for name, member in ranges.items():
        monkeypatch.setattr(calc_api.RangeApi, name, member, raising=False)
    functions = type("WorksheetFunction", (), {"CountA": count})()
    monkeypatch.setattr(calc_api.AppApi, "WorksheetFunction", functions, raising=False)
    monkeypatch.setattr(Range, "merge_cells", property(lambda self: facts["merged"]), raising=False)
    in_calc = Range.current_region.fget

    def region(cells: Range) -> Range:  # of a lone empty cell Calc takes the nearest data; Excel takes the cell
        found = in_calc(cells)
        return found if found.holds(cells(1, 1)) else cells(1, 1)

    monkeypatch.setattr(Range, "current_region", property(region))
    return facts


def _grid(cells):
    return cells if isinstance(cells, (list, tuple)) else [[cells]]


@pytest.fixture
def book(libreoffice, path: Path, in_excel):
    with open_in_calc(libreoffice, path) as book:
        yield book


def select(book, sheet: str, ref: str) -> None:
    book.sheets[sheet].activate()
    book.sheets[sheet].range(ref).select()


@pytest.mark.parametrize(
    ("sheet", "ref", "name", "cell", "formula"),
    [
        ("Plain", "C4", "CLV_RFM", "F2", "=CLV_RFM(B2:D8)"),
        ("Plain", "B2:D5", "CLV_RFM", "F2", "=CLV_RFM(B2:D5)"),
        ("Plain", "B:D", "CLV_CHECK", "F2", "=CLV_CHECK(B2:D20)"),
        ("Plain", "D5", "CLV_LORENZ", "F2", "=CLV_LORENZ(D2:D8)"),
        ("Plain", "D3:D8", "CLV_LORENZ", "F3", "=CLV_LORENZ(D3:D8)"),
        ("Tables", "B5", "CLV_SCORE", "G3", "=CLV_SCORE(tblOwn[#All])"),
        ("Tables", "C5", "FOCAL_SEGMENT", "G3", "=FOCAL_SEGMENT(tblOwn[[#All],[value]])"),
        ("Tables", "A3:C6", "CLV_P_ALIVE", "G3", "=CLV_P_ALIVE(tblOwn[#All])"),
        ("Empty", "H3", "CLV_NEW", "H3", "=CLV_NEW()"),
        ("Empty", "D32", "CLV_NEW", "G31", "=CLV_NEW(D31:E33)"),
        ("Plain", "C4", "CLV_NEW", "F2", "=CLV_NEW()"),
    ],
)
def test_a_formula_is_typed_beside_the_data(book, sheet: str, ref: str, name: str, cell: str, formula: str) -> None:
    select(book, sheet, ref)
    page = book.sheets[sheet]
    before = [list(row) for row in page.range("A1:Z60").formula]
    _, said = drive(insert(book.app, name))
    after = [list(row) for row in page.range("A1:Z60").formula]
    at = parse_area(cell)
    assert squeezed(after[at.top - 1].pop(at.left - 1)) == squeezed(formula)
    assert before[at.top - 1].pop(at.left - 1) == ""
    assert after == before
    assert book.app.selection.get_address(False, False) == cell
    assert said.startswith(f"{cell} holds {formula}.")


def squeezed(formula: str) -> str:
    """Calc writes structured references in its own way."""
    return formula.replace(" ", "").replace("[[#All]]", "[#All]")


def test_arguments_that_must_be_given_are_asked_for(book) -> None:
    select(book, "Plain", "C4")
    said, last = drive(insert(book.app, "CLV_HOLDOUT"), "30.6.2024", "2024-06-30")
    asked = [message for message in said if isinstance(message, Input)]
    assert "Last day of the calibration window" in asked[0].text
    assert "can be read as more than one day" in asked[1].text
    assert len(asked[1].text) < 250, "Excel's window for input shows no more"
    assert last.startswith("F2 holds =CLV_HOLDOUT(B2:D8, DATE(2024,6,30)). It can also take")


def test_the_proposed_column_is_taken_for_an_empty_answer(book) -> None:
    select(book, "Tables", "B5")
    said, last = drive(insert(book.app, "FOCAL_SUMMARY"), "")
    assert said[-1].default == "tblOwn[[#All],[value]]"
    assert "=FOCAL_SUMMARY(tblOwn[[#All],[segment]], tblOwn[[#All],[value]])" in last


def test_without_an_answer_nothing_is_inserted(book) -> None:
    select(book, "Plain", "C4")
    with pytest.raises(InputError, match="CLV_HOLDOUT needs split; nothing was inserted"):
        drive(insert(book.app, "CLV_HOLDOUT"), " ")
    assert book.sheets["Plain"].range("F2").formula == ""


def test_a_second_formula_goes_beside_the_first(book) -> None:
    book.sheets["Plain"].range("Z1").value = "far away"
    select(book, "Plain", "C4")
    drive(insert(book.app, "CLV_P_ALIVE"))
    select(book, "Plain", "C4")
    assert drive(insert(book.app, "CLV_SCORE"))[1].startswith("H2 holds =CLV_SCORE(B2:D8)")


def test_a_spilled_range_is_referred_to_by_its_first_cell(book, in_excel) -> None:
    select(book, "Plain", "C4")
    in_excel["spill"] = "$B$2:$D$8"
    with pytest.raises(InputError, match=r"did not accept =CLV_SCORE\(B2#\)"):  # Calc has no spilled ranges
        drive(insert(book.app, "CLV_SCORE"))


def test_merged_cells_are_no_free_place(book, in_excel) -> None:
    book.sheets["Plain"].range("M1").value = "the last used column"
    in_excel["merged"] = None
    select(book, "Plain", "C4")
    assert drive(insert(book.app, "CLV_SCORE"))[1].startswith("O2 holds")


@pytest.mark.parametrize(
    ("sheet", "ref", "reason"),
    [
        ("Plain", "B20", "B20 is a single cell. Select a cell of your data"),
        ("Plain", "H40", "H40 is a single cell"),
        ("Plain", "H1:K8", "The selected cells are empty"),
        ("Plain", "B10:D12", "The selected cells are empty"),
        ("Locked", "B3", "Sheet Locked is protected"),
    ],
)
def test_where_there_is_no_data_it_says_what_to_do(book, sheet: str, ref: str, reason: str) -> None:
    select(book, sheet, ref)
    with pytest.raises(InputError, match=reason):
        drive(insert(book.app, "CLV_SCORE"))


def test_several_selected_ranges_and_a_selected_shape_are_refused(book, in_excel) -> None:
    select(book, "Plain", "C4")
    in_excel["areas"] = 2
    with pytest.raises(InputError, match="Several ranges"):
        drive(insert(book.app, "CLV_SCORE"))
    with pytest.raises(InputError, match="No cells are selected"):
        drive(insert(SimpleNamespace(selection=None), "CLV_SCORE"))


def test_an_excel_without_dynamic_arrays_is_told_how_to_enter_it(book, monkeypatch) -> None:
    def unknown(self):
        raise calc_api.ComError("Formula2")

    monkeypatch.setattr(Range, "formula2", property(unknown))
    select(book, "Plain", "C4")
    with pytest.raises(InputError, match=r"type =CLV_SCORE\(B2:D8\) and press Ctrl\+Shift\+Enter"):
        drive(insert(book.app, "CLV_SCORE"))


def test_an_unknown_function_and_a_mac_are_answered_in_a_sentence(monkeypatch) -> None:
    with pytest.raises(InputError, match="Focal has no function CLV_NONE"):
        drive(insert(None, "CLV_NONE"))
    monkeypatch.setattr(insertion.sys, "platform", "darwin")
    with pytest.raises(InputError, match="Excel for Windows"):
        drive(insert(None, "CLV_SCORE"))


def test_a_table_without_header_row_is_known_by_its_column_names() -> None:
    table = SimpleNamespace(
        name="T", show_headers=False, show_totals=False, columns=[SimpleNamespace(name=name) for name in HEADERS]
    )
    data = insertion._of_table(table)(AREA, ["Ann", "Focal", "", ""], 1)
    assert (data.headers, data.column(1)) == (HEADERS, "T[[#All],[segment]]")
