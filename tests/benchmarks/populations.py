"""Simulated customer bases for the benchmarks: transaction logs and histories of the size asked for, by seed."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from pyfuncs.models.arrays import FloatArray, IntArray
from pyfuncs.models.pareto_nbd import ParetoNBD

DAYS = 730
FIRST_DAY = np.datetime64("2023-01-02")
DAILY = ParetoNBD(r=0.55, alpha=86.0, s=0.61, beta=82.0)
"""About the CDNOW customers, counted in days: two in three never come back within two years."""


class Purchases(NamedTuple):
    """One entry a purchase: whose (from 0), on which day (from 0), how much; sorted by customer and day."""

    customer: IntArray
    day: IntArray
    amount: FloatArray


class Histories(NamedTuple):
    """Frequency, recency, T and mean spend of n customers, (n,) each; the mean is nan without a repeat purchase."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    m: FloatArray


def purchases(customers: int, seed: int, model: ParetoNBD = DAILY, days: int = DAYS) -> Purchases:
    """Every purchase, the first ones included, of customers who arrive evenly all the time but the last tenth."""
    rng = np.random.default_rng(seed)
    arrival = rng.uniform(0, 0.9 * days, customers)
    traits = model.draw_new(rng, customers)
    lifetime = rng.exponential(size=customers) / traits.dropout_rate
    until = np.minimum(lifetime, days - arrival)
    repeats = rng.poisson(traits.purchase_rate * until)
    who = np.concatenate((np.arange(customers), np.repeat(np.arange(customers), repeats)))
    later = np.repeat(arrival, repeats) + rng.random(repeats.sum()) * np.repeat(until, repeats)
    day = np.floor(np.concatenate((arrival, later))).astype(np.int64)
    mean = 40.0 / rng.gamma(4.0, 1 / 4.0, customers)
    amount = np.round(mean[who] * rng.gamma(6.0, 1 / 6.0, who.size), 2) + 0.01
    order = np.lexsort((day, who))
    return Purchases(who[order], day[order], amount[order])


def histories(bought: Purchases, days_per_period: float = 1.0, days: int = DAYS) -> Histories:
    """What the purchases come to for each customer, observed until the last day; one purchase a day at most."""
    key, where = np.unique(bought.customer * days + bought.day, return_inverse=True)
    total = np.bincount(where, bought.amount)
    who, day = np.divmod(key, days)
    start = np.flatnonzero(np.diff(who, prepend=-1))
    count = np.diff(np.append(start, who.size))
    first, last = day[start], day[start + count - 1]
    x = count - 1.0
    spent = np.bincount(who, total) - total[start]
    mean = np.divide(spent, x, out=np.full(x.size, np.nan), where=x > 0)
    return Histories(x, (last - first) / days_per_period, (days - 1 - first) / days_per_period, mean)


def sheet(rows: int, seed: int) -> pd.DataFrame:
    """A log of at most so many rows in the order of its days: customer (text), date, amount; no customer cut short."""
    bought = purchases(rows // 2, seed)
    end = int(np.searchsorted(bought.customer, bought.customer[min(rows, bought.customer.size - 1)]))
    order = np.argsort(bought.day[:end], kind="stable")
    return pd.DataFrame({
        "customer": pd.Series([f"C{code:07}" for code in bought.customer[order].tolist()], dtype="str"),
        "date": (FIRST_DAY + bought.day[order]).astype("datetime64[s]"),
        "amount": bought.amount[order],
    })  # fmt: skip
