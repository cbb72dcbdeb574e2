"""Products: whom a product brings, what is bought next, and what focal customers buy differently."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np

from pyfuncs.analysis import scores, segments
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.errors import DomainError, InputError
from pyfuncs.functions import cells, examples
from pyfuncs.functions.catalogue import Example, Kind, excel_function
from pyfuncs.functions.cells import Floats, Grid, spill
from pyfuncs.functions.focal import DEFAULT_SHARE
from pyfuncs.functions.kinds import AUTO, Date, Fraction, Horizon, Model, Money, Rate, Rule, choice, two_columns
from pyfuncs.functions.tables import LOG_BY_POSITION, LogRange, Transactions, fitted_to, of_log
from pyfuncs.lazy import pandas as pd

if TYPE_CHECKING:
    from pyfuncs.analysis.baskets import Baskets
    from pyfuncs.analysis.log import Log
    from pyfuncs.analysis.second_product import SecondProduct

MATRIX: Final = "matrix"
SECOND: Final = "second product"
EACH: Final = "each product"
_FOURTH: Final = "(column 4)"


def _read_margins(grid: Grid, name: str) -> dict[str, float]:
    """Margins by product from two columns: product and margin."""
    found: dict[str, float] = {}
    for product, margin in two_columns(grid, name, "two columns: product and margin"):
        if not product or cells.is_blank(margin):
            continue
        value = cells.to_number(margin, f"{name}, {product[:40]}")
        if not -_LARGEST_LOSS <= value <= 1.0:
            raise DomainError(f"{name}: {value:g} is no margin; a margin is a fraction of spend, 15 % is 0.15.")
        found[product] = value
    if not found:
        raise InputError(f"{name}: no row has a product and a margin.")
    return found


_LARGEST_LOSS: Final = 1e6
ProductMargins = Annotated[dict[str, float], Kind("table of product margins", _read_margins)]
View = Annotated[str, choice(MATRIX, SECOND, EACH)]


@dataclass(frozen=True, eq=False)
class _Scored:
    """A log with its baskets and its customers, (k,), as a model sees them; values have no margin in them."""

    log: Log
    baskets: Baskets
    value: Floats
    remaining_value: Floats
    p_alive: Floats

    @property
    def end(self) -> int:
        """The observation end in days since 1970."""
        return int(np.datetime64(self.log.observation_end, "D").astype(np.int64))


@excel_function(
    "PRODUCT_ENTRY",
    family="Products",
    example=Example(
        (examples.BASKETS, (("E-reader", -0.2),), examples.WITH_SPEND, 0.1, 0.4),
        [
            [
                "product",
                "customers",
                "share_of_customers",
                "margin_today",
                "value_over_life",
                "lower",
                "upper",
                "share_focal",
                "quadrant",
            ],
            ["Games", 3, 0.43, 12.67, 48.8, 28.5, 69.2, 0.0, "too few"],
            ["Books", 2, 0.29, 6.0, 56.6, 31.5, 81.7, 0.0, "too few"],
            ["E-reader", 2, 0.29, -14.0, 61.5, 26.4, 96.7, 0.5, "too few"],
        ],
        tolerance=0.1,
        rows=4,
    ),
)
def product_entry(
    transactions: Transactions,
    product_margins: ProductMargins | None = None,
    model: Model | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
    level: Fraction = 0.9,
    observation_end: Date | None = None,
    horizon: Horizon | None = None,
) -> Grid:
    """Customers by the product they began with: margin today, value over life with interval, share focal, quadrant.

    Of several products on the first day the one with the largest amount counts, ties by name.  The value is that on the
    day of acquisition, over the whole life or the first years of it (horizon), the first purchase in it and before
    acquisition cost, drawn to the mean of all where customers
    are few; the interval allows for what sets a product apart and has not shown yet, not for the doubt about the
    model's parameters.  feeder: less margin than average today, or a loss, and more value over life; star: more of
    both; cash: more today, less over life; drain: less of both; "perhaps" where the interval holds the average.  Focal
    are the top 20 % of customers by residual value.  Future purchases have the margin of repeat purchases so far.
    """
    from pyfuncs.analysis.acquired_value import value_at_acquisition
    from pyfuncs.analysis.product_entry import entry_table, future_margin

    scored = _scored(transactions, model, annual_discount_rate, observation_end, horizon)
    baskets = scored.baskets
    margins = baskets.margins(margin, product_margins)
    value, to_come = value_at_acquisition(
        baskets.bought,
        baskets.earned(margins),
        future_margin(baskets, margins) * scored.remaining_value,
        annual_discount_rate=annual_discount_rate,
        observation_end=scored.end,
        horizon=horizon,
    )
    focal = segments.label(scored.value, segments.TOP_SHARE, DEFAULT_SHARE) == segments.FOCAL
    return spill(entry_table(baskets, value, to_come, focal, margins, level=level), header=transactions.header)


@excel_function(
    "PRODUCT_PATHS",
    family="Products",
    example=Example(
        (examples.BASKETS,),
        [
            ["product", "purchases", "Books", "Games", "Audio", "E-reader", "no_further_purchase"],
            ["Books", 8, 0.4, 0.0, 0.13333, 0.0, 0.46667],
        ],
        rows=2,
    ),
)
def product_paths(
    transactions: Transactions,
    view: View = MATRIX,
    split: Date | None = None,
    model: Model | None = None,
    annual_discount_rate: Rate = 0.10,
    margin: Fraction = 1.0,
    level: Fraction = 0.9,
    observation_end: Date | None = None,
) -> Grid:
    """What is bought next, product by product; or what goes with adding a second product (association, not cause).

    matrix: the share of purchases of the product on the left that are followed by one of the product above, and by none
    yet; rows of few purchases are drawn to those of all.  The 10 most bought products, the rest as one.  second
    product: customers who had added a product by the split (half-way if left out) against customers alike in
    purchases, their timing and the first product who had not: what they did afterwards, and how alike they were.
    each product: the difference in later purchases, one added product after the other.
    """
    if view == MATRIX:
        from pyfuncs.analysis.baskets import read_baskets
        from pyfuncs.analysis.product_paths import NO_FURTHER, next_products

        found = next_products(read_baskets(_read(transactions, observation_end)))
        rows: Grid = [
            [name, int(count), *shares]
            for name, count, shares in zip(found.names, found.purchases, found.shares.tolist(), strict=True)
        ]
        return [["product", "purchases", *found.names, NO_FURTHER], *rows] if transactions.header else rows
    from pyfuncs.analysis.second_product import second_product

    scored = _scored(transactions, model, annual_discount_rate, observation_end)
    compared = second_product(scored.baskets, split or _half_way(scored), scored.p_alive, margin * scored.value, level)
    table = compared.products if view == EACH else _second_table(compared)
    width = table.shape[1] - 1
    said: Grid = [[sentence, *[None] * width] for sentence in compared.statements]
    return spill(table, header=transactions.header) + said


@excel_function(
    "PRODUCT_MIX",
    family="Products",
    example=Example(
        (examples.BASKETS, examples.WITH_SPEND),
        [
            [
                "product",
                "customers",
                "amount",
                "bought_focal",
                "bought_rest",
                "purchases_focal",
                "purchases_rest",
                "spend_focal",
                "spend_rest",
                "basket_focal",
                "basket_rest",
                "lift",
                "lower",
                "upper",
                "q_value",
            ],
            [
                "Books",
                5,
                113.0,
                1.0,
                0.66667,
                2.0,
                1.16667,
                0.2126,
                0.30389,
                0.5,
                0.45833,
                1.09091,
                0.60665,
                1.96171,
                None,
            ],
        ],
        rows=2,
    ),
)
def product_mix(
    transactions: Transactions,
    model: Model | None = None,
    rule: Rule = segments.TOP_SHARE,
    threshold: Money | None = None,
    cost_per_customer: Money | None = None,
    margin: Fraction = 1.0,
    level: Fraction = 0.9,
    observation_end: Date | None = None,
) -> Grid:
    """What focal customers buy differently from the rest: buyers, purchases, spend and basket shares, lift, q-value.

    Focal are those whom the rule of FOCAL_SEGMENT takes by their residual value.  `lift` compares shares of each
    customer's own basket, so that who buys more often does not buy more of everything.  `q_value` is the false-
    discovery rate at which the product is called different, over all products tested; products with fewer than 30
    customers are not.  Values are discounted at 10 % a year.  Association, not cause.
    """
    from pyfuncs.analysis import product_mix as mixes

    if threshold is None and rule == segments.BUDGET:
        raise InputError("threshold: the rule budget needs the money there is to spend.")
    scored = _scored(transactions, model, 0.10, observation_end)
    cut = DEFAULT_SHARE if threshold is None else threshold
    focal = segments.label(margin * scored.value, rule, cut, cost_per_customer) == segments.FOCAL
    return spill(mixes.product_mix(scored.baskets, focal, level).rows, header=transactions.header)


def _read(transactions: LogRange, observation_end: dt.date | None) -> Log:
    """The log; without a header its fourth column is the product."""
    if not transactions.header and _FOURTH in transactions.table:
        named = transactions.table.rename(columns={_FOURTH: "product"})
        transactions = LogRange(named, transactions.header)
    elif not transactions.header:
        raise InputError(f"transactions: without a header give four columns: {', '.join(LOG_BY_POSITION)} and product.")
    return transactions.read(observation_end)


def _scored(
    transactions: LogRange,
    model: Fitted | str | None,
    annual_discount_rate: float,
    observation_end: dt.date | None,
    horizon: float | None = None,
) -> _Scored:
    """The log, what was in its baskets, and its customers by the model, which is fitted unless it was given."""
    from pyfuncs.analysis.acquired_value import remaining_value
    from pyfuncs.analysis.baskets import in_order, read_baskets

    log = _read(transactions, observation_end or (model.observation_end if isinstance(model, Fitted) else None))
    baskets = read_baskets(log)
    period = model.period if isinstance(model, Fitted) else "week"
    table = of_log(log, period, model, header=transactions.header)
    fitted = fitted_to(table, model or AUTO)
    if fitted.spend is None or not log.has_amounts:
        baskets = read_baskets(log, 1.0 if fitted.spend is None else float(fitted.spend.mean))
    value = scores.value(fitted, table.histories, None, annual_discount_rate)
    remaining = value if horizon is None else remaining_value(fitted, table.histories, horizon, annual_discount_rate)
    found = pd.DataFrame(
        {
            "customer_id": table.histories["customer_id"],
            "value": value,
            "remaining_value": remaining,
            "p_alive": scores.p_alive(fitted, table.histories),
        }
    )
    ordered = in_order(baskets, found)
    return _Scored(log, baskets, *(ordered[name].to_numpy() for name in ("value", "remaining_value", "p_alive")))


def _half_way(scored: _Scored) -> dt.date:
    """Half-way from the first purchase to the observation end."""
    first: dt.date = scored.baskets.bought.day.min().astype("datetime64[D]").item()
    return first + (scored.log.observation_end - first) // 2


def _second_table(compared: SecondProduct) -> pd.DataFrame:
    """Customers, outcomes and balance under each other."""
    count = pd.DataFrame(
        [
            ("customers", compared.added, compared.others),
            ("customers matched", compared.matched_added, compared.matched_others),
        ],
        columns=["measure", "added", "alike"],
    )
    balance = compared.balance.rename(columns={"before": "standardised_before", "after": "standardised_after"})
    return pd.concat([compared.outcomes, balance, count], ignore_index=True)
