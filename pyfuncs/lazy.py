"""Packages that load when something of theirs is first asked for, so that the first formula need not wait for them.

`from pyfuncs.lazy import pandas as pd` stands for `import pandas as pd` where every formula goes
through.  Annotations are not evaluated there (`from __future__ import annotations`): they would ask for something.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["pandas"]


class _Lazy(ModuleType):
    """Stands in for a module of the same name, which is imported when an attribute is first missing here."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self.__name__), name)
        setattr(self, name, found)  # from now on found here, without a call
        return found


if TYPE_CHECKING:
    import pandas
else:
    pandas = _Lazy("pandas")
