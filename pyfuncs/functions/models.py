"""Models: fitting them, comparing them, and testing their forecasts against what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyfuncs.analysis import fitting
from pyfuncs.analysis.concentration import TOP
from pyfuncs.analysis.model_table import Fitted, to_table
from pyfuncs.functions import examples
from pyfuncs.functions.catalogue import Example, excel_function
from pyfuncs.functions.cells import Grid, spill
from pyfuncs.functions.kinds import AUTO, Date, Model, ModelName, Period, SpendModel
from pyfuncs.functions.tables import CustomerRange, Customers, Transactions, fittable, in_periods
from pyfuncs.lazy import pandas as pd

if TYPE_CHECKING:
    from pyfuncs.analysis.validation import HoldoutReport


@excel_function(
    "CLV_FIT",
    family="Models",
    example=Example(
        (examples.REPEAT_BUYERS, "MBG/NBD"),
        [["term", "value", "standard_error", "lower", "upper"], ["model", "MBG/NBD", None, None, None]],
        rows=2,
    ),
)
def clv_fit(
    customers: Customers,
    model: ModelName = AUTO,
    spend_model: SpendModel = AUTO,
    period: Period = "week",
    observation_end: Date | None = None,
) -> Grid:
    """The model fitted to the customers, as a table of terms and values that the other functions take.

    Parameters come with standard error and 95 % interval, then customers, log-likelihood, AIC, BIC, how the fit ended,
    and notes.  `period` is the unit of recency and T in a table of customers; a log is counted in it.
    `observation_end` is kept with the model.  Rows that are no history are left out and noted.  BG/BB is for purchases
    that have one opportunity a period, as donations and renewals: recency and T count whole opportunities.
    """
    table = in_periods(customers, period, observation_end, model)
    usable = fittable(table)
    fitted = fitting.fit(usable, model, spend_model, period, observation_end or table.observation_end)
    return [*spill(to_table(fitted), header=customers.header), *_notes(fitted, table)]


@excel_function(
    "CLV_COMPARE",
    family="Models",
    example=Example(
        (examples.REPEAT_BUYERS,),
        [
            [
                *("model", "log_likelihood", "aic", "bic", "expected_repeat_buyers", "actual_repeat_buyers"),
                *("converged", "statement", "chosen"),
            ]
        ],
        rows=1,
    ),
)
def clv_compare(customers: Customers) -> Grid:
    """Every model fitted to the same customers: likelihood, AIC, BIC, and expected against actual repeat buyers.

    `chosen` marks the model that auto takes: of those that converged away from a bound, the one with the highest
    log-likelihood.
    """
    return spill(fitting.compare(fittable(in_periods(customers, "week"))), header=customers.header)


@excel_function(
    "CLV_HOLDOUT",
    family="Models",
    example=Example(
        (examples.HALF_YEAR_OF_PURCHASES, "2024-03-31", "BG/NBD"),
        [["measure", "ranking", "value", "actual"], ["total purchases", "model", 5.5, 4.0]],
        tolerance=0.05,
        rows=2,
    ),
)
def clv_holdout(transactions: Transactions, split: Date, model: Model = AUTO) -> Grid:
    """How a model fitted on purchases up to the split forecast those after it, beside four rules of thumb.

    Totals, errors per customer, deciles and the coverage of intervals, forecast (value) beside actual; then the share
    of what was bought later that the top fifth of customers brought, ranked by the model, by past spend, past
    purchases, recency and first purchase.  `model` is a name; of a table only the name and the period are taken,
    because a forecast is tested with parameters that have not seen the holdout.
    """
    from pyfuncs.analysis import validation

    name, period = (model.purchases.name, model.period) if isinstance(model, Fitted) else (model, "week")
    report = validation.holdout_report(transactions.read(), split, name, period)
    return spill(_report_table(report), header=transactions.header)


@excel_function(
    "CLV_TRACKING",
    family="Models",
    example=Example(
        (examples.HALF_YEAR_OF_PURCHASES, "2024-03-31", examples.BGNBD),
        [["period_start", "period_end", "actual", "expected", "cumulative_actual", "cumulative_expected", "window"]],
        rows=1,
    ),
)
def clv_tracking(transactions: Transactions, split: Date | None = None, model: Model = AUTO) -> Grid:
    """Repeat purchases period by period, actual and expected, each period's own and cumulative.

    Customers first seen after the split take no part; what follows the split is holdout.  Left out, the split is the
    observation end of the model where that lies before the end of the log; otherwise there is no holdout.  A model
    that is not given is fitted up to the split.
    """
    from pyfuncs.analysis import validation
    from pyfuncs.analysis.histories import histories

    log = transactions.read()
    if isinstance(model, Fitted):
        known = model.observation_end
        split = split or (known if known is not None and known < log.observation_end else None)
        fitted = model
    else:
        fitted = fitting.fit(histories(log, "week", end=split), model, "none", "week", split or log.observation_end)
    return spill(validation.tracking(log, fitted, split), header=transactions.header)


def _notes(fitted: Fitted, table: CustomerRange) -> Grid:
    """What was said while fitting and is not in the table yet, one sentence a row."""
    said = list(fitted.statements)
    if fitted.purchase_fit is not None and fitted.purchase_fit.statement in said:
        said.remove(fitted.purchase_fit.statement)  # stands beside "convergence"
    if table.problems:
        first = min(table.problems) + (2 if table.header else 1)
        said.append(
            f"Rows that are no history are left out: {len(table.problems)} of {len(table)}, first row "
            f"{first}; CLV_CHECK says why."
        )
    return [["note", sentence, None, None, None] for sentence in said]


def _report_table(report: HoldoutReport) -> pd.DataFrame:
    """The holdout report as rows of measure, ranking, value (forecast or figure) and actual."""
    from pyfuncs.analysis import validation

    model, money = validation.MODEL, str(report.totals["measure"].iloc[-1])
    rows: list[tuple[Any, ...]] = []
    for each in _records(report.totals):
        rows.append((f"total {each['measure']}", model, each["predicted"], each["actual"]))
        rows.append((f"error of total {each['measure']}", model, each["error"]))
    for each in _records(report.customer_errors):
        rows.append((f"mean absolute error of a customer's {each['measure']}", model, each["mae"]))
        rows.append((f"root mean squared error of a customer's {each['measure']}", model, each["rmse"]))
    top = f"share captured by the top {TOP:.0%}"
    for measure, column in ((top, "captured"), ("normalised Gini", "normalised_gini")):
        rows += [(measure, each["ranking"], each[column]) for each in _records(report.capture)]
    for each in _records(report.coverage):
        rows.append((f"share of customers inside their {each['level']:.0%} interval", model, each["covered"]))
    for each in _records(report.deciles):
        rows.append((f"{money} of decile {each['decile']}", model, each[f"predicted_{money}"], each[f"actual_{money}"]))
    rows += [("note", None, sentence) for sentence in report.statements]
    padded = [(*row, *[None] * (4 - len(row))) for row in rows]
    return pd.DataFrame(padded, columns=["measure", "ranking", "value", "actual"], dtype=object)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
