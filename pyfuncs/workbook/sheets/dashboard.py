"""Dashboard: one printed page with headline figures and six charts, each with a sentence under it."""

from pyfuncs.workbook.control import UP_TO_DATE, Run
from pyfuncs.workbook.parts import Part, Sheet, Spot, Text, Values, cell, check_colours, stale_colour
from pyfuncs.workbook.sheets import concentration, customers, model, segments, validation
from pyfuncs.workbook.words import fixed, years

_T = customers.TABLE
_S = "Segments"
_CHART = (404, 245)
_FOCAL, _BORDERLINE = (
    {
        header: cell(segments.SUMMARY, header, row, _S)
        for header in ("Customers", "Share of customers", "Share of value")
    }
    for row in (1, 2)
)
_PREDICTED, _ACTUAL, _ERROR = (
    cell(validation.TOTALS, header, 1, "Validation") for header in ("Predicted", "Actual", "Error")
)

# label, value, style, note; each over two columns
_TILES = (
    ("Customer equity", "=CustomerEquity", "key:money",
     '=UnitOfMoney&IF(ISNUMBER(ValueHorizon)," over "&ValueHorizon&IF(ValueHorizon=1," year"," years"),"")&"; "&FIXED(Level*100,0)&" % interval "&FIXED(EquityLow,0)&" to "&FIXED(EquityHigh,0)'),
    ("Customers", f"=COUNTA({_T}[customer_id])", "key:int",
     f'=FIXED(COUNTIFS({_T}[frequency],">0"),0)&" bought again; about "&FIXED(SUM({_T}[p_alive]),0)&" are still customers"'),
    ("Value held by focal customers", f"={_FOCAL['Share of value']}", "key:pct",
     f'=FIXED({_FOCAL["Customers"]},0)&" customers; "&FIXED({_BORDERLINE["Customers"]},0)&" borderline hold another "'
     f'&FIXED({_BORDERLINE["Share of value"]}*100,1)&" %"'),
    ("Expected purchases ahead", f"=SUM({_T}[expected_purchases])", "key:int",
     f'="In the next "&Horizon&IF(Horizon=1," year, "," years, ")&FIXED(SUM({_T}[expected_purchases])/MAX(1,COUNTA({_T}[customer_id])),2)'
     '&" per customer"'),
    ("Holdout error, purchases", f'=IF(HoldoutSplit="","none",{_ERROR})', "key:pct",
     f'=IF(HoldoutSplit="","No holdout could be made; see Validation",'
     f'"Forecast "&FIXED({_PREDICTED},0)&", actual "&FIXED({_ACTUAL},0))'),
    ("Master check", "=MasterCheck", "key:text", "=RunState"),
)  # fmt: skip

_SEGMENTS_SAY = (
    f'=FIXED({_FOCAL["Share of customers"]}*100,1)&" % of customers are focal and hold "'
    f'&FIXED({_FOCAL["Share of value"]}*100,1)&" % of value; "&FIXED({_BORDERLINE["Share of customers"]}*100,1)'
    f'&" % are borderline and hold "&FIXED({_BORDERLINE["Share of value"]}*100,1)&" %."'
)
_TRACKING_SAY = (
    f'=IF(HoldoutSplit="","Fitted on the whole log; no holdout could be made.",'
    f'"After the fit, "&FIXED({_PREDICTED},0)&" repeat purchases were expected and "&FIXED({_ACTUAL},0)&" happened: "'
    f'&FIXED(ABS({_ERROR})*100,1)&" % "&IF({_ERROR}<0,"too few","too many")&" forecast.")'
)
_ALIVE_SAY = (
    f'="Of "&FIXED(COUNTA({_T}[customer_id]),0)&" customers, "&FIXED(COUNTIFS({_T}[p_alive],"<0.5"),0)'
    '&" are more likely gone than not."'
)

_PLACES = (("B10", "B23"), ("F10", "F23"), ("J10", "J23"), ("B26", "B39"), ("F26", "F39"), ("J26", "J39"))
_CHARTS = (
    concentration.decile_chart(_PLACES[0][0], _CHART),
    concentration.whale_chart(_PLACES[1][0], _CHART),
    segments.share_chart(_PLACES[2][0], _CHART),
    validation.tracking_chart(_PLACES[3][0], _CHART),
    concentration.alive_chart(_PLACES[4][0], _CHART),
    model.ladder_chart(_PLACES[5][0], _CHART),
)
_SENTENCES = (
    ("DashDeciles", "=DecilesSay"), ("DashWhale", "=WhaleSay"), ("DashSegments", _SEGMENTS_SAY),
    ("DashTracking", _TRACKING_SAY), ("DashAlive", _ALIVE_SAY), ("DashLadder", "=LadderSay"),
)  # fmt: skip


def _tiles() -> tuple[Part, ...]:
    parts: list[Part] = []
    for index, (label, value, style, note) in enumerate(_TILES):
        letter = "BDFHJL"[index]
        parts += [
            Text(f"{letter}6", label, "tile_label", span=2),
            Spot(f"Tile{index + 1}", f"{letter}7", style, value, span=2),
            Spot(f"TileNote{index + 1}", f"{letter}8", "tile_note", note, span=2),
        ]
    return tuple(parts)


def figures(run: Run) -> Values:
    """Stored values of the tiles and sentences."""
    refit = run.refit
    customers = refit.customers
    focal, borderline = run.segments.iloc[0], run.segments.iloc[1]
    count = len(customers)
    ahead = float(customers["expected_purchases"].sum())
    totals = refit.holdout.totals.iloc[0] if refit.holdout is not None else None
    error = 0.0 if totals is None or totals.error != totals.error else float(totals.error)
    tiles = (
        (refit.equity, f"{refit.unit}{_ahead(refit.settings.value_horizon)}; {fixed(refit.settings.level * 100, 0)} % interval "
                       f"{fixed(refit.equity_low, 0)} to {fixed(refit.equity_high, 0)}"),
        (count, f"{fixed((customers['frequency'] > 0).sum(), 0)} bought again; about "
                f"{fixed(customers['p_alive'].sum(), 0)} are still customers"),
        (focal.share_of_value, f"{fixed(focal.customers, 0)} customers; {fixed(borderline.customers, 0)} borderline hold another "
                               f"{fixed(borderline.share_of_value * 100, 1)} %"),
        (ahead, f"In the next {years(refit.settings.horizon)}, {fixed(ahead / max(1, count), 2)} per customer"),
        ("none", "No holdout could be made; see Validation") if totals is None else
        (error, f"Forecast {fixed(totals.predicted, 0)}, actual {fixed(totals.actual, 0)}"),
        (run.master_check, UP_TO_DATE),
    )  # fmt: skip
    values: Values = {
        "DashSegments": f"{fixed(focal.share_of_customers * 100, 1)} % of customers are focal and hold "
                        f"{fixed(focal.share_of_value * 100, 1)} % of value; "
                        f"{fixed(borderline.share_of_customers * 100, 1)} % are borderline and hold "
                        f"{fixed(borderline.share_of_value * 100, 1)} %.",
        "DashTracking": "Fitted on the whole log; no holdout could be made." if totals is None else
                        f"After the fit, {fixed(totals.predicted, 0)} repeat purchases were expected and "
                        f"{fixed(totals.actual, 0)} happened: {fixed(abs(error) * 100, 1)} % "
                        f"{'too few' if error < 0 else 'too many'} forecast.",
        "DashAlive": f"Of {fixed(count, 0)} customers, {fixed((customers['p_alive'] < 0.5).sum(), 0)} are more likely gone "
                     "than not.",
    }  # fmt: skip
    for index, (value, note) in enumerate(tiles, start=1):
        values |= {f"Tile{index}": value, f"TileNote{index}": note}
    return values


def _ahead(horizon: float | None) -> str:
    """How far ahead customer equity looks where it does not count the whole life."""
    return "" if horizon is None else f" over {years(horizon)}"


SHEET = Sheet(
    "Dashboard", "presentation", "Dashboard",
    "The customer base on one page: what it is worth, who holds the value, and how well the model forecasts.",
    widths=(14,) * 12,
    parts=(
        *_tiles(),
        *_CHARTS,
        *(Spot(name, place, "says", formula, span=4, deep=2) for (name, formula), (_, place) in
          zip(_SENTENCES, _PLACES, strict=True)),
        *check_colours("L7:M7"), stale_colour("L8:M8"),
    ),
    figures=figures, heights={7: 30, 8: 27}, pages_high=1, print_to="N41",
)  # fmt: skip
