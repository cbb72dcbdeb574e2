"""Segments: the segment summary, live over Customers."""

import numpy as np

from pyfuncs.analysis.certainty import CUTS
from pyfuncs.analysis.segments import BORDERLINE, CORE, FOCAL, LIGHT
from pyfuncs.workbook import styles
from pyfuncs.workbook.control import Run, rule_in_words
from pyfuncs.workbook.parts import Chart, Column, Grid, Line, Lines, Series, Sheet, Spot, Text, Values, body, cell
from pyfuncs.workbook.sheets import customers
from pyfuncs.workbook.twins import records
from pyfuncs.workbook.words import fixed

LABELS = (FOCAL, BORDERLINE, CORE, LIGHT, "All")
_T = customers.TABLE
_IN = f'{_T}[segment],IF($B{{row}}="All","?*",$B{{row}})'


def _spread(share: float) -> str:
    """A percentile of value within the segment of the row, as an array formula, which every Excel has."""
    return f'{{=IFERROR(PERCENTILE(IF(({_T}[segment]=$B{{row}})+($B{{row}}="All"),{_T}[value]),{share}),0)}}'


SUMMARY = Grid("SegmentSummary", "B14", (
    Column("Segment", "text"),
    Column("Customers", "x:int", f"=COUNTIFS({_IN})"),
    Column("Share of customers", "pct", f'=IFERROR($C{{row}}/COUNTA({_T}[segment]),0)'),
    Column("Value", "x:money", f"=SUMIFS({_T}[value],{_IN})"),
    Column("Share of value", "pct", "=IFERROR($E{row}/CustomerEquity,0)"),
    Column("Mean value", "money", "=IFERROR($E{row}/$C{row},0)"),
    Column("Median value", "x:money", _spread(0.5)),
    Column("Lowest tenth below", "x:money", _spread(0.1)),
    Column("Highest tenth above", "x:money", _spread(0.9)),
    Column("Mean probability still a customer", "x:pct", f"=IFERROR(AVERAGEIFS({_T}[p_alive],{_IN}),0)"),
    Column("Expected purchases", "x:num1", f"=SUMIFS({_T}[expected_purchases],{_IN})"),
    Column("Mean expected spend per purchase", "x:money", f"=IFERROR(AVERAGEIFS({_T}[expected_spend],{_IN}),0)"),
    Column("Spend to date", "x:money", f"=SUMIFS({_T}[total_spend],{_IN})"),
), rows=5, labels=LABELS, total=True)  # fmt: skip

EQUITY = Lines("Equity", "B7", (
    Line("Customer equity", "x:money", f"=SUM({_T}[value])", name="CustomerEquity",
         note="Sum of the value of today's customers, before acquisition cost; future margin only, past spend is not in it"),
    Line("Low end of its interval", "money", name="EquityLow",
         note="Parameters, customers' traits and outcomes vary together; at the interval level on Settings"),
    Line("High end of its interval", "money", name="EquityHigh"),
    Line("Unit", "unit", "=UnitOfMoney", note="Money is in this unit; periods and rates are on Settings"),
))  # fmt: skip

_SAYS = (
    '="The "&FIXED({c},0)&" focal customers are "&FIXED({s}*100,1)&" % of the base and hold "&FIXED({v}*100,1)'
    '&" % of its value: "&FIXED({m},2)&" "&UnitOfMoney&" each, against "&FIXED(({a}-{f})/MAX(1,{n}-{c}),2)&" for the rest."'
).format(
    c=cell(SUMMARY, "Customers", 1), s=cell(SUMMARY, "Share of customers", 1), v=cell(SUMMARY, "Share of value", 1),
    m=cell(SUMMARY, "Mean value", 1), a=cell(SUMMARY, "Value", 5), f=cell(SUMMARY, "Value", 1),
    n=cell(SUMMARY, "Customers", 5),
)  # fmt: skip

SURE = Lines("FocalSureness", "I25", (
    Line("Customers the rule picks", "int", name="FocalPicked"),
    Line("of them surely focal (Focal)", "x:int", f'=COUNTIFS({_T}[segment],"Focal")'),
    Line("Borderline, picked or nearly so", "x:int", f'=COUNTIFS({_T}[segment],"Borderline")'),
    Line("Mean probability that one picked is focal", "x:pct",
         f'=IFERROR(AVERAGEIFS({_T}[p_focal],{_T}[rank],"<="&FocalPicked),0)'),
), gap=5)  # fmt: skip

CUT = Grid("FocalCuts", "I31", (
    Column("If the rule picked the best", "pct"),
    Column("Customers", "int", f"=MAX(1,ROUND($I{{row}}*COUNTA({_T}[customer_id]),0))"),
    Column("Share of value they hold", "x:pct", f'=IFERROR(SUMIFS({_T}[value],{_T}[rank],"<="&$J{{row}})/CustomerEquity,0)'),
    Column("Held by the truly best", "pct"),
    Column("Captured of that", "pct", "=IFERROR($K{row}/$L{row},0)"),
    Column("Picked who truly belong", "pct"),
), rows=len(CUTS), labels=CUTS)  # fmt: skip

_SURE_SAYS = (
    '="The rule picks "&FIXED(FocalPicked,0)&" customers; on average "&FIXED({p}*100,0)&" % of them truly belong. '
    'At a cut of 20 % it captures "&FIXED({c}*100,0)&" % of what the truly best fifth holds, at 10 % "&FIXED({d}*100,0)&" %."'
).format(
    p="$N$28", c=cell(CUT, "Captured of that", CUTS.index(0.2) + 1), d=cell(CUT, "Captured of that", CUTS.index(0.1) + 1)
)  # fmt: skip


def figures(run: Run) -> Values:
    """Values of the slots of this sheet."""
    refit = run.refit
    rows = [
        [row.segment, row.customers, row.share_of_customers, row.value, row.share_of_value, row.mean, row.median,
         row.p10, row.p90, row.p_alive, row.expected_purchases, row.expected_spend, row.total_spend]
        for row in records(run.segments)
    ]  # fmt: skip
    focal, everyone = rows[0], rows[-1]
    sure = refit.certainty
    picked = refit.customers["p_focal"][refit.customers["picked"]]
    belong = float(picked.mean()) if len(picked) else 0.0
    held = (
        refit.customers["value"].cumsum().to_numpy()[sure.customers - 1] / refit.equity
        if refit.equity
        else np.zeros(len(CUTS))
    )
    cuts = [
        [cut, count, share, most, share / most if most else 0.0, true]
        for cut, count, share, most, true in zip(
            CUTS,
            sure.customers.tolist(),
            held.tolist(),
            sure.cuts.possible.tolist(),
            sure.cuts.belonging.tolist(),
            strict=True,
        )
    ]
    by_cut = {row[0]: row for row in cuts}
    rest = (everyone[3] - focal[3]) / max(1, everyone[1] - focal[1])
    unit = refit.unit
    return {
        "Equity": [refit.equity, refit.equity_low, refit.equity_high, unit],
        "SegmentSummary": rows,
        "FocalSureness": [len(picked), focal[1], rows[1][1], belong],
        "FocalCuts": cuts,
        "SureSays": (
            f"The rule picks {fixed(len(picked), 0)} customers; on average {fixed(belong * 100, 0)} % of them truly belong. "
            f"At a cut of 20 % it captures {fixed(by_cut[0.2][4] * 100, 0)} % of what the truly best fifth holds, "
            f"at 10 % {fixed(by_cut[0.1][4] * 100, 0)} %."
        ),
        "FocalRuleSays": rule_in_words(refit),
        "SegmentsSay": (
            f"The {fixed(focal[1], 0)} focal customers are {fixed(focal[2] * 100, 1)} % of the base and hold "
            f"{fixed(focal[4] * 100, 1)} % of its value: {fixed(focal[5], 2)} {unit} each, "
            f"against {fixed(rest, 2)} for the rest."
        ),
    }


def share_chart(at: str, size: tuple[int, int]) -> Chart:
    """Share of customers beside share of value, by segment."""
    labels, customers, value = (
        body(SUMMARY, header, "Segments", chart=True, last=4)
        for header in ("Segment", "Share of customers", "Share of value")
    )
    return Chart(at, "column", "Customers and value by segment", "Segment", "Share",
                 (Series("Share of customers", labels, customers, styles.LIGHT), Series("Share of value", labels, value, styles.CORE)),
                 "Clustered columns: for Focal, Borderline, Core and Light the share of customers beside the share of value.",
                 size=size, y_format="0%")  # fmt: skip


SHEET = Sheet(
    "Segments", "presentation", "Segments",
    "Who the focal customers are in number, and what they are worth against the rest. Live over the Customers sheet.",
    widths=(24, 12, 11, 13, 11, 12, 12, 12, 12, 13, 12, 13, 13),
    parts=(
        Text("B6", "Customer equity", "section", span=13),
        EQUITY,
        Spot("FocalRuleSays", "B12", "text"),
        SUMMARY,
        Spot("SegmentsSay", "B21", "text", _SAYS),
        Text("B22", "Use: give the focal customers attention and budget up to their value, and spend on the borderline ones only what "
             "pays even if they are not; serve Light cheaply. Lists by name are on Customers: filter column segment.", "shows"),
        share_chart("B24", (560, 320)),
        Text("I24", "How sure the rule is", "section", span=6),
        SURE, CUT,
        Spot("SureSays", "B42", "text", _SURE_SAYS),
    ),
    figures=figures, heights={14: 40, 31: 40}, pages_high=1, print_to="N43",
)  # fmt: skip
