"""Checks of covariates before a fit: each refusal names the covariate and says what to do."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from pyfuncs.errors import InputError, InsufficientDataError
from pyfuncs.models.arrays import FloatArray

_SAME = 1e-7  # share of a covariate's spread that others must leave unexplained


def check_covariates(x: FloatArray, z: ArrayLike, names: Sequence[str]) -> FloatArray:
    """Covariates as an (n, k) array of finite numbers, none constant or a combination of others, or InputError.

    Raises InsufficientDataError for fewer repeat buyers (x > 0) than parameters, and for a covariate with two values
    where customers with one of them never bought again.
    """
    found = np.array(z, dtype=float)
    if found.ndim != 2 or found.shape != (x.size, len(names)) or not names:
        raise InputError(f"covariates: {found.shape} values for {x.size} customers and {len(names)} names.")
    for name, column in zip(names, found.T, strict=True):
        _check_column(name, column)
    _refuse_combinations(found, names)
    parameters, buyers = 4 + 2 * len(names), int(np.count_nonzero(x))
    if buyers < parameters:
        raise InsufficientDataError(
            f"{buyers} of {x.size} customers bought again, and {len(names)} covariates make {parameters} parameters: "
            "give fewer covariates, or more customers."
        )
    for name, column in zip(names, found.T, strict=True):
        _require_buyers(name, column, x)
    return found


def _check_column(name: str, column: FloatArray) -> None:
    bad = ~np.isfinite(column)
    if bad.any():
        raise InputError(
            f'covariate "{name}": row {int(np.argmax(bad)) + 1} has no number; {int(bad.sum())} rows affected. '
            "Fill them in, or leave out the covariate or these customers."
        )
    if np.ptp(column) <= _SAME * np.abs(column).max():
        raise InputError(f'covariate "{name}": it is {column[0]:g} for every customer; leave it out.')


def _refuse_combinations(z: FloatArray, names: Sequence[str]) -> None:
    scaled = (z - z.mean(axis=0)) / z.std(axis=0)
    for i in range(1, len(names)):
        before, column = scaled[:, :i], scaled[:, i]
        weights = np.linalg.lstsq(before, column, rcond=None)[0]
        if np.sqrt(np.mean((column - before @ weights) ** 2)) < _SAME:
            others = ", ".join(f'"{names[j]}"' for j in np.flatnonzero(np.abs(weights) > _SAME).tolist())
            raise InputError(
                f'covariate "{names[i]}": it follows exactly from {others}, so their effects cannot be told apart; '
                "leave one of them out."
            )


def _require_buyers(name: str, column: FloatArray, x: FloatArray) -> None:
    low, high = column.min(), column.max()
    if not ((column == low) | (column == high)).all():
        return
    for value in (low, high):
        group = column == value
        if not (x[group] > 0).any():
            raise InsufficientDataError(
                f'covariate "{name}": none of the {int(group.sum())} customers where it is {value:g} bought again, so '
                "its effects cannot be told; leave it out, or merge the level with another."
            )
