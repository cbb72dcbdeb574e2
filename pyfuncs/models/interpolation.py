"""Smooth functions, worked out at a few points for many: of a positive number, or of parameters close together."""

import math
from collections.abc import Callable

import numpy as np

from pyfuncs.models.arrays import FloatArray

_DIGITS = 36.0  # nats: 2e-16
_WIDEST = 2.0  # half the logarithm of largest over smallest beyond which values differ too much to share a scale
_NODES_AT = 1.5  # standard deviations from the middle
_FLAT = 1e-12  # spread of points that differ by rounding only


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


def smooth_nearby(
    f: Callable[[FloatArray, slice], FloatArray],
    points: FloatArray,
    agree: Callable[[FloatArray, FloatArray], bool],
) -> Callable[[slice], FloatArray]:
    """The values of f at points, (w, k), that lie close together: some of its rows, (m,) at each, give (m, w).

    A quadratic through as many nodes as it has coefficients stands in for f if both agree at the outermost of the
    points; otherwise f is asked for at all of them.
    """
    middle = points.mean(axis=0)
    axes = np.linalg.svd(points - middle, full_matrices=False)[2]
    offset = (points - middle) @ axes.T
    scale = _NODES_AT * offset.std(axis=0)
    varied = scale > _FLAT * (1.0 + np.abs(middle).max())
    axes, scale = axes[varied], scale[varied]
    offset = offset[:, varied] / scale
    nodes, outermost = _nodes(scale.size), int((offset**2).sum(axis=1).argmax())
    if len(nodes) + 1 < len(points):
        found = np.stack([f(middle + (node * scale) @ axes, slice(None)) for node in nodes], axis=1)
        weights = np.linalg.solve(_monomials(nodes).T, _monomials(offset).T)
        if agree(found @ weights[:, outermost], f(points[outermost], slice(None))):
            # Row by row: for one large product BLAS starts threads, which cost more than they save.
            return lambda rows: (found[rows, None] @ weights)[:, 0]
    return lambda rows: np.stack([f(point, rows) for point in points], axis=1)


def _nodes(dimensions: int) -> FloatArray:
    """Where a quadratic is pinned down: the origin, one step either way along each axis, one along each pair."""
    steps = np.eye(dimensions)
    first, second = np.triu_indices(dimensions, 1)
    return np.concatenate((np.zeros((1, dimensions)), steps, -steps, steps[first] + steps[second]))


def _monomials(z: FloatArray) -> FloatArray:
    """1, each coordinate and each product of two, for every row."""
    first, second = np.triu_indices(z.shape[1])
    return np.concatenate((np.ones((len(z), 1)), z, z[:, first] * z[:, second]), axis=1)
