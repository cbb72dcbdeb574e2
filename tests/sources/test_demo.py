import subprocess
import sys

import pytest

from pyfuncs.errors import InputError
from pyfuncs.sources import demo


def test_the_cdnow_sample_is_read_whole():
    table = demo.cdnow()
    assert table.frame.shape == (6919, 4)
    assert table.frame.columns.tolist() == ["customer_id", "date", "quantity", "amount"]
    assert table.frame["customer_id"].nunique() == 2357  # Fader and Hardie: the 1/10 sample
    assert table.frame.iloc[0].tolist() == ["1", "19970101", "2", "29.33"]
    assert table.frame.iloc[-1]["customer_id"] == "2357"
    assert round(table.frame["amount"].astype(float).sum(), 2) == 244091.94


def test_reading_it_does_not_import_lifetimes():
    code = "import sys; from pyfuncs.sources.demo import cdnow; cdnow(); print('lifetimes' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )


def test_without_lifetimes_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(demo.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="not installed; install Focal again"):
        demo.cdnow()


def test_without_the_file_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(demo, "CDNOW_NAME", "gone.txt")
    with pytest.raises(InputError, match=r"gone\.txt: the file is missing"):
        demo.cdnow()
