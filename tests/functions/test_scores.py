import numpy as np
import pytest
from scipy.integrate import quad

from pyfuncs.analysis import scores
from pyfuncs.analysis.model_table import from_table
from pyfuncs.functions import CATALOGUE, examples

MODEL = examples.WITH_SPEND
PARETO = (("model", "Pareto/NBD"), ("r", 0.553), ("alpha", 10.578), ("s", 0.606), ("beta", 11.669))
HEADER = ("customer_id", "frequency", "recency", "T", "monetary_value")
CUSTOMERS = (HEADER, ("Ann", 2, 30.43, 38.86, 22.35), ("Bob", 0, 0, 38.86, None), ("007", 5, 20, 30, 80.0))
PER_CUSTOMER = ["CLV_P_ALIVE", "CLV_P_NO_PURCHASE", "CLV_PURCHASES", "CLV_SPEND", "CLV_DERT", "CLV_SCORE"]
PER_CUSTOMER.append("CLV_INTERVAL")
WEEKS_39 = 39 * 7 / 365.25
SCORES = pytest.mark.parametrize("name", PER_CUSTOMER)


def call(name, customers, model=MODEL, *rest):
    if name == "CLV_INTERVAL":
        rest = (*rest, *[None] * (4 - len(rest)), "latent, outcome")
    return CATALOGUE[name](customers, model, *rest)


def changed(row, column, cell):
    table = [list(line) for line in CUSTOMERS]
    table[row][column] = cell
    return table


def test_the_customer_of_the_paper_has_the_published_scores():
    # Fader, Hardie, Lee (2005): P(alive) 0.7266 and 1.226 purchases in 39 weeks.
    assert CATALOGUE["CLV_P_ALIVE"](((2, 30.43, 38.86),), MODEL)[0][0] == pytest.approx(0.7266, abs=5e-5)
    assert CATALOGUE["CLV_PURCHASES"](((2, 30.43, 38.86),), MODEL, WEEKS_39)[0][0] == pytest.approx(1.226, abs=5e-4)


def test_the_same_customer_under_pareto_nbd_has_the_reference_scores():
    # shared/data/README.md: P(alive) .86917, DERT 6.5022 at delta = ln(1.15)/52 a week; purchases by mpmath, from the
    # integral over the time of death.
    customer = ((2, 30.43, 38.86),)
    rate = 1.15 ** (365.25 / 7 / 52) - 1
    assert CATALOGUE["CLV_P_ALIVE"](customer, PARETO)[0][0] == pytest.approx(0.86917, abs=6e-6)
    assert CATALOGUE["CLV_PURCHASES"](customer, PARETO, WEEKS_39)[0][0] == pytest.approx(1.4551232, abs=1e-6)
    assert CATALOGUE["CLV_DERT"](customer, PARETO, rate)[0][0] == pytest.approx(6.5022, abs=1e-3)


def test_the_probability_of_no_purchase_is_that_of_silence_or_death():
    # BG/NBD: 1 - P(alive) (1 - ((alpha + T) / (alpha + T + t))^(r + x)).
    silent = ((4.414 + 38.86) / (4.414 + 38.86 + 39)) ** 2.243
    expected = 1 - 0.726578570080673 * (1 - silent)
    assert CATALOGUE["CLV_P_NO_PURCHASE"](((2, 30.43, 38.86),), MODEL, WEEKS_39)[0][0] == pytest.approx(expected)


def test_dert_is_the_discounted_stream_of_expected_purchases():
    delta = np.log(1.15) / (365.25 / 7)

    def bought(years):
        return CATALOGUE["CLV_PURCHASES"](((2, 30.43, 38.86),), MODEL, years)[0][0]

    weeks = 365.25 / 7
    # Integration by parts: the integral of e^(-delta t) dE(t) is delta times that of e^(-delta t) E(t).
    stream = quad(lambda t: delta * np.exp(-delta * t) * bought(t / weeks), 1e-9, 6000, limit=500)[0]
    assert CATALOGUE["CLV_DERT"](((2, 30.43, 38.86),), MODEL, 0.15)[0][0] == pytest.approx(stream, rel=1e-6)


def test_spend_is_weighed_between_the_customer_and_everybody():
    # Fader, Hardie (2013): w m + (1 - w) p v / (q - 1), w = p x / (p x + q - 1).
    w = 12.5 / (12.5 + 2.74)
    expected = w * 22.35 + (1 - w) * 6.25 * 15.45 / 2.74
    found = CATALOGUE["CLV_SPEND"](CUSTOMERS, MODEL)
    assert found[1][0] == pytest.approx(expected)
    assert found[2][0] == pytest.approx(6.25 * 15.45 / 2.74)


def test_value_is_margin_times_spend_times_discounted_purchases():
    spend, dert = CATALOGUE["CLV_SPEND"](CUSTOMERS, MODEL), CATALOGUE["CLV_DERT"](CUSTOMERS, MODEL, 0.15)
    value = CATALOGUE["CLV_SCORE"](CUSTOMERS, MODEL, None, 0.15, 0.3)
    for row in (1, 2, 3):
        assert value[row][0] == pytest.approx(0.3 * spend[row][0] * dert[row][0])


def test_a_longer_horizon_is_worth_more_and_never_more_than_the_whole_life():
    values = [CATALOGUE["CLV_SCORE"](CUSTOMERS, MODEL, years, 0.1)[1][0] for years in (1, 5, 50, None)]
    assert values == sorted(values)


@SCORES
def test_rows_stay_in_their_order_beside_the_table(name):
    found = call(name, CUSTOMERS)
    assert len(found) == len(CUSTOMERS)
    backwards = call(name, (HEADER, *CUSTOMERS[:0:-1]))
    if name != "CLV_INTERVAL":  # draws belong to places, not to customers
        assert backwards == [found[0], *found[:0:-1]]


@SCORES
def test_columns_are_found_by_name_in_any_order_and_spelling(name):
    shuffled = [(row[4], "x", row[3], row[1], row[0], row[2]) for row in CUSTOMERS]
    shuffled[0] = ("Monetary Value", "Shoe size", "T", "Frequency", "Customer ID", "Recency")
    assert call(name, shuffled) == call(name, CUSTOMERS)


@SCORES
def test_without_a_header_columns_are_read_by_position_and_the_result_has_none(name):
    assert call(name, CUSTOMERS[1:]) == call(name, CUSTOMERS)[1:]


@SCORES
@pytest.mark.parametrize("column", range(5))
@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!"])
def test_an_error_in_a_row_touches_only_the_result_of_that_row(name, column, error):
    found, before = call(name, changed(2, column, error)), call(name, CUSTOMERS)
    assert found[2] == [error] * len(before[2])
    if name == "CLV_INTERVAL":  # drawn anew for fewer customers
        assert all(isinstance(cell, float) for row in (1, 3) for cell in found[row])
    else:
        assert [found[0], found[1], found[3]] == [before[0], before[1], before[3]]


@SCORES
@pytest.mark.parametrize(
    ("column", "cell", "error"),
    [
        (1, None, "#VALUE!"),
        (1, "two", "#VALUE!"),
        (1, True, "#VALUE!"),
        (1, -1, "#NUM!"),
        (1, 1.5, "#NUM!"),
        (2, -1, "#NUM!"),
        (2, 3.0, "#NUM!"),  # recency without a repeat purchase
        (1, 2, "#NUM!"),  # repeat purchases without time between them
        (3, "old", "#VALUE!"),
        (4, "much", "#VALUE!"),
        (4, -5.0, "#NUM!"),
    ],
)
def test_a_bad_row_is_an_error_in_that_row(name, column, cell, error):
    found = call(name, changed(2, column, cell))
    assert found[2] == [error] * len(found[2])
    assert all(isinstance(cell, float) for row in (1, 3) for cell in found[row])


@SCORES
def test_recency_beyond_age_is_an_error_in_that_row(name):
    found = call(name, changed(1, 2, 41.2))
    assert found[1] == ["#NUM!"] * len(found[1])


@SCORES
def test_an_error_comes_before_any_other_fault_of_its_row(name):
    found = call(name, (*CUSTOMERS, ("Dan", "two", -3, "#DIV/0!", None)))
    assert found[4] == ["#DIV/0!"] * len(found[0])


@SCORES
def test_a_blank_row_has_a_blank_result(name):
    found = call(name, [*CUSTOMERS, (None, "", None, None, None)])
    assert found[:4] == call(name, CUSTOMERS)
    assert found[4] == [None] * len(found[0])


@SCORES
def test_when_no_row_is_a_history_every_row_says_so(name):
    width = len(call(name, CUSTOMERS)[0])
    assert call(name, (HEADER, ("a", -1, 0, 3, None)))[1:] == [["#NUM!"] * width]
    assert CATALOGUE[name]((HEADER, ("a", -1, 0, 3, None))) == [["#N/A"]]


@SCORES
def test_a_log_is_scored_with_its_customers_named(name):
    found = call(name, examples.LOG)
    assert [row[0] for row in found] == ["customer_id", "Ann", "Bob", "Cem"]
    rfm = CATALOGUE["CLV_RFM"](examples.LOG)
    assert [row[1:] for row in found] == call(name, rfm)


@SCORES
def test_a_log_without_a_header_is_known_by_its_dates(name):
    found = call(name, [("Ann", 45300, 20), ("Ann", 45314, 30), ("Bob", 45321, 10), ("Bob", 45384, 10)])
    assert [row[0] for row in found] == ["Ann", "Bob"]


def test_a_log_is_counted_in_the_period_and_up_to_the_observation_end_of_the_model():
    daily = (*((term, value * 7 if term == "alpha" else value) for term, value in examples.BGNBD), ("period", "day"))
    ended = (*daily, ("observation_end", "2024-06-28"))
    found = CATALOGUE["CLV_P_ALIVE"](examples.LOG, ended)
    weekly = CATALOGUE["CLV_P_ALIVE"](CATALOGUE["CLV_RFM"](examples.LOG, "2024-06-28"), examples.BGNBD)
    assert [row[1] for row in found[1:]] == pytest.approx([row[0] for row in weekly[1:]])


@pytest.mark.parametrize("model", [None, "auto", "pareto/nbd", "MBG-NBD"])
def test_a_model_left_out_or_named_is_fitted_on_these_customers(model):
    fitted = CATALOGUE["CLV_FIT"](examples.REPEAT_BUYERS, model)
    assert CATALOGUE["CLV_SCORE"](examples.REPEAT_BUYERS, model) == CATALOGUE["CLV_SCORE"](
        examples.REPEAT_BUYERS, fitted
    )


@pytest.mark.parametrize(
    "model",
    [
        (("term", "value"), *MODEL),
        tuple(reversed(MODEL)),
        (*MODEL, (None, None)),
        [(*row, "x", 1) for row in MODEL],
        [(term.upper(), str(value)) for term, value in MODEL],
        (*MODEL, ("note", "one"), ("note", "two")),
    ],
)
def test_a_model_typed_by_hand_may_stand_in_any_order_with_more_beside_it(model):
    assert CATALOGUE["CLV_SCORE"](CUSTOMERS, model) == CATALOGUE["CLV_SCORE"](CUSTOMERS, MODEL)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((0,), "#NUM!"),
        ((-1,), "#NUM!"),
        (("soon",), "#VALUE!"),
        ((1, 15), "#NUM!"),  # 15 % typed as 15
        ((1, -1), "#NUM!"),
        ((1, 0.1, 30), "#NUM!"),  # 30 % typed as 30
        ((1, 0.1, "#N/A"), "#N/A"),
        ((None, 0.0), "#NUM!"),  # without discount and end, value is infinite (a <= 1)
    ],
)
def test_a_bad_argument_is_one_error(arguments, error):
    assert CATALOGUE["CLV_SCORE"](CUSTOMERS, MODEL, *arguments) == [[error]]


def test_an_interval_holds_most_of_what_is_drawn_and_widens_with_the_level():
    narrow = CATALOGUE["CLV_INTERVAL"](CUSTOMERS, MODEL, None, 0.1, 1, 0.5, "latent, outcome")
    wide = CATALOGUE["CLV_INTERVAL"](CUSTOMERS, MODEL, None, 0.1, 1, 0.95, "latent, outcome")
    assert wide[0] == ["lower", "upper"]
    for (low, high), (lowest, highest) in zip(narrow[1:], wide[1:], strict=True):
        assert lowest <= low <= high <= highest


@pytest.mark.parametrize(
    "layers",
    ["all", "parameters, latent, outcome", "Parameters; latent; outcome", [["parameters"], ["latent"], ["outcome"]]],
)
def test_layers_are_named_in_one_cell_or_several(layers):
    table = examples.REPEAT_BUYERS
    model = CATALOGUE["CLV_FIT"](table, "MBG/NBD", "none")
    assert CATALOGUE["CLV_INTERVAL"](table, model, 1, 0.1, 1, 0.9, layers) == CATALOGUE["CLV_INTERVAL"](
        table, model, 1, 0.1, 1, 0.9
    )


def test_outcome_without_latent_makes_no_sense():
    assert CATALOGUE["CLV_INTERVAL"](CUSTOMERS, MODEL, 1, 0.1, 1, 0.9, "outcome") == [["#VALUE!"]]


def test_the_ladder_of_a_new_customer_is_that_of_the_analysis():
    found = CATALOGUE["CLV_NEW"](MODEL, None, 0.15, 0.3)
    ladder = scores.new_customer(from_table(MODEL), 0.15, 0.3)
    assert [row[0] for row in found[1:]] == ["for ever", 1.0, 2.0, 3.0, 5.0, 10.0, "for ever"]
    wanted = zip(ladder["discounted_purchases"], ladder["value"], ladder["share"], strict=True)
    for row, step in zip(found[2:], wanted, strict=True):
        assert row[1:4] == pytest.approx(step)
    assert found[1][:4] == found[-1][:4]
    lower, upper = found[1][4:]
    assert lower < found[1][2] < upper


def test_a_new_cdnow_customer_makes_the_published_purchases():
    # MODELS.md: 3.964 discounted expected purchases at 15 % (delta = ln(1.15)/52) under Pareto/NBD, 35 % of them in the
    # first year, 76 % in five, 91 % in ten.
    rate = 1.15 ** (365.25 / 7 / 52) - 1
    rows = CATALOGUE["CLV_NEW"]((*PARETO,), None, rate)
    assert rows[1][1] == pytest.approx(3.964, abs=2e-3)
    assert [rows[i][3] for i in (2, 5, 6)] == pytest.approx([0.35, 0.76, 0.91], abs=6e-3)


def test_a_new_customer_over_a_horizon_without_discount_has_no_value_for_ever():
    rows = CATALOGUE["CLV_NEW"](MODEL, 3, 0.0)
    assert rows[1][:2] == rows[4][:2]
    assert rows[-1] == ["for ever", "#NUM!", "#NUM!", "#NUM!", None, None]


def test_a_new_customer_needs_a_model_in_cells():
    assert CATALOGUE["CLV_NEW"]() == [["#N/A"]]
    assert CATALOGUE["CLV_NEW"]("BG/NBD") == [["#N/A"]]


def test_a_model_without_spend_counts_purchases():
    assert CATALOGUE["CLV_SPEND"](CUSTOMERS, examples.BGNBD)[1:] == [[1.0], [1.0], [1.0]]
    assert CATALOGUE["CLV_SCORE"](CUSTOMERS, examples.BGNBD)[1:] == CATALOGUE["CLV_DERT"](CUSTOMERS, MODEL)[1:]
