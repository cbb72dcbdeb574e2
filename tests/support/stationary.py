"""Logs of a population that stays as it is (Pareto/NBD with Gamma-Gamma spend), or of one that changes."""

import datetime as dt

import numpy as np
import pandas as pd

from pyfuncs.analysis.log import Log, read_log

START = dt.date(2022, 1, 3)
SPLIT = START + dt.timedelta(days=7 * 78 - 1)
END = START + dt.timedelta(days=7 * 130 - 1)
R, ALPHA, S, BETA = 1.0, 40.0, 0.8, 120.0
"""Pareto/NBD, in days."""
DAYS = (END - START).days + 1


def stationary_log(seed: int, customers: int = 900, *, faster: float = 1.0, acquired: int = 540) -> Log:
    """Customers acquired evenly over the first `acquired` days, observed for 130 weeks.

    Those of the second half of the acquisition buy `faster` times as often.
    """
    rng = np.random.default_rng(seed)
    first = np.sort(rng.integers(0, acquired, customers))
    rate = rng.gamma(R, 1 / ALPHA, customers) * np.where(first < acquired // 2, 1.0, faster)
    leaves = first + rng.exponential(1 / rng.gamma(S, 1 / BETA, customers))
    mean = 6.25 / rng.gamma(3.74, 1 / 15.45, customers)
    days = [
        np.concatenate(([day], rng.uniform(day, DAYS, rng.poisson(each * (DAYS - day)))))
        for day, each in zip(first, rate, strict=True)
    ]
    who = np.repeat(np.arange(customers), [len(each) for each in days])
    day = np.concatenate(days)
    kept = (day < leaves[who]) | (day == first[who])
    return log_of(who[kept], day[kept], mean[who[kept]] / 6.25 * rng.gamma(6.25, 1.0, kept.sum()))


def log_of(who: np.ndarray, day: np.ndarray, amount: np.ndarray) -> Log:
    """A log of purchases by number of the customer and day since the start."""
    table = pd.DataFrame(
        {
            "customer_id": [f"c{number:05d}" for number in who],
            "date": np.datetime64(START, "s") + np.floor(day).astype("timedelta64[D]"),
            "amount": np.round(amount, 2) + 0.01,
        }
    )
    return read_log(table, observation_end=END)


def without(log: Log, customers: set[str], after: dt.date = SPLIT) -> Log:
    """The same log in which these customers buy nothing after a day."""
    rows = log.rows
    gone = rows["customer_id"].isin(customers) & (rows["date"] > np.datetime64(after))
    return read_log(rows.loc[~gone, ["customer_id", "date", "amount"]], observation_end=END)
