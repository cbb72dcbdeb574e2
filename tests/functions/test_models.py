import datetime as dt

import pytest

from pyfuncs.functions import CATALOGUE, examples

SPLIT, END = dt.datetime(1997, 9, 30), dt.datetime(1998, 6, 30)
# shared/data/README.md, CDNOW sample: independent maximum likelihood.
REFERENCE = {
    "BG/NBD": ({"r": 0.242595, "alpha": 4.413603, "a": 0.792922, "b": 2.425906}, -9582.42921),
    "MBG/NBD": ({"r": 0.524843, "alpha": 6.183086, "a": 0.891359, "b": 1.614002}, -9582.13572),
    "Pareto/NBD": ({"r": 0.553277, "alpha": 10.57768, "s": 0.606240, "beta": 11.66874}, -9594.97618),
}
SPEND = {"p": 6.24935, "q": 3.74426, "v": 15.44431}


def terms(table):
    return {row[0]: row[1] for row in table if row[0] != "note"}


@pytest.mark.parametrize("name", REFERENCE)
def test_the_raw_log_of_cdnow_gives_the_reference_fit(cdnow_log, name):
    found = terms(CATALOGUE["CLV_FIT"](cdnow_log, name, None, None, SPLIT))
    parameters, log_likelihood = REFERENCE[name]
    for term, value in (parameters | SPEND).items():
        assert found[term] == pytest.approx(value, rel=2e-4), term
    assert found["log_likelihood"] == pytest.approx(log_likelihood, abs=1e-4)
    assert found["spend_log_likelihood"] == pytest.approx(-4055.91769, abs=1e-4)
    assert (found["model"], found["period"], found["observation_end"]) == (name, "week", SPLIT)
    assert (found["customers"], found["spend_customers"]) == (2357, 946)
    assert "converged" in found["convergence"].lower()
    assert found["aic"] == pytest.approx(8 - 2 * log_likelihood, abs=1e-3)


def test_the_table_of_customers_gives_the_same_fit_as_the_log(cdnow_log, cdnow_customers):
    by_log = CATALOGUE["CLV_FIT"](cdnow_log, "BG/NBD", None, None, SPLIT)
    by_table = CATALOGUE["CLV_FIT"](cdnow_customers, "BG/NBD", None, None, SPLIT)
    assert by_log == by_table


def test_scores_of_the_spilled_model_are_those_of_the_model_left_out(cdnow_log, cdnow_customers):
    fitted = CATALOGUE["CLV_FIT"](cdnow_customers)
    spilled = CATALOGUE["CLV_SCORE"](cdnow_customers, fitted)
    assert spilled == CATALOGUE["CLV_SCORE"](cdnow_customers)
    assert len(spilled) == len(cdnow_customers)


def test_the_sums_of_cdnow_under_pareto_nbd_are_the_reference(cdnow_customers):
    # shared/data/README.md: sum of P(alive) 1051.97, of DERT 7207.8 at delta = ln(1.15)/52 a week.
    model = [("model", "Pareto/NBD"), *REFERENCE["Pareto/NBD"][0].items()]
    alive = CATALOGUE["CLV_P_ALIVE"](cdnow_customers, model)
    dert = CATALOGUE["CLV_DERT"](cdnow_customers, model, 1.15 ** (365.25 / 7 / 52) - 1)
    assert sum(row[0] for row in alive[1:]) == pytest.approx(1051.97, rel=5e-4)
    assert sum(row[0] for row in dert[1:]) == pytest.approx(7207.8, rel=5e-4)


def test_a_period_is_kept_with_the_model_and_changes_no_probability(cdnow_log, cdnow_customers):
    daily = CATALOGUE["CLV_RFM"](cdnow_log, SPLIT, "day")
    fitted = CATALOGUE["CLV_FIT"](daily, "BG/NBD", "none", "day")
    assert terms(fitted)["period"] == "day"
    assert terms(fitted)["alpha"] == pytest.approx(4.413603 * 7, rel=1e-3)
    weekly = CATALOGUE["CLV_FIT"](cdnow_customers, "BG/NBD", "none")
    by_day = CATALOGUE["CLV_PURCHASES"](daily, fitted, 1)
    by_week = CATALOGUE["CLV_PURCHASES"](cdnow_customers, weekly, 1)
    assert [row[0] for row in by_day[1:50]] == pytest.approx([row[0] for row in by_week[1:50]], rel=1e-3)


def test_rows_that_are_no_history_are_left_out_of_the_fit_and_noted():
    broken = [*examples.REPEAT_BUYERS, ("Z", 1, 50, 40, 10), ("Y", "#N/A", 1, 2, 3)]
    clean, dirty = CATALOGUE["CLV_FIT"](examples.REPEAT_BUYERS), CATALOGUE["CLV_FIT"](broken)
    assert terms(dirty) == terms(clean)
    note = dirty[-1][1]
    assert "2 of 10, first row 10" in note
    assert dirty[-1][0] == "note"


def test_what_cannot_be_fitted_is_one_error_that_says_no_data():
    one_timers = (examples.REPEAT_BUYERS[0], ("a", 0, 0, 39, None), ("b", 0, 0, 38, None))
    assert CATALOGUE["CLV_FIT"](one_timers) == [["#N/A"]]
    assert CATALOGUE["CLV_COMPARE"](one_timers) == [["#N/A"]]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(("best",), "#VALUE!"), ((None, "normal"), "#VALUE!"), ((None, None, "year"), "#VALUE!")],
)
def test_an_unknown_model_or_period_is_one_error(arguments, error):
    assert CATALOGUE["CLV_FIT"](examples.REPEAT_BUYERS, *arguments) == [[error]]


def test_the_comparison_of_cdnow_has_every_model_and_chooses_by_likelihood(cdnow_customers):
    table = CATALOGUE["CLV_COMPARE"](cdnow_customers)
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    assert [row["model"] for row in rows] == list(REFERENCE)
    assert [row["model"] for row in rows if row["chosen"]] == ["MBG/NBD"]
    for row in rows:
        assert row["log_likelihood"] == pytest.approx(REFERENCE[row["model"]][1], abs=1e-4)
        assert row["actual_repeat_buyers"] == 946
        assert row["expected_repeat_buyers"] == pytest.approx(946, rel=0.03)


def test_the_holdout_of_cdnow_has_the_reference_figures(cdnow_log):
    # shared/data/README.md: 1665.6 purchases predicted by Pareto/NBD in the 39 weeks of the holdout, 1882 made.
    table = CATALOGUE["CLV_HOLDOUT"](cdnow_log, SPLIT, "Pareto/NBD")
    assert table[0] == ["measure", "ranking", "value", "actual"]
    figures = {(row[0], row[1]): row[2:] for row in table[1:] if row[0] != "note"}
    assert figures["total purchases", "model"] == pytest.approx([1665.6, 1882], abs=0.2)
    captured = {ranking: row[0] for (measure, ranking), row in figures.items() if "captured" in measure}
    heuristics = ["past spend", "past purchases", "recency", "first purchase"]
    assert list(captured) == ["model", *heuristics, "perfect foresight", "random"]
    assert captured["model"] > max(captured[rule] for rule in heuristics)
    assert captured["perfect foresight"] == pytest.approx(0.94, abs=0.01)  # MODELS.md says 93.9 %
    deciles = [figures[f"spend of decile {i}", "model"] for i in range(1, 11)]
    assert sum(decile[1] for decile in deciles) == pytest.approx(figures["total spend", "model"][1])
    assert table[-1][0] == "note"


def test_a_holdout_with_a_fitted_table_fits_its_model_anew():
    log = examples.HALF_YEAR_OF_PURCHASES
    assert CATALOGUE["CLV_HOLDOUT"](log, "2024-03-31", examples.WITH_SPEND) == CATALOGUE["CLV_HOLDOUT"](
        log, "2024-03-31", "BG/NBD"
    )


@pytest.mark.parametrize("split", ["2024-06-11", "2030-01-01"])
def test_a_split_that_leaves_no_holdout_is_an_error(split):
    assert CATALOGUE["CLV_HOLDOUT"](examples.HALF_YEAR_OF_PURCHASES, split) == [["#VALUE!"]]


def test_tracking_adds_up_to_all_repeat_purchases_of_cdnow(cdnow_log):
    table = CATALOGUE["CLV_TRACKING"](cdnow_log, SPLIT, "BG/NBD")
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    assert rows[-1]["cumulative_actual"] == sum(row["actual"] for row in rows)
    assert rows[-1]["cumulative_expected"] == pytest.approx(sum(row["expected"] for row in rows))
    holdout = [row for row in rows if row["window"] == "holdout"]
    assert sum(row["actual"] for row in holdout) == 1882
    assert holdout[0]["period_start"] == dt.datetime(1997, 10, 1)
    assert rows[-1]["period_end"] == END


def test_tracking_splits_at_the_end_of_the_model_and_fits_up_to_the_split(cdnow_log):
    fitted = CATALOGUE["CLV_FIT"](cdnow_log, "BG/NBD", "none", None, SPLIT)
    assert CATALOGUE["CLV_TRACKING"](cdnow_log, None, fitted) == CATALOGUE["CLV_TRACKING"](cdnow_log, SPLIT, fitted)
    assert CATALOGUE["CLV_TRACKING"](cdnow_log, SPLIT, "BG/NBD") == CATALOGUE["CLV_TRACKING"](cdnow_log, SPLIT, fitted)
    whole = CATALOGUE["CLV_TRACKING"](cdnow_log, None, "BG/NBD")
    assert {row[-1] for row in whole[1:]} == {"calibration"}


DONORS = (
    ("customer_id", "frequency", "recency", "T"),
    *(
        (f"{i}", x, t_x, 6)
        for i, (x, t_x) in enumerate([(0, 0), (0, 0), (1, 1), (1, 4), (2, 3), (3, 6), (4, 5), (6, 6)] * 4)
    ),
)


def test_bg_bb_is_fitted_to_opportunities_and_scores_them():
    model = CATALOGUE["CLV_FIT"](DONORS, "BG/BB")
    terms = {row[0]: row[1] for row in model[1:]}
    assert terms["model"] == "BG/BB"
    assert all(terms[name] > 0 for name in ("alpha", "beta", "gamma", "delta"))
    assert terms["customers"] == 32
    scores = CATALOGUE["CLV_P_ALIVE"](DONORS, model)
    assert [row[0] for row in scores[-3:]] == [1.0, scores[-2][0], 1.0]
    assert 0 < scores[-2][0] < 1
    for name in ("CLV_SCORE", "CLV_DERT", "CLV_PURCHASES", "CLV_P_NO_PURCHASE"):
        assert all(isinstance(row[0], float) and row[0] >= 0 for row in CATALOGUE[name](DONORS, model)[1:])
    bounds = CATALOGUE["CLV_INTERVAL"](DONORS, model, 1)
    assert all(low <= high for low, high in bounds[1:])
    assert CATALOGUE["CLV_NEW"](model)[1][1] > 0


def test_bg_bb_leaves_out_rows_that_are_no_opportunities():
    typed = (("model", "BG/BB"), ("alpha", 1.2), ("beta", 0.75), ("gamma", 0.66), ("delta", 2.8))
    rows = ((0, 0, 6), (1, 2.5, 6), (3, 2, 6), (0, 0, 6.5))
    assert [row[0] for row in CATALOGUE["CLV_P_ALIVE"](rows, typed)] == [pytest.approx(0.116, abs=2e-3), *["#NUM!"] * 3]


def test_bg_bb_counts_the_opportunities_of_a_log():
    model = CATALOGUE["CLV_FIT"](examples.HALF_YEAR_OF_PURCHASES, "BG/BB", "none", "month", "2024-07-05")
    terms = {row[0]: row[1] for row in model[1:]}
    assert terms["model"] == "BG/BB"
    assert terms["period"] == "month"
    assert terms["customers"] == 6
    scored = CATALOGUE["CLV_PURCHASES"](examples.HALF_YEAR_OF_PURCHASES, model, 1)
    assert [row[0] for row in scored] == ["customer_id", *"ABCDEF"]
    assert scored[1][1] > scored[5][1]  # A bought in nearly every month, E only once
