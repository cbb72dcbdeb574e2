"""From purchases to histories counted in opportunities, as BG/BB needs them: one chance to buy a period."""

import numpy as np
import pandas as pd

from pyfuncs.analysis.log import Log, purchases
from pyfuncs.errors import InsufficientDataError
from pyfuncs.models.discounting import DAYS_PER_PERIOD


def opportunities(log: Log, period: str = "week") -> pd.DataFrame:
    """One row per customer: in how many of the periods since the first purchase the customer bought again.

    A customer's opportunities are the whole periods that follow the first purchase; purchases within one are one, and
    those of the last, unfinished one are left out, as are those on the day of the first.  Columns: customer_id;
    frequency, opportunities with a purchase; recency, the number of the last of them; T, opportunities there were;
    monetary_value, mean amount of the opportunities with a purchase, nan without one.

    Raises InsufficientDataError when nobody has had an opportunity yet.
    """
    days = DAYS_PER_PERIOD[period]
    bought = purchases(log)
    key, who = np.unique(bought["customer_id"].to_numpy(dtype=object), return_inverse=True)
    day = bought["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    first = np.full(key.size, np.iinfo(np.int64).max)
    np.minimum.at(first, who, day)
    end = np.datetime64(log.observation_end, "D").astype(np.int64)
    T = np.floor((end - first) / days + 1e-9)
    if T.max() < 1:
        raise InsufficientDataError(
            f"transactions: no customer has been observed for a whole {period} after the first purchase; "
            "BG/BB needs some, so choose a shorter period."
        )
    number = np.ceil((day - first[who]) / days - 1e-9)
    counts = (number > 0) & (number <= T[who])
    place = who[counts] * (int(T.max()) + 1) + number[counts].astype(np.int64)
    distinct, where = np.unique(place, return_inverse=True)
    amount = np.bincount(where, bought["amount"].to_numpy(dtype=np.float64)[counts], minlength=distinct.size)
    owner, at = np.divmod(distinct, int(T.max()) + 1)
    x = np.bincount(owner, minlength=key.size).astype(np.float64)
    recency = np.zeros(key.size)
    np.maximum.at(recency, owner, at)
    spent = np.bincount(owner, amount, minlength=key.size)
    mean = np.divide(spent, x, out=np.full(key.size, np.nan), where=x > 0)
    return pd.DataFrame(
        {
            "customer_id": pd.Series(key, dtype="str"),
            "frequency": x,
            "recency": recency,
            "T": T,
            "monetary_value": mean if log.has_amounts else np.full(key.size, np.nan),
        }
    )
