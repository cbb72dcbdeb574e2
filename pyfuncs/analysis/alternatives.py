"""The chosen model beside alternatives: the other models, other horizons, and lifetimes at the same parameters."""

import numpy as np
import pandas as pd

from pyfuncs.analysis import fitting, scores
from pyfuncs.analysis.model_table import Fitted, MeanSpend
from pyfuncs.analysis.settings import Settings
from pyfuncs.models.second_opinion import expected_spend as lifetimes_spend
from pyfuncs.models.second_opinion import second_opinion

HORIZONS: tuple[tuple[str, float | None], ...] = (
    *((f"{years:g} year{'' if years == 1 else 's'}", years) for years in scores.LADDER),
    ("Whole life", None),
)
SECOND_OPINION_CUSTOMERS = 500


def compared(fits: dict[str, Fitted], people: pd.DataFrame, settings: Settings, chosen: str) -> pd.DataFrame:
    """The models side by side with what their difference means in money."""
    rate, horizon = settings.annual_discount_rate, settings.value_horizon
    equity, new = [], []
    for fit in fits.values():
        equity.append(float(scores.value(fit, people, horizon, rate, settings.margin).sum()))
        delta = scores.discount_per_period(fit, rate, horizon)
        new.append(float(fit.purchases.new_discounted_purchases(delta, t=scores.in_periods(fit, horizon))))
    return fitting.compare(people, fits, chosen).assign(equity=equity, new_customer=new)


def ladder(fitted: Fitted, settings: Settings, first_amount: float) -> pd.DataFrame:
    """Purchases and value of a new customer by horizon; what is infinite is nan."""
    table = scores.new_customer(
        fitted, settings.annual_discount_rate, settings.margin, first_amount, [years for _, years in HORIZONS]
    )
    return pd.DataFrame(table).assign(label=[label for label, _ in HORIZONS])


def beside_lifetimes(fitted: Fitted, customers: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Focal beside lifetimes at the same parameters, on customers spread evenly over the ranks.

    Where lifetimes has no number, as for parameters on a bound, no customer is compared and the row says so.
    """
    step = max(1, len(customers) // SECOND_OPINION_CUSTOMERS)
    sample = customers.iloc[::step]
    history = scores.history(sample)
    t = scores.in_periods(fitted, settings.horizon)
    other = second_opinion(fitted.purchases, *history, t)
    mine = float(fitted.purchases.log_likelihood(*history).sum())
    theirs = float(np.sum(other.log_likelihood))
    rows = [
        ("log-likelihood", mine, theirs, abs(mine - theirs) / max(1.0, abs(mine)), len(sample))
        if np.isfinite(theirs)
        else ("log-likelihood", mine, np.nan, 0.0, 0),
        _beside("P(alive)", sample["p_alive"], other.p_alive),
        _beside("expected purchases", sample["expected_purchases"], other.expected_purchases),
    ]
    x, m = scores.spend_history(sample)
    spenders = (x > 0) & np.isfinite(m)
    if fitted.spend is not None and not isinstance(fitted.spend, MeanSpend) and spenders.any():
        theirs_spend = lifetimes_spend(fitted.spend, x[spenders], m[spenders])
        rows.append(_beside("expected spend", sample["expected_spend"][spenders], theirs_spend))
    else:
        rows.append(("expected spend", np.nan, np.nan, 0.0, 0))
    return pd.DataFrame(rows, columns=["figure", "focal", "lifetimes", "difference", "customers"])


def _beside(figure: str, mine: pd.Series, theirs: np.ndarray) -> tuple[str, float, float, float, int]:
    """Means of both and the largest difference, where lifetimes has a number at all."""
    ours = mine.to_numpy(dtype=np.float64)
    both = np.isfinite(theirs)
    if not both.any():
        return figure, float(ours.mean()), np.nan, 0.0, 0
    difference = np.abs(ours[both] - theirs[both]) / np.maximum(1.0, np.abs(ours[both]))
    return figure, float(ours[both].mean()), float(theirs[both].mean()), float(difference.max()), int(both.sum())
