"""BG/NBD: gamma-Poisson purchases, dropout possible right after every repeat purchase.

P. Fader, B. Hardie, K. Lee (2005), "Counting your customers" the easy way: an alternative to the Pareto/NBD model,
Marketing Science 24(2). Equation numbers are that paper's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.beta_geometric import BetaGeometric
from pyfuncs.models.latent import Latent
from pyfuncs.models.validation import require_positive


@dataclass(frozen=True, slots=True)
class BGNBD:
    """Parameters of the BG/NBD model; r, alpha (periods), a, b > 0, else DomainError.

    Arrays are float (n,); x counts repeat purchases, times are in periods with 0 <= t_x <= T.
    """

    name: ClassVar[str] = "BG/NBD"

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        require_positive(self.name, r=self.r, alpha=self.alpha, a=self.a, b=self.b)

    @property
    def _shared(self) -> BetaGeometric:
        return BetaGeometric(self.name, self.r, self.alpha, self.a, self.b, first_chance=0)

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Natural-log likelihood of each history, (n,); equation 6."""
        return self._shared.log_likelihood(x, t_x, T)

    def p_alive(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Probability of being active at T, (n,); exactly 1 at x = 0."""
        return self._shared.p_alive(x, t_x, T)

    def expected_purchases(self, t: FloatArray | float, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Expected purchases in (T, T + t] given the history, (n,); equation 10 by quadrature."""
        return self._shared.expected_purchases(t, x, t_x, T)

    def discounted_purchases(
        self, delta: float, x: FloatArray, t_x: FloatArray, T: FloatArray, t: float = math.inf
    ) -> FloatArray:
        """Expected purchases in (T, T + t], each discounted to T at the continuous rate delta per period, (n,).

        Raises DomainError where the sum is infinite: t = inf with delta < 0, or with delta = 0 and a <= 1.
        """
        return self._shared.discounted_purchases(delta, x, t_x, T, t)

    def p_no_purchase(self, t: FloatArray | float, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Probability of no purchase in (T, T + t] given the history, (n,)."""
        return self._shared.p_no_purchase(t, x, t_x, T)

    def new_expected_purchases(self, t: FloatArray) -> FloatArray:
        """Expected repeat purchases of a new customer in the first t periods, shape of t."""
        t = np.asarray(t, dtype=float)
        zero = np.zeros(t.size)
        return self._shared.expected_purchases(t.ravel(), zero, zero, zero).reshape(t.shape)

    def new_discounted_purchases(self, delta: float, t: float = math.inf) -> float:
        """Discounted expected repeat purchases of a new customer in the first t periods; the first one not counted."""
        zero = np.zeros(1)
        return float(self._shared.discounted_purchases(delta, zero, zero, zero, t)[0])

    def probability_of_count(self, n: FloatArray, t: FloatArray) -> FloatArray:
        """P(X(t) = n) repeat purchases of a new customer, (len(n), len(t)); equation 8."""
        return self._shared.probability_of_count(np.asarray(n, dtype=float), np.asarray(t, dtype=float))

    def draw_latent(self, rng: np.random.Generator, x: FloatArray, t_x: FloatArray, T: FloatArray) -> Latent:
        """One posterior draw of who is alive and, of those, purchase rate and dropout rate (purchase rate times p)."""
        return self._shared.draw_latent(rng, x, t_x, T)

    def draw_living(self, rng: np.random.Generator, x: FloatArray, T: FloatArray) -> Latent:
        """One posterior draw of the same traits of customers known to be alive: recency says no more about them."""
        return self._shared.draw_living(rng, x, T)

    def draw_new(self, rng: np.random.Generator, size: int) -> Latent:
        """Traits of `size` new customers, all alive."""
        return self._shared.draw_new(rng, size)
