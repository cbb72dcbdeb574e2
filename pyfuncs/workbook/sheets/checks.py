"""Checks: every check with figure, limit, tolerance and verdict; the account of rows; what changed since the refit."""

from pyfuncs.analysis.assumptions import SETTINGS
from pyfuncs.analysis.log import STATUSES
from pyfuncs.analysis.segments import LABELS
from pyfuncs.workbook.control import UP_TO_DATE, Run, inputs
from pyfuncs.workbook.parts import (
    Column,
    Grid,
    Highlight,
    Line,
    Lines,
    Sheet,
    Text,
    Values,
    body,
    cell,
    check_colours,
    setting_name,
    stale_colour,
)
from pyfuncs.workbook.rules import RULES, Rule
from pyfuncs.workbook.sheets import (
    acquisition,
    attributes,
    customers,
    migration,
    products,
    reperformance,
    segments,
    transactions,
)
from pyfuncs.workbook.sheets.concentration import DECILES
from pyfuncs.workbook.sheets.model import LADDER, SECOND
from pyfuncs.workbook.twins import records

_C, _L = customers.TABLE, transactions.TABLE

_ACCOUNT_AT = 16 + len(RULES)
ACCOUNT = Grid("Account", f"B{_ACCOUNT_AT}", (
    Column("Rows of the log", "text"),
    Column("Rows", "int"),
    Column("Amount", "money"),
    Column("First row", "int"),
    Column("Counted on Transactions", "x:int", f'=IF(LogHere="yes",COUNTIFS({_L}[status],$B{{row}}),$C{{row}})'),
), rows=len(STATUSES) + 1, labels=(*STATUSES, "read"), total=True, overrides={
    (len(STATUSES) + 1, "Counted on Transactions"): f"=SUM($F${_ACCOUNT_AT + 1}:$F${_ACCOUNT_AT + len(STATUSES)})",
})  # fmt: skip
_LAST_BIN = len(STATUSES)

_COUNT = f"COUNTA({_C}[customer_id])"
_FOCAL_TO_LIGHT = {header: body(segments.SUMMARY, header, "Segments", last=4) for header in ("Customers", "Value")}
_BROUGHT = "Value brought, before CAC"


def _named(grid: Grid, header: str) -> str:
    """A column of a table whose last row is all customers, without that row."""
    return body(grid, header, "Products" if grid is products.ENTRY else "Acquisition", last=grid.rows - 1)


def _moved() -> str:
    """Customers by segment now whom the rows above do not add up to."""
    moves, last = migration.MOVES, migration.MOVES.rows
    return "+".join(
        f"ABS(SUM({body(moves, name, 'Migration', last=last - 1)})-N({cell(moves, name, last, 'Migration')}))"
        for name in LABELS
    )


# Native formulas of a check's figure and of what it must equal, by its name; the others are Python's figures.
_NATIVE: dict[str, tuple[str, str | None]] = {
    "Every row read is used or set aside": (f"=SUM({body(ACCOUNT, 'Rows', last=_LAST_BIN)})", "=RowsRead"),
    "Amounts used and set aside tie to the ledger total": (
        f"=SUM({body(ACCOUNT, 'Amount', last=_LAST_BIN)})", f'=IF(LogHere="yes",SUM({_L}[amount]),AmountRead)'),
    "Rows counted on Transactions agree with the account": (
        f"=SUMPRODUCT(ABS({body(ACCOUNT, 'Counted on Transactions')}-{body(ACCOUNT, 'Rows')}))", None),
    "Revenue of customers ties to the rows used": (
        f"=SUM({_C}[total_spend])",
        f'=IF(LogHere="yes",SUMIFS({_L}[amount],{_L}[status],"used"),{cell(ACCOUNT, "Amount", 1)})'),
    "Purchases are first purchases and repeats": (f"=SUM({_C}[purchases])", f"={_COUNT}+SUM({_C}[frequency])"),
    "Segments sum to customers": (f"=SUM({_FOCAL_TO_LIGHT['Customers']})", f"={_COUNT}"),
    "Values of segments sum to customer equity": (f"=SUM({_FOCAL_TO_LIGHT['Value']})", "=CustomerEquity"),
    "Values of tenths sum to customer equity": (f"=SUM({body(DECILES, 'Value', 'Concentration')})", "=CustomerEquity"),
    "Customers by first product sum to customers": (
        f"=SUM({_named(products.ENTRY, 'Customers')})",
        f'=IF({cell(products.ENTRY, "First product", 1, "Products")}="",0,{_COUNT})'),
    "Customers by channel sum to customers": (
        f"=SUM({_named(acquisition.CHANNELS, 'Customers')})",
        f'=IF({cell(acquisition.CHANNELS, "Channel", 1, "Acquisition")}="",0,{_COUNT})'),
    "Customers by cohort sum to customers": (f"=SUM({_named(acquisition.COHORTS, 'Customers')})", f"={_COUNT}"),
    "Value brought by channels sums to that of all": (
        f"=SUM({_named(acquisition.SCORECARD, _BROUGHT)})",
        f"=N({cell(acquisition.SCORECARD, _BROUGHT, acquisition.SCORECARD.rows, 'Acquisition')})"),
    "Customers by segment then, and new ones, sum to segments now": (f"={_moved()}", None),
    "Customer equity is the one computed at the refit": (
        "=CustomerEquity", '=IF(LogHere="",CustomerEquity,EquityAtRefit*Margin/MarginAtRefit)'),
    "Probabilities lie within 0 and 1": (f'=COUNTIFS({_C}[p_alive],"<0")+COUNTIFS({_C}[p_alive],">1")', None),
    "Recency is never beyond T": (f"=SUMPRODUCT(--({_C}[recency]>{_C}[T]+0.000001))", None),
    "Intervals run from low to high": (f"=SUMPRODUCT(--({_C}[value_low]>{_C}[value_high]))", None),
    "New customer: discounted is never above undiscounted": (
        f"=SUMPRODUCT(--({body(LADDER, 'The same, discounted', 'Model', last=5)}"
        f">{body(LADDER, 'Repeat purchases expected', 'Model', last=5)}+0.000001))", None),
    "Re-performed P(alive), largest difference": ("=MAX(ReDifferenceAlive)", None),
    "Re-performed expected purchases, largest difference": ("=MAX(ReDifferencePurchases)", None),
    "Re-performed expected spend, largest difference": ("=MAX(ReDifferenceSpend)", None),
}  # fmt: skip
_NAMES = tuple(rule.name for rule in RULES)
_SECOND = tuple(name for name in _NAMES if name.startswith("Second opinion"))
_WITHIN = "$E{row}<=$F{row}*MAX(1,ABS($D{row}))"


def _verdict(rule: Rule) -> str:
    """The verdict's formula: none where no customer was compared, LOOK where a reader must judge, else OK or FAIL."""
    if rule.judgement:
        return '=IF($E{row}<=$F{row},"OK","LOOK")'
    if rule.compared is None:
        return f'=IF({_WITHIN},"OK","FAIL")'
    place = _SECOND.index(rule.name) + 1 if rule.name in _SECOND else 0
    compared = cell(SECOND, "Customers compared", place, "Model") if place else "ReCustomers"
    return f'=IF({compared}=0,"none",IF({_WITHIN},"OK","FAIL"))'


def _formulas() -> dict[tuple[int, str], str]:
    """The formulas of the list of checks, by row and column."""
    found: dict[tuple[int, str], str] = {}
    for row, rule in enumerate(RULES, start=1):
        figure, limit = _NATIVE.get(rule.name, (None, None))
        cells = {"Figure": figure, "Must equal": limit, "Verdict": _verdict(rule)}
        found |= {(row, header): formula for header, formula in cells.items() if formula}
    return found


CHECKS = Grid("CheckList", "B13", (
    Column("Check", "text"),
    Column("Figure", "num4"),
    Column("Must equal", "num4"),
    Column("Difference", "sci", "=ABS($C{row}-$D{row})"),
    Column("Tolerance", "sci"),
    Column("Verdict", "verdict"),
), rows=len(RULES), labels=_NAMES, overrides=_formulas())  # fmt: skip

_VERDICTS = body(CHECKS, "Verdict")
STATE = Lines("CheckState", "B7", (
    Line("Master check", "state",
         f'=IF(COUNTIF({_VERDICTS},"FAIL")=0,"OK","FAIL: "&INDEX({body(CHECKS, "Check")},MATCH("FAIL",{_VERDICTS},0))'
         f'&IF(COUNTIF({_VERDICTS},"FAIL")>1," and "&COUNTIF({_VERDICTS},"FAIL")-1&" more",""))', name="MasterCheck"),
    Line("State of the run", "state",
         '=IF(LogHere="","NOT YET REFITTED",IF(COUNTIF(InputState,"CHANGED")=0,"Up to date",'
         '"STALE: "&COUNTIF(InputState,"CHANGED")&" inputs changed since the refit; refit to bring the figures up to date"))',
         name="RunState"),
    Line("Log on the Transactions sheet", "text", name="LogHere"),
    Line("Rows read", "left:int", name="RowsRead"),
))  # fmt: skip
AT_REFIT = Lines("AtRefit", "F7", (
    Line("Amount read", "money", name="AmountRead"),
    Line("Equity at the refit", "money", name="EquityAtRefit"),
    Line("Margin at the refit", "pct", name="MarginAtRefit"),
), gap=2)  # fmt: skip

_TOTALS = (
    ("Transactions: customers filled in", f"=COUNTA({_L}[customer])"),
    ("Transactions: length of all customer names", f"=SUMPRODUCT(LEN({_L}[customer]))"),
    ("Transactions: dates filled in", f"=COUNT({_L}[date])"),
    ("Transactions: sum of dates", f"=SUM({_L}[date])"),
    ("Transactions: amounts filled in", f"=COUNT({_L}[amount])"),
    ("Transactions: sum of amounts", f"=SUM({_L}[amount])"),
)
_BESIDE = (
    ("Attributes: cells filled in", f"=COUNTA({attributes.TABLE}[])"),
    ("Products: margins typed", f"=COUNT({products.MARGINS.name}[margin])"),
    ("Products: sum of the margins typed", f"=SUM({products.MARGINS.name}[margin])"),
)
_FIRST_TOTAL = len(SETTINGS) + 1
_INPUTS_AT = _ACCOUNT_AT + len(STATUSES) + 4
INPUTS = Grid("Inputs", f"B{_INPUTS_AT}", (
    Column("Input", "text"),
    Column("At the refit", "text"),
    Column("Now", "text"),
    Column("State", "verdict",
           '=IF(LogHere="","",IF(IF(AND(ISNUMBER($C{row}),ISNUMBER($D{row})),ABS($C{row}-$D{row})<=0.000000001*MAX(1,ABS($C{row})),'
           '$C{row}&""=$D{row}&""),"same","CHANGED"))'),
), rows=len(SETTINGS) + len(_TOTALS) + len(_BESIDE),
    labels=(*(f"{setting.group}: {setting.label}" for setting in SETTINGS),
            *(name for name, _ in (*_TOTALS, *_BESIDE))),
    overrides={
        **{(row, "Now"): f'=IF(ISBLANK({setting_name(s.name)}),"",{setting_name(s.name)})'
           for row, s in enumerate(SETTINGS, start=1)},
        **{(row, "Now"): f'=IF(LogHere="yes",{formula[1:]},$C{{row}})'
           for row, (_, formula) in enumerate(_TOTALS, start=_FIRST_TOTAL)},
        **{(row, "Now"): formula for row, (_, formula) in enumerate(_BESIDE, start=_FIRST_TOTAL + len(_TOTALS))},
    }, looks={
        (row, header): {"percent": "pct", "date": "date"}[s.kind]
        for row, s in enumerate(SETTINGS, start=1) if s.kind in ("percent", "date") for header in ("At the refit", "Now")
    })  # fmt: skip


def figures(run: Run) -> Values:
    """Values of the slots of this sheet."""
    refit = run.refit
    total = refit.account.iloc[-1]
    bins = [[row.reason, row.rows, row.amount, row.first_row, row.rows] for row in records(refit.account)]
    return {
        "CheckState": [run.master_check, UP_TO_DATE, "yes" if run.log_here else "no", int(total.rows)],
        "AtRefit": [total.amount, refit.equity, refit.settings.margin],
        "CheckList": [[c.name, c.figure, c.limit, abs(c.figure - c.limit), c.tolerance, c.verdict] for c in run.checks],
        "Account": bins,
        "Inputs": [[None, value, "" if value is None else value, "same"] for value in inputs(run)],
    } | reperformance.figures(run)


_GRIDS_END = _INPUTS_AT + INPUTS.rows
SHEET = Sheet(
    "Checks", "control", "Checks",
    "Every check with its figure, what it must equal, tolerance and verdict. FAIL: do not use the figures. LOOK: read what Model "
    "says of the fit first. none: there was nothing to compare.",
    widths=(50, 16, 16, 16, 16, 16, 16, 16, 16),
    parts=(
        Text("B6", "State", "section", span=7),
        STATE, AT_REFIT,
        Text("B12", "Checks, native formulas wherever Excel can compute the figure", "section", span=7),
        CHECKS,
        Text(f"B{_ACCOUNT_AT - 1}", "Account of the log: every row is used, or set aside with its reason (status on Transactions)", "section",
             span=7),
        ACCOUNT,
        Text(f"B{_INPUTS_AT - 1}", "Inputs: what changed since the refit", "section", span=7),
        INPUTS,
        *reperformance.parts(_GRIDS_END + 3),
        Highlight(_VERDICTS.replace("$", ""), '=$G14="FAIL"', "fail"),
        Highlight(_VERDICTS.replace("$", ""), '=$G14="LOOK"', "warn"),
        Highlight(_VERDICTS.replace("$", ""), '=$G14="OK"', "good"),
        *check_colours("C7:C7"), stale_colour("C8:C8"),
        Highlight(body(INPUTS, "State").replace("$", ""), f'=$E{_INPUTS_AT + 1}="CHANGED"', "fail"),
    ),
    figures=figures, repeat_rows=(2, 4),
    heights={_ACCOUNT_AT: 27, _GRIDS_END + 11: 27, _GRIDS_END + 11 + 28: 27},
    names={"InputState": f"=Checks!{body(INPUTS, 'State')}"} | reperformance.ranges(_GRIDS_END + 3),
)  # fmt: skip
