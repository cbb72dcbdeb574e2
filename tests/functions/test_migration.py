"""FOCAL_MIGRATION and FOCAL_STABILITY from cells: columns by header, bad rows counted, bad tables refused."""

import pytest

from pyfuncs.functions import CATALOGUE

MIGRATION, STABILITY = CATALOGUE["FOCAL_MIGRATION"], CATALOGUE["FOCAL_STABILITY"]
BEFORE = [["segment", "customer_id"], ["Focal", 1], ["core", 2], ["Light", "x"]]
AFTER = [["Customer ID", "note", "Segment"], ["1", "a", "FOCAL"], [2.0, "b", "Focal"], [3, "c", "light"]]


def moves(*arguments):
    return {(row[0], row[1]): row[2:] for row in MIGRATION(*arguments)[1:]}


def measures(*arguments):
    return dict(STABILITY(*arguments)[1:])


def test_columns_are_found_by_header_and_ids_are_text():
    found = moves(BEFORE, AFTER)
    assert found["Focal", "Focal"][0] == 1
    assert found["Core", "Focal"][0] == 1
    assert found["Light", "Gone"][0] == 1
    assert found["New", "Light"][0] == 1
    assert found["Core", "Focal"][4] is None  # P(focal) is not known
    assert sum(row[0] for row in found.values()) == 4


def test_causes_add_up_and_what_is_not_known_is_blank():
    found = measures(BEFORE, AFTER)
    assert (found["focal earlier"], found["focal later"], found["focal at both dates"]) == (1, 2, 1)
    assert sum(value for name, value in found.items() if name.startswith("left: ")) == 0
    assert sum(value for name, value in found.items() if name.startswith("joined: ")) == 1
    assert found["joined: not known without values"] == 1
    assert found["rank correlation of value"] is None
    assert found["surely focal later"] is None


def test_rows_without_customer_or_segment_are_set_aside_and_counted():
    spoiled = [*BEFORE, ["#N/A", 7], [None, 8], ["Core", "#REF!"], [None, None]]
    assert moves(spoiled, AFTER)["Set aside", ""] == [3, None, None, None, None]
    assert measures(spoiled, AFTER)["rows set aside"] == 3
    assert ("Set aside", "") not in moves(BEFORE, AFTER)


def test_a_wider_interval_at_a_higher_level():
    narrow, wide = moves(BEFORE, AFTER, 0.5)["Core", "Focal"], moves(BEFORE, AFTER, 0.99)["Core", "Focal"]
    assert wide[2] < narrow[2] < narrow[1] < narrow[3] < wide[3]


@pytest.mark.parametrize(
    ("earlier", "sentence"),
    [
        ([["customer_id", "value"], ["a", 1]], "no column headed segment"),
        ([["who", "segment"], ["a", "Focal"]], "no column for customer"),
        ([["customer_id", "segment"], ["a", "Best"]], 'row 2: "Best" is not a segment'),
        ([["customer_id", "segment"], ["a", "Focal"], ["a", "Core"]], "customer a stands in two rows"),
        ([["customer_id", "segment"], ["a", None]], "no row has both"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_words(earlier, sentence):
    assert sentence in MIGRATION.explain(earlier, AFTER)
    assert sentence in STABILITY.explain(earlier, AFTER)
