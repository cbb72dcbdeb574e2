"""Focal customers: what makes them different, and who is like them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.functions import cells, examples
from pyfuncs.functions.catalogue import Example, excel_function
from pyfuncs.functions.cells import Cell, Floats, Grid, spill, to_cell
from pyfuncs.functions.kinds import Chances, Days, Flag, Fraction, Values
from pyfuncs.functions.tables import AttributeRange, Attributes
from pyfuncs.lazy import pandas as pd

if TYPE_CHECKING:
    from pyfuncs.analysis.profile import Profile

COLUMNS: Final = (
    "attribute", "level", "focal", "others", "lift", "lower", "upper", "difference", "p_value", "q_value",
    "focal_customers", "customers", "note",
)  # fmt: skip
ALL_ROWS: Final = "(all)"
_EPOCH: Final = dt.datetime(1970, 1, 1)


@excel_function(
    "FOCAL_PROFILE",
    family="Focal customers",
    example=Example(
        (examples.ATTRIBUTES, examples.ATTRIBUTE_SEGMENTS),
        [
            list(COLUMNS),
            ["channel", "Referral", 0.75, 0.25, 3.0, 1.866, 4.8232, 0.5, 7.7e-06, 1.55e-05, 40, 80, None],
            ["age", None, 40.9, 40.8, 1.0025, 0.9431, 1.0655, 0.1, 0.947, 0.947, 40, 80, None],
        ],
        rows=3,
    ),
)
def focal_profile(
    attributes: Attributes, segments: Chances, values: Values | None = None, level: Fraction = 0.90
) -> Grid:
    """What makes focal customers different: each attribute among them and among all others, with lift and q-value.

    A row per number or date, and per level of categories and tags; the most different first.  Of two levels that say
    the same only the one that focal customers have more often is shown.  `segments` may be the probabilities p_focal
    instead: each customer then counts by them in both groups, as on the sheet Profile.  Lift is given with its
    interval.  Differences with a q-value up to 0.1 are worth a look: a tenth of them is expected to be false.  Cells of
    fewer than 30 customers are shown but not tested; what is made of purchases (by name, or by rank correlation with
    `values` beyond 0.8) is no cause and not tested.  Columns that are no attribute follow with the reason, and the last
    row counts the tests.
    """
    from pyfuncs.analysis.attributes import read_attributes
    from pyfuncs.analysis.profile import profile

    focal = _checked(attributes, segments)
    if values is not None:
        _same_length(attributes, len(values.values), "values")
    table = read_attributes(attributes.frame())
    found = profile(table.attributes, focal, None if values is None else values.values, level)
    aside: Grid = [[name, *[None] * 11, why] for name, why in table.aside.items()]
    return [list(COLUMNS), *_rows(found), *aside, _last(found)]


@excel_function(
    "FOCAL_LOOKALIKE",
    family="Focal customers",
    example=Example(
        (examples.ATTRIBUTES, examples.ATTRIBUTE_SEGMENTS, examples.FIRST_PURCHASES, examples.PROSPECTS),
        [["likeness"], [0.6414], [0.3665]],
    ),
)
def focal_lookalike(
    attributes: Attributes,
    segments: Chances,
    first_purchase: Days | None = None,
    prospects: Attributes | None = None,
    report: Flag = False,
) -> Grid:
    """Likeness of prospects or customers to the focal ones, by attributes known when a customer is acquired.

    A regularised logistic regression learns on the customers acquired first and is tested on the last 30 % by first
    purchase (without dates on a random 30 %); `report` TRUE gives that test: AUC, lift of the tenth most alike, focal
    shares found and expected (at the level of those tested), in words whether it is better than chance, and the odds
    ratios of the strongest signals; intervals are at 90 %.  The scores come from all customers with a segment, or with
    a probability of being focal, of which those above a half count as such.  Focal means expected future value: of
    recent customers it rests on few purchases.
    """
    from pyfuncs.analysis.attributes import read_attributes
    from pyfuncs.analysis.lookalike import lookalike
    from pyfuncs.analysis.lookalike import report as table_of

    focal = _checked(attributes, segments)
    if first_purchase is not None:
        _same_length(attributes, len(first_purchase), "first_purchase")
    scored = attributes if prospects is None else prospects
    shared = [header for header in attributes.headers if header in scored.headers]
    if not shared:
        raise InputError(
            f"prospects: no header of the attributes ({', '.join(attributes.headers)[:120]}); name them alike."
        )
    frame = attributes.frame(shared)
    if prospects is not None:  # read together, so that a column means the same for both
        frame = pd.concat([frame, prospects.frame(shared)], ignore_index=True)
        focal = np.append(focal, np.full(len(prospects), np.nan))
        first_purchase = None if first_purchase is None else np.append(first_purchase, np.full(len(prospects), np.nan))
    found = lookalike(read_attributes(frame).attributes, focal, first_purchase)
    if report:
        return spill(table_of(found), header=True)
    likeness = found.likeness[-len(scored) :].tolist()
    blank = [all(cells.is_blank(cell) for cell in row) for row in scored.rows]
    return [["likeness"], *([None if no else score] for score, no in zip(likeness, blank, strict=True))]


def _checked(attributes: AttributeRange, chances: Floats) -> Floats:
    """The chances of being focal, of which there must be one per row, some for and some against."""
    _same_length(attributes, len(chances), "segments")
    if np.nansum(chances) == 0 or np.nansum(1 - chances) == 0:
        raise InsufficientDataError("segments: there must be focal customers and others.")
    return chances


def _same_length(attributes: AttributeRange, length: int, name: str) -> None:
    if length != len(attributes):
        raise InputError(f"{name}: {length} rows beside {len(attributes)} of attributes; give one per customer.")


def _rows(found: Profile) -> Grid:
    """The rows of a profile as cells; dates as dates, words as text."""
    from pyfuncs.analysis.attributes import DATE

    rows: Grid = []
    for row in found.rows.to_dict("records"):
        entries: dict[Any, Cell] = {name: to_cell(row[name]) for name in COLUMNS}
        entries |= {name: entries[name] or None for name in ("level", "note")}
        if row["kind"] == DATE:
            entries |= {name: _date(row[name]) for name in ("focal", "others")}
        rows.append([entries[name] for name in COLUMNS])
    return rows


def _date(days: float) -> Cell:
    return None if np.isnan(days) else _EPOCH + dt.timedelta(days=round(days))


def _last(found: Profile) -> list[Cell]:
    """The row that closes a profile: everyone compared, and how much was tested."""
    counts: list[Cell] = [round(found.focal), round(found.focal + found.others)]
    return [ALL_ROWS, *[None] * 9, *counts, found.statement]
