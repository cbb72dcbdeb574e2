"""What stood where a refit wrote, so that everything can be put back when it fails half way."""

from collections.abc import Callable
from typing import Any

from pyfuncs.hosts.excel import grids


class Journal:
    """Steps back, newest last."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] = []

    def before_writing(self, cells: Any) -> None:
        """Remember a range that is about to be overwritten."""
        rows = grids.contents(cells)
        self._steps.append(lambda: grids.write(cells, rows))

    def before(self, undo: Callable[[], None]) -> None:
        """Remember any other change by what undoes it."""
        self._steps.append(undo)

    def undo(self) -> None:
        """Take everything back, newest first."""
        while self._steps:
            self._steps.pop()()
