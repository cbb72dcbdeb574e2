"""Many ages or worlds at once are interpolated from a few: the same numbers as each by itself."""

import numpy as np
import pytest

from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.interpolation import Table, smooth_in_log, smooth_nearby
from pyfuncs.models.mbgnbd import MBGNBD
from pyfuncs.models.pareto_nbd import ParetoNBD

PARAMETERS = [
    (0.24, 4.4, 0.8, 2.4),
    (0.5, 60.0, 1.0, 1.0),
    (3.0, 2.0, 1e-3, 5.0),
    (0.05, 700.0, 40.0, 0.2),
    (30.0, 5.0, 4.0, 300.0),
]


@pytest.mark.parametrize("parameters", PARAMETERS)
@pytest.mark.parametrize("kind", [BGNBD, MBGNBD])
@pytest.mark.parametrize("x", [0.0, 3.0, 700.0])
def test_hundreds_of_ages_are_scored_as_each_alone(kind, parameters, x):
    model = kind(*parameters)
    T = np.arange(1.0, 731.0)
    history = np.full(T.size, x), np.where(x > 0, T * 0.99, 0.0), T
    some = [0, 1, 50, 400, 728, 729]
    for horizon in (0.5, 30.0, 4000.0):
        together = model.expected_purchases(horizon, *history)[some]
        alone = [model.expected_purchases(horizon, *(c[i : i + 1] for c in history))[0] for i in some]
        assert together == pytest.approx(alone, rel=2e-12, abs=1e-300)
        for delta in (2e-4, -1e-4, 0.05):
            together = model.discounted_purchases(delta, *history, horizon)[some]
            alone = [model.discounted_purchases(delta, *(c[i : i + 1] for c in history), horizon)[0] for i in some]
            assert together == pytest.approx(alone, rel=2e-12, abs=1e-300)


def test_it_is_used_where_it_saves_work_and_only_there():
    asked = []

    def f(z):
        asked.append(z.size)
        return 1.0 / (1.0 + z)

    z = np.linspace(1.0, 9.0, 1000)
    assert smooth_in_log(f, z) == pytest.approx(1.0 / (1.0 + z), rel=1e-14)
    assert asked.pop() < 60
    assert smooth_in_log(f, np.full(5, 2.0)).tolist() == [1 / 3] * 5
    assert asked.pop() == 1
    for direct in (z[:7], np.geomspace(1e-6, 1e6, 1000)):
        assert smooth_in_log(f, direct) == pytest.approx(1.0 / (1.0 + direct), rel=1e-15)
        assert asked.pop() == direct.size
    assert smooth_in_log(f, np.empty(0)).size == 0


def near_enough(near, exact):
    return bool((np.abs(near - exact) <= 1e-3).all())


def test_a_quadratic_stands_in_for_p_alive_where_parameters_hardly_differ():
    model = ParetoNBD(0.55, 10.58, 0.61, 11.67)
    x, t_x, T = np.array([0.0, 1.0, 5.0, 40.0]), np.array([0.0, 30.0, 10.0, 36.0]), np.full(4, 39.0)
    asked = []

    def f(point, rows):
        asked.append(point)
        return ParetoNBD(*np.exp(point)).p_alive(x[rows], t_x[rows], T[rows])

    rng = np.random.default_rng(1)
    close = np.log([model.r, model.alpha, model.s, model.beta]) + 0.02 * rng.standard_normal((200, 4))
    exact = np.stack([f(point, slice(None)) for point in close], axis=1)
    asked.clear()
    values = smooth_nearby(f, close, near_enough)
    assert len(asked) == 16
    assert np.abs(values(slice(None)) - exact).max() < 1e-4
    assert (values(slice(1, 3)) == values(slice(None))[1:3]).all()
    assert len(asked) == 16
    apart = close + 2.0 * rng.standard_normal((200, 1))
    assert (smooth_nearby(f, apart, near_enough)(slice(1, 3))[:, 7] == f(apart[7], slice(1, 3))).all()
    other = smooth_nearby(f, apart, near_enough, lambda point, rows: 2.0 * f(point, rows))
    assert (other(slice(None))[:, 7] == 2.0 * f(apart[7], slice(None))).all()
    assert (smooth_nearby(f, close, lambda near, exact: False, lambda point, rows: x)(slice(None)) == exact).all()


def test_points_that_are_all_one_need_one_value_and_few_points_need_no_quadratic():
    asked = []

    def f(point, rows):
        asked.append(point)
        return point[:1][rows]

    assert smooth_nearby(f, np.ones((50, 3)), near_enough)(slice(None)).tolist() == [[1.0] * 50]
    assert len(asked) == 2  # one of them to check
    points = np.random.default_rng(2).random((5, 3))
    assert smooth_nearby(f, points, near_enough)(slice(None)).tolist() == [points[:, 0].tolist()]


@pytest.mark.parametrize("shape", [1e-3, 0.4, 30.0])
@pytest.mark.parametrize("scale", [1e-2, 7.0, 1e4])
def test_a_table_of_counts_and_times_is_worked_out_at_a_few_of_both(shape, scale):
    rng = np.random.default_rng(4)
    x, z = rng.negative_binomial(1, 0.03, 3000).astype(float), np.ceil(rng.uniform(0, 365, 3000)) / 7
    asked = []

    def f(x, z):
        asked.append(x.size)
        return (shape + x) / (scale + z) * (1.0 - (1.0 + 50.0 / (scale + z)) ** -(shape + x))

    assert Table.of(x, z)(f, scale) == pytest.approx(f(x, z), rel=2e-4)
    assert asked[0] == 140


def test_a_table_of_few_counts_and_times_holds_them_all():
    x, z = np.array([9.0, 0.0, 9.0, 1.0, 6.0, 0.0]), np.array([0.0, 0.0, 3.0, 3.0, 4.0, 4.0])
    assert Table.of(x, z)(lambda x, z: 1.0 + x * z, 2.0) == pytest.approx(1.0 + x * z, rel=1e-12)
