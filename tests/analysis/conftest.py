"""CDNOW as lifetimes packages it: the 1/10 sample and the whole cohort, read from its files without importing it."""

import datetime as dt
import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from pyfuncs.analysis.histories import histories
from pyfuncs.analysis.log import read_log

CDNOW_END = dt.date(1998, 6, 30)
CDNOW_SPLIT = dt.date(1997, 9, 30)


def read_cdnow(name, columns, skiprows=0):
    package = importlib.util.find_spec("lifetimes")
    path = Path(package.origin).parent / "datasets" / name
    texts = {"customer_id": "str", "date": "str"}
    table = pd.read_csv(path, sep=r"\s+", header=None, skiprows=skiprows, names=columns, dtype=texts)
    table["date"] = pd.to_datetime(table["date"], format="%Y%m%d")
    return read_log(table[["customer_id", "date", "amount"]], observation_end=CDNOW_END)


@pytest.fixture(scope="session")
def cdnow_sample():
    """6,919 rows of 2,357 customers."""
    return read_cdnow("CDNOW_sample.txt", ["master", "customer_id", "date", "cds", "amount"])


@pytest.fixture(scope="session")
def cdnow_full():
    """69,659 rows of 23,570 customers."""
    return read_cdnow("CDNOW_master.txt", ["customer_id", "date", "cds", "amount"], skiprows=1)


@pytest.fixture(scope="session")
def cdnow_customers(cdnow_sample):
    """Histories of the sample over the 39 weeks of calibration, as the published fits use them."""
    return histories(cdnow_sample, "week", CDNOW_SPLIT)
