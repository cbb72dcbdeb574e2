"""Numbers printed in the papers or recomputed independently (shared/design/MODELS.md, shared/data/README.md)."""

import math

import numpy as np
import pytest

from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.discounting import continuous_rate
from pyfuncs.models.estimation import fit_purchases, fit_spend
from pyfuncs.models.pareto_nbd import ParetoNBD

from .conftest import one

WEEKLY_15 = math.log(1.15) / 52
PARETO = ParetoNBD(0.553277, 10.57768, 0.606240, 11.66874)


def test_cdnow_histories_are_the_2357_customers_of_the_paper(cdnow):
    assert cdnow.x.size == 2357
    assert (cdnow.x > 0).sum() == 946


@pytest.mark.parametrize(
    ("name", "parameters", "log_likelihood"),
    [
        ("BG/NBD", (0.242595, 4.413603, 0.792922, 2.425906), -9582.42921),
        ("MBG/NBD", (0.524843, 6.183086, 0.891359, 1.614002), -9582.13572),
        ("Pareto/NBD", (0.553277, 10.57768, 0.606240, 11.66874), -9594.97618),
    ],
)
def test_cdnow_fit_has_the_reference_parameters_and_likelihood(cdnow, name, parameters, log_likelihood):
    fit = fit_purchases(name, cdnow.x, cdnow.t_x, cdnow.T)
    found = [getattr(fit.model, field) for field in fit.standard_errors]
    assert found == pytest.approx(parameters, rel=2e-6)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-4)
    assert fit.converged
    assert fit.boundary is None
    assert fit.gradient_norm < 1e-5


def test_cdnow_spend_fit_has_the_reference_parameters_and_likelihood(cdnow):
    fit = fit_spend(cdnow.x, cdnow.m)
    assert (fit.model.p, fit.model.q, fit.model.v) == pytest.approx((6.24935, 3.74426, 15.44431), rel=1e-4)
    assert fit.log_likelihood == pytest.approx(-4055.91769, abs=1e-4)
    assert fit.customers == 946


def test_the_papers_customer_under_bg_nbd():
    model = BGNBD(0.243, 4.414, 0.793, 2.426)  # Fader, Hardie & Lee 2005, section 5
    history = one(2, 30.43, 38.86)
    assert model.p_alive(*history)[0] == pytest.approx(0.7266, abs=5e-5)
    assert model.expected_purchases(39.0, *history)[0] == pytest.approx(1.226, abs=5e-4)


def test_the_papers_customer_under_pareto_nbd():
    history = one(2, 30.43, 38.86)
    assert PARETO.p_alive(*history)[0] == pytest.approx(0.8691, abs=5e-5)
    assert PARETO.expected_purchases(39.0, *history)[0] == pytest.approx(1.4551, abs=5e-5)
    assert PARETO.discounted_purchases(WEEKLY_15, *history)[0] == pytest.approx(6.5000, abs=5e-5)


def test_cdnow_totals_under_pareto_nbd(cdnow):
    history = cdnow.x, cdnow.t_x, cdnow.T
    # The data README's totals, made at parameters that differ in the fourth digit: hence 1 in 2,000 and no closer.
    assert PARETO.p_alive(*history).sum() == pytest.approx(1051.97, rel=5e-4)
    assert PARETO.discounted_purchases(WEEKLY_15, *history).sum() == pytest.approx(7207.8, rel=5e-4)
    assert PARETO.expected_purchases(39.0, *history).sum() == pytest.approx(1665.6, rel=5e-4)


def test_a_new_customers_discounted_purchases_and_their_ladder():
    model = ParetoNBD(0.553, 10.578, 0.606, 11.669)
    total = model.new_discounted_purchases(WEEKLY_15)
    shares = [model.new_discounted_purchases(WEEKLY_15, 52.0 * years) / total for years in (1, 5, 10)]
    assert total == pytest.approx(3.964, abs=3e-3)  # 3.9640 at the unrounded estimates
    assert PARETO.new_discounted_purchases(WEEKLY_15) == pytest.approx(3.964, abs=5e-4)
    assert np.round(shares, 2) == pytest.approx([0.35, 0.76, 0.91])
    assert BGNBD(0.243, 4.414, 0.793, 2.426).new_discounted_purchases(WEEKLY_15) == pytest.approx(3.66, abs=5e-3)


def test_continuous_rate_of_15_percent_a_year():
    assert continuous_rate(0.15, "week") == pytest.approx(math.log(1.15) * 7 / 365.25)
