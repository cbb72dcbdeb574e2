"""What many tests share: the finished demo workbook, made once by the command itself."""

import contextlib
import os
from pathlib import Path

import pytest

from pyfuncs.hosts.command_line import main

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
    return libreoffice.cells(demo)


@pytest.fixture
def in_folder(tmp_path):
    """A fresh current folder."""
    with contextlib.chdir(tmp_path):
        yield Path(os.curdir).resolve()
