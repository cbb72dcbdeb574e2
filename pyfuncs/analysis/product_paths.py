"""What is bought next: from the product of a purchase to that of the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis.baskets import Baskets, shown
from pyfuncs.models.arrays import FloatArray

MOST_IN_MATRIX: Final = 10
NO_FURTHER: Final = "no_further_purchase"
_STRENGTHS: Final = np.geomspace(0.1, 1e6, 141)


@dataclass(frozen=True, eq=False)
class NextProducts:
    """From each product to the next one.

    Attributes
    ----------
    names : (p,) products by purchases of which they were the main product, the rest of the products last as one
    counts : (p, p + 1) purchases by main product and main product of the customer's next purchase; the last column
        those after which there was none yet
    shares : (p, p + 1) shares of each row, which sum to 1, drawn to those of all rows the more, the fewer purchases
    strength : purchases whose worth of evidence the shares of all rows have in a row
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64]
    shares: FloatArray
    strength: float

    @property
    def purchases(self) -> NDArray[np.int64]:
        """Purchases of each row, (p,); they sum to the purchases of the log."""
        return np.asarray(self.counts.sum(axis=1))


def next_products(baskets: Baskets, most: int = MOST_IN_MATRIX) -> NextProducts:
    """The matrix from the main product of each purchase to that of the customer's next purchase.

    Rows are Dirichlet-multinomial: each has its own shares around those of all rows, how closely is the strength with
    the highest likelihood.
    """
    held = np.bincount(baskets.main, minlength=len(baskets.names))
    ranked = np.argsort(-held, kind="stable")[: np.count_nonzero(held)]
    names, among = shown(tuple(baskets.names[i] for i in ranked), most)
    place = np.zeros(held.size, dtype=np.intp)
    place[ranked] = among
    p = len(names)
    now = place[baskets.main]
    after = np.append(now[1:], p)
    after[baskets.bought.start[1:] - 1] = p
    counts = np.bincount(now * (p + 1) + after, minlength=p * (p + 1)).reshape(p, p + 1)
    overall = counts.sum(axis=0) / counts.sum()
    strength = _strength(counts, overall)
    shares = (counts + strength * overall) / (counts.sum(axis=1, keepdims=True) + strength)
    return NextProducts(names, counts, shares, strength)


def _strength(counts: NDArray[np.int64], overall: FloatArray) -> float:
    """The strength of the shares of all rows that gives the counts the highest Dirichlet-multinomial likelihood."""
    from scipy.special import gammaln

    held = overall > 0
    count, share = counts[:, held], overall[held]
    total = counts.sum(axis=1)
    log_likelihood = [
        (gammaln(strength) - gammaln(strength + total)).sum()
        + (gammaln(count + strength * share) - gammaln(strength * share)).sum()
        for strength in _STRENGTHS
    ]
    return float(_STRENGTHS[int(np.argmax(log_likelihood))])
