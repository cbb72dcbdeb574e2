"""Negative log-likelihoods with exact gradient and Hessian in log-parameters, over distinct histories with counts.

Each objective is called with theta = ln(parameters) in the order of the model's fields and returns value, gradient (k,)
and Hessian (k, k). BG/NBD, MBG/NBD and Gamma-Gamma have closed forms; Pareto/NBD is in pareto_objective.
"""

from dataclasses import dataclass

import numpy as np

from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.compression import Histories, levels
from pyfuncs.models.special import log_gamma, log_rising, log_rising_derivatives, polygammas

# Larger chunks leave the cache and make BLAS start threads for dot products: ten times slower on small machines.
_CHUNK = 1 << 13
_LONGEST_PRODUCT = 4096

Triple = tuple[float, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class CountTerm:
    """Sum over customers of ln[Gamma(z + x)/Gamma(z)] = ln z + ... + ln(z + x - 1), with derivatives in z.

    `more` (m,) says how many customers have an x above 0, 1, ..., m - 1; the few beyond are counted by their x.
    """

    more: FloatArray
    far: FloatArray
    far_counts: FloatArray

    @classmethod
    def of(cls, x: FloatArray, count: FloatArray) -> "CountTerm":
        """From whole numbers x >= 0 and how many customers have each."""
        beyond = x > _LONGEST_PRODUCT
        steps = np.minimum(x, _LONGEST_PRODUCT).astype(np.intp)
        more = count.sum() - np.cumsum(np.bincount(steps, count))
        far, places = np.unique(x[beyond], return_inverse=True)
        return cls(np.maximum(more[:-1], 0.0), far, np.bincount(places, count[beyond]).astype(float))

    def __call__(self, z: float) -> tuple[float, float, float]:
        """Value, first and second derivative."""
        factors = z + np.arange(float(self.more.size))
        inverse = 1.0 / factors
        terms = float(self.more @ np.log(factors)), float(self.more @ inverse), -float(self.more @ (inverse * inverse))
        if not self.far.size:
            return terms
        start, rest = z + _LONGEST_PRODUCT, self.far - _LONGEST_PRODUCT
        beyond = (log_rising(start, rest), *log_rising_derivatives(start, rest))
        first, second, third = (term + float(self.far_counts @ each) for term, each in zip(terms, beyond, strict=True))
        return first, second, third


class BetaGeometricObjective:
    """BG/NBD (first_chance 0) and MBG/NBD (first_chance 1); theta = ln(r, alpha/unit, a, b).

    What depends on one column only is worked out for its levels and looked up for the histories.
    """

    def __init__(self, h: Histories, first_chance: int, unit: float = 1.0) -> None:
        self._unit = unit
        self._by_x, self._by_chances = CountTerm.of(h.x, h.count), CountTerm.of(h.x + first_chance, h.count)
        self._T, T_codes = levels(h.T)
        self._by_T = np.bincount(T_codes, h.count, self._T.size), np.bincount(T_codes, h.count * h.x, self._T.size)
        could_leave = h.x + first_chance > 0
        self._x, self._count = h.x[could_leave], h.count[could_leave]
        self._chances, self._chance_codes = levels(self._x + first_chance)
        self._t_x, self._t_x_codes = levels(h.t_x[could_leave])
        self._T_codes = T_codes[could_leave]

    def __call__(self, theta: FloatArray) -> Triple:
        """Value, gradient and Hessian at theta."""
        r, alpha, a, b = np.exp(theta) * [1.0, self._unit, 1.0, 1.0]
        value, gradient, hessian = self._counts(r, alpha, a, b)
        log_odds = np.log(a) - np.log(np.maximum(self._chances - 1.0, 0.0) + b)
        fading = b / (np.maximum(self._chances - 1.0, 0.0) + b)
        log_end, log_last = np.log(alpha + self._T), np.log(alpha + self._t_x)
        end, last = alpha / (alpha + self._T), alpha / (alpha + self._t_x)
        for i in range(0, self._x.size, _CHUNK):
            part = slice(i, i + _CHUNK)
            T, t_x, chances = self._T_codes[part], self._t_x_codes[part], self._chance_codes[part]
            R, count = r + self._x[part], self._count[part]
            waited, share_end, share_last = log_end[T] - log_last[t_x], end[T], last[t_x]
            d = log_odds[chances] + R * waited
            e = np.exp(-np.abs(d))
            value += float(count @ (np.maximum(d, 0.0) + np.log1p(e)))
            gone = np.where(d >= 0, 1.0, e) / (1.0 + e)
            dead = count * gone
            pull = R * (share_last - share_end)
            slopes = np.stack([r * waited, -pull, np.ones_like(d), -fading[chances]])
            hessian += (slopes * (dead * (1.0 - gone))) @ slopes.T
            first = slopes @ dead
            gradient += first
            hessian[0, 0] += first[0]
            hessian[1, 1] += dead @ (pull * (share_end + share_last - 1.0))
            hessian[3, 3] += dead @ (slopes[3] * (1.0 + slopes[3]))
            cross = r * (dead @ (share_end - share_last))
            hessian[0, 1] += cross
            hessian[1, 0] += cross
        return -value, -gradient, -hessian

    def _counts(self, r: float, alpha: float, a: float, b: float) -> Triple:
        """What is no matter of being alive: gamma functions of x, -r ln(1 + T/alpha) - x ln(alpha + T)."""
        by_r, by_b, by_ab = self._by_x(r), self._by_chances(b), self._by_chances(a + b)
        customers, bought = self._by_T
        growth, log_end, share = np.log1p(self._T / alpha), np.log(alpha + self._T), self._T / (alpha + self._T)
        grown, shared = float(customers @ growth), float(customers @ share)
        value = by_r[0] + by_b[0] - by_ab[0] - r * grown - float(bought @ log_end)
        alpha_slope = r * shared - float(bought @ (1.0 - share))
        gradient = np.array([r * (by_r[1] - grown), alpha_slope, -a * by_ab[1], b * (by_b[1] - by_ab[1])])
        hessian = np.diag(gradient)
        hessian[0, 0] += r * r * by_r[2]
        hessian[1, 1] = -float((r * customers + bought) @ (share * (1.0 - share)))
        hessian[2, 2] -= a * a * by_ab[2]
        hessian[3, 3] += b * b * (by_b[2] - by_ab[2])
        hessian[2, 3] = hessian[3, 2] = -a * b * by_ab[2]
        hessian[0, 1] = hessian[1, 0] = r * shared
        return value, gradient, hessian


class SpendObjective:
    """Gamma-Gamma; theta = ln(p, q, v/unit); x > 0 and m > 0, (n,)."""

    def __init__(self, x: FloatArray, m: FloatArray, unit: float = 1.0) -> None:
        self._x, self._z, self._unit = x, x * m, unit
        values, codes = levels(x)
        count = np.bincount(codes, minlength=values.size)
        self._levels, self._count = values[count > 0], count[count > 0].astype(float)
        log_z = np.log(self._z)
        self._log_m, self._x_log_z = float(np.log(m).sum()), float(x @ log_z)

    def __call__(self, theta: FloatArray) -> Triple:
        """Value, gradient and Hessian at theta."""
        p, q, v = np.exp(theta) * [1.0, 1.0, self._unit]
        count, x, n = self._count, self._levels, float(self._x.size)
        rising = log_rising(p * x, np.full(x.shape, q))
        ends = x.size, 2 * x.size
        psi, psi_p, psi_q, tri, tri_p, tri_q = (
            part for each in polygammas(np.concatenate((p * x + q, p * x, [q]))) for part in np.split(each, ends)
        )
        logs, x_logs, share, x_share, spread, x_spread = self._rows(float(v))
        high, low = logs - n * np.log(v), x_logs - self._x_log_z
        value = count @ rising - n * log_gamma(q) - q * high - p * low - self._log_m
        gradient = np.array(
            [
                p * (count @ (x * (psi - psi_p)) - low),
                q * (count @ psi - n * psi_q[0] - high),
                q * (n - share) - p * x_share,
            ]
        )
        hessian = np.diag(gradient)
        hessian[0, 0] += p * p * (count @ (x**2 * (tri - tri_p)))
        hessian[1, 1] += q * q * (count @ tri - n * tri_q[0])
        hessian[2, 2] = -(p * x_spread + q * spread)
        hessian[0, 1] = hessian[1, 0] = p * q * (count @ (x * tri))
        hessian[0, 2] = hessian[2, 0] = -p * x_share
        hessian[1, 2] = hessian[2, 1] = q * (n - share)
        return -float(value), -gradient, -hessian

    def _rows(self, v: float) -> FloatArray:
        """Sums of ln(v + z), of s = v/(v + z) and of s (1 - s) over customers, each also weighted by x."""
        sums = np.zeros((3, 2))
        for i in range(0, self._x.size, _CHUNK):
            x, total = self._x[i : i + _CHUNK], v + self._z[i : i + _CHUNK]
            share = v / total
            rows = np.stack([np.log(total), share, share * (1.0 - share)])
            sums += rows @ np.stack([np.ones_like(x), x], axis=1)
        return sums.ravel()
