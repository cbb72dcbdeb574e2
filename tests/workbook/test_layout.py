"""The layout: consistent names, no forbidden formulas, and a template that real programs accept."""

import re
import zipfile

import openpyxl
import pytest

from pyfuncs.analysis.assumptions import SETTINGS
from pyfuncs.analysis.settings import Settings
from pyfuncs.hosts.headless import template_path
from pyfuncs.workbook.build import build
from pyfuncs.workbook.control import RULES
from pyfuncs.workbook.layout import CHOICES, SHEETS, SLOTS, TABLES
from pyfuncs.workbook.parts import Chart, Grid, Lines, Spot, formula_at
from pyfuncs.workbook.sheets import checks
from pyfuncs.workbook.styles import properties
from tests.support.lint import lint
from tests.support.validator import validate

ORDER = (
    "Cover Settings Transactions Attributes Dashboard Segments Customers Concentration Profile Acquisition Products "
    "Migration Beyond Readiness Partner Validation Model Checks Log Help"
).split()
FORBIDDEN = ("OFFSET(", "INDIRECT(", "NOW(", "TODAY(", "RAND(", "RANDBETWEEN(", "CELL(", "INFO(")


def all_formulas():
    for sheet in SHEETS:
        for part in sheet.parts:
            if isinstance(part, Spot) and part.formula:
                yield f"{sheet.name} {part.name}", part.formula
            elif isinstance(part, Lines):
                yield from ((f"{sheet.name} {part.name}", line.formula) for line in part.lines if line.formula)
            elif isinstance(part, Grid):
                for row in range(1, part.rows + 1):
                    for column in part.columns:
                        if formula := formula_at(part, row, column):
                            yield f"{sheet.name} {part.name} row {row}", formula
    for table in TABLES.values():
        yield from ((table.name, column.formula) for column in table.columns if column.formula)


def test_the_sheets_stand_in_the_order_of_the_design():
    assert [sheet.name for sheet in SHEETS] == ORDER


def test_building_twice_gives_the_same_bytes(tmp_path):
    build(SHEETS, tmp_path / "a.xlsx")
    build(SHEETS, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_no_formula_is_volatile_indirect_or_external():
    for where, formula in all_formulas():
        assert not any(word in formula for word in FORBIDDEN), where
        assert "[1]" not in formula, where
        assert ".xlsx" not in formula, where


def test_formulas_use_only_functions_every_excel_since_2010_has():
    known = set(
        "ABS AND AVERAGE AVERAGEIFS COUNT COUNTA COUNTIF COUNTIFS EXP FIXED GAMMALN IF IFERROR INDEX ISBLANK ISNUMBER "
        "LEFT LEN LN MATCH MAX MEDIAN MID MIN N NOT OR PERCENTILE ROUND SUM SUMIFS SUMPRODUCT".split()
    )
    used = {
        name for _, formula in all_formulas() for name in re.findall(r"\b([A-Z]+)\(", re.sub(r'"[^"]*"', "", formula))
    }
    assert used <= known


def test_every_name_in_a_formula_is_defined():
    defined = set(SLOTS) | set(TABLES) | {choice.name for choice in CHOICES.values()}
    for sheet in SHEETS:
        defined |= sheet.names.keys()
    for slot in SLOTS.values():
        if isinstance(slot, Lines):
            defined |= {line.name for line in slot.lines if line.name}
        if isinstance(slot, Grid):
            defined |= set(slot.names.values())
    for where, formula in all_formulas():
        bare = re.sub(r'"[^"]*"|\[[^\]]*\]+|\w+!', "", formula)
        words = {word for word in re.findall(r"[A-Za-z_][A-Za-z_0-9]*(?![\w(])", bare.replace("$", "")) if not
                 re.fullmatch(r"[A-Z]{1,3}\d+|[A-Z]+|E", word)}  # fmt: skip
        assert words - defined == set(), where


def test_defined_names_are_listed_on_help_and_differ_without_regard_to_case():
    book = openpyxl.load_workbook(template_path())
    names = [name for name in book.defined_names if not name.startswith("_")]
    assert len({name.casefold() for name in names} | {name.casefold() for name in TABLES}) == len(names) + len(TABLES)
    listed = {cell.value for (cell,) in book["Help"]["B6:B600"]}
    assert set(names) - listed == set()


def test_every_setting_has_a_validated_input_cell_holding_its_default():
    book = openpyxl.load_workbook(template_path())
    sheet = book["Settings"]
    validated = {str(rule.sqref) for rule in sheet.data_validations.dataValidation}
    for setting in SETTINGS:
        at = CHOICES[setting.name].at
        assert at in validated, setting.name
        assert sheet[at].value == setting.default
        assert sheet[at].font.color.rgb == "FF0000CC"
    assert Settings.read({}) == Settings()


def test_every_chart_has_title_axis_titles_and_alternative_text():
    charts = [(sheet.name, part) for sheet in SHEETS for part in sheet.parts if isinstance(part, Chart)]
    assert len([name for name, _ in charts if name == "Dashboard"]) == 6
    for name, chart in charts:
        assert all((chart.title, chart.x_axis, chart.y_axis)), name
        assert len(chart.alt) > 40, name
    with zipfile.ZipFile(template_path()) as parts:
        drawings = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/drawings/drawing")]
    assert sum(text.count("descr=") for text in drawings) == len(charts)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_sheet_is_set_up_for_reading_and_print(sheet):
    page = openpyxl.load_workbook(template_path())[sheet.name]
    assert page["B2"].value == sheet.title
    assert page["B3"].value == sheet.shows
    assert page.sheet_properties.tabColor is not None
    assert page.sheet_view.showGridLines is False
    assert page.page_setup.paperSize == 9
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert "&P of &N" in page.oddFooter.right.text + str(page.oddFooter)
    assert page.sheet_state == "visible"


def test_every_native_check_is_a_check():
    assert checks._NATIVE.keys() <= {rule.name for rule in RULES}
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_styles_follow_the_grammar():
    assert properties("in:pct")["num_format"] == "0.0%"
    assert properties("x:money")["font_color"] == "#0B6E4F"
    with pytest.raises(KeyError):
        properties("loud:money")


def test_the_template_has_no_fault_that_excel_would_repair():
    assert lint(template_path()) == []


def test_the_template_is_valid_by_microsofts_schema():
    assert validate(template_path()) == []


def test_the_empty_template_calculates_without_an_error(libreoffice):
    cells = libreoffice.cells(template_path())
    wrong = [f"{sheet}!{at} {cell.error}" for sheet, page in cells.items() for at, cell in page.items() if cell.error]
    assert wrong == []
    assert cells["Cover"]["D20"].text == "NOT YET REFITTED"
