"""Who moved between segments from one date to a later one, how much of it is real, and why the focal list changed.

A table of a date has a row per customer: customer_id, segment and, where known, p_focal, value, p_alive and
expected_spend.  The Customers table of a refit is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pyfuncs.analysis.levels import checked_level, tails_of
from pyfuncs.analysis.segments import BORDERLINE, BORDERLINE_TO, FOCAL, LABELS
from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.lazy import pandas as pd
from pyfuncs.models.arrays import FloatArray

NEW: Final = "New"
GONE: Final = "Gone"
FROM: Final = (*LABELS, NEW)
TO: Final = (*LABELS, GONE)
OPTIONAL: Final = ("p_focal", "value", "p_alive", "expected_spend")
"""Columns of a table of customers that tell more of a move, where they are there."""

LEFT: Final = "left"
JOINED: Final = "joined"
LAPSED_BELOW: Final = 0.5
"""P(alive) below which a customer who bought less has probably left for good."""
LAPSED: Final = "probably left for good (P(alive) below 50 %)"
NO_LONGER: Final = "no longer in the table"
BOUGHT_LESS: Final = "bought less than expected"
SPENDS_LESS: Final = "spends less per purchase"
OVERTAKEN: Final = "worth as much, but the cut rose or it is less sure"
NEW_CUSTOMER: Final = "new customer"
BOUGHT_MORE: Final = "bought more than expected"
SPENDS_MORE: Final = "spends more per purchase"
CUT_FELL: Final = "worth no more, but the cut fell or it is surer"
NOT_KNOWN: Final = "not known without values"
CAUSES: Final = {
    LEFT: (NO_LONGER, LAPSED, BOUGHT_LESS, SPENDS_LESS, OVERTAKEN, NOT_KNOWN),
    JOINED: (NEW_CUSTOMER, BOUGHT_MORE, SPENDS_MORE, CUT_FELL, NOT_KNOWN),
}
_SAME: Final = 1e-9  # relative difference of values that is none


@dataclass(frozen=True, eq=False)
class Stability:
    """How far the focal lists of two dates agree; shares are nan where they have no denominator or no data.

    Attributes
    ----------
    in_both : customers of both dates
    focal_earlier, focal_later, stayed : customers on each list, and on both
    surely_stayed : share of the P(focal) of the earlier list that is still there: nobody counts as having left by more
        than the probability fell
    rank_correlation : Spearman's, of value, over the customers of both dates
    sure_earlier, sure_later : of those Focal or Borderline, the share with P(focal) above 0.8
    causes : change ("left" or "joined"), cause, customers; they add up to those who left and joined the list
    """

    in_both: int
    focal_earlier: int
    focal_later: int
    stayed: int
    surely_stayed: float
    rank_correlation: float
    sure_earlier: float
    sure_later: float
    causes: pd.DataFrame

    @property
    def overlap(self) -> float:
        """Jaccard index of the lists: customers on both over customers on either."""
        either = self.focal_earlier + self.focal_later - self.stayed
        return self.stayed / either if either else np.nan

    @property
    def share_stayed(self) -> float:
        """Share of the earlier list that is on the later one."""
        return self.stayed / self.focal_earlier if self.focal_earlier else np.nan


def pair(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """The customers of two dates side by side, one row each.

    Columns: customer_id, segment_earlier ("New" for those not there yet), segment_later ("Gone" for those no longer
    there), and each of `OPTIONAL` with the same endings, nan where not known.  Customers labelled "" are left out.
    Raises `InputError` for a customer named twice, `InsufficientDataError` when nobody is left.
    """
    both = _labelled(earlier, "earlier").merge(
        _labelled(later, "later"), on="customer_id", how="outer", suffixes=("_earlier", "_later"), sort=False
    )
    if both.empty:
        raise InsufficientDataError("neither table has a customer with a segment.")
    both["segment_earlier"] = both["segment_earlier"].fillna(NEW)
    both["segment_later"] = both["segment_later"].fillna(GONE)
    return both


def migration(pairs: pd.DataFrame, level: float = 0.90) -> pd.DataFrame:
    """Moves between segments: `pairs` of `pair` to one row for each segment before and after.

    Shares are those of a Dirichlet posterior: to the customers of a row are added as many as there are destinations,
    spread as everybody's destinations are, so that a row of few customers leans towards all.  They sum to 1 in each
    row.  The bounds are the quantiles of their Beta marginals that leave out equal tails.

    `confirmed` tells, for moves into and out of Focal, how many customers the move of P(focal) itself amounts to: a
    customer who went from .79 to .81 has a new label but moved by .02.  nan for other moves and without P(focal).

    Columns: segment_earlier, segment_later, customers, share, lower, upper, confirmed.
    """
    checked_level(level)
    counts = _counts(pairs)
    everyone = counts.sum(axis=0) / counts.sum()
    moved = _moved_out(pairs)
    rows = []
    for i, before in enumerate(FROM):
        possible = np.array([not (before == NEW and after == GONE) for after in TO])
        prior = np.where(possible, everyone, 0.0)
        posterior = counts[i] + len(TO) * prior / prior.sum()
        total = posterior.sum()
        lower, upper = _beta_interval(posterior, total, level)
        for j in np.flatnonzero(possible).tolist():
            row = (before, TO[j], int(counts[i, j]), posterior[j] / total, lower[j], upper[j])
            rows.append((*row, _confirmed(pairs, moved, before, TO[j])))
    names = ["segment_earlier", "segment_later", "customers", "share", "lower", "upper", "confirmed"]
    return pd.DataFrame(rows, columns=names)


def stability(pairs: pd.DataFrame) -> Stability:
    """How far the focal lists agree, and why customers left and joined them; `pairs` of `pair`."""
    before, after = (pairs[f"segment_{when}"].to_numpy() == FOCAL for when in ("earlier", "later"))
    there = (pairs["segment_earlier"] != NEW).to_numpy() & (pairs["segment_later"] != GONE).to_numpy()
    moved = _moved_out(pairs)
    known = before & ~np.isnan(moved)
    held = float(pairs["p_focal_earlier"].to_numpy()[known].sum())
    return Stability(
        in_both=int(there.sum()),
        focal_earlier=int(before.sum()),
        focal_later=int(after.sum()),
        stayed=int((before & after).sum()),
        surely_stayed=1.0 - float(np.maximum(moved[known], 0.0).sum()) / held if held > 0 else np.nan,
        rank_correlation=_rank_correlation(pairs[there]),
        sure_earlier=_sure(pairs, "earlier"),
        sure_later=_sure(pairs, "later"),
        causes=_causes(pairs[before & ~after], pairs[after & ~before]),
    )


def _labelled(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The columns that count of the customers who have a label."""
    table = table[(table["segment"] != "").to_numpy()]
    again = table["customer_id"].duplicated()
    if again.any():
        raise InputError(
            f"{name}: customer {table['customer_id'][again].iloc[0]} stands in two rows; give each customer one."
        )
    return table.reindex(columns=["customer_id", "segment", *OPTIONAL]).astype(dict.fromkeys(OPTIONAL, np.float64))


def _counts(pairs: pd.DataFrame) -> FloatArray:
    """Customers by segment before (rows, `FROM`) and after (columns, `TO`)."""
    before = pd.Categorical(pairs["segment_earlier"], FROM).codes.astype(np.intp)
    after = pd.Categorical(pairs["segment_later"], TO).codes.astype(np.intp)
    cells = np.bincount(before * len(TO) + after, minlength=len(FROM) * len(TO))
    return cells.reshape(len(FROM), len(TO)).astype(np.float64)


def _beta_interval(posterior: FloatArray, total: float, level: float) -> tuple[FloatArray, FloatArray]:
    """Bounds of each share; destinations nobody goes to are sure to be 0, and one that all go to sure to be 1."""
    from scipy.special import betaincinv

    rest = total - posterior
    possible = (posterior > 0) & (rest > 0)
    certain = (posterior > 0).astype(np.float64)
    a, b = (np.where(possible, shape, 1.0) for shape in (posterior, rest))
    lower, upper = (np.where(possible, betaincinv(a, b, q), certain) for q in tails_of(level))
    return lower, upper


def _moved_out(pairs: pd.DataFrame) -> FloatArray:
    """By how much P(focal) fell, (n,): a customer who is not there is not focal; nan where it is not known."""
    before, after = (pairs[f"p_focal_{when}"].to_numpy() for when in ("earlier", "later"))
    before = np.where(pairs["segment_earlier"] == NEW, 0.0, before)
    return np.asarray(before - np.where(pairs["segment_later"] == GONE, 0.0, after), dtype=np.float64)


def _confirmed(pairs: pd.DataFrame, moved: FloatArray, before: str, after: str) -> float:
    """Customers that a move into or out of Focal amounts to by P(focal); nan for other moves or where it is unknown."""
    if (before == FOCAL) == (after == FOCAL):
        return np.nan
    known = ~np.isnan(moved)
    if not known.any():
        return np.nan
    mine = known & (pairs["segment_earlier"] == before).to_numpy() & (pairs["segment_later"] == after).to_numpy()
    return float(np.maximum(moved[mine] if before == FOCAL else -moved[mine], 0.0).sum())


def _rank_correlation(both: pd.DataFrame) -> float:
    """Spearman's correlation of value; nan with fewer than three customers or where all are equal."""
    values = both[["value_earlier", "value_later"]].dropna()
    if len(values) < 3 or (values.nunique() < 2).any():
        return np.nan
    ranks = values.rank().to_numpy()
    return float(np.corrcoef(ranks[:, 0], ranks[:, 1])[0, 1])


def _sure(pairs: pd.DataFrame, when: str) -> float:
    """Of those Focal or Borderline at a date, the share whose P(focal) is above the borderline."""
    listed = pairs[f"p_focal_{when}"][pairs[f"segment_{when}"].isin((FOCAL, BORDERLINE))].dropna()
    return float((listed > BORDERLINE_TO).mean()) if len(listed) else np.nan


def _causes(left: pd.DataFrame, joined: pd.DataFrame) -> pd.DataFrame:
    """Each customer who left or joined, under one cause."""
    gone = (left["segment_later"] == GONE).to_numpy()
    lapsed = (left["p_alive_later"] < LAPSED_BELOW) & (left["p_alive_later"] < left["p_alive_earlier"])
    new = (joined["segment_earlier"] == NEW).to_numpy()
    why_left = [(gone, NO_LONGER), (lapsed.to_numpy(), LAPSED)]
    found = {
        LEFT: _why(left, why_left, (BOUGHT_LESS, SPENDS_LESS, OVERTAKEN), sign=-1.0),
        JOINED: _why(joined, [(new, NEW_CUSTOMER)], (BOUGHT_MORE, SPENDS_MORE, CUT_FELL), sign=1.0),
    }
    rows = [
        (change, cause, int((found[change] == cause).sum())) for change, causes in CAUSES.items() for cause in causes
    ]
    return pd.DataFrame(rows, columns=["change", "cause", "customers"])


def _why(
    customers: pd.DataFrame, first: list[tuple[np.ndarray, str]], otherwise: tuple[str, str, str], sign: float
) -> np.ndarray:
    """The cause of each, (n,): the first that applies, or the larger part of the change of value.

    Value is expected spend times purchases to come, so the logarithm of its change is the sum of theirs.  Where spend
    is not known, value counts purchases alone.
    """
    by_purchases, by_spend, by_neither = otherwise
    value, spend = (
        sign * _log_change(customers, name, missing) for name, missing in (("value", np.nan), ("expected_spend", 0.0))
    )
    conditions = [np.isnan(value), value <= _SAME, value - spend >= spend]
    with_first = [condition for condition, _ in first] + conditions
    causes = [cause for _, cause in first] + [NOT_KNOWN, by_neither, by_purchases]
    return np.select(with_first, causes, by_spend)


def _log_change(customers: pd.DataFrame, name: str, missing: float) -> FloatArray:
    """Logarithm of the later over the earlier of a column, (n,); `missing` where either is not known."""
    tiny = np.finfo(np.float64).tiny  # what is worth nothing has fallen, or risen, without bound
    before, after = (np.maximum(customers[f"{name}_{when}"].to_numpy(), tiny) for when in ("earlier", "later"))
    change = np.log(after) - np.log(before)
    return np.where(np.isnan(change), missing, change)
