"""Negative log-likelihood of the Pareto/NBD with exact gradient and Hessian in log-parameters.

The likelihood of a history is a sum over {alive at T} and an integral over the time of death. At the quadrature nodes
each of these branches has simple derivatives, so gradient and Hessian are posterior moments over the branches:
gradient = E[g], Hessian = E[h] + E[g g'] - E[g] E[g]'.
"""

from dataclasses import dataclass

import numpy as np

from pyfuncs.models.arrays import FloatArray, IntArray
from pyfuncs.models.compression import Histories
from pyfuncs.models.lifetime import death_integrand
from pyfuncs.models.objectives import CountTerm, Triple
from pyfuncs.models.quadrature import Integrand, Window, batches, rule, window
from pyfuncs.models.special import expit

_CHUNK_NODES = 1 << 13


@dataclass(frozen=True, slots=True)
class ParetoObjective:
    """Pareto/NBD; theta = ln(r, alpha, s, beta)."""

    histories: Histories

    def __call__(self, theta: FloatArray) -> Triple:
        """Value, gradient and Hessian at theta."""
        r, alpha, s, beta = np.exp(theta)
        h = self.histories
        value, first, second = CountTerm.of(h.x, h.count)(r)
        gradient = np.array([r * first, 0.0, 0.0, 0.0])
        hessian = np.diag(np.array([r * r * second + r * first, 0.0, 0.0, 0.0]))
        R, A, B, gap = r + h.x, alpha + h.t_x, beta + h.t_x, h.T - h.t_x
        f, low, high, log_factor = death_integrand(R, s, A, B, gap)
        w = window(f, low, high)
        log_factor = log_factor + R * np.log1p(gap / A) + s * np.log1p(gap / B) + w.peak
        parameters = (float(r), float(alpha), float(s), float(beta))
        for rows, nodes in batches(w, _CHUNK_NODES):
            v, g, H = _moments(h, parameters, rows, *_branches(h, parameters, rows, nodes, f, w, log_factor))
            value, gradient, hessian = value + v, gradient + g, hessian + H
        return -value, -gradient, -hessian


def _branches(
    h: Histories,
    parameters: tuple[float, float, float, float],
    rows: IntArray,
    nodes: int,
    f: Integrand,
    w: Window,
    log_factor: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """End of life of each branch (last column: alive, T), its posterior weight, and the log-odds of being dead."""
    _, alpha, _, beta = parameters
    points, weights = rule(nodes)
    width = w.high[rows] - w.low[rows]
    v = w.low[rows, None] + width[:, None] * points
    density = np.exp(f.take(rows).phi(v) - w.peak[rows, None]) * weights
    total = density.sum(axis=1)
    with np.errstate(divide="ignore"):
        odds = np.log(total * width) + log_factor[rows]
    t_x = h.t_x[rows]
    ends = np.empty((rows.size, nodes + 1))
    ends[:, :-1] = t_x[:, None] + (min(alpha, beta) + t_x)[:, None] * np.expm1(v)
    ends[:, -1] = h.T[rows]
    posterior = np.empty_like(ends)
    posterior[:, :-1] = density * (expit(odds) / total)[:, None]
    posterior[:, -1] = expit(-odds)
    return ends, posterior, odds


def _moments(
    h: Histories,
    parameters: tuple[float, float, float, float],
    rows: IntArray,
    ends: FloatArray,
    posterior: FloatArray,
    odds: FloatArray,
) -> Triple:
    """Log-likelihood of the rows without the gamma functions, its gradient and Hessian."""
    r, alpha, s, beta = parameters
    x, T, c = h.x[rows], h.T[rows], h.count[rows]
    alive = -r * np.log1p(T / alpha) - x * np.log(alpha + T) - s * np.log1p(T / beta)
    value = float(c @ (alive + np.logaddexp(0.0, odds)))
    died = np.ones(ends.shape[1])
    died[-1] = 0.0
    x = x[:, None]
    share_a, share_b = 1.0 / (alpha + ends), 1.0 / (beta + ends)
    slopes = np.stack(
        [
            -r * np.log1p(ends / alpha),
            (r * ends - alpha * x) * share_a,
            died - s * np.log1p(ends / beta),
            (s * ends - beta * died) * share_b,
        ]
    )
    mean = (slopes * posterior).sum(axis=2)
    weight = posterior * c[:, None]
    flat = slopes.reshape(4, -1)
    hessian = (flat * weight.ravel()) @ flat.T - (mean * c) @ mean.T
    away_a, away_b = ends * share_a, ends * share_b
    hessian[0, 0] += (weight * slopes[0]).sum()
    hessian[1, 1] -= alpha * (weight * (r + x) * away_a * share_a).sum()
    hessian[2, 2] += (weight * (slopes[2] - died)).sum()
    hessian[3, 3] -= beta * (weight * (s + died) * away_b * share_b).sum()
    cross_a, cross_b = r * (weight * away_a).sum(), s * (weight * away_b).sum()
    hessian[0, 1] += cross_a
    hessian[1, 0] += cross_a
    hessian[2, 3] += cross_b
    hessian[3, 2] += cross_b
    return value, mean @ c, hessian
