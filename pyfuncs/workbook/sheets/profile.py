"""Profile: what makes focal customers different, and whether it shows when a customer is acquired."""

import datetime as dt
from collections.abc import Collection
from typing import Any

import numpy as np

from pyfuncs.analysis.attributes import DATE
from pyfuncs.analysis.focal_profile import FocalProfile
from pyfuncs.analysis.lookalike import FIFTHS, Lookalike
from pyfuncs.analysis.profile import FALSE_DISCOVERIES
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import Chart, Column, Grid, Line, Lines, Series, Sheet, Spot, Text, Values, body
from pyfuncs.workbook.styles import CORE, FOCAL, GREY, LIGHT
from pyfuncs.workbook.twins import records
from pyfuncs.workbook.words import fixed

ROWS = 20
CHARTED = 10
"""Rows in the chart: those at the top, the most different."""
_SAID = 3  # sentences on the table of attributes that fit
_LONGEST = 44  # letters of an attribute and its level beside the chart

_BEYOND = '=IF(ISNUMBER($G{row}),IF(AND(ISNUMBER($J{row}),$J{row}<=FalseDiscoveryRate),{by},0),"")'

DIFFERENCES = Grid("ProfileDifferences", "B8", (
    Column("Focal customers against all others", "text"),
    Column("Share of focal", "pct"),
    Column("Share of others", "pct"),
    Column("Mean of focal", "num2"),
    Column("Mean of others", "num2"),
    Column("Lift", "num2", '=IF(ISNUMBER($C{row}),IF($D{row}>0,$C{row}/$D{row},""),IF(AND($E{row}>0,$F{row}>0),$E{row}/$F{row},""))'),
    Column("Lift, low", "num2"),
    Column("Lift, high", "num2"),
    Column("q-value", "num3"),
    Column("Customers known", "int"),
    Column("Chart: more by", "pct", _BEYOND.format(by="MAX($G{row}-1,0)", row="{row}")),
    Column("Chart: less by", "pct", _BEYOND.format(by="MIN($G{row}-1,0)", row="{row}")),
    Column("Chart: rest", "pct", '=IF(ISNUMBER($G{row}),$G{row}-1-$L{row}-$M{row},"")'),
    Column("Note", "say"),
), rows=ROWS)  # fmt: skip

TEST = Lines("LikenessTest", "H35", (
    Line("Customers learned from, acquired first", "int"),
    Line("Customers tested on, acquired last", "int"),
    Line("Focal share of those tested", "pct"),
    Line("AUC (0.5 is chance, 1 is perfect)", "num2"),
    Line("AUC, low end of its interval", "num2"),
    Line("AUC, high end", "num2"),
    Line("Lift of the tenth most alike", "num2"),
    Line("Lift, low end of its interval", "num2"),
    Line("Lift, high end", "num2"),
), gap=4)  # fmt: skip

FIFTH = Grid("LikenessFifths", "H45", (
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
            "ProfileDifferences": [_blank() for _ in range(ROWS)],
            "ProfileSays": f"Nothing can be compared: {found.removeprefix('profile: ')}",
            "FalseDiscoveryRate": FALSE_DISCOVERIES,
            "ProfileCounts": "Choose a focal rule on Settings that leaves focal customers and others.",
            **_likeness("there is nobody to compare."),
        }
    rows = [_row(row) for row in records(found.profile.rows.head(ROWS))]
    return {
        "ProfileDifferences": rows + [_blank() for _ in range(ROWS - len(rows))],
        "ProfileSays": _says(found),
        "FalseDiscoveryRate": FALSE_DISCOVERIES,
        "ProfileCounts": _counts(found, run.refit.log.columns.keys()),
        **_likeness(found.likeness),
    }


def _row(row: Any) -> list[Any]:
    """One comparison as the cells of the grid hold it."""
    both = [None if np.isnan(figure) else float(figure) for figure in (row.focal, row.others)]
    shares, means = (both if kept else [None, None] for kept in (row.is_share, not row.is_share and row.kind != DATE))
    lift, lower, upper, q = (None if np.isnan(x) else float(x) for x in (row.lift, row.lower, row.upper, row.q_value))
    bars: list[Any] = ["", "", ""]
    if lift is not None:
        by, called = lift - 1, q is not None and q <= FALSE_DISCOVERIES
        more, less = (max(by, 0.0), min(by, 0.0)) if called else (0.0, 0.0)
        bars = [more, less, by - more - less]
    return [_in_words(row), *shares, *means, "" if lift is None else lift, lower, upper, q, row.customers, *bars,
            row.note or None]  # fmt: skip


def _in_words(row: Any) -> str:
    """An attribute and how focal customers differ in it."""
    name = f"{row.attribute}: {row.level}" if row.level else str(row.attribute)
    name = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 3]}..."
    if row.kind == DATE:
        if np.isnan(row.difference):
            return name
        when = dt.date(1970, 1, 1) + dt.timedelta(days=round(row.focal))
        return f"{name}: {when:%d-%b-%Y}, {fixed(abs(row.difference), 0)} days {'later' if row.difference > 0 else 'earlier'}"
    if np.isnan(row.lift):
        return name
    return f"{name}: {fixed(row.lift, 1 if row.lift >= 2 else 2)} x as {'often' if row.is_share else 'much'}"


def _blank() -> list[Any]:
    return [None, None, None, None, None, "", None, None, None, None, "", "", "", None]


def _says(found: FocalProfile) -> str:
    """What the chart shows, in a sentence."""
    rows = found.profile.rows
    called = rows[rows["q_value"] <= FALSE_DISCOVERIES]
    if called.empty:
        return (
            "On none of the attributes known do focal customers differ from all others by more than chance would give."
        )
    top = next(records(called))
    first = f"{_in_words(top)}{'' if np.isnan(top.lift) else ' as among all others'}"
    rest = f" {len(called) - 1:,} further differences are beyond chance." if len(called) > 1 else ""
    return f"Focal customers differ most in {first}.{rest}"


def _counts(found: FocalProfile, roles: Collection[str]) -> str:
    """How much was tested, listed and set aside, and what the log lacks."""
    left_out = max(0, len(found.profile.rows) - ROWS)
    said = [found.profile.statement]
    said += [f"The {ROWS} most different are listed, {left_out:,} are left out."] if left_out else []
    missing = [role for role in ("channel", "product") if role not in roles]
    said += [f"The log has no {' and no '.join(missing)}: add the column to compare it."] if missing else []
    said += found.statements[:_SAID]
    unsaid = len(found.statements) - _SAID
    return " ".join(said + ([f"{unsaid:,} further columns were set aside."] if unsaid > 0 else []))


def _likeness(found: Lookalike | str) -> Values:
    """The test of likeness, or the reason why there is none."""
    if isinstance(found, str):
        return {
            "LikenessTest": [None] * len(TEST.lines),
            "LikenessFifths": [[None] * 4] * FIFTHS,
            "LikenessSays": f"Likeness could not be tested: {found.removeprefix('lookalike: ')}",
        }
    return {
        "LikenessTest": [found.trained, found.tested, found.tested_share, found.auc, found.auc_low, found.auc_high,
                         found.lift, found.lift_low, found.lift_high],
        "LikenessFifths": [[None, row.customers, row.expected, row.actual] for row in records(found.fifths)],
        "LikenessSays": found.verdict,
    }  # fmt: skip


def difference_chart(at: str, size: tuple[int, int]) -> Chart:
    """How much more or less often the most different attributes are found among focal customers."""
    labels = body(DIFFERENCES, "Focal customers against all others", "Profile", chart=True, last=CHARTED)
    return Chart(at, "bar", "What is more, and what is less common among focal customers", "Attribute",
                 "More (+) or less (-) than among all others",
                 (Series("More among focal customers", labels, body(DIFFERENCES, "Chart: more by", "Profile", chart=True, last=CHARTED), FOCAL),
                  Series("Less among focal customers", labels, body(DIFFERENCES, "Chart: less by", "Profile", chart=True, last=CHARTED), GREY),
                  Series("Within chance, or not tested", labels, body(DIFFERENCES, "Chart: rest", "Profile", chart=True, last=CHARTED), LIGHT)),
                 "Horizontal bars from a middle line: for the ten most different attributes, how much more often (green, to the right) "
                 "or less often (grey, to the left) they are found among focal customers than among all others; pale where chance would do.",
                 size=size, y_format="+0%;-0%;0%")  # fmt: skip


def likeness_chart(at: str, size: tuple[int, int]) -> Chart:
    """Focal share expected and found, by fifth of likeness."""
    labels = body(FIFTH, "Fifth", "Profile", chart=True)
    return Chart(at, "column", "Focal share by likeness", "Fifth of those tested, most alike first",
                 "Share of focal customers",
                 (Series("Expected", labels, body(FIFTH, "Expected", "Profile", chart=True), LIGHT),
                  Series("Found", labels, body(FIFTH, "Found", "Profile", chart=True), CORE)),
                 "Columns side by side: share of focal customers expected and found in each fifth of the customers tested, the most "
                 "alike first.", size=size, y_format="0%")  # fmt: skip


SHEET = Sheet(
    "Profile", "presentation", "Profile",
    "What makes focal customers different from all others, and whether it shows when a customer is acquired.",
    widths=(50, 11, 11, 11, 11, 9, 9, 9, 9, 11, 9, 9, 9, 50),
    parts=(
        Text("B6", "The most different first", "section", span=14),
        Text("B7", "A difference is called one at a q-value (false-discovery rate) up to", "text"),
        Spot("FalseDiscoveryRate", "C7", "pct"),
        DIFFERENCES,
        Spot("ProfileSays", "B29", "text"),
        Spot("ProfileCounts", "B30", "says", span=14, deep=2),
        difference_chart("B33", (740, 360)),
        Text("H32", "More like them: is it known when a customer is acquired?", "section", span=8),
        Spot("LikenessSays", "H33", "says", span=8, deep=2),
        TEST,
        FIFTH,
        likeness_chart("N35", (350, 320)),
        Text("B52", "Use: look for prospects and offers where lift is above 1 with a q-value of 0.1 or less, and ask why before acting. Choose "
             "prospects by FOCAL_LOOKALIKE only if the test is better than chance.", "shows"),
        Text("B53", "Learned on the customers acquired first and tested on those acquired last. Focal means expected future value; of "
             "recent customers it rests on few purchases. Intervals of the lift are at the level on Settings, those of the test at 90 %.", "shows"),
    ),
    figures=figures, heights={8: 40, 45: 15}, pages_high=1, print_to="O54",
)  # fmt: skip
