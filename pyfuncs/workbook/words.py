"""Numbers and lists as words, exactly as the workbook's native formulas spell them."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


def fixed(number: float, decimals: int) -> str:
    """What Excel's ``FIXED(number, decimals)`` shows: thousands separators, halves rounded away from zero."""
    quantum = Decimal(1).scaleb(-decimals)
    return f"{Decimal(f'{number:.15g}').quantize(quantum, ROUND_HALF_UP):,.{decimals}f}"


def general(number: float) -> str:
    """A number as Excel joins it to text with ``&``: up to 15 digits, no trailing zeros."""
    return f"{number:.15g}"


def listing(items: Sequence[str], most: int = 3) -> str:
    """Items joined by commas, the surplus counted."""
    shown = ", ".join(items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown
