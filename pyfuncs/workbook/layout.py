"""The template as data: its sheets in order, its slots, its tables, its defined names."""

from pyfuncs.workbook.parts import Choice, Grid, Lines, Sheet, Spot, Table, slots, tables
from pyfuncs.workbook.sheets import (
    acquisition,
    attributes,
    beyond,
    checks,
    concentration,
    cover,
    customers,
    dashboard,
    help,
    log,
    migration,
    model,
    partner,
    products,
    profile,
    readiness,
    segments,
    settings,
    transactions,
    validation,
)

SHEETS: tuple[Sheet, ...] = (
    cover.SHEET,
    settings.SHEET,
    transactions.SHEET,
    attributes.SHEET,
    dashboard.SHEET,
    segments.SHEET,
    customers.SHEET,
    concentration.SHEET,
    profile.SHEET,
    acquisition.SHEET,
    products.SHEET,
    migration.SHEET,
    beyond.SHEET,
    readiness.SHEET,
    partner.SHEET,
    validation.SHEET,
    model.SHEET,
    checks.SHEET,
    log.SHEET,
)
SHEETS = (*SHEETS, help.sheet(SHEETS))

SLOTS: dict[str, Spot | Lines | Grid] = {part.name: part for sheet in SHEETS for part in slots(sheet.parts)}
COPIES: dict[str, str] = {
    name: slot.formula[1:]
    for name, slot in SLOTS.items()
    if isinstance(slot, Spot) and slot.formula and slot.formula[1:] in SLOTS
}
"""Slots whose formula only shows another slot, which has their value too."""
TABLES: dict[str, Table] = {part.name: part for sheet in SHEETS for part in tables(sheet.parts)}
CHOICES: dict[str, Choice] = {
    part.setting: part for sheet in SHEETS for part in sheet.parts if isinstance(part, Choice)
}
