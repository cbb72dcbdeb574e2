"""Write every generated file, or compare: ``python -m pyfuncs.publish [--check]``."""

import sys
import tempfile
from pathlib import Path

from pyfuncs.publish.reference import insert, reference
from pyfuncs.publish.sample import sample_transactions
from pyfuncs.workbook.build import build
from pyfuncs.workbook.layout import SHEETS

ROOT = Path(__file__).parents[2]


def generated(root: Path = ROOT) -> dict[Path, bytes]:
    """Every generated file of the repository with the bytes it must hold."""
    readme = root / "README.md"
    return {
        root / "templates" / "focal_template.xlsx": _template(),
        root / "templates" / "sample_transactions.csv": sample_transactions().encode(),
        readme: insert(readme.read_text(encoding="utf-8"), reference()).encode(),
    }


def stale(root: Path = ROOT) -> list[Path]:
    """Generated files that are missing or differ from what would be written."""
    return [path for path, content in generated(root).items() if not path.is_file() or path.read_bytes() != content]


def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        build(SHEETS, path)
        return path.read_bytes()


def main(arguments: list[str]) -> int:
    """Write the files, or with --check name those that are out of date; returns the exit status."""
    if arguments == ["--check"]:
        for path in stale():
            print(f"{path.relative_to(ROOT)} is out of date; run: python -m pyfuncs.publish")
        return 1 if stale() else 0
    if arguments:
        print("usage: python -m pyfuncs.publish [--check]", file=sys.stderr)
        return 2
    for path in stale():
        path.write_bytes(generated()[path])
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
