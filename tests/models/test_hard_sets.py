"""Few customers, short or long observation, coarse time, extreme populations: no better top of the likelihood exists.

The best known comes from many random starts and, as a second optimiser, from SciPy's on the same likelihood.
"""

import numpy as np
import pytest
from scipy.optimize import minimize

from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.compression import distinct_histories
from pyfuncs.models.estimation import BOX, EVERY_PURCHASE_MODEL, PURCHASE_MODELS, _purchase_objective, fit_purchases
from pyfuncs.models.newton import minimise

from .conftest import opportunities, simulate

SETS = 24
STARTS = 8


def hard_set(number):
    """Histories of a population drawn at random, in whole periods of an observation of 10 to 1,000 of them."""
    rng = np.random.default_rng([2026, number])
    longest = np.exp(rng.uniform(np.log(10), np.log(1000)))
    T = np.rint(rng.uniform(0.3, 1.0, int(np.exp(rng.uniform(np.log(30), np.log(1500))))) * longest) + 1
    name = list(PURCHASE_MODELS)[number % 3]
    fourth = np.log(longest / 4) if name == "Pareto/NBD" else 0.7
    center = [-0.5, np.log(longest / 5), -0.2, fourth]
    x, t_x = simulate(rng, PURCHASE_MODELS[name](*np.exp(rng.normal(center, 0.8))), T)
    t_x = np.where(x > 0, np.clip(np.rint(t_x), 1, T), 0.0)
    x = np.minimum(x, t_x)
    x[0], t_x[0] = 1.0, 1.0
    return x, t_x, T


def best_known(name, histories, rng):
    """The lowest value of the objective from random starts, by Newton and by L-BFGS-B."""
    unit = 1.0 if name == BGBB.name else histories[2].max()
    objective = _purchase_objective(EVERY_PURCHASE_MODEL[name], distinct_histories(*histories), unit)
    found = [minimise(objective, rng.normal(0.0, 2.0, 4), box=BOX) for _ in range(STARTS)]
    best = min(found, key=lambda optimum: optimum.value)
    bounds = [(-BOX, BOX)] * 4
    other = minimize(lambda theta: objective(theta)[:2], best.theta * 0.9, jac=True, method="L-BFGS-B", bounds=bounds)
    return min(best.value, other.fun)


@pytest.mark.parametrize("name", PURCHASE_MODELS)
@pytest.mark.parametrize("number", range(SETS))
def test_no_better_likelihood_is_known(name, number):
    histories = hard_set(number)
    fit = fit_purchases(name, *histories)
    assert fit.converged
    assert -fit.log_likelihood <= best_known(name, histories, np.random.default_rng([7, number])) + 1e-5
    assert np.isfinite([getattr(fit.model, field) for field in fit.standard_errors]).all()


@pytest.mark.parametrize("number", range(12))
def test_no_better_likelihood_of_opportunities_is_known(number):
    rng = np.random.default_rng([2027, number])
    T = np.rint(rng.uniform(0.3, 1.0, int(rng.integers(30, 800))) * rng.integers(4, 60)) + 1
    x, t_x = opportunities(rng, BGBB(*np.exp(rng.normal([0.0, 0.0, -0.3, 1.5], 0.9))), T)
    x[0], t_x[0] = 1.0, 1.0
    fit = fit_purchases("BG/BB", x, t_x, T)
    assert fit.converged
    assert -fit.log_likelihood <= best_known("BG/BB", (x, t_x, T), rng) + 1e-5
