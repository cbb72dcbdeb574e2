"""Negative log-likelihood of Pareto/NBD and BG/NBD with covariates, with exact gradient and Hessian.

Covariates enter as ln alpha_i = ln alpha - z_i'g and ln beta_i = ln beta - z_i'h (for BG/NBD, b in the place of beta).
Both are linear in the coefficients, so derivatives in these are sums over customers of the derivatives in a customer's
own ln(r, alpha, s, beta), weighted with 1 or -z_i.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from pyfuncs.models import pareto_objective
from pyfuncs.models.arrays import FloatArray, IntArray
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.compression import Histories
from pyfuncs.models.objectives import CountTerm, Triple
from pyfuncs.models.pareto_nbd import ParetoNBD
from pyfuncs.models.special import expit, log_rising, log_rising_derivatives, softplus

ByRow = Callable[
    [Histories, float, FloatArray, float, FloatArray],
    Iterator[tuple[IntArray | slice, FloatArray, FloatArray, FloatArray]],
]
"""See `pareto_objective.by_row`; the rows stand in falling order of x."""

_CHUNK = 1 << 13
_LONGEST_PRODUCT = 64
_FARTHEST = 300.0  # |ln alpha_i|, |ln beta_i|: where a search steps too far along a covariate with outliers


class CovariateObjective:
    """theta = (ln r, ln alpha, g (k), ln s, ln beta, h (k)); a and b for s and beta if the model is BG/NBD.

    `h` are distinct rows of history and covariates with their counts, `z` (rows, k) their covariates.
    """

    def __init__(self, model: type[ParetoNBD] | type[BGNBD], h: Histories, z: FloatArray) -> None:
        order = np.argsort(-h.x, kind="stable")
        self._by_row = _BY_ROW[model]
        self._h, self._purchases = h.take(order), CountTerm.of(h.x, h.count)
        self._shares = np.column_stack([np.ones(order.size), -z[order]])

    def __call__(self, theta: FloatArray) -> Triple:
        """Value, gradient and Hessian at theta; the value is inf where a customer's scale is beyond all numbers."""
        width = self._shares.shape[1]
        places = slice(0, 1), slice(1, 1 + width), slice(1 + width, 2 + width), slice(2 + width, 2 + 2 * width)
        r, s = float(np.exp(theta[0])), float(np.exp(theta[1 + width]))
        logs = self._shares @ theta[places[1]], self._shares @ theta[places[3]]
        gradient, hessian = np.zeros(theta.size), np.zeros((theta.size, theta.size))
        if max(np.abs(each).max() for each in logs) > _FARTHEST:
            return np.inf, gradient, hessian
        alpha, beta = np.exp(logs[0]), np.exp(logs[1])
        value, first, second = self._purchases(r)
        gradient[0], hessian[0, 0] = r * first, r * r * second + r * first
        for rows, values, slopes, bends in self._by_row(self._h, r, alpha, s, beta):
            shares = self._shares[rows]
            weights = shares[:, :1], shares, shares[:, :1], shares
            value += float(values.sum())
            for i, p in enumerate(places):
                gradient[p] += slopes[i] @ weights[i]
                for j in range(i, 4):
                    hessian[p, places[j]] += (weights[i].T * bends[i, j]) @ weights[j]
        upper = np.triu(hessian)
        return -value, -gradient, -(upper + np.triu(hessian, 1).T)


def _beta_geometric_by_row(
    h: Histories, r: float, alpha: FloatArray, a: float, b: FloatArray
) -> Iterator[tuple[slice, FloatArray, FloatArray, FloatArray]]:
    """BG/NBD in ln(r, alpha, a, b); the terms of `BetaGeometricObjective`, where alpha and b are each row's own."""
    by_b, by_ab = _rising_by_row(b, h.x), _rising_by_row(a + b, h.x)
    for start in range(0, h.x.size, _CHUNK):
        rows = slice(start, start + _CHUNK)
        x, T, count, alpha_, b_ = h.x[rows], h.T[rows], h.count[rows], alpha[rows], b[rows]
        (log_b, b1, b2), (log_ab, ab1, ab2) = ([each[rows] for each in terms] for terms in (by_b, by_ab))
        R, end, last = r + x, alpha_ / (alpha_ + T), alpha_ / (alpha_ + h.t_x[rows])
        growth, waited = np.log1p(T / alpha_), np.log1p((T - h.t_x[rows]) / (alpha_ + h.t_x[rows]))
        passed = np.maximum(x - 1.0, 0.0) + b_
        odds = np.where(x > 0, np.log(a / passed) + R * waited, -np.inf)
        gone, pull, fading = expit(odds), R * (last - end), b_ / passed
        slopes = np.stack([r * waited, -pull, np.ones_like(x), -fading])
        value = log_b - log_ab - r * growth - x * np.log(alpha_ + T) + softplus(odds)
        gradient = np.stack([-r * growth, r - R * end, -a * ab1, b_ * (b1 - ab1)])
        hessian = slopes[:, None] * slopes * (gone * (1.0 - gone))
        for i in (0, 2, 3):
            hessian[i, i] += gradient[i]
        gradient += slopes * gone
        hessian[0, 0] += gone * slopes[0]
        hessian[1, 1] += gone * pull * (end + last - 1.0) - R * end * (1.0 - end)
        hessian[2, 2] -= a * a * ab2
        hessian[3, 3] += b_ * b_ * (b2 - ab2) - gone * fading * (1.0 - fading)
        hessian[0, 1] += r * (1.0 - end) + gone * r * (end - last)
        hessian[2, 3] -= a * b_ * ab2
        yield rows, count * value, count * gradient, count * hessian


def _rising_by_row(z: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """ln[Gamma(z + x)/Gamma(z)] and its first two derivatives in z, all (n,), for x in falling order.

    As ln z + ... + ln(z + x - 1), much quicker than gamma functions for the few purchases that most have made.
    """
    value, first, second = np.zeros_like(z), np.zeros_like(z), np.zeros_like(z)
    for i in range(int(min(x.max(initial=0.0), _LONGEST_PRODUCT))):
        more = int(np.searchsorted(-x, -i, side="left"))  # rows with x > i
        factor = z[:more] + i
        inverse = 1.0 / factor
        value[:more] += np.log(factor)
        first[:more] += inverse
        second[:more] -= inverse * inverse
    far = int(np.searchsorted(-x, -_LONGEST_PRODUCT, side="left"))
    if far:
        start, rest = z[:far] + _LONGEST_PRODUCT, x[:far] - _LONGEST_PRODUCT
        value[:far] += log_rising(start, rest)
        for total, each in zip((first, second), log_rising_derivatives(start, rest), strict=True):
            total[:far] += each
    return value, first, second


_BY_ROW: Final[dict[type[ParetoNBD] | type[BGNBD], ByRow]] = {
    ParetoNBD: pareto_objective.by_row,
    BGNBD: _beta_geometric_by_row,
}
