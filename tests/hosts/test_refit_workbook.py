"""Refitting a workbook made from the template: what the user typed stays, and the figures follow it."""

import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from pyfuncs.hosts.command_line import main
from pyfuncs.workbook.package import Package
from tests.conftest import SAMPLE
from tests.support.lint import lint
from tests.support.own_column import add_column
from tests.support.refits import refits, refitted_once  # noqa: F401  (fixtures)
from tests.support.validator import validate

pytestmark = pytest.mark.usefixtures("refitted_once")


@pytest.fixture
def book(small, in_folder):
    return Path(shutil.copy(small, in_folder / "book.xlsx"))


def edit(path, *cells):
    package = Package.open(path)
    for sheet, at, value in cells:
        package.write_block(sheet, at, [[value]])
    package.save(path)


def refit(*arguments):
    assert main(["refit", *map(str, arguments), "--quiet"]) == 0


def figures(path):
    package = Package.open(path)
    return {name: package.read_name(name) for name in ("CustomerEquity", "EquityLow", "EquityHigh", "MasterCheck")}


def test_refitting_the_workbook_gives_the_figures_of_the_file(book):
    before = figures(book)
    refit(book)
    after = figures(book)
    assert after["MasterCheck"] == "OK"
    for name in ("CustomerEquity", "EquityLow", "EquityHigh"):
        assert after[name] == pytest.approx(before[name], rel=1e-9)


def test_the_log_of_refits_only_grows(book):
    first = Package.open(book).read_table("tblLog")
    refit(book)
    refit(book, "--margin", "0.4")
    rows = Package.open(book).read_table("tblLog")
    assert len(rows) == 3
    assert rows[0] == first[0]
    assert [row[12] for row in rows] == [1.0, 1.0, 0.4]


def test_settings_typed_in_the_workbook_are_used_and_kept(book):
    settings = Package.open(book).defined_names
    edit(book, (*settings["Margin"], 0.25), (*settings["ValueHorizon"], 2), (*settings["Model"], "BG/NBD"))
    refit(book)
    package = Package.open(book)
    assert package.read_name("Margin") == 0.25
    assert package.read_name("ModelName") == "BG/NBD"
    assert package.read_name("RunState") == "Up to date"
    assert package.read_name("ObservationEnd") is None, "a blank setting stays blank"


def test_a_setting_that_is_not_allowed_is_named_and_nothing_is_written(book, capsys):
    edit(book, (*Package.open(book).defined_names["Margin"], "plenty"))
    before = book.read_bytes()
    assert main(["refit", str(book), "--quiet"]) == 2
    assert "Contribution margin" in capsys.readouterr().err
    assert book.read_bytes() == before


def test_notes_sheets_and_own_columns_survive_and_follow_their_customer(book):
    table = Package.open(book).table("tblCustomers")
    ids = [row[0] for row in Package.open(book).read_table("tblCustomers")]
    add_column(book, "tblCustomers", "owner", [f"owner of {customer}" for customer in ids])
    edit(book, ("Settings", "H8", "agreed with finance"), ("Segments", "P3", "my note"))
    assert lint(book) == []
    refit(book, "--annual-discount-rate", "0.3", "--model", "Pareto/NBD", "--margin", "0.5")
    package = Package.open(book)
    rows = package.read_table("tblCustomers")
    assert [row[0] for row in rows] != ids, "the order must have changed for this test to mean anything"
    assert all(row[-1] == f"owner of {row[0]}" for row in rows)
    assert len(rows[0]) == len(table.columns) + 1
    assert package.read_cell("Settings", "H8") == "agreed with finance"
    assert package.read_cell("Segments", "P3") == "my note"
    assert lint(book) == []


def test_entries_for_customers_who_left_the_log_are_kept_beside(book, capsys):
    package = Package.open(book)
    ids = [row[0] for row in package.read_table("tblCustomers")]
    add_column(book, "tblCustomers", "owner", [f"owner of {customer}" for customer in ids])
    log = package.table("tblTransactions")
    gone = ids[5]
    rows = Package.open(book).read_table("tblTransactions")
    places = [log.first_row + place for place, row in enumerate(rows) if row[0] == gone]
    edit(book, *(("Transactions", f"B{place}", None) for place in places))
    refit(book)
    assert "no longer in the log" in capsys.readouterr().out
    (beside,) = Path().glob("book - entries without a customer*.csv")
    assert f"owner of {gone}" in beside.read_text(encoding="utf-8")
    statuses = [row[5] for row in Package.open(book).read_table("tblTransactions")]
    assert statuses.count("blank customer") == len(places)


def test_a_formula_the_user_typed_over_stays_and_is_reported(book, capsys):
    _, at = Package.open(book).defined_names["SegmentsSay"]
    edit(book, ("Segments", at, "Our own words"))
    refit(book)
    assert Package.open(book).read_cell("Segments", at) == "Our own words"
    assert f"Segments!{at}" in capsys.readouterr().out


def test_rows_pasted_below_are_read(book, capsys):
    table = Package.open(book).table("tblTransactions")
    before = len(Package.open(book).read_table("tblTransactions"))
    edit(book, ("Transactions", f"B{table.last_row}", "C9999"), ("Transactions", f"D{table.last_row}", "1.234,50 €"))
    refit(book)
    rows = Package.open(book).read_table("tblTransactions")
    assert len(rows) == before
    assert rows[-1][0] == "C9999"
    assert rows[-1][5] == "used" or "amount" in rows[-1][5]


def test_a_companys_own_copy_of_the_template_is_filled(small, in_folder):
    assert main(["template", "brand.xlsx"]) == 0
    edit(
        "brand.xlsx",
        ("Cover", "B2", "Acme customer value"),
        *[(*Package.open("brand.xlsx").defined_names["Margin"], 0.3)],
    )
    refit(SAMPLE, "--template", "brand.xlsx", "--output", "acme.xlsx")
    package = Package.open("acme.xlsx")
    assert package.read_cell("Cover", "B2") == "Acme customer value"
    assert package.read_name("Margin") == 0.3
    assert package.read_name("CustomerEquity") == pytest.approx(0.3 * Package.open(small).read_name("CustomerEquity"))


def test_an_excel_log_gives_the_figures_of_the_csv_log(small, in_folder):
    rows = [line.split(",") for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sales"
    sheet.append(["Sales of the shop"])
    sheet.append([])
    sheet.append(rows[0])
    for customer, day, amount, product, channel in rows[1:]:
        date = np.datetime64(day).astype("datetime64[s]").item()
        sheet.append([customer, date, float(amount) if amount else None, product, channel])
    book.save("log.xlsx")
    refit("log.xlsx", "--sheet", "Sales")
    for name, value in figures("Focal log.xlsx").items():
        assert value == (pytest.approx(figures(small)[name]) if name != "MasterCheck" else "OK")


def without_name(path, name):
    """Take a defined name out of a workbook, as deleting its sheet or the name itself does."""
    with zipfile.ZipFile(path) as parts:
        content = {each: parts.read(each) for each in parts.namelist()}
    text = content["xl/workbook.xml"].decode()
    content["xl/workbook.xml"] = re.sub(rf'<definedName name="{name}">[^<]*</definedName>', "", text).encode()
    assert content["xl/workbook.xml"].decode() != text
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for each, data in content.items():
            parts.writestr(each, data)


def test_rows_emptied_at_the_end_are_gone_with_their_status(book):
    table = Package.open(book).table("tblTransactions")
    letters = "BCDEF"
    edit(book, *(("Transactions", f"{letter}{table.last_row - row}", None) for letter in letters for row in range(3)))
    before = int(Package.open(book).read_name("RowsRead"))
    refit(book)
    package = Package.open(book)
    assert package.read_name("RowsRead") == before - 3
    assert package.read_cell("Transactions", f"G{table.last_row}") is None
    assert package.read_name("MasterCheck") == "OK"


def test_a_slot_the_user_deleted_is_named_and_the_rest_is_filled(book, capsys):
    without_name(book, "LadderSay")
    refit(book, "--margin", "0.5")
    assert "LadderSay" in capsys.readouterr().out
    assert Package.open(book).read_name("MasterCheck") == "OK"


def test_a_template_without_a_newer_setting_takes_its_default(book):
    without_name(book, "DecimalMark")
    refit(book)
    assert Package.open(book).read_name("MasterCheck") == "OK"


def test_a_workbook_with_less_room_for_a_figure_is_refused_before_anything_is_done(book, capsys):
    with zipfile.ZipFile(book) as parts:
        content = {each: parts.read(each) for each in parts.namelist()}
    content["xl/workbook.xml"], found = re.subn(
        rb'(name="Inputs">Checks![^:]+:\$E\$)(\d+)',
        lambda at: at[1] + str(int(at[2]) - 1).encode(),
        content["xl/workbook.xml"],
    )
    assert found == 1
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as parts:
        for each, data in content.items():
            parts.writestr(each, data)
    before = book.read_bytes()
    assert main(["refit", str(book), "--quiet"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "made by another version of Focal: Inputs on sheet Checks" in said
    assert "focal refit LOG.xlsx" in said
    assert book.read_bytes() == before


def test_a_template_that_lost_a_table_is_refused_with_a_remedy(book, capsys):
    with zipfile.ZipFile(book) as parts:
        content = {each: parts.read(each) for each in parts.namelist()}
    part = Package.open(book).table("tblCustomers").part
    content[part] = content[part].replace(b"tblCustomers", b"tblMine")
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as parts:
        for each, data in content.items():
            parts.writestr(each, data)
    before = book.read_bytes()
    assert main(["refit", str(book), "--quiet"]) == 2
    assert "tblCustomers" in capsys.readouterr().err
    assert book.read_bytes() == before


def test_a_workbook_that_counts_from_1904_is_refused_not_misread(book, capsys):
    with zipfile.ZipFile(book) as parts:
        content = {each: parts.read(each) for each in parts.namelist()}
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(b"<workbookPr ", b'<workbookPr date1904="1" ')
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as parts:
        for each, data in content.items():
            parts.writestr(each, data)
    before = book.read_bytes()
    assert main(["refit", str(book), "--quiet"]) == 2
    assert "1904" in capsys.readouterr().err
    assert book.read_bytes() == before


@pytest.fixture
def with_attributes(in_folder):
    """A workbook refitted from a log and a file of attributes, and that file."""
    lines = ["customer_id,Region,Score,Code,Voice"]
    for number in range(1, 300):
        lines.append(f"C{number:04},{'north' if number % 3 else 'south'},{number / 2},00{number % 7},price; slow")
    Path("about.csv").write_text("\n".join(lines), encoding="utf-8")
    known = ("--known-at-acquisition", "Region, Score")
    refit(SAMPLE, "--attributes", "about.csv", *known, "--output", "book.xlsx")
    return in_folder / "book.xlsx"


def attribute_notes(package):
    notes = [str(package.read_name(f"Note{row}")) for row in range(1, 13)]
    return [note for note in notes if note.startswith("Attributes:")]


def test_attributes_of_a_file_stand_on_their_sheet_and_a_refit_of_the_workbook_reads_them_there(with_attributes):
    package = Package.open(with_attributes)
    assert package.table("tblAttributes").columns[:6] == ["customer", "Region", "Score", "Code", "Voice", "attribute 5"]
    rows = package.read_table("tblAttributes")
    assert rows[0][:5] == ["C0001", "north", 0.5, "001", "price; slow"], "numbers are numbers, codes stay text"
    assert lint(with_attributes) == []
    assert validate(with_attributes) == []
    said = attribute_notes(package)
    assert len(said) == 1
    refit(with_attributes)
    again = Package.open(with_attributes)
    assert again.read_table("tblAttributes") == rows
    assert attribute_notes(again) == said
    assert again.read_name("RunState") == "Up to date"
    assert again.read_name("KnownAtAcquisition") == "Region, Score"


def test_columns_without_an_attribute_are_folded_away(with_attributes):
    columns = openpyxl.load_workbook(with_attributes)["Attributes"].column_dimensions
    folded = {letters for letters, column in columns.items() if column.hidden}
    assert folded == {"G"}  # to V, as the group of columns that begins there
    assert (columns["G"].min, columns["G"].max, columns["G"].outlineLevel) == (7, 22, 1)
    assert not columns["C"].hidden


def test_changed_attributes_make_the_run_stale(with_attributes, libreoffice):
    package = Package.open(with_attributes)
    sheet, at = package.defined_names["RunState"]
    assert libreoffice.cells(with_attributes, texts=False)[sheet][at].value == "Up to date"
    edit(with_attributes, ("Attributes", "C9", None))
    assert str(libreoffice.cells(with_attributes, texts=False)[sheet][at].value).startswith("STALE: 1 input")


def test_attributes_of_a_workbook_stand_in_it(book, capsys):
    assert main(["refit", str(book), "--attributes", str(SAMPLE), "--quiet"]) == 2
    assert "paste them on its sheet Attributes" in capsys.readouterr().err
