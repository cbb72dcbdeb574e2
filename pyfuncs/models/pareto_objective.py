"""Negative log-likelihood of the Pareto/NBD with exact gradient and Hessian in log-parameters.

The likelihood of a history is a sum over {alive at T} and an integral over the time of death. At the quadrature nodes
each of these branches has simple derivatives, so gradient and Hessian are posterior moments over the branches:
gradient = E[g], Hessian = E[h] + E[g g'] - E[g] E[g]'. With q_a = alpha/(alpha + end of life), q_b = beta/(beta + end)
and d = 1 for the dead, 0 for the alive,

    g = (-r ln(1/q_a),  r - (r + x) q_a,  d - s ln(1/q_b),  s - (s + d) q_b).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyfuncs.models.arrays import FloatArray, IntArray
from pyfuncs.models.compression import Histories
from pyfuncs.models.lifetime import death_integrand
from pyfuncs.models.objectives import CountTerm, Triple
from pyfuncs.models.quadrature import Integrand, Window, batches, rule, window
from pyfuncs.models.special import expit, softplus

_CHUNK_NODES = 1 << 13


class _Parameters(NamedTuple):
    """Alpha and beta are those of everybody, or each row's own."""

    r: float
    alpha: float | FloatArray
    s: float
    beta: float | FloatArray

    def take(self, rows: IntArray) -> "_Parameters":
        """The parameters of some of the rows."""
        if isinstance(self.alpha, float) or isinstance(self.beta, float):
            return self
        return self._replace(alpha=self.alpha[rows], beta=self.beta[rows])


class ParetoObjective:
    """Pareto/NBD; theta = ln(r, alpha/unit, s, beta/unit)."""

    def __init__(self, h: Histories, unit: float = 1.0) -> None:
        self._h, self._unit = h, unit
        self._purchases = CountTerm.of(h.x, h.count)

    def __call__(self, theta: FloatArray) -> Triple:
        """Value, gradient and Hessian at theta."""
        p = _Parameters(*(np.exp(theta) * [1.0, self._unit, 1.0, self._unit]).tolist())
        h = self._h
        value, first, second = self._purchases(p.r)
        gradient = np.array([p.r * first, 0.0, 0.0, 0.0])
        hessian = np.diag([p.r * p.r * second + p.r * first, 0.0, 0.0, 0.0])
        for _, branches in _in_batches(p, h):
            v, g, H = branches.total()
            value, gradient, hessian = value + v, gradient + g, hessian + H
        return -value, -gradient, -hessian


def by_row(
    h: Histories, r: float, alpha: FloatArray, s: float, beta: FloatArray
) -> Iterator[tuple[IntArray, FloatArray, FloatArray, FloatArray]]:
    """Batches of rows (m,) with log-likelihood (m,), gradient (4, m) and Hessian (4, 4, m) of each, count times.

    In ln(r, alpha, s, beta), where alpha and beta are each row's own (n,); without the gamma functions of r. Of the
    Hessian only what lies on the diagonal and above is meant.
    """
    for rows, branches in _in_batches(_Parameters(r, alpha, s, beta), h):
        yield rows, *branches.by_row()


def _in_batches(p: _Parameters, h: Histories) -> Iterator[tuple[IntArray, "_Branches"]]:
    R, A, B, gap = p.r + h.x, p.alpha + h.t_x, p.beta + h.t_x, h.T - h.t_x
    f, low, high, log_factor = death_integrand(R, p.s, A, B, gap)
    w = window(f, low, high)
    log_factor = log_factor + R * np.log1p(gap / A) + p.s * np.log1p(gap / B) + w.peak
    for rows, nodes in batches(w, _CHUNK_NODES):
        part = h.take(rows, h.count[rows])
        yield rows, _Branches(p.take(rows), part, f.take(rows), w.take(rows), nodes, log_factor[rows])


class _Branches:
    """Alive at T or dead before, by time of death: the posterior of each and what each says about the parameters."""

    __slots__ = ("_alive", "_count", "_dead", "_mean", "_p_alive", "_posterior", "_value")

    def __init__(
        self, p: _Parameters, h: Histories, f: Integrand, w: Window, nodes: int, log_factor: FloatArray
    ) -> None:
        points, weights = (each[:, None] for each in rule(nodes))
        width = w.high - w.low
        v = w.low + width * points  # (nodes, rows)
        grown = np.expm1(v)
        ((power, share, _),) = f.terms
        mixed = share * grown
        log_mixed = np.log1p(mixed)
        posterior = np.exp(f.slope * v - power * log_mixed - w.peak) * weights
        total = posterior.sum(axis=0)
        with np.errstate(divide="ignore"):
            odds = np.log(total * width) + log_factor
        posterior *= expit(odds) / total
        # v and ln(1 + mixed) are the growths of min(alpha, beta) + t_x and of the other one until death
        alpha_first = p.alpha <= p.beta
        log_end_a, log_end_b = _swapped_unless(alpha_first, v, log_mixed)
        end_a, end_b = _swapped_unless(alpha_first, grown, mixed)
        log_a, q_a = np.log1p(h.t_x / p.alpha) + log_end_a, p.alpha / (p.alpha + h.t_x) / (1.0 + end_a)
        log_b, q_b = np.log1p(h.t_x / p.beta) + log_end_b, p.beta / (p.beta + h.t_x) / (1.0 + end_b)
        self._dead = _Ends(p, h.x, log_a, q_a, log_b, q_b, died=1.0)
        log_a, log_b = np.log1p(h.T / p.alpha), np.log1p(h.T / p.beta)
        self._alive = _Ends(p, h.x, log_a, p.alpha / (p.alpha + h.T), log_b, p.beta / (p.beta + h.T), died=0.0)
        self._posterior, self._p_alive, self._count = posterior, expit(-odds), h.count
        self._value = softplus(odds) - p.r * log_a - h.x * np.log(p.alpha + h.T) - p.s * log_b
        self._mean = np.einsum("pkn,kn->pn", self._dead.slopes, posterior) + self._alive.slopes * self._p_alive

    def total(self) -> Triple:
        """Log-likelihood of the rows without the gamma functions, its gradient and Hessian."""
        count, mean = self._count, self._mean
        gradient = mean @ count
        hessian = self._alive.second_moments(count * self._p_alive) + self._dead.second_moments(count * self._posterior)
        hessian -= (mean * count) @ mean.T
        hessian[0, 0] += gradient[0]
        hessian[2, 2] += gradient[2] - count @ (1.0 - self._p_alive)
        return float(count @ self._value), gradient, hessian

    def by_row(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The same row by row: (m,), (4, m), (4, 4, m)."""
        mean, one = self._mean, np.ones((1, self._count.size))
        hessian = self._alive.moments_by_row(self._p_alive * one) + self._dead.moments_by_row(self._posterior)
        hessian -= mean[:, None] * mean
        hessian[0, 0] += mean[0]
        hessian[2, 2] += mean[2] - (1.0 - self._p_alive)
        return self._count * self._value, self._count * mean, self._count * hessian


def _swapped_unless(
    kept: bool | NDArray[np.bool_], first: FloatArray, second: FloatArray
) -> tuple[FloatArray, FloatArray]:
    if np.all(kept):
        return first, second
    if not np.any(kept):
        return second, first
    return np.where(kept, first, second), np.where(kept, second, first)


class _Ends:
    """Branches of the histories by their end of life, (rows,) or (nodes, rows): slopes g (4, ...) and their bends."""

    __slots__ = ("_bends", "slopes")

    def __init__(
        self, p: _Parameters, x: FloatArray, log_a: FloatArray, q_a: FloatArray, log_b: FloatArray, q_b: FloatArray,
        *, died: float,
    ) -> None:  # fmt: skip
        R, S = p.r + x, p.s + died
        self.slopes = np.empty((4, *q_a.shape))
        np.multiply(log_a, -p.r, out=self.slopes[0])
        np.subtract(p.r, R * q_a, out=self.slopes[1])
        np.subtract(died, p.s * log_b, out=self.slopes[2])
        np.subtract(p.s, S * q_b, out=self.slopes[3])
        rest_a, rest_b = 1.0 - q_a, 1.0 - q_b
        self._bends = (-R * q_a * rest_a, p.r * rest_a, -S * q_b * rest_b, p.s * rest_b)

    def second_moments(self, weight: FloatArray) -> FloatArray:
        """Weighted sum of g g' and of those parts of h that are not g itself, (4, 4)."""
        weight = weight.ravel()
        flat = self.slopes.reshape(4, -1)
        out = (flat * weight) @ flat.T
        alpha, cross_a, beta, cross_b = (float(bend.ravel() @ weight) for bend in self._bends)
        out[1, 1] += alpha
        out[3, 3] += beta
        for i, j, cross in ((0, 1, cross_a), (2, 3, cross_b)):
            out[i, j] += cross
            out[j, i] += cross
        return out

    def moments_by_row(self, weight: FloatArray) -> FloatArray:
        """The same for each row alone, (4, 4, rows), above the diagonal and on it."""
        slopes = self.slopes.reshape(4, *weight.shape)
        out = np.zeros((4, 4, weight.shape[1]))
        for i in range(4):
            weighted = slopes[i] * weight
            for j in range(i, 4):
                out[i, j] = np.einsum("kn,kn->n", weighted, slopes[j])
        alpha, cross_a, beta, cross_b = (
            np.einsum("kn,kn->n", bend.reshape(weight.shape), weight) for bend in self._bends
        )
        out[1, 1] += alpha
        out[3, 3] += beta
        out[0, 1] += cross_a
        out[2, 3] += cross_b
        return out
