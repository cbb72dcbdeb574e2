"""What a user types into a workbook."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyfuncs.workbook.cells import column_letters
from pyfuncs.workbook.package import Package


def typed_beside(path: Path, name: str, figures: Mapping[str, Any], target: Path) -> Path:
    """A copy of a workbook with figures typed beside names, in the second column of a table."""
    package = Package.open(path)
    table = package.table(name)
    letters = column_letters(table.first_col + 1)
    for place, (label, *_) in enumerate(package.read_table(name)):
        if label in figures:
            package.write_block(table.sheet, f"{letters}{table.first_row + place}", [[figures[label]]])
    package.save(target)
    return target
