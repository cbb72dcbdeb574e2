"""What focal customers buy differently from the rest: not more, but a different mix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis import comparisons
from pyfuncs.analysis.baskets import FEWEST, MOST, OTHER, Baskets, Codes, shown
from pyfuncs.errors import InsufficientDataError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray

FALSE_DISCOVERIES: Final = 0.10
"""Share of false ones among the differences called such."""


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


def product_mix(baskets: Baskets, focal: NDArray[np.bool_], level: float = 0.90, most: int = MOST) -> Mix:
    """Compare what is in the baskets of focal customers, (k,) truths, with what is in those of all others.

    Everybody's basket counts as 1, so that focal customers do not buy more of everything for buying more often: a
    product's share of a basket is the purchases that hold it over the purchases that hold any product, summed over
    products.  The difference of mean shares is tested product by product (see `comparisons.means`), and the q-value is
    Benjamini and Hochberg's.  Products with fewer than 30 customers are not tested, nor anything when either group has
    fewer than 30.

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
    moments = _moments(mean, total(share**2), total(share**3).sum(axis=0), size.astype(np.float64))
    compared = comparisons.means(moments, level)
    customers = bought.sum(axis=0)
    tested = (customers >= FEWEST) & (size.min() >= FEWEST) & (len(names) > 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_spend = spent / spent.sum(axis=1, keepdims=True)
        lift = np.where(mean[1] > 0, mean[0] / mean[1], np.nan)
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
            "lower": compared.lift_low,
            "upper": compared.lift_high,
            "q_value": comparisons.q_values(np.where(tested, compared.p_value, np.nan)),
        }
    )
    last = table["product"] == OTHER
    ranked = table[~last].sort_values("customers", ascending=False, kind="stable")
    return Mix(pd.concat([ranked, table[last]], ignore_index=True), int(size[0]), int(size[1]))


def _moments(mean: FloatArray, squares: FloatArray, cubes: FloatArray, size: FloatArray) -> comparisons.Moments:
    """The moments of shares from their means and sums of squares, (2, p), and sums of cubes, (p,)."""
    (n1, n2), n = size, size.sum()
    variance = np.maximum(squares - size[:, None] * mean**2, 0.0) / np.maximum(size - 1, 1)[:, None]
    m, second = size @ mean / n, squares.sum(axis=0) / n
    spread = np.maximum(second - m**2, 0.0)
    third = cubes / n - 3 * m * second + 2 * m**3
    skewness = np.divide(third, spread**1.5, out=np.zeros_like(m), where=spread > 0)
    sizes = (np.full(m.size, n1), np.full(m.size, n2))
    return comparisons.Moments(mean[0], variance[0], sizes[0], mean[1], variance[1], sizes[1], spread, skewness)


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
