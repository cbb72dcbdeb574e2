"""The model as a table: nothing is lost on the way to cells and back, and a typed table is read with good will."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfuncs.analysis import fitting
from pyfuncs.analysis.model_table import NOTES, TABLE_COLUMNS, Fitted, MeanSpend, from_table, model_name, to_table
from pyfuncs.errors import InputError
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.mbgnbd import MBGNBD
from pyfuncs.models.pareto_nbd import ParetoNBD

END = dt.date(1997, 9, 30)
TYPED = [("model", "BG/NBD"), ("r", 0.243), ("alpha", 4.414), ("a", 0.793), ("b", 2.426)]
parameters = st.floats(1e-6, 1e6)


@pytest.fixture(scope="module")
def fitted(cdnow_customers):
    return fitting.fit(cdnow_customers, "BG/NBD", observation_end=END)


def test_the_table_of_cdnow_has_the_published_values_in_a_fixed_order(fitted):
    table = to_table(fitted)
    assert list(table.columns) == TABLE_COLUMNS
    assert " ".join(table["term"]) == (
        "model period observation_end customers r alpha a b p q v spend_customers frequency_spend_correlation "
        "log_likelihood aic bic spend_log_likelihood convergence"
    )
    value = table.set_index("term")["value"]
    # Fader, Hardie & Lee (2005), table 2; Fader & Hardie, note 025; correlation: shared/notes/field.md 3.3
    assert value[["r", "alpha", "a", "b"]].astype(float).round(3).tolist() == [0.243, 4.414, 0.793, 2.426]
    assert value[["p", "q", "v"]].astype(float).round(2).tolist() == [6.25, 3.74, 15.44]
    assert value["log_likelihood"] == pytest.approx(-9582.42921, abs=1e-4)
    assert value["aic"] == pytest.approx(8 + 2 * 9582.42921, abs=1e-3)
    assert value["bic"] == pytest.approx(4 * np.log(2357) + 2 * 9582.42921, abs=1e-3)
    assert (value["customers"], value["spend_customers"]) == (2357, 946)
    assert value["frequency_spend_correlation"] == pytest.approx(
        0.114, abs=1e-3
    )  # lifetimes' own documentation: 0.1139
    assert value["observation_end"] == END


def test_the_interval_is_taken_on_the_logarithm_and_holds_the_value(fitted):
    rows = to_table(fitted).set_index("term").loc[["r", "alpha", "a", "b", "p", "q", "v"]].astype(float)
    assert (rows["lower"] > 0).all()
    assert (np.sqrt(rows["lower"] * rows["upper"])).to_numpy() == pytest.approx(rows["value"].to_numpy())
    log_error = np.log(rows["upper"] / rows["lower"]) / 2 / 1.959964
    assert (log_error * rows["value"]).to_numpy() == pytest.approx(rows["standard_error"].to_numpy(), rel=1e-6)


def test_a_fitted_model_returns_from_its_table_without_loss(fitted):
    back = from_table(to_table(fitted).itertuples(index=False))
    assert (back.purchases, back.spend, back.period, back.observation_end) == (
        fitted.purchases,
        fitted.spend,
        fitted.period,
        fitted.observation_end,
    )
    assert back.purchase_fit is None


@given(
    st.sampled_from([BGNBD, MBGNBD, ParetoNBD]),
    st.tuples(parameters, parameters, parameters, parameters),
    st.one_of(st.none(), st.builds(MeanSpend, parameters), st.builds(GammaGamma, parameters, parameters, parameters)),
    st.sampled_from(["day", "week", "month"]),
    st.one_of(st.none(), st.dates(dt.date(1900, 3, 1))),
    st.randoms(),
)
def test_any_model_returns_from_its_rows_in_any_order(model, values, spend, period, end, random):
    rows = list(to_table(Fitted(model(*values), spend, period, end)).itertuples(index=False))
    random.shuffle(rows)
    back = from_table(rows)
    assert (back.purchases, back.spend, back.period, back.observation_end) == (model(*values), spend, period, end)


def test_a_model_and_its_parameters_are_enough():
    fitted = from_table(TYPED)
    assert fitted.purchases == BGNBD(0.243, 4.414, 0.793, 2.426)
    assert (fitted.spend, fitted.period, fitted.observation_end, fitted.purchase_fit) == (None, "week", None, None)


def test_case_spaces_headers_blanks_and_text_numbers_are_forgiven():
    rows = [("Term", "Value"), ("MODEL", " pareto/nbd "), ("R", "0.55"), ("Alpha", 10), (" s ", 0.6), ("BETA", 11.7)]
    rows += [("Period", "Month"), ("Spend mean", 30), (None, None), ("", 5), ("q", None), ("Log-likelihood", -9595.0)]
    fitted = from_table(rows)
    assert fitted.purchases == ParetoNBD(0.55, 10.0, 0.6, 11.7)
    assert (fitted.spend, fitted.period) == (MeanSpend(30.0), "month")


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("bgnbd", "BG/NBD"),
        ("BG/NBD", "BG/NBD"),
        ("bg-nbd", "BG/NBD"),
        ("Mbg NBD", "MBG/NBD"),
        ("Pareto/NBD", "Pareto/NBD"),
        ("pareto_nbd", "Pareto/NBD"),
        ("PNBD", "Pareto/NBD"),
    ],
)
def test_the_usual_spellings_of_a_model_are_understood(spelling, name):
    assert model_name(spelling) == name


@pytest.mark.parametrize(
    "end", [END, dt.datetime(1997, 9, 30, 8), pd.Timestamp(END), "1997-09-30", "1997-09-30T00:00:00", 35703, 35703.5]
)
def test_the_observation_end_is_read_from_dates_texts_and_excel_numbers(end):
    assert from_table([*TYPED, ("observation_end", end)]).observation_end == END


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (TYPED[1:], "model: missing"),
        ([("model", "BG/BB"), *TYPED[1:]], "beta: missing; BG/BB needs alpha beta gamma delta"),
        ([("model", "Poisson"), *TYPED[1:]], "'Poisson' is not a model"),
        (TYPED[:-1], "b: missing; BG/NBD needs r alpha a b"),
        ([*TYPED[:-1], ("b", 0)], "b: 0 is not a number above 0"),
        ([*TYPED[:-1], ("b", -2.4)], "b: -2.4 is not"),
        ([*TYPED[:-1], ("b", "many")], "b: 'many' is not"),
        ([*TYPED[:-1], ("b", True)], "b: True is not"),
        ([*TYPED[:-1], ("b", np.inf)], "b: inf is not"),
        ([*TYPED, ("b", 2.4)], "b: given twice"),
        ([*TYPED, ("beta", 2.4)], "beta: not a term of this model; BG/NBD takes r, alpha, a, b"),
        ([*TYPED, ("p", 6.25), ("q", 3.74)], "v: missing; Gamma-Gamma needs p q v"),
        ([*TYPED, ("spend_mean", 30), ("p", 6.25)], "p: not a term"),
        ([*TYPED, ("period", "fortnight")], "period: 'fortnight'"),
        ([*TYPED, ("observation_end", "soon")], "observation_end: 'soon'"),
        ([*TYPED, ("observation_end", 1e12)], "observation_end"),
        ([("model",)], "two columns"),
    ],
)
def test_a_table_that_is_no_model_names_the_term(rows, says):
    with pytest.raises(InputError, match=says):
        from_table(rows)


def test_a_typed_model_has_a_table_of_the_same_terms_with_blanks():
    table = to_table(from_table(TYPED))
    blank = table[table["value"].isna()]["term"].tolist()
    assert set(blank) == {"observation_end", *NOTES}
    assert table["standard_error"].isna().all()


def test_the_mean_spend_knows_no_customers():
    spend = MeanSpend(12.5)
    assert spend.expected_spend(np.array([0.0, 9.0]), np.array([0.0, 99.0])).tolist() == [12.5, 12.5]
    assert spend.draw_mean_spend(np.random.default_rng(1), np.zeros(2), np.zeros(2)).tolist() == [12.5, 12.5]
