"""Fingerprints of the figures: a refit writes them down, and the next one learns what was typed over."""

import random
import re
import shutil
import zipfile

import pytest

from pyfuncs.hosts.command_line import main
from pyfuncs.hosts.headless import template_path
from pyfuncs.workbook import written
from pyfuncs.workbook.cells import column_letters, parse_area
from pyfuncs.workbook.package import Package


def test_a_fresh_refit_has_nothing_typed_over(demo, small):
    assert written.typed_over(Package.open(demo)) == []
    assert written.typed_over(Package.open(small)) == []


def test_the_log_names_every_sheet_that_holds_figures_of_python(small):
    package = Package.open(small)
    text = package.read_table("tblLog")[-1][-1]
    assert text == written.in_words(written.of_workbook(package))
    assert [entry.split()[0] for entry in text.split(", ")] == [
        "Cover", "Segments", "Customers", "Concentration", "Validation", "Model", "Checks",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "down", "right"),
    [
        ("Run", 2, 0),
        ("Note1", 0, 0),
        ("Equity", 1, 0),
        ("Ginis", 0, 0),
        ("Capture", 1, 1),
        ("Ladder", 2, 3),
        ("Inputs", 0, 1),
    ],
)
def test_a_figure_typed_over_is_noticed_on_its_sheet(small, name, down, right):
    package = Package.open(small)
    sheet, ref = package.defined_names[name]
    corner = parse_area(ref)
    at = f"{column_letters(corner.left + right)}{corner.top + down}"
    assert package.read_formula(sheet, at) is None
    package.write_block(sheet, at, [[-123.0]])
    assert written.typed_over(package) == [sheet]


def test_a_customer_s_figure_typed_over_is_noticed(small):
    package = Package.open(small)
    table = package.table("tblCustomers")
    place = table.first_col + table.column("p_alive")
    package.write_block(table.sheet, f"{chr(64 + place)}{table.first_row + 5}", [[0.5]])
    assert written.typed_over(package) == ["Customers"]


def test_sorting_customers_is_no_change(small, tmp_path):
    path = tmp_path / "sorted.xlsx"
    package = Package.open(small)
    rows = package.read_table("tblCustomers")
    table = package.table("tblCustomers")
    random.Random(1).shuffle(rows)
    columns = {header: [row[i] for row in rows] for i, header in enumerate(table.columns) if header != "value"}
    package.fill_table("tblCustomers", columns, len(rows))
    package.save(path)
    assert written.typed_over(Package.open(path)) == []


def test_formulas_and_notes_of_the_user_are_no_change(small):
    package = Package.open(small)
    package.write_block("Segments", "P30", [["my note"]])
    package.write_block("Segments", "C15", [[7.0]])  # a formula of Focal's: the refit itself keeps and names it
    assert written.typed_over(package) == []


def test_what_a_user_typed_into_the_log_is_no_fingerprint(small):
    package = Package.open(small)
    table = package.table("tblLog")
    at = f"{column_letters(table.first_col + table.column(written.COLUMN))}{table.first_row}"
    package.write_block(table.sheet, at, [["checked, all fine"]])
    assert written.typed_over(package) == [], "nobody can tell"


def test_the_latest_refit_counts_however_the_log_is_sorted(small, tmp_path):
    package = Package.open(small)
    [latest] = package.read_table("tblLog")
    earlier = ["2020-01-01 00:00 UTC", *latest[1:-1], "Cover 0000, Model 0000"]
    headers = package.table("tblLog").columns
    columns = zip(latest, earlier, [None] * len(latest), strict=True)
    package.fill_table("tblLog", dict(zip(headers, columns, strict=True)), 3)
    package.save(tmp_path / "sorted.xlsx")
    assert written.typed_over(Package.open(tmp_path / "sorted.xlsx")) == []


def test_an_empty_template_has_nothing_typed_over_until_somebody_types(tmp_path):
    package = Package.open(template_path())
    assert written.typed_over(package) == []
    sheet, ref = package.defined_names["Run"]
    package.write_block(sheet, ref.split(":")[0], [["mine"]])
    assert written.typed_over(package) == [sheet]


def test_a_headless_refit_says_which_figures_it_replaced(small, in_folder, capsys):
    book = shutil.copy(small, in_folder / "book.xlsx")
    package = Package.open(book)
    sheet, ref = package.defined_names["Run"]
    package.write_block(sheet, ref.split(":")[0], [["another log"]])
    package.save(book)
    assert main(["refit", str(book), "--quiet"]) == 0
    assert "typed over since the last refit were replaced: Cover." in capsys.readouterr().out
    assert main(["refit", str(book), "--quiet"]) == 0
    assert "typed over" not in capsys.readouterr().out


def test_a_name_that_a_company_has_enlarged_is_read_as_far_as_its_slot(small, tmp_path):
    with zipfile.ZipFile(small) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    book = content["xl/workbook.xml"].decode()
    for name in ("Run", "Deciles", "Note1"):
        found = re.search(rf'<definedName name="{name}">(\w+!\$[A-Z]+\$\d+)(?::\$([A-Z]+)\$(\d+))?<', book)
        assert found is not None
        book = book.replace(found.group(), f'<definedName name="{name}">{found[1]}:$Z$400<')
    content["xl/workbook.xml"] = book.encode()
    path = tmp_path / "enlarged.xlsx"
    with zipfile.ZipFile(path, "w") as parts:
        for name, data in content.items():
            parts.writestr(name, data)
    assert written.typed_over(Package.open(path)) == []
