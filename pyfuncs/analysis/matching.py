"""Two groups of customers made alike: exact matching on coarse cells, what then differs, and how alike they were.

A difference that is left is an association, not an effect: customers may differ in what they were not matched on.
Coarsened exact matching: Iacus, King, Porro (2012), Political Analysis 20, 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis.levels import standard_errors_of
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray

Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Matched:
    """Customers of one group and those of another who are in the same cells.

    Attributes
    ----------
    group : (n,) truths, the first group
    weight : (n,) of each customer, 0 for those without anybody alike: 1 in the first group, in the other the first
        group's customers over the other's in the cell, so that both have the same mix of cells
    cell : (n,) place of each customer's cell, 0 to cells - 1
    """

    group: Bools
    weight: FloatArray
    cell: Codes
    cells: int

    @property
    def counts(self) -> tuple[int, int]:
        """Matched customers of the first group and of the other."""
        held = self.weight > 0
        return int(np.count_nonzero(held & self.group)), int(np.count_nonzero(held & ~self.group))

    def means(self, values: FloatArray) -> tuple[float, float]:
        """Weighted means of both groups; nan when nobody is matched."""
        return _mean(values, self.weight * self.group), _mean(values, self.weight * ~self.group)

    def standard_error(self, values: FloatArray) -> float:
        """Standard error of the difference of the means, given who is in which cell.

        From the spread within the groups of a cell; that of a customer alone in group and cell is taken from the
        other group of the cell, and from the pair where both are alone.
        """
        side = 2 * self.cell + self.group
        count = np.bincount(side, minlength=2 * self.cells).astype(np.float64)
        total = np.bincount(side, values, minlength=2 * self.cells)
        mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
        squares = np.bincount(side, (values - mean[side]) ** 2, minlength=2 * self.cells)
        variance = np.divide(squares, count - 1, out=np.full_like(squares, np.nan), where=count > 1).reshape(-1, 2)
        pair = (mean[1::2] - mean[0::2]) ** 2 / 2
        variance = np.where(np.isnan(variance), variance[:, ::-1], variance)
        variance = np.where(np.isnan(variance), pair[:, None], variance)
        others, mine = count.reshape(-1, 2).T
        both = (others > 0) & (mine > 0)
        of_mean = variance[both, 1] * mine[both] + variance[both, 0] * mine[both] ** 2 / others[both]
        return float(np.sqrt(of_mean.sum()) / mine[both].sum()) if both.any() else np.nan


def cells_of(traits: Iterable[Codes]) -> Codes:
    """The cell of each customer, (n,) places from 0: customers of one cell are equal in all traits, whole numbers."""
    cell: Codes | int = 0
    for trait in traits:
        _, cell = np.unique(cell * (int(trait.max(initial=0)) + 1) + trait, return_inverse=True)
    return np.asarray(cell, dtype=np.intp)


def matched(group: Bools, cell: Codes) -> Matched:
    """Match a group, (n,) truths, with all others who are in the same cells."""
    cells = int(cell.max(initial=-1)) + 1
    mine = np.bincount(cell[group], minlength=cells)
    others = np.bincount(cell[~group], minlength=cells)
    ratio = np.divide(mine, others, out=np.zeros(cells), where=others > 0)
    weight = np.where(group, (others > 0)[cell] * 1.0, ratio[cell])
    return Matched(group, weight, cell, cells)


def differences(match: Matched, outcomes: Mapping[str, FloatArray], level: float = 0.90) -> pd.DataFrame:
    """Outcomes of the group against those of the others who are alike.

    Columns: measure; added, mean of the matched of the group; alike, mean of the matched others; difference, added less
    alike, with lower and upper; unmatched_difference, that of all of the group and all others.
    """
    z = standard_errors_of(level)
    rows = []
    for name, values in outcomes.items():
        mine, alike = match.means(values)
        error = match.standard_error(values)
        gap = mine - alike
        rows.append((name, mine, alike, gap, gap - z * error, gap + z * error, _gap(match.group, values)))
    return pd.DataFrame(
        rows, columns=["measure", "added", "alike", "difference", "lower", "upper", "unmatched_difference"]
    )


def balance(match: Matched, traits: Mapping[str, FloatArray]) -> pd.DataFrame:
    """How alike the groups are before and after matching, trait by trait.

    Columns: measure; added and alike as in `differences`; before and after, standardised differences: the difference
    of means over the root of the mean of both variances before matching.
    """
    rows = []
    for name, values in traits.items():
        spread = float(np.sqrt((values[match.group].var() + values[~match.group].var()) / 2)) or 1.0
        mine, alike = match.means(values)
        rows.append((name, mine, alike, _gap(match.group, values) / spread, (mine - alike) / spread))
    return pd.DataFrame(rows, columns=["measure", "added", "alike", "before", "after"])


def in_steps(values: FloatArray, steps: int) -> Codes:
    """Values in so many steps of about equal size, equal ones together: places from 0."""
    if not values.size:
        return np.zeros(0, dtype=np.intp)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, steps + 1)[1:-1]))
    return np.searchsorted(edges, values, side="left")


def _gap(group: Bools, values: FloatArray) -> float:
    return float(values[group].mean() - values[~group].mean())


def _mean(values: FloatArray, weight: FloatArray | Bools) -> float:
    total = weight.sum()
    return float(values @ weight / total) if total > 0 else np.nan
