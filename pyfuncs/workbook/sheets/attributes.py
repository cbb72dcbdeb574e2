"""Attributes: what is known of customers beside their purchases, a table to paste into."""

from pyfuncs.workbook.parts import Column, Sheet, Table

TABLE = "tblAttributes"
CUSTOMER = "customer"
ROOM = 20

SHEET = Sheet(
    "Attributes", "input", "Attributes",
    "Optional. What you know of customers beside their purchases: one row per customer, one column per attribute. Several "
    "words in one cell (tags of a survey or of tickets) are separated by semicolons.",
    widths=(22, *[14] * ROOM),
    parts=(
        Table(TABLE, "B7", (
            Column(CUSTOMER, "in:id", above="Who: as on Transactions", width=22),
            *(Column(f"attribute {number}", "in:text", width=14,
                     above="Type the attribute's name over these headers, or paste your table over all of this"
                     if number == 1 else "")
              for number in range(1, ROOM + 1)),
        ), "Attributes of customers, typed or pasted by you: numbers, words, dates, TRUE or FALSE, tags."),
    ),
    heights={6: 75}, freeze="C8", repeat_rows=(6, 7),
)  # fmt: skip
