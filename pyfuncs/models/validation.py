"""Checks at the public doors of the numeric floor; inside, arrays are taken to be valid."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pyfuncs.errors import DomainError, InputError
from pyfuncs.models.arrays import FloatArray

_LARGEST_GROWTH = 600.0  # e^700 is the largest number; the rest is left to the purchases


def require_positive(model: str, **parameters: float) -> None:
    """Raise DomainError unless every parameter is a finite number above 0."""
    for name, value in parameters.items():
        if not (math.isfinite(value) and value > 0):
            raise DomainError(f"{model}: {name} must be a finite number above 0, got {value!r}.")


def require_finite_purchases(model: str, delta: float, t: float, **shape: float) -> None:
    """Raise DomainError where purchases in (0, t] discounted at delta have no sum, or none that a number can hold.

    `shape` is the parameter that makes lifetimes end soon enough when it is above 1, by its name.
    """
    ((name, value),) = shape.items()
    if not math.isfinite(t) and (delta < 0 or (delta == 0 and value <= 1)):
        raise DomainError(
            f"{model}: without a horizon and without discounting the expected purchases are infinite "
            f"({name} = {value:.4g} is not above 1); state a horizon or a discount rate above 0."
        )
    if delta < 0 and -delta * t > _LARGEST_GROWTH:
        raise DomainError(
            f"{model}: at a discount rate of {delta:.4g} a period, {t:.4g} periods ahead weigh more than a number can "
            "hold; state a shorter horizon or a higher rate."
        )


def check_histories(x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The three columns as float arrays of one length, or InputError.

    Domain: finite; x whole and >= 0; 0 <= t_x <= T. The message names the first offending row and how many.
    """
    arrays = _columns(frequency=x, recency=t_x, T=T)
    x_, t_x_, T_ = arrays["frequency"], arrays["recency"], arrays["T"]
    for name, values in arrays.items():
        _reject(~np.isfinite(values), f"{name} is not a finite number", arrays)
    _reject(x_ < 0, "frequency is below 0", arrays)
    _reject(x_ != np.rint(x_), "frequency is not a whole number", arrays)
    _reject(t_x_ < 0, "recency is below 0", arrays)
    _reject(t_x_ > T_, "recency exceeds T", arrays)
    _reject((x_ == 0) & (t_x_ > 0), "recency (first to last purchase) is above 0 without a repeat", arrays)
    return x_, t_x_, T_


def check_opportunities(x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Histories counted in whole opportunities, or InputError: x <= t_x besides what `check_histories` asks for."""
    x_, t_x_, T_ = check_histories(x, t_x, T)
    arrays = {"frequency": x_, "recency": t_x_, "T": T_}
    split = (t_x_ != np.rint(t_x_)) | (np.rint(T_) != T_)
    _reject(split, "BG/BB counts whole opportunities, and recency or T is not a whole number", arrays)
    _reject(x_ > t_x_, "more purchases than opportunities up to the last of them", arrays)
    return x_, t_x_, T_


def check_spend(x: ArrayLike, m: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Frequency and mean spend as float arrays, or InputError; the mean may be blank (nan) and is not read at x = 0."""
    arrays = _columns(frequency=x, monetary_value=m)
    x_, m_ = arrays["frequency"], arrays["monetary_value"]
    _reject(~np.isfinite(x_), "frequency is not a finite number", arrays)
    _reject(x_ < 0, "frequency is below 0", arrays)
    _reject(np.isinf(m_), "monetary_value is not a finite number", arrays)
    _reject((x_ > 0) & (m_ < 0), "monetary_value is below 0", arrays)
    return x_, m_


def _columns(**columns: ArrayLike) -> dict[str, FloatArray]:
    arrays: dict[str, FloatArray] = {}
    for name, values in columns.items():
        try:
            arrays[name] = np.ascontiguousarray(values, dtype=float).reshape(-1)
        except (TypeError, ValueError) as error:
            raise InputError(f"{name} holds something that is not a number: {error}.") from None
    sizes = {name: values.size for name, values in arrays.items()}
    if len(set(sizes.values())) > 1:
        raise InputError("columns differ in length: " + ", ".join(f"{k} {v}" for k, v in sizes.items()) + ".")
    return arrays


def _reject(bad: NDArray[np.bool_], what: str, arrays: dict[str, FloatArray]) -> None:
    if not bad.any():
        return
    first, many = int(np.argmax(bad)), int(bad.sum())
    values = ", ".join(f"{name} {column[first]:g}" for name, column in arrays.items())
    raise InputError(f"row {first + 1}: {what} ({values}); {many} row{'s' if many > 1 else ''} affected.")
