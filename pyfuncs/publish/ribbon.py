"""The ribbon tab "Focal" as Office reads it: each button's tag is its command, and one callback takes them all."""

from dataclasses import dataclass
from itertools import groupby
from typing import Final
from xml.sax.saxutils import quoteattr

from pyfuncs.functions import CATALOGUE, Function
from pyfuncs.publish.vba import call

CALLBACK: Final = "FocalOnCommand"
NAMESPACE: Final = "http://schemas.microsoft.com/office/2009/07/customui"


@dataclass(frozen=True)
class Button:
    """A button: what it runs and what people see of it."""

    command: str
    label: str
    icon: str
    key: str
    tip: str
    more: str
    large: bool = False


_MODEL: Final = (
    Button(
        "refit", "Refit", "RefreshAll", "R", "Refit the model",
        "Reads Settings, Transactions and Attributes of this workbook, fits the model again and fills every sheet. What"
        " you typed stays. Esc cancels.", large=True,
    ),
    Button(
        "check", "Check data", "AcceptInvitation", "K", "Check the transactions",
        "Says which rows of Transactions can be used, which cannot, and why. Changes nothing.",
    ),
    Button(
        "template", "New from template", "FileNew", "N", "New workbook from the template",
        "Opens a new workbook with all the sheets. Paste your log into Transactions, look through Settings, then click"
        " Refit.",
    ),
)  # fmt: skip
_SHARE: Final = (
    Button(
        "export", "Export values", "FileSaveAsExcelXlsx", "E", "Save a copy with values",
        "Saves a copy of this workbook in which every formula is replaced by its value, for people who do not have"
        " Focal. This workbook stays as it is.",
    ),
    Button(
        "repair", "Repair links", "HyperlinkInsert", "L", "Repair links to Focal",
        "Mends formulas that look for Focal in a folder of another computer, such as"
        " ='C:\\Users\\ann\\...\\Focal.xlam'!CLV_SCORE(A1:E9).",
    ),
)  # fmt: skip
_HELP: Final = (
    Button(
        "help", "Help", "Help", "H", "Help on the functions",
        "Opens the function reference: what each function takes and gives, with an example.",
    ),
    Button(
        "doctor", "Doctor", "ErrorChecking", "D", "Find out what is wrong",
        "Looks for the usual reasons why Focal does not work on a computer and says what to do.",
    ),
    Button(
        "about", "About", "Info", "A", "About Focal",
        "Version, licence, and where Focal is installed on this computer.",
    ),
)  # fmt: skip


def ribbon() -> str:
    """XML of the tab: part customUI14 of the add-in."""
    groups = "".join(
        (
            _group("Model", "RefreshAll", "".join(map(_button, _MODEL))),
            _group("Functions", "FunctionWizard", _functions()),
            _group("Share", "FileSaveAsExcelXlsx", "".join(map(_button, _SHARE))),
            _group("Help", "Help", "".join(map(_button, _HELP))),
        )
    )
    # Excel 2003's menu keys still work behind Alt, so the key of the tab is none of theirs (E V I O T D W H).
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<customUI xmlns="{NAMESPACE}">\n  <ribbon>\n    <tabs>\n'
        f'      <tab id="focalTab" label="Focal" keytip="C">\n{groups}'
        "      </tab>\n    </tabs>\n  </ribbon>\n</customUI>\n"
    )


def _group(label: str, icon: str, content: str) -> str:
    opening = _tag("group", id=f"focalGroup{label}", label=label, imageMso=icon)
    return f"        <{opening}>\n{content}        </group>\n"


def _button(button: Button) -> str:
    return _single(
        id=f"focal{button.command.capitalize()}",
        label=button.label,
        size="large" if button.large else "normal",
        imageMso=button.icon,
        keytip=button.key,
        screentip=button.tip,
        supertip=button.more,
        tag=button.command,
        onAction=CALLBACK,
    )


def _functions() -> str:
    """One menu of all functions, a title over each family."""
    opening = _tag(
        "menu",
        id="focalInsert",
        label="Insert function",
        size="large",
        imageMso="FunctionWizard",
        keytip="I",
        screentip="Insert a function",
        supertip="Select your customers or your log, then choose a function: its formula is typed for you. Functions"
        " need Excel for Windows.",
    )
    items = ""
    for number, (family, functions) in enumerate(groupby(CATALOGUE.values(), key=lambda each: each.family), start=1):
        items += f"            <{_tag('menuSeparator', id=f'focalFamily{number}', title=family)}/>\n"
        items += "".join(_item(function) for function in functions)
    return f"          <{opening}>\n{items}          </menu>\n"


def _item(function: Function) -> str:
    return "  " + _single(
        id=f"focalInsert{function.name}",
        label=function.name,
        screentip=call(function),
        supertip=function.summary,
        tag=f"insert {function.name}",
        onAction=CALLBACK,
    )


def _single(**attributes: str) -> str:
    return f"          <{_tag('button', **attributes)}/>\n"


def _tag(name: str, **attributes: str) -> str:
    return " ".join([name, *(f"{key}={quoteattr(value)}" for key, value in attributes.items())])
