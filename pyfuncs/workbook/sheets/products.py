"""Products: whom a product brings, what is bought next, what goes with a second product, what focal customers buy."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from pyfuncs.analysis.products import Products
from pyfuncs.analysis.used_rows import key_of
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import Chart, Column, Grid, Series, Sheet, Spot, Table, Text, Values, body
from pyfuncs.workbook.sheets import product_words as words
from pyfuncs.workbook.styles import CORE, LIGHT
from pyfuncs.workbook.twins import records
from pyfuncs.workbook.words import shortened

ENTRIES: Final = 12
TRAITS: Final = 5
OUTCOMES: Final = 5
IN_MATRIX: Final = 8
IN_MIX: Final = 10
LONGEST_NAME: Final = 24
MOST_LISTED: Final = 200
"""Products beside which a margin can be typed; those that have one stay beyond these."""
MARGINS = Table("tblProductMargins", "W9", (Column("product", "text"), Column("margin", "in:pct")),
                "Margin of single products, typed by the user as a share of their price, below 0 for those sold at a loss; "
                "a blank cell takes the margin of Settings.")  # fmt: skip
_GAP = '=IF($B{{row}}="",0,IFERROR(({column}{{row}}-{column}$22)/ABS({column}$22),0))'

ENTRY = Grid("ProductEntry", "B9", (
    Column("First product", "text"),
    Column("Customers", "int"),
    Column("Share of customers", "pct"),
    Column("Margin of the first purchase", "money"),
    Column("Value of customer", "money"),
    Column("Value, from", "money"),
    Column("to", "money"),
    Column("Share focal", "pct"),
    Column("Today, against all", "gap", _GAP.format(column="$E")),
    Column("Value, against all", "gap", _GAP.format(column="$F")),
    Column("Kind", "say"),
), rows=ENTRIES + 1, total=True,
   overrides={(ENTRIES + 1, "Today, against all"): "=0", (ENTRIES + 1, "Value, against all"): "=0"})  # fmt: skip

MATRIX = Grid("NextProduct", "B27", (
    Column("Bought", "text"),
    *(Column(f"Next ({place})", "pct") for place in range(1, IN_MATRIX + 1)),
    Column("None yet", "pct"),
    Column("Purchases", "int"),
), rows=IN_MATRIX + 1,
   looks={(1, header): "head_right" for header in (*(f"Next ({place})" for place in range(1, IN_MATRIX + 1)), "None yet", "Purchases")}
   | {(1, "Bought"): "head"})  # fmt: skip

SECOND = Grid("SecondProduct", "O27", (
    Column("After the split, and today", "text"),
    Column("Added a product", "num2"),
    Column("Alike, added none", "num2"),
    Column("Difference", "num2"),
    Column("Difference, from", "num2"),
    Column("to", "num2"),
    Column("Before matching", "num2"),
), rows=OUTCOMES)  # fmt: skip

BALANCE = Grid("SecondBalance", "O35", (
    Column("How alike at the split", "text"),
    Column("Added", "num2"),
    Column("Alike", "num2"),
    Column("Apart before", "num2"),
    Column("Apart after", "num2"),
), rows=TRAITS)  # fmt: skip

MIX = Grid("ProductMix", "B45", (
    Column("Product", "text"),
    Column("Bought by, focal", "pct"),
    Column("Bought by, rest", "pct"),
    Column("Purchases per focal customer", "num2"),
    Column("per other customer", "num2"),
    Column("Share of spend, focal", "pct"),
    Column("Share of spend, rest", "pct"),
    Column("Basket share, lift", "num2"),
    Column("Lift, from", "num2"),
    Column("to", "num2"),
    Column("Focal buy", "say"),
), rows=IN_MIX)  # fmt: skip

EACH = Grid("AddedProducts", "O45", (
    Column("Product added", "text"),
    Column("Customers", "int"),
    Column("Matched", "int"),
    Column("More purchases", "num2"),
    Column("More, from", "num2"),
    Column("to", "num2"),
    Column("q-value", "num3"),
), rows=IN_MIX)  # fmt: skip

GRIDS: Final = (ENTRY, MATRIX, SECOND, BALANCE, MIX, EACH)
SAID: Final = ("ProductsSay", "EntrySay", "EntryCovers", "NextSay", "SecondSay", "SecondWho", "MixSay", "AddedSay")


def figures(run: Run) -> Values:
    """Values of the slots of this sheet; blank where the log has no products, with the reason in words."""
    found = run.refit.products
    values: Values = dict.fromkeys(SAID, "") | {grid.name: _filled(grid, []) for grid in GRIDS}
    if isinstance(found, str):
        return values | {"ProductsSay": found}
    second, mix = found.second, found.mix
    values |= {
        "ProductsSay": words.products_say(found),
        "ProductEntry": _entry(found.entry),
        "EntrySay": words.entry_says(found.entry, run.refit.unit, run.refit.settings.cac or None),
        "EntryCovers": words.entry_covers(found, run.refit.settings),
        "NextProduct": _matrix(found.next.names, found.next.shares, found.next.purchases),
        "NextSay": words.next_says(found.next),
        "SecondSay": second if isinstance(second, str) else words.second_says(second),
        "MixSay": mix if isinstance(mix, str) else words.mix_says(mix),
    }
    if not isinstance(second, str):
        values |= {
            "SecondProduct": _filled(SECOND, second.outcomes.to_numpy(dtype=object).tolist()),
            "SecondBalance": _filled(BALANCE, second.balance.to_numpy(dtype=object).tolist()),
            "AddedProducts": _filled(
                EACH,
                second.products.assign(product=second.products["product"].map(short)).to_numpy(dtype=object).tolist(),
            ),
            "SecondWho": " ".join(second.statements),
            "AddedSay": words.added_says(second.products),
        }
    if not isinstance(mix, str):
        values["ProductMix"] = _filled(MIX, [
            [short(row.product), row.bought_focal, row.bought_rest, row.purchases_focal, row.purchases_rest, row.spend_focal,
             row.spend_rest, row.lift, row.lower, row.upper, words.verdict(row.q_value, row.lift)]
            for row in records(mix.telling)
        ])  # fmt: skip
    return values


def _entry(table: pd.DataFrame) -> list[list[Any]]:
    """The products by customers, those without room as one row and, as the last row, all customers."""
    everyone = list(table.iloc[-1])
    products = table.iloc[:-1]
    if len(products) > ENTRIES:
        products = pd.concat([products.iloc[: ENTRIES - 1], _together(products.iloc[ENTRIES - 1 :])])
    rows = []
    for row in products.to_numpy(dtype=object).tolist():
        gaps = [(row[place] - everyone[place]) / abs(everyone[place]) if everyone[place] else 0.0 for place in (3, 4)]
        rows.append([short(row[0]), *row[1:8], *gaps, row[8]])
    return [*_filled(ENTRY, rows)[:-1], [*everyone[:8], 0.0, 0.0, ""]]


def _together(rest: pd.DataFrame) -> pd.DataFrame:
    """Products without room as one row: their means by customers; an interval and a kind they have each of their own."""
    count = rest["customers"].to_numpy(dtype=np.float64)
    means = {
        each: float(count @ rest[each] / count.sum()) for each in ("margin_today", "value_over_life", "share_focal")
    }
    row = {"product": f"{len(rest)} other products", "customers": int(count.sum()), "lower": None, "upper": None,
           "share_of_customers": float(rest["share_of_customers"].sum()), **means, "quadrant": ""}  # fmt: skip
    return pd.DataFrame([row])[list(rest.columns)]


def listed(found: Products) -> list[str]:
    """The products beside which a margin can be typed, the most bought first."""
    known = {key_of(name) for name in found.margins}
    return [*found.names[:MOST_LISTED], *(name for name in found.names[MOST_LISTED:] if key_of(name) in known)]


def _matrix(names: tuple[str, ...], shares: np.ndarray, purchases: np.ndarray) -> list[list[Any]]:
    """Names of the next products as the first row, then one row per product."""
    blank = [None] * (IN_MATRIX - len(names))
    heads = [*(short(name) for name in names), *blank]
    rows = [
        [short(name), *share[:-1], *blank, share[-1], int(count)]
        for name, share, count in zip(names, shares.tolist(), purchases, strict=True)
    ]
    return _filled(MATRIX, [["", *heads, "", ""], *rows])


def _filled(grid: Grid, rows: list[list[Any]]) -> list[list[Any]]:
    """Rows of a grid, the first that fit; the others are blank, with 0 where a formula stands."""
    blank = [None if column.formula is None else 0.0 for column in grid.columns]
    held = [[None if value != value else value for value in row] for row in rows[: grid.rows]]
    return [*held, *(list(blank) for _ in range(grid.rows - len(held)))]


def short(name: str) -> str:
    """A name as a cell of the sheet has room for."""
    return shortened(name, LONGEST_NAME)


def entry_chart(at: str, size: tuple[int, int]) -> Chart:
    """Margin today beside the value of the customer, both against the average customer, by first product."""
    labels, today, life = (
        body(ENTRY, header, "Products", chart=True, last=ENTRIES)
        for header in ("First product", "Today, against all", "Value, against all")
    )
    return Chart(at, "column", "Today and in the long run, by the product customers began with", "First product",
                 "Against the average customer",
                 (Series("Margin of the first purchase", labels, today, LIGHT), Series("Value of customer", labels, life, CORE)),
                 "Clustered columns: for each first product how far the margin of the first purchase and the value of the "
                 "customer lie above or below the average. A feeder is below today and above in the long run.",
                 size=size, y_format="0%", labels_below=True)  # fmt: skip


SHEET = Sheet(
    "Products", "presentation", "Products",
    "Which products bring good customers, even at a loss today; what is bought next; what goes with a second product.",
    widths=(24, *(10.5,) * 9, 13, 2, 2, 29, *(10.5,) * 6, 3, 24, 12),
    parts=(
        Spot("ProductsSay", "B6", "text"),
        Text("B8", "Whom a product brings", "section", span=11),
        ENTRY,
        Spot("EntrySay", "B23", "wrap", span=11, deep=2),
        Spot("EntryCovers", "B25", "aside"),
        entry_chart("O8", (690, 340)),
        Text("W8", "Type margin by product", "section", span=2),
        MARGINS,
        Text("B26", "What is bought next, share of purchases", "section", span=11),
        MATRIX,
        Spot("NextSay", "B38", "wrap", span=11, deep=2),
        Text("O26", "What goes with a second product (association, not cause)", "section", span=7),
        SECOND,
        Spot("SecondSay", "O33", "wrap", span=7, deep=2),
        BALANCE,
        Spot("SecondWho", "O41", "says", span=7, deep=3),
        Text("B44", "What focal customers buy differently", "section", span=11),
        MIX,
        Spot("MixSay", "B56", "wrap", span=11, deep=3),
        Text("O44", "The product added, against customers alike who added none", "section", span=7),
        EACH,
        Spot("AddedSay", "O56", "wrap", span=7, deep=2),
        Text("B59", "Use: keep a feeder in the range and judge it by the customers it brings, not by its own margin. Offer the next "
             "product where the matrix points, and test the offer before paying for it.", "shows"),
    ),
    figures=figures, heights={9: 40, 27: 27, 28: 27, 45: 40}, pages_high=1, print_to="U59",
)  # fmt: skip
