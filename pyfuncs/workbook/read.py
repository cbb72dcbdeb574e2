"""Read what the user typed in a workbook made from the template: settings and transactions."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pyfuncs.analysis.assumptions import FAR, SETTINGS
from pyfuncs.analysis.settings import Settings
from pyfuncs.errors import InputError
from pyfuncs.workbook.cells import ErrorText, parse_area
from pyfuncs.workbook.layout import SLOTS
from pyfuncs.workbook.package import Package
from pyfuncs.workbook.parts import Table, setting_name, slot_shape
from pyfuncs.workbook.sheets import acquisition, attributes, products, transactions
from pyfuncs.workbook.target import Target

ROLES = ("customer", "date", "amount", "product", "channel")


@dataclass(frozen=True, eq=False)
class Typed:
    """The user's entries: settings, figures of channels and products, the log and its first row, attributes."""

    settings: Settings
    channel_costs: dict[str, float]
    product_margins: dict[str, float]
    log: pd.DataFrame
    columns: dict[str, str]
    first_row: int
    attributes: pd.DataFrame

    @property
    def attributes_here(self) -> int:
        """Filled cells of Attributes."""
        return int((self.attributes.notna() & (self.attributes != "")).to_numpy().sum())


def is_focal_workbook(target: Target) -> bool:
    """Whether the workbook was made from the template."""
    return transactions.TABLE in target.tables and "MasterCheck" in target.defined_names


def read_settings(target: Target) -> Settings:
    """The assumptions on the Settings sheet; raises `InputError` naming the one that is not allowed.

    A workbook that counts days from 1904 is refused: its dates would be taken for others, four years off.
    """
    if target.date1904:
        raise InputError(
            "This workbook counts dates from 1904. In Excel untick Options > Advanced > Use 1904 date system, look at "
            "the dates it then shows, and save it."
        )
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        name = setting_name(setting.name)
        if name not in target.defined_names:
            continue  # a template of an earlier version: the default holds
        value = target.read_name(name)
        if isinstance(value, ErrorText):
            raise InputError(f"Setting '{setting.label}': its cell shows {value}; type {setting.allowed}.")
        values[setting.name] = value
    return Settings.read(values)


def read_workbook(target: Target) -> Typed:
    """Settings and transactions of a workbook; raises `InputError` when the log is empty."""
    settings = read_settings(target)
    check_slots(target)
    table = target.table(transactions.TABLE)
    headers = [header for header in table.columns if header.casefold() != transactions.STATUS]
    columns = target.read_columns(transactions.TABLE, headers)
    frame = pd.DataFrame({header: _series(cells) for header, cells in columns.items()})
    filled = (frame.notna() & (frame != "")).any(axis=1).to_numpy().nonzero()[0]
    frame = frame.iloc[: filled[-1] + 1 if len(filled) else 0]
    if frame.empty:
        raise InputError(
            "Sheet Transactions is empty: paste your log below its blue columns, save, and refit again; "
            "or refit from a file: focal refit LOG.csv."
        )
    roles = {role: header for role in ROLES for header in headers if header.casefold() == role}
    return Typed(
        settings,
        _read_beside(target, acquisition.COSTS, "Acquisition, cost", 0, FAR, "a cost; type 0 or more"),
        _read_beside(target, products.MARGINS, "Products, margin", -FAR, 1, "a margin; type a share of at most 100 %"),
        frame,
        roles,
        table.first_row,
        _read_attributes(target),
    )


def check_slots(target: Target) -> None:
    """Refuse a workbook whose template had fewer cells for a figure than this version fills."""
    for name, slot in SLOTS.items():
        sheet, ref = target.defined_names.get(name, ("", ""))
        area, (height, width) = parse_area(ref) if ref else None, slot_shape(slot)
        if area is None or (area.top, area.left) == (area.bottom, area.right):
            continue
        if area.bottom - area.top + 1 < height or area.right - area.left + 1 < width:
            raise InputError(
                f"This workbook was made by another version of Focal: {name} on sheet {sheet} is {ref}, and this "
                f"version fills {height} rows and {width} columns. Save its sheet Transactions as a file of its own "
                "and refit that into a new workbook: focal refit LOG.xlsx. Nothing was changed."
            )


def _read_attributes(target: Target) -> pd.DataFrame:
    """The table Attributes as cells; no column of it in a workbook of an earlier version."""
    if attributes.TABLE not in target.tables:
        return pd.DataFrame()
    columns = target.read_columns(attributes.TABLE, target.table(attributes.TABLE).columns)
    return pd.DataFrame({header: _series(cells) for header, cells in columns.items()})


def _read_beside(target: Target, table: Table, what: str, low: float, high: float, wanted: str) -> dict[str, float]:
    """The figures typed beside names, as costs beside channels; raises `InputError` naming the one that is wrong."""
    if table.name not in target.tables:
        return {}  # a template of an earlier version
    names, figures = target.read_columns(table.name, [column.header for column in table.columns]).values()
    found = {}
    for name, figure in zip(_series(names), _series(figures), strict=True):
        if pd.isna(figure) or figure == "":
            continue
        if isinstance(figure, bool) or not isinstance(figure, int | float) or not low <= figure <= high:
            raise InputError(f"Sheet {what} of {name}: {str(figure)[:40]} is not {wanted}.")
        found[str(name)] = float(figure)
    return found


def _series(cells: Any) -> pd.Series:
    """A column of cells; what comes as a list stays as it is."""
    return pd.Series(cells, dtype=object) if isinstance(cells, list) else pd.Series(cells)


def open_workbook(path: Path) -> Package | None:
    """The workbook at `path` when it was made from the template, otherwise None."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return None
    package = Package.open(path)
    return package if is_focal_workbook(package) else None
