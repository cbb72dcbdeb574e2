"""CPU time and peak memory of several ways of doing the same work, side by side in one run."""

import contextlib
import ctypes
import gc
import io
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

Work = Callable[[], Any]


@dataclass(frozen=True)
class Side:
    """One way of doing a piece of work.

    `prepare` imports what is needed, makes the data and returns the work that is measured; it must pickle, because
    memory is measured in a fresh process.
    """

    name: str
    prepare: Callable[[], Work]


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds at most, and CPU seconds beyond which no further round starts."""

    rounds: int = 15
    seconds: float = 30.0
    memory: bool = True


@dataclass(frozen=True)
class Cost:
    """What a side cost: CPU seconds by round, bytes its peak lies above what it started from, and its result.

    `failure` names the exception of a side that has no result; `memory` is None where it was not measured.
    """

    name: str
    rounds: tuple[float, ...]
    memory: int | None
    result: Any
    failure: str | None

    @property
    def seconds(self) -> float:
        """CPU seconds, the median of the rounds."""
        return statistics.median(self.rounds)


def side_by_side(sides: Sequence[Side], effort: Effort) -> list[Cost]:
    """Run the sides in turn, round after round (A B A B), then each once more in a fresh process for its memory.

    The first round warms up; it counts only where it is the only one.  A side that fails ends the rounds.
    """
    with _quiet():
        works = [side.prepare() for side in sides]
    rounds: list[list[_Run]] = []
    spent = last = 0.0
    while len(rounds) <= effort.rounds and spent + last <= effort.seconds:
        rounds.append([_run(work) for work in works])
        last = sum(run.seconds for run in rounds[-1])
        spent += last
        if any(run.failure for run in rounds[-1]):
            break
    return [
        Cost(
            side.name,
            tuple(run.seconds for run in runs[1:] or runs),
            extra_memory(side) if effort.memory and not runs[-1].failure else None,
            runs[-1].result,
            runs[-1].failure,
        )
        for side, runs in zip(sides, zip(*rounds, strict=True), strict=True)
    ]


def extra_memory(side: Side) -> int | None:
    """Bytes by which the work raises the resident memory of a fresh process at its peak; None where /proc is not."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_peak, side.prepare).result()


@dataclass(frozen=True)
class _Run:
    seconds: float
    result: Any
    failure: str | None


def _run(work: Work) -> _Run:
    gc.collect()
    with _quiet():
        start = time.process_time()
        try:
            result, failure = work(), None
        except Exception as problem:  # whatever it is, the other sides are still worth measuring
            result, failure = None, f"{type(problem).__name__}: {str(problem).strip().splitlines()[0]}"
        return _Run(time.process_time() - start, result, failure)


def _peak(prepare: Callable[[], Work]) -> int | None:
    with _quiet():
        work = prepare()
        _give_back()
        try:
            Path("/proc/self/clear_refs").write_text("5")  # resets the peak, VmHWM
            before = _kilobytes("VmRSS")
            result = work()
            peak = _kilobytes("VmHWM")
        except OSError:
            return None
        del result
    return (peak - before) * 1024


def _give_back() -> None:
    """Return what preparing has freed, so that the work has to ask for its memory anew."""
    gc.collect()
    with contextlib.suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
    pa.default_memory_pool().release_unused()


def _kilobytes(figure: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{figure}:"):
            return int(line.split()[1])
    raise OSError(f"/proc/self/status has no {figure}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings and prints of the packages compared with; the same for every side."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
