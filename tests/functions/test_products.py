import logging

import pandas as pd
import pytest

from pyfuncs.functions import CATALOGUE, examples
from tests.support.shop import shop

ENTRY, PATHS, MIX = (CATALOGUE[name] for name in ("PRODUCT_ENTRY", "PRODUCT_PATHS", "PRODUCT_MIX"))
MODEL = examples.WITH_SPEND


@pytest.fixture(scope="module")
def log():
    table = shop(2500, seed=3, feeder=5.0, reader_wanders=1.0)
    table["date"] = pd.to_datetime(table["date"]).dt.strftime("%Y-%m-%d")
    return [list(table.columns), *table.to_numpy(dtype=object).tolist()]


def column(grid, name):
    return dict(zip([row[0] for row in grid[1:]], [row[grid[0].index(name)] for row in grid[1:]], strict=True))


def test_a_product_sold_at_a_loss_shows_the_loss_and_what_it_brings(log):
    plain = ENTRY(log, None, None, 0.1, 0.4)
    found = ENTRY(log, (("product", "margin"), ("READER", -0.1), ("Spoons", 0.5)), None, 0.1, 0.4)
    assert column(plain, "margin_today")["Reader"] > 0 > column(found, "margin_today")["Reader"]
    assert column(found, "quadrant")["Reader"] == "feeder"
    assert column(found, "value_over_life")["Reader"] > column(found, "upper")["All"]
    assert column(found, "customers")["All"] == 2500


def test_what_goes_with_a_second_product_stands_with_its_balance_and_caveat(log):
    found = PATHS(log, "second product")
    assert [row[0] for row in found][:2] == ["measure", "bought again after the split"]
    counts = {row[0]: row[1:3] for row in found}
    assert counts["customers matched"][0] <= counts["customers"][0]
    assert "Association, not cause" in found[-1][0]
    halved = PATHS(log, "second product", None, None, 0.1, 0.5)
    value = [next(row[1] for row in grid if row[0] == "value today") for grid in (found, halved)]
    assert value[1] == pytest.approx(value[0] / 2)


def test_each_product_added_has_a_line(log):
    found = PATHS(log, "Each Product", "2022-12-31", MODEL)
    assert len(found) == 1 + 8 + 2
    assert found[0][-1] == "q_value"


def test_the_mix_takes_the_rule_of_the_segments(log):
    few, many = MIX(log, MODEL, "top share", 0.1), MIX(log, MODEL, "top share", 0.5)
    assert column(few, "bought_focal")["Tea"] > column(many, "bought_focal")["Tea"]
    assert sum(column(few, "basket_rest").values()) == pytest.approx(1)
    assert MIX(log, MODEL, "budget") == [["#VALUE!"]]
    assert MIX(log, MODEL, "top share", 1) == [["#N/A"]]


def test_models_of_every_kind_and_logs_without_amounts_are_taken(log):
    visits = [row[:2] + row[3:] for row in log]
    assert column(ENTRY(visits), "margin_today")["All"] == pytest.approx(1)
    assert column(ENTRY(visits, None, MODEL), "margin_today")["All"] > 1
    assert column(ENTRY(log, None, "BG/BB"), "customers")["All"] == 2500


@pytest.mark.parametrize("function", [ENTRY, PATHS, MIX], ids=lambda function: function.name)
def test_a_log_without_a_product_column_says_what_to_add(function):
    assert function(examples.HALF_YEAR_OF_PURCHASES) == [["#VALUE!"]]
    assert "add one that says what was bought" in function.explain(examples.HALF_YEAR_OF_PURCHASES)
    bare = examples.HALF_YEAR_OF_PURCHASES[1:]
    assert "without a header give four columns" in function.explain(bare)


@pytest.mark.parametrize(
    ("margins", "error"),
    [
        ((("Reader", 15),), "#NUM!"),
        ((("Reader", "low"),), "#VALUE!"),
        ((("Spoons", 0.1),), "#VALUE!"),
        ((("Reader", "#N/A"),), "#N/A"),
        ((("Reader", None),), "#VALUE!"),
        ((("Reader", 0.1, 3),), "#VALUE!"),
    ],
)
def test_margins_that_are_none_are_an_error(log, margins, error, caplog):
    with caplog.at_level(logging.ERROR):
        assert ENTRY(log, margins, MODEL) == [[error]]
    assert not caplog.records
