"""Segments: the segment summary, live over Customers."""

from pyfuncs.analysis.segments import CORE, FOCAL, LIGHT
from pyfuncs.workbook import styles
from pyfuncs.workbook.control import Run, rule_in_words
from pyfuncs.workbook.parts import Chart, Column, Grid, Line, Lines, Series, Sheet, Spot, Text, Values, body, cell
from pyfuncs.workbook.sheets import customers
from pyfuncs.workbook.twins import records
from pyfuncs.workbook.words import fixed

LABELS = (FOCAL, CORE, LIGHT, "All")
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
), rows=4, labels=LABELS, total=True)  # fmt: skip

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
    m=cell(SUMMARY, "Mean value", 1), a=cell(SUMMARY, "Value", 4), f=cell(SUMMARY, "Value", 1),
    n=cell(SUMMARY, "Customers", 4),
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
    rest = (everyone[3] - focal[3]) / max(1, everyone[1] - focal[1])
    unit = refit.unit
    return {
        "Equity": [refit.equity, refit.equity_low, refit.equity_high, unit],
        "SegmentSummary": rows,
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
        body(SUMMARY, header, "Segments", chart=True, last=3)
        for header in ("Segment", "Share of customers", "Share of value")
    )
    return Chart(at, "column", "Customers and value by segment", "Segment", "Share",
                 (Series("Share of customers", labels, customers, styles.LIGHT), Series("Share of value", labels, value, styles.CORE)),
                 "Clustered columns: for Focal, Core and Light the share of customers beside the share of value.",
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
        Spot("SegmentsSay", "B20", "text", _SAYS),
        Text("B21", "Use: give the focal customers attention and budget up to their value; keep Core healthy at standard cost; "
             "serve Light cheaply. Lists by name are on Customers: filter column segment.", "shows"),
        share_chart("B23", (620, 300)),
    ),
    figures=figures, heights={14: 40}, pages_high=1, print_to="N39",
)  # fmt: skip
