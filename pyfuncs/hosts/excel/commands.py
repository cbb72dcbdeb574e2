"""What the ribbon's VBA calls: `hello` when it connects, and `step` again and again while a command runs.

Each step answers with a row of three texts, kind, text and extra:
progress (status bar), ask (yes or no), input (text; extra is the default), done and fail (message; the run is over).
"""

import logging
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final

import xlwings as xw

from pyfuncs import __version__
from pyfuncs.errors import FocalError, InputError
from pyfuncs.hosts.excel.conversation import NO, YES, Ask, Conversation, Progress

START: Final = "start"
CANCEL: Final = "cancel"
LONGEST_MESSAGE: Final = 1000
"""Characters that VBA's message boxes show."""
LONGEST_QUESTION: Final = 250
"""Characters that Excel's window for input shows."""

COMMANDS: Final = {
    "refit": "refit.refit",
    "check": "buttons.check",
    "template": "buttons.template",
    "insert": "insertion.insert",
    "export": "exporting.export_values",
    "repair": "links.repair",
    "help": "buttons.help_page",
    "doctor": "buttons.doctor",
    "about": "buttons.about",
}
"""The word on a button's tag -> module and function in this package."""

logger = logging.getLogger(__name__)
_running: dict[str, Conversation] = {}
"""What runs, by the Excel it runs for: companies that start the server beforehand share it among several."""


@xw.func
@xw.arg("xlwings_version", doc="The version the add-in was built for.")
@xw.arg("focal_version", doc="The version of the add-in.")
def hello(xlwings_version: str, focal_version: str) -> str:
    """Nothing when the add-in and this Python belong together, otherwise what to do."""
    if (xlwings_version, focal_version) == (xw.__version__, __version__):
        return ""
    return (
        f"The add-in is of Focal {focal_version} for xlwings {xlwings_version}, but this Python has Focal "
        f"{__version__} and xlwings {xw.__version__}. Close Excel and run in a command prompt: focal install"
    )


@xw.func
@xw.arg("command", doc="The word on the button's tag.")
@xw.arg("answer", doc="start, cancel, or the answer to the last step.")
@xw.arg("excel", doc="The window of the Excel that asks, which tells it from others.")
@xw.arg("application", "raw", doc="The Application object of that Excel.")
def step(command: str, answer: str, excel: str = "", application: Any = None) -> list[list[str]]:
    """Carry the command on by one step."""
    try:
        return [list(_step(command, answer or "", excel, application))]
    except FocalError as refused:
        return [["fail", _short(str(refused)), ""]]
    except Exception:
        logger.exception("The command %s failed; this is a fault of Focal.", command)
        return [["fail", f"Focal failed ({sys.exc_info()[1]}). The details are in its log; see Focal > Doctor.", ""]]


def _step(command: str, answer: str, excel: str, application: Any) -> tuple[str, str, str]:
    if answer == START:
        _end(excel)  # a run that was left behind: somebody stopped its VBA
        _running[excel] = conversation(command, _app(application))
    if excel not in _running:
        raise InputError("Nothing is running; press the button again.")
    if answer == CANCEL:
        _end(excel)
        return "done", "Stopped.", ""
    try:
        said = next(_running[excel]) if answer == START else _running[excel].send(answer)
    except StopIteration as finished:
        del _running[excel]
        return "done", _short(finished.value or ""), ""
    except BaseException:
        del _running[excel]
        raise
    if isinstance(said, Progress):
        return "progress", f"Focal: {said.text}", ""
    if isinstance(said, Ask):
        return "ask", _short(said.text), ""
    return "input", _short(said.text, LONGEST_QUESTION), said.default


def _end(excel: str) -> None:
    """End what is running; its `finally` blocks put Excel back as it was."""
    if left := _running.pop(excel, None):
        left.close()


def conversation(command: str, app: Any) -> Conversation:
    """The conversation of a command: a word, or "insert" and the name of a function."""
    word, _, rest = command.partition(" ")
    if word not in COMMANDS:
        raise InputError(f'Focal knows no command "{command}"; the add-in is of another version. Run: focal install')
    module, _, name = COMMANDS[word].partition(".")
    if app is None:
        raise InputError("No Excel was found.")
    # loaded when it is first used: Excel's first formula waits for none of it
    begin: Callable[..., Conversation] = getattr(import_module(f"pyfuncs.hosts.excel.{module}"), name)
    return begin(app, rest) if rest else begin(app)


def _app(application: Any) -> Any:
    """The Excel that asks, tried again while it is busy; without its Application object the one in front."""
    if application is None:
        return xw.apps.active
    windows = import_module("xlwings._xlwindows")
    return xw.App(impl=windows.App(xl=windows.COMRetryObjectWrapper(application)))


def _short(text: str, longest: int = LONGEST_MESSAGE) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def main(arguments: Sequence[str]) -> int:
    """Run a command on the Excel in front, asking through Excel itself: the way on a Mac, where VBA cannot wait.

    The script there passes the command and the path of the workbook as one text.
    """
    command, app = arguments[0].partition(" ")[0], xw.apps.active
    if app is None:
        print("focal: Excel is not running.", file=sys.stderr)
        return 2
    kind, text, extra = step(command, START)[0]
    while kind not in ("done", "fail"):
        answer = ""
        if kind == "progress":
            app.status_bar = text
        elif kind == "ask":
            answer = YES if app.alert(text, "Focal", "yes_no") == "yes" else NO
        else:
            answer = extra
        kind, text, extra = step(command, answer)[0]
    app.status_bar = False
    if text:
        app.alert(text, "Focal")
    return 0 if kind == "done" else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
