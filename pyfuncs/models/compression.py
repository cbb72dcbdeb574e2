"""Distinct histories with counts: customers who look alike are worked out once.

A million customers observed weekly share some fifty thousand histories; what is expensive runs over the distinct ones,
and what depends on one column only over the levels of that column.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pyfuncs.models.arrays import STRETCH, FloatArray, IntArray

# Days of a period: times are whole numbers of days divided by one of these, or arbitrary.
_GRIDS = (1.0, 7.0, 365.25 / 12, 365.25)
_LONGEST_GRID = 2.0**20
_LARGEST_KEY = 2**62
_SMALL_TABLE = 1 << 16


@dataclass(frozen=True, slots=True)
class Histories:
    """Distinct (x, t_x, T) rows and how many customers have each; all arrays (k,)."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    count: FloatArray

    def take(self, rows: IntArray | slice) -> "Histories":
        """Some of the histories."""
        return Histories(self.x[rows], self.t_x[rows], self.T[rows], self.count[rows])


def distinct_histories(x: FloatArray, t_x: FloatArray, T: FloatArray) -> Histories:
    """Group equal histories; the rows are bitwise equal to rows of the input."""
    columns = [levels(column) for column in (x, t_x, T)]
    (x_levels, x_codes), (t_x_levels, t_x_codes), (T_levels, T_codes) = columns
    sizes = x_levels.size, t_x_levels.size, T_levels.size
    if math.prod(sizes) >= _LARGEST_KEY:
        first, inverse = distinct_rows(x, t_x, T)
        return Histories(x[first], t_x[first], T[first], np.bincount(inverse, minlength=first.size).astype(float))
    keys = (x_codes * sizes[1] + t_x_codes) * sizes[2] + T_codes
    new = keys < sizes[2]  # most have bought once: what tells them apart is T alone, which needs no sort
    by_T = np.bincount(keys[new], minlength=sizes[2])
    keys = np.sort(keys[~new].astype(np.uint32 if math.prod(sizes) <= 2**32 else np.int64))
    starts = np.flatnonzero(_differs(keys))
    distinct = np.concatenate((np.flatnonzero(by_T), keys[starts].astype(np.int64)))
    left, T_codes = np.divmod(distinct, sizes[2])
    x_codes, t_x_codes = np.divmod(left, sizes[1])
    count = np.concatenate((by_T[by_T > 0], np.diff(np.append(starts, keys.size))))
    return Histories(x_levels[x_codes], t_x_levels[t_x_codes], T_levels[T_codes], count.astype(float))


def distinct_rows(*columns: FloatArray) -> tuple[IntArray, IntArray]:
    """Indices of one row per distinct combination, and for every row the number of its combination."""
    key = np.zeros(columns[0].size, dtype=np.int64)
    size = 1
    for column in columns:
        values, codes = levels(column)
        if size * values.size >= _LARGEST_KEY:  # the combined key would overflow: close the ranks first
            first, key = _ranks(key, size)
            size = first.size
        key *= values.size
        key += codes
        size *= max(values.size, 1)
    return _ranks(key, size)


def once_each(f: Callable[..., FloatArray], *columns: FloatArray) -> FloatArray:
    """f(*columns), (n,), for an f that treats every row alike, worked out once for each distinct row."""
    first, inverse = distinct_rows(*columns)
    return f(*(column[first] for column in columns))[inverse]


def levels(column: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Values (m,) and for each row the number of its value, (n,); a known grid saves the sort, if it is lossless.

    On a grid the values run through all its steps from 0, also those that no row has.
    """
    if column.size and column.min() >= 0 and column.max() < _LONGEST_GRID:
        for days in _GRIDS:
            steps = _steps(column, days)
            if steps is not None:
                return np.arange(steps.max() + 1.0) / days, steps
    values, codes = np.unique(column, return_inverse=True)
    return values, codes.astype(np.int64)


def _steps(column: FloatArray, days: float) -> NDArray[np.int64] | None:
    """The column in steps of 1/days, or None where that would lose something."""
    found = np.empty(column.size, dtype=np.int64)
    for i in range(0, column.size, STRETCH):
        part = column[i : i + STRETCH]
        steps = np.rint(part * days)
        if not np.array_equal(steps / days, part):
            return None
        found[i : i + STRETCH] = steps
    return found


def sorting_order(key: NDArray[np.integer]) -> IntArray:
    """Positions sorted by whole numbers from 0, equal ones left in order: 16 bits at a time, which NumPy counts out."""
    if (key[1:] >= key[:-1]).all():
        return np.arange(key.size)
    order = np.argsort(key.astype(np.uint16), kind="stable")
    for shift in range(16, int(key.max(initial=0)).bit_length(), 16):
        order = order[np.argsort((key >> shift).astype(np.uint16)[order], kind="stable")]
    return order


def ranks_by_table(key: NDArray[np.int64], size: int) -> tuple[IntArray, NDArray[np.int64]]:
    """One row for each distinct key from 0 and below `size`, and the rank of every row's key, without a sort."""
    row = np.full(size, -1, dtype=np.intp)
    row[key] = np.arange(key.size)
    there = row >= 0
    return row[there], (np.cumsum(there) - 1)[key]


def _ranks(key: NDArray[np.int64], size: int) -> tuple[IntArray, NDArray[np.int64]]:
    """One row for each distinct key below `size`, and the rank of every row's key."""
    if size <= max(_SMALL_TABLE, key.size):
        return ranks_by_table(key, size)
    ranks = np.empty_like(key)
    small = np.flatnonzero(key < _SMALL_TABLE)  # most have bought once: what tells them apart is T alone
    first, ranks[small] = _ranks(key[small], _SMALL_TABLE)
    rest = np.flatnonzero(key >= _SMALL_TABLE)
    order = rest[sorting_order(key[rest])]
    new = _differs(key[order])
    ranks[order] = np.cumsum(new) + (first.size - 1)
    return np.concatenate((small[first], order[new])), ranks


def _differs(ordered: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether each key is another than the one before it."""
    new = np.ones(ordered.size, dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return new
