"""Whether intervals hold as often as they say where dropout hardly shows: short histories of few customers."""

import numpy as np
import pytest

from pyfuncs.analysis.intervals import interval, total_interval, value_draws
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.models.estimation import fit_purchases
from pyfuncs.models.latent import Latent, among
from pyfuncs.models.mbgnbd import MBGNBD

TRUTH = MBGNBD(1.0, 10.0, 0.1, 3.0)
POPULATIONS = 60
CHOSEN = {"horizon": 3.0, "annual_discount_rate": 0.1}
DELTA, THREE_YEARS = np.log(1.1) / (365.25 / 7), 3 * 365.25 / 7


def population(rng, customers=400):
    """Histories of up to 39 weeks, and the discounted purchases of the three years after them."""
    age = rng.integers(1, 7 * 39, customers) / 7
    traits = TRUTH.draw_new(rng, customers)
    purchase, dropout = (among(traits.alive, each) for each in (traits.purchase_rate, traits.dropout_rate))
    life = np.where(traits.alive, rng.standard_exponential(customers) / np.where(traits.alive, dropout, 1.0), 0.0)
    seen = np.minimum(life, age)
    x = rng.poisson((purchase - dropout) * seen).astype(float)
    t_x = np.where(x > 0, seen * rng.random(customers) ** (1.0 / np.maximum(x, 1.0)), 0.0)
    last = traits.alive & (life <= age)  # customers leave with a purchase
    x, t_x = x + last, np.where(last, life, t_x)
    alive = life > age
    ahead = Latent(alive, purchase[alive], dropout[alive], dropout_is_purchase=True)
    outcome = among(alive, ahead.simulate(rng, DELTA, THREE_YEARS)[0])
    return {"frequency": x, "recency": t_x, "T": age}, outcome


@pytest.fixture(scope="module")
def found():
    """Of each population: bounds of the total and its outcome, and the share of customers inside theirs."""
    rows = []
    for seed in range(POPULATIONS):
        customers, outcome = population(np.random.default_rng([8, seed]))
        fit = fit_purchases(TRUTH.name, *customers.values())
        draws = value_draws(Fitted(fit.model, purchase_fit=fit), customers, **CHOSEN, draws=100, seed=seed)
        low, high = interval(draws)
        rows.append((*total_interval(draws), outcome.sum(), np.mean((outcome >= low) & (outcome <= high))))
    return np.array(rows).T


def test_nine_of_ten_populations_are_worth_what_their_interval_says(found):
    """Normal draws thinned by the likelihood held two in three, because they never went where fewer drop out."""
    low, high, outcome, _ = found
    assert 0.85 <= ((outcome >= low) & (outcome <= high)).mean() <= 0.97
    assert (outcome > high).mean() < 0.1
    assert (outcome < low).mean() < 0.1


def test_nine_of_ten_customers_are(found):
    assert 0.88 <= found[3].mean() <= 0.95
