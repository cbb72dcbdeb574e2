"""The sheet Migration: what it says of a log with a holdout, and of one without."""

from types import SimpleNamespace

import numpy as np
import pytest

from pyfuncs.analysis.movement import Movement
from pyfuncs.analysis.refit import refit
from pyfuncs.analysis.settings import Settings
from pyfuncs.workbook.parts import slot_rows, slots
from pyfuncs.workbook.sheets.migration import DRIFT, SHEET, figures
from tests.support.stationary import SPLIT, stationary_log

SLOTS = {slot.name: slot for slot in slots(SHEET.parts)}


@pytest.fixture(scope="module")
def found():
    return refit(stationary_log(3, customers=500), Settings(split=SPLIT, model="Pareto/NBD", draws=50))


@pytest.fixture(scope="module")
def values(found):
    return figures(SimpleNamespace(refit=found))


def test_figures_have_the_shape_of_their_slots(values):
    assert values.keys() == SLOTS.keys()
    for name, slot in SLOTS.items():
        assert slot_rows(slot, values[name])


def test_the_matrix_ties_to_todays_segments_and_its_shares_sum_to_one(found, values):
    matrix = values["SegmentMoves"]
    today = found.customers["segment"].value_counts()
    assert matrix[-1][1:5] == [today.get(name, 0) for name in ("Focal", "Borderline", "Core", "Light")]
    assert [sum(row[6:10]) for row in matrix] == pytest.approx([1.0] * 6)
    assert sum(row[5] for row in matrix[:-1]) == len(found.customers) == matrix[-1][5]
    low, share, high = (np.array(cells) for cells in _bounds(values))
    assert ((low <= share) & (share <= high)).all()


def _bounds(values):
    bounds = [row[1:] for row in values["MoveIntervals"]]
    shares = [row[6:10] for row in values["SegmentMoves"][:-1]]
    return [row[::2] for row in bounds], shares, [row[1::2] for row in bounds]


def test_causes_and_flows_tie_to_the_change_of_the_list(values):
    earlier, later, stayed = values["ListStability"][:3]
    causes = [row[1] for row in values["ListChanges"]]
    assert sum(causes[:6]) == earlier - stayed
    assert sum(causes[6:]) == later - stayed
    assert [sum(row[1:]) for row in values["FocalFlows"]] == [earlier, earlier, later]
    held, left, joined = values["ListStability"][5:8]
    assert 0 < left < earlier - stayed
    assert 0 < joined < later - stayed
    assert 0 < held < 1


def test_sentences_are_written_from_the_data(values):
    assert values["MovementSays"].startswith(f"Of the {values['ListStability'][0]:,} focal customers of 02-Jul-2023")
    assert "foreseen" in values["ForecastSays"]
    assert values["RefitSays"].startswith("A fit of 2023-07-02 ") or values["RefitSays"].startswith(
        "A fit of 2023-06-30 "
    )
    assert "cohorts by first purchase" in values["DriftSays"]


def test_without_a_holdout_figures_are_blank_and_one_sentence_says_why(found):
    reason = "No holdout could be made by splitting the log at 2024-01-01: too short."
    bare = SimpleNamespace(refit=SimpleNamespace(movement=Movement(reason, "cohorts cannot be compared: few.", None)))
    values = figures(bare)
    assert values.pop("MovementSays") == reason
    assert values.pop("DriftSays") == "Cohorts cannot be compared: few."
    assert values.keys() < SLOTS.keys()
    shown = [cell for name, value in values.items() for row in slot_rows(SLOTS[name], value) for cell in row]
    assert set(shown) == {None, ""}


def test_two_cohorts_leave_rows_blank_above_the_total(found, values):
    rows = values["CohortDrift"]
    assert len(rows) == DRIFT.rows
    assert rows[-1][0] == "All"
    assert rows[-1][3] == len(found.customers)
    filled = [row for row in rows[:-1] if row[0] is not None]
    assert len(filled) in (2, 4)
    assert sum(row[3] for row in filled) == len(found.customers)
