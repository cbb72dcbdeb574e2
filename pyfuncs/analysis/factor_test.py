"""Does an extra factor tell more of the future than past purchases do?  It is kept only if the holdout says so.

The model is fitted on the calibration window without and with the factor, in the purchase and the dropout process
(models/covariates.py).  Each customer's holdout is scored by its log predictive density, the logarithm of how likely
the model held the number and the times of the purchases that came: log L(whole history) - log L(calibration), both
at the parameters of the calibration.  Customers acquired after the split, of whom the factor is known, are scored by
their whole history: they have no purchases yet to tell what the factor tells, so that a factor helps most with them.
It is a proper score: on average no factor without information raises it, since fitting noise costs on new data.  The
gain per customer is paired, so its standard error is that of a mean.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pyfuncs.analysis import covariates
from pyfuncs.analysis.covariates import Covariate
from pyfuncs.analysis.fitting import AUTO
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import Log, used
from pyfuncs.analysis.scores import history
from pyfuncs.errors import FocalError, InputError
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.covariates import COVARIATE_MODELS, CovariateFit, fit_with_covariates
from pyfuncs.models.estimation import Fit, fit_purchases
from pyfuncs.models.pareto_nbd import ParetoNBD

KEEP: Final = "keep"
DROP: Final = "drop"
LEVEL: Final = 0.95
"""Of the one-sided interval of the gain, above 0 in which a factor is kept."""
COLUMNS: Final = (
    "factor", "customers", "new_customers", "log_likelihood_gain", "lr_p_value", "rmse_without", "rmse_with",
    "predictive_gain", "lower", "decision", "note",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Holdout:
    """Customers with their histories (x, t_x, T) until the split and until the end, in the same periods.

    The first n of the n + m customers were seen by the split: `before` has (n,) arrays, `after` (n + m,) ones.
    """

    customers: NDArray[np.object_]
    before: tuple[FloatArray, FloatArray, FloatArray]
    after: tuple[FloatArray, FloatArray, FloatArray]

    @property
    def fitted(self) -> int:
        """How many customers were seen by the split."""
        return len(self.before[0])

    def with_new(self, kept: NDArray[np.bool_]) -> Holdout:
        """The same without the customers acquired after the split but those `kept`, (m,)."""
        rows = np.append(np.ones(self.fitted, dtype=np.bool_), kept)
        x, t_x, T = (each[rows] for each in self.after)
        return Holdout(self.customers[rows], self.before, (x, t_x, T))


def holdout_of(before: pd.DataFrame, after: pd.DataFrame) -> Holdout:
    """The holdout of histories until the split, each customer's beside that until the end, and of those acquired since.

    `after` has the customers of `before` and others, in any order, in the same periods.
    """
    place = pd.Index(after["customer_id"]).get_indexer(pd.Index(before["customer_id"]))
    since = np.setdiff1d(np.arange(len(after)), place)
    after = after.iloc[np.append(place, since)]
    return Holdout(after["customer_id"].to_numpy(dtype=object), history(before), history(after))


@dataclass(frozen=True, eq=False)
class FactorTest:
    """`rows` has the columns `COLUMNS`, one row a factor; `model` is the name of the one they were tested in."""

    rows: pd.DataFrame
    model: str

    @property
    def kept(self) -> list[str]:
        """The factors that improve the holdout."""
        return [str(name) for name in self.rows.loc[self.rows["decision"] == KEEP, "factor"]]

    @property
    def statement(self) -> str:
        """What was tested and what came of it."""
        return (
            f"{len(self.rows)} tested one by one in {self.model}, {len(self.kept)} kept. Of factors that say nothing "
            f"at most {1 - LEVEL:.0%} would be kept."
        )


def read_holdout(log: Log, split: dt.date | None, period: str = "week") -> Holdout:
    """The histories of all customers, by those seen until `split` (half-way through the log when left out) first.

    Raises InputError unless the split is before the observation end, InsufficientDataError when nobody bought by then.
    """
    first = used(log).day.min().astype("datetime64[D]").item()
    split = split or first + (log.observation_end - first) // 2
    if split >= log.observation_end:
        raise InputError(f"split: {split} is not before {log.observation_end}, the end; choose an earlier day.")
    return holdout_of(histories(log, period, split), histories(log, period))


def factor_test(holdout: Holdout, factors: Mapping[str, Covariate], model: str = AUTO) -> FactorTest:
    """Test each factor, given by name in the order of the customers of the holdout, (n + m,) values each.

    Numbers, or categories as in `covariates.design`.  "auto" takes the model that fits the calibration better without
    factors.  A factor that cannot be fitted is dropped and the note says why.  Raises InputError for another model.
    """
    name = covariates.better(*holdout.before) if model == AUTO else model
    if name not in COVARIATE_MODELS:
        raise InputError(f"model {name!r} takes no factors; use one of {', '.join(COVARIATE_MODELS)}.")
    without = fit_purchases(name, *holdout.before)
    rows = [_row(factor, values, holdout, without) for factor, values in factors.items()]
    return FactorTest(pd.DataFrame(rows, columns=list(COLUMNS)), name)


def _row(factor: str, values: Covariate, holdout: Holdout, without: Fit) -> tuple[object, ...]:
    column = np.asarray(values)
    if column.dtype.kind not in "bif":  # of a level that nobody had by the split nothing was learnt
        learnt = np.isin(column[holdout.fitted :], column[: holdout.fitted])
        holdout, column = (
            holdout.with_new(learnt),
            np.append(column[: holdout.fitted], column[holdout.fitted :][learnt]),
        )
    n = holdout.fitted
    counts = n, len(column) - n
    try:
        made = covariates.design({factor: column})
        fit = fit_with_covariates(
            without.model.name, *holdout.before, made.z[:n], made.names, without=without, tests=False
        )
    except FocalError as refused:
        return factor, *counts, *[np.nan] * 6, DROP, str(refused)
    gain, lower = _gain(fit, made.z, holdout)
    sound = fit.converged and fit.without.converged
    note = None if sound else "the fit has not converged, so the factor is dropped"
    decision = KEEP if sound and lower > 0.0 else DROP
    test = fit.overall
    errors = _errors(fit, made.z[:n], holdout)
    return factor, *counts, test.statistic / 2.0, test.p_value, *errors, gain, lower, decision, note


def _gain(fit: CovariateFit, z: FloatArray, holdout: Holdout) -> tuple[float, float]:
    """Mean gain of a customer in log predictive density by the factor, and its lower bound."""
    from scipy.special import stdtrit

    n, without = holdout.fitted, _without(fit)
    gains = fit.model.log_likelihood(*holdout.after, z) - without.log_likelihood(*holdout.after)
    gains[:n] -= fit.model.log_likelihood(*holdout.before, z[:n]) - without.log_likelihood(*holdout.before)
    error = float(gains.std(ddof=1)) / gains.size**0.5
    return float(gains.mean()), float(gains.mean()) - float(stdtrit(gains.size - 1, LEVEL)) * error


def _errors(fit: CovariateFit, z: FloatArray, holdout: Holdout) -> tuple[float, float]:
    """Root mean squared errors of holdout purchases of customers seen by the split, without and with the factor."""
    n, before = holdout.fitted, holdout.before
    came, t = holdout.after[0][:n] - before[0], float((holdout.after[2][:n] - before[2]).max())
    forecasts = _without(fit).expected_purchases(t, *before), fit.model.expected_purchases(t, *before, z)
    without, with_it = (float(np.sqrt(((forecast - came) ** 2).mean())) for forecast in forecasts)
    return without, with_it


def _without(fit: CovariateFit) -> ParetoNBD | BGNBD:
    return cast(ParetoNBD | BGNBD, fit.without.model)
