"""Negative log-likelihood of the BG/BB with exact gradient and Hessian in log-parameters.

The likelihood of a history is a sum over {alive at T} and the opportunities after which the customer may have left.
Each of these branches is a product of rising factorials of whole numbers, so gradient and Hessian are posterior moments
over the branches, as for Pareto/NBD: gradient = E[g], Hessian = E[h] + E[g g'] - E[g] E[g]'.
"""

from dataclasses import dataclass

import numpy as np

from pyfuncs.models.arrays import FloatArray, IntArray
from pyfuncs.models.bgbb import branches
from pyfuncs.models.compression import Histories
from pyfuncs.models.objectives import Triple

Tables = tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class BGBBObjective:
    """BG/BB; theta = ln(alpha, beta, gamma, delta); T counts opportunities."""

    histories: Histories

    def __call__(self, theta: FloatArray) -> Triple:
        """Value, gradient and Hessian at theta."""
        alpha, beta, gamma, delta = (float(p) for p in np.exp(theta))
        h = self.histories
        tables = _rising(np.array([alpha, beta, alpha + beta, gamma, delta, gamma + delta]), int(h.T.max()) + 1)
        alive = _Branch(tables, h.x.astype(np.intp), h.T.astype(np.intp), left=False)
        value, gradient, hessian = 0.0, np.zeros(4), np.zeros((4, 4))
        settled = np.ones(h.x.size, dtype=bool)
        for rows, starts, owner, m in branches(h.t_x, h.T):
            settled[rows] = False
            left = _Branch(tables, h.x[rows].astype(np.intp)[owner], m, left=True)
            last = alive.take(rows)
            peak = np.maximum(last.log, np.maximum.reduceat(left.log, starts))
            weight_left, weight_last = np.exp(left.log - peak[owner]), np.exp(last.log - peak)
            total = weight_last + np.add.reduceat(weight_left, starts)
            weight_left, weight_last = weight_left / total[owner], weight_last / total
            count = h.count[rows]
            mean = last.slopes * weight_last + np.add.reduceat(left.slopes * weight_left, starts, axis=1)
            value += float(count @ (peak + np.log(total)))
            gradient += mean @ count
            hessian += left.moments(weight_left * count[owner]) + last.moments(weight_last * count)
            hessian -= (mean * count) @ mean.T
        rest = alive.take(np.flatnonzero(settled))  # seen at the last opportunity, so alive
        count = h.count[settled]
        value += float(count @ rest.log)
        gradient += rest.slopes @ count
        hessian += rest.moments(count) - (rest.slopes * count) @ rest.slopes.T
        scale = np.array([alpha, beta, gamma, delta])
        return -value, -scale * gradient, -(np.outer(scale, scale) * hessian + np.diag(scale * gradient))


def _rising(z: FloatArray, most: int) -> Tables:
    """ln[Gamma(z + k)/Gamma(z)] and its first and second derivative in z, (len(z), most + 1) each, for k = 0..most."""
    factors = z[:, None] + np.arange(float(most))
    steps = np.stack((np.log(factors), 1.0 / factors, -1.0 / factors**2))
    log, first, second = np.concatenate((np.zeros((3, z.size, 1)), np.cumsum(steps, axis=2)), axis=2)
    return log, first, second


class _Branch:
    """Ways histories may have gone, (k,): x purchases in m opportunities lived through, then left or not."""

    __slots__ = ("bends", "log", "slopes")

    def __init__(self, tables: Tables, x: IntArray, m: IntArray, *, left: bool) -> None:
        # what alpha, beta and their sum rise by, and gamma, delta and their sum
        places = (x, m - x, m, np.full(m.shape, int(left)), m, m + left)
        log, slope, self.bends = (
            np.stack([row[at] for row, at in zip(table, places, strict=True)]) for table in tables
        )
        self.log = log[0] + log[1] - log[2] + log[3] + log[4] - log[5]
        self.slopes = slope[[0, 1, 3, 4]] - slope[[2, 2, 5, 5]]

    def take(self, rows: IntArray) -> "_Branch":
        """Some of the branches."""
        some = object.__new__(_Branch)
        some.log, some.slopes, some.bends = self.log[rows], self.slopes[:, rows], self.bends[:, rows]
        return some

    def moments(self, weight: FloatArray) -> FloatArray:
        """Weighted sum of h + g g', (4, 4): second derivatives of the likelihoods over the likelihoods."""
        out: FloatArray = (self.slopes * weight) @ self.slopes.T
        bought, missed, tried, leaves, stays, either = self.bends @ weight
        out[:2, :2] += np.diag([bought, missed]) - tried
        out[2:, 2:] += np.diag([leaves, stays]) - either
        return out
