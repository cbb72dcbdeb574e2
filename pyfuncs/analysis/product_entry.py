"""What customers are worth by the product they began with: feeders, stars, cash cows and drains."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis.baskets import FEWEST, MOST, OTHER, Baskets, Codes, shown
from pyfuncs.analysis.pooling import pooled_means
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray

ALL: Final = "All"
FEEDER, STAR, CASH, DRAIN = "feeder", "star", "cash", "drain"
QUADRANTS: Final = (FEEDER, STAR, CASH, DRAIN)
PERHAPS: Final = "perhaps "
TOO_FEW: Final = "too few"
_EQUAL: Final = 1e-9


def future_margin(baskets: Baskets, margins: FloatArray) -> float:
    """The margin to expect of future purchases: that of repeat purchases so far, weighted by what was spent on each."""
    repeat = baskets.purchase != baskets.bought.start[:-1][baskets.bought.who[baskets.purchase]]
    for spent in (np.where(repeat, baskets.amount, 0.0), baskets.amount):
        if spent.sum() > 0:
            return float(spent @ margins[baskets.product] / spent.sum())
    return float(margins.mean())


def entry_table(
    baskets: Baskets,
    value: FloatArray,
    to_come: FloatArray,
    focal: NDArray[np.bool_],
    margins: FloatArray,
    *,
    level: float = 0.90,
    most: int = MOST,
) -> pd.DataFrame:
    """Customers by the product they began with: what the first purchase earned, and what they are worth over life.

    `value` and `to_come` (k,) are those of `acquired_value.value_at_acquisition`.  Columns: product; customers;
    share_of_customers; margin_today, mean margin of the first purchase; value_over_life, mean of `value`, partially
    pooled, with lower and upper; share_focal, share of them who are `focal` (k,); quadrant.  Products by customers,
    most first, the less bought ones as one row, and a last row All.

    A feeder earns less than average today, or loses money, and brings more than average over life; a star more in both;
    cash more today and less over life; a drain less in both.  "perhaps" stands before it where the interval holds the
    average; products with fewer than 30 customers have none.
    """
    bought = baskets.bought
    names, place = shown(baskets.names, most)
    today = baskets.earned(margins)[bought.start[:-1]]
    present, group = np.unique(place[baskets.first], return_inverse=True)
    means = pooled_means(value, group, present.size, _ahead(value, to_come, group) ** 2)
    everyone = pooled_means(value, np.zeros(value.size, dtype=np.intp), 1)
    lower, upper = means.interval(level)
    table = pd.DataFrame(
        {
            "product": [names[i] for i in present],
            "customers": means.count,
            "share_of_customers": means.count / value.size,
            "margin_today": np.bincount(group, today) / means.count,
            "value_over_life": means.pooled,
            "lower": lower,
            "upper": upper,
            "share_focal": np.bincount(group, focal) / means.count,
        }
    )
    table["quadrant"] = _quadrants(table, float(today.mean()), float(value.mean()))
    last = table["product"] == OTHER
    table = pd.concat(
        [table[~last].sort_values("customers", ascending=False, kind="stable"), table[last]], ignore_index=True
    )
    (low,), (high,) = everyone.interval(level)
    table.loc[len(table)] = [ALL, value.size, 1.0, today.mean(), value.mean(), low, high, focal.mean(), ""]
    return table


def _ahead(value: FloatArray, to_come: FloatArray, group: Codes) -> FloatArray:
    """The share of each group's value that is still to come, which the model forecasts without knowing the group."""
    total, rest = np.bincount(group, value), np.bincount(group, to_come)
    return np.clip(np.divide(rest, total, out=np.ones(total.shape), where=total > 0), 0.0, 1.0)


def _quadrants(table: pd.DataFrame, today: float, value: float) -> NDArray[np.object_]:
    """The quadrant of each product against the average margin today and value."""
    less = table["margin_today"].to_numpy() < max(today - _EQUAL * abs(today), 0.0)
    more = table["value_over_life"].to_numpy() > value + _EQUAL * abs(value)
    words = np.where(less, np.where(more, FEEDER, DRAIN), np.where(more, STAR, CASH)).astype(object)
    unsure = (table["lower"].to_numpy() <= value) & (value <= table["upper"].to_numpy())
    return np.where(table["customers"].to_numpy() < FEWEST, TOO_FEW, np.where(unsure, PERHAPS + words, words))
