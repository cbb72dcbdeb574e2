"""What the lifetimes package says at Focal's parameters: an independent check, never an input.

The only importer of lifetimes, and only inside the functions: importing it is slow, warns, and changes a pandas option.
"""

import importlib
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from types import ModuleType

import numpy as np

from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.gamma_gamma import GammaGamma
from pyfuncs.models.mbgnbd import MBGNBD
from pyfuncs.models.pareto_nbd import ParetoNBD

_FITTERS = {
    BGNBD: "BetaGeoFitter",
    MBGNBD: "ModifiedBetaGeoFitter",
    ParetoNBD: "ParetoNBDFitter",
    BGBB: "BetaGeoBetaBinomFitter",
}
_CHANGED_OPTION = "mode.chained_assignment"


@dataclass(frozen=True)
class SecondOpinion:
    """lifetimes' log-likelihood (sum over customers, natural), p_alive (n,) and expected_purchases (n,).

    Values may be nan or inf where lifetimes breaks down (a = 1, s = 1, heavy buyers who bought on the last day), and
    wrong for BG/BB beyond some 40 opportunities.
    """

    log_likelihood: float
    p_alive: FloatArray
    expected_purchases: FloatArray


def second_opinion(
    model: BGNBD | MBGNBD | ParetoNBD | BGBB, x: FloatArray, t_x: FloatArray, T: FloatArray, t: float
) -> SecondOpinion:
    """Evaluate lifetimes at the model's parameters on histories (n,), with expected purchases in (T, T + t]."""
    with _lifetimes() as lifetimes:
        fitter = getattr(lifetimes, _FITTERS[type(model)])()
        parameters = asdict(model)
        fitter.params_ = parameters
        if isinstance(model, BGBB):
            likelihood = float(np.sum(fitter._loglikelihood(list(parameters.values()), x, t_x, T)))
            alive = fitter.conditional_probability_alive(0, x, t_x, T)
            expected = fitter.conditional_expected_number_of_purchases_up_to_time(t, x, t_x, T)
            return SecondOpinion(likelihood, np.asarray(alive, dtype=float), np.asarray(expected, dtype=float))
        ones = np.ones_like(x)
        if isinstance(model, ParetoNBD):
            likelihood = -fitter._negative_log_likelihood(list(parameters.values()), x, t_x, T, ones, 0.0)
        else:
            log_parameters = np.log(list(parameters.values()))
            likelihood = -x.size * fitter._negative_log_likelihood(log_parameters, x, t_x, T, ones, 0.0)
        alive = fitter.conditional_probability_alive(x, t_x, T)
        expected = fitter.conditional_expected_number_of_purchases_up_to_time(t, x, t_x, T)
    return SecondOpinion(float(likelihood), np.asarray(alive, dtype=float), np.asarray(expected, dtype=float))


def expected_spend(model: GammaGamma, x: FloatArray, m: FloatArray) -> FloatArray:
    """Expected spend per future purchase by lifetimes at the model's parameters, (n,); m is not read at x = 0."""
    with _lifetimes() as lifetimes:
        fitter = lifetimes.GammaGammaFitter()
        fitter.params_ = asdict(model)
        spend = fitter.conditional_expected_average_profit(x, np.where(x > 0, m, 0.0))
    return np.asarray(spend, dtype=float)


@contextmanager
def _lifetimes() -> Iterator[ModuleType]:
    """The package, quiet, with the pandas option it changes put back."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        import pandas as pd

        before = pd.get_option(_CHANGED_OPTION)
        try:
            with _passed_over("autograd.scipy", "stats"):
                package = importlib.import_module("lifetimes")
            yield package
        finally:
            pd.set_option(_CHANGED_OPTION, before)


@contextmanager
def _passed_over(package: str, part: str) -> Iterator[None]:
    """Let a package be imported without a part that it loads and lifetimes does not use: half the time of its import.

    lifetimes takes `special` from autograd.scipy, which loads `stats` and with it all of scipy.stats as well.
    """
    name = f"{package}.{part}"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]
        if package in sys.modules:
            vars(sys.modules[package]).pop(part, None)
