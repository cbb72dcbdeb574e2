"""Customers: one row per customer, most valuable first; every summary in the workbook stands on it."""

from pyfuncs.workbook.parts import Column, Highlight, Sheet, Table

TABLE = "tblCustomers"
VALUE = f"={TABLE}[[#This Row],[expected_spend]]*{TABLE}[[#This Row],[discounted_purchases]]*Margin"
COLUMNS = (
    Column("customer_id", "id", above="Customer", width=18),
    Column("rank", "int", above="Rank by value", width=8),
    Column("segment", "say", above="Segment by the focal rule", width=11),
    Column("value", "money", VALUE, above="Value, money: margin x spend x discounted purchases", width=15),
    Column("value_low", "money", above="Value, low end, money", width=11),
    Column("value_high", "money", above="Value, high end, money", width=11),
    Column("p_focal", "pct", above="Probability of truly being focal", width=11),
    Column("p_alive", "pct", above="Probability still a customer", width=11),
    Column("expected_purchases", "num2", above="Expected purchases within the forecast horizon", width=19),
    Column("expected_spend", "money", above="Expected spend per purchase, money", width=16),
    Column("discounted_purchases", "num2", above="Expected future purchases, discounted", width=21),
    Column("first_purchase", "date", above="Date of first purchase", width=14),
    Column("last_purchase", "date", above="Date of last purchase", width=14),
    Column("purchases", "int", above="Purchase days, all", width=10),
    Column("frequency", "int", above="Repeat purchase days", width=10),
    Column("recency", "num1", above="First to last purchase, in periods", width=11),
    Column("T", "num1", above="First purchase to end, in periods", width=11),
    Column("monetary_value", "money", above="Mean spend per repeat purchase, money", width=16),
    Column("total_spend", "money", above="Spend to date, money", width=12),
    Column("decile", "int", above="Tenth by value, 1 is best", width=8),
)

SHEET = Sheet(
    "Customers", "workings", "Customers",
    "One row per customer, sorted by value at the last refit. Filter and sort freely; columns you add stay with their "
    "customer.",
    widths=tuple(column.width or 12 for column in COLUMNS),
    parts=(
        Table(TABLE, "B7", COLUMNS, "One row per customer: history, scores, value with interval, segment."),
        Highlight("D8:D8", '=$D8="Focal"', "focal"),
        Highlight("D8:D8", '=$D8="Borderline"', "warn"),
        Highlight("D8:D8", '=$D8="Core"', "core"),
        Highlight("D8:D8", '=$D8="Light"', "light"),
    ),
    heights={6: 51}, freeze="C8", repeat_rows=(6, 7),
)  # fmt: skip
