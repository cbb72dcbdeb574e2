"""What is found on a computer: folders, Python, DLLs, paths that Excel can read."""

import contextlib
import ctypes
import subprocess
import sys
import tomllib
import types
from pathlib import Path

import pytest

from pyfuncs.errors import InputError
from pyfuncs.hosts.installation.machine import (
    ADDIN,
    DLLS,
    SCRIPT,
    XLWINGS,
    console,
    expand,
    find_dlls,
    fits_ansi,
    is_store_python,
    machine_startup_folders,
    place,
    readable_path,
    reinstall,
    this_machine,
    user_startup_folder,
    windowless,
)
from pyfuncs.hosts.shipped import shipped
from tests.support.computer import computer, registry

APP_PATH = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
ROOT = Path(__file__).parents[3]


def excel_in(folder):
    folder.mkdir(parents=True)
    (folder / "EXCEL.EXE").touch()
    return folder


def test_xlwings_is_the_one_that_focal_depends_on():
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert f"xlwings=={XLWINGS}" in tomllib.load(file)["project"]["dependencies"]


def test_on_windows_focal_belongs_to_the_user_or_to_everybody(tmp_path):
    excel = excel_in(tmp_path / "Program Files/Microsoft Office/root/Office16")
    machine = computer(tmp_path)
    own, all_users = place(machine), place(machine, all_users=True)
    assert own.addin == machine.home / "AppData/Roaming/Microsoft/Excel/XLSTART" / ADDIN
    assert own.configuration == machine.home / "AppData/Local/Focal/focal.conf"
    assert all_users.addin == excel / "XLSTART" / ADDIN
    assert all_users.configuration == tmp_path / "ProgramData/Focal/focal.conf"


def test_on_a_mac_the_script_is_the_configuration(tmp_path):
    machine = computer(tmp_path, "darwin")
    where = place(machine)
    assert where.addin.parent.parts[-3:] == ("User Content.localized", "Startup.localized", "Excel")
    assert where.configuration == machine.home / "Library/Application Scripts/com.microsoft.Excel" / SCRIPT
    with pytest.raises(InputError, match="leave out --all-users"):
        place(machine, all_users=True)


def test_on_another_system_both_folders_must_be_named(tmp_path):
    machine = computer(tmp_path, "linux")
    with pytest.raises(InputError, match="Excel runs on Windows and on the Mac"):
        place(machine, startup_folder=tmp_path)
    where = place(machine, startup_folder=tmp_path / "start", config_folder=tmp_path / "config")
    assert (where.addin, where.configuration) == (tmp_path / "start" / ADDIN, tmp_path / "config/focal.conf")


@pytest.mark.parametrize("known", ["app path", "install root", "program files", "older office", "start-up folder only"])
def test_excels_own_start_up_folder_is_found(tmp_path, known):
    programs = tmp_path / "Program Files/Microsoft Office"
    folders = {"program files": programs / "root/Office16", "older office": programs / "Office15"}
    excel = folders.get(known, tmp_path / "Apps")
    entries = {}
    if known == "start-up folder only":
        excel = programs / "Office16"
        (excel / "XLSTART").mkdir(parents=True)
    else:
        excel_in(excel)
    if known == "app path":
        entries = {APP_PATH: {"": f'"{excel / "EXCEL.EXE"}"'}}
    elif known == "install root":
        entries = {r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Office\16.0\Excel\InstallRoot": {"Path": str(excel)}}
    assert machine_startup_folders(computer(tmp_path, registry=registry(entries))) == [excel / "XLSTART"]


def test_excel_that_is_not_found_is_said(tmp_path):
    machine = computer(tmp_path, registry=registry({APP_PATH: {"": r"C:\gone\EXCEL.EXE"}}))
    assert machine_startup_folders(machine) == []
    with pytest.raises(InputError, match="--startup-folder"):
        place(machine, all_users=True)
    assert machine_startup_folders(computer(tmp_path, "darwin")) == []


def test_without_the_usual_variables_the_usual_folders_are_taken(tmp_path):
    machine = computer(tmp_path, environment={})
    assert user_startup_folder(machine) == machine.home / "AppData/Roaming/Microsoft/Excel/XLSTART"
    assert place(machine).configuration == machine.home / "AppData/Local/Focal/focal.conf"


def test_names_in_paths_of_the_registry_are_filled_in(tmp_path):
    machine = computer(tmp_path, environment={"APPDATA": r"C:\Users\ann\AppData\Roaming"})
    assert expand(r"%AppData%\Microsoft\%Unknown%", machine) == r"C:\Users\ann\AppData\Roaming\Microsoft\%Unknown%"


def test_python_with_and_without_a_window_are_found_beside_each_other(tmp_path):
    python = computer(tmp_path).python
    silent = python.with_name("pythonw.exe")
    assert windowless(python) == silent == windowless(silent)
    assert console(silent) == python == console(python)
    silent.unlink()
    assert windowless(python) == python
    python.unlink()
    assert console(silent) == silent
    assert reinstall(silent, "focal-clv") == f'"{silent}" -m pip install --force-reinstall focal-clv'


@pytest.mark.parametrize("where", ["beside", "above", "pip"])
def test_the_dlls_are_found_where_pip_puts_them(tmp_path, where):
    machine = computer(tmp_path, pip_folders=(tmp_path / "elsewhere",))
    folder = {"beside": machine.python.parent, "above": machine.python.parents[1], "pip": tmp_path / "elsewhere"}[where]
    folder.mkdir(exist_ok=True)
    for name in DLLS:
        (machine.python.parents[1] / name).rename(folder / name)
    assert find_dlls(machine) == folder


def test_a_folder_with_both_dlls_goes_before_one_with_one(tmp_path):
    machine = computer(tmp_path)
    (machine.python.parent / DLLS[0]).touch()
    assert find_dlls(machine) == machine.python.parents[1]
    for name in DLLS:
        (machine.python.parents[1] / name).unlink()
    assert find_dlls(machine) == machine.python.parent
    (machine.python.parent / DLLS[0]).unlink()
    assert find_dlls(machine) is None


@pytest.mark.parametrize(
    ("python", "base", "expected"),
    [
        ("C:/Python311/python.exe", "C:/Python311", False),
        (
            "C:/Users/a/AppData/Local/Microsoft/WindowsApps/PythonSoftwareFoundation.Python.3.11_qbz/python.exe",
            "",
            True,
        ),
        ("C:/venv/Scripts/python.exe", "C:/Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.12_3.12", True),
        ("C:/Users/a/AppData/Local/Python/pythoncore-3.14-64/python.exe", "", False),
    ],
)
def test_the_python_of_the_microsoft_store_is_recognised(tmp_path, python, base, expected):
    assert is_store_python(computer(tmp_path, python=Path(python), base=Path(base))) is expected


def test_a_path_that_excel_cannot_read_goes_by_its_short_name(tmp_path):
    strange = Path("C:/Users/Łukasz/Focal/pythonw.exe")
    short = computer(tmp_path, short_path=lambda path: Path("C:/Users/LUKASZ~1/Focal/pythonw.exe"))
    assert readable_path(Path("C:/Users/Zoë/Focal"), short) == str(Path("C:/Users/Zoë/Focal"))
    assert readable_path(strange, short) == str(Path("C:/Users/LUKASZ~1/Focal/pythonw.exe"))
    with pytest.raises(InputError, match=r"code page.*plain letters"):
        readable_path(strange, computer(tmp_path))
    assert fits_ansi("Łukasz", computer(tmp_path, ansi="cp1250"))


def test_this_computer_can_be_looked_at():
    machine = this_machine()
    assert machine.system == sys.platform
    assert machine.version_of("xlwings") == XLWINGS
    assert machine.version_of("no-such-package") is None
    assert Path(sys.prefix) in machine.pip_folders
    assert machine.registry(APP_PATH) == {}, "only Windows has a registry"
    assert machine.short_path(machine.home) == machine.home


def test_the_registry_of_windows_is_read_with_its_subkeys(monkeypatch):
    keys = {
        "Software": ([("Version", 16, 4)], ["Excel", "Closed"]),
        r"Software\Excel": ([("Path", "C:", 1), ("", "x", 1)], []),
    }

    @contextlib.contextmanager
    def open_key(root, path, reserved, access):
        assert (root, reserved, access) == ("user", 0, 3)
        if path not in keys:
            raise FileNotFoundError(2, "no such key")
        yield keys[path]

    fake = types.SimpleNamespace(
        HKEY_CURRENT_USER="user", HKEY_LOCAL_MACHINE="machine", KEY_READ=1, KEY_WOW64_64KEY=2, OpenKey=open_key,
        QueryInfoKey=lambda key: (len(key[1]), len(key[0]), 0),
        EnumValue=lambda key, n: key[0][n], EnumKey=lambda key, n: key[1][n],
    )  # fmt: skip
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "winreg", fake)
    read = this_machine().registry
    assert read(r"HKCU\Software") == {"version": 16, "excel": {"path": "C:", "": "x"}, "closed": {}}
    assert read(r"HKCU\Hardware") == {}


def test_short_names_are_those_of_windows(monkeypatch):
    def short_name(path, room, size):
        room.value = "C:\\LODZ~1" if "Łódź" in path else ""
        return len(room.value)

    monkeypatch.setattr(sys, "platform", "win32")
    kernel = types.SimpleNamespace(GetShortPathNameW=short_name)
    monkeypatch.setattr(ctypes, "windll", types.SimpleNamespace(kernel32=kernel), raising=False)
    machine = this_machine()
    assert machine.ansi == "mbcs"
    assert machine.short_path(Path("C:/Łódź")) == Path("C:\\LODZ~1")
    assert machine.short_path(Path("D:/no short names")) == Path("D:/no short names")


def test_a_program_is_run_to_its_end_or_stopped(tmp_path):
    run = this_machine().run
    assert run([sys.executable, "-c", "print('yes'); import sys; sys.exit(3)"], 60).status == 3
    assert run([sys.executable, "-c", "print('yes')"], 60).output.strip() == "yes"
    slow = run([sys.executable, "-u", "-c", "print('began'); import time; time.sleep(60)"], 1)
    assert (slow.status, slow.output.strip()) == (None, "began")
    gone = run([str(tmp_path / "no-such-python")], 5)
    assert gone.status == 1
    assert "no-such-python" in gone.output


def test_the_script_for_the_mac_comes_with_focal():
    assert shipped("addin", SCRIPT) == ROOT / "addin" / SCRIPT
    assert shipped("addin", ADDIN).parent == ROOT / "addin"


def test_looking_at_the_computer_needs_neither_xlwings_nor_pandas():
    code = (
        "import sys; from pyfuncs.hosts.installation import machine, install, doctor;"
        "print([name for name in ('xlwings', 'pandas', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr
