"""The rows of a log that are used, each with its customer, and by which channel customers came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.lazy import pandas as pd

if TYPE_CHECKING:
    from pyfuncs.analysis.log import Log

Codes = NDArray[np.intp]

NOT_STATED: Final = "not stated"
"""What rows without a product or a channel count as."""


@dataclass(frozen=True, eq=False)
class UsedRows:
    """Rows in the order of the log, (n,) arrays.

    Attributes
    ----------
    row : place in the log
    who : place of the customer in the customers of `log.used`
    day : days since 1970
    """

    row: Codes
    who: Codes
    day: NDArray[np.int64]


def used_rows(log: Log) -> UsedRows:
    """The used rows of a log; raises InsufficientDataError when there are none."""
    from pyfuncs.analysis.log import STATUSES, USED, used
    from pyfuncs.analysis.texts import spelled

    bought, read = used(log), log.read
    row = np.flatnonzero(read.status == STATUSES.index(USED))
    ids = spelled(read.customers.ids, np.arange(len(read.customers.ids)))
    who = places(ids, bought.customers)[read.customers.codes[row]]
    return UsedRows(row, who, read.dates.values[row].astype("datetime64[D]").view(np.int64))


def key_of(name: str) -> str:
    """How names of channels and products compare: letter case and outer blanks do not matter."""
    return name.strip().casefold()


def places(wanted: pd.Series[str], among: pd.Series[str]) -> Codes:
    """The place of each text among others, -1 where it is not there."""
    import pyarrow.compute as pc

    from pyfuncs.analysis.texts import arrow_texts

    found = pc.index_in(arrow_texts(wanted), value_set=arrow_texts(among))
    return np.asarray(pc.fill_null(found, -1), dtype=np.intp)


def first_channels(log: Log) -> pd.Series[str]:
    """The channel of each customer's first purchase, in the order of the customers of `log.used`; NA if none is named.

    Of several rows on the first day that name one, the earliest counts, by clock time and then by the order of the log.
    The log must have a column channel.
    """
    from pyfuncs.analysis.log import used
    from pyfuncs.analysis.texts import cell_texts

    bought, found = used(log), used_rows(log)
    named = cell_texts(log.read.cells[log.columns["channel"]])
    first_day = bought.day[bought.start[:-1]]
    told = (found.day == first_day[found.who]) & named.notna().to_numpy()[found.row]
    row, who = found.row[told], found.who[told]
    latest_first = np.argsort(log.read.dates.values[row], kind="stable")[::-1]
    row_of = np.full(first_day.size, -1, dtype=np.intp)
    row_of[who[latest_first]] = row[latest_first]  # the last one written is the earliest
    return named.reindex(row_of).reset_index(drop=True)
