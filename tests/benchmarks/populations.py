"""Customer bases for the benchmarks: CDNOW, and simulated logs and histories of the size asked for, by seed."""

import importlib.util
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from pyfuncs.models.arrays import FloatArray, IntArray
from pyfuncs.models.pareto_nbd import ParetoNBD
from tests.models.conftest import read_cdnow

SEED = 1

DAYS = 730
FIRST_DAY = np.datetime64("2023-01-02")
DAILY = ParetoNBD(r=0.55, alpha=86.0, s=0.61, beta=82.0)
"""About the CDNOW customers, counted in days: two in three never come back within two years."""
BUSY = ParetoNBD(r=1.5, alpha=50.0, s=0.6, beta=300.0)
"""Customers with about ten transactions each."""


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


def histories(bought: Purchases, days_per_period: int = 1, days: int = DAYS) -> Histories:
    """What the purchases come to for each customer, observed until the last period; one purchase a period at most."""
    key, where = np.unique(bought.customer * days + bought.day // days_per_period, return_inverse=True)
    total = np.bincount(where, bought.amount)
    who, period = np.divmod(key, days)
    start = np.flatnonzero(np.diff(who, prepend=-1))
    count = np.diff(np.append(start, who.size))
    first, last = period[start], period[start + count - 1]
    x = count - 1.0
    spent = np.bincount(who, total) - total[start]
    mean = np.divide(spent, x, out=np.full(x.size, np.nan), where=x > 0)
    return Histories(x, (last - first) * 1.0, (days - 1) // days_per_period - first * 1.0, mean)


class Base(NamedTuple):
    """Which customers: so many simulated ones, their purchases merged by day or by week; CDNOW where it is None."""

    customers: int | None
    period: str = "day"
    seed: int = SEED

    def __str__(self) -> str:
        if self.customers is None:
            return "CDNOW"
        return f"{self.customers:,} customers, {'daily' if self.period == 'day' else 'weekly'}"

    def histories(self) -> Histories:
        """Their histories, in the period; CDNOW's in weeks."""
        return _histories(self)


@lru_cache(maxsize=1)
def _histories(base: Base) -> Histories:
    if base.customers is None:
        return Histories(*read_cdnow())
    return histories(purchases(base.customers, base.seed), 7 if base.period == "week" else 1)


class Opportunities(NamedTuple):
    """Repeat purchases, last of them, and opportunities for them: (n,) each, for BG/BB."""

    x: FloatArray
    t_x: FloatArray
    n: FloatArray


@cache
def donations() -> pd.DataFrame:
    """The donations as lifetimes ships them: frequency, recency, periods, weights."""
    spec = importlib.util.find_spec("lifetimes")  # its own loader needs pkg_resources
    assert spec is not None
    assert spec.origin is not None
    return pd.read_csv(Path(spec.origin).parent / "datasets" / "donations.csv")


def coins(customers: int, opportunities: int, seed: int) -> Opportunities:
    """Customers who at each opportunity leave, or else buy, with chances of their own: the BG/BB story."""
    rng = np.random.default_rng(seed)
    buys, leaves = rng.beta(1.2, 0.75, customers), rng.beta(0.66, 2.8, customers)
    stays = rng.geometric(leaves) - 1
    bought = rng.random((customers, opportunities)) < buys[:, None]
    bought &= np.arange(opportunities) < stays[:, None]
    last = opportunities - bought[:, ::-1].argmax(axis=1)
    x = bought.sum(axis=1)
    return Opportunities(x * 1.0, np.where(x > 0, last, 0) * 1.0, np.full(customers, opportunities * 1.0))


def sheet(rows: int, seed: int, model: ParetoNBD = DAILY) -> pd.DataFrame:
    """A log of at most so many rows in the order of its days: customer (text), date, amount; no customer cut short."""
    bought = purchases(max(rows // (2 if model is DAILY else 8), 1), seed, model)
    end = int(np.searchsorted(bought.customer, bought.customer[min(rows, bought.customer.size - 1)]))
    order = np.argsort(bought.day[:end], kind="stable")
    return pd.DataFrame({
        "customer": pd.Series([f"C{code:07}" for code in bought.customer[order].tolist()], dtype="str"),
        "date": (FIRST_DAY + bought.day[order]).astype("datetime64[s]"),
        "amount": bought.amount[order],
    })  # fmt: skip
