"""Attributes of customers from a wide table, one row per customer: what each column is, and how it was understood.

A column holds numbers, dates, categories (one word a customer) or tags (several words in one cell, "price; slow
delivery", as codes of surveys and tickets are exported).  Words are told apart without regard to case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from pyfuncs.analysis.amounts import read_amounts
from pyfuncs.analysis.columns import SERIAL_RANGE, is_customer_id
from pyfuncs.analysis.dates import read_dates
from pyfuncs.analysis.texts import Codes, Found, Mask, flags, only_numbers, plural
from pyfuncs.errors import InputError
from pyfuncs.models.arrays import FloatArray

NUMBER: Final = "number"
CATEGORY: Final = "category"
DATE: Final = "date"
TAGS: Final = "tags"
MOST_LEVELS: Final = 50
"""Levels of a column that keep their name; the rarer ones count together."""
OTHER: Final = "(other)"
NEARLY_ALL: Final = 0.9
"""Share of the filled cells that make a column one of numbers or dates, or, all different, one of identifiers."""
_FEW: Final = 20  # so few distinct texts are no identifiers yet
_LONG: Final = 60  # letters beyond which a text is a sentence
_NONE_SAID: Final = frozenset({"none", "-", "--", "nil"})
_YES: Final = ({"TRUE", "FALSE"}, {"YES", "NO"}, {"Y", "N"})
_NUMBER = r"^[-+(]?\s?[$€£]?\s?[.,]?\d[\d.,' ]*\)?$"
_CODE = r"^0\d+$"  # 01234 is a code, not 1,234
_OPEN = r"^([<>≤≥]\s?[\d.,]+|[\d.,]+\s?\+)$"  # 5+ is a class; beside it 3 is one, too
_DATE = r"^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[ -]?[A-Za-z]{3,9}[ -,]*\d{2,4}|[A-Za-z]{3,9} \d{1,2},? \d{4})\b"
_SEPARATOR = r"[;|]"
_SERIAL_ORIGIN = np.datetime64("1899-12-30", "D").astype(np.int64)


@dataclass(frozen=True, eq=False)
class Attribute:
    """One attribute of n customers.

    Attributes
    ----------
    name, kind : its header; NUMBER, CATEGORY, DATE or TAGS
    known : (n,) whether anything is known of the customer
    numbers : (n,) numbers, or dates as days since 1970; nan where unknown; empty for words
    levels : the words, the most frequent first
    holders, held : (m,) pairs of a customer and a level by their places; each pair once
    errors : error cells, which count as unknown
    usage : whether it is made of the purchases themselves, so that it follows from buying more
    artefact : why it differs by the way it came about, so that it tells nothing of focal customers; "" for none
    """

    name: str
    kind: str
    known: Mask
    numbers: FloatArray = field(default_factory=lambda: np.empty(0))
    levels: tuple[str, ...] = ()
    holders: Codes = field(default_factory=lambda: np.empty(0, np.intp))
    held: Codes = field(default_factory=lambda: np.empty(0, np.intp))
    errors: int = 0
    usage: bool = False
    artefact: str = ""

    @property
    def unknown(self) -> float:
        """Share of customers of whom nothing is known."""
        return 1.0 - float(self.known.mean())

    @property
    def either_or(self) -> bool:
        """Whether it has two levels of which everyone known has one, so that each says what the other says."""
        return self.kind == CATEGORY and len(self.levels) == 2 and len(self.holders) == int(self.known.sum())

    @property
    def statement(self) -> str:
        """What the column was taken for, in a sentence."""
        what = plural(len(self.levels), "level") if self.levels else f"{self.kind}s"
        read_as = f"{self.kind} of {what}" if self.levels else what
        blank = " (a blank cell is no answer)" if self.kind == TAGS and self.unknown else ""
        errors = f", {plural(self.errors, 'error cell')}" if self.errors else ""
        return f"{self.name}: {read_as}; {self.unknown:.1%} unknown{blank}{errors}."


@dataclass(frozen=True, eq=False)
class AttributeTable:
    """The attributes of a table, and in `aside` by header why its other columns are none."""

    attributes: tuple[Attribute, ...]
    aside: dict[str, str]

    @property
    def statements(self) -> tuple[str, ...]:
        """What each column was taken for, and which were set aside, in sentences."""
        return (*(one.statement for one in self.attributes), *self.asides)

    @property
    def asides(self) -> tuple[str, ...]:
        """Which columns were set aside and why, in sentences."""
        return tuple(f"{name}: {why}" for name, why in self.aside.items())


def read_attributes(frame: pd.DataFrame) -> AttributeTable:
    """The attributes of customers from a table of cells, one row per customer and one column per attribute.

    Numbers stored as text are numbers, but classes where one is open ("5+", "<18").  TRUE and FALSE are a category of
    the one level TRUE, likewise yes and no.  A column headed as a customer's key is no attribute.  Columns in which
    nearly every text differs, taken for identifiers, and those of sentences are set aside with a reason.  Blank and
    error cells are unknown.  A blank cell of tags is no answer, hence unknown; "none" or "-" there says that the
    customer answered without a tag.
    """
    found: list[Attribute] = []
    aside: dict[str, str] = {}
    for place, header in enumerate(frame.columns):
        name = str(header)
        if is_customer_id(name):
            continue
        read = _read(name, frame.iloc[:, place].reset_index(drop=True).infer_objects())
        if isinstance(read, str):
            aside[name] = read
        else:
            found.append(read)
    return AttributeTable(tuple(found), aside)


def numbers(name: str, values: FloatArray, *, usage: bool = False) -> Attribute:
    """An attribute of (n,) numbers, nan where unknown."""
    values = np.where(np.isfinite(values), values, np.nan)
    return Attribute(name, NUMBER, ~np.isnan(values), values, usage=usage)


def category(name: str, texts: "pd.Series[Any]") -> Attribute:
    """An attribute of one word per customer, NA where unknown; no word is taken for another kind."""
    found = Found.of(texts)
    return _words(name, CATEGORY, found, found.codes >= 0, [[text] for text in found.distinct])


def coded(name: str, codes: Codes, words: Sequence[str]) -> Attribute:
    """An attribute of one word per customer, known of everyone, by its (n,) place in `words`."""
    levels, held = np.unique(codes, return_inverse=True)
    everyone = np.ones(len(codes), dtype=np.bool_)
    names = tuple(words[level] for level in levels)
    return Attribute(name, CATEGORY, everyone, levels=names, holders=np.arange(len(codes)), held=held)


def _read(name: str, column: "pd.Series[Any]") -> Attribute | str:
    """One column as an attribute, or the reason why it is none."""
    if column.dtype.kind == "M":
        return _dates(name, column.to_numpy().astype("datetime64[D]"))
    if column.dtype.kind == "b":
        everyone = np.ones(len(column), dtype=np.bool_)
        holders = np.flatnonzero(column.to_numpy())
        return Attribute(name, CATEGORY, everyone, levels=("TRUE",), holders=holders, held=np.zeros_like(holders))
    if only_numbers(column):
        return _plain_numbers(name, column.to_numpy(dtype=np.float64, na_value=np.nan))
    found = Found.of(column)
    filled = ~(found.blank_words | found.errors)
    cells = int(found.counts[filled].sum())
    if not cells:
        return "set aside: it holds nothing."
    read = _numbers_in_text(name, found, filled) or _dates_in_text(name, found, filled)
    if read is not None:
        return read
    if flags(pc.match_substring_regex(found.texts, _SEPARATOR))[filled].any():
        return _tags_in_text(name, found, filled)
    return _category_in_text(name, found, filled)


def _plain_numbers(name: str, values: FloatArray) -> Attribute | str:
    values = np.where(np.isfinite(values), values, np.nan)
    known = ~np.isnan(values)
    if not known.any():
        return "set aside: it holds nothing."
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if "date" in name.casefold() and SERIAL_RANGE[0] <= low and high < SERIAL_RANGE[1]:
        return Attribute(name, DATE, known, np.floor(values) + _SERIAL_ORIGIN)
    return Attribute(name, NUMBER, known, values)


def _dates(name: str, days: Any) -> Attribute | str:
    known = ~np.isnat(days)
    if not known.any():
        return "set aside: it holds nothing."
    return Attribute(name, DATE, known, np.where(known, days.astype(np.int64), np.nan).astype(np.float64))


def _mostly(found: Found, filled: Mask, pattern: str) -> bool:
    """Whether nearly all filled cells match a pattern."""
    alike = flags(pc.match_substring_regex(found.texts, pattern)) & filled
    return bool(found.counts[alike].sum() >= NEARLY_ALL * found.counts[filled].sum())


def _numbers_in_text(name: str, found: Found, filled: Mask) -> Attribute | str | None:
    """Numbers stored as text; None where the column is none of numbers."""
    words = any(flags(pc.match_substring_regex(found.texts, pattern)).any() for pattern in (_CODE, _OPEN))
    if words or not _mostly(found, filled, _NUMBER):
        return None
    try:
        amounts = read_amounts(pd.Series(found.texts, dtype="str").where(filled))
    except InputError as undecided:
        return f"set aside: {undecided}"
    if found.counts[filled & np.isnan(amounts.values)].sum() > (1 - NEARLY_ALL) * found.counts[filled].sum():
        return None
    values = np.append(amounts.values, np.nan)[found.codes]
    return Attribute(name, NUMBER, ~np.isnan(values), values, errors=_errors(found))


def _dates_in_text(name: str, found: Found, filled: Mask) -> Attribute | str | None:
    """Dates stored as text; None where the column is none of dates."""
    if not _mostly(found, filled, _DATE):
        return None
    try:
        dates = read_dates(pd.Series(found.texts, dtype="str").where(filled))
    except InputError as undecided:
        return f"set aside: {undecided}"
    days = np.append(dates.values.astype("datetime64[D]"), np.datetime64("NaT", "D"))[found.codes]
    read = _dates(name, days)
    return read if isinstance(read, str) else Attribute(name, DATE, read.known, read.numbers, errors=_errors(found))


def _category_in_text(name: str, found: Found, filled: Mask) -> Attribute | str:
    cells = int(found.counts[filled].sum())
    texts = [text for text, one in zip(found.distinct, filled.tolist(), strict=True) if one]
    if len(texts) > max(_FEW, NEARLY_ALL * cells):
        return f"set aside: {len(texts):,} different texts in {cells:,} cells look like an identifier or free text."
    if np.mean([len(text) for text in texts]) > _LONG:
        return "set aside: its cells are sentences; code them as tags, such as price; delivery."
    upper = {text.upper() for text in texts}
    yes = next((sorted(pair)[-1] for pair in _YES if upper <= pair), None)
    words = [
        [text] if one and (yes is None or text.upper() == yes) else []
        for text, one in zip(found.distinct, filled.tolist(), strict=True)
    ]
    return _words(name, CATEGORY, found, np.append(filled, False)[found.codes], words)


def _tags_in_text(name: str, found: Found, filled: Mask) -> Attribute | str:
    split = pc.split_pattern_regex(pc.utf8_lower(found.texts), _SEPARATOR).to_pylist()
    answered = filled | np.array([text.casefold() in _NONE_SAID for text in found.distinct], dtype=np.bool_)
    spelled = pc.split_pattern_regex(found.texts, _SEPARATOR).to_pylist()
    words = [
        [word.strip() for word in parts if word.strip()] if one else []
        for parts, one in zip(spelled, filled.tolist(), strict=True)
    ]
    distinct = {word.strip() for parts in split for word in parts}
    cells = int(found.counts[filled].sum())
    if len(distinct) > max(_FEW, NEARLY_ALL * cells):
        return f"set aside: {len(distinct):,} different tags in {cells:,} cells look like free text."
    return _words(name, TAGS, found, np.append(answered, False)[found.codes], words)


def _words(name: str, kind: str, found: Found, known: Mask, words: Sequence[Sequence[str]]) -> Attribute:
    """An attribute from the words in each distinct text of a column."""
    levels, place = _levels(words, found.counts)
    cells = np.flatnonzero(found.codes >= 0)
    places = place[found.codes[cells]]
    customers = np.broadcast_to(cells[:, None], places.shape)
    told = places >= 0
    holders, held = _pairs(customers[told], places[told], len(levels))
    return Attribute(name, kind, known, levels=levels, holders=holders, held=held, errors=_errors(found))


def _levels(words: Sequence[Sequence[str]], counts: Iterable[int]) -> tuple[tuple[str, ...], Codes]:
    """Words that differ in more than case, the most frequent first, and the (k, most) places of those in each text.

    Places are -1 where a text has fewer words than another; words beyond `MOST_LEVELS` share the last place.
    """
    cells: dict[str, int] = {}
    spelled: dict[str, str] = {}
    for parts, count in zip(words, counts, strict=True):
        for key in {part.casefold(): part for part in parts}.items():
            cells[key[0]] = cells.get(key[0], 0) + int(count)
            spelled.setdefault(*key)
    ranked = sorted(cells, key=lambda key: (-cells[key], key))
    named = ranked if len(ranked) <= MOST_LEVELS + 1 else ranked[:MOST_LEVELS]
    place = {key: min(i, len(named)) for i, key in enumerate(ranked)}
    levels = [spelled[key] for key in named] + ([OTHER] if len(named) < len(ranked) else [])
    most = max((len(parts) for parts in words), default=0)
    places = np.full((len(words), max(1, most)), -1, dtype=np.intp)
    for row, parts in zip(places, words, strict=True):
        row[: len(parts)] = [place[part.casefold()] for part in parts]
    return tuple(levels), places


def _pairs(holders: Codes, held: Codes, levels: int) -> tuple[Codes, Codes]:
    """Each pair of a customer and a level once, in their order."""
    key = holders.astype(np.int64) * max(1, levels) + held
    if not (key[1:] > key[:-1]).all():
        key = np.unique(key)
    customer, level = np.divmod(key, max(1, levels))
    return customer.astype(np.intp), level.astype(np.intp)


def _errors(found: Found) -> int:
    return int(found.counts[found.errors].sum())
