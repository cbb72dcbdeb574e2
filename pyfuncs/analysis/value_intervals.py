"""Intervals of the value of every customer and of all together, for hundreds of thousands of customers.

How often customers buy and when they leave depends, once they are alive, on frequency and age alone, and what they
spend on a multiple of their past spend that depends on frequency alone.  So customers of one frequency and age, peers,
share draws of both.  Each has an interval as if drawn alone; only draws of different customers are not independent.
In the total one of the peers, another in each possible world, stands for all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis import scores
from pyfuncs.analysis.intervals import (
    LATENT,
    LAYERS,
    OUTCOME,
    PARAMETERS,
    Draws,
    Spend,
    World,
    check_layers,
    interval,
    possible_worlds,
    quantiles,
    streams,
    total_interval,
    value_draws,
    worth,
)
from pyfuncs.analysis.levels import tails_of
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.models.arrays import FloatArray, IntArray
from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.compression import distinct_rows, sorting_order
from pyfuncs.models.estimation import PurchaseModel
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.interpolation import Table, smooth_nearby
from pyfuncs.models.pareto_nbd import ParetoNBD
from pyfuncs.models.special import expit

_BLOCK: Final = 2048
_MANY: Final = 8
"""Peers from which their sum is nearer to normal than to one of them."""
_CERTAIN: Final = 36.0
"""Log-odds from which a probability is 1 to all digits."""
_CLOSE: Final = 1e-3
"""By how much a P(alive), or the purchases of the living as a fraction, may be off in the outermost world."""
_SOME: Final = 12
"""Groups of peers for whom a table of the purchases of the living is checked."""


@dataclass(frozen=True, slots=True)
class ValueIntervals:
    """Lower and upper bound of each customer's value, (n,) each, and of the value of all together (customer equity)."""

    low: FloatArray
    high: FloatArray
    total_low: float
    total_high: float


def value_intervals(
    fitted: Fitted,
    customers: scores.CustomerTable,
    *,
    horizon: float | None = None,
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
    layers: Collection[str] = LAYERS,
    level: float = 0.90,
    draws: int = 200,
    seed: int = 1,
    total: bool = True,
    worlds: list[World] | None = None,
) -> ValueIntervals:
    """Intervals of the values that `value_draws` simulates, without holding all draws of all customers at once.

    The total of a possible world is its mean, plus, for each group of peers, the deviation of the one who stands for
    them times the root of their number, normal where they are many: as wide as if all had been drawn one by one.
    Without the `total` its bounds are nan.  `worlds` are those of `possible_worlds` with this seed where they have been
    drawn.  Where parameters hardly differ between worlds, P(alive) is interpolated
    between a few: to 0.001.
    """
    tails = tails_of(level)
    if LATENT not in layers:
        values = value_draws(
            fitted, customers, horizon=horizon, annual_discount_rate=annual_discount_rate, margin=margin,
            layers=layers, draws=draws, seed=seed,
        )  # fmt: skip
        return ValueIntervals(*interval(values, level), *total_interval(values, level))
    check_layers(layers, draws)
    scores.check_margin(margin)
    delta, t = scores.discount_per_period(fitted, annual_discount_rate, horizon), scores.in_periods(fitted, horizon)
    of_parameters, rng = streams(seed)
    if worlds is None:
        worlds = possible_worlds(fitted, customers, PARAMETERS in layers, draws, of_parameters)
    base = _Base.of(customers, fitted.spend)
    luck = _stratified(rng, base.first.size, draws)
    factor = _simulated_factors(rng, worlds, base, delta, t, OUTCOME in layers) * np.float32(margin)
    mean = _expected_factors(worlds, base, delta, t) * np.float32(margin) if total else None
    bounds, totals = np.empty((2, base.x.size)), np.zeros(draws)
    for rows, peers, odds, spent in _blocks(base, worlds):
        values = (odds < luck[peers]) * spent * factor[peers]
        bounds[:, rows] = quantiles(values.T, tails)
        if mean is not None:
            expected = expit(-odds) * spent * mean[peers]
            totals += _total(rng, values, expected, base.count[rows], peers)
    total_bounds = np.quantile(totals, tails).tolist() if total else (np.nan, np.nan)
    return ValueIntervals(bounds[0][base.inverse], bounds[1][base.inverse], *total_bounds)


def probability_of_reaching(
    fitted: Fitted,
    customers: scores.CustomerTable,
    least: FloatArray,
    worlds: list[World],
    *,
    horizon: float | None = None,
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
    seed: int = 1,
) -> FloatArray:
    """Share of possible worlds in which each customer is truly worth at least what that world asks for, (n,).

    `least` (worlds,) is that value.
    """
    scores.check_margin(margin)
    delta, t = scores.discount_per_period(fitted, annual_discount_rate, horizon), scores.in_periods(fitted, horizon)
    rng = streams(seed)[1].spawn(1)[0]
    base = _Base.of(customers, fitted.spend)
    luck = _stratified(rng, base.first.size, least.size)
    with np.errstate(over="ignore"):  # next to no dropout and no discount: worth more than numbers can say
        factor = _simulated_factors(rng, worlds, base, delta, t, outcome=False) * np.float32(margin)
    asked, reached = least.astype(np.float32), np.empty(base.x.size)
    for rows, peers, odds, spent in _blocks(base, worlds):
        with np.errstate(over="ignore", invalid="ignore"):
            reached[rows] = (np.where(odds < luck[peers], spent * factor[peers], 0.0) >= asked).mean(axis=1)
    return reached[base.inverse]


def _blocks(base: _Base, worlds: list[World]) -> Iterator[tuple[slice, IntArray, Draws, Draws]]:
    """Rows that fit the cache: which, their peers, log-odds of being dead and v + past spend in each world."""
    odds_of = _log_odds_dead(worlds, base)
    own = base.spent.astype(np.float32)
    common = np.array([spend.v if isinstance(spend, GammaGamma) else 1.0 for _, spend in worlds], dtype=np.float32)
    for start in range(0, base.x.size, _BLOCK):
        rows = slice(start, start + _BLOCK)
        yield rows, base.peers[rows], odds_of(rows).astype(np.float32), own[rows, None] + common


@dataclass(frozen=True, slots=True)
class _Base:
    """Distinct customers, peers next to each other.

    Attributes
    ----------
    x, t_x, T, spent, count : (m,)
        Histories, money spent in the purchases whose spend is known (0 where it tells nothing), how many customers.
    peers : (m,)
        Number of each row's group of peers; a group ends with its block.
    first, known : (groups,)
        First row of each group; purchases of known spend.
    inverse : (n,)
        For each customer the row.
    """

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    spent: FloatArray
    count: FloatArray
    peers: IntArray
    first: IntArray
    known: FloatArray
    inverse: IntArray

    @classmethod
    def of(cls, customers: scores.CustomerTable, spend: Spend) -> _Base:
        x, t_x, T = scores.history(customers)
        known, spent = np.zeros(x.size), np.zeros(x.size)
        if isinstance(spend, GammaGamma):
            m = scores.spend_history(customers)[1]
            told = (x > 0) & ~np.isnan(m)
            known[told], spent[told] = x[told], x[told] * m[told]
        some, inverse = distinct_rows(x, t_x, T, spent, known)
        group = distinct_rows(x[some], T[some], known[some])[1]
        order = sorting_order(group)
        rows, group, rank = some[order], group[order], np.empty(order.size, dtype=np.intp)
        rank[order] = np.arange(order.size)
        starts = np.diff(group, prepend=-1) > 0
        starts[::_BLOCK] = True
        first = np.flatnonzero(starts)
        count = np.bincount(inverse, minlength=some.size)[order].astype(float)
        peers = np.cumsum(starts) - 1
        return cls(x[rows], t_x[rows], T[rows], spent[rows], count, peers, first, known[rows[first]], rank[inverse])


def _stratified(rng: np.random.Generator, groups: int, draws: int) -> Draws:
    """Log-odds of being dead below which peers are alive, one for each world: (groups, draws).

    Every probability of being alive comes true in its share of the draws, to within one draw.
    """
    order = rng.permuted(np.tile(np.arange(draws, dtype=np.float32), (groups, 1)), axis=1)
    share = (order + rng.random(order.shape)) / draws
    with np.errstate(divide="ignore"):
        return (np.log1p(-share) - np.log(share)).astype(np.float32)


def _simulated_factors(
    rng: np.random.Generator, worlds: list[World], base: _Base, delta: float, t: float, outcome: bool
) -> Draws:
    """What value is a multiple of, were the customer alive: (groups, draws)."""
    factor = np.empty((len(worlds), base.first.size), dtype=np.float32)
    x, T = base.x[base.first], base.T[base.first]
    for row, (purchases, spend) in zip(factor, worlds, strict=True):
        traits = purchases.draw_living(rng, x, T)
        row[:] = worth(rng, traits, spend, _multiple(spend, base.known, rng), delta, t, outcome)
    return np.ascontiguousarray(factor.T)


def _expected_factors(worlds: list[World], base: _Base, delta: float, t: float) -> Draws:
    """The means of what `_simulated_factors` draws, (groups, draws)."""
    x, T = base.x[base.first], base.T[base.first]
    table, some = Table.of(x, T), np.unique(np.linspace(0, x.size - 1, _SOME).astype(np.intp))

    def exact(parameters: FloatArray, groups: slice) -> FloatArray:
        return _purchases_of_the_living(_model_at(worlds, parameters), x[groups], T[groups], delta, t)

    def by_table(parameters: FloatArray, groups: slice) -> FloatArray:
        model = _model_at(worlds, parameters)
        if isinstance(model, BGBB):  # which has no purchases between its opportunities
            return exact(parameters, groups)
        scale = min(model.alpha, model.beta) if isinstance(model, ParetoNBD) else model.alpha
        with np.errstate(divide="ignore", invalid="ignore"):  # purchases so few that there are none: exact
            near = table(lambda x, T: _purchases_of_the_living(model, x, T, delta, t), scale)
        if agree(near[some], _purchases_of_the_living(model, x[some], T[some], delta, t)):
            return near[groups]
        return exact(parameters, groups)

    def agree(near: FloatArray, exact: FloatArray) -> bool:
        return bool((np.abs(near - exact) <= _CLOSE * exact).all())

    purchases = smooth_nearby(exact, _log_parameters(worlds), agree, by_table)(slice(None))
    spend = np.stack([_multiple(spend, base.known) for _, spend in worlds], axis=1)
    return (purchases * spend).astype(np.float32)


def _purchases_of_the_living(model: PurchaseModel, x: FloatArray, T: FloatArray, delta: float, t: float) -> FloatArray:
    """Discounted expected purchases of customers known to be alive, (n,)."""
    last = np.where(x > 0, T, 0.0)  # any recency will do; with this one P(alive) is large
    alive = np.maximum(model.p_alive(x, last, T), np.finfo(float).tiny)
    return model.discounted_purchases(delta, x, last, T, t=t) / alive


def _multiple(spend: Spend, known: FloatArray, rng: np.random.Generator | None = None) -> FloatArray:
    """Mean spend per purchase as a multiple of v and past spend, (k,): drawn or, without random numbers, expected."""
    if isinstance(spend, GammaGamma):
        return spend.expected_multiple(known) if rng is None else spend.draw_multiple(rng, known)
    return np.full(known.size, 1.0 if spend is None else spend.mean)


def _log_odds_dead(worlds: list[World], base: _Base) -> Callable[[slice], FloatArray]:
    """Ln of P(dead) / P(alive) of some rows in each world, (m, draws)."""

    def log_odds(parameters: FloatArray, rows: slice) -> FloatArray:
        alive = _model_at(worlds, parameters).p_alive(base.x[rows], base.t_x[rows], base.T[rows])
        with np.errstate(divide="ignore"):
            odds: FloatArray = np.clip(np.log1p(-alive) - np.log(alive), -_CERTAIN, _CERTAIN)
        return odds

    def agree(near: FloatArray, exact: FloatArray) -> bool:
        return bool((np.abs(expit(near) - expit(exact)) <= _CLOSE).all())

    return smooth_nearby(log_odds, _log_parameters(worlds), agree)


def _model_at(worlds: list[World], parameters: FloatArray) -> PurchaseModel:
    """A model of the worlds' class with these log-parameters."""
    return type(worlds[0][0])(*np.exp(parameters).tolist())


def _log_parameters(worlds: list[World]) -> FloatArray:
    return np.log([astuple(purchases) for purchases, _ in worlds])


def _total(
    rng: np.random.Generator, values: Draws, mean: Draws, count: FloatArray, peers: NDArray[np.integer]
) -> FloatArray:
    """Value of the customers of a block together, (draws,)."""
    first = np.flatnonzero(np.diff(peers, prepend=-1))
    number = np.add.reduceat(count, first)
    until = np.cumsum(count)
    before = until[first] - count[first]
    place = before[:, None] + np.floor(rng.random((first.size, values.shape[1])) * number[:, None])
    chosen = np.searchsorted(until, place, side="right")
    deviation = np.take_along_axis(values, chosen, axis=0) - np.take_along_axis(mean, chosen, axis=0)
    many = number >= _MANY
    spread = np.sqrt((deviation[many] ** 2).mean(axis=1, keepdims=True))
    deviation[many] = spread * rng.standard_normal(deviation[many].shape, dtype=np.float32)
    total: FloatArray = count @ mean + np.sqrt(number) @ deviation
    return total
