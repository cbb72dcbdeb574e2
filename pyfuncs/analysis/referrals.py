"""What customers bring by referring others, beside what they are worth themselves.

After V. Kumar, J. A. Petersen, R. Leone (2010), Driving profitability by encouraging customer referrals, Journal of
Marketing 74, 1.  A referred person who would not have joined otherwise brings the whole value; one who would have
joined anyway only saves the cost of acquisition.  Only direct referrals count: what the referred refer is their own
doing.  The value of those referred is in customer equity already: referral value ranks customers and is never added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pyfuncs.errors import InsufficientDataError

CHAMPIONS: Final = "Champions"
AFFLUENTS: Final = "Affluents"
ADVOCATES: Final = "Advocates"
MISERS: Final = "Misers"
NOT_ADDED: Final = (
    "Referral value ranks customers; the value of those referred is in customer equity already, so never add it."
)


@dataclass(frozen=True, eq=False)
class Referrals:
    """`customers` has one row each, most referral value first: customer_id, referred, value, referral_value,
    rank_by_own_value, rank_by_referral_value (ties share the better rank) and group, None where the value is not known.

    `counted` referrals came into it; `again` named somebody who had been referred before, `themselves` the referrer and
    `circular` people who had referred each other in a circle; `unvalued` people counted have no value that is known.
    """

    customers: pd.DataFrame
    counted: int
    again: int
    themselves: int
    circular: int
    unvalued: int


def referral_values(
    referrals: pd.DataFrame, values: pd.Series[float], cac: float = 0.0, would_have_joined: float = 0.5
) -> Referrals:
    """Value brought by direct referrals: (1 - would_have_joined) x value + would_have_joined x cac for each person.

    `referrals` has referrer, referred (text) and day (days since 1970, or nan); each person counts once, for who
    referred them first by day, then by row, those without a day last.  `values` are present values before acquisition
    cost by customer_id, nan where not known: such a person brings no value but, for the share who would have joined
    anyway, the saved cost.  Raises InsufficientDataError when no referral is left.
    """
    themselves = referrals["referrer"] == referrals["referred"]
    others = referrals[~themselves].sort_values("day", kind="stable", na_position="last")
    first = others.drop_duplicates("referred")
    circular = _in_circles(first["referrer"].tolist(), first["referred"].tolist())
    counted = first[~circular]
    if counted.empty:
        raise InsufficientDataError("referrals: no row names a customer and somebody else whom they referred.")
    worth = values.reindex(counted["referred"]).to_numpy(dtype=np.float64)
    brought = (1.0 - would_have_joined) * np.nan_to_num(worth) + would_have_joined * cac
    by_referrer = pd.Series(brought, index=counted["referrer"]).groupby(level=0)
    people = values.index.union(by_referrer.size().index, sort=True)
    table = pd.DataFrame(
        {
            "customer_id": people,
            "referred": by_referrer.size().reindex(people, fill_value=0).to_numpy(dtype=np.int64),
            "value": values.reindex(people).to_numpy(dtype=np.float64),
            "referral_value": by_referrer.sum().reindex(people, fill_value=0.0).to_numpy(dtype=np.float64),
        }
    )
    return Referrals(
        _ranked(table),
        counted=len(counted),
        again=len(others) - len(first),
        themselves=int(themselves.sum()),
        circular=int(circular.sum()),
        unvalued=int(np.isnan(worth).sum()),
    )


def _in_circles(referrers: Sequence[str], referred: Sequence[str]) -> NDArray[np.bool_]:
    """Which referrals close a circle, where each person was referred by one other."""
    by = dict(zip(referred, referrers, strict=True))
    walked: dict[str, int] = {}  # the walk that came by first
    circle: set[str] = set()
    for walk, person in enumerate(referred):
        while person in by and person not in walked:
            walked[person] = walk
            person = by[person]
        while walked.get(person) == walk and person not in circle:
            circle.add(person)
            person = by[person]
    return np.array([person in circle for person in referred], dtype=np.bool_)


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Ranks, groups by the medians of those whose value is known, most referral value first."""
    value, brought = table["value"], table["referral_value"]
    known = value.notna()
    rich, active = value > value.median(), brought > brought[known].median()
    names = np.where(rich, np.where(active, CHAMPIONS, AFFLUENTS), np.where(active, ADVOCATES, MISERS))
    ranked = table.assign(
        rank_by_own_value=value.rank(ascending=False, method="min"),
        rank_by_referral_value=brought.rank(ascending=False, method="min").astype(np.int64),
        group=pd.Series(names, dtype=object).where(known, None),
    )
    order = ["referral_value", "referred", "value", "customer_id"]
    return ranked.sort_values(order, ascending=[False, False, False, True], kind="stable", ignore_index=True)
