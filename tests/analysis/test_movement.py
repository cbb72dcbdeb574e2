"""Movement against the forecast: noise is as expected at the promised rate, planted changes are seen."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.drift import Drift, drift
from pyfuncs.analysis.fitting import fit
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.migration import LAPSED, LEFT, Stability, migration, pair, stability
from pyfuncs.analysis.movement import (
    AS_EXPECTED,
    LESS,
    TOO_FEW,
    Moves,
    RefitRule,
    against_forecast,
    as_of_split,
    movement,
    when_to_refit,
)
from pyfuncs.analysis.refit import refit
from pyfuncs.analysis.settings import Settings
from pyfuncs.analysis.validation import holdout_report
from pyfuncs.errors import InsufficientDataError
from tests.support.stationary import END, SPLIT, stationary_log, without

SETTINGS = Settings(split=SPLIT, model="Pareto/NBD", draws=40)


def forecast(log):
    report = holdout_report(log, SPLIT, "Pareto/NBD")
    earlier = as_of_split(report, SETTINGS)
    return earlier, against_forecast(report, earlier["segment"].to_numpy())


def test_a_stationary_population_moves_as_expected_at_the_promised_rate():
    """Nine tenths of the tests at level 0.9; of some 30 dependent ones no fewer than three quarters."""
    found = []
    for seed in range(104, 111):
        _, table = forecast(stationary_log(seed, customers=400))
        assert table["customers"].iloc[:-1].sum() == table["customers"].iloc[-1] == 400
        for name in ("customers", "expected", "actual"):
            assert table[name].iloc[:-1].sum() == pytest.approx(table[name].iloc[-1])
        found += [verdict for verdict in table["verdict"] if verdict != TOO_FEW]
    assert len(found) > 25
    assert 0.75 < np.mean([verdict == AS_EXPECTED for verdict in found]) < 1.0


def test_labels_that_flip_with_the_random_numbers_alone_are_hardly_counted():
    """The same customers under other draws: some cross the thresholds of P(focal), and the probability hardly moves."""
    report = holdout_report(stationary_log(8, customers=1500), SPLIT, "Pareto/NBD")
    once, again = (as_of_split(report, replace(SETTINGS, draws=100, seed=seed)) for seed in (1, 2))
    pairs = pair(once, again)
    moves, found = migration(pairs), stability(pairs)
    flips = (once["segment"] == "Focal").to_numpy() != (again["segment"] == "Focal").to_numpy()
    assert flips.sum() >= 5
    assert moves["confirmed"].sum() < 0.15 * flips.sum()
    assert found.share_stayed < 0.97
    assert found.surely_stayed > 0.96
    assert found.rank_correlation == pytest.approx(1.0)


@pytest.fixture(scope="module")
def planted():
    """A third of the focal customers of the split buy no more: the forecast table before, the log, the list."""
    log = stationary_log(5, customers=2000)
    earlier, table = forecast(log)
    focal = earlier["customer_id"][earlier["segment"] == "Focal"]
    return table, without(log, set(focal.iloc[::3])), len(focal)


def test_a_third_of_the_focal_customers_who_stop_buying_are_seen(planted):
    before, changed, focal = planted
    assert focal > 30
    _, after = forecast(changed)
    assert before.set_index("segment")["verdict"]["Focal"] == AS_EXPECTED
    seen = after.set_index("segment")
    assert seen.loc["Focal", "verdict"] == LESS
    assert seen["verdict"][["Borderline", "Core", "Light"]].tolist() == before["verdict"].tolist()[1:4]


def test_they_left_the_list_because_they_probably_left_for_good(planted):
    _, changed, focal = planted
    found = refit(changed, SETTINGS).movement
    causes = found.moves.stability.causes.set_index(["change", "cause"])["customers"]
    assert causes[LEFT, LAPSED] > 0.25 * focal
    assert found.moves.stability.focal_earlier == focal
    assert found.rule.at_once
    assert "of the focal list held where 80% is asked for" in found.rule.sentence
    matrix = found.moves.matrix
    assert matrix["customers"].sum() == 2000
    assert (matrix.loc[matrix["segment_later"] == "Gone", "customers"] == 0).all()


def test_without_a_holdout_the_sentence_stands_in_its_place_and_cohorts_are_still_compared():
    log = stationary_log(1, customers=300)
    people = histories(log)
    found = movement("No holdout.", people, fit(people, "Pareto/NBD", "none"), SETTINGS)
    assert (found.moves, found.rule) == ("No holdout.", None)
    assert found.drift.cohorts["customers"].tolist()[-1] == 300
    assert log.observation_end == END


FORECAST = pd.DataFrame(
    [("All", 900, 100.0, 80.0, 120.0, 100.0, AS_EXPECTED)],
    columns=["segment", "customers", "expected", "lower", "upper", "actual", "verdict"],
)


def rule(kept=0.9, verdict=AS_EXPECTED, p_value=None):
    list_ = Stability(900, 100, 100, 90, kept, 0.9, 0.5, 0.5, pd.DataFrame())
    moves = Moves(SPLIT, END, pd.DataFrame(), {}, list_, FORECAST.assign(verdict=verdict))
    compared = "few." if p_value is None else Drift(pd.DataFrame(), 9.0, 4, p_value, "")
    return when_to_refit(moves, compared)


def test_the_rule_names_each_reason_to_refit_at_once():
    assert rule(p_value=0.5) == RefitRule(
        False,
        "Nothing says that a fit of 2023-07-02 is out of date by 2024-06-30: refit monthly, with each closing. As to "
        "the signs: purchases were as foreseen, cohorts do not differ, 90% of the focal list held.",
        (),
    )
    assert [len(rule(*each).reasons) for each in ((0.79,), (0.9, LESS), (0.9, AS_EXPECTED, 0.001))] == [1, 1, 1]
    late = rule(0.64, "more", 0.001)
    assert late.at_once
    assert len(late.reasons) == 3
    assert late.reasons[0] == "customers bought 100 times, more than the 80 to 120 foreseen"
    assert late.reasons[2].endswith(
        "a pace at which a list serves 26 weeks"
    )  # half of the 52 weeks: 0.8 is 0.64's root
    assert "too few customers to test" in rule(np.nan, TOO_FEW).sentence
    assert "cohorts could not be compared, nobody was on" in rule(np.nan, TOO_FEW).sentence


def cohorts(seed, **options):
    people = histories(stationary_log(seed, **options))
    return drift(people, fit(people, "Pareto/NBD", "none"))


def test_cohorts_of_a_stationary_population_hardly_ever_differ():
    p_values = [cohorts(seed, customers=500).p_value for seed in range(10)]
    assert np.mean(np.array(p_values) < 0.05) <= 0.2
    assert np.median(p_values) > 0.1


def test_cohorts_that_buy_more_often_are_seen_and_named():
    found = [cohorts(seed, customers=1500, faster=1.6) for seed in range(3)]
    assert all(each.differs for each in found)
    each = found[0]
    assert each.freedom == 4 * (len(each.cohorts) - 2)
    assert each.cohorts["customers"].iloc[:-1].sum() == each.cohorts["customers"].iloc[-1] == 1500
    gained = each.cohorts["log_likelihood"].iloc[:-1].sum() - each.cohorts["log_likelihood"].iloc[-1]
    assert each.statistic == pytest.approx(2 * gained)
    assert each.cohorts["purchases_per_year"].iloc[-2] > 1.2 * each.cohorts["purchases_per_year"].iloc[0]
    assert "differ (likelihood ratio" in each.statement


def test_too_few_repeat_buyers_are_not_compared():
    people = histories(stationary_log(3, customers=60))
    with pytest.raises(InsufficientDataError, match="30 repeat buyers each"):
        drift(people, fit(people, "Pareto/NBD", "none"))
