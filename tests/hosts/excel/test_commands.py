"""The ribbon's commands a step at a time, as VBA calls them."""

import importlib
from types import SimpleNamespace

import pytest
import xlwings as xw

from pyfuncs import __version__
from pyfuncs.errors import InputError
from pyfuncs.hosts.excel import commands
from pyfuncs.hosts.excel.commands import CANCEL, COMMANDS, LONGEST_MESSAGE, START, hello, step
from pyfuncs.hosts.excel.conversation import Ask, Input, Progress
from tests.support import windows


@pytest.fixture
def talk(monkeypatch):
    """Have every command run a given generator function."""
    monkeypatch.setattr(commands, "_app", lambda application: None)
    commands._running.clear()

    def use(generator):
        monkeypatch.setattr(commands, "conversation", lambda command, app: generator())

    yield use
    commands._running.clear()


def said(command, answer):
    """The three texts of one step."""
    [[kind, text, extra]] = step(command, answer)
    return kind, text, extra


def test_a_command_is_told_a_step_at_a_time(talk):
    def refit():
        yield Progress("Reading")
        answer = yield Ask("Go on?")
        name = yield Input("File?", "a.xlsx")
        return f"{answer}, {name}"

    talk(refit)
    assert said("refit", START) == ("progress", "Focal: Reading", "")
    assert said("refit", "") == ("ask", "Go on?", "")
    assert said("refit", "yes") == ("input", "File?", "a.xlsx")
    assert said("refit", "b.xlsx") == ("done", "yes, b.xlsx", "")
    assert said("refit", "")[0] == "fail", "nothing is running any more"


def test_esc_ends_the_command_and_its_finally_puts_things_back(talk):
    put_back = []

    def refit():
        try:
            yield Progress("Fitting")
            yield Progress("Fitting")
        finally:
            put_back.append(True)

    talk(refit)
    said("refit", START)
    assert said("refit", CANCEL) == ("done", "Stopped.", "")
    assert put_back == [True]


def test_what_the_user_can_mend_is_said_and_ends_the_command(talk):
    def refit():
        yield Progress("Reading")
        raise InputError("Sheet Transactions is empty.")

    talk(refit)
    said("refit", START)
    assert said("refit", "") == ("fail", "Sheet Transactions is empty.", "")
    assert said("refit", START) == ("progress", "Focal: Reading", ""), "the next start is a new run"


def test_a_fault_of_focal_is_logged_and_shown_without_its_traceback(talk, caplog):
    def refit():
        yield Progress("Reading")
        raise ZeroDivisionError("float division by zero")

    talk(refit)
    said("refit", START)
    kind, text, _ = said("refit", "")
    assert kind == "fail"
    assert "float division by zero" in text
    assert "Traceback" not in text
    assert "Traceback" in caplog.text


def test_each_excel_has_its_own_run(talk):
    def refit():
        yield Progress("Fitting")
        answer = yield Ask("Go on?")
        return answer

    talk(refit)
    step("refit", START, "first")
    step("refit", START, "second")
    assert step("refit", "", "first") == [["ask", "Go on?", ""]]
    assert step("refit", "", "second") == [["ask", "Go on?", ""]]
    assert step("refit", "no", "second") == [["done", "no", ""]]
    assert step("refit", "yes", "first") == [["done", "yes", ""]]


def test_a_run_whose_vba_was_stopped_gives_way_to_the_next(talk):
    ended = []

    def refit():
        try:
            yield Progress("Fitting")
        finally:
            ended.append(True)

    talk(refit)
    said("refit", START)
    assert said("refit", START)[0] == "progress"
    assert ended == [True]


def test_a_command_that_says_nothing_is_done_at_once(talk):
    def nothing():
        return ""
        yield

    talk(nothing)
    assert said("help", START) == ("done", "", "")


def test_messages_fit_into_a_message_box(talk):
    def long():
        yield Ask("x" * 5000)
        return "y" * 5000

    talk(long)
    assert len(said("check", START)[1]) == LONGEST_MESSAGE
    assert len(said("check", "yes")[1]) == LONGEST_MESSAGE


@pytest.mark.parametrize("word", COMMANDS)
def test_every_command_has_its_function(word):
    module, name = COMMANDS[word].split(".")
    assert callable(getattr(importlib.import_module(f"pyfuncs.hosts.excel.{module}"), name))


def test_an_unknown_command_is_a_matter_of_versions(monkeypatch):
    monkeypatch.setattr(commands, "_app", lambda application: object())
    kind, text, _ = said("dance", START)
    assert kind == "fail"
    assert "focal install" in text


def test_the_excel_that_asks_is_the_one_that_is_worked_on():
    windows.install()
    asking = SimpleNamespace(Hwnd=4711, Name="Microsoft Excel")
    assert commands._app(asking).api.Name == "Microsoft Excel"


def test_without_an_excel_nothing_runs(monkeypatch):
    monkeypatch.setattr(commands, "_app", lambda application: None)
    assert said("about", START) == ("fail", "No Excel was found.", "")


def test_hello_is_silent_when_versions_agree_and_says_what_to_do_when_not():
    assert hello(xw.__version__, __version__) == ""
    text = hello("0.30.0", __version__)
    assert "xlwings 0.30.0" in text
    assert "focal install" in text
