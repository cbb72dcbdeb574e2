"""Draws of a model's parameters that the data would not contradict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from typing import Final, TypeVar

import numpy as np

from pyfuncs.models import estimation, posterior
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.mbgnbd import MBGNBD
from pyfuncs.models.newton import Objective
from pyfuncs.models.pareto_nbd import ParetoNBD

M = TypeVar("M", BGNBD, MBGNBD, ParetoNBD, BGBB, GammaGamma)
Likelihood = Callable[[], tuple[Objective, FloatArray]]
"""What `estimation.purchase_likelihood` returns, made when it is needed."""

WIDE: Final = 0.3
"""Standard error of a log-parameter above which it is not drawn as normal, but as the likelihood says."""
_ROUNDS: Final = 30


def draw_models(
    rng: np.random.Generator,
    model: M,
    covariance: FloatArray,
    draws: int,
    likelihood: Likelihood | None = None,
    allowed: Callable[[M], bool] = lambda each: True,
    *,
    typed: bool = False,
) -> list[M]:
    """Models with parameters drawn around the fitted ones; only those `allowed`, and none where none is.

    Parameters
    ----------
    covariance : (k, k) array
        Of the log-parameters, which are drawn as normal, 0 in directions that the data leave open.
    likelihood
        Of the data.  Where little is known (a standard error above `WIDE`, or a direction left open) it is far from
        normal, often a ridge without end: the draws are then from the likelihood and the weak prior of `posterior`.
    typed
        Whether the parameters are typed rather than fitted, so that the likelihood may be larger elsewhere: what is
        loose is then drawn as normal around them and kept with the probability by which the likelihood falls below the
        normal curve, so parameters that the data exclude do not stretch the intervals.
    """
    keep = allowed
    if likelihood is not None and not typed and (_is_wide(covariance) or _leaves_open(covariance)):
        return _draw_posterior(rng, model, draws, *likelihood(), allowed)
    if likelihood is not None and typed and _is_wide(covariance):
        height = _height(model, covariance, *likelihood())

        def keep(each: M) -> bool:
            return allowed(each) and -rng.standard_exponential() <= height(each)

    kept: list[M] = []
    for _ in range(_ROUNDS):
        kept += [each for each in estimation.draw_parameters(rng, model, covariance, draws) if keep(each)]
        if len(kept) >= draws:
            return kept[:draws]
    return [kept[draw % len(kept)] for draw in range(draws)] if kept else []


def _is_wide(covariance: FloatArray) -> bool:
    return float(np.diagonal(covariance).max()) > WIDE**2


def _leaves_open(covariance: FloatArray) -> bool:
    return int(np.linalg.matrix_rank(covariance, hermitian=True)) < len(covariance)


def _draw_posterior(
    rng: np.random.Generator,
    model: M,
    draws: int,
    objective: Objective,
    units: FloatArray,
    allowed: Callable[[M], bool],
) -> list[M]:
    def at(theta: FloatArray) -> M:
        return type(model)(*(np.exp(theta) * units).tolist())

    start = np.log(astuple(model) / units)
    drawn = posterior.draw(rng, objective, start, draws, allowed=lambda theta: allowed(at(theta)))
    return [at(theta) for theta in drawn]


def _height(model: M, covariance: FloatArray, objective: Objective, units: FloatArray) -> Callable[[M], float]:
    """Logarithm of the likelihood over the normal curve through the model."""
    center, precision = np.log(astuple(model) / units), np.linalg.pinv(covariance)
    top = objective(center)[0]

    def height(each: M) -> float:
        theta = np.log(astuple(each) / units)
        step = theta - center
        return float(top - objective(theta)[0] + 0.5 * step @ precision @ step)

    return height
