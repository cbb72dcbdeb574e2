"""Negative log-likelihood of the Pareto/NBD with exact gradient and Hessian in log-parameters.

The likelihood of a history is a sum over {alive at T} and an integral over the time of death. At the quadrature nodes
each of these branches has simple derivatives, so gradient and Hessian are posterior moments over the branches:
gradient = E[g], Hessian = E[h] + E[g g'] - E[g] E[g]'. With q_a = alpha/(alpha + end of life), q_b = beta/(beta + end)
and d = 1 for the dead, 0 for the alive,

    g = (-r ln(1/q_a),  r - (r + x) q_a,  d - s ln(1/q_b),  s - (s + d) q_b).
"""

from typing import NamedTuple

import numpy as np

from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.compression import Histories
from pyfuncs.models.lifetime import death_integrand
from pyfuncs.models.objectives import CountTerm, Triple
from pyfuncs.models.quadrature import Integrand, Window, batches, rule, window
from pyfuncs.models.special import expit, softplus

_CHUNK_NODES = 1 << 13
_STRETCH = 1 << 14  # rows whose windows fit into the cache


class _Parameters(NamedTuple):
    r: float
    alpha: float
    s: float
    beta: float


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
        for i in range(0, h.x.size, _STRETCH):
            v, g, H = _likelihood(p, h.take(slice(i, i + _STRETCH)))
            value, gradient, hessian = value + v, gradient + g, hessian + H
        return -value, -gradient, -hessian


def _likelihood(p: _Parameters, h: Histories) -> Triple:
    """Log-likelihood without the gamma functions, its gradient and Hessian."""
    value, gradient, hessian = 0.0, np.zeros(4), np.zeros((4, 4))
    R, A, B, gap = p.r + h.x, p.alpha + h.t_x, p.beta + h.t_x, h.T - h.t_x
    f, low, high, log_factor = death_integrand(R, p.s, A, B, gap)
    w = window(f, low, high)
    log_factor = log_factor + R * np.log1p(gap / A) + p.s * np.log1p(gap / B) + w.peak
    for rows, nodes in batches(w, _CHUNK_NODES):
        v, g, H = _moments(p, h.take(rows), f.take(rows), w.take(rows), nodes, log_factor[rows])
        value, gradient, hessian = value + v, gradient + g, hessian + H
    return value, gradient, hessian


def _moments(p: _Parameters, h: Histories, f: Integrand, w: Window, nodes: int, log_factor: FloatArray) -> Triple:
    """The same for rows that take so many nodes each."""
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
    end_a, end_b = ((v, grown), (log_mixed, mixed)) if p.alpha <= p.beta else ((log_mixed, mixed), (v, grown))
    log_a, q_a = np.log1p(h.t_x / p.alpha) + end_a[0], p.alpha / (p.alpha + h.t_x) / (1.0 + end_a[1])
    log_b, q_b = np.log1p(h.t_x / p.beta) + end_b[0], p.beta / (p.beta + h.t_x) / (1.0 + end_b[1])
    p_alive, count = expit(-odds), h.count
    posterior *= count
    first, second = _slope_moments(p, h.x, log_a, q_a, log_b, q_b, posterior, died=1.0)
    log_a, log_b = np.log1p(h.T / p.alpha), np.log1p(h.T / p.beta)
    value = float(count @ (softplus(odds) - p.r * log_a - h.x * np.log(p.alpha + h.T) - p.s * log_b))
    q_a, q_b, living = p.alpha / (p.alpha + h.T), p.beta / (p.beta + h.T), count * p_alive
    first_alive, second_alive = _slope_moments(
        p, h.x, log_a[None], q_a[None], log_b[None], q_b[None], living[None], died=0.0
    )
    first += first_alive
    gradient = first.sum(axis=1)
    hessian = second + second_alive - (first / count) @ first.T
    hessian[0, 0] += gradient[0]
    hessian[2, 2] += gradient[2] - count @ (1.0 - p_alive)
    return value, gradient, hessian


def _slope_moments(
    p: _Parameters, x: FloatArray, log_a: FloatArray, q_a: FloatArray, log_b: FloatArray, q_b: FloatArray,
    weight: FloatArray, *, died: float,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Weighted sums over branches of the histories, each (branches, rows): of their slopes g by row, (4, rows), and of
    g g' and those parts of h that are not g itself, (4, 4).
    """
    rest_a, rest_b = 1.0 - q_a, 1.0 - q_b
    slopes = np.empty((4, *weight.shape))
    np.multiply(log_a, -p.r, out=slopes[0])
    np.subtract((p.r + x) * rest_a, x, out=slopes[1])
    np.subtract(died, p.s * log_b, out=slopes[2])
    np.subtract((p.s + died) * rest_b, died, out=slopes[3])
    weighted = slopes * weight
    second = weighted.reshape(4, -1) @ slopes.reshape(4, -1).T
    for i, shape, rest in ((1, p.r, rest_a), (3, p.s, rest_b)):  # h of alpha: -R q_a (1 - q_a) = (g - r)(1 - q_a)
        cross = shape * np.vdot(weight, rest)
        second[i, i] += np.vdot(weighted[i], rest) - cross
        second[i - 1, i] += cross
        second[i, i - 1] += cross
    return weighted.sum(axis=1), second
