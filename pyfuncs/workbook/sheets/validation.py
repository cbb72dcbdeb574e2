"""Validation: the forecast of a holdout against what happened, with simple rules beside the model."""

from typing import Any

import numpy as np
import pandas as pd

from pyfuncs.analysis.validation import tracking_errors
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import Chart, Column, Grid, Line, Lines, Series, Sheet, Spot, Table, Text, Values, body
from pyfuncs.workbook.styles import CORE, GREY, LIGHT
from pyfuncs.workbook.twins import records

TABLE = "tblTracking"
WINDOWS = ("calibration", "holdout")
RULES = ("model", "past spend", "past purchases", "recency", "first purchase", "perfect foresight", "random")
NAMES = ("Model", "Past spend", "Past purchases", "Latest purchase", "First purchase", "Perfect foresight", "At random")


def _per_week(column: str) -> str:
    """Purchases of a step as a weekly rate: the first and last step may be shorter than the others."""
    days = f"({TABLE}[[#This Row],[period_end]]-{TABLE}[[#This Row],[period_start]]+1)"
    return f"={TABLE}[[#This Row],[{column}]]/{days}*7"


TRACKED = (
    Column("period_start", "date", above="From", width=30),
    Column("period_end", "date", above="To", width=13),
    Column("actual", "int", above="Repeat purchases, actual", width=13),
    Column("expected", "num1", above="Repeat purchases, expected", width=13),
    Column("cumulative_actual", "int", above="Cumulative, actual", width=17),
    Column("cumulative_expected", "num1", above="Cumulative, expected", width=20),
    Column("window", "say", above="Fitted on, or forecast", width=13),
    Column("actual_per_week", "num1", _per_week("actual"), above="Actual, per week", width=15),
    Column("expected_per_week", "num1", _per_week("expected"), above="Expected, per week", width=17),
)
_TRACKING_AT = 62

TOTALS = Grid("HoldoutTotals", "B13", (
    Column("Total over the holdout", "text"),
    Column("Predicted", "num1"),
    Column("Actual", "num1"),
    Column("Error", "pct", "=IFERROR($C{row}/$D{row}-1,0)"),
    Column("Mean absolute error per customer", "num3"),
    Column("Root mean square error", "num3"),
), rows=2, labels=("Purchases", "Spend"))  # fmt: skip

OVER_TIME = Grid("TrackingErrors", "I13", (
    Column("Over time", "text"),
    Column("Cumulative, error at the end", "pct"),
    Column("Mean absolute error of a step", "pct"),
    Column("Cumulative, mean absolute error", "pct"),
), rows=2, labels=("Calibration", "Holdout"))  # fmt: skip

CAPTURE = Grid("Capture", "B19", (
    Column("Customers ranked by", "text"),
    Column("Held by the top fifth", "pct"),
    Column("Normalised Gini", "num3"),
), rows=7, labels=NAMES)  # fmt: skip

DECILES = Grid("HoldoutDeciles", "F19", (
    Column("Tenth by prediction", "int"),
    Column("Customers", "int"),
    Column("Predicted", "num1"),
    Column("Actual", "num1"),
), rows=10, labels=tuple(range(1, 11)))  # fmt: skip

FREQUENCY = Grid("FrequencyFit", "K19", (
    Column("Repeat purchases", "text"),
    Column("Customers, actual", "int"),
    Column("Customers, expected", "num1"),
), rows=8, labels=(*map(str, range(7)), "7+"))  # fmt: skip

FACTS = Lines("HoldoutFacts", "B7", (
    Line("Fitted on purchases until", "date", name="HoldoutSplit"),
    Line("Compared until", "date"),
    Line("Model used", "unit"),
    Line("Customers in the test", "int"),
    Line("Purchases within their 90 % interval, share of customers", "pct"),
), gap=3)  # fmt: skip


def figures(run: Run) -> Values:
    """Values of the slots of this sheet; blank where there could be no holdout."""
    refit = run.refit
    frequency = [[row.purchases, row.actual, row.expected] for row in records(refit.frequency_fit)]
    values: Values = {"FrequencyFit": frequency, "ValidationSays": " ".join(refit.holdout_statements),
                      "TrackingErrors": _over_time(refit.tracking)}  # fmt: skip
    report = refit.holdout
    if report is None:
        return values | {
            "HoldoutFacts": [None] * 5,
            "HoldoutTotals": [[None, None, None, 0.0, None, None]] * 2,
            "Capture": [[None] * 3] * 7,
            "HoldoutDeciles": [[None] * 4] * 10,
        }
    errors = report.customer_errors.set_index("measure")
    totals: dict[str, list[Any]] = {
        row.measure: [None, row.predicted, row.actual, 0.0 if np.isnan(row.error) else row.error,
                      errors.loc[row.measure, "mae"], errors.loc[row.measure, "rmse"]]
        for row in records(report.totals)
    }  # fmt: skip
    missing = [None, None, None, 0.0, None, None]
    capture = report.capture.set_index("ranking")
    measure = "spend" if "actual_spend" in report.deciles else "purchases"
    deciles = {row["decile"]: [None, row["customers"], row[f"predicted_{measure}"], row[f"actual_{measure}"]]
               for row in report.deciles.to_dict("records")}  # fmt: skip
    return values | {
        "HoldoutFacts": [report.split, report.end, report.fitted.purchases.name, len(report.customers),
                         float(report.coverage["covered"].iloc[0])],
        "HoldoutTotals": [totals.get("purchases", missing), totals.get("spend", missing)],
        "Capture": [[None, *capture.loc[rule, ["captured", "normalised_gini"]]] if rule in capture.index else [None] * 3
                    for rule in RULES],
        "HoldoutDeciles": [deciles.get(decile, [None] * 4) for decile in range(1, 11)],
    }  # fmt: skip


def _over_time(tracked: pd.DataFrame) -> list[list[Any]]:
    """How far the tracking is off in each window; blank for a window there is not."""
    errors = tracking_errors(tracked).set_index("window")
    rows = errors.reindex(WINDOWS).to_numpy(dtype=np.float64).tolist()
    return [[None, *(None if np.isnan(error) else error for error in row)] for row in rows]


def tracking_chart(at: str, size: tuple[int, int]) -> Chart:
    """Actual and expected repeat purchases per step."""
    first = _TRACKING_AT + 1

    def column(letter: str) -> str:
        return f"=Validation!${letter}${first}:${letter}${first}"

    return Chart(at, "line", "Repeat purchases over time", "Period ending", "Repeat purchases per week",
                 (Series("Actual", column("C"), column("I"), GREY),
                  Series("Expected by the model", column("C"), column("J"), CORE)),
                 "Two lines: repeat purchases per week as they happened and as the model, fitted on the calibration "
                 "window, expects them.", size=size, x_format="mmm-yy", y_format="#,##0", x_interval=4)  # fmt: skip


_CHARTS = (
    Chart("B31", "column", "Share of holdout spend held by the top fifth", "Customers ranked by", "Share of holdout spend",
          (Series("Held by the top fifth", body(CAPTURE, "Customers ranked by", "Validation", chart=True),
                  body(CAPTURE, "Held by the top fifth", "Validation", chart=True), CORE),),
          "Columns: share of holdout spend held by the top fifth of customers as ranked by the model, by four simple rules, "
          "with perfect foresight and at random.", size=(470, 290), y_format="0%"),
    Chart("G31", "column", "Holdout by tenth of customers: predicted and actual", "Tenth of customers, best prediction first",
          "Total of the tenth",
          (Series("Predicted", body(DECILES, "Tenth by prediction", "Validation", chart=True),
                  body(DECILES, "Predicted", "Validation", chart=True), CORE),
           Series("Actual", body(DECILES, "Tenth by prediction", "Validation", chart=True),
                  body(DECILES, "Actual", "Validation", chart=True), LIGHT)),
          "Columns side by side: predicted and actual holdout totals by tenth of customers, best prediction first.",
          size=(470, 290), y_format="#,##0"),
    Chart("L31", "column", "Customers by number of repeat purchases", "Repeat purchases", "Customers",
          (Series("Actual", body(FREQUENCY, "Repeat purchases", "Validation", chart=True),
                  body(FREQUENCY, "Customers, actual", "Validation", chart=True), LIGHT),
           Series("Expected by the model", body(FREQUENCY, "Repeat purchases", "Validation", chart=True),
                  body(FREQUENCY, "Customers, expected", "Validation", chart=True), CORE)),
          "Columns side by side: customers with 0 to 7 or more repeat purchases, actual and expected by the model.",
          size=(400, 290), y_format="#,##0"),
)  # fmt: skip

SHEET = Sheet(
    "Validation", "control", "Validation",
    "The model fitted on the first part of the log forecasts the second part, which it has not seen; simple rules do the same.",
    widths=(30, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13),
    parts=(
        Text("B6", "The test", "section", span=12),
        FACTS,
        TOTALS, OVER_TIME,
        Spot("ValidationSays", "B16", "says", span=12, deep=2),
        Text("B18", "Finding the best customers", "section", span=3),
        CAPTURE,
        Text("F18", "Predicted and actual by tenth", "section", span=4),
        DECILES,
        Text("K18", "How often people buy (whole log)", "section", span=3),
        FREQUENCY,
        *_CHARTS,
        tracking_chart("B46", (1340, 280)),
        Table(TABLE, f"B{_TRACKING_AT}", TRACKED,
              "Repeat purchases by period of customers acquired in the calibration window: actual and expected."),
    ),
    figures=figures, heights={13: 40, 16: 21, 17: 21, 19: 27, _TRACKING_AT - 1: 27}, repeat_rows=(2, 4), portrait=True,
)  # fmt: skip
