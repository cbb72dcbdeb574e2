"""`focal doctor`: why Focal does not work in Excel, in plain words, each cause with its remedy.

A check is a function from the case to one finding, or to None where there is nothing to say.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pyfuncs import __version__
from pyfuncs.errors import InputError
from pyfuncs.hosts.excel.server import log_file
from pyfuncs.hosts.installation.excel_rules import (
    addin_rules,
    child_processes,
    disabled_items,
    excel_version,
    macros,
    mark_of_the_web,
    store_office,
)
from pyfuncs.hosts.installation.findings import Case, Finding, State, report
from pyfuncs.hosts.installation.install import read_configuration
from pyfuncs.hosts.installation.machine import (
    ADDIN,
    DLLS,
    MAC,
    WINDOWS,
    XLWINGS,
    Machine,
    config_folders,
    console,
    fits_ansi,
    is_store_python,
    machine_startup_folders,
    place,
    reinstall,
    this_machine,
    user_startup_folder,
)
from pyfuncs.hosts.installation.serving import SERVER, START
from pyfuncs.hosts.shipped import shipped

__all__ = ["CHECKS", "WINDOWS_CHECKS", "Case", "Finding", "State", "case_of", "examine", "report"]

_INSTALL = "Close Excel and run: focal install"
_AGAIN = "Install Focal again as you did the first time (addin/IT.md)."
_PATIENCE = 120.0  # seconds for a cold start behind an antivirus program


def case_of(machine: Machine, startup_folder: Path | None = None, config_folder: Path | None = None) -> Case:
    """The installation on this computer, or the one in the given folders."""
    where = place(machine, startup_folder=startup_folder, config_folder=config_folder)
    startups = [startup_folder] if startup_folder else [user_startup_folder(machine), *machine_startup_folders(machine)]
    configs = [config_folder] if config_folder else list(dict.fromkeys(config_folders(machine)))
    return Case(
        machine,
        tuple(startups),
        tuple(folder / where.configuration.name for folder in configs),
        shipped("addin", ADDIN),
    )


def examine(case: Case | None = None) -> Iterator[Finding]:
    """Every finding, one after the other, by default on this computer; a check that cannot look says so."""
    case = case or case_of(this_machine())
    for check in (*CHECKS, *(WINDOWS_CHECKS if case.machine.system == WINDOWS else ())):
        try:
            finding = check(case)
        except OSError as problem:
            finding = Finding(check.__name__.replace("_", " "), State.LOOK, f"could not be looked at ({problem}).")
        if finding is not None:
            yield finding


def system(case: Case) -> Finding | None:
    """Say on a Mac what works there."""
    if case.machine.system != MAC:
        return None
    seen = (
        "on the Mac the buttons of the tab Focal work and its functions do not; a refitted workbook holds all values."
    )
    return Finding("Mac", State.LOOK, seen, "For the functions open the workbook in Excel on Windows.")


def addin(case: Case) -> Finding:
    """Whether the add-in stands in Excel's start-up folder."""
    if case.addins:
        return Finding("Add-in", State.OK, f"stands in {case.folder}.")
    if case.configuration_file is None:
        return Finding("Add-in", State.PROBLEM, "Focal is not installed in Excel.", "Run: focal install")
    return Finding(
        "Add-in", State.PROBLEM, f"{case.folder / ADDIN} is gone; an antivirus program may have taken it.",
        f"Look in its protection history, allow Focal.xlam, then run: focal install. If it goes again, {_TO_IT}.",
    )  # fmt: skip


_TO_IT = "give addin/IT.md to IT"


def copies(case: Case) -> Finding | None:
    """Whether Excel loads the add-in twice."""
    where = [str(path) for path in case.addins]
    options = case.machine.registry(rf"HKCU\Software\Microsoft\Office\{excel_version(case.machine)}\Excel\Options")
    where += [f"{value} (Excel's list of add-ins)" for name, value in options.items()
              if name.startswith("open") and ADDIN.lower() in str(value).lower()]  # fmt: skip
    if len(where) < 2:
        return None
    return Finding(
        "Copies", State.PROBLEM, f"Excel opens the add-in {len(where)} times: {'; '.join(where)}.",
        "Keep one: focal uninstall removes your own, focal uninstall --all-users the computer's; in Excel's list of "
        "add-ins clear the box.",
    )  # fmt: skip


def version(case: Case) -> Finding | None:
    """Whether the add-in in Excel belongs to this Focal."""
    if not case.packaged.is_file():
        seen = f"{case.packaged} is missing; an antivirus program may have taken it."
        to_do = _AGAIN
        return Finding("Version", State.PROBLEM, seen, to_do)
    if not case.addins:
        return None
    stated = case.configuration.version if case.configuration else __version__
    if stated != __version__:
        return Finding("Version", State.PROBLEM, f"Excel has Focal {stated}, this is {__version__}.", _INSTALL)
    if case.addins[0].read_bytes() == case.packaged.read_bytes():
        return Finding("Version", State.OK, f"the add-in is that of Focal {__version__}.")
    if case.is_signed:
        seen = "the add-in is a signed copy, which cannot be compared with the one Focal came with."
        return Finding("Version", State.LOOK, seen, f"The button About must say {__version__}.")
    return Finding("Version", State.PROBLEM, f"the add-in is not the one that Focal {__version__} came with.", _INSTALL)


def configuration(case: Case) -> Finding | None:
    """Whether Excel can read where Python is."""
    if case.configuration_file is None:
        if not case.addins:
            return None
        return Finding("Configuration", State.PROBLEM, f"there is no {case.configurations[0]}.", _INSTALL)
    try:
        read_configuration(case.configuration_file, case.machine)
    except InputError as problem:
        return Finding("Configuration", State.PROBLEM, str(problem), _INSTALL)
    return Finding("Configuration", State.OK, f"{case.configuration_file}")


def letters(case: Case) -> Finding | None:
    """Whether Excel's VBA can read the paths; it knows only the letters of the computer's code page."""
    told = case.configuration
    paths = [case.configurations[0], *((told.python, told.dll_folder) if told else ())]
    unreadable = [str(path) for path in paths if not fits_ansi(path, case.machine) or "?" in str(path)]
    if not unreadable:
        return None
    seen = f"Excel's VBA cannot read {unreadable[0]}: letters outside this computer's code page."
    to_do = (
        "Install Python and Focal in a folder with plain letters, such as C:\\Focal; then: focal install --all-users"
    )
    return Finding("Letters", State.PROBLEM, seen, to_do)


def interpreter(case: Case) -> Finding | None:
    """Whether the Python that Excel starts is there, and is this one."""
    if case.configuration is None:
        return None
    python = Path(case.configuration.python)
    if not python.is_file():
        return Finding("Python", State.PROBLEM, f"{python}, which Excel is to start, is gone.", _INSTALL)
    if is_store_python(case.machine):
        return Finding(
            "Python", State.PROBLEM, f"{python} came from the Microsoft Store, and Excel cannot talk to it.",
            "Install Python from python.org, install Focal with it and run its focal install.",
        )  # fmt: skip
    if not _is_this_python(case):
        seen = f"Excel uses {python}, not the Python of this focal ({case.machine.python})."
        return Finding("Python", State.LOOK, seen, f"To make Excel use this one: {_INSTALL.lower()}")
    return Finding("Python", State.OK, f"{python}")


def answer(case: Case) -> Finding | None:
    """Whether that Python can serve Excel: it is started as Excel starts it, and asked to check itself."""
    if case.configuration is None or not Path(case.configuration.python).is_file() or case.machine.system == MAC:
        return None
    python = console(Path(case.configuration.python))
    ran = case.machine.run([str(python), *START, SERVER, "--check"], _PATIENCE)
    said = next((line.strip() for line in reversed(ran.output.splitlines()) if line.strip()), "it said nothing")
    if ran.status == 0:
        return Finding("Server", State.OK, said)
    again = f'To see all of it: "{python}" {" ".join(START)} {SERVER} --check'
    if ran.status is None:
        seen = f"{python} gave no answer within {_PATIENCE:.0f} seconds."
        return Finding("Server", State.PROBLEM, seen, f"An antivirus program may hold it back. {again}")
    to_do = f"{_AGAIN} {again}"
    return Finding("Server", State.PROBLEM, f"Python cannot serve Excel: {said}", to_do)


def dlls(case: Case) -> Finding | None:
    """Whether xlwings's DLLs are there, of the version that the add-in calls."""
    if case.configuration is None or case.machine.system == MAC:
        return None
    folder = Path(case.configuration.dll_folder)
    missing = [name for name in DLLS if not (folder / name).is_file()]
    if not missing:
        return Finding("DLL", State.OK, f"xlwings {XLWINGS}, for 32 and 64 bit, in {folder}.")
    others = sorted(path.name for path in folder.glob("xlwings*.dll") if path.name not in DLLS)
    seen = f"{' and '.join(missing)} not in {folder}" + (f", but {' and '.join(others)}." if others else ".")
    return Finding(
        "DLL", State.PROBLEM, seen,
        f"Run: {reinstall(Path(case.configuration.python), f'xlwings=={XLWINGS}')}, then focal install. If it goes "
        f"again, an antivirus program takes it: {_TO_IT}.",
    )  # fmt: skip


def xlwings(case: Case) -> Finding | None:
    """Whether the xlwings of this Python is the one that the add-in was made for."""
    if case.configuration is not None and not _is_this_python(case):
        return None
    found = case.machine.version_of("xlwings")
    if found == XLWINGS:
        return Finding("xlwings", State.OK, found)
    seen = f"version {found} is installed" if found else "it is not installed"
    to_do = f"Close Excel and run: {reinstall(case.machine.python, f'xlwings=={XLWINGS}')}"
    return Finding("xlwings", State.PROBLEM, f"{seen}; the add-in needs {XLWINGS}.", to_do)


def log(case: Case) -> Finding | None:
    """Where Python's server writes down what happened."""
    path = log_file(case.machine.environment)
    return Finding("Log", State.OK, f"what happened is in {path}.") if path.is_file() else None


def _is_this_python(case: Case) -> bool:
    """Compared by folder: python.exe and pythonw.exe are the same Python."""
    if case.configuration is None:
        return True
    told, this = (os.path.normcase(path.parent.resolve())
                  for path in (Path(case.configuration.python), case.machine.python))  # fmt: skip
    return told == this


CHECKS: Final[tuple[Callable[[Case], Finding | None], ...]] = (
    system, addin, copies, version, configuration, letters, interpreter, answer, dlls, xlwings, log,
)  # fmt: skip
WINDOWS_CHECKS: Final[tuple[Callable[[Case], Finding | None], ...]] = (
    store_office, macros, mark_of_the_web, addin_rules, disabled_items, child_processes,
)  # fmt: skip
