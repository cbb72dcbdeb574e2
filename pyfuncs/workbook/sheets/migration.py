"""Migration: who moved between segments since the split of the holdout, and whether that is more than chance."""

from typing import Any, Final

import numpy as np
import pandas as pd

from pyfuncs.analysis.caveats import begins_in_the_midst
from pyfuncs.analysis.drift import SIGNIFICANT, Drift
from pyfuncs.analysis.migration import CAUSES, FROM, JOINED, LEFT, NEW, TO, Stability
from pyfuncs.analysis.movement import AS_EXPECTED, ENOUGH_STAYED, SMALL, TOO_FEW, Moves
from pyfuncs.analysis.segments import ALL, FOCAL, LABELS
from pyfuncs.workbook import styles
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import (
    Chart,
    Column,
    Grid,
    Highlight,
    Line,
    Lines,
    Series,
    Sheet,
    Spot,
    Text,
    Values,
    body,
)
from pyfuncs.workbook.sheets import customers
from pyfuncs.workbook.twins import records

COHORTS: Final = 4
_WEIGHT: Final = len(TO)  # customers by which shares lean towards everybody's
_T = customers.TABLE
_LETTERS = "CDEF"


def _share(letter: str) -> str:
    return f'=IF(N($G$18)=0,"",({letter}{{row}}+{_WEIGHT}*{letter}$18/$G$18)/($G{{row}}+{_WEIGHT}))'


MOVES = Grid("SegmentMoves", "B12", (
    Column("From, at the earlier date", "text"),
    *(Column(name, "int") for name in LABELS),
    Column("All", "int", '=IF(ISNUMBER($C{row}),SUM($C{row}:$F{row}),"")'),
    *(Column(f"{name}, share", "pct", _share(letter)) for name, letter in zip(LABELS, _LETTERS, strict=True)),
    Column("P(alive) now", "pct"),
), rows=6, labels=(*FROM, "Now, on Customers"), total=True,
   overrides={(6, name): f'=IF(ISNUMBER($C$13),COUNTIFS({_T}[segment],"{name}"),"")' for name in LABELS}
   | {(6, f"{name}, share"): f'=IF(N($G$18)=0,"",{letter}18/$G$18)' for name, letter in zip(LABELS, _LETTERS, strict=True)},
)  # fmt: skip

INTERVALS = Grid("MoveIntervals", "B22", (
    Column("Interval of the share", "text"),
    *(Column(f"{name}, {end}", "pct") for name in LABELS for end in ("low", "high")),
), rows=len(FROM), labels=FROM)  # fmt: skip

FORECAST = Grid("SegmentForecast", "B31", (
    Column("Segment then", "text"),
    Column("Customers", "int"),
    Column("Foreseen", "num1"),
    Column("Low", "int"),
    Column("High", "int"),
    Column("Actual", "int"),
    Column("Bought", "verdict",
           f'=IF(NOT(ISNUMBER($C{{row}})),"",IF($C{{row}}<{SMALL},"{TOO_FEW}",IF($G{{row}}<$E{{row}},"less",'
           f'IF($G{{row}}>$F{{row}},"more","{AS_EXPECTED}"))))'),
), rows=5, labels=(*LABELS, ALL), total=True)  # fmt: skip

STABLE = Lines("ListStability", "N13", (
    Line("Focal at the earlier date", "int", "=$G$13"),
    Line("Focal now", "int", "=$C$18"),
    Line("Focal at both dates", "int", "=IF(ISNUMBER($C$13),$C$13,\"\")"),
    Line("Overlap of the two lists", "pct", '=IFERROR($O$15/($O$13+$O$14-$O$15),"")'),
    Line("Focal customers who stayed", "pct", '=IFERROR($O$15/$O$13,"")'),
    Line("Held, counted by P(focal)", "pct", name="FocalHeld"),
    Line("Left the list, counted by P(focal)", "num1"),
    Line("Joined the list, counted by P(focal)", "num1"),
    Line("Rank correlation of value", "num3"),
    Line("Surely focal of Focal and Borderline, earlier", "pct"),
    Line("Surely focal of Focal and Borderline, now", "pct"),
))  # fmt: skip

WHY = Grid("ListChanges", "N26", (
    Column("Why customers left or joined the focal list", "text"),
    Column("Customers", "int"),
), rows=sum(map(len, CAUSES.values())),
   labels=tuple(f"{change.capitalize()}: {cause}" for change, causes in CAUSES.items() for cause in causes))  # fmt: skip

RULE = Grid("RefitRule", "N40", (
    Column("Refit at once when ...", "text"),
    Column("Figure", "pct"),
    Column("So it is", "verdict"),
), rows=3, labels=(
    "Purchases are outside what was foreseen (actual over foreseen)",
    f"Cohorts differ (p-value below {SIGNIFICANT:.0%})",
    f"Less than {ENOUGH_STAYED:.0%} of the focal list held",
), overrides={
    (1, "Figure"): '=IFERROR($G$36/$D$36,"")',
    (1, "So it is"): f'=IF($H$36="","",IF($H$36="{AS_EXPECTED}","no",IF($H$36="{TOO_FEW}","{TOO_FEW}","yes")))',
    (2, "So it is"): f'=IF(ISNUMBER($O$42),IF($O$42<{SIGNIFICANT},"yes","no"),"")',
    (3, "Figure"): '=IF(ISNUMBER(FocalHeld),FocalHeld,"")',
    (3, "So it is"): f'=IF(ISNUMBER($O$43),IF($O$43<{ENOUGH_STAYED},"yes","no"),"")',
}, looks={(2, "Figure"): "num4"})  # fmt: skip

FLOWS = Grid("FocalFlows", "N48", (
    Column("The focal list then and now", "text"),
    *(Column(name, "int") for name in FROM),
), rows=3, labels=("Focal then", "They are now", "Focal now: they were"), overrides={
    **{(row, name): '=IF(ISNUMBER($C$13),0,"")' for row, names in ((1, FROM[1:]), (2, (NEW,))) for name in names},
    (1, FOCAL): "=$G$13",
    **{(2, name): f'=IF(ISNUMBER({letter}$13),{letter}$13,"")' for name, letter in zip(LABELS, _LETTERS, strict=True)},
    **{(3, name): f'=IF(ISNUMBER($C${row}),$C${row},"")' for row, name in enumerate(FROM, 13)},
})  # fmt: skip

DRIFT = Grid("CohortDrift", "B57", (
    Column("Cohort", "text"),
    Column("First bought from", "date"),
    Column("until", "date"),
    Column("Customers", "int"),
    Column("Repeat buyers", "int"),
    Column("Purchases a year", "num2"),
    Column("Mean dropout", "num3"),
    Column("Repeats, first year", "num2"),
    Column("r", "num3"),
    Column("alpha", "num3"),
    Column("a, or s", "num3"),
    Column("b, or beta", "num3"),
), rows=COHORTS + 1, total=True)  # fmt: skip

GRIDS: Final = (MOVES, INTERVALS, FORECAST, WHY, RULE, FLOWS, DRIFT)
_DATES = Lines("MovementDates", "B8", (
    Line("Earlier date: the split of the holdout", "date"),
    Line("Later date: the observation end", "date"),
), gap=3)  # fmt: skip


def figures(run: Run) -> Values:
    """Values of the slots of this sheet; blank where there could be no holdout, with the reason in words."""
    found = run.refit.movement
    values: Values = {grid.name: _blank(grid) for grid in GRIDS}
    drift = found.drift
    if isinstance(drift, Drift):
        said = " ".join([drift.statement, *begins_in_the_midst(run.refit.log)])
        values |= {"CohortDrift": _cohorts(drift.cohorts), "DriftSays": said}
    else:
        values["DriftSays"] = f"{drift[:1].upper()}{drift[1:]}"
    p_value = drift.p_value if isinstance(drift, Drift) else None
    differs = None if p_value is None else "yes" if p_value < SIGNIFICANT else "no"
    values["RefitRule"][1][1:] = [p_value, differs or ""]
    moves = found.moves
    if isinstance(moves, str) or found.rule is None:
        return values | {
            "MovementSays": str(moves), "MovementDates": [None, None], "ListStability": [*[""] * 5, *[None] * 6],
            "ForecastSays": "", "RefitSays": "",
        }  # fmt: skip
    matrix, stability = _matrix(moves), moves.stability
    forecast = [[row.segment, row.customers, row.expected, row.lower, row.upper, row.actual, row.verdict]
                for row in records(moves.forecast)]  # fmt: skip
    return values | {
        "MovementSays": _moves_say(moves, stability),
        "MovementDates": [moves.split, moves.end],
        "SegmentMoves": matrix,
        "MoveIntervals": _intervals(moves.matrix),
        "SegmentForecast": forecast,
        "ForecastSays": _forecast_says(moves, run.refit.settings.level) + _doubt(run),
        "ListStability": _stability(moves),
        "ListChanges": [[None, count] for count in stability.causes["customers"]],
        "RefitRule": _rule(moves, values["RefitRule"]),
        "RefitSays": found.rule.sentence,
        "FocalFlows": [
            [None, matrix[0][5], 0, 0, 0, 0],
            [None, *matrix[0][1:5], 0],
            [None, *(row[1] for row in matrix[:5])],
        ],
    }


def _blank(grid: Grid) -> list[list[Any]]:
    """A grid without figures: nothing where figures are filled, "" where a formula shows that."""
    rows = []
    for number in range(1, grid.rows + 1):
        native = [column.formula or grid.overrides.get((number, column.header)) for column in grid.columns]
        rows.append([None if formula is None else "" for formula in native])
    return rows


def _matrix(moves: Moves) -> list[list[Any]]:
    """Customers and shares by segment before and after, and the totals of today."""
    counts = moves.matrix.pivot(index="segment_earlier", columns="segment_later", values="customers")
    count = counts.reindex(index=FROM, columns=LABELS).to_numpy(dtype=np.float64)
    total = count.sum(axis=0)
    everyone = total / total.sum()
    rows = []
    for name, row in zip(FROM, count, strict=True):
        share = (row + _WEIGHT * everyone) / (row.sum() + _WEIGHT)
        rows.append([name, *row.tolist(), row.sum(), *share.tolist(), moves.alive.get(name)])
    return [*rows, [None, *total.tolist(), total.sum(), *everyone.tolist(), None]]


def _intervals(matrix: pd.DataFrame) -> list[list[Any]]:
    """Bounds of the shares, by segment before: low and high for each segment after."""
    cells = matrix.pivot(index="segment_earlier", columns="segment_later", values=["lower", "upper"])
    columns = [(bound, after) for after in LABELS for bound in ("lower", "upper")]
    return [
        [None, *row]
        for row in cells.reindex(index=FROM, columns=pd.MultiIndex.from_tuples(columns)).to_numpy().tolist()
    ]


def _stability(moves: Moves) -> list[Any]:
    found, counted = moves.stability, moves.matrix.set_index(["segment_earlier", "segment_later"])["confirmed"]
    left, joined = (float(counted.xs(FOCAL, level=level).drop(FOCAL).sum()) for level in counted.index.names)
    native = ["" if np.isnan(share) else share for share in (found.overlap, found.share_stayed)]
    others = (found.surely_stayed, left, joined, found.rank_correlation, found.sure_earlier, found.sure_later)
    known = [None if np.isnan(figure) else figure for figure in others]
    return [found.focal_earlier, found.focal_later, found.stayed, *native, *known]


def _rule(moves: Moves, blank: list[list[Any]]) -> list[list[Any]]:
    """The three conditions of the rule with their figures."""
    total, held = moves.forecast.iloc[-1], moves.stability.surely_stayed
    outside = {AS_EXPECTED: "no", TOO_FEW: TOO_FEW}.get(total.verdict, "yes")
    kept = ["", ""] if np.isnan(held) else [held, "yes" if held < ENOUGH_STAYED else "no"]
    ratio = total.actual / total.expected if total.expected > 0 else ""
    return [[None, ratio, outside], blank[1], [None, *kept]]


def _cohorts(table: pd.DataFrame) -> list[list[Any]]:
    """The cohorts, blank rows, and all customers last."""
    names = ["first", "last", "customers", "repeat_buyers", "purchases_per_year", "dropout", "first_year"]
    parameters = [name for name in ("r", "alpha", "a", "b", "s", "beta") if name in table]
    dated = table.assign(first=table["first"].dt.date, last=table["last"].dt.date)
    cells = dated[[*names, *parameters]].to_numpy(dtype=object).tolist()
    rows = [[f"Cohort {number}", *row] for number, row in enumerate(cells, 1)]
    blank = [[None] * len(DRIFT.columns)] * (COHORTS + 1 - len(rows))
    return [*rows[:-1], *blank, ["All", *rows[-1][1:]]]


def _moves_say(moves: Moves, found: Stability) -> str:
    causes = found.causes.set_index(["change", "cause"])["customers"]

    def mostly(change: str) -> str:
        of_change = causes[change]
        return f", mainly: {of_change.idxmax()}" if of_change.max() > 0 else ""

    return (
        f"Of the {found.focal_earlier:,} focal customers of {moves.split:%d-%b-%Y}, {found.stayed:,} are focal on "
        f"{moves.end:%d-%b-%Y}; {found.focal_earlier - found.stayed:,} left the list{mostly(LEFT)}; "
        f"{found.focal_later - found.stayed:,} joined it{mostly(JOINED)}."
    )


def _forecast_says(moves: Moves, level: float) -> str:
    """What the focal customers bought against the forecast, and which segments lie outside theirs."""
    table = moves.forecast
    focal = table.iloc[0]
    foreseen = f"{focal.lower:,.0f} to {focal.upper:,.0f} were foreseen"
    verdict = f"{focal.verdict} to test" if focal.verdict == TOO_FEW else focal.verdict
    said = f"The focal customers of the earlier date bought {focal.actual:,.0f} times since, {foreseen}: {verdict}. "
    outside = [f"{row.segment} ({row.verdict})" for row in records(table) if row.verdict in ("more", "less")]
    if (table["verdict"] == TOO_FEW).all():
        return f"Fewer than {SMALL} customers are too few to test whether more moved than chance explains."
    if not outside:
        return said + "No segment moved more than leaving and chance explain."
    return (
        f"{said}Leaving and chance do not explain: {', '.join(outside)}. By chance alone one segment in "
        f"{1 / (1 - level):.0f} would show."
    )


def _doubt(run: Run) -> str:
    """A warning where the parameters of the fit until the split are less sure than any interval of theirs."""
    report = run.refit.holdout
    fit = report.fitted.purchase_fit if report else None
    if fit is None or (fit.converged and fit.boundary is None):
        return ""
    return (
        " The fit until the split sits on a bound or did not converge, so what was foreseen is less sure than it looks."
    )


def flow_chart(at: str, size: tuple[int, int]) -> Chart:
    """Where the focal customers of the earlier date are now, and where those of today come from."""
    colours = (styles.FOCAL, styles.BORDERLINE, styles.CORE, styles.LIGHT, styles.GREY)
    labels = body(FLOWS, "The focal list then and now", "Migration", chart=True)
    return Chart(at, "stacked", "Where focal customers went, and where they come from", "The focal list", "Customers",
                 tuple(Series(name, labels, body(FLOWS, name, "Migration", chart=True), colour)
                       for name, colour in zip(FROM, colours, strict=True)),
                 "Three stacked columns: the focal customers of the earlier date, the same by their segment now, and the focal "
                 "customers of today by their segment then, new customers grey.", size=size, y_format="#,##0")  # fmt: skip


SHEET = Sheet(
    "Migration", "presentation", "Migration",
    "Customers do not stand still: who moved between segments since the split of the holdout, and whether it is more than chance.",
    widths=(24, *(11,) * 11, 46, *(9.5,) * 5),
    parts=(
        Spot("MovementSays", "B6", "text"),
        _DATES,
        Text("B11", "Where customers were, and where they are now", "section", span=11),
        MOVES,
        Text("B19", f"Shares lean towards where all customers are by the weight of {_WEIGHT} customers, so that small rows do not "
             "swing. A log forgets nobody: who left shows as a low P(alive).", "aside"),
        Text("B21", "How far the shares are certain, at the interval level on Settings", "section", span=11),
        INTERVALS,
        Text("B30", "More movement than chance? Purchases since the earlier date", "section", span=11),
        FORECAST,
        Highlight("H32:H36", '=OR($H32="more",$H32="less")', "warn"),
        Spot("ForecastSays", "B37", "wrap", span=11, deep=2),
        flow_chart("B40", (840, 300)),
        Text("N12", "How stable the focal list is", "section", span=6),
        STABLE,
        Text("N25", "Why it changed", "section", span=6),
        WHY,
        Text("N39", "When to refit", "section", span=6),
        RULE,
        Highlight("P41:P43", '=$P41="yes"', "warn"),
        Spot("RefitSays", "N44", "wrap", span=6, deep=3),
        FLOWS,
        Text("B56", "Do cohorts differ? One model for each against one for all", "section", span=12),
        DRIFT,
        Spot("DriftSays", "B63", "wrap", span=12, deep=3),
        Text("N58", "Purchases a year are those while active. Mean dropout is the chance to leave after a purchase (BG/NBD, MBG/NBD) or the rate of leaving a year (Pareto/NBD). "
             "The youngest cohort has the shortest history, so its figures are the least sure.", "note", span=6, deep=3),
        Text("B66", "Use: call first those who left the list because they stopped buying, and act on no list that is older than the "
             "rule allows. Where cohorts differ, judge new customers by the latest cohort.", "shows"),
    ),
    figures=figures, heights={12: 27, 22: 27, 57: 27}, pages_high=1, print_to="S66",
)  # fmt: skip
