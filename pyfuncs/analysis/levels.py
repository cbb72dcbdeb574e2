"""What the level of an interval means: the share of cases it is meant to hold, as a fraction."""

from pyfuncs.errors import InputError


def checked_level(level: float) -> float:
    """A level of an interval, or `InputError` when it is not between 0 and 1."""
    if not 0.0 < level < 1.0:
        raise InputError(f"level: {level} is not between 0 and 1; 90 % is 0.9.")
    return level


def tails_of(level: float) -> tuple[float, float]:
    """The quantiles between which an interval of that level lies."""
    checked_level(level)
    return (1.0 - level) / 2.0, (1.0 + level) / 2.0


def standard_errors_of(level: float) -> float:
    """How many standard errors a normal interval of that level reaches either way."""
    return normal_quantile(tails_of(level)[1])


def normal_quantile(probability: float) -> float:
    """The point below which a standard normal number lies with a probability, 0 < probability < 1."""
    from statistics import NormalDist  # brings the decimals and fractions, for which no other formula waits

    return NormalDist().inv_cdf(probability)
