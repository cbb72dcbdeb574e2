"""One consistent set of values for the assumptions of a refit."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from pyfuncs.analysis.assumptions import BY_NAME, SETTING_OF_GATE, SETTINGS
from pyfuncs.analysis.ready_gates import HETEROGENEITY, HISTORY, IDENTIFIED, PREDICTABILITY, REPEAT_BUYERS, REQUIRED
from pyfuncs.errors import InputError


@dataclass(frozen=True)
class Settings:
    """One set of assumptions; the meaning of each field is that of the `Setting` of the same name."""

    observation_end: dt.date | None = None
    period: str = "week"
    date_order: str = "auto"
    decimal_mark: str = "auto"
    zero_days: str = "count"
    duplicates: str = "keep"
    known_at_acquisition: str | None = None
    model: str = "auto"
    spend_model: str = "auto"
    horizon: float = 1.0
    value_horizon: float | None = None
    annual_discount_rate: float = 0.10
    margin: float = 1.0
    cac: float = 0.0
    currency: str = "$"
    focal_rule: str = "top share"
    focal_threshold: float = 0.20
    focal_cost: float | None = None
    split: dt.date | None = None
    ready_top_share: float = REQUIRED[HETEROGENEITY]
    ready_times_random: float = REQUIRED[PREDICTABILITY]
    ready_identified: float = REQUIRED[IDENTIFIED]
    ready_gaps: float = REQUIRED[HISTORY]
    ready_repeat_buyers: float = REQUIRED[REPEAT_BUYERS]
    level: float = 0.90
    draws: int = 200
    seed: int = 1

    def __post_init__(self) -> None:
        if self.focal_rule in ("top share", "value share") and self.focal_threshold > 1:
            raise InputError(
                f"Setting 'Focal threshold': {self.focal_threshold:g} is not a share; "
                f"with the rule '{self.focal_rule}' give 0 to 1, for example 0.20."
            )
        if self.focal_rule in ("budget", "break-even") and not self.focal_cost:
            raise InputError(f"Setting 'Cost per focal customer' is blank; the rule '{self.focal_rule}' needs it.")
        if self.value_horizon is None and self.annual_discount_rate == 0:
            raise InputError(
                "Setting 'Annual discount rate' is 0 and 'Value horizon' is blank: the value of the whole remaining "
                "life can be infinite. Give a discount rate above 0 or a value horizon in years."
            )

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Settings":
        """Build settings from cells or options by name; missing and blank ones take their defaults."""
        return cls(**{setting.name: setting.read(values.get(setting.name)) for setting in SETTINGS})

    def override(self, values: Mapping[str, Any]) -> "Settings":
        """The same settings with those in `values` that are not None put in their place."""
        given = {name: BY_NAME[name].read(value) for name, value in values.items() if value is not None}
        return replace(self, **given)

    @property
    def rule(self) -> tuple[str, float, float | None]:
        """The focal rule: its name, threshold and cost per customer, as `segments` takes them."""
        return self.focal_rule, self.focal_threshold, self.focal_cost

    @property
    def required(self) -> dict[str, float]:
        """What the figures of the gates of readiness must reach, by gate."""
        return {gate: getattr(self, name) for gate, name in SETTING_OF_GATE.items()}

    def as_dict(self) -> dict[str, Any]:
        """Values by name, in the order of the Settings sheet."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
