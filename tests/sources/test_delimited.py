import csv
import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyfuncs.errors import InputError
from pyfuncs.sources.delimited import irregular_columns, read_delimited, regular_columns

HEADER = ["customer_id", "date", "amount"]


def read(text, encoding="utf-8", **options):
    return read_delimited(text.encode(encoding), "log.csv", **options)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_delimiter_is_found(delimiter, end):
    table = read(end.join(delimiter.join(row) for row in (HEADER, ["007", "2021-01-05", "12.50"], ["8", "", "3"])))
    assert table.frame.columns.tolist() == HEADER
    assert table.frame.iloc[0].tolist() == ["007", "2021-01-05", "12.50"]
    assert table.frame["date"].isna().tolist() == [False, True]
    assert table.first_row == 2


def test_decimal_commas_between_semicolons_stay():
    assert read("id;date;amount\na;25.03.2021;1.234,56\nb;26.03.2021;3,5\n").frame["amount"].tolist() == [
        "1.234,56",
        "3,5",
    ]


def test_a_first_line_that_announces_the_delimiter_is_obeyed():
    table = read("sep=;\nid;date\n1,5;2021-01-05\n")
    assert table.frame["id"].tolist() == ["1,5"]
    assert table.first_row == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encoding_is_found(encoding):
    table = read("client,date,amount\nZoë,2021-01-05,€5\n", encoding)
    assert table.frame.columns.tolist() == ["client", "date", "amount"]
    assert table.frame.iloc[0].tolist() == ["Zoë", "2021-01-05", "€5"]


def test_words_that_pandas_takes_for_nothing_stay_text():
    assert read("id,date\nNA,2021-01-05\nNULL,nan\n").frame["id"].tolist() == ["NA", "NULL"]


def test_blank_rows_inside_stay_and_at_the_end_go():
    table = read("id,date\n1,2021-01-05\n\n2,2021-01-06\n,\n\n")
    assert table.frame["id"].tolist()[::2] == ["1", "2"]
    assert len(table.frame) == 3


def test_lines_above_the_header_are_passed_over_and_counted():
    table = read("Sales report\n\nid,date,amount\n1,2021-01-05,5\n")
    assert table.frame.columns.tolist() == ["id", "date", "amount"]
    assert table.first_row == 4


def test_line_breaks_inside_quotation_marks_are_part_of_a_cell():
    table = read('id,"order\ndate",note\n1,2021-01-05,"a\nb"\n2,2021-01-06,c\n')
    assert table.frame.columns.tolist() == ["id", "order\ndate", "note"]
    assert table.frame["note"].tolist() == ["a\nb", "c"]
    assert table.first_row == 2


def test_short_rows_and_a_delimiter_at_the_end_of_rows_are_forgiven():
    table = read("id,date,amount\n1,2021-01-05\n2,2021-01-06,5,\n")
    assert table.frame["amount"].isna().tolist() == [True, False]


@pytest.mark.parametrize("row", [1, 2, 30])
@pytest.mark.parametrize("extra", [",50", ",50,60,70"])
def test_a_row_wider_than_the_header_is_named(row, extra):
    lines = ["id,date,amount"] + [f"{n},2021-01-05,12" for n in range(40)]
    lines[row] += extra
    with pytest.raises(
        InputError, match=rf"log\.csv: row {row + 1} has more cells than the header row has names \(3\)"
    ):
        read("\n".join(lines))


def test_a_quotation_mark_never_closed_is_refused():
    with pytest.raises(InputError, match="quotation mark is opened and never closed"):
        read('id,date\n1,"2021-01-05\n2,2021-01-06\n')


@pytest.mark.parametrize("text", ["1,2021-01-05,5\n2,2021-01-06,5\n", "customer_id\n1\n2\n"])
def test_no_header_row_is_refused(text):
    with pytest.raises(InputError, match="no header row in its first 20 rows"):
        read(text)


def test_a_header_alone_gives_an_empty_table():
    assert read("id,date,amount\n").frame.shape == (0, 3)


def test_a_workbook_in_disguise_and_damaged_text_are_refused():
    with pytest.raises(InputError, match=r"this is a workbook, not text; give the file the ending \.xlsx"):
        read_delimited(b"PK\x03\x04....", "log.csv")
    with pytest.raises(InputError, match="damaged or not text"):
        read_delimited(b"id,date\n1,\0\0\0", "log.csv")


def test_a_recogniser_finds_its_row_below_another_that_looks_like_a_header():
    text = "region,owner\nnorth,Ann\nid,date\n1,2021-01-05\n"
    assert read(text, recognise=lambda cells: "date" in cells).first_row == 4


PLAIN = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r\n", exclude_categories=["Cs", "Zl", "Zp"]), max_size=8
)


@given(st.lists(st.tuples(PLAIN, PLAIN, PLAIN), min_size=1, max_size=10), st.sampled_from([",", ";", "\t", "|"]))
def test_what_a_csv_writer_wrote_is_read_back(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.mktemp("csv") / "log.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([HEADER, ["start", "2021-01-05", "5"], *rows, ["end", "2021-01-05", "5"]])
    table = read_delimited(path.read_bytes(), "log.csv")
    cells = table.frame.astype(object).where(table.frame.notna(), "")
    assert [tuple(row) for row in cells.to_numpy()[1:-1]] == rows
    assert all(isinstance(dtype, pd.StringDtype) for dtype in table.frame.dtypes)


PIECES = ["a", "b", "1", " ", ",", ",", ",", "\n", "\n", "\r\n", "\r", "é", "'"]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=14).map("".join))
def test_rows_of_one_width_are_read_fast_as_they_would_be_one_by_one(body):
    fast = regular_columns(body, ",", 2)
    if fast is not None:
        slow = irregular_columns(io.StringIO(body, newline=""), ",", 2, rows=0, name="log.csv")
        for one, other in zip(fast, slow, strict=True):
            pd.testing.assert_series_equal(one, other, check_names=False)


def test_rows_of_one_width_without_quotation_marks_are_read_fast():
    assert [column.tolist() for column in regular_columns("1,2\n3,4\n", ",", 2)] == [["1", "3"], ["2", "4"]]
    assert regular_columns("1,2\n3\n", ",", 2) is None
    assert regular_columns('1,"2\n', ",", 2) is None
