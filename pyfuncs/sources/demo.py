"""The demonstration log: the CDNOW sample that the lifetimes package carries."""

import importlib.util
from pathlib import Path

import pandas as pd

from pyfuncs.errors import InputError
from pyfuncs.sources.raw_table import RawTable

CDNOW_NAME = "CDNOW_sample.txt"


def cdnow() -> RawTable:
    """CD purchases of a tenth of the customers who joined CDNOW in the first quarter of 1997, to the end of June 1998.

    Columns customer_id, date (YYYYMMDD), quantity and amount (US dollars), as text; 6,919 rows, 2,357 customers.  The
    customer number is that of the sample (1 to 2357), not that of the whole file.  Read from the text file itself:
    importing lifetimes costs seconds, and its own loaders need a module that current Python packages no longer have.

    Raises InputError when lifetimes or its file is not installed.  Source: Fader and Hardie, brucehardie.com.
    """
    spec = importlib.util.find_spec("lifetimes")
    if spec is None or spec.origin is None:
        raise InputError(
            "lifetimes: the package is not installed; install Focal again (python -m pip install focal-clv)."
        )
    try:
        text = (Path(spec.origin).parent / "datasets" / CDNOW_NAME).read_text(encoding="utf-8")
    except OSError:
        raise InputError(f"{CDNOW_NAME}: the file is missing from lifetimes; install lifetimes again.") from None
    records = [line.split()[1:] for line in text.splitlines() if line.strip()]
    frame = pd.DataFrame(records, columns=["customer_id", "date", "quantity", "amount"], dtype="str")
    frame["customer_id"] = frame["customer_id"].str.lstrip("0")
    return RawTable(frame, CDNOW_NAME, first_row=1)
