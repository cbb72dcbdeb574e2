"""The controls of a filled workbook: stamp, checks, what the inputs were, which customers are re-performed."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from pyfuncs.analysis.assumptions import SETTINGS
from pyfuncs.analysis.refit import Refit
from pyfuncs.workbook import twins
from pyfuncs.workbook.cell_runs import sliceable, utf8
from pyfuncs.workbook.cells import serials
from pyfuncs.workbook.reperformed import Reperformed, reperform
from pyfuncs.workbook.rules import FAIL, OK, RULES, Check

UP_TO_DATE = "Up to date"


@dataclass(frozen=True, eq=False)
class Run:
    """A refit and its circumstances: where the log came from, when, by which version, and how the workbook holds it.

    `made_at` is a clock time in UTC; `log_here` is False when the log is too long for a sheet; `attributes_here` counts
    the filled cells of Attributes.
    """

    refit: Refit
    source: str
    made_at: dt.datetime
    version: str
    log_here: bool = True
    attributes_here: int = 0

    @cached_property
    def segments(self) -> pd.DataFrame:
        """The segment summary: Focal, Borderline, Core, Light, All."""
        return twins.segment_summary(self.refit.customers)

    @cached_property
    def reperformed(self) -> Reperformed:
        """The re-performance of the sampled customers."""
        return reperform(self.refit)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The results of all checks, in the order of the sheet."""
        return tuple(rule.examine(self) for rule in RULES)

    @property
    def master_check(self) -> str:
        """OK, or the first check that fails and how many more do."""
        failed = [check.name for check in self.checks if check.verdict == FAIL]
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        return f"FAIL: {failed[0]}{more}" if failed else OK

    @cached_property
    def transactions(self) -> dict[str, Any]:
        """The columns of Transactions: what was read, and the text as found where a cell could not be understood."""
        return _transactions(self.refit)

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that change with any row of the log."""
        rows = self.refit.log.rows
        digest = hashlib.sha256()
        for column in ("customer_id", "status"):
            texts = sliceable(rows[column], date1904=False)
            digest.update(pc.fill_null(pc.binary_length(texts), -1).to_numpy().tobytes())
            digest.update(utf8(pc.fill_null(texts, "")))
        for column in ("date", "amount"):
            digest.update(rows[column].to_numpy().tobytes())
        return digest.hexdigest()[:12]

    @property
    def made_at_text(self) -> str:
        """The time of the refit in words."""
        return f"{self.made_at:%Y-%m-%d %H:%M} UTC"

    @property
    def parameters_in_words(self) -> str:
        """The parameters of the purchase model, four significant digits."""
        model = self.refit.fitted.purchases
        return ", ".join(f"{name} {getattr(model, name):.4g}" for name in model.__slots__)

    @property
    def spend_in_words(self) -> str:
        """The spend model and its parameters."""
        refit = self.refit
        if refit.spend_model == "Gamma-Gamma":
            spend: Any = refit.fitted.spend
            return f"Gamma-Gamma p {spend.p:.4g}, q {spend.q:.4g}, v {spend.v:.4g}"
        return f"mean {refit.spend_mean:.6g}" if refit.spend_model == "mean" else "no amounts in the log"

    @property
    def model_in_words(self) -> str:
        """Both models with their parameters."""
        return f"{self.refit.fitted.purchases.name} ({self.parameters_in_words}); {self.spend_in_words}"

    @property
    def stamp(self) -> str:
        """One line that says which run every figure belongs to."""
        rows = len(self.refit.log.rows)
        return (
            f"{self.source}, {rows:,} rows, fingerprint {self.fingerprint}; observed until "
            f"{self.refit.log.observation_end}; {self.refit.fitted.purchases.name} ({self.parameters_in_words}); "
            f"Focal {self.version}, {self.made_at_text}"
        )


def rule_in_words(refit: Refit) -> str:
    """The focal rule as a sentence."""
    settings = refit.settings
    rules = {
        "top share": f"the top {settings.focal_threshold * 100:.4g} % of customers by value",
        "value share": f"the fewest customers who hold {settings.focal_threshold * 100:.4g} % of all value",
        "budget": f"as many of the most valuable as a budget of {settings.focal_threshold:,.0f} pays for at "
        f"{settings.focal_cost or 0:,.2f} each",
        "break-even": f"all whose value is at least the {settings.focal_cost or 0:,.2f} of treating them as focal",
    }
    return (
        f"The rule picks {rules[settings.focal_rule]}. Focal: picked, and truly so with more than 80 % probability. "
        "Borderline: chance decides. Core and Light: the upper and the lower half of the rest by value."
    )


def inputs(run: Run) -> list[Any]:
    """The inputs as cells hold them: every setting, totals of Transactions, Attributes and the margins of products."""
    settings = run.refit.settings.as_dict()
    bought = run.refit.products
    margins = [] if isinstance(bought, str) else list(bought.margins.values())
    totals = (*log_totals(run), run.attributes_here, len(margins), sum(margins))
    return [*(settings[setting.name] for setting in SETTINGS), *totals]


def log_totals(run: Run) -> list[float]:
    """Counts and sums over the Transactions table as it is written; zeros where the log is not in the workbook."""
    if not run.log_here:
        return [0.0] * 6
    dates, amounts = _days(run.refit), run.refit.log.rows["amount"].to_numpy()
    return [*_names(run.transactions["customer"]), *_numbers(dates), *_numbers(amounts)]


def _names(column: pd.Series) -> tuple[int, int]:
    """How many cells hold text, and the length of all texts as Excel counts it: 2 for a character beyond U+FFFF."""
    texts = sliceable(column, date1904=False)
    beyond = pc.count_substring_regex(texts, r"[\x{10000}-\x{10FFFF}]")
    counts = (pc.greater(pc.binary_length(texts), 0), pc.utf8_length(texts), beyond)
    filled, characters, more = (int(pc.sum(count, min_count=0).as_py()) for count in counts)
    return filled, characters + more


def _numbers(column: npt.NDArray[np.float64]) -> tuple[int, float]:
    """How many cells hold a number, and the sum of the numbers."""
    numbers = column[~np.isnan(column)]
    return len(numbers), float(np.sum(numbers))


def _days(refit: Refit) -> npt.NDArray[np.float64]:
    return serials(refit.log.rows["date"].to_numpy(), date1904=False)


def _transactions(refit: Refit) -> dict[str, Any]:
    rows = refit.log.rows
    empty = np.full(len(rows), np.nan)
    columns = {
        "customer": rows["customer_id"].fillna(rows["customer_text"]),
        "date": _or_texts(_days(refit), rows["date_text"]),
        "amount": _or_texts(rows["amount"].to_numpy(), rows["amount_text"]) if refit.log.has_amounts else empty,
    }
    for role in ("product", "channel"):
        columns[role] = rows.get(role, empty)
    return columns | {"status": rows["status"]}


def _or_texts(numbers: npt.NDArray[np.float64], texts: pd.Series) -> npt.NDArray[Any]:
    """Numbers, or where there is none the text as found, or nothing."""
    found = np.isnan(numbers) & texts.notna().to_numpy()
    if not found.any():
        return numbers
    cells = numbers.astype(object)
    cells[found] = texts.to_numpy(dtype=object)[found]
    return cells
