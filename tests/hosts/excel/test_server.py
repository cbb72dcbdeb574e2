"""The process that Excel talks to, with `xlwings.serve` replaced by what only notes the call."""

import gc
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import xlwings

from pyfuncs.hosts.excel import FOCAL_CLASS_ID, server
from tests.support import windows

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def process(monkeypatch):
    """Leave this process as it was: its log handlers, its modules and its garbage collector."""
    windows.install()
    root, threshold = logging.getLogger(), gc.get_threshold()
    handlers, level = list(root.handlers), root.level
    for name in server.UNUSED:
        if name not in sys.modules:
            monkeypatch.setitem(sys.modules, name, None)
    yield
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.fixture
def served(monkeypatch):
    """The class ids that were served; waits, as Excel does, until the first formula could run."""
    found = []

    def serve(class_id):
        found.append(class_id)
        for thread in threading.enumerate():
            if thread.name == "warm-up":
                thread.join(60)

    monkeypatch.setattr(xlwings, "serve", serve)
    return found


def run(*arguments, **environment):
    """The server as a program."""
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
        timeout=120,
    )


def test_excel_is_served_under_the_class_id_it_asks_for(served, tmp_path):
    log = tmp_path / "Focal" / "focal.log"
    assert server.main(["{11111111-2222-3333-4444-555555555555}"], log) == 0
    assert served == ["{11111111-2222-3333-4444-555555555555}"]
    text = log.read_text()
    assert "ready" in text
    assert "Excel has let go." in text


def test_without_one_it_is_focals_own(served, tmp_path):
    assert server.main([], tmp_path / "focal.log") == 0
    assert served == [FOCAL_CLASS_ID]


def test_excel_can_connect_while_the_functions_are_still_being_imported(monkeypatch, tmp_path):
    serving, imported = threading.Event(), []
    monkeypatch.setattr(xlwings, "serve", lambda class_id: (serving.set(), threading.enumerate()[-1].join(30)))
    monkeypatch.setattr(server, "import_module", lambda name: imported.append((name, serving.wait(30))))
    assert server.main([], tmp_path / "focal.log") == 0
    assert imported == [(server.FORMULAS, True), (server.LOGS, True)]


def test_the_first_formula_waits_for_no_pandas_and_one_over_a_log_finds_it(tmp_path):
    code = (
        "import sys; from pyfuncs.hosts.excel import server\n"
        "sys.modules.update(dict.fromkeys(server.UNUSED)); xlwings = server.import_xlwings()\n"
        "import pyfuncs.hosts.excel.udfs as udfs\n"
        "from pyfuncs.functions import CATALOGUE\n"
        "def rows(name): return len(getattr(udfs, name)(*CATALOGUE[name].example.arguments))\n"
        "def known(): return [name for name in ('pandas', 'pyarrow', 'scipy') if name in sys.modules]\n"
        "print(xlwings.__name__, rows('CLV_SCORE'), known(), rows('CLV_RFM'), known())"
    )
    done = run("-c", code)
    assert done.stdout == "xlwings 3 [] 4 ['pandas', 'pyarrow']\n", done.stderr


def test_what_was_loaded_is_not_searched_for_garbage(served, tmp_path):
    server.main([], tmp_path / "focal.log")
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold()[0] == server.OBJECTS


def test_functions_that_cannot_be_imported_are_logged_and_excel_is_served_nevertheless(served, monkeypatch, tmp_path):
    def refuse(name):
        raise ImportError(f"no {name}")

    monkeypatch.setattr(server, "import_module", refuse)
    assert server.main([], tmp_path / "focal.log") == 0
    assert served == [FOCAL_CLASS_ID]
    assert "formulas will fail" in (tmp_path / "focal.log").read_text()
    assert "ImportError: no pyfuncs.hosts.excel.udfs" in (tmp_path / "focal.log").read_text()


def test_a_server_that_fails_ends_with_its_traceback_in_the_log(monkeypatch, tmp_path):
    def fail(class_id):
        raise OSError("the class is not registered")

    monkeypatch.setattr(xlwings, "serve", fail)
    assert server.main([], tmp_path / "focal.log") == 1
    assert "OSError: the class is not registered" in (tmp_path / "focal.log").read_text()


def test_a_log_that_cannot_be_written_keeps_nobody_waiting(served, tmp_path):
    (tmp_path / "Focal").write_text("a file where the folder should be")
    assert server.main([], tmp_path / "Focal" / "focal.log") == 0
    assert served == [FOCAL_CLASS_ID]


def test_the_log_is_cut_before_it_grows_large(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "LARGEST_LOG", 2000)
    server.write_log(tmp_path / "focal.log")
    for i in range(200):
        logging.getLogger("pyfuncs").info("line %s", i)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["focal.log", "focal.log.1"]
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())


def test_the_log_stands_beside_the_configuration():
    assert server.log_file({"LOCALAPPDATA": "/users/ann/local"}) == Path("/users/ann/local/Focal/focal.log")
    assert server.log_file({}).name == "focal.log"


def test_a_check_says_in_one_line_that_it_could_serve(capsys):
    assert server.main(["--check"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Focal 0.1.0 can serve Excel: Python 3.")
    assert f"xlwings {xlwings.__version__}, numpy 2." in line


def test_a_check_on_windows_imports_the_com_server(monkeypatch, capsys):
    monkeypatch.setattr(server, "NEEDED", [*server.NEEDED, "xlwings.com_server"])
    assert server.main(["--check"]) == 0
    monkeypatch.setattr(server, "NEEDED", [*server.NEEDED, "pywin32_is_missing"])
    assert server.main(["--check"]) == 1
    assert capsys.readouterr().out.splitlines()[1] == "ModuleNotFoundError: No module named 'pywin32_is_missing'."


def test_a_check_notices_functions_that_import_but_do_not_work(monkeypatch, capsys):
    server.import_module(server.FORMULAS)
    monkeypatch.setattr(sys.modules[server.FORMULAS], "CLV_SCORE", lambda *cells: [["#VALUE!"]])
    assert server.main(["--check"]) == 1
    assert capsys.readouterr().out == "RuntimeError: CLV_SCORE answers its own example with #VALUE!.\n"


def test_a_check_without_a_console_prints_nowhere_and_does_not_fail(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)  # as in pythonw
    assert server.main(["--check"]) == 0


def test_the_program_checks_itself_with_what_slows_it_down_left_alone(tmp_path):
    for name in ("matplotlib", "polars", "plotly"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'a').write('{name}')\n")
    done = run("-m", "pyfuncs.hosts.excel.server", "--check", PYTHONPATH=str(tmp_path), XLWINGS_ON_SERVER="true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("Focal ")
    assert not (tmp_path / "imported").exists()


def test_the_program_serves_under_pythonw(tmp_path):
    code = (
        "import runpy, sys; from tests.support import windows; windows.install(); import xlwings\n"
        f"xlwings.serve = lambda class_id: open({str(tmp_path / 'served')!r}, 'w').write(class_id)\n"
        "sys.argv, sys.stdout, sys.stderr = ['server', '{AB}'], None, None\n"
        "runpy.run_module('pyfuncs.hosts.excel.server', run_name='__main__')"
    )
    assert run("-c", code, LOCALAPPDATA=str(tmp_path)).returncode == 0
    assert (tmp_path / "served").read_text() == "{AB}"
    assert "Focal 0.1.0, Python 3." in (tmp_path / "Focal" / "focal.log").read_text()


def test_no_excel_of_somebody_elses_is_ended_when_the_server_ends(monkeypatch):
    windows.install()
    forgotten = []
    monkeypatch.setattr(server.sys, "platform", "win32")
    monkeypatch.setattr(server.atexit, "unregister", forgotten.append)
    import xlwings

    server.forget_cleanup(xlwings)
    assert forgotten == [xlwings._xlwindows.cleanup], "xlwings would force every Excel without a window to end"
