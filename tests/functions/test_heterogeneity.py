import datetime as dt

import pytest

from pyfuncs.functions import CATALOGUE, examples

VALUES = tuple((value,) for value in (100, 50, 25, 10, 5, 4, 3, 2, 1, 0))


def test_the_gini_of_a_column_is_one_number():
    # sum (2i - n - 1) y_i / (n sum y) = 1380 / 2000 by hand.
    assert CATALOGUE["CLV_GINI"](VALUES) == [[pytest.approx(0.69)]]
    assert CATALOGUE["CLV_GINI"]((("profit",), *VALUES)) == [["gini"], [pytest.approx(0.69)]]


def test_values_that_are_no_numbers_are_left_out():
    assert CATALOGUE["CLV_GINI"]((*VALUES, ("#N/A",), (None,), ("x",))) == CATALOGUE["CLV_GINI"](VALUES)
    assert CATALOGUE["CLV_GINI"](((None,), ("#N/A",))) == [["#N/A"]]


def test_the_gini_of_losses_does_not_exist():
    assert CATALOGUE["CLV_GINI"](((1,), (-1,), (5,))) == [["#NUM!"]]


def test_cdnow_is_more_unequal_than_its_point_predictions_say(cdnow_log):
    # MODELS.md: past spend .58, point predictions .63, latent expected .84 on CDNOW.
    fitted = CATALOGUE["CLV_FIT"](cdnow_log, "BG/NBD", None, None, dt.datetime(1997, 9, 30))
    table = CATALOGUE["CLV_GINI"](cdnow_log, fitted, 39 * 7 / 365.25)
    assert table[0] == ["measure", "gini"]
    found = dict(table[1:])
    assert list(found) == ["past spend", "expected", "latent", "predictive"]
    assert found["past spend"] == pytest.approx(0.58, abs=0.01)
    assert found["expected"] == pytest.approx(0.63, abs=0.015)
    assert found["latent"] == pytest.approx(0.84, abs=0.01)
    assert found["expected"] < found["latent"] < found["predictive"]


def test_a_table_knows_repeat_spend_only_and_a_log_without_amounts_purchases():
    assert CATALOGUE["CLV_GINI"](examples.CUSTOMERS, examples.WITH_SPEND)[1][0] == "past repeat spend"
    bare = [row[:4] for row in examples.CUSTOMERS]
    assert CATALOGUE["CLV_GINI"](bare, examples.BGNBD)[1] == ["past purchases", pytest.approx(0.25)]


def test_the_lorenz_curve_runs_from_nothing_to_everything():
    table = CATALOGUE["CLV_LORENZ"]((("value",), *VALUES))
    assert table[0] == ["customers_share", "value_share"]
    assert (table[1], table[-1]) == ([0.0, 0.0], [1.0, 1.0])
    assert len(table) == 22
    assert dict(map(tuple, table[1:]))[0.5] == pytest.approx((0 + 1 + 2 + 3 + 4) / 200)


def test_the_whale_curve_peaks_where_profit_turns_to_loss():
    table = CATALOGUE["CLV_WHALE"]((("profit",), (8,), (4,), (-2,)))
    assert table[0] == ["customers_share", "value_share", "peak"]
    peaks = [row for row in table[1:] if row[2] is not None]
    assert peaks == [[pytest.approx(2 / 3), pytest.approx(1.2), pytest.approx(1.2)]]
    shares = [row[0] for row in table[1:]]
    assert shares == sorted(shares)
    assert table[-1][:2] == [1.0, 1.0]
    assert CATALOGUE["CLV_WHALE"](((1,), (-5,))) == [["#NUM!"]]


def test_deciles_tie_and_are_best_first():
    table = CATALOGUE["CLV_DECILES"]((("value",), *VALUES))
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    assert [row["decile"] for row in rows] == list(range(1, 11))
    assert sum(row["value"] for row in rows) == 200
    assert rows[-1]["cumulative_share"] == pytest.approx(1)
    assert CATALOGUE["CLV_DECILES"](VALUES[:9]) == [["#N/A"]]


def test_the_average_customer_hardly_exists_and_costs_what_is_overpaid():
    found = dict(CATALOGUE["CLV_AVERAGE_CUSTOMER"](VALUES, 15))
    assert found["mean value"] == 20
    assert found["median value"] == 4.5
    assert found["customers within 25% of the mean"] == 1
    assert found["share worth less than the CAC"] == pytest.approx(0.7)
    assert found["overpaid per customer when paying the CAC"] == pytest.approx((5 + 10 + 11 + 12 + 13 + 14 + 15) / 10)
    assert "share worth less than the CAC" not in dict(CATALOGUE["CLV_AVERAGE_CUSTOMER"](VALUES))
