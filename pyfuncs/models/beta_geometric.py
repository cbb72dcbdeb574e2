"""What BG/NBD and MBG/NBD share: they differ only in whether a customer can drop out right after the first purchase.

`chances` is how often a customer still alive after x repeat purchases has passed up the chance to drop out: x times in
BG/NBD (Fader, Hardie & Lee 2005), x + 1 times in MBG/NBD (Batislam, Denizel & Filiztekin 2007). Both models then read

    L = E[(1-p)^chances] lambda^x e^{-lambda T}  +  [chances > 0] E[p (1-p)^(chances-1)] lambda^x e^{-lambda t_x}

with lambda ~ Gamma(r, rate alpha), p ~ Beta(a, b). Arrays are float (n,), times in periods.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from pyfuncs.models.arrays import FloatArray, by_stretches
from pyfuncs.models.compression import distinct_rows
from pyfuncs.models.dropout_mixture import discounted_purchases, mean_purchases
from pyfuncs.models.latent import Latent
from pyfuncs.models.quadrature import Integrand, log_integral
from pyfuncs.models.special import expit, log_beta, log_rising, log_ways
from pyfuncs.models.validation import require_finite_purchases


@dataclass(frozen=True, slots=True)
class BetaGeometricForms:
    """What covariates share with the models; alpha and b are those of everybody, or each row's own (n,)."""

    r: float
    alpha: float | FloatArray
    a: float
    b: float | FloatArray
    first_chance: int

    def log_odds_dropped(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Ln of P(dropped out) / P(alive); -inf for a customer who has had no chance to drop out."""
        return self.log_odds_last(x) + (self.r + x) * np.log1p((T - t_x) / (self.alpha + t_x))

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Natural-log individual likelihood."""
        chances = x + self.first_chance
        alive = -self.r * np.log1p(T / self.alpha) - x * np.log(self.alpha + T)
        dropped = self.log_odds_last(x) - self.r * np.log1p(t_x / self.alpha) - x * np.log(self.alpha + t_x)
        return log_rising(self.r, x) + _log_survival(self.a, self.b, chances) + np.logaddexp(alive, dropped)

    def log_odds_last(self, x: FloatArray) -> FloatArray:
        """Ln odds that the last chance to drop out was taken, the earlier ones passed up; -inf without a chance."""
        chances = x + self.first_chance
        return np.where(chances > 0, np.log(self.a) - np.log(np.maximum(chances - 1.0, 0.0) + self.b), -np.inf)


@dataclass(frozen=True, slots=True)
class BetaGeometric:
    """The four parameters and the number of dropout chances (0 or 1) before the first repeat purchase."""

    name: str
    r: float
    alpha: float
    a: float
    b: float
    first_chance: int

    @property
    def _forms(self) -> BetaGeometricForms:
        return BetaGeometricForms(self.r, self.alpha, self.a, self.b, self.first_chance)

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Natural-log individual likelihood."""
        return self._forms.log_likelihood(x, t_x, T)

    def p_alive(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """P(alive at T | history)."""
        return by_stretches(lambda *history: expit(-self._forms.log_odds_dropped(*history)), x, t_x, T)

    def expected_purchases(self, t: FloatArray | float, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """E[X(T, T + t] | history]."""
        first, which = distinct_rows(x, T, *([t] if isinstance(t, np.ndarray) else []))
        x_of, T_of, t_of = x[first], T[first], t[first] if isinstance(t, np.ndarray) else t
        rest = self.b + self.first_chance + x_of
        bought = mean_purchases(self.a, rest, self.r + x_of, t_of / (self.alpha + T_of))
        return self.p_alive(x, t_x, T) * bought[which]

    def discounted_purchases(self, delta: float, x: FloatArray, t_x: FloatArray, T: FloatArray, t: float) -> FloatArray:
        """Discounted expected purchases in (T, T + t]."""
        require_finite_purchases(self.name, delta, t, a=self.a)
        if math.isfinite(t) and delta == 0:
            return self.expected_purchases(t, x, t_x, T)
        alive = self.p_alive(x, t_x, T)
        if delta == 0:
            return alive * (self.a - 1.0 + self.b + self.first_chance + x) / (self.a - 1.0)
        first, which = distinct_rows(x, T)
        x_of, rest = x[first], self.b + self.first_chance + x[first]
        worth = discounted_purchases(self.a, rest, self.r + x_of, self.alpha + T[first], delta, t)
        return alive * worth[which]

    def p_no_purchase(self, t: FloatArray | float, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """P(no purchase in (T, T + t] | history): dropped out already, or alive and silent."""
        log_odds = self._forms.log_odds_dropped(x, t_x, T)
        silent = np.exp(-(self.r + x) * np.log1p(t / (self.alpha + T)))
        quiet: FloatArray = np.minimum(expit(log_odds) + expit(-log_odds) * silent, 1.0)
        return quiet

    def probability_of_count(self, n: FloatArray, t: FloatArray) -> FloatArray:
        """P(X(t) = n) for a new customer, (len(n), len(t)); Fader, Hardie & Lee 2005, equation 8."""
        shape = (n.size, t.size)
        n, t = np.repeat(n, t.size), np.tile(t, n.size)
        chances = n + self.first_chance
        survives_all = _log_survival(self.a, self.b, chances)
        exactly = np.exp(survives_all + _log_count(n, self.r, self.alpha, t))
        at_least = np.exp(survives_all + self._forms.log_odds_last(n) + _log_at_least(n, self.r, self.alpha, t))
        found: FloatArray = np.minimum(exactly + at_least, 1.0)
        return found.reshape(shape)

    def draw_latent(self, rng: np.random.Generator, x: FloatArray, t_x: FloatArray, T: FloatArray) -> Latent:
        """One draw from their posterior of who is alive and of the traits of those."""
        alive = rng.random(x.size) < self.p_alive(x, t_x, T)
        return replace(self.draw_living(rng, x[alive], T[alive]), alive=alive)

    def draw_living(self, rng: np.random.Generator, x: FloatArray, T: FloatArray) -> Latent:
        """One draw from their posterior of the traits of customers known to be alive."""
        rate = rng.standard_gamma(self.r + x) / (self.alpha + T)
        p = rng.beta(self.a, self.b + self.first_chance + x)
        return Latent(np.ones(x.size, dtype=bool), rate, rate * p, dropout_is_purchase=True)

    def draw_new(self, rng: np.random.Generator, size: int) -> Latent:
        """Traits of new customers; with a first chance some drop out right after the first purchase."""
        p = rng.beta(self.a, self.b, size=size)
        alive = rng.random(size) >= p if self.first_chance else np.ones(size, dtype=bool)
        p = p[alive]
        rate = rng.gamma(self.r, size=p.size) / self.alpha
        return Latent(alive, rate, rate * p, dropout_is_purchase=True)


def _log_survival(a: float, b: float | FloatArray, chances: FloatArray) -> FloatArray:
    """Ln E[(1-p)^chances] = ln B(a, b + chances)/B(a, b), by rising factorials in a or in chances, the less."""
    less, more = np.minimum(a, chances), np.maximum(a, chances)
    return log_rising(b, less) - log_rising(b + more, less)


def _log_count(n: FloatArray, r: float, alpha: float, t: FloatArray) -> FloatArray:
    """Ln P(N = n), N negative binomial: Poisson purchases of a never-lapsing customer in t."""
    with np.errstate(divide="ignore"):
        log_share = -np.log1p(alpha / t)
    growth = n * np.where(n > 0, log_share, 0.0)
    return log_ways(r, n) - r * np.log1p(t / alpha) + growth


def _log_at_least(n: FloatArray, r: float, alpha: float, t: FloatArray) -> FloatArray:
    """Ln P(N >= n) for the same N: the incomplete beta integral I_u(n, r) at u = t/(alpha + t).

    It runs over log-odds less those of the largest integrand below u: measured there, no large exponents cancel.
    """
    out = np.where((n > 0) & (t == 0), -np.inf, 0.0)
    rows = np.flatnonzero((n > 0) & (t > 0))
    if rows.size:
        n, t = n[rows], t[rows]
        odds = np.minimum(t / alpha, n / r)
        f = Integrand(n, ((n + r, odds / (1.0 + odds), 1.0 / (1.0 + odds)),))
        log_peak = -n * np.log1p(1.0 / odds) - r * np.log1p(odds)
        integral = log_integral(f, np.full(n.shape, -1e4), np.log(t / alpha / odds))
        out[rows] = np.minimum(log_peak + integral - log_beta(n, r), 0.0)
    return out
