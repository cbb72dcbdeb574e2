"""The whole analysis of one log under one set of assumptions: what every host shows, in numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pyfuncs.analysis import (
    alternatives,
    caveats,
    concentration,
    fitting,
    scores,
    segments,
    validation,
    value_intervals,
)
from pyfuncs.analysis.acquired_value import remaining_value
from pyfuncs.analysis.acquisition_report import AcquisitionReport, acquisition_report
from pyfuncs.analysis.attribute_cells import AttributeCells
from pyfuncs.analysis.beyond import Beyond, beyond
from pyfuncs.analysis.certainty import Certainty, certainty
from pyfuncs.analysis.focal_profile import FocalProfile, focal_profile
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.intervals import World, possible_worlds, streams
from pyfuncs.analysis.log import Log, account
from pyfuncs.analysis.model_table import Fitted, MeanSpend, to_table
from pyfuncs.analysis.movement import Movement, movement
from pyfuncs.analysis.products import Products, products
from pyfuncs.analysis.readiness import Readiness, readiness
from pyfuncs.analysis.settings import Settings
from pyfuncs.errors import FocalError, InputError, InsufficientDataError
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.discounting import PERIODS_PER_YEAR

Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Refit:
    """Everything a refit found.

    Attributes
    ----------
    customers : one row a customer, most valuable first
        The histories of `histories()` and rank, p_alive, expected_purchases, expected_spend, discounted_purchases,
        value, value_low, value_high, p_focal, segment, decile, and picked: whether the focal rule picks the customer,
        by value alone.  Without amounts spend is 1 and value counts purchases.
    certainty : what the possible worlds say of the focal rule
    comparison : the columns of `fitting.compare`, and new_customer (discounted repeat purchases) and equity
    ladder : label, and the columns of `scores.new_customer`
    second : figure, focal, lifetimes, difference, customers (by lifetimes at Focal's parameters, on a sample)
    holdout : None when the log cannot be split; `holdout_statements` says why
    attributes : what else is known of customers; None when nothing is
    profile : what makes focal customers different, or why that cannot be told
    acquisition : value against cost by channel and cohort
    products : what products bring, or why that cannot be told
    movement : who moved between segments since the split, whether cohorts differ, when to refit
    undiscounted_below : customers whose discounted purchases over the forecast horizon exceed the undiscounted: none
    readiness : whether it is worth it to treat customers differently
    beyond : what attributes known at acquisition do, and whether they forecast; or why that cannot be told
    """

    settings: Settings
    log: Log
    attributes: AttributeCells | None
    account: pd.DataFrame
    fitted: Fitted
    customers: pd.DataFrame
    first_amount: float
    equity_low: float
    equity_high: float
    certainty: Certainty
    comparison: pd.DataFrame
    ladder: pd.DataFrame
    second: pd.DataFrame
    frequency_fit: pd.DataFrame
    ginis: dict[str, float]
    holdout: validation.HoldoutReport | None
    holdout_statements: tuple[str, ...]
    tracking: pd.DataFrame
    profile: FocalProfile | str
    acquisition: AcquisitionReport
    products: Products | str
    movement: Movement
    readiness: Readiness
    beyond: Beyond | str
    undiscounted_below: int
    statements: tuple[str, ...]

    @property
    def equity(self) -> float:
        """Customer equity: the value of today's customers, before acquisition cost."""
        return float(self.customers["value"].sum())

    @property
    def unit(self) -> str:
        """What money is counted in; purchases where the log has no amounts."""
        return self.settings.currency if self.log.has_amounts else "purchases"

    @property
    def horizon_in_periods(self) -> float:
        """The forecast horizon in periods of the model."""
        return self.settings.horizon * PERIODS_PER_YEAR[self.fitted.period]

    @property
    def spend_mean(self) -> float:
        """Mean spend per purchase of the population; 1 where the log has no amounts."""
        return 1.0 if self.fitted.spend is None else float(self.fitted.spend.mean)

    @property
    def spend_model(self) -> str:
        """Name of the spend model in use."""
        if self.fitted.spend is None:
            return "none"
        return "mean" if isinstance(self.fitted.spend, MeanSpend) else "Gamma-Gamma"

    @property
    def parameters(self) -> pd.DataFrame:
        """The parameters of both models as `CLV_FIT` spills them."""
        table = to_table(self.fitted)
        return table[table["term"].isin(["r", "alpha", "a", "b", "s", "beta", "p", "q", "v"])]


def refit(
    log: Log,
    settings: Settings,
    progress: Progress = lambda message: None,
    attributes: AttributeCells | None = None,
    channel_costs: Mapping[str, float] | None = None,
    product_margins: Mapping[str, float] | None = None,
) -> Refit:
    """Fit, score, segment and validate; `progress` is told each step in words.

    `attributes` is what else is known of customers; `channel_costs` are the acquisition costs of channels that have one
    of their own, in money per customer, `product_margins` the margins of such products, as fractions.

    Raises `InsufficientDataError` when the log cannot support a model at all.
    """
    progress("Reducing transactions to customer histories")
    people = histories(log, settings.period)
    progress(f"Fitting purchase and spend models to {len(people):,} customers")
    spend_model = settings.spend_model.casefold() if log.has_amounts else "none"
    fits = fitting.fit_every(people, spend_model, settings.period, log.observation_end)
    chosen = fitting.choose(fits) if settings.model == "auto" else settings.model
    fitted = fits[chosen]
    progress("Scoring customers")
    customers = _score(fitted, people, settings)
    progress(f"Simulating {settings.draws} futures for the intervals")
    worlds, doubts = _worlds(fitted, customers, settings)
    customers, low, high = _with_intervals(fitted, customers, settings, worlds)
    customers, sure = _with_segments(fitted, customers, settings, worlds)
    progress("Testing the model on a holdout")
    report, said, tracked = _validate(log, settings, fitted)
    first_amount = float(people["first_amount"].mean()) if log.has_amounts else 1.0
    shares = _ginis(fitted, customers, settings, log.has_amounts)
    progress("Comparing customers, channels, products and dates")
    different = focal_profile(log, customers, settings.level, attributes)
    split = settings.split or validation.default_split(log)
    known_since = customers.assign(remaining_value=_remaining_value(fitted, customers, settings))
    acquired = acquisition_report(log, fitted, known_since, settings, channel_costs or {})
    bought = products(log, known_since, settings, split, product_margins)
    more = beyond(log, customers, settings, split, fitted.purchases.name, attributes)
    moved = movement(report or said[0], customers, fitted, settings)
    return Refit(
        settings=settings,
        log=log,
        attributes=attributes,
        account=account(log),
        fitted=fitted,
        customers=customers,
        first_amount=first_amount,
        equity_low=low,
        equity_high=high,
        certainty=sure,
        comparison=alternatives.compared(fits, people, settings, chosen),
        ladder=alternatives.ladder(fitted, settings, first_amount),
        second=alternatives.beside_lifetimes(fitted, customers, settings),
        frequency_fit=fitting.frequency_fit(fitted, people),
        ginis={str(measure): float(gini) for measure, gini in shares["gini"].items()},
        holdout=report,
        holdout_statements=said,
        tracking=tracked,
        profile=different,
        acquisition=acquired,
        products=bought,
        movement=moved,
        readiness=readiness(
            log,
            fitted,
            customers["frequency"],
            customers["value"],
            customers["picked"],
            top_share=float(shares["top_share"]["predictive"]),
            holdout=report or said[0],
            cost=settings.focal_cost,
            required=settings.required,
        ),
        beyond=more,
        undiscounted_below=_undiscounted_below(fitted, customers, settings),
        statements=(
            *doubts,
            *caveats.begins_in_the_midst(log),
            *caveats.hardly_any_leave(customers, settings, log),
            *caveats.far_ahead(fitted, customers, settings, log),
            *log.statements,
            *(attributes.match(people["customer_id"]) if attributes is not None else ()),
            *fitted.statements,
        ),
    )


def _score(fitted: Fitted, people: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Scores and ranks, most valuable customer first."""
    scored = people.assign(
        p_alive=scores.p_alive(fitted, people),
        expected_purchases=scores.expected_purchases(fitted, people, settings.horizon),
        expected_spend=scores.expected_spend(fitted, people),
        discounted_purchases=scores.discounted_purchases(
            fitted, people, settings.annual_discount_rate, settings.value_horizon
        ),
    )
    # the order of these factors is that of the workbook's formula, so that both round alike
    scored["value"] = scored["expected_spend"] * scored["discounted_purchases"] * settings.margin
    # customers of equal value stay in the order of the histories, that of their ids
    scored = scored.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    scored["decile"] = concentration.decile_of(scored["value"])
    scored["rank"] = np.arange(1, len(scored) + 1)
    return scored


def _remaining_value(fitted: Fitted, customers: pd.DataFrame, settings: Settings) -> FloatArray:
    """What of the first years of each customer, as many as the value horizon has, is still to come."""
    horizon = settings.value_horizon
    if horizon is None:
        return customers["value"].to_numpy(dtype=np.float64)
    return remaining_value(fitted, customers, horizon, settings.annual_discount_rate, settings.margin)


def _with_segments(
    fitted: Fitted, customers: pd.DataFrame, settings: Settings, worlds: list[World]
) -> tuple[pd.DataFrame, Certainty]:
    """Customers with the probability of truly being focal and their segment, and what hangs on the cut."""
    value, rule = customers["value"].to_numpy(), settings.rule
    sure = certainty(
        fitted,
        customers,
        value,
        *rule,
        horizon=settings.value_horizon,
        annual_discount_rate=settings.annual_discount_rate,
        margin=settings.margin,
        draws=settings.draws,
        seed=settings.seed,
        worlds=worlds,
    )
    labels = segments.label(value, *rule, sure.p_focal)
    picked = segments.meets_rule(value, *rule)
    return customers.assign(p_focal=sure.p_focal, segment=labels, picked=picked), sure


def _worlds(fitted: Fitted, customers: pd.DataFrame, settings: Settings) -> tuple[list[World], tuple[str, ...]]:
    """The possible worlds that the intervals and the probabilities of being focal share, and what limits them."""
    try:
        return possible_worlds(fitted, customers, True, settings.draws, streams(settings.seed)[0]), ()
    except InsufficientDataError as error:
        worlds = possible_worlds(fitted, customers, False, settings.draws, streams(settings.seed)[0])
        return worlds, (f"The intervals leave out the uncertainty of the parameters: {error}",)


def _with_intervals(
    fitted: Fitted, customers: pd.DataFrame, settings: Settings, worlds: list[World]
) -> tuple[pd.DataFrame, float, float]:
    """Customers with their value intervals, and the interval of customer equity."""
    found = value_intervals.value_intervals(
        fitted,
        customers,
        horizon=settings.value_horizon,
        annual_discount_rate=settings.annual_discount_rate,
        margin=settings.margin,
        level=settings.level,
        draws=settings.draws,
        seed=settings.seed,
        worlds=worlds,
    )
    return customers.assign(value_low=found.low, value_high=found.high), found.total_low, found.total_high


def _validate(
    log: Log, settings: Settings, fitted: Fitted
) -> tuple[validation.HoldoutReport | None, tuple[str, ...], pd.DataFrame]:
    """The holdout report and tracking, or the reason why there is none.

    A split the user typed must work; the default one, half-way, may fail on a log too short to be halved.
    """
    split = settings.split or validation.default_split(log)
    try:
        if not validation.first_day(log) < split < log.observation_end:
            raise InputError(
                f"Setting 'Holdout starts after': {split} is not inside the log, which ends on {log.observation_end}."
            )
        report = validation.holdout_report(
            log, split, settings.model, settings.period, spend_model=settings.spend_model
        )
    except FocalError as error:
        if settings.split is not None:
            raise
        statement = f"No holdout could be made by splitting the log at {split}: {error}"
        return None, (statement,), validation.tracking(log, fitted)
    return report, report.statements, validation.tracking(log, report.fitted, split)


def _ginis(fitted: Fitted, customers: pd.DataFrame, settings: Settings, has_amounts: bool) -> pd.DataFrame:
    """Gini and top share of past spend (purchases without amounts), of expected, latent and realised value."""
    past = customers["total_amount"] if has_amounts else customers["purchases"].astype("float64")
    table = concentration.ginis(
        fitted,
        customers,
        past,
        horizon=settings.value_horizon,
        annual_discount_rate=settings.annual_discount_rate,
        seed=settings.seed,
    )
    return table.set_index("measure")


def _undiscounted_below(fitted: Fitted, customers: pd.DataFrame, settings: Settings) -> int:
    discounted = scores.discounted_purchases(fitted, customers, settings.annual_discount_rate, settings.horizon)
    return int((discounted > customers["expected_purchases"] * (1 + 1e-9) + 1e-12).sum())
