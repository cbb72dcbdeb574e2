"""BG/BB: purchases at discrete opportunities (donations, memberships, renewals), dropout before any of them.

P. Fader, B. Hardie, J. Shang (2010), Customer-base analysis in a discrete-time noncontractual setting, Marketing
Science 29(6). Equation numbers are that paper's. While alive a customer buys at each opportunity with probability
p ~ Beta(alpha, beta); before each opportunity the customer drops out with probability theta ~ Beta(gamma, delta).

The likelihood of a customer last seen at opportunity t_x of T is a sum over when they may have left. Its terms are
positive and depend on whole numbers only, so logarithms of rising factorials are tabled once and looked up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from pyfuncs.models.arrays import FloatArray, IntArray
from pyfuncs.models.compression import distinct_rows
from pyfuncs.models.dropout_mixture import beta_nodes
from pyfuncs.models.latent import OpportunityTraits
from pyfuncs.models.special import expit, log_rising
from pyfuncs.models.validation import check_opportunities, require_finite_purchases, require_positive

_CHUNK_TERMS = 1 << 18
_LONGEST_SUM = 4096  # opportunities ahead up to which silence is summed term by term


@dataclass(frozen=True, slots=True)
class BGBB:
    """Parameters of the BG/BB model; alpha, beta, gamma, delta > 0, else DomainError.

    Arrays are float (n,) of whole numbers: x opportunities with a purchase, the last of them number t_x, out of T since
    the first purchase, which is not counted; 0 <= x <= t_x <= T, else InputError. A horizon t counts the whole
    opportunities it holds.
    """

    name: ClassVar[str] = "BG/BB"

    alpha: float
    beta: float
    gamma: float
    delta: float

    def __post_init__(self) -> None:
        require_positive(self.name, alpha=self.alpha, beta=self.beta, gamma=self.gamma, delta=self.delta)

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Natural-log likelihood of each history, (n,); equation 5."""
        odds = self._log_odds_dead(x, t_x, T)
        bought = log_rising(self.alpha, x) + log_rising(self.beta, T - x) - log_rising(self.alpha + self.beta, T)
        return bought + log_rising(self.delta, T) - log_rising(self.gamma + self.delta, T) + np.logaddexp(0.0, odds)

    def p_alive(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Probability of not having dropped out by opportunity T, (n,); 1 at t_x = T."""
        return expit(-self._log_odds_dead(x, t_x, T))

    def expected_purchases(self, t: FloatArray | float, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Expected purchases in the opportunities of (T, T + t] given the history, (n,); equation 13."""
        return self._ahead(0.0, x, t_x, T, t)

    def discounted_purchases(
        self, rate: float, x: FloatArray, t_x: FloatArray, T: FloatArray, t: float = math.inf
    ) -> FloatArray:
        """Expected purchases in (T, T + t], each discounted to T at the continuous rate per opportunity, (n,); eq. 14.

        Raises DomainError where the sum is infinite: t = inf with rate < 0, or with rate = 0 and gamma <= 1.
        """
        require_finite_purchases(self.name, rate, t, gamma=self.gamma)
        return self._ahead(rate, x, t_x, T, t)

    def p_no_purchase(self, t: FloatArray | float, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Probability of no purchase in (T, T + t] given the history, (n,): dead, silent, or dying before one."""
        odds = self._log_odds_dead(x, t_x, T)
        x, T, t = np.broadcast_arrays(x, T, _whole(t))
        first, inverse = distinct_rows(x, T, t)
        rows = zip(x[first].tolist(), T[first].tolist(), t[first].tolist(), strict=True)
        quiet = np.array([self._silent(*row) for row in rows])[inverse] if x.size else np.empty(0)
        return expit(odds) + expit(-odds) * quiet

    def new_expected_purchases(self, t: FloatArray) -> FloatArray:
        """Expected repeat purchases of a new customer in the first t opportunities, shape of t; equation 9."""
        t = np.asarray(t, dtype=float)
        zero = np.zeros(t.size)
        return self.expected_purchases(t.ravel(), zero, zero, zero).reshape(t.shape)

    def new_discounted_purchases(self, rate: float, t: float = math.inf) -> float:
        """Discounted expected repeat purchases of a new customer in the first t opportunities, the first apart."""
        zero = np.zeros(1)
        return float(self.discounted_purchases(rate, zero, zero, zero, t)[0])

    def probability_of_count(self, n: FloatArray, t: FloatArray) -> FloatArray:
        """P(X(t) = n) repeat purchases of a new customer, (len(n), len(t)); equation 8."""
        counts, ends = np.asarray(n, dtype=float), _whole(t).astype(np.intp)
        left = np.arange(float(ends.max(initial=0)) + 1.0)
        out = np.zeros((counts.size, ends.size))
        for row, k in zip(out, counts, strict=True):
            ways = left[left >= k]  # opportunities lived through, with k purchases among them
            if not ways.size:
                continue
            log_bought = (
                log_rising(ways - k + 1.0, np.full(ways.shape, k))
                - log_rising(1.0, np.full(1, k))
                + log_rising(self.alpha, np.full(1, k))
                + log_rising(self.beta, ways - k)
                - log_rising(self.alpha + self.beta, ways)
            )
            log_alive = log_bought + log_rising(self.delta, ways) - log_rising(self.gamma + self.delta, ways)
            leaves = np.exp(log_alive) * self.gamma / (self.gamma + self.delta + ways)
            left_before = np.concatenate((np.zeros(int(k) + 1), np.cumsum(leaves)))
            alive = np.concatenate((np.zeros(int(k)), np.exp(log_alive)))
            row[:] = alive[ends] + left_before[ends]
        return out

    def draw_latent(self, rng: np.random.Generator, x: FloatArray, t_x: FloatArray, T: FloatArray) -> OpportunityTraits:
        """One posterior draw per customer of being alive and, for those who are, of their p and theta."""
        alive = rng.random(x.size) < self.p_alive(x, t_x, T)
        return replace(self.draw_living(rng, x[alive], T[alive]), alive=alive)

    def draw_living(self, rng: np.random.Generator, x: FloatArray, T: FloatArray) -> OpportunityTraits:
        """One posterior draw of the same traits of customers known to be alive: recency says no more about them."""
        alive = np.ones(x.size, dtype=bool)
        return OpportunityTraits(
            alive, rng.beta(self.alpha + x, self.beta + T - x), rng.beta(self.gamma, self.delta + T)
        )

    def draw_new(self, rng: np.random.Generator, size: int) -> OpportunityTraits:
        """Traits of `size` new customers, all alive."""
        alive = np.ones(size, dtype=bool)
        return OpportunityTraits(
            alive, rng.beta(self.alpha, self.beta, size=size), rng.beta(self.gamma, self.delta, size=size)
        )

    def _log_odds_dead(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Ln of P(dropped out by T) / P(alive at T); -inf at t_x = T."""
        x, t_x, T = check_opportunities(x, t_x, T)
        first, inverse = distinct_rows(x, t_x, T)
        x, t_x, T = x[first], t_x[first], T[first]
        k = np.arange(float(T.max(initial=0.0)) + 1.0)
        lived = (
            log_rising(self.alpha + self.beta, k) + log_rising(self.gamma + self.delta, k) - log_rising(self.delta, k)
        )
        missed = log_rising(self.beta, k)
        leaves = np.log(self.gamma) - np.log(self.gamma + self.delta + k) - lived
        odds = np.full(x.shape, -np.inf)
        for rows, starts, owner, m in branches(t_x, T):
            relative = leaves[m] + missed[m - x[rows][owner].astype(np.intp)]
            peak = np.maximum.reduceat(relative, starts)
            total = np.add.reduceat(np.exp(relative - peak[owner]), starts)
            n, misses = T[rows].astype(np.intp), (T[rows] - x[rows]).astype(np.intp)
            odds[rows] = np.log(total) + peak + lived[n] - missed[misses]
        return odds[inverse]

    def _ahead(self, rate: float, x: FloatArray, t_x: FloatArray, T: FloatArray, t: FloatArray | float) -> FloatArray:
        """P(alive) E[p | alive] times the discounted opportunities that the customer is expected to live through."""
        alive = self.p_alive(x, t_x, T)
        x, T, t = np.broadcast_arrays(x, T, _whole(t))
        first, inverse = distinct_rows(T, np.where(np.isinf(t), -1.0, t))
        rows = zip(T[first].tolist(), t[first].tolist(), strict=True)
        lived = np.array([self._opportunities(rate, *row) for row in rows])[inverse] if x.size else np.empty(0)
        return alive * (self.alpha + x) / (self.alpha + self.beta + T) * lived

    def _opportunities(self, rate: float, T: float, t: float) -> float:
        """Sum over k = 1..t of e^{-rate k} E[(1 - theta)^k], theta ~ Beta(gamma, delta + T)."""
        if t == 0:
            return 0.0
        if rate == 0 and math.isinf(t):
            return (self.delta + T) / (self.gamma - 1.0)
        ahead = min(t, -1.0 / math.expm1(-rate)) if rate > 0 else t
        # One factor 1 - theta goes into the density: E[(1 - theta) f] under Beta(gamma, D) is E[1 - theta] times
        # E[f] under Beta(gamma, D + 1), and a tiny D no longer puts all weight where 1 - theta has no digits.
        theta, weight = beta_nodes(self.gamma, self.delta + T + 1.0, ahead, 1.0)
        with np.errstate(divide="ignore"):
            log_stay = np.log1p(-theta) - rate
        near = np.abs(log_stay) < 1e-300
        safe = np.where(near, -1.0, log_stay)
        sums = np.where(near, t, np.expm1(t * safe) / np.expm1(safe))
        return float(sums @ weight) * math.exp(-rate) * (self.delta + T) / (self.gamma + self.delta + T)

    def _silent(self, x: float, T: float, t: float) -> float:
        """P(no purchase in t opportunities) of a customer alive at T: dies after j silent ones, or lives on silent."""
        misses, survived = self.beta + T - x, self.delta + T
        if t > _LONGEST_SUM:
            return self._long_silent(x, T, t)
        j = np.arange(t + 1.0)
        log_silent = (
            log_rising(misses, j)
            - log_rising(self.alpha + self.beta + T, j)
            + log_rising(survived, j)
            - log_rising(self.gamma + survived, j)
        )
        silent = np.exp(log_silent)
        return min(float((silent[:-1] * self.gamma / (self.gamma + survived + j[:-1])).sum() + silent[-1]), 1.0)

    def _long_silent(self, x: float, T: float, t: float) -> float:
        """The same for a long time ahead, as a double expectation over p and theta of the geometric sum."""
        p, weight_p = beta_nodes(self.alpha + x, self.beta + T - x, t, 1.0)
        theta, weight_theta = beta_nodes(self.gamma, self.delta + T, t, 1.0)
        with np.errstate(divide="ignore"):
            log_stay = np.log1p(-p)[:, None] + np.log1p(-theta)
        gone = theta * np.expm1(t * log_stay) / np.expm1(log_stay)
        return min(float(weight_p @ (gone + np.exp(t * log_stay)) @ weight_theta), 1.0)


def branches(t_x: FloatArray, T: FloatArray) -> Iterator[tuple[IntArray, IntArray, IntArray, IntArray]]:
    """The opportunities m = t_x, ..., T - 1 after which each customer may have left, in chunks.

    Yields the rows of a chunk (those with t_x < T), where each row's terms start, and per term its row within the chunk
    and m.
    """
    open_rows = np.flatnonzero(t_x < T)
    terms = (T - t_x)[open_rows].astype(np.intp)
    chunk = (np.cumsum(terms) - terms) // _CHUNK_TERMS
    for part in np.split(np.arange(open_rows.size), np.flatnonzero(np.diff(chunk)) + 1) if open_rows.size else ():
        rows, length = open_rows[part], terms[part]
        starts = np.cumsum(length) - length
        owner = np.repeat(np.arange(rows.size), length)
        m = t_x[rows].astype(np.intp)[owner] + np.arange(owner.size) - starts[owner]
        yield rows, starts, owner, m


def _whole(t: FloatArray | float) -> FloatArray:
    """Whole opportunities in t periods, with the rounding of a horizon given in years forgiven."""
    return np.floor(np.asarray(t, dtype=float) * (1 + 1e-12) + 1e-9)
