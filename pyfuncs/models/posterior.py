"""Draws of a few log-parameters from what data say about them, also where that is a ridge and no normal curve.

Where data hardly show a part of a model, as dropout in a short history, their likelihood does not fall to 0 in every
direction: next to no dropout, or the same for everybody, explains them too.  What bounds the draws there is a weak
prior: the square root of every parameter, in units of its own, is half-Cauchy around 1.  A gamma or beta distribution
of shape 1 is where nothing is known of a shape; nine in ten of the prior lie between 1/160 and 160 times that, and its
tails fall off as slowly as the root of the parameter or of its inverse, so that data overrule it where they speak
(N. Polson, J. Scott 2012, On the half-Cauchy prior for a global scale parameter, Bayesian Analysis 7(4)).

The draws are by adaptive importance sampling: J.-M. Cornuet, J.-M. Marin, A. Mira, C. Robert (2012), Adaptive multiple
importance sampling, Scandinavian Journal of Statistics 39(4); with truncated weights: E. Ionides (2008), Truncated
importance sampling, Journal of Computational and Graphical Statistics 17(2).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.newton import Objective, minimise

_BOX: Final = 30.0  # |ln parameter| beyond which nothing is looked for
_DEGREES: Final = 5.0  # of freedom of the t distributions that propose: tails heavier than those of a posterior
_FLATTEST: Final = 0.1  # information of a direction as the first proposal sees it; the prior alone has up to 1/4
_FEWEST, _MOST = 3, 10  # rounds of proposals


def draw(
    rng: np.random.Generator,
    objective: Objective,
    start: FloatArray,
    size: int,
    *,
    allowed: Callable[[FloatArray], bool] = lambda theta: True,
) -> FloatArray:
    """Draws of log-parameters (size, k) from exp(-objective) times the prior, in random order.

    The objective is a negative log-likelihood; `start` (k,) is near its bottom.  Only what is `allowed` is drawn:
    (0, k) where nothing is.
    """
    top = minimise(_with_prior(objective), start, box=_BOX)
    values, vectors = np.linalg.eigh(top.hessian)
    proposals = [_Proposal.of(top.theta, (vectors / np.maximum(values, _FLATTEST)) @ vectors.T)]
    theta, height = np.empty((0, start.size)), np.empty(0)
    for done in range(1, _MOST + 1):
        fresh = proposals[-1].draw(rng, size)
        theta = np.concatenate((theta, fresh))
        height = np.concatenate((height, [_height(objective, each, allowed) for each in fresh]))
        if not np.isfinite(height).any():
            proposals.append(proposals[-1])
            continue
        proposed = np.logaddexp.reduce([proposal.log_density(theta) for proposal in proposals])
        weight = np.exp(height - proposed - (height - proposed).max())
        weight = np.minimum(weight, math.sqrt(weight.size) * weight.mean())  # or one draw could stand for all
        weight /= weight.sum()
        if done >= _FEWEST and 1.0 / (weight @ weight) >= size:
            break
        mean = weight @ theta
        proposals.append(_Proposal.of(mean, (weight[:, None] * (theta - mean)).T @ (theta - mean)))
    if not np.isfinite(height).any():
        return theta[:0]
    drawn = np.searchsorted(np.cumsum(weight), (np.arange(size) + rng.random()) / size)
    return theta[rng.permutation(np.minimum(drawn, weight.size - 1))]


def log_prior(theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Logarithm of the prior density of log-parameters (k,), but for a constant, with gradient and Hessian.

    The root of a parameter is half-Cauchy around 1 if the density of its logarithm is sech(theta/2) / (2 pi).
    """
    slope = np.tanh(0.5 * theta)
    value = -float((np.abs(0.5 * theta) + np.log1p(np.exp(-np.abs(theta)))).sum())
    return value, -0.5 * slope, np.diag(-0.25 * (1.0 - slope * slope))


def _with_prior(objective: Objective) -> Objective:
    def penalised(theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        value, gradient, hessian = objective(theta)
        prior, slope, bend = log_prior(theta)
        return value - prior, gradient - slope, hessian - bend

    return penalised


def _height(objective: Objective, theta: FloatArray, allowed: Callable[[FloatArray], bool]) -> float:
    """Logarithm of the posterior density; -inf where it is not allowed or beyond all numbers."""
    if np.abs(theta).max() > _BOX or not allowed(theta):
        return -math.inf
    with np.errstate(all="ignore"):
        height = log_prior(theta)[0] - objective(theta)[0]
    return height if math.isfinite(height) else -math.inf


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A multivariate t distribution; root (k, k) is the Cholesky factor of its scale."""

    middle: FloatArray
    root: FloatArray

    @classmethod
    def of(cls, middle: FloatArray, scale: FloatArray) -> _Proposal:
        floor = 1e-9 * np.diag(np.diagonal(scale)) + 1e-15 * np.eye(middle.size)  # a few draws may lie on a plane
        return cls(middle, np.asarray(np.linalg.cholesky(scale + floor), dtype=float))

    def draw(self, rng: np.random.Generator, size: int) -> FloatArray:
        length = np.sqrt(rng.chisquare(_DEGREES, size) / _DEGREES)
        return self.middle + rng.standard_normal((size, self.middle.size)) / length[:, None] @ self.root.T

    def log_density(self, theta: FloatArray) -> FloatArray:
        """But for a constant that all share, (n,)."""
        away = np.linalg.solve(self.root, (theta - self.middle).T)
        power = 0.5 * (_DEGREES + self.middle.size)
        found: FloatArray = -power * np.log1p((away * away).sum(axis=0) / _DEGREES)
        return found - float(np.log(np.diagonal(self.root)).sum())
