"""What products tell of customers, for a refit: who they bring, what follows, and what focal customers buy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pyfuncs.analysis.acquired_value import value_at_acquisition
from pyfuncs.analysis.baskets import in_order, read_baskets
from pyfuncs.analysis.product_entry import entry_table, future_margin
from pyfuncs.analysis.product_mix import Mix, product_mix
from pyfuncs.analysis.product_paths import NextProducts, next_products
from pyfuncs.analysis.second_product import SecondProduct, second_product
from pyfuncs.analysis.used_rows import key_of
from pyfuncs.errors import FocalError
from pyfuncs.lazy import pandas as pd

if TYPE_CHECKING:
    from pyfuncs.analysis.log import Log
    from pyfuncs.analysis.settings import Settings

IN_MATRIX: Final = 7
NO_PRODUCT: Final = (
    "The log has no column product: add one to Transactions that says what was bought on each row, and refit."
)


@dataclass(frozen=True, eq=False)
class Products:
    """The products of a log; `second` and `mix` are the reason in words where they could not be computed.

    Attributes
    ----------
    names : products, the most bought first
    margins : of products that have one of their own, as given
    entry : see `product_entry.entry_table`
    """

    names: tuple[str, ...]
    margins: dict[str, float]
    entry: pd.DataFrame
    next: NextProducts
    second: SecondProduct | str
    mix: Mix | str


def products(
    log: Log,
    customers: pd.DataFrame,
    settings: Settings,
    split: dt.date,
    product_margins: Mapping[str, float] | None = None,
) -> Products | str:
    """What the products of a log tell of its customers, or why there is nothing to tell.

    `customers` has customer_id, value, remaining_value (see `acquired_value`), p_alive and picked, one row each in any
    order; customers who had added a product by the split are compared with others.  `product_margins` are those of
    products that have one of their own; future purchases then have that of repeat purchases so far.
    """
    if "product" not in log.columns:
        return NO_PRODUCT
    baskets = read_baskets(log, None if log.has_amounts else 1.0)
    scored = in_order(baskets, customers[["customer_id", "value", "remaining_value", "p_alive", "picked"]])
    value, p_alive = scored["value"].to_numpy(), scored["p_alive"].to_numpy()
    focal = scored["picked"].to_numpy(dtype=np.bool_)
    here = {key_of(name) for name in baskets.names}
    own = {name: margin for name, margin in (product_margins or {}).items() if key_of(name) in here}
    margins = baskets.margins(settings.margin, own)
    later = future_margin(baskets, margins) / settings.margin if own else 1.0
    acquired, to_come = value_at_acquisition(
        baskets.bought,
        baskets.earned(margins),
        later * scored["remaining_value"].to_numpy(),
        annual_discount_rate=settings.annual_discount_rate,
        observation_end=int(np.datetime64(log.observation_end, "D").astype(np.int64)),
        horizon=settings.value_horizon,
    )
    try:
        entry = entry_table(baskets, acquired, to_come, focal, margins, level=settings.level)
    except FocalError as refused:
        return f"Customers cannot be compared by product: {refused}"
    second: SecondProduct | str
    mix: Mix | str
    try:
        second = second_product(baskets, split, p_alive, value, settings.level)
    except FocalError as refused:
        second = f"What goes with a second product cannot be told: {refused}"
    try:
        mix = product_mix(baskets, focal, settings.level)
    except FocalError as refused:
        mix = f"The mix of focal customers cannot be told: {refused}"
    return Products(baskets.names, own, entry, next_products(baskets, IN_MATRIX), second, mix)
