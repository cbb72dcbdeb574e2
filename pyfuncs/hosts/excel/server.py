"""The Python process that Excel talks to: `python -m pyfuncs.hosts.excel.server [CLASS_ID]`.

Excel starts it through xlwings' DLL, or `focal serve` has it running before Excel asks; it ends with the last Excel.
With `--check` it starts nothing and says in one line whether it could serve.
"""

import atexit
import gc
import logging
import os
import platform
import struct
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

from pyfuncs import __version__
from pyfuncs.hosts.excel import FOCAL_CLASS_ID

CHECK: Final = "--check"
FORMULAS: Final = "pyfuncs.hosts.excel.udfs"
LOGS: Final = "pyfuncs.analysis.validation"
"""What formulas over a log need besides: it brings pandas and Arrow, which a table of customers does without."""
COMMANDS: Final = "pyfuncs.hosts.excel.commands"
NEEDED: Final = [FORMULAS, LOGS, COMMANDS, *(["xlwings.com_server"] if sys.platform == "win32" else [])]
"""What a formula or a button comes through."""
SAID: Final = ("xlwings", "pywin32", "numpy", "scipy", "pandas")
"""Packages whose versions matter when something does not work."""
UNUSED: Final = ("matplotlib", "plotly", "polars")
"""xlwings imports these where it finds them, and the first formula would wait for it."""
LARGEST_LOG: Final = 500_000
OBJECTS: Final = 50_000
"""New objects after which Python looks for garbage: a range of cells is many objects and no garbage."""

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None, log: Path | None = None) -> int:
    """Serve Excel until it lets go, or check that it could be served; returns the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    for name in UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # None: importing it is an ImportError
    restore_folders()
    os.environ.pop("XLWINGS_ON_SERVER", None)  # set for a program of that name, it changes what xlwings imports
    if CHECK in given:
        return check()
    write_log(log or log_file(os.environ))
    logger.info("Focal %s, Python %s, process %s", __version__, platform.python_version(), os.getpid())
    try:
        xlwings = import_xlwings()
        forget_cleanup(xlwings)
        threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
        xlwings.serve(given[0] if given else FOCAL_CLASS_ID)
    except Exception:
        logger.exception("The server ended.")
        return 1
    logger.info("Excel has let go.")
    return 0


def restore_folders() -> None:
    """Ask Windows for the user's folders: xlwings' DLL hands over their names in the letters of the code page only."""
    if sys.platform != "win32":
        return
    import ctypes

    for name, folder in (("APPDATA", 0x1A), ("LOCALAPPDATA", 0x1C)):  # CSIDL_APPDATA, CSIDL_LOCAL_APPDATA
        room = ctypes.create_unicode_buffer(260)
        if ctypes.windll.shell32.SHGetFolderPathW(None, folder, None, 0, room) == 0:
            os.environ[name] = room.value


def import_xlwings() -> Any:
    """Import xlwings as if pandas were not installed: cells cross raw, and Excel need not wait for converters."""
    hidden = "pandas" not in sys.modules
    if hidden:
        sys.modules["pandas"] = None  # type: ignore[assignment]  # importing it is an ImportError
    try:
        import xlwings
    finally:
        if hidden:
            del sys.modules["pandas"]
    return xlwings


def forget_cleanup(xlwings: Any) -> None:
    """Keep xlwings from ending, when this process ends, every Excel without a window: it would be others' work."""
    if sys.platform == "win32":
        atexit.unregister(xlwings._xlwindows.cleanup)


def warm_up() -> None:
    """Import what the first formula needs while Excel is still connecting, then what the first over a log needs."""
    try:
        import_module(FORMULAS)
        logger.info("ready")
        import_module(LOGS)
    except Exception:
        logger.exception("The worksheet functions cannot be imported; formulas will fail.")
        return
    # What is loaded now stays; not looking through it for garbage halves the time it takes to read a large range.
    gc.freeze()
    gc.set_threshold(OBJECTS)


def check() -> int:
    """Import all that a formula needs, answer one, and print the versions, or in one sentence why not."""
    try:
        import_xlwings()
        for name in NEEDED:
            import_module(name)
        _answer_one()
    except Exception as failed:
        print(f"{type(failed).__name__}: {' '.join(str(failed).split()).rstrip('.')}.")
        return 1
    packages = ", ".join(f"{name} {found}" for name in SAID if (found := _version(name)))
    bits = 8 * struct.calcsize("P")
    print(f"Focal {__version__} can serve Excel: Python {platform.python_version()} ({bits} bit), {packages}.")
    return 0


def _answer_one() -> None:
    """Call a function with its documented example, because some of what it needs is imported only then."""
    from pyfuncs.functions import CATALOGUE

    function = CATALOGUE["CLV_SCORE"]
    grid = getattr(sys.modules[FORMULAS], function.name)(*function.example.arguments)
    if len(grid) == 1:
        raise RuntimeError(f"{function.name} answers its own example with {grid[0][0]}")


def log_file(environment: Mapping[str, str]) -> Path:
    """Where the server writes its log: beside the configuration; on a Mac where the buttons' script writes, too."""
    if sys.platform == "darwin":
        return Path.home() / "Library/Logs/Focal.log"
    return Path(environment.get("LOCALAPPDATA") or tempfile.gettempdir()) / "Focal" / "focal.log"


def write_log(path: Path) -> None:
    """Log to a file of limited size; a file that cannot be written must not keep Excel waiting."""
    handler: logging.Handler
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=LARGEST_LOG, backupCount=1, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
