"""What `focal doctor` finds, and the case it looks at."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from pyfuncs import __version__
from pyfuncs.errors import InputError
from pyfuncs.hosts.installation.install import Configuration, read_configuration
from pyfuncs.hosts.installation.machine import Machine


class State(StrEnum):
    """How a finding stands; only a problem keeps Focal from working."""

    PROBLEM = "PROBLEM"
    LOOK = "look"
    OK = "ok"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what it is, how it stands, what was seen, and what to do."""

    what: str
    state: State
    seen: str
    to_do: str = ""


@dataclass(frozen=True)
class Case:
    """The installation under examination."""

    machine: Machine
    startup_folders: tuple[Path, ...]
    """Every start-up folder of Excel in which the add-in may stand, this user's first."""
    configurations: tuple[Path, ...]
    """Where the configuration may stand, in the order in which Excel looks."""
    packaged: Path
    """The add-in as it came with this Focal."""

    @cached_property
    def addins(self) -> list[Path]:
        """The copies of the add-in that Excel opens when it starts."""
        candidates = (folder / self.packaged.name for folder in self.startup_folders)
        return [path for path in candidates if path.is_file()]

    @cached_property
    def folder(self) -> Path:
        """The start-up folder that matters: the one the add-in is in, or belongs in."""
        return self.addins[0].parent if self.addins else self.startup_folders[0]

    @cached_property
    def configuration_file(self) -> Path | None:
        """The configuration that Excel reads."""
        return next((path for path in self.configurations if path.is_file()), None)

    @cached_property
    def configuration(self) -> Configuration | None:
        """What it says; None if it is missing or cannot be read."""
        try:
            return read_configuration(self.configuration_file, self.machine) if self.configuration_file else None
        except InputError:
            return None

    @cached_property
    def is_signed(self) -> bool:
        """Whether the add-in's macros carry a signature, its company's for example."""
        try:
            with zipfile.ZipFile(self.addins[0]) as parts:
                return any("vbaProjectSignature" in name for name in parts.namelist())
        except (IndexError, OSError, zipfile.BadZipFile):
            return False


def report(findings: Iterable[Finding]) -> str:
    """The findings as text, worst first: a window that cuts long texts still shows what matters."""
    order = list(State)
    found = sorted(findings, key=lambda finding: order.index(finding.state))
    problems, looks, fine = (sum(finding.state is state for finding in found) for state in order)
    worst = "1 problem" if problems == 1 else f"{problems} problems" if problems else "nothing is wrong"
    lines = [f"Focal {__version__}: {worst}{f', {looks} to look at' if looks else ''}, {fine} in order.", ""]
    for finding in found:
        lines.append(f"{finding.state:8} {finding.what}: {finding.seen}")
        if finding.to_do:
            lines.append(f"{'':8} To do: {finding.to_do}")
    return "\n".join(lines)
