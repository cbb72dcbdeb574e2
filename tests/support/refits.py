"""Refits that are looked up where the same log was refitted under the same settings: for tests of what becomes of one.

    from tests.support.refits import refitted_once  # noqa: F401  (a fixture)
    pytestmark = pytest.mark.usefixtures("refitted_once")

A module's first refit of a kind is real, and so is each one outside its tests, as in fixtures of a wider scope.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pyfuncs.analysis.refit import refit
from pyfuncs.hosts import headless
from pyfuncs.hosts.excel import refit as in_excel

Progress = Callable[[str], None]


@pytest.fixture(scope="module")
def refits() -> dict[tuple[str, ...], tuple[Any, list[str]]]:
    """The refits so far, with the progress they told."""
    return {}


@pytest.fixture
def refitted_once(refits: dict[tuple[str, ...], tuple[Any, list[str]]]) -> Iterator[None]:
    """Both hosts take a refit that was there from `refits`."""

    def found(log: Any, settings: Any, progress: Progress, attributes: Any = None, *beside: Any) -> Any:
        known = "" if attributes is None else attributes.cells.to_csv()
        told = repr((settings, log.observation_end, log.columns, log.statements, beside))
        key = told, log.rows.to_csv(), known
        if key not in refits:
            said: list[str] = []
            refits[key] = refit(log, settings, said.append, attributes, *beside), said
        answer, said = refits[key]
        for message in said:
            progress(message)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_excel, "refit_log", found)
        patch.setattr(headless, "refit", found)
        yield
