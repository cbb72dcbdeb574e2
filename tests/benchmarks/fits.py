"""Fitting the models: Focal against lifetimes on the same histories."""

import warnings
from collections.abc import Iterable, Mapping
from functools import partial
from types import ModuleType

import numpy as np
import pandas as pd

from pyfuncs.models.estimation import fit_purchases, fit_spend
from tests.benchmarks.measuring import Cost, Effort, Side, Work, side_by_side
from tests.benchmarks.populations import SEED, Base, Opportunities, coins, donations
from tests.benchmarks.report import Report

FITTERS = {"BG/NBD": "BetaGeoFitter", "MBG/NBD": "ModifiedBetaGeoFitter", "Pareto/NBD": "ParetoNBDFitter"}
BETA_GEOMETRIC: Mapping[int | None, float] = {None: 14, 10_000: 13, 100_000: 45, 1_000_000: 75}
LEAST: Mapping[str, Mapping[int | None, float]] = {
    "BG/NBD": BETA_GEOMETRIC,
    "MBG/NBD": BETA_GEOMETRIC,
    "Pareto/NBD": {None: 13, 10_000: 34, 100_000: 190, 450_000: 300},
}
LEAST_SPEND: Mapping[int | None, float] = {None: 11, 1_000_000: 26}
LEAST_DONATIONS = 14
LARGEST_PARETO = 450_000
"""A sheet-full: lifetimes needs minutes for it already."""


def run(report: Report, effort: Effort, customers: Iterable[int]) -> None:
    """Print every fit: CDNOW and each number of simulated customers, daily and weekly."""
    report.section(
        "Fits",
        "Both sides fit the same histories, lifetimes with its own start and tolerance; CDNOW's are in weeks.",
        "daily: purchases of a day merged; weekly: purchases of a week merged, as lifetimes' freq='W' does.",
        "Likelihoods are Focal's exact ones at the parameters of each side.",
    )
    sizes = sorted(customers)
    for model in FITTERS:
        for base in bases(min(n, LARGEST_PARETO) if model == "Pareto/NBD" else n for n in sizes):
            purchase_fit(report, effort, model, base)
    for base in (Base(None), *(Base(n) for n in sizes)):
        spend_fit(report, effort, base)
    report.say(
        "BG/BB: of the donations lifetimes is given its own table of 22 weighted histories, Focal all 11,104 donors."
    )
    coin_fit(report, effort, "donations", None, LEAST_DONATIONS)
    for opportunities in (12, 52):
        coin_fit(report, effort, f"{sizes[0]:,} customers, {opportunities} periods", (sizes[0], opportunities), None)


def bases(sizes: Iterable[int]) -> list[Base]:
    """CDNOW first, which warms up; then every size by day and by week."""
    return [Base(None), *(Base(n, period) for n in sizes for period in ("day", "week"))]


def purchase_fit(report: Report, effort: Effort, model: str, base: Base) -> None:
    """Print one purchase model on one base."""
    sides = [Side("Focal", partial(focal, model, base)), Side("lifetimes", partial(lifetimes, model, base))]
    ours, theirs = side_by_side(sides, effort)
    work = f"fit {model}, {base}"
    report.compare(work, ours, theirs, LEAST[model].get(base.customers))
    h = base.histories()
    _quality(report, work, ours, theirs, (h.x, h.t_x, h.T))


def focal(model: str, base: Base) -> Work:
    """Focal's fit of a purchase model."""
    h = base.histories()
    return lambda: fit_purchases(model, h.x, h.t_x, h.T)


def lifetimes(model: str, base: Base) -> Work:
    """lifetimes' fit of a purchase model, as its documentation has it."""
    h, fitter = base.histories(), getattr(import_lifetimes(), FITTERS[model])
    return lambda: fitter().fit(h.x, h.t_x, h.T).params_


def spend_fit(report: Report, effort: Effort, base: Base) -> None:
    """Print Gamma-Gamma on the repeat buyers of a base."""
    sides = [Side("Focal", partial(focal_spend, base)), Side("lifetimes", partial(lifetimes_spend, base))]
    ours, theirs = side_by_side(sides, effort)
    work = f"fit Gamma-Gamma, {base}"
    report.compare(work, ours, theirs, LEAST_SPEND.get(base.customers))
    _quality(report, work, ours, theirs, spenders(base))


def spenders(base: Base) -> tuple[np.ndarray, np.ndarray]:
    """Frequency and mean spend of those who bought again and spent."""
    h = base.histories()
    used = (h.x > 0) & (h.m > 0)
    return h.x[used], h.m[used]


def focal_spend(base: Base) -> Work:
    """Focal's fit of Gamma-Gamma."""
    x, m = spenders(base)
    return lambda: fit_spend(x, m)


def lifetimes_spend(base: Base) -> Work:
    """lifetimes' fit of Gamma-Gamma."""
    (x, m), fitter = spenders(base), import_lifetimes().GammaGammaFitter
    return lambda: fitter().fit(x, m).params_


def coin_fit(
    report: Report, effort: Effort, data: str, simulated: tuple[int, int] | None, at_least: float | None
) -> None:
    """Print BG/BB on the donations, or on so many customers with so many opportunities."""
    sides = [Side("Focal", partial(focal_coins, simulated)), Side("lifetimes", partial(lifetimes_coins, simulated))]
    ours, theirs = side_by_side(sides, effort)
    report.compare(f"fit BG/BB, {data}", ours, theirs, at_least)
    _quality(report, f"fit BG/BB, {data}", ours, theirs, _opportunities(simulated))


def _opportunities(simulated: tuple[int, int] | None) -> Opportunities:
    if simulated is not None:
        return coins(*simulated, SEED)
    table = donations().loc[lambda rows: rows.index.repeat(rows["weights"])].astype("float64")
    return Opportunities(*(table[column].to_numpy() for column in ("frequency", "recency", "periods")))


def focal_coins(simulated: tuple[int, int] | None) -> Work:
    """Focal's fit of BG/BB."""
    customers = _opportunities(simulated)
    return lambda: fit_purchases("BG/BB", *customers)


def lifetimes_coins(simulated: tuple[int, int] | None) -> Work:
    """lifetimes' fit of BG/BB; of the donations the table with weights, as its documentation has it."""
    fitter = import_lifetimes().BetaGeoBetaBinomFitter
    if simulated is None:
        table = donations()
        columns = (table[column] for column in ("frequency", "recency", "periods", "weights"))
    else:
        columns = (pd.Series(column) for column in coins(*simulated, SEED))
    given = tuple(columns)
    return lambda: fitter().fit(*given).params_


def import_lifetimes() -> ModuleType:
    """The package, without the warnings of its import."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lifetimes
    return lifetimes


def _quality(report: Report, work: str, ours: Cost, theirs: Cost, data: tuple[np.ndarray, ...]) -> None:
    """How our fit ended where there is nothing to compare, and both sides' parameters by the same likelihood."""
    if ours.failure:
        return
    if theirs.failure or not ours.result.converged:
        report.say(f"    Focal: {ours.result.statement}")
    if not ours.result.converged:
        report.missed.append(f"{work}: Focal did not converge")
    if theirs.failure:
        return
    model = ours.result.model
    other = type(model)(**{name: float(value) for name, value in dict(theirs.result).items()})
    report.likelihood(
        work, float(model.log_likelihood(*data).sum()), float(other.log_likelihood(*data).sum()), theirs.name
    )
