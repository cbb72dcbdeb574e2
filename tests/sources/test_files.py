import pathlib

import openpyxl
import pytest

from pyfuncs.analysis.columns import kind_of
from pyfuncs.analysis.log import account, read_log
from pyfuncs.errors import InputError
from pyfuncs.sources import read_table

TEXT = "customer_id,date,amount\n007,2021-01-05,12.50\n8,2021-01-06,3\n"


@pytest.mark.parametrize("ending", ["csv", "CSV", "txt", "tsv"])
def test_a_text_file_is_read(tmp_path, ending):
    path = tmp_path / f"log.{ending}"
    path.write_text(TEXT)
    table = read_table(path)
    assert (table.name, table.first_row, len(table.frame)) == (f"log.{ending}", 2, 2)
    assert read_table(str(path)).frame.equals(table.frame)


@pytest.mark.parametrize("ending", ["xlsx", "xlsm"])
def test_a_workbook_is_read(tmp_path, ending):
    path = tmp_path / f"log.{ending}"
    workbook = openpyxl.Workbook()
    for line in TEXT.splitlines():
        workbook.active.append(line.split(","))
    workbook.save(path)
    assert read_table(path).frame["customer_id"].tolist() == ["007", "8"]


def test_from_file_to_account(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("Sales\n\n" + TEXT + "\n9,soon,4\n")
    table = read_table(path, recognise=lambda headers: kind_of(headers) == "transactions")
    lines = account(read_log(table.frame, first_row=table.first_row)).set_index("reason")
    assert lines.loc["used"].tolist() == [2, 15.5, 4]
    assert lines.loc["blank row", "first_row"] == 6
    assert lines.loc["unreadable date", "first_row"] == 7


def test_no_such_file(tmp_path):
    with pytest.raises(InputError, match=r"gone\.csv: there is no such file; check its name and folder"):
        read_table(tmp_path / "gone.csv")


@pytest.mark.parametrize("name", ["folder", "folder.csv"])
def test_a_folder(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match="this is a folder; name a file in it"):
        read_table(tmp_path / name)


@pytest.mark.parametrize("name", ["log.pdf", "log.numbers", "log"])
def test_an_unknown_ending(tmp_path, name):
    (tmp_path / name).write_text(TEXT)
    with pytest.raises(
        InputError, match=r'files ending in "[.a-z]*" cannot be read; save it as one of \.csv, .*\.xlsx'
    ):
        read_table(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"  \n \n"])
@pytest.mark.parametrize("name", ["log.csv", "log.xlsx"])
def test_an_empty_file(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="the file is empty; export the transactions again"):
        read_table(tmp_path / name)


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (PermissionError(13, "Permission denied"), "may not be read; close it in other programs"),
        (OSError(5, "Input/output error"), r"cannot be read \(Input/output error\); copy it to this computer"),
    ],
)
def test_a_file_that_cannot_be_opened(tmp_path, monkeypatch, problem, sentence):
    path = tmp_path / "log.csv"
    path.write_text(TEXT)

    def fail(self):
        raise problem

    monkeypatch.setattr(pathlib.Path, "read_bytes", fail)
    with pytest.raises(InputError, match=sentence):
        read_table(path)


def test_a_text_file_has_no_sheets(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(TEXT)
    with pytest.raises(InputError, match="a text file has no sheets and no tables"):
        read_table(path, sheet="Data")
