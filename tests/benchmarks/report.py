"""What the benchmarks print: the machine, a paragraph for each piece of work, and which floors were not met."""

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.measuring import Cost

PACKAGES = (
    "focal-clv numpy scipy pandas pyarrow fastexcel lxml lifetimes openpyxl XlsxWriter pymc-marketing pymc "
    "rustpy-xlsxwriter"
).split()
SMALLEST_LOSS = 1e-12
"""Relative log-likelihood below which two fits are equal."""


@dataclass
class Report:
    """Prints as it goes and keeps what was not met."""

    missed: list[str] = field(default_factory=list)

    def say(self, text: str = "") -> None:
        """Print a line, at once."""
        print(text, flush=True)

    def section(self, title: str, *notes: str) -> None:
        """A heading and how like is compared with like."""
        self.say(f"\n{title}\n{'-' * len(title)}")
        for note in notes:
            self.say(note)

    def compare(
        self, work: str, ours: Cost, theirs: Cost, at_least: float | None = None, notes: Sequence[str] = ()
    ) -> None:
        """How many times our CPU time they need, with the floor of that ratio and what else there is to say."""
        if ours.failure or theirs.failure:
            self._failed(work, ours, theirs)
            return
        ratios = [other / mine for mine, other in zip(ours.rounds, theirs.rounds, strict=True)]
        self.bound(
            f"{work}: {theirs.seconds / ours.seconds:.3g} x {theirs.name} {_spread(ratios)}",
            "at least",
            at_least,
            at_least is None or theirs.seconds / ours.seconds >= at_least,
        )
        self._costs(ours, theirs)
        for note in notes:
            self.say(f"    {note}")

    def multiple(self, work: str, ours: Cost, theirs: Cost, at_most: float | None) -> None:
        """How many times their CPU time we need, with the ceiling of that ratio."""
        if ours.failure or theirs.failure:
            self._failed(work, ours, theirs)
            return
        ratios = [mine / other for mine, other in zip(ours.rounds, theirs.rounds, strict=True)]
        multiple = ours.seconds / theirs.seconds
        met = at_most is None or multiple <= at_most
        self.bound(f"{work}: {multiple:.3g} x {theirs.name} {_spread(ratios)}", "at most", at_most, met)
        self._costs(ours, theirs)

    def memory(self, work: str, ours: Cost, theirs: Cost, at_most: float | None) -> None:
        """The share of their peak memory that we need, with the ceiling of that share."""
        if ours.memory is None or theirs.memory is None:
            return
        share = ours.memory / max(theirs.memory, 1)
        met = at_most is None or share <= at_most
        self.bound(f"{work}: {share:.2f} of the peak memory of {theirs.name}", "at most", at_most, met)

    def likelihood(self, work: str, ours: float, theirs: float, other: str) -> None:
        """Both maxima by the same exact likelihood, and whether ours is below theirs."""
        gain = (ours - theirs) / abs(theirs)
        below = not gain >= -SMALLEST_LOSS
        verdict = "BELOW" if below else "not below"
        self.say(f"    log-likelihood {ours:.6f} against {theirs:.6f}, relative {gain:+.1e}: {verdict} {other}")
        if below:
            self.missed.append(f"{work}: log-likelihood {ours!r} is below {theirs!r} of {other}")

    def bound(self, text: str, kind: str, bound: float | None, met: bool) -> None:
        """A figure with its bound and whether it is met."""
        line = text if bound is None else f"{text}, {kind} {bound:g}{'' if met else ': NOT MET'}"
        self.say(line)
        if not met:
            self.missed.append(line)

    def close(self) -> None:
        """What was not met, once more."""
        self.section("Not met", *(self.missed or ["nothing"]))

    def _failed(self, work: str, ours: Cost, theirs: Cost) -> None:
        for one, other in ((ours, theirs), (theirs, ours)):
            if one.failure:
                self.say(f"{work}: {one.name} fails ({one.failure}); {other.name} {_outcome(other)}")
        if ours.failure:
            self.missed.append(f"{work}: {ours.name} fails ({ours.failure})")

    def _costs(self, ours: Cost, theirs: Cost) -> None:
        text = f"    CPU {_time(ours.seconds)} against {_time(theirs.seconds)}"
        if ours.memory is not None and theirs.memory is not None:
            text += f"; peak memory +{ours.memory / 1e6:.1f} MB against +{theirs.memory / 1e6:.1f} MB"
        self.say(text)


def machine() -> list[str]:
    """The machine, the commit and the versions, a line each."""
    return [
        f"machine: {_processor()}, {os.cpu_count()} cores, {_memory()}, {platform.platform()}; load {_load()}",
        f"commit: {_commit()}",
        f"versions: Python {platform.python_version()}, {', '.join(_versions())}",
    ]


def _versions() -> list[str]:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{package} not installed")
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (AttributeError, ValueError):  # not on Windows
        return "memory unknown"


def _load() -> str:
    try:
        return f"{os.getloadavg()[0]:.1f}"
    except (AttributeError, OSError):
        return "unknown"


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _spread(ratios: Sequence[float]) -> str:
    rounds = f"{len(ratios)} round{'s' if len(ratios) > 1 else ''}"
    return f"({min(ratios):.3g} to {max(ratios):.3g}, {rounds})" if len(ratios) > 1 else f"({rounds})"


def _outcome(cost: Cost) -> str:
    return "fails too" if cost.failure else f"needs {_time(cost.seconds)}"


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
