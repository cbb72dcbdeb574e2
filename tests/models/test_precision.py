"""Every closed form and quadrature against mpmath at 30 digits: references.json, made by references.py."""

import json
from pathlib import Path

import numpy as np
import pytest

from pyfuncs.models.estimation import PURCHASE_MODELS

from .conftest import one

REFERENCES = json.loads(Path(__file__).with_name("references.json").read_text(encoding="utf-8"))
RELATIVE = 5e-12  # the worst of all cases is 1.7e-12, where a double in an exponent of some 5,000 has no more to give
QUANTITIES = (
    "log_likelihood",
    "p_alive",
    "expected_purchases",
    "discounted_to_t",
    "discounted",
    "p_no_purchase",
    "probability_of_count",
)


def evaluate(model, quantity, case):
    history = one(case["x"], case["t_x"], case["T"])
    if quantity == "expected_purchases":
        return model.expected_purchases(case["t"], *history)[0]
    if quantity == "discounted_to_t":
        return model.discounted_purchases(case["delta"], *history, case["t"])[0]
    if quantity == "discounted":
        return model.discounted_purchases(case["delta"], *history)[0]
    if quantity == "p_no_purchase":
        return model.p_no_purchase(case["t"], *history)[0]
    if quantity == "probability_of_count":
        return model.probability_of_count(*one(case["n"], case["t"]))[0, 0]
    return getattr(model, quantity)(*history)[0]


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_agrees_with_mpmath_on_every_case(name, quantity):
    cases = [c for c in REFERENCES[name] if quantity in c["values"]]
    found = np.array([evaluate(PURCHASE_MODELS[name](*c["parameters"]), quantity, c["case"]) for c in cases])
    expected = np.array([c["values"][quantity] for c in cases])
    assert len(cases) >= 80
    # 1e-290: below, a double keeps fewer digits or none; the error of a log-likelihood near 0 is that of the likelihood
    absolute = 1e-14 if quantity == "log_likelihood" else 1e-290
    assert found == pytest.approx(expected, rel=RELATIVE, abs=absolute)
