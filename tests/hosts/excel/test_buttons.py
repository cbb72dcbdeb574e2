"""The small buttons, and every button as a Mac runs it; Check data reads workbooks that are open in LibreOffice."""

import datetime as dt
import platform
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit
from urllib.request import url2pathname

import openpyxl
import pytest
import xlwings as xw

from pyfuncs import __version__
from pyfuncs.analysis.log import READ, USED, account
from pyfuncs.errors import InputError
from pyfuncs.hosts.excel import buttons, commands
from pyfuncs.hosts.excel.buttons import about, check, doctor, help_page, template
from pyfuncs.hosts.excel.conversation import NO, YES, Ask, Input, Progress
from pyfuncs.hosts.headless import read_rows, template_path
from pyfuncs.hosts.installation import machine as machine_module
from pyfuncs.hosts.installation.install import install
from pyfuncs.hosts.installation.machine import place
from pyfuncs.workbook.package import Package
from pyfuncs.workbook.parts import setting_name
from pyfuncs.workbook.read import is_focal_workbook, read_workbook
from tests.support.calc_engine import open_in_calc, saved_as
from tests.support.computer import computer
from tests.support.conversations import drive

ROOT = Path(__file__).parents[3]
TODAY = dt.datetime.combine(dt.date.today(), dt.time())


# ---- Check data ----


def everything(book):
    """All that a user sees and could lose: formulas and values of every sheet, the sheet in front, the selection."""
    cells = {
        sheet.name: (sheet.used_range.address, sheet.used_range.formula,
                     sheet.used_range.options(ndim=2, err_to_str=True).value)
        for sheet in book.sheets
    }  # fmt: skip
    return cells, book.sheets.active.name, book.app.selection.address, book.app.calculation, book.app.status_bar


def accounted(path, now=TODAY):
    """Rows read, used and set aside, and the reasons with rows and first row, as the headless refit counts a file."""
    typed = read_workbook(Package.open(path))
    lines = account(read_rows(typed.log, typed.first_row, typed.settings, typed.columns, now)).to_dict("records")
    rows = {line["reason"]: line["rows"] for line in lines}
    reasons = {line["reason"]: (line["rows"], line["first_row"]) for line in lines if line["rows"]}
    return (rows[READ], rows[USED], rows[READ] - rows[USED]), without(reasons, READ, USED)


def without(reasons, *names):
    return {name: line for name, line in reasons.items() if name not in names}


def counted(closing):
    """The same as Check data says it."""
    first = re.match(r"([\d,]+) rows read, ([\d,]+) used, ([\d,]+) set aside\.\n", closing)
    assert first, closing
    reasons = re.findall(r"^  (.+): ([\d,]+), first in row (\d+)$", closing, re.MULTILINE)
    return tuple(map(number, first.groups())), {name: (number(rows), int(row)) for name, rows, row in reasons}


def number(text):
    return int(text.replace(",", ""))


@pytest.fixture
def plain(tmp_path):
    """A workbook that is not Focal's: a log from A1 on, some of its rows broken, and a note beside it."""
    path = tmp_path / "sales.xlsx"
    book = openpyxl.Workbook()
    log = [
        ("Customer", "Date", "Amount"),
        ("ann", dt.datetime(2024, 1, 5), 10),
        ("bob", "when he came", 20),
        (None, dt.datetime(2024, 1, 7), 30),
        ("ann", dt.datetime(2024, 3, 9), 40),
        ("bob", "some day", 50),
        ("cid", dt.datetime(2024, 2, 1), 60),
    ]
    for row in log:
        book.active.append(row)
    book.active["H3"] = "call bob"
    book.save(path)
    return path


PLAIN = (6, 3, 3), {"unreadable date": (2, 3), "blank customer": (1, 4)}


def test_check_counts_the_rows_of_the_open_workbook_as_the_account_does(libreoffice, small):
    with open_in_calc(libreoffice, small) as book:
        said, closing = drive(check(book.app))
    rows, reasons = accounted(small)
    assert said == [Progress("Reading the log")]
    assert counted(closing) == (rows, reasons)
    assert rows[0] > 1000, "thousands are set off"
    assert rows[0] == len(Package.open(small).read_table("tblTransactions"))
    assert rows[2] == sum(count for count, _ in reasons.values()) > 0
    assert "observed until 2025-12-30" in closing


def test_check_changes_nothing_in_the_workbook(libreoffice, small):
    with open_in_calc(libreoffice, small) as book:
        book.sheets["Segments"].activate()
        book.sheets["Segments"].range("C5:D9").select()
        before = everything(book)
        assert len(before[0]) > 5
        drive(check(book.app))
        assert everything(book) == before
        assert not book.impl.document.isModified(), "Excel would ask to save it"


def test_check_names_the_row_of_a_date_that_is_none_and_leaves_its_status_alone(libreoffice, small, tmp_path):
    with open_in_calc(libreoffice, small) as book:
        for row in (23, 12):
            book.sheets["Transactions"].range(f"C{row}").value = "one fine day"
        before = everything(book)
        _, closing = drive(check(book.app))
        assert everything(book) == before
        expected = accounted(saved_as(book, tmp_path / "saved.xlsx"))
    assert counted(closing) == expected
    assert "  unreadable date: 2, first in row 12" in closing.splitlines()


def test_check_refuses_dates_after_today_and_its_remedy_helps(libreoffice, small):
    with open_in_calc(libreoffice, small) as book:
        log = book.sheets["Transactions"]
        log.range("C12").value = log.range("C9").value = TODAY + dt.timedelta(days=40)
        before = everything(book)
        with pytest.raises(InputError, match=r"^row 9: .*after today.*2 such rows.*observation end \(sheet Settings"):
            drive(check(book.app))
        assert everything(book) == before
        book.names[setting_name("observation_end")].refers_to_range.value = TODAY
        _, closing = drive(check(book.app))
    assert counted(closing)[1]["after observation end"] == (2, 9)
    assert f"observed until {TODAY.date()}" in closing


def test_check_of_an_empty_template_says_where_to_paste_the_log(libreoffice):
    with (
        open_in_calc(libreoffice, template_path()) as book,
        pytest.raises(InputError, match="Transactions is empty: paste your log"),
    ):
        drive(check(book.app))


@pytest.mark.parametrize("selected", ["B4", "A1:C7"], ids=["one cell of it", "all of it"])
def test_check_of_another_workbook_reads_the_log_at_the_selection(libreoffice, plain, selected):
    with open_in_calc(libreoffice, plain) as book:
        book.sheets[0].range(selected).select()
        before = everything(book)
        _, closing = drive(check(book.app))
        assert everything(book) == before
        assert not book.impl.document.isModified()
    assert counted(closing) == PLAIN
    assert "observed until 2024-03-09" in closing


def test_check_reads_no_more_than_the_rows_that_are_selected(libreoffice, plain):
    with open_in_calc(libreoffice, plain) as book:
        book.sheets[0].range("A1:C3").select()
        _, closing = drive(check(book.app))
    assert counted(closing) == ((2, 1, 1), {"unreadable date": (1, 3)})


@pytest.mark.parametrize(
    ("selected", "problem", "words"),
    [
        ("L20", InputError, "is a single cell. Select a cell of your data"),
        ("L20:N25", InputError, "The selected cells are empty"),
        ("H3", InputError, "H3 is a single cell"),
        ("A1:A7", InputError, "no column for date among"),
    ],
    ids=["an empty cell", "empty cells", "a note", "a column alone"],
)
def test_check_of_a_selection_without_a_log_says_what_is_missing(libreoffice, plain, selected, problem, words):
    with open_in_calc(libreoffice, plain) as book:
        book.sheets[0].range(selected).select()
        with pytest.raises(problem, match=words):
            drive(check(book.app))


def test_check_of_another_workbook_with_a_shape_selected_asks_for_cells(libreoffice, plain, monkeypatch):
    with open_in_calc(libreoffice, plain) as book:
        monkeypatch.setattr(type(book.app.impl), "selection", None)  # as xlwings says it
        with pytest.raises(InputError, match="No cells are selected"):
            drive(check(book.app))


def test_check_without_a_workbook_says_so():
    with pytest.raises(InputError, match="No workbook is open"):
        drive(check(SimpleNamespace(books=[])))


# ---- New from template ----


@pytest.fixture
def excel():
    """An Excel that notes what it was to open; on a Mac it has no `api` to speak of."""
    added, opened = [], []
    api = SimpleNamespace(Workbooks=SimpleNamespace(Add=added.append))
    return SimpleNamespace(api=api, books=SimpleNamespace(open=opened.append), added=added, opened=opened)


@pytest.fixture
def home(monkeypatch, tmp_path):
    """The home folder of somebody on a Mac, with their documents."""
    monkeypatch.setattr(buttons, "sys", SimpleNamespace(platform="darwin"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / "Documents").mkdir()
    return tmp_path


def parts(path):
    """What a package holds."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_a_new_workbook_is_made_from_the_template_itself(monkeypatch, excel):
    monkeypatch.setattr(buttons, "sys", SimpleNamespace(platform="win32"))
    _, closing = drive(template(excel))
    [path] = excel.added
    assert isinstance(path, str), "COM takes no Path"
    assert Path(path).is_absolute()
    assert Path(path) == template_path()
    assert is_focal_workbook(Package.open(path))
    assert excel.opened == []
    assert "Transactions" in closing
    assert "Refit" in closing


def test_on_a_mac_a_copy_of_the_template_among_the_documents_is_opened(home, excel):
    _, closing = drive(template(excel))
    [path] = excel.opened
    assert Path(path) == home / "Documents" / "Focal workbook 1.xlsx"
    assert parts(path) == parts(template_path())
    assert excel.added == [], "AppleScript has no Workbooks.Add"
    assert "Refit" in closing


def test_on_a_mac_a_workbook_that_is_there_is_not_overwritten(home, excel):
    mine = home / "Documents" / "Focal workbook 1.xlsx"
    mine.write_bytes(b"a year of work")
    drive(template(excel))
    assert mine.read_bytes() == b"a year of work"
    assert excel.opened == [str(home / "Documents" / "Focal workbook 2.xlsx")]


def test_on_a_mac_without_a_documents_folder_nothing_is_written(home, excel):
    (home / "Documents").rmdir()
    with pytest.raises(InputError, match="there is no folder"):
        drive(template(excel))
    assert list(home.iterdir()) == []
    assert excel.opened == []


# ---- Help, Doctor, About ----


def test_help_opens_the_page_that_came_with_focal(monkeypatch):
    opened = []
    monkeypatch.setattr(buttons.webbrowser, "open", lambda uri: opened.append(uri) or True)
    _, closing = drive(help_page(None))
    [uri] = opened
    assert urlsplit(uri).scheme == "file"
    page = Path(url2pathname(urlsplit(uri).path))
    assert page.name == "help.html"
    assert "CLV_SCORE" in page.read_text(encoding="utf-8")
    assert closing == "", "no window of Excel's in front of the browser"


def test_doctor_reports_on_this_computer_its_problems_first(monkeypatch, tmp_path):
    monkeypatch.setattr(machine_module, "this_machine", lambda: computer(tmp_path))
    _, closing = drive(doctor(None))
    first, _, second, third, *_ = closing.splitlines()
    assert re.fullmatch(rf"Focal {re.escape(__version__)}: 1 problem,.* \d+ in order\.", first)
    assert second.startswith("PROBLEM  Add-in: ")
    assert third.strip() == "To do: Run: focal install"


def test_doctor_calls_an_installed_focal_healthy(monkeypatch, tmp_path):
    machine = computer(tmp_path)
    install(machine, place(machine))
    monkeypatch.setattr(machine_module, "this_machine", lambda: machine)
    said, closing = drive(doctor(None))
    assert said == [Progress("Examining the installation")]
    assert closing.startswith(f"Focal {__version__}: nothing is wrong")
    assert f"the add-in is that of Focal {__version__}" in closing


def test_about_names_the_versions_that_run_and_the_licence():
    _, closing = drive(about(None))
    assert closing.startswith(f"Focal {__version__}: ")
    assert f"Python {platform.python_version()} at " in closing
    assert f"xlwings {xw.__version__}" in closing
    assert re.search(r"Licence: BSD-3-Clause\..*xlwings \(BSD-3-Clause\)", closing)
    assert "BSD 3-Clause" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert len(closing) <= commands.LONGEST_MESSAGE


# ---- on a Mac ----


class ExcelInFront:
    """An Excel with a status bar and message boxes, which notes what is shown in its order."""

    def __init__(self, *clicks):
        self.clicks = list(clicks)
        self.shown = []

    @property
    def status_bar(self):
        return next((text for kind, text in reversed(self.shown) if kind == "bar"), False)

    @status_bar.setter
    def status_bar(self, text):
        self.shown.append(("bar", text))

    def alert(self, prompt, title=None, buttons="ok", mode=None, callback=None):  # as that of xw.App
        assert title == "Focal"
        assert buttons in ("ok", "yes_no")
        self.shown.append((buttons, prompt))
        return self.clicks.pop(0) if buttons == "yes_no" else "ok"


@pytest.fixture
def in_front(monkeypatch):
    """Puts an Excel in front whose user clicks the given buttons."""
    commands._running.clear()

    def put(*clicks):
        app = ExcelInFront(*clicks)
        monkeypatch.setattr(commands.xw, "apps", SimpleNamespace(active=app))
        return app

    yield put
    commands._running.clear()


@pytest.fixture
def run(monkeypatch, in_front):
    """Runs a generator function as the command that a Mac's script starts: exit status, what Excel showed, calls."""

    def start(generator, *clicks, text="refit /Users/ann/Focal workbook.xlsx"):
        app, calls = in_front(*clicks), []
        monkeypatch.setattr(commands, "conversation", lambda *called: calls.append(called) or generator())
        status = commands.main([text])
        assert calls[0][1] is app, "the command works on the Excel in front"
        assert app.clicks == []
        return status, app, [command for command, _ in calls]

    return start


def test_on_a_mac_progress_goes_to_the_status_bar_and_is_taken_back(run):
    def refit():
        yield Progress("Reading")
        yield Progress("Fitting")
        return "Done with it."

    status, app, _ = run(refit)
    assert app.shown == [("bar", "Focal: Reading"), ("bar", "Focal: Fitting"), ("bar", False), ("ok", "Done with it.")]
    assert status == 0


@pytest.mark.parametrize(("click", "answer"), [("yes", YES), ("no", NO)])
def test_on_a_mac_questions_are_asked_in_excel_and_answers_passed_on(run, click, answer):
    answers = []

    def refit():
        answers.append((yield Progress("Reading")))
        answers.append((yield Ask("Replace them?")))
        return "Thank you."

    status, app, _ = run(refit, click)
    assert answers == ["", answer]
    assert app.shown == [("bar", "Focal: Reading"), ("yes_no", "Replace them?"), ("bar", False), ("ok", "Thank you.")]
    assert status == 0


def test_on_a_mac_what_would_be_typed_takes_its_default(run):
    answers = []

    def export():
        answers.append((yield Input("Which file?", "book - values.xlsx")))
        answers.append((yield Input("Which sheet?")))
        return ""

    status, app, _ = run(export)
    assert answers == ["book - values.xlsx", ""]
    assert app.shown == [("bar", False)], "nothing to say is no message box"
    assert status == 0


def test_on_a_mac_what_the_user_can_mend_is_shown_and_the_status_bar_taken_back(run):
    def refit():
        yield Progress("Reading")
        raise InputError("Sheet Transactions is empty.")

    status, app, _ = run(refit)
    assert app.shown == [("bar", "Focal: Reading"), ("bar", False), ("ok", "Sheet Transactions is empty.")]
    assert status == 2


def test_on_a_mac_a_fault_of_focal_is_shown_in_excel_and_logged(run, caplog):
    def refit():
        yield Progress("Reading")
        raise ZeroDivisionError("float division by zero")

    status, app, _ = run(refit)
    assert app.status_bar is False
    kind, text = app.shown[-1]
    assert kind == "ok"
    assert text.startswith("Focal failed (float division by zero)")
    assert "Traceback" in caplog.text
    assert status == 2


@pytest.mark.parametrize("text", ["refit", "refit ", "refit /Users/ann/my sales/Focal workbook.xlsx", "refit Book1"])
def test_on_a_mac_the_script_s_text_is_the_command_and_a_path_with_blanks(run, text):
    def refit():
        yield Progress("Reading")
        return ""

    status, _, started = run(refit, text=text)
    assert started == ["refit"]
    assert status == 0


def test_on_a_mac_the_commands_are_those_of_the_ribbon(in_front):
    app = in_front()
    assert commands.main(["about /Users/ann/my sales.xlsx"]) == 0
    (_, progress), (_, taken_back), (_, text) = app.shown
    assert (progress, taken_back) == ("Focal: Looking up versions", False)
    assert text.startswith(f"Focal {__version__}: ")


def test_on_a_mac_an_unknown_command_is_a_matter_of_versions(in_front):
    app = in_front()
    assert commands.main(["dance /Users/ann/my sales.xlsx"]) == 2
    [_, (kind, text)] = app.shown
    assert kind == "ok"
    assert 'no command "dance"' in text
    assert "focal install" in text


def test_on_a_mac_without_excel_a_sentence_goes_to_the_log(monkeypatch, capsys):
    monkeypatch.setattr(commands.xw, "apps", SimpleNamespace(active=None))
    monkeypatch.setattr(commands, "conversation", lambda *called: pytest.fail("nothing can run"))
    assert commands.main(["refit /Users/ann/my sales.xlsx"]) == 2
    written = capsys.readouterr()
    assert written.err == "focal: Excel is not running.\n"
    assert written.out == ""
