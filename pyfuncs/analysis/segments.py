"""Who the focal customers are: segments of a customer base by value.

Customers are ranked by value and cut once, by one of four rules.  Equal values are never separated: customers with the
same history have the same value, and a label that told them apart would be an accident of row order.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pyfuncs.errors import InputError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray

Bools = NDArray[np.bool_]

FOCAL: Final = "Focal"
BORDERLINE: Final = "Borderline"
CORE: Final = "Core"
LIGHT: Final = "Light"
LABELS: Final = (FOCAL, BORDERLINE, CORE, LIGHT)
ALL: Final = "All"

TOP_SHARE: Final = "top share"
VALUE_SHARE: Final = "value share"
BUDGET: Final = "budget"
BREAK_EVEN: Final = "break-even"
RULES: Final = (TOP_SHARE, VALUE_SHARE, BUDGET, BREAK_EVEN)

BORDERLINE_FROM: Final = 0.2
"""Least P(focal) of a Borderline customer: below it the customer is surely not focal."""
BORDERLINE_TO: Final = 0.8
"""Greatest P(focal) of a Borderline customer: above it the customer is surely focal."""


def label(
    values: ArrayLike,
    rule: str = TOP_SHARE,
    threshold: float = 0.2,
    cost_per_customer: float | None = None,
    p_focal: ArrayLike | None = None,
) -> NDArray[np.str_]:
    """Segment of each customer: Focal, Borderline, Core or Light.

    Parameters
    ----------
    values : (n,) array
        Value of each customer, in money.  A customer without a value (nan) gets the label "" and is not counted.
    rule, threshold
        "top share": the best `threshold` of all customers (0 to 1).
        "value share": the fewest customers who hold `threshold` of all positive value (0 to 1).
        "budget": as many of the best as the money `threshold` treats at `cost_per_customer` each.
        "break-even": everyone worth at least `cost_per_customer`; `threshold` is ignored.
    p_focal : (n,) array, optional
        Probability of truly being focal (see `certainty`).  Customers with 0.2 <= p_focal <= 0.8 become Borderline, and
        so do those whom rule and probability judge differently: a few large chances can lift a mean that is rarely met.

    Returns
    -------
    (n,) array of text
        Of those neither Focal nor Borderline, Core are worth at least their median and Light less.

    Raises `InputError` for an unknown rule, a threshold outside its range, or a missing cost.
    """
    value = np.asarray(values, dtype=np.float64)
    focal = meets_rule(value, rule, threshold, cost_per_customer)
    counted = ~np.isnan(value)
    borderline = np.zeros(value.shape, dtype=np.bool_)
    if p_focal is not None:
        probability = np.asarray(p_focal, dtype=np.float64)
        if probability.shape != value.shape:
            raise InputError(f"p_focal: {probability.size} values for {value.size} customers; give one per customer.")
        likely, unlikely = probability > BORDERLINE_TO, probability < BORDERLINE_FROM
        borderline = counted & np.where(focal, ~likely, ~unlikely) & ~np.isnan(probability)
    rest = counted & ~focal & ~borderline
    middle = np.median(value[rest]) if rest.any() else 0.0
    labels = np.where(value >= middle, CORE, LIGHT)
    labels = np.where(focal, FOCAL, labels)
    labels = np.where(borderline, BORDERLINE, labels)
    return np.where(counted, labels, "")


def meets_rule(value: FloatArray, rule: str, threshold: float, cost_per_customer: float | None) -> Bools:
    """Whether each customer meets the rule: (n,) values, nan for the uncounted, to (n,) truths; as in `label`."""
    _check_rule(rule, threshold, cost_per_customer)
    cost = np.nan if cost_per_customer is None else cost_per_customer
    if rule == BREAK_EVEN:
        return np.greater_equal(value, cost)
    descending = -np.sort(-value[~np.isnan(value)])
    if rule == TOP_SHARE:
        size = _nearest_size(descending, threshold * descending.size)
    elif rule == VALUE_SHARE:
        size = _nearest_size(descending, _fewest_holding(descending, threshold))
    else:
        # A budget is a ceiling, so tied customers who would exceed it together all stay outside.
        size = _size_within(descending, np.floor(threshold / cost * (1 + 1e-12)))
    focal: Bools = value >= descending[size - 1] if size else np.zeros(value.shape, dtype=np.bool_)
    return focal


def summary(
    segments: ArrayLike,
    values: ArrayLike,
    p_alive: ArrayLike | None = None,
    expected_purchases: ArrayLike | None = None,
    expected_spend: ArrayLike | None = None,
) -> pd.DataFrame:
    """What each segment holds: customers, value, their shares and spread, and the behaviour behind them.

    Columns: segment, customers, share_of_customers, value, share_of_value, mean, median, p10, p90, and, for each array
    given, p_alive (mean), expected_purchases (sum), expected_spend (mean).  Rows: Focal, Borderline if there are any,
    Core, Light, All.  Customers labelled "" are left out.  Figures that need a customer are nan in an empty segment;
    share_of_value is nan when the total is not positive.
    """
    labels = np.asarray(segments, dtype=np.str_)
    behaviour = {
        name: (np.asarray(array, dtype=np.float64), aggregate)
        for name, array, aggregate in (
            ("p_alive", p_alive, np.mean),
            ("expected_purchases", expected_purchases, np.sum),
            ("expected_spend", expected_spend, np.mean),
        )
        if array is not None
    }
    value = np.asarray(values, dtype=np.float64)
    counted = labels != ""
    total = value[counted].sum()
    rows = []
    for name in (*LABELS, ALL):
        members = counted if name == ALL else labels == name
        if name == BORDERLINE and not members.any():
            continue
        mine = value[members]
        low, median, high = np.quantile(mine, (0.1, 0.5, 0.9)) if mine.size else (np.nan,) * 3
        row: dict[str, object] = {
            "segment": name,
            "customers": int(mine.size),
            "share_of_customers": mine.size / counted.sum() if counted.any() else np.nan,
            "value": mine.sum(),
            "share_of_value": mine.sum() / total if total > 0 else np.nan,
            "mean": mine.mean() if mine.size else np.nan,
            "median": median,
            "p10": low,
            "p90": high,
        }
        for column, (array, aggregate) in behaviour.items():
            row[column] = aggregate(array[members]) if mine.size else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def _check_rule(rule: str, threshold: float, cost_per_customer: float | None) -> None:
    """Refuse a rule that cannot be applied, with what to give instead."""
    if rule not in RULES:
        raise InputError(f"rule: {rule!r} is not a rule; use one of {', '.join(RULES)}.")
    if rule in (TOP_SHARE, VALUE_SHARE) and not 0.0 <= threshold <= 1.0:
        raise InputError(f"threshold: {threshold} is not a share; {rule} needs 0 to 1 (20 % is 0.2).")
    if rule == BUDGET and not 0.0 <= threshold < np.inf:
        raise InputError(f"threshold: {threshold} is not a budget; give an amount of money, 0 or more.")
    if rule in (BUDGET, BREAK_EVEN) and (cost_per_customer is None or not np.isfinite(cost_per_customer)):
        raise InputError(f"cost_per_customer: {rule} needs what treating one customer costs; it is missing.")
    if rule == BUDGET and cost_per_customer is not None and cost_per_customer <= 0:
        raise InputError(f"cost_per_customer: {cost_per_customer} must be above 0 to divide a budget by it.")


def _sizes(descending: FloatArray) -> NDArray[np.int64]:
    """Sizes at which the ranking can be cut without separating equal values: 0, ..., n."""
    return np.concatenate(([0], np.flatnonzero(np.diff(descending)) + 1, [descending.size]))


def _nearest_size(descending: FloatArray, size: float) -> int:
    """Allowed size nearest to the wanted one; of two equally near, the larger."""
    sizes = _sizes(descending)
    return int(sizes[::-1][np.argmin(np.abs(sizes[::-1] - size))])


def _size_within(descending: FloatArray, size: float) -> int:
    """Greatest allowed size that does not exceed the wanted one."""
    sizes = _sizes(descending)
    return int(sizes[sizes <= size][-1])


def _fewest_holding(descending: FloatArray, share: float) -> int:
    """Fewest of the best customers who hold a share of all positive value."""
    cumulative = np.cumsum(np.maximum(descending, 0.0))
    if share <= 0 or cumulative.size == 0 or cumulative[-1] <= 0:
        return 0
    # Rounding in the sum must not ask for one customer more than the share needs.
    return int(np.searchsorted(cumulative, share * cumulative[-1] * (1 - 1e-12))) + 1
