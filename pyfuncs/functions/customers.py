"""Customers: from a log of transactions to one history per customer, and an account of every row."""

from __future__ import annotations

import numpy as np

from pyfuncs.errors import FocalError
from pyfuncs.functions import examples
from pyfuncs.functions.catalogue import Example, excel_function
from pyfuncs.functions.cells import Grid, spill
from pyfuncs.functions.kinds import Date, Period
from pyfuncs.functions.tables import HISTORY, CustomerRange, Customers, LogRange, Transactions
from pyfuncs.lazy import pandas as pd


@excel_function(
    "CLV_RFM",
    family="Customers",
    example=Example(
        (examples.LOG, "2024-06-28"),
        [
            list(HISTORY),
            ["Ann", 2.0, 12.0, 25.0, 40.0],
            ["Bob", 0.0, 0.0, 22.0, None],
            ["Cem", 0.0, 0.0, 21.0, None],
        ],
    ),
)
def clv_rfm(transactions: Transactions, observation_end: Date | None = None, period: Period = "week") -> Grid:
    """One row per customer: repeat purchases, recency, age and mean spend, from a log of transactions.

    Purchases of a customer on one day are one; the first is counted in neither frequency nor monetary_value.  Rows that
    cannot be used are left out; CLV_CHECK accounts for them.
    """
    from pyfuncs.analysis.histories import histories

    table = histories(transactions.read(observation_end), period)
    return spill(table[list(HISTORY)], header=transactions.header)


@excel_function(
    "CLV_CHECK",
    family="Customers",
    example=Example(
        (examples.LOG, "2024-06-28"),
        [
            ["reason", "rows", "amount", "first_row"],
            ["used", 6, 155.0, 2],
            ["unreadable date", 1, 40.0, 8],
            ["read", 7, 195.0, 2],
        ],
        rows=4,
    ),
)
def clv_check(transactions: Customers, observation_end: Date | None = None) -> Grid:
    """Every row read, used or set aside by reason, with rows, amounts and the first row number; the totals tie.

    Above the line "read" stand the bins: each row is in exactly one, so rows and amounts add up to it.  Below it stand
    sentences on how dates, amounts and customers were read.  A table of customers is checked in the same way; its
    amounts are frequency x monetary_value.
    """
    if isinstance(transactions, LogRange):
        account, notes = _account_of_log(transactions, observation_end)
    else:
        account, notes = _account_of_customers(transactions), []
    said: Grid = [[note, None, None, None] for note in notes]
    return spill(account, header=transactions.header) + said


def _account_of_log(transactions: LogRange, observation_end: Date | None) -> tuple[pd.DataFrame, list[str]]:
    """The account of a log; one that cannot be read as a whole is set aside as a whole, with the reason in words."""
    from pyfuncs.analysis import log as logs

    try:
        log = transactions.read(observation_end)
    except FocalError as refused:
        if not transactions.header:
            raise  # without a header, what cannot be read may be no log at all
        count = len(transactions.table)
        lines = [(logs.USED, 0, None, None), (str(refused), count, None, 2), (logs.READ, count, None, 2)]
        return pd.DataFrame(lines, columns=["reason", "rows", "amount", "first_row"], dtype=object), []
    account = logs.account(log)
    shown = (account["rows"] > 0) | account["reason"].isin([logs.USED, logs.READ])
    return account[shown], log.statements


def _account_of_customers(customers: CustomerRange) -> pd.DataFrame:
    """The account of a table of customers, in the columns of that of a log."""
    from pyfuncs.analysis import log as logs

    table = customers.histories
    count = len(customers)
    amount = np.nan_to_num(table["frequency"] * table["monetary_value"], nan=0.0)
    reasons = np.array(
        [_reason(customers, i) if i in customers.problems else logs.USED for i in range(count)], dtype=object
    )
    first_row = np.arange(count) + (2 if customers.header else 1)
    lines = []
    for reason in dict.fromkeys([logs.USED, *reasons, logs.READ]):
        which = np.full(count, True) if reason == logs.READ else reasons == reason
        first = int(first_row[which.argmax()]) if which.any() else None
        said = reason if reason in (logs.USED, logs.READ) else _with_first(customers, reason, which)
        lines.append((said, int(which.sum()), float(amount[which].sum()), first))
    return pd.DataFrame(lines, columns=["reason", "rows", "amount", "first_row"], dtype=object)


def _reason(customers: CustomerRange, row: int) -> str:
    return customers.problems[row].reason


def _with_first(customers: CustomerRange, reason: str, which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    """A reason with the figures of the first row it holds for, where the row has figures."""
    first = {role: column[which.argmax()] for role, column in customers.histories.items()}
    known = [f"{role} {first[role]:g}" for role in HISTORY[1:] if np.isfinite(first[role])]
    return f"{reason} ({', '.join(known)})" if known else reason
