"""The worksheet functions behind xlwings' own `call_udf`, with cells as pywin32 hands them over."""

import datetime as dt
import io
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from xlwings import conversion

from pyfuncs.errors import ERROR_TEXTS
from pyfuncs.functions import CATALOGUE, examples
from pyfuncs.functions.catalogue import CATEGORIES
from pyfuncs.functions.cells import as_grid
from pyfuncs.hosts.excel.cell_errors import CV_ERRORS
from pyfuncs.publish.vba import functions_module
from tests.support import windows

ROOT = Path(__file__).parents[3]
MODULE = "pyfuncs.hosts.excel.udfs"
FUNCTIONS = pytest.mark.parametrize("function", CATALOGUE.values(), ids=lambda function: function.name)
NEVER = "lifetimes matplotlib plotly polars duckdb lxml xlsxwriter fastexcel openpyxl".split()


@pytest.fixture(scope="module", autouse=True)
def udfs():
    windows.install()
    from pyfuncs.hosts.excel import udfs

    return udfs


def from_excel(given):
    """An argument as pywin32 hands it over: numbers are float, ranges tuples of tuples."""
    if isinstance(given, tuple):
        return tuple(map(from_excel, given))
    return float(given) if isinstance(given, int) else given


def to_excel(grid):
    """A grid as Excel gets it back from CallUDF: one value, one row, or rows."""
    rows = [["" if cell is None else cell for cell in row] for row in grid]
    rows = [[cell.replace(tzinfo=dt.UTC) if isinstance(cell, dt.datetime) else cell for cell in row] for row in rows]
    return rows if len(rows) > 1 else rows[0] if len(rows[0]) > 1 else rows[0][0]


def call(name, *arguments):
    return windows.call_udf(MODULE, name, *arguments)


def fresh(code, *, path=ROOT):
    """What a new Python process prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=path, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# ---- every function -------------------------------------------------------------------------------------------------


@FUNCTIONS
def test_the_example_comes_back_as_excel_takes_it(function):
    arguments = function.example.arguments
    assert call(function.name, *map(from_excel, arguments)) == to_excel(function(*arguments))


@FUNCTIONS
def test_arguments_left_out_are_the_default(function):
    arguments = tuple(map(from_excel, function.example.arguments))
    left_out = [windows.MISSING] * (len(function.arguments) - len(arguments))
    assert call(function.name, *arguments, *left_out) == call(function.name, *arguments)


@FUNCTIONS
@pytest.mark.parametrize(
    "junk",
    [
        "?!",
        windows.error(2023),
        (("?!", 1.0), (None, True)),
        -5.0,
        True,
        Decimal("1.5"),
        windows.date(2024, 2, 29),
        pytest.param(object(), id="object()"),
    ],
    ids=repr,
)
def test_junk_in_any_argument_gives_cells_and_no_exception(function, junk):
    for i in range(len(function.arguments)):
        arguments = [*map(from_excel, function.example.arguments)]
        arguments += [windows.MISSING] * (len(function.arguments) - len(arguments))
        arguments[i] = junk
        found = call(function.name, *arguments)
        cells = found if isinstance(found, list) else [found]
        cells = [cell for row in cells for cell in row] if isinstance(cells[0], list) else cells
        assert all(type(cell) in (str, float, bool, dt.datetime) for cell in cells)


@FUNCTIONS
def test_xlwings_is_told_what_the_wizard_shows(function, udfs):
    told = getattr(udfs, function.name).__xlfunc__
    assert told["name"] == function.name
    assert told["ret"]["doc"] == function.summary
    assert told["category"] == CATEGORIES[function.family]
    assert told["call_in_wizard"] is not function.slow
    assert told["volatile"] is False
    assert told["async_mode"] is None
    for known, argument in zip(told["args"], function.arguments, strict=True):
        assert (known["name"], known["doc"], "optional" in known) == (
            argument.name,
            argument.meaning,
            argument.optional,
        )


def test_the_wrappers_that_xlwings_would_write_name_the_same_arguments_as_ours(udfs):
    from xlwings.udfs import generate_vba_wrapper

    written = io.StringIO()
    generate_vba_wrapper(MODULE, udfs, written, SimpleNamespace(Name="Focal.xlam"))
    theirs = dict(re.findall(r"(?m)^Function (\w+)\((.*)\)$", written.getvalue()))
    ours = dict(re.findall(r"(?m)^Public Function (\w+)\((.*)\) As Variant$", functions_module()))
    assert theirs == {name: arguments.replace(" As Variant", "") for name, arguments in ours.items()}
    assert set(theirs) == set(CATALOGUE)
    wizard = re.findall(r"(?s)Function (\w+)\([^)]*\)\n\s+If \(Not Application.CommandBars", written.getvalue())
    assert wizard == sorted(name for name, function in CATALOGUE.items() if function.slow)


def test_a_function_is_slow_if_it_may_fit_a_model_or_read_a_log():
    quick = {name for name, function in CATALOGUE.items() if not function.slow}
    assert quick == {
        "FOCAL_SEGMENT",
        "FOCAL_SUMMARY",
        "FOCAL_MIGRATION",
        "FOCAL_STABILITY",
        "RESPONSE_UPLIFT",
        "REFERRAL_VALUE",
        "ADHERENCE_PDC",
        "CLV_LORENZ",
        "CLV_WHALE",
        "CLV_DECILES",
        "CLV_AVERAGE_CUSTOMER",
    }


# ---- cells in -------------------------------------------------------------------------------------------------------


def test_every_error_of_excel_is_read_as_that_error(udfs):
    for number, text in CV_ERRORS.items():
        assert udfs.arriving(windows.error(number)) == text
        assert udfs.arriving(((1.0, windows.error(number)),)) == [[1.0, text]]
        assert call("CLV_GINI", ((1.0,), (windows.error(number),), (3.0,)), windows.error(number)) == text
    assert set(CV_ERRORS.values()) <= ERROR_TEXTS


@pytest.mark.parametrize("number", [2044, 2051, 2222, 2999])
def test_an_error_nobody_knows_is_an_error_and_no_number(number, udfs):
    assert udfs.arriving(windows.error(number)) == "#VALUE!"
    assert call("CLV_GINI", windows.error(number)) == "#VALUE!"


def test_integers_that_are_no_errors_are_numbers(udfs):
    # Excel has none, but another program's VBA may call with Long and Integer.
    assert udfs.arriving(((1, 2), (-2146826289, -2146825288))) == [[1, 2], [-2146826289, -2146825288]]


def test_an_error_cell_shows_in_its_row(udfs):
    customers = ((2.0, 30.43, 38.86), (windows.error(2045), 1.0, 2.0), (None, None, None))
    found = call("CLV_P_ALIVE", customers, from_excel(examples.BGNBD))
    assert found == [[pytest.approx(0.7266, abs=5e-5)], ["#SPILL!"], [""]]


def test_dates_lose_their_zone_and_keep_their_time(udfs):
    found = udfs.arriving(((windows.date(2024, 1, 5), windows.date(1899, 12, 30, 18, 30)),))
    assert found == [[dt.datetime(2024, 1, 5), dt.datetime(1899, 12, 30, 18, 30)]]
    assert {type(cell) for row in found for cell in row} == {dt.datetime}
    assert udfs.arriving(windows.date(2024, 1, 5, 12)) == dt.datetime(2024, 1, 5, 12)


def test_a_log_with_dates_and_currency_reads_like_one_with_numbers():
    dates = [windows.date(2024, 1, 5), windows.date(2024, 1, 19), windows.date(2024, 1, 9)]
    serials = [45296.0, 45310.0, 45300.0]
    names, money = ["Ann", "Ann", "Bob"], [Decimal("20.5"), Decimal("30"), Decimal("7.25")]
    header = ("customer", "date", "amount")
    as_cells = (header, *zip(names, dates, money, strict=True))
    as_numbers = (header, *zip(names, serials, map(float, money), strict=True))
    end = windows.date(2024, 6, 28)
    assert call("CLV_RFM", as_cells, end) == call("CLV_RFM", as_numbers, 45471.0)
    assert call("CLV_RFM", as_cells, end)[1] == ["Ann", 1.0, 2.0, 25.0, 30.0]


@pytest.mark.parametrize("blank", [None, "", windows.MISSING, ((None,),), ((None, None), (None, None))], ids=repr)
def test_blank_and_missing_arguments_are_the_default(blank):
    customers, model = from_excel(examples.CUSTOMERS), from_excel(examples.WITH_SPEND)
    assert call("CLV_SCORE", customers, model, blank, 0.15) == call(
        "CLV_SCORE", customers, model, windows.MISSING, 0.15
    )


def test_truth_values_are_no_numbers():
    assert call("FOCAL_SEGMENT", ((5.0,), (True,), (3.0,)))[1] == ["#VALUE!"]
    assert call("CLV_RFM", from_excel(examples.LOG), True) == "#VALUE!"


@pytest.mark.parametrize("cells", [((100.0, 50.0, 0.0),), (100.0, 50.0, 0.0)], ids=["range", "array in the formula"])
def test_a_row_is_a_range_of_one_row(cells, udfs):
    assert [list(row) for row in udfs.arriving(cells)] == [[100.0, 50.0, 0.0]]


def test_what_xlwings_would_have_made_of_a_range_is_what_the_catalogue_gets(udfs):
    cells = ((1.5, "007", None, True), (windows.date(2024, 1, 5), windows.error(2042), "x", Decimal("2.5")))
    theirs = conversion.read(None, cells, {"ndim": 2, "err_to_str": True})
    assert as_grid(udfs.arriving(cells)) == as_grid(theirs)


# ---- cells out ------------------------------------------------------------------------------------------------------


def test_cells_leave_as_vba_takes_them(udfs):
    found = udfs.leaving([[None, 2**40, True, dt.datetime(2024, 1, 5), "#N/A", 1.5]])
    assert found == [["", float(2**40), True, dt.datetime(2024, 1, 5, tzinfo=dt.UTC), "#N/A", 1.5]]
    assert [type(cell) for cell in found[0]] == [str, float, bool, dt.datetime, str, float]


def test_dates_leave_as_xlwings_own_writer_would_send_them(udfs):
    grid = [[dt.datetime(1997, 9, 30), None], [dt.datetime(2024, 2, 29, 18), 1.5]]
    assert udfs.leaving(grid) == conversion.write(grid, None, {})


def test_results_have_the_shape_of_their_cells():
    customers, model = tuple(map(from_excel, examples.CUSTOMERS)), from_excel(examples.WITH_SPEND)
    assert isinstance(call("CLV_P_ALIVE", customers[1:2], model), float)
    assert len(call("CLV_INTERVAL", customers[1:2], model, 1.0)) == 2
    assert [len(row) for row in call("CLV_P_ALIVE", customers, model)] == [1, 1, 1]
    assert [len(row) for row in call("CLV_RFM", from_excel(examples.LOG))] == [5, 5, 5, 5]


def test_the_errors_of_the_vba_are_those_of_python(udfs):
    text = (ROOT / "addin" / "vba" / "FocalRuntime.bas").read_text(encoding="ascii")
    constants = {"xlErrNull": 2000, "xlErrDiv0": 2007, "xlErrValue": 2015, "xlErrRef": 2023, "xlErrName": 2029}
    constants |= {"xlErrNum": 2036, "xlErrNA": 2042}
    cases = re.findall(r'Case ("#.*"): AsCell = CVErr\((\w+)\)', text)
    known = {
        name: constants.get(number) or int(number) for names, number in cases for name in re.findall('"(.+?)"', names)
    }
    assert {number: name for name, number in known.items() if name in CV_ERRORS.values()} == CV_ERRORS
    assert set(known) == ERROR_TEXTS
    assert {known[name] for name in ERROR_TEXTS - set(CV_ERRORS.values())} == {2015}


# ---- imports --------------------------------------------------------------------------------------------------------


def test_importing_the_functions_brings_in_nothing_that_a_formula_does_not_need():
    code = f"import sys, {MODULE}; print([name for name in sys.modules if name.split('.')[0] in {NEVER!r}])"
    assert fresh(code) == "[]"


def test_no_formula_brings_it_in_later():
    code = (
        f"import sys; from tests.support import windows; windows.install(); import {MODULE} as m\n"
        "from pyfuncs.functions import CATALOGUE\n"
        "for function in CATALOGUE.values(): getattr(m, function.name)(*function.example.arguments)\n"
        f"print([name for name in sys.modules if name.split('.')[0] in {NEVER!r}])"
    )
    assert fresh(code) == "[]"


PAID = "[name for name, module in sys.modules.items() if name.startswith('xlwings.pro') and module is not None]"


def test_the_functions_load_nothing_of_xlwings_that_is_not_free():
    assert fresh(f"import sys, {MODULE}, xlwings; print({PAID}, xlwings.__pro__)") == "[] False"


def test_no_part_of_focal_loads_anything_of_xlwings_that_is_not_free():
    code = (
        "import importlib, pkgutil, sys; from tests.support import windows; windows.plant(); import pyfuncs\n"
        "names = [each.name for each in pkgutil.walk_packages(pyfuncs.__path__, 'pyfuncs.')]\n"
        "[importlib.import_module(name) for name in names if not name.endswith('__main__')]\n"
        f"found = {PAID}; windows.install(); import xlwings\n"
        f"print(len(names) > 90, found, {PAID}, xlwings.__pro__)"
    )
    assert fresh(code) == "True [] [] False"


def test_the_paid_part_stays_out_even_where_there_is_a_key():
    code = f"import os, sys; os.environ['XLWINGS_LICENSE_KEY'] = 'any'; import {MODULE}, xlwings\n"
    assert fresh(f"{code}print({PAID}, xlwings.__pro__)") == "[] False"
