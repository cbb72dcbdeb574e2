"""Every assumption of a refit, declared once; what the Settings sheet, the command line and checks of input read."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pyfuncs.analysis.ready_gates import HETEROGENEITY, HISTORY, IDENTIFIED, PREDICTABILITY, REPEAT_BUYERS, REQUIRED
from pyfuncs.errors import InputError

Kind = Literal["date", "choice", "number", "percent", "count", "text"]
FAR = 1e12  # no money amount or horizon of a real business is larger; keeps typing slips out


@dataclass(frozen=True)
class Setting:
    """One assumption: its name, what it means, and the values it may take.

    `low` and `high` bound numbers (both included); `choices` lists the words allowed; a blank cell means `default`.
    """

    name: str
    label: str
    group: str
    kind: Kind
    default: Any
    unit: str
    meaning: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    live: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values in words, for the Settings sheet and error messages."""
        if self.choices:
            return ", ".join(self.choices)
        if self.kind == "date":
            return "a date such as 2024-12-31, or blank"
        if self.kind == "text":
            return "any text" if self.default is not None else "any text, or blank"
        percent = self.kind == "percent"
        scale = 100.0 if percent else 1.0
        low, high = (
            f"{bound:.10g} %" if percent else f"{bound:,.10g}"
            for bound in (scale * (self.low or 0.0), scale * (self.high or 0.0))
        )
        span = f"{low} to {high}" if self.high is not None and self.high < FAR else f"{low} or more"
        return span if self.default is not None else f"{span}, or blank"

    def read(self, value: Any) -> Any:
        """Turn what stands in a cell or on a command line into the setting's value; blank means the default."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return self.default
        try:
            return self._convert(value)
        except (TypeError, ValueError, KeyError, OverflowError):
            raise InputError(f"Setting '{self.label}': {str(value)!r} is not allowed; give {self.allowed}.") from None

    def _convert(self, value: Any) -> Any:
        if self.kind == "date":
            return _date(value)
        if self.kind == "text":
            return str(value).strip()
        if self.kind == "choice":
            return {choice.casefold(): choice for choice in self.choices}[str(value).strip().casefold()]
        number = _number(value)
        whole = self.kind == "count"
        if not (self.low or 0.0) <= number <= (FAR if self.high is None else self.high) or (whole and number % 1):
            raise ValueError
        return int(number) if whole else number


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    text = str(value).strip()
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def _date(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
        return dt.date.fromisoformat(value.strip()[:10])
    serial = float(value)
    if not 1 <= serial < 2_958_466:  # Excel's last day, 31-Dec-9999
        raise ValueError
    return dt.date(1899, 12, 30) + dt.timedelta(days=int(serial))


_GATES: tuple[tuple[str, str, str, Kind, str, float, str], ...] = (
    (HETEROGENEITY, "ready_top_share", "Held by the best fifth", "percent", "share of future value", 1.0,
     "the share of future value that the best fifth of customers must hold."),
    (PREDICTABILITY, "ready_times_random", "Foresight against chance", "number", "times a random fifth", 5.0,
     "how many times as much as a random fifth of customers the fifth named in advance must bring."),
    (IDENTIFIED, "ready_identified", "Revenue of known customers", "percent", "share of revenue", 1.0,
     "the share of revenue that must be on rows with a customer."),
    (HISTORY, "ready_gaps", "Length of the log", "number", "mean gaps", FAR,
     "how many mean gaps between purchases the log must span."),
    (REPEAT_BUYERS, "ready_repeat_buyers", "Customers who bought again", "count", "count", FAR,
     "how many must have bought again before a model is trusted."),
)  # fmt: skip
"""Gates of readiness: gate, name, label, kind, unit, the most it may be, and what it asks."""
SETTING_OF_GATE: Mapping[str, str] = {gate: name for gate, name, *_ in _GATES}
"""Which setting is the threshold of a gate of readiness."""
SETTINGS = (
    Setting(
        "observation_end",
        "Observation end",
        "Data",
        "date",
        None,
        "date",
        "Last day on which customers were observed; later rows are set aside. "
        "Blank: the last date in the log, which is right only if the log is complete up to that day.",
    ),
    Setting(
        "period",
        "Period of the model",
        "Data",
        "choice",
        "week",
        "unit of time",
        "Unit of time in which rates are estimated. Days are exact whatever the unit; the choice changes no value.",
        choices=("day", "week", "month"),
    ),
    Setting(
        "date_order",
        "Order of text dates",
        "Data",
        "choice",
        "auto",
        "",
        "How to read dates such as 03/04/2024 that are stored as text. Focal asks when the column does not tell.",
        choices=("auto", "day first", "month first"),
    ),
    Setting(
        "decimal_mark",
        "Decimal mark of text amounts",
        "Data",
        "choice",
        "auto",
        "",
        "How to read amounts such as 1.234 that are stored as text. Focal asks when the column does not tell.",
        choices=("auto", "point", "comma"),
    ),
    Setting(
        "zero_days",
        "Days of zero amount",
        "Data",
        "choice",
        "count",
        "",
        "Whether a day whose amounts total zero is a purchase (free goods, vouchers) or is set aside.",
        choices=("count", "set aside"),
    ),
    Setting(
        "duplicates",
        "Rows repeated exactly",
        "Data",
        "choice",
        "keep",
        "",
        "Whether a row equal to an earlier one in every column is used or set aside.",
        choices=("keep", "set aside"),
    ),
    Setting(
        "known_at_acquisition",
        "Known at acquisition",
        "Data",
        "text",
        None,
        "headers, or all",
        "Columns of the sheet Attributes that were known when a customer was acquired, separated by commas. Only these "
        "are used to find prospects who are like focal customers.",
    ),
    Setting(
        "model",
        "Purchase model",
        "Model",
        "choice",
        "auto",
        "",
        "Auto fits all three and takes the highest log-likelihood among those that converged away from a bound.",
        choices=("auto", "BG/NBD", "MBG/NBD", "Pareto/NBD"),
    ),
    Setting(
        "spend_model",
        "Spend model",
        "Model",
        "choice",
        "auto",
        "",
        "Auto uses Gamma-Gamma when it can be fitted, otherwise the mean spend for every customer.",
        choices=("auto", "Gamma-Gamma", "mean"),
    ),
    Setting(
        "horizon",
        "Forecast horizon",
        "Value",
        "number",
        1.0,
        "years",
        "Length of the future window for expected purchases.",
        low=0.01,
        high=50,
    ),
    Setting(
        "value_horizon",
        "Value horizon",
        "Value",
        "number",
        None,
        "years",
        "Length of the future that counts in a customer's value. Blank: the whole remaining life.",
        low=0.01,
        high=100,
    ),
    Setting(
        "annual_discount_rate",
        "Annual discount rate",
        "Value",
        "percent",
        0.10,
        "per year",
        "Effective yearly rate at which future margin is discounted, continuously.",
        low=0.0,
        high=10.0,
    ),
    Setting(
        "margin",
        "Contribution margin",
        "Value",
        "percent",
        1.0,
        "share of spend",
        "Contribution per unit of spend. At 100 % the values are revenue before costs.",
        low=0.0001,
        high=1.0,
        live=True,
    ),
    Setting(
        "cac",
        "Acquisition cost",
        "Value",
        "number",
        0.0,
        "money per new customer",
        "Cost to acquire one customer. Shown beside the value of a new customer; never inside customer equity.",
        low=0.0,
        high=FAR,
        live=True,
    ),
    Setting("currency", "Currency", "Value", "text", "$", "", "Name or sign of the unit of money, used in headings."),
    Setting(
        "focal_rule",
        "Focal rule",
        "Focal customers",
        "choice",
        "top share",
        "",
        "Who is focal: the top share of customers by value; the fewest customers that hold a share of value; as many "
        "as a budget pays for; or all whose value exceeds the cost of treating them as focal.",
        choices=("top share", "value share", "budget", "break-even"),
    ),
    Setting(
        "focal_threshold",
        "Focal threshold",
        "Focal customers",
        "number",
        0.20,
        "share, or money for a budget",
        "0.20 means the top 20 % of customers (top share) or 20 % of value (value share); for a budget, the budget.",
        low=0.0,
        high=FAR,
    ),
    Setting(
        "focal_cost",
        "Cost per focal customer",
        "Focal customers",
        "number",
        None,
        "money per customer",
        "Cost of treating one customer as focal; needed by the rules budget and break-even, and by Readiness.",
        low=0.0,
        high=FAR,
    ),
    Setting(
        "split",
        "Holdout starts after",
        "Validation",
        "date",
        None,
        "date",
        "Last day of the calibration window; what follows tests the forecast. Blank: half-way through the log.",
    ),
    *(
        Setting(name, label, "Readiness", kind, REQUIRED[gate], unit, f"Gate: {meaning}", low=0.0, high=high, live=True)
        for gate, name, label, kind, unit, high, meaning in _GATES
    ),
    Setting(
        "level",
        "Interval level",
        "Uncertainty",
        "percent",
        0.90,
        "probability",
        "Share of outcomes that the intervals are meant to hold.",
        low=0.5,
        high=0.99,
    ),
    Setting(
        "draws",
        "Simulation draws",
        "Uncertainty",
        "count",
        200,
        "count",
        "Simulated futures behind each interval.",
        low=50,
        high=5000,
    ),
    Setting(
        "seed",
        "Random seed",
        "Uncertainty",
        "count",
        1,
        "whole number",
        "Same seed, same intervals.",
        low=0,
        high=2_000_000_000,
    ),
)
BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}
