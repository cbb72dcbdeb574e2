"""The few exceptions of Focal, each with the Excel error value it becomes in a cell.

One class per reaction, not per cause.  Every message says where, what, the values and what to do:
``row 2: recency exceeds T (frequency 1, recency 41.2, T 38.9); 1 row affected.``

FocalError                  what a user can cause and mend; hosts show the message, never a traceback
    InputError              an argument, a cell or a file is not what it must be      -> #VALUE!
    DomainError             a number lies where the answer does not exist             -> #NUM!
    InsufficientDataError   the data are well formed but cannot support the answer    -> #N/A
"""

from enum import StrEnum
from typing import ClassVar, Final


class CellError(StrEnum):
    """Excel's own error values, spelled as Excel spells them."""

    VALUE = "#VALUE!"
    NUM = "#NUM!"
    NA = "#N/A"


ERROR_TEXTS: Final = frozenset({
    "#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!",
    "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA", "#EXTERNAL!", "#PYTHON!", "#ERROR", "#ERROR!",
})  # fmt: skip
"""Every error value that a cell may hold on its way in, as Excel and its like spell it."""


class FocalError(Exception):
    """Base of everything Focal raises on purpose."""

    cell: ClassVar[CellError] = CellError.VALUE


class InputError(FocalError):
    """An argument, a cell or a file is not what it must be."""


class DomainError(FocalError):
    """A number lies outside the domain in which the answer exists."""

    cell = CellError.NUM


class InsufficientDataError(FocalError):
    """The data are well formed but cannot support the answer."""

    cell = CellError.NA
