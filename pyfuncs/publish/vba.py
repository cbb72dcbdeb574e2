"""The VBA of the worksheet functions: three lines each, written from the catalogue."""

from importlib.metadata import version
from typing import Final

from pyfuncs import __version__
from pyfuncs.functions import CATALOGUE, Function
from pyfuncs.functions.catalogue import FAMILIES

MODULE: Final = "FocalFunctions"
BUILT_IN_CATEGORIES: Final = 19
"""Function categories Excel brings; its own of a workbook are numbered after them."""
_LONGEST_LINE: Final = 1000
_HEAD: Final = """Attribute VB_Name = "{module}"
Option Explicit
' Written by python -m pyfuncs.publish from the catalogue of worksheet functions; change those, not this file.

Public Const FOCAL_VERSION As String = "{focal}"
Public Const XLWINGS_VERSION As String = "{xlwings}"
"""


def functions_module() -> str:
    """Source of the VBA module that holds every worksheet function and the versions it was written for."""
    head = _HEAD.format(module=MODULE, focal=__version__, xlwings=version("xlwings"))
    text = head + "".join("\n" + _wrapper(function) for function in CATALOGUE.values())
    for line in text.splitlines():
        if len(line) > _LONGEST_LINE:
            raise ValueError(f"VBA reads lines of up to 1,023 characters; this one has {len(line)}: {line[:60]}")
    return text


def call(function: Function) -> str:
    """How the function is called, as people read it: arguments that may be left out stand in brackets."""
    names = (f"[{argument.name}]" if argument.optional else argument.name for argument in function.arguments)
    return f"{function.name}({', '.join(names)})"


def _wrapper(function: Function) -> str:
    name = function.name
    arguments = ", ".join(argument.name for argument in function.arguments)
    declared = ", ".join(
        f"{'Optional ' * argument.optional}{argument.name} As Variant" for argument in function.arguments
    )
    category = BUILT_IN_CATEGORIES + 1 + FAMILIES.index(function.family)
    return (
        f"Public Function {name}({declared}) As Variant\n"
        f"Attribute {name}.VB_Description = {_quoted(function.summary)}\n"
        f'Attribute {name}.VB_ProcData.VB_Invoke_Func = " \\n{category}"\n'
        f'    {name} = FocalCall("{name}", Array({arguments}), {function.slow})\n'
        "End Function\n"
    )


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
