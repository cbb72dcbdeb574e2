"""Fingerprints of the figures: a refit writes them down, and the next one learns what was typed over."""

import random
import re
import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfuncs.hosts.command_line import main
from pyfuncs.hosts.headless import template_path
from pyfuncs.workbook import written
from pyfuncs.workbook.cells import ErrorText, column_letters, parse_area
from pyfuncs.workbook.package import Package


def test_a_fresh_refit_has_nothing_typed_over(demo, small):
    assert written.typed_over(Package.open(demo)) == []
    assert written.typed_over(Package.open(small)) == []


def test_the_log_names_every_sheet_that_holds_figures_of_python(small):
    package = Package.open(small)
    text = package.read_table("tblLog")[-1][-1]
    assert text == written.in_words(written.of_workbook(package))
    assert [entry.split()[0] for entry in text.split(", ")] == [
        "Cover", "Segments", "Customers", "Concentration", "Profile", "Acquisition", "Products", "Migration", "Beyond",
        "Readiness", "Partner", "Validation", "Model", "Checks",
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


@pytest.mark.parametrize("typed", [None, 0.0])
def test_a_zero_is_not_nothing(small, typed):
    package = Package.open(small)
    table = package.table("tblCustomers")
    header = "monetary_value" if typed == 0.0 else "frequency"  # blank and 0 for who bought once
    column = [row[table.column(header)] for row in package.read_table("tblCustomers")]
    once = column.index(None if typed == 0.0 else 0.0)
    at = f"{column_letters(table.first_col + table.column(header))}{table.first_row + once}"
    package.write_block(table.sheet, at, [[typed]])
    assert written.typed_over(package) == ["Customers"]


CELLS = st.none() | st.floats(allow_infinity=False) | st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(CELLS, CELLS)), st.randoms(use_true_random=False))
def test_a_fingerprint_does_not_depend_on_the_order_of_rows_or_on_empty_ones(rows, random):
    columns = [[row[0] for row in rows], [row[1] for row in rows]]
    mixed = [*rows, (None, "")]
    random.shuffle(mixed)
    assert written._of_columns(columns) == written._of_columns([[row[0] for row in mixed], [row[1] for row in mixed]])


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1), st.data())
def test_a_fingerprint_changes_with_any_cell(rows, data):
    row, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, 1))
    columns = [[row[0] for row in rows], [row[1] for row in rows]]
    before = written._of_columns(columns)
    columns[column][row] = "something else entirely"
    assert written._of_columns(columns) != before
    assert written._of_columns(columns[::-1]) != written._of_columns(columns) or columns[0] == columns[1]


def test_a_fingerprint_is_the_same_from_what_a_run_writes_and_from_cells():
    frame = pd.DataFrame({
        "id": pd.Series(["007", "é", "<&>", "😀", None], dtype="str"),
        "rank": np.arange(5),
        "value": [-0.0, 1e-7, np.nan, 0.1 + 0.2, 1e300],
        "first": np.array(["1900-01-31", "2024-02-29", "NaT", "1997-01-01T12", "2000-01-01"], dtype="datetime64[s]"),
    })  # fmt: skip
    ids, ranks, values = ["007", "é", "<&>", "😀", ""], [0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 1e-7, None, 0.1 + 0.2, 1e300]
    cells = [ids, ranks, values, [31.0, 45351.0, None, 35431.5, 36526.0]]
    assert written._of_columns([frame[header] for header in frame]) == written._of_columns(cells)
    assert written._of_columns([[True], [ErrorText("#N/A")]]) == written._of_columns([["True"], ["#N/A"]])


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
