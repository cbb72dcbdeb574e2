"""Draws of a model's parameters that the data would not contradict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from typing import Final, TypeVar

import numpy as np

from pyfuncs.models import estimation
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.mbgnbd import MBGNBD
from pyfuncs.models.pareto_nbd import ParetoNBD

M = TypeVar("M", BGNBD, MBGNBD, ParetoNBD, BGBB, GammaGamma)

WIDE: Final = 0.5
"""Standard error of a log-parameter above which the normal approximation is checked against the likelihood."""
_ROUNDS: Final = 30


def draw_models(
    rng: np.random.Generator,
    model: M,
    covariance: FloatArray,
    draws: int,
    log_likelihood: Callable[[M], float] | None = None,
    allowed: Callable[[M], bool] = lambda each: True,
) -> list[M]:
    """Models with parameters drawn around the fitted ones; only those `allowed`, and none where none is.

    Parameters
    ----------
    covariance : (k, k) array
        Of the log-parameters, which are drawn as normal.
    log_likelihood
        Of the data, summed over customers.  Where little is known (a standard error above `WIDE`) the likelihood is far
        from normal: a draw is then kept with the probability by which the likelihood falls below the normal curve, so
        parameters that the data exclude do not stretch the intervals.
    """
    wide = log_likelihood is not None and float(np.diagonal(covariance).max()) > WIDE**2
    height = _height(model, covariance, log_likelihood) if wide and log_likelihood is not None else None
    kept: list[M] = []
    for _ in range(_ROUNDS):
        for each in estimation.draw_parameters(rng, model, covariance, draws):
            if allowed(each) and (height is None or -rng.standard_exponential() <= height(each)):
                kept.append(each)
        if len(kept) >= draws:
            return kept[:draws]
    return [kept[draw % len(kept)] for draw in range(draws)] if kept else []


def _height(model: M, covariance: FloatArray, log_likelihood: Callable[[M], float]) -> Callable[[M], float]:
    """Logarithm of the likelihood over the normal curve through its top."""
    top, center, precision = log_likelihood(model), np.log(astuple(model)), np.linalg.pinv(covariance)

    def height(each: M) -> float:
        step = np.log(astuple(each)) - center
        return log_likelihood(each) - top + 0.5 * float(step @ precision @ step)

    return height
