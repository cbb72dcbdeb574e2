"""How well a score tells two groups apart."""

import numpy as np
from numpy.typing import NDArray

from pyfuncs.models.arrays import FloatArray


def auc(score: FloatArray, positive: NDArray[np.bool_]) -> tuple[float, float]:
    """Area under the ROC curve and its standard error.

    The area is the chance that one of the positive scores higher than one of the others, ties counting half; the error
    is that of DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837.  Both groups need two members or more.
    """
    mine, others = np.sort(score[positive]), np.sort(score[~positive])
    above = _share_below(others, mine)  # of each positive: the others it beats
    beaten = 1.0 - _share_below(mine, others)
    error = np.sqrt(above.var(ddof=1) / mine.size + beaten.var(ddof=1) / others.size)
    return float(above.mean()), float(error)


def _share_below(group: FloatArray, x: FloatArray) -> FloatArray:
    """Share of a group, in ascending order, below each x, ties counting half."""
    return (np.searchsorted(group, x, "left") + np.searchsorted(group, x, "right")) / (2.0 * group.size)
