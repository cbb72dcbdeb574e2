"""Readiness: whether it is worth it to treat customers differently here; the answer may be no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import numpy as np

from pyfuncs.analysis import concentration, scores, segments
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.ready_gates import HETEROGENEITY, IDENTIFIED, REQUIRED
from pyfuncs.errors import DomainError, FocalError, InputError
from pyfuncs.functions import cells, examples
from pyfuncs.functions.catalogue import Example, Kind, excel_function
from pyfuncs.functions.cells import Cell, Grid
from pyfuncs.functions.focal import DEFAULT_SHARE
from pyfuncs.functions.heterogeneity import DRAWS
from pyfuncs.functions.kinds import AUTO, Date, Fraction, Model, Money, Rate, two_columns
from pyfuncs.functions.tables import Transactions, fitted_to, of_log

if TYPE_CHECKING:
    from pyfuncs.analysis.log import Log
    from pyfuncs.analysis.validation import HoldoutReport

HEADERS: Final = ("gate", "question", "figure", "required", "verdict", "note")
OVERALL: Final = "overall"
_SHARES: Final = (HETEROGENEITY, IDENTIFIED)


def _read_thresholds(grid: Grid, name: str) -> dict[str, float]:
    """Thresholds by gate from two columns; those of the other gates stay at their defaults."""
    found: dict[str, float] = {}
    for gate, cell in two_columns(grid, name, "two columns: gate and threshold"):
        key = gate.casefold()
        if not key and cells.is_blank(cell):
            continue
        if key not in REQUIRED:
            raise InputError(f'{name}: "{gate[:40]}" is not one of {", ".join(REQUIRED)}.')
        if cells.is_blank(cell):
            continue
        number = cells.to_number(cell, f"{name}, {gate}")
        if number < 0 or (key in _SHARES and number > 1):
            hint = "a share lies from 0 to 1: 50 % is 0.5." if key in _SHARES else "give 0 or more."
            raise DomainError(f"{name}, {gate}: {number:g} is out of range; {hint}")
        found[key] = number
    return found


Thresholds = Annotated[dict[str, float], Kind("table of gates and their thresholds", _read_thresholds)]


@excel_function(
    "CLV_READINESS",
    family="Heterogeneity",
    example=Example(
        (examples.HALF_YEAR_OF_PURCHASES, examples.WITH_SPEND),
        [
            list(HEADERS),
            [
                HETEROGENEITY,
                "What share of future value will the best fifth of customers hold?",
                0.72,
                0.5,
                "pass",
                "Of simulated outcomes, in which chance alone lifts it above 20%, the more so the less is to come.",
            ],
        ],
        tolerance=0.05,
        rows=2,
    ),
)
def clv_readiness(
    transactions: Transactions,
    model: Model | None = None,
    thresholds: Thresholds | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
    cost_per_customer: Money | None = None,
    observation_end: Date | None = None,
) -> Grid:
    """Is it worth it here to treat customers differently?  Six gates with figure, threshold and verdict; may say no.

    heterogeneity: value share the best fifth will hold.  predictability: what the fifth the model names brought in the
    second half of the log, over a random fifth.  identified revenue: that of rows with a customer.  payoff: value of a
    focal customer (top fifth) above that of the rest, against cost_per_customer.  history: mean gaps between purchases
    the log spans.  repeat buyers: enough to fit a model that converged.  The first two are decisive: "do not" where
    either is missed, or two of the others; where one of them is missed, "worth it for a few: narrow".  A gate that
    cannot be computed is not passed; without a cost the payoff counts neither way.  The last row is the verdict.
    """
    from pyfuncs.analysis.readiness import readiness

    given = model if isinstance(model, Fitted) else None
    log = transactions.read(observation_end or (given.observation_end if given else None))
    table = of_log(log, given.period if given else "week", model, header=transactions.header)
    fitted = fitted_to(table, model or AUTO)
    customers = table.usable
    values = scores.value(fitted, customers, None, annual_discount_rate, margin)
    shares = concentration.ginis(
        fitted, customers, values, annual_discount_rate=annual_discount_rate, margin=margin, draws=DRAWS
    )
    found = readiness(
        log,
        fitted,
        customers["frequency"],
        values,
        segments.meets_rule(values, segments.TOP_SHARE, DEFAULT_SHARE, None),
        top_share=float(shares.set_index("measure")["top_share"]["predictive"]),
        holdout=_holdout(
            log, model if isinstance(model, str) else fitted.purchases.name if given else AUTO, fitted.period
        ),
        cost=cost_per_customer,
        required={**REQUIRED, **(thresholds or {})},
    )
    rows: Grid = [
        [gate.name, gate.question, _or_blank(gate.figure), _or_blank(gate.required), gate.verdict, gate.note]
        for gate in found.gates.values()
    ]
    rows.append([OVERALL, "Is it worth it here?", None, None, found.sentence, None])
    return [list(HEADERS), *rows] if transactions.header else rows


def _holdout(log: Log, model: str, period: str) -> HoldoutReport | str:
    """The test of the forecast of the second half of the log, or why there is none."""
    from pyfuncs.analysis import validation

    try:
        return validation.holdout_report(log, validation.default_split(log), model, period)
    except FocalError as reason:
        return f"The log cannot be halved to test a forecast: {reason}"


def _or_blank(figure: float) -> Cell:
    return float(figure) if np.isfinite(figure) else None
