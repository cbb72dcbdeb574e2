"""Scoring customers: Focal against lifetimes at the same parameters."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pandas as pd

from pyfuncs.analysis import scores
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.models.estimation import fit_purchases, fit_spend
from tests.benchmarks.fits import FITTERS, import_lifetimes
from tests.benchmarks.measuring import Effort, Side, Work, side_by_side
from tests.benchmarks.populations import Base
from tests.benchmarks.report import Report

YEAR = 365.25
MONTHS = 12
MONTH = 30.0
"""Days, in lifetimes."""
MONTHLY_RATE = 0.01
VALUE_YEARS = MONTHS * MONTH / YEAR
ANNUAL_RATE = (1 + MONTHLY_RATE) ** (YEAR / MONTH) - 1
LEAST_PURCHASES = {"BG/NBD": 4.5, "MBG/NBD": 3.0, "Pareto/NBD": 2.0}
AT_PURCHASES = 1_000_000
LEAST_VALUE = 65.0
AT_VALUE = 450_000

Score = Callable[[str, Base], Work]


def run(report: Report, effort: Effort, customers: Iterable[int]) -> None:
    """Print P(alive), expected purchases and value for each number of simulated customers."""
    report.section(
        "Scores",
        "Both sides score the same daily histories at the same parameters, those of Focal's fit.",
        "value: lifetimes' customer_lifetime_value takes 12 steps of 30 days and discounts each from its end by 1 %;",
        "Focal's value covers the same 360 days and discounts every purchase from its own day, at the same rate.",
    )
    for n in sorted(customers):
        for model in FITTERS:
            base = Base(n)
            alive = partial(focal_alive, model, base), partial(lifetimes_alive, model, base)
            score(report, effort, f"P(alive) {model}, {base}", alive, None)
            bought = partial(focal_purchases, model, base), partial(lifetimes_purchases, model, base)
            least = LEAST_PURCHASES[model] if n >= AT_PURCHASES else None
            score(report, effort, f"expected purchases {model}, {base}", bought, least)
    for n in sorted({min(n, AT_VALUE) for n in customers}):
        for model in FITTERS:
            worth = partial(focal_value, model, Base(n)), partial(lifetimes_value, model, Base(n))
            score(report, effort, f"value {model}, {Base(n)}", worth, LEAST_VALUE if n == AT_VALUE else None)


def score(
    report: Report,
    effort: Effort,
    work: str,
    prepare: tuple[Callable[[], Work], Callable[[], Work]],
    at_least: float | None,
) -> None:
    """Print one score by both sides and how far their figures are apart."""
    ours, theirs = side_by_side([Side("Focal", prepare[0]), Side("lifetimes", prepare[1])], effort)
    notes = []
    if not (ours.failure or theirs.failure):
        mine, other = np.asarray(ours.result, dtype=float), np.asarray(theirs.result, dtype=float)
        both = np.isfinite(other)
        apart = float(np.abs(mine - other)[both].max())
        notes = [f"sum {mine.sum():,.3f} against {other[both].sum():,.3f}, a customer's at most {apart:.1e} apart"]
        if not both.all():
            notes.append(f"lifetimes has no number for {np.count_nonzero(~both):,} customers")
    report.compare(work, ours, theirs, at_least, notes)


@lru_cache(maxsize=1)
def fitted(model: str, base: Base) -> Fitted:
    """Focal's fit of both models."""
    h = base.histories()
    return Fitted(fit_purchases(model, h.x, h.t_x, h.T).model, fit_spend(h.x, h.m).model, base.period)


@lru_cache(maxsize=1)
def table(base: Base) -> pd.DataFrame:
    """The histories as Focal's functions take them."""
    h = base.histories()
    return pd.DataFrame({"frequency": h.x, "recency": h.t_x, "T": h.T, "monetary_value": h.m})


def focal_alive(model: str, base: Base) -> Work:
    """Focal's P(alive)."""
    return partial(scores.p_alive, fitted(model, base), table(base))


def lifetimes_alive(model: str, base: Base) -> Work:
    """lifetimes' P(alive)."""
    h, fitter = base.histories(), fitter_at(fitted(model, base))
    return lambda: fitter.conditional_probability_alive(h.x, h.t_x, h.T)


def focal_purchases(model: str, base: Base) -> Work:
    """Focal's expected purchases over a year."""
    return partial(scores.expected_purchases, fitted(model, base), table(base), 1.0)


def lifetimes_purchases(model: str, base: Base) -> Work:
    """lifetimes' expected purchases over a year."""
    h, fitter = base.histories(), fitter_at(fitted(model, base))
    return lambda: fitter.predict(YEAR, h.x, h.t_x, h.T)


def focal_value(model: str, base: Base) -> Work:
    """Focal's discounted value over twelve times thirty days."""
    return partial(scores.value, fitted(model, base), table(base), VALUE_YEARS, ANNUAL_RATE)


def lifetimes_value(model: str, base: Base) -> Work:
    """lifetimes' value over twelve months."""
    customers, both = table(base), fitted(model, base)
    fitter, spend = fitter_at(both), import_lifetimes().GammaGammaFitter()
    spend.params_ = parameters(both.spend)
    money = customers["monetary_value"].fillna(0.0)  # as lifetimes' own summary has it
    history = customers["frequency"], customers["recency"], customers["T"]
    return lambda: spend.customer_lifetime_value(
        fitter, *history, money, time=MONTHS, discount_rate=MONTHLY_RATE, freq="D"
    )


def fitter_at(both: Fitted) -> Any:
    """lifetimes' fitter at Focal's parameters, as if it had been fitted."""
    fitter = getattr(import_lifetimes(), FITTERS[both.purchases.name])()
    fitter.params_ = parameters(both.purchases)
    fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
    return fitter


def parameters(model: Any) -> "pd.Series[float]":
    """Parameters by name."""
    found: Mapping[str, float] = asdict(model)
    return pd.Series(found)
