"""Is it worth it here?  Six gates that a customer base must pass before customers are treated differently.

Heterogeneity and predictability are decisive: customers who are alike, or whose value nobody can foresee, are not worth
telling apart whatever else holds.  Of the other gates one may be missed, at the price of going narrow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from pyfuncs.analysis import validation
from pyfuncs.analysis.concentration import TOP
from pyfuncs.analysis.log import BLANK_CUSTOMER, STATUSES
from pyfuncs.analysis.ready_gates import (
    CANNOT,
    DECISIVE,
    DO_NOT,
    FAIL,
    HETEROGENEITY,
    HISTORY,
    IDENTIFIED,
    NARROW,
    NOT_STATED,
    PASS,
    PAYOFF,
    PREDICTABILITY,
    QUESTIONS,
    REASONS,
    REPEAT_BUYERS,
    UNSOUND,
    WORTH_IT,
)
from pyfuncs.models.bgbb import BGBB
from pyfuncs.models.discounting import DAYS_PER_PERIOD

if TYPE_CHECKING:
    from pyfuncs.analysis.log import Log
    from pyfuncs.analysis.model_table import Fitted
    from pyfuncs.analysis.texts import Mask
    from pyfuncs.models.arrays import FloatArray

_SIMPLER_IS_AS_GOOD: Final = 0.99
"""A rule of thumb that captures this much of what the model does is as good as the model."""


@dataclass(frozen=True)
class Gate:
    """One question put to a customer base.

    Attributes
    ----------
    name, question : what it is called and what it asks
    figure : what was found; nan where it cannot be computed, and `note` says why
    required : what the figure must reach; nan where it was not stated
    sound : False where something besides the figure keeps the gate shut, which `note` says
    note : what the figure rests on, in a sentence or two
    """

    name: str
    figure: float
    required: float
    note: str
    sound: bool = True

    @property
    def question(self) -> str:
        """What the gate asks."""
        return QUESTIONS[self.name]

    @property
    def verdict(self) -> str:
        """pass, fail, "not stated" (counts neither way) or "cannot be computed" (does not count as passed)."""
        if math.isnan(self.required):
            return NOT_STATED
        if math.isnan(self.figure):
            return CANNOT
        return PASS if self.sound and self.figure >= self.required else FAIL

    @property
    def reason(self) -> str:
        """Why the gate is not passed, in plain words; "" where it is, or counts neither way."""
        failed = REASONS[self.name] if self.sound else UNSOUND
        return {FAIL: failed, CANNOT: f"{self.name} {CANNOT}"}.get(self.verdict, "")


@dataclass(frozen=True)
class Readiness:
    """The gates in their order and what follows from them."""

    gates: Mapping[str, Gate]

    @property
    def missed(self) -> tuple[Gate, ...]:
        """Gates that were not passed; one whose threshold was not stated is none of them."""
        return tuple(gate for gate in self.gates.values() if gate.verdict in (FAIL, CANNOT))

    @property
    def verdict(self) -> str:
        """Worth it, worth it for a few, or do not."""
        missed = {gate.name for gate in self.missed}
        if missed & set(DECISIVE) or len(missed) > 1:
            return DO_NOT
        return NARROW if missed else WORTH_IT

    @property
    def reason(self) -> str:
        """Why: the gates that were not passed, in plain words; "" when all were."""
        return "; ".join(gate.reason for gate in self.missed)

    @property
    def sentence(self) -> str:
        """The verdict with its reason."""
        return f"{self.verdict}: {self.reason}" if self.reason else self.verdict


def readiness(
    log: Log,
    fitted: Fitted,
    frequency: ArrayLike,
    values: ArrayLike,
    picked: ArrayLike,
    *,
    top_share: float,
    holdout: validation.HoldoutReport | str,
    cost: float | None,
    required: Mapping[str, float],
) -> Readiness:
    """Put the gates to a log and the model fitted to it.

    Parameters
    ----------
    frequency, values, picked : (n,) arrays
        Repeat purchases, value, and whether the focal rule picks the customer.
    top_share
        Share of value that the best fifth of customers will hold, of simulated outcomes; nan where there is none.
    holdout
        The test of the forecast, or why there is none.
    cost
        Money to treat one customer as focal; None when not stated.
    required
        What the figures of the gates must reach, by the name of the gate; that of the payoff is the cost.
    """
    gates = (
        _heterogeneity(top_share, required[HETEROGENEITY]),
        _predictability(holdout, required[PREDICTABILITY]),
        _identified(log, required[IDENTIFIED]),
        _payoff(np.asarray(values, dtype=np.float64), np.asarray(picked, dtype=np.bool_), cost),
        _history(log, fitted, required[HISTORY]),
        _repeat_buyers(fitted, np.asarray(frequency, dtype=np.float64), required[REPEAT_BUYERS]),
    )
    return Readiness(MappingProxyType({gate.name: gate for gate in gates}))


def _heterogeneity(top_share: float, required: float) -> Gate:
    note = (
        "Nobody is expected to buy again, so there is no value to share out."
        if math.isnan(top_share)
        else f"Of simulated outcomes, in which chance alone lifts it above {TOP:.0%}, the more so the less is to come."
    )
    return Gate(HETEROGENEITY, top_share, required, note)


def _predictability(holdout: validation.HoldoutReport | str, required: float) -> Gate:
    if isinstance(holdout, str):
        return Gate(PREDICTABILITY, math.nan, required, holdout)
    captured = holdout.capture.set_index("ranking")["captured"]
    mine = float(captured[validation.MODEL])
    if math.isnan(mine):
        return Gate(PREDICTABILITY, math.nan, required, f"Nothing was bought after {holdout.split}.")
    rules = captured.drop([validation.MODEL, validation.RANDOM, validation.PERFECT])
    best, theirs = str(rules.idxmax()), float(rules.max())
    as_good = theirs >= _SIMPLER_IS_AS_GOOD * mine
    simple = f"The simple rule {best} {'does as well' if as_good else 'does less well'}: {theirs / TOP:.2f} times."
    return Gate(
        PREDICTABILITY,
        mine / TOP,
        required,
        f"The model's best fifth of {holdout.split} brought {mine:.0%} of what was bought after it. {simple}",
    )


def _identified(log: Log, required: float) -> Gate:
    """Of amounts above zero, so that refunds cannot hide behind sales; of rows where there are no amounts."""
    status = log.read.status
    amounts = log.read.amounts
    if log.has_amounts and amounts is not None:
        weight, what = np.maximum(np.nan_to_num(amounts.values), 0.0), "revenue"
    else:
        weight, what = np.ones(status.size), "rows"
    total = float(weight.sum())
    if total <= 0:
        return Gate(IDENTIFIED, math.nan, required, "The amounts of the log come to nothing.")
    nobody = float(weight[status == STATUSES.index(BLANK_CUSTOMER)].sum())
    return Gate(
        IDENTIFIED, 1.0 - nobody / total, required, f"Rows without a customer hold {nobody / total:.1%} of {what}."
    )


def _payoff(values: FloatArray, picked: Mask, cost: float | None) -> Gate:
    required = math.nan if cost is None else cost
    unstated = " Type the cost per focal customer to compare." if cost is None else ""
    if picked.all() or not picked.any():
        who = "every customer" if picked.all() else "no customer"
        return Gate(PAYOFF, math.nan, required, f"The focal rule picks {who}, so there is nobody to compare.{unstated}")
    more = float(values[picked].mean() - values[~picked].mean())
    note = f"The most there is to win, not what treating them differently will win.{unstated}"
    return Gate(PAYOFF, more, required, note)


def mean_gap(fitted: Fitted) -> float:
    """Mean time between purchases of those still customers, in periods: 1 over the mean purchase rate of the model.

    The mean of the gaps seen would not do: a log shows only gaps shorter than itself.
    """
    model = fitted.purchases
    if isinstance(model, BGBB):
        return (model.alpha + model.beta) / model.alpha
    return model.alpha / model.r


def _history(log: Log, fitted: Fitted, required: float) -> Gate:
    days = (log.observation_end - validation.first_day(log)).days
    gap = mean_gap(fitted) * DAYS_PER_PERIOD[fitted.period]
    note = f"The log spans {days:,} days; a customer buys every {gap:,.0f} days, counting those still waited for."
    return Gate(HISTORY, days / gap, required, note)


def _repeat_buyers(fitted: Fitted, frequency: FloatArray, required: float) -> Gate:
    fit = fitted.purchase_fit
    if fit is None:
        note, sound = "The model was given, so how its fit went is not known.", True
    elif not fit.converged:
        note, sound = "The fit of the model did not converge, so the gate is not passed whatever the figure.", False
    elif fit.boundary is not None:
        note, sound = "The fit ended on a bound, so the gate is not passed whatever the figure.", False
    else:
        note, sound = "The fit converged away from its bounds.", True
    return Gate(REPEAT_BUYERS, float(np.count_nonzero(frequency > 0)), required, note, sound)
