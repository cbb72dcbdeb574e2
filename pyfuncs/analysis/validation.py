"""Does the model forecast?  Fit on a calibration window, predict the holdout after it, compare with rules of thumb."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pyfuncs.analysis import fitting, scores
from pyfuncs.analysis.concentration import TOP, decile_of, evened, last_share, ordered_gini
from pyfuncs.analysis.histories import histories, holdout
from pyfuncs.analysis.log import Log, used
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.value_intervals import value_intervals
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.discounting import DAYS_PER_PERIOD, DAYS_PER_YEAR

MOST_STEPS: Final = 60
"""Rows of the tracking table at most; steps of several periods keep a long log readable in a chart."""
LEVEL: Final = 0.90
COVERAGE_DRAWS: Final = 200
NOTABLE_ERROR: Final = 0.10
"""An error of the total beyond this fraction is called a miss in words."""
MODEL: Final = "model"
RANDOM: Final = "random"
PERFECT: Final = "perfect foresight"


@dataclass(frozen=True)
class HoldoutReport:
    """How a model fitted until `split` forecast the days after it, until `end`.

    Attributes
    ----------
    histories : the customers as of the split, those of `histories()`, in the order of `customers`
    customers : customer_id, predicted_purchases, actual_purchases, predicted_spend, actual_spend, low, high
        `low` and `high` bound the purchases; spend columns only where spend is modelled.
    totals : measure, predicted, actual, error
        Error is predicted / actual - 1; nan when nothing was bought.
    customer_errors : measure, mae, rmse
    capture : ranking, captured, normalised_gini
        Share of holdout value (purchases where spend is not modelled) in the top fifth of customers by the model, by
        four rules of thumb, with perfect foresight and at random; and the Gini of holdout value in that order over the
        Gini in perfect order.
    deciles : decile, customers, predicted_purchases, actual_purchases, predicted_spend, actual_spend
        By predicted value, best first.
    coverage : measure, level, covered, below, above
        Share of customers whose purchases lie within, below and above their interval.
    statements : sentences for people
    """

    split: date
    end: date
    fitted: Fitted
    histories: pd.DataFrame
    customers: pd.DataFrame
    totals: pd.DataFrame
    customer_errors: pd.DataFrame
    capture: pd.DataFrame
    deciles: pd.DataFrame
    coverage: pd.DataFrame
    statements: tuple[str, ...]

    @property
    def normalised_gini(self) -> float:
        """Normalised Gini of the model's ranking: 1 is perfect order, 0 is none."""
        return float(self.capture.set_index("ranking")["normalised_gini"][MODEL])


def holdout_report(
    log: Log,
    split: date,
    model: str = "auto",
    period: str = "week",
    observation_end: date | None = None,
    spend_model: str = "auto",
) -> HoldoutReport:
    """Fit on purchases until `split` (included) and compare the forecast of (split, end] with what happened.

    Customers first seen after the split take no part.  `observation_end` is the end, that of the log when left out.
    Raises `InputError` when the split is not before the end, `InsufficientDataError` when nothing can be fitted.
    """
    end = observation_end or log.observation_end
    actual = holdout(log, split, end)
    base = histories(log, period, end=split)
    fitted = fitting.fit(base, model, spend_model if log.has_amounts else "none", period, split)
    by_spend = fitted.spend is not None
    years = (end - split).days / DAYS_PER_YEAR
    customers = _forecast(fitted, base, actual, years, by_spend)
    totals = _totals(customers)
    capture = _capture(customers, base, by_spend)
    return HoldoutReport(
        split=split,
        end=end,
        fitted=fitted,
        histories=base,
        customers=customers,
        totals=totals,
        customer_errors=_customer_errors(customers),
        capture=capture,
        deciles=_deciles(customers),
        coverage=_coverage(customers),
        statements=_statements(totals, capture, split, end),
    )


def first_day(log: Log) -> date:
    """The first day with a row that is used."""
    first: date = used(log).day.min().astype("datetime64[D]").item()
    return first


def default_split(log: Log) -> date:
    """Half-way between the first used day and the observation end."""
    return first_day(log) + (log.observation_end - first_day(log)) // 2


def tracking(
    log: Log, fitted: Fitted, split: date | None = None, end: date | None = None, period: str | None = None
) -> pd.DataFrame:
    """Repeat purchases of the customers acquired until `split`, step by step, as they were and as the model expects.

    The model sees only when each customer was acquired.  A step is as many whole periods as leave at most 60 rows;
    steps are laid so that one ends at the split.  Without a split everyone is tracked and every step is calibration.

    Columns: period_start, period_end (dates, both included), actual, expected, cumulative_actual, cumulative_expected,
    window ("calibration" or "holdout").
    """
    end = end or log.observation_end
    split = split or end
    if split > end:
        raise InputError(f"split: {split} is after the observation end {end}; choose an earlier day.")
    bought = used(log)
    day = bought.day - np.datetime64(split, "D").astype(np.int64)
    first = day[bought.start[:-1]]
    acquired = first[first <= 0]
    if not acquired.size:
        raise InsufficientDataError(f"split: nobody had bought by {split}; choose a later day.")
    repeats = day[(first[bought.who] <= 0) & (day > first[bought.who])]
    step = period or fitted.period
    if step not in DAYS_PER_PERIOD:
        raise InputError(f"period: {step!r} is not a period; use {', '.join(DAYS_PER_PERIOD)}.")
    edges = _edges(int(acquired.min()) - 1, (end - split).days, DAYS_PER_PERIOD[step])
    actual = np.histogram(repeats, bins=edges + 0.5)[0]
    expected = np.diff(_expected_by(fitted, acquired, edges))
    return pd.DataFrame(
        {
            "period_start": [split + timedelta(days=int(edge) + 1) for edge in edges[:-1]],
            "period_end": [split + timedelta(days=int(edge)) for edge in edges[1:]],
            "actual": actual,
            "expected": expected,
            "cumulative_actual": actual.cumsum(),
            "cumulative_expected": expected.cumsum(),
            "window": np.where(edges[1:] <= 0, "calibration", "holdout"),
        }
    )


def tracking_errors(tracked: pd.DataFrame) -> pd.DataFrame:
    """How far the tracking table is off, by window.

    Columns: window; final_error, cumulative expected over actual at its end, less 1; mape and cumulative_mape,
    mean absolute errors of the steps as fractions of the actual, over the steps in which something was bought.
    """
    rows = []
    for window, steps in tracked.groupby("window", sort=False):
        errors = {}
        for name in ("", "cumulative_"):
            bought = steps[steps[f"{name}actual"] > 0]
            errors[name] = (bought[f"{name}expected"] / bought[f"{name}actual"] - 1.0).to_numpy(dtype=np.float64)
        last = errors["cumulative_"][-1] if errors["cumulative_"].size else np.nan
        mean = [float(np.abs(each).mean()) if each.size else np.nan for each in errors.values()]
        rows.append((window, float(last), *mean))
    return pd.DataFrame(rows, columns=["window", "final_error", "mape", "cumulative_mape"])


def normalised_gini(actual: FloatArray, held: FloatArray) -> float:
    """Gini of actual values `held` in the order of the predictions, over their Gini in their own order: at most 1.

    Ties in the prediction share the mean of the tied (`evened`).  nan when nothing was bought or all bought the same.
    """
    if actual.sum() <= 0 or np.ptp(actual) == 0:
        return float("nan")
    return ordered_gini(held) / ordered_gini(np.sort(actual))


def _forecast(fitted: Fitted, base: pd.DataFrame, actual: pd.DataFrame, years: float, by_spend: bool) -> pd.DataFrame:
    """Predicted and actual purchases and spend of each customer, with the interval of the purchases."""
    forecast = pd.DataFrame(
        {
            "customer_id": base["customer_id"].to_numpy(),
            "predicted_purchases": scores.expected_purchases(fitted, base, years),
            "actual_purchases": actual["purchases"].to_numpy(dtype=np.float64),
        }
    )
    if by_spend:
        forecast["predicted_spend"] = forecast["predicted_purchases"] * scores.expected_spend(fitted, base)
        forecast["actual_spend"] = actual["amount"].to_numpy(dtype=np.float64)
    counts = value_intervals(
        replace(fitted, spend=None),  # undiscounted and without spend, value is the number of purchases
        base,
        horizon=years,
        annual_discount_rate=0.0,
        level=LEVEL,
        draws=COVERAGE_DRAWS,
        total=False,
    )
    forecast["low"], forecast["high"] = counts.low, counts.high
    return forecast


def _measures(customers: pd.DataFrame) -> list[str]:
    return ["purchases", "spend"] if "actual_spend" in customers else ["purchases"]


def _totals(customers: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for measure in _measures(customers):
        predicted = float(customers[f"predicted_{measure}"].sum())
        actual = float(customers[f"actual_{measure}"].sum())
        rows.append((measure, predicted, actual, predicted / actual - 1.0 if actual > 0 else np.nan))
    return pd.DataFrame(rows, columns=["measure", "predicted", "actual", "error"])


def _customer_errors(customers: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for measure in _measures(customers):
        error = (customers[f"predicted_{measure}"] - customers[f"actual_{measure}"]).to_numpy()
        rows.append((measure, float(np.abs(error).mean()), float(np.sqrt((error**2).mean()))))
    return pd.DataFrame(rows, columns=["measure", "mae", "rmse"])


def _capture(customers: pd.DataFrame, base: pd.DataFrame, by_spend: bool) -> pd.DataFrame:
    """What the top fifth by each ranking went on to buy.  Equal purchases are ordered by past spend."""
    actual = customers[f"actual_{_measures(customers)[-1]}"].to_numpy()
    rankings = {MODEL: customers[f"predicted_{_measures(customers)[-1]}"].to_numpy()}
    if by_spend:
        rankings["past spend"] = base["total_amount"].to_numpy(dtype=np.float64)
        rankings["past purchases"] = _order(base[["purchases", "total_amount"]])
    else:
        rankings["past purchases"] = base["purchases"].to_numpy(dtype=np.float64)
    rankings["recency"] = -(base["T"] - base["recency"]).to_numpy(dtype=np.float64)
    if by_spend:
        rankings["first purchase"] = base["first_amount"].to_numpy(dtype=np.float64)
    rankings[PERFECT] = actual
    bought = actual.sum() > 0
    rows = [
        (name, last_share(held, TOP) if bought else np.nan, normalised_gini(actual, held))
        for name, held in ((name, evened(actual, rank)) for name, rank in rankings.items())
    ]
    return pd.DataFrame([*rows, (RANDOM, TOP, 0.0)], columns=["ranking", "captured", "normalised_gini"])


def _order(keys: pd.DataFrame) -> FloatArray:
    """One number that sorts as the two columns do: whole numbers first, within them any."""
    first, second = (keys[column].to_numpy(dtype=np.float64) for column in keys)
    levels, rank = np.unique(second, return_inverse=True)
    order: FloatArray = first * levels.size + rank
    return order


def _deciles(customers: pd.DataFrame) -> pd.DataFrame:
    columns = [f"{kind}_{measure}" for measure in _measures(customers) for kind in ("predicted", "actual")]
    decile = decile_of(customers[f"predicted_{_measures(customers)[-1]}"].to_numpy())
    grouped = customers[columns].groupby(decile)
    table = grouped.sum()
    table.insert(0, "customers", grouped.size())
    return table.rename_axis("decile").reset_index()


def _coverage(customers: pd.DataFrame) -> pd.DataFrame:
    actual, low, high = (customers[name].to_numpy() for name in ("actual_purchases", "low", "high"))
    below, above = float((actual < low).mean()), float((actual > high).mean())
    return pd.DataFrame(
        [("purchases", LEVEL, 1.0 - below - above, below, above)],
        columns=["measure", "level", "covered", "below", "above"],
    )


def _statements(totals: pd.DataFrame, capture: pd.DataFrame, split: date, end: date) -> tuple[str, ...]:
    """The report in plain words: totals first, then the ranking."""
    sentences = [
        _total_sentence(str(measure), float(error))
        for measure, error in zip(totals["measure"], totals["error"], strict=True)
    ]
    if any(totals["error"].abs() > NOTABLE_ERROR):
        sentences.append(
            f"The model knows no seasons, prices or campaigns: look for what changed between {split} and {end}."
        )
    captured = capture.set_index("ranking")["captured"]
    rules = captured.drop([MODEL, RANDOM, PERFECT])
    best, mine = str(rules.idxmax()) if rules.notna().any() else "", float(captured[MODEL])
    if best:
        gap = 100.0 * (mine - float(rules[best]))
        verdict = "as much as" if abs(gap) < 0.05 else f"{abs(gap):.1f} points {'more' if gap > 0 else 'less'} than"
        sentences.append(
            f"The model's top fifth of customers held {mine:.1%} of what the holdout brought; the best rule of thumb, "
            f"{best}, held {float(rules[best]):.1%}, so the model finds {verdict} it."
        )
    gini = capture.set_index("ranking")["normalised_gini"]
    if best and np.isfinite(gini[MODEL]):
        leader = str(gini.drop([RANDOM, PERFECT]).idxmax())
        sentences.append(
            f"Over the whole ranking the model's order reaches a normalised Gini of {float(gini[MODEL]):.2f}"
            + ("." if leader == MODEL else f"; {leader} reaches {float(gini[leader]):.2f}.")
        )
    return tuple(sentences)


def _total_sentence(measure: str, error: float) -> str:
    if np.isnan(error):
        return f"Nothing was bought in the holdout, so the error of total {measure} has no size."
    if abs(error) <= NOTABLE_ERROR:
        return f"Total {measure} in the holdout was forecast within {NOTABLE_ERROR:.0%} ({error:+.0%})."
    return f"Total {measure} in the holdout was {'over' if error > 0 else 'under'}-forecast by {abs(error):.0%}."


def _edges(first: int, last: int, days_per_period: float) -> NDArray[np.int64]:
    """Last days of the steps, in days after the split, from the day before the first purchase to the end."""
    periods = 1
    while True:
        step = periods * days_per_period
        back = np.floor(-step * np.arange(np.ceil(-first / step), -1, -1))
        ahead = np.floor(step * np.arange(1, np.ceil(last / step) + 1))
        edges = np.unique(np.clip(np.concatenate((back, ahead)), first, last)).astype(np.int64)
        if edges.size <= MOST_STEPS + 1:
            return edges
        periods += 1


def _expected_by(fitted: Fitted, acquired: NDArray[np.int64], edges: Sequence[int] | NDArray[np.int64]) -> FloatArray:
    """Expected repeat purchases by each edge, summed over customers by their days of acquisition."""
    days, counts = np.unique(acquired, return_counts=True)
    ages = np.maximum(np.asarray(edges)[:, None] - days, 0)
    distinct, inverse = np.unique(ages, return_inverse=True)
    expected = fitted.purchases.new_expected_purchases(distinct / DAYS_PER_PERIOD[fitted.period])
    return expected[inverse.reshape(ages.shape)] @ counts
