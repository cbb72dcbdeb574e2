"""Fitting a model of purchases and spend to customers' histories, and choosing between models by a stated rule.

A table of customers is that of `scores`, with the columns frequency, recency, T and, where amounts are known,
monetary_value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np

from pyfuncs.analysis.model_table import Fitted, MeanSpend, model_name
from pyfuncs.analysis.scores import CustomerTable, history, spend_history
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.discounting import PERIODS_PER_YEAR
from pyfuncs.models.estimation import PURCHASE_MODELS, Fit, PurchaseModel, fit_purchases, fit_spend
from pyfuncs.models.gamma_gamma import GammaGamma

AUTO: Final = "auto"
RULE: Final = (
    "Among the models that converged away from a bound, the one with the highest log-likelihood is used (all have four "
    "parameters, so AIC and BIC agree); if none did, the highest of all is used, with its warning."
)
GAMMA_GAMMA: Final = "gamma-gamma"
MEAN: Final = "mean"
NONE: Final = "none"
SPEND_MODELS: Final = (AUTO, GAMMA_GAMMA, MEAN, NONE)
FEWEST_SPENDERS: Final = 10
"""Repeat buyers with positive spend below which the Gamma-Gamma model is not tried."""
CORRELATION_LIMIT: Final = 0.3
"""Correlation of frequency and spend, up or down, above which the independence the spend model assumes is doubtful."""


def fit(
    customers: CustomerTable,
    model: str = AUTO,
    spend_model: str = AUTO,
    period: str = "week",
    observation_end: date | None = None,
) -> Fitted:
    """Fit a purchase model and a spend model; what was decided and why is in `statements`.

    Parameters
    ----------
    customers
        Histories in periods of `period`, observed until `observation_end`.
    model
        "auto" (see `RULE`) or the name of a purchase model.
    spend_model
        "auto": Gamma-Gamma where it can be fitted, else the mean.  "gamma-gamma", "mean", or "none": purchases count 1.

    Raises `InsufficientDataError` when nobody bought twice, `InputError` for an unknown name or a row that is no
    history.
    """
    if model.strip().casefold() == AUTO:
        fits = fit_every(customers, spend_model, period, observation_end)
        return fits[choose(fits)]
    name = model_name(model)
    return _fit_named((name,), customers, spend_model, period, observation_end)[name]


def fit_every(
    customers: CustomerTable,
    spend_model: str = AUTO,
    period: str = "week",
    observation_end: date | None = None,
) -> dict[str, Fitted]:
    """Every purchase model fitted, by name, each with the same spend model; errors are those of `fit`."""
    return _fit_named(tuple(PURCHASE_MODELS), customers, spend_model, period, observation_end)


def choose(fits: Mapping[str, Fitted]) -> str:
    """Name of the model that `RULE` picks."""
    found = {name: _purchase_fit(fitted) for name, fitted in fits.items()}
    sound = {name: each for name, each in found.items() if _is_sound(each)} or found
    return max(sound, key=lambda name: sound[name].log_likelihood)


def compare(
    customers: CustomerTable, fits: Mapping[str, Fitted] | None = None, chosen: str | None = None
) -> pd.DataFrame:
    """Every purchase model on the same customers; `fits` are those of `fit_every`, `chosen` by `RULE` when left out.

    Columns: model, log_likelihood, aic, bic, expected_repeat_buyers, actual_repeat_buyers, converged, statement,
    chosen.
    """
    fits = fit_every(customers, NONE) if fits is None else fits
    chosen = chosen or choose(fits)
    x, _, T = history(customers)
    ages, counts = np.unique(T, return_counts=True)
    rows = []
    for name, fitted in fits.items():
        silent = fitted.purchases.probability_of_count(np.zeros(1), ages)[0]
        fit = _purchase_fit(fitted)
        rows.append(
            {
                "model": name,
                "log_likelihood": fit.log_likelihood,
                "aic": fit.aic,
                "bic": fit.bic,
                "expected_repeat_buyers": float(counts @ (1.0 - silent)),
                "actual_repeat_buyers": int(np.count_nonzero(x)),
                "converged": fit.converged,
                "statement": fit.statement,
                "chosen": name == chosen,
            }
        )
    return pd.DataFrame(rows)


def frequency_fit(fitted: Fitted, customers: CustomerTable, top: int = 7) -> pd.DataFrame:
    """Customers by number of repeat purchases, as they are and as the model expects.

    Columns: purchases ("0", "1", ..., "7+"), actual, expected.  The last row holds `top` purchases or more; both
    columns sum to the number of customers.
    """
    if top < 1:
        raise InputError(f"top: {top} leaves no count to show; use 1 or more.")
    x, _, T = history(customers)
    ages, counts = np.unique(T, return_counts=True)
    expected = fitted.purchases.probability_of_count(np.arange(float(top)), ages) @ counts
    return pd.DataFrame(
        {
            "purchases": [*map(str, range(top)), f"{top}+"],
            "actual": np.bincount(np.minimum(x, top).astype(np.int64), minlength=top + 1),
            "expected": np.append(expected, x.size - expected.sum()),
        }
    )


def _fit_named(
    names: Sequence[str], customers: CustomerTable, spend_model: str, period: str, observation_end: date | None
) -> dict[str, Fitted]:
    _check_period(period)
    x, t_x, T = history(customers)
    found = {name: fit_purchases(name, x, t_x, T) for name in names}
    spend, spend_fit, spend_statements = _fit_spend_model(customers, spend_model.strip().casefold())
    correlation, correlation_statements = _correlation(customers)
    return {
        name: Fitted(
            purchases=_purchase_model(each),
            spend=spend,
            period=period,
            observation_end=observation_end,
            purchase_fit=each,
            spend_fit=spend_fit,
            statements=(each.statement, *spend_statements, *correlation_statements),
            frequency_spend_correlation=correlation,
        )
        for name, each in found.items()
    }


def _is_sound(fitted: Fit) -> bool:
    """Whether the optimum was found, inside the space of parameters."""
    return fitted.converged and fitted.boundary is None


def _purchase_fit(fitted: Fitted) -> Fit:
    if fitted.purchase_fit is None:
        raise InputError("this model was typed by hand; only fitted models can be compared.")
    return fitted.purchase_fit


def _purchase_model(fitted: Fit) -> PurchaseModel:
    """The purchase model of a fit, which may hold a spend model elsewhere."""
    if isinstance(fitted.model, GammaGamma):
        raise TypeError("a fit of spend is no fit of purchases")
    return fitted.model


def _fit_spend_model(
    customers: CustomerTable, spend_model: str
) -> tuple[GammaGamma | MeanSpend | None, Fit | None, tuple[str, ...]]:
    """The spend model asked for or possible, its fit, and sentences on the choice."""
    if spend_model not in SPEND_MODELS:
        raise InputError(f"spend_model: {spend_model!r} is not a spend model; use one of {', '.join(SPEND_MODELS)}.")
    if spend_model == NONE:
        return None, None, ("Spend is not modelled: every purchase counts as 1.",)
    x, m = spend_history(customers)
    spenders = int(np.count_nonzero((x > 0) & (m > 0)))
    if spenders == 0 and spend_model == AUTO:
        return None, None, ("No repeat purchase has an amount, so spend is not modelled: every purchase counts as 1.",)
    if spenders == 0:
        raise InsufficientDataError("spend_model: no repeat purchase has an amount above 0; use the spend model none.")
    if spend_model == GAMMA_GAMMA:
        fitted, reason = fit_spend(x, m), ""
    elif spend_model == MEAN:
        fitted, reason = None, "the spend model mean was asked for"
    else:
        fitted, reason = _try_gamma_gamma(x, m, spenders)
    if fitted is not None and isinstance(fitted.model, GammaGamma):
        return fitted.model, fitted, (fitted.statement,)
    mean = MeanSpend(_mean_spend(x, m))
    return mean, None, (f"Every customer is given the mean spend per repeat purchase, {mean.mean:.2f}: {reason}.",)


def _try_gamma_gamma(x: FloatArray, m: FloatArray, spenders: int) -> tuple[Fit | None, str]:
    """A Gamma-Gamma fit that can be used, or None and why not."""
    if spenders < FEWEST_SPENDERS:
        return None, f"{spenders} repeat buyers have an amount, and the Gamma-Gamma model needs {FEWEST_SPENDERS}"
    try:
        fitted = fit_spend(x, m)
    except InsufficientDataError as error:
        return None, str(error).rstrip(".")
    if not _is_sound(fitted):
        return None, fitted.statement.rstrip(".")
    if isinstance(fitted.model, GammaGamma) and fitted.model.q <= 1.0:
        return None, f"the Gamma-Gamma model has no finite mean spend here (q {fitted.model.q:.3g}, at most 1)"
    return fitted, ""


def _mean_spend(x: FloatArray, m: FloatArray) -> float:
    """Money per repeat purchase over all repeat purchases whose amount is known, free ones included."""
    known = (x > 0) & np.isfinite(m)
    return float(x[known] @ m[known] / x[known].sum())


def _correlation(customers: CustomerTable) -> tuple[float, tuple[str, ...]]:
    """Correlation of frequency and mean spend among repeat buyers, with the sentence that reports it."""
    x, m = spend_history(customers)
    spent = (x > 0) & (m > 0)
    x, m = x[spent], m[spent]
    if x.size < 3 or np.ptp(x) == 0 or np.ptp(m) == 0:
        return float("nan"), ()
    correlation = float(np.corrcoef(x, m)[0, 1])
    sentence = f"Frequency and mean spend correlate {correlation:+.2f} among {x.size} repeat buyers"
    if abs(correlation) <= CORRELATION_LIMIT:
        return correlation, (f"{sentence}: within {CORRELATION_LIMIT}, as the spend model assumes.",)
    return correlation, (
        f"Warning: {sentence[0].lower()}{sentence[1:]}, beyond {CORRELATION_LIMIT}; the spend model assumes none, so "
        "value is understated for some customers and overstated for others.",
    )


def _check_period(period: str) -> None:
    if period not in PERIODS_PER_YEAR:
        raise InputError(f"period: {period!r} is not a period; use {', '.join(PERIODS_PER_YEAR)}.")
