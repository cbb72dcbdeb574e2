"""Profile: what makes focal customers different, and whether it shows when a customer is acquired."""

import datetime as dt
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
_LONGEST = 44  # letters of an attribute and its level beside the chart

DIFFERENCES = Grid("ProfileDifferences", "B8", (
    Column("Focal customers against all others", "text"),
    Column("Share of focal", "pct"),
    Column("Share of others", "pct"),
    Column("Mean of focal", "num2"),
    Column("Mean of others", "num2"),
    Column("Lift", "num2", '=IF(ISNUMBER($C{row}),IFERROR($C{row}/$D{row},""),IF(ISNUMBER($E{row}),IFERROR($E{row}/$F{row},""),""))'),
    Column("Lift, low", "num2"),
    Column("Lift, high", "num2"),
    Column("q-value", "num3"),
    Column("Customers known", "int"),
    Column("Above parity", "pct", '=IF(ISNUMBER($G{row}),MAX($G{row}-1,0),"")'),
    Column("Below parity", "pct", '=IF(ISNUMBER($G{row}),MIN($G{row}-1,0),"")'),
    Column("Note", "say"),
), rows=ROWS)  # fmt: skip

TEST = Lines("LikenessTest", "B53", (
    Line("Customers learned from, acquired first", "int"),
    Line("Customers tested on, acquired last", "int"),
    Line("Focal share of those tested", "pct"),
    Line("AUC (0.5 is chance, 1 is perfect)", "num2"),
    Line("AUC, low end of its interval", "num2"),
    Line("AUC, high end", "num2"),
    Line("Lift of the tenth most alike", "num2"),
    Line("Lift, low end of its interval", "num2"),
    Line("Lift, high end", "num2"),
))  # fmt: skip

FIFTH = Grid("LikenessFifths", "E53", (
    Column("Fifth by likeness", "int"),
    Column("Customers", "int"),
    Column("Focal share expected", "pct"),
    Column("Focal share found", "pct"),
), rows=FIFTHS, labels=tuple(range(1, FIFTHS + 1)))  # fmt: skip


def figures(run: Run) -> Values:
    """Values of the slots of this sheet; blank where nothing can be compared, with the reason in words."""
    found = run.refit.profile
    if isinstance(found, str):
        return {
            "ProfileDifferences": [_blank() for _ in range(ROWS)],
            "ProfileSays": f"Nothing can be compared: {found}",
            "ProfileCounts": "Add customer attributes, or the columns channel and product to the transactions.",
            **_likeness(found),
        }
    rows = [_row(row) for row in records(found.profile.rows.head(ROWS))]
    return {
        "ProfileDifferences": rows + [_blank() for _ in range(ROWS - len(rows))],
        "ProfileSays": _says(found),
        "ProfileCounts": _counts(found),
        **_likeness(found.likeness),
    }


def _row(row: Any) -> list[Any]:
    """One comparison as the cells of the grid hold it."""
    lift = None if np.isnan(row.lift) else float(row.lift)
    shares = (row.focal, row.others) if row.is_share else (None, None)
    means = (None, None) if row.is_share or row.kind == DATE else (row.focal, row.others)
    native = _native_lift(shares, means)
    return [
        _in_words(row), *shares, *means, native, *((row.lower, row.upper) if lift is not None else (None, None)), row.q_value,
        row.customers, *(("", "") if native == "" else (max(native - 1, 0.0), min(native - 1, 0.0))), row.note or None,
    ]  # fmt: skip


def _native_lift(shares: tuple[Any, Any], means: tuple[Any, Any]) -> Any:
    """What the formula of the lift comes to: blank text where there is no ratio."""
    focal, others = means if shares[0] is None else shares
    if focal is None or others is None or np.isnan(focal) or np.isnan(others) or others == 0:
        return ""
    return focal / others


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
    return [None, None, None, None, None, "", None, None, None, None, "", "", None]


def _says(found: FocalProfile) -> str:
    """What the chart shows, in a sentence."""
    rows = found.profile.rows
    called = rows[rows["q_value"] <= FALSE_DISCOVERIES]
    if called.empty:
        return (
            "On none of the attributes known do focal customers differ from all others by more than chance would give."
        )
    first = _in_words(next(records(called)))
    rest = f" {len(called) - 1:,} further differences are beyond chance." if len(called) > 1 else ""
    return f"Focal customers differ most in {first} as among all others.{rest}"


def _counts(found: FocalProfile) -> str:
    left_out = max(0, len(found.profile.rows) - ROWS)
    more = f" The {ROWS} most different are listed, {left_out:,} are left out." if left_out else ""
    return " ".join((found.profile.statement + more, *found.statements))


def _likeness(found: Lookalike | str) -> Values:
    """The test of likeness, or the reason why there is none."""
    if isinstance(found, str):
        return {
            "LikenessTest": [None] * len(TEST.lines),
            "LikenessFifths": [[None] * 4] * FIFTHS,
            "LikenessSays": f"Likeness could not be tested: {found}",
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
                 (Series("More among focal customers", labels, body(DIFFERENCES, "Above parity", "Profile", chart=True, last=CHARTED), FOCAL),
                  Series("Less among focal customers", labels, body(DIFFERENCES, "Below parity", "Profile", chart=True, last=CHARTED), GREY)),
                 "Horizontal bars from a middle line: for the ten most different attributes, how much more often (green, to the right) "
                 "or less often (grey, to the left) they are found among focal customers than among all others.",
                 size=size, y_format="+0%;-0%;0%")  # fmt: skip


def likeness_chart(at: str, size: tuple[int, int]) -> Chart:
    """Focal share expected and found, by fifth of likeness."""
    labels = body(FIFTH, "Fifth by likeness", "Profile", chart=True)
    return Chart(at, "column", "Focal customers by likeness, on those acquired last", "Fifth of customers, the most alike first",
                 "Share of focal customers",
                 (Series("Expected", labels, body(FIFTH, "Focal share expected", "Profile", chart=True), LIGHT),
                  Series("Found", labels, body(FIFTH, "Focal share found", "Profile", chart=True), CORE)),
                 "Columns side by side: share of focal customers expected and found in each fifth of the customers tested, the most "
                 "alike first.", size=size, y_format="0%")  # fmt: skip


SHEET = Sheet(
    "Profile", "presentation", "Profile",
    "What makes focal customers different from all others, and whether it shows when a customer is acquired.",
    widths=(46, 11, 11, 11, 11, 9, 9, 9, 9, 11, 9, 9, 40),
    parts=(
        Text("B6", "The most different first", "section", span=13),
        DIFFERENCES,
        Spot("ProfileSays", "B29", "text"),
        Spot("ProfileCounts", "B30", "says", span=13, deep=2),
        difference_chart("B32", (1120, 340)),
        Text("B50", "More like them: the test", "section", span=13),
        Spot("LikenessSays", "B51", "text"),
        TEST,
        FIFTH,
        likeness_chart("J52", (470, 230)),
        Text("B63", "Learned on customers acquired first from what is known then, tested on those acquired last. Focal means expected future "
             "value; of recent customers it rests on few purchases.", "note", span=7, deep=2),
        Text("B66", "Use: look for prospects and offers where lift is above 1 with a q-value of 0.1 or less, and ask why before acting. Choose "
             "prospects by FOCAL_LOOKALIKE only if the test is better than chance.", "shows"),
    ),
    figures=figures, heights={8: 40, 53: 27}, pages_high=1, print_to="N67",
)  # fmt: skip
