"""Functions of a positive number that are smooth in its logarithm, worked out at a few points for many."""

import math
from collections.abc import Callable

import numpy as np

from pyfuncs.models.arrays import FloatArray

_DIGITS = 36.0  # nats: 2e-16
_WIDEST = 2.0  # half the logarithm of largest over smallest beyond which values differ too much to share a scale


def smooth_in_log(f: Callable[[FloatArray], FloatArray], z: FloatArray) -> FloatArray:
    """The values of f at z > 0, (n,), where f is analytic and bounded for complex z with a positive real part.

    Chebyshev interpolation in ln z: each point divides its error by the size of the largest ellipse inside the strip
    |Im ln z| < pi/2. Where that saves nothing, f is asked for all of z.
    """
    if not z.size:
        return z.copy()
    low, high = math.log(z.min()), math.log(z.max())
    half = 0.5 * (high - low)
    if half == 0:
        return np.repeat(f(z[:1]), z.size)
    reach = 0.5 * math.pi / half
    count = math.ceil(_DIGITS / math.log(reach + math.hypot(reach, 1.0))) + 4
    if half > _WIDEST or count >= z.size:
        return f(z)
    angle = math.pi * (np.arange(count) + 0.5) / count
    nodes, weight = np.cos(angle), np.sin(angle) * (-1.0) ** np.arange(count)
    values = f(np.exp(0.5 * (low + high) + half * nodes))
    distance = (np.log(z) - 0.5 * (low + high))[:, None] / half - nodes
    share = weight / np.where(distance == 0, 1.0, distance)
    found: FloatArray = (share @ values) / share.sum(axis=1)
    row, node = np.nonzero(distance == 0)
    found[row] = values[node]
    return found
