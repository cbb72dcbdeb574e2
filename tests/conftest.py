"""What many tests share: the finished demo workbook, made once by the command itself."""

import contextlib
import os
from pathlib import Path

import hypothesis
import pytest

from pyfuncs.hosts.command_line import main

SAMPLE = Path(__file__).parents[1] / "templates" / "sample_transactions.csv"
pytest_plugins = ["tests.support.libreoffice"]
pytest.register_assert_rewrite("tests.support.recalculation")  # its assertions, too, say what they found

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the other cores have tests of their own; NumPy reads it on import
hypothesis.settings.register_profile("focal", deadline=None)  # other workers slow a test down
hypothesis.settings.load_profile("focal")


def pytest_xdist_auto_num_workers(config):
    """No workers when every argument is a file: most are done before a worker has started."""
    return 0 if all(Path(given.partition("::")[0]).is_file() for given in config.args) else None


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
