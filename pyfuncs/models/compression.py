"""Distinct histories with counts: customers who look alike are worked out once.

A million customers observed weekly share some fifty thousand histories; what is expensive runs over the distinct ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pyfuncs.models.arrays import FloatArray, IntArray

# Days of a period: times are whole numbers of days divided by one of these, or arbitrary.
_GRIDS = (1.0, 7.0, 365.25 / 12, 365.25)


@dataclass(frozen=True, slots=True)
class Histories:
    """Distinct (x, t_x, T) rows and how many customers have each; all arrays (k,)."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    count: FloatArray


def distinct_histories(x: FloatArray, t_x: FloatArray, T: FloatArray) -> Histories:
    """Group equal histories; the rows are bitwise equal to rows of the input."""
    first, inverse = _distinct(x, t_x, T)
    return Histories(x[first], t_x[first], T[first], np.bincount(inverse, minlength=first.size).astype(float))


def distinct_rows(*columns: FloatArray) -> tuple[IntArray, IntArray]:
    """Indices of one row per distinct combination, and for every row the number of its combination."""
    return _distinct(*columns)


def _distinct(*columns: FloatArray) -> tuple[IntArray, IntArray]:
    key = np.zeros(columns[0].size, dtype=np.int64)
    size = 1
    for column in columns:
        codes, levels = _codes(column)
        if size * levels >= 2**62:  # the combined key would overflow: close the ranks first
            _, key = np.unique(key, return_inverse=True)
            size = int(key.max(initial=0)) + 1
        key = key * levels + codes
        size *= levels
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return first, inverse


def _codes(column: FloatArray) -> tuple[NDArray[np.int64], int]:
    """Equal numbers get equal codes in [0, levels); a known grid saves the sort, and only if it is lossless."""
    if column.size and column.min() >= 0 and column.max() < 2**20:
        for days in _GRIDS:
            steps = np.rint(column * days)
            if np.array_equal(steps / days, column):
                return steps.astype(np.int64), int(steps.max()) + 1
    _, inverse = np.unique(column, return_inverse=True)
    return inverse.astype(np.int64), int(inverse.max(initial=0)) + 1
