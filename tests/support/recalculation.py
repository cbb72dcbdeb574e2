"""Native formulas against the values Python stored with them."""

from pathlib import Path

import pytest

from pyfuncs.workbook.package import Package
from tests.support.libreoffice import Cells, LibreOffice
from tests.support.lint import lint


def differing(cells: Cells, package: Package) -> tuple[int, list[tuple[str, str, object, object]]]:
    """How many formulas were compared, and those that LibreOffice calculates to another value than the stored one."""
    compared, wrong = 0, []
    for sheet, page in cells.items():
        for at, cell in page.items():
            if not cell.formula:
                continue
            compared += 1
            stored = package.read_cell(sheet, at)
            stored = "" if stored is None else stored
            if isinstance(stored, float | int) and isinstance(cell.value, float | int):
                same = cell.value == pytest.approx(stored, rel=1e-9, abs=1e-9)
            else:
                same = str(stored) == str("" if cell.value is None else cell.value)
            if not same:
                wrong.append((sheet, at, stored, cell.error or cell.value))
    return compared, wrong


def checked(libreoffice: LibreOffice, path: Path) -> Package:
    """The package, after proof that its formulas agree, its check is OK and nothing in it shows an error or smells."""
    package = Package.open(path)
    cells = libreoffice.cells(path, texts=False)
    assert [(s, at, c.error) for s, page in cells.items() for at, c in page.items() if c.error] == []
    assert differing(cells, package)[1] == []
    assert package.read_name("MasterCheck") == "OK"
    assert lint(path) == []
    return package
