"""Integrals of positive, log-concave functions to near machine precision, vectorised over rows.

Every integral of the purchase models that has no safe closed form can be written with an integrand exp(phi(v)),

    phi(v) = slope v - sum_j power_j ln(1 + share_j (e^v - 1)),       power_j >= 0, 0 < share_j <= 1,

which is concave.  The interval is cut where the integrand has fallen by e^-38 from its peak, and Gauss-Legendre nodes
are chosen by how far it falls inside the interval.  All terms are positive: nothing cancels.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pyfuncs.models.arrays import FloatArray, IntArray
from pyfuncs.models.special import gauss_legendre

_DEPTH = 38.0
# (fall in nats or stretched width up to which so many nodes hold 1e-12 or better)
_NODES_BY_FALL = (
    (1.2, 7),
    (3.5, 10),
    (5.0, 13),
    (9.0, 17),
    (12.0, 22),
    (24.0, 32),
    (38.0, 46),
)
_WIDE = 12.0
_STEEP = 90.0
_MOST_PANELS = 256
_PANEL_WIDTH = 2.5
_PANEL_FALL = 18.0
_PANEL_NODES = 16
_CHUNK_VALUES = 1 << 16


@dataclass(frozen=True, slots=True)
class Integrand:
    """exp(phi) for n rows: slope (n,), and one (power, share, 1 - share) triple of (n,) arrays per logarithm.

    The complement is given apart because for a share near 1 it cannot be recovered by subtraction.
    """

    slope: FloatArray
    terms: tuple[tuple[FloatArray, FloatArray, FloatArray], ...]

    def take(self, rows: IntArray) -> "Integrand":
        """The same integrand for some of the rows."""
        return Integrand(self.slope[rows], tuple((p[rows], c[rows], d[rows]) for p, c, d in self.terms))

    def phi(self, v: FloatArray) -> FloatArray:
        """Log-integrand at v, (n,) or (nodes, n)."""
        grown = np.expm1(v)
        value = self.slope * v
        for power, share, rest in self.terms:
            value -= power * _log_mix(v, grown, share, rest)
        return value

    def phi_slope(self, v: FloatArray) -> FloatArray:
        """First derivative of phi at v, (n,)."""
        value = self.slope.copy()
        factor = np.exp(v)
        for power, share, rest in self.terms:
            value -= power * share * factor / (rest + share * factor)
        return value


@dataclass(frozen=True, slots=True)
class Window:
    """Where each integrand matters: [low, high], its peak value there, and the number of nodes it needs; all (n,)."""

    low: FloatArray
    high: FloatArray
    peak: FloatArray
    nodes: IntArray

    def take(self, rows: IntArray) -> "Window":
        """The windows of some of the rows."""
        return Window(self.low[rows], self.high[rows], self.peak[rows], self.nodes[rows])


def window(f: Integrand, low: FloatArray, high: FloatArray) -> Window:
    """Cut [low, high] to where exp(phi) is within e^-38 of its peak."""
    low, high = low.copy(), high.copy()
    at_low, at_high = f.phi(low), f.phi(high)
    slope_low, slope_high = f.phi_slope(low), f.phi_slope(high)
    rising = slope_high >= 0
    mode, peak = np.where(rising, high, low), np.where(rising, at_high, at_low)
    inside = np.flatnonzero(~rising & (slope_low > 0))
    if inside.size:
        g = f.take(inside)
        mode[inside] = _mode(g, low[inside], high[inside])
        peak[inside] = g.phi(mode[inside])
    fall = peak - np.minimum(at_low, at_high)
    cut = np.flatnonzero(fall > _DEPTH)
    if cut.size:
        g, floor = f.take(cut), peak[cut] - _DEPTH
        low[cut], high[cut] = _cut(g, low[cut], mode[cut], floor), _cut(g, high[cut], mode[cut], floor)
        slope_low[cut], slope_high[cut] = g.phi_slope(low[cut]), g.phi_slope(high[cut])
    steepest = np.maximum(np.abs(slope_low), np.abs(slope_high))
    return Window(low, high, peak, _node_counts(high - low, np.minimum(fall, _DEPTH), steepest))


def _node_counts(width: FloatArray, fall: FloatArray, steepest: FloatArray) -> IntArray:
    """A Gauss-Legendre rule by the fall, or panels where the window is wide or an end steeper than the fall says."""
    bounds = np.array([bound for bound, _ in _NODES_BY_FALL[:-1]])
    counts = np.array([count for _, count in _NODES_BY_FALL])
    single = counts[np.searchsorted(bounds, np.maximum(fall, 1.6 * width))]
    steep = width * steepest
    many = np.ceil(np.minimum(np.maximum(width / _PANEL_WIDTH, steep / _PANEL_FALL), _MOST_PANELS)).astype(np.intp)
    return np.where((width > _WIDE) | (steep > _STEEP), _PANEL_NODES * many, single)


def rule(nodes: int) -> tuple[FloatArray, FloatArray]:
    """The nodes and weights on [0, 1] that a window's node count stands for."""
    if nodes <= _NODES_BY_FALL[-1][1]:
        return gauss_legendre(nodes)
    count = nodes // _PANEL_NODES
    return panels(count * _PANEL_WIDTH, 0.0)


def batches(w: Window, values: int = _CHUNK_VALUES) -> Iterator[tuple[IntArray, int]]:
    """Rows in batches of equal node count, each batch at most `values` nodes in all (small enough for the cache)."""
    for count in np.flatnonzero(np.bincount(w.nodes)).tolist():
        rows = np.flatnonzero(w.nodes == count)
        step = max(16, values // count)
        for i in range(0, rows.size, step):
            yield rows[i : i + step], count


def log_integral(f: Integrand, low: FloatArray, high: FloatArray) -> FloatArray:
    """Ln of the integral of exp(phi) from low to high, (n,); -inf where high = low."""
    w = window(f, low, high)
    out = np.empty_like(low)
    for rows, count in batches(w):
        points, weights = rule(count)
        width = w.high[rows] - w.low[rows]
        v = w.low[rows] + width * points[:, None]
        total = weights @ np.exp(f.take(rows).phi(v) - w.peak[rows]) * width
        out[rows] = np.log(total, out=np.full_like(total, -np.inf), where=total > 0) + w.peak[rows]
    return out


def panels(width: float, fall: float) -> tuple[FloatArray, FloatArray]:
    """Composite Gauss-Legendre nodes and weights on [0, 1] for a smooth function of a variable of that total width.

    `fall` bounds the change of its logarithm over the interval. Sixteen nodes serve a stretch of 2.5 or a change of 18.
    """
    count = max(1, int(np.ceil(max(width / _PANEL_WIDTH, fall / _PANEL_FALL))))
    points, weights = gauss_legendre(_PANEL_NODES)
    starts = np.arange(count)[:, None]
    return ((starts + points) / count).ravel(), np.tile(weights / count, count)


def _log_mix(v: FloatArray, grown: FloatArray, share: FloatArray, rest: FloatArray) -> FloatArray:
    """ln(1 + share (e^v - 1)) without loss at either end."""
    near = np.log1p(share * np.maximum(grown, -0.5))
    if v.size and v.min() < -0.6:
        far = np.log(rest + share * np.exp(np.minimum(v, 0.0)) + np.finfo(float).tiny)
        return np.where(grown < -0.5, far, near)
    return near


def _mode(f: Integrand, low: FloatArray, high: FloatArray) -> FloatArray:
    """Where phi is largest between low, where it rises, and high, where it falls: by bisection on its slope."""
    for _ in range(40):
        middle = 0.5 * (low + high)
        rising = f.phi_slope(middle) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return 0.5 * (low + high)


def _cut(f: Integrand, end: FloatArray, mode: FloatArray, floor: FloatArray) -> FloatArray:
    """Move `end` towards the mode to where phi = floor; Newton from outside never overshoots a concave function."""
    v = end.copy()
    sign = np.where(end >= mode, -1.0, 1.0)
    for _ in range(12):
        missing = np.maximum(floor - f.phi(v), 0.0)
        v = v + sign * missing / np.maximum(np.abs(f.phi_slope(v)), 1e-300)
        v = np.where(sign < 0, np.maximum(v, mode), np.minimum(v, mode))
    return v
