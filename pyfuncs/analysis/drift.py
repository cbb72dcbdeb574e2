"""Do customers acquired at different times behave differently?  One model for all against one for each cohort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.scores import history, in_periods
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.discounting import PERIODS_PER_YEAR
from pyfuncs.models.estimation import Fit, TimedModel, fit_purchases
from pyfuncs.models.pareto_nbd import ParetoNBD

FEWEST: Final = 30
"""Repeat buyers that each cohort needs for two cohorts to be compared."""
ENOUGH: Final = 100
"""Repeat buyers that each cohort needs for four to be compared."""
SIGNIFICANT: Final = 0.01
"""P-value below which cohorts are said to differ."""


@dataclass(frozen=True, eq=False)
class Drift:
    """One model for every cohort against the same model for all of them.

    Attributes
    ----------
    cohorts : one row a cohort by date of the first purchase, the last row all customers
        first, last (dates of first purchases), customers, repeat_buyers, the parameters of the model by name,
        log_likelihood, purchases_per_year (while active), dropout (the mean probability after a purchase, or for
        Pareto/NBD the mean rate per year), first_year (repeat purchases a new customer is expected to make)
    statistic, freedom, p_value : of the likelihood-ratio test that all cohorts share one set of parameters
    statement : what differs, in words
    """

    cohorts: pd.DataFrame
    statistic: float
    freedom: int
    p_value: float
    statement: str

    @property
    def differs(self) -> bool:
        """Whether the cohorts differ by more than chance allows."""
        return self.p_value < SIGNIFICANT


def drift(customers: pd.DataFrame, fitted: Fitted) -> Drift:
    """Fit the model of `fitted` to cohorts of its customers: quarters of them where there are enough, else halves.

    `customers` has first_purchase beside the histories.  Customers of one day stay together.  The statistic is twice
    the log-likelihood gained, chi-squared with k (cohorts - 1) degrees of freedom where k is the number of parameters;
    where a fit sits on a boundary the p-value is too large rather than too small.

    Raises `InsufficientDataError` when halves hold too few repeat buyers or a fit does not converge.
    """
    from scipy.special import chdtrc

    if isinstance(fitted.purchases, BGBB):
        raise InputError("model: cohorts are compared with a model of purchases at any time, not with BG/BB.")
    x, t_x, T = history(customers)
    days = customers["first_purchase"].to_numpy()
    which = _split(days, x > 0)
    name = fitted.purchases.name
    masks = [which == number for number in range(int(which.max()) + 1)]
    fits = [fit_purchases(name, x[mine], t_x[mine], T[mine]) for mine in masks]
    together = fitted.purchase_fit
    if together is None or together.customers != x.size:
        together = fit_purchases(name, x, t_x, T)
    if not all(fit.converged for fit in (*fits, together)):
        raise InsufficientDataError(f"cohorts cannot be compared: {name} did not converge for one of them.")
    gained = 2.0 * (sum(fit.log_likelihood for fit in fits) - together.log_likelihood)
    statistic = max(0.0, gained)
    freedom = len(together.standard_errors) * (len(fits) - 1)
    p_value = float(chdtrc(freedom, statistic))
    everyone = np.ones(x.size, dtype=np.bool_)
    rows = [
        _row(fit, fitted, days[mine], int((x[mine] > 0).sum()))
        for fit, mine in zip((*fits, together), (*masks, everyone), strict=True)
    ]
    cohorts = pd.DataFrame(rows)
    return Drift(cohorts, statistic, freedom, p_value, _statement(cohorts, fitted, statistic, freedom, p_value))


def mean_dropout(model: TimedModel, period: str) -> float:
    """Mean probability to leave after a purchase; for Pareto/NBD the mean rate of leaving per year."""
    if isinstance(model, ParetoNBD):
        return float(model.s / model.beta * PERIODS_PER_YEAR[period])
    return float(model.a / (model.a + model.b))


def _split(days: np.ndarray, repeat: np.ndarray) -> np.ndarray:
    """The number of each customer's cohort, (n,), from 0 for the earliest."""
    for parts, needed in ((4, ENOUGH), (2, FEWEST)):
        place = np.arange(1, parts) * days.size // parts
        edges = np.unique(np.partition(days, place)[place])
        which = np.searchsorted(edges, days)
        if len(edges) == parts - 1 and np.bincount(which[repeat], minlength=parts).min() >= needed:
            return np.asarray(which)
    raise InsufficientDataError(
        f"cohorts cannot be compared: halves by date of the first purchase need {FEWEST} repeat buyers each."
    )


def _row(fit: Fit, fitted: Fitted, days: np.ndarray, repeat_buyers: int) -> dict[str, object]:
    model = fit.model
    assert isinstance(model, TimedModel)  # as it was asked for
    year = np.array([in_periods(fitted, 1.0)])
    return {
        "first": days.min(),
        "last": days.max(),
        "customers": fit.customers,
        "repeat_buyers": repeat_buyers,
        **{name: float(getattr(model, name)) for name in fit.standard_errors},
        "log_likelihood": fit.log_likelihood,
        "purchases_per_year": model.r / model.alpha * PERIODS_PER_YEAR[fitted.period],
        "dropout": mean_dropout(model, fitted.period),
        "first_year": float(model.new_expected_purchases(year)[0]),
    }


def _statement(cohorts: pd.DataFrame, fitted: Fitted, statistic: float, freedom: int, p_value: float) -> str:
    number = len(cohorts) - 1
    test = f"likelihood ratio {statistic:.1f} on {freedom} degrees of freedom, p {max(p_value, 0.0001):.4f}"
    if p_value < 0.0001:
        test = test.replace("p 0.0001", "p below 0.0001")
    if p_value >= SIGNIFICANT:
        return f"The {number} cohorts by first purchase do not differ by more than chance allows ({test})."
    old, new = cohorts.iloc[0], cohorts.iloc[number - 1]
    each = "rate of leaving per year" if isinstance(fitted.purchases, ParetoNBD) else "chance to leave after a purchase"
    return (
        f"The {number} cohorts by first purchase differ ({test}): from the earliest to the latest, purchases per year "
        f"while active go from {old.purchases_per_year:.1f} to {new.purchases_per_year:.1f}, the mean {each} from "
        f"{old.dropout:.2f} to {new.dropout:.2f}, repeat purchases in a new customer's first year from "
        f"{old.first_year:.2f} to {new.first_year:.2f}."
    )
