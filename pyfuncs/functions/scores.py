"""Scores: what a fitted model says about each customer, one row per customer in the order of the range."""

import numpy as np

from pyfuncs.analysis import intervals, scores
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.value_intervals import value_intervals
from pyfuncs.errors import CellError, InsufficientDataError
from pyfuncs.functions import examples
from pyfuncs.functions.catalogue import Example, excel_function
from pyfuncs.functions.cells import Cell, Grid
from pyfuncs.functions.kinds import Fraction, Horizon, Layers, Model, Rate
from pyfuncs.functions.tables import Customers, scored, with_model

FOR_EVER = "for ever"
CHANCE = (intervals.LATENT, intervals.OUTCOME)
"""A model in cells carries no covariance, so a new customer's interval holds chance, not doubt about the parameters."""
DRAWS = 4000
"""Customers drawn for the interval of a new one."""


@excel_function("CLV_P_ALIVE", family="Scores", example=Example((examples.HISTORY, examples.BGNBD), 0.7266))
def clv_p_alive(customers: Customers, model: Model | None = None) -> Grid:
    """Probability that each customer is still one at the observation end."""
    return scored(customers, model, p_alive=scores.p_alive)


@excel_function(
    "CLV_P_NO_PURCHASE", family="Scores", example=Example((examples.HISTORY, examples.BGNBD, 39 * 7 / 365.25), 0.4454)
)
def clv_p_no_purchase(customers: Customers, model: Model | None = None, horizon: Horizon = 1.0) -> Grid:
    """Probability that each customer does not buy at all within the horizon (years; 1 if left out)."""
    return scored(customers, model, p_no_purchase=lambda fitted, table: scores.p_no_purchase(fitted, table, horizon))


@excel_function(
    "CLV_PURCHASES",
    family="Scores",
    example=Example((examples.HISTORY, examples.BGNBD, 39 * 7 / 365.25), 1.226, tolerance=5e-4),
)
def clv_purchases(customers: Customers, model: Model | None = None, horizon: Horizon = 1.0) -> Grid:
    """Purchases to be expected of each customer within the horizon (years; 1 if left out)."""
    return scored(
        customers, model, expected_purchases=lambda fitted, table: scores.expected_purchases(fitted, table, horizon)
    )


@excel_function(
    "CLV_SPEND",
    family="Scores",
    example=Example(
        (examples.CUSTOMERS, examples.WITH_SPEND), [["expected_spend"], [24.668], [35.242]], tolerance=5e-4
    ),
)
def clv_spend(customers: Customers, model: Model | None = None) -> Grid:
    """Spend per purchase to be expected of each customer; everybody's mean where there is no repeat purchase.

    A model without spend counts every purchase as 1.
    """
    return scored(customers, model, expected_spend=scores.expected_spend)


@excel_function("CLV_DERT", family="Scores", example=Example((examples.HISTORY, examples.BGNBD, 0.15), 5.1795))
def clv_dert(customers: Customers, model: Model | None = None, annual_discount_rate: Rate = 0.10) -> Grid:
    """Purchases to be expected of each customer over the whole remaining life, discounted to the observation end."""
    return scored(
        customers, model, dert=lambda fitted, table: scores.discounted_purchases(fitted, table, annual_discount_rate)
    )


@excel_function(
    "CLV_SCORE",
    family="Scores",
    example=Example(
        (examples.CUSTOMERS, examples.WITH_SPEND, None, 0.15, 0.3), [["value"], [38.33], [10.795]], tolerance=5e-4
    ),
)
def clv_score(
    customers: Customers,
    model: Model | None = None,
    horizon: Horizon | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
) -> Grid:
    """Value of each customer: margin x expected spend x discounted purchases, over the horizon or the remaining life.

    Forward only: past spend is not in it, nor what it cost to acquire the customer.  A model without spend gives
    discounted purchases x margin.
    """
    return scored(
        customers,
        model,
        value=lambda fitted, table: scores.value(fitted, table, horizon, annual_discount_rate, margin),
    )


@excel_function(
    "CLV_INTERVAL",
    family="Scores",
    example=Example(
        (examples.CUSTOMERS, examples.WITH_SPEND, 1, 0.15, 0.3, 0.9, "latent, outcome"),
        [["lower", "upper"], [0.0, 46.0], [0.0, 20.0]],
        tolerance=10.0,
    ),
)
def clv_interval(
    customers: Customers,
    model: Model | None = None,
    horizon: Horizon | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
    level: Fraction = 0.90,
    layers: Layers = intervals.LAYERS,
) -> Grid:
    """Lower and upper bound of each customer's value, with the layers of uncertainty together or apart.

    parameters: the fit knows the population only so well.  latent: each customer's own rates and spend are known only
    through the history.  outcome: what then happens is still chance.  An interval of parameters alone says how well the
    average is known, not what a customer will do.  Drawn 200 times with a fixed seed.
    """
    table, fitted = with_model(customers, model)
    if table.no_history:
        return table.beside(lower=np.empty(0), upper=np.empty(0))
    found = value_intervals(
        fitted,
        table.usable,
        horizon=horizon,
        annual_discount_rate=annual_discount_rate,
        margin=margin,
        layers=layers,
        level=level,
        total=False,
    )
    return table.beside(lower=found.low, upper=found.high)


@excel_function(
    "CLV_NEW",
    family="Scores",
    example=Example(
        (examples.WITH_SPEND, None, 0.15, 0.3),
        [
            ["horizon", "discounted_purchases", "value", "share", "lower", "upper"],
            ["for ever", 3.66, 49.29, 1.0, 5.0, 175.0],
        ],
        tolerance=15.0,
        rows=2,
    ),
)
def clv_new(
    model: Model | None = None,
    horizon: Horizon | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
) -> Grid:
    """Value of a customer acquired today, before acquisition cost, with its interval and its ladder by horizon.

    The first row is for the horizon asked for; the ladder has 1, 2, 3, 5, 10 years and for ever.  Value counts the
    first purchase (at the mean spend) and the discounted repeat purchases; share is that of the repeat purchases of a
    whole life.  Between lower and upper lie nine of ten such customers: their traits and what happens to them are
    drawn, the parameters are taken as they are.
    """
    if not isinstance(model, Fitted):
        raise InsufficientDataError("model: there is nothing to fit on; point to the table that CLV_FIT spills.")
    draws = intervals.new_value_draws(
        model,
        horizon=horizon,
        annual_discount_rate=annual_discount_rate,
        margin=margin,
        layers=CHANCE,
        draws=DRAWS,
    )
    lower, upper = intervals.interval(draws)
    names: list[Cell] = ["horizon", "discounted_purchases", "value", "share", "lower", "upper"]
    ladder = scores.new_customer(model, annual_discount_rate, margin, horizons=(horizon, *scores.LADDER, None))
    columns = (ladder[name].tolist() for name in ("horizon", "discounted_purchases", "value", "share"))
    rows = [_step(*step) for step in zip(*columns, strict=True)]
    return [names, [*rows[0], float(lower), float(upper)], *([*row, None, None] for row in rows[1:])]


def _step(horizon: float, discounted: float, value: float, share: float) -> list[Cell]:
    """One step of the ladder; what is infinite, as a life without end and without discount can be, is #NUM!."""
    shown: Cell = FOR_EVER if np.isnan(horizon) else horizon
    if np.isnan(discounted):
        return [shown, *[CellError.NUM.value] * 3]
    return [shown, discounted, value, None if np.isnan(share) else share]
