"""A fitted model as the table of terms and values that sits in the workbook.

What `to_table` spills is the whole model: `from_table` reads it back without loss, and reads a table typed by hand just
as well, in any order, with the names people use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from pyfuncs.errors import InputError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.discounting import PERIODS_PER_YEAR
from pyfuncs.models.estimation import EVERY_PURCHASE_MODEL, Fit, PurchaseModel
from pyfuncs.models.gamma_gamma import GammaGamma

Z_95: Final = 1.959963984540054
"""Normal quantile of a 95 % interval, applied to the logarithms of the parameters, which must stay positive."""
SPEND_MEAN: Final = "spend_mean"
TABLE_COLUMNS: Final = ["term", "value", "standard_error", "lower", "upper"]
NOTES: Final = (
    "customers",
    "spend_customers",
    "frequency_spend_correlation",
    "log_likelihood",
    "aic",
    "bic",
    "spend_log_likelihood",
    "convergence",
)
"""Terms that report on a fit; they are not part of the model and are passed over when a table is read."""
_MODEL_NAMES: Final = {
    "bgnbd": "BG/NBD",
    "bg": "BG/NBD",
    "mbgnbd": "MBG/NBD",
    "mbg": "MBG/NBD",
    "paretonbd": "Pareto/NBD",
    "pareto": "Pareto/NBD",
    "pnbd": "Pareto/NBD",
    "bgbb": "BG/BB",
}
_EXCEL_DAY_ZERO: Final = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class MeanSpend:
    """One spend per purchase for everybody, where the data cannot tell customers apart.

    `mean` is in money per purchase, above 0.
    """

    mean: float

    def expected_spend(self, x: FloatArray, m: FloatArray) -> FloatArray:
        """The mean for every customer: (n,) array, whatever the history."""
        return np.full(np.shape(x), self.mean)

    def draw_mean_spend(self, rng: np.random.Generator, x: FloatArray, m: FloatArray) -> FloatArray:
        """The mean for every customer: nothing is known about spread, so nothing is drawn."""
        return np.full(np.shape(x), self.mean)


@dataclass(frozen=True)
class Fitted:
    """A model of purchases and spend, with the period it counts in and what was said while fitting it.

    `purchase_fit` and `spend_fit` are None for a model typed by hand.  `spend` None means that amounts are not
    modelled: every purchase counts as 1.  `frequency_spend_correlation` is nan where it was not computed.
    """

    purchases: PurchaseModel
    spend: GammaGamma | MeanSpend | None = None
    period: str = "week"
    observation_end: date | None = None
    purchase_fit: Fit | None = None
    spend_fit: Fit | None = None
    statements: tuple[str, ...] = ()
    frequency_spend_correlation: float = float("nan")


def to_table(fitted: Fitted) -> pd.DataFrame:
    """The model as rows of term, value, standard_error, lower and upper (95 %); blank (None) where unknown."""
    fit, spend_fit = fitted.purchase_fit, fitted.spend_fit
    correlation = fitted.frequency_spend_correlation
    rows: list[tuple[object, ...]] = [
        ("model", fitted.purchases.name),
        ("period", fitted.period),
        ("observation_end", fitted.observation_end),
        ("customers", fit.customers if fit else None),
        *_parameter_rows(fitted.purchases, fit),
    ]
    if isinstance(fitted.spend, GammaGamma):
        rows += _parameter_rows(fitted.spend, spend_fit)
    elif fitted.spend is not None:
        rows.append((SPEND_MEAN, fitted.spend.mean))
    rows += [
        ("spend_customers", spend_fit.customers if spend_fit else None),
        ("frequency_spend_correlation", None if np.isnan(correlation) else correlation),
        ("log_likelihood", fit.log_likelihood if fit else None),
        ("aic", fit.aic if fit else None),
        ("bic", fit.bic if fit else None),
        ("spend_log_likelihood", spend_fit.log_likelihood if spend_fit else None),
        ("convergence", fit.statement if fit else None),
    ]
    padded = [row + (None,) * (len(TABLE_COLUMNS) - len(row)) for row in rows]
    return pd.DataFrame(padded, columns=TABLE_COLUMNS, dtype=object)


def from_table(rows: Iterable[Sequence[object]]) -> Fitted:
    """Read a model from (term, value) pairs in any order; further columns and blank rows are passed over.

    Needed: `model` and its parameters (r alpha a b; r alpha s beta; for BG/BB alpha beta gamma delta).  Optional: p q v
    or spend_mean, period (week when left out), observation_end (a date, ISO text or an Excel day number).  Upper and
    lower case are the same.
    Raises `InputError` naming the term that is unknown, twice there, missing or not above 0.
    """
    terms = _read_terms(rows)
    name = model_name(terms.pop("model", None))
    period = _read_period(terms.pop("period", None))
    observation_end = _read_date(terms.pop("observation_end", None))
    for note in NOTES:
        terms.pop(note, None)
    purchases: PurchaseModel = EVERY_PURCHASE_MODEL[name](**_take(terms, EVERY_PURCHASE_MODEL[name], name))
    spend: GammaGamma | MeanSpend | None = None
    if SPEND_MEAN in terms:
        spend = MeanSpend(_positive(SPEND_MEAN, terms.pop(SPEND_MEAN)))
    elif any(field.name in terms for field in fields(GammaGamma)):
        spend = GammaGamma(**_take(terms, GammaGamma, "Gamma-Gamma"))
    if terms:
        known = ", ".join(field.name for field in fields(EVERY_PURCHASE_MODEL[name]))
        raise InputError(
            f"{next(iter(terms))}: not a term of this model; {name} takes {known}, and optionally p q v or "
            f"{SPEND_MEAN}, period and observation_end."
        )
    return Fitted(purchases, spend, period, observation_end)


def model_name(value: object) -> str:
    """The model's name as Focal spells it, from the usual spellings: "bgnbd", "BG-NBD", "pareto nbd"..."""
    if value is None:
        raise InputError(f"model: missing; give one of {', '.join(EVERY_PURCHASE_MODEL)}.")
    plain = re.sub(r"[^a-z]", "", str(value).lower())
    if plain not in _MODEL_NAMES:
        raise InputError(f"model: {value!r} is not a model; use one of {', '.join(EVERY_PURCHASE_MODEL)}.")
    return _MODEL_NAMES[plain]


def _parameter_rows(model: PurchaseModel | GammaGamma, fit: Fit | None) -> list[tuple[object, ...]]:
    """One row per parameter, with the interval taken on the logarithm."""
    values = asdict(model)
    if fit is None:
        return list(values.items())
    rows: list[tuple[object, ...]] = []
    for term, value in values.items():
        error = fit.standard_errors[term]
        factor = float(np.exp(Z_95 * error / value))  # error / value is the standard error of the logarithm
        known = np.isfinite(error)
        rows.append((term, value, error, value / factor, value * factor) if known else (term, value))
    return rows


def _read_terms(rows: Iterable[Sequence[object]]) -> dict[str, object]:
    """Terms in lower case with underscores, to values; blanks and the header row are dropped."""
    terms: dict[str, object] = {}
    for row in rows:
        if len(row) < 2:
            raise InputError("model: a model table needs two columns, term and value.")
        if _is_blank(row[0]) or _is_blank(row[1]):
            continue
        term = re.sub(r"[^a-z]+", "_", str(row[0]).strip().lower()).strip("_")
        if term == "term":
            continue
        if term in terms:
            raise InputError(f"{term}: given twice, {terms[term]} and {row[1]}; keep one.")
        terms[term] = row[1]
    return terms


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value != value


def _take(terms: dict[str, object], model: type, name: str) -> dict[str, float]:
    """Remove a model's parameters from the terms and return them as numbers above 0."""
    parameters = {}
    for field in fields(model):
        if field.name not in terms:
            needed = " ".join(other.name for other in fields(model))
            raise InputError(f"{field.name}: missing; {name} needs {needed}.")
        parameters[field.name] = _positive(field.name, terms.pop(field.name))
    return parameters


def _positive(term: str, value: object) -> float:
    """A finite number above 0, also from text such as "0.243"."""
    try:
        number = float("nan" if isinstance(value, bool) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = float("nan")
    if not 0.0 < number < np.inf:
        raise InputError(f"{term}: {value!r} is not a number above 0.")
    return number


def _read_period(value: object) -> str:
    period = "week" if value is None else str(value).strip().lower()
    if period not in PERIODS_PER_YEAR:
        raise InputError(f"period: {value!r} is not a period; use {', '.join(PERIODS_PER_YEAR)}.")
    return period


def _read_date(value: object) -> date | None:
    """A date from a date, ISO text, or the number Excel keeps for a day."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    if isinstance(value, datetime):
        return value.date()
    try:
        if isinstance(value, str):
            return date.fromisoformat(value.strip()[:10])
        if isinstance(value, int | float | np.number) and not isinstance(value, bool):
            return _EXCEL_DAY_ZERO + timedelta(days=int(value))
    except (ValueError, OverflowError):
        pass
    raise InputError(f"observation_end: {value!r} is not a date; write it as 1998-06-30.")
