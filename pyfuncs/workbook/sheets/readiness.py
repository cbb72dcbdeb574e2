"""Readiness: whether it is worth it here to treat customers differently; the answer may be no."""

import math
from typing import Any

from pyfuncs.analysis.assumptions import SETTING_OF_GATE
from pyfuncs.analysis.concentration import TOP
from pyfuncs.analysis.readiness import Gate, Readiness
from pyfuncs.analysis.ready_gates import (
    CANNOT,
    DO_NOT,
    FAIL,
    HETEROGENEITY,
    HISTORY,
    IDENTIFIED,
    NARROW,
    NOT_STATED,
    PASS,
    PAYOFF,
    PREDICTABILITY,
    QUESTIONS,
    REASONS,
    REPEAT_BUYERS,
    UNSOUND,
    WORTH_IT,
)
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import (
    Chart,
    Column,
    Grid,
    Highlight,
    Series,
    Sheet,
    Spot,
    Text,
    Values,
    body,
    cell,
    setting_name,
)
from pyfuncs.workbook.sheets import customers, validation
from pyfuncs.workbook.styles import FOCAL, GREY

GATES = tuple(QUESTIONS)
LONGEST_BAR = 3
_T = customers.TABLE
_FIGURE_STYLES = {
    HETEROGENEITY: "pct",
    PREDICTABILITY: "num2",
    IDENTIFIED: "pct",
    PAYOFF: "money",
    HISTORY: "num1",
    REPEAT_BUYERS: "int",
}
_CAPTURED = cell(validation.CAPTURE, "Held by the top fifth", 1 + validation.RULES.index("model"), "Validation")
_PICKED = f'SUMIFS({_T}[value],{_T}[rank],"<="&FocalPicked)'
_FIGURES = {
    PREDICTABILITY: f'=IF(ISNUMBER({_CAPTURED}),{_CAPTURED}/{TOP:g},"")',
    PAYOFF: f"=IFERROR({_PICKED}/FocalPicked-(CustomerEquity-{_PICKED})/(COUNTA({_T}[customer_id])-FocalPicked),\"\")",
}  # fmt: skip
_THRESHOLDS = {gate: f"={setting_name(name)}" for gate, name in SETTING_OF_GATE.items()} | {
    PAYOFF: '=IF(ISNUMBER(FocalCost),FocalCost,"")'
}


def _judged(passes: str) -> str:
    """The verdict on a row, where `passes` is the condition."""
    return f'=IF($E{{row}}="","{NOT_STATED}",IF(ISNUMBER($D{{row}}),IF({passes},"{PASS}","{FAIL}"),"{CANNOT}"))'


def _bar_of(verdict: str) -> str:
    ratio = f"IF($E{{row}}>0,$D{{row}}/$E{{row}},{LONGEST_BAR})"
    return f'=IF($F{{row}}="{verdict}",MIN({LONGEST_BAR},{ratio}),0)'


def _row(gate: str) -> int:
    return GATES.index(gate) + 1


def _why(gate: str) -> str:
    failed = f'"; {REASONS[gate]}"'
    if gate == REPEAT_BUYERS:
        failed = f'IF(FitSound="yes",{failed},"; {UNSOUND}")'
    return f'=IF($F{{row}}="{FAIL}",{failed},IF($F{{row}}="{CANNOT}","; {gate} {CANNOT}",""))'


TABLE = Grid("ReadinessGates", "B10", (
    Column("Gate", "text"),
    Column("Question", "wrap"),
    Column("Figure", "num2"),
    Column("Threshold, on Settings", "x:num2"),
    Column("Verdict", "verdict", _judged("$D{row}>=$E{row}")),
    Column("What it rests on", "say_wrap"),
    Column("Chart: passed", "num2", _bar_of(PASS)),
    Column("Chart: missed", "num2", _bar_of(FAIL)),
    Column("In words, if missed", "say_wrap"),
), rows=len(GATES), labels=GATES, overrides={
    **{(_row(gate), "Figure"): formula for gate, formula in _FIGURES.items()},
    **{(_row(gate), "Threshold, on Settings"): formula for gate, formula in _THRESHOLDS.items()},
    **{(_row(gate), "In words, if missed"): _why(gate) for gate in GATES},
    (_row(REPEAT_BUYERS), "Verdict"): _judged('AND($D{row}>=$E{row},FitSound="yes")'),
}, looks={
    **{(_row(gate), "Figure"): ("x:" if gate in _FIGURES else "") + style for gate, style in _FIGURE_STYLES.items()},
    **{(_row(gate), "Threshold, on Settings"): f"x:{style}" for gate, style in _FIGURE_STYLES.items()},
})  # fmt: skip

_DECISIVE = [cell(TABLE, "Verdict", _row(gate)) for gate in (HETEROGENEITY, PREDICTABILITY)]
_OTHERS = f"{cell(TABLE, 'Verdict', _row(IDENTIFIED))}:{cell(TABLE, 'Verdict', _row(REPEAT_BUYERS))}"
_MISSED = f'(COUNTIF({_OTHERS},"{FAIL}")+COUNTIF({_OTHERS},"{CANNOT}"))'
_ANY = f"COUNT({body(TABLE, 'Figure')})=0"
VERDICT = (
    f'=IF({_ANY},"",IF(OR({_DECISIVE[0]}<>"{PASS}",{_DECISIVE[1]}<>"{PASS}",{_MISSED}>1),"{DO_NOT}",'
    f'IF({_MISSED}=1,"{NARROW}","{WORTH_IT}")))'
)
_ALL_WHYS = "&".join(cell(TABLE, "In words, if missed", _row(gate)) for gate in GATES)
_ALL_PASSED = "Every gate that can be judged is passed."
_NO_COST = " The payoff is not judged: type the cost per focal customer on Settings."
REASON = (
    f'=IF({_ANY},"",IF({_ALL_WHYS}="","{_ALL_PASSED}","Because "&MID({_ALL_WHYS},3,999)&".")'
    f'&IF({cell(TABLE, "Verdict", _row(PAYOFF))}="{NOT_STATED}","{_NO_COST}",""))'
)


def figures(run: Run) -> Values:
    """Values of the slots of this sheet."""
    found = run.refit.readiness
    return {
        "ReadinessGates": [_cells(gate) for gate in found.gates.values()],
        "FitSound": "yes" if found.gates[REPEAT_BUYERS].sound else "no",
        "ReadinessVerdict": found.verdict,
        "ReadinessReason": _reason(found),
    }


def _cells(gate: Gate) -> list[Any]:
    figure, required = ("" if math.isnan(number) else number for number in (gate.figure, gate.required))
    bars = [_bar(gate) if gate.verdict == verdict else 0 for verdict in (PASS, FAIL)]
    why = f"; {gate.reason}" if gate.reason else ""
    return [None, gate.question, figure, required, gate.verdict, gate.note, *bars, why]


def _bar(gate: Gate) -> float:
    return min(LONGEST_BAR, gate.figure / gate.required) if gate.required > 0 else LONGEST_BAR


def _reason(found: Readiness) -> str:
    """The twin of `REASON`."""
    said = f"Because {found.reason}." if found.reason else _ALL_PASSED
    return said + (_NO_COST if found.gates[PAYOFF].verdict == NOT_STATED else "")


def _chart(at: str) -> Chart:
    labels = body(TABLE, "Gate", "Readiness", chart=True)
    passed, missed = (body(TABLE, f"Chart: {word}", "Readiness", chart=True) for word in ("passed", "missed"))
    return Chart(at, "bar", "Figure over its threshold: 1 just passes", "Gate", f"Figure over threshold, cut at {LONGEST_BAR}",
                 (Series("Passed", labels, passed, FOCAL), Series("Missed", labels, missed, GREY)),
                 "Horizontal bars: for each gate its figure over its threshold, green where the gate is passed and grey where it "
                 "is missed; no bar where it cannot be judged.", size=(900, 300), y_format="0.0", y_max=LONGEST_BAR)  # fmt: skip


_END = 10 + len(GATES)
SHEET = Sheet(
    "Readiness", "presentation", "Readiness",
    "Is it worth it here to treat customers differently? Six gates, and a verdict that may be: do not.",
    widths=(19, 46, 12, 12, 18, 64, 14, 14, 40),
    parts=(
        Text("B6", "Verdict", "label"),
        Spot("ReadinessVerdict", "C6", "key:text", VERDICT),
        Spot("ReadinessReason", "B7", "wrap", REASON, span=6, deep=2),
        Text("B9", "The gates", "section", span=6),
        TABLE,
        Highlight(f"F11:F{_END}", f'=$F11="{PASS}"', "good"),
        Highlight(f"F11:F{_END}", f'=OR($F11="{FAIL}",$F11="{CANNOT}")', "warn"),
        Text(f"B{_END + 1}", "Heterogeneity and predictability decide: where either is not passed, or two of the others, the verdict is do "
             "not. Where one of the others is missed it is worth it for a few; without a cost the payoff counts neither way.", "shows"),
        Text(f"B{_END + 2}", "The fit converged away from its bounds, which the gate of repeat buyers needs too:", "shows"),
        Spot("FitSound", f"F{_END + 2}", "verdict"),
        _chart(f"B{_END + 4}"),
        Text(f"B{_END + 20}", "Use: treat customers differently where this says worth it; where it says narrow, begin with the few most "
             "valuable and mend the gate that is missed. Where it says do not, serve all alike and look again when the log has grown.",
             "shows"),
    ),
    figures=figures, heights={6: 27.0, 10: 27.0} | dict.fromkeys(range(11, _END + 1), 30.0), pages_high=1,
    print_to=f"G{_END + 21}",
)  # fmt: skip
