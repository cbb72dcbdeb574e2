"""The floors and the imports, checked on the code itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

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
        ("pyfuncs.functions", ["lifetimes", "duckdb", "matplotlib", "fastexcel", "xlsxwriter", "lxml", "xlwings"]),
        ("pyfuncs.models.estimation", ["pandas", "lifetimes"]),
        ("pyfuncs.hosts.command_line", ["scipy", "pandas", "lifetimes", "xlwings.pro"]),
    ],
)
def test_an_import_pulls_in_no_more_than_it_needs(module, absent):
    code = f"import sys, {module}; print([name for name in {absent!r} if name in sys.modules])"
    result = run("-W", "error", "-c", code)
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


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
