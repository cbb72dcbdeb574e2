"""Names for the places where an estimate runs to the edge of the model: one plain sentence each.

An estimate at infinity is not a failure of arithmetic: the data say that a part of the model is not there. The
parameters reported are finite points near the edge, and the sentence says what the edge means.
"""

import numpy as np

from pyfuncs.models.arrays import FloatArray

_RARE = 1e-3
_HUGE = 1e3

_FLAT = "The likelihood is nearly flat: these data leave at least one parameter undetermined."
_NO_CHURN = (
    "No churn is visible in these data: the estimate runs to the NBD limit ({limit} -> 0), so P(alive) is 1 for "
    "{everyone}; do not read it as a forecast that customers stay for ever."
)


def name_beta_geometric(theta: FloatArray) -> str:
    """The sentence for BG/NBD or MBG/NBD; theta = ln(r, alpha, a, b) with time in units of the longest T."""
    r, _, a, b = np.exp(theta)
    leaving = a / (a + b)
    if leaving < _RARE:
        return _NO_CHURN.format(limit="a/(a+b)", everyone="practically everyone")
    if leaving > 1 - _RARE:
        return (
            "Customers leave at the first chance the model gives them: the estimate runs to the limit a/(a+b) -> 1, "
            "so nearly everyone who can have left is taken to be gone."
        )
    if a + b < 100 * _RARE:
        return (
            f"Customers either leave at their first chance ({leaving:.0%}) or never: the estimate runs to the limit "
            "a, b -> 0, so the spread of dropout probabilities is as wide as it can be."
        )
    if a + b > _HUGE:
        return (
            f"All customers appear to share one dropout probability ({leaving:.3g} a purchase): the estimate runs to "
            "the limit a, b -> infinity with a/(a+b) fixed, so only the ratio of a to b is known."
        )
    return _name_purchasing(r)


def name_pareto(theta: FloatArray) -> str:
    """The sentence for Pareto/NBD; theta = ln(r, alpha, s, beta) with time in units of the longest T."""
    r, _, s, beta = np.exp(theta)
    gone = -np.expm1(-s * np.log1p(1.0 / beta))  # share of new customers dead after the longest T
    if gone < _RARE:
        return _NO_CHURN.format(limit="s/beta", everyone="practically everyone")
    if gone > 1 - _RARE:
        return (
            "Customers leave almost at once: the estimate runs to the limit beta/s -> 0 (no lifetime), so nearly "
            "everyone is taken to be gone."
        )
    if s > _HUGE:
        return (
            f"All customers appear to share one dropout rate ({gone:.0%} are gone after the longest T): the estimate "
            "runs to the limit s, beta -> infinity with s/beta fixed, so s and beta have no values of their own."
        )
    if s < 100 * _RARE:
        return (
            f"Customers either leave at once ({gone:.0%}) or stay: the estimate runs to the limit s, beta -> 0, so the "
            "spread of lifetimes is as wide as it can be."
        )
    return _name_purchasing(r)


def name_beta_binomial(theta: FloatArray) -> str:
    """The sentence for BG/BB; theta = ln(alpha, beta, gamma, delta)."""
    alpha, beta, gamma, delta = np.exp(theta)
    leaving = gamma / (gamma + delta)
    if leaving < _RARE:
        return _NO_CHURN.format(limit="gamma/(gamma+delta)", everyone="practically everyone")
    if gamma + delta < 100 * _RARE:
        return (
            f"Customers either leave before their first opportunity ({leaving:.0%}) or never: the estimate runs to the "
            "limit gamma, delta -> 0, so the spread of dropout probabilities is as wide as it can be."
        )
    if gamma + delta > _HUGE:
        return (
            f"All customers appear to share one dropout probability ({leaving:.3g} an opportunity): the estimate runs "
            "to the limit gamma, delta -> infinity with gamma/(gamma+delta) fixed."
        )
    if alpha + beta > _HUGE:
        return (
            f"All customers appear to buy at one share of their opportunities ({alpha / (alpha + beta):.0%}): the "
            "estimate runs to the limit alpha, beta -> infinity with alpha/(alpha+beta) fixed."
        )
    if alpha + beta < 100 * _RARE:
        return (
            f"Customers either buy at every opportunity ({alpha / (alpha + beta):.0%}) or at none: the estimate runs "
            "to the limit alpha, beta -> 0."
        )
    return _FLAT


def name_spend(theta: FloatArray) -> str:
    """The sentence for Gamma-Gamma; theta = ln(p, q, v) with v in units of the mean spend."""
    p, q, _ = np.exp(theta)
    if q > _HUGE:
        return (
            "All customers appear to share one mean spend: the estimate runs to the limit q, v -> infinity with "
            "p v/(q - 1) fixed, so everyone is expected to spend the population mean."
        )
    if p > _HUGE:
        return (
            "A customer's purchases hardly differ in value: the estimate runs to the limit p -> infinity, so everyone "
            "with repeat purchases is expected to go on spending their own mean."
        )
    return _FLAT


def _name_purchasing(r: float) -> str:
    if r > _HUGE:
        return (
            "All customers appear to buy at one rate: the estimate runs to the limit r, alpha -> infinity with r/alpha "
            "fixed (Poisson purchases), so r and alpha have no values of their own."
        )
    if r < _RARE:
        return (
            "Nearly all customers never buy again and a few buy very often: the estimate runs to the limit r -> 0, so "
            "the purchase rates have no typical value."
        )
    return _FLAT
