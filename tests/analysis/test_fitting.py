"""Fitting: the published fits, the stated rule of choice, and plain words where data are thin."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from pyfuncs.analysis import fitting
from pyfuncs.analysis.fitting import CORRELATION_LIMIT, RULE, compare, fit, frequency_fit
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.model_table import MeanSpend
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.mbgnbd import MBGNBD

# shared/data/README.md, CDNOW sample in weeks
LOG_LIKELIHOOD = {"BG/NBD": -9582.42921, "MBG/NBD": -9582.13572, "Pareto/NBD": -9594.97618}


@pytest.fixture(scope="module")
def automatic(cdnow_customers):
    return fit(cdnow_customers, observation_end=dt.date(1997, 9, 30))


@pytest.fixture(scope="module")
def comparison(cdnow_customers):
    return compare(cdnow_customers).set_index("model")


def simulated(n, seed, buyers=1.0):
    """A population that buys at gamma rates without end, a share of it only once."""
    rng = np.random.default_rng(seed)
    age = rng.integers(7, 200, n) / 7
    rate = np.where(rng.random(n) < buyers, rng.gamma(2.0, 0.1, n), 0.0)
    count = rng.poisson(rate * age).astype(float)
    last = np.where(count > 0, age * rng.random(n) ** (1 / np.maximum(count, 1)), 0.0)
    return pd.DataFrame({"frequency": count, "recency": last, "T": age})


def test_automatic_choice_takes_the_highest_likelihood_on_cdnow(automatic):
    assert isinstance(automatic.purchases, MBGNBD)
    assert automatic.purchase_fit.log_likelihood == pytest.approx(LOG_LIKELIHOOD["MBG/NBD"], abs=1e-4)
    assert isinstance(automatic.spend, GammaGamma)
    assert (automatic.period, automatic.observation_end) == ("week", dt.date(1997, 9, 30))
    assert automatic.purchase_fit.customers == 2357
    assert automatic.spend_fit.customers == 946


def test_the_statements_report_both_fits_and_the_correlation(automatic):
    purchases, spend, correlation = automatic.statements
    assert purchases == automatic.purchase_fit.statement
    assert spend == automatic.spend_fit.statement
    assert "946 repeat buyers" in correlation
    assert not correlation.startswith("Warning")


def test_the_comparison_has_the_reference_likelihoods_and_one_choice(comparison):
    for name, log_likelihood in LOG_LIKELIHOOD.items():
        row = comparison.loc[name]
        assert row["log_likelihood"] == pytest.approx(log_likelihood, abs=1e-4)
        assert row["aic"] == pytest.approx(8 - 2 * log_likelihood, abs=1e-3)
        assert row["bic"] == pytest.approx(4 * np.log(2357) - 2 * log_likelihood, abs=1e-3)
        assert row["converged"]
    assert comparison.index[comparison["chosen"]].tolist() == ["MBG/NBD"]
    columns = "log_likelihood aic bic expected_repeat_buyers actual_repeat_buyers converged statement chosen"
    assert " ".join(comparison.columns) == columns
    assert "highest log-likelihood" in RULE


def test_expected_repeat_buyers_are_near_the_946_there_are(comparison, cdnow_customers):
    assert (comparison["actual_repeat_buyers"] == 946).all()
    assert comparison["expected_repeat_buyers"].to_numpy() == pytest.approx(946, rel=0.03)
    some = cdnow_customers.iloc[::12]
    fitted = fit(some, "Pareto/NBD", "none")
    one_by_one = sum(1 - fitted.purchases.probability_of_count(np.zeros(1), np.array([age]))[0, 0] for age in some["T"])
    expected = compare(some).set_index("model")["expected_repeat_buyers"]
    assert expected["Pareto/NBD"] == pytest.approx(one_by_one)


def test_purchase_counts_are_fitted_as_in_the_paper(automatic, cdnow_customers):
    """Fader, Hardie & Lee (2005), figure 3: 1,411 customers bought nothing more, 439 once, 214 twice."""
    table = frequency_fit(automatic, cdnow_customers)
    assert table["purchases"].tolist() == ["0", "1", "2", "3", "4", "5", "6", "7+"]
    assert table["actual"].tolist()[:3] == [1411, 439, 214]
    assert table["actual"].sum() == 2357
    assert table["expected"].sum() == pytest.approx(2357)
    short = frequency_fit(automatic, cdnow_customers, top=1)
    assert short["expected"].tolist() == pytest.approx([table["expected"][0], 2357 - table["expected"][0]])
    with pytest.raises(InputError, match="top"):
        frequency_fit(automatic, cdnow_customers, top=0)


@pytest.mark.parametrize(("model", "chi_square"), [("BG/NBD", 4.82), ("Pareto/NBD", 11.99)])
def test_the_fit_of_the_counts_has_the_chi_square_of_the_paper(model, chi_square, cdnow_customers):
    """Fader, Hardie & Lee (2005), section 4: eight cells, 0 to 7+."""
    table = frequency_fit(fit(cdnow_customers, model, "none"), cdnow_customers)
    assert ((table["actual"] - table["expected"]) ** 2 / table["expected"]).sum() == pytest.approx(chi_square, abs=5e-3)


def test_a_named_model_is_fitted_whatever_its_spelling(cdnow_customers):
    assert fit(cdnow_customers, "bg-nbd", "MEAN").purchases.name == "BG/NBD"
    with pytest.raises(InputError, match="'gompertz' is not a model"):
        fit(cdnow_customers, "gompertz")


def test_the_mean_spend_is_per_repeat_purchase_and_says_why(cdnow_customers):
    fitted = fit(cdnow_customers, "BG/NBD", "mean")
    spent = (cdnow_customers["frequency"] * cdnow_customers["monetary_value"]).sum()
    assert fitted.spend.mean == pytest.approx(spent / cdnow_customers["frequency"].sum())
    assert fitted.spend_fit is None
    assert "was asked for" in fitted.statements[1]


def test_too_few_spenders_get_the_mean_and_are_told(cdnow_customers):
    repeat = cdnow_customers[cdnow_customers["frequency"] > 0]
    few = pd.concat([repeat.head(9), cdnow_customers[cdnow_customers["frequency"] == 0].head(9)])
    spend, spend_fit, (sentence,) = fitting._fit_spend_model(few, "auto")
    assert isinstance(spend, MeanSpend)
    assert spend_fit is None
    assert "9 repeat buyers have an amount, and the Gamma-Gamma model needs 10" in sentence


def test_equal_spenders_cannot_be_told_apart_and_get_the_mean(cdnow_customers):
    flat = cdnow_customers.assign(monetary_value=cdnow_customers["monetary_value"].where(lambda m: m.isna(), 20.0))
    fitted = fit(flat, "BG/NBD")
    assert isinstance(fitted.spend, MeanSpend)
    assert fitted.spend.mean == pytest.approx(20)
    assert np.isnan(fitted.frequency_spend_correlation)


def test_without_amounts_purchases_count_one(cdnow_customers):
    for customers in (cdnow_customers.drop(columns="monetary_value"), cdnow_customers.assign(monetary_value=np.nan)):
        fitted = fit(customers, "BG/NBD")
        assert fitted.spend is None
        assert "every purchase counts as 1" in fitted.statements[1]
        with pytest.raises(InsufficientDataError, match="spend_model"):
            fit(customers, "BG/NBD", "gamma-gamma")
    assert fit(cdnow_customers, "BG/NBD", "none").spend is None


def test_spend_that_goes_with_frequency_is_warned_of(cdnow_customers):
    biased = cdnow_customers.assign(
        monetary_value=cdnow_customers["monetary_value"] + 20 * cdnow_customers["frequency"]
    )
    fitted = fit(biased, "BG/NBD", "mean")
    assert fitted.frequency_spend_correlation > CORRELATION_LIMIT
    assert fitted.statements[-1].startswith("Warning: frequency and mean spend correlate +0.")


def test_customers_who_never_drop_out_put_a_model_on_its_bound_and_are_told():
    table = compare(simulated(1500, seed=4)).set_index("model")
    assert not table["statement"].eq(table["statement"].iloc[0]).all()
    sound = [name for name in table.index if "bound" not in table.loc[name, "statement"].lower()]
    chosen = table.index[table["chosen"]][0]
    assert not sound or chosen in sound
    pool = table.loc[sound] if sound else table
    assert table.loc[chosen, "log_likelihood"] == pool["log_likelihood"].max()


def test_nobody_who_bought_twice_is_not_enough():
    once = pd.DataFrame({"frequency": [0.0] * 20, "recency": [0.0] * 20, "T": np.linspace(1, 30, 20)})
    for call in (lambda: fit(once), lambda: fit(once, "BG/NBD"), lambda: compare(once)):
        with pytest.raises(InsufficientDataError):
            call()


def test_unknown_words_are_refused(cdnow_customers):
    with pytest.raises(InputError, match="spend_model: 'median'"):
        fit(cdnow_customers, "BG/NBD", "median")
    with pytest.raises(InputError, match="period"):
        fit(cdnow_customers, "BG/NBD", period="year")


def test_the_period_of_the_fit_changes_no_prediction(cdnow_sample):
    weekly = fit(histories(cdnow_sample, "week"), "BG/NBD", period="week")
    monthly = fit(histories(cdnow_sample, "month"), "BG/NBD", period="month")
    assert monthly.purchases.r == pytest.approx(weekly.purchases.r, rel=1e-4)
    assert monthly.purchases.alpha * 365.25 / 12 == pytest.approx(weekly.purchases.alpha * 7, rel=1e-4)
