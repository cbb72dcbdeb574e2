"""Response to a relationship effort: what those treated did more than those who were not, segment by segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pyfuncs.analysis import comparisons
from pyfuncs.analysis.levels import checked_level, standard_errors_of
from pyfuncs.errors import InsufficientDataError
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.special import chi_square_tail

FEWEST: Final = 30
"""Customers in either group below which a segment is shown but not tested."""
CALLED: Final = 0.05
"""p-value up to which treatment shares, or responses, are said to differ between segments."""
EVERYBODY: Final = "all"
BANNER: Final = "not randomised: groups may differ in more than the effort"
COLUMNS: Final = (
    *("segment", "treated_customers", "control_customers", "treated_outcome", "control_outcome", "uplift"),
    *("lower", "upper", "relative_uplift", "p_value", "q_value", "incremental", "note"),
)
_FEW: Final = f"fewer than {FEWEST} in a group: not tested"


@dataclass(frozen=True, eq=False)
class Uplift:
    """`rows` has the columns `COLUMNS`: all customers first, then the segments, most customers first; nan is no figure.

    `statements` say what to keep in mind, the banner first where the effort was not randomised.
    """

    rows: pd.DataFrame
    statements: tuple[str, ...]


def uplift(
    outcome: FloatArray,
    treated: NDArray[np.bool_],
    segments: Sequence[str] | None = None,
    *,
    randomised: bool = False,
    level: float = 0.9,
) -> Uplift:
    """Outcome of the treated less that of the control group, for all and by segment.

    An outcome of 0 and 1 only is compared as shares (Newcombe's interval, score test), any other as means (Welch's
    interval, permutation test).  `incremental` is uplift x treated customers: what the effort brought in all, if it is
    its cause.  q-values are Benjamini and Hochberg's over the segments tested.  All arrays are (n,); customers without
    a segment ("") count among all only.  Raises InsufficientDataError unless both groups have two customers.
    """
    checked_level(level)
    if min(int(treated.sum()), int((~treated).sum())) < 2:
        raise InsufficientDataError("treated: there must be two or more customers treated and two who were not.")
    names = np.array(segments if segments is not None else [""] * len(outcome), dtype=object)
    found, counts = np.unique(names[names != ""], return_counts=True)
    listed = [str(name) for name in found[np.argsort(-counts, kind="stable")]]
    members = [np.ones(len(outcome), dtype=np.bool_), *(names == name for name in listed)]
    rows = _rows(outcome, treated, members, level)
    rows.insert(0, "segment", [EVERYBODY, *listed])
    statements = [] if randomised else [BANNER]
    if len(listed) > 1:
        rows.loc[1:, "q_value"] = comparisons.q_values(rows["p_value"].to_numpy()[1:])
        statements += _mixed(rows, standard_errors_of(level))
    return Uplift(rows[list(COLUMNS)], tuple(statements))


def _rows(
    outcome: FloatArray, treated: NDArray[np.bool_], members: list[NDArray[np.bool_]], level: float
) -> pd.DataFrame:
    """One row of figures for each group of members."""
    pairs = [(outcome[here & treated], outcome[here & ~treated]) for here in members]
    n1, n2 = (np.array([float(len(pair[side])) for pair in pairs]) for side in (0, 1))
    if np.isin(outcome, (0.0, 1.0)).all():
        k1, k2 = (np.array([float(pair[side].sum()) for pair in pairs]) for side in (0, 1))
        both = np.minimum(n1, n2) > 0
        # a share of nobody is none; 1 in their place keeps the others computable
        compared = comparisons.shares(k1, np.maximum(n1, 1.0), k2, np.maximum(n2, 1.0), level)
    else:
        both = np.minimum(n1, n2) > 1
        compared = comparisons.means(_moments(pairs), level)
    difference = np.where(both, compared.difference, np.nan)
    enough = both & (np.minimum(n1, n2) >= FEWEST)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(compared.second > 0, difference / compared.second, np.nan)
    return pd.DataFrame(
        {
            "treated_customers": n1.astype(np.int64),
            "control_customers": n2.astype(np.int64),
            "treated_outcome": np.where(n1 > 0, compared.first, np.nan),
            "control_outcome": np.where(n2 > 0, compared.second, np.nan),
            "uplift": difference,
            "lower": np.where(both, compared.difference_low, np.nan),
            "upper": np.where(both, compared.difference_high, np.nan),
            "relative_uplift": relative,
            "p_value": np.where(enough, compared.p_value, np.nan),
            "q_value": np.nan,
            "incremental": difference * n1,
            "note": [None if few >= FEWEST else _FEW for few in np.minimum(n1, n2)],
        }
    )


def _moments(pairs: list[tuple[FloatArray, FloatArray]]) -> comparisons.Moments:
    """Means, variances and the skewness of both groups together; nan where there are too few numbers for one."""
    lines = []
    for pair in pairs:
        one = [(x.mean() if x.size else np.nan, x.var(ddof=1) if x.size > 1 else np.nan, float(x.size)) for x in pair]
        both = np.concatenate(pair)
        away = both - both.mean() if both.size else both
        variance = float((away**2).mean()) if both.size else np.nan
        skewness = float((away**3).mean()) / variance**1.5 if variance > 0 else np.nan
        lines.append((*one[0], *one[1], variance, skewness))
    return comparisons.Moments(*np.array(lines, dtype=np.float64).T)


def _mixed(rows: pd.DataFrame, z: float) -> list[str]:
    """Whether the segments were treated alike, which the comparison of all takes for granted, and responded alike."""
    listed = rows.iloc[1:]
    n1, n2, difference, low, high = (
        listed[column].to_numpy(dtype=np.float64)
        for column in ("treated_customers", "control_customers", "uplift", "lower", "upper")
    )
    n, share, known = n1 + n2, n1 / (n1 + n2), np.isfinite(difference)
    said = []
    common = n1.sum() / n.sum()
    unlike = float((n * (share - common) ** 2).sum() / (common * (1.0 - common))) if 0.0 < common < 1.0 else 0.0
    if known.any() and chi_square_tail(unlike, len(n) - 1) <= CALLED:
        said.append(
            f"Segments were not treated alike: from {share.min():.0%} to {share.max():.0%} of their customers. The row "
            f"{EVERYBODY} mixes segments; their uplifts, weighted by size, give {_mean(difference, n, known):.4g}."
        )
    error = (high - low) / (2.0 * z)
    sure = known & (error > 0) & (np.minimum(n1, n2) >= FEWEST)
    if sure.sum() > 1:
        weight = 1.0 / np.where(sure, error, 1.0) ** 2
        apart = float((weight * (difference - _mean(difference, weight, sure)) ** 2)[sure].sum())
        p_value = chi_square_tail(apart, int(sure.sum()) - 1)
        said.append(
            f"{sure.sum()} segments tested: their uplifts {'differ' if p_value <= CALLED else 'do not surely differ'} "
            f"(Cochran's Q, p {p_value:.2g})."
        )
    return said


def _mean(values: FloatArray, weights: FloatArray, used: NDArray[np.bool_]) -> float:
    return float(np.average(values[used], weights=weights[used]))
