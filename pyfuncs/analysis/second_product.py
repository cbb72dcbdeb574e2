"""What goes with adding a second product: customers who did against customers alike who did not.

Who has more products has had more time and more purchases to get them in, so customers are compared as they stood on
one day, the split: alike in purchases, their timing and the first product, one group had added a product by then and
the other had not.  What they did after it is compared.  This is association, not cause.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from pyfuncs.analysis import comparisons
from pyfuncs.analysis.baskets import FEWEST, Baskets, Codes, shown
from pyfuncs.analysis.matching import Bools, Matched, balance, cells_of, differences, in_steps, matched
from pyfuncs.errors import InsufficientDataError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_CAUSE: Final = "Association, not cause."
PURCHASES: Final = "purchases after the split"
FIRST_PRODUCTS: Final = 20
ADDED_PRODUCTS: Final = 10
ALIKE: Final = 0.1
"""Standardised difference below which groups count as alike."""
_STEPS: Final = 5
_EXACT: Final = 4
_WIDER: Final = 1.2
_DAYS: Final = 30.4375


@dataclass(frozen=True, eq=False)
class SecondProduct:
    """The comparison at the split.

    Attributes
    ----------
    added, others : customers with a repeat purchase by the split who had, and who had not, added a product by then
    matched_added, matched_others : those of them with somebody alike in the other group
    outcomes : see `matching.differences`; what happened after the split, and P(alive) and value as of today
    balance : see `matching.balance`
    products : one per product added, most often first
        product, customers (who had added it), matched; difference in purchases after the split, lower, upper, q_value
        (nan, and no bounds, with fewer than 30 matched)
    """

    split: dt.date
    added: int
    others: int
    matched_added: int
    matched_others: int
    outcomes: pd.DataFrame
    balance: pd.DataFrame
    products: pd.DataFrame

    @property
    def statements(self) -> tuple[str, ...]:
        """Who was compared, what they still differ in, and that a difference is no effect."""
        apart = [
            f"{name} ({after:+.2f} standard deviations)"
            for name, after in zip(self.balance["measure"], self.balance["after"], strict=True)
            if abs(after) >= ALIKE
        ]
        doubt = f" They still differ in {', '.join(apart)}." if apart else ""
        return (
            f"Of {self.added:,} customers who had added a product by {self.split}, {self.matched_added:,} are compared "
            f"with {self.matched_others:,} of {self.others:,} who had not, alike in purchases, their timing and the "
            f"first product.{doubt}",
            NOT_CAUSE,
        )


@dataclass(frozen=True, eq=False)
class _AtSplit:
    """Customers as they stood at the split, (k,) arrays; those who may be compared are `eligible`."""

    baskets: Baskets
    split: int

    @cached_property
    def frequency(self) -> FloatArray:
        """Repeat purchases; -1 for customers who came later."""
        return self._by_customer(self.known) - 1.0

    @cached_property
    def known(self) -> Bools:
        """Which purchases, (n,), are up to the split."""
        return np.asarray(self.baskets.bought.day <= self.split)

    @cached_property
    def age(self) -> FloatArray:
        """Days from the first purchase to the split."""
        bought = self.baskets.bought
        return np.asarray(self.split - bought.day[bought.start[:-1]], dtype=np.float64)

    @cached_property
    def since_last(self) -> FloatArray:
        """Days from the last purchase to the split."""
        bought = self.baskets.bought
        last = bought.start[:-1] + np.maximum(self.frequency, 0.0).astype(np.intp)
        return np.asarray(self.split - bought.day[last], dtype=np.float64)

    @cached_property
    def began_with(self) -> FloatArray:
        """Products bought on the first day."""
        pairs, bought = self.baskets.pairs, self.baskets.bought
        at_first = pairs.earliest == bought.start[:-1][pairs.who]
        return np.bincount(pairs.who[at_first], minlength=self.age.size).astype(np.float64)

    @cached_property
    def additions(self) -> tuple[Codes, Codes]:
        """Customer and product of every product added after the first day and by the split."""
        pairs, bought = self.baskets.pairs, self.baskets.bought
        later = (pairs.earliest != bought.start[:-1][pairs.who]) & self.known[pairs.earliest]
        return pairs.who[later], pairs.product[later]

    @property
    def eligible(self) -> Bools:
        """Customers with a repeat purchase, who had the occasion to add a product."""
        return np.asarray(self.frequency >= 1)

    @cached_property
    def spent(self) -> FloatArray:
        """Money per purchase up to the split."""
        return self._by_customer(self.known, self.baskets.bought_amount) / np.maximum(self.frequency + 1.0, 1.0)

    def after(self, amount: FloatArray | None = None) -> FloatArray:
        """Purchases after the split, or the sums of their amounts."""
        return self._by_customer(~self.known, amount)

    def _by_customer(self, which: Bools, amount: FloatArray | None = None) -> FloatArray:
        who = self.baskets.bought.who[which]
        found = np.bincount(
            who, None if amount is None else amount[which], minlength=len(self.baskets.bought.customers)
        )
        return found.astype(np.float64)


def second_product(
    baskets: Baskets, split: dt.date, p_alive: FloatArray, value: FloatArray, level: float = 0.90
) -> SecondProduct:
    """Compare customers who had added a product by the split with those alike who had not.

    A product is added when a later purchase holds one that the first day's did not.  Compared are customers with a
    repeat purchase by the split; alike means the same number of repeat purchases (in narrow steps above 4), the same
    fifth by age and by time since the last purchase, the same first product (of the 20 that most began with) and one
    or several products on the first day.  `p_alive` and `value`, (k,), are as of the end of the log.

    Raises `InsufficientDataError` when fewer than 30 of either group can be matched.
    """
    customers = _AtSplit(baskets, int(np.datetime64(split, "D").astype(np.int64)))
    eligible = np.flatnonzero(customers.eligible)
    had_added = np.zeros(customers.age.size, dtype=np.bool_)
    had_added[customers.additions[0]] = True
    group = had_added[eligible]
    cell = cells_of(_coarse(customers, eligible))
    match = matched(group, cell)
    if min(match.counts) < FEWEST:
        raise InsufficientDataError(
            f"{np.count_nonzero(group):,} customers had added a product by {split}, {np.count_nonzero(~group):,} had "
            f"bought again without; only {match.counts[0]:,} and {match.counts[1]:,} of them are alike, and {FEWEST} "
            "of each are needed to compare them."
        )
    after = customers.after()[eligible]
    outcomes = {
        "bought again after the split": (after > 0).astype(np.float64),
        PURCHASES: after,
        "spend after the split": customers.after(baskets.bought_amount)[eligible],
        "P(alive) today": p_alive[eligible],
        "value today": value[eligible],
    }
    balanced = {
        "repeat purchases": customers.frequency[eligible],
        "months since the first purchase": customers.age[eligible] / _DAYS,
        "months since the last purchase": customers.since_last[eligible] / _DAYS,
        "products on the first day": customers.began_with[eligible],
        "spend per purchase": customers.spent[eligible],
    }
    if not baskets.money:
        del outcomes["spend after the split"], balanced["spend per purchase"]
    return SecondProduct(
        split,
        int(np.count_nonzero(group)),
        int(np.count_nonzero(~group)),
        *match.counts,
        differences(match, outcomes, level),
        balance(match, balanced),
        _by_product(customers, eligible, cell, after, level),
    )


def _coarse(customers: _AtSplit, eligible: Codes) -> tuple[Codes, ...]:
    """What must be equal for customers to be alike, as places from 0."""
    x = customers.frequency[eligible]
    above = np.floor(np.log(np.maximum(x, _EXACT) / _EXACT) / np.log(_WIDER)).astype(np.intp)
    first = customers.baskets.first[eligible]
    ranked = np.argsort(-np.bincount(first, minlength=len(customers.baskets.names)), kind="stable")
    _, among = shown(customers.baskets.names, FIRST_PRODUCTS)
    place = np.empty_like(ranked)
    place[ranked] = among
    return (
        np.where(x <= _EXACT, x, _EXACT + above).astype(np.intp),
        in_steps(customers.age[eligible], _STEPS),
        in_steps(customers.since_last[eligible], _STEPS),
        place[first],
        (customers.began_with[eligible] > 1).astype(np.intp),
    )


def _by_product(customers: _AtSplit, eligible: Codes, cell: Codes, after: FloatArray, level: float) -> pd.DataFrame:
    """Customers who had added a product, one product after the other, against those who had added none."""
    who, product = customers.additions
    place = np.full(customers.age.size, -1)
    place[eligible] = np.arange(eligible.size)
    none = np.ones(eligible.size, dtype=np.bool_)
    none[place[who]] = False
    held = np.bincount(product, minlength=len(customers.baskets.names))
    rows = []
    for code in np.argsort(-held, kind="stable")[:ADDED_PRODUCTS]:
        if not held[code]:
            break
        mine = np.zeros(eligible.size, dtype=np.bool_)
        mine[place[who[product == code]]] = True
        compared = mine | none
        match = matched(mine[compared], cell[compared])
        rows.append((customers.baskets.names[code], int(held[code]), *_difference(match, after[compared], level)))
    table = pd.DataFrame(rows, columns=["product", "customers", "matched", "difference", "lower", "upper", "p_value"])
    table["q_value"] = comparisons.q_values(table.pop("p_value").to_numpy(dtype=np.float64))
    return table


def _difference(match: Matched, outcome: FloatArray, level: float) -> Iterator[float]:
    """Matched customers, the difference, its bounds and p-value; these are nan where fewer than 30 are matched."""
    from scipy.special import ndtr

    yield match.counts[0]
    found = differences(match, {"": outcome}, level).iloc[0]
    yield float(found["difference"])
    error = match.standard_error(outcome)
    tested = min(match.counts) >= FEWEST and error > 0
    yield from (float(found[bound]) if tested else np.nan for bound in ("lower", "upper"))
    yield float(2 * ndtr(-abs(found["difference"]) / error)) if tested else np.nan
