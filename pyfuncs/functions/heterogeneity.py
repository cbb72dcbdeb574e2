"""Heterogeneity: how unevenly value is spread, and how few customers are average."""

import numpy as np

from pyfuncs.analysis import concentration
from pyfuncs.analysis.scores import CustomerTable
from pyfuncs.errors import CellError, InsufficientDataError
from pyfuncs.functions import examples
from pyfuncs.functions.catalogue import Example, excel_function
from pyfuncs.functions.cells import Floats, Grid, spill
from pyfuncs.functions.kinds import Column, Fraction, Horizon, Model, Money, Rate, Values
from pyfuncs.functions.tables import CustomersOrValues, with_model

DRAWS = 50
"""Worlds drawn for a Gini: each holds every customer, so few are enough."""


@excel_function("CLV_GINI", family="Heterogeneity", example=Example((examples.VALUES,), 0.69))
def clv_gini(
    customers: CustomersOrValues,
    model: Model | None = None,
    horizon: Horizon | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
) -> Grid:
    """Concentration of value among customers, from 0 (all equal) to near 1: past, expected, latent, predictive.

    past: what customers spent (of a table, their repeat purchases).  expected: the values CLV_SCORE gives.  latent:
    values given each customer's own drawn traits.  predictive: simulated outcomes.  The Gini of expected values
    understates how unequal customers are and turn out to be.  A single column of values gives just its Gini.
    """
    if isinstance(customers, Column):
        coefficient = concentration.gini(_some(customers))
        return [["gini"], [coefficient]] if customers.header else [[coefficient]]
    table, fitted = with_model(customers, model)
    if table.no_history:
        raise InsufficientDataError("no row is a customer's history; CLV_CHECK says why.")
    usable = table.usable
    measure, past = _past(usable)
    found = concentration.ginis(
        fitted,
        usable,
        past,
        horizon=horizon,
        annual_discount_rate=annual_discount_rate,
        margin=margin,
        draws=DRAWS,
    )["gini"].tolist()
    names = (measure, "expected", "latent", "predictive")
    # a Gini that does not exist is #NUM!, and the others still show
    rows: Grid = [
        [name, CellError.NUM.value if np.isnan(value) else value] for name, value in zip(names, found, strict=True)
    ]
    return [["measure", "gini"], *rows] if table.header else rows


@excel_function(
    "CLV_LORENZ",
    family="Heterogeneity",
    example=Example((((1,), (1,), (2,), (6,)),), [[0.0, 0.0], [0.05, 0.02]], rows=2),
)
def clv_lorenz(values: Values) -> Grid:
    """Lorenz curve to chart: the share of value held by the poorest share of customers, from 0 to 1 in steps of 5 %."""
    return spill(concentration.lorenz(_some(values)), header=values.header)


@excel_function(
    "CLV_WHALE",
    family="Heterogeneity",
    example=Example((((8,), (4,), (-2,)),), [[0.0, 0.0, None], [0.05, 0.12, None]], rows=2),
)
def clv_whale(values: Values) -> Grid:
    """Whale curve to chart: the share of total profit held by the best customers, and where it peaks.

    Where some customers lose money the curve rises above 1; the row of its highest point carries it in `peak` too.
    """
    found = concentration.whale(_some(values))
    others = ~np.isclose(found.curve["customers_share"], found.peak_at)
    share = np.append(found.curve["customers_share"][others], found.peak_at)
    value = np.append(found.curve["value_share"][others], found.peak)
    peak = np.append(np.full(share.size - 1, np.nan), found.peak)
    order = np.argsort(share, kind="stable")
    table = {"customers_share": share[order], "value_share": value[order], "peak": peak[order]}
    return spill(table, header=values.header)


@excel_function(
    "CLV_DECILES",
    family="Heterogeneity",
    example=Example(
        (examples.VALUES,),
        [[1, 1, 100.0, 0.5, 0.5, 100.0, 100.0, 100.0], [2, 1, 50.0, 0.25, 0.75, 50.0, 50.0, 50.0]],
        rows=2,
    ),
)
def clv_deciles(values: Values) -> Grid:
    """Customers and value by decile of value, best first: value, share, cumulative share, mean, least and greatest."""
    return spill(concentration.deciles(_some(values)), header=values.header)


@excel_function(
    "CLV_AVERAGE_CUSTOMER",
    family="Heterogeneity",
    example=Example(
        (examples.VALUES, 15),
        [["customers", 10.0], ["mean value", 20.0], ["median value", 4.5], ["customers within 25% of the mean", 1.0]],
        rows=4,
    ),
)
def clv_average_customer(values: Values, cac: Money | None = None) -> Grid:
    """How few customers are near the average, and what it costs to pay for each as if they were."""
    return spill(concentration.average_customer(_some(values), cac), header=values.header)


def _some(values: Column) -> Floats:
    """The numbers of a column; rows that have none are left out."""
    if values.usable.size == 0:
        raise InsufficientDataError("values: the column holds no number.")
    return values.usable


def _past(usable: CustomerTable) -> tuple[str, Floats]:
    """What customers spent so far, or how often they bought where no amount is known, and what to call it."""
    frequency, mean = usable["frequency"], usable["monetary_value"]
    if "total_amount" in usable and np.isfinite(usable["total_amount"]).any():
        return "past spend", usable["total_amount"]
    if np.isfinite(mean).any():
        return "past repeat spend", np.where(frequency > 0, frequency * np.nan_to_num(mean), 0.0)
    return "past purchases", frequency + 1.0
