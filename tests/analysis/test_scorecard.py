"""The scorecard: ranks, sums that tie, and small groups that are not ranked."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.acquisition import acquired, groups
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import read_log
from pyfuncs.analysis.model_table import Fitted, MeanSpend
from pyfuncs.analysis.scorecard import OTHERS, scorecard
from pyfuncs.models.bgnbd import BGNBD

TYPED = Fitted(BGNBD(0.243, 4.414, 0.793, 2.426), MeanSpend(20.0))


@pytest.fixture(scope="module")
def teams():
    sizes = {"volume": (40, 10), "value": (20, 100), "third": (12, 1), "one": (1, 5), "nine": (9, 5)}
    rows = [(f"{team}{i}", "2024-01-01", amount, team) for team, (size, amount) in sizes.items() for i in range(size)]
    log = read_log(
        pd.DataFrame(rows, columns=["customer", "date", "amount", "channel"]), observation_end=dt.date(2024, 12, 31)
    )
    return acquired(log, TYPED, histories(log).assign(remaining_value=2.0)), groups(log)


@pytest.fixture(scope="module")
def table(teams):
    customers, by = teams
    focal = np.array([name.startswith("value") for name in customers.bought.customers])
    costs = {"volume": 4, "value": 8, "third": 1, "one": 1, "nine": 1}
    return scorecard(customers, by, focal, costs).set_index("channel")


def test_ranks_by_value_are_set_against_ranks_by_volume(table):
    assert table.index.tolist() == ["value", "volume", "third", OTHERS, "All"]
    assert table["rank_by_value"].tolist()[:3] == [1, 2, 3]
    assert table["rank_by_volume"].tolist()[:3] == [2, 1, 3]
    assert table["change_of_rank"].tolist()[:3] == [1, -1, 0]


def test_small_teams_are_one_row_without_a_rank(table):
    others = table.loc[OTHERS]
    assert others["customers"] == 10
    assert np.isnan(others[["rank_by_volume", "rank_by_value", "change_of_rank"]].astype(float)).all()
    assert others["value_after_cac"] == pytest.approx(others["value_brought"] - 10)


def test_sums_tie(teams, table):
    customers, _ = teams
    rows, total = table.iloc[:-1], table.loc["All"]
    assert total["value_brought"] == pytest.approx(customers.value.sum())
    for column in ("customers", "value_brought", "value_after_cac", "share_of_customers", "share_of_value"):
        assert rows[column].sum() == pytest.approx(total[column])
    assert total["value_after_cac"] == pytest.approx(customers.value.sum() - (40 * 4 + 20 * 8 + 12 + 10))
    assert rows["focal_share"].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert total["focal_share"] == pytest.approx(20 / 82)


def test_teams_of_equal_value_share_a_rank(teams):
    customers, by = teams
    flat = scorecard(customers, by, np.zeros(customers.value.size, dtype=bool))
    assert flat["value_after_cac"].isna().all()
    even = groups_of_equal_size()
    found = scorecard(*even, np.zeros(20, dtype=bool))
    assert found["rank_by_volume"].tolist()[:2] == [1, 1]


def groups_of_equal_size():
    rows = [(f"{team}{i}", "2024-01-01", 5, team) for team in "ab" for i in range(10)]
    log = read_log(
        pd.DataFrame(rows, columns=["customer", "date", "amount", "channel"]), observation_end=dt.date(2024, 12, 31)
    )
    return acquired(log, TYPED, histories(log).assign(remaining_value=2.0)), groups(log)
