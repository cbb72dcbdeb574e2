"""Uncertainty of value in three layers, which can be drawn together or apart.

parameters  the fit knows the population only so well: draws of log-parameters, see `parameter_draws`
latent      given the population, each customer's own rates and spend are known only through a short history
outcome     given those, purchases and amounts are still a matter of chance

An interval that holds layer 1 alone is an interval of the average, not of what a customer will do: label it so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pyfuncs.analysis import scores
from pyfuncs.analysis.levels import tails_of
from pyfuncs.analysis.model_table import Fitted, MeanSpend
from pyfuncs.analysis.parameter_draws import draw_models
from pyfuncs.errors import DomainError, InputError, InsufficientDataError
from pyfuncs.models import estimation
from pyfuncs.models.arrays import FloatArray, IntArray
from pyfuncs.models.compression import distinct_rows
from pyfuncs.models.estimation import PurchaseModel
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.latent import Traits, among

Draws = NDArray[np.float32]
Spend = GammaGamma | MeanSpend | None
World = tuple[PurchaseModel, Spend]

PARAMETERS: Final = "parameters"
LATENT: Final = "latent"
OUTCOME: Final = "outcome"
LAYERS: Final = (PARAMETERS, LATENT, OUTCOME)
_NONE: Final = np.zeros(1)


def value_draws(
    fitted: Fitted,
    customers: scores.CustomerTable,
    *,
    horizon: float | None = None,
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
    layers: Collection[str] = LAYERS,
    draws: int = 200,
    seed: int = 1,
) -> Draws:
    """Simulated values of each customer: (draws, n) array, one possible world a row.

    All customers of a row share its parameters, so sums over customers are right too.  Without "latent" a row holds the
    conditional expectations; "outcome" needs "latent".  A model typed by hand takes its parameter uncertainty from
    these customers.

    Where a fit sits on a boundary and these are not its customers, what the data leave open is held fixed, so its
    intervals are too narrow.

    Raises `InputError` for unknown or impossible layers.
    """
    check_layers(layers, draws)
    scores.check_margin(margin)
    delta = scores.discount_per_period(fitted, annual_discount_rate, horizon)
    t = scores.in_periods(fitted, horizon)
    history, spend_history = scores.history(customers), scores.spend_history(customers)
    of_parameters, rng = streams(seed)
    worlds = possible_worlds(fitted, customers, PARAMETERS in layers, draws, of_parameters)
    values = np.empty((draws, history[0].size), dtype=np.float32)
    if LATENT not in layers:
        return _expected_values(values, worlds, history, spend_history, delta, t, margin)
    for row, (purchases, spend) in zip(values, worlds, strict=True):
        row[:] = margin * _simulated(rng, purchases, spend, history, spend_history, delta, t, OUTCOME in layers)
    return values


def latent_worlds(
    fitted: Fitted,
    customers: scores.CustomerTable,
    rows: IntArray,
    worlds: list[World],
    *,
    horizon: float | None = None,
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
    seed: int = 1,
) -> Iterator[FloatArray]:
    """What some rows of the customers are truly worth in each of the worlds, (rows,).

    That is their expected value given traits that are drawn.
    """
    scores.check_margin(margin)
    delta, t = scores.discount_per_period(fitted, annual_discount_rate, horizon), scores.in_periods(fitted, horizon)
    x, t_x, T = (column[rows] for column in scores.history(customers))
    spend_history = tuple(column[rows] for column in scores.spend_history(customers))
    rng = streams(seed)[1]
    for purchases, spend in worlds:
        with np.errstate(over="ignore"):  # next to no dropout and no discount: worth more than numbers can say
            true = margin * _simulated(rng, purchases, spend, (x, t_x, T), spend_history, delta, t, False)
        yield true


def streams(seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    """Random numbers for the parameters of possible worlds, and for the customers in them."""
    of_parameters, of_customers = (np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(2))
    return of_parameters, of_customers


def certain_or_not(fitted: Fitted, customers: scores.CustomerTable, draws: int, seed: int) -> list[World]:
    """The models of each draw, their parameters as uncertain as is known: a model typed by hand has none."""
    try:
        return possible_worlds(fitted, customers, True, draws, streams(seed)[0])
    except InsufficientDataError:
        return possible_worlds(fitted, customers, False, draws, streams(seed)[0])


def new_value_draws(
    fitted: Fitted,
    customers: scores.CustomerTable | None = None,
    *,
    horizon: float | None = None,
    annual_discount_rate: float = 0.10,
    margin: float = 1.0,
    first_amount: float | None = None,
    layers: Collection[str] = LAYERS,
    draws: int = 1000,
    seed: int = 1,
) -> FloatArray:
    """Simulated values of a customer acquired today, before acquisition cost: (draws,) array.

    The first purchase is `first_amount`, or the drawn customer's mean spend when left out.  `customers` are
    those of the fit: with them the parameters are drawn as in `value_draws`; without them a model typed by hand has no
    parameter uncertainty, which raises `InsufficientDataError`.
    """
    check_layers(layers, draws)
    scores.check_margin(margin)
    delta = scores.discount_per_period(fitted, annual_discount_rate, horizon)
    t = scores.in_periods(fitted, horizon)
    of_parameters, rng = streams(seed)
    worlds = possible_worlds(fitted, customers, PARAMETERS in layers, draws, of_parameters)
    values = np.empty(draws)
    for draw, (purchases, spend) in enumerate(worlds):
        if LATENT in layers:
            mean_spend = np.ones(1) if spend is None else spend.draw_mean_spend(rng, _NONE, _NONE)
            traits = purchases.draw_new(rng, 1)
            own = mean_spend[traits.alive]
            repeat = among(traits.alive, worth(rng, traits, spend, own, delta, t, OUTCOME in layers))
        else:
            mean_spend = np.ones(1) if spend is None else np.full(1, spend.mean)
            repeat = mean_spend * purchases.new_discounted_purchases(delta, t=t)
        first = mean_spend if first_amount is None else first_amount
        values[draw] = float((margin * (first + repeat))[0])
    return values


def interval(draws: ArrayLike, level: float = 0.90) -> tuple[FloatArray, FloatArray]:
    """Lower and upper bound of each customer, leaving out equal tails: (draws, n) to two (n,) arrays."""
    low, high = quantiles(np.asarray(draws), tails_of(level))
    return low, high


def total_interval(draws: ArrayLike, level: float = 0.90) -> tuple[float, float]:
    """Lower and upper bound of the sum over customers (customer equity): chance cancels, shared parameters do not."""
    low, high = interval(np.asarray(draws).sum(axis=1, dtype=np.float64), level)
    return float(low), float(high)


def quantiles(draws: NDArray[np.floating], tails: tuple[float, float]) -> FloatArray:
    """Quantiles over the first axis, by straight lines between the draws: (draws, ...) to (2, ...) array.

    As np.quantile, which partitions column by column and takes eight times as long.
    """
    ordered = np.sort(np.moveaxis(draws, 0, -1), axis=-1)
    place = np.asarray(tails) * (draws.shape[0] - 1)
    below = np.minimum(place.astype(np.intp), draws.shape[0] - 2)
    low, high = (np.moveaxis(ordered[..., at], -1, 0).astype(np.float64) for at in (below, below + 1))
    share = (place - below).reshape(2, *[1] * (draws.ndim - 1))
    return np.asarray(low + share * (high - low), dtype=np.float64)


def check_layers(layers: Collection[str], draws: int) -> None:
    """Refuse layers that are unknown or cannot be drawn, and too few draws."""
    if isinstance(layers, str) or not layers or not set(layers) <= set(LAYERS):
        raise InputError(f"layers: {layers!r}; give one or more of {', '.join(LAYERS)}.")
    if OUTCOME in layers and LATENT not in layers:
        raise InputError("layers: outcome is drawn from each customer's own rates, so it needs latent too.")
    if draws < 2:
        raise InputError(f"draws: {draws}; an interval needs 2 or more.")


def possible_worlds(
    fitted: Fitted, customers: scores.CustomerTable | None, uncertain: bool, draws: int, rng: np.random.Generator
) -> list[World]:
    """The models of each draw: the fitted ones again and again, or draws of their parameters."""
    if not uncertain:
        return [(fitted.purchases, fitted.spend)] * draws
    purchases = _draw_purchases(rng, fitted, customers, draws)
    if not isinstance(fitted.spend, GammaGamma):
        return [(each, fitted.spend) for each in purchases]
    return list(zip(purchases, _draw_spend(rng, fitted, fitted.spend, customers, draws), strict=True))


def _draw_purchases(
    rng: np.random.Generator, fitted: Fitted, customers: scores.CustomerTable | None, draws: int
) -> list[PurchaseModel]:
    model, fit = fitted.purchases, fitted.purchase_fit
    if customers is None or (fit and fit.customers != len(customers["frequency"])):
        # These are not the customers of the fit, so their likelihood is not that of the parameters.
        covariance, likelihood = _known(fit).covariance, None
    else:
        history = scores.history(customers)
        covariance = fit.covariance if fit else estimation.covariance(model, *history)
        likelihood = partial(estimation.purchase_likelihood, type(model), *history)
    # The type variable stands for one class of the union at a time.
    drawn: list[PurchaseModel] = draw_models(  # type: ignore[type-var]
        rng, model, covariance, draws, likelihood, typed=fit is None
    )
    return drawn or [model] * draws


def _draw_spend(
    rng: np.random.Generator, fitted: Fitted, model: GammaGamma, customers: scores.CustomerTable | None, draws: int
) -> list[GammaGamma]:
    fit = fitted.spend_fit
    x, m = (np.zeros(0), np.zeros(0)) if customers is None else scores.spend_history(customers)
    if customers is None or (fit and fit.customers != np.count_nonzero((x > 0) & (m > 0))):
        covariance, likelihood = _known(fit).covariance, None
    else:
        covariance = fit.covariance if fit else estimation.spend_covariance(model, x, m)
        likelihood = partial(estimation.spend_likelihood, x, m)
    drawn = draw_models(rng, model, covariance, draws, likelihood, _has_mean, typed=fit is None)
    if not drawn:
        raise DomainError(f"spend: q is {model.q:.3g}; the mean spend is infinite up to 1. Use the spend model mean.")
    return drawn


def _has_mean(model: GammaGamma) -> bool:
    """Whether the mean spend is finite; that it were not is nothing data suggest."""
    return model.q > 1.0


def _known(fit: estimation.Fit | None) -> estimation.Fit:
    if fit is None:
        raise InsufficientDataError(
            "parameter uncertainty: a model typed by hand has none; give the customers it was fitted on, or draw the "
            "layers latent and outcome only."
        )
    return fit


def _expected_values(
    values: Draws,
    worlds: list[World],
    history: tuple[FloatArray, FloatArray, FloatArray],
    spend_history: tuple[FloatArray, FloatArray],
    delta: float,
    t: float,
    margin: float,
) -> Draws:
    """Fill the rows with conditional expectations, computed once for each distinct history."""
    first, inverse = distinct_rows(*history)
    x, t_x, T = (column[first] for column in history)
    for row, (purchases, spend) in zip(values, worlds, strict=True):
        expected = purchases.discounted_purchases(delta, x, t_x, T, t=t)[inverse]
        row[:] = margin * expected * (1.0 if spend is None else spend.expected_spend(*spend_history))
    return values


def _simulated(
    rng: np.random.Generator,
    purchases: PurchaseModel,
    spend: Spend,
    history: tuple[FloatArray, FloatArray, FloatArray],
    spend_history: tuple[FloatArray, ...],
    delta: float,
    t: float,
    outcome: bool,
) -> FloatArray:
    """Discounted spend of customers in one possible world, (n,)."""
    traits = purchases.draw_latent(rng, *history)
    own = tuple(column[traits.alive] for column in spend_history)
    mean_spend = 1.0 if spend is None else spend.draw_mean_spend(rng, *own)
    return among(traits.alive, worth(rng, traits, spend, mean_spend, delta, t, outcome))


def worth(
    rng: np.random.Generator,
    latent: Traits,
    spend: Spend,
    mean_spend: FloatArray | float,
    delta: float,
    t: float,
    outcome: bool,
) -> FloatArray:
    """Discounted spend of the alive with known traits, (k,): expected, or as it happens to turn out."""
    if not outcome:
        return latent.expected(delta, t) * mean_spend
    discounted, count = latent.simulate(rng, delta, t)
    if not isinstance(spend, GammaGamma):
        return discounted * mean_spend
    # n purchases of Gamma(p, nu) average Gamma(p n, nu n), and nu = p / mean spend.
    shape = spend.p * np.maximum(count, 1)
    return discounted * rng.standard_gamma(shape) * mean_spend / shape
