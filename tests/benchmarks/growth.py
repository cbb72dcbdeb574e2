"""How the cost of Focal's own steps grows with the number of customers."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from tests.benchmarks import scores
from tests.benchmarks.fits import FITTERS, focal, focal_spend
from tests.benchmarks.logs import focal_histories
from tests.benchmarks.measuring import Cost, Effort, Side, Work, side_by_side
from tests.benchmarks.populations import Base
from tests.benchmarks.report import Report

ROWS_PER_CUSTOMER = 16 / 7
"""Of a simulated log, about."""


def run(report: Report, effort: Effort, customers: Iterable[int]) -> None:
    """Print CPU and peak memory by size, and the power of the size that the cost grew with."""
    sizes = sorted(customers)
    report.section(
        "Growth of cost with size",
        "CPU and peak memory at each number of customers (daily), and the power p of cost ~ customers^p between the",
        "smallest and the largest: 1 is proportional.",
    )
    for step, prepare in steps().items():
        costs = [side_by_side([Side("Focal", partial(prepare, n))], effort)[0] for n in sizes]
        parts = [f"{n:,}: {_cost(cost)}" for n, cost in zip(sizes, costs, strict=True)]
        report.say(f"{step}: {', '.join(parts)}{_power(sizes, costs)}")


def steps() -> Mapping[str, Callable[[int], Work]]:
    """The steps of a refit that depend on the customers, by name."""
    return {
        "transactions to histories": _histories,
        **{f"fit {model}": partial(_fit, model) for model in FITTERS},
        "fit Gamma-Gamma": _spend,
        **{f"value {model}": partial(_value, model) for model in FITTERS},
    }


def _histories(customers: int) -> Work:
    return focal_histories(round(customers * ROWS_PER_CUSTOMER), "text", busy=False)


def _fit(model: str, customers: int) -> Work:
    return focal(model, Base(customers))


def _spend(customers: int) -> Work:
    return focal_spend(Base(customers))


def _value(model: str, customers: int) -> Work:
    return scores.focal_value(model, Base(customers))


def _cost(cost: Cost) -> str:
    return f"{cost.seconds * 1000:.1f} ms" + ("" if cost.memory is None else f" +{cost.memory / 1e6:.1f} MB")


def _power(sizes: Sequence[int], costs: Sequence[Cost]) -> str:
    if len(sizes) < 2:
        return ""
    grown = math.log(costs[-1].seconds / costs[0].seconds) / math.log(sizes[-1] / sizes[0])
    return f"; power {grown:.2f}"
