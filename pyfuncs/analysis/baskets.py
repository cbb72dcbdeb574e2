"""What was in each purchase: the products of a log by customer and day.

A purchase is a customer-day.  It may hold several products; its main product is the one with the largest amount that
day, ties by name (without amounts the one with the most rows).  Rows without a product are the product "not stated".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis.used_rows import NOT_STATED, key_of, places, used_rows
from pyfuncs.errors import InputError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.compression import sorting_order

if TYPE_CHECKING:
    from pyfuncs.analysis.log import Log
    from pyfuncs.analysis.purchases import Purchases

Codes = NDArray[np.intp]

OTHER: Final = "other products"
MOST: Final = 50
"""Products shown by name, the most bought; the rest are one."""
FEWEST: Final = 30
"""Customers below which a figure is shown but nothing is concluded from it."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Each customer with each product they bought, (j,) arrays.

    Attributes
    ----------
    who, product : places of the customer in `bought.customers` and of the product in `names`
    earliest : place of the first purchase that holds the product
    purchases, amount : purchases that hold it, and its money in them
    """

    who: Codes
    product: Codes
    earliest: Codes
    purchases: FloatArray
    amount: FloatArray


@dataclass(frozen=True, eq=False)
class Baskets:
    """Purchases and what was in them: one item per purchase and product.

    Attributes
    ----------
    names : (p,) products, the most bought first (by purchases that hold them, ties by name)
    purchase, product : (i,) places of the item's purchase in `bought` and of its product in `names`
    amount : (i,) money; the items of a purchase sum to its amount
    main : (n,) place in `names` of the main product of each purchase
    money : whether amounts are money of the log and not purchases counted
    """

    names: tuple[str, ...]
    bought: Purchases
    purchase: Codes
    product: Codes
    amount: FloatArray
    main: Codes
    money: bool

    @cached_property
    def bought_amount(self) -> FloatArray:
        """Money of each purchase, (n,)."""
        return np.asarray(np.bincount(self.purchase, self.amount, minlength=self.main.size), dtype=np.float64)

    def earned(self, margins: FloatArray) -> FloatArray:
        """Margin of each purchase, (n,), by the margins of products, (p,)."""
        margin = self.amount * margins[self.product]
        return np.asarray(np.bincount(self.purchase, margin, minlength=self.main.size), dtype=np.float64)

    @property
    def first(self) -> Codes:
        """Place in `names` of the product each customer began with, (k,)."""
        return self.main[self.bought.start[:-1]]

    @cached_property
    def pairs(self) -> Pairs:
        """Customers with the products they bought."""
        key = self.bought.who[self.purchase] * len(self.names) + self.product
        order = sorting_order(key)  # items stand in the order of time, and equal keys stay in it
        key = key[order]
        start = _starts(key)
        who, product = np.divmod(key[start], len(self.names))
        count = np.diff(start, append=key.size).astype(np.float64)
        return Pairs(who, product, self.purchase[order][start], count, np.add.reduceat(self.amount[order], start))

    def margins(self, margin: float, by_product: Mapping[str, float] | None = None) -> FloatArray:
        """Margin of each product, (p,): its own where `by_product` names it (letter case does not matter), or `margin`.

        Raises `InputError` when none of the named products is in the log.
        """
        own = {key_of(name): value for name, value in (by_product or {}).items()}
        if own and not own.keys() & {key_of(name) for name in self.names}:
            raise InputError(
                f"product_margins: none of its {len(own)} products is in the log; check how they are spelled."
            )
        return np.array([own.get(key_of(name), margin) for name in self.names], dtype=np.float64)


def read_baskets(log: Log, each: float | None = None) -> Baskets:
    """The purchases of a log with their products.

    The amounts are those of the log, or `each` for every purchase, split evenly over its rows, as where purchases are
    counted and no money is known (1 when the log has no amounts).  Raises `InputError` without a product column.
    """
    from pyfuncs.analysis.log import used

    if "product" not in log.columns:
        raise InputError("transactions: there is no column product; add one that says what was bought on each row.")
    bought, read = used(log), log.read
    found = used_rows(log)
    rows, day = found.row, found.day
    names, product = _products(log, rows)
    span = int(bought.day.max() - bought.day.min()) + 1
    key = (found.who * span + day - bought.day.min()) * len(names) + product
    order = sorting_order(key)
    key = key[order]
    start = _starts(key)
    customer_day, product = np.divmod(key[start], len(names))
    purchase = np.cumsum(np.append(True, customer_day[1:] != customer_day[:-1])) - 1
    count = np.diff(start, append=key.size).astype(np.float64)
    money = each is None and read.amounts is not None
    if money and read.amounts is not None:
        weight = amount = np.add.reduceat(read.amounts.values[rows][order], start)
    else:
        weight = count
        amount = count / np.bincount(purchase, count)[purchase] * (1.0 if each is None else each)
    main = product[_largest(weight, purchase, np.argsort(np.argsort(names))[product])]
    bought_in = np.bincount(product, minlength=len(names))
    ranked = np.lexsort((names, -bought_in))
    place = np.empty_like(ranked)
    place[ranked] = np.arange(ranked.size)
    return Baskets(tuple(names[ranked].tolist()), bought, purchase, place[product], amount, place[main], money)


def shown(names: tuple[str, ...], most: int = MOST) -> tuple[tuple[str, ...], Codes]:
    """The names of the first `most` products and one for the rest, and the place of each product among them, (p,)."""
    if len(names) <= most:
        return names, np.arange(len(names))
    return (*names[:most], OTHER), np.minimum(np.arange(len(names)), most)


def in_order(baskets: Baskets, customers: pd.DataFrame) -> pd.DataFrame:
    """The figures of a table of customers, without its customer_id, in the order of `bought.customers`."""
    place = places(baskets.bought.customers, customers["customer_id"])
    return customers.drop(columns="customer_id").take(place).reset_index(drop=True)


def _products(log: Log, rows: Codes) -> tuple[NDArray[np.object_], Codes]:
    """The products named on some rows of a log, and the place of each row's among them."""
    from pyfuncs.analysis.texts import Found

    found = Found.of(log.read.cells[log.columns["product"]])
    blank, error = found.blank_and_error()
    codes = np.where(blank | error, len(found.texts), found.codes)[rows]
    present, codes = np.unique(codes, return_inverse=True)
    names = np.array([*found.distinct, NOT_STATED], dtype=object)
    stated, codes_of_names = np.unique(names[present].astype(str), return_inverse=True)  # a product may be named so
    return stated.astype(object), codes_of_names[codes]


def _largest(weight: FloatArray, group: Codes, tie: Codes) -> Codes:
    """Place of the greatest weight in each group, groups standing together; of equal ones that of the least tie."""
    start = _starts(group)
    count = np.diff(start, append=group.size)
    best = weight >= np.repeat(np.maximum.reduceat(weight, start), count)
    order = np.where(best, tie, tie.size + tie.max(initial=0))
    least = order == np.repeat(np.minimum.reduceat(order, start), count)
    return np.flatnonzero(least)


def _starts(ordered: Codes) -> Codes:
    """Places at which a new value begins."""
    return np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
