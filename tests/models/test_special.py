"""Against mpmath at 30 digits."""

import mpmath as mp
import numpy as np
import pytest
from scipy.stats import chi2, norm

from pyfuncs.models.special import (
    chi_square_tail,
    expit,
    log_beta,
    log_gamma,
    log_rising,
    log_rising_derivatives,
    log_ways,
    normal_tails,
    polygammas,
    softplus,
)

ARGUMENTS = np.concatenate((np.logspace(-8, 12, 80), [0.5, 1.0, 1.5, 2.0, 9.999999, 10.0, 10.000001]))


def test_log_gamma_and_its_derivatives():
    with mp.workdps(30):
        exact = [
            [float(f(mp.mpf(float(z)))) for z in ARGUMENTS] for f in (mp.loggamma, mp.digamma, lambda z: mp.psi(1, z))
        ]
    for found, expected in zip((log_gamma(ARGUMENTS), *polygammas(ARGUMENTS)), exact, strict=True):
        assert found == pytest.approx(expected, rel=4e-15, abs=4e-15)


@pytest.mark.parametrize("x", [0.0, 1.0, 7.0, 300.0, 5000.0, 0.37])
def test_log_rising_keeps_its_digits_for_large_arguments(x):
    with mp.workdps(60):
        z = [mp.mpf(float(v)) for v in ARGUMENTS]
        value = [float(mp.loggamma(v + x) - mp.loggamma(v)) for v in z]
        first = [float(mp.digamma(v + x) - mp.digamma(v)) for v in z]
    assert log_rising(ARGUMENTS, np.full(ARGUMENTS.shape, x)) == pytest.approx(value, rel=1e-14, abs=1e-14)
    slopes = [float(log_rising_derivatives(float(v), np.array([x]))[0][0]) for v in ARGUMENTS]
    assert slopes == pytest.approx(first, rel=1e-13, abs=1e-14)


def test_softplus_and_expit_at_the_ends():
    d = np.array([-np.inf, -800.0, 0.0, 800.0])
    assert softplus(d) == pytest.approx([0, 0, np.log(2), 800])
    assert expit(d) == pytest.approx([0, 0, 0.5, 1])


@pytest.mark.parametrize("b", [1e-6, 0.37, 1.0, 9.99, 25.0, 5e3, 1e8])
def test_log_beta_keeps_its_digits_where_gamma_functions_cancel(b):
    with mp.workdps(60):
        a = [mp.mpf(float(v)) for v in ARGUMENTS]
        value = [float(mp.loggamma(v) + mp.loggamma(mp.mpf(b)) - mp.loggamma(v + mp.mpf(b))) for v in a]
        ways = [float(mp.loggamma(v + mp.mpf(b)) - mp.loggamma(mp.mpf(b)) - mp.loggamma(v + 1)) for v in a]
    assert log_beta(ARGUMENTS, b) == pytest.approx(value, rel=1e-13, abs=1e-13)
    assert log_beta(b, ARGUMENTS) == pytest.approx(value, rel=1e-13, abs=1e-13)
    assert log_ways(b, ARGUMENTS) == pytest.approx(ways, rel=1e-13, abs=1e-12)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 9, 20])
def test_tails_are_those_of_scipy(degrees):
    for value in (0.0, 1e-3, 0.7, 3.84, 30.0, 400.0):
        assert chi_square_tail(value, degrees) == pytest.approx(chi2.sf(value, degrees), rel=1e-12)
    z = np.array([-40.0, -1.96, 0.0, 0.3, 8.0])
    assert normal_tails(z) == pytest.approx(2.0 * norm.sf(np.abs(z)), rel=1e-12)
