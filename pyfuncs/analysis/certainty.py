"""How surely focal customers are focal, and what hangs on where the rule cuts.

A rule picks customers by their expected value.  What a customer is truly worth, given rates and spend that nobody can
see, is drawn: in each possible world the rule is applied to those values too, and whom it picks there truly belongs to
the focal segment in that world.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from pyfuncs.analysis import segments
from pyfuncs.models.arrays import FloatArray, IntArray

CUTS: Final = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50)
"""Shares of customers at which the effect of the cut is shown."""


@dataclass(frozen=True, eq=False)
class Certainty:
    """What the possible worlds say of a rule.

    Attributes
    ----------
    p_focal : (n,) array
        Share of worlds in which each customer meets the rule.
    customers, captured, possible, belonging : (len(CUTS),) arrays
        If the best share of customers by expected value were picked: their number, the share of true value they hold,
        the share that as many truly best customers hold, and the share of those picked who are among them; means over
        the worlds.
    """

    p_focal: FloatArray
    customers: IntArray
    captured: FloatArray
    possible: FloatArray
    belonging: FloatArray


def focal_probability(
    worlds: Iterable[FloatArray],
    rule: str = segments.TOP_SHARE,
    threshold: float = 0.2,
    cost_per_customer: float | None = None,
) -> FloatArray:
    """Share of worlds in which each customer meets the rule, (n,): each world has a true value for every customer."""
    met, count = np.zeros(1), 0
    for true in worlds:
        met = met + segments.meets_rule(true, rule, threshold, cost_per_customer)
        count += 1
    return np.asarray(met / count)


def certainty(
    worlds: Iterable[FloatArray],
    values: ArrayLike,
    rule: str = segments.TOP_SHARE,
    threshold: float = 0.2,
    cost_per_customer: float | None = None,
) -> Certainty:
    """Apply the rule, and those of the cuts, to every world; `values` are the expected values of the customers."""
    expected = np.asarray(values, dtype=np.float64)
    order = np.argsort(-expected, kind="stable")
    sizes = np.maximum(np.floor(np.array(CUTS) * expected.size + 0.5), 1).astype(np.intp)
    met, count = np.zeros(expected.size), 0
    sums = np.zeros((3, sizes.size))
    for true in worlds:
        met += segments.meets_rule(true, rule, threshold, cost_per_customer)
        sums += _at_cuts(true[order], sizes)
        count += 1
    captured, possible, belonging = sums / count
    return Certainty(met / count, sizes, captured, possible, belonging)


def _at_cuts(true: FloatArray, sizes: IntArray) -> FloatArray:
    """Captured, possible and belonging, (3, cuts), in one world; `true` in order of expected value, best first.

    Those who tie at the edge of the truly best, as the many who are worth nothing any more do, belong to them in part.
    """
    best = np.sort(true)[::-1]
    held, most = np.cumsum(true), np.cumsum(best)
    total = most[-1] if most[-1] > 0 else np.nan
    out = np.empty((3, sizes.size))
    for i, size in enumerate(sizes):
        edge = best[size - 1]
        above = int(np.searchsorted(-best, -edge))
        tied = int(np.searchsorted(-best, -edge, side="right")) - above
        picked = true[:size]
        share = np.count_nonzero(picked > edge) + np.count_nonzero(picked == edge) * (size - above) / tied
        out[:, i] = held[size - 1] / total, most[size - 1] / total, share / size
    return np.nan_to_num(out)
