"""Integrals over an exponential lifetime with gamma-distributed rate: the pieces of the Pareto/NBD.

R, A: shape and rate of the purchase rate's gamma distribution given the history; s, B: those of the dropout rate.
"""

import math

import numpy as np

from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.quadrature import Integrand, log_integral, panels

_DEPTH = 40.0
_FAR_LEFT = -1e4
_CHUNK_VALUES = 1 << 18


def log_death(R: FloatArray, s: float, A: FloatArray, B: FloatArray, gap: FloatArray) -> FloatArray:
    """Ln of s int_0^gap (1 + y/A)^-R (1 + y/B)^-s dy/(B + y), (n,): dies within the gap without a purchase before."""
    f, low, high, log_factor = death_integrand(R, s, A, B, gap)
    with np.errstate(divide="ignore"):
        return log_integral(f, low, high) + log_factor


def death_integrand(
    R: FloatArray, s: float, A: FloatArray, B: FloatArray, gap: FloatArray
) -> tuple[Integrand, FloatArray, FloatArray, FloatArray]:
    """The integral of log_death in v = ln(1 + y/min(A, B)): integrand, limits, and the ln of what multiplies it.

    In v one of the two powers is a straight line, and the integrand is log-concave.
    """
    c = np.minimum(A, B)
    alpha_first = A <= B
    power = np.where(alpha_first, s + 1.0, R)
    other = np.where(alpha_first, B, A)
    slope = 1.0 - np.where(alpha_first, R, s + 1.0)
    f = Integrand(slope, ((power, c / other, (other - c) / other),))
    return f, np.zeros_like(c), np.log1p(gap / c), np.log(s) + np.log(c / B)


def expected_lifetime(s: float, B: FloatArray, t: FloatArray | float) -> FloatArray:
    """int_0^t (B/(B + u))^s du: expected time alive within t; also at s = 1, where it is B ln(1 + t/B)."""
    log_growth = np.log1p(t / B)
    exponent = (1.0 - s) * log_growth
    safe = np.where(np.abs(exponent) < 1e-8, 1.0, exponent)
    ratio = np.where(np.abs(exponent) < 1e-8, 1.0 + exponent / 2.0, np.expm1(exponent) / safe)
    return np.asarray(B * log_growth * ratio, dtype=float)


def discounted_lifetime(s: float, B: FloatArray, delta: float, t: float) -> FloatArray:
    """int_0^t e^{-delta u} (B/(B + u))^s du, (n,); at t = inf it is B e^z E_s(z) = B U(1, 2-s, z), z = delta B."""
    if delta == 0:
        return B / (s - 1.0) if math.isinf(t) else expected_lifetime(s, B, t)
    if not B.size:
        return B
    width = np.log1p(t / B)
    if delta > 0:  # no further than where the integrand has fallen by e^-40
        z = delta * B
        rise = max(1.0 - s, 0.0) * np.log1p((_DEPTH + 60.0) / z)
        width = np.minimum(width, np.log1p((_DEPTH + rise) / z))
    if s > 1 and delta > 0:
        width = np.minimum(width, _DEPTH / (s - 1.0))
    fall = np.abs(delta * B * np.expm1(np.minimum(width, 1.0))) + abs(s - 1.0) * width
    points, weights = panels(float(width.max()), min(float(fall.max()), _DEPTH))
    out = np.empty_like(B)
    step = max(1, _CHUNK_VALUES // points.size)
    for i in range(0, B.size, step):
        part = slice(i, i + step)
        v = width[part, None] * points
        out[part] = np.exp((1.0 - s) * v - delta * B[part, None] * np.expm1(v)) @ weights
    return out * B * width


def count_and_dead(
    n: FloatArray, t: FloatArray, r: float, alpha: float, s: float, beta: float
) -> tuple[FloatArray, FloatArray]:
    """Ln of (t/(alpha+t))^n (alpha/(alpha+t))^r S(t), and of the same integrated over the death time y < t.

    S(y) = (beta/(beta + y))^s; all (k,). The integral runs over v = ln(y/peak) from -inf to ln(t/peak), where peak is
    the death time of the largest integrand: measured there, no large exponents cancel.
    """

    def log_value(n: FloatArray, y: FloatArray) -> FloatArray:
        return -n * np.log1p(alpha / y) - r * np.log1p(y / alpha) - s * np.log1p(y / beta)

    alive = np.where(n > 0, -np.inf, 0.0)
    dead = np.full(t.shape, -np.inf)
    rows = np.flatnonzero(t > 0)
    if rows.size:
        n, t = n[rows], t[rows]
        alive[rows] = log_value(n, t)
        peak = np.minimum(_likeliest_death(n, r, alpha, s, beta), t)
        first = (n + r, peak / (alpha + peak), alpha / (alpha + peak))
        second = (np.full(t.shape, s + 1.0), peak / (beta + peak), beta / (beta + peak))
        integral = log_integral(Integrand(n + 1.0, (first, second)), np.full(t.shape, _FAR_LEFT), np.log(t / peak))
        dead[rows] = integral + log_value(n, peak) + np.log(s) + np.log(peak / (beta + peak))
    return alive, dead


def _likeliest_death(n: FloatArray, r: float, alpha: float, s: float, beta: float) -> FloatArray:
    """Where y^(n+1) (alpha + y)^-(n+r) (beta + y)^-(s+1) is largest: (r + s) y^2 - b y - (n + 1) alpha beta = 0."""
    b = (n - s) * alpha + (1.0 - r) * beta
    product = 4.0 * (r + s) * (n + 1.0) * alpha * beta
    larger = np.sqrt(b * b + product) + np.abs(b)
    return np.where(b > 0, larger, product / larger) / (2.0 * (r + s))
