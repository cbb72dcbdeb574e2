"""Words of histories, and of the account of a log's rows."""

from typing import Final

from pyfuncs.vocabulary.term import Term

HISTORIES: Final = (
    Term(
        "customers",
        "",
        "",
        "Table of customers as CLV_RFM spills it (customer_id, frequency, recency, T, monetary_value), or a log of "
        "transactions. With a header row the columns may stand in any order.",
    ),
    Term(
        "transactions",
        "",
        "",
        "Log of transactions, one row each: customer, date and, if known, amount. With a header row the columns may"
        " stand in any order; without one they are read in this order.",
    ),
    Term("customer_id", "", "", "Unique key of a customer, kept as text: Excel turns 007 into 7."),
    Term("date", "", "date", "Day of a purchase. All purchases of a customer on one day count as one."),
    Term("amount", "", "money", "Money paid on a row of the log; refunds are negative and net against the same day."),
    Term(
        "period",
        "",
        "day, week or month",
        "The unit of time of a fit: day, week or month; week if left out. A month is a twelfth of 365.25 days, "
        "never a calendar month.",
    ),
    Term(
        "observation_end",
        "",
        "date",
        "Last day on which customers were observed; later rows are set aside. Left out: the last date in the log, "
        "which is right only if the log is complete up to that day.",
    ),
    Term("frequency", "x", "count", "Repeat purchases: purchase days after the first. Purchases counts the first too."),
    Term(
        "recency",
        "t_x",
        "periods",
        "Time from the first to the last purchase; 0 when there is no repeat purchase. Not the time since the last "
        "purchase.",
    ),
    Term("T", "T", "periods", "Age of a customer: time from the first purchase to the observation end."),
    Term(
        "monetary_value",
        "m",
        "money per purchase",
        "Mean spend over the repeat purchases, the first not included; blank when there are none.",
    ),
    Term("first_purchase", "", "date", "Day of the first purchase.", ("first purchase", "first_purchase_date")),
    Term("last_purchase", "", "date", "Day of the last purchase up to the observation end."),
    Term("purchases", "", "count", "Purchase days, the first included."),
    Term("first_amount", "", "money", "Money paid on the day of the first purchase."),
    Term("total_amount", "", "money", "Money paid over all purchases, the first included."),
    Term(
        "time_since_last",
        "T - t_x",
        "periods",
        "Time from the last purchase to the observation end; marketing calls this recency.",
    ),
    Term("cohort", "", "period", "Customers by the period of their first purchase."),
    Term("product", "", "", "What was bought, where the log says so."),
    Term("channel", "", "", "Where the customer came from, where the log says so."),
)

ACCOUNT: Final = (
    Term("reason", "", "", "Why rows were used or set aside."),
    Term("rows", "", "count", "Rows of the source in this bin. The bins add up to the rows read."),
    Term("first_row", "", "row number", "First row of the range that fell into this bin, its header counted."),
)
