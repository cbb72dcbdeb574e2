"""Readiness: each gate on a simulated log that must fail it, and one log that passes all."""

import datetime as dt
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis.log import read_log
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.readiness import Gate, Readiness, _identified, _payoff, mean_gap
from pyfuncs.analysis.ready_gates import DECISIVE, QUESTIONS, REASONS, REQUIRED, UNSOUND
from pyfuncs.analysis.refit import refit
from pyfuncs.analysis.settings import Settings
from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.bgnbd import BGNBD

FIRST_DAY = np.datetime64("2023-01-02")


def simulated(n=1000, days=720, rate=(0.6, 30.0), leave=(0.5, 2.5), spread=0.6, *, alike=False, seed=3):
    """A log of customers, all acquired in the first third, who buy at gamma rates a day and leave at beta chances.

    `alike` gives all customers the mean rate and the same spend, and nobody leaves.
    """
    rng = np.random.default_rng(seed)
    rates = np.full(n, rate[0] / rate[1]) if alike else rng.gamma(rate[0], 1 / rate[1], n)
    leaving = np.zeros(n) if alike else rng.beta(*leave, n)
    mean = np.full(n, 20.0) if alike else 20.0 * rng.lognormal(0, spread, n)
    time, who, rows = rng.uniform(0, days / 3, n), np.arange(n), []
    while who.size:
        rows.append((who, time[who].astype(int)))
        who = who[rng.random(who.size) >= leaving[who]]
        time[who] += rng.exponential(1 / rates[who])
        who = who[time[who] < days]
    who, day = (np.concatenate(part) for part in zip(*rows, strict=True))
    amount = mean[who] * (1.0 if alike else rng.lognormal(0, 0.3, who.size))
    return pd.DataFrame(
        {"customer": [f"c{i:05d}" for i in who], "date": FIRST_DAY + day, "amount": np.round(amount + 0.01, 2)}
    )


def judged(table, days=720, **settings):
    end = (FIRST_DAY + days).astype(dt.date)
    settings = Settings(draws=50, observation_end=end, **settings)
    return refit(read_log(table, observation_end=end), settings).readiness


def missed(found):
    return [gate.name for gate in found.missed]


@pytest.fixture(scope="module")
def unlike():
    return simulated()


def test_a_base_of_unlike_customers_is_worth_it(unlike):
    found = judged(unlike, focal_cost=10.0)
    assert {gate.verdict for gate in found.gates.values()} == {"pass"}
    assert list(found.gates) == list(QUESTIONS)
    assert found.sentence == found.verdict == "worth it"


def test_alike_customers_are_not_worth_it():
    found = judged(simulated(400, alike=True))
    assert {*DECISIVE} <= {*missed(found)}
    assert found.gates["heterogeneity"].figure < 0.4
    assert found.gates["predictability"].figure == pytest.approx(1.0, abs=0.3)
    assert found.sentence.startswith("do not: customers are too much alike; who will be valuable cannot be told")


def test_revenue_without_a_customer_makes_it_narrow(unlike):
    table = unlike.copy()
    table.loc[np.random.default_rng(1).random(len(table)) < 0.3, "customer"] = None
    found = judged(table)
    assert missed(found) == ["identified revenue"]
    assert found.gates["identified revenue"].figure == pytest.approx(
        table.loc[table["customer"].notna(), "amount"].sum() / table["amount"].sum()
    )
    assert found.sentence == "worth it for a few: narrow: too much revenue is of unknown customers"


def test_a_log_too_short_for_the_pace_of_customers_fails_its_history():
    found = judged(simulated(6000, 240, rate=(0.6, 120.0), leave=(0.1, 5.0)), 240)
    assert "history" in missed(found)
    assert found.gates["history"].figure < 2
    assert "the log is too short" in found.reason


def test_too_few_repeat_buyers_are_said_to_be_too_few():
    found = judged(simulated(150, leave=(2.0, 1.5)))
    assert "repeat buyers" in missed(found)
    assert found.gates["repeat buyers"].figure < 100
    assert "too few customers bought again" in found.reason


def test_a_cost_above_the_gain_makes_it_narrow_and_no_cost_counts_neither_way(unlike):
    unstated = judged(unlike)
    gain = unstated.gates["payoff"].figure
    assert unstated.gates["payoff"].verdict == "not stated"
    assert "Type the cost" in unstated.gates["payoff"].note
    assert unstated.verdict == "worth it"
    dear = judged(unlike, focal_cost=gain * 1.01)
    assert dear.gates["payoff"].figure == pytest.approx(gain)
    assert missed(dear) == ["payoff"]
    assert dear.verdict == "worth it for a few: narrow"


def test_thresholds_are_the_users(unlike):
    found = judged(unlike, ready_top_share=1.0, ready_gaps=1e6)
    assert missed(found) == ["heterogeneity", "history"]
    assert found.gates["history"].required == 1e6


def test_what_cannot_be_computed_is_not_passed_and_says_why():
    """Nobody has bought again in the first half of the log, so there is nothing to forecast the second from."""
    first = pd.DataFrame({"customer": [f"c{i}" for i in range(60)], "date": FIRST_DAY, "amount": 5.0})
    table = pd.concat([first, first.head(25).assign(date=FIRST_DAY + 200), first.head(9).assign(date=FIRST_DAY + 260)])
    found = judged(table, 300)
    assert found.gates["predictability"].verdict == "cannot be computed"
    assert "none of 60 customers bought again" in found.gates["predictability"].note
    assert "predictability cannot be computed" in found.sentence
    assert found.verdict == "do not"


def test_a_log_without_amounts_counts_rows_and_one_of_nothing_cannot_be_judged():
    table = simulated(200)
    table.loc[:99, "customer"] = ""
    bare = judged(table.drop(columns="amount")).gates["identified revenue"]
    assert bare.figure == pytest.approx(1 - 100 / len(table))
    assert "of rows" in bare.note
    log = read_log(table.assign(amount=0.0))
    gate = _identified(log, 0.8)
    assert (gate.verdict, gate.note) == ("cannot be computed", "The amounts of the log come to nothing.")


@pytest.mark.parametrize(("picked", "who"), [([True, True], "every customer"), ([False, False], "no customer")])
def test_without_two_groups_there_is_no_payoff(picked, who):
    gate = _payoff(np.array([3.0, 1.0]), np.array(picked), 1.0)
    assert gate.verdict == "cannot be computed"
    assert f"picks {who}" in gate.note


def test_a_rule_of_thumb_that_does_as_well_is_named(unlike):
    note = judged(unlike).gates["predictability"].note
    assert "The simple rule past" in note
    assert "does as well: " in note or "does less well: " in note


def gates(**figures):
    return Readiness({name: Gate(name, figures.get(name.replace(" ", "_"), 1e9), 1.0, "") for name in QUESTIONS})


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        ({}, "worth it"),
        ({"history": 0.5}, "worth it for a few: narrow"),
        ({"history": math.nan}, "worth it for a few: narrow"),
        ({"history": 0.5, "payoff": 0.5}, "do not"),
        ({"heterogeneity": 0.5}, "do not"),
        ({"predictability": math.nan}, "do not"),
    ],
)
def test_the_first_two_gates_decide_and_of_the_others_one_may_be_missed(figures, verdict):
    found = gates(**figures)
    assert found.verdict == verdict
    assert bool(found.reason) == bool(figures)


def test_a_figure_at_its_threshold_passes_unless_the_fit_is_unsound():
    assert Gate("repeat buyers", 100, 100, "").verdict == "pass"
    assert Gate("repeat buyers", 100, 100, "", sound=False).verdict == "fail"
    assert Gate("repeat buyers", 100, 100, "", sound=False).reason == UNSOUND
    assert Gate("repeat buyers", 99, 100, "").verdict == "fail"


def test_the_mean_gap_is_one_over_the_mean_rate():
    assert mean_gap(Fitted(BGNBD(0.25, 5.0, 1.0, 2.0))) == pytest.approx(20.0)
    assert mean_gap(SimpleNamespace(purchases=BGBB(1.0, 3.0, 1.0, 2.0))) == pytest.approx(4.0)


def test_every_gate_has_its_words():
    assert QUESTIONS.keys() == REASONS.keys() == REQUIRED.keys() | {"payoff"}
    assert Settings().required == dict(REQUIRED)
