"""Gamma-function family and Gauss-Legendre nodes in numpy alone.

SciPy has these too, but importing it doubles the time to the first number in a worksheet, and the differences
ln Gamma(z + x) - ln Gamma(z) that make up the likelihoods lose their digits for large z when formed from two values.
Method: shift z to at least 10 by the recurrence, then Stirling's series (Abramowitz & Stegun 6.1.40, 6.3.18, 6.4.12).
"""

import math
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pyfuncs.models.arrays import FloatArray

F = TypeVar("F", np.float32, np.float64)

_LARGE = 10.0
_STEPS = np.arange(_LARGE)
_HALF_LOG_TWO_PI = 0.9189385332046727418


def log_gamma(z: FloatArray | float) -> FloatArray:
    """Ln Gamma(z) for z > 0, elementwise."""
    shifted, product, _, _ = _shift(z)
    return (
        (shifted - 0.5) * np.log(shifted)
        - shifted
        + _HALF_LOG_TWO_PI
        + _log_gamma_correction(shifted)
        - np.log(product)
    )


def polygammas(z: FloatArray | float) -> tuple[FloatArray, FloatArray]:
    """First and second derivative of ln Gamma(z) for z > 0 (digamma, trigamma), elementwise."""
    shifted, _, first, second = _shift(z)
    return np.log(shifted) + _digamma_correction(shifted) - first, _trigamma_large(shifted) + second


def log_rising(z: FloatArray | float, x: FloatArray) -> FloatArray:
    """ln[Gamma(z + x) / Gamma(z)] for z > 0, x >= 0: the log of the rising factorial, exact digits for large z too."""
    z, x = np.broadcast_arrays(np.asarray(z, dtype=float), x)
    big = np.maximum(z, _LARGE)
    value = (
        (big + x - 0.5) * np.log1p(x / big)
        + x * (np.log(big) - 1.0)
        + (_log_gamma_correction(big + x) - _log_gamma_correction(big))
    )
    small = z < _LARGE
    if small.any():
        value[small] = log_gamma(z[small] + x[small]) - log_gamma(z[small])
    return value


def log_beta(a: FloatArray | float, b: FloatArray | float) -> FloatArray:
    """Ln B(a, b) for a, b > 0, elementwise, without the large cancelling logarithms of three gamma functions."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    small, large = np.minimum(a, b), np.maximum(a, b)
    low = np.maximum(small, _LARGE)
    high = np.maximum(large, _LARGE)
    value = (
        _HALF_LOG_TWO_PI
        + 0.5 * (np.log1p(low / high) - np.log(low))
        - low * np.log1p(high / low)
        - high * np.log1p(low / high)
        + (_log_gamma_correction(low) + _log_gamma_correction(high) - _log_gamma_correction(low + high))
    )
    return np.where(small < _LARGE, log_gamma(small) - log_rising(large, small), value)


def log_ways(r: float, n: FloatArray) -> FloatArray:
    """Ln of Gamma(r + n)/(Gamma(r) n!), the negative binomial coefficient, for r > 0, n >= 0."""
    return -np.log(r + n) - log_beta(r, n + 1.0)


def log_rising_derivatives(z: FloatArray | float, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """First and second derivative of log_rising(z, x) in z."""
    if np.min(z) < _LARGE:
        (first, second), (first_z, second_z) = polygammas(z + x), polygammas(z)
        return first - first_z, second - second_z
    first = np.log1p(x / z) + (_digamma_correction(z + x) - _digamma_correction(np.asarray(z)))
    second = _trigamma_large(z + x) - _trigamma_large(np.asarray(z))
    return first, second


def normal_tails(z: FloatArray) -> FloatArray:
    """P(|Z| > |z|) of a standard normal Z, (n,)."""
    return np.array([math.erfc(abs(each) / math.sqrt(2.0)) for each in z.tolist()])


def chi_square_tail(value: float, degrees: int) -> float:
    """P(X > value) of a chi-square with whole degrees of freedom, value >= 0: a finite sum (A&S 26.4.4, 26.4.5)."""
    half = value / 2.0
    tail = math.erfc(math.sqrt(half)) if degrees % 2 else math.exp(-half)
    for shape in np.arange(0.5 if degrees % 2 else 1.0, degrees / 2.0):
        tail += math.exp(shape * math.log(half) - half - math.lgamma(shape + 1.0)) if half else 0.0
    return tail


def softplus(d: FloatArray) -> FloatArray:
    """ln(1 + e^d), elementwise; d may be -inf."""
    return np.maximum(d, 0.0) + np.log1p(np.exp(-np.abs(d)))


def expit(d: NDArray[F]) -> NDArray[F]:
    """1 / (1 + e^-d), elementwise, without overflow; d may be infinite."""
    e = np.exp(-np.abs(d))
    return np.asarray(np.where(d >= 0, 1.0, e) / (1.0 + e), dtype=d.dtype)


@lru_cache(maxsize=32)
def gauss_legendre(nodes: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return (points + 1.0) / 2.0, weights / 2.0


def _shift(z: FloatArray | float) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Z moved up to >= 10, with the product, the sum of 1/z and the sum of 1/z^2 of the values passed on the way."""
    shifted = np.array(z, dtype=float)
    product, first, second = np.ones_like(shifted), np.zeros_like(shifted), np.zeros_like(shifted)
    low = shifted < _LARGE
    if low.any():
        passed = shifted[low][:, None] + _STEPS
        on_the_way = passed < _LARGE
        inverse = on_the_way / passed
        product[low] = np.where(on_the_way, passed, 1.0).prod(axis=1)
        first[low], second[low] = inverse.sum(axis=1), (inverse * inverse).sum(axis=1)
        shifted[low] += on_the_way.sum(axis=1)
    return shifted, product, first, second


def _log_gamma_correction(z: FloatArray) -> FloatArray:
    i = 1.0 / z
    u = i * i
    return i * (
        1 / 12 - u * (1 / 360 - u * (1 / 1260 - u * (1 / 1680 - u * (1 / 1188 - u * (691 / 360360 - u * (1 / 156))))))
    )


def _digamma_correction(z: FloatArray) -> FloatArray:
    i = 1.0 / z
    u = i * i
    tail = 1 / 12 - u * (1 / 120 - u * (1 / 252 - u * (1 / 240 - u * (1 / 132 - u * (691 / 32760 - u * (1 / 12))))))
    return -0.5 * i - u * tail


def _trigamma_large(z: FloatArray) -> FloatArray:
    i = 1.0 / z
    u = i * i
    tail = 1 / 6 - u * (1 / 30 - u * (1 / 42 - u * (1 / 30 - u * (5 / 66 - u * (691 / 2730 - u * (7 / 6))))))
    return i + 0.5 * u + u * i * tail
