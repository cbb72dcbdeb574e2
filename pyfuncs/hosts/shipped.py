"""Files that come with Focal beside its code: the template, and what Excel loads."""

import importlib.resources
from pathlib import Path


def shipped(folder: str, name: str) -> Path:
    """A file of such a folder: inside the installed package, or beside it in a checkout."""
    installed = Path(str(importlib.resources.files("pyfuncs"))) / folder / name
    return installed if installed.is_file() else Path(__file__).parents[2] / folder / name
