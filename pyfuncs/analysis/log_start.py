"""Whether a log begins in the midst of its customers' histories: then the first purchase in it is not their first."""

from typing import Final

import numpy as np

from pyfuncs.models.arrays import FloatArray

FOUR_WEEKS: Final = 28
"""Days in which customers are counted: whole weeks, because not every day is a day of business."""
SEVERAL: Final = 3
"""Times as many customers as later on, from which those of the first four weeks cannot all be new."""
FEWEST: Final = 30
"""Customers of the first four weeks below which nothing is said."""
_YEAR: Final = 13  # of four weeks: longer than a season, shorter than a decline
_LEAST: Final = 2  # so many to be a later level


MIDST: Final = (
    "The log begins in the midst: {:.0%} of its customers come in its first four weeks, so many had bought before."
)
"""What a reader must know of a log of which that share had bought before."""


def had_bought_before(first_purchase: FloatArray) -> float:
    """Share of the customers who come in the first four weeks of a log where these cannot all be new; 0 where they can.

    They cannot where these weeks bring at least `SEVERAL` times as many as the median four weeks of the year after: a
    log cut out of longer histories meets most of its customers at once, as they go on buying.  Weeks after the last
    new customer do not count, so that the log of one cohort, acquired in some months and then followed, is none.

    Parameters
    ----------
    first_purchase : (n,) array
        Days of the first purchase of each customer within the log.
    """
    if not first_purchase.size:
        return 0.0
    since = (first_purchase - first_purchase.min()).astype(np.int64)
    whole = (int(since.max()) + 1) // FOUR_WEEKS
    came = np.bincount(since // FOUR_WEEKS)[:whole]
    later = came[1 : 1 + _YEAR]
    if later.size < _LEAST or came[0] < max(FEWEST, SEVERAL * float(np.median(later))):
        return 0.0
    return float(came[0] / since.size)
