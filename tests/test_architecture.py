"""The floors and the imports, checked on the code itself."""

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
TOP = {
    "addin",
    "pyfuncs",
    "templates",
    "tests",
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
}


def run(*arguments):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT)


def test_every_module_imports_only_from_floors_below_its_own():
    result = run(
        "-c",
        "import sys; from importlinter.cli import lint_imports_command as lint; sys.argv[1:] = ['--no-cache']; lint()",
    )
    assert "Contracts: " in result.stdout, result.stdout + result.stderr
    assert result.returncode == 0, result.stdout


def test_the_top_of_the_repository_holds_nothing_else():
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=True).stdout.split(
        "\n"
    )
    top = {path.split("/")[0] for path in tracked if path and not path.startswith(".")}
    assert top <= TOP


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("pyfuncs.functions", ["pandas", "pyarrow", "scipy", "lifetimes", "duckdb", "matplotlib", "fastexcel"]),
        ("pyfuncs.functions", ["xlsxwriter", "lxml", "xlwings", "numpy.random"]),
        ("pyfuncs.models.estimation", ["pandas", "lifetimes"]),
        ("pyfuncs.hosts.command_line", ["scipy", "pandas", "lifetimes", "xlwings.pro"]),
    ],
)
def test_an_import_pulls_in_no_more_than_it_needs(module, absent):
    code = f"import sys, {module}; print([name for name in {absent!r} if name in sys.modules])"
    result = run("-W", "error", "-c", code)
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


def test_focal_s_own_dependencies_bring_no_plotting_and_no_second_frame_library():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting, found = list(project["dependencies"]), set()
    while waiting:
        needed = Requirement(waiting.pop())
        if needed.name.lower() in found or (needed.marker and not needed.marker.evaluate({"extra": ""})):
            continue
        found.add(needed.name.lower())
        waiting += importlib.metadata.requires(needed.name) or []
    assert {"xlwings", "lifetimes", "scipy"} <= found
    # xlwings imports the first two wherever they are installed, and every first formula would wait for them
    assert not found & {"matplotlib", "polars", "plotly", "duckdb"}


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (r"import_module\(\s*[\"']lifetimes|^\s*(from|import) lifetimes", {"second_opinion.py"}),
        (r"xlwings\.(pro|server|reports)|from xlwings import .*(pro|server|reports)", set()),
        (r"^\s*(from|import) openpyxl", set()),
    ],
    ids=["lifetimes", "paid xlwings", "openpyxl"],
)
def test_an_import_stands_only_where_it_may(pattern, allowed):
    named = {path.name for path in (ROOT / "pyfuncs").rglob("*.py") if re.search(pattern, path.read_text(), re.M)}
    assert named <= allowed
