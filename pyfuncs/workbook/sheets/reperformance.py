"""Re-performance: sampled customers recomputed by native formulas from the parameters on Model.

A reviewer without Python can follow every step.  Expected purchases under BG/NBD and MBG/NBD use the series behind
equation 10 of Fader, Hardie and Lee (2005) after Euler's transformation, whose coefficients depend on the parameters only;
P(alive) under Pareto/NBD integrates over the moment of dropout with Gauss-Legendre nodes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

from pyfuncs.analysis.refit import Refit
from pyfuncs.workbook.parts import Column, Grid, Line, Lines, Part, Text, Values, body
from pyfuncs.workbook.sheets import customers
from pyfuncs.workbook.twins import records

Floats = NDArray[np.float64]

SAMPLE = 25
WILDCARDS = "*?~"  # characters with which Excel's lookup means something else
LARGEST_TERM = 1e6  # terms of the series beyond this cancel each other to the last digits
TERMS = 200
NODES = 64
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


@dataclass(frozen=True)
class Steps:
    """The steps of the re-performance, one array entry per sampled customer."""

    odds: Floats
    p_alive: Floats
    c: Floats
    z: Floats
    if_alive: Floats
    purchases: Floats
    spend: Floats


def sample(refit: Refit) -> pd.DataFrame:
    """Customers for the re-performance, evenly over the ranks, with `position`, their row on the sheet.

    Left out are those too new for the series to converge (z above 0.9) and ids in which Excel's lookup sees wildcards.
    None where the parameters themselves, on a bound, are beyond what the series can be summed for.
    """
    customers = refit.customers.assign(position=np.arange(1, len(refit.customers) + 1))
    model: Any = refit.fitted.purchases
    z = _z(refit, customers)
    ids = customers["customer_id"].astype(str)
    plain = ~ids.str.contains(f"[{WILDCARDS}]") & (ids.str.len() < 256) & ~ids.str.casefold().duplicated(keep=False)
    if model.name != "Pareto/NBD":
        plain &= z < 0.9
    known = customers[plain]
    places = np.linspace(0, max(0, len(known) - 1), min(SAMPLE, len(known))).round()
    chosen = known.iloc[np.unique(places).astype(int)]
    return chosen if _summable(refit, chosen) else chosen.iloc[:0]


def _z(refit: Refit, customers: pd.DataFrame) -> Floats:
    t = refit.horizon_in_periods
    model: Any = refit.fitted.purchases
    return np.asarray(t / (model.alpha + customers["T"].to_numpy(dtype=np.float64) + t))


def _summable(refit: Refit, customers: pd.DataFrame) -> bool:
    """Whether no term of any sampled customer's series is so large that Excel would lose digits to cancellation."""
    model: Any = refit.fitted.purchases
    if model.name == "Pareto/NBD" or customers.empty:
        return True
    with np.errstate(over="ignore", invalid="ignore"):
        terms = _terms(model, _c(model, customers["frequency"].to_numpy(dtype=np.float64)), _z(refit, customers))
    return bool(np.isfinite(terms).all() and np.abs(terms).max() < LARGEST_TERM)


def _c(model: Any, x: Floats) -> Floats:
    return np.asarray(sum(_shapes(model)) + x - 1)


def _terms(model: Any, c: Floats, z: Floats) -> Floats:
    """Terms of the series: one row a customer, one column a term."""
    j = np.arange(1, TERMS + 1)
    gammas = np.exp(gammaln(c[:, None] + 1) + gammaln(j) - gammaln(c[:, None] + j))
    return np.asarray(z[:, None] ** j * gammas * np.array(_coefficients(model)))


def nodes() -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on (0, 1)."""
    u, w = np.polynomial.legendre.leggauss(NODES)
    return (u + 1) / 2, w / 2


def steps(refit: Refit, customers: pd.DataFrame) -> Steps:
    """The native formulas in Python, step by step: a second way to the same figures, not the models' own."""
    x, t_x, T = (customers[name].to_numpy(dtype=np.float64) for name in ("frequency", "recency", "T"))
    m = np.nan_to_num(customers["monetary_value"].to_numpy(dtype=np.float64))
    model: Any = refit.fitted.purchases
    t = refit.horizon_in_periods
    c, z = _c(model, x), _z(refit, customers)
    if model.name == "Pareto/NBD":
        odds, if_alive = _pareto_odds(model, x, t_x, T), _pareto_if_alive(model, x, T, t)
    else:
        odds, if_alive = _beta_odds(model, x, t_x, T), _beta_if_alive(model, c, z)
    alive = 1 / (1 + odds)
    spend: Any = refit.fitted.spend
    if refit.spend_model == "Gamma-Gamma":
        mean = spend.p * (spend.v + x * m) / (spend.p * x + spend.q - 1)
    else:
        mean = np.full(x.shape, refit.spend_mean)
    return Steps(odds, alive, c, z, if_alive, alive * if_alive, mean)


def _shapes(model: Any) -> tuple[float, float, int]:
    """The third and fourth parameter, and 1 for MBG/NBD, whose customers may leave after the first purchase too."""
    if model.name == "Pareto/NBD":
        return model.s, model.beta, 0
    return model.a, model.b, int(model.name == "MBG/NBD")


def _pareto_odds(model: Any, x: Floats, t_x: Floats, T: Floats) -> Floats:
    lower = min(model.alpha, model.beta)
    u, w = nodes()
    width = np.log((lower + T) / (lower + t_x))
    shifted = (lower + t_x)[:, None] * np.exp(width[:, None] * u)
    with np.errstate(over="ignore"):
        inner = (shifted / (shifted + model.beta - lower)) * np.exp(
            (model.r + x)[:, None] * np.log((model.alpha + T)[:, None] / (shifted + model.alpha - lower))
            + model.s * np.log((model.beta + T)[:, None] / (shifted + model.beta - lower))
        )
        return np.asarray(np.minimum(model.s * width * (inner @ w), 1e300))


def _pareto_if_alive(model: Any, x: Floats, T: Floats, t: float) -> Floats:
    ratio = (model.beta + T) / (model.beta + T + t)
    shape = model.s - 1
    life = -np.log(ratio) if abs(shape) < 1e-7 else (1 - ratio**shape) / shape
    return np.asarray((model.r + x) * (model.beta + T) / (model.alpha + T) * life)


def _beta_odds(model: Any, x: Floats, t_x: Floats, T: Floats) -> Floats:
    a, b, modified = _shapes(model)
    never = (x == 0) & (modified == 0)
    divisor = np.where(never, 1.0, b + x - 1 + modified)
    with np.errstate(over="ignore"):
        odds = a / divisor * np.exp((model.r + x) * np.log((model.alpha + T) / (model.alpha + t_x)))
    return np.where(never, 0.0, np.minimum(odds, 1e300))


def _beta_if_alive(model: Any, c: Floats, z: Floats) -> Floats:
    shape = model.a - 1
    head = -np.log(1 - z) if abs(shape) < 1e-7 else (1 - (1 - z) ** shape) / shape
    return np.asarray(c * head - (1 - z) ** shape * _terms(model, c, z).sum(axis=1))


def _coefficients(model: Any) -> list[float]:
    """Coefficients of the series: V(1) = a + b - 1 - r, each next one from the one before; none for Pareto/NBD."""
    if model.name == "Pareto/NBD":
        return [0.0] * TERMS
    a, b, modified = _shapes(model)
    first = a + b + modified - 1 - model.r
    values = [first]
    for j in range(2, TERMS + 1):
        values.append(values[-1] * (first + j - 1) * (a + j - 2) / (j * (j - 1)))  # infinite at worst
    return values


def differences(refit: Refit) -> tuple[float, float, float]:
    """Largest difference between the re-performed and Focal's P(alive), expected purchases and expected spend."""
    customers = sample(refit)
    if customers.empty:
        return 0.0, 0.0, 0.0
    done = steps(refit, customers)
    alive, purchases, spend = (
        float(np.abs(mine - customers[name].to_numpy()).max())
        for mine, name in (
            (done.p_alive, "p_alive"), (done.purchases, "expected_purchases"), (done.spend, "expected_spend")
        )
    )  # fmt: skip
    return alive, purchases, spend


def figures(refit: Refit) -> Values:
    """The sample, its steps and the workings."""
    customers = sample(refit)
    done = steps(refit, customers)
    alive: list[list[Any]] = [
        [row.customer_id, row.position, row.frequency, row.recency, row.T, odds, p_alive, row.p_alive,
         abs(p_alive - row.p_alive)]
        for row, odds, p_alive in zip(records(customers), done.odds, done.p_alive, strict=True)
    ]  # fmt: skip
    value: list[list[Any]] = [
        [row.customer_id, c, z, if_alive, purchases, abs(purchases - row.expected_purchases),
         0.0 if np.isnan(row.monetary_value) else row.monetary_value, spend, abs(spend - row.expected_spend)]
        for row, c, z, if_alive, purchases, spend in zip(
            records(customers), done.c, done.z, done.if_alive, done.purchases, done.spend, strict=True)
    ]  # fmt: skip
    unused: list[list[Any]] = [[None] + [0.0] * 8] * (SAMPLE - len(customers))
    model: Any = refit.fitted.purchases
    _, fourth, modified = _shapes(model)
    coefficients = _coefficients(model) if len(customers) else [0.0] * TERMS
    u, w = nodes()
    return {
        "ReFacts": [refit.horizon_in_periods, modified, min(model.alpha, fourth), len(customers)],
        "ReAlive": alive + unused,
        "ReValue": value + unused,
        "ReSeries": [[j, coefficient] for j, coefficient in enumerate(coefficients, start=1)],
        "ReQuadrature": [[float(node), float(weight)] for node, weight in zip(u, w, strict=True)],
    }
