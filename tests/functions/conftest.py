"""CDNOW's 1/10 sample as cells: the log as Excel holds it, with a header row and real dates."""

import datetime as dt
import importlib.util
from pathlib import Path

import pytest

CDNOW_SPLIT = dt.datetime(1997, 9, 30)
CDNOW_END = dt.datetime(1998, 6, 30)


@pytest.fixture(scope="session")
def cdnow_log():
    """6,919 transactions of 2,357 customers: a grid of customer_id, date, amount."""
    package = importlib.util.find_spec("lifetimes")
    lines = (Path(package.origin).parent / "datasets" / "CDNOW_sample.txt").read_text().split("\n")
    rows = [line.split() for line in lines if line.strip()]
    return [
        ["customer_id", "date", "amount"],
        *([row[1], dt.datetime.strptime(row[2], "%Y%m%d"), float(row[4])] for row in rows),
    ]


@pytest.fixture(scope="session")
def cdnow_customers(cdnow_log):
    """Its customers over the 39 weeks of calibration, as CLV_RFM spills them."""
    from pyfuncs.functions import CATALOGUE

    return CATALOGUE["CLV_RFM"](cdnow_log, CDNOW_SPLIT)
