"""What attributes of customers do to how often they buy and how soon they drop out, with errors and tests.

Numbers enter as they are, TRUE and FALSE as 1 and 0, a category as one covariate per level against its most frequent
one. A blank in a category is a level of its own, "missing"; a blank among numbers is refused, since any number put in
its place would move the effect. Covariates must be known at the first purchase: one that follows from purchases, such
as a loyalty tier, explains them by themselves.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis.fitting import AUTO
from pyfuncs.analysis.model_table import Z_95
from pyfuncs.analysis.scores import CustomerTable, history
from pyfuncs.errors import InputError
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.covariates import COVARIATE_MODELS, PROCESSES, CovariateFit, LikelihoodRatio, fit_with_covariates
from pyfuncs.models.estimation import fit_purchases
from pyfuncs.models.pareto_nbd import ParetoNBD
from pyfuncs.models.special import normal_tails

MISSING: Final = "missing"
BOTH: Final = "both"
EVERY: Final = "all covariates"
MOST_LEVELS: Final = 20
"""Levels of a category above which it is taken for a name or a key."""
BUYERS_PER_PARAMETER: Final = 10
"""Repeat buyers for each parameter below which the result says that it is rough."""
_BEYOND_WORDS = 50.0  # logarithm of a factor that nobody need know more closely
COLUMNS: Final = (
    *("covariate", "process", "coefficient", "standard_error", "lower", "upper", "z", "p_value", "effect"),
    *("lr_statistic", "lr_p_value"),
)

Covariate = FloatArray | Sequence[str]


@dataclass(frozen=True)
class Design:
    """Covariates as numbers: z (n, k), what each column is called, and the columns of each covariate by its name."""

    z: FloatArray
    names: tuple[str, ...]
    columns: dict[str, list[int]]


@dataclass(frozen=True)
class Effects:
    """The fit with covariates, as a table with the columns `COLUMNS` and in sentences.

    Per covariate a row for each process, with 95 % interval, Wald test (z, p_value) and likelihood-ratio test of
    leaving it out of that process; then a row "both" with the test of leaving it, with all its levels, out of both; at
    the end the test of all covariates together. None where a figure does not apply.
    """

    table: dict[str, NDArray[Any]]
    fit: CovariateFit
    notes: tuple[str, ...]


def effects(customers: CustomerTable, covariates: Mapping[str, Covariate], model: str = AUTO) -> Effects:
    """Fit "Pareto/NBD" or "BG/NBD" with the covariates of the customers, given by name in the order of the customers.

    "auto" takes the one that fits better without covariates. Raises InputError and InsufficientDataError, see
    `fit_with_covariates`, which name the covariate.
    """
    x, t_x, T = history(customers)
    made = design(covariates)
    name = better(x, t_x, T) if model == AUTO else model
    fit = fit_with_covariates(name, x, t_x, T, made.z, made.names, list(made.columns.values()))
    rows = [row for covariate, columns in made.columns.items() for row in _rows(covariate, columns, made, fit)]
    rows.append(_test_row(EVERY, fit.overall))
    table = {column: np.array([row[i] for row in rows], dtype=object) for i, column in enumerate(COLUMNS)}
    return Effects(table, fit, _notes(fit, made, int(np.count_nonzero(x)), chosen=model == AUTO))


def design(covariates: Mapping[str, Covariate]) -> Design:
    """Covariates as columns of numbers; those whose values are not numbers are categories."""
    columns: list[FloatArray] = []
    names: list[str] = []
    places: dict[str, list[int]] = {}
    for name, values in covariates.items():
        made = _levels(name, values) if _is_category(values) else {name: np.asarray(values, dtype=float)}
        places[name] = list(range(len(names), len(names) + len(made)))
        names += made
        columns += made.values()
    if not names:
        raise InputError("covariates: there is no column but the customers' key; add what you know of them.")
    return Design(np.column_stack(columns), tuple(names), places)


def _is_category(values: Covariate) -> bool:
    return np.asarray(values).dtype.kind not in "bif"


def _levels(name: str, values: Covariate) -> dict[str, FloatArray]:
    """A column of 0 and 1 for each level but the most frequent one, by what it is called."""
    levels = [str(value).strip() or MISSING for value in values]
    ranked = sorted(Counter(levels).items(), key=lambda level: (-level[1], level[0]))
    if len(ranked) > MOST_LEVELS:
        raise InputError(
            f'covariate "{name}": it has {len(ranked)} levels, and {MOST_LEVELS} are the most; merge levels, or '
            "leave it out if it is a name or a key."
        )
    if len(ranked) == 1:
        raise InputError(f'covariate "{name}": it is "{ranked[0][0]}" for every customer; leave it out.')
    (usual, _), *others = ranked
    found = np.array(levels, dtype=object)
    return {f"{name}: {level} (against {usual})": (found == level).astype(float) for level, _ in others}


def better(x: FloatArray, t_x: FloatArray, T: FloatArray) -> str:
    """The name of the model of `COVARIATE_MODELS` that fits the histories, (n,) each, better without covariates."""
    fits = {name: fit_purchases(name, x, t_x, T) for name in COVARIATE_MODELS}
    return max(fits, key=lambda name: (fits[name].converged and not fits[name].boundary, fits[name].log_likelihood))


def _rows(covariate: str, columns: list[int], made: Design, fit: CovariateFit) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for i in columns:
        for j, process in enumerate(PROCESSES):
            value = float((fit.model.purchase, fit.model.dropout)[j][i])
            error, ratio = float(fit.standard_errors[j, i]), fit.ratios[j][i]
            z = value / error
            interval = value - Z_95 * error, value + Z_95 * error
            effect = _in_words(process, value, made.z[:, i], fit)
            p_value = float(normal_tails(np.array([z]))[0])
            figures = (value, error, *interval, z, p_value, effect, ratio.statistic, ratio.p_value)
            rows.append((made.names[i], process, *figures))
    rows.append(_test_row(covariate, fit.joint[list(made.columns).index(covariate)]))
    return rows


def _test_row(covariate: str, ratio: LikelihoodRatio) -> tuple[object, ...]:
    return covariate, BOTH, *[None] * 7, ratio.statistic, ratio.p_value


def _in_words(process: str, coefficient: float, column: FloatArray, fit: CovariateFit) -> str:
    """What the covariate multiplies; of one that is not yes or no, from its lower to its upper tenth."""
    low, high, where = 0.0, 1.0, ""
    if not np.isin(column, (0.0, 1.0)).all():
        low, high = np.quantile(column, (0.1, 0.9), method="nearest").tolist()
        if low == high:
            low, high = float(column.min()), float(column.max())
        where = " at {:.10g} against {:.10g}".format(*(float(f"{value:.4g}") for value in (high, low)))
    factor = math.exp(min(max(coefficient * (high - low), -_BEYOND_WORDS), _BEYOND_WORDS))
    if process == "purchase":
        return f"x {factor:.3g} purchase rate{where}"
    if isinstance(fit.model.base, ParetoNBD):
        return f"x {factor:.3g} dropout rate, so x {1.0 / factor:.3g} lifetime{where}"
    return f"x {factor:.3g} odds of dropping out after a purchase{where}"


def _notes(fit: CovariateFit, made: Design, buyers: int, *, chosen: bool) -> tuple[str, ...]:
    base, without = fit.model.base, fit.without
    parameters = [f"{field.name} {getattr(base, field.name):.4g}" for field in fields(base)]
    said = [
        f"{base.name} on {fit.customers:,} customers: log-likelihood {fit.log_likelihood:,.2f} with covariates and "
        f"{without.log_likelihood:,.2f} without, AIC {fit.aic:,.2f} and {without.aic:,.2f}; lower AIC is better.",
        f"A customer with average covariates has {', '.join(parameters)}, in the periods of T.",
    ]
    if chosen:
        said.append(f"{base.name} was chosen among {' and '.join(COVARIATE_MODELS)} by its fit without covariates.")
    if not fit.converged:
        said.append(
            f"Not converged after {fit.evaluations} evaluations: do not use these figures. Try fewer covariates, and "
            "the logarithm of one with a few very large values."
        )
    if fit.boundary is not None:
        said.append(fit.boundary)
    needed = BUYERS_PER_PARAMETER * fit.covariance.shape[0]
    if buyers < needed:
        said.append(
            f"{buyers:,} customers bought again; with fewer than {needed:,}, {BUYERS_PER_PARAMETER} for each of "
            f"{fit.covariance.shape[0]} parameters, errors and tests are rough."
        )
    return tuple(said)
