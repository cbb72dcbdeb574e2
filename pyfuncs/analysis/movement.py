"""From the split of the holdout to the observation end: who moved, whether that is more than chance, when to refit.

The model fitted until the split says who was focal then and what each segment should buy until the end; the refit says
who is focal now.  Nothing is fitted again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from pyfuncs.analysis import intervals, scores, segments
from pyfuncs.analysis.certainty import certainty
from pyfuncs.analysis.drift import SIGNIFICANT, Drift, drift
from pyfuncs.analysis.levels import tails_of
from pyfuncs.analysis.migration import Stability, migration, pair, stability
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.settings import Settings
from pyfuncs.analysis.validation import HoldoutReport
from pyfuncs.errors import FocalError
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.discounting import DAYS_PER_YEAR

AS_EXPECTED: Final = "as expected"
MORE: Final = "more"
LESS: Final = "less"
TOO_FEW: Final = "too few"
SMALL: Final = 30
"""Customers below which a segment is shown but not tested."""
ENOUGH_STAYED: Final = 0.8
"""Share of the focal list that must still hold for the list to be used."""
_FOCAL_WORLDS: Final = 100  # most worlds for P(focal) at the split
_DRAWN: Final = 1_200_000  # customers drawn in all, over the worlds
_WORLDS: Final = (50, 150)  # fewest and most
_AT_ONCE: Final = 4_000_000  # customers held at once, over the worlds


@dataclass(frozen=True, eq=False)
class Moves:
    """From the split to the end: `matrix` of `migration`, `stability`, and `forecast` of `against_forecast`.

    `alive` is the mean P(alive) at the end, by segment at the split (New for customers acquired since).
    """

    split: dt.date
    end: dt.date
    matrix: pd.DataFrame
    alive: dict[str, float]
    stability: Stability
    forecast: pd.DataFrame


@dataclass(frozen=True)
class RefitRule:
    """Whether a fit is out of date, in one sentence, and why: one reason for each rule that says so."""

    at_once: bool
    sentence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Movement:
    """What moved: `moves` or why they cannot be told, `drift` between cohorts or why not, and the rule that follows."""

    moves: Moves | str
    drift: Drift | str
    rule: RefitRule | None


def movement(report: HoldoutReport | str, customers: pd.DataFrame, fitted: Fitted, settings: Settings) -> Movement:
    """Compare the fit until the split with the refit until the end.

    `report` is the holdout, or the sentence why there is none; `customers` and `fitted` are those of the refit, with
    segment and the scores.
    """
    try:
        cohorts: Drift | str = drift(customers, fitted)
    except FocalError as error:
        cohorts = str(error)
    if isinstance(report, str):
        return Movement(report, cohorts, None)
    try:
        moves = _moves(report, customers, settings)
    except FocalError as error:
        return Movement(f"What customers were worth on {report.split} cannot be told: {error}", cohorts, None)
    return Movement(moves, cohorts, when_to_refit(moves, cohorts))


def _moves(report: HoldoutReport, customers: pd.DataFrame, settings: Settings) -> Moves:
    earlier = as_of_split(report, settings)
    pairs = pair(earlier, customers)
    return Moves(
        split=report.split,
        end=report.end,
        matrix=migration(pairs, settings.level),
        alive={
            str(name): float(mean) for name, mean in pairs.groupby("segment_earlier")["p_alive_later"].mean().items()
        },
        stability=stability(pairs),
        forecast=against_forecast(report, earlier["segment"].to_numpy(), settings.level, settings.seed),
    )


def as_of_split(report: HoldoutReport, settings: Settings) -> pd.DataFrame:
    """The customers of the split as the model then saw them: customer_id, segment, p_focal, value, p_alive and
    expected_spend, by the rule and the settings of the refit, in the order of the report."""
    fitted, people = report.fitted, report.histories
    horizon, rate, rule = settings.value_horizon, settings.annual_discount_rate, settings.rule
    value = scores.value(fitted, people, horizon, rate, settings.margin)
    p_focal = certainty(
        fitted, people, value, *rule, horizon=horizon, annual_discount_rate=rate, margin=settings.margin,
        draws=min(settings.draws, _FOCAL_WORLDS), seed=settings.seed,
    ).p_focal  # fmt: skip
    return pd.DataFrame(
        {
            "customer_id": people["customer_id"],
            "segment": segments.label(value, *rule, p_focal),
            "p_focal": p_focal,
            "value": value,
            "p_alive": scores.p_alive(fitted, people),
            "expected_spend": scores.expected_spend(fitted, people),
        }
    )


def against_forecast(report: HoldoutReport, segment: np.ndarray, level: float = 0.90, seed: int = 1) -> pd.DataFrame:
    """What each segment of the split bought until the end, against what the fit until the split foresaw.

    The model foresees that customers leave and that chance plays its part; if nothing about the customers changed, the
    purchases of a segment lie within its interval in the share `level` of all cases.  `segment` is the label of each
    customer of the report, (n,).  The interval is that of the gamma distribution with the mean and the variance of the
    simulated futures, which hold parameters, traits and outcomes; bounds are whole purchases, rounded outwards.

    Columns: segment (Focal to Light, then All), customers, expected, lower, upper, actual, verdict ("as expected",
    "more", "less", or "too few" customers to test).
    """
    from scipy.special import gammaincinv

    customers = report.customers
    names = (*segments.LABELS, segments.ALL)
    members = np.column_stack([segment == name for name in segments.LABELS] + [segment != ""])
    expected, actual = (
        customers[f"{kind}_purchases"].to_numpy() @ members.astype(np.float64) for kind in ("predicted", "actual")
    )
    spread = np.var(_futures(report, members, seed), axis=0, ddof=1)
    uncertain = (expected > 0) & (spread > 0)
    shape = np.where(uncertain, expected, 1.0) ** 2 / np.where(uncertain, spread, 1.0)
    lower, upper = (
        np.where(uncertain, gammaincinv(shape, tail) * expected / shape, expected) for tail in tails_of(level)
    )
    table = pd.DataFrame(
        {
            "segment": names,
            "customers": members.sum(axis=0),
            "expected": expected,
            "lower": np.floor(lower),
            "upper": np.ceil(upper),
            "actual": actual,
        }
    )
    outside = np.select([table["actual"] < table["lower"], table["actual"] > table["upper"]], [LESS, MORE], AS_EXPECTED)
    return table.assign(verdict=np.where(table["customers"] < SMALL, TOO_FEW, outside))


def when_to_refit(moves: Moves, cohorts: Drift | str) -> RefitRule:
    """The plain rule: at once if the forecast missed, cohorts differ or the focal list did not hold; else as usual.

    Of the focal list 80 % must have stayed: of its P(focal), so that nobody counts as having left by more than the
    probability fell.
    """
    total, kept = moves.forecast.iloc[-1], moves.stability.surely_stayed
    reasons = []
    if total.verdict in (MORE, LESS):
        reasons.append(
            f"customers bought {total.actual:,.0f} times, {total.verdict} than the {total.lower:,.0f} to "
            f"{total.upper:,.0f} foreseen"
        )
    if isinstance(cohorts, Drift) and cohorts.differs:
        reasons.append(f"cohorts differ (p below {SIGNIFICANT:g})")
    if kept < ENOUGH_STAYED:
        reasons.append(f"{kept:.0%} of the focal list held where {ENOUGH_STAYED:.0%} is asked for{_pace(moves, kept)}")
    if reasons:
        sentence = (
            f"A fit of {moves.split} is out of date by {moves.end}: refit at once when yours is that old, because "
        )
        return RefitRule(True, f"{sentence}{'; '.join(reasons)}.", tuple(reasons))
    found = (
        "there are too few customers to test the forecast"
        if total.verdict == TOO_FEW
        else "purchases were as foreseen",
        "cohorts do not differ" if isinstance(cohorts, Drift) else "cohorts could not be compared",
        "nobody was on the focal list" if np.isnan(kept) else f"{kept:.0%} of the focal list held",
    )
    sentence = (
        f"Nothing says that a fit of {moves.split} is out of date by {moves.end}: refit monthly, with each closing. "
    )
    return RefitRule(False, f"{sentence}As to the signs: {', '.join(found)}.", ())


def _pace(moves: Moves, kept: float) -> str:
    """After how many weeks too little of the list is left, at the pace seen."""
    weeks = (moves.end - moves.split).days / 7
    if not 0.0 < kept < 1.0:
        return ""
    return f", a pace at which a list serves {max(1.0, weeks * np.log(ENOUGH_STAYED) / np.log(kept)):.0f} weeks"


def _worlds(customers: int) -> int:
    """How many worlds to draw for a base of that size."""
    fewest, most = _WORLDS
    return int(np.clip(_DRAWN // max(customers, 1), fewest, most))


def _futures(report: HoldoutReport, members: np.ndarray, seed: int) -> FloatArray:
    """Purchases until the end in possible worlds by group, (worlds, groups); `members` is (n, groups)."""
    fitted = replace(report.fitted, spend=None)  # undiscounted and without spend, value is the number of purchases
    years = (report.end - report.split).days / DAYS_PER_YEAR
    left, totals = _worlds(len(members)), []
    weights = members.astype(np.float32)
    while left > 0:
        draws = max(2, min(left, _AT_ONCE // len(members)))
        worlds = intervals.value_draws(
            fitted, report.histories, horizon=years, annual_discount_rate=0.0, draws=draws, seed=seed + left
        )
        totals.append(worlds @ weights)
        left -= draws
    return np.concatenate(totals).astype(np.float64)
