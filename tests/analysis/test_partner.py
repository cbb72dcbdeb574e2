"""What a partner may be told: no group under ten, nor any figure from which one could be computed."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfuncs.analysis.partner import FEWEST, NOT_SHOWN, UNDER, hidden, partner_report


def counts(*numbers):
    return np.array(numbers, dtype=np.float64)


@pytest.mark.parametrize(
    ("given_counts", "shown"),
    [
        ([50, 40, 30], [50, 40, 30]),
        ([50, 40, 6], [50]),  # one alone could be computed back, so the next smallest goes too
        ([50, 9, 8], [50]),  # two that sum to ten or more
        ([50, 40, 2, 3], [50]),  # two that sum to five: the next smallest goes too
        ([50, 4], []),
        ([50], [50]),
        ([4], []),
    ],
)
def test_small_counts_are_hidden_with_as_many_others_as_it_takes(given_counts, shown):
    mask = hidden(counts(*given_counts))
    assert counts(*given_counts)[~mask].tolist() == shown


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=8))
def test_nothing_under_ten_is_shown_or_can_be_computed(groups):
    first, second = (counts(*column) for column in zip(*groups, strict=True))
    mask = hidden(first, second)
    for column in (first, second):
        assert (column[~mask] >= FEWEST).all()
        assert mask.all() or not mask.any() or (mask.sum() > 1 and column[mask].sum() >= FEWEST)


def report(channels, customers=200, focal=40, rows=None):
    """The report on customers of whom the first are focal, with channels as (name, customers, focal, value)."""
    people = pd.DataFrame({"value": np.linspace(10, 1, customers), "picked": np.arange(customers) < focal})
    table = pd.DataFrame([*channels, ("All", customers, focal, 50.0)], columns=["name", "customers", "focal", "value"])
    acquired = SimpleNamespace(missing="" if channels else "no channel", channels=table)
    profile = "nobody to compare" if rows is None else SimpleNamespace(profile=SimpleNamespace(rows=pd.DataFrame(rows)))
    return partner_report(people, acquired, profile)


def test_channels_show_what_rests_on_ten_or_more():
    found = report([("web", 120, 20, 60.0), ("store", 60, 12, 40.0), ("mail", 20, 9, 45.0), ("=1+1", 5, 2, 90.0)])
    assert found.channels.to_numpy().tolist() == [
        ["web", 120, 0.17, 120],
        ["store", 60, 0.2, 80],
        ["mail", NOT_SHOWN, NOT_SHOWN, NOT_SHOWN],
        ["=1+1", UNDER, NOT_SHOWN, NOT_SHOWN],
    ]
    assert found.customers == 200
    assert found.share_focal == 0.2


def test_a_share_that_one_subtraction_would_tell_is_hidden_with_another():
    # focal: 30 and 12 known, 8 hidden; without the 12 it could be computed as 50 - 30 - 12
    found = report([("web", 100, 30, 50.0), ("store", 60, 12, 50.0), ("mail", 40, 8, 50.0)], focal=50)
    assert found.channels["customers"].tolist() == [100, 60, 40]
    assert found.channels["share_focal"].tolist() == [0.3, NOT_SHOWN, NOT_SHOWN]


@pytest.mark.parametrize("focal", [0, 9, 195, 200])
def test_too_few_focal_or_too_few_others_are_not_told(focal):
    found = report([], focal=focal)
    assert (found.share_focal, found.share_of_value) == (NOT_SHOWN, NOT_SHOWN)


def test_a_base_of_nine_is_not_counted():
    assert report([], customers=9, focal=2).customers == UNDER


def row(attribute, level, focal, others, lift, *, q=0.01, known=100, kind="category", is_share=True, difference=1.0):
    return {
        "attribute": attribute, "level": level, "kind": kind, "is_share": is_share, "focal": focal, "others": others,
        "lift": lift, "q_value": q, "focal_customers": known, "customers": known + 200.0, "difference": difference,
    }  # fmt: skip


def test_what_focal_customers_have_in_common_rests_on_ten_on_every_side():
    rows = [
        row("Region", "north", 0.6, 0.3, 2.0),
        row("Channel of first purchase", "web", 0.6, 0.3, 2.0),  # would tell a share hidden by channel
        row("Region", "south", 0.05, 0.2, 0.25),  # five focal customers
        row("Region", "any", 0.95, 0.2, 4.75),  # five focal customers without it
        row("Plan", "rare", 0.5, 0.04, 12.5),  # eight others
        row("Plan", "chance", 0.5, 0.4, 1.25, q=0.4),
        row("Plan", "untested", 0.5, 0.4, 1.25, q=np.nan),
        row("Age", "", 50.0, 40.0, 1.25, kind="number", is_share=False),
        row("Age of few", "", 50.0, 40.0, 1.25, kind="number", is_share=False, known=9),
        row("Score", "", -1.0, -2.0, np.nan, kind="number", is_share=False),
        row("Joined", "", 1.0, 2.0, np.nan, kind="date", is_share=False, difference=-30.0),
    ]
    assert report([], rows=rows).in_common == (
        ("Region: north", "2.0 times as common"),
        ("Age", "1.2 times as high"),
        ("Score", "higher"),
        ("Joined", "earlier"),
    )
    assert report([]).in_common == ()
