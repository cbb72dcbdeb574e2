"""The cases of the high-precision grid: 200 sets a model, each of ten cases that share parameters, horizon and rate.

A third of the sets is usual, a third wide (as far as a fit may go), a third far (as far as a worksheet may send). Fixed
among them: a, s or gamma = 1, equal and far apart second parameters, and the histories of EDGES in turn.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

Row = dict[str, float | int]
Rng = np.random.Generator

SETS = 200
CASES = 10
PARAMETERS = {
    "BG/NBD": ("r", "alpha", "a", "b"),
    "MBG/NBD": ("r", "alpha", "a", "b"),
    "Pareto/NBD": ("r", "alpha", "s", "beta"),
    "BG/BB": ("alpha", "beta", "gamma", "delta"),
    "Gamma-Gamma": ("p", "q", "v"),
}
CENTERS = {
    "BG/NBD": (0.6, 10.0, 1.0, 1.6),
    "MBG/NBD": (0.6, 10.0, 1.0, 1.6),
    "Pareto/NBD": (0.6, 10.0, 0.6, 10.0),
    "BG/BB": (1.2, 0.75, 0.66, 2.8),
    "Gamma-Gamma": (6.0, 3.0, 15.0),
}
# The parameter that is 1 where textbook forms are 0/0, and the two that textbook forms treat by which is larger
ONE = {"BG/NBD": "a", "MBG/NBD": "a", "Pareto/NBD": "s", "BG/BB": "gamma"}
PAIR = {"BG/NBD": ("a", "b"), "MBG/NBD": ("a", "b"), "Pareto/NBD": ("alpha", "beta"), "BG/BB": ("gamma", "delta")}
# (x, t_x, T): new, one-timer, regular, bought on the last day, all on the first day, heavy, heavy on the last day,
# very heavy and long gone, very heavy and not
EDGES = [
    (0, 0.0, 0.0),
    (0, 0.0, 730.0),
    (2, 30.43, 38.86),
    (1, 38.86, 38.86),
    (3, 0.0, 90.0),
    (250, 363.207, 363.457),
    (991, 2043.0, 2043.0),
    (4000, 1500.0, 4800.0),
    (4900, 3651.99, 3652.0),
]
# the same in opportunities
DISCRETE_EDGES = [
    (0, 0, 0),
    (0, 0, 6),
    (6, 6, 6),
    (1, 1, 60),
    (26, 50, 52),
    (180, 360, 365),
    (1, 3000, 3000),
    (2000, 2000, 2000),
    (1500, 2999, 3000),
]


def rows(name: str) -> Iterator[Row]:
    """The cases of a model, in order; the same ones at every call."""
    rng = np.random.default_rng([20240601, list(PARAMETERS).index(name)])
    for number in range(SETS):
        reach = number % 3  # usual, wide, far
        parameters = _parameters(name, rng, number, reach)
        if name == "Gamma-Gamma":
            yield from (parameters | spend for spend in _spends(rng, reach))
        else:
            discrete = name == "BG/BB"
            histories = _discrete_histories(rng, number, reach) if discrete else _histories(rng, number, reach)
            yield from (parameters | case for case in _with_future(rng, reach, histories, discrete))


def is_far(case: int) -> bool:
    """Whether the case of that number belongs to a far set."""
    return case // CASES % 3 == 2


def _parameters(name: str, rng: Rng, number: int, reach: int) -> Row:
    centers = np.log(CENTERS[name])
    if reach < 2:
        drawn = np.exp(rng.normal(centers, (0.7, 1.6)[reach]))
    else:
        drawn = np.exp(rng.uniform(np.log(1e-4), np.log(1e5), centers.size))
    found = {key: _short(value) for key, value in zip(PARAMETERS[name], drawn, strict=True)}
    if name == "Gamma-Gamma":  # the mean exists above 1
        found["q"] = 1 + found["q"]
    else:
        first, second = PAIR[name]
        special = number // 3 % 8
        if special in (2, 6):
            found[ONE[name]] = 1.0
        if special == 3:
            found[second] = found[first]
        if special in (4, 5):
            found[second] = _short(found[first] * (1e4 if special == 4 else 1e-4))
    return dict(found)


def _histories(rng: Rng, number: int, reach: int) -> list[tuple[int, float, float]]:
    found = [EDGES[(2 * number + k) % len(EDGES)] for k in range(2)]
    while len(found) < CASES:
        wide = rng.choice([0, 1, 2, rng.integers(3, 300), rng.integers(300, 5000)])
        x = int(rng.integers(0, 8) if reach == 0 else wide)
        T = round(float(np.exp(rng.uniform(0.0, np.log(200.0 if reach == 0 else 5000.0)))), 3)
        t_x = round(T * float(rng.choice([rng.random(), 1.0, 0.999, 0.999999])), 6)
        found.append((x, t_x if x > 0 else 0.0, T))
    return found


def _discrete_histories(rng: Rng, number: int, reach: int) -> list[tuple[int, int, int]]:
    found = [DISCRETE_EDGES[(2 * number + k) % len(DISCRETE_EDGES)] for k in range(2)]
    while len(found) < CASES:
        T = int(np.exp(rng.uniform(0.0, np.log(60.0 if reach == 0 else 3000.0))))
        t_x = int(rng.choice([T, rng.integers(0, T + 1), max(T - 1, 0)]))
        x = int(rng.choice([t_x, rng.integers(1, t_x + 1), 1])) if t_x > 0 else 0
        found.append((x, t_x, T))
    return found


def _with_future(rng: Rng, reach: int, histories: list[Any], discrete: bool) -> Iterator[Row]:
    """Each history with the horizon and rate of its set, and a number n of purchases of a new customer within t."""
    typical = max(float(np.median([T for _, _, T in histories])), 1.0)
    t = _short(typical * np.exp(rng.uniform(-3, 2) if reach < 2 else rng.uniform(-6, 4)))
    if discrete:
        t = min(max(int(t), 1), 4000)
    rate = _short(np.exp(rng.uniform(np.log(1e-6 if reach == 2 else 1e-5), np.log(1.0 if reach == 2 else 0.05))))
    most = min(60 if reach == 0 else 5000, t + 1 if discrete else 5000)
    for k, (x, t_x, T) in enumerate(histories):
        n = 0 if k == 0 else int(rng.integers(0, min(9, most)) if k < 4 else np.exp(rng.uniform(0, np.log(most))))
        yield {"t": t, "rate": rate, "x": x, "t_x": t_x, "T": T, "n": n}


def _spends(rng: Rng, reach: int) -> Iterator[Row]:
    for k in range(CASES):
        x = 0 if k == 0 else int(rng.integers(1, 9) if reach == 0 else np.exp(rng.uniform(0, np.log(5000))))
        m = np.exp(rng.normal(np.log(30), 0.8) if reach == 0 else rng.uniform(np.log(1e-3), np.log(1e6)))
        yield {"x": x, "m": _short(m)}


def _short(value: Any) -> float:
    """Four significant digits: the tables stay readable."""
    return float(f"{value:.4g}")
