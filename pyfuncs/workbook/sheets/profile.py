"""Profile: what makes focal customers different, and whether it shows when a customer is acquired."""

import datetime as dt
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from pyfuncs.analysis.attributes import DATE
from pyfuncs.analysis.focal_profile import AT_ACQUISITION, FocalProfile
from pyfuncs.analysis.lookalike import FIFTHS, SIGNALS, Lookalike, points_to, signal_in_words
from pyfuncs.analysis.profile import FALSE_DISCOVERIES
from pyfuncs.analysis.texts import plural
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import Chart, Column, Grid, Series, Sheet, Spot, Text, Values, body
from pyfuncs.workbook.styles import CORE, FOCAL, GREY, LIGHT
from pyfuncs.workbook.twins import records
from pyfuncs.workbook.words import fixed, shortened

ROWS = 10
"""Rows of each table and bars of its chart: the most different."""
_SAID = 3  # sentences on what was read that fit
_LONGEST = 40  # letters of an attribute and its level beside the chart
_LONGEST_BAR = 3  # times more than among all others, where bars end: one of 30 would hide the rest

_BARS = {
    "Chart: beyond chance": "AND(ISNUMBER($J{row}),$J{row}<=FalseDiscoveryRate)",
    "Chart: could be chance": "AND(ISNUMBER($J{row}),$J{row}>FalseDiscoveryRate)",
    "Chart: not tested": "NOT(ISNUMBER($J{row}))",
}
"""By header of the column that draws it, when a difference is drawn by a bar."""


def _differences(name: str, at: str, about: str) -> Grid:
    """A table of differences, the most different first; its bars stand beyond what is printed."""
    return Grid(name, at, (
        Column(about, "text"),
        Column("Share of focal", "pct"),
        Column("Share of others", "pct"),
        Column("Mean of focal", "num2"),
        Column("Mean of others", "num2"),
        Column("Lift", "num2", '=IF(ISNUMBER($C{row}),IF($D{row}>0,$C{row}/$D{row},""),IF(AND($E{row}>0,$F{row}>0),$E{row}/$F{row},""))'),
        Column("Lift, low", "num2"),
        Column("Lift, high", "num2"),
        Column("q-value", "q"),
        Column("Customers known", "int"),
        Column("Note", "say"),
        *(Column(header, "pct0", f'=IF(ISNUMBER($G{{row}}),IF({when},MIN($G{{row}}-1,{_LONGEST_BAR}),0),"")')
          for header, when in _BARS.items()),
    ), rows=ROWS)  # fmt: skip


KNOWN = _differences("ProfileKnown", "B27", "Known when a customer is acquired")
SINCE = _differences("ProfileSince", "B39", "Known since, or made of purchases")

TEST = Grid("LikenessTest", "B60", (
    Column("The test", "text"),
    Column("Figure", "num2"),
    Column("Low", "num2"),
    Column("High", "num2"),
), rows=6, labels=(
    "Customers learned from, acquired first", "Focal among them",
    "Customers tested on, acquired last", "Focal among them",
    "AUC: 0.5 is chance, 1 is perfect", "Lift of the tenth most alike",
), looks={
    (1, "Figure"): "int", (2, "Figure"): "pct", (3, "Figure"): "int", (4, "Figure"): "pct",
})  # fmt: skip

GOES_BY = Grid("LikenessSignals", "B68", (
    Column("What likeness goes by, the strongest first", "text"),
    Column("Odds ratio", "num2"),
    Column("Low", "num2"),
    Column("High", "num2"),
    Column("Such are", "say"),
), rows=SIGNALS)  # fmt: skip

FIFTH = Grid("LikenessFifths", "G60", (
    Column("Fifth", "int"),
    Column("Customers", "int"),
    Column("Expected", "pct"),
    Column("Found", "pct"),
), rows=FIFTHS, labels=tuple(range(1, FIFTHS + 1)))  # fmt: skip


def figures(run: Run) -> Values:
    """Values of the slots of this sheet; blank where nothing can be compared, with the reason in words."""
    found = run.refit.profile
    if isinstance(found, str):
        return {
            "ProfileKnown": _listed(None),
            "ProfileSince": _listed(None),
            "KnownSays": f"Nothing can be compared: {found.removeprefix('profile: ')}",
            "SinceSays": "",
            "FalseDiscoveryRate": FALSE_DISCOVERIES,
            "ProfileCounts": "Choose a focal rule on Settings that leaves focal customers and others.",
            **_likeness("there is nobody to compare."),
        }
    at_acquisition = found.profile.rows["when"] == AT_ACQUISITION
    known, since = found.profile.rows[at_acquisition], found.profile.rows[~at_acquisition]
    return {
        "ProfileKnown": _listed(known),
        "ProfileSince": _listed(since),
        "KnownSays": _says(known, "When they were acquired, focal customers already differed", "was known by then"),
        "SinceSays": _says(since, "Since then, focal customers differ", "is known since"),
        "FalseDiscoveryRate": FALSE_DISCOVERIES,
        "ProfileCounts": _counts(found, run.refit.log.columns.keys()),
        **_likeness(found.likeness),
    }


def _listed(rows: pd.DataFrame | None) -> list[list[Any]]:
    """The rows of a table of differences, as many as it has."""
    listed = [] if rows is None else [_row(row) for row in records(rows.head(ROWS))]
    return listed + [[None, None, None, None, None, "", *[None] * 5, "", "", ""] for _ in range(ROWS - len(listed))]


def _row(row: Any) -> list[Any]:
    """One comparison as the cells of the grid hold it."""
    both = [None if np.isnan(figure) else float(figure) for figure in (row.focal, row.others)]
    shares, means = (both if kept else [None, None] for kept in (row.is_share, not row.is_share and row.kind != DATE))
    lift, lower, upper, q = (None if np.isnan(x) else float(x) for x in (row.lift, row.lower, row.upper, row.q_value))
    bars: list[Any] = ["", "", ""]
    if lift is not None:
        bars = [0.0, 0.0, 0.0]
        bars[2 if q is None else int(q > FALSE_DISCOVERIES)] = min(lift - 1, float(_LONGEST_BAR))
    return [_in_words(row), *shares, *means, "" if lift is None else lift, lower, upper, q, row.customers,
            row.note or None, *bars]  # fmt: skip


def _in_words(row: Any) -> str:
    """An attribute and how focal customers differ in it."""
    name = shortened(f"{row.attribute}: {row.level}" if row.level else str(row.attribute), _LONGEST)
    if row.kind == DATE:
        if np.isnan(row.difference):
            return name
        when = dt.date(1970, 1, 1) + dt.timedelta(days=round(row.focal))
        return f"{name}: {when:%d-%b-%Y}, {fixed(abs(row.difference), 0)} days {'later' if row.difference > 0 else 'earlier'}"
    if np.isnan(row.lift):
        return name
    return f"{name}: {fixed(row.lift, 1 if row.lift >= 2 else 2)} x as {'often' if row.is_share else 'much'}"


def _says(rows: pd.DataFrame, they_differ: str, is_known: str) -> str:
    """What a chart shows, in a sentence."""
    called = rows[rows["q_value"] <= FALSE_DISCOVERIES]
    if rows.empty:
        return f"Nothing {is_known}."
    if rows["q_value"].isna().all():
        return f"Nothing that {is_known} can be tested: it is made of purchases, or of too few customers."
    if called.empty:
        return f"Nothing that {is_known} sets focal customers apart by more than chance would."
    top = next(records(called))
    first = f"{_in_words(top)}{'' if np.isnan(top.lift) else ' as all others'}"
    more = len(called) - 1
    rest = f" {plural(more, 'more difference')} {'is' if more == 1 else 'are'} beyond chance." if more else ""
    return f"{they_differ} most in {first}.{rest}"


def _counts(found: FocalProfile, roles: Collection[str]) -> str:
    """How much was tested, listed and set aside, and what the log lacks."""
    said = [found.profile.statement, *found.statements[:_SAID]]
    unsaid = len(found.statements) - _SAID
    said += [f"{plural(unsaid, 'further column')} set aside."] if unsaid > 0 else []
    missing = [role for role in ("channel", "product") if role not in roles]
    said += [f"The log has no {' and no '.join(missing)}: add the column to compare it."] if missing else []
    return " ".join([*said, f"Each table lists up to {ROWS} rows; FOCAL_PROFILE lists all."])


def _likeness(found: Lookalike | str) -> Values:
    """The test of likeness, or the reason why there is none; nothing to act by where it is no better than chance."""
    blank = [None] * 4
    if isinstance(found, str):
        return {
            "LikenessTest": [blank] * TEST.rows,
            "LikenessSignals": [[None] * 5] * SIGNALS,
            "LikenessFifths": [blank] * FIFTHS,
            "LikenessSays": f"Likeness could not be tested: {found.removeprefix('lookalike: ')}",
        }
    useful = found.better_than_chance
    counts = (found.trained, found.trained_share, found.tested, found.tested_share)
    return {
        "LikenessTest": [
            *([None, figure, None, None] for figure in counts),
            [None, found.auc, found.auc_low, found.auc_high],
            [None, found.lift, found.lift_low, found.lift_high] if useful else blank,
        ],
        "LikenessSignals": _signals(found) if useful else [[None] * 5] * SIGNALS,
        "LikenessFifths": [[None, row.customers, row.expected, row.actual] for row in records(found.fifths)],
        "LikenessSays": f"{found.verdict} {_HOW_TO_READ if useful else _NOTHING_TO_USE}",
    }


def _signals(found: Lookalike) -> list[list[Any]]:
    """What likeness goes by, as many signals as are beyond chance."""
    rows: list[list[Any]] = [
        [
            shortened(signal_in_words(signal), _LONGEST + 8),
            signal.odds_ratio,
            signal.lower,
            signal.upper,
            points_to(signal),
        ]
        for signal in records(found.telling)
    ]
    rows = rows or [["No single one is beyond chance.", *[None] * 4]]
    return rows + [[None] * 5 for _ in range(SIGNALS - len(rows))]


_HOW_TO_READ = (
    "In the chart, likeness is worth something where blue falls from left to right. How many are expected is brought to the "
    "level of those acquired last, who have had less time to show what they are."
)
_NOTHING_TO_USE = (
    "Hence no lift and no signals are shown, as they would mislead. Were it of use, blue in the chart would fall from left "
    "to right."
)


def difference_chart(at: str, size: tuple[int, int], grid: Grid, title: str, colour: str) -> Chart:
    """How much more or less often the most different attributes are found among focal customers."""
    labels = body(grid, grid.columns[0].header, "Profile", chart=True)
    beyond, chance, untested = (body(grid, header, "Profile", chart=True) for header in _BARS)
    return Chart(at, "bar", title, "What differs most",
                 f"More (+) or less (-) than among all others; bars end at +{_LONGEST_BAR * 100} %",
                 (Series("Beyond chance", labels, beyond, colour), Series("Could be chance", labels, chance, LIGHT),
                  Series("Not tested", labels, untested, GREY)),
                 f"{title}. Horizontal bars from a middle line: how much more (to the right) or less (to the left) it is found among "
                 "focal customers than among all others; pale where it could be chance, grey where it is not tested.",
                 size=size, y_format="+0%;-0%;0%")  # fmt: skip


def likeness_chart(at: str, size: tuple[int, int]) -> Chart:
    """Focal share expected and found, by fifth of likeness."""
    labels = body(FIFTH, "Fifth", "Profile", chart=True)
    return Chart(at, "column", "Customers acquired last: focal share by likeness", "Fifth of those tested, most alike first",
                 "Share of focal customers",
                 (Series("Expected by likeness", labels, body(FIFTH, "Expected", "Profile", chart=True), LIGHT),
                  Series("Found", labels, body(FIFTH, "Found", "Profile", chart=True), CORE)),
                 "Columns side by side: share of focal customers expected and found in each fifth of the customers tested, the most "
                 "alike first.", size=size, y_format="0%")  # fmt: skip


SHEET = Sheet(
    "Profile", "presentation", "Profile",
    "What focal customers are, do and say differently from all others, and whether it shows when a customer is acquired.",
    widths=(47, 9, 9, 9, 9, 7, 10, 9.5, 8, 10, 42, 9, 9, 9),
    parts=(
        Text("B6", "What they are: known when they were acquired", "section", span=5),
        Text("G6", "What they do and say: known since, and may follow from buying much", "section", span=6),
        Spot("KnownSays", "B7", "wrap", span=5, deep=2),
        Spot("SinceSays", "G7", "wrap", span=6, deep=2),
        difference_chart("B9", (585, 330), KNOWN, "How they differed when they were acquired", FOCAL),
        difference_chart("G9", (605, 330), SINCE, "How they differ since: it describes them", CORE),
        Text("M26", "What the charts draw", "aside"),
        Text("B26", "Beyond chance: a q-value (false-discovery rate) of at most", "text"),
        Spot("FalseDiscoveryRate", "C26", "pct0"),
        KNOWN,
        SINCE,
        Spot("ProfileCounts", "B51", "wrap", span=11, deep=4),
        Text("B56", "More like them: does it show when a customer is acquired?", "section", span=11),
        Spot("LikenessSays", "B57", "wrap", span=11, deep=2),
        TEST,
        FIFTH,
        GOES_BY,
        likeness_chart("K60", (385, 300)),
        Text("B76", "Use: before acting on a green bar ask why; differences are associations. Only where the test is better than chance do they "
             "help to choose prospects: by FOCAL_LOOKALIKE. Blue bars describe customers you have.", "shows"),
        Text("B77", "Customers count by their probability of being focal; FOCAL_PROFILE repeats the figures from your attributes and column p_focal of "
             "Customers. Intervals of the lift are at the level on Settings, those of the test and of odds ratios at 90 %.", "shows"),
    ),
    figures=figures, heights={27: 30, 39: 30}, pages_high=1, print_to="L78", portrait=True,
)  # fmt: skip
