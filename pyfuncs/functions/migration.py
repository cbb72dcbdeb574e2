"""Focal customers at two dates: who moved between segments, and how stable the focal list is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from pyfuncs.analysis import columns
from pyfuncs.analysis import migration as moving
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.functions import cells
from pyfuncs.functions.catalogue import Example, Kind, excel_function
from pyfuncs.functions.cells import Grid, spill
from pyfuncs.functions.kinds import Fraction, segment_label
from pyfuncs.lazy import pandas as pd
from pyfuncs.sources.raw_table import unique_headers

SET_ASIDE: Final = "Set aside"
_BEFORE: Final = (
    ("customer_id", "segment", "p_focal", "value", "p_alive", "expected_spend"),
    ("A", "Focal", 0.95, 100, 0.9, 20),
    ("B", "Focal", 0.85, 80, 0.9, 20),
    ("C", "Borderline", 0.79, 60, 0.9, 20),
    ("D", "Core", 0.10, 30, 0.9, 20),
    ("E", "Light", 0.00, 5, 0.9, 20),
)
_AFTER: Final = (
    ("customer_id", "segment", "p_focal", "value", "p_alive", "expected_spend"),
    ("A", "Focal", 0.95, 110, 0.9, 20),
    ("B", "Light", 0.00, 4, 0.1, 20),
    ("C", "Focal", 0.81, 62, 0.9, 20),
    ("D", "Core", 0.15, 32, 0.9, 20),
    ("F", "Core", 0.10, 31, 0.9, 20),
)


@dataclass(frozen=True, eq=False)
class SegmentTable:
    """Customers of a date with their segments, and how many rows name no customer or no segment."""

    customers: pd.DataFrame
    set_aside: int


def _read_segment_table(grid: Grid, name: str) -> SegmentTable:
    """Customers by the headers of their columns; blank rows are no rows."""
    headers = unique_headers([cells.to_text(cell) if cells.is_text(cell) else "" for cell in grid[0]])
    places = {header.strip().casefold().replace(" ", "_"): i for i, header in enumerate(headers)}
    if "segment" not in places:
        raise InputError(
            f"{name}: no column headed segment in the first row; give customer_id and segment under headers."
        )
    customer = headers.index(columns.find_columns(headers, table="attributes", required=("customer",))["customer"])
    segment = places["segment"]
    rows = [row for row in grid[1:] if not (cells.is_blank(row[customer]) and cells.is_blank(row[segment]))]
    usable = [
        (i, row)
        for i, row in enumerate(rows, 2)
        if not any(cells.is_blank(row[place]) or cells.is_error(row[place]) for place in (customer, segment))
    ]
    if not usable:
        raise InsufficientDataError(f"{name}: no row has both a customer and a segment.")
    table = {
        "customer_id": [cells.to_text(row[customer]) for _, row in usable],
        "segment": [segment_label(row[segment], f"{name}: row {i}") for i, row in usable],
    }
    known = {
        role: cells.to_numbers([row[places[role]] for _, row in usable])[0]
        for role in moving.OPTIONAL
        if role in places
    }
    return SegmentTable(pd.DataFrame(table | known), len(rows) - len(usable))


Segments = Annotated[SegmentTable, Kind("table of segments", _read_segment_table)]


@excel_function(
    "FOCAL_MIGRATION",
    family="Focal customers",
    example=Example(
        (_BEFORE, _AFTER),
        [
            ["segment_earlier", "segment_later", "customers", "share", "lower", "upper", "confirmed"],
            ["Focal", "Focal", 1, 0.3810, 0.1198, 0.6832, None],
            ["Focal", "Borderline", 0, 0.0, 0.0, 0.0, 0.0],
            ["Focal", "Core", 0, 0.2381, 0.0400, 0.5249, 0.0],
            ["Focal", "Light", 1, 0.2619, 0.0509, 0.554, 0.85],
            ["Focal", "Gone", 0, 0.1190, 0.0042, 0.3544, 0.0],
        ],
        rows=6,
    ),
)
def focal_migration(earlier: Segments, later: Segments, level: Fraction = 0.90) -> Grid:
    """Moves of customers between segments from one date to a later one, New and Gone included, with intervals.

    share is of the customers of the earlier segment; it leans towards where everybody went by the weight of five
    customers, so that small segments do not swing, and lower and upper bound it at `level`.  A last row, Set aside,
    counts rows without a customer or a segment.
    """
    table = moving.migration(moving.pair(earlier.customers, later.customers), level)
    aside = earlier.set_aside + later.set_aside
    if aside:
        row = pd.DataFrame([{"segment_earlier": SET_ASIDE, "segment_later": "", "customers": aside}])
        table = pd.concat([table, row], ignore_index=True)
    return spill(table, header=True)


@excel_function(
    "FOCAL_STABILITY",
    family="Focal customers",
    example=Example(
        (_BEFORE, _AFTER),
        [
            ["measure", "value"],
            ["customers at both dates", 4.0],
            ["focal earlier", 2.0],
            ["focal later", 2.0],
            ["focal at both dates", 1.0],
            ["overlap of the lists", 0.3333],
            ["share of focal customers who stayed", 0.5],
            ["share of their P(focal) that stayed", 0.5278],
            ["rank correlation of value", 0.4],
        ],
        rows=9,
    ),
)
def focal_stability(earlier: Segments, later: Segments) -> Grid:
    """How far the focal lists of two dates agree, how sure they are, and why customers left and joined them.

    overlap: customers on both lists over those on either.  surely focal: of those Focal or Borderline, the share with
    P(focal) above 0.8.  Each customer who left or joined has one cause, so the causes add up to the change of the list.
    What the tables do not tell is blank.
    """
    found = moving.stability(moving.pair(earlier.customers, later.customers))
    rows: list[tuple[str, float]] = [
        ("customers at both dates", found.in_both),
        ("focal earlier", found.focal_earlier),
        ("focal later", found.focal_later),
        ("focal at both dates", found.stayed),
        ("overlap of the lists", found.overlap),
        ("share of focal customers who stayed", found.share_stayed),
        ("share of their P(focal) that stayed", found.surely_stayed),
        ("rank correlation of value", found.rank_correlation),
        ("surely focal earlier", found.sure_earlier),
        ("surely focal later", found.sure_later),
        *((f"{change}: {cause}", n) for change, cause, n in found.causes.itertuples(index=False)),
    ]
    aside = earlier.set_aside + later.set_aside
    if aside:
        rows.append(("rows set aside", aside))
    measures, values = zip(*rows, strict=True)
    return spill({"measure": np.array(measures), "value": np.array(values, dtype=np.float64)}, header=True)
