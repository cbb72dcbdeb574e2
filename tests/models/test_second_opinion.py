"""lifetimes as an independent implementation at Focal's parameters."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

from pyfuncs.models.estimation import PURCHASE_MODELS
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.second_opinion import expected_spend, second_opinion

PARAMETERS = {
    "BG/NBD": (0.242595, 4.413603, 0.792922, 2.425906),
    "MBG/NBD": (0.524843, 6.183086, 0.891359, 1.614002),
    "Pareto/NBD": (0.553277, 10.57768, 0.606240, 11.66874),
}


@pytest.mark.parametrize("name", PURCHASE_MODELS)
def test_lifetimes_agrees_on_cdnow(name, cdnow):
    model = PURCHASE_MODELS[name](*PARAMETERS[name])
    history = cdnow.x, cdnow.t_x, cdnow.T
    opinion = second_opinion(model, *history, 39.0)
    assert opinion.log_likelihood == pytest.approx(model.log_likelihood(*history).sum(), rel=1e-11)
    assert opinion.p_alive == pytest.approx(model.p_alive(*history), rel=1e-9)
    assert opinion.expected_purchases == pytest.approx(model.expected_purchases(39.0, *history), rel=1e-8)


def test_lifetimes_agrees_on_spend(cdnow):
    model = GammaGamma(6.25, 3.74, 15.45)
    assert expected_spend(model, cdnow.x, cdnow.m) == pytest.approx(model.expected_spend(cdnow.x, cdnow.m), rel=1e-12)


def test_asking_is_silent_and_leaves_pandas_and_the_warning_filters_alone(cdnow):
    code = """
import warnings
import numpy as np
import pandas as pd
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.second_opinion import second_opinion
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    before = pd.get_option("mode.chained_assignment")
filters = list(warnings.filters)
second_opinion(BGNBD(1, 2, 3, 4), np.array([1.0]), np.array([2.0]), np.array([3.0]), 4.0)
assert warnings.filters == filters
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    assert pd.get_option("mode.chained_assignment") == before
import autograd.scipy.stats
assert autograd.scipy.stats.norm.logpdf(0.0) < 0  # the part that was passed over can still be had
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        second_opinion(PURCHASE_MODELS["BG/NBD"](1, 2, 3, 4), *(np.array([v]) for v in (1.0, 2.0, 3.0)), 4.0)


def test_the_floor_loads_neither_pandas_nor_lifetimes_nor_scipy():
    code = """
import pkgutil, sys
import pyfuncs.models
for module in pkgutil.iter_modules(pyfuncs.models.__path__, "pyfuncs.models."):
    __import__(module.name)
print([name for name in ("pandas", "lifetimes", "scipy") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
