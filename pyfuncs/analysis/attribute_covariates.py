"""Attributes of customers as covariates of a model: tenths of numbers, frequent levels, and who is not known.

Where an attribute is not known of everybody, its unknown cells take its commonest value, and a covariate of its own
tells the customers of whom it is not known: who was never asked often buys differently, and that is no effect of the
attribute.  Attributes that are unknown of the same customers share that covariate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pyfuncs.analysis.attributes import CATEGORY, NUMBER, OTHER, Attribute
from pyfuncs.analysis.covariates import Covariate, design
from pyfuncs.analysis.texts import Mask
from pyfuncs.models.arrays import FloatArray

MOST_EFFECTS: Final = 8
"""Numbers, levels of categories and kinds of unknown customers fitted together."""
MOST_LEVELS: Final = 4
"""Levels of a category, the most frequent and what is left of the others."""
FEWEST: Final = 30
"""Customers below which a level counts among the others."""
ON_RECORD: Final = "on record"
_REST: Final = "others"
_TENTHS: Final = np.linspace(0.05, 0.95, 10)
_OPPOSITE: Final = {"yes": "no", "y": "n", "true": "false"}
_NAMED: Final = 4  # attributes a sentence names


@dataclass(frozen=True, eq=False)
class Covariates:
    """Covariates by name, in the order of the customers, and which attributes were left out, in sentences."""

    values: dict[str, Covariate]
    statements: tuple[str, ...]


def covariates_of(known: Sequence[Attribute], drawn: NDArray[np.int64]) -> Covariates:
    """The attributes of the customers `drawn`, as far as they have room and tell something of their own."""
    made: dict[str, Covariate] = {}
    unknown_of: dict[bytes, list[str]] = {}
    z, beyond_room, repeats = np.empty((len(drawn), 0)), [], []
    for one in known:
        name, values = _covariate(one, drawn)
        unknown = ~one.known[drawn]
        news = {} if unknown.tobytes() in unknown_of else _told_apart(unknown, one.name)
        columns = design({name: values} | news).z if len(set(values)) > 1 else np.empty((len(drawn), 0))
        if not 0 < columns.shape[1] <= MOST_EFFECTS - z.shape[1]:
            beyond_room.append(one.name)
        elif not _independent(np.hstack([z, columns])):
            repeats.append(one.name)
        else:
            made[name] = values
            z = np.hstack([z, columns])
            if news or unknown.tobytes() in unknown_of:
                unknown_of.setdefault(unknown.tobytes(), []).append(one.name)
    for mask, names in unknown_of.items():
        made[f"{_listed(names, most=2)} {ON_RECORD}"] = _on_record(np.frombuffer(mask, dtype=np.bool_))
    statements = []
    if beyond_room:
        why = f"Left out are dates, tags, what is the same for all, and more than {MOST_EFFECTS} effects"
        statements.append(f"{why}: {_listed(beyond_room, _NAMED)}.")
    if repeats:
        statements.append(f"Left out, because it follows from the others: {_listed(repeats, _NAMED)}.")
    return Covariates(made, tuple(statements))


def _listed(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _told_apart(unknown: Mask, name: str) -> dict[str, Covariate]:
    """The covariate of customers of whom an attribute is not known; none where either side is too small."""
    few = min(np.count_nonzero(unknown), np.count_nonzero(~unknown))
    return {f"{name} {ON_RECORD}": _on_record(unknown)} if few >= FEWEST else {}


def _on_record(unknown: Mask) -> list[str]:
    return ["no" if each else "yes" for each in unknown.tolist()]


def _independent(z: FloatArray) -> bool:
    """Whether no column is constant or a combination of others."""
    centred = z - z.mean(axis=0)
    spread = centred.std(axis=0)
    return bool((spread > 0).all() and np.linalg.matrix_rank(centred / spread, tol=1e-6 * len(z) ** 0.5) == z.shape[1])


def _covariate(one: Attribute, drawn: NDArray[np.int64]) -> tuple[str, Covariate]:
    """What an attribute is called as a covariate, and its values; without any where it can be none."""
    if one.kind == NUMBER:
        return _numbers(one, drawn)
    return (one.name, _levels(one, drawn)) if one.kind == CATEGORY else (one.name, [])


def _numbers(one: Attribute, drawn: NDArray[np.int64]) -> tuple[str, Covariate]:
    """A number by its tenth, 0 in the lowest and 1 in the highest; the middle one where it is not known."""
    there = one.known[drawn]
    values = one.numbers[drawn]
    if there.sum() < FEWEST or np.ptp(values[there]) == 0:
        return one.name, []
    seen = values[there]
    middles = np.unique([*np.quantile(seen, _TENTHS, method="nearest"), *_ends_of_few(seen)])
    low, high = float(middles[0]), float(middles[-1])
    filled = np.where(there, values, np.median(seen))
    nearest: FloatArray = middles[np.abs(filled[:, None] - middles).argmin(axis=1)]
    return f"{one.name}: {_said(high)} against {_said(low)}", (nearest - low) / (high - low)


def _said(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def _ends_of_few(values: FloatArray) -> tuple[float, ...]:
    """Both ends of numbers of which nearly all are the same, as of yes and no; the tenths would miss them."""
    middle = np.quantile(values, (_TENTHS[0], _TENTHS[-1]), method="nearest")
    return () if middle[0] < middle[1] else (float(values.min()), float(values.max()))


def _levels(one: Attribute, drawn: NDArray[np.int64]) -> list[str]:
    """A category's most frequent levels, the others as one; of TRUE and FALSE the attribute has the one level TRUE."""
    words = np.full(
        len(one.known), _OPPOSITE.get(one.levels[0].casefold(), "not") if len(one.levels) == 1 else _REST, dtype=object
    )
    words[one.holders] = np.array([_REST if level == OTHER else level for level in one.levels], dtype=object)[one.held]
    words, there = words[drawn], one.known[drawn]
    if not there.any():
        return []
    levels, counts = np.unique(words[there], return_counts=True)
    ranked = levels[np.argsort(-counts, kind="stable")]
    words[~there] = ranked[0]
    large = set(levels[counts >= FEWEST]) & set(ranked if len(ranked) <= MOST_LEVELS else ranked[: MOST_LEVELS - 1])
    named = [str(word) if word in large else _REST for word in words]
    if named.count(_REST) < FEWEST:  # too few to tell anything apart
        usual = str(ranked[0])
        named = [usual if word == _REST else word for word in named]
    return named
