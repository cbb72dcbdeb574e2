"""What a test does when a program it needs is not installed."""

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip with the reason on a developer's machine; fail where FOCAL_REQUIRE_PROGRAMS is set, as in CI."""
    if os.environ.get("FOCAL_REQUIRE_PROGRAMS"):
        pytest.fail(what)
    pytest.skip(what)
