"""Transactions in memory to histories, and on to scored customers: Focal against lifetimes."""

from functools import partial

import numpy as np
import pandas as pd

from pyfuncs.analysis import scores
from pyfuncs.analysis.fitting import fit
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import read_log
from tests.benchmarks.fits import FITTERS, import_lifetimes
from tests.benchmarks.measuring import Effort, Side, Work, side_by_side
from tests.benchmarks.populations import BUSY, DAILY, SEED, sheet
from tests.benchmarks.report import Report
from tests.benchmarks.scores import ANNUAL_RATE, MONTHLY_RATE, MONTHS, VALUE_YEARS, YEAR

LEAST_HISTORIES = {"text": 7.0, "integer": 12.0}
LEAST_SHEET = {"BG/NBD": 15.0, "Pareto/NBD": 70.0}
MOST_MEMORY = 0.5
FULL = 1_048_576
"""Rows of a sheet of Excel."""


def run_histories(report: Report, effort: Effort, rows: int) -> None:
    """Print histories from so many transactions, by text and integer ids, of few and of many customers."""
    report.section(
        "Histories from transactions",
        "From a DataFrame of id, datetime64 date and amount to frequency, recency, T and mean spend by day.",
        "Focal's side is read_log, which checks and accounts for every row, and histories.",
    )
    for busy in (True, False):
        for ids in LEAST_HISTORIES:
            _histories_line(report, effort, rows, ids, busy)


def run_sheet(report: Report, effort: Effort, rows: int) -> None:
    """Print a sheet-full of transactions to scored customers, each side by its own fit."""
    report.section(
        "A sheet of transactions to scored customers, in memory",
        "DataFrame (text ids), daily histories, fit, Gamma-Gamma, P(alive), purchases of a year, value of 360 days.",
    )
    for model, least in LEAST_SHEET.items():
        sides = [
            Side("Focal", partial(focal_customers, model, rows)),
            Side("lifetimes", partial(lifetimes_customers, model, rows)),
        ]
        ours, theirs = side_by_side(sides, effort)
        work = f"sheet to scored customers by {model}"
        notes = []
        if not (ours.failure or theirs.failure):
            work += f", {len(ours.result):,} customers"
            values = ours.result["value"].sum(), theirs.result["value"].sum()
            notes = [f"sum of values {values[0]:,.0f} against {values[1]:,.0f}"]
        report.compare(work, ours, theirs, least if rows >= FULL else None, notes)
        report.memory(work, ours, theirs, MOST_MEMORY if rows >= FULL else None)


def frame(rows: int, ids: str = "text", busy: bool = False) -> pd.DataFrame:
    """A log of at most so many rows, of customers by text or integer ids."""
    table = sheet(rows, SEED, BUSY if busy else DAILY)
    return table if ids == "text" else table.assign(customer=table["customer"].str[1:].astype("int64"))


def _histories_line(report: Report, effort: Effort, rows: int, ids: str, busy: bool) -> None:
    sides = [
        Side("Focal", partial(focal_histories, rows, ids, busy)),
        Side("lifetimes", partial(lifetimes_histories, rows, ids, busy)),
    ]
    ours, theirs = side_by_side(sides, effort)
    work, notes = f"histories, {ids} ids", []
    if not (ours.failure or theirs.failure):
        work += f", {len(ours.result):,} customers"
        notes = [f"at most {_largest_difference(ours.result, theirs.result):.1e} apart"]
    report.compare(work, ours, theirs, LEAST_HISTORIES[ids] if rows >= FULL else None, notes)


def _largest_difference(ours: pd.DataFrame, theirs: pd.DataFrame) -> float:
    """Largest difference of any figure; a mean spend nobody has is 0 in lifetimes and nan in Focal."""
    digits = ours["customer_id"].str.removeprefix("C").astype("int64")
    other = theirs.set_axis(theirs.index.astype("str").str.removeprefix("C").astype("int64")).loc[digits]
    columns = ["frequency", "recency", "T", "monetary_value"]
    return float(np.abs(ours[columns].fillna(0.0).to_numpy() - other[columns].to_numpy()).max())


def focal_histories(rows: int, ids: str, busy: bool) -> Work:
    """Focal's histories."""
    table = frame(rows, ids, busy)
    return lambda: histories(read_log(table), "day")


def lifetimes_histories(rows: int, ids: str, busy: bool) -> Work:
    """lifetimes' summary."""
    import_lifetimes()
    from lifetimes.utils import summary_data_from_transaction_data

    return partial(summary_data_from_transaction_data, frame(rows, ids, busy), "customer", "date", "amount", freq="D")


def focal_customers(model: str, rows: int) -> Work:
    """Focal's way from transactions to scored customers."""
    table = frame(rows)

    def work() -> pd.DataFrame:
        people = histories(read_log(table), "day")
        fitted = fit(people, model, "gamma-gamma", "day")
        return people.assign(
            p_alive=scores.p_alive(fitted, people),
            expected_purchases=scores.expected_purchases(fitted, people, 1.0),
            value=scores.value(fitted, people, VALUE_YEARS, ANNUAL_RATE),
        )

    return work


def lifetimes_customers(model: str, rows: int) -> Work:
    """lifetimes' way from transactions to scored customers."""
    table, lifetimes = frame(rows), import_lifetimes()
    from lifetimes.utils import summary_data_from_transaction_data

    def work() -> pd.DataFrame:
        people = summary_data_from_transaction_data(table, "customer", "date", "amount", freq="D")
        history = people["frequency"], people["recency"], people["T"]
        fitter = getattr(lifetimes, FITTERS[model])()
        fitter.fit(*history)
        buyers = people[(people["frequency"] > 0) & (people["monetary_value"] > 0)]
        spend = lifetimes.GammaGammaFitter()
        spend.fit(buyers["frequency"], buyers["monetary_value"])
        return people.assign(
            p_alive=fitter.conditional_probability_alive(*history),
            expected_purchases=fitter.predict(YEAR, *history),
            value=spend.customer_lifetime_value(
                fitter, *history, people["monetary_value"], time=MONTHS, discount_rate=MONTHLY_RATE, freq="D"
            ),
        )

    return work
