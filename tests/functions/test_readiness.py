"""CLV_READINESS: the gates as they spill, with thresholds and a cost of the user's own."""

import pytest

from pyfuncs.functions import CATALOGUE, examples

READINESS = CATALOGUE["CLV_READINESS"]
LOG = examples.HALF_YEAR_OF_PURCHASES


def rows(grid):
    return {row[0]: dict(zip(grid[0][1:], row[1:], strict=True)) for row in grid[1:]}


@pytest.fixture(scope="module")
def cdnow(cdnow_log):
    return rows(READINESS(cdnow_log))


def test_cdnow_is_worth_it(cdnow):
    assert cdnow["overall"]["verdict"] == "worth it"
    assert cdnow["overall"]["figure"] is None
    assert cdnow["heterogeneity"]["figure"] == pytest.approx(0.95, abs=0.02)
    assert cdnow["predictability"]["figure"] == pytest.approx(3.34, abs=0.01)
    assert cdnow["identified revenue"]["figure"] == 1.0
    assert cdnow["payoff"]["verdict"] == "not stated"
    assert cdnow["payoff"]["required"] is None
    assert cdnow["repeat buyers"]["figure"] == 1139


def test_a_cost_and_thresholds_change_the_verdict():
    table = (("gate", "threshold"), ("Heterogeneity", 0.99), ("history", 1000), ("repeat buyers", None))
    found = rows(READINESS(LOG, examples.WITH_SPEND, table, None, None, 1e6))
    assert found["heterogeneity"]["required"] == 0.99
    assert found["repeat buyers"]["required"] == 100
    assert {found[gate]["verdict"] for gate in ("heterogeneity", "history", "payoff", "repeat buyers")} == {"fail"}
    assert found["overall"]["verdict"].startswith("do not: customers are too much alike; ")


def test_what_a_model_given_cannot_tell_is_said():
    found = rows(READINESS(LOG, examples.WITH_SPEND))
    assert "how its fit went is not known" in found["repeat buyers"]["note"]
    assert found["history"]["figure"] == pytest.approx(161 / (7 * 4.414 / 0.243), rel=1e-6)


def test_a_log_too_short_to_halve_says_so():
    found = rows(READINESS(LOG[:2], examples.WITH_SPEND))
    assert found["predictability"]["verdict"] == "cannot be computed"
    assert found["predictability"]["note"].startswith("The log cannot be halved to test a forecast: ")
    assert found["payoff"]["verdict"] == "not stated"


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ((("luck", 1),), 'thresholds: "luck" is not one of heterogeneity, '),
        ((("payoff", 1),), '"payoff" is not one of'),
        ((("heterogeneity", 50),), "heterogeneity: 50 is out of range; a share lies from 0 to 1"),
        ((("history", -1),), "history: -1 is out of range; give 0 or more"),
        (((0.5,),), "thresholds: 1 columns; give two columns: gate and threshold"),
    ],
)
def test_what_is_no_threshold_is_refused_with_a_sentence(table, sentence):
    assert sentence in READINESS.explain(LOG, examples.WITH_SPEND, table)
