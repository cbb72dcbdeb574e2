"""The gates of readiness as words: what each asks, what it requires, and what it means when it is not passed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

HETEROGENEITY: Final = "heterogeneity"
PREDICTABILITY: Final = "predictability"
IDENTIFIED: Final = "identified revenue"
PAYOFF: Final = "payoff"
HISTORY: Final = "history"
REPEAT_BUYERS: Final = "repeat buyers"
DECISIVE: Final = (HETEROGENEITY, PREDICTABILITY)
"""Gates without which nothing is worth it."""

PASS: Final = "pass"
FAIL: Final = "fail"
NOT_STATED: Final = "not stated"
CANNOT: Final = "cannot be computed"
WORTH_IT: Final = "worth it"
NARROW: Final = "worth it for a few: narrow"
DO_NOT: Final = "do not"

QUESTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        HETEROGENEITY: "What share of future value will the best fifth of customers hold?",
        PREDICTABILITY: "How many times as much as a random fifth did the fifth named in advance bring?",
        IDENTIFIED: "What share of revenue is of customers who are known?",
        PAYOFF: "How much more is a focal customer worth than one of the rest, against the cost?",
        HISTORY: "How many gaps between purchases does the log span?",
        REPEAT_BUYERS: "How many customers bought again, so that a model can be fitted?",
    }
)
"""What each gate asks, in the order of the table."""
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        HETEROGENEITY: "customers are too much alike",
        PREDICTABILITY: "who will be valuable cannot be told in advance",
        IDENTIFIED: "too much revenue is of unknown customers",
        PAYOFF: "a focal customer is not worth enough more than the rest to pay for the difference",
        HISTORY: "the log is too short for how seldom customers buy",
        REPEAT_BUYERS: "too few customers bought again to trust a model",
    }
)
"""What it means when a gate is not passed."""
UNSOUND: Final = "the fit of the model did not come to rest away from its bounds"
"""What it means when the gate of repeat buyers is not passed for that reason."""
REQUIRED: Final[Mapping[str, float]] = MappingProxyType(
    {HETEROGENEITY: 0.5, PREDICTABILITY: 1.5, IDENTIFIED: 0.8, HISTORY: 3.0, REPEAT_BUYERS: 100}
)
"""What the figures must reach unless the user says otherwise; that of the payoff is the cost."""
