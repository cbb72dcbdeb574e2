"""What the workbook's native summaries come to, computed from the same customers: the stored values of their formulas.

Each function is the second implementation of a block of formulas; the tests let LibreOffice calculate the first and
compare.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pyfuncs.analysis import segments
from pyfuncs.analysis.concentration import NEAR_AVERAGE
from pyfuncs.workbook.words import rounded


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, each with its columns as attributes."""
    return iter(frame.itertuples(index=False))


def segment_summary(customers: pd.DataFrame) -> pd.DataFrame:
    """Rows Focal to All: `segments.summary` and total_spend; zeros in empty segments, as in the formulas."""
    table = segments.summary(
        customers["segment"],
        customers["value"],
        customers["p_alive"],
        customers["expected_purchases"],
        customers["expected_spend"],
    ).set_index("segment")
    table = table.reindex([*segments.LABELS, segments.ALL])
    spent = customers.groupby("segment")["total_amount"].sum()
    table["total_spend"] = spent.reindex(table.index)
    table.loc["All", "total_spend"] = customers["total_amount"].sum()
    return table.fillna(0.0).reset_index()


def deciles(customers: pd.DataFrame) -> pd.DataFrame:
    """Tenths by value, best first, with the part of their value that focal customers hold."""
    total = float(customers["value"].sum())
    rows = []
    cumulative = 0.0
    for decile in range(1, 11):
        part = customers[customers["decile"] == decile]
        value = float(part["value"].sum())
        cumulative += value
        rows.append(
            {
                "decile": decile,
                "customers": len(part),
                "value": value,
                "share": value / total if total else 0.0,
                "cumulative": cumulative / total if total else 0.0,
                "mean": value / len(part) if len(part) else 0.0,
                "focal": float(part.loc[part["segment"] == segments.FOCAL, "value"].sum()),
                "borderline": float(part.loc[part["segment"] == segments.BORDERLINE, "value"].sum()),
            }
        )
    return pd.DataFrame(rows)


def whale(customers: pd.DataFrame, shares: tuple[float, ...]) -> pd.DataFrame:
    """Value held by the best share of customers, at each of `shares`."""
    held = np.concatenate(([0.0], np.cumsum(customers["value"].to_numpy())))
    counts = [int(rounded(share * len(customers), 0)) for share in shares]
    value = held[counts]
    return pd.DataFrame(
        {
            "share_of_customers": shares,
            "customers": counts,
            "value": value,
            "share_of_value": value / held[-1] if held[-1] else 0.0,
        }
    )


def alive_bins(customers: pd.DataFrame) -> list[int]:
    """Customers by P(alive) in ten equal steps; 1 falls into the last."""
    counts, _ = np.histogram(customers["p_alive"].to_numpy(), bins=np.round(np.linspace(0, 1, 11), 1))
    return [int(count) for count in counts]


@dataclass(frozen=True)
class Average:
    """The average customer: who is near it and what it costs to pay it for each."""

    mean: float
    median: float
    near: float
    customers_near: int
    share_near: float
    share_below: float
    cost_of_mean: float


def average(customers: pd.DataFrame, near: float = NEAR_AVERAGE) -> Average:
    """Mean, median, customers within `near` of the mean and below it, mean of max(0, mean - value)."""
    value = customers["value"].to_numpy()
    mean = float(value.mean())
    close = int(((value >= (1 - near) * mean) & (value <= (1 + near) * mean)).sum())
    return Average(
        mean=mean,
        median=float(np.median(value)),
        near=near,
        customers_near=close,
        share_near=close / len(value),
        share_below=float((value < mean).mean()),
        cost_of_mean=float(np.where(value < mean, mean - value, 0.0).mean()),
    )
