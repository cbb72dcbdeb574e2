"""The Refit button on an open workbook, LibreOffice in Excel's place: it leaves what the headless refit leaves."""

import datetime as dt
import shutil
from decimal import Decimal
from types import SimpleNamespace

import pytest
import xlwings as xw

from pyfuncs.analysis.refit import refit as refit_log
from pyfuncs.errors import InputError
from pyfuncs.hosts.excel import excel_only, session
from pyfuncs.hosts.excel import live as live_module
from pyfuncs.hosts.excel import refit as refit_module
from pyfuncs.hosts.excel.conversation import NO, YES, Ask, Progress
from pyfuncs.hosts.excel.journal import Journal
from pyfuncs.hosts.excel.live import LiveBook
from pyfuncs.hosts.excel.refit import refit
from pyfuncs.hosts.headless import Request, refit_file, template_path
from pyfuncs.workbook.package import Package
from tests.support import calc_engine
from tests.support.calc_engine import open_in_calc
from tests.support.conversations import drive
from tests.support.libreoffice import document_cells
from tests.support.own_column import add_column
from tests.support.refits import refits, refitted_once  # noqa: F401  (fixtures)

NOW = dt.datetime(2026, 1, 2, 3, 4, 5)
pytestmark = pytest.mark.usefixtures("refitted_once")


@pytest.fixture(scope="module")
def book(small, tmp_path_factory):
    """A filled workbook whose log has grown since: new customers, one of them called =1+1, and other settings."""
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    package = Package.open(small)
    new = [[f"N{i}", 45_500.0 + i, 10.0 + i, "Tea", "Web", None] for i in range(15)]
    new.append(["=1+1", 45_600.0, 5.0, "007", None, None])
    package.write_name("Margin", 0.4)
    package.write_name("Model", "BG/NBD")
    replace_log(package, [*package.read_table("tblTransactions"), *new])
    package.save(path)
    return path


def replace_log(package, rows):
    """Give the Transactions table other rows."""
    columns = zip(*rows, strict=True)
    headers = package.table("tblTransactions").columns
    package.fill_table("tblTransactions", dict(zip(headers, columns, strict=True)), len(rows))


@pytest.fixture(scope="module")
def left_by_file(libreoffice, book, tmp_path_factory):
    """Every cell of that workbook as the headless refit leaves it."""
    return cells_of(libreoffice, by_file(book, tmp_path_factory.mktemp("file") / "refitted"))


def by_file(path, folder):
    """The workbook as the headless refit leaves it."""
    folder.mkdir()
    shutil.copy(path, folder / path.name)
    refit_file(Request(folder / path.name), NOW, lambda message: None)
    return folder / path.name


def cells_of(libreoffice, path):
    """Every cell of a file as LibreOffice calculates it: (sheet, reference) -> value, or the name of an error."""
    return shown(libreoffice.cells(path, texts=False))


def calculated(open_book):
    """Every cell of the open workbook, calculated anew, in the same way."""
    open_book.app.calculate()
    return shown(live_cells(open_book))


def shown(cells):
    return {
        (sheet, at): cell.error or cell.value
        for sheet, page in cells.items()
        for at, cell in page.items()
        if (cell.error or cell.value) not in ("", None)
    }


def differing(one, other):
    """Cells that are not the same in both."""
    numbers = {at for at in one.keys() & other.keys() if isinstance(one[at], float) and isinstance(other[at], float)}
    wrong = {at for at in one.keys() | other.keys() if at not in numbers and one.get(at) != other.get(at)}
    wrong |= {at for at in numbers if one[at] != pytest.approx(other[at], rel=1e-9, abs=1e-9)}
    return sorted((*at, one.get(at), other.get(at)) for at in wrong)


def live_cells(open_book):
    """Every cell of the open workbook as it stands: value, formula and error."""
    return document_cells(open_book.impl.document, texts=False)


def test_the_open_workbook_is_left_as_the_file_would_be(libreoffice, book, left_by_file, monkeypatch):
    monkeypatch.setattr(refit_module, "refit_log", refit_log)
    with open_in_calc(libreoffice, book) as open_book:
        said, closing = drive(refit(open_book.app, NOW))
        found = calculated(open_book)
        live = LiveBook(open_book)
        names = [row[0] for row in live.read_table("tblCustomers")]
        log = live.read_table("tblLog")
        footers = {sheet.api.PageSetup.LeftFooter for sheet in open_book.sheets}
        stamp = live.read_name("Stamp")
    assert "436 customers" in closing
    assert "Checks: OK" in closing
    assert len(left_by_file) > 15_000
    assert differing(left_by_file, found) == []
    assert any(isinstance(message, Progress) and "Fitting" in message.text for message in said)
    assert "=1+1" in names, "text stays text"
    assert 2.0 not in names
    assert all(isinstance(row[2], str) for row in log), "a fingerprint of digits is no number"
    assert footers == {f"&8Focal run: {stamp}"}


def test_the_empty_template_is_filled_as_the_file_would_be(libreoffice, small, tmp_path):
    path = tmp_path / "book.xlsx"
    package = Package.open(template_path())
    replace_log(package, Package.open(small).read_table("tblTransactions"))
    package.save(path)
    expected = cells_of(libreoffice, by_file(path, tmp_path / "file"))
    with open_in_calc(libreoffice, path) as open_book:
        drive(refit(open_book.app, NOW))
        found = calculated(open_book)
    assert differing(expected, found) == []


def test_fewer_customers_leave_no_row_behind(libreoffice, small, tmp_path):
    path = tmp_path / "book.xlsx"
    package = Package.open(small)
    replace_log(package, package.read_table("tblTransactions")[:700])
    package.save(path)
    expected = cells_of(libreoffice, by_file(path, tmp_path / "file"))
    with open_in_calc(libreoffice, path) as open_book:
        drive(refit(open_book.app, NOW))
        found = calculated(open_book)
    assert differing(expected, found) == []


def test_amounts_in_a_currency_format_keep_all_their_digits(libreoffice, book):
    with open_in_calc(libreoffice, book) as open_book:
        amounts = open_book.sheets["Transactions"].range("D8:D9")
        amounts.value = [[12.345678], [0.1 + 0.2]]
        amounts.number_format = "[$$-409]#,##0.00"
        assert isinstance(amounts.value[0], Decimal), "as Excel hands them over: rounded to four places"
        read = LiveBook(open_book).read_table("tblTransactions")
    assert [row[2] for row in read[:2]] == [12.345678, 0.1 + 0.2]
    assert read[0][1] == Package.open(book).read_table("tblTransactions")[0][1], "dates are serial numbers all the same"


def test_a_table_of_the_user_without_a_header_row_does_not_matter(libreoffice, book):
    with open_in_calc(libreoffice, book) as open_book:
        table = open_book.sheets["Log"].tables["tblLog"].impl
        live = LiveBook(open_book)
        described = live_module._info(HeaderlessTable(table))
        assert described.header_row == 0
        assert described.first_row == 7
        assert len(live.tables) == 7


class HeaderlessTable:
    """A table whose header row is switched off, which LibreOffice does not have."""

    show_headers = show_totals = False
    name = "mine"

    def __init__(self, table):
        self.range = xw.Range(impl=table.range)
        self.columns = [SimpleNamespace(name=f"Column{i}") for i in range(1, 4)]


def test_mode_screen_events_selection_and_protection_are_put_back(libreoffice, book):
    with open_in_calc(libreoffice, book) as open_book:
        app = open_book.app
        for name in ("Customers", "Model", "Cover"):
            open_book.sheets[name].api.Protect(AllowFiltering=True, AllowSorting=True)
        app.calculation = "manual"
        open_book.sheets["Segments"].activate()
        open_book.sheets["Segments"].range("C5:D9").select()
        drive(refit(app, NOW))
        assert (app.calculation, app.screen_updating, app.enable_events) == ("manual", True, True)
        assert open_book.sheets.active.name == "Segments"
        assert app.selection.address == "$C$5:$D$9"
        assert LiveBook(open_book).read_name("MasterCheck") == "OK", "calculated although calculation is manual"
        app.calculation = "automatic"
        for name in ("Customers", "Model", "Cover"):
            sheet = open_book.sheets[name].api
            assert sheet.ProtectContents
            assert (sheet.Protection.AllowFiltering, sheet.Protection.AllowInsertingRows) == (True, False)
        assert not open_book.sheets["Segments"].api.ProtectContents
        assert len(LiveBook(open_book).read_table("tblCustomers")) == 436


def test_a_sheet_with_a_password_is_named_and_nothing_is_changed(libreoffice, book):
    with open_in_calc(libreoffice, book) as open_book:
        open_book.sheets["Cover"].api.Protect(AllowFiltering=True)
        open_book.sheets["Model"].api.Protect(Password="secret")
        before = live_cells(open_book)
        with pytest.raises(InputError, match="sheet Model is protected with a password"):
            drive(refit(open_book.app, NOW))
        assert live_cells(open_book) == before
        assert open_book.sheets["Cover"].api.ProtectContents, "what was opened is closed again"


def test_filtered_tables_take_every_row(libreoffice, book, left_by_file):
    with open_in_calc(libreoffice, book) as open_book:
        tables = [open_book.sheets[sheet].tables[f"tbl{sheet}"] for sheet in ("Customers", "Transactions")]
        for table, header, word in zip(tables, ("segment", "product"), ("Focal", "Tea"), strict=True):
            table.autofilter.apply_values(table.header_row_range.value.index(header) + 1, [word])
            assert table.api.AutoFilter.FilterMode
        drive(refit(open_book.app, NOW))
        assert not any(table.api.AutoFilter.FilterMode for table in tables), "Calc writes hidden rows, Excel does not"
        found = calculated(open_book)
    assert differing(left_by_file, found) == []


def test_figures_typed_over_are_replaced_only_when_the_user_says_so(libreoffice, book):
    package = Package.open(book)
    sheet, ref = package.defined_names["Ginis"]
    at = ref.split(":")[0]
    with open_in_calc(libreoffice, book) as open_book:
        open_book.sheets[sheet].range(at).value = 0.123
        before = live_cells(open_book)
        said, closing = drive(refit(open_book.app, NOW), NO)
        assert "Concentration" in next(message.text for message in said if isinstance(message, Ask))
        assert closing == "Nothing was changed."
        assert live_cells(open_book) == before
        drive(refit(open_book.app, NOW), YES)
        assert open_book.sheets[sheet].range(at).value != 0.123


def test_a_formula_of_focal_that_was_typed_over_stays_and_is_named(libreoffice, book):
    with open_in_calc(libreoffice, book) as open_book:
        open_book.sheets["Segments"].range("C15").value = 7
        _, closing = drive(refit(open_book.app, NOW))
        assert open_book.sheets["Segments"].range("C15").value == 7
    assert "Kept as you typed them, in place of Focal's formulas: Segments!C15" in closing


def test_when_writing_fails_the_values_from_before_come_back(libreoffice, book, monkeypatch):
    with open_in_calc(libreoffice, book) as open_book:
        before = live_cells(open_book)
        fail_at(monkeypatch, "Capture")
        with pytest.raises(InputError, match=r"Excel did not take the figures.*The values from before are back"):
            drive(refit(open_book.app, NOW), YES)
        monkeypatch.undo()
        assert live_cells(open_book) == before
        assert open_book.app.calculation == "automatic"
        drive(refit(open_book.app, NOW))
        assert LiveBook(open_book).read_name("MasterCheck") == "OK", "and the next refit works"


def test_when_writing_fails_the_user_may_keep_what_was_written(libreoffice, book, monkeypatch):
    with open_in_calc(libreoffice, book) as open_book:
        before = live_cells(open_book)
        fail_at(monkeypatch, "Capture")
        with pytest.raises(InputError, match="partly filled; close it without saving"):
            drive(refit(open_book.app, NOW), NO)
        assert live_cells(open_book) != before


def fail_at(monkeypatch, slot):
    """Have Excel refuse a slot."""
    write = live_module.LiveBook.write_name

    def refuse(self, name, value):
        if name == slot:
            raise RuntimeError("(-2147352567, 'Exception occurred.')")
        return write(self, name, value)

    monkeypatch.setattr(live_module.LiveBook, "write_name", refuse)


def test_esc_while_fitting_leaves_everything_as_it_was(libreoffice, book, monkeypatch):
    monkeypatch.setattr(refit_module, "refit_log", refit_log)
    with open_in_calc(libreoffice, book) as open_book:
        before = live_cells(open_book)
        conversation = refit(open_book.app, NOW)
        next(message for message in conversation if "Fitting" in message.text)
        conversation.close()
        assert live_cells(open_book) == before


def test_esc_while_writing_puts_everything_back(libreoffice, book):
    with open_in_calc(libreoffice, book) as open_book:
        before = live_cells(open_book)
        for sheet in ("Customers", "Model", "footers"):
            conversation = refit(open_book.app, NOW)
            next(message for message in conversation if f"Writing {sheet}" in message.text)
            if sheet != "footers":
                next(conversation)  # so that this one has been written
            conversation.close()
            assert live_cells(open_book) == before, sheet
            assert open_book.app.calculation == "automatic"


def test_the_refit_of_a_damaged_log_says_what_to_do(libreoffice, small, tmp_path):
    package = Package.open(small)
    sheet, ref = package.defined_names["Margin"]
    package.write_block(sheet, ref, [["plenty"]])
    package.save(tmp_path / "book.xlsx")
    with (
        open_in_calc(libreoffice, tmp_path / "book.xlsx") as open_book,
        pytest.raises(InputError, match="Contribution margin"),
    ):
        drive(refit(open_book.app, NOW))


def test_a_fault_in_the_work_comes_out_of_its_thread(libreoffice, book, monkeypatch):
    def broken(*arguments):
        raise InputError("no customer bought again")

    monkeypatch.setattr(refit_module, "refit_log", broken)
    with open_in_calc(libreoffice, book) as open_book, pytest.raises(InputError, match="no customer bought again"):
        drive(refit(open_book.app, NOW))


def test_another_workbook_is_not_touched(libreoffice, tmp_path):
    import openpyxl

    other = openpyxl.Workbook()
    other.active["A1"] = "mine"
    other.save(tmp_path / "other.xlsx")
    with (
        open_in_calc(libreoffice, tmp_path / "other.xlsx") as open_book,
        pytest.raises(InputError, match="was not made from Focal's template"),
    ):
        drive(refit(open_book.app, NOW))


def test_own_columns_follow_their_customer_and_entries_without_one_are_kept_in_a_file(
    libreoffice, small, tmp_path, monkeypatch
):
    path = tmp_path / "book.xlsx"
    shutil.copy(small, path)
    ids = [row[0] for row in Package.open(path).read_table("tblCustomers")]
    add_column(path, "tblCustomers", "owner", [f"owner of {customer}" for customer in ids])
    package = Package.open(path)
    gone = ids[-1]
    replace_log(package, [row for row in package.read_table("tblTransactions") if row[0] != gone])
    package.save(path)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setattr(excel_only, "full_name", lambda book: f"https://company.sharepoint.com/{book.name}")
    monkeypatch.setattr(session.Path, "home", lambda: home)
    with open_in_calc(libreoffice, path) as open_book:
        _, closing = drive(refit(open_book.app, NOW))
        rows = LiveBook(open_book).read_table("tblCustomers")
    assert len(rows) == len(ids) - 1
    assert all(row[-1] == f"owner of {row[0]}" for row in rows)
    [kept] = home.iterdir()
    assert f"owner of {gone}" in kept.read_text()
    assert str(kept) in closing


def test_entries_that_cannot_be_kept_stop_the_refit_and_everything_comes_back(
    libreoffice, small, tmp_path, monkeypatch
):
    path = tmp_path / "book.xlsx"
    shutil.copy(small, path)
    ids = [row[0] for row in Package.open(path).read_table("tblCustomers")]
    add_column(path, "tblCustomers", "owner", [f"owner of {customer}" for customer in ids])
    package = Package.open(path)
    replace_log(package, [row for row in package.read_table("tblTransactions") if row[0] != ids[-1]])
    package.save(path)
    monkeypatch.setattr(refit_module, "path_of", lambda book: tmp_path / "gone" / book.name)
    with open_in_calc(libreoffice, path) as open_book:
        before = live_cells(open_book)
        with pytest.raises(InputError, match=r"cannot be written.*The values from before are back"):
            drive(refit(open_book.app, NOW), YES)
        assert live_cells(open_book) == before


def test_when_even_putting_back_fails_the_user_is_told(libreoffice, book, monkeypatch):
    def busy(self):
        raise RuntimeError("Excel is busy")

    with open_in_calc(libreoffice, book) as open_book:
        fail_at(monkeypatch, "Capture")
        monkeypatch.setattr(Journal, "undo", busy)
        with pytest.raises(InputError, match=r"Not everything could be put back .Excel is busy.; close the workbook"):
            drive(refit(open_book.app, NOW), YES)


def test_on_a_mac_the_refit_asks_for_nothing_that_only_excel_for_windows_has(
    libreoffice, book, left_by_file, monkeypatch
):
    with open_in_calc(libreoffice, book) as open_book:
        on_a_mac(monkeypatch)
        drive(refit(open_book.app, NOW))
        monkeypatch.undo()
        found = calculated(open_book)
    assert differing(left_by_file, found) == []


def on_a_mac(monkeypatch):
    """Have `.api` know none of the names of COM, as AppleScript does not."""
    monkeypatch.setattr(excel_only, "_HAS_COM", False)
    for kind in (calc_engine.Book, calc_engine.Sheet, calc_engine.Range, calc_engine.Table, calc_engine.App):
        monkeypatch.setattr(kind, "api", SimpleNamespace(date_1904=SimpleNamespace(get=lambda: False)))
