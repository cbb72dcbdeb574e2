"""From purchases to histories counted in opportunities, as BG/BB needs them: one chance to buy a period."""

import numpy as np
import pandas as pd

from pyfuncs.analysis.log import Log
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
    bought = log.bought
    first = bought.day[bought.start[:-1]]
    end = np.datetime64(log.observation_end, "D").astype(np.int64)
    T = np.floor((end - first) / days + 1e-9)
    if T.max(initial=0.0) < 1:
        raise InsufficientDataError(
            f"transactions: no customer has been observed for a whole {period} after the first purchase; "
            "BG/BB needs some, so choose a shorter period."
        )
    number = np.ceil((bought.day - first[bought.who]) / days - 1e-9)
    counts = (number > 0) & (number <= T[bought.who])
    who, number = bought.who[counts], number[counts]
    # purchases stand in the order of customers and days, so those of one opportunity stand together
    new = np.ones(who.size, dtype=np.bool_)
    new[1:] = (who[1:] != who[:-1]) | (number[1:] != number[:-1])
    x = np.bincount(who[new], minlength=T.size).astype(np.float64)
    recency = np.zeros(T.size)
    recency[who] = number  # the last one written is the latest
    spent = np.bincount(who, bought.amount[counts], minlength=T.size)
    mean = np.divide(spent, x, out=np.full(T.size, np.nan), where=x > 0)
    return pd.DataFrame(
        {"customer_id": bought.customers, "frequency": x, "recency": recency, "T": T, "monetary_value": mean}
    )
