"""Re-performance: sampled customers recomputed by native formulas from the parameters on Model.

A reviewer without Python can follow every step.  Expected purchases under BG/NBD and MBG/NBD use the series behind
equation 10 of Fader, Hardie and Lee (2005) after Euler's transformation, whose coefficients depend on the parameters only;
P(alive) under Pareto/NBD integrates over the moment of dropout with Gauss-Legendre nodes.
"""

from typing import Any

import numpy as np

from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import Column, Grid, Line, Lines, Part, Text, Values, body
from pyfuncs.workbook.reperformed import NODES, SAMPLE, TERMS, coefficients, nodes, shapes
from pyfuncs.workbook.sheets import customers
from pyfuncs.workbook.twins import records

_C = customers.TABLE

_PARETO = 'ModelName="Pareto/NBD"'
_ODDS = (
    f"=IFERROR(IF({_PARETO},"
    "Model_a_or_s*LN((ReLower+$F{row})/(ReLower+$E{row}))*SUMPRODUCT(ReWeight,"
    "(ReLower+$E{row})*EXP(LN((ReLower+$F{row})/(ReLower+$E{row}))*ReNode)"
    "/((ReLower+$E{row})*EXP(LN((ReLower+$F{row})/(ReLower+$E{row}))*ReNode)+Model_b_or_beta-ReLower)"
    "*EXP((Model_r+$D{row})*LN((Model_alpha+$F{row})/((ReLower+$E{row})*EXP(LN((ReLower+$F{row})/(ReLower+$E{row}))*ReNode)"
    "+Model_alpha-ReLower))"
    "+Model_a_or_s*LN((Model_b_or_beta+$F{row})/((ReLower+$E{row})*EXP(LN((ReLower+$F{row})/(ReLower+$E{row}))*ReNode)"
    "+Model_b_or_beta-ReLower)))),"
    "IF(AND(ReModified=0,$D{row}=0),0,Model_a_or_s/(Model_b_or_beta+$D{row}-1+ReModified)"
    "*EXP((Model_r+$D{row})*LN((Model_alpha+$F{row})/(Model_alpha+$E{row}))))),1E+300)"
)
# {first} is the customer's row in the first grid, {row} that in the second
_GIVEN_ALIVE = (
    f"=IF({_PARETO},"
    "(Model_r+$D{first})*(Model_b_or_beta+$F{first})/(Model_alpha+$F{first})"
    "*IF(ABS(Model_a_or_s-1)<0.0000001,LN((Model_b_or_beta+$F{first}+ReHorizon)/(Model_b_or_beta+$F{first})),"
    "(1-((Model_b_or_beta+$F{first})/(Model_b_or_beta+$F{first}+ReHorizon))^(Model_a_or_s-1))/(Model_a_or_s-1)),"
    "$C{row}*IF(ABS(Model_a_or_s-1)<0.0000001,-LN(1-$D{row}),(1-(1-$D{row})^(Model_a_or_s-1))/(Model_a_or_s-1))"
    "-(1-$D{row})^(Model_a_or_s-1)*SUMPRODUCT(ReCoefficient,$D{row}^ReTerm,"
    "EXP(GAMMALN($C{row}+1)+GAMMALN(ReTerm)-GAMMALN($C{row}+ReTerm))))"
)
_SPEND = '=IF(SpendModelUsed="Gamma-Gamma",Spend_p*(Spend_v+$D{first}*$H{row})/(Spend_p*$D{first}+Spend_q-1),SpendMean)'
_LATER = SAMPLE + 3  # rows from the first grid to the second


def _lookup(header: str, row: str = "row") -> str:
    return f"=IF($C{{{row}}}=0,0,N(INDEX({_C}[{header}],$C{{{row}}})))"


def _sampled(formula: str, row: str = "row") -> str:
    """The formula where the row holds a customer; 0 where fewer customers than rows were sampled."""
    return f"=IF($C{{{row}}}=0,0,{formula.removeprefix('=')})"


def _alive_grid(at: int) -> Grid:
    return Grid("ReAlive", f"B{at}", (
        Column("Customer", "id"),
        Column("Row on Customers", "x:int", f"=IFERROR(MATCH($B{{row}},{_C}[customer_id],0),0)"),
        Column("Repeat purchases x", "x:int", _lookup("frequency")),
        Column("Recency t_x", "x:num3", _lookup("recency")),
        Column("T", "x:num3", _lookup("T")),
        Column("Odds of having left", "sci", _sampled(_ODDS)),
        Column("P(alive)", "num6", _sampled("=1/(1+$G{row})")),
        Column("P(alive), Focal", "x:num6", _lookup("p_alive")),
        Column("Difference in P(alive)", "sci", "=ABS($H{row}-$I{row})"),
    ), rows=SAMPLE)  # fmt: skip


def _value_grid(at: int) -> Grid:
    columns = (
        Column("Customer", "id"),
        Column("C = a + b + x - 1", "num3", _sampled("=Model_a_or_s+Model_b_or_beta+ReModified+$D{first}-1", "first")),
        Column("z", "num6", _sampled("=ReHorizon/(Model_alpha+$F{first}+ReHorizon)", "first")),
        Column("Purchases if still a customer", "num6", _sampled(_GIVEN_ALIVE, "first")),
        Column("Expected purchases", "num6", "=$H{first}*$E{row}"),
        Column("Difference in purchases", "sci",
               _sampled(f"ABS($F{{row}}-INDEX({_C}[expected_purchases],$C{{first}}))", "first")),
        Column("Mean repeat spend m", "x:money", _lookup("monetary_value", "first")),
        Column("Expected spend", "num6", _sampled(_SPEND, "first")),
        Column("Difference in spend", "sci", _sampled(f"ABS($I{{row}}-INDEX({_C}[expected_spend],$C{{first}}))", "first")),
    )  # fmt: skip
    overrides = {
        (row, column.header): column.formula.replace("{first}", str(at + row - _LATER))
        for row in range(1, SAMPLE + 1)
        for column in columns
        if column.formula
    }
    return Grid("ReValue", f"B{at}", columns, rows=SAMPLE, overrides=overrides)


def parts(top: int) -> tuple[Part, ...]:
    """The re-performance and its workings, from row `top` down."""
    alive, value = _alive_grid(top + 8), _value_grid(top + 8 + _LATER)
    below = top + 8 + 2 * _LATER
    return (
        Text(f"B{top}", "Re-performance: sampled customers recomputed by native formulas from the parameters on Model", "section",
             span=9),
        Lines("ReFacts", f"B{top + 1}", (
            Line("Forecast horizon at the refit, in periods", "num4", name="ReHorizon"),
            Line("MBG/NBD 1, the others 0: customers may leave at once", "int",
                 '=IF(ModelName="MBG/NBD",1,0)', name="ReModified"),
            Line("Pareto/NBD: the lower of alpha and beta", "num4", "=MIN(Model_alpha,Model_b_or_beta)", name="ReLower"),
            Line("Customers re-performed (none: parameters on a bound)", "int",
                 f'=COUNTIF({body(alive, "Row on Customers")},">0")', name="ReCustomers"),
        )),
        Text(f"B{top + 6}", "Customers observed long enough for the series to converge, spread evenly over the ranks by value.",
             "shows"),
        alive,
        value,
        Text(f"B{below - 1}", "Workings of the re-performance: terms of the series, and nodes and weights on 0 to 1", "section",
             span=9),
        Grid("ReSeries", f"C{below}", (
            Column("Term j", "int"),
            Column("Coefficient", "num6",
                   f"=IF(OR(ReCustomers=0,{_PARETO}),0,IF($C{{row}}=1,Model_a_or_s+Model_b_or_beta+ReModified-1-Model_r,"
                   "N($D{previous})*(Model_a_or_s+Model_b_or_beta+ReModified-1-Model_r+$C{row}-1)*(Model_a_or_s+$C{row}-2)"
                   "/($C{row}*($C{row}-1))))"),
        ), rows=TERMS, labels=tuple(range(1, TERMS + 1))),
        Grid("ReQuadrature", f"F{below}", (Column("Node", "num6"), Column("Weight", "num6")), rows=NODES),
    )  # fmt: skip


def ranges(top: int) -> dict[str, str]:
    """Defined names of whole columns that the formulas above use."""
    alive, value = _alive_grid(top + 8), _value_grid(top + 8 + _LATER)
    below = top + 8 + 2 * _LATER
    return {
        "ReDifferenceAlive": "=Checks!" + body(alive, "Difference in P(alive)"),
        "ReDifferencePurchases": "=Checks!" + body(value, "Difference in purchases"),
        "ReDifferenceSpend": "=Checks!" + body(value, "Difference in spend"),
        "ReTerm": f"=Checks!$C${below + 1}:$C${below + TERMS}",
        "ReCoefficient": f"=Checks!$D${below + 1}:$D${below + TERMS}",
        "ReNode": f"=Checks!$F${below + 1}:$F${below + NODES}",
        "ReWeight": f"=Checks!$G${below + 1}:$G${below + NODES}",
    }


def figures(run: Run) -> Values:
    """The sample, its steps and the workings."""
    done, sampled = run.reperformed.steps, run.reperformed.customers
    off = {name: run.reperformed.differences(name) for name in ("p_alive", "expected_purchases", "expected_spend")}
    alive: list[list[Any]] = [
        [row.customer_id, row.position, row.frequency, row.recency, row.T, odds, p_alive, row.p_alive, difference]
        for row, odds, p_alive, difference in zip(
            records(sampled), done.odds, done.p_alive, off["p_alive"], strict=True
        )
    ]
    value: list[list[Any]] = [
        [row.customer_id, c, z, if_alive, purchases, purchases_off,
         0.0 if np.isnan(row.monetary_value) else row.monetary_value, spend, spend_off]
        for row, c, z, if_alive, purchases, purchases_off, spend, spend_off in zip(
            records(sampled), done.c, done.z, done.if_alive, done.purchases, off["expected_purchases"], done.spend,
            off["expected_spend"], strict=True)
    ]  # fmt: skip
    unused: list[list[Any]] = [[None] + [0.0] * 8] * (SAMPLE - len(sampled))
    refit = run.refit
    model: Any = refit.fitted.purchases
    _, fourth, modified = shapes(model)
    series = coefficients(model) if len(sampled) else [0.0] * TERMS
    return {
        "ReFacts": [refit.horizon_in_periods, modified, min(model.alpha, fourth), len(sampled)],
        "ReAlive": alive + unused,
        "ReValue": value + unused,
        "ReSeries": [[j, coefficient] for j, coefficient in enumerate(series, start=1)],
        "ReQuadrature": [[float(node), float(weight)] for node, weight in zip(*nodes(), strict=True)],
    }
