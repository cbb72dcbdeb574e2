"""Transactions: the Table to paste a log into; Focal says beside each row whether it was used."""

from pyfuncs.workbook.parts import Column, Sheet, Table

TABLE = "tblTransactions"
STATUS = "status"

SHEET = Sheet(
    "Transactions", "input", "Transactions",
    "One row per purchase or refund. Paste your log under the blue columns, then refit; the last column says what became "
    "of each row.",
    widths=(22, 14, 14, 20, 16, 30),
    parts=(
        Table(TABLE, "B7", (
            Column("customer", "in:id", above="Who bought: any text or number", width=22),
            Column("date", "in:date", above="Day of the purchase", width=14),
            Column("amount", "in:num2", above="Money; refunds are negative", width=14),
            Column("product", "in:id", above="What was bought (optional)", width=20),
            Column("channel", "in:id", above="How the sale came (optional)", width=16),
            Column(STATUS, "text", above="Filled by Focal: used, or why not", width=30),
        ), "The transaction log: one row per purchase or refund, and what became of it."),
    ),
    heights={6: 27}, freeze="A8", repeat_rows=(6, 7),
)  # fmt: skip
