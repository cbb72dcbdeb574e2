"""Cover: what this workbook is, the state of its run, how to read and refresh it."""

from pyfuncs.workbook.control import UP_TO_DATE, Run
from pyfuncs.workbook.parts import Line, Lines, Part, Sheet, Spot, Text, Values, check_colours, stale_colour

NOTES = 12
_CONTENTS_AT = 24
CONTENTS = (
    ("Settings", "chip_input", "Every assumption, to be changed by you"),
    ("Transactions", "chip_input", "The log: paste here; what became of each row"),
    ("Attributes", "chip_input", "Optional: what else is known of customers"),
    ("Dashboard", "chip_presentation", "The picture on one page"),
    ("Segments", "chip_presentation", "Focal, Borderline, Core and Light customers; how sure the rule is"),
    ("Customers", "chip_workings", "One row per customer: history, scores, value, segment"),
    ("Concentration", "chip_presentation", "How unequal customers are; the average customer"),
    ("Profile", "chip_presentation", "What makes focal customers different; can new ones be told"),
    ("Acquisition", "chip_presentation", "Value against cost by channel and cohort; scorecard"),
    ("Products", "chip_presentation", "Feeder products, what is bought next, what focal customers buy"),
    ("Migration", "chip_presentation", "Who moved between segments; do cohorts differ; when to refit"),
    ("Beyond", "chip_presentation", "What else is known of customers; whether it forecasts"),
    ("Readiness", "chip_presentation", "Is it worth it here to treat customers differently"),
    ("Partner", "chip_presentation", "One page to hand on: no names, no small groups"),
    ("Validation", "chip_control", "Forecast against what happened; simple rules beside the model"),
    ("Model", "chip_control", "Parameters with errors; other models; second opinion"),
    ("Checks", "chip_control", "Every check; re-performance by native formulas; what changed"),
    ("Log", "chip_control", "Each refit, one row"),
    ("Help", "chip_control", "Functions, terms and names"),
)
_REFRESH_AT = _CONTENTS_AT + len(CONTENTS) + 2
_ASIDE = (
    "Not all customers are valuable, and a few carry most of the value. This workbook values each customer by what they are "
    "expected to bring from here on, shows who the focal customers are, and says how far the figures can be trusted."
)
_REFRESH = (
    "1  Change the blue cells on Settings, or paste a new log on Transactions.",
    "2  In Excel press Focal > Refit; elsewhere run: focal refit \"this file.xlsx\". Your settings, notes, columns and sheets stay.",
    "3  Without Focal every figure stays readable; summaries follow margin and acquisition cost at once. STALE above means: "
    "inputs have changed since the refit.",
)  # fmt: skip
_NOTES_AT = _REFRESH_AT + len(_REFRESH) + 2


def _legend() -> tuple[Part, ...]:
    rows = (
        ("typed", "123", "Input: blue on pale yellow, to be typed"),
        ("text", "123", "Formula or computed figure: black"),
        ("chip_link", "123", "Figure linked from another sheet: green"),
        ("chip_focal", "Focal", "Focal customers, everywhere this green"),
        ("chip_borderline", "Borderline", "Focal or not: chance decides"),
        ("chip_core", "Core", "The upper half of the rest by value"),
        ("chip_light", "Light", "The lower half of the rest"),
    )
    parts: list[Part] = []
    for offset, (style, shown, meaning) in enumerate(rows):
        parts += [Text(f"F{9 + offset}", shown, style), Text(f"G{9 + offset}", meaning, "text")]
    return tuple(parts)


def _contents() -> tuple[Part, ...]:
    parts: list[Part] = []
    for offset, (name, style, meaning) in enumerate(CONTENTS):
        row = _CONTENTS_AT + 1 + offset
        parts += [
            Text(f"B{row}", "", style),
            Text(f"C{row}", name, "link", link=name),
            Text(f"D{row}", meaning, "text"),
        ]
    return tuple(parts)


def figures(run: Run) -> Values:
    """Values of the slots of this sheet."""
    refit = run.refit
    total, used = refit.account.iloc[-1], refit.account.iloc[0]
    notes = [*refit.statements[:NOTES], *[""] * (NOTES - len(refit.statements[:NOTES]))]
    return {
        "Run": [
            run.source,
            f"{int(total.rows):,} read, {int(used.rows):,} used, {int(total.rows - used.rows):,} set aside",
            len(refit.customers),
            refit.log.observation_end,
            f"{refit.fitted.purchases.name} ({run.parameters_in_words})",
            run.spend_in_words,
            refit.unit,
            run.made_at_text,
            run.version,
            run.fingerprint,
        ],
        "CoverCheck": run.master_check,
        "CoverState": UP_TO_DATE,
        "Stamp": run.stamp,
    } | {f"Note{row}": note for row, note in enumerate(notes, start=1)}


SHEET = Sheet(
    "Cover", "foundation", "Customer lifetime value",
    "A Focal workbook: who the focal customers are, what they are worth, and how surely.",
    widths=(3, 22, 40, 3, 10, 42),
    parts=(
        Text("B5", _ASIDE, "wrap", span=6, deep=2),
        Text("B8", "State of this run", "section", span=3),
        Lines("Run", "B9", (
            Line("Log", "text"),
            Line("Rows", "text"),
            Line("Customers", "left:int"),
            Line("Observation end", "left:date"),
            Line("Purchase model", "text"),
            Line("Spend model", "text"),
            Line("Unit of money", "text", name="UnitOfMoney"),
            Line("Refit at", "text"),
            Line("Focal version", "text"),
            Line("Fingerprint of the log", "text"),
        ), gap=2),
        Text("B19", "Master check", "label"), Spot("CoverCheck", "D19", "state", "=MasterCheck"),
        Text("B20", "State", "label"), Spot("CoverState", "D20", "state", "=RunState"),
        Text("B21", "Stamp", "label"), Spot("Stamp", "D21", "wrap", span=4, deep=2),
        Text("F8", "Legend", "section", span=2),
        *_legend(),
        Text(f"B{_CONTENTS_AT}", "Contents", "section", span=6),
        *_contents(),
        Text(f"B{_REFRESH_AT}", "How to refresh", "section", span=6),
        *(Text(f"B{_REFRESH_AT + i}", text, "wrap", span=6) for i, text in enumerate(_REFRESH, start=1)),
        Text(f"B{_NOTES_AT}", "What to know about these data", "section", span=6),
        *(Spot(f"Note{row}", f"B{_NOTES_AT + row}", "wrap", span=6) for row in range(1, NOTES + 1)),
        *check_colours("D19:D19"), stale_colour("D20:D20"),
    ),
    figures=figures, pages_high=1, print_to=f"H{_NOTES_AT + NOTES}", portrait=True,
    heights=dict.fromkeys((_REFRESH_AT + 2, _REFRESH_AT + 3, *range(_NOTES_AT + 1, _NOTES_AT + 1 + NOTES)), 27),
)  # fmt: skip
