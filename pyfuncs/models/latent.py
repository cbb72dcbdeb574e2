"""One draw of what the data cannot show: who is alive and, of those, how fast they buy and how soon they drop out.

Only the alive have traits here: nothing that happens from now on depends on the others'.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pyfuncs.errors import DomainError
from pyfuncs.models.arrays import FloatArray

_LEFT_AT_TRUNCATION = 1e-3
_MANY = 24  # purchases from which the sum of their discounts is normal to all that a simulation can show


@dataclass(frozen=True, slots=True)
class Latent:
    """Latent traits: alive (n,) bool, and of the k alive purchase_rate and dropout_rate (k,) per period.

    An alive customer drops out after an exponential time of rate `dropout_rate` and until then buys at `purchase_rate`.
    `dropout_is_purchase`: BG/NBD and MBG/NBD customers leave right after a purchase, which counts; Pareto/NBD
    customers leave silently.
    """

    alive: NDArray[np.bool_]
    purchase_rate: FloatArray
    dropout_rate: FloatArray
    dropout_is_purchase: bool

    def expected(self, delta: float, t: float = math.inf) -> FloatArray:
        """Discounted expected purchases of the alive in the next t periods given their traits, (k,).

        lambda (1 - e^{-(k + delta) t}) / (k + delta), with delta per period.
        """
        _require_discount(delta, t, allow_zero=True)
        rate = self.dropout_rate + delta
        safe = np.where(np.abs(rate) < np.finfo(float).tiny, np.finfo(float).tiny, rate)
        worth = np.where(safe == rate, -np.expm1(-safe * t) / safe, t) if math.isfinite(t) else 1.0 / safe
        return np.where(self.purchase_rate > 0, self.purchase_rate * worth, 0.0)

    def simulate(self, rng: np.random.Generator, delta: float, t: float = math.inf) -> tuple[FloatArray, FloatArray]:
        """One simulated future of the alive: discounted purchases (k,) and their number (k,) in the next t periods.

        An infinite t is cut where e^{-delta h} = 0.001: the number counts purchases up to there, and the discounted sum
        gains what those still alive there are expected to add. Raises DomainError for an infinite t with delta <= 0.
        """
        _require_discount(delta, t, allow_zero=False)
        end = t if math.isfinite(t) else -math.log(_LEFT_AT_TRUNCATION) / delta
        with np.errstate(divide="ignore", over="ignore"):  # a dropout rate of next to nothing: a life without end
            lifetime = rng.standard_exponential(self.dropout_rate.size) / self.dropout_rate
        observed = np.minimum(lifetime, end)
        rate = self.purchase_rate - self.dropout_rate if self.dropout_is_purchase else self.purchase_rate
        count = rng.poisson(np.maximum(rate, 0.0) * observed).astype(float)
        discounted = _discount_uniform_times(rng, count, observed, delta)
        if self.dropout_is_purchase:
            last = lifetime <= end
            count = count + last
            discounted = discounted + np.where(last, np.exp(-delta * observed), 0.0)
        if not math.isfinite(t):
            remaining = self.purchase_rate / (self.dropout_rate + delta)
            discounted = discounted + np.where(lifetime > end, _LEFT_AT_TRUNCATION * remaining, 0.0)
        return discounted, count


@dataclass(frozen=True, slots=True)
class OpportunityTraits:
    """Latent traits where purchases have opportunities: alive (n,) bool, and of the k alive two probabilities (k,).

    `dropout` is that of leaving before the next opportunity, `purchase` that of buying at it when still there.
    """

    alive: NDArray[np.bool_]
    purchase: FloatArray
    dropout: FloatArray

    def expected(self, rate: float, t: float = math.inf) -> FloatArray:
        """Discounted expected purchases of the alive in the next t opportunities given their traits, (k,)."""
        _require_discount(rate, t, allow_zero=True)
        with np.errstate(divide="ignore"):
            log_stay = np.clip(np.log1p(-self.dropout), -1e3, -np.finfo(float).tiny) - rate
        opportunities = t if math.isinf(t) else math.floor(t)
        lived = np.exp(log_stay) * np.expm1(opportunities * log_stay) / np.expm1(log_stay)
        return self.purchase * lived

    def simulate(self, rng: np.random.Generator, rate: float, t: float = math.inf) -> tuple[FloatArray, FloatArray]:
        """One simulated future of the alive: discounted purchases (k,) and their number (k,), as in `Latent`."""
        _require_discount(rate, t, allow_zero=False)
        end = math.floor(t) if math.isfinite(t) else math.ceil(-math.log(_LEFT_AT_TRUNCATION) / rate)
        size = self.purchase.size
        count, discounted, at = np.zeros(size), np.zeros(size), np.zeros(size)
        with np.errstate(divide="ignore"):  # a probability of 0 or 1: never, or at once
            lived = np.floor(rng.standard_exponential(size) / -np.log1p(-self.dropout))
            observed = np.minimum(lived, end)
            buying = np.flatnonzero(observed > 0)
            while buying.size:  # from one purchase to the next
                at[buying] += 1.0 + np.floor(rng.standard_exponential(buying.size) / -np.log1p(-self.purchase[buying]))
                buying = buying[at[buying] <= observed[buying]]
                count[buying] += 1.0
                discounted[buying] += np.exp(-rate * at[buying])
        if not math.isfinite(t):
            beyond = math.exp(-rate * end) * self.expected(rate)
            discounted = discounted + np.where(lived > end, beyond, 0.0)
        return discounted, count


Traits = Latent | OpportunityTraits


def among(alive: NDArray[np.bool_], values: FloatArray) -> FloatArray:
    """Values of the alive, (k,), at their places among all, (n,); 0 for the others."""
    out = np.zeros(alive.size)
    out[alive] = values
    return out


def _discount_uniform_times(rng: np.random.Generator, count: FloatArray, until: FloatArray, delta: float) -> FloatArray:
    """Sum of e^{-delta time} over count purchases at uniform times before `until`.

    Few purchases are drawn one by one; the sum over many is drawn as normal, with its exact mean and variance.
    """
    if delta == 0:
        return count.copy()
    many = np.flatnonzero(count > _MANY)
    reach = delta * until[many]
    mean, square = -np.expm1(-reach) / reach, -np.expm1(-2 * reach) / (2 * reach)
    spread = np.sqrt(count[many] * np.maximum(square - mean**2, 0.0))
    low, high = count[many] * np.minimum(np.exp(-reach), 1.0), count[many] * np.maximum(np.exp(-reach), 1.0)
    few = count.astype(np.intp)
    few[many] = 0
    owner = np.repeat(np.arange(few.size), few)
    discount = np.exp(-delta * rng.random(owner.size) * until[owner])
    out: FloatArray = np.bincount(owner, discount, minlength=few.size).astype(float)
    out[many] = np.clip(count[many] * mean + spread * rng.standard_normal(many.size), low, high)
    return out


def _require_discount(delta: float, t: float, *, allow_zero: bool) -> None:
    if not math.isfinite(t) and (delta < 0 or (delta == 0 and not allow_zero)):
        raise DomainError("without a horizon the discount rate must be above 0; state a horizon or a discount rate.")
