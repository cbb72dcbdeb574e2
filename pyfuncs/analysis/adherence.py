"""Adherence to a therapy from fills: proportion of days covered, and how long patients stay on it.

A fill covers as many days as it supplies, its own first.  Of one product an early refill starts when the supply before
it runs out; of several products (a class) a day counts as covered where any of them covers it, as the Pharmacy Quality
Alliance defines PDC for a class.  Days after the window never count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pyfuncs.analysis import comparisons
from pyfuncs.analysis.levels import standard_errors_of
from pyfuncs.errors import InsufficientDataError

THRESHOLD: Final = 0.8
"""PDC from which a patient counts as adherent."""
ALLOWED_GAP: Final = 30
"""Days without supply in a row after which a patient is off the therapy; up to so many are a pause."""
FEWEST: Final = 30
"""Patients below which shares are called rough."""


@dataclass(frozen=True, eq=False)
class Adherence:
    """Patients and their days.

    `patients` has one row per patient, by customer_id as text: customer_id; days of the window; days_covered; pdc;
    adherent; persistence, days from the start of the window to the first gap of more than `ALLOWED_GAP` days, or to the
    end; persistent, whether no such gap came.  `late` counts fills after the window, `ended` patients whose supply ran
    out before it began, who are in no row.
    """

    patients: pd.DataFrame
    threshold: float
    late: int
    ended: int


def adherence(fills: pd.DataFrame, start: int | None, end: int, threshold: float = THRESHOLD) -> Adherence:
    """Days covered from the first fill, or from `start` where that is later, to `end`, both included.

    `fills` has customer_id (text), day (days since 1970), supply (whole days, 1 or more) and product (text).  Supply of
    fills before `start` counts as far as it reaches beyond.  Raises InsufficientDataError when none is in the window.
    """
    kept = fills[fills["day"] <= end]
    kept = kept.assign(patient=pd.factorize(kept["customer_id"], sort=True)[0])
    spans = _spans(kept)
    opened = spans.groupby("patient")["start"].min()
    window = opened if start is None else opened.clip(lower=start)
    here = spans["patient"].map(window).to_numpy()
    spans = spans.assign(start=np.maximum(spans["start"], here), stop=np.minimum(spans["stop"], end + 1))
    spans = spans[spans["stop"] > spans["start"]]
    if spans.empty:
        raise InsufficientDataError("fills: none covers a day of the window; choose an earlier start or a later end.")
    patients = _by_patient(spans.sort_values(["patient", "start"], kind="stable"), window, end)
    names = kept.groupby("patient")["customer_id"].first()
    patients.insert(0, "customer_id", names.loc[patients.index].to_numpy())
    patients["adherent"] = patients["pdc"] >= threshold - 1e-12
    order = ["customer_id", "days", "days_covered", "pdc", "adherent", "persistence", "persistent"]
    return Adherence(
        patients[order].reset_index(drop=True), threshold, len(fills) - len(kept), len(names) - len(patients)
    )


def _spans(fills: pd.DataFrame) -> pd.DataFrame:
    """Days [start, stop) that each fill covers; of one product each begins when the one before it has run out.

    With s the supply up to a fill, its own included, the supply runs out at s + max (day - supply before) so far.
    """
    by = ["patient", "product"]
    ordered = fills.sort_values([*by, "day"], kind="stable")
    group = [ordered[column] for column in by]
    supplied = ordered["supply"].groupby(group).cumsum()
    ahead = (ordered["day"] - supplied + ordered["supply"]).groupby(group).cummax()
    stop = supplied + ahead
    return pd.DataFrame({"patient": ordered["patient"], "start": stop - ordered["supply"], "stop": stop})


def _by_patient(spans: pd.DataFrame, window: pd.Series[int], end: int) -> pd.DataFrame:
    """Days, days covered and persistence of each patient from spans in order of their start."""
    who = spans["patient"]
    reached = spans["stop"].groupby(who).cummax()
    opened = who.map(window)
    before = reached.groupby(who).shift(1).fillna(opened).astype(np.int64)  # covered up to here by spans before
    covered = (spans["stop"] - np.maximum(spans["start"], before)).clip(lower=0)
    broken = spans["start"] - before > ALLOWED_GAP
    days = end + 1 - window.loc[who.unique()]
    last = reached.groupby(who).last()
    left = pd.concat([before[broken].groupby(who[broken]).first(), last[end + 1 - last > ALLOWED_GAP]])
    left = left.groupby(level=0).min() - window
    table = pd.DataFrame({"days": days, "days_covered": covered.groupby(who).sum()})
    table["pdc"] = table["days_covered"] / table["days"]
    table["persistence"] = left.reindex(table.index).fillna(table["days"]).astype(np.int64)
    table["persistent"] = left.reindex(table.index).isna()
    return table


def summary(found: Adherence, level: float = 0.9) -> pd.DataFrame:
    """The patients together: measure, value, lower, upper, note; None where there is no figure."""
    patients = found.patients
    n, z = len(patients), standard_errors_of(level)
    share = float(patients["adherent"].mean())
    low, high = (float(bound[0]) for bound in comparisons.wilson(np.array([share]), np.array([float(n)]), z))
    mean, spread = float(patients["pdc"].mean()), z * float(patients["pdc"].std(ddof=1)) / n**0.5
    median = median_persistence(patients["persistence"].to_numpy(), ~patients["persistent"].to_numpy(), z)
    rough = f"fewer than {FEWEST} patients: rough" if n < FEWEST else None
    reached = None if median[0] is not None else "more than half are still on the therapy where observation ends"
    rows = [
        ("patients", n, None, None, None),
        (f"share with PDC at or over {found.threshold:.0%}", share, low, high, rough),
        ("mean PDC", mean, *((None, None) if n < 2 else (max(0.0, mean - spread), min(1.0, mean + spread))), rough),
        ("median persistence, days", *median, reached),
        ("still persistent", float(patients["persistent"].mean()), None, None, f"no gap of over {ALLOWED_GAP} days"),
        ("fills after the window", found.late, None, None, None),
        ("patients without supply in the window", found.ended, None, None, None),
    ]
    return pd.DataFrame(rows, columns=["measure", "value", "lower", "upper", "note"], dtype=object)


def median_persistence(
    days: NDArray[np.int64], left: NDArray[np.bool_], z: float
) -> tuple[float | None, float | None, float | None]:
    """Days after which half have left, by Kaplan and Meier (1958), with its interval; None where that is not reached.

    The interval turns the log-log band of the curve (Greenwood's variance) round, as Brookmeyer and Crowley (1982) do.
    """
    times, at = np.unique(days[left], return_inverse=True)
    if not times.size:
        return None, None, None
    leaving = np.bincount(at).astype(np.float64)
    risk = len(days) - np.searchsorted(np.sort(days), times, side="left").astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        staying = np.cumprod(1.0 - leaving / risk)
        error = np.sqrt(np.cumsum(leaving / (risk * (risk - leaving)))) / np.abs(np.log(staying))
        band = [staying ** np.exp(side * z * error) for side in (0.0, 1.0, -1.0)]
    return _first_half(times, staying), _first_half(times, band[1]), _first_half(times, band[2])


def _first_half(times: NDArray[np.int64], staying: NDArray[np.floating]) -> float | None:
    """The first time by which no more than half stay; a curve that has come to its end has no band there."""
    below = np.flatnonzero(staying <= 0.5 + 1e-12)
    return float(times[below[0]]) if below.size else None
