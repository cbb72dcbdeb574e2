"""FOCAL_PROFILE and FOCAL_LOOKALIKE as a sheet calls them."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.attributes import read_attributes
from pyfuncs.analysis.profile import profile
from pyfuncs.functions import CATALOGUE, examples

PROFILE, LOOKALIKE = CATALOGUE["FOCAL_PROFILE"], CATALOGUE["FOCAL_LOOKALIKE"]
SEGMENTS = examples.ATTRIBUTE_SEGMENTS


def rows_of(grid):
    return {(row[0], row[1]): dict(zip(grid[0], row, strict=True)) for row in grid[1:]}


def table(**columns):
    return [tuple(columns), *zip(*columns.values(), strict=True)]


def test_the_key_is_no_attribute_and_what_is_set_aside_says_why():
    cells = table(customer_id=range(80), code=[f"K{i}" for i in range(80)], empty=[None] * 80, size=range(80))
    grid = PROFILE(cells, SEGMENTS)
    rows = rows_of(grid)
    assert [row[0] for row in grid[1:]] == ["size", "code", "empty", "(all)"]
    assert "identifier" in rows["code", None]["note"]
    assert rows["(all)", None]["note"].startswith("1 comparison tested at once")
    assert rows["(all)", None]["customers"] == 80


def test_dates_spill_as_dates():
    joined = [dt.datetime(2024, 3, 1 + i % 2) for i in range(80)]
    row = rows_of(PROFILE(table(joined=joined, x=range(80)), SEGMENTS))["joined", None]
    assert (row["focal"], row["others"]) == (dt.datetime(2024, 3, 2), dt.datetime(2024, 3, 1))
    assert row["difference"] == 1
    assert row["lift"] is None


def test_error_cells_are_unknown_and_counted_in_the_note():
    age = [row[1] for row in examples.ATTRIBUTES[1:]]
    row = rows_of(PROFILE(table(age=["#N/A", *age[1:]], x=age), SEGMENTS))["age", None]
    assert row["customers"] == 79
    assert "1 error cell" in row["note"]


def test_values_show_what_is_a_function_of_them():
    values = [("value",), *[(100.0 + i if i % 2 else i / 10,) for i in range(80)]]
    points = [row[0] * 2 for row in values[1:]]
    row = rows_of(PROFILE(table(points=points, x=range(80)), SEGMENTS, values))["points", None]
    assert "rank correlation 1.00" in row["note"]
    assert row["p_value"] is None


def test_a_wider_level_gives_a_wider_interval():
    narrow, wide = (
        rows_of(PROFILE(examples.ATTRIBUTES, SEGMENTS, None, level))["channel", "Referral"] for level in (0.5, 0.99)
    )
    assert wide["lower"] < narrow["lower"] < narrow["lift"] < narrow["upper"] < wide["upper"]


def test_customers_without_a_segment_are_scored_and_do_not_teach():
    some = [(None,) if i < 4 else row for i, row in enumerate(SEGMENTS)]
    scores = LOOKALIKE(examples.ATTRIBUTES, some, examples.FIRST_PURCHASES)
    assert len(scores) == 81
    assert all(0 < row[0] < 1 for row in scores[1:])
    assert rows_of(PROFILE(examples.ATTRIBUTES, some))["channel", "Referral"]["customers"] == 76


def test_probabilities_of_being_focal_weigh_customers_as_on_the_sheet():
    chances = [0.1 + 0.8 * (i % 2) if i else None for i in range(80)]
    row = rows_of(PROFILE(examples.ATTRIBUTES, [("p_focal",), *((p,) for p in chances)]))["channel", "Referral"]
    found = profile(
        read_attributes(pd.DataFrame(examples.ATTRIBUTES[1:], columns=examples.ATTRIBUTES[0])).attributes,
        np.array(chances, dtype=float),
    ).rows.set_index("attribute")
    assert row["customers"] == 79
    for name in ("focal", "others", "lift", "lower", "upper", "q_value", "focal_customers"):
        assert row[name] == found.loc["channel", name]
    assert row["focal"] < 0.75  # of those labelled so


def test_certain_probabilities_are_labels():
    certain = [(1.0 if label == "Focal" else 0.0,) for (label,) in SEGMENTS]
    assert PROFILE(examples.ATTRIBUTES, certain) == PROFILE(examples.ATTRIBUTES, SEGMENTS)
    assert LOOKALIKE(examples.ATTRIBUTES, [(0.2 + p / 2,) for (p,) in certain]) == LOOKALIKE(
        examples.ATTRIBUTES, SEGMENTS
    )


def test_prospects_are_matched_by_header_and_a_blank_row_has_no_score():
    prospects = [("note", "channel"), ("x", "referral"), (None, None), ("y", "Shop")]
    scores = [row[0] for row in LOOKALIKE(examples.ATTRIBUTES, SEGMENTS, None, prospects)]
    assert scores[0] == "likeness"
    assert scores[2] is None
    assert scores[1] > 0.5 > scores[3]


def test_the_report_is_the_test_on_later_customers():
    grid = LOOKALIKE(examples.ATTRIBUTES, SEGMENTS, examples.FIRST_PURCHASES, None, True)
    found = {row[0]: dict(zip(grid[0], row, strict=True)) for row in grid[1:]}
    assert found["customers learned from"]["value"] + found["customers tested on"]["value"] == 80
    assert found["AUC"]["lower"] < found["AUC"]["value"] < found["AUC"]["upper"]
    assert "acquired later" in found["AUC"]["note"]


@pytest.mark.parametrize("first", [examples.FIRST_PURCHASES, (("First purchase",), *examples.FIRST_PURCHASES)])
def test_dates_of_first_purchase_may_stand_under_a_header_or_not(first):
    assert LOOKALIKE(examples.ATTRIBUTES, SEGMENTS, first) == LOOKALIKE(
        examples.ATTRIBUTES, SEGMENTS, examples.FIRST_PURCHASES
    )


@pytest.mark.parametrize(
    ("function", "arguments", "error"),
    [
        (PROFILE, (examples.ATTRIBUTES[1:], SEGMENTS), "#VALUE!"),  # no header row
        (PROFILE, (examples.ATTRIBUTES, SEGMENTS[:50]), "#VALUE!"),
        (PROFILE, (examples.ATTRIBUTES, [["segment"], *[["Core"]] * 80]), "#N/A"),
        (PROFILE, (examples.ATTRIBUTES, [["p_focal"], *[[1.0]] * 80]), "#N/A"),
        (PROFILE, (examples.ATTRIBUTES, [["p_focal"], [1.5], *[[0.5]] * 79]), "#NUM!"),
        (PROFILE, (examples.ATTRIBUTES, SEGMENTS, [[1], [2]]), "#VALUE!"),
        (PROFILE, (examples.ATTRIBUTES, SEGMENTS, None, 1), "#VALUE!"),
        (PROFILE, (table(customer_id=range(80), code=[f"K{i}" for i in range(80)]), SEGMENTS), "#N/A"),
        (LOOKALIKE, (examples.ATTRIBUTES, SEGMENTS, examples.FIRST_PURCHASES[:9]), "#VALUE!"),
        (LOOKALIKE, (examples.ATTRIBUTES, SEGMENTS, [["first_purchase"], *[["soon"]] * 80]), "#VALUE!"),
        (LOOKALIKE, (examples.ATTRIBUTES, SEGMENTS, None, [["income"], [3]]), "#VALUE!"),
        (LOOKALIKE, (examples.ATTRIBUTES[:21], SEGMENTS[:20]), "#N/A"),
    ],
)
def test_what_cannot_be_answered_is_one_error(function, arguments, error):
    assert function(*arguments) == [[error]]
