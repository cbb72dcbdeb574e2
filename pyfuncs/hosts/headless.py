"""Refit without Excel: from a file or a workbook to a filled workbook."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from pyfuncs import __version__
from pyfuncs.analysis.attribute_cells import read_attribute_cells
from pyfuncs.analysis.columns import kind_of
from pyfuncs.analysis.log import Log, read_log
from pyfuncs.analysis.refit import Progress, refit
from pyfuncs.analysis.settings import Settings
from pyfuncs.errors import InputError
from pyfuncs.hosts.shipped import shipped
from pyfuncs.sources import RawTable, read_table
from pyfuncs.sources.demo import DEMOS
from pyfuncs.sources.raw_table import Recognise
from pyfuncs.workbook.control import Run
from pyfuncs.workbook.fill import LONGEST_LOG, fill, fill_attributes
from pyfuncs.workbook.package import Package, is_open_elsewhere
from pyfuncs.workbook.read import open_workbook, read_settings, read_workbook
from pyfuncs.workbook.written import typed_over

TEMPLATE = "focal_template.xlsx"


@dataclass(frozen=True)
class Done:
    """A finished refit: the file written, the run, and notes on what was kept or could not be."""

    path: Path
    run: Run
    notes: list[str]


@dataclass(frozen=True)
class Request:
    """What to refit: the options of the command line, all optional but the source."""

    source: Path
    output: Path | None = None
    overwrite: bool = False
    template: Path | None = None
    sheet: str | None = None
    table: str | None = None
    columns: Mapping[str, str] | None = None
    attributes: Path | None = None
    settings: Mapping[str, Any] | None = None


def template_path() -> Path:
    """The built template."""
    return shipped("templates", TEMPLATE)


def now_in_utc() -> dt.datetime:
    """The present time as refits are stamped with it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def refit_file(request: Request, now: dt.datetime, progress: Progress) -> Done:
    """Refit a log file into a new workbook, or a workbook made from the template into itself.

    `now` is the present time in UTC: it stamps the run, and rows dated after it need the user's word.
    """
    progress(f"Reading {request.source.name}")
    package = open_workbook(request.source)
    if package is not None:
        return _refit_workbook(package, request, now, progress)
    target = request.output or Path(f"Focal {request.source.stem}.xlsx")
    _check_target(target, request.overwrite)
    raw = read_table(request.source, request.sheet, request.table, recognise=_header_test(request.columns))
    return _refit_log(raw, request.source.name, target, request, now, progress, _read_attributes(request, progress))


def refit_demo(request: Request, now: dt.datetime, progress: Progress, data: str = "cdnow") -> Done:
    """Refit a demonstration, one of `DEMOS`, into `Focal <its name>.xlsx` in the current folder.

    Its own settings give way to those of the request.
    """
    progress("Reading the data")
    demo = DEMOS[data]()
    target = request.output or Path(f"Focal {demo.name}.xlsx")
    _check_target(target, overwrite=True)
    given = {name: value for name, value in (request.settings or {}).items() if value is not None}
    request = replace(request, settings={**demo.settings, **given})
    return _refit_log(demo.log, demo.source, target, request, now, progress, demo.attributes, demo.notes)


def write_template(target: Path, overwrite: bool) -> None:
    """Write a copy of the empty template."""
    _check_target(target, overwrite)
    Package.open(template_path()).save(target)


def _header_test(columns: Mapping[str, str] | None) -> Recognise:
    """Which row is the header: the one with the columns the user named, or with customer and date by usual names."""
    named = set((columns or {}).values())

    def is_header(cells: Sequence[str]) -> bool:
        return named <= set(cells) if named else kind_of(cells) == "transactions"

    return is_header


def _refit_log(
    raw: RawTable,
    source: str,
    target: Path,
    request: Request,
    now: dt.datetime,
    progress: Progress,
    table: pd.DataFrame,
    said: Sequence[str] = (),
) -> Done:
    """Refit a log with a table of attributes into a new workbook; `said` of the log is among its statements."""
    package = Package.open(request.template or template_path())
    settings = read_settings(package).override(request.settings or {})
    log = read_rows(raw.frame, raw.first_row, settings, request.columns, now)
    log = replace(log, statements=[*said, *log.statements])
    known = read_attribute_cells(table, settings.known_at_acquisition, _customer_of(table, request.columns))
    found = refit(log, settings, progress, known)
    filled, notes = 0, list[str]()
    if known is not None:
        filled, notes = fill_attributes(package, table, known.customer)
    log_here = len(log.rows) <= LONGEST_LOG
    run = Run(found, source, now, __version__, log_here=log_here, attributes_here=filled)
    done = _write(package, run, target, progress, replace_log=True)
    done.notes.extend([*said, *notes])
    return done


def _read_attributes(request: Request, progress: Progress) -> pd.DataFrame:
    """The file of attributes as a table of cells; an empty one when there is none."""
    if request.attributes is None:
        return pd.DataFrame()
    progress(f"Reading {request.attributes.name}")
    return read_table(request.attributes).frame


def _customer_of(table: pd.DataFrame, columns: Mapping[str, str] | None) -> Mapping[str, str]:
    """The user's name for the column of customers, where the attributes have a column of that name, too."""
    named = (columns or {}).get("customer", "")
    return {"customer": named} if named in table.columns else {}


def _refit_workbook(package: Package, request: Request, now: dt.datetime, progress: Progress) -> Done:
    target = request.output or request.source
    if request.output is not None:
        _check_target(target, request.overwrite)
    else:
        _refuse_if_open(target)
    if request.attributes is not None:
        raise InputError("--attributes goes with a log file; in a workbook paste them on its sheet Attributes.")
    typed = read_workbook(package)
    settings = typed.settings.override(request.settings or {})
    log = read_rows(typed.log, typed.first_row, settings, request.columns or typed.columns, now)
    known = read_attribute_cells(typed.attributes, settings.known_at_acquisition)
    found = refit(log, settings, progress, known, typed.channel_costs)
    run = Run(found, request.source.name, now, __version__, attributes_here=typed.attributes_here)
    changed = typed_over(package)
    done = _write(package, run, target, progress, replace_log=False)
    if changed:
        done.notes.append(f"Figures that had been typed over since the last refit were replaced: {', '.join(changed)}.")
    return done


def read_rows(
    frame: pd.DataFrame, first_row: int, settings: Settings, columns: Mapping[str, str] | None, now: dt.datetime
) -> Log:
    """A log from its rows under the settings; without a stated observation end, rows dated after today are refused."""
    log = read_log(
        frame,
        columns=columns,
        date_order=settings.date_order,
        decimal_mark={"auto": "auto", "point": ".", "comma": ","}[settings.decimal_mark],
        observation_end=settings.observation_end,
        zero_days_count=settings.zero_days == "count",
        duplicates=settings.duplicates,
        first_row=first_row,
    )
    if not log.stated and log.observation_end > now.date():
        late = log.rows[log.rows["date"] > pd.Timestamp(now.date())]
        first = late.iloc[0]
        raise InputError(
            f"row {first.source_row}: dated {first.date.date()}, after today ({now.date()}); {len(late):,} such rows. "
            "Correct them, or state the observation end (sheet Settings, or --observation-end 2024-12-31) to set later "
            "rows aside."
        )
    return log


def _write(package: Package, run: Run, target: Path, progress: Progress, *, replace_log: bool) -> Done:
    progress(f"Writing {target.name}")
    kept = fill(package, run, replace_log=replace_log)
    if kept.lost:
        kept.notes.append(keep_beside(kept.lost, target, run.made_at))
    package.save(target)
    return Done(target, run, kept.notes)


def keep_beside(lost: list[dict[str, Any]], target: Path, now: dt.datetime) -> str:
    """Write the user's entries for customers who are gone to a file beside the workbook, before it is replaced."""
    beside = target.with_name(f"{target.stem} - entries without a customer {now:%Y-%m-%d %H%M%S}.csv")
    try:
        pd.DataFrame(lost).to_csv(beside, index=False)
    except OSError as problem:
        raise InputError(
            f"{beside}: cannot be written ({problem.strerror}), so entries for customers who are gone cannot be kept."
        ) from None
    return (
        f"Your own columns on Customers had entries for {len(lost):,} customers who are no longer in the log; they are "
        f"kept in {beside}."
    )


def _check_target(target: Path, overwrite: bool) -> None:
    """Refuse early what saving would refuse late."""
    if target.suffix.lower() != ".xlsx":
        raise InputError(f"{target}: the output is an Excel workbook; give it a name that ends in .xlsx.")
    if not target.parent.is_dir():
        raise InputError(f"{target}: there is no folder {target.parent}; create it or name another.")
    if target.exists() and not overwrite:
        raise InputError(f"{target} exists already. Choose another name with --output, or replace it with --overwrite.")
    _refuse_if_open(target)


def _refuse_if_open(target: Path) -> None:
    if is_open_elsewhere(target):
        raise InputError(f"{target}: the workbook is open in Excel; close it there first, or use --output.")
