"""The Python that is there before Excel asks for it: `focal serve`."""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pyfuncs.errors import InputError
from pyfuncs.hosts.excel import FOCAL_CLASS_ID
from pyfuncs.hosts.installation.install import remove, replace_files
from pyfuncs.hosts.installation.machine import WINDOWS, Machine, logon_folder, windowless

START: Final = ("-B", "-P", "-m")
"""How Python starts a module of Focal; -P: what lies in the current folder must not be what runs."""
SERVER: Final = "pyfuncs.hosts.excel.server"
AT_LOGON: Final = "Focal.cmd"
_SHORT_LIFE = 10.0  # seconds
_LONGEST_PAUSE = 60.0


def serve(
    machine: Machine,
    say: Callable[[str], object],
    *,
    start: Callable[[Sequence[str]], int] = subprocess.call,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Keep Python's server running until Ctrl+C: it leaves with the last Excel, and must be there for the next.

    A server that ends at once is started again after a pause that grows, so that a broken one costs nothing.
    """
    if machine.system != WINDOWS:
        raise InputError("focal serve is for Excel on Windows; here no Excel asks for it.")
    command = [str(machine.python), *START, SERVER, FOCAL_CLASS_ID]
    pause = 0.0
    while True:
        say("Starting Python for Excel; Ctrl+C ends it.")
        began = clock()
        try:
            status = start(command)
        except OSError as problem:
            raise InputError(f"{machine.python} cannot be started ({problem.strerror}).") from None
        lived = clock() - began
        if lived >= _SHORT_LIFE:
            pause = 0.0
            say("The last Excel has left; starting again for the next.")
            continue
        pause = min(_LONGEST_PAUSE, max(1.0, 2 * pause))
        say(
            f"Python ended after {lived:.0f} s (status {status}); again in {pause:.0f} s. If this goes on: focal doctor"
        )
        sleep(pause)


def serve_at_logon(machine: Machine, folder: Path | None = None) -> list[str]:
    """Let Windows start `focal serve` when this user logs on; returns what was done, in sentences.

    A file in the user's start-up folder needs no rights, shows in Task Manager under Startup apps, and goes when it is
    deleted.  A company that blocks such files starts the same command from its Task Scheduler (addin/IT.md).
    """
    target = at_logon(machine, folder)
    python = machine.short_path(windowless(machine.python))
    if not str(python).isascii():
        raise InputError(
            f"{python}: Windows reads start-up files in plain letters only. Let Task Scheduler start it (addin/IT.md)."
        )
    command = f'start "" "{python}" {" ".join(START)} pyfuncs.hosts.command_line serve --quiet'.replace("%", "%%")
    replace_files({target: f"@rem Written by: focal serve --at-logon\r\n@{command}\r\n".encode("ascii")})
    return [f"Python will be ready for Excel from the next log-on: {target}"]


def not_at_logon(machine: Machine, folder: Path | None = None) -> list[str]:
    """Take back `serve_at_logon`; returns what was done, in sentences."""
    target = at_logon(machine, folder)
    return [f"Removed {target}" if remove(target) else f"There was nothing to remove: no {target}"]


def at_logon(machine: Machine, folder: Path | None = None) -> Path:
    """The file through which Windows starts `focal serve` at log-on."""
    if folder is None and machine.system != WINDOWS:
        raise InputError("focal serve is for Excel on Windows; here no Excel asks for it.")
    return (folder or logon_folder(machine)) / AT_LOGON
