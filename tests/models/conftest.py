"""The CDNOW 1/10 sample from lifetimes' packaged text file (lifetimes itself is not imported), and small helpers."""

import importlib.util
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from pyfuncs.models.latent import among

SPLIT = np.datetime64("1997-09-30")


class History(NamedTuple):
    x: np.ndarray
    t_x: np.ndarray
    T: np.ndarray
    m: np.ndarray


def read_cdnow(split=SPLIT):
    """Histories of the calibration window: weeks are days/7, purchases of one day are merged."""
    folder = Path(importlib.util.find_spec("lifetimes").origin).parent / "datasets"
    spend_of: dict[tuple[str, np.datetime64], float] = {}
    for line in (folder / "CDNOW_sample.txt").read_text(encoding="utf-8").splitlines():
        _, customer, day, _, spend = line.split()
        key = customer, np.datetime64(f"{day[:4]}-{day[4:6]}-{day[6:]}")
        spend_of[key] = spend_of.get(key, 0.0) + float(spend)
    purchases: dict[str, list[tuple[np.datetime64, float]]] = {}
    for (customer, day), spend in sorted(spend_of.items()):
        if day <= split:
            purchases.setdefault(customer, []).append((day, spend))
    rows = [
        (
            len(p) - 1,
            (p[-1][0] - p[0][0]).astype(int) / 7,
            (split - p[0][0]).astype(int) / 7,
            np.mean([spend for _, spend in p[1:]]) if len(p) > 1 else np.nan,
        )
        for p in purchases.values()
    ]
    return History(*(np.array(column, dtype=float) for column in zip(*rows, strict=True)))


@pytest.fixture(scope="session")
def cdnow():
    return read_cdnow()


def one(*values):
    """Each value as an array of one customer."""
    return tuple(np.array([value], dtype=float) for value in values)


def simulate(rng, model, T):
    """Histories (x, t_x) simulated from the model's own story, observed for T periods each."""
    latent = model.draw_new(rng, T.size)
    lifetime = among(latent.alive, rng.exponential(size=latent.dropout_rate.size) / latent.dropout_rate)
    until = np.minimum(lifetime, T)
    leaves = latent.alive & (lifetime <= T) & latent.dropout_is_purchase
    buying = latent.purchase_rate - (latent.dropout_rate if latent.dropout_is_purchase else 0.0)
    x = rng.poisson(among(latent.alive, buying) * until).astype(float)
    last = np.where(x > 0, until * rng.random(T.size) ** (1.0 / np.maximum(x, 1.0)), 0.0)
    return x + leaves, np.where(leaves, until, last)


def opportunities(rng, model, T):
    """Histories (x, t_x) simulated from BG/BB, opportunity by opportunity."""
    p, theta = rng.beta(model.alpha, model.beta, T.size), rng.beta(model.gamma, model.delta, T.size)
    number = np.arange(1.0, T.max() + 1.0)
    alive = number < rng.geometric(theta)[:, None]
    bought = alive & (number <= T[:, None]) & (rng.random(alive.shape) < p[:, None])
    return bought.sum(axis=1).astype(float), (bought * number).max(axis=1)
