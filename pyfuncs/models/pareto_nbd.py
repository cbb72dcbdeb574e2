"""Pareto/NBD: gamma-Poisson purchases, silent dropout after an exponential lifetime with gamma-distributed rate.

D. Schmittlein, D. Morrison, R. Colombo (1987), Counting your customers, Management Science 33(1); P. Fader, B. Hardie
(2005), A note on deriving the Pareto/NBD model and related expressions. The two hypergeometric forms of the likelihood
(by alpha >= beta or not) both come from one integral over the unknown time of death,

    int_{t_x}^T (alpha + y)^-(r+x) (beta + y)^-(s+1) dy,

which is worked out directly: its terms are positive, so nothing cancels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from pyfuncs.models.arrays import FloatArray, by_stretches
from pyfuncs.models.compression import once_each
from pyfuncs.models.latent import Latent
from pyfuncs.models.lifetime import count_and_dead, discounted_lifetime, expected_lifetime, log_death
from pyfuncs.models.special import expit, log_rising, log_ways
from pyfuncs.models.validation import require_finite_purchases, require_positive


@dataclass(frozen=True, slots=True)
class ParetoForms:
    """What covariates share with the model; alpha and beta are those of everybody, or each row's own (n,)."""

    r: float
    alpha: float | FloatArray
    s: float
    beta: float | FloatArray

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Natural-log likelihood of each history, (n,)."""

        def log_living(y: FloatArray) -> FloatArray:
            """Ln of the likelihood of the x purchases and of being alive at y, but for the rising factorial."""
            return -self.r * np.log1p(y / self.alpha) - x * np.log(self.alpha + y) - self.s * np.log1p(y / self.beta)

        return log_rising(self.r, x) + np.logaddexp(log_living(T), log_living(t_x) + self._log_death(x, t_x, T))

    def log_odds_dropped(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Ln of P(dead at T) / P(alive at T), (n,)."""
        R, A, B, gap = self.r + x, self.alpha + t_x, self.beta + t_x, T - t_x
        return self._log_death(x, t_x, T) + R * np.log1p(gap / A) + self.s * np.log1p(gap / B)

    def _log_death(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Ln P(dies unseen in (t_x, T] | alive at t_x)."""
        return log_death(self.r + x, self.s, self.alpha + t_x, self.beta + t_x, T - t_x)


@dataclass(frozen=True, slots=True)
class ParetoNBD:
    """Parameters of the Pareto/NBD model; r, alpha (periods), s, beta (periods) > 0, else DomainError.

    Arrays are float (n,); x counts repeat purchases, times are in periods with 0 <= t_x <= T.
    """

    name: ClassVar[str] = "Pareto/NBD"

    r: float
    alpha: float
    s: float
    beta: float

    def __post_init__(self) -> None:
        require_positive(self.name, r=self.r, alpha=self.alpha, s=self.s, beta=self.beta)

    @property
    def _forms(self) -> ParetoForms:
        return ParetoForms(self.r, self.alpha, self.s, self.beta)

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Natural-log likelihood of each history, (n,)."""
        return self._forms.log_likelihood(x, t_x, T)

    def p_alive(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Probability of being active at T, (n,); 1 at t_x = T."""
        return once_each(self._alive, x, t_x, T)

    def expected_purchases(self, t: FloatArray | float, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Expected purchases in (T, T + t] given the history, (n,)."""
        lifetime = expected_lifetime(self.s, self.beta + T, t)
        return self.p_alive(x, t_x, T) * (self.r + x) / (self.alpha + T) * lifetime

    def discounted_purchases(
        self, delta: float, x: FloatArray, t_x: FloatArray, T: FloatArray, t: float = math.inf
    ) -> FloatArray:
        """Expected purchases in (T, T + t], each discounted to T at the continuous rate delta per period, (n,).

        Raises DomainError where the sum is infinite: t = inf with delta < 0, or with delta = 0 and s <= 1.
        """
        require_finite_purchases(self.name, delta, t, s=self.s)

        def lifetime(T: FloatArray) -> FloatArray:
            return discounted_lifetime(self.s, self.beta + T, delta, t)

        def discounted(x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
            return self._alive(x, t_x, T) * (self.r + x) / (self.alpha + T) * once_each(lifetime, T)

        return once_each(discounted, x, t_x, T)

    def p_no_purchase(self, t: FloatArray | float, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Probability of no purchase in (T, T + t] given the history, (n,): dead, silent, or dying before one."""
        odds = once_each(self._forms.log_odds_dropped, x, t_x, T)
        x, T, t = np.broadcast_arrays(x, T, np.asarray(t, dtype=float))
        R, A, B = self.r + x, self.alpha + T, self.beta + T
        silent = np.exp(-R * np.log1p(t / A) - self.s * np.log1p(t / B))
        dies_first = np.exp(log_death(R, self.s, A, B, t))
        quiet: FloatArray = np.minimum(silent + dies_first, 1.0)
        return expit(odds) + expit(-odds) * quiet

    def new_expected_purchases(self, t: FloatArray) -> FloatArray:
        """Expected repeat purchases of a new customer in the first t periods, shape of t."""
        times = np.asarray(t, dtype=float)
        return self.r / self.alpha * expected_lifetime(self.s, np.full(times.shape, self.beta), times)

    def new_discounted_purchases(self, delta: float, t: float = math.inf) -> float:
        """Discounted expected repeat purchases of a new customer in the first t periods; the first one not counted."""
        zero = np.zeros(1)
        return float(self.discounted_purchases(delta, zero, zero, zero, t)[0])

    def probability_of_count(self, n: FloatArray, t: FloatArray) -> FloatArray:
        """P(X(t) = n) repeat purchases of a new customer, (len(n), len(t)).

        Alive at t with n purchases, or died at y < t with n before.
        """
        counts, times = np.asarray(n, dtype=float), np.asarray(t, dtype=float)
        n, t = np.repeat(counts, times.size), np.tile(times, counts.size)
        alive, dead = count_and_dead(n, t, self.r, self.alpha, self.s, self.beta)
        log_scale = log_ways(self.r, n)
        found: FloatArray = np.minimum(np.exp(log_scale + alive) + np.exp(log_scale + dead), 1.0)
        return found.reshape(counts.size, times.size)

    def draw_latent(self, rng: np.random.Generator, x: FloatArray, t_x: FloatArray, T: FloatArray) -> Latent:
        """One posterior draw per customer of being alive and, for those who are, of purchase rate and dropout rate."""
        alive = rng.random(x.size) < self.p_alive(x, t_x, T)
        return replace(self.draw_living(rng, x[alive], T[alive]), alive=alive)

    def draw_living(self, rng: np.random.Generator, x: FloatArray, T: FloatArray) -> Latent:
        """One posterior draw of the same traits of customers known to be alive: recency says no more about them."""
        rate = rng.standard_gamma(self.r + x) / (self.alpha + T)
        dropout = rng.standard_gamma(self.s, size=T.size) / (self.beta + T)
        return Latent(np.ones(x.size, dtype=bool), rate, dropout, dropout_is_purchase=False)

    def draw_new(self, rng: np.random.Generator, size: int) -> Latent:
        """Traits of `size` new customers, all alive."""
        rate = rng.gamma(self.r, size=size) / self.alpha
        dropout = rng.gamma(self.s, size=size) / self.beta
        return Latent(np.ones(size, dtype=bool), rate, dropout, dropout_is_purchase=False)

    def _alive(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """P(alive at T)."""
        return by_stretches(lambda *history: expit(-self._forms.log_odds_dropped(*history)), x, t_x, T)
