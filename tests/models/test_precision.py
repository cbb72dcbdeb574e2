"""Every closed form, sum and quadrature against mpmath at 50 digits: 2,000 cases a model, made by references/make.py.

The ten cases of a set share parameters, horizon and rate, so they are answered as one batch.
"""

import csv
from functools import cache
from itertools import groupby
from operator import itemgetter

import mpmath as mp
import numpy as np
import pytest

from pyfuncs.models.dropout_mixture import beta_nodes
from pyfuncs.models.estimation import EVERY_PURCHASE_MODEL
from pyfuncs.models.gamma_gamma import GammaGamma

from .references import definitions, make
from .references.grid import PARAMETERS

MODELS = EVERY_PURCHASE_MODEL | {"Gamma-Gamma": GammaGamma}
# The worst of 2,000 cases lies between a quarter of its bound and the bound
RELATIVE = {"BG/NBD": 1e-12, "MBG/NBD": 1e-12, "Pareto/NBD": 5e-12, "BG/BB": 2e-11, "Gamma-Gamma": 2e-13}
WIDER = {
    ("BG/NBD", "probability_of_count"): 5e-12,  # exponents of thousands, in which a double has no more to give
    ("MBG/NBD", "probability_of_count"): 5e-12,
    ("BG/BB", "log_likelihood"): 1e-10,  # large logarithms of the dead and of the alive that cancel
}
# A log-likelihood near 0 is as good as the likelihood near 1; the smallest of other numbers have no digits in a double
ABSOLUTE = {"log_likelihood": 5e-14}
NO_DIGITS = 1e-290


@cache
def table(name):
    with make.path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def sets(name):
    """The sets of a model, each a dict of columns; nan where a case has no such quantity."""
    rows = table(name)
    shared = itemgetter(*PARAMETERS[name], *(["t", "rate"] if "t" in rows[0] else []))
    return [
        {key: np.array([float(row[key] or "nan") for row in group]) for key in rows[0]}
        for group in (list(group) for _, group in groupby(rows, shared))
    ]


def evaluate(name, quantity, case):
    model = MODELS[name](*(float(case[key][0]) for key in PARAMETERS[name]))
    if name == "Gamma-Gamma":
        return getattr(model, quantity)(case["x"], case["m"])
    history, t, rate = (case["x"], case["t_x"], case["T"]), float(case["t"][0]), float(case["rate"][0])
    if quantity == "discounted_to_t":
        return model.discounted_purchases(rate, *history, t)
    if quantity == "discounted":
        return model.discounted_purchases(rate, *history)
    if quantity == "probability_of_count":
        return model.probability_of_count(case["n"], np.array([t]))[:, 0]
    if quantity in ("expected_purchases", "p_no_purchase"):
        return getattr(model, quantity)(t, *history)
    return getattr(model, quantity)(*history)


@pytest.mark.parametrize(
    ("name", "quantity"),
    [(name, q) for name in MODELS for q in (make.SPEND_QUANTITIES if name == "Gamma-Gamma" else make.QUANTITIES)],
)
def test_agrees_with_mpmath_on_every_case(name, quantity):
    cases = 0
    for case in sets(name):
        there = ~np.isnan(case[quantity])
        if there.any():
            known = {key: column[there] for key, column in case.items()}
            found = evaluate(name, quantity, known)
            bound = WIDER.get((name, quantity), RELATIVE[name])
            assert found == pytest.approx(known[quantity], rel=bound, abs=ABSOLUTE.get(quantity, NO_DIGITS))
            cases += there.sum()
    assert cases >= 1800


@pytest.mark.parametrize("name", MODELS)
def test_the_table_is_what_the_script_makes(name):
    case = table(name)[42]
    inputs = [key for key in case if key not in make.QUANTITIES + make.SPEND_QUANTITIES]
    row = {key: int(case[key]) if case[key].isdigit() else float(case[key]) for key in inputs}
    with mp.workdps(make.DIGITS):
        found = {quantity: mp.nstr(value, 17) for quantity, value in make.evaluate(definitions, name, row).items()}
    assert found == {key: case[key] for key in found}
    assert len(found) == len(case) - len(inputs)


@pytest.mark.parametrize(
    ("name", "parameters", "T", "t", "expected"),
    [
        ("BG/NBD", (0.004318165668996355, 1657.053872650919, 1.2673526982321479e-06, 2.331896949092192e-05),
         13019.090059297903, 75.20771085434205, 2.2125459201054564e-5),
        ("BG/NBD", (0.00029365402090295224, 0.005724168923931506, 9.974704279142204e-06, 0.005724168923931506),
         0.0, 0.00884531397635395, 4.5345768510679895e-4),
        ("MBG/NBD", (6.108987730944444e-06, 0.00012059282328929629, 3.6203586143194405e-05, 0.00045596906790169465),
         4.638422263457664, 535280.4389523851, 0.65285593775410369),
    ],
)  # fmt: skip
def test_expected_purchases_at_tiny_parameters(name, parameters, T, t, expected):
    history = np.array([0.0]), np.array([0.0]), np.array([T])
    assert MODELS[name](*parameters).expected_purchases(t, *history)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("a", "b"), [(4000.0, 1e-4), (23000.0, 4e-3), (50.0, 1e-6)])
def test_the_mean_of_a_beta_distribution_that_leans_on_one(a, b):
    p, weight = beta_nodes(a, b, 1.0, 1.0)
    assert weight @ (1.0 - p) == pytest.approx(b / (a + b), rel=1e-7)  # what 1 - p has left of its digits
    assert weight @ p == pytest.approx(a / (a + b), rel=1e-14)
