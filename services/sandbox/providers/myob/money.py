"""Decimal helpers: rounding half-up, and how numbers are written."""

from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
CENT = Decimal("0.01")
PRICE_PLACES = 6
"""Unit prices keep more places than money (UNCONFIRMED how many)."""

LARGEST = Decimal("99999999999.99")
"""Money is Decimal(13.2)."""

_PLACES = {places: Decimal(1).scaleb(-places) for places in range(9)}


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Half-up, away from zero; never a negative zero."""
    found = value.quantize(_PLACES[places], ROUND_HALF_UP)
    return found or abs(found)


def trimmed(value: Decimal) -> Decimal:
    """The same number with two places, or as many more as it needs."""
    short = rounded(value)
    if short == value:
        return short
    return value.normalize()
