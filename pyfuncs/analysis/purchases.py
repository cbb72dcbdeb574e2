"""Rows of a log by customer and day: sorted once, then checked, netted and reduced as arrays."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from pyfuncs.analysis.texts import Codes, Mask, Texts, spelled
from pyfuncs.models.compression import sorting_order

Days = npt.NDArray[np.int64]
Money = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CustomerDays:
    """Rows in the order of their customers and days; the rows of a customer on a day stay in their order."""

    rows: Codes  # (n,) places in the log
    key: npt.NDArray[np.integer]  # (n,) customer and day as one number: customer x span + day - first
    first: int
    span: int

    @classmethod
    def of(cls, who: npt.NDArray[np.int32], day: Days, usable: Mask) -> "CustomerDays":
        """Sort the usable rows of a log by customers, whole numbers from 0, and days since 1970."""
        rows = None if usable.all() else np.flatnonzero(usable)
        if rows is not None:
            who, day = who[rows], day[rows]
        first = int(day.min()) if len(day) else 0
        span = int(day.max()) - first + 1 if len(day) else 1
        short = (int(who.max(initial=0)) + 1) * span <= np.iinfo(np.int32).max  # half the memory, and faster
        key: npt.NDArray[np.integer] = who.astype(np.int32 if short else np.int64)
        key *= span
        key += np.subtract(day, first, dtype=key.dtype, casting="same_kind")
        chronological = (day[1:] >= day[:-1]).all()  # as most logs are
        order = sorting_order(who if chronological else key)
        return cls(order if rows is None else rows[order], key[order], first, span)

    @cached_property
    def start(self) -> Codes:
        """Place of the first row of each customer-day, (m,)."""
        return _starts(self.key)

    @property
    def who_and_day(self) -> tuple[npt.NDArray[np.integer], Days]:
        """The customer of each customer-day and its day since 1970, (m,) both."""
        key = self.key[self.start]
        who = key // self.span
        key -= who * self.span
        return who, key.astype(np.int64) + self.first

    @property
    def shared(self) -> Mask:
        """Whether another row is of the same customer and day, (n,)."""
        again = np.flatnonzero(self.key[1:] == self.key[:-1])
        shared = np.zeros(len(self.key), dtype=np.bool_)
        shared[again] = shared[again + 1] = True
        return shared

    def kept(self, which: Mask) -> "CustomerDays":
        """Some of the rows, in the same order."""
        return CustomerDays(self.rows[which], self.key[which], self.first, self.span)

    def each(self, verdict: Mask) -> Mask:
        """A verdict on each customer-day, (m,), given to its rows, (n,)."""
        return np.repeat(verdict, np.diff(self.start, append=len(self.rows)))

    def net(self, amount: Money) -> Money:
        """Sums of the log's amounts by customer-day, (m,).

        The rounding noise of amounts that cancel (0.1 + 0.2 - 0.3) is taken as the zero it is.
        """
        amount = amount[self.rows]
        net = _sums(amount, self.start)
        if not (amount < 0).any():
            return net
        return np.where(np.abs(net) <= 1e-12 * _sums(np.abs(amount), self.start), 0.0, net)


@dataclass(frozen=True, eq=False)
class Purchases:
    """One purchase per customer and day, in the order of the customers, sorted as text, and of the days."""

    customers: "pd.Series[str]"  # (k,) each of whom bought
    start: Codes  # (k + 1,) place of each customer's first purchase, and the number of purchases
    day: Days  # (n,) days since 1970
    amount: Money  # (n,) NaN without amounts

    @classmethod
    def of(cls, ids: Texts, order: Codes, days: CustomerDays, amount: Money | None) -> "Purchases":
        """The purchases that customer-days make.

        `order` is the place of each customer, by number, in `ids`; `amount` (n,) are those of the log.
        """
        who, day = days.who_and_day
        first = _starts(who)
        money = np.full(len(who), np.nan) if amount is None else days.net(amount)
        return cls(spelled(ids, order[who[first]]), np.append(first, len(who)), day, money)

    @property
    def count(self) -> npt.NDArray[np.int64]:
        """Purchases of each customer, (k,)."""
        return np.diff(self.start)

    @cached_property
    def who(self) -> Codes:
        """The customer of each purchase, (n,), as a place in `customers`."""
        return np.repeat(np.arange(len(self.customers)), self.count)

    def until(self, day: int) -> "Purchases":
        """The purchases up to a day, of the customers who made any."""
        kept = self.day <= day
        if kept.all():
            return self
        count = np.bincount(self.who[kept], minlength=len(self.customers))
        customers = self.customers[count > 0].reset_index(drop=True)
        start = np.append(0, np.cumsum(count[count > 0]))
        return Purchases(customers, start, self.day[kept], self.amount[kept])

    def total(self, amount: Money) -> Money:
        """Sums of the purchases' amounts by customer, (k,)."""
        return _sums(amount, self.start[:-1])

    def frame(self) -> pd.DataFrame:
        """Customer_id, date (midnight) and amount of every purchase."""
        return pd.DataFrame(
            {
                "customer_id": self.customers.take(self.who).reset_index(drop=True),
                "date": self.day.astype("datetime64[D]").astype("datetime64[s]"),
                "amount": self.amount,
            }
        )


def _starts(ordered: npt.NDArray[np.integer]) -> Codes:
    """Places at which a new value begins."""
    new = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return np.flatnonzero(new)


def _sums(amount: Money, start: Codes) -> Money:
    if len(start) == len(amount):
        return amount
    sums: Money = np.add.reduceat(amount, start)
    return sums
