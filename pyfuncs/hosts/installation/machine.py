"""The computer as `focal install`, `uninstall` and `doctor` see it: folders, registry, Python and xlwings's DLLs.

All of it is reached through a `Machine`, so that a test can be any computer.
"""

import importlib.metadata
import os
import re
import site
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from pyfuncs.errors import InputError

WINDOWS: Final = "win32"
MAC: Final = "darwin"
ADDIN: Final = "Focal.xlam"
SCRIPT: Final = "Focal.applescript"
XLWINGS: Final = "0.37.8"
"""The pinned xlwings: its DLL carries the version in its name, and so does the add-in's call of it."""
DLLS: Final = (f"xlwings64-{XLWINGS}.dll", f"xlwings32-{XLWINGS}.dll")
OFFICES: Final = ("16.0", "15.0", "14.0")

Tree: TypeAlias = Mapping[str, Any]
"""A registry key: its values, and its subkeys as trees, by lower-case name."""


@dataclass(frozen=True)
class Ran:
    """How a program ended: its exit status (None: it was stopped for taking too long) and what it printed."""

    status: int | None
    output: str


def _no_registry(key: str) -> Tree:
    return {}


def _as_it_is(path: Path) -> Path:
    return path


def _nothing_ran(command: Sequence[str], seconds: float) -> Ran:
    return Ran(0, "")


def _not_installed(package: str) -> str | None:
    return None


@dataclass(frozen=True)
class Machine:
    """A computer and the Python on it that asks."""

    system: str
    """As `sys.platform`: "win32", "darwin", "linux"."""
    home: Path
    python: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    pip_folders: tuple[Path, ...] = ()
    """Where pip may have put xlwings's DLLs, the likeliest first."""
    base: Path = Path()
    """The Python that a virtual environment was made from."""
    ansi: str = "cp1252"
    """The code page in which Excel's VBA reads files and paths."""
    registry: Callable[[str], Tree] = _no_registry
    """Reads a key such as HKCU\\Software\\Microsoft; empty where it is missing or may not be read."""
    run: Callable[[Sequence[str], float], Ran] = _nothing_ran
    """Runs a command for at most so many seconds."""
    version_of: Callable[[str], str | None] = _not_installed
    """The installed version of a package, or None."""
    short_path: Callable[[Path], Path] = _as_it_is
    """The 8.3 name of a Windows path, or the path itself where there is none."""


@dataclass(frozen=True)
class Place:
    """Where an installation of Focal stands: the add-in, and the file that says where Python is."""

    addin: Path
    configuration: Path


def this_machine() -> Machine:
    """The computer this runs on."""
    return Machine(
        system=sys.platform,
        home=Path.home(),
        python=Path(sys.executable),
        environment=dict(os.environ),
        pip_folders=tuple(dict.fromkeys(_pip_folders())),
        base=Path(sys.base_prefix),
        ansi="mbcs" if sys.platform == WINDOWS else "utf-8",
        registry=_read_registry,
        run=_run,
        version_of=_version_of,
        short_path=_short_path,
    )


# ---- folders ----


def place(
    machine: Machine, *, all_users: bool = False, startup_folder: Path | None = None, config_folder: Path | None = None
) -> Place:
    """Where Focal belongs on this computer; folders that are given are taken as they are, on any system."""
    if machine.system not in (WINDOWS, MAC) and not (startup_folder and config_folder):
        raise InputError(
            "Excel runs on Windows and on the Mac; on this system there is nothing to install Focal into. "
            "Name the folders with --startup-folder and --config-folder, or use focal refit, which needs no Excel."
        )
    if machine.system == MAC and all_users:
        raise InputError("on the Mac Focal is installed by each user: leave out --all-users.")
    startup = startup_folder or (_machine_startup_folder(machine) if all_users else user_startup_folder(machine))
    folder = config_folder or config_folders(machine)[1 if all_users else 0]
    return Place(startup / ADDIN, folder / (SCRIPT if machine.system == MAC else "focal.conf"))


def user_startup_folder(machine: Machine) -> Path:
    """The folder whose workbooks Excel opens when this user starts it."""
    if machine.system == MAC:
        office = machine.home / "Library/Group Containers/UBF8T346G9.Office"
        return office / "User Content.localized/Startup.localized/Excel"
    return _roaming(machine) / "Microsoft/Excel/XLSTART"


def config_folders(machine: Machine) -> tuple[Path, Path]:
    """Where Excel looks for Focal's configuration: this user's folder, then the computer's."""
    if machine.system == MAC:
        scripts = machine.home / "Library/Application Scripts/com.microsoft.Excel"
        return scripts, scripts
    local = machine.environment.get("LOCALAPPDATA") or machine.home / "AppData/Local"
    common = machine.environment.get("PROGRAMDATA") or "C:/ProgramData"
    return Path(local) / "Focal", Path(common) / "Focal"


def logon_folder(machine: Machine) -> Path:
    """The folder whose programs Windows starts when this user logs on."""
    return _roaming(machine) / "Microsoft/Windows/Start Menu/Programs/Startup"


def machine_startup_folders(machine: Machine) -> list[Path]:
    """The start-up folders beside Excel itself, which every user's Excel opens; empty where Excel is not found."""
    if machine.system != WINDOWS:
        return []
    found = [folder / "XLSTART" for folder in _excel_folders(machine) if _holds_excel(folder)]
    return list(dict.fromkeys(found))


def _machine_startup_folder(machine: Machine) -> Path:
    found = machine_startup_folders(machine)
    if not found:
        raise InputError("Excel's program folder was not found; name its XLSTART with --startup-folder.")
    return found[0]


def _excel_folders(machine: Machine) -> Iterator[Path]:
    """Folders in which EXCEL.EXE may stand, from what Windows says to the usual ones."""
    program = excel_program(machine)
    if program:
        yield Path(program).parent
    for root in (r"HKLM\SOFTWARE\Microsoft\Office", r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Office"):
        for version in OFFICES:
            if folder := machine.registry(rf"{root}\{version}\Excel\InstallRoot").get("path"):
                yield Path(folder)
    for variable in ("PROGRAMW6432", "PROGRAMFILES", "PROGRAMFILES(X86)"):
        if programs := machine.environment.get(variable):
            for version in OFFICES:
                name = f"Office{version.removesuffix('.0')}"
                yield Path(programs) / "Microsoft Office/root" / name
                yield Path(programs) / "Microsoft Office" / name


def excel_program(machine: Machine) -> str:
    """The path of EXCEL.EXE as Windows has it, or ""."""
    key = machine.registry(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe")
    return str(key.get("") or "").strip('"')


def _holds_excel(folder: Path) -> bool:
    return (folder / "EXCEL.EXE").exists() or (folder / "XLSTART").is_dir()


def _roaming(machine: Machine) -> Path:
    return Path(machine.environment.get("APPDATA") or machine.home / "AppData/Roaming")


def expand(text: str, machine: Machine) -> str:
    """A path of the registry with its %NAMES% filled in."""
    return re.sub(r"%([^%]+)%", lambda name: machine.environment.get(name[1].upper(), name[0]), text)


# ---- Python ----


def windowless(python: Path) -> Path:
    """The pythonw.exe beside a python.exe; the same path where there is none."""
    beside = python.with_name(python.name.replace("python.exe", "pythonw.exe"))
    return beside if beside.is_file() else python


def console(python: Path) -> Path:
    """The python.exe beside a pythonw.exe, which can print; the same path where there is none."""
    beside = python.with_name(python.name.replace("pythonw.exe", "python.exe"))
    return beside if beside.is_file() else python


def reinstall(python: Path, package: str) -> str:
    """The command that installs a package again for this Python, which need not be the one on the path."""
    return f'"{console(python)}" -m pip install --force-reinstall {package}'


def is_store_python(machine: Machine) -> bool:
    """Whether this Python came from the Microsoft Store: Windows hides what it writes, and Excel cannot talk to it."""
    marks = (part.casefold() for path in (machine.python, machine.base) for part in path.parts)
    return any(mark.startswith("pythonsoftwarefoundation.python.3") for mark in marks)


def find_dlls(machine: Machine) -> Path | None:
    """The folder that holds xlwings's DLLs: the first with both, else the first with one."""
    beside = machine.python.parent
    folders = list(dict.fromkeys((*machine.pip_folders, beside, beside.parent)))
    for enough in (all, any):
        for folder in folders:
            if enough((folder / name).is_file() for name in DLLS):
                return folder
    return None


def fits_ansi(path: str | Path, machine: Machine) -> bool:
    """Whether Excel's VBA can read this path: it knows no letters outside the computer's code page."""
    try:
        return str(path).encode(machine.ansi).decode(machine.ansi) == str(path)
    except UnicodeError:
        return False


def readable_path(path: Path, machine: Machine) -> str:
    """The path in letters that Excel's VBA can read: as it is, or by its short name."""
    for form in (path, machine.short_path(path)):
        if fits_ansi(form, machine):
            return str(form)
    raise InputError(
        f"{path}: Excel cannot read this path, because it has letters outside this computer's code page. Install "
        "Python and Focal in a folder with plain letters, such as C:\\Focal, and run focal install with that Python."
    )


def _pip_folders() -> Iterator[Path]:
    try:
        files = importlib.metadata.files("xlwings") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name in DLLS:
            yield Path(str(file.locate())).resolve().parent
    yield from (Path(sys.prefix), Path(sysconfig.get_path("data")), Path(sys.base_prefix))
    yield from (Path(user) for user in (site.getuserbase(),) if user)


def _version_of(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _run(command: Sequence[str], seconds: float) -> Ran:
    """Run without a window and with nothing to read; what it prints is read whatever its encoding."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0), check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as slow:
        return Ran(None, (slow.output or b"").decode(errors="replace"))
    except OSError as problem:
        return Ran(1, str(problem))
    return Ran(done.returncode, done.stdout.decode(errors="replace"))


# ---- Windows ----


def _read_registry(key: str) -> Tree:
    if sys.platform != "win32":
        return {}
    import winreg

    hive, _, path = key.partition("\\")
    root = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}[hive]

    def read(path: str) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        try:
            with winreg.OpenKey(root, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
                keys, values, _ = winreg.QueryInfoKey(opened)
                tree |= {name.lower(): data for name, data, _ in (winreg.EnumValue(opened, n) for n in range(values))}
                names = [winreg.EnumKey(opened, n) for n in range(keys)]
        except OSError:
            return tree
        return tree | {name.lower(): read(f"{path}\\{name}") for name in names}

    return read(path)


def _short_path(path: Path) -> Path:
    if sys.platform != "win32":
        return path
    import ctypes

    room = ctypes.create_unicode_buffer(1024)
    length = ctypes.windll.kernel32.GetShortPathNameW(str(path), room, len(room))
    return Path(room.value) if 0 < length < len(room) else path
