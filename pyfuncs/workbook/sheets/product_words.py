"""The sentences of the Products sheet, written from the data."""

from __future__ import annotations

import pandas as pd

from pyfuncs.analysis.baskets import FEWEST, OTHER
from pyfuncs.analysis.product_entry import FEEDER, PERHAPS
from pyfuncs.analysis.product_mix import FALSE_DISCOVERIES, Mix
from pyfuncs.analysis.product_paths import NextProducts
from pyfuncs.analysis.products import Products
from pyfuncs.analysis.second_product import PURCHASES, SecondProduct
from pyfuncs.analysis.settings import Settings
from pyfuncs.analysis.texts import plural
from pyfuncs.workbook.twins import records
from pyfuncs.workbook.words import fixed, since_first

_LISTED = 3


def products_say(found: Products) -> str:
    """How many products there are."""
    return f"The log has {plural(len(found.names), 'product')}; the most bought are shown."


def entry_covers(found: Products, settings: Settings) -> str:
    """What the value counts, and with which margins."""
    own = len(found.margins)
    margin = f"{settings.margin * 100:.4g} %"
    counted = (
        f"{plural(own, 'product')} with the margin typed on the right, the others with {margin}, what is still to come "
        "with that of repeat purchases so far"
        if own
        else f"margin {margin} for every product; type others on the right, then refit"
    )
    return (
        f"Value {since_first(settings.value_horizon)}, first purchase included, discounted, before acquisition cost; {counted}. "
        "Of several products on the first day the largest amount counts."
    )


def entry_says(table: pd.DataFrame, unit: str, cac: float | None) -> str:
    """Which products are feeders, or which brings the most valuable customers, and whom a first purchase leaves short."""
    return _feeders(table, unit) + ("" if cac is None else _short_of(table, unit, cac))


def _short_of(table: pd.DataFrame, unit: str, cac: float) -> str:
    """Products whose first purchase earns less than the acquisition cost, and those of them that earn it back."""
    short = [row for row in list(records(table))[:-1] if row.margin_today < cac]
    back = sum(row.lower >= cac for row in short)
    return (
        f" The first purchase earns less than the acquisition cost of {fixed(cac, 2)} {unit} with "
        f"{plural(len(short), 'product')}; {back} of them surely bring it back later."
    )


def _feeders(table: pd.DataFrame, unit: str) -> str:
    *products, everyone = records(table)
    feeders = [row for row in products if row.quadrant == FEEDER][:_LISTED]
    if feeders:
        told = "; ".join(
            f"{row.product} earns {fixed(row.margin_today, 2)} {unit} on the first purchase and brings customers worth "
            f"{fixed(row.value_over_life, 2)}"
            for row in feeders
        )
        return f"Feeders: {told} (all: {fixed(everyone.margin_today, 2)} and {fixed(everyone.value_over_life, 2)})."
    perhaps = [row.product for row in products if row.quadrant == PERHAPS + FEEDER][:_LISTED]
    doubt = f", perhaps {', '.join(perhaps)}" if perhaps else ""
    sure = [row for row in products if row.customers >= FEWEST]
    if not sure:
        return f"Every product has fewer than {FEWEST} first customers: too few to tell them apart."
    best = max(sure, key=lambda row: row.value_over_life)
    return (
        f"No product is surely a feeder{doubt}. The most valuable customers begin with {best.product}: "
        f"{fixed(best.value_over_life, 2)} {unit}, from {fixed(best.lower, 2)} to {fixed(best.upper, 2)}."
    )


def next_says(found: NextProducts) -> str:
    """The commonest step to another product, and after which product customers most often stop."""
    named = [i for i, name in enumerate(found.names) if name != OTHER and found.purchases[i] >= FEWEST]
    steps = [(found.shares[i, j], i, j) for i in named for j in named if i != j]
    if not steps:
        return "There are too few products with 30 purchases or more to tell what follows which."
    share, start, end = max(steps)
    last = max(named, key=lambda i: found.shares[i, -1])
    overall = found.counts[:, -1].sum() / found.counts.sum()
    return (
        f"The commonest step to another product is from {found.names[start]} to {found.names[end]}: "
        f"{fixed(share * 100, 1)} % of purchases. After {found.names[last]} customers most often have not bought again yet: "
        f"{fixed(found.shares[last, -1] * 100, 1)} %, against {fixed(overall * 100, 1)} % after all purchases."
    )


def second_says(found: SecondProduct) -> str:
    """What customers who had added a product did afterwards, against customers alike."""
    later = next(row for row in records(found.outcomes) if row.measure == PURCHASES)
    more = "more" if later.difference > 0 else "fewer"
    chance = "" if later.lower > 0 or later.upper < 0 else ", which chance alone could make"
    return (
        f"After {found.split} customers who had added a product made {fixed(abs(later.difference), 2)} {more} purchases each "
        f"than customers alike (difference from {fixed(later.lower, 2)} to {fixed(later.upper, 2)}){chance}. "
        f"Before matching it looked like {fixed(later.unmatched_difference, 2)}."
    )


def added_says(products: pd.DataFrame) -> str:
    """Which products added go with more later purchases."""
    tested = int(products["q_value"].notna().sum())
    found = [f"{row.product} ({row.difference:+.2f})" for row in records(products) if row.q_value <= FALSE_DISCOVERIES]
    if not tested:
        return f"No product has {FEWEST} customers matched, so none is tested."
    told = ", ".join(found[:_LISTED]) if found else "none of them"
    return (
        f"{plural(tested, 'product')} tested at once; at a false-discovery rate of {FALSE_DISCOVERIES:.0%} later purchases differ "
        f"with {told}. With fewer than {FEWEST} matched nothing is tested. Association, not cause."
    )


def mix_says(mix: Mix) -> str:
    """How many products differ, and which most."""
    found = mix.found
    rows = [(f"{row.product} ({fixed(row.lift, 2)} times)", row.lift > 1) for row in records(found)]
    parts = (("more", [told for told, more in rows if more]), ("less", [told for told, more in rows if not more][::-1]))
    told = [f"{word} {', '.join(some[:_LISTED])}" for word, some in parts if some]
    holds = f" The baskets of focal customers hold {' and '.join(told)}." if told else ""
    return (
        f"{plural(mix.tests, 'product')} tested at once, {len(found)} differ{'s' if len(found) == 1 else ''} (listed first) at a false-discovery rate "
        f"of {FALSE_DISCOVERIES:.0%}.{holds} Shares of each customer's own basket are compared, so buying more often is no "
        "difference. Association, not cause."
    )


def verdict(q_value: float, lift: float) -> str:
    """A product of the mix in a word."""
    if q_value != q_value:
        return "not tested"
    return "unsure" if q_value > FALSE_DISCOVERIES else "more" if lift > 1 else "less"
