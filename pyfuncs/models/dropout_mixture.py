"""Expectations over a beta-distributed dropout probability p, for BG/NBD and MBG/NBD customers known to be alive.

With p ~ Beta(a, B), purchase rate ~ Gamma(R, A) and z = t/A the models need

    E[(1 - (1 + p z)^-R) / p]                            expected purchases in t    (mean_purchases)
    (R/A) E int_0^h e^{-delta u} (1 + p u/A)^-(R+1) du   the same, discounted       (discounted_purchases)

Closed hypergeometric forms exist and cancel (at a = 1 they are 0/0).  Here p runs over equidistant nodes of its
log-odds, where the trapezoidal rule converges geometrically; the geometric tails of the sum are closed exactly.
Every term is positive, so the results are good for every a > 0 and B > 0.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.interpolation import smooth_in_log
from pyfuncs.models.quadrature import panels
from pyfuncs.models.special import expit, softplus

_DEPTH = 40.0
_TAIL = math.log(2e-5)  # below this multiple of its natural scale a function of p is a parabola to 1e-14
_TAIL_SPACING = 0.26  # between the three nodes of a parabola: closer together they cancel
_CHUNK_VALUES = 1 << 18


def mean_purchases(a: float, B: FloatArray, R: FloatArray, z: FloatArray) -> FloatArray:
    """E[(1 - (1 + p z)^-R) / p] for p ~ Beta(a, B); B, R, z (n,), B and R one-to-one; z >= 0."""
    out = np.zeros_like(z)
    for rows in _groups(np.where(z > 0, B, -1.0)):
        if z[rows[0]] > 0:
            out[rows] = z[rows] * smooth_in_log(_mean_rate(a, float(B[rows[0]]), float(R[rows[0]])), z[rows])
    return out


def _mean_rate(a: float, B: float, R: float) -> Callable[[FloatArray], FloatArray]:
    """E[(1 - (1 + p z)^-R) / (p z)] as a function of z."""

    def rate(z: FloatArray) -> FloatArray:
        p, weight = beta_nodes(a, B, R, float(z.max()))
        weight = weight / p
        out = np.empty_like(z)
        step = max(1, _CHUNK_VALUES // p.size)
        for i in range(0, z.size, step):
            out[i : i + step] = -np.expm1(-R * np.log1p(z[i : i + step, None] * p)) @ weight
        return out / z

    return rate


def mean_purchases_by_row(a: float, B: FloatArray, R: FloatArray, z: FloatArray) -> FloatArray:
    """The same where B is hardly ever the same twice: all rows share one grid of p, with weights of their own."""
    out = np.empty_like(z)
    largest = (float(each.max(initial=0.0)) for each in (B, R, z))
    step, (low, high) = _step(a), _reach(a, *largest)
    w = low + step * np.arange(math.ceil((high - low) / step) + 1, dtype=float)
    p, for_a, for_B = expit(w), -a * softplus(-w), softplus(w)
    rows_at_once = max(1, _CHUNK_VALUES // w.size)
    for i in range(0, z.size, rows_at_once):
        rows = slice(i, i + rows_at_once)
        log_density = for_a - B[rows, None] * for_B
        weight = np.exp(log_density - log_density.max(axis=1, keepdims=True))
        _close_tails(weight, np.full(B[rows].shape, a), step)
        _close_tails(weight[:, ::-1], B[rows], step)
        bought = -np.expm1(-R[rows, None] * np.log1p(z[rows, None] * p)) / p
        out[rows] = np.einsum("ij,ij->i", bought, weight) / weight.sum(axis=1)
    return out


def discounted_purchases(
    a: float, B: FloatArray, R: FloatArray, A: FloatArray, delta: float, horizon: float
) -> FloatArray:
    """(R/A) E int_0^h e^{-delta u} (1 + p u/A)^-(R+1) du, (n,); the horizon h may be inf when delta > 0."""
    farthest = _DEPTH / delta if delta > 0 else math.inf  # beyond this the discount factor is below e^-40
    endless, horizon = horizon >= farthest, min(horizon, farthest)
    out = np.empty_like(A)
    for rows in _groups(B):
        shape, rest = float(R[rows[0]]), float(B[rows[0]])
        p, weight = beta_nodes(a, rest, shape + 1.0, horizon / float(A[rows].min()))
        scale = 1.0 + (shape + 1.0) * (a + 1.0) / (a + rest + 1.0)
        mixture = _Mixture(p, weight, shape, scale, delta, horizon)
        out[rows] = shape * (mixture.endless(A[rows]) if endless else smooth_in_log(mixture.finite, A[rows]))
    return out


def beta_nodes(a: float, B: float, power: float, z: float) -> tuple[FloatArray, FloatArray]:
    """Nodes p and weights (sum 1) for expectations under Beta(a, B) of functions such as (1 + p z')^-power, z' <= z."""
    step, (left_reach, right_reach) = _step(a), _reach(a, B, power, z)
    # The functions of p grow at most like 1/p to the left, so with a > 1 the window can end earlier.
    low = max(left_reach, _log_odds_where_fallen(a - 1.0, B, -1.0)) if a > 1 else left_reach
    high = min(right_reach, _log_odds_where_fallen(a, B, 1.0))
    low = min(low, high - 4 * step)
    w: FloatArray = low + step * np.arange(math.ceil((high - low) / step) + 1, dtype=float)
    log_density = -a * softplus(-w) - B * softplus(w)
    weight: FloatArray = np.exp(log_density - log_density.max())
    _close_tail(weight, a, step)
    _close_tail(weight[::-1], B, step)
    return 1.0 / (1.0 + np.exp(-w)), weight / weight.sum()


def _step(a: float) -> float:
    """Between nodes; the trapezoidal error is e^{-2 pi y/step} times e^{a y^2/2} at distance y < pi/2 off the axis."""
    return 9.4 / (36.0 + 1.125 * a) if a < 15.0 else 0.66 / math.sqrt(a)


def _reach(a: float, B: float, power: float, z: float) -> tuple[float, float]:
    """Log-odds beyond which functions of p such as (1 + p z)^-power are parabolas in p and in 1 - p."""
    return -math.log(max(1.0, a + B + max(power, 1.0) * z)) + _TAIL, math.log(max(1.0, a + B + power)) - _TAIL


def _close_tail(weight: FloatArray, rate: float, step: float) -> None:
    """Let three of the nodes, from the first on, stand for all those before the first, where weights fall at that rate.

    Exact for e^{rate w} (c0 + c1 e^w + c2 e^{2w}) on the infinite equidistant grid: a sum of three geometric series.
    """
    if rate * step >= 2:
        return
    stride = min(max(1, round(min(_TAIL_SPACING, 2.0 / rate) / step)), (weight.size - 1) // 2)
    weight[: 2 * stride + 1 : stride] *= _closing(rate + np.arange(3.0), step, stride)


def _close_tails(weight: FloatArray, rate: FloatArray, step: float) -> None:
    """The same for rows of weights (n, nodes) with a rate each (n,)."""
    stride = np.clip(np.rint(np.minimum(_TAIL_SPACING, 2.0 / rate) / step), 1, (weight.shape[1] - 1) // 2)
    for each in np.unique(stride).astype(np.intp).tolist():
        rows = np.flatnonzero((stride == each) & (rate * step < 2))
        weight[rows, : 2 * each + 1 : each] *= _closing(rate[rows, None] + np.arange(3.0), step, each)


def _closing(rates: FloatArray, step: float, stride: int) -> FloatArray:
    """By what the weights of three nodes grow, (..., 3), to stand for functions that fall at these rates, (..., 3)."""
    exponents = rates * step
    powers = np.exp(exponents[..., None] * stride * np.arange(3.0))
    return np.asarray(1.0 + np.linalg.solve(powers, 1.0 / np.expm1(exponents)[..., None])[..., 0], dtype=float)


def _log_odds_where_fallen(a: float, B: float, side: float) -> float:
    """Log-odds w on one side of the peak where p^a (1 - p)^B has fallen by e^-40, by bisection."""
    peak = math.log(a / B)

    def log_density(w: float) -> float:
        e = math.log1p(math.exp(-abs(w)))
        return -a * (max(-w, 0.0) + e) - B * (max(w, 0.0) + e)

    floor = log_density(peak) - _DEPTH
    near, far = peak, peak + side
    while log_density(far) > floor and abs(far) < 1e4:
        near, far = far, peak + 2.0 * (far - peak)
    for _ in range(30):
        middle = 0.5 * (near + far)
        near, far = (middle, far) if log_density(middle) > floor else (near, middle)
    return far


def _groups(B: FloatArray) -> list[FloatArray]:
    """Row numbers with equal B, one array per value."""
    order = np.argsort(B, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(B[order])) + 1) if B.size else []


@dataclass(frozen=True, slots=True)
class _Mixture:
    """int_0^h e^{-delta u} (1 + p u/A)^-(shape+1) du / A, mean over nodes p, for customers who differ in A alone."""

    p: FloatArray
    weight: FloatArray
    shape: float
    scale: float
    delta: float
    horizon: float

    def endless(self, A: FloatArray) -> FloatArray:
        """All share one grid of y = u/A: the mixture over p is worked out once, A enters by e^{-delta A y}."""
        scale = self.scale + self.delta * float(A.max())
        width = math.log1p(scale * self.horizon / float(A.min()))
        points, weights = panels(width, 0.0)
        y = np.expm1(width * points) / scale
        mixture = np.exp(-(self.shape + 1.0) * np.log1p(y[:, None] * self.p)) @ self.weight
        mixture *= weights * width * (y + 1.0 / scale)
        out = np.empty_like(A)
        step = max(1, _CHUNK_VALUES // y.size)
        for i in range(0, A.size, step):
            out[i : i + step] = np.exp(-self.delta * A[i : i + step, None] * y) @ mixture
        return out

    def finite(self, A: FloatArray) -> FloatArray:
        """Each customer has a grid of u up to the horizon."""
        scale = self.scale + abs(self.delta) * float(A.max())
        width = np.log1p(scale * self.horizon / A)
        points, weights = panels(float(width.max()), 0.0)
        out = np.empty_like(A)
        step = max(1, _CHUNK_VALUES // (points.size * self.p.size))
        for i in range(0, A.size, step):
            part = slice(i, i + step)
            y = np.expm1(width[part, None] * points) / scale
            mixture = np.exp(-(self.shape + 1.0) * np.log1p(y[:, :, None] * self.p)) @ self.weight
            kernel = np.exp(-self.delta * A[part, None] * y) * (y + 1.0 / scale)
            out[part] = (mixture * kernel * weights).sum(axis=1) * width[part]
        return out
