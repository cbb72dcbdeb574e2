"""Static covariates in the purchase and dropout processes of Pareto/NBD and BG/NBD, by exact maximum likelihood.

P. Fader, B. Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models. A customer
with covariates z has the scales

    alpha_i = alpha exp(-(z - c)'g),   beta_i = beta exp(-(z - c)'h) in Pareto/NBD,   b_i = b exp(-(z - c)'h) in BG/NBD

and shares the shapes r and s or a with everybody: one more of a covariate multiplies the mean purchase rate by exp(g)
and the mean dropout rate by exp(h). c is any point, here the mean of the covariates; coefficients do not depend on it.

In BG/NBD the note gives a and b coefficients of their own, and CLVTools multiplies both by the same exp(z'h), which
leaves the mean dropout probability a/(a + b) where it was and changes only its spread. Here b alone moves, as beta
does, so that one coefficient multiplies the odds of the mean, a/b, by exp(h), and the mean number of purchases
survived, b/(a - 1), by exp(-h).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.beta_geometric import BetaGeometricForms
from pyfuncs.models.bgnbd import BGNBD
from pyfuncs.models.boundaries import name_beta_geometric, name_pareto
from pyfuncs.models.compression import Histories, distinct_rows
from pyfuncs.models.covariate_checks import check_covariates
from pyfuncs.models.covariate_objective import CovariateObjective
from pyfuncs.models.dropout_mixture import mean_purchases_by_row
from pyfuncs.models.estimation import BOX, Fit, at_edge, fit_purchases, inverse_information
from pyfuncs.models.lifetime import discounted_lifetime, expected_lifetime
from pyfuncs.models.newton import Optimum, minimise
from pyfuncs.models.pareto_nbd import ParetoForms, ParetoNBD
from pyfuncs.models.special import chi_square_tail, expit
from pyfuncs.models.validation import check_histories, require_finite_purchases

COVARIATE_MODELS: Final[dict[str, type[ParetoNBD] | type[BGNBD]]] = {m.name: m for m in (ParetoNBD, BGNBD)}
"""The models that take covariates."""
PROCESSES: Final = ("purchase", "dropout")
_ENOUGH = 1e-3  # promised gain at which a fit for a likelihood ratio takes its last step, which leaves far less


@dataclass(frozen=True)
class CovariateModel:
    """Parameters of a customer with covariates `centre` (k,), and the coefficients (k,) of both processes.

    Histories are (n,) arrays as in the model without covariates, z (n, k).
    """

    base: ParetoNBD | BGNBD
    centre: FloatArray
    purchase: FloatArray
    dropout: FloatArray

    def at(self, z: FloatArray) -> ParetoNBD | BGNBD:
        """The model of the customers with covariates z (k,)."""
        alpha, last = (float(each[0]) for each in self._scales(z[None]))
        if isinstance(self.base, ParetoNBD):
            return replace(self.base, alpha=alpha, beta=last)
        return replace(self.base, alpha=alpha, b=last)

    def log_likelihood(self, x: FloatArray, t_x: FloatArray, T: FloatArray, z: FloatArray) -> FloatArray:
        """Natural-log likelihood of each history, (n,)."""
        return self._forms(z).log_likelihood(x, t_x, T)

    def p_alive(self, x: FloatArray, t_x: FloatArray, T: FloatArray, z: FloatArray) -> FloatArray:
        """Probability of being active at T, (n,)."""
        return expit(-self._forms(z).log_odds_dropped(x, t_x, T))

    def expected_purchases(self, t: float, x: FloatArray, t_x: FloatArray, T: FloatArray, z: FloatArray) -> FloatArray:
        """Expected purchases in (T, T + t] given the history, (n,)."""
        alpha, last = self._scales(z)
        if isinstance(self.base, ParetoNBD):
            living = (self.base.r + x) / (alpha + T) * expected_lifetime(self.base.s, last + T, t)
        else:
            living = mean_purchases_by_row(self.base.a, last + x, self.base.r + x, t / (alpha + T))
        return self.p_alive(x, t_x, T, z) * living

    def discounted_purchases(
        self, delta: float, x: FloatArray, t_x: FloatArray, T: FloatArray, z: FloatArray, t: float = math.inf
    ) -> FloatArray:
        """Expected purchases in (T, T + t], each discounted to T at the continuous rate delta per period, (n,).

        BG/NBD customers are worked out by groups of equal covariates, so time grows with their number.
        Raises DomainError where the sum is infinite, as the model without covariates does.
        """
        if isinstance(self.base, ParetoNBD):
            require_finite_purchases(self.base.name, delta, t, s=self.base.s)
            alpha, beta = self._scales(z)
            living = (self.base.r + x) / (alpha + T) * discounted_lifetime(self.base.s, beta + T, delta, t)
            return self.p_alive(x, t_x, T, z) * living
        out = np.empty(z.shape[0])
        first, group = distinct_rows(*z.T)
        order = np.argsort(group, kind="stable")
        ends = np.cumsum(np.bincount(group, minlength=first.size))[:-1]
        for row, rows in zip(first, np.split(order, ends), strict=True):
            out[rows] = self.at(z[row]).discounted_purchases(delta, x[rows], t_x[rows], T[rows], t)
        return out

    def _forms(self, z: FloatArray) -> ParetoForms | BetaGeometricForms:
        alpha, last = self._scales(z)
        if isinstance(self.base, ParetoNBD):
            return ParetoForms(self.base.r, alpha, self.base.s, last)
        return BetaGeometricForms(self.base.r, alpha, self.base.a, last, first_chance=0)

    def _scales(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Each customer's own alpha, and beta or b, (n,)."""
        last = self.base.beta if isinstance(self.base, ParetoNBD) else self.base.b
        away = z - self.centre
        return self.base.alpha * np.exp(-(away @ self.purchase)), last * np.exp(-(away @ self.dropout))


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """Twice the log-likelihood lost without as many coefficients as `degrees`, nan where that fit did not converge."""

    statistic: float
    degrees: int

    @property
    def p_value(self) -> float:
        """Probability of as much or more if the coefficients are 0, by the chi-square of that many degrees."""
        return chi_square_tail(self.statistic, self.degrees) if math.isfinite(self.statistic) else math.nan


@dataclass(frozen=True)
class CovariateFit:
    """A fitted model with covariates and how the fit went.

    `standard_errors` (2, k) are those of the coefficients, purchase and dropout. `covariance` is that of (ln r,
    ln alpha, purchase (k), ln s, ln beta, dropout (k)), a and b for s and beta in BG/NBD, 0 in undetermined directions.
    `ratios` has one test per process and covariate, `joint` one per group of covariates, out of both processes.
    `without` is the fit of the same model without covariates. `boundary` is a sentence or None.
    """

    model: CovariateModel
    standard_errors: FloatArray
    covariance: FloatArray
    log_likelihood: float
    without: Fit
    ratios: tuple[tuple[LikelihoodRatio, ...], ...]
    joint: tuple[LikelihoodRatio, ...]
    converged: bool
    evaluations: int
    boundary: str | None

    @property
    def customers(self) -> int:
        """How many customers it was fitted on."""
        return self.without.customers

    @property
    def aic(self) -> float:
        """Akaike information criterion, 2 k - 2 LL; less is better."""
        return 2.0 * len(self.covariance) - 2.0 * self.log_likelihood

    @property
    def overall(self) -> LikelihoodRatio:
        """The test of all covariates together."""
        gain = float(2.0 * (self.log_likelihood - self.without.log_likelihood))
        known = self.converged and self.without.converged
        return LikelihoodRatio(max(gain, 0.0) if known else math.nan, self.standard_errors.size)


def fit_with_covariates(
    name: str,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,
    z: ArrayLike,
    names: Sequence[str],
    groups: Sequence[Sequence[int]] | None = None,
    *,
    without: Fit | None = None,
    tests: bool = True,
) -> CovariateFit:
    """Fit "Pareto/NBD" or "BG/NBD" with the covariates z (n, k), called `names`, in both processes.

    `groups` are the columns that belong together, such as the levels of a category; each on its own when left out.
    `without` is the fit of the model without covariates where it is known already.  Without `tests`, which take a fit
    each, `ratios` and `joint` are empty.
    Raises InputError for impossible histories or covariates (not finite, constant, collinear), InsufficientDataError
    when the data do not determine a coefficient.
    """
    if name not in COVARIATE_MODELS:
        raise InputError(f"model {name!r} takes no covariates; use one of {', '.join(COVARIATE_MODELS)}.")
    x, t_x, T = check_histories(x, t_x, T)
    z = check_covariates(x, z, names)
    without = fit_purchases(name, x, t_x, T) if without is None else without
    unit, centre, scale = float(T.max()), z.mean(axis=0), z.std(axis=0)
    objective = _objective(COVARIATE_MODELS[name], x, t_x / unit, T / unit, (z - centre) / scale)
    optimum = minimise(objective, _start(without, unit, scale.size), box=BOX)
    units = np.concatenate([[1.0, 1.0], scale, [1.0, 1.0], scale])
    inverse, determined = inverse_information(optimum.hessian, at_edge(optimum))
    places = _places(scale.size)
    _require_determined(determined[places], names, without)
    tested = range(scale.size if tests else 0)
    ratios = tuple(tuple(_ratio(objective, optimum, places[p, i]) for i in tested) for p in range(2))
    columns = [[i] for i in tested] if groups is None or not tests else groups
    theta = optimum.theta / units
    covariance = inverse / np.outer(units, units)
    return CovariateFit(
        model=CovariateModel(_base(name, theta, unit), centre, theta[places[0]], theta[places[1]]),
        standard_errors=np.sqrt(np.diag(covariance))[places],
        covariance=covariance,
        log_likelihood=-optimum.value - float(x.sum()) * math.log(unit),
        without=without,
        ratios=ratios,
        joint=tuple(_ratio(objective, optimum, places[:, list(group)].ravel()) for group in columns),
        converged=optimum.converged,
        evaluations=optimum.evaluations,
        boundary=None if determined.all() else _boundary(name, optimum.theta),
    )


def _objective(
    model: type[ParetoNBD] | type[BGNBD], x: FloatArray, t_x: FloatArray, T: FloatArray, z: FloatArray
) -> CovariateObjective:
    first, inverse = distinct_rows(x, t_x, T, *z.T)
    count = np.bincount(inverse, minlength=first.size).astype(float)
    return CovariateObjective(model, Histories(x[first], t_x[first], T[first], count), z[first])


def _places(k: int) -> NDArray[np.intp]:
    """Where the coefficients of purchase and of dropout stand in theta, (2, k)."""
    return np.array([np.arange(2, 2 + k), np.arange(4 + k, 4 + 2 * k)])


def _start(without: Fit, unit: float, k: int) -> FloatArray:
    r, alpha, third, fourth = astuple(without.model)
    last = fourth / unit if isinstance(without.model, ParetoNBD) else fourth
    return np.concatenate([np.log([r, alpha / unit]), np.zeros(k), np.log([third, last]), np.zeros(k)])


def _base(name: str, theta: FloatArray, unit: float) -> ParetoNBD | BGNBD:
    r, alpha, third, fourth = np.exp(_shared(theta)).tolist()
    if name == ParetoNBD.name:
        return ParetoNBD(r, alpha * unit, third, fourth * unit)
    return BGNBD(r, alpha * unit, third, fourth)


def _shared(theta: FloatArray) -> FloatArray:
    """The four parameters without the coefficients."""
    half = theta.size // 2
    return theta[[0, 1, half, half + 1]]


def _boundary(name: str, theta: FloatArray) -> str:
    return name_pareto(_shared(theta)) if name == ParetoNBD.name else name_beta_geometric(_shared(theta))


def _ratio(objective: CovariateObjective, optimum: Optimum, out: NDArray[np.intp]) -> LikelihoodRatio:
    """Fit without the coefficients at the places `out`, from where the quadratic around the optimum has its top."""
    kept = np.delete(np.arange(optimum.theta.size), out)
    out = np.atleast_1d(out)
    bend = optimum.hessian[np.ix_(kept, kept)]
    moved = np.linalg.lstsq(bend, optimum.hessian[np.ix_(kept, out)] @ optimum.theta[out], rcond=1e-12)[0]

    def restricted(free: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        theta = np.zeros(optimum.theta.size)
        theta[kept] = free
        value, gradient, hessian = objective(theta)
        return value, gradient[kept], hessian[np.ix_(kept, kept)]

    start = np.clip(optimum.theta[kept] + moved, -BOX, BOX)
    at_start = restricted(start)
    if not math.isfinite(at_start[0]):
        start = optimum.theta[kept]
        at_start = restricted(start)
    found = minimise(restricted, start, box=BOX, tolerance=_ENOUGH, known=at_start)
    known = found.converged and optimum.converged
    return LikelihoodRatio(max(2.0 * float(found.value - optimum.value), 0.0) if known else math.nan, out.size)


def _require_determined(determined: NDArray[np.bool_], names: Sequence[str], without: Fit) -> None:
    """Refuse coefficients (2, k) that the data leave open, as where a covariate separates buyers from others."""
    already = f" Without covariates: {without.boundary}" if without.boundary is not None else ""
    for process, known in zip(PROCESSES, determined, strict=True):
        if not known.all():
            name = names[int(np.argmin(known))]
            raise InsufficientDataError(
                f'covariate "{name}": these data do not determine its effect on {process}, because it sets customers '
                f"apart who never, or always, do so; leave it out, or merge the level with another.{already}"
            )
