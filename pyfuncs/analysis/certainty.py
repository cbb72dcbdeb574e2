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

from pyfuncs.analysis import scores, segments
from pyfuncs.analysis.intervals import World, certain_or_not, latent_worlds
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.value_intervals import probability_of_reaching
from pyfuncs.models.arrays import FloatArray, IntArray

CUTS: Final = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50)
"""Shares of customers at which the effect of the cut is shown."""
_SAMPLE: Final = 10_000
"""Customers, spread evenly over the ranks, whose worlds tell where the rule cuts."""


@dataclass(frozen=True, eq=False)
class Cuts:
    """What a rule does in possible worlds.

    Attributes
    ----------
    met : (n,) array
        Share of worlds in which each customer meets the rule.
    least : (worlds,) array
        The least true value that meets the rule in each world; infinite where none does.
    captured, possible, belonging : (len(CUTS),) arrays
        If the best share of customers by expected value were picked: the share of true value they hold, the share that
        as many truly best customers hold, and the share of those picked who are among them; means over the worlds.
    """

    met: FloatArray
    least: FloatArray
    captured: FloatArray
    possible: FloatArray
    belonging: FloatArray


@dataclass(frozen=True, eq=False)
class Certainty:
    """P(focal) of each customer, (n,); the number of customers at each of the cuts; and what the cuts do."""

    p_focal: FloatArray
    customers: IntArray
    cuts: Cuts


def certainty(
    fitted: Fitted,
    customers: scores.CustomerTable,
    values: ArrayLike,
    rule: str = segments.TOP_SHARE,
    threshold: float = 0.2,
    cost_per_customer: float | None = None,
    *,
    horizon: float | None = None,
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
    draws: int = 200,
    seed: int = 1,
    worlds: list[World] | None = None,
) -> Certainty:
    """How surely each customer meets the rule; `values` (n,) are what they are expected to be worth.

    Of large bases a sample, spread evenly over the ranks, tells in each world how much a focal customer is worth at
    least.  `worlds` are those of `intervals.certain_or_not` with these draws and this seed where they have been drawn.
    Raises `InputError` for a rule that cannot be applied, as `segments.label` does.
    """
    expected = np.asarray(values, dtype=np.float64)
    order = np.argsort(-expected, kind="stable")
    rows = order[:: -(-expected.size // _SAMPLE)]
    if rule == segments.BUDGET:
        threshold *= rows.size / expected.size
    if worlds is None:
        worlds = certain_or_not(fitted, customers, draws, seed)
    drawn = latent_worlds(
        fitted, customers, rows, worlds, horizon=horizon, annual_discount_rate=annual_discount_rate, margin=margin,
        seed=seed,
    )  # fmt: skip
    cuts = cut(drawn, rows.size, rule, threshold, cost_per_customer)
    if rows.size == expected.size:
        p_focal = np.empty(expected.size)
        p_focal[order] = cuts.met
    else:
        p_focal = probability_of_reaching(
            fitted, customers, cuts.least, worlds, horizon=horizon, annual_discount_rate=annual_discount_rate,
            margin=margin, seed=seed,
        )  # fmt: skip
    return Certainty(p_focal, sizes_at_cuts(expected.size), cuts)


def cut(
    worlds: Iterable[FloatArray], n: int, rule: str, threshold: float, cost_per_customer: float | None = None
) -> Cuts:
    """Apply the rule and the cuts to every world: true values (n,) of customers in order of expected value, best first.

    Raises `InputError` for a rule that cannot be applied.
    """
    sizes, least, share, sums = sizes_at_cuts(n), list[float](), np.zeros(n), np.zeros((3, len(CUTS)))
    for true in worlds:
        met = segments.meets_rule(true, rule, threshold, cost_per_customer)
        share += met
        least.append(float(true[met].min(initial=np.inf)))
        sums += _at_cuts(true, sizes)
    return Cuts(share / len(least), np.array(least), *(sums / len(least)))


def sizes_at_cuts(n: int) -> IntArray:
    """How many customers each of the cuts picks of n; at least one."""
    return np.maximum(np.floor(np.array(CUTS) * n + 0.5), 1).astype(np.intp)


def _at_cuts(true: FloatArray, sizes: IntArray) -> FloatArray:
    """Captured, possible and belonging, (3, cuts), in one world.

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
