"""Referral value: each person counted once, what is set aside counted, groups by the medians."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfuncs.analysis.referrals import ADVOCATES, AFFLUENTS, CHAMPIONS, MISERS, referral_values
from pyfuncs.errors import InsufficientDataError

VALUES = pd.Series({"a": 10.0, "b": 50.0, "c": 20.0, "d": 100.0, "e": 30.0, "f": 40.0})


def table(*rows):
    return pd.DataFrame([(*row, np.nan)[:3] for row in rows], columns=["referrer", "referred", "day"]).astype(
        {"day": float}
    )


def by_customer(found):
    return found.customers.set_index("customer_id")


def test_the_value_is_that_of_those_who_would_not_have_joined_and_the_cost_of_the_others():
    found = by_customer(referral_values(table(("a", "b"), ("a", "c")), VALUES, cac=8.0, would_have_joined=0.25))
    assert found.loc["a", "referral_value"] == pytest.approx(0.75 * 70 + 0.25 * 16)
    assert found.loc["a", "referred"] == 2
    everybody = by_customer(referral_values(table(("a", "b")), VALUES, cac=8.0, would_have_joined=1.0))
    nobody = by_customer(referral_values(table(("a", "b")), VALUES, cac=8.0, would_have_joined=0.0))
    assert (everybody.loc["a", "referral_value"], nobody.loc["a", "referral_value"]) == (8.0, 50.0)


def test_a_person_counts_once_for_who_came_first():
    found = referral_values(table(("a", "d", 5), ("b", "d", 3), ("c", "d")), VALUES)
    assert by_customer(found)["referred"].to_dict() == {"b": 1, "a": 0, "c": 0, "d": 0, "e": 0, "f": 0}
    assert (found.counted, found.again) == (1, 2)
    undated = referral_values(table(("c", "d"), ("a", "d")), VALUES)
    assert by_customer(undated).loc["c", "referred"] == 1


def test_who_refers_themselves_or_each_other_is_set_aside():
    found = referral_values(table(("a", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "e")), VALUES)
    assert (found.themselves, found.circular, found.counted) == (1, 3, 2)
    assert by_customer(found)["referred"].sum() == 2


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=20))
def test_every_row_is_counted_or_set_aside_and_no_circle_is_left(links):
    rows = table(*((f"c{one}", f"c{other}") for one, other in links))
    values = pd.Series({f"c{i}": float(i) for i in range(9)})
    first = {}
    for one, other in links:
        if one != other:
            first.setdefault(other, one)

    def circular(person):
        at, steps = first.get(person), 0
        while at is not None and at != person and steps < 20:
            at, steps = first.get(at), steps + 1
        return at == person

    kept = {other: one for other, one in first.items() if not circular(other)}
    if not kept:
        with pytest.raises(InsufficientDataError):
            referral_values(rows, values)
        return
    found = referral_values(rows, values, would_have_joined=0.0)
    assert found.counted + found.again + found.themselves + found.circular == len(links)
    brought = {f"c{i}": sum(other for other, one in kept.items() if one == i) for i in range(9)}
    assert by_customer(found)["referral_value"].to_dict() == brought


def test_groups_are_cut_at_the_medians_and_ties_share_a_rank():
    found = by_customer(referral_values(table(("a", "c"), ("d", "b")), VALUES))
    assert found["group"].to_dict() == {
        "a": ADVOCATES, "b": AFFLUENTS, "c": MISERS, "d": CHAMPIONS, "e": MISERS, "f": AFFLUENTS,
    }  # fmt: skip
    assert found["rank_by_referral_value"].to_dict() == {"d": 1, "a": 2, "b": 3, "c": 3, "e": 3, "f": 3}
    assert found["rank_by_own_value"].to_dict() == {"d": 1, "b": 2, "f": 3, "e": 4, "c": 5, "a": 6}


def test_people_without_a_value_are_counted_and_referrers_without_one_have_no_group():
    found = referral_values(table(("x", "d"), ("a", "y")), VALUES, cac=10.0)
    assert found.unvalued == 1
    rows = by_customer(found)
    assert rows.loc["a", "referral_value"] == 5.0
    assert rows.loc["x", "group"] is None
    assert np.isnan(rows.loc["x", "value"])
