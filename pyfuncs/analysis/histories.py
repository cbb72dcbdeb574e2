"""From purchases to one history per customer: frequency, recency, T and mean spend."""

import datetime as dt

import numpy as np
import pandas as pd

from pyfuncs.analysis.log import Log, as_date, used
from pyfuncs.analysis.purchases import Purchases
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.models.discounting import DAYS_PER_PERIOD


def histories(log: Log, period: str = "week", end: dt.date | None = None) -> pd.DataFrame:
    """One row per customer with a purchase up to ``end`` (default: the observation end), sorted by customer_id as text.

    Columns: customer_id; frequency, repeat purchase days; recency, first to last purchase, and T, first purchase to
    ``end``, both in periods (day differences over days per period); monetary_value, mean of the day totals after the
    first, NaN at frequency 0; first_purchase, last_purchase (dates); purchases, all of them; first_amount and
    total_amount, the first day's and all days' total.
    Money is NaN when the log has no amounts.

    Raises InputError for an unknown period or an ``end`` after the observation end, InsufficientDataError when no
    customer bought up to ``end``.
    """
    days_per_period = _days_per_period(period)
    until = _checked(log, end, "end")
    bought = _up_to(log, until)
    start = bought.start[:-1]
    first, last = bought.day[start], bought.day[bought.start[1:] - 1]
    after_first = bought.amount.copy()
    after_first[start] = 0.0
    frequency = bought.count - 1
    mean = np.full(len(start), np.nan)
    if log.has_amounts:
        np.divide(bought.total(after_first), frequency, out=mean, where=frequency > 0)
    return pd.DataFrame(
        {
            "customer_id": bought.customers,
            "frequency": frequency.astype(np.float64),
            "recency": (last - first) / days_per_period,
            "T": (_day(until) - first) / days_per_period,
            "monetary_value": mean,
            "first_purchase": first.astype("datetime64[D]").astype("datetime64[s]"),
            "last_purchase": last.astype("datetime64[D]").astype("datetime64[s]"),
            "purchases": bought.count,
            "first_amount": bought.amount[start],
            "total_amount": bought.total(bought.amount),
        },
        copy=False,
    )


def holdout(log: Log, split: dt.date, end: dt.date | None = None) -> pd.DataFrame:
    """What the customers first seen up to ``split`` bought in (split, end]: customer_id, purchases, amount.

    Row for row beside ``histories(log, end=split)``; customers who bought nothing have zeros.  Amount is NaN when the
    log has no amounts.  Raises InputError unless split < end <= observation end.
    """
    start, stop = _checked(log, split, "split"), _checked(log, end, "end")
    if start >= stop:
        raise InputError(f"split: {start} is not before {stop}, the end of the holdout; choose an earlier split.")
    known = _up_to(log, start)
    bought = used(log)
    mine = bought.day[bought.start[:-1]] <= _day(start)
    after = (bought.day > _day(start)) & (bought.day <= _day(stop))
    count = np.bincount(bought.who[after], minlength=len(mine))[mine]
    amount = np.bincount(bought.who[after], bought.amount[after], minlength=len(mine))[mine]
    return pd.DataFrame(
        {
            "customer_id": known.customers,
            "purchases": count.astype(np.int64),
            "amount": amount if log.has_amounts else np.full(len(amount), np.nan),
        }
    )


def _days_per_period(period: str) -> float:
    if period not in DAYS_PER_PERIOD:
        raise InputError(f'period: "{period}" is not one of {", ".join(DAYS_PER_PERIOD)}.')
    return DAYS_PER_PERIOD[period]


def _checked(log: Log, day: dt.date | None, name: str) -> dt.date:
    date = log.observation_end if day is None else as_date(day)
    if date > log.observation_end:
        raise InputError(
            f"{name}: {date} is after the observation end, {log.observation_end}; choose a day customers were observed."
        )
    return date


def _up_to(log: Log, until: dt.date) -> Purchases:
    bought = used(log)
    kept = bought.until(_day(until))
    if not len(kept.day):
        first = bought.day.min().astype("datetime64[D]")
        raise InsufficientDataError(
            f"transactions: the first purchase is of {first}, none is up to {until}; choose a later day."
        )
    return kept


def _day(date: dt.date) -> int:
    """A date in days since 1970."""
    return int(np.datetime64(date, "D").astype(np.int64))
