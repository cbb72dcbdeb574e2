"""What a reader of values must know of the log they rest on, in sentences."""

import numpy as np
import pandas as pd

from pyfuncs.analysis import scores, validation
from pyfuncs.analysis.log import Log
from pyfuncs.analysis.log_start import MIDST, had_bought_before
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.settings import Settings
from pyfuncs.models.discounting import DAYS_PER_YEAR

HARDLY_ANY_LEAVE = 0.95  # mean P(alive) from which a log says nothing of how long customers stay


def begins_in_the_midst(log: Log) -> tuple[str, ...]:
    """A warning where the first purchase in the log is not that of most customers."""
    before = had_bought_before(log.bought.day[log.bought.start[:-1]].astype(np.float64))
    if not before:
        return ()
    said = "What is said of acquisition, first products and cohorts is said of the log, not of the whole relationship."
    return (f"{MIDST.format(before)} {said}",)


def hardly_any_leave(customers: pd.DataFrame, settings: Settings, log: Log) -> tuple[str, ...]:
    """A warning where the log shows too little leaving to tell how long customers stay."""
    alive = float(customers["p_alive"].mean())
    if alive < HARDLY_ANY_LEAVE:
        return ()
    advice = " Use a value horizon no longer than the log." if _looks_beyond(log, settings) else ""
    return (
        f"Hardly any customer has visibly left (mean probability of still being one: {alive:.1%}), so how long they "
        f"will stay is beyond what this log can tell.{advice}",
    )


def far_ahead(fitted: Fitted, customers: pd.DataFrame, settings: Settings, log: Log) -> tuple[str, ...]:
    """How much of the value lies further ahead than the log reaches back."""
    years = _days(log) / DAYS_PER_YEAR
    equity = float(customers["value"].sum())
    if years <= 0 or equity <= 0 or not _looks_beyond(log, settings):
        return ()
    near = float(scores.value(fitted, customers, years, settings.annual_discount_rate, settings.margin).sum())
    return (
        f"The log spans {years:.1f} years; {1 - near / equity:.0%} of customer equity lies further ahead than that and "
        "rests on the model alone. A value horizon on Settings leaves it out.",
    )


def _looks_beyond(log: Log, settings: Settings) -> bool:
    """Whether value is counted further ahead than the log reaches back; a calendar year is a year."""
    return settings.value_horizon is None or settings.value_horizon * DAYS_PER_YEAR > _days(log) + 1.5


def _days(log: Log) -> int:
    return (log.observation_end - validation.first_day(log)).days
