"""Decimal helpers: half-up cents, numbers off the wire, numbers as the vendor writes them."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from services.sandbox.providers.quickbooks_online.errors import bad_value

ZERO = Decimal(0)
HUNDRED = Decimal(100)
_PLACES = {places: Decimal(1).scaleb(-places) for places in range(9)}
_LIMIT = Decimal(10) ** 12


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Half-up, away from zero."""
    return value.quantize(_PLACES[places], ROUND_HALF_UP)


def trimmed(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent."""
    whole = value.to_integral_value()
    return whole.quantize(_PLACES[0]) if whole == value else value.normalize()


def decimal_of(value: Any, path: str) -> Decimal:
    """A number as JSON or as text; raises Invalid."""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise bad_value(path, "Number", value)
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise bad_value(path, "Number", value) from None
    if not found.is_finite() or abs(found) >= _LIMIT:
        raise bad_value(path, "Number", value)
    return found


def spread(total: Decimal, weights: Iterable[Decimal]) -> list[Decimal]:
    """Shares of a total by weight, in cents; the last one that weighs takes what is left."""
    parts = list(weights)
    whole = sum(parts, ZERO)
    if not whole:
        return [total if at == len(parts) - 1 else ZERO for at in range(len(parts))]
    shares, left = [], total
    last = max(at for at, weight in enumerate(parts) if weight)
    for at, weight in enumerate(parts):
        share = left if at == last else rounded(total * weight / whole)
        share = ZERO if not weight else share
        shares.append(share)
        left -= share
    return shares
