"""Fitting by maximum a posteriori: Focal against pymc-marketing on the same histories."""

import warnings
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from tests.benchmarks.fits import focal
from tests.benchmarks.measuring import Effort, Side, Work, side_by_side
from tests.benchmarks.populations import Base
from tests.benchmarks.report import Report

CLASSES = {"BG/NBD": "BetaGeoModel", "MBG/NBD": "ModifiedBetaGeoModel", "Pareto/NBD": "ParetoNBDModel"}
LEAST = {"BG/NBD": 90.0, "Pareto/NBD": 90.0}


def run(report: Report, effort: Effort, customers: Iterable[int]) -> None:
    """Print each model on CDNOW and each number of simulated customers, by day."""
    report.section(
        "Fits by MAP",
        "pymc-marketing fits with method='map' and its own priors; its import and a first fit of CDNOW,",
        "which compiles, are outside.  Focal's is its maximum likelihood fit.  Likelihoods are Focal's exact ones.",
    )
    try:
        import_clv()
    except ImportError:
        report.say("pymc-marketing is not installed: python -m pip install -e '.[benchmark]'")
        return
    for base in (Base(None), *map(Base, sorted(customers))):
        for model in CLASSES:
            _fit(report, effort, model, base)


def _fit(report: Report, effort: Effort, model: str, base: Base) -> None:
    sides = [Side("Focal", partial(focal, model, base)), Side("pymc-marketing", partial(pymc_marketing, model, base))]
    ours, theirs = side_by_side(sides, effort)
    work = f"fit by MAP {model}, {base}"
    report.compare(work, ours, theirs, LEAST.get(model) if base.customers is None else None)
    if ours.failure or theirs.failure:
        return
    h, fitted = base.histories(), ours.result.model
    other = type(fitted)(**theirs.result)
    mine, his = (float(each.log_likelihood(h.x, h.t_x, h.T).sum()) for each in (fitted, other))
    report.likelihood(work, mine, his, theirs.name)


def pymc_marketing(model: str, base: Base) -> Work:
    """pymc-marketing's MAP fit, as its documentation has it, after one of CDNOW."""
    kind = getattr(import_clv(), CLASSES[model])
    _maximum(kind, _frame(Base(None)))
    return partial(_maximum, kind, _frame(base))


def import_clv() -> Any:
    """The CLV models of pymc-marketing, without the warnings of its import."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pymc_marketing import clv
    return clv


def _frame(base: Base) -> pd.DataFrame:
    h = base.histories()
    return pd.DataFrame({"customer_id": np.arange(h.x.size), "frequency": h.x, "recency": h.t_x, "T": h.T})


def _maximum(kind: Any, customers: pd.DataFrame) -> dict[str, float]:
    """Parameters by name at the maximum."""
    model = kind()
    model.fit(data=customers, method="map", progressbar=False)
    posterior = model.idata.posterior
    names = ("r", "alpha", "a", "b") if "a" in posterior else ("r", "alpha", "s", "beta")
    return {name: float(np.squeeze(posterior[name].values)) for name in names}
