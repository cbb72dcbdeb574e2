"""Formulas in the cells of a real spreadsheet, through the shipped VBA and the real xlwings, to Python and back."""

import datetime as dt
import logging

import openpyxl
import pytest

from pyfuncs.functions import CATALOGUE, examples
from pyfuncs.hosts.excel import commands
from pyfuncs.hosts.excel.conversation import Ask, Input, Progress
from tests.support import windows
from tests.support.vba_excel import EPOCH

pytest_plugins = ["tests.support.vba_host"]
FUNCTIONS = pytest.mark.parametrize("function", CATALOGUE.values(), ids=lambda function: function.name)
HISTORIES = [
    ("customer_id", "frequency", "recency", "T", "monetary_value"),
    ("Ann", 2, 30.43, 38.86, 22.35),
    ("Bob", 2, 50, 38.86, 10),  # bought after the observation end
    ("Cem", 0, 0, 38.86, None),
]
LOG = [
    ("customer", "date", "amount"),
    ("Ann", dt.datetime(2024, 1, 5), 20),
    ("Ann", dt.datetime(2024, 1, 19), 30.25),
    ("Bob", dt.datetime(2024, 1, 26), 10),
    ("Bob", dt.datetime(2024, 6, 28), 5),
]


@pytest.fixture
def workbook(vba_host):
    with vba_host.open() as opened:
        yield opened


def typed(workbook, function, arguments):
    """The formula that calls a function, its tables put into cells side by side and the rest written in it."""
    parts, column = [], 3
    for given in arguments:
        if isinstance(given, tuple):
            parts.append(workbook.put_rows(f"{letters(column)}1", given))
            column += len(given[0]) + 1
        elif isinstance(given, str):
            parts.append(f'"{given}"')
        else:
            parts.append("Z99" if given is None else repr(given))  # a blank cell means the default
    return f"={function.name}({';'.join(parts)})"


def letters(column):
    return chr(64 + column) if column <= 26 else "A" + chr(64 + column - 26)


def shown(cell):
    """What a cell shows that was handed this."""
    if isinstance(cell, dt.datetime):
        return float((cell - EPOCH).days)
    return "" if cell is None else float(cell) if isinstance(cell, (int, bool)) else cell


def agree(found, expected, tolerance):
    assert len(found) == len(expected)
    for row, wanted in zip(found, expected, strict=True):
        for cell, want in zip(row, map(shown, wanted), strict=True):
            assert cell == (pytest.approx(want, abs=tolerance) if isinstance(want, float) else want)


# ---- every function -------------------------------------------------------------------------------------------------


@FUNCTIONS
def test_the_documented_example_gives_the_documented_cells_and_in_one_cell_the_first(function, workbook, vba_host):
    example = function.example
    answer = function(*example.arguments)
    formula = typed(workbook, function, example.arguments)
    below = f"A501:{letters(len(answer[0]))}{500 + len(answer)}"
    found = workbook.type(below, formula)
    documented = example.result if isinstance(example.result, list) else [[example.result]]
    agree(found[: example.rows], documented, example.tolerance)
    agree(found, answer, 1e-9)
    first = shown(answer[0][0])
    assert workbook.type("A500", formula) == pytest.approx(first)
    assert [name for _, name, _ in vba_host.excel.calls] == [function.name] * 2
    assert vba_host.excel.status_bar == []


@FUNCTIONS
def test_a_bad_argument_is_one_excel_error_and_an_error_cell_goes_through(function, workbook, caplog):
    kept = list(function.example.arguments[1:])
    errors = []
    with caplog.at_level(logging.ERROR):
        for bad in ('"?!"', "NA()", "1/0"):
            formula = typed(workbook, function, kept).replace("(", f"({bad};" if kept else f"({bad}", 1)
            errors.append(workbook.type("A500", formula))
            assert workbook.type("A499", "=ISERROR(A500)") == 1
    assert errors[1:] == ["#N/A", "#DIV/0!"]
    assert errors[0] == function("?!", *kept)[0][0]
    assert errors[0] in ("#VALUE!", "#N/A", "#NUM!")
    assert not caplog.records


# ---- what Excel's cells hold ----------------------------------------------------------------------------------------


def test_errors_are_told_apart_by_excels_own_functions(workbook):
    # Excel's numbers: #DIV/0! 2, #VALUE! 3, #NUM! 6, #N/A 7
    formulas = {"=CLV_LORENZ(1/0)": 2, '=CLV_LORENZ("?!")': 3, "=CLV_NEW(A1:B2;-1)": None, "=CLV_COMPARE(NA())": 7}
    for formula, number in formulas.items():
        workbook.type("D1", formula)
        if number:
            assert workbook.type("D2", "=ERROR.TYPE(D1)") == number
    assert workbook.type("D3", '=IFERROR(CLV_LORENZ("?!");"mended")') == "mended"


def test_a_bad_row_is_an_error_in_its_row_and_clv_check_says_why(workbook):
    table, model = workbook.put_rows("A1", HISTORIES), workbook.put_rows("H1", examples.WITH_SPEND)
    values = workbook.type("A10:A13", f"=CLV_SCORE({table};{model};Z99;0.15;0.3)")
    assert [row[0] for row in values] == [
        "value",
        pytest.approx(38.33, abs=5e-3),
        "#NUM!",
        pytest.approx(10.795, abs=5e-3),
    ]
    assert workbook.type("B10", "=ISERROR(A12)") == 1
    assert workbook.type("B11", "=ISERROR(A11)") == 0
    account = workbook.type("A20:D23", f"=CLV_CHECK({table})")
    assert account[1] == ["used", 2, pytest.approx(44.7), 2]
    assert account[2][0].startswith("recency exceeds T")
    assert account[2][1:] == [1, 20, 3]


def test_an_error_cell_within_a_table_stays_in_its_row(workbook):
    table, model = workbook.put_rows("A1", HISTORIES[:2] + HISTORIES[3:]), workbook.put_rows("H1", examples.BGNBD)
    workbook.type("C3", "=1/0")
    assert workbook.type("A10:A12", f"=CLV_P_ALIVE({table};{model})")[1:] == [
        [pytest.approx(0.7266, abs=5e-5)],
        ["#DIV/0!"],
    ]


def test_dates_currency_truth_values_blanks_and_errors_arrive_as_from_excel(workbook, vba_host):
    table = workbook.put_rows("A1", [*LOG, ("Cem", dt.datetime(2024, 1, 5, 18), None), (True, 45000, "x")])
    workbook.put("C2", 1234.56789, "[$$-409]#,##0.00")
    workbook.put("C3", 7.123456, "[$€-407] #,##0.00")
    workbook.type("C7", "=NA()")
    workbook.type("J1:M9", f"=CLV_CHECK({table};45471)")
    _, _, (rows, end) = vba_host.excel.calls[-1]
    assert rows[1][1] == dt.datetime(2024, 1, 5, tzinfo=dt.UTC)
    assert [row[2] for row in rows[1:3]] == [1234.56789, 7.123456]  # not the four places of a currency
    assert rows[5][1] == dt.datetime(2024, 1, 5, 18, tzinfo=dt.UTC)
    assert rows[5][2] is None
    assert rows[6] == (True, 45000.0, windows.error(2042))
    assert end == 45471.0


def test_a_date_cell_and_its_text_are_the_same_date(workbook):
    table = workbook.put_rows("A1", LOG)
    workbook.put("E1", dt.datetime(2024, 6, 28))
    by_cell = workbook.type("G1:K3", f"=CLV_RFM({table};E1)")
    by_text = workbook.type("G11:K13", f'=CLV_RFM({table};"2024-06-28")')
    assert by_cell == by_text == [list(examples_header()), ["Ann", 1, 2, 25, 30.25], ["Bob", 1, 22, 22, 5]]


def examples_header():
    return HISTORIES[0]


def test_dates_come_back_as_days_of_the_calendar(workbook):
    function = CATALOGUE["CLV_TRACKING"]
    answer = function(*function.example.arguments)
    found = workbook.type(f"A501:G{500 + len(answer)}", typed(workbook, function, function.example.arguments))
    assert isinstance(answer[1][0], dt.datetime)
    assert found[1][0] == (answer[1][0] - EPOCH).days


# ---- ranges ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["A:C", "A1:C1048576", "A1:C40"])
def test_whole_columns_count_as_far_as_the_sheet_is_in_use(reference, workbook, vba_host):
    workbook.put_rows("A1", LOG)
    assert workbook.type("G1:K3", f'=CLV_RFM({reference};"2024-06-28")')[1] == ["Ann", 1, 2, 25, 30.25]
    assert len(vba_host.excel.calls[-1][2][0]) == 5


def test_cells_outside_the_used_ones_are_blank(workbook, vba_host):
    workbook.put_rows("A1", LOG)
    assert workbook.type("D1", "=CLV_RFM(Z50:AB60)") == "#VALUE!"
    assert workbook.type("D1", '=CLV_RFM(A1:C5;Z50;"week")') == "customer_id"
    assert vba_host.excel.calls[-1][2][1] in (None, -2147352572)


def test_optional_arguments_left_out_or_blank_are_the_default(workbook):
    table, model = workbook.put_rows("A1", HISTORIES), workbook.put_rows("H1", examples.WITH_SPEND)
    left_out = workbook.type("A10:A13", f"=CLV_DERT({table};{model})")
    blank = workbook.type("B10:B13", f"=CLV_DERT({table};{model};Z99)")
    stated = workbook.type("C10:C13", f"=CLV_DERT({table};{model};0.1)")
    assert left_out == blank == stated


def test_an_array_in_the_formula_is_a_range(workbook):
    assert workbook.type("A1", "=CLV_GINI({100|50|25|10|5|4|3|2|1|0})") == pytest.approx(0.69)


def test_several_areas_are_one_error(workbook, vba_host):
    assert workbook.type("A1", "=FOCALTEST_SEVERAL_AREAS()") == "#VALUE!"
    assert vba_host.excel.calls == []


def test_an_edit_recalculates(workbook, vba_host):
    values = workbook.put_rows("A1", examples.VALUES)
    before = workbook.type("C1", f"=CLV_GINI({values})")
    workbook.put("A1", 1000)
    after = workbook.rows("C1")[0][0]
    assert after == pytest.approx(CATALOGUE["CLV_GINI"]([[1000], *examples.VALUES[1:]])[0][0])
    assert after > before
    assert len(vba_host.excel.calls) == 2


def test_functions_feed_each_other(workbook):
    table = workbook.put_rows("A1", examples.REPEAT_BUYERS)
    workbook.type("G1:K12", f'=CLV_FIT({table};"BG/NBD")')
    fitted = workbook.type("M1:M9", f"=CLV_SCORE({table};G1:H12)")
    labels = workbook.type("N1:N9", "=FOCAL_SEGMENT(M1:M9)")
    summary = workbook.type("P1:T5", "=FOCAL_SUMMARY(N1:N9;M1:M9)")
    at_once = CATALOGUE["CLV_SCORE"](examples.REPEAT_BUYERS, "BG/NBD")
    agree(fitted, at_once, 1e-6)
    assert labels[5] == ["Focal"]
    assert summary[-1][:2] == ["All", 8]


# ---- workbooks ------------------------------------------------------------------------------------------------------


def test_formulas_stored_in_a_file_calculate_when_it_is_opened(vba_host, tmp_path):
    book = openpyxl.Workbook()
    for value in (100, 50, 25, 10):
        book.active.append([value])
    book.active["C1"] = "=CLV_GINI(A1:A4)"
    book.active["C2"] = '=IF(ISERROR(CLV_GINI("?!")),"error","none")'
    book.save(tmp_path / "stored.xlsx")
    with vba_host.open(tmp_path / "stored.xlsx") as opened:
        assert opened.rows("C1:C2") == [
            [pytest.approx(CATALOGUE["CLV_GINI"]([[100], [50], [25], [10]])[0][0])],
            ["error"],
        ]


def test_functions_read_the_sheets_of_a_filled_workbook(vba_host, small):
    book = openpyxl.load_workbook(small, data_only=True)
    table = book["Customers"].tables["tblCustomers"]
    header, *rows = ([cell.value for cell in row] for row in book["Customers"][table.ref])
    values = [[row[header.index("value")]] for row in rows]
    with vba_host.open(small) as opened:
        gini = opened.type("Log.A40", "=CLV_GINI(tblCustomers[value])")
        assert gini == pytest.approx(CATALOGUE["CLV_GINI"](values)[0][0])
        formula = '=FOCAL_SEGMENT(tblCustomers[value];"top share";0.2;Z99;tblCustomers[p_focal])'
        segments = opened.type(f"Log.A50:A{49 + len(values)}", formula)
        assert [row[0] for row in segments] == [row[header.index("segment")] for row in rows]
        below = f"Log.D50:H{49 + len(values)}"
        log = {row[0]: row[1:4] for row in opened.type(below, "=CLV_RFM(tblTransactions[[customer]:[amount]])")}
    for row in rows:
        known = dict(zip(header, row, strict=True))
        assert log[known["customer_id"]] == pytest.approx([known[name] for name in ("frequency", "recency", "T")])


# ---- Excel and Python -----------------------------------------------------------------------------------------------


def test_slow_functions_wait_for_the_wizard_and_quick_ones_do_not(workbook, vba_host):
    workbook.put_rows("A1", examples.VALUES)
    vba_host.excel.wizard_is_open = True
    assert workbook.type("C1", "=CLV_GINI(A1:A10)") == "Calculated when you press OK"
    assert vba_host.excel.calls == []
    assert workbook.type("C2", "=CLV_LORENZ(A1:A10)") == 0
    vba_host.excel.wizard_is_open = False
    assert workbook.type("C3", "=CLV_GINI(A1:A10)") == pytest.approx(0.69)


@pytest.mark.parametrize("number", [462, -2147023174, -2147023170, -2147417848, -2146959355])
def test_a_server_that_has_died_is_replaced_once_and_nobody_notices(number, workbook, vba_host):
    workbook.put_rows("A1", examples.VALUES)
    vba_host.excel.dead = [number]
    assert workbook.type("C1", "=CLV_GINI(A1:A10)") == pytest.approx(0.69)
    assert vba_host.excel.dead == []
    assert vba_host.excel.status_bar == []


def test_a_server_that_dies_again_is_an_error_in_the_cell_and_a_sentence_in_the_status_bar(workbook, vba_host):
    workbook.put_rows("A1", examples.VALUES)
    vba_host.excel.dead = [462, 462]
    assert workbook.type("C1", "=CLV_GINI(A1:A10)") == "#VALUE!"
    assert vba_host.excel.dead == [462]
    assert vba_host.excel.status_bar[0].startswith("Focal: Python has ended while it was at work.")


def test_any_other_failure_is_not_tried_again(workbook, vba_host):
    workbook.put_rows("A1", examples.VALUES)
    vba_host.excel.dead = [5, 5]
    assert workbook.type("C1", "=CLV_GINI(A1:A10)") == "#VALUE!"
    assert vba_host.excel.dead == [5, 5]


def test_without_python_the_status_bar_says_why_until_a_formula_works_again(workbook, vba_host):
    workbook.put_rows("A1", examples.VALUES)
    vba_host.excel.unreachable = "Focal is not set up for this user. Run: focal install"
    assert workbook.type("C1", "=CLV_GINI(A1:A10)") == "#VALUE!"
    assert workbook.type("C2", "=ISERROR(C1)") == 1
    vba_host.excel.unreachable = ""
    assert workbook.type("C3", "=CLV_GINI(A1:A10)") == pytest.approx(0.69)
    assert workbook.type("C4", "=CLV_GINI(A1:A10)") == pytest.approx(0.69)
    assert vba_host.excel.status_bar == ["Focal: Focal is not set up for this user. Run: focal install", False]


# ---- commands -------------------------------------------------------------------------------------------------------


@pytest.fixture
def command(workbook, vba_host, monkeypatch):
    """Run a conversation as a command of the ribbon; returns what happened in Excel."""

    def run(conversation, **excel):
        commands._running.clear()
        monkeypatch.setattr(commands, "_app", lambda application: None)
        monkeypatch.setattr(commands, "conversation", lambda command, app: conversation())
        for name, value in excel.items():
            setattr(vba_host.excel, name, value)
        vba_host.run("FocalRuntime.FocalCommand", "refit")
        return vba_host.excel

    return run


ASKING = ("4711", "Application")  # the window and the object of the Excel that asks, as vba_excel has them


def talk(ended):
    def conversation():
        try:
            yield Progress("Reading the log")
            if (yield Ask("Replace 3 cells?")) == "no":
                return "Nothing was changed."
            name = yield Input("Name of the copy", "Focal copy")
            yield Progress("Writing")
            return f"Done: {name or 'Focal copy'}."
        finally:
            ended.append(True)

    return conversation


def test_a_command_shows_its_progress_asks_and_closes_with_its_sentence(command):
    excel = command(talk([]), replies=["yes", "mine"])
    assert excel.messages == ["Replace 3 cells?", "Name of the copy [Focal copy]", "Done: mine."]
    assert excel.status_bar == ["Focal: Reading the log", "Focal: Writing", False]
    assert excel.cancel_key == [1, 2, 1]
    assert [arguments for _, _, arguments in excel.calls] == [
        ("refit", "start", *ASKING),
        ("refit", "", *ASKING),
        ("refit", "yes", *ASKING),
        ("refit", "mine", *ASKING),
        ("refit", "", *ASKING),
    ]


def test_no_is_an_answer(command):
    assert command(talk([]), replies=["no"]).messages[-1] == "Nothing was changed."


def test_cancelling_an_input_ends_the_command(command):
    ended = []
    assert command(talk(ended), replies=["yes", False]).messages[-1] == "Stopped."
    assert ended == [True]


@pytest.mark.parametrize("step", [1, 2])
def test_esc_ends_the_command_and_gives_excel_back(step, command):
    ended = []
    excel = command(talk(ended), replies=["yes"], esc_before_step=step)
    assert excel.messages[-1] == "Stopped."
    assert excel.status_bar[-1] is False
    assert excel.cancel_key[-1] == 1
    assert ended == [True]


def test_esc_before_anything_has_begun_leaves_quietly(command):
    excel = command(talk([]), esc_before_step=0)
    assert excel.calls == excel.messages == []
    assert excel.cancel_key == [1, 2, 1]


def test_a_command_that_fails_says_so_and_the_next_one_runs(command, caplog):
    def broken():
        yield Progress("Reading")
        raise ZeroDivisionError("secret")

    assert command(broken).messages[-1].startswith("Focal failed (secret).")
    assert command(talk([]), replies=["no"]).messages[-1] == "Nothing was changed."


def test_a_command_starts_anew_if_the_server_had_died_before(command):
    excel = command(talk([]), replies=["no"], dead=[462])
    assert excel.messages[-1] == "Nothing was changed."
    assert excel.dead == []


def test_a_server_that_dies_during_a_command_is_no_reason_to_begin_again(command, vba_host):
    def dying():
        vba_host.excel.dead = [462]
        yield Progress("Reading")

    excel = command(dying)
    assert excel.messages == [
        "Python has ended while it was at work. If it was writing, close the workbook without saving. Focal > Doctor "
        "says what may be wrong."
    ]
    assert excel.status_bar[-1] is False
    assert excel.cancel_key[-1] == 1
    assert [arguments for _, _, arguments in excel.calls] == [("refit", "start", *ASKING)]


def test_what_python_put_aside_comes_back_even_if_python_dies_at_work(command, vba_host):
    def dying():
        vba_host.excel.state |= {"Calculation": -4135, "EnableEvents": False, "ScreenUpdating": False}
        vba_host.excel.dead = [-2147023170]
        yield Progress("Writing the figures")

    excel = command(dying)
    assert excel.state == {"Calculation": -4105, "EnableEvents": True, "ScreenUpdating": True}


def test_a_command_without_python_says_why(command):
    excel = command(talk([]), unreachable="Focal is not set up for this user. Run: focal install")
    assert excel.messages == ["Focal is not set up for this user. Run: focal install"]
    assert excel.calls == []


def test_a_second_command_is_refused_while_one_runs(command, vba_host):
    def restless():
        vba_host.run("FocalRuntime.FocalCommand", "check")
        yield Progress("Reading")
        return "Done."

    assert command(restless).messages == [
        "Focal is still at work (refit). Wait for it, or press Esc to stop it.",
        "Done.",
    ]


def test_on_a_mac_a_command_goes_the_way_of_the_mac(command):
    excel = command(talk([]), is_mac=True)
    assert excel.on_mac == ["refit"]
    assert excel.calls == []
