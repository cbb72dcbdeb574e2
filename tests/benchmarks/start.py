"""The first formula of a fresh Python process against importing lifetimes in one."""

import subprocess
import sys
from pathlib import Path

from tests.benchmarks.measuring import Cost, Effort
from tests.benchmarks.report import Report

ROOT = Path(__file__).parents[2]
FORMULA = """
from pyfuncs.functions import CATALOGUE
function = CATALOGUE["CLV_SCORE"]
function(*function.example.arguments)
"""
LIFETIMES = """
import warnings
warnings.simplefilter("ignore")
import lifetimes
"""
COST = """
import pathlib, time
print(time.process_time())
status = pathlib.Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
print(next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), ""))
"""
LEAST = 4.0


def run(report: Report, effort: Effort) -> None:
    """Print the CPU of both processes from their start, the interpreter's own included."""
    report.section(
        "First formula in a fresh process",
        "Both are whole processes, interpreter included; the formula is CLV_SCORE's example, called as Excel's server",
        "does but without xlwings.  Memory is the peak of the process.",
    )
    rounds = min(effort.rounds, 9)
    runs = [(_process(FORMULA), _process(LIFETIMES)) for _ in range(rounds + 1)][1:]
    ours, theirs = (
        Cost(name, tuple(cpu for cpu, _ in done), done[0][1], None, None)
        for name, done in zip(("Focal", "import lifetimes"), zip(*runs, strict=True), strict=True)
    )
    report.compare("first formula", ours, theirs, LEAST)


def _process(code: str) -> tuple[float, int | None]:
    """CPU seconds and peak bytes of a process that runs the code."""
    done = subprocess.run([sys.executable, "-c", code + COST], capture_output=True, text=True, cwd=ROOT, check=True)
    seconds, peak = done.stdout.split("\n")[:2]
    return float(seconds), int(peak) if peak else None
