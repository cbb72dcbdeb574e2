"""What may be told to a partner: whole figures of groups of ten or more, from which no smaller group can be computed.

A count under ten is hidden.  Where counts sum to a total that is known, one hidden cell could be computed back and so
could a few that sum to under ten: then the smallest cells still shown are hidden with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from pyfuncs.analysis.acquisition_report import AcquisitionReport
from pyfuncs.analysis.attributes import DATE
from pyfuncs.analysis.focal_profile import CHANNEL, FocalProfile
from pyfuncs.analysis.profile import FALSE_DISCOVERIES
from pyfuncs.analysis.texts import Mask
from pyfuncs.models.arrays import FloatArray

FEWEST: Final = 10
"""Customers below which nothing is told of a group."""
UNDER: Final = f"under {FEWEST}"
NOT_SHOWN: Final = "not shown"
MOST_IN_COMMON: Final = 5


@dataclass(frozen=True, eq=False)
class PartnerReport:
    """Figures for the sheet Partner; what may not be told is one of the words `UNDER` and `NOT_SHOWN`.

    Attributes
    ----------
    customers : count
    share_focal, share_of_value : fractions in whole percent
        Customers whom the focal rule picks, and the part of all future value that they hold.
    channels : channel, customers, share_focal, value_index
        Most customers first, without a row for all; the index is 100 for the average customer.  Empty without channels.
    in_common : what is more or less common among focal customers, and how much, in words
    """

    customers: int | str
    share_focal: float | str
    share_of_value: float | str
    channels: pd.DataFrame
    in_common: tuple[tuple[str, str], ...]


def partner_report(
    customers: pd.DataFrame, acquisition: AcquisitionReport, profile: FocalProfile | str
) -> PartnerReport:
    """The report on the customers of a refit (columns value and picked)."""
    picked = customers["picked"].to_numpy(dtype=np.bool_)
    value = customers["value"].to_numpy(dtype=np.float64)
    tellable = min(picked.sum(), (~picked).sum()) >= FEWEST
    total = float(value.sum())
    return PartnerReport(
        customers=len(customers) if len(customers) >= FEWEST else UNDER,
        share_focal=_whole(picked.mean()) if tellable else NOT_SHOWN,
        share_of_value=_whole(value[picked].sum() / total) if tellable and total > 0 else NOT_SHOWN,
        channels=_channels(acquisition),
        in_common=() if isinstance(profile, str) else _in_common(profile),
    )


def hidden(*counts: FloatArray) -> Mask:
    """Which of g groups must be hidden, by one or more counts of each, (g,), whose totals are known.

    Those of which a count is under ten, and the smallest others until no count of the hidden can be computed: two
    groups at least, whose counts each sum to ten or more.  All are hidden where that cannot be had.
    """
    table = np.stack(counts)
    mask: Mask = np.any(table < FEWEST, axis=0)
    for place in np.argsort(table.sum(axis=0), kind="stable"):
        if not mask.any() or (mask.sum() > 1 and (table[:, mask].sum(axis=1) >= FEWEST).all()):
            break
        mask[place] = True
    return mask


def _channels(acquisition: AcquisitionReport) -> pd.DataFrame:
    if acquisition.missing:
        return pd.DataFrame(columns=["channel", "customers", "share_focal", "value_index"])
    table, everyone = acquisition.channels.iloc[:-1], acquisition.channels.iloc[-1]
    count, focal = (table[name].to_numpy(dtype=np.float64) for name in ("customers", "focal"))
    few = hidden(count)
    secret = few | hidden(focal, count - focal)
    average = float(everyone["value"])
    index = table["value"].to_numpy(dtype=np.float64) / average if average > 0 else np.full(count.size, np.nan)
    return pd.DataFrame(
        {
            "channel": table["name"].astype(str).to_list(),
            "customers": [_count(n, hide) for n, hide in zip(count, few, strict=True)],
            "share_focal": [
                NOT_SHOWN if hide else _whole(f / n) for f, n, hide in zip(focal, count, secret, strict=True)
            ],
            "value_index": [
                NOT_SHOWN if hide or np.isnan(i) else round(100 * i) for i, hide in zip(index, few, strict=True)
            ],
        },
        dtype=object,
    )


def _count(number: float, hide: bool) -> int | str:
    if not hide:
        return int(number)
    return UNDER if number < FEWEST else NOT_SHOWN


def _whole(share: float) -> float:
    """A share in whole percent: one more digit would count single customers."""
    return round(100 * float(share)) / 100


def _in_common(found: FocalProfile) -> tuple[tuple[str, str], ...]:
    """The largest differences beyond chance that rest on ten customers or more on every side.

    Channels have their table: how much more common one is would tell the shares that are hidden there.
    """
    rows = found.profile.rows
    rows = rows[rows["attribute"] != CHANNEL]
    told = [row for row in rows[rows["q_value"] <= FALSE_DISCOVERIES].itertuples(index=False) if _many(row)]
    return tuple(_in_words(row) for row in told[:MOST_IN_COMMON])


def _many(row: Any) -> bool:
    sides = [(row.focal_customers, row.focal), (row.customers - row.focal_customers, row.others)]
    return all(
        min(known * share, known * (1 - share)) >= FEWEST if row.is_share else known >= FEWEST for known, share in sides
    )


def _in_words(row: Any) -> tuple[str, str]:
    what = f"{row.attribute}: {row.level}" if row.level else str(row.attribute)
    if row.kind == DATE:
        return what, "later" if row.difference > 0 else "earlier"
    if np.isnan(row.lift):
        return what, "higher" if row.difference > 0 else "lower"
    return what, f"{row.lift:.1f} times as {'common' if row.is_share else 'high'}"
