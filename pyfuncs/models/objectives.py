"""Negative log-likelihoods with exact gradient and Hessian in log-parameters, over distinct histories with counts.

Each objective is called with theta = ln(parameters) in the order of the model's fields and returns value, gradient (k,)
and Hessian (k, k). BG/NBD, MBG/NBD and Gamma-Gamma have closed forms; Pareto/NBD is in pareto_objective.
"""

from dataclasses import dataclass

import numpy as np

from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.compression import Histories
from pyfuncs.models.special import (
    digamma,
    expit,
    log_gamma,
    log_rising,
    log_rising_derivatives,
    softplus,
    trigamma,
)

# Larger chunks leave the cache and make BLAS start threads for dot products: ten times slower on small machines.
_CHUNK = 1 << 13

Triple = tuple[float, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class CountTerm:
    """Sum over customers of ln[Gamma(z + x + shift)/Gamma(z)] by distinct x, with derivatives in z."""

    values: FloatArray
    counts: FloatArray

    @classmethod
    def of(cls, x: FloatArray, count: FloatArray) -> "CountTerm":
        """Collect the distinct x."""
        values, inverse = np.unique(x, return_inverse=True)
        return cls(values, np.bincount(inverse, count).astype(float))

    def __call__(self, z: float, shift: int = 0) -> tuple[float, float, float]:
        """Value, first and second derivative."""
        x = self.values + shift
        first, second = log_rising_derivatives(z, x)
        return float(self.counts @ log_rising(z, x)), float(self.counts @ first), float(self.counts @ second)


@dataclass(frozen=True, slots=True)
class BetaGeometricObjective:
    """BG/NBD (first_chance 0) and MBG/NBD (first_chance 1); theta = ln(r, alpha, a, b)."""

    histories: Histories
    first_chance: int

    def __call__(self, theta: FloatArray) -> Triple:
        """Value, gradient and Hessian at theta."""
        r, alpha, a, b = np.exp(theta)
        value, gradient, hessian = self._counts(r, a, b)
        h = self.histories
        for i in range(0, h.x.size, _CHUNK):
            part = slice(i, i + _CHUNK)
            v, g, H = self._rows(r, alpha, a, b, h.x[part], h.t_x[part], h.T[part], h.count[part])
            value, gradient, hessian = value + v, gradient + g, hessian + H
        return -value, -gradient, -hessian

    def _counts(self, r: float, a: float, b: float) -> Triple:
        """The gamma functions, which depend on x alone."""
        term = CountTerm.of(self.histories.x, self.histories.count)
        by_r, by_b = term(r), term(b, self.first_chance)
        by_ab = term(a + b, self.first_chance)
        gradient = np.array([r * by_r[1], 0.0, -a * by_ab[1], b * (by_b[1] - by_ab[1])])
        hessian = np.diag(gradient)
        hessian[0, 0] += r * r * by_r[2]
        hessian[2, 2] -= a * a * by_ab[2]
        hessian[3, 3] += b * b * (by_b[2] - by_ab[2])
        hessian[2, 3] = hessian[3, 2] = -a * b * by_ab[2]
        return by_r[0] + by_b[0] - by_ab[0], gradient, hessian

    def _rows(
        self, r: float, alpha: float, a: float, b: float, x: FloatArray, t_x: FloatArray, T: FloatArray, c: FloatArray
    ) -> Triple:
        """The rest: -r ln(1 + T/alpha) - x ln(alpha + T) + ln(1 + e^d), d the log-odds of having dropped out."""
        u, w, gap, R = alpha + T, alpha + t_x, T - t_x, r + x
        chances = x + self.first_chance
        survived = np.maximum(chances - 1.0, 0.0) + b
        waited, growth, pull = np.log1p(gap / w), np.log1p(T / alpha), gap / (u * w)
        d = np.where(chances > 0, np.log(a / survived) + R * waited, -np.inf)
        value = float(c @ (softplus(d) - r * growth - x * np.log(u)))
        dead = c * expit(d)
        slopes = np.stack([r * waited, -alpha * R * pull, np.ones_like(d), -b / survived])
        gradient = slopes @ dead
        hessian = (slopes * (dead * expit(-d))) @ slopes.T
        gradient[0] -= r * (c @ growth)
        gradient[1] += c @ ((r * T - alpha * x) / u)
        hessian[0, 0] += dead @ slopes[0] - r * (c @ growth)
        hessian[1, 1] += dead @ (alpha * R * pull * (alpha * (u + w) / (u * w) - 1.0)) - c @ (alpha * T * R / (u * u))
        hessian[3, 3] += dead @ ((b / survived) ** 2 - b / survived)
        cross = r * (c @ (T / u)) - r * alpha * (dead @ pull)
        hessian[0, 1] += cross
        hessian[1, 0] += cross
        return value, gradient, hessian


@dataclass(frozen=True, slots=True)
class SpendObjective:
    """Gamma-Gamma; theta = ln(p, q, v); x > 0 and m > 0, (n,)."""

    x: FloatArray
    m: FloatArray

    def __call__(self, theta: FloatArray) -> Triple:
        """Value, gradient and Hessian at theta."""
        p, q, v = np.exp(theta)
        x, z, n = self.x, self.x * self.m, float(self.x.size)
        levels, count = np.unique(x, return_counts=True)
        rising = log_rising(p * levels, np.full(levels.shape, q))
        psi, psi_p, psi_q = digamma(p * levels + q), digamma(p * levels), digamma(q)
        tri, tri_p, tri_q = trigamma(p * levels + q), trigamma(p * levels), trigamma(q)
        low, high, share = np.log1p(v / z), np.log1p(z / v), v / (v + z)
        value = count @ rising - n * log_gamma(q) - q * high.sum() - p * (x @ low) - np.log(self.m).sum()
        gradient = np.array(
            [
                p * (count @ (levels * (psi - psi_p)) - x @ low),
                q * (count @ psi - n * psi_q - high.sum()),
                float((q * (1.0 - share) - p * x * share).sum()),
            ]
        )
        hessian = np.diag(gradient)
        hessian[0, 0] += p * p * (count @ (levels**2 * (tri - tri_p)))
        hessian[1, 1] += q * q * (count @ tri - n * tri_q)
        hessian[2, 2] = -float((share * (1.0 - share) * (p * x + q)).sum())
        hessian[0, 1] = hessian[1, 0] = p * q * (count @ (levels * tri))
        hessian[0, 2] = hessian[2, 0] = -p * (x @ share)
        hessian[1, 2] = hessian[2, 1] = q * float((1.0 - share).sum())
        return -float(value), -gradient, -hessian
