"""Write every generated file, or compare: ``python -m pyfuncs.publish [--check]``."""

import sys
import tempfile
from pathlib import Path

from pyfuncs.publish.addin import addin
from pyfuncs.publish.help_page import help_page
from pyfuncs.publish.reference import insert, reference
from pyfuncs.publish.ribbon import ribbon
from pyfuncs.publish.sample import sample_transactions
from pyfuncs.publish.vba import MODULE, functions_module
from pyfuncs.workbook.build import build
from pyfuncs.workbook.layout import SHEETS

ROOT = Path(__file__).parents[2]


def generated(root: Path = ROOT) -> dict[Path, bytes]:
    """Every generated file of the repository with the bytes it must hold."""
    readme = root / "README.md"
    reference_in_readme = insert(readme.read_text(encoding="utf-8"), reference()).encode()
    functions, tab = functions_module(), ribbon()
    sources = _hand_written(root) | {MODULE: functions}
    return {
        root / "templates" / "focal_template.xlsx": _template(),
        root / "templates" / "sample_transactions.csv": sample_transactions().encode(),
        root / "addin" / "vba" / f"{MODULE}.bas": functions.encode(),
        root / "addin" / "ribbon.xml": tab.encode(),
        root / "addin" / "help.html": help_page().encode(),
        root / "addin" / "Focal.xlam": addin(sources, tab),
        readme: reference_in_readme,
    }


def stale(root: Path = ROOT) -> list[Path]:
    """Generated files that are missing or differ from what would be written."""
    return [path for path, content in generated(root).items() if not _holds(path, content)]


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _hand_written(root: Path) -> dict[str, str]:
    """The VBA modules written by hand, by name."""
    paths = sorted((root / "addin" / "vba").glob("*.bas"))
    return {path.stem: path.read_text(encoding="ascii") for path in paths if path.stem != MODULE}


def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        build(SHEETS, path)
        return path.read_bytes()


def main(arguments: list[str]) -> int:
    """Write the files, or with --check name those that are out of date; returns the exit status."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m pyfuncs.publish [--check]", file=sys.stderr)
        return 2
    out_of_date = {path: content for path, content in generated().items() if not _holds(path, content)}
    for path, content in out_of_date.items():
        if arguments:
            print(f"{path.relative_to(ROOT)} is out of date; run: python -m pyfuncs.publish")
        else:
            path.write_bytes(content)
            print(f"wrote {path.relative_to(ROOT)}")
    return 1 if arguments and out_of_date else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
