"""Moves between segments by hand: they tie to the tables, shares sum to 1, and threshold noise is no movement."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, spearmanr

from pyfuncs.analysis.migration import (
    BOUGHT_LESS,
    BOUGHT_MORE,
    CUT_FELL,
    FROM,
    GONE,
    JOINED,
    LAPSED,
    LEFT,
    NEW,
    NEW_CUSTOMER,
    NO_LONGER,
    NOT_KNOWN,
    OVERTAKEN,
    SPENDS_LESS,
    SPENDS_MORE,
    migration,
    pair,
    stability,
)
from pyfuncs.errors import InputError, InsufficientDataError

COLUMNS = ["customer_id", "segment", "p_focal", "value", "p_alive", "expected_spend"]


def table(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


EARLIER = table(
    ("stays", "Focal", 0.90, 100, 0.9, 10),
    ("edge", "Focal", 0.81, 90, 0.9, 10),
    ("lapses", "Focal", 0.95, 80, 0.9, 10),
    ("buys less", "Focal", 0.85, 80, 0.9, 10),
    ("spends less", "Focal", 0.85, 80, 0.9, 10),
    ("goes", "Focal", 0.88, 70, 0.9, 10),
    ("rises", "Core", 0.10, 20, 0.9, 10),
    ("spends more", "Borderline", 0.50, 40, 0.9, 10),
    ("cut falls", "Borderline", 0.79, 50, 0.9, 10),
    ("light", "Light", 0.00, 1, 0.1, 10),
    ("no value", "", np.nan, np.nan, np.nan, np.nan),
)
LATER = table(
    ("stays", "Focal", 0.90, 100, 0.9, 10),
    ("edge", "Borderline", 0.79, 90, 0.9, 10),
    ("lapses", "Light", 0.00, 2, 0.1, 10),
    ("buys less", "Core", 0.15, 30, 0.8, 11),
    ("spends less", "Borderline", 0.40, 40, 0.9, 5),
    ("rises", "Focal", 0.90, 90, 0.9, 10),
    ("spends more", "Focal", 0.85, 80, 0.9, 21),
    ("cut falls", "Focal", 0.81, 50, 0.9, 10),
    ("light", "Light", 0.00, 1, 0.1, 10),
    ("new", "Focal", 0.90, 95, 0.9, 10),
    ("newer", "Light", 0.00, 5, 0.9, 10),
)


@pytest.fixture(scope="module")
def pairs():
    return pair(EARLIER, LATER)


@pytest.fixture(scope="module")
def moves(pairs):
    return migration(pairs).set_index(["segment_earlier", "segment_later"])


def test_every_row_of_the_matrix_sums_to_one_and_the_counts_tie_to_the_tables(moves):
    rows = moves.groupby("segment_earlier")
    assert rows["share"].sum().to_numpy() == pytest.approx(1.0)
    assert len(moves) == 24
    assert (NEW, GONE) not in moves.index
    assert rows["customers"].sum().to_dict() == {"Focal": 6, "Borderline": 2, "Core": 1, "Light": 1, "New": 2}
    columns = moves.groupby("segment_later")["customers"].sum()
    assert columns.to_dict() == {"Focal": 5, "Borderline": 2, "Core": 1, "Light": 3, "Gone": 1}
    assert moves["customers"].sum() == 12
    assert (moves["lower"] <= moves["share"]).all()
    assert (moves["share"] <= moves["upper"]).all()


def test_shares_lean_towards_everybody_by_the_weight_of_five_customers(moves):
    """Focal to Borderline: 2 of 6, and 2 of the 12 customers of both dates are Borderline later."""
    cell = moves.loc[("Focal", "Borderline")]
    assert cell["customers"] == 2
    assert cell["share"] == pytest.approx((2 + 5 * 2 / 12) / 11)
    assert (cell["lower"], cell["upper"]) == pytest.approx(
        beta(2 + 10 / 12, 9 - 10 / 12).ppf([0.05, 0.95]).tolist(), abs=1e-9
    )
    # nobody new can be gone: what is left of everybody's destinations is spread over the others
    assert moves.loc[("New", "Focal"), "share"] == pytest.approx((1 + 5 * 5 / 11) / 7)


def test_a_new_label_counts_as_a_move_only_by_as_much_as_the_probability_moved(moves):
    confirmed = moves["confirmed"]
    assert confirmed[("Focal", "Borderline")] == pytest.approx(0.02 + 0.45)
    assert confirmed[("Borderline", "Focal")] == pytest.approx(0.35 + 0.02)
    assert confirmed[("Focal", "Gone")] == pytest.approx(0.88)
    assert confirmed[("New", "Focal")] == pytest.approx(0.90)
    assert confirmed.drop("Focal", level=0).drop("Focal", level=1).isna().all()
    assert np.isnan(confirmed[("Focal", "Focal")])


def test_lists_overlap_and_every_change_has_one_cause(pairs):
    found = stability(pairs)
    assert (found.in_both, found.focal_earlier, found.focal_later, found.stayed) == (9, 6, 5, 1)
    assert found.overlap == pytest.approx(1 / 10)
    assert found.share_stayed == pytest.approx(1 / 6)
    held = 0.9 + 0.81 + 0.95 + 0.85 + 0.85 + 0.88
    assert found.surely_stayed == pytest.approx(1 - (0.02 + 0.95 + 0.70 + 0.45 + 0.88) / held)
    assert (found.sure_earlier, found.sure_later) == (pytest.approx(6 / 8), pytest.approx(5 / 7))
    both = pairs.dropna(subset=["value_earlier", "value_later"])
    assert found.rank_correlation == pytest.approx(spearmanr(both["value_earlier"], both["value_later"]).statistic)
    causes = found.causes.set_index(["change", "cause"])["customers"]
    assert causes[LEFT].to_dict() == {
        NO_LONGER: 1, LAPSED: 1, BOUGHT_LESS: 1, SPENDS_LESS: 1, OVERTAKEN: 1, NOT_KNOWN: 0
    }  # fmt: skip
    assert causes[JOINED].to_dict() == {NEW_CUSTOMER: 1, BOUGHT_MORE: 1, SPENDS_MORE: 1, CUT_FELL: 1, NOT_KNOWN: 0}
    assert causes[LEFT].sum() == found.focal_earlier - found.stayed
    assert causes[JOINED].sum() == found.focal_later - found.stayed


def test_counts_tie_and_rows_sum_to_one_for_any_tables():
    rng = np.random.default_rng(2)
    labels = np.array(FROM[:4])
    for size in (1, 3, 40, 500):
        earlier, later = (
            pd.DataFrame({"customer_id": rng.choice(900, size, replace=False), "segment": rng.choice(labels, size)})
            for _ in range(2)
        )
        pairs = pair(earlier, later)
        moves, found = migration(pairs), stability(pairs)
        assert moves.groupby("segment_earlier")["share"].sum().to_numpy() == pytest.approx(1.0)
        assert moves["customers"].sum() == len(pairs)
        focal = moves[(moves["segment_later"] == "Focal")]["customers"].sum()
        assert focal == found.focal_later == (later["segment"] == "Focal").sum()
        causes = found.causes.set_index(["change", "cause"])["customers"]
        assert causes[LEFT].sum() == found.focal_earlier - found.stayed
        assert causes[JOINED].sum() == found.focal_later - found.stayed
        assert moves["confirmed"].isna().all()
        assert np.isnan(found.surely_stayed)


def test_the_same_table_twice_is_no_movement():
    pairs = pair(LATER, LATER)
    moves, found = migration(pairs), stability(pairs)
    assert (moves.loc[moves["segment_earlier"] != moves["segment_later"], "customers"] == 0).all()
    assert (found.overlap, found.share_stayed, found.surely_stayed) == (1.0, 1.0, 1.0)
    assert found.rank_correlation == pytest.approx(1.0)
    assert found.causes["customers"].sum() == 0


def test_without_spend_value_counts_purchases():
    earlier, later = (frame.drop(columns=["expected_spend", "p_alive"]) for frame in (EARLIER, LATER))
    causes = stability(pair(earlier, later)).causes.set_index(["change", "cause"])["customers"]
    assert causes[LEFT, BOUGHT_LESS] == 3
    assert causes[LEFT, SPENDS_LESS] == causes[LEFT, LAPSED] == 0


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(InputError, match="later: customer light stands in two rows"):
        pair(EARLIER, pd.concat([LATER, LATER.iloc[[8]]]))
    with pytest.raises(InsufficientDataError):
        pair(EARLIER.iloc[[10]], EARLIER.iloc[[10]])
    with pytest.raises(InputError, match="level"):
        migration(pair(EARLIER, LATER), 90)
