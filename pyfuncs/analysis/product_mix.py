"""What focal customers buy differently from the rest: not more, but a different mix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis import comparisons
from pyfuncs.analysis.baskets import FEWEST, MOST, OTHER, Baskets, Codes, shown
from pyfuncs.analysis.levels import standard_errors_of
from pyfuncs.errors import InsufficientDataError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray

FALSE_DISCOVERIES: Final = 0.10
"""Share of false ones among the differences called such."""
_EXPECTED: Final = 10


@dataclass(frozen=True, eq=False)
class Mix:
    """Products as focal customers and the rest buy them.

    Attributes
    ----------
    rows : one per product, by customers who bought it, the rest of the products last
        product; customers and amount, of all who bought it; bought_focal, bought_rest, shares of customers who bought
        it; purchases_focal, purchases_rest, purchases of it per customer; spend_focal, spend_rest, its share of all
        they spent; basket_focal, basket_rest, mean over customers of its share of what the customer bought; lift, the
        ratio of these two, with lower and upper; q_value (nan where not tested).
    """

    rows: pd.DataFrame
    focal: int
    rest: int

    @property
    def tests(self) -> int:
        """Products tested, over all of which the false-discovery rate is kept."""
        return int(self.rows["q_value"].notna().sum())

    @property
    def found(self) -> pd.DataFrame:
        """The products called different, the greatest lift first."""
        return self.rows[self.rows["q_value"] <= FALSE_DISCOVERIES].sort_values("lift", ascending=False)

    @property
    def telling(self) -> pd.DataFrame:
        """All rows, those called different first and of them the ones whose lift is farthest from 1."""
        with np.errstate(divide="ignore"):
            apart = np.abs(np.log(self.rows["lift"].to_numpy()))
        called = (self.rows["q_value"] <= FALSE_DISCOVERIES).to_numpy()
        return self.rows.iloc[np.argsort(-np.where(called, apart, 0.0), kind="stable")]


def product_mix(baskets: Baskets, focal: NDArray[np.bool_], level: float = 0.90, most: int = MOST) -> Mix:
    """Compare what is in the baskets of focal customers, (k,) truths, with what is in those of all others.

    Everybody's basket counts as 1, so that focal customers do not buy more of everything for buying more often: a
    product's share of a basket is the purchases that hold it over the purchases that hold any product, summed over
    products.  Who buys often has steadier shares, so the difference of means is tested with a variance of its own for
    each group (Welch); the q-value is Benjamini and Hochberg's.  Not tested are products with fewer than 30 customers,
    or fewer than 10 in either group if both were alike, nor anything when a group has fewer than 30.

    Raises `InsufficientDataError` when there are no focal customers or no others.
    """
    size = np.array([np.count_nonzero(focal), np.count_nonzero(~focal)])
    if size.min() == 0:
        raise InsufficientDataError(
            f"{size[0]} customers are focal and {size[1]} are not; choose a rule that leaves some of both."
        )
    names, place = shown(baskets.names, most)
    who, product, purchases, amount = _by_shown(baskets, place, len(names))
    items = _sums(who, purchases, focal.size)
    share = purchases / items[who]
    group = np.where(focal, 0, 1)[who]

    def total(of: FloatArray) -> FloatArray:
        """Sums by group and product, (2, p)."""
        return _sums(group * len(names) + product, of, 2 * len(names)).reshape(2, len(names))

    bought, spent = total(np.ones(who.size)), total(amount)
    mean = total(share) / size[:, None]
    variance = np.maximum(total(share**2) - size[:, None] * mean**2, 0.0) / np.maximum(size - 1, 1)[:, None]
    lift, lower, upper, p_value = _lift(mean, variance / size[:, None], level)
    customers = bought.sum(axis=0)
    p_value[_untested(customers, size)] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        of_spend = spent / spent.sum(axis=1, keepdims=True)
    table = pd.DataFrame(
        {
            "product": names,
            "customers": customers.astype(np.int64),
            "amount": spent.sum(axis=0),
            **_both("bought", bought / size[:, None]),
            **_both("purchases", total(purchases) / size[:, None]),
            **_both("spend", of_spend),
            **_both("basket", mean),
            "lift": lift,
            "lower": lower,
            "upper": upper,
            "q_value": comparisons.q_values(p_value),
        }
    )
    last = table["product"] == OTHER
    ranked = table[~last].sort_values("customers", ascending=False, kind="stable")
    return Mix(pd.concat([ranked, table[last]], ignore_index=True), int(size[0]), int(size[1]))


def _untested(customers: FloatArray, size: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which products have too few customers, (p,), in groups of these sizes to be tested; of one there is no mix."""
    expected = customers * size.min() / size.sum()
    few: NDArray[np.bool_] = (customers < FEWEST) | (expected < _EXPECTED) | (size.min() < FEWEST)
    return few | (customers.size == 1)


def _lift(mean: FloatArray, variance: FloatArray, level: float) -> tuple[FloatArray, ...]:
    """Lift of mean shares, (2, p), with its bounds, and p-values of their difference; `variance` is of the means."""
    from scipy.special import ndtr

    z = standard_errors_of(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = np.where(mean[1] > 0, mean[0] / mean[1], np.nan)
        spread = np.exp(z * np.sqrt((variance / mean**2).sum(axis=0)))
        p_value = 2 * ndtr(-np.abs(mean[0] - mean[1]) / np.sqrt(variance.sum(axis=0)))
    bounded = (mean > 0).all(axis=0)
    return lift, np.where(bounded, lift / spread, np.nan), np.where(bounded, lift * spread, np.nan), p_value


def _both(name: str, figures: FloatArray) -> dict[str, FloatArray]:
    return {f"{name}_focal": figures[0], f"{name}_rest": figures[1]}


def _by_shown(baskets: Baskets, place: Codes, count: int) -> tuple[Codes, Codes, FloatArray, FloatArray]:
    """Customers with the products that are shown, (j,): who, product, purchases of it, amount."""
    pairs = baskets.pairs
    key = pairs.who * count + place[pairs.product]
    if count < len(baskets.names):
        key, back = np.unique(key, return_inverse=True)
    else:
        back = np.arange(key.size)
    who, product = np.divmod(key, count)
    return who, product, _sums(back, pairs.purchases, key.size), _sums(back, pairs.amount, key.size)


def _sums(group: Codes, values: FloatArray, groups: int) -> FloatArray:
    return np.asarray(np.bincount(group, values, minlength=groups), dtype=np.float64)
