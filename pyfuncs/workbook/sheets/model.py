"""Model: the fitted parameters, the comparison of models, the value of a new customer, the second opinion."""

from typing import Any

import numpy as np

from pyfuncs.analysis.alternatives import HORIZONS
from pyfuncs.analysis.fitting import RULE
from pyfuncs.analysis.refit import Refit
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import Chart, Column, Grid, Line, Lines, Series, Sheet, Spot, Text, Values, body, cell
from pyfuncs.workbook.styles import CORE
from pyfuncs.workbook.twins import records
from pyfuncs.workbook.words import fixed, years

MEANINGS = {
    "r": "Shape of purchase rates across customers; small means very unlike each other",
    "alpha": "Scale of purchase rates, in periods; r / alpha is the mean rate per period",
    "a": "Dropout after a purchase, first Beta parameter; a / (a + b) is the mean chance",
    "b": "Dropout after a purchase, second Beta parameter",
    "s": "Shape of dropout rates across customers",
    "beta": "Scale of dropout rates, in periods; s / beta is the mean rate per period",
    "p": "Regularity of spend from one purchase to the next of the same customer",
    "q": "Shape of mean spend across customers; above 1 or the mean does not exist",
    "v": "Scale of mean spend across customers; p v / (q - 1) is the mean, in money",
}

FACTS = Lines("ModelFacts", "B7", (
    Line("Purchase model", "text", name="ModelName"),
    Line("Chosen by", "text"),
    Line("Period (unit of time)", "text", name="ModelPeriod"),
    Line("Observation end", "left:date", name="ModelObservationEnd"),
    Line("Customers", "left:int"),
    Line("Customers who bought again", "left:int"),
    Line("Log-likelihood", "left:num2"),
    Line("AIC", "left:num2"),
    Line("BIC", "left:num2"),
    Line("Convergence", "text"),
    Line("Spend model", "text", name="SpendModelUsed"),
    Line("Customers in the spend fit", "left:int"),
    Line("Correlation of frequency and spend", "left:num3",
         note="The spend model assumes none; Focal warns above 0.3 in size"),
    Line("Mean spend per purchase", "left:money", name="SpendMean", note="Of the whole population; that of one-time buyers"),
    Line("Mean first purchase", "left:money", name="NewFirstAmount", note="What a new customer brings on the first day"),
), gap=1)  # fmt: skip

PARAMETERS = Grid("Parameters", "B24", (
    Column("Parameter", "text"),
    Column("Value", "num6"),
    Column("Standard error", "num6"),
    Column("Lower 95 %", "num6"),
    Column("Upper 95 %", "num6"),
    Column("Meaning", "say"),
), rows=7, names={
    (row, "Value"): name for row, name in enumerate(
        ("Model_r", "Model_alpha", "Model_a_or_s", "Model_b_or_beta", "Spend_p", "Spend_q", "Spend_v"), start=1)
})  # fmt: skip

COMPARISON = Grid("Comparison", "B35", (
    Column("Model", "text"),
    Column("Log-likelihood", "num2"),
    Column("AIC", "num2"),
    Column("BIC", "num2"),
    Column("Repeat buyers expected", "num1"),
    Column("Repeat buyers actual", "int"),
    Column("New customer: discounted repeat purchases", "num3"),
    Column("Customer equity", "money"),
    Column("Used", "say"),
    Column("Says", "say_wrap"),
), rows=3)  # fmt: skip

LADDER = Grid("Ladder", "B42", (
    Column("Horizon", "text"),
    Column("Repeat purchases expected", "num3"),
    Column("The same, discounted", "num3"),
    Column("Share of the whole life", "pct"),
    Column("Value before acquisition cost", "money", '=IF(ISNUMBER($D{row}),Margin*(NewFirstAmount+SpendMean*$D{row}),"")'),
    Column("Value after acquisition cost", "money", '=IF(ISNUMBER($F{row}),$F{row}-Cac,"")'),
), rows=6, labels=tuple(label for label, _ in HORIZONS))  # fmt: skip

SECOND = Grid("SecondOpinion", "B53", (
    Column("Figure", "text"),
    Column("Focal", "num6"),
    Column("lifetimes", "num6"),
    Column("Largest difference", "sci"),
    Column("Customers compared", "int"),
), rows=4, labels=("Log-likelihood of the sample", "P(alive), mean", "Expected purchases, mean",
                   "Expected spend, mean"))  # fmt: skip

NO_BOUND = "At this discount rate the value of a whole life has no bound; see the horizons."
LADDER_SAY = (
    '=IF(LogHere="","",IF(NOT(ISNUMBER({v})),"' + NO_BOUND + '","Year 1 holds "&FIXED({one}*100,0)&" % of the discounted purchases of a new customer, 5 years "&FIXED({five}*100,0)'
    '&" %; a customer acquired today is worth "&FIXED({v},2)&" "&UnitOfMoney&" over the whole life, before acquisition cost."'
    '&IF(ISNUMBER(ValueHorizon)," Customer equity counts "&ValueHorizon&IF(ValueHorizon=1," year"," years")&" only.","")))'
).format(one=cell(LADDER, "Share of the whole life", 1), five=cell(LADDER, "Share of the whole life", 4),
         v=cell(LADDER, "Value before acquisition cost", 6))  # fmt: skip


def _chosen_by(refit: Refit) -> str:
    return RULE if refit.settings.model == "auto" else "Chosen on Settings"


def figures(run: Run) -> Values:
    """Values of the slots of this sheet."""
    refit = run.refit
    fitted, ladder = refit.fitted, refit.ladder
    parameters = [
        [row.term, row.value, row.standard_error, row.lower, row.upper, MEANINGS.get(row.term, "")]
        for row in records(refit.parameters)
    ]
    parameters += [[None] * 6] * (7 - len(parameters))
    steps = [
        [row.label, row.purchases, row.discounted_purchases, row.share,
         *(("", "") if np.isnan(row.value) else (row.value, row.value - refit.settings.cac))]
        for row in records(ladder)
    ]  # fmt: skip
    fit: Any = fitted.purchase_fit
    spend_fit = fitted.spend_fit
    return {
        "ModelFacts": [
            fitted.purchases.name, _chosen_by(refit), fitted.period, refit.log.observation_end, len(refit.customers),
            int((refit.customers["frequency"] > 0).sum()), fit.log_likelihood, fit.aic, fit.bic, fit.statement,
            refit.spend_model, spend_fit.customers if spend_fit else None, fitted.frequency_spend_correlation, refit.spend_mean,
            refit.first_amount,
        ],
        "Parameters": parameters,
        "Comparison": [
            [row.model, row.log_likelihood, row.aic, row.bic, row.expected_repeat_buyers, row.actual_repeat_buyers,
             row.new_customer, row.equity, "used" if row.chosen else "", row.statement]
            for row in records(refit.comparison)
        ],
        "Ladder": steps,
        "SecondOpinion": [[row.figure, row.focal, row.lifetimes, row.difference, row.customers]
                          for row in records(refit.second)],
        "LadderSay": NO_BOUND if steps[5][4] == "" else (
            f"Year 1 holds {fixed(steps[0][3] * 100, 0)} % of the discounted purchases of a new customer, 5 years "
            f"{fixed(steps[3][3] * 100, 0)} %; a customer acquired today is worth {fixed(steps[5][4], 2)} {refit.unit} "
            "over the whole life, before acquisition cost."
            + (f" Customer equity counts {years(refit.settings.value_horizon)} only." if refit.settings.value_horizon else "")
        ),
    }  # fmt: skip


def ladder_chart(at: str, size: tuple[int, int]) -> Chart:
    """Value of a new customer by how far ahead one looks."""
    return Chart(at, "column", "Value of a new customer by horizon", "How far ahead", "Value before acquisition cost",
                 (Series("Value before acquisition cost", body(LADDER, "Horizon", "Model", chart=True),
                         body(LADDER, "Value before acquisition cost", "Model", chart=True), CORE),),
                 "Columns: value of a newly acquired customer counted to 1, 2, 3, 5 and 10 years and over the whole life.",
                 size=size, y_format="#,##0")  # fmt: skip


SHEET = Sheet(
    "Model", "control", "Model",
    "What was fitted, how surely, what the other models say, and a second opinion from an independent package.",
    widths=(32, 15, 15, 15, 15, 15, 15, 15, 9, 60),
    parts=(
        Text("B6", "The fit", "section", span=10),
        FACTS,
        Text("B23", "Parameters (type them under a heading term, value to use them in formulas)", "section", span=10),
        PARAMETERS,
        Text("B33", "The three models on the same data: the difference between their equities is model risk", "section",
             span=10),
        COMPARISON,
        Text("B40", "A customer acquired today: repeat purchases and value by horizon", "section", span=10),
        LADDER,
        Spot("LadderSay", "B50", "text", LADDER_SAY),
        Text("B52", "Second opinion: the package lifetimes at Focal's parameters, on a sample", "section", span=10),
        SECOND,
    ),
    figures=figures, heights={35: 40, 36: 27, 37: 27, 38: 27, 42: 27, 53: 27}, pages_high=1, print_to="K58",
)  # fmt: skip
