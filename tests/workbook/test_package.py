"""Filling a workbook by patching its XML: what is written arrives, and what is not stays byte for byte."""

import errno
import os
import re
import warnings
from datetime import date, datetime
from pathlib import Path

import fastexcel
import numpy as np
import openpyxl
import pandas as pd
import pytest

from pyfuncs.errors import InputError
from pyfuncs.workbook.package import KEEP, Cached, ErrorText, Overridden, Package, is_open_elsewhere
from tests.support.filling import clean, fill
from tests.support.libreoffice import LibreOffice, libreoffice  # noqa: F401  (a fixture)
from tests.support.lint import lint
from tests.support.rich_workbook import BOOK, CHART, CUSTOMERS, HEADERS, SETTINGS, TABLE, build, edit, parts, write_part
from tests.support.validator import validate

ID, VALUE, SEEN, DOUBLE, NOTE, OWN = HEADERS


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    return build(tmp_path / "rich.xlsx")


# --- what stays ------------------------------------------------------------------------------------------------------


def test_the_workbook_the_tests_use_is_clean_itself(rich: Path) -> None:
    assert clean(rich)


def test_saving_without_changes_keeps_every_part(rich: Path, tmp_path: Path) -> None:
    Package.open(rich).save(tmp_path / "same.xlsx")
    assert parts(tmp_path / "same.xlsx") == parts(rich)


def test_a_written_name_changes_its_sheet_the_caches_and_the_calculation_flag_only(rich: Path, tmp_path: Path) -> None:
    package = Package.open(rich)
    package.write_name("my_rate", 0.25)
    package.save(tmp_path / "out.xlsx")
    before, after = parts(rich), parts(tmp_path / "out.xlsx")
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == {SETTINGS, CHART, BOOK}
    assert b'fullCalcOnLoad="1"' in after[BOOK]
    assert after[SETTINGS] == before[SETTINGS].replace(b"<v>0.1</v>", b"<v>0.25</v>")
    assert clean(tmp_path / "out.xlsx")


@pytest.mark.parametrize("there", ['<calcPr calcId="124519" calcMode="manual"/>', ""])
def test_excel_is_told_to_calculate_and_keeps_its_mode(rich: Path, tmp_path: Path, there: str) -> None:
    edit(rich, BOOK, lambda t: re.sub("<calcPr[^>]*/>", there, t))
    package = Package.open(rich)
    package.write_name("My_Rate", 0.3)
    package.save(tmp_path / "out.xlsx")
    calculation = re.search("<calcPr[^>]*/>", parts(tmp_path / "out.xlsx")[BOOK].decode())
    assert calculation
    assert 'fullCalcOnLoad="1"' in calculation.group()
    assert ("manual" in calculation.group()) == ("manual" in there)
    assert clean(tmp_path / "out.xlsx")


def test_a_filled_table_leaves_the_other_parts_byte_for_byte(rich: Path) -> None:
    before, after = parts(rich), parts(fill(rich, ["c1", "x", "y", "z", "c0"]))
    assert {name for name in before if before[name] != after[name]} == {CUSTOMERS, SETTINGS, CHART, BOOK, TABLE}
    assert b'descr="logo"' in after["xl/drawings/drawing1.xml"]


def test_the_calculation_chain_is_dropped_with_its_relationship_and_content_type(rich: Path, tmp_path: Path) -> None:
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    chain = '<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="C5" i="3"/></calcChain>'
    override = f'<Override PartName="/xl/calcChain.xml" ContentType="{main}.calcChain+xml"/></Types>'
    edit(rich, "[Content_Types].xml", lambda t: t.replace("</Types>", override), **{"xl/calcChain.xml": chain})
    link = f'<Relationship Id="rId99" Type="{kind}" Target="calcChain.xml"/></Relationships>'
    edit(rich, "xl/_rels/workbook.xml.rels", lambda t: t.replace("</Relationships>", link))
    assert clean(rich)
    package = Package.open(rich)
    package.write_block("My Settings", "C5", [[1]])
    package.save(tmp_path / "out.xlsx")
    after = parts(tmp_path / "out.xlsx")
    assert not [name for name, content in after.items() if "calcChain" in name or b"calcChain" in content]
    assert clean(tmp_path / "out.xlsx")


# --- reading ---------------------------------------------------------------------------------------------------------


def test_reading_gives_plain_python_values(rich: Path) -> None:
    package = Package.open(rich)
    assert package.sheet_names == ["Customers", "Dashboard", "My Settings"]
    assert package.defined_names["My_Rate"] == ("My Settings", "C4")
    assert package.defined_names["Customers!local"] == ("Customers", "A2")
    assert package.read_name("my_RATE") == 0.1
    assert package.read_table("CUSTOMERS")[1] == ["c1", 11.0, 36001.0, 0.0, "note 1", 1.0]
    assert package.read_range("my settings", "B8:B10") == [["plain bold <&>"], [ErrorText("#N/A")], [True]]
    assert isinstance(package.read_cell("My Settings", "B9"), ErrorText)
    assert package.read_cell("Customers", "Z99") is None
    assert package.read_formula("My Settings", "$C$5") == "My_Rate * 2"
    assert package.read_formula("My Settings", "C4") is None


def test_table_info_says_where_the_table_lies(rich: Path) -> None:
    info = Package.open(rich).tables["Customers"]
    assert (info.sheet, info.ref, info.columns) == ("Customers", "B5:G8", HEADERS)
    assert (info.header_row, info.first_row, info.last_row, info.first_col, info.totals_row) == (5, 6, 8, 2, 0)


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda p: p.read_cell("Nowhere", "A1"), "there is no sheet Nowhere"),
        (lambda p: p.read_name("nothing"), "there is no name nothing"),
        (lambda p: p.read_table("T"), "there is no table T"),
        (lambda p: p.read_cell("Customers", "hello"), "hello is not a cell"),
        (lambda p: p.fill_table("Customers", {"age": []}, 0), 'has no column "age"'),
    ],
)
def test_what_is_missing_is_named(rich: Path, ask, answer: str) -> None:
    with pytest.raises(InputError, match=answer):
        ask(Package.open(rich))


# --- writing cells ---------------------------------------------------------------------------------------------------

ROUND_TRIPS = [
    ("=1+1", "=1+1"), ("+A1", "+A1"), ("  spaced ", "  spaced "), ("a<b>&\"c'", "a<b>&\"c'"),
    ("two\nlines", "two\nlines"), ("bell\x07\r\t", "bell\x07\r\t"), ("_x0041_", "_x0041_"),
    ("naïve 日本 🎉", "naïve 日本 🎉"), ("007", "007"), ("", None),
    (1, 1.0), (2.5, 2.5), (np.float32(0.5), 0.5), (np.int64(7), 7.0), (-1e-300, -1e-300), (True, True),
    (np.bool_(False), False), (None, None), (float("nan"), None), (pd.NaT, None), (pd.NA, None),
    (np.datetime64("NaT"), None), (date(1997, 9, 30), 35703.0), (datetime(1997, 9, 30, 12), 35703.5),
    (pd.Timestamp("1997-09-30"), 35703.0), (np.datetime64("1997-09-30"), 35703.0), (date(1900, 1, 1), 1.0),
    (date(1900, 2, 28), 59.0), (date(1900, 3, 1), 61.0), (ErrorText("#DIV/0!"), ErrorText("#DIV/0!")),
]  # fmt: skip


@pytest.mark.parametrize(("written", "read"), ROUND_TRIPS, ids=[ascii(w) for w, _ in ROUND_TRIPS])
def test_a_value_arrives_as_it_was_meant(rich: Path, tmp_path: Path, written: object, read: object) -> None:
    package = Package.open(rich)
    package.write_block("My Settings", "C4", [[written]])
    package.save(tmp_path / "out.xlsx")
    after = Package.open(tmp_path / "out.xlsx")
    assert after.read_cell("My Settings", "C4") == read
    assert type(after.read_cell("My Settings", "C4")) is type(read)
    assert after.read_formula("My Settings", "C4") is None
    assert re.search(rb'<c r="C4" s="\d+"', parts(tmp_path / "out.xlsx")[SETTINGS]), "the cell has lost its style"
    assert lint(tmp_path / "out.xlsx") == []


def test_what_no_cell_can_hold_is_refused_by_name(rich: Path) -> None:
    package = Package.open(rich)
    for value, reason in [(float("inf"), "infinite"), ("x" * 32768, "32,767"), (b"raw", "bytes"), ([1], "list")]:
        with pytest.raises(InputError, match=rf"My Settings!C4: .*{reason}"):
            package.write_block("My Settings", "C4", [[value]])
    with pytest.raises(InputError, match="1000-01-01"):
        package.write_block("My Settings", "C4", [[date(1000, 1, 1)]])
    with pytest.raises(InputError, match="does not fit"):
        package.write_block("My Settings", "C1048576", [[1], [2]])


def test_the_longest_text_is_written(rich: Path, tmp_path: Path) -> None:
    package = Package.open(rich)
    package.write_block("My Settings", "B2", [["x" * 32767]])
    package.save(tmp_path / "out.xlsx")
    assert clean(tmp_path / "out.xlsx")


def test_a_workbook_of_1904_gets_its_own_serials(tmp_path: Path) -> None:
    path = build(tmp_path / "1904.xlsx", date1904=True)
    package = Package.open(path)
    assert package.date1904
    package.write_block("My Settings", "C6", [[date(1997, 9, 30)]])
    package.save(path)
    assert Package.open(path).read_cell("My Settings", "C6") == 34241.0  # 35703 less the 1,462 days between the systems
    assert Package.open(fill(path, ["a"])).read_table("Customers")[0][2] == 34149.0  # 30 June, 92 days earlier


@pytest.mark.parametrize("column", [*"ABCDEFGHIJKL", "XFD"])
def test_a_cell_written_anywhere_in_a_row_spares_its_neighbours(rich: Path, tmp_path: Path, column: str) -> None:
    package = Package.open(rich)
    [before] = package.read_range("Customers", "A8:L8")
    package.write_block("Customers", f"{column}8", [["new"]])
    package.save(tmp_path / "written.xlsx")
    [after] = Package.open(tmp_path / "written.xlsx").read_range("Customers", "A8:L8")
    expected = {**dict(zip("ABCDEFGHIJKL", before, strict=True)), column: "new"}
    assert dict(zip("ABCDEFGHIJKL", after, strict=True)) == {place: expected[place] for place in "ABCDEFGHIJKL"}
    assert Package.open(tmp_path / "written.xlsx").read_cell("Customers", f"{column}8") == "new"
    assert lint(tmp_path / "written.xlsx") == []


def test_keep_leaves_a_cell_and_a_block_writes_around_it(rich: Path, tmp_path: Path) -> None:
    package = Package.open(rich)
    package.write_block("My Settings", "B4", [["label", KEEP, 3], ["label 2", KEEP]])
    package.save(tmp_path / "out.xlsx")
    after = Package.open(tmp_path / "out.xlsx")
    assert after.read_range("My Settings", "B4:D5") == [["label", 0.1, 3.0], ["label 2", 0.2, None]]
    assert after.read_formula("My Settings", "C5") == "My_Rate * 2"
    assert clean(tmp_path / "out.xlsx")


def test_a_name_takes_a_value_or_rows(rich: Path) -> None:
    package = Package.open(rich)
    package.write_name("block", [[1, 2], [3]])
    package.write_name("Anchor", [["a", "b"], ["c", "d"]])
    assert package.read_name("Block") == [[1.0, 2.0], [3.0, None]]
    assert package.read_range("My Settings", "G2:H3") == [["a", "b"], ["c", "d"]]
    with pytest.raises(InputError, match="3 x 1 values do not fit"):
        package.write_name("Block", [[1], [2], [3]])


@pytest.mark.parametrize(
    ("value", "kind"), [(0.5, b'><f>My_Rate * 2</f><v>0.5</v>'), ("a<b", b' t="str"><f>My_Rate * 2</f><v>a&lt;b</v>'),
                        (True, b' t="b"><f>My_Rate * 2</f><v>1</v>'), (None, b"><f>My_Rate * 2</f></c>"),
                        (ErrorText("#N/A"), b' t="e"><f>My_Rate * 2</f><v>#N/A</v>')],
)  # fmt: skip
def test_a_cached_value_leaves_the_formula_in_place(rich: Path, tmp_path: Path, value: object, kind: bytes) -> None:
    package = Package.open(rich)
    assert package.write_block("My Settings", "C5", [[Cached(value, "= my_rate*2")]]) == []
    package.save(tmp_path / "out.xlsx")
    assert kind in parts(tmp_path / "out.xlsx")[SETTINGS]
    assert clean(tmp_path / "out.xlsx")


def test_the_users_own_formula_stays_and_is_left_to_be_calculated(rich: Path, tmp_path: Path) -> None:
    package = Package.open(rich)
    found = package.write_block("My Settings", "C5", [[Cached(1, "My_Rate*3")]])
    assert found == package.overridden == [Overridden("My Settings", "C5", "My_Rate*3", "=My_Rate * 2")]
    package.save(tmp_path / "out.xlsx")
    assert b"<f>My_Rate * 2</f></c>" in parts(tmp_path / "out.xlsx")[SETTINGS]


def test_a_value_typed_over_a_formula_survives_and_is_reported(rich: Path) -> None:
    package = Package.open(rich)
    found = package.write_block("My Settings", "C4", [[Cached(9, "A1")], [KEEP], [KEEP], [Cached(1, "A1")]])
    assert [(o.ref, o.found) for o in found] == [("C4", 0.1), ("C7", None)]
    assert package.read_cell("My Settings", "C4") == 0.1


def test_overwriting_the_head_of_a_shared_formula_spares_the_others(rich: Path, tmp_path: Path) -> None:
    shared = ('<c r="C5"><f t="shared" ref="C5:C7" si="0">C4*2+$C$4&amp;"C4"</f><v>1</v></c></row>'
              '<row r="6"><c r="C6"><f t="shared" si="0"/><v>2</v></c></row>')  # fmt: skip
    edit(rich, SETTINGS, lambda t: re.sub(r'<c r="C5".*?</row><row r="6".*?</row>', shared, t))
    package = Package.open(rich)
    assert package.read_formula("My Settings", "C6") == 'C5*2+$C$4&"C4"'
    package.write_block("My Settings", "C5", [[7]])
    package.save(tmp_path / "out.xlsx")
    assert Package.open(tmp_path / "out.xlsx").read_formula("My Settings", "C6") == 'C5*2+$C$4&"C4"'
    assert clean(tmp_path / "out.xlsx")


# --- other writers' files --------------------------------------------------------------------------------------------


def prefixed(text: str) -> str:
    text = re.sub(r"<(/?)(?!\w+:|\?|/)", r"<\1x:", text)
    return text.replace('xmlns="', 'xmlns:x="')


@pytest.mark.parametrize(
    "change",
    [
        prefixed,
        lambda t: t.replace("<sheetData>", "<sheetData><!-- here -->").replace("<row ", "\n  <row "),
        lambda t: re.sub(r'<c r="(\w+)" s="(\d+)"', r"""<c s='\2' r='\1'""", t),
    ],
    ids=["prefixes", "comments and spaces", "other order and quotes"],
)
def test_sheets_of_unusual_writers_are_read_and_filled(rich: Path, tmp_path: Path, change) -> None:
    usual = Package.open(fill(rich, ["c1", "c9"], tmp_path / "usual.xlsx"))
    values = Package.open(rich).read_table("Customers")
    edit(rich, CUSTOMERS, change)
    assert Package.open(rich).read_table("Customers") == values
    filled = Package.open(fill(rich, ["c1", "c9"], tmp_path / "unusual.xlsx"))
    assert filled.read_range("Customers", "A1:K12") == usual.read_range("Customers", "A1:K12")
    assert clean(tmp_path / "unusual.xlsx")


def test_cells_and_rows_without_references_count_from_the_left_and_top(rich: Path) -> None:
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    first = '<row><c t="inlineStr"><is><t>a</t></is></c><c><v>2</v></c></row>'
    rows = first + '<row r="4"><c r="C4"><v>3</v></c><c><v>4</v></c></row>'
    edit(rich, SETTINGS, lambda _: f"<worksheet {main}><sheetData>{rows}</sheetData></worksheet>")
    package = Package.open(rich)
    assert package.read_range("My Settings", "A1:B1") == [["a", 2.0]]
    assert package.read_range("My Settings", "C4:D4") == [[3.0, 4.0]]


def test_a_part_in_utf_16_is_read(rich: Path) -> None:
    content = parts(rich)[SETTINGS].decode().replace("UTF-8", "UTF-16").encode("utf-16")
    edit(rich, SETTINGS, lambda t: t + " ")
    write_part(rich, SETTINGS, content)
    assert Package.open(rich).read_name("My_Rate") == 0.1


# --- opening and saving ----------------------------------------------------------------------------------------------


def test_what_is_no_workbook_is_refused_with_a_remedy(rich: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    with pytest.raises(InputError, match="there is no such file"):
        Package.open(bad)
    with pytest.raises(InputError, match="a folder"):
        Package.open(tmp_path)
    for content, reason in [
        (b"", "not an .xlsx workbook"), (b"customer,date\n", "not an .xlsx workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password"), (rich.read_bytes()[:-2000], "damaged"),
    ]:  # fmt: skip
        bad.write_bytes(content)
        with pytest.raises(InputError, match=reason):
            Package.open(bad)
    strict = build(tmp_path / "strict.xlsx")
    edit(strict, BOOK, lambda t: t.replace("http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                                           "http://purl.oclc.org/ooxml/spreadsheetml/main"))  # fmt: skip
    with pytest.raises(InputError, match="Strict Open XML"):
        Package.open(strict)
    broken = build(tmp_path / "broken.xlsx")
    edit(broken, BOOK, lambda t: t[:-20])
    with pytest.raises(InputError, match=r"damaged \(xl/workbook.xml"):
        Package.open(broken)


def test_a_flipped_byte_is_found_out(rich: Path) -> None:
    content = bytearray(rich.read_bytes())
    place = content.index(b"xl/worksheets/sheet1.xml") + 200
    content[place] ^= 0xFF
    rich.write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        Package.open(rich)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(OSError(errno.ENOSPC, "no space"), "the disk is full"), (PermissionError(13, "denied"), "Close it in Excel"),
     (OSError(errno.EIO, "broken"), "could not be saved")],
)  # fmt: skip
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_save_leaves_the_target_as_it_was(rich: Path, monkeypatch, error, sentence: str, step: str) -> None:
    package = Package.open(rich)
    package.write_name("My_Rate", 0.5)
    before, there = rich.read_bytes(), sorted(rich.parent.iterdir())

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, step, fails)
    with pytest.raises(InputError, match=sentence):
        package.save(rich)
    monkeypatch.undo()
    assert rich.read_bytes() == before
    assert sorted(rich.parent.iterdir()) == there
    package.save(rich)
    assert Package.open(rich).read_name("My_Rate") == 0.5


def test_a_value_refused_while_saving_leaves_the_target_as_it_was(rich: Path) -> None:
    package = Package.open(rich)
    package.fill_table("Customers", {ID: ["a", "b"], VALUE: [1.0, float("inf")]}, 2, keep_by=ID)
    before, there = rich.read_bytes(), sorted(rich.parent.iterdir())
    with pytest.raises(InputError, match="Customers!C7: the value is infinite"):
        package.save(rich)
    assert rich.read_bytes() == before
    assert sorted(rich.parent.iterdir()) == there


def test_saving_into_a_folder_or_nowhere_is_an_input_error(rich: Path, tmp_path: Path) -> None:
    package = Package.open(rich)
    with pytest.raises(InputError, match="this is a folder"):
        package.save(tmp_path)
    with pytest.raises(InputError, match="the folder does not exist"):
        package.save(tmp_path / "no" / "where.xlsx")


def test_a_link_to_the_workbook_stays_a_link_and_permissions_stay(rich: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.xlsx"
    link.symlink_to(rich)
    rich.chmod(0o640)
    package = Package.open(link)
    package.write_name("My_Rate", 0.3)
    package.save(link)
    assert link.is_symlink()
    assert rich.stat().st_mode & 0o777 == 0o640
    assert Package.open(rich).read_name("My_Rate") == 0.3


def test_the_mark_of_an_open_workbook_is_seen(rich: Path) -> None:
    assert not is_open_elsewhere(rich)
    mark = rich.parent / "~$rich.xlsx"
    mark.touch()
    assert is_open_elsewhere(rich)
    mark.unlink()
    (rich.parent / ".~lock.rich.xlsx#").touch()
    assert is_open_elsewhere(str(rich))


def test_other_readers_see_what_was_written(rich: Path) -> None:
    filled = fill(rich, ["=1+1", "007", "c1"])
    table = fastexcel.read_excel(filled).load_table("Customers").to_pandas()
    assert table[ID].tolist() == ["=1+1", "007", "c1"]
    assert table[VALUE].tolist() == [0.0, 1.5, 3.0]
    assert table[DOUBLE].tolist() == [0.0, 3.0, 6.0]
    assert table[NOTE].tolist()[2] == "note 1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says which extensions it does not read
        sheet = openpyxl.load_workbook(filled)["Customers"]
    assert [(sheet[f"B{r}"].value, sheet[f"B{r}"].data_type) for r in (6, 7)] == [("=1+1", "s"), ("007", "s")]
    assert sheet["D6"].value == datetime(1997, 6, 30)
    assert sheet["C8"].number_format == "#,##0.00"


# --- LibreOffice -----------------------------------------------------------------------------------------------------


def test_libreoffice_calculates_what_was_filled(rich: Path, tmp_path: Path, libreoffice: LibreOffice) -> None:  # noqa: F811
    ids = ["=1+1", "c2", "@SUM(A1)", "c0"]
    cells = libreoffice.cells(fill(rich, ids))
    customers, settings = cells["Customers"], cells["My Settings"]
    assert [customers[f"B{r}"].value for r in range(6, 10)] == ids
    assert [customers[f"B{r}"].formula for r in range(6, 10)] == [""] * 4
    assert [customers[f"E{r}"].value for r in range(6, 10)] == [0.0, 3.0, 6.0, 9.0]
    assert customers["I2"].value == settings["E4"].value == 9.0
    assert customers["J2"].value == 4.0
    assert customers["G7"].value == pytest.approx(1.5 * 3 + 0.1)
    assert customers["D6"].text == "30-Jun-1997"
    assert settings["B9"].error == "#N/A"
    assert not [ref for ref, cell in customers.items() if cell.error]


def test_the_filled_workbook_prints(rich: Path, tmp_path: Path, libreoffice: LibreOffice) -> None:  # noqa: F811
    pages = libreoffice.pages(fill(rich, ["a", "b"]), tmp_path)
    assert len(pages) >= 3
    assert all(page.stat().st_size > 1000 for page in pages)


def test_a_workbook_saved_by_libreoffice_is_filled(rich: Path, tmp_path: Path, libreoffice: LibreOffice) -> None:  # noqa: F811
    other = libreoffice.saved_as_xlsx(rich)
    filled = fill(other, ["c2", "=1+1", "c0"], tmp_path / "out.xlsx")
    assert lint(filled) == []
    assert set(validate(filled)) <= set(validate(other))
    cells = libreoffice.cells(filled)["Customers"]
    assert [cells[f"B{r}"].value for r in (6, 7, 8)] == ["c2", "=1+1", "c0"]
    assert [cells[f"E{r}"].value for r in (6, 7, 8)] == [0.0, 3.0, 6.0]
    assert [cells[f"F{r}"].value for r in (6, 8)] == ["note 2", "note 0"]
