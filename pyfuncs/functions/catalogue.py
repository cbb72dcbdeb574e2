"""A worksheet function is declared once: one Python function, one decorator, and this module reads the rest from it.

Names, order, defaults and kinds of arguments come from the signature, their meanings from the vocabulary, the summary
from the first line of the docstring, the example from the decorator.  The VBA wrappers, the function wizard, the
reference, the help sheet and the tests all read the `Function` objects that come of it.
"""

import inspect
import logging
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType, NoneType
from typing import Any, Final

from pyfuncs.errors import CellError, FocalError, InputError
from pyfuncs.functions.cells import Grid, PropagatedError, as_grid, error, is_error, nothing_in
from pyfuncs.vocabulary import TERMS

LONGEST_TEXT: Final = 255
"""Characters of help that Excel keeps for a function or an argument."""
FAMILIES: Final = (
    "Customers",
    "Models",
    "Scores",
    "Focal customers",
    "Heterogeneity",
    "Acquisition",
    "Products",
    "Beyond transactions",
    "Value of the customer base",
)
CATEGORIES: Final = {family: f"Focal: {family.removeprefix('Value of the ')}" for family in FAMILIES}
"""What the function wizard calls each family, in the 31 characters a workbook has for it."""
# xlwings' own argument, then the words VBA does not take as names.
_RESERVED_WORDS: Final = (
    "caller and as boolean byref byte byval call case const currency date declare dim do double each else elseif empty"
    " end enum erase error event exit false for friend function get global gosub goto if implements in input integer is"
    " let lib like lock long loop lset me mod new next not nothing null object on open option optional or paramarray"
    " preserve print private property public put raiseevent redim rem resume return rset seek select set shared single"
    " static step stop string sub then to true type unlock until variant wend while with write xor"
)
RESERVED: Final = frozenset(_RESERVED_WORDS.split())
SLOW_KINDS: Final = frozenset({"customers", "transactions", "model", "attributes"})
"""Kinds of arguments behind which a log may have to be read or a model fitted."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kind:
    """What an argument is, and how its cells are read.

    `read(grid, name)` turns the cells of the argument `name` into what the Python function takes, or raises a
    `FocalError`.  `choices` lists the words allowed where only some are.
    """

    name: str
    read: Callable[[Grid, str], Any]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Argument:
    """One argument of a worksheet function."""

    name: str
    kind: Kind
    optional: bool
    default: Any = None

    @property
    def meaning(self) -> str:
        """What it means, from the vocabulary."""
        return TERMS[self.name].meaning

    def read(self, grid: Grid) -> Any:
        """Its value from its cells; blank cells mean the default, an error alone becomes the answer."""
        if len(grid) == len(grid[0]) == 1 and is_error(grid[0][0]):
            raise PropagatedError(str(grid[0][0]))
        if nothing_in(grid):
            if self.optional:
                return self.default
            raise InputError(f"{self.name}: the cells are blank; point to the {self.kind.name}.")
        return self.kind.read(grid, self.name)


@dataclass(frozen=True)
class Example:
    """A call that anybody can type into a sheet, and what it answers.

    `arguments` are grids or bare values, `result` is a grid or, for a single cell, its value; numbers agree within
    `tolerance`.  `rows` None means the whole result; otherwise only so many of its first rows are shown.
    """

    arguments: tuple[Any, ...]
    result: Any
    tolerance: float = 5e-5
    rows: int | None = None


@dataclass(frozen=True)
class Function:
    """A worksheet function: called with the cells of its arguments, it answers with a grid whatever they hold."""

    name: str
    family: str
    example: Example
    body: Callable[..., Grid] = field(repr=False)

    @property
    def summary(self) -> str:
        """What the function wizard says about it: the first line of the docstring."""
        return (inspect.getdoc(self.body) or "").partition("\n")[0].strip()

    @property
    def description(self) -> str:
        """The rest of the docstring, for the reference."""
        return (inspect.getdoc(self.body) or "").partition("\n")[2].strip()

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments in the order of the signature."""
        hints = typing.get_type_hints(self.body, include_extras=True)
        parameters = inspect.signature(self.body).parameters.values()
        return tuple(_argument(parameter, hints[parameter.name], self.name) for parameter in parameters)

    @property
    def category(self) -> str:
        """Where the function wizard lists it."""
        return CATEGORIES[self.family]

    @property
    def slow(self) -> bool:
        """Whether a call may read a log or fit a model, so that the function wizard should not run it at each key."""
        return any(argument.kind.name in SLOW_KINDS for argument in self.arguments)

    def __call__(self, *grids: Any) -> Grid:
        """Answer for the cells of the arguments, in order; missing optional ones may be left out or None.

        What a user can cause becomes one Excel error.  Anything else is a fault of Focal: it is logged with its
        traceback and shows as #VALUE!.
        """
        try:
            return self.body(*self._read(grids))
        except PropagatedError as propagated:
            return error(propagated.text)
        except FocalError as refused:
            logger.info("%s: %s", self.name, refused)
            return error(refused.cell.value)
        except Exception:
            logger.exception("%s failed; this is a fault of Focal, not of the cells.", self.name)
            return error(CellError.VALUE.value)

    def explain(self, *grids: Any) -> str:
        """Why a call answers with an error, in one sentence; empty when it does not."""
        try:
            self.body(*self._read(grids))
        except FocalError as refused:
            return str(refused)
        return ""

    def _read(self, grids: tuple[Any, ...]) -> list[Any]:
        arguments = self.arguments
        if len(grids) > len(arguments):
            raise InputError(f"{self.name}: {len(grids)} arguments where {len(arguments)} are taken.")
        padded = grids + (None,) * (len(arguments) - len(grids))
        cells = [as_grid(given) for given in padded]
        return [argument.read(grid) for argument, grid in zip(arguments, cells, strict=True)]


def excel_function(name: str, *, family: str, example: Example) -> Callable[[Callable[..., Grid]], Function]:
    """Declare a Python function to be a worksheet function."""

    def declare(body: Callable[..., Grid]) -> Function:
        return Function(name, family, example, body)

    return declare


def collect(*modules: Any) -> Mapping[str, Function]:
    """Every worksheet function of some modules by name, in the order of their declaration.

    Refuses at import, with a sentence, what Excel, VBA or a reader could not cope with.
    """
    found: dict[str, Function] = {}
    for module in modules:
        for function in vars(module).values():
            if isinstance(function, Function):
                _check(function)
                if function.name in found:
                    raise ValueError(f"{function.name}: declared twice; give one of them another name.")
                found[function.name] = function
    return MappingProxyType(found)


def _argument(parameter: inspect.Parameter, hint: Any, function: str) -> Argument:
    """An argument from its place in the signature; `X | None` is read as `X`."""
    kinds = [
        extra
        for part in (hint, *(typing.get_args(hint) if NoneType in typing.get_args(hint) else ()))
        for extra in getattr(part, "__metadata__", ())
        if isinstance(extra, Kind)
    ]
    if len(kinds) != 1:
        raise ValueError(f"{function}: {parameter.name} must be annotated with one kind of argument.")
    if parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
        raise ValueError(f"{function}: {parameter.name} must be an ordinary argument; Excel knows no other.")
    optional = parameter.default is not inspect.Parameter.empty
    return Argument(parameter.name, kinds[0], optional, parameter.default if optional else None)


def _check(function: Function) -> None:
    """Refuse what Excel, VBA or a reader could not cope with."""
    name, arguments = function.name, function.arguments
    names = [argument.name for argument in arguments]
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", name):
        raise ValueError(f"{name}: a function name is capitals, digits and underscores.")
    if re.fullmatch(r"[A-Z]{1,3}[0-9]{1,7}|R[0-9]*(C[0-9]*)?|C[0-9]*", name):
        raise ValueError(f"{name}: Excel reads this as the address of a cell; choose another name.")
    if function.family not in FAMILIES:
        raise ValueError(f"{name}: {function.family!r} is not a family; use one of {', '.join(FAMILIES)}.")
    if not function.summary:
        raise ValueError(f"{name}: no summary; write a docstring whose first line says what it answers.")
    if len(function.summary) > LONGEST_TEXT:
        raise ValueError(f"{name}: the summary has {len(function.summary)} characters; Excel keeps {LONGEST_TEXT}.")
    if len({each.lower() for each in names}) < len(names):
        raise ValueError(f"{name}: two arguments differ only in case, which VBA does not see: {', '.join(names)}.")
    for before, argument in zip((None, *arguments), arguments, strict=False):
        if argument.name.lower() in RESERVED:
            raise ValueError(f"{name}: {argument.name} is a reserved word; choose another name for the argument.")
        if argument.name not in TERMS:
            raise ValueError(f"{name}: {argument.name} is not in the vocabulary; say there what it means.")
        if len(argument.meaning) > LONGEST_TEXT:
            raise ValueError(f"{name}: the meaning of {argument.name} is longer than {LONGEST_TEXT} characters.")
        if before is not None and before.optional and not argument.optional:
            raise ValueError(f"{name}: {argument.name} must be given but follows an optional argument; put it first.")
    mandatory, shown = sum(not argument.optional for argument in arguments), len(function.example.arguments)
    if not mandatory <= shown <= len(names):
        raise ValueError(f"{name}: the example has {shown} arguments; it takes {mandatory} to {len(names)}.")
