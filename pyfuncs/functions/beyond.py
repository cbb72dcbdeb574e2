"""Beyond transactions: what else is known of customers, and whether it tells more than their purchases do."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from pyfuncs.analysis import covariates as analysis
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.functions import cells, examples
from pyfuncs.functions.catalogue import Example, Kind, excel_function
from pyfuncs.functions.cells import Cell, Grid, spill
from pyfuncs.functions.kinds import AUTO, Date, Model, word_key
from pyfuncs.functions.tables import CustomerRange, Customers, Transactions, fittable, in_periods

_KEYS: Final = frozenset({"customerid", "customer", "custid", "clientid", "client", "id"})


@dataclass(frozen=True)
class CovariateRange:
    """Covariates row by row below a header; `keys` are those of the column customer_id, None where there is none.

    `argument` is what they were given as.
    """

    argument: str
    names: tuple[str, ...]
    rows: Grid
    keys: list[str] | None


Covariates = Annotated[CovariateRange, Kind("table of covariates", lambda grid, name: _read_covariates(grid, name))]


@excel_function(
    "CLV_COVARIATES",
    family="Beyond transactions",
    example=Example(
        (examples.OTHERS_AND_MEMBERS, examples.MEMBERSHIP, "BG/NBD"),
        [
            [*analysis.COLUMNS],
            ["member", "purchase", 0.92, 0.33, 0.27, 1.57, 2.76, 0.006, "x 2.5 purchase rate", 6.84, 0.009],
        ],
        tolerance=0.005,
        rows=2,
    ),
)
def clv_covariates(customers: Customers, covariates: Covariates, model: Model = AUTO) -> Grid:
    """What attributes of customers do to how often they buy and how soon they drop out, with errors and tests.

    Each covariate enters both processes of Pareto/NBD or BG/NBD: a row for each, with coefficient, 95 % interval, Wald
    test and effect in words; then its test in both together.  The likelihood-ratio tests compare with a fit without it.
    A category is taken level by level against its most frequent one; its blanks are a level "missing", but blank
    numbers are refused.  In BG/NBD a covariate multiplies the odds of the mean dropout probability.  `model` is a
    name; of a table only the name and the period are taken; auto takes the better of the two without covariates.
    """
    name, period = (model.purchases.name, model.period) if isinstance(model, Fitted) else (model, "week")
    table = in_periods(customers, period, model.observation_end if isinstance(model, Fitted) else None)
    usable = fittable(table)
    found = analysis.effects(usable, _beside(table, covariates), name)
    said: Grid = [["note", sentence, *[None] * (len(analysis.COLUMNS) - 2)] for sentence in found.notes]
    return spill(found.table, header=table.header) + said


@excel_function(
    "FACTOR_TEST",
    family="Beyond transactions",
    example=Example(
        (examples.VISITS, examples.APP, "2024-04-01", "BG/NBD", "2024-07-01"),
        [
            [
                *("factor", "customers", "new_customers", "log_likelihood_gain", "lr_p_value", "rmse_without"),
                *("rmse_with", "predictive_gain", "lower", "decision", "note"),
            ],
            ["app", 22, 0, 5.446, 0.004, 1.637, 1.578, 0.156, 0.007, "keep", None],
        ],
        tolerance=0.01,
        rows=2,
    ),
)
def factor_test(
    transactions: Transactions,
    factors: Covariates,
    split: Date | None = None,
    model: Model = AUTO,
    observation_end: Date | None = None,
) -> Grid:
    """Does an extra factor (usage, referrals, engagement, adherence) improve the forecast?  It is kept only if it does.

    Each factor by itself enters the purchase and the dropout process of Pareto/NBD or BG/NBD, fitted until the split
    (half-way if left out).  Kept is what raises the log predictive density of the holdout's purchases: `lower`, the
    one-sided 95 % bound of the mean gain per customer, must lie above 0, which noise reaches in at most one of twenty
    cases.  The calibration's likelihood-ratio test stands beside it.  Customers acquired after the split are forecast
    too where `factors` has a row for them.  Factors must be known by the split, or by the first purchase after it;
    what follows from later purchases would prove itself.
    """
    from pyfuncs.analysis import factor_test as tests

    if factors.keys is None:
        raise InputError("factors: there is no column customer_id; add one, so that the rows can be told apart.")
    name, period, end = model, "week", observation_end
    if isinstance(model, Fitted):
        name, period, end = model.purchases.name, model.period, observation_end or model.observation_end
    holdout = tests.read_holdout(transactions.read(end), split, period)
    known = set(factors.keys)
    holdout = holdout.with_new(np.array([key in known for key in holdout.customers[holdout.fitted :]], dtype=bool))
    columns = _columns(factors, _joined([str(key) for key in holdout.customers], factors))
    found = tests.factor_test(holdout, columns, str(name))
    width = len(tests.COLUMNS)
    return [*spill(found.rows, header=transactions.header), ["note", found.statement, *[None] * (width - 2)]]


def _read_covariates(grid: Grid, name: str) -> CovariateRange:
    """The table below its header; blank rows at its end are no rows."""
    header = [cells.to_text(cell) for cell in grid[0]]
    if not all(cells.is_text(cell) for cell in grid[0]):
        raise InputError(f"{name}: the first row must name every covariate; put a header above each column.")
    again = [text for text, count in Counter(map(word_key, header)).items() if count > 1]
    if again:
        raise InputError(f'{name}: two columns are called "{again[0]}"; rename one.')
    last = max((i for i, row in enumerate(grid) if not all(cells.is_blank(cell) for cell in row)), default=0)
    rows = grid[1 : last + 1]
    if not rows:
        raise InsufficientDataError(f"{name}: no row below the header.")
    at = next((i for i, text in enumerate(header) if word_key(text) in _KEYS), None)
    if at is None:
        return CovariateRange(name, tuple(header), rows, None)
    others = [i for i in range(len(header)) if i != at]
    keys = [cells.to_text(row[at]) for row in rows]
    named = tuple(header[i] for i in others)
    return CovariateRange(name, named, [[row[i] for i in others] for row in rows], keys)


def _beside(table: CustomerRange, covariates: CovariateRange) -> dict[str, analysis.Covariate]:
    """The covariates of the usable customers, in their order."""
    used = [i for i in range(len(table)) if i not in table.problems]
    if covariates.keys is None:
        return _columns(covariates, _same_rows(table, covariates, used))
    return _columns(covariates, _joined([str(key) for key in table.histories["customer_id"][used]], covariates))


def _columns(covariates: CovariateRange, rows: Sequence[int]) -> dict[str, analysis.Covariate]:
    """Each covariate in these rows."""
    return {
        name: _values(f'{covariates.argument[:-1]} "{name}"', [covariates.rows[i][place] for i in rows], rows)
        for place, name in enumerate(covariates.names)
    }


def _same_rows(table: CustomerRange, covariates: CovariateRange, used: list[int]) -> list[int]:
    filled = max(i for i in range(len(table)) if i not in table.problems or table.problems[i].shown is not None) + 1
    if table.from_log or not used[-1] < len(covariates.rows) <= max(filled, len(table)):
        given = "a log of transactions" if table.from_log else f"{filled:,} customers"
        raise InputError(
            f"covariates: {len(covariates.rows):,} rows beside {given}; give one row per customer in the same order, "
            "or add a column customer_id."
        )
    return used


def _joined(wanted: list[str], covariates: CovariateRange) -> list[int]:
    """Rows of the covariates by the customers' keys."""
    keys, name = covariates.keys or [], covariates.argument
    counts = Counter(key for key in keys if key)
    again = [key for key, count in counts.items() if count > 1]
    if again:
        raise InputError(f'{name}: customer_id "{again[0]}" stands there {counts[again[0]]} times; keep one row.')
    if not all(wanted):
        raise InputError(
            f"{name}: they have a column customer_id and customers have none, or blanks in it; add it, or leave it "
            f"out of the {name} where both stand in the same order."
        )
    places = {key: i for i, key in enumerate(keys)}
    absent = [key for key in wanted if key not in places]
    if absent:
        raise InputError(
            f'{name}: there is no row for customer_id "{absent[0]}"; {len(absent):,} of {len(wanted):,} customers '
            "affected. Add them, or leave these customers out."
        )
    return [places[key] for key in wanted]


def _values(name: str, column: list[Cell], rows: Sequence[int]) -> analysis.Covariate:
    """Numbers, TRUE and FALSE as 1 and 0, or else the levels of a category as text."""
    for cell, row in zip(column, rows, strict=True):
        if cells.is_error(cell) or isinstance(cell, dt.datetime):
            what = f"an error, {cell}; mend it" if cells.is_error(cell) else "a date; give a number, such as an age"
            raise InputError(f"{name}: row {row + 2} holds {what}.")
    values, shown = cells.to_numbers(float(cell) if isinstance(cell, bool) else cell for cell in column)
    words = [i for i, cell in shown.items() if cell is not None]
    if words and len(shown) < len(column):
        raise InputError(
            f'{name}: row {rows[words[0]] + 2} holds "{cells.to_text(column[words[0]])[:40]}" and other '
            "rows numbers; make them all numbers, or all words."
        )
    if words:
        return [cells.to_text(cell) for cell in column]
    if shown and len(shown) < len(column):
        raise InputError(
            f"{name}: row {rows[min(shown)] + 2} is blank; {len(shown):,} rows affected. Fill them in, or "
            "leave out the covariate or these customers."
        )
    if shown:
        raise InputError(f"{name}: the column is blank; fill it in or leave it out.")
    return np.asarray(values, dtype=float)
