"""Customers with covariates, simulated from the story of the model."""

from dataclasses import dataclass

import numpy as np

from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.latent import Latent
from pyfuncs.models.pareto_nbd import ParetoNBD

from .conftest import simulate

BASES = {"Pareto/NBD": ParetoNBD(1.2, 12.0, 1.1, 30.0), "BG/NBD": BGNBD(1.1, 9.0, 1.3, 5.0)}


@dataclass(frozen=True)
class WithCovariates:
    """New customers of a model whose purchase and dropout processes go faster by `faster` and `shorter`, (n,) each."""

    base: ParetoNBD | BGNBD
    faster: np.ndarray
    shorter: np.ndarray

    def draw_new(self, rng, size):
        base = self.base
        rate = rng.gamma(base.r, size=size) / base.alpha * self.faster
        if isinstance(base, ParetoNBD):
            dropout = rng.gamma(base.s, size=size) / base.beta * self.shorter
            return Latent(np.ones(size, dtype=bool), rate, dropout, dropout_is_purchase=False)
        p = rng.beta(base.a, base.b / self.shorter)
        return Latent(np.ones(size, dtype=bool), rate, rate * p, dropout_is_purchase=True)


def population(rng, name, z, purchase, dropout, T=None):
    """Histories (x, t_x, T) of customers with covariates z (n, k) and coefficients (k,)."""
    T = rng.uniform(20.0, 60.0, z.shape[0]) if T is None else T
    x, t_x = simulate(rng, WithCovariates(BASES[name], np.exp(z @ purchase), np.exp(z @ dropout)), T)
    return x, t_x, T
