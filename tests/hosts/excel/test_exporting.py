"""A copy of the open workbook without formulas: where it goes, what is asked, and that the workbook stays as it is."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from pyfuncs.errors import InputError
from pyfuncs.hosts.excel import exporting, session
from pyfuncs.hosts.excel.conversation import NO, YES, Ask, Input, Progress
from pyfuncs.hosts.excel.exporting import chosen_path, closing, default_path, export_values
from pyfuncs.workbook.package import Package
from pyfuncs.workbook.values_only import Summary
from tests.support import calc_api
from tests.support.calc_engine import open_in_calc
from tests.support.conversations import drive
from tests.support.lint import lint
from tests.support.rich_workbook import build, parts

XLSX, XLSM, XLSB = 51, 52, 50


# --- paths -----------------------------------------------------------------------------------------------------------


def test_the_copy_goes_beside_a_workbook_of_this_computer(tmp_path: Path) -> None:
    beside = tmp_path / "Plan v1.2.xlsx"
    assert default_path("Plan v1.2.xlsx", str(beside), ".xlsx", Path("/d")) == tmp_path / "Plan v1.2 - values.xlsx"
    macros = tmp_path / "Plan.XLSM"
    assert default_path("Plan.XLSM", str(macros), ".xlsm", Path("/d")) == tmp_path / "Plan - values.xlsm"


@pytest.mark.parametrize(
    ("name", "full_name", "stem"),
    [
        ("Plan.xlsx", "https://d.docs.live.net/0123456789abcdef/Documents/Plan.xlsx", "Plan"),
        ("Plan%20B.xlsx", "https://company.sharepoint.com/sites/Team/Plan%20B.xlsx", "Plan B"),
        ("Book1", "Book1", "Book1"),
        ("Focal template1", "Focal template1", "Focal template1"),
        ("Plan 50%20.xlsx", "/no such folder/Plan 50%20.xlsx", "Plan 50%20"),
    ],
    ids=["OneDrive", "SharePoint", "never saved", "from the template", "folder gone"],
)
def test_otherwise_it_goes_to_the_documents(name: str, full_name: str, stem: str) -> None:
    assert default_path(name, full_name, ".xlsx", Path("/documents")) == Path(f"/documents/{stem} - values.xlsx")


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ("", "a - values.xlsx"),
        ("  ", "a - values.xlsx"),
        ("b.xlsx", "b.xlsx"),
        ("b", "b.xlsx"),
        ("b.XLSX", "b.XLSX"),
        ("report v1.2", "report v1.2.xlsx"),
        ("b.xlsm", "b.xlsx"),
        ('"b c.xlsx"', "b c.xlsx"),
        ("sub", "sub/a - values.xlsx"),
    ],
)
def test_a_name_alone_stays_in_the_folder_and_gets_the_suffix_of_the_format(tmp_path: Path, answer, path) -> None:
    (tmp_path / "sub").mkdir()
    assert chosen_path(answer, tmp_path / "a - values.xlsx") == tmp_path / path


def test_a_whole_path_stands_for_itself_and_a_web_address_is_refused(tmp_path: Path) -> None:
    assert chosen_path(str(tmp_path / "x" / "b.xlsx"), Path("/d/a.xlsx")) == tmp_path / "x" / "b.xlsx"
    with pytest.raises(InputError, match="web address"):
        chosen_path("https://company.sharepoint.com/b.xlsx", Path("/d/a.xlsx"))


def test_the_documents_are_excels_own_folder_or_the_users(tmp_path: Path, monkeypatch) -> None:
    def documents(folder: str) -> Path:
        return session.documents(SimpleNamespace(api=SimpleNamespace(DefaultFilePath=folder)))

    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    excels = tmp_path / "Excel"
    excels.mkdir()
    assert documents(str(excels)) == excels
    assert documents("") == documents(str(tmp_path / "gone")) == tmp_path
    (tmp_path / "Documents").mkdir()
    assert documents("") == tmp_path / "Documents"


# --- the closing sentence --------------------------------------------------------------------------------------------


def test_the_closing_says_what_happened() -> None:
    said = closing(Path("/d/a.xlsx"), Summary(1234, 0, (), (), (), ()), manual=False)
    assert said == "1,234 formulas became values: /d/a.xlsx"
    more = Summary(1, 7, ("S!A1", "S!A2"), ("Scores",), ("Focal.xlam",), ("rates.xlsx",))
    assert closing(Path("/d/a.xlsx"), more, manual=True).splitlines() == [
        "1 formula became a value: /d/a.xlsx",
        "7 had never been calculated; their cells are empty: S!A1, S!A2 and others.",
        "Excel calculates by hand here (Formulas > Calculation Options), so values are those of last time.",
        "Names that call Focal show #NAME? in the copy: Scores.",
        "Names, charts or formats of the copy still refer to: rates.xlsx.",
    ]


# --- the open workbook -----------------------------------------------------------------------------------------------


@pytest.fixture
def in_excel(monkeypatch, tmp_path: Path):
    """What Excel knows of the open workbook and Calc does not; change the members before the command runs."""
    facts = {"FileFormat": XLSX, "HasPassword": False, "FullName": None}
    for member in facts:
        monkeypatch.setattr(
            calc_api.BookApi,
            member,
            property(lambda self, member=member: facts[member] or (self._book.fullname if member == "FullName" else 0)),
            raising=False,
        )
    monkeypatch.setattr(calc_api.AppApi, "DefaultFilePath", str(tmp_path), raising=False)
    return facts


def test_a_copy_is_made_and_the_workbook_stays_as_it_is(libreoffice, small, tmp_path, in_excel) -> None:
    target = tmp_path / "given to others.xlsx"
    with open_in_calc(libreoffice, small) as book:
        sheet = book.sheets["Segments"]
        formulas, events = sheet.used_range.formula, book.app.enable_events
        said, last = drive(export_values(book.app), str(target))
        assert sheet.used_range.formula == formulas
        assert book.app.enable_events == events
        assert Path(book.fullname).name == "small.xlsx"
        shown = {name: book.sheets[name].used_range.raw_value for name in ("Segments", "Concentration", "Model")}
        tops = {name: book.sheets[name].used_range.address for name in shown}
    asked = [message for message in said if not isinstance(message, Progress)]
    assert [type(message) for message in asked] == [Input]
    assert asked[0].default.endswith("small - values.xlsx")
    assert re.match(r"\d,\d{3} formulas became values: ", last)
    assert str(target) in last
    assert lint(target) == []
    with open_in_calc(libreoffice, target) as copy:
        for name, rows in shown.items():
            assert same(copy.sheets[name].range(tops[name]).raw_value, rows)
            assert not any(str(cell).startswith("=") for row in copy.sheets[name].used_range.formula for cell in row)


def same(one, other) -> bool:
    """Whether two grids hold the same; numbers may differ by how they were rounded when calculated anew."""
    pairs = [pair for rows in zip(one, other, strict=True) for pair in zip(*rows, strict=True)]
    return all(a == pytest.approx(b, rel=1e-12) if isinstance(a, float) else a == b for a, b in pairs)


def test_an_existing_file_is_replaced_only_when_asked_for(libreoffice, tmp_path: Path, in_excel) -> None:
    source = build(tmp_path / "rich.xlsx")
    there, other = tmp_path / "there.xlsx", tmp_path / "other.xlsx"
    there.write_bytes(b"mine")
    with open_in_calc(libreoffice, source) as book:
        said, _ = drive(export_values(book.app), str(there), NO, str(other))
        assert there.read_bytes() == b"mine"
        assert [type(message) for message in said[:3]] == [Input, Ask, Input]
        assert said[2].default == str(there)
        drive(export_values(book.app), str(there), YES)
    assert lint(there) == lint(other) == []
    assert Package.open(there).read_name("My_Rate") == 0.1


def test_the_default_is_taken_for_an_empty_answer(libreoffice, tmp_path: Path, in_excel) -> None:
    in_excel["FullName"] = "https://company.sharepoint.com/sites/Team/rich.xlsx"
    with open_in_calc(libreoffice, build(tmp_path / "rich.xlsx")) as book:
        drive(export_values(book.app), "")
    assert (tmp_path / "rich - values.xlsx").exists()


def test_the_temporary_copy_is_gone_even_when_stopped(libreoffice, tmp_path: Path, monkeypatch, in_excel) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(exporting.tempfile, "mkdtemp", lambda **_: str(folder))
    with open_in_calc(libreoffice, build(tmp_path / "rich.xlsx")) as book:
        conversation = export_values(book.app)
        next(conversation)
        conversation.send(str(tmp_path / "copy.xlsx"))
        next(conversation)
        assert list(folder.iterdir())
        conversation.close()
        assert not folder.exists()
        assert book.app.enable_events is True
    assert not (tmp_path / "copy.xlsx").exists()


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"FileFormat": XLSB}, r"File > Save As\), and export again"),
        ({"FileFormat": 56}, "Excel Workbook"),
        ({"HasPassword": True}, "Take the password off"),
    ],
)
def test_formats_it_cannot_read_are_refused_with_a_remedy(libreoffice, tmp_path, in_excel, facts, reason: str) -> None:
    in_excel.update(facts)
    with open_in_calc(libreoffice, build(tmp_path / "rich.xlsx")) as book, pytest.raises(InputError, match=reason):
        drive(export_values(book.app))


def test_a_workbook_with_macros_keeps_its_suffix(libreoffice, tmp_path: Path, in_excel) -> None:
    in_excel["FileFormat"] = XLSM
    with open_in_calc(libreoffice, build(tmp_path / "rich.xlsx")) as book:
        said, _ = drive(export_values(book.app), str(tmp_path / "copy.xlsx"))
    assert said[0].default.endswith("rich - values.xlsm")
    assert (tmp_path / "copy.xlsm").exists()


def test_the_workbook_itself_is_never_the_target(libreoffice, tmp_path: Path, in_excel) -> None:
    with open_in_calc(libreoffice, build(tmp_path / "rich.xlsx")) as book:
        in_excel["FullName"] = str(tmp_path / "rich.xlsx")
        before = parts(tmp_path / "rich.xlsx")
        with pytest.raises(InputError, match="the workbook itself"):
            drive(export_values(book.app), str(tmp_path / "rich.xlsx"))
    assert parts(tmp_path / "rich.xlsx") == before


def test_what_goes_wrong_is_said_of_the_workbook_not_of_the_temporary_copy(
    libreoffice, tmp_path: Path, monkeypatch, in_excel
) -> None:
    with open_in_calc(libreoffice, build(tmp_path / "rich.xlsx")) as book:
        with pytest.raises(InputError, match="the folder does not exist"):
            drive(export_values(book.app), str(tmp_path / "no" / "copy.xlsx"))
        monkeypatch.setattr(calc_api.BookApi, "SaveCopyAs", lambda _, path: Path(path).write_bytes(b"\xd0\xcf\x11\xe0"))
        with pytest.raises(InputError, match=r"^rich\.xlsx: the file is protected"):
            drive(export_values(book.app), str(tmp_path / "copy.xlsx"))

        def refuses(*_: object) -> None:
            raise calc_api.ComError("no access")

        monkeypatch.setattr(calc_api.BookApi, "SaveCopyAs", refuses)
        with pytest.raises(InputError, match=r"Excel did not save a copy of rich\.xlsx"):
            drive(export_values(book.app), str(tmp_path / "copy.xlsx"))
    assert not (tmp_path / "copy.xlsx").exists()


def test_on_a_mac_it_says_where_it_works(monkeypatch) -> None:
    monkeypatch.setattr(exporting.sys, "platform", "darwin")
    with pytest.raises(InputError, match="Excel for Windows"):
        drive(export_values(None))
