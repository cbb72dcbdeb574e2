"""Focal customers: who they are, and what each segment holds."""

from __future__ import annotations

import numpy as np

from pyfuncs.analysis import scores
from pyfuncs.analysis import segments as labelling
from pyfuncs.analysis.certainty import certainty
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.functions import examples
from pyfuncs.functions.catalogue import Example, excel_function
from pyfuncs.functions.cells import Floats, Grid, spill
from pyfuncs.functions.kinds import Column, Fraction, Horizon, Labels, Model, Money, Rate, Rule, Values
from pyfuncs.functions.tables import Customers, with_model
from pyfuncs.lazy import pandas as pd

DEFAULT_SHARE = 0.2
DRAWS = 400


@excel_function(
    "FOCAL_SEGMENT",
    family="Focal customers",
    example=Example(
        (examples.VALUES, "top share", 0.2),
        [["Focal"], ["Focal"], *[["Core"]] * 4, *[["Light"]] * 4],
    ),
)
def focal_segment(
    values: Values,
    rule: Rule = labelling.TOP_SHARE,
    threshold: Money | None = None,
    cost_per_customer: Money | None = None,
    p_focal: Values | None = None,
) -> Grid:
    """Segment of each customer: Focal by the rule, Borderline where chance decides, Core and Light for the rest.

    top share: the best `threshold` of all customers.  value share: the fewest who hold `threshold` of all value.
    budget: as many of the best as the money `threshold` pays for at `cost_per_customer` each.  break-even: all worth
    at least `cost_per_customer`.  Customers of equal value are never separated.
    """
    cut = _cut(rule, threshold, cost_per_customer)
    probability = None
    shown = dict(values.shown)
    if p_focal is not None:
        _same_length(values, p_focal, "p_focal")
        probability = p_focal.values
        shown = {i: cell for i, cell in p_focal.shown.items() if cell is not None}
        shown.update(values.shown)
    labels = labelling.label(values.values, *cut, probability)
    return Column(values.values, shown, values.header).beside("segment", labels.tolist())


@excel_function(
    "FOCAL_PROBABILITY",
    family="Focal customers",
    example=Example(
        (examples.REPEAT_BUYERS, examples.WITH_SPEND, "top share", 0.25),
        [["p_focal"], [0.40], [0.07], [0.17], [0.17], [0.67], [0.08], [0.17], [0.27]],
        tolerance=0.08,
    ),
)
def focal_probability(
    customers: Customers,
    model: Model | None = None,
    rule: Rule = labelling.TOP_SHARE,
    threshold: Money | None = None,
    cost_per_customer: Money | None = None,
    horizon: Horizon | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
) -> Grid:
    """Probability, per customer, of truly belonging to the focal segment.

    The rule is that of FOCAL_SEGMENT.  Rates and spend of each customer, which the history shows only in part, and the
    parameters are drawn 400 times with a fixed seed; it is the share of draws in which the customer's true value meets
    the rule.  Give it to FOCAL_SEGMENT as p_focal: from 0.2 to 0.8 a customer is Borderline.
    """
    table, fitted = with_model(customers, model)
    if table.no_history:
        return table.beside(p_focal=np.empty(0))
    value = scores.value(fitted, table.usable, horizon, annual_discount_rate, margin)
    found = certainty(
        fitted,
        table.usable,
        value,
        *_cut(rule, threshold, cost_per_customer),
        horizon=horizon,
        annual_discount_rate=annual_discount_rate,
        margin=margin,
        draws=DRAWS,
    )
    return table.beside(p_focal=found.p_focal)


@excel_function(
    "FOCAL_SUMMARY",
    family="Focal customers",
    example=Example(
        ((("Focal",), ("Core",), ("Core",), ("Light",)), ((60,), (20,), (15,), (5,))),
        [
            ["Focal", 1, 0.25, 60.0, 0.6, 60.0, 60.0, 60.0, 60.0],
            ["Core", 2, 0.5, 35.0, 0.35, 17.5, 17.5, 15.5, 19.5],
            ["Light", 1, 0.25, 5.0, 0.05, 5.0, 5.0, 5.0, 5.0],
            ["All", 4, 1.0, 100.0, 1.0, 25.0, 17.5, 8.0, 48.0],
        ],
    ),
)
def focal_summary(
    segments: Labels,
    values: Values,
    p_alive: Values | None = None,
    expected_purchases: Values | None = None,
    expected_spend: Values | None = None,
) -> Grid:
    """What each segment holds: customers, value, their shares, mean, median, spread, and the behaviour behind them.

    P(alive) and expected spend are means, expected purchases a sum.  Customers without a label or with an error in any
    of the columns are left out; a last row, Set aside, counts those whose row holds an error or no label but a value.
    """
    columns = {"p_alive": p_alive, "expected_purchases": expected_purchases, "expected_spend": expected_spend}
    given = {name: column for name, column in columns.items() if column is not None}
    if len(segments) != len(values.values):
        raise InputError(f"values: {len(values.values)} rows beside {len(segments)} segments; give one per customer.")
    counted = np.array([label != "" for label in segments]) & np.isfinite(values.values)
    for name, column in given.items():
        _same_length(values, column, name)
        counted &= np.isfinite(column.values)
    if not counted.any():
        raise InsufficientDataError("no row has both a segment and a value.")
    labels = np.where(counted, np.array(segments), "")
    behaviour: dict[str, Floats] = {name: column.values for name, column in given.items()}
    table = labelling.summary(labels, np.where(counted, values.values, np.nan), **behaviour)
    set_aside = sum(
        not used and (label != "" or i not in values.shown or values.shown[i] is not None)
        for i, (used, label) in enumerate(zip(counted.tolist(), segments, strict=True))
    )
    if set_aside:
        table = pd.concat([table, pd.DataFrame([{"segment": "Set aside", "customers": set_aside}])], ignore_index=True)
        table["customers"] = table["customers"].astype(int)
    return spill(table, header=values.header)


def _cut(rule: str, threshold: float | None, cost: float | None) -> tuple[str, float, float | None]:
    """The rule with its default threshold."""
    if threshold is None and rule == labelling.BUDGET:
        raise InputError("threshold: the rule budget needs the money there is to spend.")
    return rule, DEFAULT_SHARE if threshold is None else threshold, cost


def _same_length(values: Column, other: Column, name: str) -> None:
    if len(other.values) != len(values.values):
        raise InputError(f"{name}: {len(other.values)} rows beside {len(values.values)} values; give one per customer.")
