"""The filled demo workbook, as LibreOffice calculates and prints it and as Microsoft's validator reads it."""

import re
import zipfile

import pytest

from pyfuncs.workbook.layout import SHEETS
from pyfuncs.workbook.package import Package
from tests.support.lint import lint
from tests.support.recalculation import differing
from tests.support.validator import validate


@pytest.fixture(scope="module")
def package(demo):
    return Package.open(demo)


@pytest.fixture(scope="module")
def changed(small, libreoffice, tmp_path_factory):
    """A small workbook with cells typed over, as LibreOffice then calculates it."""

    def change(*cells):
        edited = Package.open(small)
        for sheet, at, value in cells:
            edited.write_block(sheet, at, [[value]])
        path = tmp_path_factory.mktemp("changed") / "book.xlsx"
        edited.save(path)
        return libreoffice.cells(path, texts=False)

    return change


def named(cells, package, name):
    sheet, at = package.defined_names[name]
    return cells[sheet][at]


def test_every_native_formula_gives_the_figure_python_stored_with_it(demo_cells, package):
    compared, wrong = differing(demo_cells, package)
    assert wrong == []
    assert compared > 3300


def test_no_cell_holds_an_error(demo_cells):
    assert [(s, at, c.error) for s, page in demo_cells.items() for at, c in page.items() if c.error] == []


def test_the_master_check_is_ok_and_the_run_is_up_to_date(demo_cells, package):
    assert named(demo_cells, package, "MasterCheck").value == "OK"
    assert named(demo_cells, package, "RunState").value == "Up to date"
    assert named(demo_cells, package, "CustomerEquity").value == pytest.approx(
        named(demo_cells, package, "EquityAtRefit").value
    )


def test_the_sampled_customers_are_re_performed_from_the_parameters(demo_cells, package):
    sheet, area = package.defined_names["ReAlive"]
    first, last = (int(row) for row in re.findall(r"\d+", area))
    rows = [demo_cells[sheet][f"H{row}"].value for row in range(first, last + 1)]
    assert len(rows) == 25
    assert all(0 < p <= 1 for p in rows)
    for name in ("ReDifferenceAlive", "ReDifferencePurchases", "ReDifferenceSpend"):
        place, cells = package.defined_names[name]
        column, top, bottom = re.fullmatch(r"([A-Z]+)(\d+):[A-Z]+(\d+)", cells).groups()
        found = [demo_cells[place][f"{column}{row}"].value for row in range(int(top), int(bottom) + 1)]
        assert len(found) == 25
        assert max(found) < 1e-9


def test_a_new_margin_shows_at_once_and_marks_the_run_stale(changed, package):
    sheet, at = package.defined_names["Margin"]
    before, after = changed(), changed((sheet, at, 0.5))
    assert named(after, package, "CustomerEquity").value == pytest.approx(
        named(before, package, "CustomerEquity").value / 2
    )
    assert named(after, package, "MasterCheck").value == "OK"
    assert named(after, package, "RunState").value.startswith("STALE: 1 inputs changed")
    assert after["Cover"]["D20"].value.startswith("STALE")


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        (("Transactions", "D8", 1e6), "Amounts used and set aside tie to the ledger total"),
        (("Customers", "I8", 1.5), "Probabilities lie within 0 and 1"),
        (("Customers", "O8", 99.0), "Purchases are first purchases and repeats"),
        (("Customers", "J8", -4.0), None),
        (("Customers", "D8", "Nobody"), "Segments sum to customers"),
        (("Customers", "F8", 9e9), "Intervals run from low to high"),
        (("Customers", "U8", 12), "Values of tenths sum to customer equity"),
        (("Customers", "L8", 1.0), "Customer equity is the one computed at the refit"),
        (("Model", "C25", 0.9), "Re-performed P(alive), largest difference"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_a_figure_changed_by_hand_fails_the_check_that_guards_it(changed, package, change, failing):
    text = named(changed(change), package, "MasterCheck").value
    if failing is None:
        assert text.startswith("FAIL")
    else:
        assert failing in text or "more" in text
        assert text.startswith("FAIL")


def test_the_filled_workbook_has_no_fault_that_excel_would_repair(demo):
    assert lint(demo) == []


def test_the_filled_workbook_is_valid_by_microsofts_schema(demo):
    assert validate(demo) == []


def test_every_sheet_carries_the_stamp_on_screen_and_in_print(demo, demo_cells, package):
    stamp = named(demo_cells, package, "Stamp").value
    assert re.search(r"6,919 rows, fingerprint [0-9a-f]{12}; observed until 1998-06-30; MBG/NBD \(r 0\.\d+", stamp)
    for sheet in SHEETS[1:]:
        assert demo_cells[sheet.name]["B4"].value == stamp
    with zipfile.ZipFile(demo) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert f"Focal run: {stamp[:100]}" in parts.read(name).decode()


def test_charts_point_at_cells_that_hold_numbers(demo, demo_cells):
    with zipfile.ZipFile(demo) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) >= 11
    for chart in charts:
        for values in re.findall(r"<c:(?:val|yVal)>.*?<c:f>([^<]*)</c:f>", chart, re.S):
            sheet, _, area = values.partition("!")
            column, first, last = re.fullmatch(r"\$([A-Z]+)\$(\d+)(?::\$[A-Z]+\$(\d+))?", area).groups()
            cells = [demo_cells[sheet].get(f"{column}{row}") for row in range(int(first), int(last or first) + 1)]
            found = [cell and cell.value for cell in cells]
            numbers = [value for value in found if isinstance(value, float | int)]
            if sheet == "Acquisition":  # as many channels or cohorts as there are: CDNOW has none and three
                assert len(numbers) in (0, 3)
                assert all(value in (None, "") for value in found[len(numbers) :])
                continue
            if sheet == "Profile" and len(numbers) == 1:  # CDNOW tells one thing that came after acquisition
                assert set(found[1:]) == {""}
                continue
            if sheet == "Partner":  # by channel, which CDNOW does not name
                assert numbers == []
                continue
            assert len(found) > 2
            assert numbers == found


def test_a_refit_keeps_the_other_parts_of_the_template_byte_for_byte(demo):
    from pyfuncs.hosts.headless import template_path

    with zipfile.ZipFile(demo) as filled, zipfile.ZipFile(template_path()) as template:
        for name in ("xl/styles.xml", "xl/theme/theme1.xml", "xl/drawings/drawing1.xml", "docProps/core.xml"):
            assert filled.read(name) == template.read(name)


@pytest.fixture(scope="module")
def printed(libreoffice, demo, tmp_path_factory):
    """The words of the printed workbook; of its log, whose rows are all alike, the first 200 rows."""
    package, path = Package.open(demo), tmp_path_factory.mktemp("printed") / "demo.xlsx"
    rows = package.read_table("tblTransactions")[:200]
    headers = package.table("tblTransactions").columns
    package.fill_table("tblTransactions", dict(zip(headers, zip(*rows, strict=True), strict=True)), len(rows))
    package.save(path)
    return libreoffice.pdf_text(path)


def test_printed_pages_show_no_clipped_number(printed):
    assert "###" not in printed
    assert not re.search(r"#(DIV/0!|NAME\?|VALUE!|REF!|N/A|NUM!)", printed)


def test_the_sheets_to_hand_around_print_on_one_page_each(printed):
    for sheet in (
        "Cover",
        "Dashboard",
        "Segments",
        "Concentration",
        "Products",
        "Readiness",
        "Partner",
        "Model",
    ):
        assert printed.count(f"{sheet}, page ") == 1


def test_validation_says_how_far_the_tracking_is_off(package):
    table = package.read_columns("tblTracking", ["cumulative_actual", "cumulative_expected", "window"])
    for window, row in zip(("calibration", "holdout"), package.read_name("TrackingErrors"), strict=True):
        last = max(place for place, each in enumerate(table["window"]) if each == window)
        assert row[0] == window.capitalize()
        assert row[1] == pytest.approx(table["cumulative_expected"][last] / table["cumulative_actual"][last] - 1)
        assert 0 < row[3] < row[2] < 1  # what is cumulated is smoother
