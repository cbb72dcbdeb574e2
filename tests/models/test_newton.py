"""The optimiser on surfaces with known minima."""

import numpy as np
import pytest

from pyfuncs.models.newton import minimise


def rosenbrock(theta):
    x, y = theta
    value = (1 - x) ** 2 + 100 * (y - x * x) ** 2
    gradient = np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])
    hessian = np.array([[2 - 400 * (y - 3 * x * x), -400 * x], [-400 * x, 200.0]])
    return value, gradient, hessian


def test_a_curved_valley_is_followed_to_its_minimum():
    found = minimise(rosenbrock, np.array([-1.2, 1.0]), box=12.0)
    assert found.converged
    assert found.theta == pytest.approx([1, 1], abs=1e-6)
    assert not found.bound.any()


def test_a_minimum_beyond_the_box_is_held_at_the_box():
    def slope(theta):
        return float(-theta[0] + theta[1] ** 2), np.array([-1.0, 2 * theta[1]]), np.diag([0.0, 2.0])

    found = minimise(slope, np.array([0.0, 3.0]), box=12.0)
    assert found.converged
    assert found.theta == pytest.approx([12, 0], abs=1e-8)
    assert found.bound.tolist() == [True, False]


def test_a_saddle_is_left_downhill():
    def saddle(theta):
        x, y = theta
        return x**2 + y**4 - y**2, np.array([2 * x, 4 * y**3 - 2 * y]), np.diag([2.0, 12 * y**2 - 2])

    found = minimise(saddle, np.array([1.0, 1e-3]), box=12.0)
    assert abs(found.theta[1]) == pytest.approx(0.5**0.5, abs=1e-5)


def test_a_surface_that_turns_to_nan_is_said_to_have_failed_or_stays_finite():
    def broken(theta):
        nan = np.nan if theta[0] > 0.5 else 1.0
        return -theta[0] * nan, np.array([-1.0]) * nan, np.array([[0.0]]) * nan

    found = minimise(broken, np.array([0.0]), box=12.0)
    assert np.isfinite(found.value)
    assert not found.converged
