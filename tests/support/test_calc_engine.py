"""The Calc engine for xlwings behaves as Excel does where Focal relies on it."""

import contextlib
import datetime as dt
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
import xlwings as xw

from pyfuncs.hosts.headless import template_path
from pyfuncs.workbook.package import Package
from tests.support.calc_cells import ComError
from tests.support.calc_engine import open_in_calc, saved_as
from tests.support.calc_formulas import from_calc, to_calc
from tests.support.rich_workbook import build

VALUE = "=tblCustomers[[#This Row],[expected_spend]]*tblCustomers[[#This Row],[discounted_purchases]]*Margin"


@pytest.fixture
def filled(libreoffice, small):
    with open_in_calc(libreoffice, small) as book:
        yield book


@pytest.fixture
def rich(libreoffice, tmp_path):
    with open_in_calc(libreoffice, build(tmp_path / "rich.xlsx")) as book:
        yield book


def test_cells_come_back_as_com_hands_them_over(libreoffice, tmp_path):
    path = tmp_path / "cells.xlsx"
    with contextlib.closing(xlsxwriter.Workbook(path)) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_boolean("A1", True)
        for column, (value, code) in enumerate(((1.5, "$#,##0.00"), (45000, "dd-mmm-yyyy"), (0.5, "hh:mm"), (3, "0%"))):
            sheet.write(0, column + 1, value, workbook.add_format({"num_format": code}))
        for column, formula in enumerate(("=1>0", "=NA()", '=""', "=1/0", "=2*3")):
            sheet.write_formula(0, column + 5, formula)
        sheet.write_blank("K1", None, workbook.add_format({"bold": True}))
    with open_in_calc(libreoffice, path) as book:
        cells = book.sheets[0]["A1:K1"]
        day = dt.datetime(2023, 3, 15)
        assert cells.raw_value == (
            (True, Decimal("1.5000"), day, 0.5, 3.0, True, -2146826246, "", -2146826281, 6.0, None),
        )
        assert cells.options(err_to_str=True).value[6:9] == ["#N/A", None, "#DIV/0!"]
        assert cells.formula[0][:6] == ("TRUE", "1.5", "45000", "0.5", "3", "=1>0")
        assert cells[:, :2].number_format is None
        assert cells[2].number_format == "dd-mmm-yyyy"


def test_text_becomes_what_excel_takes_it_for(rich):
    cell = rich.sheets["Dashboard"]["Z1"]
    for text, value, code in (
        ("007", 7.0, "General"),
        ("'007", "007", "General"),
        ("'=1+1", "=1+1", "General"),
        ("1e5", 1e5, "0.00E+00"),
        ("12%", 0.12, "0%"),
        ("2024-01-05", dt.datetime(2024, 1, 5), "m/d/yyyy"),
        ("5 Jan 2024", dt.datetime(2024, 1, 5), "m/d/yyyy"),
        ("3-4", dt.datetime(dt.date.today().year, 3, 4), "m/d/yyyy"),
        ("MAR1", dt.datetime(dt.date.today().year, 3, 1), "m/d/yyyy"),
        ("true", True, "General"),
        ("#n/a", "#N/A", "General"),
        ("=SUM(1,2)", 3.0, "General"),
        ("-foo", "#NAME?", "General"),
        ("-", "-", "General"),
        ("Mark 5", "Mark 5", "General"),
        ("C0365", "C0365", "General"),
        ("", None, "General"),
        (True, True, "General"),
        (dt.datetime(2024, 1, 2, 3, 4, 5), dt.datetime(2024, 1, 2, 3, 4, 5), "m/d/yyyy h:mm"),
    ):
        cell.clear_contents()
        cell.number_format = "General"
        cell.value = text
        assert (text, cell.options(err_to_str=True).value, cell.number_format) == (text, value, code)


def test_the_text_format_keeps_text_and_makes_numbers_text(rich):
    cells = rich.sheets["Dashboard"]["Z1:Z4"]
    cells.number_format = "@"
    cells.value = [["007"], ["=1+1"], ["'x"], [5]]
    assert cells.value == ["007", "=1+1", "x", "5"]


def test_what_is_no_formula_is_refused_and_changes_nothing(rich):
    cell = rich.sheets["Dashboard"]["Z1"]
    cell.value = "before"
    with pytest.raises(ComError, match="problem with this formula"):
        cell.formula = "=1+"
    assert cell.value == "before"


def test_blocks_fill_and_mix_values_with_formulas(rich):
    sheet = rich.sheets["Dashboard"]
    sheet["Z1:AA2"].value = "=ROW()*$A$1+A1"
    assert sheet["Z1:AA2"].formula == (("=ROW()*$A$1+A1", "=ROW()*$A$1+B1"), ("=ROW()*$A$1+A2", "=ROW()*$A$1+B2"))
    sheet["Z1"].value = [[1, "a", None], ["=Z1*2", "'5", False]]
    assert sheet["Z1:AB2"].value == [[1.0, "a", None], [2.0, "5", False]]
    assert sheet["Z1:AB2"].api.HasFormula is None
    assert sheet["Z2"].api.HasFormula is True
    sheet["A1"].value = "new"
    assert sheet.impl.uno.Annotations.Count == 1  # the comment on A1 stays


def test_an_array_formula_is_changed_whole_or_not_at_all(rich):
    sheet = rich.sheets["Dashboard"]
    sheet["Z1:Z2"].formula_array = "={1;2}*3"
    assert (sheet["Z1:Z2"].value, sheet["Z1:Z2"].formula_array, sheet["Z2"].has_array) == ([3, 6], "={1;2}*3", True)
    with pytest.raises(ComError, match="part of an array"):
        sheet["Z2"].value = 1
    sheet["Z1:Z2"].clear_contents()
    assert sheet["Z1:Z2"].value == [None, None]


def test_every_formula_of_the_filled_workbook_reads_as_in_the_file(filled, small):
    compared = 0
    for sheet in openpyxl.load_workbook(small):
        area = filled.sheets[sheet.title].range((1, 1), (sheet.max_row, sheet.max_column))
        found = area.formula
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            stored = cell.value if isinstance(cell.value, str) else cell.value.text
            text = found[cell.row - 1][cell.column - 1]
            assert text == "=" + stored.removeprefix("=").replace("_xlfn.", "")
            compared += 1
    assert compared > 1000


@pytest.mark.parametrize(
    ("excel", "calc"),
    [
        ("=SUM('My Data'!$A:$A,Other!B2)", "=SUM($'My Data'.$A:$A;$Other.B2)"),
        ('=SUM({1,2;3,4})&"a,b;c!"', '=SUM({1;2|3;4})&"a,b;c!"'),
        ("=SUM(A1:B2 B2:C3)", "=SUM(A1:B2!B2:C3)"),
        ("=IF(TRUE,tbl[[#This Row],[own '[#']]],tbl[[#All]])", "=IF(TRUE();tbl[[#This Row];[own '[#']]];tbl[[#All]])"),
        ("=CEILING(1E-20,#N/A)", "=CEILING.XCL(1E-20;#N/A)"),
    ],
)
def test_formulas_translate_both_ways(excel, calc):
    assert to_calc(excel) == calc
    assert from_calc(calc) == excel


def test_short_structured_references_are_understood():
    assert to_calc("=[@a]*t[@[b c]]+ROWS(t[#All])", lambda: "mine") == (
        "=mine[[#This Row];[a]]*t[[#This Row];[b c]]+ROWS(t[[#All]])"
    )


def test_a_table_grows_and_shrinks_and_every_formula_follows(filled):
    sheet, table = filled.sheets["Customers"], filled.sheets["customers"].tables["TBLCUSTOMERS"]
    segments, checks = filled.sheets["Segments"], filled.sheets["Checks"]
    equity, focal = segments["C7"].value, segments["C15"].value
    table.resize(sheet["B7:U438"])
    assert table.data_body_range.address == "$B$8:$U$438"
    assert sheet["E428:E438"].formula == ((VALUE,),) * 11  # calculated columns reach into the new rows
    sheet["B428"].value = [[f"X{i}", 421 + i, "Focal", VALUE, 0, 0, 0.5, 0.5, 2, 3, 4] for i in range(11)]
    filled.app.calculate()
    assert (segments["C15"].value, segments["C19"].value) == (focal + 11, 431)
    assert segments["C7"].value == pytest.approx(equity + 11 * 12)
    assert checks["C7"].value.startswith("FAIL")
    table.resize(sheet["B7:U417"])
    sheet["B418:U438"].clear_contents()
    filled.app.calculate()
    assert (segments["C15"].value, segments["C19"].value) == (focal, 410)
    assert segments["C7"].value == pytest.approx(sum(sheet["tblCustomers[value]"].value))
    assert filled.sheets["Concentration"]["C18"].value == 32
    with pytest.raises(ComError, match="same row"):
        table.resize(sheet["B8:T417"])


def test_a_table_of_the_template_grows_from_one_row(libreoffice):
    with open_in_calc(libreoffice, template_path()) as book:
        table = book.sheets["Validation"].tables["tblTracking"]
        assert table.range.shape[0] == 2
        table.resize(table.range.resize(57))
        rows = [[dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 7), i] for i in range(56)]
        table.data_body_range[:, :3].value = rows
        book.app.calculate()
        assert table.data_body_range[55, :].value[7:] == [55.0, 0.0]


def test_totals_switched_off_come_back_below_the_new_end(libreoffice, tmp_path):
    path = tmp_path / "totals.xlsx"
    with contextlib.closing(xlsxwriter.Workbook(path)) as workbook:
        columns = [{"header": "k", "total_string": "Total"}, {"header": "v", "total_function": "sum"}]
        options = {"name": "T", "total_row": True, "columns": columns, "data": [["a", 1], ["b", 2]]}
        workbook.add_worksheet().add_table("B2:C5", options)
        workbook.worksheets()[0].write_formula("E1", "=T[[#Totals],[v]]+SUM(T[v])")
    with open_in_calc(libreoffice, path) as book:
        sheet, table = book.sheets[0], book.sheets[0].tables["T"]
        sheet["C5"].formula = "=SUM(T[v])"
        table.show_totals = False
        assert (table.range.address, table.totals_row_range, sheet["B5:C5"].value) == ("$B$2:$C$4", None, [None, None])
        table.resize(sheet["B2:C7"])
        sheet["C7"].value = 10
        table.show_totals = True
        book.app.calculate()
        assert (table.data_body_range.address, table.totals_row_range.value) == ("$B$3:$C$7", ["Total", 13.0])
        assert sheet["E1"].value == 26


def test_cells_inserted_in_a_table_are_its_rows(filled):
    sheet, table = filled.sheets["Customers"], filled.sheets["Customers"].tables[0]
    equity, below = filled.sheets["Segments"]["C7"].value, sheet["B20"].value
    sheet["B20:U22"].insert("down")
    assert (table.range.address, sheet["E20"].formula, sheet["B23"].value) == ("$B$7:$U$430", VALUE, below)
    sheet["B20:U22"].delete("up")
    filled.app.calculate()
    assert (table.range.address, filled.sheets["Segments"]["C7"].value) == ("$B$7:$U$427", pytest.approx(equity))
    with pytest.raises(ComError, match="shift cells in a table"):
        sheet["B20:C22"].insert("down")


def test_a_protected_sheet_refuses_changes_of_locked_cells(filled):
    sheet, table = filled.sheets["Customers"], filled.sheets["Customers"].tables[0]
    sheet["B9"].api.Locked = False
    sheet.api.Protect(Password="pw", AllowFiltering=True)
    assert (sheet.api.ProtectContents, sheet.api.ProtectDrawingObjects) == (True, True)
    assert (sheet.api.Protection.AllowFiltering, sheet.api.Protection.AllowSorting) == (True, False)
    for change in (
        lambda: setattr(sheet["B8"], "value", 1),
        lambda: setattr(sheet["B8:B9"], "formula", "=1"),
        lambda: sheet["B8"].clear_contents(),
        lambda: sheet["B9:U9"].insert("down"),
        lambda: table.resize(sheet["B7:U400"]),
        lambda: sheet.api.Unprotect(),
    ):
        with pytest.raises(ComError):
            change()
    sheet["B9"].value = "free"
    sheet.api.Unprotect("pw")
    sheet["B8"].value = "open"
    assert sheet["B8:B9"].value == ["open", "free"]


def test_protection_options_come_from_the_file(libreoffice, tmp_path):
    path = tmp_path / "protected.xlsx"
    with contextlib.closing(xlsxwriter.Workbook(path)) as workbook:
        sheet = workbook.add_worksheet()
        sheet.protect("secret", {"sort": True, "format_cells": True, "select_locked_cells": False})
    with open_in_calc(libreoffice, path) as book:
        api = book.sheets[0].api
        allowed = api.Protection
        assert (allowed.AllowSorting, allowed.AllowFormattingCells, allowed.AllowFiltering) == (True, True, False)
        assert api.EnableSelection == 1


def test_a_filter_is_seen_written_through_and_taken_off(filled):
    table = filled.sheets["Customers"].tables[0]
    filter_ = table.api.AutoFilter
    with pytest.raises(ComError):
        filter_.ShowAllData()
    labels = [row[0] for row in table.data_body_range[:, 2].options(ndim=2).value]
    table.autofilter.apply_values(3, ["Focal"])
    visible = table.data_body_range.impl.uno.queryVisibleCells().RangeAddresses
    assert sum(area.EndRow - area.StartRow + 1 for area in visible) == labels.count("Focal")
    assert (filter_.FilterMode, filled.sheets["Customers"].api.AutoFilterMode) == (True, False)
    table.data_body_range[:, 1].value = [[i] for i in range(420)]
    filter_.ShowAllData()
    assert (filter_.FilterMode, table.data_body_range[419, 1].value) == (False, 419.0)
    table.show_autofilter = False
    assert table.api.AutoFilter is None


def test_a_footer_is_read_and_written_in_excels_codes(filled):
    footer = filled.sheets["Cover"].api.PageSetup
    assert footer.LeftFooter.startswith("&8Focal run: sample_transactions.csv")
    assert (footer.CenterFooter, footer.RightFooter) == ("", "&8&A, page &P of &N")
    footer.LeftFooter = "&8Focal run: R&&D, &10 2024"
    assert footer.LeftFooter == "&8Focal run: R&&D, &10 2024"
    assert filled.sheets["Log"].api.PageSetup.LeftFooter.startswith("&8Focal run: sample")


def test_selection_and_active_sheet_are_calcs_own(filled):
    with pytest.raises(ComError):
        filled.sheets["Log"]["B2:C3"].select()
    filled.sheets["Log"].activate()
    filled.sheets["Log"]["B2:C3"].select()
    assert filled.sheets.active.name == "Log"
    assert (filled.app.selection.sheet.name, filled.app.selection.address) == ("Log", "$B$2:$C$3")
    assert filled.app.books.active == filled


def test_names_refer_to_english_references(rich):
    assert [name.name for name in rich.names][:5] == ["all_customers", "Anchor", "Block", "customer_ids", "My_Rate"]
    assert rich.names["my_rate"].refers_to == "='My Settings'!$C$4"
    assert rich.names["customer_ids"].refers_to_range.address == "$B$6:$B$8"
    assert ("My_Rate" in rich.names, "nothing" in rich.names) == (True, False)
    assert rich.sheets["Customers"].range("local").value == 3


def test_ends_and_regions_are_found(filled):
    sheet = filled.sheets["Customers"]
    assert sheet["B7"].end("down").address == "$B$427"
    assert sheet["B427"].end("down").row == 1_048_576
    assert sheet["B1048576"].end("up").address == "$B$427"
    assert sheet["B7"].end("right").address == "$U$7"
    assert sheet["B7"].expand("down").shape == (421, 1)
    assert sheet["C9"].table.name == "tblCustomers"
    assert [sheet[text].address for text in ("b$2", "C:B", "3:2", "B2:A1", "Cac", "tblCustomers[#Headers]")] == [
        "$B$2", "$B:$C", "$2:$3", "$A$1:$B$2", "$C$23", "$B$7:$U$7"
    ]  # fmt: skip


def test_manual_calculation_waits(filled):
    margin, equity = filled.names["Margin"].refers_to_range, filled.names["CustomerEquity"].refers_to_range
    before = equity.value
    with filled.app.properties(calculation="manual", status_bar="Working", screen_updating=False):
        margin.value = 0.5
        assert (equity.value, filled.app.status_bar) == (before, "Working")
        filled.app.calculate()
        assert equity.value == pytest.approx(before / 2)
    assert (filled.app.calculation, filled.app.status_bar) == ("automatic", False)
    assert filled.app.impl.status_bar_history[-2:] == ["Working", False]


def test_a_saved_copy_is_a_workbook_with_its_tables_and_footers(libreoffice, filled, tmp_path):
    assert filled.api.Saved is True
    filled.sheets["Customers"].tables[0].resize(filled.sheets["Customers"]["B7:U438"])
    assert filled.api.Saved is False
    filled.sheets["Log"].api.PageSetup.LeftFooter = "&8unread"
    package = Package.open(saved_as(filled, tmp_path / "copy.xlsx"))
    assert package.table("tblCustomers").ref == "B7:U438"
    with open_in_calc(libreoffice, tmp_path / "copy.xlsx") as copy:
        assert copy.sheets["Log"].api.PageSetup.LeftFooter == "&8unread"
    filled.api.SaveCopyAs(str(tmp_path / "again.xlsx"))
    assert (tmp_path / "again.xlsx").stat().st_size > 0
    assert (filled.name, filled.api.ReadOnly, filled.api.Date1904) == ("small.xlsx", False, False)


def test_what_is_not_there_says_so(filled):
    assert xw.engines.active.name == "calc"
    with pytest.raises(NotImplementedError, match=r"SheetApi\.Shapes"):
        _ = filled.sheets[0].api.Shapes
    with pytest.raises(NotImplementedError, match=r"RangeApi\.Value3"):
        filled.sheets[0]["A1"].api.Value3 = 1
    with pytest.raises(ComError):
        _ = filled.sheets["nowhere"]
    with pytest.raises(KeyError):
        _ = filled.sheets[0].tables["nothing"]
