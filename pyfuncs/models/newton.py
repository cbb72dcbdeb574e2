"""Exact trust-region Newton minimisation in a box, for a handful of parameters.

More-Sorensen steps in the eigenbasis of the exact Hessian: reliable on indefinite and on nearly flat surfaces, four to
ten evaluations on real data. Stops when a further step promises less than `tolerance`, which does not depend on units.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pyfuncs.models.arrays import FloatArray

Objective = Callable[[FloatArray], tuple[float, FloatArray, FloatArray]]
"""theta -> value, gradient, Hessian."""

_MAX_RADIUS = 8.0


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where the search ended; `bound` (k,) marks coordinates held at the box, `promise` is what a step would gain."""

    theta: FloatArray
    value: float
    gradient: FloatArray
    hessian: FloatArray
    evaluations: int
    converged: bool
    bound: NDArray[np.bool_]
    promise: float


def minimise(
    objective: Objective,
    start: FloatArray,
    *,
    box: float,
    tolerance: float = 1e-8,
    limit: int = 100,
    known: tuple[float, FloatArray, FloatArray] | None = None,
) -> Optimum:
    """Minimise over |theta| <= box from `start`, where `known` is the objective if that has been worked out.

    Never raises for a hard surface, but says `converged=False`.
    """
    theta = np.clip(start, -box, box)
    value, gradient, hessian = objective(theta) if known is None else known
    evaluations, radius, small, promise, converged = 1, 1.0, 0, np.inf, False
    while evaluations < limit and radius > 1e-10:
        free = _free(theta, gradient, box)
        step, definite = _step(gradient, hessian, free, radius)
        trial = np.clip(theta + step, -box, box)
        step = trial - theta
        promise = float(-(gradient @ step + 0.5 * step @ hessian @ step)) if free.any() else 0.0
        # A promise kept small by a radius that shrank is no sign of a minimum.
        honest = radius > 0.1 or np.linalg.norm(step) < 0.99 * radius
        if promise < tolerance and honest and (definite or small > 2 or not free.any()):
            converged = True
            theta, value, gradient, hessian = _polish(objective, trial, (theta, value, gradient, hessian))
            evaluations += 1
            break
        found = objective(trial)
        evaluations += 1
        usable = bool(np.isfinite(found[0]) and np.isfinite(found[1]).all() and np.isfinite(found[2]).all())
        ratio = (value - found[0]) / promise if usable and promise > 0 else -1.0
        small = small + 1 if usable and abs(value - found[0]) < tolerance else 0
        length = float(np.linalg.norm(step))
        if ratio < 0.25:
            radius = 0.25 * length
        elif ratio > 0.75 and length > 0.9 * radius:
            radius = min(2.0 * radius, _MAX_RADIUS)
        if ratio > 1e-4:
            theta, (value, gradient, hessian) = trial, found
        if small > 4:  # rounding, not slope, is what is left
            converged = promise < 1e-5
            break
    bound = ~_free(theta, gradient, box)
    return Optimum(theta, value, gradient, hessian, evaluations, converged, bound, promise)


def _polish(
    objective: Objective, trial: FloatArray, best: tuple[FloatArray, float, FloatArray, FloatArray]
) -> tuple[FloatArray, float, FloatArray, FloatArray]:
    """The last step's gain is below rounding in the value, so the gradient judges it."""
    value, gradient, hessian = objective(trial)
    if np.isfinite(hessian).all() and np.linalg.norm(gradient) < np.linalg.norm(best[2]):
        return trial, value, gradient, hessian
    return best


def _free(theta: FloatArray, gradient: FloatArray, box: float) -> NDArray[np.bool_]:
    """Coordinates not pressed against the box."""
    at_low, at_high = theta <= -box + 1e-12, theta >= box - 1e-12
    return ~((at_low & (gradient > 0)) | (at_high & (gradient < 0)))


def _shift(slope: list[float], values: list[float], radius: float, size: float) -> float:
    """What has to be added to the eigenvalues for a step as long as the radius, by bisection."""
    low = max(0.0, -values[0]) + 1e-13 * size
    high = low + math.hypot(*slope) / radius + 1e-12
    for _ in range(60):
        shift = 0.5 * (low + high)
        if math.hypot(*(s / (v + shift) for s, v in zip(slope, values, strict=True))) > radius:
            low = shift
        else:
            high = shift
    return high


def _step(gradient: FloatArray, hessian: FloatArray, free: NDArray[np.bool_], radius: float) -> tuple[FloatArray, bool]:
    """Minimiser of the quadratic model within the radius, and whether the Hessian is positive (semi)definite."""
    step = np.zeros_like(gradient)
    if not free.any():
        return step, True
    values, vectors = np.linalg.eigh(hessian[np.ix_(free, free)])
    slope = vectors.T @ gradient[free]
    size = max(1.0, float(np.abs(values).max()))
    shift = 0.0
    if values[0] <= 1e-12 * size or np.linalg.norm(slope / values) > radius:
        shift = _shift(slope.tolist(), values.tolist(), radius, size)
    step[free] = vectors @ (-slope / (values + shift))
    return step, bool(values[0] > -1e-9 * size)
