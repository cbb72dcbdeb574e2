"""Filling the rich workbook the way a refit does, and the verdict of both checkers on the outcome."""

from pathlib import Path
from typing import Any

import numpy as np

from pyfuncs.workbook.package import Calculated, FillReport, Package
from tests.support.lint import lint
from tests.support.rich_workbook import HEADERS
from tests.support.validator import validate


def refill(path: Path, ids: list[str], target: Path, **options: Any) -> FillReport:
    """Fill the Customers table with the value 1.5 times the place, the user's columns following their key."""
    package = Package.open(path)
    values = np.arange(len(ids)) * 1.5
    seen = np.array(["1997-06-30"] * len(ids), dtype="datetime64[s]")
    columns = dict(zip(HEADERS, (ids, values, seen, Calculated(values * 2)), strict=False))
    report = package.fill_table("customers", columns, len(ids), **{"keep_by": HEADERS[0], **options})
    package.save(target)
    return report


def fill(path: Path, ids: list[str], target: Path | None = None, **options: Any) -> Path:
    """Refill into `target`, or filled.xlsx beside the file, and return where."""
    target = target or path.with_name("filled.xlsx")
    refill(path, ids, target, **options)
    return target


def clean(path: Path) -> bool:
    """Whether neither the lint nor Microsoft's SDK finds anything; fails with what they find."""
    assert lint(path) == []
    assert validate(path) == []
    return True
