"""Gamma-Gamma: what a customer spends per purchase, independent of how often.

P. Fader, B. Hardie (2013), The gamma-gamma model of monetary value; P. Fader, B. Hardie, K. Lee (2005), RFM and CLV.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pyfuncs.errors import DomainError
from pyfuncs.models.arrays import FloatArray, by_stretches
from pyfuncs.models.special import log_beta
from pyfuncs.models.validation import require_positive


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Parameters of the Gamma-Gamma model; p, q, v (money) > 0, else DomainError.

    Arrays are float (n,); x counts repeat purchases, m is their mean spend in money (nan or anything where x = 0).
    """

    name: ClassVar[str] = "Gamma-Gamma"

    p: float
    q: float
    v: float

    def __post_init__(self) -> None:
        require_positive(self.name, p=self.p, q=self.q, v=self.v)

    @property
    def mean(self) -> float:
        """Population mean spend per purchase, p v/(q - 1); DomainError when q <= 1, where it is infinite."""
        if self.q <= 1:
            raise DomainError(
                f"{self.name}: the population mean of spend is infinite (q = {self.q:.4g} is not above 1); "
                "a few very large spenders dominate these data: cap or separate them, or state a spend per purchase."
            )
        return self.p * self.v / (self.q - 1.0)

    def expected_spend(self, x: FloatArray, m: FloatArray) -> FloatArray:
        """Expected spend per future purchase, (n,): p (v + x m)/(p x + q - 1); Fader & Hardie 2013, equation 5.

        The population mean at x = 0 and where m is nan. Raises DomainError when q <= 1.
        """
        mean = self.mean

        def expected(x: FloatArray, m: FloatArray) -> FloatArray:
            _, x, total = _known(x, m)
            return mean * (1.0 + total / self.v) / (1.0 + x * (self.p / (self.q - 1.0)))

        return by_stretches(expected, x, m)

    def log_likelihood(self, x: FloatArray, m: FloatArray) -> FloatArray:
        """Natural log of the density of the mean spend m, x > 0 and m > 0, (n,); Fader & Hardie 2013, equation 1a."""
        shape = self.p * x
        return (
            -log_beta(shape, self.q)
            - self.q * np.log1p(x * m / self.v)
            - shape * np.log1p(self.v / (x * m))
            - np.log(m)
        )

    def draw_mean_spend(self, rng: np.random.Generator, x: FloatArray, m: FloatArray) -> FloatArray:
        """One posterior draw per customer of the mean spend p/nu, nu ~ Gamma(p x + q, v + x m), (n,)."""
        _, x, total = _known(x, m)
        return (self.v + total) * self.draw_multiple(rng, x)

    def draw_multiple(self, rng: np.random.Generator, x: FloatArray) -> FloatArray:
        """The same draw as a multiple of v + x m, which depends on x alone; x counts purchases of known spend."""
        return self.p / np.maximum(rng.standard_gamma(self.p * x + self.q), np.finfo(float).tiny)

    def expected_multiple(self, x: FloatArray) -> FloatArray:
        """Expected spend per future purchase as a multiple of v + x m, (n,); q > 1."""
        return self.p / (self.p * x + self.q - 1.0)


def _known(x: FloatArray, m: FloatArray) -> tuple[NDArray[np.bool_], FloatArray, FloatArray]:
    """Which customers have a spend of their own, and x and the total x m with 0 in place of what is unknown."""
    known = (x > 0) & ~np.isnan(m)
    x = np.where(known, x, 0.0)
    return known, x, x * np.where(known, m, 0.0)
