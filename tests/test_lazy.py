"""pandas as the modules on the way of the first formula have it."""

import subprocess
import sys

import pandas
import pytest

from pyfuncs import lazy


def test_what_is_asked_for_is_that_of_the_package_itself():
    assert lazy.pandas.DataFrame is pandas.DataFrame
    assert lazy.pandas.NaT is pandas.NaT


def test_what_the_package_has_not_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'nothing_of_the_kind'"):
        _ = lazy.pandas.nothing_of_the_kind


def test_it_loads_when_asked_and_stands_in_nobody_elses_way():
    code = (
        "import sys; from pyfuncs.lazy import pandas as pd; before = 'pandas' in sys.modules\n"
        "import pandas; print(before, pandas is pd, pd.Series is pandas.Series)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False True"
