"""From purchases to one history per customer: frequency, recency, T and mean spend."""

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from pyfuncs.analysis.log import Log, as_date, purchases
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
    bought = _up_to(purchases(log), until)
    start, who = _starts(bought)
    count = np.diff(np.append(start, len(bought)))
    day = bought["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    amount = bought["amount"].to_numpy(dtype=np.float64)
    first, last = day[start], day[start + count - 1]
    total = np.bincount(who, amount, minlength=len(start))
    after_first = amount.copy()
    after_first[start] = 0.0
    repeat = np.bincount(who, after_first, minlength=len(start))
    frequency = count - 1
    end_day = np.datetime64(until, "D").astype(np.int64)
    mean = np.divide(repeat, frequency, out=np.full(len(start), np.nan), where=frequency > 0)
    return pd.DataFrame(
        {
            "customer_id": bought["customer_id"].to_numpy()[start],
            "frequency": frequency.astype(np.float64),
            "recency": (last - first) / days_per_period,
            "T": (end_day - first) / days_per_period,
            "monetary_value": mean if log.has_amounts else np.full(len(start), np.nan),
            "first_purchase": first.astype("datetime64[D]").astype("datetime64[s]"),
            "last_purchase": last.astype("datetime64[D]").astype("datetime64[s]"),
            "purchases": count.astype(np.int64),
            "first_amount": amount[start],
            "total_amount": total,
        }
    ).astype({"customer_id": "str"})


def holdout(log: Log, split: dt.date, end: dt.date | None = None) -> pd.DataFrame:
    """What the customers first seen up to ``split`` bought in (split, end]: customer_id, purchases, amount.

    Row for row beside ``histories(log, end=split)``; customers who bought nothing have zeros.  Amount is NaN when the
    log has no amounts.  Raises InputError unless split < end <= observation end.
    """
    start, stop = _checked(log, split, "split"), _checked(log, end, "end")
    if start >= stop:
        raise InputError(f"split: {start} is not before {stop}, the end of the holdout; choose an earlier split.")
    bought = purchases(log)
    known = _up_to(bought, start)["customer_id"].drop_duplicates().reset_index(drop=True)
    date = bought["date"].to_numpy()
    after = bought[(date > np.datetime64(start, "s")) & (date <= np.datetime64(stop, "s"))]
    who = pd.Index(known).get_indexer(pd.Index(after["customer_id"]))
    mine = who >= 0
    count = np.bincount(who[mine], minlength=len(known))
    amount = np.bincount(who[mine], after["amount"].to_numpy(dtype=np.float64)[mine], minlength=len(known))
    return pd.DataFrame(
        {
            "customer_id": known,
            "purchases": count.astype(np.int64),
            "amount": amount if log.has_amounts else np.full(len(known), np.nan),
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


def _up_to(bought: pd.DataFrame, until: dt.date) -> pd.DataFrame:
    kept = bought[bought["date"].to_numpy() <= np.datetime64(until, "s")]
    if kept.empty:
        first = bought["date"].min().date()
        raise InsufficientDataError(
            f"transactions: the first purchase is of {first}, none is up to {until}; choose a later day."
        )
    return kept.reset_index(drop=True)


def _starts(bought: pd.DataFrame) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Position of each customer's first purchase, and the customer's number of each purchase."""
    ids, _ = pd.factorize(bought["customer_id"])
    start = np.flatnonzero(np.diff(ids, prepend=-1))
    return start, np.asarray(ids, dtype=np.intp)
