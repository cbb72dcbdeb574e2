import numpy as np
import pytest

from pyfuncs.models.compression import distinct_histories, distinct_rows


@pytest.mark.parametrize("unit", [1.0, 7.0, 365.25 / 12, 39.0 * np.pi])
def test_distinct_histories_are_bitwise_those_of_the_input(unit):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, 3000).astype(float)
    T = rng.integers(20, 30, 3000) / unit
    t_x = np.where(x > 0, rng.integers(1, 20, 3000) / unit, 0.0)
    found = distinct_histories(x, t_x, T)
    expected, counts = np.unique(np.stack([x, t_x, T]), axis=1, return_counts=True)
    rows = np.stack([found.x, found.t_x, found.T])
    order = np.lexsort(rows[::-1])
    assert (rows[:, order] == expected).all()
    assert (found.count[order] == counts).all()


def test_every_row_finds_its_combination_again():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 5, 200) * 1.0, rng.random(200).round(1)
    first, inverse = distinct_rows(a, b)
    assert (a[first][inverse] == a).all()
    assert (b[first][inverse] == b).all()


def test_many_columns_of_many_levels_do_not_overflow():
    rng = np.random.default_rng(2)
    columns = [rng.random(5000) for _ in range(6)]
    first, inverse = distinct_rows(*columns)
    assert first.size == 5000
    assert (columns[5][first][inverse] == columns[5]).all()
