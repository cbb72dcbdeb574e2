"""Covariates as people give them: kinds of columns, the table of effects, and sentences."""

import numpy as np
import pytest

from pyfuncs.analysis.covariates import BOTH, COLUMNS, EVERY, design, effects
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.models.estimation import fit_purchases

GENDER, CHANNEL = "gender", "channel: store (against web)"


def some_customers(seed=13, n=600):
    """Customers of a shop with gender and channel, of which stores bring the quicker buyers who leave sooner."""
    rng = np.random.default_rng(seed)
    gender = (rng.random(n) < 0.5).astype(float)
    channel = np.where(rng.random(n) < 0.38, "store", "web").astype(object)
    store = channel == "store"
    T = rng.uniform(92.0, 104.0, n)
    rate = rng.gamma(1.8, 1.0 / 90.0, n) * np.exp(0.3 * gender + 0.6 * store)
    until = np.minimum(rng.exponential(1.0 / (rng.gamma(1.2, 1.0 / 120.0, n) * np.exp(0.8 * store))), T)
    x = rng.poisson(rate * until).astype(float)
    t_x = np.where(x > 0, until * rng.random(n) ** (1.0 / np.maximum(x, 1.0)), 0.0)
    return {"frequency": x, "recency": t_x, "T": T}, {"gender": gender, "channel": channel}


@pytest.fixture(scope="module", params=["Pareto/NBD", "BG/NBD"])
def found(request):
    return request.param, effects(*some_customers(), request.param)


def rows(result):
    return list(zip(*(result.table[column] for column in ("covariate", "process")), strict=True))


def figure(result, covariate, process, column):
    return result.table[column][rows(result).index((covariate, process))]


def test_a_row_per_covariate_and_process_and_tests_of_both(found):
    name, result = found
    assert tuple(result.table) == COLUMNS
    expected = [(GENDER, "purchase"), (GENDER, "dropout"), ("gender", BOTH)]
    expected += [(CHANNEL, "purchase"), (CHANNEL, "dropout"), ("channel", BOTH), (EVERY, BOTH)]
    assert rows(result) == expected
    assert result.fit.model.base.name == name


def test_the_figures_of_a_row_belong_together(found):
    _, result = found
    for covariate in (GENDER, CHANNEL):
        for process in ("purchase", "dropout"):
            value, error, lower, upper, z = (
                figure(result, covariate, process, column)
                for column in ("coefficient", "standard_error", "lower", "upper", "z")
            )
            assert (lower + upper) / 2 == pytest.approx(value)
            assert (upper - lower) / error == pytest.approx(3.919928, rel=1e-6)
            assert z == pytest.approx(value / error)
            p_value = figure(result, covariate, process, "p_value")
            assert figure(result, covariate, process, "lr_p_value") == pytest.approx(p_value, rel=0.5, abs=0.02)
    assert figure(result, EVERY, BOTH, "lr_statistic") == result.fit.overall.statistic
    assert figure(result, "channel", BOTH, "coefficient") is None


def test_planted_effects_are_significant_and_said_in_words(found):
    name, result = found
    assert figure(result, CHANNEL, "purchase", "lr_p_value") < 0.01
    assert figure(result, EVERY, BOTH, "lr_p_value") < 1e-3
    factor = np.exp(figure(result, CHANNEL, "purchase", "coefficient"))
    assert figure(result, CHANNEL, "purchase", "effect") == f"x {factor:.3g} purchase rate"
    factor = np.exp(figure(result, CHANNEL, "dropout", "coefficient"))
    words = (
        f"dropout rate, so x {1 / factor:.3g} lifetime" if name[0] == "P" else "odds of dropping out after a purchase"
    )
    assert figure(result, CHANNEL, "dropout", "effect") == f"x {factor:.3g} {words}"


def test_notes_compare_with_the_fit_without_and_warn_of_few_buyers(found):
    name, result = found
    assert result.notes[0].startswith(f"{name} on 600 customers: log-likelihood")
    assert f"{result.fit.without.log_likelihood:,.2f} without" in result.notes[0]
    assert result.notes[1].startswith("A customer with average covariates has r ")
    assert len(result.notes) == 2
    customers, covariates = some_customers(n=70)
    few = effects(customers, {"gender": covariates["gender"]}, name)
    assert few.notes[-1].endswith("10 for each of 6 parameters, errors and tests are rough.")


def test_auto_takes_the_model_that_fits_better_without_covariates():
    customers, covariates = some_customers()
    result = effects(customers, covariates)
    history = customers["frequency"], customers["recency"], customers["T"]
    likelihoods = {name: fit_purchases(name, *history).log_likelihood for name in ("Pareto/NBD", "BG/NBD")}
    better = max(likelihoods, key=likelihoods.get)
    assert result.fit.model.base.name == better
    assert f"{better} was chosen among Pareto/NBD and BG/NBD by its fit without covariates." in result.notes


def test_a_number_is_said_from_its_lower_to_its_upper_tenth():
    customers, _ = some_customers()
    age = 20.0 + np.arange(600) % 41
    result = effects(customers, {"age": age}, "BG/NBD")
    factor = np.exp(40 * 0.8 * figure(result, "age", "purchase", "coefficient"))
    assert figure(result, "age", "purchase", "effect") == f"x {factor:.3g} purchase rate at 56 against 24"


def test_a_category_is_taken_level_by_level_against_the_most_frequent_and_blanks_are_a_level():
    made = design({"age": [20.5, 30.0, 40.0, 50.0, 60.0], "shop": ["B", "A", "", "B", " A "]})
    assert made.names == ("age", "shop: B (against A)", "shop: missing (against A)")
    assert made.columns == {"age": [0], "shop": [1, 2]}
    assert made.z[:, 1].tolist() == [1.0, 0.0, 0.0, 1.0, 0.0]
    assert made.z[:, 2].tolist() == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_a_category_with_several_levels_is_tested_as_a_whole():
    customers, covariates = some_customers()
    region = np.array(["north", "south", "east"], dtype=object)[np.arange(600) % 3]
    result = effects(customers, {"region": region, "gender": covariates["gender"]}, "BG/NBD")
    names = ["region: north (against east)", "region: south (against east)"]
    assert [covariate for covariate, process in rows(result) if process == "dropout"] == [*names, "gender"]
    alone = effects(customers, {"gender": covariates["gender"]}, "BG/NBD")
    lost = 2 * (result.fit.log_likelihood - alone.fit.log_likelihood)
    assert figure(result, "region", BOTH, "lr_statistic") == pytest.approx(lost, abs=1e-4)
    assert result.fit.joint[0].degrees == 4


@pytest.mark.parametrize(
    ("covariates", "sentence"),
    [
        ({}, "there is no column but the customers' key"),
        ({"key": [f"K{i}" for i in range(600)]}, '"key": it has 600 levels, and 20 are the most'),
        ({"country": ["DE"] * 600}, '"country": it is "DE" for every customer; leave it out'),
        ({"age": np.full(600, 40.0)}, '"age": it is 40 for every customer'),
    ],
)
def test_what_is_no_covariate_is_refused_by_name(covariates, sentence):
    with pytest.raises(InputError, match=sentence):
        effects(some_customers()[0], covariates, "BG/NBD")


def test_a_level_nobody_of_which_bought_again_is_refused_by_name():
    customers, covariates = some_customers()
    silent = np.flatnonzero(customers["frequency"] == 0)[:5]
    covariates["channel"][silent] = "fax"
    with pytest.raises(InsufficientDataError, match=r'"channel: fax \(against web\)": none of the 5 customers'):
        effects(customers, covariates, "BG/NBD")
