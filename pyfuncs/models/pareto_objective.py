"""Negative log-likelihood of the Pareto/NBD with exact gradient and Hessian in log-parameters.

The likelihood of a history is a sum over {alive at T} and an integral over the time of death. At the quadrature nodes
each of these branches has simple derivatives, so gradient and Hessian are posterior moments over the branches:
gradient = E[g], Hessian = E[h] + E[g g'] - E[g] E[g]'. With q_a = alpha/(alpha + end of life), q_b = beta/(beta + end)
and d = 1 for the dead, 0 for the alive,

    g = (-r ln(1/q_a),  r - (r + x) q_a,  d - s ln(1/q_b),  s - (s + d) q_b).
"""

from collections.abc import Iterator
from dataclasses import dataclass
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
_STRETCH = 1 << 14  # rows whose windows fit into the cache


class _Parameters(NamedTuple):
    """Alpha and beta are those of everybody, or each row's own."""

    r: float
    alpha: float | FloatArray
    s: float
    beta: float | FloatArray

    def take(self, rows: IntArray | slice) -> "_Parameters":
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
        value, first, second = self._purchases(p.r)
        gradient = np.array([p.r * first, 0.0, 0.0, 0.0])
        hessian = np.diag([p.r * p.r * second + p.r * first, 0.0, 0.0, 0.0])
        for _, found in _in_batches(p, self._h):
            v, g, H = _summed(found)
            value, gradient, hessian = value + v, gradient + g, hessian + H
        return -value, -gradient, -hessian


def by_row(
    h: Histories, r: float, alpha: FloatArray, s: float, beta: FloatArray
) -> Iterator[tuple[IntArray, FloatArray, FloatArray, FloatArray]]:
    """Batches of rows (m,) with log-likelihood (m,), gradient (4, m) and Hessian (4, 4, m) of each, count times.

    In ln(r, alpha, s, beta), where alpha and beta are each row's own (n,); without the gamma functions of r. Of the
    Hessian only what lies on the diagonal and above is meant.
    """
    for rows, found in _in_batches(_Parameters(r, alpha, s, beta), h):
        yield rows, *_row_by_row(found)


@dataclass(frozen=True, slots=True)
class _Ends:
    """Branches of the histories by their end of life, (branches, rows) each, and how probable each is, count times.

    Of alpha and of beta log is ln(1/q) and rest 1 - q; died is 1 for the dead and 0 for the alive.
    """

    p: _Parameters
    x: FloatArray
    log_a: FloatArray
    rest_a: FloatArray
    log_b: FloatArray
    rest_b: FloatArray
    weight: FloatArray
    died: float

    def slopes(self) -> FloatArray:
        """The slopes g of the branches, (4, branches, rows)."""
        g = np.empty((4, *self.weight.shape))
        np.multiply(self.log_a, -self.p.r, out=g[0])
        np.subtract((self.p.r + self.x) * self.rest_a, self.x, out=g[1])
        np.subtract(self.died, self.p.s * self.log_b, out=g[2])
        np.subtract((self.p.s + self.died) * self.rest_b, self.died, out=g[3])
        return g


@dataclass(frozen=True, slots=True)
class _Likelihood:
    """Of some histories: log-likelihood and P(alive) of each, (rows,), how often there is each, and its branches."""

    value: FloatArray
    p_alive: FloatArray
    count: FloatArray
    dead: _Ends
    alive: _Ends


def _in_batches(p: _Parameters, h: Histories) -> Iterator[tuple[IntArray, _Likelihood]]:
    """Rows that take the same number of nodes, and their likelihood without the gamma functions."""
    for i in range(0, h.x.size, _STRETCH):
        part, own = h.take(slice(i, i + _STRETCH)), p.take(slice(i, i + _STRETCH))
        R, A, B, gap = p.r + part.x, own.alpha + part.t_x, own.beta + part.t_x, part.T - part.t_x
        f, low, high, log_factor = death_integrand(R, p.s, A, B, gap)
        w = window(f, low, high)
        log_factor = log_factor + R * np.log1p(gap / A) + p.s * np.log1p(gap / B) + w.peak
        for rows, nodes in batches(w, _CHUNK_NODES):
            found = _likelihood(own.take(rows), part.take(rows), f.take(rows), w.take(rows), nodes, log_factor[rows])
            yield rows + i, found


def _likelihood(
    p: _Parameters, h: Histories, f: Integrand, w: Window, nodes: int, log_factor: FloatArray
) -> _Likelihood:
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
    posterior *= h.count * expit(odds) / total
    # v and ln(1 + mixed) are the growths of min(alpha, beta) + t_x and of the other one until death
    alpha_first = p.alpha <= p.beta
    log_end_a, log_end_b = _swapped_unless(alpha_first, v, log_mixed)
    end_a, end_b = _swapped_unless(alpha_first, grown, mixed)
    log_a, q_a = np.log1p(h.t_x / p.alpha) + log_end_a, p.alpha / (p.alpha + h.t_x) / (1.0 + end_a)
    log_b, q_b = np.log1p(h.t_x / p.beta) + log_end_b, p.beta / (p.beta + h.t_x) / (1.0 + end_b)
    dead = _Ends(p, h.x, log_a, 1.0 - q_a, log_b, 1.0 - q_b, posterior, died=1.0)
    log_a, log_b, p_alive = np.log1p(h.T / p.alpha), np.log1p(h.T / p.beta), expit(-odds)
    value = softplus(odds) - p.r * log_a - h.x * np.log(p.alpha + h.T) - p.s * log_b
    rest_a, rest_b = h.T / (p.alpha + h.T), h.T / (p.beta + h.T)
    living = h.count * p_alive
    alive = _Ends(p, h.x, log_a[None], rest_a[None], log_b[None], rest_b[None], living[None], died=0.0)
    return _Likelihood(value, p_alive, h.count, dead, alive)


def _swapped_unless(
    kept: bool | NDArray[np.bool_], first: FloatArray, second: FloatArray
) -> tuple[FloatArray, FloatArray]:
    if np.all(kept):
        return first, second
    if not np.any(kept):
        return second, first
    return np.where(kept, first, second), np.where(kept, second, first)


def _summed(found: _Likelihood) -> Triple:
    """Log-likelihood of the rows together, its gradient and Hessian."""
    first, hessian = np.zeros((4, found.count.size)), np.zeros((4, 4))
    for ends in (found.dead, found.alive):
        slopes = ends.slopes()
        weighted = slopes * ends.weight
        hessian += weighted.reshape(4, -1) @ slopes.reshape(4, -1).T
        for i, shape, rest in ((1, ends.p.r, ends.rest_a), (3, ends.p.s, ends.rest_b)):
            cross = shape * np.vdot(ends.weight, rest)  # h of alpha: -R q_a (1 - q_a) = (g - r)(1 - q_a)
            hessian[i, i] += np.vdot(weighted[i], rest) - cross
            hessian[i - 1, i] += cross
            hessian[i, i - 1] += cross
        first += weighted.sum(axis=1)
    gradient = first.sum(axis=1)
    hessian -= (first / found.count) @ first.T
    hessian[0, 0] += gradient[0]
    hessian[2, 2] += gradient[2] - found.count @ (1.0 - found.p_alive)
    return float(found.count @ found.value), gradient, hessian


def _row_by_row(found: _Likelihood) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The same of each row alone, (rows,), (4, rows) and (4, 4, rows), of the last only diagonal and above."""
    first, hessian = np.zeros((4, found.count.size)), np.zeros((4, 4, found.count.size))
    for ends in (found.dead, found.alive):
        slopes = ends.slopes()
        weighted = slopes * ends.weight
        for i in range(4):
            for j in range(i, 4):
                hessian[i, j] += np.einsum("kn,kn->n", weighted[i], slopes[j])
        for i, shape, rest in ((1, ends.p.r, ends.rest_a), (3, ends.p.s, ends.rest_b)):
            cross = shape * np.einsum("kn,kn->n", ends.weight, rest)
            hessian[i, i] += np.einsum("kn,kn->n", weighted[i], rest) - cross
            hessian[i - 1, i] += cross
        first += weighted.sum(axis=1)
    hessian -= first[:, None] * first / found.count
    hessian[0, 0] += first[0]
    hessian[2, 2] += first[2] - found.count * (1.0 - found.p_alive)
    return found.count * found.value, first, hessian
