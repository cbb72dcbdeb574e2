"""Acquisition: what new customers are worth by channel and cohort, against what they cost, and who brings value."""

from typing import Any

import numpy as np

from pyfuncs.analysis.acquisition import NOT_WORTH, UNSURE, WORTH, verdict
from pyfuncs.analysis.acquisition_report import MOST, AcquisitionReport
from pyfuncs.analysis.caveats import begins_in_the_midst
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.parts import Chart, Column, Grid, Series, Sheet, Spot, Table, Text, Values, body, cell
from pyfuncs.workbook.styles import BRICK, CORE, FOCAL
from pyfuncs.workbook.twins import records
from pyfuncs.workbook.words import fixed, since_first

FEW = 30
"""Channels of fewer customers are not named best or least."""
NO_CAC = "CAC is 0"
COSTS = Table("tblChannelCosts", "O9", (Column("channel", "text"), Column("cac", "in:money")),
              "Acquisition cost of single channels, typed by the user; a blank cell takes the CAC of Settings.")  # fmt: skip
_OWN = f"({COSTS.name}[channel]=$B{{row}})*ISNUMBER({COSTS.name}[cac])"
_VERDICT = (
    f'=IF($B{{row}}="","",IF({{cac}}=0,"{NO_CAC}",IF($E{{row}}>={{cac}},"{WORTH}",'
    f'IF($F{{row}}<{{cac}},"{NOT_WORTH}","{UNSURE}"))))'
)
_TOP, _LAST = 10, 10 + MOST

CHANNELS = Grid("AcquisitionChannels", f"B{_TOP - 1}", (
    Column("Channel", "text"),
    Column("Customers", "int"),
    Column("Value before CAC", "money"),
    Column("Low end", "money"),
    Column("High end", "money"),
    Column("Ceiling for CAC", "money"),
    Column("CAC", "x:money", f'=IF($B{{row}}="","",IF(SUMPRODUCT({_OWN})>0,'
           f'SUMPRODUCT(--({COSTS.name}[channel]=$B{{row}}),{COSTS.name}[cac]),Cac))'),
    Column("Value after CAC", "money", '=IF($B{row}="","",$D{row}-$H{row})'),
    Column("Room up to the ceiling", "money", '=IF($B{row}="","",$G{row}-$H{row})'),
    Column("Months to payback", "int"),
    Column("Paid back in 12 months", "pct"),
    Column("Verdict", "say", _VERDICT.replace("{cac}", "$H{row}")),
), rows=MOST + 1, total=True, overrides={
    (MOST + 1, "CAC"): f"=IF(SUM($C${_TOP}:$C${_LAST - 1})=0,Cac,"
                       f"SUMPRODUCT($C${_TOP}:$C${_LAST - 1},$H${_TOP}:$H${_LAST - 1})/SUM($C${_TOP}:$C${_LAST - 1}))",
})  # fmt: skip

_COHORTS_AT = 47
COHORTS = Grid("AcquisitionCohorts", f"B{_COHORTS_AT}", (
    Column("Cohort, by first purchase", "text"),
    Column("Customers", "int"),
    Column("Value before CAC", "money"),
    Column("Low end", "money"),
    Column("High end", "money"),
    Column("Share seen so far", "pct"),
    Column("CAC", "x:money", '=IF($B{row}="","",Cac)'),
    Column("Value after CAC", "money", '=IF($B{row}="","",$D{row}-$H{row})'),
    Column("Months to payback", "int"),
    Column("Paid back in 12 months", "pct"),
    Column("Verdict", "say", _VERDICT.replace("{cac}", "$H{row}")),
), rows=MOST + 1, total=True)  # fmt: skip

_CARD_AT = _COHORTS_AT + MOST + 7
_CARD_ALL = f"${{column}}${_CARD_AT + MOST + 1}"
SCORECARD = Grid("Scorecard", f"B{_CARD_AT}", (
    Column("Channel or team", "text"),
    Column("Customers", "int"),
    Column("Share of customers", "pct", f'=IF($B{{row}}="","",$C{{row}}/{_CARD_ALL.format(column="C")})'),
    Column("Rank by volume", "int"),
    Column("Value brought, before CAC", "money"),
    Column("Share of value", "pct", f'=IF($B{{row}}="","",IFERROR($F{{row}}/{_CARD_ALL.format(column="F")},0))'),
    Column("Rank by value", "int"),
    Column("Places gained by value", "int", '=IF(ISNUMBER($H{row}),$E{row}-$H{row},"")'),
    Column("Value per customer", "money", '=IF($B{row}="","",$F{row}/$C{row})'),
    Column("Focal among them", "pct"),
    Column("Value after CAC, at the refit", "money"),
), rows=MOST + 1, total=True)  # fmt: skip

_VERDICTS = body(CHANNELS, "Verdict", last=MOST)
_ALL_COST = cell(CHANNELS, "CAC", MOST + 1)
VERDICT_SAYS = (
    f'=IF({cell(CHANNELS, "Channel", 1)}="","",IF({_ALL_COST}=0,"CAC is 0: type it on Settings, or for single channels in '
    f'the blue cells on the right.",COUNTIF({_VERDICTS},"{WORTH}")&" of "&COUNT({body(CHANNELS, "Customers", last=MOST)})'
    f'&" channels are surely worth what their customers cost, "&COUNTIF({_VERDICTS},"{NOT_WORTH}")&" surely not; of "'
    f'&COUNTIF({_VERDICTS},"{UNSURE}")&" the data cannot tell."))'
)


def figures(run: Run) -> Values:
    """Values of the slots of this sheet."""
    refit = run.refit
    report, unit = refit.acquisition, refit.unit
    channels = _channel_rows(report, refit.settings.cac)
    return {
        "AcquisitionChannels": channels,
        "AcquisitionCohorts": _cohort_rows(report),
        "Scorecard": _scorecard_rows(report),
        "AcquisitionCovers": " ".join([_covers(refit.settings.value_horizon), *begins_in_the_midst(refit.log)]),
        "AcquisitionSays": report.missing or _best_and_least(report, unit),
        "VerdictSays": _verdicts(channels),
        "PricingSays": _pricing(report, unit),
        "ScorecardSays": _climber(report),
    }  # fmt: skip


def _channel_rows(report: AcquisitionReport, cac: float) -> list[list[Any]]:
    rows = [
        [each.name, each.customers, each.value, each.lower, each.upper, each.ceiling, each.cac, each.value - each.cac,
         each.ceiling - each.cac, each.payback_months, each.paid_back, _verdict(each)]
        for each in records(report.channels)
    ]  # fmt: skip
    if report.missing:
        rows[-1][6] = cac
    return _padded(rows, len(CHANNELS.columns))


def _cohort_rows(report: AcquisitionReport) -> list[list[Any]]:
    rows = [
        [each.name, each.customers, each.value, each.lower, each.upper, each.seen, each.cac, each.value - each.cac,
         each.payback_months, each.paid_back, _verdict(each)]
        for each in records(report.cohorts)
    ]  # fmt: skip
    return _padded(rows, len(COHORTS.columns))


def _verdict(row: Any) -> str:
    return NO_CAC if row.cac == 0 else verdict(row.lower, row.upper, row.cac)


def _scorecard_rows(report: AcquisitionReport) -> list[list[Any]]:
    if report.missing:
        return [[None] * len(SCORECARD.columns)] * SCORECARD.rows
    rows = [
        [each.channel, each.customers, each.share_of_customers, each.rank_by_volume, each.value_brought,
         each.share_of_value, each.rank_by_value, each.change_of_rank, each.value_per_customer, each.focal_share,
         each.value_after_cac]
        for each in records(report.scorecard)
    ]  # fmt: skip
    return _padded(rows, len(SCORECARD.columns))


def _padded(rows: list[list[Any]], width: int) -> list[list[Any]]:
    """Rows of a grid with blank ones before the last, and blank cells where there is no number."""
    cells = [[None if isinstance(value, float) and np.isnan(value) else value for value in row] for row in rows]
    return [*cells[:-1], *[[None] * width] * (MOST + 1 - len(cells)), cells[-1]]


def _best_and_least(report: AcquisitionReport, unit: str) -> str:
    *channels, everyone = records(report.channels)
    if len(channels) == 1:
        return f"All customers came by one channel, {channels[0].name}."
    told = [channel for channel in channels if channel.customers >= FEW] or channels
    best, least = max(told, key=_worth), min(told, key=_worth)
    few = len(channels) - len(told)
    plural = "s have" if few > 1 else " has"
    return (
        f"A customer of {best.name} is worth {fixed(best.value, 2)} {unit} before acquisition cost, one of "
        f"{least.name} {fixed(least.value, 2)}; the average is {fixed(everyone.value, 2)}."
        + (f" {few} channel{plural} under {FEW} customers: mostly that average speaks there." if few else "")
    )


def _worth(channel: Any) -> float:
    return float(channel.value)


def _covers(horizon: float | None) -> str:
    """What the value counts, what its bounds hold, and what the other figures are."""
    return (
        f"Value before CAC counts what a customer brings {since_first(horizon)}: that purchase, what was spent since and what is "
        "still expected, at the margin on Settings, discounted to the first purchase; of few customers it leans on the mean of "
        "all. Low and high end hold which customers came, how far groups differ and the doubt about the model's parameters. The "
        "ceiling is exceeded with 90 % probability. Payback is not discounted. A CAC typed beside a channel counts at once, in its "
        "payback at the next refit."
    )


def _pricing(report: AcquisitionReport, unit: str) -> str:
    """What paying one price in every channel costs."""
    if report.missing:
        return ""
    over, missed = report.overpaid_per_year, report.missed_per_year
    price = f"{fixed(report.average_ceiling, 2)} {unit}, the ceiling of the average customer, in every channel"
    if over == missed == 0:
        return f"Paying {price} overpays nowhere and misses nothing that is sure: the channels do not differ enough."
    return (
        f"Paying {price} overpays {fixed(over, 0)} {unit} a year where customers are worth less, and leaves "
        f"{fixed(missed, 0)} {unit} a year unused where more could safely be paid."
    )


def _verdicts(rows: list[list[Any]]) -> str:
    """The twin of `VERDICT_SAYS`."""
    if rows[0][0] is None:
        return ""
    if rows[-1][6] == 0:
        return "CAC is 0: type it on Settings, or for single channels in the blue cells on the right."
    found = [row[-1] for row in rows[:-1] if row[0] is not None]
    return (
        f"{found.count(WORTH)} of {len(found)} channels are surely worth what their customers cost, "
        f"{found.count(NOT_WORTH)} surely not; of {found.count(UNSURE)} the data cannot tell."
    )


def _climber(report: AcquisitionReport) -> str:
    """Whom the change from volume to value moves most."""
    if report.missing:
        return "Without a channel there is nobody to score; teams can be scored too, named in the column channel."
    moved = [each for each in records(report.scorecard) if abs(each.change_of_rank) > 0]  # of no rank it is nan
    if not moved:
        return "Ranked by the value brought, the order is the same as by the number of customers brought."
    most = max(moved, key=lambda each: abs(each.change_of_rank))
    return (
        f"{most.channel} is number {most.rank_by_volume:.0f} by customers brought and number {most.rank_by_value:.0f} by "
        "value brought."
    )


def _chart(at: str, grid: Grid, name: str, what: str, ceiling: bool) -> Chart:
    labels = body(grid, name, "Acquisition", chart=True, last=MOST)

    def series(title: str, colour: str, kind: Any = "main") -> Series:
        return Series(title, labels, body(grid, title, "Acquisition", chart=True, last=MOST), colour, kind)

    return Chart(at, "column", f"Value of a new customer against CAC, by {what}", what.capitalize(), "Money per customer",
                 (series("Value before CAC", CORE), series("CAC", BRICK, "marker"),
                  *((series("Ceiling for CAC", FOCAL, "marker"),) if ceiling else ())),
                 f"Columns: value of a new customer before acquisition cost, by {what}; marks: the acquisition cost"
                 f"{' and the most that should be paid' if ceiling else ''}.",
                 size=(600, 320), y_format="#,##0")  # fmt: skip


SHEET = Sheet(
    "Acquisition", "presentation", "Acquisition",
    "What a new customer is worth, seen so far and expected, by where and when they came, against what it costs to acquire one.",
    widths=(26, 11, 13, 12, 13, 14, 13, 14, 13, 13, 14, 14, 3, 22, 12),
    parts=(
        Spot("AcquisitionSays", "B6", "text"),
        Text("B8", "By channel of the first purchase", "section", span=12),
        CHANNELS,
        Spot("VerdictSays", f"B{_LAST + 1}", "text", VERDICT_SAYS),
        Spot("PricingSays", f"B{_LAST + 2}", "wrap", span=12, deep=2),
        _chart(f"B{_LAST + 4}", CHANNELS, "Channel", "channel", ceiling=True),
        _chart(f"H{_LAST + 4}", COHORTS, "Cohort, by first purchase", "cohort", ceiling=False),
        Text("O8", "Type CAC by channel", "section", span=2),
        COSTS,
        Text(f"B{_COHORTS_AT - 1}", "By cohort", "section", span=12),
        COHORTS,
        Spot("AcquisitionCovers", f"B{_COHORTS_AT + MOST + 2}", "note", span=12, deep=3),
        Text(f"B{_CARD_AT - 2}", "Scorecard: value brought against volume brought", "section", span=12),
        Spot("ScorecardSays", f"B{_CARD_AT - 1}", "text"),
        SCORECARD,
        Text(f"B{_CARD_AT + MOST + 3}", "Use: bid for customers up to the ceiling of their channel, never one price for all, and reward "
             "teams for the value they bring. Where the data cannot tell, buy few and look again.", "shows"),
    ),
    figures=figures, heights={_TOP - 1: 40, _COHORTS_AT: 40, _CARD_AT: 40}, pages_high=2,
    print_to=f"M{_CARD_AT + MOST + 3}",
)  # fmt: skip
