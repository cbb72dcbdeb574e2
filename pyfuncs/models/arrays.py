"""The array type of the numeric floor, and how it goes through long ones."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

STRETCH = 1 << 13
"""Rows of which several float columns fit into the cache."""


def by_stretches(f: Callable[..., FloatArray], *columns: FloatArray) -> FloatArray:
    """f(*columns), (n,), for an f that treats every row alike, worked out for a stretch of rows after the other.

    What f makes on the way then stays in the cache; for long columns the system would find new memory for each step.
    """
    size = columns[0].size
    if size <= STRETCH:
        return f(*columns)
    out = np.empty(size)
    for i in range(0, size, STRETCH):
        out[i : i + STRETCH] = f(*(column[i : i + STRETCH] for column in columns))
    return out
