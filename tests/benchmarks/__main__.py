"""The benchmarks: `python -m tests.benchmarks [SECTION ...] [--customers N ...] [--rows N]`."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks import calls, fits, growth, logs, map_fits, refit, scores, start
from tests.benchmarks.measuring import Effort
from tests.benchmarks.populations import SEED
from tests.benchmarks.report import Report, machine

CUSTOMERS = (10_000, 100_000, 1_000_000)
Run = Callable[[Report, Effort, argparse.Namespace], None]


@dataclass(frozen=True)
class Section:
    """A section, and about how many minutes of CPU it takes at the usual sizes (AMD EPYC)."""

    run: Run
    minutes: int


SECTIONS: Mapping[str, Section] = {
    "start": Section(lambda report, effort, asked: start.run(report, effort), 1),
    "fits": Section(lambda report, effort, asked: fits.run(report, effort, asked.customers), 30),
    "map": Section(lambda report, effort, asked: map_fits.run(report, effort, asked.customers), 10),
    "scores": Section(lambda report, effort, asked: scores.run(report, effort, asked.customers), 10),
    "histories": Section(lambda report, effort, asked: logs.run_histories(report, effort, asked.rows), 4),
    "sheet": Section(lambda report, effort, asked: logs.run_sheet(report, effort, asked.rows), 8),
    "refit": Section(lambda report, effort, asked: refit.run(report, effort, asked.rows), 12),
    "growth": Section(lambda report, effort, asked: growth.run(report, effort, asked.customers), 8),
    "calls": Section(lambda report, effort, asked: _calls(report, asked.customers), 1),
}


def main(arguments: Sequence[str] | None = None) -> Report:
    """Run the sections asked for, all of them by default, printing as they go."""
    asked = _parser().parse_args(arguments)
    effort = Effort(asked.rounds, asked.seconds, not asked.no_memory)
    report = Report()
    chosen = {name: SECTIONS[name] for name in asked.sections or SECTIONS}
    report.say(f"Focal's benchmarks: {', '.join(chosen)}")
    for line in machine():
        report.say(line)
    report.say(f"seed {SEED}; CPU time, the sides in turn (A B A B), medians of up to {effort.rounds} rounds")
    report.say(f"about {sum(each.minutes for each in chosen.values())} minutes of CPU at the usual sizes")
    for section in chosen.values():
        section.run(report, effort, asked)
    report.close()
    return report


def _calls(report: Report, customers: Sequence[int]) -> None:
    report.section("Formulas through xlwings' server", "Milliseconds of a call by part, and ratios; see calls.py.")
    calls.main([1, min(customers)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "sections", nargs="*", choices=SECTIONS, metavar="SECTION", help=f"of {', '.join(SECTIONS)}; all by default"
    )
    parser.add_argument("--customers", nargs="+", type=int, default=CUSTOMERS, help="numbers of simulated customers")
    parser.add_argument("--rows", type=int, default=logs.FULL, help="rows of the sheet of transactions")
    parser.add_argument("--rounds", type=int, default=Effort.rounds, help="at most so many rounds of each row")
    parser.add_argument(
        "--seconds", type=float, default=Effort.seconds, help="CPU seconds of a row after which no round starts"
    )
    parser.add_argument("--no-memory", action="store_true", help="leave out peak memory, which runs everything again")
    return parser


if __name__ == "__main__":
    main()
