"""Numbers as words, exactly as the workbook's native formulas spell them."""

from decimal import ROUND_HALF_UP, Decimal


def rounded(number: float, decimals: int) -> Decimal:
    """What Excel's ``ROUND(number, decimals)`` gives: halves away from zero, of the 15 digits that Excel sees."""
    return Decimal(f"{number:.15g}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def fixed(number: float, decimals: int) -> str:
    """What Excel's ``FIXED(number, decimals)`` shows: rounded, with thousands separators."""
    return f"{rounded(number, decimals):,.{decimals}f}"


def shortened(name: str, letters: int) -> str:
    """A name within so many letters, as a cell has room for."""
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def general(number: float) -> str:
    """A number as Excel joins it to text with ``&``: up to 15 digits, no trailing zeros."""
    return f"{number:.15g}"


def years(number: float) -> str:
    """A length of time: 1 year, 2.5 years."""
    return f"{general(number)} {'year' if number == 1 else 'years'}"


def since_first(horizon: float | None) -> str:
    """Over which time the value of a customer counts, from the first purchase on."""
    if horizon is None:
        return "over the whole life"
    return f"in the first {'year' if horizon == 1 else years(horizon)} from the first purchase"
