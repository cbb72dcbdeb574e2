"""Exact gradients and Hessians against central differences."""

import numpy as np
import pytest

from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.bgbb_objective import BGBBObjective
from pyfuncs.models.compression import Histories
from pyfuncs.models.estimation import PURCHASE_MODELS
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.objectives import BetaGeometricObjective, SpendObjective
from pyfuncs.models.pareto_objective import ParetoObjective

from .conftest import opportunities

STEP = 1e-5


def some_histories():
    rng = np.random.default_rng(0)
    x = rng.poisson(3, 60).astype(float)
    x[:5] = [0, 0, 200, 50, 1]
    T = rng.uniform(5, 60, 60)
    t_x = np.where(x > 0, T * rng.random(60), 0.0)
    t_x[2] = T[2]
    return Histories(x, t_x, T, rng.integers(1, 9, 60).astype(float))


POINTS = [
    (0.7, 9.0, 0.8, 2.5),
    (2.0, 3.0, 1.7, 30.0),
    (0.05, 0.5, 1.0, 1.0),
    (40.0, 300.0, 25.0, 400.0),
    (1.0, 8, 1e-4, 9),
]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("kind", ["BG/NBD", "MBG/NBD", "Pareto/NBD"])
def test_purchase_derivatives_agree_with_differences(kind, point):
    data = some_histories()
    objective = ParetoObjective(data) if kind == "Pareto/NBD" else BetaGeometricObjective(data, int(kind[0] == "M"))
    check(objective, np.log(point))


@pytest.mark.parametrize("point", [(6.0, 3.7, 15.0), (1.0, 0.8, 100.0), (30.0, 60.0, 2.0)])
def test_spend_derivatives_agree_with_differences(point):
    rng = np.random.default_rng(1)
    x, m = 1.0 + rng.poisson(3, 50), rng.gamma(3, 10, 50)
    objective = SpendObjective(x, m)
    assert objective(np.log(point))[0] == pytest.approx(-GammaGamma(*point).log_likelihood(x, m).sum())
    check(objective, np.log(point))


@pytest.mark.parametrize("point", [(1.2, 0.75, 0.66, 2.8), (0.1, 0.2, 1.0, 30.0), (50.0, 80.0, 0.01, 0.02)])
def test_opportunity_derivatives_agree_with_differences(point):
    rng = np.random.default_rng(2)
    T = rng.integers(1, 60, 80).astype(float)
    x, t_x = opportunities(rng, BGBB(1.2, 0.75, 0.66, 9.0), T)
    data = Histories(x, t_x, T, rng.integers(1, 9, 80).astype(float))
    own = data.count @ BGBB(*point).log_likelihood(x, t_x, T)
    assert BGBBObjective(data)(np.log(point))[0] == pytest.approx(-own, rel=1e-12)
    check(BGBBObjective(data), np.log(point))


@pytest.mark.parametrize("kind", ["BG/NBD", "MBG/NBD", "Pareto/NBD"])
def test_the_objective_is_the_likelihood_of_the_model_also_beyond_thousands_of_purchases(kind):
    data, point = some_histories(), (0.7, 9.0, 0.8, 2.5)
    data.x[:2], data.t_x[:2], data.T[:2] = [4095, 9000], [50.0, 700.0], [60.0, 900.0]
    own = data.count @ PURCHASE_MODELS[kind](*point).log_likelihood(data.x, data.t_x, data.T)
    objective = ParetoObjective(data) if kind == "Pareto/NBD" else BetaGeometricObjective(data, int(kind[0] == "M"))
    assert objective(np.log(point))[0] == pytest.approx(-own, rel=1e-12)
    check(objective, np.log(point))


def check(objective, theta):
    value, gradient, hessian = objective(theta)
    shifts = STEP * np.eye(theta.size)
    up, down = [objective(theta + shift) for shift in shifts], [objective(theta - shift) for shift in shifts]
    slope = np.array([u[0] - d[0] for u, d in zip(up, down, strict=True)]) / (2 * STEP)
    bend = np.array([u[1] - d[1] for u, d in zip(up, down, strict=True)]) / (2 * STEP)
    assert np.isfinite(value)
    assert gradient == pytest.approx(slope, rel=1e-6, abs=1e-7 * abs(value))
    assert hessian == pytest.approx(bend, rel=1e-6, abs=1e-7 * np.abs(hessian).max())
    assert hessian == pytest.approx(hessian.T, rel=1e-10, abs=1e-10)
