"""From a workbook of transactions to a finished one: Focal against a user's script, and bare reading and writing."""

import datetime as dt
import importlib.util
import tempfile
from functools import partial
from pathlib import Path

import fastexcel
import pandas as pd
import xlsxwriter

from pyfuncs.hosts.headless import Request, refit_file
from tests.benchmarks.fits import import_lifetimes
from tests.benchmarks.measuring import Effort, Side, Work, side_by_side
from tests.benchmarks.populations import SEED, sheet
from tests.benchmarks.report import Report

LEAST_SCRIPT = 8.0
MOST_BARE = 3.0
FULL = 1_048_568
"""Rows of a log that Focal still copies into its workbook."""
DAY_ZERO = pd.Timestamp("1899-12-30")
"""Of the 1900 date system."""
AFTER = dt.datetime(2025, 6, 1)
TABLES = {"tblTransactions": {"product": "string", "channel": "string"}, "tblCustomers": None}
"""With the types of the columns that are empty."""
FINISHED = "focal.xlsx"


def run(report: Report, effort: Effort, rows: int) -> None:
    """Print a refit of so many rows against both."""
    rows = min(rows, FULL)
    report.section(
        "Whole refit, workbook to workbook",
        "the script: tests/benchmarks/plain_script.py (pandas, lifetimes' BG/NBD, openpyxl) writes customers, segments",
        "and parameters; Focal fits three models, simulates intervals, tests on a holdout and keeps the transactions.",
        "bare: fastexcel reads the transactions by type and rustpy-xlsxwriter writes Focal's two large tables.",
    )
    with tempfile.TemporaryDirectory(prefix="focal-benchmark-") as name:
        folder = Path(name)
        customers = write_log(folder / "log.xlsx", rows)
        work = f"refit of {rows:,} rows, {customers:,} customers"
        at_full = rows == FULL
        mine = Side("Focal", partial(focal, folder))
        ours, theirs = side_by_side([mine, Side("the script", partial(script, folder))], effort)
        report.compare(work, ours, theirs, LEAST_SCRIPT if at_full else None)
        if ours.failure:
            return
        if importlib.util.find_spec("rustpy_xlsxwriter") is None:
            report.say("rustpy-xlsxwriter is not installed: python -m pip install -e '.[benchmark]'")
            return
        ours, theirs = side_by_side([mine, Side("bare reading and writing", partial(bare, folder))], effort)
        report.multiple(work, ours, theirs, MOST_BARE if at_full else None)


def write_log(path: Path, rows: int) -> int:
    """Write a workbook of at most so many transactions as Excel would, and say how many customers are in it."""
    table = sheet(rows, SEED)
    with xlsxwriter.Workbook(path) as book:
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        page = book.add_worksheet("Transactions")
        page.write_row(0, 0, list(table.columns))
        serial = (table["date"] - DAY_ZERO).dt.days
        cells = zip(table["customer"].tolist(), serial.tolist(), table["amount"].tolist(), strict=True)
        for row, (customer, day, amount) in enumerate(cells, start=1):
            page.write_string(row, 0, customer)
            page.write_number(row, 1, day, date)
            page.write_number(row, 2, amount)
    return int(table["customer"].nunique())


def focal(folder: Path) -> Work:
    """Focal's refit of the file, all settings as they come."""
    request = Request(folder / "log.xlsx", output=folder / FINISHED, overwrite=True)
    return lambda: refit_file(request, AFTER, lambda message: None).path


def script(folder: Path) -> Work:
    """The user's script."""
    import_lifetimes()
    from tests.benchmarks import plain_script

    return lambda: plain_script.main(folder / "log.xlsx", folder / "script.xlsx")


def bare(folder: Path) -> Work:
    """Reading the file and writing the cells of Focal's finished workbook, nothing in between."""
    from rustpy_xlsxwriter import FastExcel

    finished = fastexcel.read_excel(folder / FINISHED)
    tables = {name: finished.load_table(name, dtypes=types).to_pandas() for name, types in TABLES.items()}

    def work() -> None:
        types = {"customer": "string", "date": "date", "amount": "float"}
        fastexcel.read_excel(folder / "log.xlsx").load_sheet(0, dtypes=types).to_arrow()
        book = FastExcel(str(folder / "bare.xlsx"))
        for name, table in tables.items():
            book = book.sheet(name, table)
        book.save()

    return work
