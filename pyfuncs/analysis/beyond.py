"""What the sheet Beyond shows: what attributes known at acquisition do to purchases and lifetime, and if they forecast.

Attributes are the columns of the table of attributes that were known when a customer was acquired, and the channel of
the first purchase.  What follows from purchases would explain them by itself and is left out.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from pyfuncs.analysis import comparisons, covariates
from pyfuncs.analysis.attribute_cells import AttributeCells
from pyfuncs.analysis.attribute_covariates import ON_RECORD, covariates_of
from pyfuncs.analysis.attributes import Attribute, read_attributes
from pyfuncs.analysis.covariates import Covariate
from pyfuncs.analysis.factor_test import FactorTest, factor_test, holdout_of
from pyfuncs.analysis.fitting import AUTO
from pyfuncs.analysis.focal_profile import channel_attribute
from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import Log
from pyfuncs.analysis.settings import Settings
from pyfuncs.errors import FocalError
from pyfuncs.models.covariates import COVARIATE_MODELS

MOST_CUSTOMERS: Final = 5_000
"""Customers, drawn at random, on whom the effects are fitted and the factors tested: errors of a few percent remain."""
FALSE_DISCOVERIES: Final = 0.10
"""q-value up to which an effect is called one."""
VAGUE: Final = float(np.log(1000.0))
"""Width of an interval, in logarithms, from which an effect is not shown: its ends are a thousand times apart."""
NOTHING_KNOWN: Final = (
    "Nothing beyond purchases is known of customers: add a column channel to the log, or fill in the sheet Attributes "
    "and name on Settings the columns that were known at acquisition."
)


@dataclass(frozen=True, eq=False)
class Beyond:
    """The effects of attributes on the purchase and the dropout process, and the test of each attribute as a factor.

    Attributes
    ----------
    effects : one row per number and per level of a category against its most frequent one
        effect (its name); rate, rate_low, rate_high: what it multiplies the purchase rate by; life, life_low,
        life_high: what it multiplies the lifetime by, which BG/NBD counts in purchases; rate_q, life_q: q-values of the
        likelihood-ratio tests over all of them.  Intervals are of 95 %; an effect that the log leaves open is nan.
    factors : each attribute on the holdout
    model : in which the effects were fitted
    customers : on how many
    statements : what was left out, in sentences
    """

    effects: pd.DataFrame
    factors: FactorTest
    model: str
    customers: int
    statements: tuple[str, ...]

    @property
    def tests(self) -> int:
        """Effects tested, each on the purchase rate and on the lifetime."""
        return int(self.effects[["rate_q", "life_q"]].notna().to_numpy().sum())


def beyond(
    log: Log, customers: pd.DataFrame, settings: Settings, split: dt.date, model: str, more: AttributeCells | None
) -> Beyond | str:
    """Effects of the attributes known at acquisition and their test on the holdout after `split`, or why there is none.

    `customers` has the columns of `histories` in the period of the settings.  `model` is the chosen one; where it takes
    no covariates, the better of those that do is taken.
    """
    known = _known(log, customers, more)
    if not known:
        return NOTHING_KNOWN
    drawn = np.arange(len(customers))
    if len(drawn) > MOST_CUSTOMERS:
        drawn = np.sort(np.random.default_rng(settings.seed).choice(drawn, MOST_CUSTOMERS, replace=False))
    sample = customers.iloc[drawn]
    name = model if model in COVARIATE_MODELS else AUTO
    left_out: list[str] = []
    while (told := covariates_of(known, drawn)).values:
        try:
            found = covariates.effects(
                {each: sample[each].to_numpy() for each in ("frequency", "recency", "T")}, told.values, name
            )
            tested = _tested(log, sample, settings.period, split, told.values, name)
        except FocalError as reason:
            culprit = _culprit(known, str(reason))
            if culprit is None or len(told.values) == 1:
                return f"The effects of attributes cannot be fitted: {reason}"
            known.remove(culprit)
            left_out.append(f"Left out: {reason}")
        else:
            ratios, fitted = _ratios(found), found.fit.model.base.name
            said = [*told.statements, *left_out]
            if len(drawn) < len(customers):
                said.insert(0, f"{len(drawn):,} of {len(customers):,} customers, drawn at random, are used.")
            if fitted != model:
                said.append(f"{model} takes no covariates, so that {fitted} is used here.")
            if ratios[["rate", "life"]].isna().to_numpy().any():
                said.append(
                    "Blank effects: the log tells too little of them, as of lifetimes where hardly anybody leaves."
                )
            return Beyond(ratios, tested, fitted, len(drawn), tuple(said))
    return " ".join(["No attribute known at acquisition can be fitted.", *told.statements, *left_out])


def _culprit(known: list[Attribute], reason: str) -> Attribute | None:
    """The attribute whose covariate, by its name in quotation marks, a fit was refused for."""
    return next((one for one in known if re.search(rf'"{re.escape(one.name)}(: |, | {ON_RECORD})', reason)), None)


def _known(log: Log, customers: pd.DataFrame, more: AttributeCells | None) -> list[Attribute]:
    """What is known of each customer from the acquisition on: the channel, then the columns of the table."""
    known: list[Attribute] = []
    channel = channel_attribute(log, customers)
    if channel is not None:
        known.append(channel)
    if more is not None and more.at_acquisition:
        read = read_attributes(more.of(customers["customer_id"])).attributes
        known += [one for one in read if one.name in more.at_acquisition]
    return known


def _tested(
    log: Log, sample: pd.DataFrame, period: str, split: dt.date, made: dict[str, Covariate], name: str
) -> FactorTest:
    """The covariates of the sample on the holdout."""
    before = histories(log, period, split)
    before = before[before["customer_id"].isin(sample["customer_id"])]
    holdout = holdout_of(before, sample)
    place = pd.Index(sample["customer_id"]).get_indexer(pd.Index(holdout.customers))
    return factor_test(holdout, {each: np.asarray(values)[place] for each, values in made.items()}, name)


def _ratios(found: covariates.Effects) -> pd.DataFrame:
    """Coefficients as what they multiply, purchase rate and lifetime beside each other."""
    table = pd.DataFrame(found.table)
    table = table[table["process"] != covariates.BOTH]
    q_value = comparisons.q_values(table["lr_p_value"].to_numpy(dtype=np.float64))
    low, middle, high = (table[name].to_numpy(dtype=np.float64) for name in ("lower", "coefficient", "upper"))
    vague = high - low > VAGUE
    low, middle, high, q_value = (np.where(vague, np.nan, each) for each in (low, middle, high, q_value))
    bought = (table["process"] == "purchase").to_numpy()
    with np.errstate(over="ignore"):
        return pd.DataFrame(
            {
                "effect": table["covariate"].to_numpy(dtype=object)[bought],
                **dict(zip(("rate", "rate_low", "rate_high"), np.exp([middle, low, high])[:, bought], strict=True)),
                "rate_q": q_value[bought],
                **dict(zip(("life", "life_low", "life_high"), np.exp([-middle, -high, -low])[:, ~bought], strict=True)),
                "life_q": q_value[~bought],
            }
        )
