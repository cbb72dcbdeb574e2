"""What BG/NBD and MBG/NBD share: they differ only in whether a customer can drop out right after the first purchase.

`chances` is how often a customer still alive after x repeat purchases has passed up the chance to drop out: x times in
BG/NBD (Fader, Hardie & Lee 2005), x + 1 times in MBG/NBD (Batislam, Denizel & Filiztekin 2007). Both models then read

    L = E[(1-p)^chances] lambda^x e^{-lambda T}  +  [chances > 0] E[p (1-p)^(chances-1)] lambda^x e^{-lambda t_x}

with lambda ~ Gamma(r, rate alpha), p ~ Beta(a, b). Arrays are float (n,), times in periods.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pyfuncs.errors import DomainError
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.dropout_mixture import discounted_purchases, mean_purchases
from pyfuncs.models.latent import Latent
from pyfuncs.models.quadrature import Integrand, log_integral
from pyfuncs.models.special import expit, log_gamma, log_rising, softplus


@dataclass(frozen=True, slots=True)
class BetaGeometric:
    """The four parameters and the number of dropout chances (0 or 1) before the first repeat purchase."""

    name: str
    r: float
    alpha: float
    a: float
    b: float
    first_chance: int

    def log_odds_dropped(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Ln of P(dropped out) / P(alive); -inf for a customer who has had no chance to drop out."""
        chances = x + self.first_chance
        with np.errstate(divide="ignore"):
            odds = np.log(self.a) - np.log(np.maximum(chances - 1.0, 0.0) + self.b)
        waited = np.log1p((T - t_x) / (self.alpha + t_x))
        return np.where(chances > 0, odds + (self.r + x) * waited, -np.inf)

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Natural-log individual likelihood."""
        chances = x + self.first_chance
        return (
            log_rising(self.r, x)
            - self.r * np.log1p(T / self.alpha)
            - x * np.log(self.alpha + T)
            + log_rising(self.b, chances)
            - log_rising(self.a + self.b, chances)
            + softplus(self.log_odds_dropped(x, t_x, T))
        )

    def p_alive(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """P(alive at T | history)."""
        return expit(-self.log_odds_dropped(x, t_x, T))

    def expected_purchases(self, t: FloatArray | float, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """E[X(T, T + t] | history]."""
        x, t_x, T, t = np.broadcast_arrays(x, t_x, T, np.asarray(t, dtype=float))
        rest = self.b + self.first_chance + x
        alive = self.p_alive(x, t_x, T)
        return alive * mean_purchases(self.a, rest, self.r + x, t / (self.alpha + T))

    def discounted_purchases(self, delta: float, x: FloatArray, t_x: FloatArray, T: FloatArray, t: float) -> FloatArray:
        """Discounted expected purchases in (T, T + t]."""
        if math.isfinite(t) and delta == 0:
            return self.expected_purchases(t, x, t_x, T)
        rest = self.b + self.first_chance + x
        alive = self.p_alive(x, t_x, T)
        if not math.isfinite(t) and delta <= 0:
            if delta < 0 or self.a <= 1:
                raise DomainError(
                    f"{self.name}: without a horizon and without discounting the expected purchases are infinite "
                    f"(a = {self.a:.4g} is not above 1); state a horizon or a discount rate above 0."
                )
            return alive * (self.a - 1.0 + rest) / (self.a - 1.0)
        horizon = np.full(x.shape, t)
        return alive * discounted_purchases(self.a, rest, self.r + x, self.alpha + T, delta, horizon)

    def p_no_purchase(self, t: FloatArray | float, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """P(no purchase in (T, T + t] | history): dropped out already, or alive and silent."""
        log_odds = self.log_odds_dropped(x, t_x, T)
        silent = np.exp(-(self.r + x) * np.log1p(t / (self.alpha + T)))
        return expit(log_odds) + expit(-log_odds) * silent

    def probability_of_count(self, n: FloatArray, t: FloatArray) -> FloatArray:
        """P(X(t) = n) for a new customer, (len(n), len(t)); Fader, Hardie & Lee 2005, equation 8."""
        shape = (n.size, t.size)
        n, t = np.repeat(n, t.size), np.tile(t, n.size)
        chances = n + self.first_chance
        survives_all = log_rising(self.b, chances) - log_rising(self.a + self.b, chances)
        with np.errstate(divide="ignore"):
            leaves_last = survives_all + np.log(self.a) - np.log(np.maximum(chances - 1.0, 0.0) + self.b)
        exactly = np.exp(survives_all + _log_count(n, self.r, self.alpha, t))
        at_least = np.exp(leaves_last + _log_at_least(n, self.r, self.alpha, t))
        return (exactly + np.where(chances > 0, at_least, 0.0)).reshape(shape)

    def draw_latent(self, rng: np.random.Generator, x: FloatArray, t_x: FloatArray, T: FloatArray) -> Latent:
        """One draw from their posterior of who is alive and of the traits of those."""
        alive = rng.random(x.size) < expit(-self.log_odds_dropped(x, t_x, T))
        x = x[alive]
        rate = rng.standard_gamma(self.r + x) / (self.alpha + T[alive])
        p = rng.beta(self.a, self.b + self.first_chance + x)
        return Latent(alive, rate, rate * p, dropout_is_purchase=True)

    def draw_new(self, rng: np.random.Generator, size: int) -> Latent:
        """Traits of new customers; with a first chance some drop out right after the first purchase."""
        p = rng.beta(self.a, self.b, size=size)
        alive = rng.random(size) >= p if self.first_chance else np.ones(size, dtype=bool)
        p = p[alive]
        rate = rng.gamma(self.r, size=p.size) / self.alpha
        return Latent(alive, rate, rate * p, dropout_is_purchase=True)


def _log_count(n: FloatArray, r: float, alpha: float, t: FloatArray) -> FloatArray:
    """Ln P(N = n), N negative binomial: Poisson purchases of a never-lapsing customer in t."""
    with np.errstate(divide="ignore"):
        log_share = np.log(t) - np.log(alpha + t)
    growth = np.where(n > 0, n * np.where(n > 0, log_share, 0.0), 0.0)
    return log_rising(r, n) - log_gamma(n + 1.0) - r * np.log1p(t / alpha) + growth


def _log_at_least(n: FloatArray, r: float, alpha: float, t: FloatArray) -> FloatArray:
    """Ln P(N >= n) for the same N: the incomplete beta integral I_u(n, r) at u = t/(alpha + t), over log-odds."""
    out = np.where((n > 0) & (t == 0), -np.inf, 0.0)
    rows = np.flatnonzero((n > 0) & (t > 0))
    if rows.size:
        n, t = n[rows], t[rows]
        share, rest = t / (alpha + t), alpha / (alpha + t)
        f = Integrand(n, ((n + r, share, rest),))
        log_beta = log_gamma(n) - log_rising(r, n)  # B(n, r) = Gamma(n) Gamma(r) / Gamma(n + r)
        log_peak = n * np.log(share) + r * np.log(rest)
        integral = log_integral(f, np.full(n.shape, -1e4), np.zeros(n.shape))
        out[rows] = np.minimum(log_peak + integral - log_beta, 0.0)
    return out
