"""The re-performance in numbers: what the native formulas on Checks come to, step by step, for the sampled customers.

A second way to the same figures, not the models' own: the formulas of the sheet in Python.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

from pyfuncs.analysis.refit import Refit

Floats = NDArray[np.float64]

SAMPLE = 25
WILDCARDS = "*?~"  # characters with which Excel's lookup means something else
LARGEST_TERM = 1e6  # terms of the series beyond this cancel each other to the last digits
TERMS = 200
NODES = 64


@dataclass(frozen=True)
class Steps:
    """The steps of the re-performance, one array entry per sampled customer."""

    odds: Floats
    p_alive: Floats
    c: Floats
    z: Floats
    if_alive: Floats
    purchases: Floats
    spend: Floats


def sample(refit: Refit) -> pd.DataFrame:
    """Customers for the re-performance, evenly over the ranks, with `position`, their row on the sheet.

    Left out are those too new for the series to converge (z above 0.9) and ids in which Excel's lookup sees wildcards.
    None where the parameters themselves, on a bound, are beyond what the series can be summed for.
    """
    customers = refit.customers.assign(position=np.arange(1, len(refit.customers) + 1))
    model: Any = refit.fitted.purchases
    z = _z(refit, customers)
    ids = customers["customer_id"].astype(str)
    plain = ~ids.str.contains(f"[{WILDCARDS}]") & (ids.str.len() < 256) & ~ids.str.casefold().duplicated(keep=False)
    if model.name != "Pareto/NBD":
        plain &= z < 0.9
    known = customers[plain]
    places = np.linspace(0, max(0, len(known) - 1), min(SAMPLE, len(known))).round()
    chosen = known.iloc[np.unique(places).astype(int)]
    return chosen if _summable(refit, chosen) else chosen.iloc[:0]


def _z(refit: Refit, customers: pd.DataFrame) -> Floats:
    t = refit.horizon_in_periods
    model: Any = refit.fitted.purchases
    return np.asarray(t / (model.alpha + customers["T"].to_numpy(dtype=np.float64) + t))


def _summable(refit: Refit, customers: pd.DataFrame) -> bool:
    """Whether no term of any sampled customer's series is so large that Excel would lose digits to cancellation."""
    model: Any = refit.fitted.purchases
    if model.name == "Pareto/NBD" or customers.empty:
        return True
    with np.errstate(over="ignore", invalid="ignore"):
        terms = _terms(model, _c(model, customers["frequency"].to_numpy(dtype=np.float64)), _z(refit, customers))
    return bool(np.isfinite(terms).all() and np.abs(terms).max() < LARGEST_TERM)


def _c(model: Any, x: Floats) -> Floats:
    return np.asarray(sum(shapes(model)) + x - 1)


def _terms(model: Any, c: Floats, z: Floats) -> Floats:
    """Terms of the series: one row a customer, one column a term."""
    j = np.arange(1, TERMS + 1)
    gammas = np.exp(gammaln(c[:, None] + 1) + gammaln(j) - gammaln(c[:, None] + j))
    return np.asarray(z[:, None] ** j * gammas * np.array(coefficients(model)))


def nodes() -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on (0, 1)."""
    u, w = np.polynomial.legendre.leggauss(NODES)
    return (u + 1) / 2, w / 2


def steps(refit: Refit, customers: pd.DataFrame) -> Steps:
    """The native formulas in Python, step by step: a second way to the same figures, not the models' own."""
    x, t_x, T = (customers[name].to_numpy(dtype=np.float64) for name in ("frequency", "recency", "T"))
    m = np.nan_to_num(customers["monetary_value"].to_numpy(dtype=np.float64))
    model: Any = refit.fitted.purchases
    t = refit.horizon_in_periods
    c, z = _c(model, x), _z(refit, customers)
    if model.name == "Pareto/NBD":
        odds, if_alive = _pareto_odds(model, x, t_x, T), _pareto_if_alive(model, x, T, t)
    else:
        odds, if_alive = _beta_odds(model, x, t_x, T), _beta_if_alive(model, c, z)
    alive = 1 / (1 + odds)
    spend: Any = refit.fitted.spend
    if refit.spend_model == "Gamma-Gamma":
        mean = spend.p * (spend.v + x * m) / (spend.p * x + spend.q - 1)
    else:
        mean = np.full(x.shape, refit.spend_mean)
    return Steps(odds, alive, c, z, if_alive, alive * if_alive, mean)


def shapes(model: Any) -> tuple[float, float, int]:
    """The third and fourth parameter, and 1 for MBG/NBD, whose customers may leave after the first purchase too."""
    if model.name == "Pareto/NBD":
        return model.s, model.beta, 0
    return model.a, model.b, int(model.name == "MBG/NBD")


def _pareto_odds(model: Any, x: Floats, t_x: Floats, T: Floats) -> Floats:
    lower = min(model.alpha, model.beta)
    u, w = nodes()
    width = np.log((lower + T) / (lower + t_x))
    shifted = (lower + t_x)[:, None] * np.exp(width[:, None] * u)
    with np.errstate(over="ignore"):
        inner = (shifted / (shifted + model.beta - lower)) * np.exp(
            (model.r + x)[:, None] * np.log((model.alpha + T)[:, None] / (shifted + model.alpha - lower))
            + model.s * np.log((model.beta + T)[:, None] / (shifted + model.beta - lower))
        )
        return np.asarray(np.minimum(model.s * width * (inner @ w), 1e300))


def _pareto_if_alive(model: Any, x: Floats, T: Floats, t: float) -> Floats:
    ratio = (model.beta + T) / (model.beta + T + t)
    shape = model.s - 1
    life = -np.log(ratio) if abs(shape) < 1e-7 else (1 - ratio**shape) / shape
    return np.asarray((model.r + x) * (model.beta + T) / (model.alpha + T) * life)


def _beta_odds(model: Any, x: Floats, t_x: Floats, T: Floats) -> Floats:
    a, b, modified = shapes(model)
    never = (x == 0) & (modified == 0)
    divisor = np.where(never, 1.0, b + x - 1 + modified)
    with np.errstate(over="ignore"):
        odds = a / divisor * np.exp((model.r + x) * np.log((model.alpha + T) / (model.alpha + t_x)))
    return np.where(never, 0.0, np.minimum(odds, 1e300))


def _beta_if_alive(model: Any, c: Floats, z: Floats) -> Floats:
    shape = model.a - 1
    head = -np.log(1 - z) if abs(shape) < 1e-7 else (1 - (1 - z) ** shape) / shape
    return np.asarray(c * head - (1 - z) ** shape * _terms(model, c, z).sum(axis=1))


def coefficients(model: Any) -> list[float]:
    """Coefficients of the series: V(1) = a + b - 1 - r, each next one from the one before; none for Pareto/NBD."""
    if model.name == "Pareto/NBD":
        return [0.0] * TERMS
    a, b, modified = shapes(model)
    first = a + b + modified - 1 - model.r
    values = [first]
    for j in range(2, TERMS + 1):
        values.append(values[-1] * (first + j - 1) * (a + j - 2) / (j * (j - 1)))  # infinite at worst
    return values


@dataclass(frozen=True, eq=False)
class Reperformed:
    """The sampled customers, perhaps none, and the steps of their re-performance."""

    customers: pd.DataFrame
    steps: Steps

    def differences(self, name: str) -> Floats:
        """Re-performed against Focal's own figures: p_alive, expected_purchases or expected_spend."""
        mine = {
            "p_alive": self.steps.p_alive,
            "expected_purchases": self.steps.purchases,
            "expected_spend": self.steps.spend,
        }
        return np.asarray(np.abs(mine[name] - self.customers[name].to_numpy(dtype=np.float64)))


def reperform(refit: Refit) -> Reperformed:
    """Sample customers and take the steps."""
    customers = sample(refit)
    return Reperformed(customers, steps(refit, customers))
