"""One draw of what the data cannot show: who is alive, how fast they buy, how soon they drop out."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pyfuncs.errors import DomainError
from pyfuncs.models.arrays import FloatArray

_CHUNK_EVENTS = 1 << 21
_LEFT_AT_TRUNCATION = 1e-3


@dataclass(frozen=True, slots=True)
class Latent:
    """Latent traits of n customers: alive (n,) bool, purchase_rate and dropout_rate (n,) per period.

    An alive customer drops out after an exponential time of rate `dropout_rate` and until then buys at `purchase_rate`.
    `dropout_is_purchase`: BG/NBD and MBG/NBD customers leave right after a purchase, which counts; Pareto/NBD
    customers leave silently.
    """

    alive: NDArray[np.bool_]
    purchase_rate: FloatArray
    dropout_rate: FloatArray
    dropout_is_purchase: bool

    def expected(self, delta: float, t: float = math.inf) -> FloatArray:
        """Discounted expected purchases in the next t periods given the traits, (n,); 0 for the dead.

        lambda (1 - e^{-(k + delta) t}) / (k + delta), with delta per period.
        """
        _require_discount(delta, t, allow_zero=True)
        rate = self.dropout_rate + delta
        safe = np.where(np.abs(rate) < np.finfo(float).tiny, np.finfo(float).tiny, rate)
        worth = np.where(safe == rate, -np.expm1(-safe * t) / safe, t) if math.isfinite(t) else 1.0 / safe
        return np.where(self.alive & (self.purchase_rate > 0), self.purchase_rate * worth, 0.0)

    def simulate(self, rng: np.random.Generator, delta: float, t: float = math.inf) -> tuple[FloatArray, FloatArray]:
        """One simulated future: discounted purchases (n,) and their number (n,) in the next t periods.

        An infinite t is cut where e^{-delta h} = 0.001: the number counts purchases up to there, and the discounted sum
        gains what those still alive there are expected to add. Raises DomainError for an infinite t with delta <= 0.
        """
        _require_discount(delta, t, allow_zero=False)
        end = t if math.isfinite(t) else -math.log(_LEFT_AT_TRUNCATION) / delta
        n = self.alive.size
        with np.errstate(divide="ignore", over="ignore"):  # a dropout rate of next to nothing: a life without end
            lifetime = np.where(self.alive, rng.standard_exponential(n) / self.dropout_rate, 0.0)
        observed = np.minimum(lifetime, end)
        rate = self.purchase_rate - self.dropout_rate if self.dropout_is_purchase else self.purchase_rate
        count = rng.poisson(np.maximum(rate, 0.0) * observed).astype(float)
        discounted = _discount_uniform_times(rng, count, observed, delta)
        if self.dropout_is_purchase:
            last = self.alive & (lifetime <= end)
            count = count + last
            discounted = discounted + np.where(last, np.exp(-delta * observed), 0.0)
        if not math.isfinite(t):
            remaining = self.purchase_rate / (self.dropout_rate + delta)
            discounted = discounted + np.where(lifetime > end, _LEFT_AT_TRUNCATION * remaining, 0.0)
        return discounted, count


def _discount_uniform_times(rng: np.random.Generator, count: FloatArray, until: FloatArray, delta: float) -> FloatArray:
    """Sum of e^{-delta time} over count purchases at uniform times before `until`; bounded memory.

    Beyond a chunk of purchases by one customer the sum is normal to all the digits that matter, and drawn as such.
    """
    if delta == 0:
        return count.copy()
    many = count > _CHUNK_EVENTS
    few = np.where(many, 0.0, count)
    out = np.zeros(count.size)
    reach = delta * until[many]
    mean, square = -np.expm1(-reach) / reach, -np.expm1(-2 * reach) / (2 * reach)
    spread = np.sqrt(count[many] * np.maximum(square - mean**2, 0.0))
    out[many] = count[many] * mean + spread * rng.standard_normal(int(many.sum()))
    step_of = (np.cumsum(few) // _CHUNK_EVENTS).astype(np.int64)
    for start, stop in _runs(step_of):
        times = few[start:stop].astype(np.int64)
        owner = np.repeat(np.arange(times.size), times)
        discount = np.exp(-delta * rng.random(owner.size) * until[start:stop][owner])
        out[start:stop] += np.bincount(owner, discount, minlength=times.size)
    return out


def _runs(labels: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Start and stop of every run of equal labels."""
    edges = np.concatenate(([0], np.flatnonzero(np.diff(labels)) + 1, [labels.size]))
    return [(int(a), int(b)) for a, b in itertools.pairwise(edges) if b > a]


def _require_discount(delta: float, t: float, *, allow_zero: bool) -> None:
    if not math.isfinite(t) and (delta < 0 or (delta == 0 and not allow_zero)):
        raise DomainError("without a horizon the discount rate must be above 0; state a horizon or a discount rate.")
