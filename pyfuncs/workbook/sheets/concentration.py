"""Concentration: how unequal customers are, and how few are near the average."""

import numpy as np

from pyfuncs.workbook import twins
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import Chart, Column, Grid, Line, Lines, Series, Sheet, Spot, Text, Values, body, cell
from pyfuncs.workbook.sheets import customers
from pyfuncs.workbook.styles import BORDERLINE, CORE, FOCAL, GREY, LIGHT
from pyfuncs.workbook.twins import records
from pyfuncs.workbook.words import fixed

_T = customers.TABLE
STEPS = tuple(step / 20 for step in range(21))
BINS = tuple(step / 10 for step in range(10))

DECILES = Grid("Deciles", "B8", (
    Column("Decile", "int"),
    Column("Customers", "x:int", f"=COUNTIFS({_T}[decile],$B{{row}})"),
    Column("Value", "x:money", f"=SUMIFS({_T}[value],{_T}[decile],$B{{row}})"),
    Column("Share of value", "pct", "=IFERROR($D{row}/CustomerEquity,0)"),
    Column("Cumulative share", "pct", "=IFERROR(SUM($D$9:$D{row})/CustomerEquity,0)"),
    Column("Mean value", "money", "=IFERROR($D{row}/$C{row},0)"),
    Column("Held by focal", "x:money", f'=SUMIFS({_T}[value],{_T}[decile],$B{{row}},{_T}[segment],"Focal")'),
    Column("Held by borderline", "x:money", f'=SUMIFS({_T}[value],{_T}[decile],$B{{row}},{_T}[segment],"Borderline")'),
    Column("Held by others", "money", "=$D{row}-$H{row}-$I{row}"),
), rows=10, labels=tuple(range(1, 11)))  # fmt: skip

WHALE = Grid("WhaleCurve", "B22", (
    Column("Top share of customers", "pct"),
    Column("Customers", "int", f"=ROUND($B{{row}}*COUNTA({_T}[customer_id]),0)"),
    Column("Cumulative value", "x:money", f'=SUMIFS({_T}[value],{_T}[rank],"<="&$C{{row}})'),
    Column("Share of value", "pct", "=IFERROR($D{row}/CustomerEquity,0)"),
    Column("If all were equal", "pct", "=$B{row}"),
), rows=21, labels=STEPS)  # fmt: skip

ALIVE = Grid("AliveBins", "H22", (
    Column("P(alive) from", "pct"),
    Column("to", "pct", "=$H{row}+$H$24"),
    Column("Customers", "x:int", f'=COUNTIFS({_T}[p_alive],">="&$H{{row}},{_T}[p_alive],"<"&$I{{row}})'),
), rows=10, labels=BINS, overrides={
    (10, "to"): "=1",
    (10, "Customers"): f'=COUNTIFS({_T}[p_alive],">="&$H{{row}})',
})  # fmt: skip

AVERAGE = Lines("AverageCustomer", "L9", (
    Line("Mean value", "x:money", f"=IFERROR(AVERAGE({_T}[value]),0)", name="MeanValue"),
    Line("Median value", "x:money", f"=IFERROR(MEDIAN({_T}[value]),0)"),
    Line("Near the mean means within", "in:pct", name="NearMean"),
    Line("Customers near the mean", "x:int",
         f'=COUNTIFS({_T}[value],">="&(1-NearMean)*MeanValue,{_T}[value],"<="&(1+NearMean)*MeanValue)'),
    Line("Their share of all", "pct", f"=IFERROR($N$12/COUNTA({_T}[customer_id]),0)"),
    Line("Customers below the mean", "pct",
         f'=IFERROR(COUNTIFS({_T}[value],"<"&MeanValue)/COUNTA({_T}[customer_id]),0)'),
    Line("Cost of paying the mean for each", "x:money",
         f"=IFERROR(SUMPRODUCT(({_T}[value]<MeanValue)*(MeanValue-{_T}[value]))/COUNTA({_T}[customer_id]),0)"),
), gap=2)  # fmt: skip

GINI = Lines("Ginis", "L18", (
    Line("Gini of past spend", "num3"),
    Line("Gini of expected value", "x:num3",
         f"=IFERROR(SUMPRODUCT((COUNTA({_T}[customer_id])+1-2*{_T}[rank])*{_T}[value])"
         f"/(COUNTA({_T}[customer_id])*CustomerEquity),0)"),
), gap=2)  # fmt: skip
GINI_DRAWN = Lines("GinisDrawn", "L20", (
    Line("Gini of latent value", "num3"),
    Line("Gini of realised outcomes", "num3"),
), gap=2)  # fmt: skip

_DECILES_SAY = '="The best tenth of customers holds "&FIXED({a}*100,1)&" % of future value; the lower half holds "&FIXED((1-{b})*100,1)&" %."'
DECILES_SAY = _DECILES_SAY.format(a=cell(DECILES, "Share of value", 1), b=cell(DECILES, "Cumulative share", 5))
WHALE_SAY = (
    '="The top 20 % of customers hold "&FIXED({s}*100,1)&" % of future value; the top half holds "&FIXED({h}*100,1)&" %."'
).format(s=cell(WHALE, "Share of value", 5), h=cell(WHALE, "Share of value", 11))
AVERAGE_SAY = (
    '="Only "&FIXED($N$13*100,1)&" % of customers are within "&FIXED(NearMean*100,0)&" % of the mean. Paying the mean to '
    'acquire each would lose "&FIXED($N$15,2)&" "&UnitOfMoney&" per customer on those worth less."'
)


def figures(run: Run) -> Values:
    """Values of the slots of this sheet."""
    refit = run.refit
    deciles = [[row.decile, row.customers, row.value, row.share, row.cumulative, row.mean, row.focal,
                row.borderline, row.value - row.focal - row.borderline]
               for row in records(twins.deciles(refit.customers))]  # fmt: skip
    whale = [[row.share_of_customers, row.customers, row.value, row.share_of_value, row.share_of_customers]
             for row in records(twins.whale(refit.customers, STEPS))]  # fmt: skip
    alive = [
        [low, 1.0 if low == BINS[-1] else low + BINS[1], count]
        for low, count in zip(BINS, twins.alive_bins(refit.customers), strict=True)
    ]
    average = twins.average(refit.customers)
    ginis = refit.ginis
    return {
        "Deciles": deciles,
        "WhaleCurve": whale,
        "AliveBins": alive,
        "AverageCustomer": [average.mean, average.median, average.near, average.customers_near, average.share_near,
                            average.share_below, average.cost_of_mean],
        "Ginis": [ginis["past"], 0.0 if np.isnan(ginis["expected"]) else ginis["expected"]],
        "GinisDrawn": [ginis["latent"], ginis["predictive"]],
        "DecilesSay": f"The best tenth of customers holds {fixed(deciles[0][3] * 100, 1)} % of future value; "
                      f"the lower half holds {fixed((1 - deciles[4][4]) * 100, 1)} %.",
        "WhaleSay": f"The top 20 % of customers hold {fixed(whale[4][3] * 100, 1)} % of future value; "
                    f"the top half holds {fixed(whale[10][3] * 100, 1)} %.",
        "AverageSay": f"Only {fixed(average.share_near * 100, 1)} % of customers are within {fixed(average.near * 100, 0)} % "
                      f"of the mean. Paying the mean to acquire each would lose {fixed(average.cost_of_mean, 2)} "
                      f"{refit.unit} per customer on those worth less.",
    }  # fmt: skip


def _curve(values: str) -> tuple[str, str]:
    return body(WHALE, "Top share of customers", "Concentration", chart=True), body(
        WHALE, values, "Concentration", chart=True
    )


def decile_chart(at: str, size: tuple[int, int]) -> Chart:
    """Value by decile, the part held by focal customers green."""
    labels = body(DECILES, "Decile", "Concentration", chart=True)
    return Chart(at, "stacked", "Value by tenth of customers", "Tenth of customers, best first", "Value",
                 (Series("Focal customers", labels, body(DECILES, "Held by focal", "Concentration", chart=True), FOCAL),
                  Series("Borderline", labels, body(DECILES, "Held by borderline", "Concentration", chart=True), BORDERLINE),
                  Series("Other customers", labels, body(DECILES, "Held by others", "Concentration", chart=True), LIGHT)),
                 "Stacked columns: customer value in each tenth of customers, best tenth first; the part held by focal "
                 "customers is dark green, by borderline ones amber.", size=size, y_format="#,##0")  # fmt: skip


def whale_chart(at: str, size: tuple[int, int]) -> Chart:
    """Cumulative share of value against share of customers."""
    return Chart(at, "scatter", "Cumulative value (whale curve)", "Share of customers, best first", "Share of value",
                 (Series("Customers as they are", *_curve("Share of value"), CORE),
                  Series("If all were equal", *_curve("If all were equal"), GREY, "dashed")),
                 "Line: share of total value held by the best share of customers, against a dashed line for equal customers.",
                 size=size, x_format="0%", y_format="0%", x_max=1.0, y_max=1.0)  # fmt: skip


def alive_chart(at: str, size: tuple[int, int]) -> Chart:
    """How many customers stand at each probability of still being a customer."""
    return Chart(at, "column", "Probability of still being a customer", "P(alive), from", "Customers",
                 (Series("Customers", body(ALIVE, "P(alive) from", "Concentration", chart=True),
                         body(ALIVE, "Customers", "Concentration", chart=True), CORE),),
                 "Columns: number of customers by probability of still being a customer, in steps of ten per cent.",
                 size=size, x_format="0%", y_format="#,##0")  # fmt: skip


SHEET = Sheet(
    "Concentration", "presentation", "Concentration",
    "There is no average customer: how value is spread over customers, and what pricing at the average would cost.",
    widths=(13, 12, 13, 12, 12, 12, 13, 13, 13, 3, 14, 14, 12),
    parts=(
        Text("B7", "Tenths of customers by value", "section", span=9),
        DECILES,
        Text("L8", "The average customer", "section", span=3),
        AVERAGE,
        Text("L17", "Concentration (0 equal, 1 one customer holds all)", "section", span=3),
        GINI, GINI_DRAWN,
        Spot("DecilesSay", "B19", "text", DECILES_SAY),
        Text("B21", "Whale curve", "section", span=5),
        WHALE,
        Text("H21", "Who is still a customer", "section", span=3),
        ALIVE,
        Text("L24", "Point predictions understate concentration: chance adds to it. Latent value adds what is not known "
             "of each customer, realised outcomes what will happen.", "note", span=3, deep=4),
        Spot("WhaleSay", "B45", "wrap", WHALE_SAY, span=6),
        Spot("AverageSay", "B46", "wrap", AVERAGE_SAY, span=6, deep=2),
        Text("B50", "Use: do not budget for the mean customer. Set acquisition and service cost by segment or channel; "
             "watch the share of the top 20 % as a concentration risk.", "shows"),
        whale_chart("H34", (540, 280)),
    ),
    figures=figures, heights={8: 27, 22: 27}, pages_high=1, print_to="N53",
)  # fmt: skip
