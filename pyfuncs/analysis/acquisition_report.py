"""What a refit says about acquisition: channels and cohorts against their cost, and who brings value."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pyfuncs.analysis import acquisition
from pyfuncs.analysis.acquisition import ALL, CHANNEL, COHORT, OTHER_CHANNELS, Acquired, Cac, Groups
from pyfuncs.analysis.log import Log
from pyfuncs.analysis.model_table import Fitted
from pyfuncs.analysis.payback import payback_table
from pyfuncs.analysis.scorecard import scorecard
from pyfuncs.analysis.settings import Settings
from pyfuncs.analysis.texts import Mask
from pyfuncs.analysis.used_rows import key_of

MOST = 12
"""Channels and cohorts that are told apart; more channels than these are one row."""
EARLIER = "earlier"
PAID_BACK_BY = 12


@dataclass(frozen=True, eq=False)
class AcquisitionReport:
    """Tables for at most 12 groups and a last row for all customers.

    Attributes
    ----------
    channels, cohorts : name, customers, focal, value, lower, upper, seen, ceiling, cac, payback_months, paid_back
        `focal` counts whom the focal rule picks; `value` is before acquisition cost and partially pooled, `seen` the
        share of it that has come in already, `paid_back` the share of customers paid back within 12 months, nan where
        nobody is old enough.  `channels` is one row, all customers, where the log has none.
    scorecard : the columns of `scorecard`, by channel; empty where the log has none
    average_ceiling, overpaid_per_year, missed_per_year : of `ceiling_table`, by channel; nan where the log has none
    missing : why there are no channels, in a sentence; "" where there are
    """

    channels: pd.DataFrame
    cohorts: pd.DataFrame
    scorecard: pd.DataFrame
    average_ceiling: float
    overpaid_per_year: float
    missed_per_year: float
    missing: str

    @property
    def names(self) -> list[str]:
        """The channels, most customers first."""
        return [str(name) for name in self.channels["name"].iloc[:-1]]


def acquisition_report(
    log: Log, fitted: Fitted, customers: pd.DataFrame, settings: Settings, costs: Mapping[str, float]
) -> AcquisitionReport:
    """The report on the scored customers of a refit; `costs` are those of channels with a cost of their own."""
    acquired = acquisition.acquired(
        log,
        fitted,
        customers,
        annual_discount_rate=settings.annual_discount_rate,
        margin=settings.margin,
        horizon=settings.value_horizon,
        seed=settings.seed,
    )
    by_cohort = acquisition.groups(log, COHORT, MOST)
    if len(by_cohort.names) > MOST:
        old = np.arange(len(by_cohort.names)) <= len(by_cohort.names) - MOST
        by_cohort = by_cohort.merged(old, EARLIER)
    focal = customers["picked"].to_numpy()[acquired.row]
    cohorts = _against_cost(acquired, by_cohort, focal, settings.cac, fitted, settings.level)
    if CHANNEL not in log.columns:
        missing = (
            "The log does not say where customers came from: add it as the column channel to compare channels; "
            "cohorts are below."
        )
        return AcquisitionReport(cohorts.iloc[-1:], cohorts, pd.DataFrame(), np.nan, np.nan, np.nan, missing)
    by = acquisition.groups(log, CHANNEL)
    if len(by.names) > MOST:
        by = by.merged(np.arange(len(by.names)) >= MOST - 1, OTHER_CHANNELS)
    known = {key_of(name): cost for name, cost in costs.items()}
    cac = {name: known.get(key_of(name), settings.cac) for name in by.names}
    ceiling = acquisition.ceiling_table(acquired, by, cac).iloc[-1]
    return AcquisitionReport(
        channels=_against_cost(acquired, by, focal, cac, fitted, settings.level),
        cohorts=cohorts,
        scorecard=scorecard(acquired, by, focal, cac),
        average_ceiling=float(ceiling["ceiling"]),
        overpaid_per_year=float(ceiling["overpaid_per_year"]),
        missed_per_year=float(ceiling["missed_per_year"]),
        missing="",
    )


def _against_cost(acquired: Acquired, by: Groups, focal: Mask, cac: Cac, fitted: Fitted, level: float) -> pd.DataFrame:
    """The table of groups that the report holds."""
    value = acquisition.value_table(acquired, by, cac, level)
    everyone = Groups(by.by, (ALL,), np.zeros(by.code.size, dtype=np.int64))
    average = float(value["cac"].iloc[-1])
    back = pd.concat(
        [
            payback_table(acquired, groups, cost, fitted, level, months=(PAID_BACK_BY,))
            for groups, cost in ((by, cac), (everyone, average))
        ],
        ignore_index=True,
    )
    to_come, worth = (np.append(by.sum(each), each.sum()) for each in (acquired.to_come, acquired.value))
    return pd.DataFrame(
        {
            "name": value[by.by],
            "customers": value["customers"],
            "focal": np.append(by.sum(focal.astype(np.float64)), focal.sum()),
            "value": value["value_before_cac"],
            "lower": value["lower"],
            "upper": value["upper"],
            "seen": 1.0 - np.divide(to_come, worth, out=np.zeros(worth.shape), where=worth > 0),
            "ceiling": acquisition.ceiling_table(acquired, by)["ceiling"],
            "cac": value["cac"],
            "payback_months": back["payback_months"],
            "paid_back": back["pooled_share"].where(back["old_enough"] > 0),
        }
    )
