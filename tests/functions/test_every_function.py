"""What holds for each function of the catalogue, whatever it computes."""

import datetime as dt
import functools
import logging

import pytest

from pyfuncs.errors import ERROR_TEXTS
from pyfuncs.functions import CATALOGUE
from pyfuncs.vocabulary import TERMS

FUNCTIONS = pytest.mark.parametrize("function", CATALOGUE.values(), ids=lambda function: function.name)
ARGUMENTS = [
    pytest.param(function, i, id=f"{function.name}-{argument.name}")
    for function in CATALOGUE.values()
    for i, argument in enumerate(function.arguments)
]
JUNK = ["?!", "#REF!", [["?!", "?!"], ["?!", "?!"]], [[1, 2], [3]], [[object()]], {"a": 1}, dt.time(1, 2)]
ODD = [
    *JUNK,
    0,
    -1,
    1e308,
    float("inf"),
    float("nan"),
    True,
    "1e999",
    dt.datetime(2024, 2, 29),
    dt.date(1850, 1, 1),
    [[]],
    [["value"]],
    [[None, None], [None, None]],
    [["value"], [None]],
    [["#N/A"], ["#N/A"]],
    [[0], [0], [0]],
    [[-5], [3], [1e300]],
    [[1, 2, 3, 4, 5]],
    [[1e300, 1e300, 1e300, 1e300, 1e300]],
    [["a", -1, 5, 2, "x"]],
    [["customer_id", "frequency", "recency", "T"]],
    [["customer_id", "frequency", "recency", "T"], ["a", 1, 2, 3]],
    [["customer", "date"], ["a", "soon"]],
    [["customer", "date", "amount"], ["a", 45000, 10]],
    [["model", "BG/NBD"], ["r", 0.2]],
    [["model", "BG/NBD"], ["r", -1], ["alpha", 4], ["a", 1], ["b", 2]],
    [["model", "BG/NBD"], ["r", "#N/A"], ["alpha", 4], ["a", 1], ["b", 2]],
]
HEADLESS = {
    "CLV_CHECK": "reports row numbers",
    "CLV_NEW": "takes no table of rows",
    "FOCAL_PROFILE": "names attributes by their headers",
    "FOCAL_LOOKALIKE": "names attributes by their headers",
    "FOCAL_MIGRATION": "finds its columns by their headers",
    "FOCAL_STABILITY": "finds its columns by their headers",
}


def is_plain(grid):
    """Whether a result is rows of equal length of what a cell can hold, and nothing else."""
    plain = (str, float, int, bool, type(None), dt.datetime)
    return (
        isinstance(grid, list)
        and len(grid) > 0
        and all(isinstance(row, list) and len(row) == len(grid[0]) > 0 for row in grid)
        and all(type(cell) in plain for row in grid for cell in row)
        and all(cell == cell and abs(cell) != float("inf") for row in grid for cell in row if type(cell) is float)
    )


def is_error(grid):
    return len(grid) == 1 and len(grid[0]) == 1 and grid[0][0] in ERROR_TEXTS


def assert_same(found, expected, tolerance):
    assert len(found) == len(expected)
    for row, wanted in zip(found, expected, strict=True):
        assert len(row) == len(wanted)
        for cell, want in zip(row, wanted, strict=True):
            if isinstance(want, float):
                assert cell == pytest.approx(want, abs=tolerance)
            else:
                assert cell == want


def of_example(function, length=None):
    arguments = function.example.arguments
    return list(arguments) + [None] * ((length or len(function.arguments)) - len(arguments))


@FUNCTIONS
def test_the_documented_example_holds(function):
    example = function.example
    found = function(*example.arguments)
    expected = example.result if isinstance(example.result, list) else [[example.result]]
    assert_same(found[: example.rows], expected, example.tolerance)


@FUNCTIONS
def test_the_example_can_be_typed_into_a_sheet(function):
    for argument in function.example.arguments:
        cells = [cell for row in argument for cell in row] if isinstance(argument, tuple) else [argument]
        assert len(cells) <= 200
        assert all(isinstance(cell, (str, int, float, type(None))) for cell in cells)


@FUNCTIONS
def test_the_function_fits_the_wizard_of_excel(function):
    assert 1 <= len(function.arguments) <= 9
    assert 20 <= len(function.summary) <= 255
    assert function.summary.endswith(".")
    for argument in function.arguments:
        assert 10 <= len(argument.meaning) <= 255
    assert len(", ".join(argument.name for argument in function.arguments)) <= 255


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk).partition(" at 0x")[0])
@pytest.mark.parametrize(("function", "at"), ARGUMENTS)
def test_junk_in_any_argument_is_one_error_and_no_fault(function, at, junk, caplog):
    arguments = of_example(function)
    arguments[at] = junk
    with caplog.at_level(logging.ERROR):
        assert is_error(function(*arguments))
    assert not caplog.records


@pytest.mark.parametrize("error", sorted(ERROR_TEXTS))
@pytest.mark.parametrize(("function", "at"), ARGUMENTS)
def test_an_error_alone_in_an_argument_is_the_answer(function, at, error):
    arguments = of_example(function)
    arguments[at] = [[error]]
    assert function(*arguments) == [[error]]


@pytest.mark.parametrize(("function", "at"), ARGUMENTS)
def test_odd_cells_in_any_argument_never_fault_and_give_plain_cells(function, at, caplog):
    with caplog.at_level(logging.ERROR):
        for odd in ODD:
            arguments = of_example(function)
            arguments[at] = odd
            assert is_plain(function(*arguments)), odd
    assert not caplog.records


@FUNCTIONS
def test_results_are_plain_cells(function):
    assert is_plain(function(*function.example.arguments))


@FUNCTIONS
def test_the_same_cells_give_the_same_cells(function):
    assert function(*function.example.arguments) == function(*function.example.arguments)


@FUNCTIONS
@pytest.mark.parametrize("blank", [None, "", [[None]], [[""]], [[None, None], [None, None]]], ids=repr)
def test_a_blank_optional_argument_is_the_default(function, blank):
    mandatory = mandatory_of_example(function)
    optional = len(function.arguments) - len(mandatory)
    assert function(*mandatory, *[blank] * optional) == by_default(function.name)


def mandatory_of_example(function):
    return [
        given
        for given, argument in zip(function.example.arguments, function.arguments, strict=False)
        if not argument.optional
    ]


@functools.cache
def by_default(name):
    """What a function's example gives without its optional arguments."""
    function = CATALOGUE[name]
    return function(*mandatory_of_example(function))


@FUNCTIONS
@pytest.mark.parametrize("blank", [None, "", [[None]], [[None, None], [None, None]]], ids=repr)
def test_a_blank_mandatory_argument_is_an_error(function, blank):
    for i, argument in enumerate(function.arguments):
        if not argument.optional:
            arguments = of_example(function)
            arguments[i] = blank
            assert is_error(function(*arguments))


@FUNCTIONS
def test_a_stated_default_is_the_default(function):
    for i, argument in enumerate(function.arguments):
        if argument.optional and isinstance(argument.default, (float, str)):
            stated, blank = of_example(function), of_example(function)
            stated[i], blank[i] = argument.default, None
            assert function(*stated) == function(*blank)


@pytest.mark.parametrize(
    "function",
    [function for function in CATALOGUE.values() if function.name not in HEADLESS],
    ids=lambda function: function.name,
)
def test_a_header_row_in_is_a_header_row_out(function):
    arguments = of_example(function)
    table = arguments[0]
    if is_headed(table):
        headed, bare = function(*arguments), function(table[1:], *arguments[1:])
    else:
        header = {1: ("values",), 3: ("frequency", "recency", "T")}[len(table[0])]
        headed = function((header, *table), *with_headers(function, arguments[1:]))
        bare = function(*arguments)
    assert not is_error(headed)
    assert all(isinstance(cell, str) for cell in headed[0])
    assert headed[1:] == bare


def is_headed(table):
    return all(isinstance(cell, str) for cell in table[0]) and len(table[0]) > 1


def with_headers(function, arguments):
    """The columns that stand beside the first one, with a header of their own."""
    names = [argument.name for argument in function.arguments[1:]]
    return [
        ((name,), *given) if isinstance(given, tuple) and len(given[0]) == 1 else given
        for name, given in zip(names, arguments, strict=True)
    ]


@FUNCTIONS
def test_headers_are_words_of_the_vocabulary(function):
    arguments = of_example(function)
    if not is_headed(arguments[0]):
        width = len(arguments[0][0])
        header = {1: ("segments" if "SUMMARY" in function.name else "values",), 3: ("frequency", "recency", "T")}[width]
        arguments = [(header, *arguments[0]), *with_headers(function, arguments[1:])]
    header = function(*arguments)[0]
    in_the_cells = {cell for row in arguments[0] for cell in row}  # a matrix of products is headed by them
    assert [name for name in header if name not in TERMS and name not in in_the_cells] == []
