"""Partner: one page for channel partners in plain words, without a customer's name or a figure of a small group."""

from typing import Any

from pyfuncs.analysis.acquisition_report import MOST
from pyfuncs.analysis.partner import FEWEST, MOST_IN_COMMON, NOT_SHOWN, UNDER, PartnerReport, partner_report
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import Chart, Column, Grid, Line, Lines, Series, Sheet, Spot, Text, Values, body
from pyfuncs.workbook.styles import CORE
from pyfuncs.workbook.twins import records
from pyfuncs.workbook.words import fixed

_CHANNELS_AT = 14
_COMMON_AT = _CHANNELS_AT + MOST + 3
_GLOSSARY_AT = _COMMON_AT - 1
_END = _COMMON_AT + MOST_IN_COMMON + 3
GLOSSARY = (
    ("Customer value", "What a customer is expected to bring from here on, after the cost of what is sold, in today's money."),
    ("Focal customers", "The customers expected to be worth most. They are chosen by a rule, the same for everybody."),
    ("Share of future value", "The part of what all customers are expected to bring that these customers bring."),
    ("Value index", "Value of a channel's average customer from the first purchase on: 100 is the average of all channels."),
    ("Not shown", f"The figure would rest on fewer than {FEWEST} customers, or would let somebody work such a figure out."),
)  # fmt: skip

GLANCE = Lines("PartnerGlance", "B7", (
    Line("Customers", "right:int"),
    Line("Share who are focal customers", "right:pct0"),
    Line("Share of future value that these hold", "right:pct0"),
), gap=2)  # fmt: skip

CHANNELS = Grid("PartnerChannels", f"B{_CHANNELS_AT}", (
    Column("Channel of the first purchase", "text"),
    Column("Customers", "right:int"),
    Column("Share focal", "right:pct0"),
    Column("Value index", "right:int"),
), rows=MOST)  # fmt: skip

COMMON = Grid("PartnerInCommon", f"B{_COMMON_AT}", (
    Column("Found among focal customers", "text"),
    Column("Against all others", "say"),
), rows=MOST_IN_COMMON)  # fmt: skip


def figures(run: Run) -> Values:
    """Values of the slots of this sheet; blank where there is nothing to tell."""
    refit = run.refit
    report = partner_report(refit.customers, refit.acquisition, refit.profile)
    channels = [[row.channel, row.customers, row.share_focal, row.value_index] for row in records(report.channels)]
    return {
        "PartnerGlance": [report.customers, report.share_focal, report.share_of_value],
        "PartnerSays": _says(report),
        "PartnerChannels": _padded(channels, CHANNELS),
        "PartnerChannelsSay": _channels_say(channels),
        "PartnerInCommon": _padded([list(row) for row in report.in_common], COMMON),
        "PartnerInCommonSays": _common_say(report),
    }


def _padded(rows: list[list[Any]], grid: Grid) -> list[list[Any]]:
    return [*rows, *[[None] * len(grid.columns)] * (grid.rows - len(rows))]


def _says(report: PartnerReport) -> str:
    if NOT_SHOWN in (report.share_focal, report.share_of_value):
        return f"Too few customers are focal, or too few are not, to say more without speaking of fewer than {FEWEST} people."
    return (
        f"{fixed(100 * float(report.share_focal), 0)} % of customers are expected to bring "
        f"{fixed(100 * float(report.share_of_value), 0)} % of all future value."
    )


def _channels_say(channels: list[list[Any]]) -> str:
    """Which channel brings the most valuable customers."""
    if not channels:
        return "The log does not say by which channel customers came: add it as the column channel."
    told = [row for row in channels if row[3] != NOT_SHOWN]
    if len(told) < 2:
        return "Too few channels are large enough to be compared."
    best = max(told, key=lambda row: float(row[3]))
    return f"So far customers who came by {best[0]} are worth most: index {best[3]}, where 100 is the average customer."


def _common_say(report: PartnerReport) -> str:
    if report.in_common:
        return "These go together with being a focal customer; they need not be the reason for it."
    return "Nothing that is known of enough customers sets the focal ones apart by more than chance would."


def _chart(at: str) -> Chart:
    labels, index = (
        body(CHANNELS, header, "Partner", chart=True) for header in ("Channel of the first purchase", "Value index")
    )
    return Chart(at, "column", "Value of the average customer by channel", "Channel", "Index, 100 is the average of all",
                 (Series("Value index", labels, index, CORE),),
                 "Columns: value index of the average customer of each channel, where 100 is the average of all customers; no column "
                 "where the figure is not shown.", size=(580, 400), y_format="0")  # fmt: skip


SHEET = Sheet(
    "Partner", "presentation", "Our customers in one page",
    "For partners: how much customers differ and where the most valuable come from. No customer is named.",
    widths=(46, 20, 14, 14, 3, 22, 58),
    parts=(
        Text("B6", "At a glance", "section", span=4),
        GLANCE,
        Spot("PartnerSays", "B10", "text"),
        Text(f"B{_CHANNELS_AT - 2}", "By channel", "section", span=4),
        Spot("PartnerChannelsSay", f"B{_CHANNELS_AT - 1}", "text"),
        CHANNELS,
        _chart("G6"),
        Text(f"B{_COMMON_AT - 1}", "What focal customers have in common", "section", span=4),
        COMMON,
        Spot("PartnerInCommonSays", f"B{_COMMON_AT + MOST_IN_COMMON + 1}", "text"),
        Text(f"G{_GLOSSARY_AT}", "What the words mean", "section", span=2),
        *(part for row, (word, meaning) in enumerate(GLOSSARY, start=_GLOSSARY_AT + 2) for part in (
            Text(f"G{row}", word, "label"), Text(f"H{row}", meaning, "wrap"))),
        Text(f"B{_END}", f'Small groups are hidden so that nobody can be picked out: fewer than {FEWEST} customers read "{UNDER}".',
             "shows"),
        Text(f"B{_END + 1}", "Use: print this page or save it as PDF and hand that on, never the workbook, in which customers are "
             "named.", "shows"),
    ),
    figures=figures, heights=dict.fromkeys(range(_GLOSSARY_AT + 2, _GLOSSARY_AT + 2 + len(GLOSSARY)), 27.0),
    pages_high=1, print_to=f"H{_END + 2}",
)  # fmt: skip
