"""Excel's error values by number: COM hands error cells over as integers, and xlwings knows only the oldest seven."""

from typing import Final

from pyfuncs.errors import CellError

CV_ERRORS: Final = {
    2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!", 2042: "#N/A",
    2043: "#GETTING_DATA", 2045: "#SPILL!", 2046: "#CONNECT!", 2047: "#BLOCKED!", 2048: "#UNKNOWN!", 2049: "#FIELD!",
    2050: "#CALC!",
}  # fmt: skip
"""Excel's errors by the number VBA's CVErr has for them; FocalRuntime.bas holds the same list for the way back."""
_SCODE: Final = -2146828288  # 0x800A0000: an error cell arrives as this plus its CVErr number
_SCODES: Final = range(_SCODE + 2000, _SCODE + 3000)


def error_text(number: int) -> str | None:
    """The error an integer stands for, #VALUE! for one without a name here; None when it is a number."""
    return CV_ERRORS.get(number - _SCODE, CellError.VALUE.value) if number in _SCODES else None
