"""Beyond: what attributes known at acquisition do to purchases and lifetime, and whether they improve the forecast."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

import pandas as pd

from pyfuncs.analysis.attribute_covariates import MOST_EFFECTS
from pyfuncs.analysis.beyond import FALSE_DISCOVERIES, Beyond
from pyfuncs.analysis.factor_test import DROP, KEEP
from pyfuncs.models.pareto_nbd import ParetoNBD
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import Chart, Column, Grid, Series, Sheet, Spot, Text, Values, body
from pyfuncs.workbook.styles import CORE, FOCAL
from pyfuncs.workbook.twins import records
from pyfuncs.workbook.words import fixed, shortened

LONGEST_NAME: Final = 52
_CHANGE: Final = "=IF(ISNUMBER({column}{{row}}),{column}{{row}}-1,0)"

EFFECTS = Grid("BeyondEffects", "B9", (
    Column("Attribute", "text"),
    Column("Purchase rate, times", "num2"),
    Column("Rate, from", "num2"),
    Column("to", "num2"),
    Column("Rate, q-value", "num3"),
    Column("Lifetime, times", "num2"),
    Column("Lifetime, from", "num2"),
    Column("to ", "num2"),
    Column("Lifetime, q-value", "num3"),
    Column("Chart: purchase rate", "gap", _CHANGE.format(column="$C")),
    Column("Chart: lifetime", "gap", _CHANGE.format(column="$G")),
), rows=MOST_EFFECTS)  # fmt: skip

FACTORS = Grid("BeyondFactors", "B23", (
    Column("Attribute", "text"),
    Column("Customers fitted", "int"),
    Column("Acquired since", "int"),
    Column("Gain in the fit, p", "num3"),
    Column("Gain in the holdout", "num3"),
    Column("Gain, at least", "num3"),
    Column("Decision", "say", f'=IF($B{{row}}="","",IF(ISNUMBER($G{{row}}),IF($G{{row}}>0,"{KEEP}","{DROP}"),"{DROP}"))'),
), rows=MOST_EFFECTS)  # fmt: skip

SAID: Final = ("BeyondSays", "EffectsSay", "FactorsSay", "BeyondNotes")


def figures(run: Run) -> Values:
    """Values of the slots of this sheet; blank where nothing is known, with the reason in words."""
    found = run.refit.beyond
    if isinstance(found, str):
        blank = {"BeyondEffects": _effects(pd.DataFrame()), "BeyondFactors": _factors(pd.DataFrame())}
        return dict.fromkeys(SAID, "") | blank | {"BeyondSays": found}
    return {
        "BeyondSays": f"{found.model} with {len(found.factors.rows)} attributes, fitted on {found.customers:,} customers.",
        "BeyondEffects": _effects(found.effects),
        "EffectsSay": effects_say(found),
        "BeyondFactors": _factors(found.factors.rows),
        "FactorsSay": factors_say(found),
        "BeyondNotes": " ".join(found.statements),
    }


def _effects(table: pd.DataFrame) -> list[list[Any]]:
    rows = [
        [short(row.effect), row.rate, row.rate_low, row.rate_high, row.rate_q, row.life, row.life_low, row.life_high,
         row.life_q, row.rate - 1, row.life - 1]
        for row in records(table)
    ]  # fmt: skip
    rest = [[None] * 9 + [0.0, 0.0]] * (MOST_EFFECTS - len(rows))
    return [[None if cell != cell else cell for cell in row] for row in (*rows, *rest)]


def _factors(table: pd.DataFrame) -> list[list[Any]]:
    """The factors; of a fit that has not converged no gain is shown, and the factor is dropped."""
    rows = []
    for row in records(table):
        sound = row.decision == KEEP or not isinstance(row.note, str)
        gains = [row.lr_p_value, row.predictive_gain, row.lower] if sound else [None] * 3
        rows.append([short(row.factor), row.customers, row.new_customers, *gains, row.decision])
    rest = [[None] * 6 + [""]] * (MOST_EFFECTS - len(rows))
    return [[None if cell != cell else cell for cell in row] for row in (*rows, *rest)]


def effects_say(found: Beyond) -> str:
    """The strongest effects in a sentence, with the number of tests."""
    parts = []
    for what, ratio in (("purchase rate", "rate"), ("lifetime", "life")):
        called = list(records(found.effects[found.effects[f"{ratio}_q"] <= FALSE_DISCOVERIES]))
        if called:
            top = min(called, key=attrgetter(f"{ratio}_q"))
            parts.append(f"{short(top.effect)} goes with {fixed(getattr(top, ratio), 2)} times the {what}")
    tests = f"{found.tests} effects tested at once (false-discovery rate {FALSE_DISCOVERIES:.0%})"
    unit = "" if found.model == ParetoNBD.name else f" {found.model} counts a lifetime in purchases."
    if not parts:
        return f"No attribute goes with more purchases or a longer lifetime than chance would give; {tests}.{unit}"
    return f"{'; '.join(parts)}. {tests}; association, not cause.{unit}"


def factors_say(found: Beyond) -> str:
    """Which attributes improve the holdout."""
    kept, tested = found.factors.kept, len(found.factors.rows)
    first = (
        f"Kept: {', '.join(map(short, kept))}."
        if kept
        else "No attribute improves the forecast of the holdout beyond chance."
    )
    told = [first, f"{len(kept)} of {tested} kept; of attributes that say nothing one in twenty would be."]
    unfitted = [row for row in records(found.factors.rows) if isinstance(row.note, str) and row.note]
    if unfitted:
        names = ", ".join(short(row.factor) for row in unfitted)
        told.append(f"Dropped without a test: {names}. The first because of {unfitted[0].note}")
    return " ".join(told)


def short(name: str) -> str:
    """A name as a cell of the sheet has room for."""
    return shortened(name, LONGEST_NAME)


def effect_chart(at: str, size: tuple[int, int]) -> Chart:
    """What each attribute changes: purchase rate and lifetime beside each other."""
    labels, rate, life = (
        body(EFFECTS, header, "Beyond", chart=True)
        for header in ("Attribute", "Chart: purchase rate", "Chart: lifetime")
    )
    return Chart(at, "column", "What attributes known at acquisition go with", "Attribute", "More (+) or less (-)",
                 (Series("Purchase rate", labels, rate, CORE), Series("Lifetime", labels, life, FOCAL)),
                 "Clustered columns: for each attribute how much higher or lower the purchase rate and the lifetime of customers "
                 "who have it are.", size=size, y_format="+0%;-0%;0%", labels_below=True)  # fmt: skip


SHEET = Sheet(
    "Beyond", "presentation", "Beyond transactions",
    "What else is known of customers when they are acquired: what it does to purchases and lifetime, and whether it forecasts.",
    widths=(50, *(10.5,) * 14),
    parts=(
        Spot("BeyondSays", "B6", "wrap", span=11, deep=1),
        Text("B8", "Purchase rate and lifetime, times that of those it is set against", "section", span=11),
        EFFECTS,
        Spot("EffectsSay", "B19", "wrap", span=11, deep=2),
        Text("B22", "Does it improve the forecast? Fitted until the holdout starts, tested on what was bought after", "section", span=7),
        FACTORS,
        Spot("FactorsSay", "B33", "wrap", span=7, deep=3),
        Spot("BeyondNotes", "B36", "says", span=7, deep=2),
        effect_chart("J22", (560, 330)),
        Text("B40", "What the log does not hold", "section", span=11),
        Text("B41", "REFERRAL_VALUE: give it a table of referrals (referrer, referred, date) and the values of customers.", "text"),
        Text("B42", "RESPONSE_UPLIFT: give it a column of outcomes and one of who was treated, by chance if possible.", "text"),
        Text("B43", "ADHERENCE_PDC: give it a table of fills (patient, date, days of supply, drug).", "text"),
        Text("B45", "Use: let the forecast depend on an attribute only if the holdout keeps it. An effect says whom to look for, not what "
             "to change: test that before paying for it.", "shows"),
    ),
    figures=figures, heights={9: 40, 23: 27}, pages_high=1, print_to="P45",
)  # fmt: skip
