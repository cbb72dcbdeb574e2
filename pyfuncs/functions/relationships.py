"""Beyond transactions: adherence to a therapy, response to an effort, and what customers bring by referring."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np

from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.functions import cells, examples
from pyfuncs.functions.catalogue import Example, excel_function
from pyfuncs.functions.cells import Cell, Grid, spill
from pyfuncs.functions.kinds import Date, Flag, Fraction, Money
from pyfuncs.functions.records import CustomerValues, Fills, Flags, Groups, Outcome, Records, Referrals, beside
from pyfuncs.lazy import pandas as pd

LONGEST_SUPPLY: Final = 3660
"""Days of one supply beyond which its cell is taken for an error: ten years."""
NOTE: Final = "note"
_EPOCH: Final = dt.date(1970, 1, 1)


@excel_function(
    "ADHERENCE_PDC",
    family="Beyond transactions",
    example=Example(
        (examples.FILLS, None, "2024-03-30"),
        [
            ["customer_id", "days", "days_covered", "pdc", "adherent", "persistence", "persistent"],
            ["Ann", 90, 90, 1.0, True, 90, True],
            ["Bob", 81, 30, 0.37037, False, 30, False],
            ["Cem", 60, 54, 0.9, True, 60, True],
        ],
    ),
)
def adherence_pdc(
    fills: Fills,
    window_start: Date | None = None,
    window_end: Date | None = None,
    adherence_threshold: Fraction = 0.8,
    report: Flag = False,
    level: Fraction = 0.9,
) -> Grid:
    """Proportion of days covered, adherence and persistence of each patient from dispensed supplies, or a summary.

    A supply covers as many days as it lasts, its own date first; an early refill of the same product begins when the
    supply before it runs out.  Of several products of a class a day is covered by any of them.  Days count from each
    patient's first fill, or from `window_start` where that is later, to `window_end`, both included.  persistence: days
    until supply is missing for more than 30 days in a row.  `report` TRUE gives shares and means with intervals, median
    persistence (Kaplan-Meier) and the rows set aside.
    """
    from pyfuncs.analysis import adherence

    usable, aside = _usable_fills(fills)
    last = int(usable["day"].max())
    start, end = (None if day is None else (day - _EPOCH).days for day in (window_start, window_end))
    end = last if end is None else end
    if start is not None and start > end:
        raise InputError(f"window_start: {window_start} is after the end, {_EPOCH + dt.timedelta(days=end)}.")
    found = adherence.adherence(usable, start, end, adherence_threshold)
    if not report:
        return spill(found.patients, header=fills.header)
    said = [("fills set aside", aside, None, None, "no patient, no date, or days of supply not whole from 1 to 3,660")]
    table = adherence.summary(found, level)
    rest = pd.DataFrame(said, columns=table.columns, dtype=object)
    return spill(pd.concat([table, rest], ignore_index=True), header=fills.header)


@excel_function(
    "RESPONSE_UPLIFT",
    family="Beyond transactions",
    example=Example(
        (examples.BOUGHT, examples.MAILED, examples.MAILED_SEGMENTS, True),
        [
            ["all", 80, 80, 0.55, 0.25, 0.3, 0.17370, 0.41308, 1.2, 0.0001, None, 24.0, None],
            ["Core", 40, 40, 0.5, 0.25, 0.25, 0.07193, 0.40726, 1.0, 0.02092, 0.02092, 10.0, None],
            ["Focal", 40, 40, 0.6, 0.25, 0.35, 0.16912, 0.50037, 1.4, 0.00154, 0.00309, 14.0, None],
        ],
        rows=3,
    ),
)
def response_uplift(
    outcome: Outcome,
    treated: Flags,
    segments: Groups | None = None,
    randomised: Flag = False,
    level: Fraction = 0.9,
) -> Grid:
    """Response to a relationship effort: the treated against those not treated, for all and by segment, with intervals.

    Outcomes of yes and no are compared as shares (Newcombe's interval), numbers as means (Welch's); `segments` may hold
    any labels.  relative_uplift is over the outcome of those not treated, incremental is uplift x customers treated.
    Segments of fewer than 30 in a group are not tested.  Unless `randomised` is TRUE the first row says that the groups
    may differ in more than the effort.  Sentences follow: whether segments were treated alike and respond alike.
    """
    from pyfuncs.analysis.uplift import BANNER, uplift

    values, count = outcome.values, len(outcome.values)
    flags = [_flag(cell, i) for i, cell in enumerate(beside(treated, count, "treated"))]
    names = None if segments is None else [_label(cell) for cell in beside(segments, count, "segments")]
    used = np.flatnonzero(np.isfinite(values) & np.array([flag is not None for flag in flags]))
    if not used.size:
        raise InsufficientDataError("outcome: no row has an outcome and TRUE or FALSE in treated.")
    given = np.array([bool(flag) for flag in flags])[used]
    some = None if names is None else [names[i] for i in used]
    found = uplift(values[used], given, some, randomised=randomised, level=level)
    header, *rows = spill(found.rows, header=True)
    said = list(found.statements)
    if count > used.size:
        said.append(f"{count - used.size:,} of {count:,} rows have no outcome or no treated and are set aside.")
    first = [_sentence(each, len(header)) for each in said if each == BANNER]
    others = [_sentence(each, len(header)) for each in said if each != BANNER]
    return [*([header] if outcome.header else []), *first, *rows, *others]


@excel_function(
    "REFERRAL_VALUE",
    family="Beyond transactions",
    example=Example(
        (examples.REFERRALS, examples.CUSTOMER_VALUES, 20, 0.5),
        [
            [
                *("customer_id", "referred", "value", "referral_value", "rank_by_own_value", "rank_by_referral_value"),
                "group",
            ],
            ["Ann", 2, 100.0, 130.0, 3.0, 1, "Advocates"],
            ["Bob", 1, 200.0, 40.0, 1.0, 2, "Champions"],
            ["Dee", 0, 120.0, 0.0, 2.0, 3, "Affluents"],
        ],
        rows=4,
    ),
)
def referral_value(
    referrals: Referrals,
    customer_values: CustomerValues,
    cac: Money | None = None,
    would_have_joined: Fraction = 0.5,
) -> Grid:
    """Value a customer brings by referring others, beside the customer's own value: ranks and groups, never a sum.

    Of each person referred the share who would not have joined otherwise counts with the whole value, the share who
    would have joined anyway with the acquisition cost they save; values are those of today, already discounted.  Only
    direct referrals count, each person once: for who referred them first by date, or by row.  Who refers themselves, or
    each other in a circle, is set aside and counted below the table.  Groups are cut at the medians (Kumar et al.).
    """
    from pyfuncs.analysis import referrals as analysis

    found = analysis.referral_values(
        *_read_referrals(referrals, customer_values), cac=cac or 0.0, would_have_joined=would_have_joined
    )
    table = found.customers
    counts = {
        "people referred are counted": found.counted,
        "referrals name somebody who had been referred before and are set aside": found.again,
        "referrals name the referrer and are set aside": found.themselves,
        "referrals go in a circle and are set aside": found.circular,
        "people referred have no value that is known, and only the saved cost counts": found.unvalued,
        "rows have no referrer or no person referred and are set aside": len(referrals) - _named(referrals).sum(),
    }
    said = [analysis.NOT_ADDED, *(f"{count:,} {what}." for what, count in counts.items() if count)]
    width = table.shape[1]
    return spill(table, header=referrals.header) + [[NOTE, each, *[None] * (width - 2)] for each in said]


def _usable_fills(fills: Records) -> tuple[pd.DataFrame, int]:
    """Fills with a patient, a date and whole days of supply, and how many have none."""
    table = pd.DataFrame(
        {
            "customer_id": fills.texts("customer"),
            "day": fills.days("date"),
            "supply": fills.numbers("supply"),
            "product": fills.texts("product"),
        }
    )
    whole = table["supply"].between(1, LONGEST_SUPPLY) & (table["supply"] % 1 == 0)
    usable = table[(table["customer_id"] != "") & table["day"].notna() & whole]
    if usable.empty:
        raise InsufficientDataError("fills: no row has a patient, a date and whole days of supply.")
    return usable.astype({"day": np.int64, "supply": np.int64}), len(table) - len(usable)


def _named(referrals: Records) -> np.ndarray:
    """Which rows have a referrer and a person referred."""
    named: np.ndarray = (referrals.texts("referrer") != "") & (referrals.texts("referred") != "")
    return named


def _read_referrals(referrals: Records, values: Records) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Referrals of people who are named, and values by customer."""
    table = pd.DataFrame(
        {
            "referrer": referrals.texts("referrer"),
            "referred": referrals.texts("referred"),
            "day": referrals.days("date"),
        }
    )
    keys = values.texts("customer")
    worth = pd.Series(values.numbers("value"), index=keys)[keys != ""]
    if worth.notna().sum() == 0:
        raise InsufficientDataError("customer_values: no row has a customer and a value.")
    again = worth.index[worth.index.duplicated()]
    if len(again):
        raise InputError(f'customer_values: customer_id "{again[0]}" stands there more than once; keep one row.')
    return table[_named(referrals)], worth


def _flag(cell: Cell, row: int) -> bool | None:
    """TRUE or FALSE; None where the cell is blank or an error."""
    return None if cells.is_blank(cell) or cells.is_error(cell) else cells.to_flag(cell, f"treated: row {row + 1}")


def _label(cell: Cell) -> str:
    return "" if cells.is_error(cell) else cells.to_text(cell)


def _sentence(text: str, width: int) -> list[Cell]:
    return [text, *[None] * (width - 1)]
