"""Make the tables of references: five models, 2,000 cases each, by mpmath at 50 digits.

    python -m tests.models.references.make                        (all; from the root of the repository)
    python -m tests.models.references.make "BG/NBD" BG/BB         (some)

About 17 minutes of CPU. The integrals check themselves (beta_mean), and every 97th case that is not far is worked out
again in a second way (second) to 15 digits: a difference ends the program. Times, counts and parameters are exact as
written; values have 17 digits.
"""

import csv
import sys
from pathlib import Path
from typing import Any

import mpmath as mp

from . import definitions, second
from .grid import PARAMETERS, Row, is_far, rows

FOLDER = Path(__file__).parent
DIGITS = 50
CHECK_EVERY = 97
CHECK_DIGITS = 30
FUNCTIONS = {
    "BG/NBD": "bgnbd",
    "MBG/NBD": "mbgnbd",
    "Pareto/NBD": "pareto_nbd",
    "BG/BB": "bgbb",
    "Gamma-Gamma": "gamma_gamma",
}
QUANTITIES = (
    "log_likelihood",
    "p_alive",
    "expected_purchases",
    "discounted_to_t",
    "discounted",
    "p_no_purchase",
    "probability_of_count",
)
SPEND_QUANTITIES = ("log_likelihood", "expected_spend")


def path(name: str) -> Path:
    return FOLDER / f"{FUNCTIONS[name]}.csv"


def evaluate(module: Any, name: str, row: Row) -> dict[str, Any]:
    """The quantities of one case, by the definitions or by the second representations."""
    exact = {key: mp.mpf(value) if isinstance(value, float) else value for key, value in row.items()}
    parameters = {key: exact.pop(key) for key in PARAMETERS[name]}
    return dict(getattr(module, FUNCTIONS[name])(parameters, **exact))


def check(name: str, row: Row, values: dict[str, Any]) -> None:
    with mp.workdps(CHECK_DIGITS):
        again = evaluate(second, name, row)
        for quantity, value in values.items():
            size = max(abs(value), 1e-10) if quantity == "log_likelihood" else abs(value)
            if abs(again[quantity] - value) > 1e-15 * size:
                raise ArithmeticError(f"{name} {row}: {quantity} is {value} or {again[quantity]}.")


def make(name: str) -> None:
    quantities = SPEND_QUANTITIES if name == "Gamma-Gamma" else QUANTITIES
    with path(name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, row in enumerate(rows(name)):
            if number == 0:
                writer.writerow([*row, *quantities])
            values = evaluate(definitions, name, row)
            if number % CHECK_EVERY == 0 and not is_far(number):
                check(name, row, values)
            digits = [mp.nstr(values[q], 17) if q in values else "" for q in quantities]
            writer.writerow([*row.values(), *digits])


if __name__ == "__main__":
    mp.mp.dps = DIGITS
    for chosen in sys.argv[1:] or PARAMETERS:
        make(chosen)
        print(chosen, "done", flush=True)
