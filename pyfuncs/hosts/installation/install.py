"""Putting Focal into Excel and taking it out again.

Excel need not run, and is not asked: the add-in is a file in Excel's start-up folder, and a short file of configuration
tells it where Python is.
"""

import contextlib
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from pyfuncs import __version__
from pyfuncs.errors import InputError
from pyfuncs.hosts.installation.machine import (
    DLLS,
    MAC,
    SCRIPT,
    WINDOWS,
    XLWINGS,
    Machine,
    Place,
    find_dlls,
    fits_ansi,
    is_store_python,
    machine_startup_folders,
    readable_path,
    reinstall,
    user_startup_folder,
    windowless,
)
from pyfuncs.hosts.shipped import shipped

_MARKS = {"python": "@python@", "version": "@version@"}  # what install fills in in the Mac's script


@dataclass(frozen=True)
class Configuration:
    """What Excel must know to find Python: the keys of focal.conf."""

    python: str
    dll_folder: str
    start: bool
    """Whether Excel may start Python; if not, it only attaches to one that runs already."""
    version: str

    def text(self) -> str:
        """The configuration as its file holds it."""
        values = asdict(self) | {"start": "yes" if self.start else "no"}
        lines = [
            "# Written by: focal install. Excel reads here where Python is.",
            *(f"{k}={v}" for k, v in values.items()),
        ]
        return "\r\n".join(lines) + "\r\n"


def read_configuration(path: Path, machine: Machine) -> Configuration:
    """The configuration in a file; a sentence as InputError where it cannot be used."""
    try:
        text = path.read_bytes().decode("utf-8" if path.name == SCRIPT else machine.ansi)
    except OSError as problem:
        raise InputError(f"{path} cannot be read ({problem.strerror}).") from None
    except UnicodeError:
        raise InputError(f"{path} holds letters that are not of this computer's code page.") from None
    if path.name == SCRIPT:
        return _read_script(text, path)
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    pairs = {key.strip().lower(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    keys = {field.name for field in fields(Configuration)}
    for what, names in (("lacks", keys - pairs.keys()), ("has a line that means nothing", pairs.keys() - keys)):
        if names:
            raise InputError(f"{path} {what}: {', '.join(sorted(names))}.")
    if pairs["start"] not in ("yes", "no"):
        raise InputError(f"{path}: start must be yes or no, not {pairs['start']!r}.")
    return Configuration(pairs["python"], pairs["dll_folder"], pairs["start"] == "yes", pairs["version"])


def install(
    machine: Machine,
    where: Place,
    *,
    attach: bool = False,
    for_all_instead_of: Place | None = None,
    addin: Path | None = None,
) -> list[str]:
    """Put the add-in and its configuration in place; returns what was done, in sentences.

    Installing again replaces what is there.  Nothing is changed when anything is in the way.  An installation for all
    users takes the place of this user's own, which Excel would load beside it and whose configuration would go first.
    """
    source = addin or shipped("addin", where.addin.name)
    content = _read_addin(source, machine)
    notes: list[str] = []
    if machine.system == MAC:
        _require_office(machine, where)
        configuration = _script(machine)
        notes.append("On the Mac the buttons of the tab Focal work; its functions are for Excel on Windows.")
    else:
        _require_readable(where.configuration, machine)
        configuration = _settings(machine, attach, notes).text().encode(machine.ansi)
    replace_files({where.addin: content, where.configuration: configuration})
    _check_not_hidden(where.addin)
    done = [f"Add-in:         {where.addin}", f"Configuration:  {where.configuration}"]
    if for_all_instead_of is not None:
        done += uninstall(for_all_instead_of)
        if machine.home in machine.python.parents:
            notes.append(f"{machine.python} stands in one user's own folder, where the others may not read it.")
    notes += _other_copies(machine, where)
    return [*done, *(f"Note:           {note}" for note in notes)]


def uninstall(where: Place, *others: Path) -> list[str]:
    """Remove what `install` put there, and nothing else; returns what was removed, in sentences."""
    removed = []
    for path in (where.addin, where.configuration, *others):
        if remove(path):
            removed.append(f"Removed {path}")
    folder = where.configuration.parent
    if removed and folder.name == "Focal":
        with contextlib.suppress(OSError):
            folder.rmdir()
            return removed
        removed.append(f"Left {folder}, because the log of Python's server stands there")
    return removed


def remove(path: Path) -> bool:
    """Remove a file; False when there is none."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except PermissionError:
        raise InputError(f"{path} is open in Excel or may not be removed. {_CLOSE_EXCEL}") from None
    except OSError as problem:
        raise InputError(f"{path} cannot be removed ({problem.strerror}).") from None
    return True


_CLOSE_EXCEL = "Close all windows of Excel and try again; in a folder for all users, run it as administrator."


def _read_addin(source: Path, machine: Machine) -> bytes:
    try:
        return source.read_bytes()
    except OSError:
        raise InputError(
            f"{source} is missing: this Focal came without its add-in, or an antivirus program took it away. Restore "
            "it there, or install Focal again as you did the first time."
        ) from None


def _settings(machine: Machine, attach: bool, notes: list[str]) -> Configuration:
    if is_store_python(machine):
        raise InputError(
            f"{machine.python}: this Python came from the Microsoft Store, and Excel cannot talk to it. Install Python "
            "from python.org, install Focal with it and run focal install again."
        )
    folder = find_dlls(machine)
    missing = [name for name in DLLS if folder is None or not (folder / name).is_file()]
    if missing:
        sentence = (
            f"{' and '.join(missing)} of xlwings {XLWINGS} not found beside or above {machine.python}. If an antivirus "
            f"program took it away, restore it; else: {reinstall(machine.python, f'xlwings=={XLWINGS}')}"
        )
        if machine.system == WINDOWS:
            raise InputError(sentence)
        notes.append(f"{sentence} (No formula can run without it.)")
    python = windowless(machine.python)
    if machine.system == WINDOWS and python.name.lower() != "pythonw.exe":
        notes.append(f"There is no pythonw.exe beside {python}; a black window will show while Python runs.")
    if attach:
        notes.append("Excel never starts Python (--attach): formulas are answered while focal serve runs.")
    return Configuration(
        readable_path(python, machine), readable_path(folder or python.parent, machine), not attach, __version__
    )


def _script(machine: Machine) -> bytes:
    """The Mac's script, with the interpreter filled in: Excel's sandbox lets only such a script start Python."""
    text = shipped("addin", SCRIPT).read_text(encoding="utf-8")
    python = str(machine.python).replace("\\", "\\\\").replace('"', '\\"')
    return text.replace(_MARKS["python"], python).replace(_MARKS["version"], __version__).encode()


def _read_script(text: str, path: Path) -> Configuration:
    properties = dict(
        line.removeprefix("property ").split(" : ", 1) for line in text.splitlines() if line.startswith("property ")
    )
    try:
        python, version = (properties[name].strip().strip('"') for name in ("focalPython", "focalVersion"))
    except KeyError:
        raise InputError(f"{path} does not name a Python.") from None
    return Configuration(python.replace('\\"', '"').replace("\\\\", "\\"), "", True, version)


def _require_office(machine: Machine, where: Place) -> None:
    office = machine.home / "Library/Group Containers/UBF8T346G9.Office"
    if where.addin.parent == user_startup_folder(machine) and not office.is_dir():
        raise InputError(f"there is no {office}: start Excel once, so that it makes its folders, and try again.")


def _require_readable(path: Path, machine: Machine) -> None:
    if not fits_ansi(path, machine):
        raise InputError(
            f"{path}: Excel's VBA cannot open this path, because it has letters outside this computer's code page. Let "
            "an administrator run: focal install --all-users"
        )


def _check_not_hidden(path: Path) -> None:
    """Windows shows a packaged program its own copy of AppData: the add-in would be where Excel never looks."""
    if "LocalCache" in path.resolve().parts:
        with contextlib.suppress(OSError):
            path.unlink()
        raise InputError(
            f"Windows hides what this Python writes ({path.resolve()}), so Excel would not find it. Install Python "
            "from python.org, install Focal with it and run focal install again."
        )


def _other_copies(machine: Machine, where: Place) -> list[str]:
    folders = [user_startup_folder(machine), *machine_startup_folders(machine)]
    others = [folder / where.addin.name for folder in folders if folder != where.addin.parent]
    return [
        f"There is another {other}; Excel opens both. Remove one: focal uninstall, or focal uninstall --all-users"
        for other in others
        if other.is_file()
    ]


# ---- files ----


def replace_files(contents: dict[Path, bytes]) -> None:
    """Put each file in place in one step, the first only after all are written: a failure leaves the old ones."""
    staged: dict[Path, Path] = {}
    try:
        for path, data in contents.items():
            if not path.is_file() or path.read_bytes() != data or _is_marked(path):
                staged[path] = _write_beside(path, data)
        for path, temporary in staged.items():
            _put_in_place(temporary, path)
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)


def _write_beside(path: Path, data: bytes) -> Path:
    temporary = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
    except PermissionError:
        raise InputError(
            f"{path.parent}: no right to write there. For all users run it as administrator; nothing was changed."
        ) from None
    except OSError as problem:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise InputError(f"{path} cannot be written ({problem.strerror}); nothing was changed.") from None
    return temporary


def _put_in_place(temporary: Path, path: Path) -> None:
    try:
        os.replace(temporary, path)
    except PermissionError:
        raise InputError(f"{path} is open in Excel, and the old one stays. {_CLOSE_EXCEL}") from None
    except OSError as problem:
        raise InputError(f"{path} cannot be replaced ({problem.strerror}); the old one stays.") from None


def _is_marked(path: Path) -> bool:
    """Whether Windows remembers the file as downloaded: replacing it forgets that."""
    return Path(f"{path}:Zone.Identifier").exists()
