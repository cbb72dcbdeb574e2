"""What many tests share: the finished demo workbook, made once by the command itself."""

import contextlib
import os
from pathlib import Path

import pytest

from pyfuncs.hosts.command_line import main

SAMPLE = Path(__file__).parents[1] / "templates" / "sample_transactions.csv"
pytest_plugins = ["tests.support.libreoffice"]


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """Path of `Focal CDNOW.xlsx` as `focal demo` leaves it."""
    folder = tmp_path_factory.mktemp("demo")
    with contextlib.chdir(folder):
        assert main(["demo", "--quiet"]) == 0
    return folder / "Focal CDNOW.xlsx"


@pytest.fixture(scope="session")
def demo_cells(libreoffice, demo):
    """Every cell of the demo workbook as LibreOffice calculates it."""
    return libreoffice.cells(demo, texts=False)


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Path of the workbook that `focal refit` makes of the sample log in templates/: 420 customers."""
    path = tmp_path_factory.mktemp("small") / "small.xlsx"
    assert main(["refit", str(SAMPLE), "--output", str(path), "--quiet"]) == 0
    return path


@pytest.fixture
def in_folder(tmp_path):
    """A fresh current folder."""
    with contextlib.chdir(tmp_path):
        yield Path(os.curdir).resolve()
