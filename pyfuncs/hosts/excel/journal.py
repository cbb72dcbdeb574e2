"""What stood where a refit wrote, so that everything can be put back when it fails half way."""

from collections.abc import Callable
from typing import Any

from pyfuncs.hosts.excel import grids
from pyfuncs.workbook.cells import CellValue


class Journal:
    """Steps back, newest last."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] = []

    def before_writing(self, cells: Any, rows: list[list[CellValue]]) -> None:
        """Remember the contents of a range that is about to be overwritten."""
        self._steps.append(lambda: grids.write(cells, rows))

    def before(self, undo: Callable[[], None]) -> None:
        """Remember any other change by what undoes it."""
        self._steps.append(undo)

    def undo(self) -> None:
        """Take everything back, newest first; a step that fails is reported after the others."""
        problems: list[Exception] = []
        while self._steps:
            try:
                self._steps.pop()()
            except Exception as problem:  # whatever Excel refuses
                problems.append(problem)
        if problems:
            raise problems[0]
