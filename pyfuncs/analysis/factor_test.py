"""Does an extra factor tell more of the future than past purchases do?  It is kept only if the holdout says so.

The model is fitted on the calibration window without and with the factor, in the purchase and the dropout process
(models/covariates.py).  Each customer's holdout is scored by its log predictive density, the logarithm of how likely
the model held the number and the times of the purchases that came: log L(whole history) - log L(calibration), both
at the parameters of the calibration.  It is a proper score: on average no factor without information raises it, since
fitting noise costs on new data.  The gain per customer is paired, so its standard error is that of a mean.
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
from pyfuncs.models.pareto_nbd import ParetoNBD

KEEP: Final = "keep"
DROP: Final = "drop"
LEVEL: Final = 0.95
"""Of the one-sided interval of the gain, above 0 in which a factor is kept."""
COLUMNS: Final = (
    "factor", "customers", "log_likelihood_gain", "lr_p_value", "rmse_without", "rmse_with", "predictive_gain", "lower",
    "decision", "note",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Holdout:
    """Customers seen until the split, (n,) arrays: x, t_x, T then, and x, t_x, T at the end, in the same periods."""

    customers: NDArray[np.object_]
    before: tuple[FloatArray, FloatArray, FloatArray]
    after: tuple[FloatArray, FloatArray, FloatArray]


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
    """The histories of the customers seen until `split`, half-way through the log when left out, then and at the end.

    Raises InputError unless the split is before the observation end, InsufficientDataError when nobody bought by then.
    """
    first = used(log).day.min().astype("datetime64[D]").item()
    split = split or first + (log.observation_end - first) // 2
    if split >= log.observation_end:
        raise InputError(f"split: {split} is not before {log.observation_end}, the end; choose an earlier day.")
    before, after = histories(log, period, split), histories(log, period)
    after = after[after["customer_id"].isin(before["customer_id"])]
    return Holdout(before["customer_id"].to_numpy(dtype=object), history(before), history(after))


def factor_test(holdout: Holdout, factors: Mapping[str, Covariate], model: str = AUTO) -> FactorTest:
    """Test each factor, given by name in the order of the customers, on the holdout.

    Numbers, or categories as in `covariates.design`.  "auto" takes the model that fits the calibration better without
    factors.  A factor that cannot be fitted is dropped and the note says why.  Raises InputError for another model.
    """
    name = covariates.better(*holdout.before) if model == AUTO else model
    if name not in COVARIATE_MODELS:
        raise InputError(f"model {name!r} takes no factors; use one of {', '.join(COVARIATE_MODELS)}.")
    rows = [_row(factor, values, holdout, name) for factor, values in factors.items()]
    return FactorTest(pd.DataFrame(rows, columns=list(COLUMNS)), name)


def _row(factor: str, values: Covariate, holdout: Holdout, model: str) -> tuple[object, ...]:
    size = len(holdout.before[0])
    try:
        made = covariates.design({factor: values})
        fit = fit_with_covariates(model, *holdout.before, made.z, made.names, [range(len(made.names))])
    except FocalError as refused:
        return factor, size, *[np.nan] * 6, DROP, str(refused)
    gain, lower, errors = _on_holdout(fit, made.z, holdout)
    sound = fit.converged and fit.without.converged
    note = None if sound else "the fit has not converged, so the factor is dropped"
    decision = KEEP if sound and lower > 0.0 else DROP
    test = fit.joint[0]
    return factor, size, test.statistic / 2.0, test.p_value, *errors, gain, lower, decision, note


def _on_holdout(fit: CovariateFit, z: FloatArray, holdout: Holdout) -> tuple[float, float, tuple[float, float]]:
    """Mean gain in log predictive density, its lower bound, and the errors of purchases without and with the factor."""
    from scipy.special import stdtrit

    with_it, without = fit.model, cast(ParetoNBD | BGNBD, fit.without.model)
    before, after = holdout.before, holdout.after
    gains = with_it.log_likelihood(*after, z) - with_it.log_likelihood(*before, z)
    gains -= without.log_likelihood(*after) - without.log_likelihood(*before)
    error = float(gains.std(ddof=1)) / gains.size**0.5
    came, t = after[0] - before[0], float((after[2] - before[2]).max())
    forecasts = (without.expected_purchases(t, *before), with_it.expected_purchases(t, *before, z))
    rmse = tuple(float(np.sqrt(((forecast - came) ** 2).mean())) for forecast in forecasts)
    gain = float(gains.mean())
    return gain, gain - float(stdtrit(gains.size - 1, LEVEL)) * error, (rmse[0], rmse[1])
