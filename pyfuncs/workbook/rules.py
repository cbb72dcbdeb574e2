"""The checks of a filled workbook as Python computes them; the sheet Checks has native formulas for most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pyfuncs.analysis.segments import LABELS
from pyfuncs.workbook import twins

if TYPE_CHECKING:
    from pyfuncs.workbook.control import Run

OK, FAIL, LOOK, NONE = "OK", "FAIL", "LOOK", "none"


@dataclass(frozen=True)
class Check:
    """One check: figure, what it must equal, tolerance (relative to the larger of 1 and that), verdict."""

    name: str
    figure: float
    limit: float
    tolerance: float
    verdict: str


def _sound(run: Run) -> bool:
    """Whether the purchase fit converged away from its bounds."""
    fit = run.refit.fitted.purchase_fit
    return fit is not None and fit.converged and fit.boundary is None


def _amount(run: Run, rows: slice) -> float:
    """Money in bins of the account; nothing where the log has no amounts."""
    return float(run.refit.account["amount"].iloc[rows].sum()) if run.refit.log.has_amounts else 0.0


def _customers(run: Run, column: str) -> float:
    return float(run.refit.customers[column].sum())


def _begun_with(run: Run) -> float:
    """Customers over all first products; none where the log has no products."""
    bought = run.refit.products
    return 0.0 if isinstance(bought, str) else float(bought.entry["customers"].iloc[:-1].sum())


def _groups(table: pd.DataFrame, column: str, rows: slice) -> float:
    """The sum of some rows of a table by channel or cohort, whose last row is all; nothing where it has no others."""
    return float(table[column].iloc[rows].sum()) if len(table) > 1 else 0.0


def _unaccounted(run: Run) -> float:
    """Customers by segment now whom the segments of the earlier date do not add up to."""
    moves = run.refit.movement.moves
    if isinstance(moves, str):
        return 0.0
    came = moves.matrix.groupby("segment_later")["customers"].sum()
    now = run.segments.set_index("segment")["customers"]
    return float(sum(abs(came.get(name, 0.0) - now[name]) for name in LABELS))


@dataclass(frozen=True)
class Rule:
    """A check: its name, tolerance, and Python's figure and what it must equal (0 when left out).

    `compared` counts the customers compared, where the check compares any: with none there is nothing to pass.
    `judgement` marks what a reader must judge instead of what must hold.
    """

    name: str
    tolerance: float
    figure: Callable[[Run], float]
    limit: Callable[[Run], float] = lambda run: 0.0
    compared: Callable[[Run], int] | None = None
    judgement: bool = False

    def examine(self, run: Run) -> Check:
        """The result for a run: OK, FAIL, LOOK (read what Model says) or none (nothing to compare)."""
        figure, limit = float(self.figure(run)), float(self.limit(run))
        good = abs(figure - limit) <= self.tolerance * max(1.0, abs(limit))
        verdict = OK if good else LOOK if self.judgement else FAIL
        if self.compared is not None and self.compared(run) == 0:
            verdict = NONE
        return Check(self.name, figure, limit, self.tolerance, verdict)


def _second(name: str, row: int, tolerance: float) -> Rule:
    return Rule(
        f"Second opinion: {name}",
        tolerance,
        lambda run: run.refit.second["difference"].iloc[row],
        compared=lambda run: int(run.refit.second["customers"].iloc[row]),
    )


def _reperformed(name: str, column: str, tolerance: float) -> Rule:
    return Rule(
        f"Re-performed {name}, largest difference",
        tolerance,
        lambda run: run.reperformed.differences(column).max(initial=0.0),
        compared=lambda run: len(run.reperformed.customers),
    )


_BINS, _TOTAL = slice(0, -1), slice(-1, None)
RULES: tuple[Rule, ...] = (
    Rule("Every row read is used or set aside", 0.0, lambda run: run.refit.account["rows"].iloc[_BINS].sum(),
         lambda run: run.refit.account["rows"].iloc[-1]),
    Rule("Amounts used and set aside tie to the ledger total", 0.005, lambda run: _amount(run, _BINS),
         lambda run: _amount(run, _TOTAL)),
    Rule("Rows counted on Transactions agree with the account", 0.0, lambda run: 0.0),
    Rule("Revenue of customers ties to the rows used", 0.005,
         lambda run: _customers(run, "total_amount") if run.refit.log.has_amounts else 0.0,
         lambda run: _amount(run, slice(0, 1))),
    Rule("Purchases are first purchases and repeats", 0.0, lambda run: _customers(run, "purchases"),
         lambda run: len(run.refit.customers) + _customers(run, "frequency")),
    Rule("Segments sum to customers", 0.0, lambda run: run.segments["customers"].iloc[_BINS].sum(),
         lambda run: len(run.refit.customers)),
    Rule("Values of segments sum to customer equity", 0.005, lambda run: run.segments["value"].iloc[_BINS].sum(),
         lambda run: run.refit.equity),
    Rule("Values of tenths sum to customer equity", 0.005,
         lambda run: twins.deciles(run.refit.customers)["value"].sum(), lambda run: run.refit.equity),
    Rule("Customers by first product sum to customers", 0.0, _begun_with,
         lambda run: 0.0 if isinstance(run.refit.products, str) else len(run.refit.customers)),
    Rule("Customers by channel sum to customers", 0.0,
         lambda run: _groups(run.refit.acquisition.channels, "customers", _BINS),
         lambda run: _groups(run.refit.acquisition.channels, "customers", _TOTAL)),
    Rule("Customers by cohort sum to customers", 0.0,
         lambda run: _groups(run.refit.acquisition.cohorts, "customers", _BINS), lambda run: len(run.refit.customers)),
    Rule("Value brought by channels sums to that of all", 0.005,
         lambda run: _groups(run.refit.acquisition.scorecard, "value_brought", _BINS),
         lambda run: _groups(run.refit.acquisition.scorecard, "value_brought", _TOTAL)),
    Rule("Customers by segment then, and new ones, sum to segments now", 0.0, _unaccounted),
    Rule("Customer equity is the one computed at the refit", 0.01, lambda run: run.refit.equity,
         lambda run: run.refit.equity),
    Rule("Probabilities lie within 0 and 1", 0.0, lambda run: (~run.refit.customers["p_alive"].between(0, 1)).sum()),
    Rule("Recency is never beyond T", 0.0,
         lambda run: (run.refit.customers["recency"] > run.refit.customers["T"] + 1e-6).sum()),
    Rule("Intervals run from low to high", 0.0,
         lambda run: (run.refit.customers["value_low"] > run.refit.customers["value_high"]).sum()),
    Rule("New customer: discounted is never above undiscounted", 0.0,
         lambda run: (run.refit.ladder["discounted_purchases"] > run.refit.ladder["purchases"] + 1e-6).sum()),
    Rule("Each customer: discounted is never above undiscounted", 0.0, lambda run: run.refit.undiscounted_below),
    _second("log-likelihood, relative difference", 0, 1e-6),
    _second("P(alive), largest difference", 1, 1e-6),
    _second("expected purchases, largest difference", 2, 1e-5),
    _second("expected spend, largest difference", 3, 1e-5),
    _reperformed("P(alive)", "p_alive", 1e-7),
    _reperformed("expected purchases", "expected_purchases", 1e-5),
    _reperformed("expected spend", "expected_spend", 1e-5),
    Rule("The fit converged away from its bounds", 0.0, lambda run: 0.0 if _sound(run) else 1.0, judgement=True),
)  # fmt: skip
