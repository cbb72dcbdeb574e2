import datetime as dt
import io
import re
import zipfile

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyfuncs.errors import InputError
from pyfuncs.sources.excel_tables import may_hold_truth_values
from pyfuncs.sources.spreadsheet import read_spreadsheet

HEADER = ["customer_id", "date", "amount"]


def book(*sheets, date_1904=False):
    """A workbook from (name, {(row, column): value}) pairs; a pair as value is a number and its format."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"date_1904": date_1904}) as workbook:
        for name, cells in sheets:
            sheet = workbook.add_worksheet(name)
            for (row, column), value in cells.items():
                _write(workbook, sheet, row, column, value)
    return content.getvalue()


def _write(workbook, sheet, row, column, value):
    if isinstance(value, tuple):
        sheet.write(row, column, value[0], workbook.add_format({"num_format": value[1]}))
    elif isinstance(value, str) and value.startswith("#"):
        sheet.write_formula(row, column, "=1", None, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write(row, column, value)


def grid(rows, row=0, column=0):
    return {
        (row + i, column + j): value for i, line in enumerate(rows) for j, value in enumerate(line) if value is not None
    }


def read(content, **options):
    return read_spreadsheet(content, "book.xlsx", **options)


def rewritten(content, change):
    """The workbook with a change made to the text of its first sheet."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part.endswith("/sheet1.xml") else old.read(part))
    return changed.getvalue()


def column(*values, date_1904=False):
    """One column of cells, read."""
    rows = [["customer_id", "cell"], *(["a", value] for value in values)]
    return read(book(("Data", grid(rows)), date_1904=date_1904)).frame["cell"].tolist()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "007"),
        (12346, "12346"),
        ((7, "00000"), "7"),
        (0.1, "0.1"),
        (1 / 3, "0.3333333333333333"),
        (1234567.891, "1234567.891"),
        (123456789012345, "123456789012345"),
        (-2.5, "-2.5"),
        ((12.3, "$#,##0.00"), "12.3"),
        ((0.5, "0 %"), "0.5"),
        ("0.5000", "0.5000"),
        ("1,234.50", "1,234.50"),
        (True, "true"),
        ("two\nlines", "two\nlines"),
        ((dt.datetime(1997, 1, 2), "yyyy-mm-dd"), "1997-01-02 00:00:00"),
        ((dt.datetime(1997, 1, 2, 13, 45, 12), "dd/mm/yyyy hh:mm"), "1997-01-02 13:45:12"),
        ((35432, "[$-407]d. mmmm yyyy"), "1997-01-02 00:00:00"),
        (35432, "35432"),
        (35432.25, "35432.25"),
        *((error, error) for error in ("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!")),
    ],
)
def test_each_kind_of_cell_becomes_its_exact_text(value, text):
    # the text cell beside it makes the column a mixed one, in which readers lose zeros, errors and digits
    assert column(value, "text", value) == [text, "text", text]


def test_dates_of_the_1904_system_are_right():
    moment = dt.datetime(1997, 1, 2, 12)
    assert column((moment, "yyyy-mm-dd"), "text", date_1904=True) == ["1997-01-02 12:00:00", "text"]
    assert column((moment, "yyyy-mm-dd"), date_1904=True) == [moment]


MOMENT = (dt.datetime(2021, 1, 5, 9, 30), "yyyy-mm-dd hh:mm")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ((5, None, 0.1), "float64"),
        ((1, 0, 2.5), "float64"),  # as truth values would be, but there are none
        ((MOMENT, None, MOMENT), "datetime64[ms]"),
        ((5, "", 0.25), "float64"),
        ((MOMENT, "", MOMENT), "datetime64[ms]"),
        ((True, False, None), "str"),
        ((True, 1, 0.5), "str"),
        ((5, "#DIV/0!", 0.5), "str"),
        ((MOMENT, "#N/A", "#NAME?"), "str"),
        ((MOMENT, 44_201), "str"),
        ((MOMENT, (0.5, "[h]:mm")), "str"),
        (((0.5, "[h]:mm"), (0.25, "[h]:mm")), "str"),
        ((1e15 + 2, 5), "str"),  # a number too long for Excel keeps its digits
        (("007", 7), "str"),
    ],
)
@pytest.mark.parametrize("place", [(0, 0), (3, 2)])
def test_a_column_of_one_kind_keeps_it_and_others_are_the_text_they_are_beside_text(cells, kind, place):
    def below(*values):
        rows = [["customer_id", "cell"], *(["a", value] for value in values)]
        return read(book(("Data", grid(rows, *place)))).frame["cell"]

    alone, beside = below(*cells), below(*cells, "text").iloc[:-1].replace("", None)
    assert alone.dtype == kind
    expected = pd.to_datetime(beside) if kind.startswith("datetime") else beside
    pd.testing.assert_series_equal(alone, expected.astype(kind))


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.floats(-1e12, 1e12).filter(lambda number: number == 0 or abs(number) > 1e-6), min_size=1, max_size=20)
)
def test_numbers_survive_to_the_last_digit(numbers):
    # Excel writes seventeen digits, XlsxWriter and openpyxl sixteen, so they are put into the file by hand; the text
    # makes it the mixed column in which digits get lost
    numbers = [19.990000000000002, 0.1 + 0.2, *numbers]
    marks = [7_000_001 + place for place in range(len(numbers))]
    content = book(("Data", grid([["customer_id", "cell"], *(["a", mark] for mark in marks), ["a", "text"]])))
    exact = {
        f"<v>{mark}</v>".encode(): f"<v>{number!r}</v>".encode() for mark, number in zip(marks, numbers, strict=True)
    }
    patched = rewritten(content, lambda part: re.sub(rb"<v>7\d{6}</v>", lambda match: exact[match[0]], part))
    assert [float(text) for text in read(patched).frame["cell"].tolist()[:-1]] == numbers


def test_row_numbers_are_those_of_the_sheet():
    rows = [HEADER, ["a", "2021-01-05", 5], [None] * 3, ["b", "2021-01-06", 6]]
    table = read(book(("Data", {(1, 1): "Report of sales", **grid(rows, row=5, column=1)})))
    assert table.first_row == 7
    assert table.frame.columns.tolist() == HEADER
    assert table.frame["customer_id"].isna().tolist() == [False, True, False]
    assert table.name == "book.xlsx, sheet Data"


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        (["id", "date", "id"], ["id (column 1)", "date", "id (column 3)"]),
        (["id", "date", "id_1"], ["id", "date", "id_1"]),
        (["id", "date", None], ["id", "date", "(column 3)"]),
        (["id", "date", 2021], ["id", "date", "2021"]),
        (["id", "date", " spent "], ["id", "date", "spent"]),
    ],
)
@pytest.mark.parametrize("place", [(0, 0), (1, 0), (4, 3)])
def test_headers_are_told_apart_wherever_the_table_stands(headers, names, place):
    content = book(("Data", grid([headers, ["a", "2021-01-05", 5], ["b", "2021-01-06", 6]], *place)))
    table = read(content, recognise=lambda cells: "date" in cells)
    assert table.frame.columns.tolist() == names
    assert table.frame.iloc[:, 2].tolist() == [5, 6]
    assert table.first_row == place[0] + 2


def test_a_row_that_repeats_a_header_is_a_row():
    table = read(book(("Data", grid([["id", "date"], ["id", "2021-01-05"], ["b", "2021-01-06"]]))))
    assert (table.first_row, table.frame["id"].tolist()) == (2, ["id", "b"])


def test_an_error_cell_below_and_beside_blanks_is_found_where_it_is():
    rows = [HEADER, ["a", "2021-01-05", 5], [None] * 3, ["b", "2021-01-06", "#DIV/0!"]]
    table = read(book(("Data", grid(rows, row=3, column=2))))
    assert table.frame["amount"].tolist()[::2] == ["5", "#DIV/0!"]


def test_formatted_but_empty_rows_at_the_end_are_not_read():
    cells = grid([HEADER, ["a", "2021-01-05", 5]])
    assert len(read(book(("Data", {**cells, (40, 0): (None, "yyyy-mm-dd")}))).frame) == 1


def test_the_sheet_with_a_recognised_header_row_is_taken():
    content = book(
        ("Cover", grid([["Made", "by"], ["us", "all"]])),
        ("Data", grid([HEADER, ["a", "2021-01-05", 5]])),
        ("More", grid([HEADER, ["b", "2021-01-05", 5]])),
    )
    assert read(content, recognise=lambda cells: "date" in cells).name == "book.xlsx, sheet Data"
    assert read(content).name == "book.xlsx, sheet Cover"
    assert read(content, recognise=lambda cells: False).name == "book.xlsx, sheet Cover"
    assert read(content, sheet="more").frame["customer_id"].tolist() == ["b"]


def test_a_sheet_that_is_not_there_lists_those_that_are():
    with pytest.raises(InputError, match=r'book\.xlsx: there is no sheet "Sales"; the sheets are "Cover", "Data"\.'):
        read(book(("Cover", {}), ("Data", {})), sheet="Sales")


def test_no_header_row_anywhere_is_refused():
    with pytest.raises(InputError, match='no header row in the first 20 rows of any sheet \\("Cover", "Data"\\)'):
        read(book(("Cover", {}), ("Data", grid([[1, 2], [3, 4]]))))
    with pytest.raises(InputError, match='of sheet "Cover"; put a row'):
        read(book(("Cover", {}), ("Data", {})), sheet="Cover")


def with_tables(*tables, corner=True):
    """A workbook with Excel Tables, each (name, sheet, row, column, rows, options)."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        workbook.add_worksheet("Cover").write(0, 0, "hello")
        for name, sheet, row, first, rows, options in tables:
            page = workbook.get_worksheet_by_name(sheet) or workbook.add_worksheet(sheet)
            if corner:
                page.write(0, 0, "note")
            last = row + len(rows) - 1 + bool(options.get("total_row"))
            columns = [{"header": header} for header in rows[0]]
            page.add_table(row, first, last, first + len(rows[0]) - 1, {"name": name, "columns": columns, **options})
            for (i, j), value in grid(rows[1:], row + 1, first).items():
                _write(workbook, page, i, j, value)
    return content.getvalue()


ROWS = [HEADER, ["007", (dt.datetime(2021, 1, 5), "yyyy-mm-dd"), 1 / 3], ["b", "2021-01-06", "#N/A"]]


@pytest.mark.parametrize("corner", [True, False])
@pytest.mark.parametrize(("row", "first"), [(0, 0), (4, 2)])
def test_an_excel_table_is_read_by_its_name(row, first, corner):
    content = with_tables(("tblSales", "Data", row, first, ROWS, {}), corner=corner)
    table = read(content, table="TBLSALES")
    assert table.name == "book.xlsx, table tblSales"
    assert table.first_row == row + 2
    assert table.frame.columns.tolist() == HEADER
    assert table.frame.to_numpy().tolist() == [
        ["007", "2021-01-05 00:00:00", "0.3333333333333333"],
        ["b", "2021-01-06", "#N/A"],
    ]


def test_what_stands_beside_and_below_a_table_is_not_in_it():
    content = with_tables(
        ("tblSales", "Data", 1, 0, ROWS, {"total_row": True}),
        ("tblOther", "Data", 1, 5, [["x", "y"], ["1", "2"], ["3", "4"], ["5", "6"]], {}),
    )
    assert read(content, table="tblSales").frame.shape == (2, 3)
    assert read(content, table="tblOther").frame["x"].tolist() == ["1", "3", "5"]


def test_an_empty_table_has_no_rows():
    content = with_tables(("tblSales", "Data", 1, 0, [HEADER, [None] * 3], {}))
    assert read(content, table="tblSales").frame.shape == (0, 3)


def test_a_table_of_openpyxl_is_read_too():
    workbook = openpyxl.Workbook()
    for row in (HEADER, ["a", "2021-01-05", 5]):
        workbook.active.append(row)
    workbook.active.add_table(openpyxl.worksheet.table.Table(displayName="tblSales", ref="A1:C2"))
    content = io.BytesIO()
    workbook.save(content)
    assert read(content.getvalue(), table="tblSales").frame.to_numpy().tolist() == [["a", "2021-01-05", 5.0]]


def test_a_table_that_is_not_there_lists_those_that_are():
    content = with_tables(("tblSales", "Data", 1, 0, ROWS, {}))
    with pytest.raises(InputError, match='there is no Excel Table "tblX"; the tables are "tblSales"'):
        read(content, table="tblX")
    with pytest.raises(InputError, match='there is no Excel Table "tblSales"; there are none'):
        read(content, table="tblSales", sheet="Cover")


@pytest.mark.parametrize(("cells", "there"), [(("TRUE", 1), False), ((True, 1), True)])
def test_truth_values_are_found_in_the_parts_of_the_file(cells, there):
    assert may_hold_truth_values(book(("Cover", {}), ("Data", grid([cells])))) is there
    assert may_hold_truth_values(b"no zip file")


def test_a_truth_value_is_found_where_it_spans_two_pieces():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * ((1 << 20) - 3) + b't="b"')
    assert may_hold_truth_values(content.getvalue())


@pytest.mark.parametrize("content", [b"PK\x03\x04 and then nothing", b"<html><table></table></html>", b"id,date\n"])
def test_a_damaged_workbook_is_refused(content):
    with pytest.raises(
        InputError, match=r"book\.xlsx: the workbook is damaged, protected or of another kind .*save it again"
    ):
        read(content)


def test_a_workbook_cut_short_is_refused():
    content = book(("Data", grid([HEADER, ["a", "2021-01-05", 5]])))
    for share in (0.2, 0.6, 0.95):
        with pytest.raises(InputError, match="the workbook is damaged"):
            read(content[: int(share * len(content))])


def test_a_workbook_with_a_broken_sheet_is_refused():
    content = book(("Data", grid([HEADER, ["a", "2021-01-05", 5]])))
    with pytest.raises(InputError, match=r"damaged|nothing|no header"):
        read(rewritten(content, lambda part: part[:200]))


def test_a_workbook_with_a_password_says_so():
    with pytest.raises(InputError, match="protected by a password; open it in Excel and save it without one"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096))
