"""The functions of acquisition and the scorecard as cells see them."""

import datetime as dt

import pytest

from pyfuncs.functions import CATALOGUE, examples

FAMILY = ("ACQ_VALUE", "ACQ_CEILING", "ACQ_PAYBACK", "SCORECARD")
ACQUIRED = [list(row) for row in examples.ACQUIRED]


def column(grid, name):
    return [row[grid[0].index(name)] for row in grid[1:]]


def call(name, *arguments):
    return CATALOGUE[name](ACQUIRED, *arguments)


@pytest.mark.parametrize("name", FAMILY)
def test_the_family_takes_the_same_arguments_in_the_same_order(name):
    shared = ["transactions", "by", "cac", "model", "annual_discount_rate", "margin"]
    names = [argument.name for argument in CATALOGUE[name].arguments]
    assert names[:6] == shared
    others = [*([] if name == "SCORECARD" else ["level"]), "observation_end"]
    assert names[6:] == (others if name == "ACQ_PAYBACK" else [*others, "horizon"])


@pytest.mark.parametrize("name", ["ACQ_VALUE", "ACQ_CEILING", "SCORECARD"])
def test_a_horizon_counts_the_first_years_only(name):
    figure = {"SCORECARD": "value_brought"}.get(name, "value_before_cac")
    end = dt.date(2024, 12, 31)
    beside = () if name == "SCORECARD" else (0.9,)
    whole, year, decade = (
        column(CATALOGUE[name](ACQUIRED, None, 20, examples.WITH_SPEND, 0.1, 0.3, *beside, end, horizon), figure)[-1]
        for horizon in (None, 1, 60)
    )
    assert 0 < year < 0.8 * whole
    assert decade == pytest.approx(whole, rel=0.01)


@pytest.mark.parametrize("name", FAMILY)
def test_customers_are_grouped_by_cohort_too(name):
    found = CATALOGUE[name](ACQUIRED, "cohort", 20, examples.WITH_SPEND)
    assert found[0][0] == "cohort"
    if name != "SCORECARD":
        assert found[1][0] == "2024-01"


@pytest.mark.parametrize("name", FAMILY)
def test_a_log_without_channels_is_told_what_to_add(name):
    log = [row[:3] for row in ACQUIRED]
    assert CATALOGUE[name](log, None, 20) == [["#VALUE!"]]
    assert "add one, or look at customers by cohort" in CATALOGUE[name].explain(log, None, 20)


def test_costs_are_one_amount_or_a_table_by_name():
    same = [[None, None], ["Web ", 50], ["store", "50"]]
    assert call("ACQ_VALUE", None, same, examples.WITH_SPEND) == call("ACQ_VALUE", None, 50, examples.WITH_SPEND)
    headed = [["channel", "cost"], ["web", 10], ["store", None]]
    assert column(call("ACQ_VALUE", None, headed, examples.WITH_SPEND), "cac") == [10.0, None, None]


@pytest.mark.parametrize(
    ("costs", "error", "says"),
    [
        ([["web", -1]], "#NUM!", "0 or more"),
        ([["web", 1], ["store", "dear"]], "#VALUE!", "not a number"),
        ([["web", 1], ["WEB", 2]], "#VALUE!", "twice"),
        ([["web", "#N/A"]], "#N/A", "error"),
        ([["web", None], ["store", None]], "#VALUE!", "no cost"),
        ([["web", 1, 2]], "#VALUE!", "two columns"),
    ],
)
def test_costs_that_are_none_are_refused(costs, error, says):
    assert call("ACQ_VALUE", None, costs, examples.WITH_SPEND) == [[error]]
    assert says in CATALOGUE["ACQ_VALUE"].explain(ACQUIRED, None, costs, examples.WITH_SPEND)


def test_a_model_that_is_left_out_is_fitted_first():
    log = [["customer", "date", "amount", "channel"]]
    log += [
        [f"c{n}", f"2024-{1 + (n * k) % 11:02d}-{1 + (5 * n + k) % 28:02d}", 10 + n % 9, "ab"[n % 2]]
        for n in range(60)
        for k in range(1 + n % 4)
    ]
    found = CATALOGUE["ACQ_VALUE"](log, None, 5)
    assert column(found, "channel") == ["a", "b", "All"]
    assert column(found, "customers") == [30, 30, 60]
    bounds = zip(*(column(found, name) for name in ("lower", "value_before_cac", "upper")), strict=True)
    assert all(low <= value <= high for low, value, high in bounds)


def test_the_observation_end_is_that_of_the_argument_or_of_the_model():
    model = [*examples.WITH_SPEND, ("observation_end", "2024-03-31")]
    by_model = CATALOGUE["SCORECARD"](ACQUIRED, None, None, model)
    assert by_model == CATALOGUE["SCORECARD"](ACQUIRED, None, None, examples.WITH_SPEND, None, None, "2024-03-31")
    assert by_model != CATALOGUE["SCORECARD"](ACQUIRED, None, None, examples.WITH_SPEND)


@pytest.mark.parametrize("name", FAMILY)
def test_opportunities_are_counted_where_the_model_does(name):
    model = (("model", "BG/BB"), ("alpha", 1.2), ("beta", 0.75), ("gamma", 0.66), ("delta", 2.78), ("period", "month"))
    found = CATALOGUE[name](ACQUIRED, None, 2, model)
    assert len(found) > 1
    assert not any(cell == "#VALUE!" for row in found for cell in row)


def test_payback_without_a_cost_says_so():
    assert call("ACQ_PAYBACK") == [["#VALUE!"]]
    assert "give one amount" in CATALOGUE["ACQ_PAYBACK"].explain(ACQUIRED, None, None, examples.WITH_SPEND)
