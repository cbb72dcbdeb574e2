"""Columns read and written at once: the same values as cell by cell, however the file spells its cells."""

import datetime as dt
import math
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfuncs.hosts.command_line import main
from pyfuncs.workbook import written
from pyfuncs.workbook.cells import Area, ErrorText, column_letters, escape, text_element
from pyfuncs.workbook.package import Package
from pyfuncs.workbook.sheet_columns import read_columns, write_column
from pyfuncs.workbook.sheet_xml import Sheet

FIRST, LEFT, WIDTH = 9998, 26, 3  # rows of four and five digits, columns Z, AA, AB
STRINGS = ["", "used", "A & B", " blank ", "1", "é😀", "#N/A"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["a&b", "<x>", "_x0041_", "a\rb", " b", "1.5", "TRUE", "]]>"]
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
FORMULAS = st.sampled_from(["<f>A1&amp;B1</f>", '<f t="array" ref="A1">SUM(A1:B2)</f>', "<f/>", '<f ca="1"/>'])


def numbers(spell):
    return st.tuples(st.sampled_from(["", ' t="n"']), NUMBERS.map(lambda number: f"<v>{spell(number)}</v>"))


def results(cells):
    return st.tuples(FORMULAS, cells).map(lambda found: (found[1][0], found[0] + found[1][1]))


VALUES = st.one_of(
    numbers(repr),
    numbers(lambda number: f"{number:.0f}"),
    st.integers(0, len(STRINGS) - 1).map(lambda index: (' t="s"', f"<v>{index}</v>")),
    TEXTS.map(lambda text: (' t="str"', f"<v>{escape(text)}</v>")),
)
PLAIN = VALUES | results(VALUES) | TEXTS.map(lambda text: (' t="inlineStr"', f"<is>{text_element(text)}</is>"))
UNUSUAL = st.sampled_from([
    (' t="b"', "<v>1</v>"), (' t="b"', "<f>TRUE()</f><v>0</v>"), (' t="e"', "<v>#DIV/0!</v>"),
    (' t="d"', "<v>2024-05-06</v>"),
    (' t="inlineStr"', "<is><r><rPr><color rgb='FF0000'/></rPr><t>rich </t></r><r><t>text</t></r></is>"),
    (' t="inlineStr"', "<is><t/></is>"), (' t="inlineStr"', "<is><t>漢</t><rPh sb='0' eb='1'><t>kan</t></rPh></is>"),
    (' t="s" cm="1"', "<v>1</v>"), (" vm='2' t='s'", "<v>2</v>"), ("", "<v> 7 </v>"), ("", "<v>+7</v>"),
    ("", '<v xml:space="preserve">8</v>'), ("", "<f>A1</f>"), ("", "<f>A1</f><v></v>"),
    (' t="str"', "<f>A1</f><v></v>"),
    (' t="str"', "<f>A1</f><v/>"), ("", "<v>1e999</v>"), ("", "<f>1&gt;2</f><v>3</v>"), ("", "<f>1>2</f><v>3</v>"),
    (' t="str"', "<v>a&#10;b &amp;amp; c</v>"), ("", ""), ("", None), ("", "<v>5</v><extLst><ext/></extLst>"),
])  # fmt: skip
CELLS = PLAIN | st.none() | UNUSUAL
STYLES = st.sampled_from(["", ' s="3"', ' s="12"'])


def cell(ref, style, found):
    if found is None:
        return ""
    attributes, inner = found
    return f'<c r="{ref}"{style}{attributes}' + ("/>" if inner is None else f">{inner}</c>")


def sheet_of(rows):
    """A sheet with these rows of cells from column Z on."""
    texts = []
    for number, cells in enumerate(rows, FIRST):
        if cells is not None:
            inner = "".join(
                cell(f"{column_letters(LEFT + place)}{number}", style, found)
                for place, (style, found) in enumerate(cells)
            )
            texts.append(f'<row r="{number}" spans="1:40">{inner}</row>')
    return Sheet("S", ("<worksheet>", "".join(texts), "</worksheet>"), STRINGS, date1904=False)


def same(one, other):
    """Whether two cells are the same, nan being nothing."""
    one, other = (None if isinstance(x, float) and math.isnan(x) else x for x in (one, other))
    signs = isinstance(one, float) and one == 0 and math.copysign(1, one) != math.copysign(1, other)
    return type(one) is type(other) and one == other and not signs


ROWS = st.lists(st.none() | st.lists(st.tuples(STYLES, CELLS), max_size=WIDTH + 1), min_size=1, max_size=9)


@given(ROWS, st.sampled_from([1, 2, 3, 100]), st.sets(st.integers(LEFT, LEFT + WIDTH - 1), min_size=1))
def test_columns_are_the_columns_of_the_cells(rows, run, wanted):
    sheet, area = sheet_of(rows), Area(FIRST, LEFT, FIRST + len(rows) - 1, LEFT + WIDTH - 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pyfuncs.workbook.sheet_columns.RUN", run)
        columns = read_columns(sheet, area, wanted)
    for place, expected in enumerate(zip(*sheet.values(area), strict=True)):
        if LEFT + place not in wanted:
            expected = [None] * len(rows)
        assert len(columns[place]) == len(rows)
        assert all(map(same, columns[place].tolist(), expected))


@given(st.lists(st.lists(st.tuples(STYLES, PLAIN), min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=9))
def test_plain_cells_are_read_at_once(rows):
    """No cell but a text with escapes is read by itself."""
    sheet = sheet_of(rows)
    sheet.value = pytest.fail
    area = Area(FIRST, LEFT, FIRST + len(rows) - 1, LEFT + WIDTH - 1)
    if not any(mark in found[1] for cells in rows for _, found in cells for mark in ("&", "_x", ">]]>", "\r")):
        assert all(len(column) == len(rows) for column in read_columns(sheet, area, range(LEFT, LEFT + WIDTH)))


def test_a_column_has_the_kind_of_its_cells():
    number, text, truth = ("", "<v>0.1</v>"), (' t="s"', "<v>1</v>"), (' t="b"', "<v>1</v>")
    rows = [
        [("", number), ("", text), ("", number)],
        [("", None), ("", None), ("", text)],
        [("", number)] * 2 + [("", truth)],
    ]
    rows[2][1] = ("", (' t="inlineStr"', "<is><t>a&amp;b</t></is>"))
    numbers, texts, mixed = read_columns(sheet_of(rows), Area(FIRST, LEFT, FIRST + 2, LEFT + 2), range(LEFT, LEFT + 3))
    assert numbers.dtype == np.float64
    assert texts.dtype == "str"
    assert texts.tolist()[::2] == ["used", "a&b"]
    assert mixed.tolist() == [0.1, "used", True]


@given(
    ROWS,
    st.lists(st.none() | NUMBERS | TEXTS | st.booleans() | st.dates(dt.date(1901, 1, 1)), min_size=1, max_size=9),
    st.integers(LEFT, LEFT + WIDTH),
    st.booleans(),
)
def test_a_column_written_at_once_is_the_same_as_cell_by_cell(rows, values, column, as_text):
    if as_text:
        values = pd.Series([None if value is None else str(value) for value in values], dtype="str")
    at_once, one_by_one = sheet_of(rows), sheet_of(rows)
    before = {number: row.inner for number, row in at_once.rows.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pyfuncs.workbook.sheet_columns.RUN", 3)
        write_column(at_once, FIRST, column, values)
    for number, value in enumerate(values, FIRST):
        one_by_one.write(number, {column: value})
    assert at_once.rows.keys() == one_by_one.rows.keys()
    everything = Area(FIRST, 1, FIRST + 20, LEFT + WIDTH + 1)
    assert repr(at_once.values(everything)) == repr(one_by_one.values(everything))
    for number in at_once.rows:
        written_cells, expected = at_once.cells(number), one_by_one.cells(number)
        assert [(c.column, c.style, c.formula) for c in written_cells] == [
            (c.column, c.style, c.formula) for c in expected
        ]
        if at_once.rows[number].inner != before.get(number):
            assert at_once.rows[number].attributes == one_by_one.rows[number].attributes


# --- in a workbook ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["tblTransactions", "tblCustomers", "tblTracking", "tblLog"])
def test_every_table_reads_the_same_both_ways(small, table):
    package = Package.open(small)
    headers = package.table(table).columns
    rows, columns = package.read_table(table), package.read_columns(table, headers)
    for header, cells in zip(headers, zip(*rows, strict=True), strict=True):
        assert all(map(same, columns[header].tolist(), cells)), header


@pytest.mark.parametrize("typed", ["text", 1.0, True, ErrorText("#N/A"), None])
def test_what_is_typed_into_a_column_of_numbers_is_read_and_noticed(small, typed):
    package = Package.open(small)
    table = package.table("tblCustomers")
    at = table.first_row + 3
    package.write_block(table.sheet, f"{column_letters(table.first_col + table.column('p_alive'))}{at}", [[typed]])
    assert same(package.read_columns("tblCustomers", ["p_alive"])["p_alive"].tolist()[3], typed)
    assert written.typed_over(package) == ["Customers"]


def test_rows_beyond_the_values_are_emptied(small):
    package = Package.open(small)
    rows = len(package.read_table("tblTransactions"))
    package.write_column("tblTransactions", "status", pd.Series(["used", "mine"], dtype="category"))
    found = package.read_columns("tblTransactions", ["STATUS"])["STATUS"].tolist()
    assert found[:2] == ["used", "mine"]
    assert len(found) == rows
    assert all(map(same, found[2:], [None] * (rows - 2)))


def as_excel_saves(path, target):
    """The workbook with every inline text among the shared strings, as after Excel has saved it."""
    with zipfile.ZipFile(path) as parts:
        content = {name: parts.read(name).decode() for name in parts.namelist()}
    texts = re.findall("<si>.*?</si>", content["xl/sharedStrings.xml"], re.DOTALL)

    def shared(found):
        texts.append(f"<si>{found[1]}</si>")
        return f' t="s"><v>{len(texts) - 1}</v></c>'

    for name in content:
        if name.startswith("xl/worksheets/sheet"):
            content[name] = re.sub(' t="inlineStr"><is>(.*?)</is></c>', shared, content[name], flags=re.DOTALL)
    head = re.match(".*?<sst[^>]*>", content["xl/sharedStrings.xml"], re.DOTALL).group()
    content["xl/sharedStrings.xml"] = f"{head}{''.join(texts)}</sst>"
    with zipfile.ZipFile(target, "w") as parts:
        for name, text in content.items():
            parts.writestr(name, text)


def test_a_workbook_that_excel_has_saved_is_the_same(small, tmp_path):
    path = tmp_path / "saved.xlsx"
    as_excel_saves(small, path)
    package, before = Package.open(path), Package.open(small)
    assert 't="inlineStr"' not in "".join(row.inner for row in package._sheet("Customers").rows.values())
    for table in ("tblTransactions", "tblCustomers"):
        headers = package.table(table).columns
        found, expected = package.read_columns(table, headers), before.read_columns(table, headers)
        for header in headers:
            assert all(map(same, found[header].tolist(), expected[header].tolist()))
    assert written.typed_over(package) == []
    assert main(["refit", str(path), "--quiet"]) == 0
    after = Package.open(path)
    assert after.read_table("tblTransactions") == before.read_table("tblTransactions")
    assert after.read_name("CustomerEquity") == pytest.approx(before.read_name("CustomerEquity"), rel=1e-9)
