"""What the sheet Profile shows: how focal customers differ, and whether that can be seen when a customer is acquired.

Every log tells some attributes: the day and amount of the first purchase, its channel and products where the log has
them, and how customers use what they buy.  A table of further attributes adds to these.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from pyfuncs.analysis.attribute_cells import AttributeCells
from pyfuncs.analysis.attributes import Attribute, category, coded, numbers, read_attributes
from pyfuncs.analysis.log import Log
from pyfuncs.analysis.log_start import MIDST, had_bought_before
from pyfuncs.analysis.lookalike import Lookalike, lookalike
from pyfuncs.analysis.profile import Profile, profile
from pyfuncs.analysis.purchases import Days
from pyfuncs.analysis.texts import Codes
from pyfuncs.analysis.used_rows import first_channels, places, used_rows
from pyfuncs.errors import InsufficientDataError
from pyfuncs.models.arrays import FloatArray

MONTH: Final = "Month of first purchase"
WEEKDAY: Final = "Weekday of first purchase"
CHANNEL: Final = "Channel of first purchase"
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TOP_PRODUCTS: Final = 5
"""Products, those that sell most, whose share of each customer's spend is an attribute."""
AT_ACQUISITION, SINCE, USAGE = "at acquisition", "since", "usage"
"""When an attribute was known, and whether it is made of purchases."""
CUT_OUT: Final = "the log begins here, and many had bought before"
_BEGINS: Final = f"{MIDST} Month and weekday of the first purchase then tell nothing and are not tested."
_UNSTATED: Final = "Setting 'Known at acquisition' is blank: no column of Attributes counts as known by then."
_NOT_FIRST: Final = "the first in the log, not the first ever"
_TWO_YEARS: Final = 730  # days of acquisition from which a month is a season and not just a cohort


@dataclass(frozen=True, eq=False)
class FocalProfile:
    """How focal customers differ from all others, and the test of who is like them.

    `profile.rows` has one more column, `when`: `AT_ACQUISITION`, `SINCE` (or nobody said when) or `USAGE`.  `likeness`
    is the reason where there could be no test; `statements` tell what was read and set aside.
    """

    profile: Profile
    likeness: Lookalike | str
    statements: tuple[str, ...]


def focal_profile(
    log: Log, customers: pd.DataFrame, level: float = 0.9, more: AttributeCells | None = None
) -> FocalProfile | str:
    """The profile of the focal customers of a refit, or the reason why there is none.

    Parameters
    ----------
    log
        Whose purchases the customers made.
    customers : columns customer_id, first_purchase, last_purchase, first_amount, frequency, value, p_focal
        Each counts among the focal ones by the probability of being one.  Likeness is learned of those who are more
        likely focal than not.
    level
        Of the intervals.
    more
        What else is known of customers, and which of it was known when they were acquired.
    """
    rows = products_bought(log, customers)
    day = customers["first_purchase"].to_numpy().astype("datetime64[D]").astype(np.float64)
    before = had_bought_before(day)
    first = at_acquisition(log, rows, customers)
    if before:
        first = tuple(replace(one, artefact=CUT_OUT) if one.name in (MONTH, WEEKDAY) else one for one in first)
    others, said = _others(customers, more)
    known = () if more is None else more.at_acquisition
    acquired = (*first, *(one for one in others if one.name in known))
    since = tuple(one for one in others if one.name not in known)
    used = usage(rows, customers)
    focal = customers["p_focal"].to_numpy(dtype=np.float64)
    try:
        found = profile((*acquired, *since, *used), focal, customers["value"], level)
    except InsufficientDataError as reason:
        return str(reason)
    when = {one.name: USAGE for one in used} | {one.name: SINCE for one in since}
    when |= {one.name: AT_ACQUISITION for one in acquired}
    told = found.rows.assign(when=found.rows["attribute"].map(when))
    if before:
        told["note"] = _noted(told, {one.name for one in first})
        said = (_BEGINS.format(before), *said)
    return FocalProfile(replace(found, rows=told), _likeness(acquired, focal, day), said)


def _others(customers: pd.DataFrame, more: AttributeCells | None) -> tuple[tuple[Attribute, ...], tuple[str, ...]]:
    """What else is known of customers, and in sentences what was set aside and what nobody said."""
    if more is None:
        return (), ()
    table = read_attributes(more.of(customers["customer_id"]))
    return table.attributes, (*(() if more.at_acquisition else (_UNSTATED,)), *table.asides)


def _likeness(acquired: tuple[Attribute, ...], focal: FloatArray, day: FloatArray) -> Lookalike | str:
    """Who is like those more likely focal than not; in a log of few years the month is just a cohort."""
    seasons = np.ptp(day) >= _TWO_YEARS
    known = [one for one in acquired if seasons or one.name != MONTH]
    try:
        return lookalike(known, focal, day)
    except InsufficientDataError as reason:
        return str(reason)


def _noted(rows: pd.DataFrame, first_in_log: set[str]) -> "pd.Series[str]":
    """The notes, of what is the first in the log with that; what is an artefact of its beginning says so already."""
    notes = [f"{note}; {_NOT_FIRST}" if note else _NOT_FIRST for note in rows["note"]]
    return rows["note"].where(~rows["attribute"].isin(first_in_log) | rows["note"].str.contains(CUT_OUT), notes)


def products_bought(log: Log, customers: pd.DataFrame) -> pd.DataFrame:
    """The rows of a log that are used, with what was bought; no column at all where the log has no products.

    Columns: holder (place of the customer in `customers`), day (since 1970), product, and amount where it is known.
    """
    if "product" not in log.columns:
        return pd.DataFrame()
    found = used_rows(log)
    holder = places(log.bought.customers, customers["customer_id"])[found.who]
    rows = log.rows[["product", *(["amount"] if log.has_amounts else [])]].iloc[found.row].reset_index(drop=True)
    return rows.assign(holder=holder, day=found.day)


def channel_attribute(log: Log, customers: pd.DataFrame) -> Attribute | None:
    """The channel of the first purchase of each customer, in their order; None where the log tells none."""
    if "channel" not in log.columns:
        return None
    found = category(CHANNEL, first_channels(log).iloc[places(customers["customer_id"], log.bought.customers)])
    return found if found.known.any() else None


def at_acquisition(log: Log, rows: pd.DataFrame, customers: pd.DataFrame) -> tuple[Attribute, ...]:
    """What is known of customers, in their order, once they have bought for the first time.

    `rows` are those of `products_bought`, `customers` has the columns first_purchase and first_amount.
    """
    day = customers["first_purchase"].to_numpy().astype("datetime64[D]")
    month = day.astype("datetime64[M]").astype(np.int64) % 12
    weekday = (day.astype(np.int64) + 3) % 7  # 1 January 1970 was a Thursday
    found = [coded(MONTH, month, MONTHS), coded(WEEKDAY, weekday, WEEKDAYS)]
    if customers["first_amount"].notna().any():
        found.append(numbers("Amount of first purchase", customers["first_amount"].to_numpy(dtype=np.float64)))
    channel = channel_attribute(log, customers)
    if channel is not None:
        found.append(channel)
    if not rows.empty:
        on_first_day = rows["day"].to_numpy() == day.astype(np.int64)[rows["holder"]]
        found.append(category("Product of first purchase", _main_product(rows[on_first_day], len(customers))))
    return tuple(one for one in found if one.known.any())


def _main_product(rows: pd.DataFrame, customers: int) -> pd.Series:
    """The product of each customer with the largest amount, or the most rows without amounts; ties by name.

    One, because who fills a large basket at first has more of everything in it.
    """
    named = rows[rows["product"].notna()]
    sums = named.assign(size=named.get("amount", 1.0)).groupby(["holder", "product"])["size"].sum()
    ranked = sums.reset_index().sort_values(["holder", "size", "product"], ascending=[True, False, True])
    return ranked.drop_duplicates("holder").set_index("holder")["product"].reindex(range(customers))


def usage(rows: pd.DataFrame, customers: pd.DataFrame) -> tuple[Attribute, ...]:
    """How customers use what they buy: pace, breadth, depth and mix, in the order of `customers`.

    All follow from buying, so they describe and do not explain.  The number of different products grows with every
    purchase, even per purchase it changes with their number, and the days between them are that number said otherwise:
    these are there to be seen, not tested.  Breadth is compared by variety, the chance that what is bought in two
    purchases differs, which does not depend on how many there were.
    """
    purchases = customers["frequency"].to_numpy(dtype=np.float64) + 1
    span = (customers["last_purchase"] - customers["first_purchase"]).dt.days.to_numpy(dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = [numbers("Days between purchases", span / (purchases - 1), usage=True)]
    rows = rows[rows["product"].notna()] if "product" in rows else rows[:0]
    if rows.empty:
        return tuple(found)
    codes, products = pd.factorize(rows["product"])
    holders, day = rows["holder"].to_numpy(), rows["day"].to_numpy()
    n = len(customers)
    variety, breadth = _variety(holders, day - day.min(), codes, n)
    depth = np.bincount(holders, minlength=n).astype(np.float64)
    found += [
        numbers("Different products", np.where(depth > 0, breadth, np.nan), usage=True),
        numbers("Variety from purchase to purchase", variety, usage=True),
        numbers("Rows per purchase", np.where(depth > 0, depth / purchases, np.nan), usage=True),
    ]
    what, weight = ("spend", rows["amount"].to_numpy()) if "amount" in rows else ("rows", np.ones(codes.size))
    total = np.bincount(holders, weight, n)
    sold = np.bincount(codes, weight, len(products))
    for product in np.argsort(-sold, kind="stable")[:TOP_PRODUCTS]:
        mine = codes == product
        share = np.bincount(holders[mine], weight[mine], n) / np.where(total > 0, total, np.nan)
        found.append(numbers(f"Share of {what} on {products[product]}", share, usage=True))
    return tuple(found)


def _variety(holders: Codes, day: Days, codes: Days, n: int) -> tuple[FloatArray, FloatArray]:
    """Of each customer the share of pairs of rows of different days that are of different products, and the products.

    Days and products are whole numbers from 0; nan where there are no two days.
    """
    days, kinds = int(day.max()) + 1, int(codes.max()) + 1

    def squares(key: Days, size: int) -> tuple[FloatArray, FloatArray]:
        """Sums of squared counts, and the number of counts, by customer."""
        distinct, count = np.unique(holders * size + key, return_counts=True)
        sums, kept = (np.bincount(distinct // size, weight, n) for weight in (count.astype(np.float64) ** 2, None))
        return np.asarray(sums, np.float64), np.asarray(kept, np.float64)

    rows = np.bincount(holders, minlength=n).astype(np.float64)
    by_product, breadth = squares(codes, kinds)
    pairs = rows**2 - squares(day, days)[0]
    alike = by_product - squares(day * kinds + codes, days * kinds)[0]
    return 1 - alike / np.where(pairs > 0, pairs, np.nan), breadth
