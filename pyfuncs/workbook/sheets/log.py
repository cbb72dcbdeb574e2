"""Log: one row per refit, never changed afterwards."""

from pyfuncs.workbook.parts import Column, Sheet, Table

TABLE = "tblLog"
COLUMNS = (
    Column("refit_at", "text", above="When (UTC)", width=18),
    Column("source", "id", above="Where the log came from", width=26),
    Column("fingerprint", "id", above="Of the log", width=14),
    Column("rows_read", "int", above="Rows read", width=10),
    Column("rows_used", "int", above="Rows used", width=10),
    Column("customers", "int", above="Customers", width=11),
    Column("observation_end", "date", above="Observation end", width=13),
    Column("model", "say", above="Purchase model", width=12),
    Column("parameters", "text", above="Its parameters", width=44),
    Column("log_likelihood", "num2", above="Log-likelihood", width=14),
    Column("spend_parameters", "say", above="Of the spend model", width=30),
    Column("annual_discount_rate", "pct", above="Discount rate", width=19),
    Column("margin", "pct", above="Margin", width=9),
    Column("customer_equity", "money", above="Customer equity", width=15),
    Column("equity_low", "money", above="Its low end", width=14),
    Column("equity_high", "money", above="Its high end", width=14),
    Column("focal_customers", "int", above="Focal customers", width=15),
    Column("focal_share", "pct", above="Their share of value", width=11),
    Column("holdout_error", "pct", above="Holdout error, purchases", width=14),
    Column("master_check", "say", above="Master check", width=18),
    Column("focal_version", "text", above="Version of Focal", width=13),
    Column(
        "figures", "text", above="Fingerprints of the figures written on each sheet, to notice later changes", width=84
    ),
)

SHEET = Sheet(
    "Log", "control", "Log of refits",
    "Each refit adds one row; nothing is ever changed. Compare parameters and equity from one refit to the next.",
    widths=tuple(column.width or 12 for column in COLUMNS),
    parts=(Table(TABLE, "B7", COLUMNS, "Append-only log: one row per refit with its stamp, parameters, equity and checks."),),
    heights={6: 40}, freeze="C8", repeat_rows=(6, 7), pages_wide=3,
)  # fmt: skip
