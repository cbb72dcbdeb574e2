"""Products: planted truths are found, noise is not, and everything ties to the log."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis import product_entry as entries
from pyfuncs.analysis.acquired_value import value_at_acquisition
from pyfuncs.analysis.baskets import NOT_STATED, OTHER, read_baskets
from pyfuncs.analysis.log import read_log, used
from pyfuncs.analysis.matching import balance, cells_of, differences, matched
from pyfuncs.analysis.product_mix import product_mix
from pyfuncs.analysis.product_paths import next_products
from pyfuncs.analysis.products import NO_PRODUCT, products
from pyfuncs.analysis.second_product import second_product
from pyfuncs.analysis.settings import Settings
from pyfuncs.errors import InputError, InsufficientDataError
from tests.support.shop import shop

SPLIT = dt.date(2023, 1, 1)
HEADERS = ["customer", "date", "amount", "product"]


def baskets_of(*rows, headers=HEADERS):
    return read_baskets(read_log(pd.DataFrame(rows, columns=headers)))


@pytest.fixture(scope="module")
def small():
    """Three customers, refunds, two products a day, a tie, and rows without a product."""
    return read_log(
        pd.DataFrame(
            [
                ("A", "2024-01-01", 10, "Pen"),
                ("A", "2024-01-01", 30, "Ink"),
                ("A", "2024-01-09", 5, "Pen"),
                ("A", "2024-01-09", -2, "Pen"),
                ("B", "2024-01-02", 7, "Pen"),
                ("B", "2024-01-02", 7, "Ink"),
                ("B", "2024-01-05", 4, None),
                ("B", "2024-01-20", 8, "Pen "),
                ("C", "2024-01-03", 9, "Pen"),
                ("C", "2024-01-03", -20, "Ink"),
                ("C", "2024-01-04", 6, "Ink"),
                ("B", "2024-01-20", 1, "-"),
            ],
            columns=HEADERS,
        )
    )


def test_items_sum_to_purchases_and_purchases_to_the_log(small):
    baskets = read_baskets(small)
    bought = used(small)
    assert baskets.bought_amount == pytest.approx(bought.amount)
    assert baskets.amount.sum() == pytest.approx(small.rows.loc[small.rows["status"] == "used", "amount"].sum())
    assert baskets.pairs.amount.sum() == pytest.approx(bought.amount.sum())
    assert baskets.pairs.purchases.sum() == len(baskets.purchase)


def test_the_main_product_is_the_dearest_of_the_day_ties_by_name(small):
    baskets = read_baskets(small)
    assert baskets.names == ("Pen", "Ink", NOT_STATED)
    assert [baskets.names[i] for i in baskets.main] == ["Ink", "Pen", "Ink", NOT_STATED, "Pen", "Ink"]
    assert [baskets.names[i] for i in baskets.first] == ["Ink", "Ink", "Ink"]


def test_without_amounts_a_purchase_counts_as_one_and_the_most_rows_are_the_main_product():
    rows = [("A", "2024-01-01", "Ink"), ("A", "2024-01-01", "Pen"), ("A", "2024-01-01", "Pen"), ("B", "2024-01-05", 7)]
    baskets = baskets_of(*rows, headers=["customer", "date", "product"])
    assert [baskets.names[i] for i in baskets.main] == ["Pen", "7"]
    assert baskets.bought_amount.tolist() == [1.0, 1.0]


def test_a_log_without_products_is_refused_with_the_column_to_add():
    log = read_log(pd.DataFrame([("A", "2024-01-01", 1)], columns=HEADERS[:3]))
    with pytest.raises(InputError, match="no column product; add one"):
        read_baskets(log)
    assert products(log, pd.DataFrame(), Settings(), SPLIT) == NO_PRODUCT


def test_product_margins_are_found_by_name_and_refused_where_none_is_there(small):
    baskets = read_baskets(small)
    assert baskets.margins(0.3, {"pen": -0.2, "Car": 0.5}).tolist() == [-0.2, 0.3, 0.3]
    with pytest.raises(InputError, match="none of its 1 products"):
        baskets.margins(0.3, {"Car": 0.5})


# ---- entry ----


def entry(log, margins=None, seed=0):
    """The entry table where the residual value of customers is what they went on to spend, which is the truth here."""
    baskets = read_baskets(log)
    margin = baskets.margins(0.4, margins)
    nothing = np.zeros(len(baskets.bought.customers))
    value, to_come = value_at_acquisition(
        baskets.bought, baskets.earned(margin), nothing, annual_discount_rate=0.0, observation_end=20000
    )
    return entries.entry_table(baskets, value, to_come, value > np.quantile(value, 0.8), margin), baskets, value


def test_a_planted_feeder_that_loses_money_today_is_found_and_alone():
    table, _, _ = entry(read_log(shop(6000, feeder=6.0, reader_wanders=1.0)), {"Reader": -0.15})
    reader = table.set_index("product").loc["Reader"]
    assert reader["quadrant"] == entries.FEEDER
    assert reader["margin_today"] < 0 < reader["value_over_life"]
    assert reader["share_focal"] > 1.3 * table["share_focal"].iloc[-1]
    assert table["quadrant"].eq(entries.FEEDER).sum() == 1


def test_products_that_bring_customers_alike_are_not_told_apart():
    table, _, _ = entry(read_log(shop(seed=2)), {"Reader": 0.4 / 3})
    said = table["quadrant"][:-1]
    assert said.str.startswith(entries.PERHAPS).sum() >= len(said) - 1


def test_customers_and_values_of_products_sum_to_all():
    table, baskets, value = entry(read_log(shop(seed=3)))
    last = table.iloc[-1]
    assert table["customers"][:-1].sum() == last["customers"] == len(baskets.bought.customers)
    assert table["share_of_customers"][:-1].sum() == pytest.approx(1)
    weight = table["customers"][:-1]
    assert (table["margin_today"][:-1] * weight).sum() == pytest.approx(last["margin_today"] * last["customers"])
    assert last["value_over_life"] == pytest.approx(value.mean())
    start = baskets.bought.start[:-1]
    assert last["margin_today"] == pytest.approx(0.4 * baskets.bought.amount[start].mean())


def test_the_value_at_acquisition_by_hand(small):
    baskets = read_baskets(small)
    margins = baskets.margins(0.5, {"Ink": -1.0})
    end = int(np.datetime64("2025-01-01").astype("datetime64[D]").astype(int))
    residual = np.array([100.0, 0.0, 0.0])
    value, to_come = value_at_acquisition(
        baskets.bought, baskets.earned(margins), residual, annual_discount_rate=0.1, observation_end=end
    )
    year = 366 / 365.25
    mine = 10 * 0.5 - 30 + 3 * 0.5 * 1.1 ** (-8 / 365.25) + 100 * 1.1**-year
    assert value[0] == pytest.approx(mine)
    assert to_come == pytest.approx([100 * 1.1**-year, 0, 0])
    assert entries.future_margin(baskets, margins) == pytest.approx(0.5)  # nobody bought Ink again
    assert entries.future_margin(baskets, baskets.margins(0.5, {"Pen": 0.1})) == pytest.approx(
        (11 * 0.1 + 5 * 0.5) / 16
    )


def test_rare_products_are_one_row_and_too_few_is_said():
    table, baskets, value = entry(read_log(shop(400, seed=4)))
    merged = entries.entry_table(baskets, value, np.zeros(400), value > 0, baskets.margins(0.4), most=3)
    assert merged["product"].tolist()[3:] == [OTHER, entries.ALL]
    assert merged["customers"][:-1].sum() == 400
    few = entries.entry_table(baskets, value, np.zeros(400), value > 0, baskets.margins(0.4))
    assert (few["quadrant"][few["customers"] < 30] == entries.TOO_FEW).all()
    assert len(few) == len(table)


# ---- what is bought next ----


def test_the_next_product_by_hand(small):
    found = next_products(read_baskets(small))
    assert found.names == ("Ink", "Pen", NOT_STATED)
    assert found.counts.tolist() == [[0, 1, 1, 1], [0, 0, 0, 2], [0, 1, 0, 0]]
    assert found.purchases.sum() == len(used(small).day)
    assert found.shares.sum(axis=1) == pytest.approx(1)


def test_rows_of_the_matrix_sum_to_1_and_to_the_log_however_few_products_are_named():
    log = read_log(shop(seed=5))
    baskets = read_baskets(log)
    for most in (1, 3, 50):
        found = next_products(baskets, most)
        assert found.shares.sum(axis=1) == pytest.approx(1)
        assert found.purchases.sum() == len(used(log).day)
        assert found.counts[:, -1].sum() == len(used(log).customers)


def test_rows_that_are_alike_are_drawn_together_and_rows_that_differ_keep_their_own():
    alike = next_products(read_baskets(read_log(shop(seed=6, wander=1.0))))
    apart = next_products(read_baskets(read_log(shop(seed=6, wander=0.2))))
    assert alike.strength > 20 * apart.strength
    raw = alike.counts / alike.purchases[:, None]
    assert alike.shares.std(axis=0).mean() < 0.7 * raw.std(axis=0).mean()
    assert np.diag(apart.shares).min() > 0.4


# ---- a second product ----


def compared(**options):
    log = read_log(shop(**options))
    baskets = read_baskets(log)
    nothing = np.zeros(len(baskets.bought.customers))
    return second_product(baskets, SPLIT, nothing, nothing)


def test_matching_removes_a_planted_confounder():
    found = compared(n=6000, seed=7)  # a second product changes nothing, but frequent buyers have more of them
    later = found.outcomes.set_index("measure").loc["purchases after the split"]
    assert found.balance["before"].abs().max() > 0.5
    assert found.balance["after"].abs().max() < 0.1
    assert later["unmatched_difference"] > 0.5
    assert later["lower"] < 0 < later["upper"]
    assert (found.products["q_value"].dropna() > 0.1).all()


def test_a_second_product_that_keeps_customers_is_seen():
    found = compared(n=6000, seed=8, keeps=0.8)
    outcomes = found.outcomes.set_index("measure")
    assert outcomes.loc["bought again after the split", "lower"] > 0
    assert outcomes.loc["purchases after the split", "lower"] > 0
    assert outcomes.loc["spend after the split", "difference"] > 0
    assert "not cause" in " ".join(found.statements)
    assert found.matched_added <= found.added


def test_too_few_alike_is_said_with_the_counts():
    with pytest.raises(InsufficientDataError, match="are alike, and 30 of each are needed"):
        compared(n=60)


def test_matching_by_hand():
    group = np.array([True, True, False, False, True, False, True])
    cell = cells_of([np.array([0, 0, 0, 0, 1, 2, 1]), np.array([5, 5, 5, 5, 5, 5, 0])])
    match = matched(group, cell)
    assert match.counts == (2, 2)
    y = np.array([3.0, 5.0, 1.0, 2.0, 100.0, 50.0, 70.0])
    found = differences(match, {"y": y}).iloc[0]
    assert (found["added"], found["alike"], found["difference"]) == (4.0, 1.5, 2.5)
    error = np.sqrt(np.var([3, 5], ddof=1) / 2 + np.var([1, 2], ddof=1) / 2)
    assert match.standard_error(y) == pytest.approx(error)
    assert found["upper"] - found["difference"] == pytest.approx(1.6448536 * error)
    assert found["unmatched_difference"] == pytest.approx(178 / 4 - 53 / 3)
    assert balance(match, {"same": np.ones(7)}).iloc[0][["before", "after"]].tolist() == [0.0, 0.0]


def test_customers_alone_in_group_and_cell_take_the_spread_of_their_cell_or_pair():
    group = np.array([True, False, False, True, False])
    match = matched(group, np.array([0, 0, 0, 1, 1]))
    y = np.array([9.0, 2.0, 4.0, 5.0, 8.0])
    assert match.standard_error(y) == pytest.approx(np.sqrt(2 + 2 / 2 + 4.5 + 4.5) / 2)


# ---- the mix ----


def mix(**options):
    log = read_log(shop(**options))
    baskets = read_baskets(log)
    return product_mix(baskets, baskets.bought.count >= np.quantile(baskets.bought.count, 0.8)), baskets


def test_what_focal_customers_prefer_is_found_and_buying_more_often_is_no_preference():
    found, _ = mix(seed=9, taste=0.5)
    rows = found.rows.set_index("product")
    assert found.found["product"].iloc[0] == "Tea"
    assert rows.loc["Tea", "lower"] > 1
    noise, _ = mix(seed=10)
    assert (noise.rows["purchases_focal"] > 2 * noise.rows["purchases_rest"]).all()
    assert len(noise.found) == 0
    assert noise.tests == 8


def test_the_most_telling_products_come_first_and_the_rest_as_they_stood():
    found, _ = mix(seed=9, taste=0.5)
    called = len(found.found)
    assert 0 < called < len(found.rows)
    assert set(found.telling["product"].iloc[:called]) == set(found.found["product"])
    assert np.log(found.telling["lift"].iloc[:called]).abs().is_monotonic_decreasing
    rest = found.telling["product"].iloc[called:].tolist()
    assert rest == [name for name in found.rows["product"] if name in rest]


def test_shares_of_baskets_sum_to_1_and_amounts_to_the_log():
    found, baskets = mix(n=500, seed=11)
    for name in ("basket_focal", "basket_rest", "spend_focal", "spend_rest"):
        assert found.rows[name].sum() == pytest.approx(1)
    assert found.rows["amount"].sum() == pytest.approx(baskets.bought.amount.sum())
    merged = product_mix(baskets, baskets.bought.count > 3, most=2).rows
    assert merged["product"].tolist()[2] == OTHER
    assert merged["basket_rest"].sum() == pytest.approx(1)
    assert merged["amount"].sum() == pytest.approx(baskets.bought.amount.sum())


def test_groups_that_are_too_small_are_shown_and_not_tested():
    found, _ = mix(n=60, seed=12)
    assert found.tests == 0
    assert found.rows["lift"].notna().any()


def test_a_mix_needs_two_groups(small):
    with pytest.raises(InsufficientDataError, match="3 customers are focal and 0 are not"):
        product_mix(read_baskets(small), np.ones(3, dtype=bool))


def test_a_rare_product_nobody_focal_bought_is_shown_and_not_tested():
    rng = np.random.default_rng(13)
    table = shop(1500, seed=13)
    rare = rng.choice(table["customer"].unique()[:1400], 35, replace=False)
    focal = sorted(set(table["customer"].unique()) - set(rare))[:300]
    table.loc[table["customer"].isin(rare), "product"] = "Lamp"
    baskets = read_baskets(read_log(table))
    found = product_mix(baskets, baskets.bought.customers.isin(focal).to_numpy()).rows.set_index("product")
    assert found.loc["Lamp", "lift"] == 0
    assert np.isnan(found.loc["Lamp", ["lower", "q_value"]].astype(float)).all()


def test_what_is_still_to_come_widens_the_interval_of_a_product():
    table, baskets, value = entry(read_log(shop(1500, seed=14, feeder=6.0)))
    margins = baskets.margins(0.4)
    ahead = entries.entry_table(baskets, value, 0.9 * value, value > 0, margins)
    assert ((ahead["upper"] - ahead["lower"])[:-1] > 1.2 * (table["upper"] - table["lower"])[:-1]).all()
