"""Fill a workbook made from the template with what a refit found, keeping what the user typed."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pyfuncs.analysis.assumptions import BY_NAME
from pyfuncs.workbook import written
from pyfuncs.workbook.build import MARK
from pyfuncs.workbook.cells import KEEP, Cached, Calculated, parse_area
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.layout import COPIES, SHEETS, SLOTS
from pyfuncs.workbook.package import Package
from pyfuncs.workbook.parts import (
    Grid,
    Lines,
    Sheet,
    Spot,
    Table,
    is_label,
    setting_name,
    slot_formula,
    slot_rows,
    slots,
)
from pyfuncs.workbook.sheets import (
    acquisition,
    attributes,
    customers,
    log,
    products,
    settings,
    transactions,
    validation,
)
from pyfuncs.workbook.target import Target

LONGEST_LOG = 1_048_568
"""Rows of a log that the Transactions sheet holds below its header."""
KEY = "customer_id"
FOOTER = rf"{MARK}(?:[^&]|&&)*"


def fill_attributes(package: Package, table: pd.DataFrame, customer: str) -> tuple[int, list[str]]:
    """Put a table of attributes on its sheet, its headers over those of the template; columns left over are folded.

    `customer` is the header of its column of customers.  Returns the cells filled, and what there is no room for.
    """
    others = [header for header in table.columns if header != customer]
    if attributes.TABLE not in package.tables or len(table) > LONGEST_LOG:
        return 0, ["The attributes were used; the sheet Attributes does not hold them."]
    kept = others[: attributes.ROOM]
    more = len(others) - len(kept)
    notes = [f"The sheet Attributes holds {attributes.ROOM} columns; the {more} others were used too."]
    package.rename_columns(
        attributes.TABLE, {f"attribute {number}": header for number, header in enumerate(kept, start=1)}
    )
    cells = {attributes.CUSTOMER: table[customer], **{header: _numbers_or_texts(table[header]) for header in kept}}
    package.fill_table(attributes.TABLE, cells, len(table))
    info = package.table(attributes.TABLE)
    if len(cells) < len(info.columns):
        package.fold_columns(info.sheet, info.first_col + len(cells), info.body.right)
    filled = sum(int(column.notna().sum()) for column in cells.values())
    return filled, notes if more else []


def write_reason(package: Package, setting: str, reason: str) -> None:
    """Put a reason beside a setting, in the column that is the user's."""
    sheet, ref = package.defined_names[setting_name(setting)]
    cell = parse_area(ref)
    if cell is not None:
        package.write_block(sheet, f"{settings.REASONS}{cell.top}", [[reason]])


def _numbers_or_texts(column: pd.Series) -> pd.Series:
    """A column of texts as numbers, where all are, and none has a leading zero to lose."""
    if not pd.api.types.is_string_dtype(column) or column.str.fullmatch(r"-?0\d+.*").any():
        return column
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if numbers.notna().equals(column.notna()) else column


@dataclass
class Kept:
    """What the fill left as the user had it, in sentences, and the user's entries that no longer have a row."""

    notes: list[str] = field(default_factory=list)
    lost: list[dict[str, Any]] = field(default_factory=list)


def fill(target: Target, run: Run, *, replace_log: bool) -> Kept:
    """Write a run into the workbook: slots, tables, settings that differ, one row of the log of refits.

    With `replace_log` the Transactions table takes the rows of the run's log; otherwise they came from there and only
    their status is written.  Returns what was kept or lost.  Raises `InputError` when a table of the
    template is missing.
    """
    steps = filling(target, run, replace_log=replace_log)
    while True:
        try:
            next(steps)
        except StopIteration as finished:
            kept: Kept = finished.value
            return kept


def filling(target: Target, run: Run, *, replace_log: bool) -> Generator[str, None, Kept]:
    """`fill` in steps: says what comes next, so that a host that shows progress stays alive in between."""
    values = _figures(run)
    people, tracked = _customers(run), _tracking(run.refit.tracking)
    fingerprints = written.of_run(values, {customers.TABLE: people, validation.TABLE: tracked}, target)
    yield "Transactions"
    _write_settings(target, run)
    _write_transactions(target, run, replace_log)
    yield "Customers"
    report = target.fill_table(customers.TABLE, people, len(run.refit.customers), keep_by=KEY)
    yield "Acquisition and Products"
    bought = run.refit.products
    lost = [
        *report.lost,
        *_write_names(target, acquisition.COSTS, run.refit.acquisition.names),
        *_write_names(target, products.MARGINS, [] if isinstance(bought, str) else products.listed(bought)),
    ]
    yield "Validation and Log"
    _fill_all(target, validation.TABLE, tracked)
    _append_log(target, run, written.in_words(fingerprints))
    missing = []
    for sheet in SHEETS:
        yield sheet.name
        missing += _write_slots(target, sheet, values)
    yield "footers"
    stamp = Cached(run.stamp, "=Stamp")
    for sheet in SHEETS[1:]:
        if sheet.name in target.sheet_names:
            target.write_block(sheet.name, "B4", [[stamp]])
    for name in target.sheet_names:
        target.replace_in_footer(name, FOOTER, _footer(run.stamp))
    return Kept(_notes(target, missing), lost)


def _footer(stamp: str) -> str:
    """The stamp as the left part of a page footer, which holds 255 characters with its codes; & is doubled."""
    return MARK + stamp.replace("&", "&&")[:200]


def _write_settings(target: Target, run: Run) -> None:
    """Put the assumptions of the run in their cells; a cell that already means the same stays as typed."""
    for name, value in run.refit.settings.as_dict().items():
        if setting_name(name) not in target.defined_names:
            continue  # a template of an earlier version: the default was used, and there is no cell to say so
        typed = target.read_name(setting_name(name))
        if typed is None or BY_NAME[name].read(typed) != value:
            target.write_name(setting_name(name), value)


def _write_transactions(target: Target, run: Run, replace_log: bool) -> None:
    if replace_log:
        columns: dict[str, Any] = dict(run.transactions)
        if not run.log_here:
            columns = {header: [] for header in columns}
        _fill_all(target, transactions.TABLE, columns)
        return
    target.write_column(transactions.TABLE, transactions.STATUS, run.transactions[transactions.STATUS])


def _customers(run: Run) -> dict[str, Any]:
    frame = run.refit.customers.assign(total_spend=run.refit.customers["total_amount"])
    columns = _frame(frame, [column.header for column in customers.COLUMNS])
    columns["value"] = Calculated(columns["value"])
    return columns


def _write_names(target: Target, table: Table, names: list[str]) -> list[dict[str, Any]]:
    """Name what the user types a figure beside, which follows its name; returns the figures whose name is gone."""
    if table.name not in target.tables:
        return []  # a template of an earlier version
    header = table.columns[0].header
    return target.fill_table(table.name, {header: names}, len(names), keep_by=header).lost


def _tracking(tracked: pd.DataFrame) -> dict[str, Any]:
    columns = _frame(tracked, [column.header for column in validation.TRACKED if column.formula is None])
    weeks = (pd.to_datetime(tracked["period_end"]) - pd.to_datetime(tracked["period_start"])).dt.days / 7 + 1 / 7
    for name in ("actual", "expected"):
        columns[f"{name}_per_week"] = Calculated((tracked[name] / weeks).tolist())
    return columns


def _append_log(target: Target, run: Run, fingerprints: str) -> None:
    refit = run.refit
    focal = run.segments.iloc[0]
    totals = refit.holdout.totals.iloc[0] if refit.holdout is not None else None
    row = {
        "refit_at": run.made_at_text,
        "source": run.source,
        "fingerprint": run.fingerprint,
        "rows_read": int(refit.account["rows"].iloc[-1]),
        "rows_used": int(refit.account["rows"].iloc[0]),
        "customers": len(refit.customers),
        "observation_end": refit.log.observation_end,
        "model": refit.fitted.purchases.name,
        "parameters": run.parameters_in_words,
        "log_likelihood": refit.fitted.purchase_fit.log_likelihood if refit.fitted.purchase_fit else None,
        "spend_parameters": run.spend_in_words,
        "annual_discount_rate": refit.settings.annual_discount_rate,
        "margin": refit.settings.margin,
        "customer_equity": refit.equity,
        "equity_low": refit.equity_low,
        "equity_high": refit.equity_high,
        "focal_customers": int(focal["customers"]),
        "focal_share": float(focal["share_of_value"]),
        "holdout_error": None if totals is None else totals.error,
        "master_check": run.master_check,
        "focal_version": run.version,
        written.COLUMN: fingerprints,
    }
    table = target.table(log.TABLE)
    if written.COLUMN not in table.columns:
        del row[written.COLUMN]  # a template of an earlier version
    earlier = written.refits(target)
    columns = {
        header: [*(entries[table.column(header)] for entries in earlier), value] for header, value in row.items()
    }
    _fill_all(target, log.TABLE, columns)


def _frame(frame: pd.DataFrame, headers: list[str]) -> dict[str, Any]:
    return {header: frame[header] for header in headers}


def _fill_all(target: Target, name: str, columns: dict[str, Any]) -> None:
    target.fill_table(name, columns, len(next(iter(columns.values()))))


def _figures(run: Run) -> dict[str, Any]:
    """The value of every slot."""
    values: dict[str, Any] = {}
    for sheet in SHEETS:
        if sheet.figures is not None:
            values |= sheet.figures(run)
    values |= {name: values[source] for name, source in COPIES.items()}
    if unknown := values.keys() ^ SLOTS.keys():
        raise KeyError(f"slots and figures differ: {sorted(unknown)}")
    return values


def _write_slots(target: Target, sheet: Sheet, values: dict[str, Any]) -> list[str]:
    """Fill the slots of a sheet; returns the names of those that are gone."""
    missing = []
    for slot in slots(sheet.parts):
        if slot.name in target.defined_names:
            target.write_name(slot.name, list(_cells(slot, values[slot.name])))
        else:
            missing.append(slot.name)
    return missing


def _notes(target: Target, missing: list[str]) -> list[str]:
    """What was missing or had been typed over, in sentences."""
    notes = [f"Not filled, because the template's slots are gone: {', '.join(missing)}."] if missing else []
    typed = [f"{cell.sheet}!{cell.ref}" for cell in target.overridden if not str(cell.found or "").startswith("=")]
    if typed:
        notes.append(f"Kept as you typed them, in place of Focal's formulas: {', '.join(typed[:8])}.")
    return notes


def _cells(slot: Spot | Lines | Grid, value: Any) -> Iterator[list[Any]]:
    """The rows of a slot: labels stay, formulas keep themselves and take their present value."""
    for number, entries in enumerate(slot_rows(slot, value), start=1):
        yield [
            KEEP if is_label(slot, place) else _cell(entry, slot_formula(slot, number, place))
            for place, entry in enumerate(entries)
        ]


def _cell(value: Any, formula: str | None) -> Any:
    return value if formula is None else Cached("" if value is None else value, formula.strip("{}"))
