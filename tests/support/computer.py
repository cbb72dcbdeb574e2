"""A computer made of folders: Windows or a Mac with Excel and Python, for tests that run anywhere."""

import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyfuncs.hosts.installation.doctor import Case, Finding, State, case_of
from pyfuncs.hosts.installation.install import install
from pyfuncs.hosts.installation.machine import DLLS, Machine, Ran, Tree, place

OFFICE = r"HKCU\Software\Microsoft\Office\16.0"


def computer(folder: Path, system: str = "win32", **changes: Any) -> Machine:
    """A computer below a folder: a user, a Python with xlwings's DLLs above it, and nothing in the registry."""
    home = folder / "Users/ann"
    scripts = folder / "Focal/Scripts"
    scripts.mkdir(parents=True, exist_ok=True)
    for name in ("python.exe", "pythonw.exe"):
        (scripts / name).touch()
    for name in DLLS:
        (scripts.parent / name).touch()
    (home / "Library/Group Containers/UBF8T346G9.Office").mkdir(parents=True, exist_ok=True)
    machine = Machine(
        system=system,
        home=home,
        python=scripts / "python.exe",
        environment={
            "APPDATA": str(home / "AppData/Roaming"),
            "LOCALAPPDATA": str(home / "AppData/Local"),
            "PROGRAMDATA": str(folder / "ProgramData"),
            "PROGRAMFILES": str(folder / "Program Files"),
        },
        run=lambda command, seconds: Ran(0, "loaded 19 functions\n"),
        version_of={"xlwings": "0.37.8"}.get,
    )
    return replace(machine, **changes)


def registry(entries: Mapping[str, Mapping[str, Any]]) -> Any:
    """A reader of a registry with these keys and values."""
    root: dict[str, Any] = {}
    for key, values in entries.items():
        _walk(root, key).update({name.lower(): data for name, data in values.items()})

    def read(key: str) -> Tree:
        return dict(_walk(root, key))

    return read


def _walk(tree: dict[str, Any], key: str) -> dict[str, Any]:
    for name in key.lower().split("\\"):
        tree = tree.setdefault(name, {})
    return tree


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with what it holds."""
    return {
        os.path.join(where, name): Path(where, name).read_bytes()
        for where, _, names in os.walk(folder)
        for name in names
    }


def pack(path: Path, *parts: str) -> Path:
    """A zip file with these parts, as an add-in is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as package:
        for part in ("xl/workbook.xml", "xl/vbaProject.bin", *parts):
            package.writestr(part, "x")
    return path


def case(
    folder: Path,
    entries: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    installed: bool = True,
    attach: bool = False,
    system: str = "win32",
    **changes: Any,
) -> Case:
    """The case of a computer on which Focal was installed; what is given replaces the healthy parts.

    `installed=False` leaves its folders as an earlier case has left them.
    """
    shipped = folder / "package/Focal.xlam"
    machine = computer(folder, system)
    if not shipped.exists():
        pack(shipped)
    if installed:
        install(machine, place(machine), attach=attach, addin=shipped)
    machine = replace(machine, registry=registry(entries or {}), **changes)
    return replace(case_of(machine), packaged=shipped)


def found(patient: Case, check: Callable[[Case], Finding | None]) -> Any:
    """What one check finds; a problem always comes with a remedy."""
    finding = check(patient)
    assert finding is None or finding.state is State.OK or finding.to_do, finding
    return finding


def state(patient: Case, check: Callable[[Case], Finding | None]) -> Any:
    """How that finding stands; None if the check has nothing to say."""
    finding = found(patient, check)
    return finding and finding.state
