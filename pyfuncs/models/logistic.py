"""Logistic regression with a normal prior on its coefficients, by Newton's method."""

from typing import Final

import numpy as np

from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.special import expit, softplus

_STEPS: Final = 50
_PROMISE: Final = 1e-10


def fit_logistic(X: FloatArray, y: FloatArray, prior_sd: float = 1.0) -> FloatArray:
    """Coefficients at the posterior mode: (k + 1,), the intercept first.

    Parameters
    ----------
    X : (n, k) array
        Columns on comparable scales: the prior of each coefficient is normal with mean 0 and `prior_sd`, that of the
        intercept flat.
    y : (n,) array of 0 and 1
        Of which both must occur, or the intercept has no mode.

    The log-posterior is concave; steps are halved until they gain, so the search ends at its one maximum.
    """
    design = np.column_stack((np.ones(len(y)), X))
    penalty = np.full(design.shape[1], prior_sd**-2)
    penalty[0] = 0.0
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(y.mean() / (1.0 - y.mean()))

    def loss(candidate: FloatArray) -> float:
        eta = design @ candidate
        return float((softplus(eta) - y * eta).sum() + 0.5 * penalty @ candidate**2)

    least = loss(beta)
    for _ in range(_STEPS):
        p = expit(design @ beta)
        gradient = design.T @ (p - y) + penalty * beta
        weighted = design * np.sqrt(p * (1.0 - p))[:, None]
        hessian = weighted.T @ weighted + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        if gradient @ step < _PROMISE:
            break
        size = 1.0
        while (found := loss(beta - size * step)) > least and size > 1e-6:
            size /= 2
        beta, least = beta - size * step, found
    return beta


def posterior_sd(X: FloatArray, beta: FloatArray, prior_sd: float = 1.0) -> FloatArray:
    """Standard deviations (k + 1,) of the coefficients that `fit_logistic` found, by the curvature at the mode."""
    design = np.column_stack((np.ones(len(X)), X))
    p = expit(design @ beta)
    precision = np.full(design.shape[1], prior_sd**-2)
    precision[0] = 0.0
    weighted = design * np.sqrt(p * (1.0 - p))[:, None]
    return np.sqrt(np.diag(np.linalg.inv(weighted.T @ weighted + np.diag(precision))))
