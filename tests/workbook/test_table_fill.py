"""Filling a table: its body is replaced, what belongs to it follows, and what is the user's stays with its row."""

import re
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from pyfuncs.errors import InputError
from pyfuncs.workbook import sheet_stream, zip_parts
from pyfuncs.workbook.package import Package
from tests.support.filling import clean, fill, refill
from tests.support.rich_workbook import BOOK, CHART, CUSTOMERS, HEADERS, SETTINGS, TABLE, build, edit, parts

ID, VALUE, SEEN, DOUBLE, NOTE, OWN = HEADERS


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return build(tmp_path / "rich.xlsx")


@pytest.mark.parametrize("n", [1, 2, 3, 4, 50, 5000])
def test_a_fill_of_any_length_is_clean_and_read_back(rich: Path, n: int) -> None:
    ids = [f"id {i}" for i in range(n)]
    filled = fill(rich, ids)
    package = Package.open(filled)
    assert package.tables["Customers"].ref == f"B5:G{5 + n}"
    rows = package.read_table("Customers")
    assert [row[0] for row in rows] == ids
    assert [row[1] for row in rows] == [1.5 * i for i in range(n)]
    assert [row[3] for row in rows] == [3.0 * i for i in range(n)]
    assert {row[2] for row in rows} == {35611.0}
    assert package.read_formula("Customers", f"E{5 + n}") == "Customers[[#This Row],[value]]*2"
    assert clean(filled)


@pytest.mark.parametrize("run", [1, 2, 7])
def test_runs_of_any_length_give_the_same_sheet(rich: Path, tmp_path: Path, monkeypatch, run: int) -> None:
    ids = ["a", "<&>", " b", "", "é", "😀", "_x0041_", *map(str, range(40))]
    whole = fill(rich, ids, tmp_path / "whole.xlsx")
    monkeypatch.setattr(sheet_stream, "_RUN", run)
    assert parts(fill(rich, ids, tmp_path / "runs.xlsx")) == parts(whole)


def test_a_large_sheet_is_compressed_quickly_and_holds_the_same(rich: Path, tmp_path: Path, monkeypatch) -> None:
    ids = [f"customer {i}" for i in range(3000)]
    thorough = fill(rich, ids, tmp_path / "thorough.xlsx")
    monkeypatch.setattr(zip_parts, "_QUICK", 10_000)
    quick = fill(rich, ids, tmp_path / "quick.xlsx")
    assert parts(quick) == parts(thorough)
    with zipfile.ZipFile(quick) as fast, zipfile.ZipFile(thorough) as slow:
        larger = {
            name for name in fast.namelist() if fast.getinfo(name).compress_size > slow.getinfo(name).compress_size
        }
    assert larger == {CUSTOMERS}


def test_no_rows_leave_one_empty_row_and_the_next_fill_has_everything_again(rich: Path, tmp_path: Path) -> None:
    empty = fill(rich, [], tmp_path / "empty.xlsx")
    assert Package.open(empty).read_table("Customers") == [[None] * 6]
    assert clean(empty)
    again = fill(empty, ["a", "b", "c", "d"], tmp_path / "again.xlsx")
    names = Package.open(again).defined_names
    assert names["customer_ids"] == ("Customers", "B6:B9")
    assert Package.open(again).read_formula("Customers", "E9") == "Customers[[#This Row],[value]]*2"
    assert re.search(rb'<c r="C9" s="\d+"', parts(again)[CUSTOMERS]), "the number format is lost"
    assert clean(again)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_everything_that_covered_the_body_follows_it(rich: Path, n: int) -> None:
    filled = fill(rich, [f"{i}" for i in range(n)])
    last = 5 + n
    content = {name: text.decode(errors="replace") for name, text in parts(filled).items()}
    span = f"C6:C{last}" if n > 1 else "C6"
    assert f'<conditionalFormatting sqref="{span}">' in content[CUSTOMERS]
    assert f"<xm:sqref>{span}</xm:sqref>" in content[CUSTOMERS]
    assert f"<xm:f>Customers!{span}</xm:f>" in content[CUSTOMERS]
    assert f'<conditionalFormatting sqref="B6:G{last}">' in content[CUSTOMERS]
    assert f"$C6&gt;AVERAGE({'$C$6' if n == 1 else f'$C$6:$C${last}'})" in content[CUSTOMERS]
    assert f'sqref="{span.replace("C", "F")}"' in content[CUSTOMERS]
    absolute = f"$C$6:$C${last}" if n > 1 else "$C$6"
    assert f"<c:f>Customers!{absolute}</c:f>" in content[CHART]
    assert f"Customers!$A$1:$G${last}</definedName>" in content[BOOK]
    assert f"Customers!$B$5:$G${last}</definedName>" in content[BOOK]
    assert "Customers!$5:$5</definedName>" in content[BOOK]
    assert f"<f>SUM(Customers!{absolute})</f>" in content[SETTINGS]
    assert f"<f>COUNTA({absolute.replace('C', 'B')})</f>" in content[CUSTOMERS]
    assert f'<dimension ref="A2:J{max(last, 8)}"/>' in content[CUSTOMERS]
    assert f'<autoFilter ref="B5:G{last}"/>' in content[TABLE]


def test_a_chart_drops_the_points_that_changed_and_keeps_its_title(rich: Path, tmp_path: Path) -> None:
    chart = parts(fill(rich, ["a", "b"]))[CHART].decode()
    series = re.findall("<c:ser>.*?</c:ser>", chart, re.DOTALL)
    assert "<c:pt" not in re.sub("<c:tx>.*?</c:tx>", "", series[0], flags=re.DOTALL)
    assert "<c:v>0.2</c:v>" in series[1]
    assert chart.count("<c:v>Title of the chart</c:v>") == 2, "the title and the name of the first series"
    package = Package.open(rich)
    package.write_block("My Settings", "B2", [["New title"]])
    package.save(tmp_path / "out.xlsx")
    chart = parts(tmp_path / "out.xlsx")[CHART].decode()
    assert "<c:v>New title</c:v>" in chart
    assert "<c:v>10</c:v>" in chart


def test_the_users_columns_follow_their_customer(rich: Path, tmp_path: Path) -> None:
    filled = fill(rich, ["new", "c2", "c0"])
    rows = Package.open(filled).read_table("Customers")
    assert [row[4] for row in rows] == [None, "note 2", "note 0"]
    lost = refill(rich, ["new", "c2", "c0"], filled).lost
    assert lost == [{ID: "c1", NOTE: "note 1", OWN: "=C7*$A$2+My_Rate"}]
    package = Package.open(filled)
    assert [package.read_formula("Customers", f"G{r}") for r in (6, 7, 8)] == [
        None, "C7*$A$2+My_Rate", "C8*$A$2+My_Rate",
    ]  # fmt: skip
    again = tmp_path / "again.xlsx"
    assert refill(filled, ["c0", "c2"], again).lost == []
    assert [row[4] for row in Package.open(again).read_table("Customers")] == ["note 0", "note 2"]
    assert clean(again)


def test_without_a_key_the_users_columns_stay_in_their_places(rich: Path, tmp_path: Path) -> None:
    report = refill(rich, ["x", "y"], tmp_path / "out.xlsx", keep_by=None)
    rows = Package.open(tmp_path / "out.xlsx").read_table("Customers")
    assert [row[4] for row in rows] == ["note 0", "note 1"]
    assert report.lost == [{NOTE: "note 2", OWN: "=C8*$A$2+My_Rate"}]


def test_equal_keys_take_over_in_order_and_numbers_meet_texts(rich: Path, tmp_path: Path) -> None:
    filled = fill(rich, ["7", "7", "8"], keep_by=None)
    package = Package.open(filled)
    package.write_block("Customers", "B6", [[7]])
    package.save(filled)
    rows = Package.open(fill(filled, ["8", "7", "7"], tmp_path / "again.xlsx")).read_table("Customers")
    assert [row[4] for row in rows] == ["note 2", "note 0", "note 1"]


def test_cells_beside_and_above_the_table_stay(rich: Path) -> None:
    for n in (1, 12):
        package = Package.open(fill(rich, [f"{i}" for i in range(n)]))
        beside = package.read_range("Customers", "I6:I8")
        assert beside == [["beside 0"], ["beside 1"], ["beside 2"]]
        assert package.read_range("Customers", "A2:B2") == [[3.0, "Customers"]]


def test_a_table_grows_only_over_free_cells(rich: Path) -> None:
    package = Package.open(rich)
    package.write_block("Customers", "D12", [["a remark"]])
    package.save(rich)
    before = rich.read_bytes()
    assert fill(rich, ["a"] * 6)
    with pytest.raises(InputError, match=r"sheet Customers, cell D12: table Customers needs this cell"):
        fill(rich, ["a"] * 7)
    assert rich.read_bytes() == before
    with pytest.raises(InputError, match="do not fit"):
        fill(rich, ["a"] * 1_048_576)


def test_filters_and_sort_order_go_and_hidden_rows_come_back(rich: Path) -> None:
    setting = ('<autoFilter ref="B5:G8"><filterColumn colId="0"><filters><filter val="c0"/></filters></filterColumn>'
               '<filterColumn colId="1" hiddenButton="1"/></autoFilter>'
               '<sortState ref="B6:G8"><sortCondition ref="C6:C8"/></sortState>')  # fmt: skip
    edit(rich, TABLE, lambda t: t.replace('<autoFilter ref="B5:G8"/>', setting))
    edit(rich, CUSTOMERS, lambda t: re.sub(r'(<row r="[78]")', r'\1 hidden="1"', t))
    assert clean(rich)
    filled = fill(rich, ["a", "b", "c", "d"])
    table = parts(filled)[TABLE].decode()
    assert '<autoFilter ref="B5:G9"><filterColumn colId="1" hiddenButton="1"/></autoFilter>' in table
    assert "sortState" not in table
    assert b"hidden" not in parts(filled)[CUSTOMERS]
    assert clean(filled)


def test_a_totals_row_moves_with_the_end_of_the_table(rich: Path, tmp_path: Path) -> None:
    edit(
        rich,
        TABLE,
        lambda t: t.replace('ref="B5:G8" ', 'ref="B5:G9" ', 1).replace('totalsRowShown="0"', 'totalsRowCount="1"'),
    )
    edit(rich, CUSTOMERS, lambda t: t.replace("</sheetData>",
         '<row r="9"><c r="C9"><f>SUBTOTAL(109,Customers[value])</f><v>33</v></c></row></sheetData>'))  # fmt: skip
    for n, target in ((6, tmp_path / "more.xlsx"), (2, tmp_path / "fewer.xlsx")):
        package = Package.open(fill(rich, [f"{i}" for i in range(n)], target))
        assert package.tables["Customers"].ref == f"B5:G{6 + n}"
        assert package.read_formula("Customers", f"C{6 + n}") == "SUBTOTAL(109,Customers[value])"
        assert b"SUBTOTAL" in parts(target)[CUSTOMERS]
        assert parts(target)[CUSTOMERS].count(b"SUBTOTAL") == 1
        assert clean(target)


def test_a_lost_column_formula_is_an_input_error(rich: Path) -> None:
    edit(rich, TABLE, lambda t: re.sub("<calculatedColumnFormula>.*?</calculatedColumnFormula>", "", t))
    filled = fill(rich, ["a", "b"])  # LibreOffice saves without it: the first row still tells
    assert Package.open(filled).read_formula("Customers", "E7") == "Customers[[#This Row],[value]]*2"
    edit(rich, CUSTOMERS, lambda t: re.sub(r'(<c r="E6"[^>]*>)<f>.*?</f>', r"\1", t))
    with pytest.raises(InputError, match='column "double" has lost its formula'):
        fill(rich, ["a"])


def test_reading_or_writing_a_table_filled_just_now_is_a_mistake_of_the_caller(rich: Path) -> None:
    package = Package.open(rich)
    package.fill_table("Customers", {ID: ["a"]}, 1, keep_by=ID)
    for ask in (lambda: package.read_table("Customers"), lambda: package.write_block("Customers", "C6", [[1]]),
                lambda: package.fill_table("Customers", {ID: ["a"]}, 1)):  # fmt: skip
        with pytest.raises(ValueError, match="filled just now"):
            ask()
    with pytest.raises(ValueError, match="2 values for 3 rows"):
        Package.open(rich).fill_table("Customers", {ID: ["a", "b"]}, 3)


@pytest.mark.parametrize(
    "values",
    [["a", None, "c"], ("a", None, "c"), np.array(["a", None, "c"], dtype=object), pd.Series(["a", None, "c"]),
     pd.Series(["a", None, "c"], dtype="category"), pd.array(["a", None, "c"], dtype="string")],
)  # fmt: skip
def test_a_column_may_be_any_sequence(rich: Path, tmp_path: Path, values: object) -> None:
    package = Package.open(rich)
    package.fill_table("Customers", {NOTE: values}, 3)
    package.save(tmp_path / "out.xlsx")
    assert [row[4] for row in Package.open(tmp_path / "out.xlsx").read_table("Customers")] == ["a", None, "c"]


@pytest.mark.parametrize(
    ("values", "read"),
    [(pd.Series([1, None, 3], dtype="Int64"), [1.0, None, 3.0]), (np.array([True, False, True]), [True, False, True]),
     ([date(1997, 9, 30), None, pd.NaT], [35703.0, None, None]), (pd.to_datetime(["1900-01-01", None, "1900-03-01"]),
     [1.0, None, 61.0]), ([1, "x", True], [1.0, "x", True]), (np.arange(3, dtype=np.float32), [0.0, 1.0, 2.0])],
)  # fmt: skip
def test_a_column_of_any_type_arrives(rich: Path, tmp_path: Path, values: object, read: list[object]) -> None:
    package = Package.open(rich)
    package.fill_table("Customers", {VALUE: values}, 3)
    package.save(tmp_path / "out.xlsx")
    assert [row[1] for row in Package.open(tmp_path / "out.xlsx").read_table("Customers")] == read
    assert clean(tmp_path / "out.xlsx")


def test_two_tables_side_by_side_are_filled_together(tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Both")
    sheet.add_table("B2:C4", {"name": "Left", "columns": [{"header": "a"}, {"header": "b"}]})
    sheet.add_table("E3:E4", {"name": "Right", "columns": [{"header": "c"}]})
    sheet.write("D5", "between")
    sheet.merge_range("G9:H9", "aside")
    book.close()
    package = Package.open(path)
    package.fill_table("Left", {"a": list("vwxyz"), "b": range(5)}, 5)
    package.fill_table("Right", {"c": np.arange(9.0)}, 9)
    package.save(path)
    package = Package.open(path)
    assert package.read_table("Left") == [[c, float(i)] for i, c in enumerate("vwxyz")]
    assert package.read_table("Right") == [[float(i)] for i in range(9)]
    assert package.read_cell("Both", "D5") == "between"
    assert clean(path)


def test_cells_without_a_style_of_their_own_take_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "styles.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.set_column("B:C", 12, book.add_format({"num_format": "0.000"}))
    sheet.add_table("A1:B2", {"name": "T", "columns": [{"header": "a"}, {"header": "b"}]})
    book.close()
    package = Package.open(path)
    package.fill_table("T", {"a": [1, 2], "b": [3, 4]}, 2)
    package.save(path)
    content = parts(path)[CUSTOMERS].decode()
    assert '<c r="A3"><v>2</v></c><c r="B3" s="1"><v>4</v></c>' in content


def test_merged_cells_below_a_table_are_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "merged.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.add_table("B2:C3", {"name": "T", "columns": [{"header": "a"}, {"header": "b"}]})
    sheet.merge_range("A5:B6", "", book.add_format({"bold": True}))
    book.close()
    with pytest.raises(InputError, match="cell A5:B6"):
        Package.open(path).fill_table("T", {"a": [1, 2, 3]}, 3)


def test_a_pivot_table_over_the_body_is_refreshed_on_opening(rich: Path) -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cache = (f'<pivotCacheDefinition xmlns="{main}" recordCount="0"><cacheSource type="worksheet">'
             '<worksheetSource ref="B5:G8" sheet="Customers"/></cacheSource><cacheFields count="0"/>'
             "</pivotCacheDefinition>")  # fmt: skip
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotCacheDefinition+xml"
    part = "xl/pivotCache/pivotCacheDefinition1.xml"
    override = f'<Override PartName="/{part}" ContentType="{kind}"/></Types>'
    edit(rich, "[Content_Types].xml", lambda t: t.replace("</Types>", override), **{part: cache})
    after = parts(fill(rich, ["a", "b", "c", "d", "e"]))[part]
    assert b'<worksheetSource ref="B5:G10" sheet="Customers"/>' in after
    assert b'refreshOnLoad="1"' in after


def test_an_array_formula_of_the_user_moves_as_one(rich: Path, tmp_path: Path) -> None:
    array = '<f t="array" ref="G8">SUM(C8:D8*2)</f>'
    edit(rich, CUSTOMERS, lambda t: re.sub(r'(<c r="G8"[^>]*>)<f>.*?</f>', rf"\1{array}", t))
    after = parts(fill(rich, ["c2"]))[CUSTOMERS].decode()
    assert '<c r="G6"><f t="array" ref="G6">SUM(C6:D6*2)</f>' in after


def test_deflate_level_one_is_a_larger_file_with_the_same_parts(rich: Path, tmp_path: Path) -> None:
    package = Package.open(rich)
    package.fill_table("Customers", {VALUE: np.random.default_rng(1).normal(size=5000)}, 5000)
    package.save(tmp_path / "small.xlsx")
    package.save(tmp_path / "fast.xlsx", level=1)
    assert parts(tmp_path / "small.xlsx") == parts(tmp_path / "fast.xlsx")
    assert (tmp_path / "small.xlsx").stat().st_size < (tmp_path / "fast.xlsx").stat().st_size


def test_filling_twice_with_the_same_data_gives_the_same_bytes(rich: Path, tmp_path: Path) -> None:
    ids = ["c2", "=1+1", "c0", "x"]
    first = fill(rich, ids, tmp_path / "first.xlsx")
    assert fill(rich, ids, tmp_path / "again.xlsx").read_bytes() == first.read_bytes()
    assert fill(first, ids, tmp_path / "refilled.xlsx").read_bytes() == first.read_bytes()


def test_formulas_on_other_sheets_follow_a_sheet_whose_name_needs_quotes(tmp_path: Path) -> None:
    path = tmp_path / "quotes.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet, other = book.add_worksheet("It's R&D"), book.add_worksheet("Other")
    sheet.add_table("A1:A3", {"name": "T", "columns": [{"header": "a"}]})
    other.write_formula("A1", "=SUM('It''s R&D'!$A$2:$A$3)+SUM(A2:A3)")
    book.define_name("body", "='It''s R&D'!$A$2:$A$3")
    book.close()
    package = Package.open(path)
    package.fill_table("T", {"a": range(5)}, 5)
    package.save(path)
    package = Package.open(path)
    assert package.read_formula("Other", "A1") == "SUM('It''s R&D'!$A$2:$A$6)+SUM(A2:A3)"
    assert package.defined_names["body"] == ("It's R&D", "A2:A6")
    assert clean(path)
