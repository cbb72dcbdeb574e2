"""Proportion of days covered against a walk through the days, and persistence against its definition."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyfuncs.analysis.adherence import ALLOWED_GAP, adherence, median_persistence, summary
from pyfuncs.errors import InsufficientDataError

fill = st.tuples(st.sampled_from("AB"), st.integers(0, 150), st.integers(1, 70), st.sampled_from("xyz"))


def table(*fills):
    return pd.DataFrame(fills, columns=["customer_id", "day", "supply", "product"])


def covered_days(fills, patient):
    """Days with supply, by taking one unit a day of each product from its first fill on."""
    days = set()
    for product in {each[3] for each in fills}:
        mine = [each for each in fills if each[0] == patient and each[3] == product]
        stock = 0
        for day in range(0, 150 + 70 * len(mine) + 1):
            stock += sum(supply for _, filled, supply, _ in mine if filled == day)
            if stock:
                days.add(day)
                stock -= 1
    return days


def walked(fills, patient, start, end):
    """The figures of a patient, day by day; None without supply in the window."""
    before_end = [each for each in fills if each[1] <= end]
    mine = [each for each in before_end if each[0] == patient]
    if not mine:
        return None
    first = min(each[1] for each in mine)
    window = range(first if start is None else max(start, first), end + 1)
    days = covered_days(before_end, patient)
    inside = [day in days for day in window]
    if not any(inside):
        return None
    gap = 0
    for at, there in enumerate(inside):
        gap = 0 if there else gap + 1
        if gap > ALLOWED_GAP:
            return len(inside), sum(inside), at - gap + 1, False
    return len(inside), sum(inside), len(inside), True


@settings(max_examples=150, deadline=None)
@given(st.lists(fill, min_size=1, max_size=12), st.none() | st.integers(0, 120), st.integers(0, 200))
def test_the_figures_are_those_of_a_walk_through_the_days(fills, start, length):
    end = (start or 0) + length
    expected = {patient: figures for patient in "AB" if (figures := walked(fills, patient, start, end))}
    if not any(each[1] <= end for each in fills) or not expected:
        with pytest.raises(InsufficientDataError):
            adherence(table(*fills), start, end)
        return
    found = adherence(table(*fills), start, end).patients
    columns = ["days", "days_covered", "persistence", "persistent"]
    assert dict(zip(found["customer_id"], map(tuple, found[columns].to_numpy().tolist()), strict=True)) == expected
    assert (found["pdc"] == found["days_covered"] / found["days"]).all()
    assert ((found["pdc"] > 0) & (found["pdc"] <= 1)).all()


def test_an_early_refill_is_carried_forward_but_not_that_of_another_product():
    same = adherence(table(("A", 0, 30, "x"), ("A", 20, 30, "x")), None, 99).patients
    other = adherence(table(("A", 0, 30, "x"), ("A", 20, 30, "y")), None, 99).patients
    assert same["days_covered"].tolist() == [60]
    assert other["days_covered"].tolist() == [50]


def test_a_gap_of_thirty_days_is_a_pause_and_one_more_the_end():
    pause = adherence(table(("A", 0, 10, "x"), ("A", 40, 10, "x")), None, 49).patients
    end = adherence(table(("A", 0, 10, "x"), ("A", 41, 9, "x")), None, 49).patients
    assert pause[["persistence", "persistent"]].to_numpy().tolist() == [[50, True]]
    assert end[["persistence", "persistent"]].to_numpy().tolist() == [[10, False]]


def test_who_reaches_the_threshold_exactly_is_adherent():
    found = adherence(table(("A", 0, 8, "x"), ("B", 0, 7, "x")), None, 9).patients
    assert found["adherent"].tolist() == [True, False]


def test_fills_after_the_window_and_patients_who_ended_before_it_are_counted():
    found = adherence(table(("A", 0, 10, "x"), ("B", 40, 10, "x"), ("B", 90, 10, "x")), 30, 60)
    assert found.patients["customer_id"].tolist() == ["B"]
    assert (found.late, found.ended) == (1, 1)


def test_the_median_is_that_of_the_curve_of_kaplan_and_meier():
    # Freireich et al. (1963), remission under 6-MP, median 23 weeks, 95 % from 13 (log-log band) on without an end
    days = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35])
    left = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], dtype=bool)
    assert median_persistence(days, left, 1.959964) == (23.0, 13.0, None)


def test_nobody_who_left_is_no_median():
    assert median_persistence(np.array([5, 9]), np.array([False, False]), 1.64) == (None, None, None)


def test_the_summary_holds_what_was_planted():
    rng = np.random.default_rng(4)
    fills = []
    for patient in range(600):
        for day in range(0, int(rng.geometric(1 / 6)) * 30, 30):
            fills.append((str(patient), day + int(rng.integers(0, 6)), 30, "x"))
    found = summary(adherence(table(*fills), None, 720)).set_index("measure")
    low, high = found.loc["median persistence, days", ["lower", "upper"]]
    assert low <= 30 * np.ceil(np.log(0.5) / np.log(1 - 1 / 6)) + 6
    assert high >= 30 * (np.ceil(np.log(0.5) / np.log(1 - 1 / 6)) - 1)
    assert found.loc["patients", "value"] == 600
    share = found.loc["share with PDC at or over 80%"]
    assert share["lower"] < share["value"] < share["upper"]


def test_few_patients_are_called_rough():
    found = summary(adherence(table(("A", 0, 10, "x")), None, 30)).set_index("measure")
    assert "rough" in found.loc["mean PDC", "note"]
    assert found.loc["mean PDC", "lower"] is None
