"""Smooth functions, worked out at a few points for many: of one or two numbers, or of parameters close together."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pyfuncs.models.arrays import FloatArray, IntArray

_DIGITS = 36.0  # nats: 2e-16
_WIDEST = 2.0  # half the logarithm of largest over smallest beyond which values differ too much to share a scale
_NODES_AT = 1.5  # standard deviations from the middle
_FLAT = 1e-12  # spread of points that differ by rounding only
_FAR = 0.6  # spread of log-parameters from which no quadratic will do
_SMALL = 4.0  # whole numbers below this are too far apart in their logarithm to stand in for each other
_NODES = 10  # in each direction of a table


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
    nodes, weight = _chebyshev(count)
    values = f(np.exp(0.5 * (low + high) + half * nodes))
    distance = (np.log(z) - 0.5 * (low + high))[:, None] / half - nodes
    share = weight / np.where(distance == 0, 1.0, distance)
    found: FloatArray = (share @ values) / share.sum(axis=1)
    row, node = np.nonzero(distance == 0)
    found[row] = values[node]
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """Whole numbers x >= 0 and numbers z >= 0 of many rows, for functions of both that are smooth in their logarithms.

    `x` and `z` are their distinct values; of each row `x_row` and `z_row` (n,) say which.
    """

    x: FloatArray
    z: FloatArray
    x_row: IntArray
    z_row: IntArray

    @classmethod
    def of(cls, x: FloatArray, z: FloatArray) -> Table:
        """The table of the rows x, z (n,)."""
        (x, x_row), (z, z_row) = np.unique(x, return_inverse=True), np.unique(z, return_inverse=True)
        return cls(x, z, x_row, z_row)

    def __call__(self, f: Callable[[FloatArray, FloatArray], FloatArray], scale: float) -> FloatArray:
        """The values of f(x, z) > 0, (n,), where ln f is smooth in ln x and in ln(scale + z), to some 1e-4 or better.

        f is asked for at some dozen x and z; the smallest x are worked out one by one.
        """
        small = np.count_nonzero(self.x < _SMALL)
        x, x_share = stand_ins(self.x[small:])
        z, z_share = stand_ins(self.z + scale)
        x = np.concatenate((self.x[:small], x))
        values = np.log(f(np.repeat(x, z.size), np.tile(np.maximum(z - scale, 0.0), x.size))).reshape(x.size, z.size)
        by_x = np.concatenate((values[:small], x_share @ values[small:]))
        found: FloatArray = np.exp(np.einsum("ij,ij->i", by_x[self.x_row], z_share[self.z_row]))
        return found


def smooth_nearby(
    f: Callable[[FloatArray, slice], FloatArray],
    points: FloatArray,
    agree: Callable[[FloatArray, FloatArray], bool],
    apart: Callable[[FloatArray, slice], FloatArray] | None = None,
) -> Callable[[slice], FloatArray]:
    """The values of f at points, (w, k), that lie close together: some of its rows, (m,) at each, give (m, w).

    A quadratic through as many nodes as it has coefficients stands in for f if both agree at the outermost of the
    points; otherwise f is asked for at all of them, or where they lie far apart `apart`, a cheaper f.
    """
    if points.std(axis=0).max() > _FAR:
        one_by_one = f if apart is None else apart
        return lambda rows: np.stack([one_by_one(point, rows) for point in points], axis=1)
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


def _chebyshev(count: int) -> tuple[FloatArray, FloatArray]:
    """Nodes between -1 and 1, and their weights in the barycentric formula."""
    angle = math.pi * (np.arange(count) + 0.5) / count
    return np.cos(angle), np.sin(angle) * (-1.0) ** np.arange(count)


def stand_ins(z: FloatArray, most: int = _NODES) -> tuple[FloatArray, FloatArray]:
    """A few numbers for many distinct z > 0, (m,) in ascending order, and their shares in a function of z, (m, few).

    The function is to be smooth in ln z; its values are the shares times its values at the few.
    """
    if z.size <= most:
        return z, np.eye(z.size)
    low, high = math.log(z[0]), math.log(z[-1])
    nodes, weight = _chebyshev(most)
    distance = (2.0 * np.log(z) - low - high)[:, None] / (high - low) - nodes
    share = weight / np.where(distance == 0, np.finfo(float).tiny, distance)
    return np.exp(0.5 * (low + high + (high - low) * nodes)), share / share.sum(axis=1, keepdims=True)


def _nodes(dimensions: int) -> FloatArray:
    """Where a quadratic is pinned down: the origin, one step either way along each axis, one along each pair."""
    steps = np.eye(dimensions)
    first, second = np.triu_indices(dimensions, 1)
    return np.concatenate((np.zeros((1, dimensions)), steps, -steps, steps[first] + steps[second]))


def _monomials(z: FloatArray) -> FloatArray:
    """1, each coordinate and each product of two, for every row."""
    first, second = np.triu_indices(z.shape[1])
    return np.concatenate((np.ones((len(z), 1)), z, z[:, first] * z[:, second]), axis=1)
