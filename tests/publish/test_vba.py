import re
import tomllib
from importlib.metadata import version

import pytest
from pyopenvba.interpreter import VBACompileError, parse_module

import pyfuncs
from pyfuncs.functions import CATALOGUE
from pyfuncs.functions.catalogue import CATEGORIES, FAMILIES, Example, excel_function
from pyfuncs.functions.kinds import Number
from pyfuncs.hosts.excel import FOCAL_CLASS_ID
from pyfuncs.publish.vba import MODULE, call, functions_module
from tests.publish.vba_modules import ROOT, problems, public_subs, sources

SOURCES = sources()
PIN = next(
    line.removeprefix("xlwings==")
    for line in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    if line.startswith("xlwings")
)
STUBS = """Option Explicit
Public Const A_CONSTANT As Long = 1
Public Sub Shown(ByVal text As String, Optional ByVal more As Variant)
End Sub
"""


def wrapper(name):
    return next(each for each in parse_module(SOURCES[MODULE]).procedures if each.name == name)


def test_the_modules_are_those_of_the_add_in():
    assert set(SOURCES) == {"FocalFunctions", "FocalPython", "FocalRibbon", "FocalRuntime"}
    for name, text in SOURCES.items():
        assert text.startswith(f'Attribute VB_Name = "{name}"\nOption Explicit\n')


def test_nothing_stands_in_the_vba_that_a_compiler_would_refuse():
    assert problems(SOURCES) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("    total = 1", "line 3: total is not declared"),
        ("    Dim x As Long\n    x = A_CONSTANT + wiht(x)", "line 4: wiht is not declared"),
        ("    Shown", "line 3: shown takes 1 to 2 arguments, not 0"),
        ('    Shown "a", 2, 3', "line 3: shown takes 1 to 2 arguments, not 3"),
        ("    On Error GoTo failed", "line 3: there is no label failed"),
        ("    Dim x As Strnig", "type Strnig is not known"),
        ('    Shown "a", Nothing', None),
    ],
)
def test_the_scanner_finds_what_a_compiler_would_refuse(body, problem):
    text = f"Option Explicit\nSub Main()\n{body}\nEnd Sub\n"
    assert problems({"Main": text, "Stubs": STUBS}) == ([f"Main.Main: {problem}"] if problem else [])


@pytest.mark.parametrize("body", ["If 1 Then\nMsgBox 1", "Do\nx = 1", "For i = 1 To 2", "With Application", "End If"])
def test_the_parser_refuses_blocks_that_do_not_close(body):
    with pytest.raises(VBACompileError):
        problems({"Main": f"Option Explicit\nSub Main()\n{body}\nEnd Sub\n"})


@pytest.mark.parametrize("name", SOURCES)
def test_a_module_is_plain_text_that_vba_reads_whole(name):
    text = SOURCES[name]
    assert text.isascii()
    assert "\t" not in text
    assert max(map(len, text.splitlines())) < 1000
    assert text.endswith("\n")
    assert "xlwings.pro" not in text.lower()


def test_nothing_is_compiled_by_condition_but_the_one_call_that_only_a_mac_knows():
    switched = [(name, line.strip()) for name, text in SOURCES.items() for line in text.splitlines() if "#" in line[:9]]
    assert switched == [("FocalPython", "#If Mac Then"), ("FocalPython", "#End If")]
    between = SOURCES["FocalPython"].split("#If Mac Then\n")[1].split("#End If")[0]
    assert between.count("\n") == 1
    assert "AppleScriptTask(" in between


@pytest.mark.parametrize("function", CATALOGUE.values(), ids=list(CATALOGUE))
def test_a_function_takes_in_excel_the_arguments_that_it_takes_in_python(function):
    found = wrapper(function.name)
    assert found.kind == "function"
    assert [(each.name, each.optional, each.by_val) for each in found.params] == [
        (argument.name, argument.optional, False) for argument in function.arguments
    ]


@pytest.mark.parametrize("function", CATALOGUE.values(), ids=list(CATALOGUE))
def test_a_function_has_three_lines_and_its_texts_for_the_wizard(function):
    name = function.name
    names = ", ".join(argument.name for argument in function.arguments)
    text = SOURCES[MODULE].split(f"Public Function {name}(")[1].split("End Function")[0]
    lines = text.splitlines()
    assert len(lines) == 4
    assert lines[1] == f'Attribute {name}.VB_Description = "{function.summary}"'
    assert lines[2] == rf'Attribute {name}.VB_ProcData.VB_Invoke_Func = " \n{20 + FAMILIES.index(function.family)}"'
    assert lines[3] == f'    {name} = FocalCall("{name}", Array({names}), {function.slow})'


def test_excel_has_the_functions_of_the_catalogue_and_no_other():
    assert [each.name for each in parse_module(SOURCES[MODULE]).procedures] == list(CATALOGUE)
    assert list(CATEGORIES) == list(FAMILIES)
    assert all(name.startswith("Focal: ") and len(name) <= 31 for name in CATEGORIES.values())
    for name in set(SOURCES) - {MODULE, "FocalRibbon"}:  # public functions of these would be listed in the wizard
        assert "Private Module" in parse_module(SOURCES[name]).options


def test_what_is_slow_is_not_calculated_in_the_wizard():
    slow = {name for name, function in CATALOGUE.items() if function.slow}
    assert {"CLV_FIT", "CLV_SCORE", "CLV_RFM"} <= slow
    assert "CLV_DECILES" not in slow
    assert set(re.findall(r'FocalCall\("(\w+)".*, True\)', SOURCES[MODULE])) == slow


@excel_function("CLV_QUOTED", family="Scores", example=Example((1,), 1))
def quoted(margin: Number):
    """Say "so"."""


def test_quotes_in_a_text_are_doubled(monkeypatch):
    monkeypatch.setattr("pyfuncs.publish.vba.CATALOGUE", {quoted.name: quoted})
    assert 'VB_Description = "Say ""so""."' in functions_module()


def test_a_line_that_vba_could_not_read_is_refused(monkeypatch):
    monkeypatch.setattr("pyfuncs.publish.vba.CATALOGUE", {quoted.name: quoted})
    monkeypatch.setattr(quoted.body, "__doc__", "long " * 250)
    with pytest.raises(ValueError, match=r"1,023 characters"):
        functions_module()


def test_a_call_is_shown_with_what_may_be_left_out_in_brackets():
    assert call(CATALOGUE["CLV_HOLDOUT"]) == "CLV_HOLDOUT(transactions, split, [model])"


def test_the_version_of_xlwings_is_the_pinned_one_wherever_it_stands():
    assert version("xlwings") == PIN
    assert f'XLWINGS_VERSION As String = "{PIN}"' in SOURCES[MODULE]
    declared = [each.library for each in parse_module(SOURCES["FocalPython"]).declares if "xlwings" in each.library]
    assert declared == [f"xlwings64-{PIN}.dll", f"xlwings32-{PIN}.dll"]


def test_the_version_of_focal_is_that_of_the_package():
    assert f'FOCAL_VERSION As String = "{pyfuncs.__version__}"' in SOURCES[MODULE]


def test_excel_looks_for_the_server_under_the_class_id_it_has_in_python():
    assert re.findall(r"\{[0-9A-F-]{36}\}", SOURCES["FocalPython"]) == [FOCAL_CLASS_ID]


def test_the_dlls_are_called_as_they_are_built():
    declares = {each.name: each for each in parse_module(SOURCES["FocalPython"]).declares}
    for name in ("Activate64", "Activate32"):
        assert declares[name].alias == "XLPyDLLActivateAuto"
        assert [(each.by_val, each.declared) for each in declares[name].params] == [
            (False, "Variant"), (True, "String"), (True, "Long")
        ]  # fmt: skip
        assert declares[name].returns == "Long"
    assert declares["LoadLibrary"].alias == "LoadLibraryW"
    assert declares["LoadLibrary"].returns == declares["LoadLibrary"].params[0].declared == "LongPtr"
    assert SOURCES["FocalPython"].count("Declare PtrSafe ") == SOURCES["FocalPython"].count("Declare ")


def test_the_runtime_finds_the_procedures_it_was_promised():
    subs = public_subs(SOURCES)
    assert subs["FocalOnCommand"] == ["control As IRibbonControl"]
    assert subs["FocalCommand"] == ["command As String"]
    assert subs["FocalOnMac"] == ["command As String"]
    assert subs["FocalForget"] == []
