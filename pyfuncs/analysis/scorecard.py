"""Teams and channels ranked by the value they bring against the volume they bring."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis.acquisition import ALL, OTHER_CHANNELS, Acquired, Cac, Groups
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray

SMALLEST: Final = 10
OTHERS: Final = f"others (under {SMALLEST} customers)"


def scorecard(customers: Acquired, by: Groups, focal: NDArray[np.bool_], cac: Cac = None) -> pd.DataFrame:
    """One row a group, by value brought, then the small ones together and all.

    `focal` (k,) says of each customer whether focal today.  Columns: the kind of group, customers, share_of_customers,
    rank_by_volume, value_brought (the sum of values at acquisition, before acquisition cost), share_of_value,
    rank_by_value, change_of_rank (places gained when value counts instead of volume), value_per_customer, focal_share
    (of those acquired), value_after_cac (the sum).  Groups of fewer than 10 customers are one row, without a rank; nor
    has what acquisition made one row for want of room.
    """
    cost = by.costs(cac)[by.code]
    merged = by.merged(by.count < SMALLEST, OTHERS)
    ranked = np.array([name not in (OTHERS, OTHER_CHANNELS) for name in merged.names])
    count, value, after = (merged.sum(each) for each in (np.ones(cost.size), customers.value, customers.value - cost))
    focal_count = merged.sum(focal.astype(np.float64))
    by_volume, by_value = _ranks(count, ranked), _ranks(value, ranked)
    table = pd.DataFrame(
        {
            by.by: merged.names,
            "customers": count.astype(np.int64),
            "share_of_customers": count / count.sum(),
            "rank_by_volume": by_volume,
            "value_brought": value,
            "share_of_value": value / value.sum() if value.sum() > 0 else np.nan,
            "rank_by_value": by_value,
            "change_of_rank": by_volume - by_value,
            "value_per_customer": value / count,
            "focal_share": focal_count / count,
            "value_after_cac": after,
        }
    )
    table = table.sort_values("rank_by_value", kind="stable", na_position="last", ignore_index=True)
    total = {
        by.by: ALL,
        "customers": int(count.sum()),
        "share_of_customers": 1.0,
        "value_brought": value.sum(),
        "share_of_value": table["share_of_value"].sum(min_count=1),
        "value_per_customer": value.sum() / count.sum(),
        "focal_share": focal.mean(),
        "value_after_cac": after.sum(),
    }
    return pd.concat([table, pd.DataFrame([total])], ignore_index=True)


def _ranks(figure: FloatArray, ranked: NDArray[np.bool_]) -> FloatArray:
    """1 is the greatest; equal figures share the better rank; nan for groups that are not ranked."""
    ordered = np.sort(-figure[ranked])
    return np.where(ranked, np.searchsorted(ordered, -figure, side="left") + 1.0, np.nan)
