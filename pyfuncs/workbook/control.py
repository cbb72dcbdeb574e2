"""The controls of a filled workbook: stamp, checks, what the inputs were, which customers are re-performed."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from pyfuncs.analysis.log import USED
from pyfuncs.analysis.refit import Refit
from pyfuncs.analysis.settings import SETTINGS
from pyfuncs.workbook import twins

EPOCH = pd.Timestamp("1899-12-30")


@dataclass(frozen=True)
class Check:
    """One check: figure, what it must equal, tolerance (relative to the larger of 1 and that), verdict."""

    name: str
    figure: float
    limit: float
    tolerance: float
    verdict: str


@dataclass(frozen=True, eq=False)
class Run:
    """A refit and its circumstances: where the log came from, when, by which version, and how the workbook holds it.

    `made_at` is a clock time in UTC; `log_here` is False when the log is too long for a sheet; `checks` their results.
    """

    refit: Refit
    source: str
    made_at: dt.datetime
    version: str
    log_here: bool = True
    checks: tuple[Check, ...] = ()

    @property
    def master_check(self) -> str:
        """OK, or the first check that fails and how many more do."""
        failed = [check.name for check in self.checks if check.verdict == "FAIL"]
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        return f"FAIL: {failed[0]}{more}" if failed else "OK"

    @cached_property
    def transactions(self) -> dict[str, list[Any]]:
        """The Transactions table: what was read, and the text as found where a cell could not be understood."""
        return _transactions(self.refit)

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that change with any row of the log."""
        rows = self.refit.log.rows
        hashed = pd.util.hash_pandas_object(rows[["customer_id", "date", "amount", "status"]], index=False).to_numpy()
        return hashlib.sha256(hashed.tobytes()).hexdigest()[:12]

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
    return f"Focal: {rules[settings.focal_rule]}. Core: the upper half of the rest by value. Light: the lower half."


def inputs(run: Run) -> list[Any]:
    """The inputs as cells hold them: every setting, then totals of the Transactions table."""
    settings = run.refit.settings.as_dict()
    return [*(settings[setting.name] for setting in SETTINGS), *log_totals(run)]


def log_totals(run: Run) -> list[float]:
    """Counts and sums over the Transactions table as it is written; zeros where the log is not in the workbook."""
    if not run.log_here:
        return [0.0] * 6
    written = run.transactions
    names = [text for text in written["customer"] if text]
    dates = [cell for cell in written["date"] if isinstance(cell, float)]
    amounts = [cell for cell in written["amount"] if isinstance(cell, float)]
    return [len(names), sum(map(len, names)), len(dates), float(np.sum(dates)), len(amounts), float(np.sum(amounts))]


def _transactions(refit: Refit) -> dict[str, list[Any]]:
    rows = refit.log.rows
    serial = (rows["date"] - EPOCH) / pd.Timedelta(days=1)
    # a day before 1900 is no date to Excel: it is kept as text
    columns = {
        "customer": _cells(rows["customer_id"], rows["customer_text"]),
        "date": _cells(serial.where(serial >= 1), rows["date_text"].where(serial.isna(), rows["date"].astype("str"))),
        "amount": _cells(rows["amount"], rows["amount_text"]) if refit.log.has_amounts else [None] * len(rows),
    }
    for role in ("product", "channel"):
        columns[role] = _cells(rows[role], rows[role]) if role in rows else [None] * len(rows)
    return columns | {"status": rows["status"].tolist()}


def _cells(values: pd.Series, texts: pd.Series) -> list[Any]:
    """Values, or where there is none the text as found, or nothing."""
    found = values.astype(object).where(values.notna(), texts.astype(object))
    return [None if cell is pd.NA or cell is None or cell != cell or cell == "" else cell for cell in found]


def second_differences(refit: Refit) -> list[float]:
    """The largest differences of the second opinion, in the order of the checks."""
    return [float(value) for value in refit.second["difference"]]


def sound(refit: Refit) -> bool:
    """Whether the purchase fit converged away from its bounds."""
    fit = refit.fitted.purchase_fit
    return fit is not None and fit.converged and fit.boundary is None


def figures_and_limits(run: Run, reperformed: tuple[float, float, float]) -> list[tuple[float, float]]:
    """Figure and limit of each check, in the order of the list on the Checks sheet."""
    refit = run.refit
    customers, account, ladder = refit.customers, refit.account, refit.ladder
    total, equity, count = account.iloc[-1], refit.equity, float(len(customers))
    money = refit.log.has_amounts
    used = float(account.loc[account["reason"] == USED, "amount"].iloc[0]) if money else 0.0
    segments = twins.segment_summary(customers)
    discounted, purchases = ladder["discounted_purchases"].iloc[:5], ladder["purchases"].iloc[:5]
    alive = customers["p_alive"]
    return [
        (float(account["rows"].iloc[:-1].sum()), float(total["rows"])),
        (float(account["amount"].iloc[:-1].sum()) if money else 0.0, float(total["amount"]) if money else 0.0),
        (0.0, 0.0),
        (float(customers["total_amount"].sum()) if money else 0.0, used),
        (float(customers["purchases"].sum()), count + float(customers["frequency"].sum())),
        (float(segments["customers"].iloc[:-1].sum()), count),
        (float(segments["value"].iloc[:-1].sum()), equity),
        (float(twins.deciles(customers)["value"].sum()), equity),
        (equity, equity),
        (float(((alive < 0) | (alive > 1)).sum()), 0.0),
        (float((customers["recency"] > customers["T"] + 1e-6).sum()), 0.0),
        (float((customers["value_low"] > customers["value_high"]).sum()), 0.0),
        (float((discounted > purchases + 1e-6).sum()), 0.0),
        (float(refit.undiscounted_below), 0.0),
        *((difference, 0.0) for difference in second_differences(refit)),
        *((difference, 0.0) for difference in reperformed),
        (0.0 if sound(refit) else 1.0, 0.0),
    ]
