"""What a formula costs: `python -m tests.benchmarks.calls [ROWS ...]`.

Side by side in one run, round after round, so that the ratios hold where the milliseconds do not:

pipeline    xlwings' own `com_server.XLPython().CallUDF`, from cells as pywin32 hands them over to what it gets back
catalogue   the bare catalogue function on the same cells
numbers     the numeric work alone, on arrays and frames made beforehand
xlwings     what xlwings' own cleaning of the same arguments and results would cost, and ours instead of it

COM itself is not in it: there is no Excel here.  The garbage collector is set as the server sets it.
"""

import datetime as dt
import gc
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from xlwings import conversion

from pyfuncs.analysis import concentration, scores
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import read_log
from pyfuncs.analysis.model_table import from_table
from pyfuncs.functions import CATALOGUE, examples
from pyfuncs.hosts.excel import server
from tests.support import windows

ROOT = Path(__file__).parents[2]
MODULE = "pyfuncs.hosts.excel.udfs"
ROWS = (1, 1_000, 100_000)
SECONDS = 1.5
"""Time given to each function and size."""
FRESH = """
import sys, time
start = time.perf_counter()
def lap(what):
    global start
    now = time.perf_counter()
    print(what, (now - start) * 1000, sep="\\t")
    start = time.perf_counter()
from pyfuncs.hosts.excel import server
for name in server.UNUSED:
    sys.modules[name] = None
lap("pyfuncs.hosts.excel.server")
import numpy; lap("numpy")
server.import_xlwings(); lap("xlwings (from here on Excel can connect)")
import pyfuncs.hosts.excel.udfs as udfs; lap("pyfuncs.hosts.excel.udfs")
from pyfuncs.functions import CATALOGUE
function = CATALOGUE["CLV_SCORE"]
start = time.perf_counter()
udfs.CLV_SCORE(*function.example.arguments); lap("first formula")
udfs.CLV_SCORE(*function.example.arguments); lap("second formula")
server.import_module(server.LOGS); lap("what the first formula over a log needs besides")
"""
"""Timed in a process of its own."""


@dataclass(frozen=True)
class Case:
    """A function with the arguments of a call, and the numeric work that is in it."""

    name: str
    arguments: tuple[Any, ...]
    numbers: Callable[[], object]


def cases(rows: int) -> list[Case]:
    """A score per customer, histories from a log, and one figure from a column."""
    frequency = np.arange(rows) % 7.0
    table = pd.DataFrame({
        "customer_id": [f"C{i:06}" for i in range(rows)],
        "frequency": frequency,
        "recency": frequency * 5,
        "T": np.full(rows, 52.0),
        "monetary_value": np.where(frequency > 0, 20.0 + np.arange(rows) % 50, np.nan),
    })  # fmt: skip
    customers = tuple(
        (key, x, t_x, T, None if m != m else m) for key, x, t_x, T, m in table.itertuples(index=False, name=None)
    )
    fitted = from_table(list(examples.WITH_SPEND))
    first = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
    days = [first + dt.timedelta(days=i * 7919 % 700) for i in range(rows)]
    log = tuple(
        (f"C{i % max(rows // 5, 1):06}", windows.date(*day.timetuple()[:3]), 10.0 + i % 40)
        for i, day in enumerate(days)
    )
    read = read_log(pd.DataFrame(
        [(key, day.replace(tzinfo=None), amount) for key, day, amount in log],
        columns=["customer", "date", "amount"],
        dtype=object,
    ))  # fmt: skip
    values = np.linspace(1.0, 1000.0, rows)
    return [
        Case("CLV_SCORE", (customers, examples.WITH_SPEND), lambda: scores.value(fitted, table, None, 0.1, 1.0)),
        Case("CLV_RFM", (log,), lambda: histories(read, "week")),
        Case("CLV_GINI", (tuple((value,) for value in values.tolist()),), lambda: concentration.gini(values)),
    ]


def measured(works: Sequence[Callable[[], object]], seconds: float) -> list[float]:
    """Milliseconds of the fastest run of each, taking turns for so long, once at least."""
    best = [float("inf")] * len(works)
    end = time.perf_counter() + seconds
    while True:
        for i, work in enumerate(works):
            start = time.perf_counter()
            work()
            best[i] = min(best[i], (time.perf_counter() - start) * 1000)
        if time.perf_counter() > end:
            return best


def works(case: Case) -> list[Callable[[], object]]:
    """The whole call, its parts, and what xlwings' own cleaning of the same cells would be."""
    from pyfuncs.hosts.excel import udfs

    function, cells = CATALOGUE[case.name], case.arguments
    result = function(*map(udfs.arriving, cells))
    theirs, ours = {"ndim": 2, "err_to_str": True}, {"convert": "raw"}
    return [
        lambda: windows.call_udf(MODULE, case.name, *cells),
        lambda: function(*cells),
        case.numbers,
        lambda: [conversion.read(None, each, theirs) for each in cells] + [conversion.write(result, None, {})],
        lambda: [udfs.arriving(conversion.read(None, each, ours)) for each in cells] + [udfs.leaving(result)],
    ]


def print_calls(sizes: Sequence[int], seconds: float) -> None:
    """Print a line for each function and size: milliseconds, then ratios."""
    print(f"{'':10}{'rows':>8}{'pipeline':>11}{'catalogue':>11}{'numbers':>11}"
          f"{'pipeline/catalogue':>20}{'catalogue/numbers':>19}{'cleaning, xlwings/ours':>24}")  # fmt: skip
    for rows in sizes:
        for case in cases(rows):
            pipeline, catalogue, numbers, theirs, ours = measured(works(case), seconds)
            print(f"{case.name:10}{rows:>8,}{pipeline:>8.2f} ms{catalogue:>8.2f} ms{numbers:>8.2f} ms"
                  f"{pipeline / catalogue:>20.2f}{catalogue / numbers:>19.2f}{theirs / ours:>24.1f}")  # fmt: skip


def print_start(processes: int) -> None:
    """Print what importing costs in a fresh process, and its first formula: the median of some processes."""
    laps: dict[str, list[float]] = {}
    for _ in range(processes):
        done = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, cwd=ROOT, check=True)
        for line in done.stdout.splitlines():
            what, _, milliseconds = line.partition("\t")
            laps.setdefault(what, []).append(float(milliseconds))
    medians = {what: float(np.median(each)) for what, each in laps.items()}
    total = sum(medians.values())
    print(f"\nA fresh process, {processes} of them: {total:.0f} ms to all that formulas need")
    for what, milliseconds in medians.items():
        print(f"  {what:42}{milliseconds:>8.1f} ms{milliseconds / total:>7.0%}")


def main(sizes: Sequence[int] = ROWS, seconds: float = SECONDS, processes: int = 5) -> None:
    """Print both tables."""
    windows.install()
    windows.call_udf(MODULE, "CLV_GINI", examples.VALUES)
    kept = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(server.OBJECTS)
    try:
        print_calls(sizes, seconds)
        print_start(processes)
    finally:
        gc.unfreeze()
        gc.set_threshold(*kept)


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or ROWS)
