"""Decimal helpers: half-up rounding, reading numbers off the wire, trimming zeros for it."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from services.sandbox.providers.xero.errors import malformed

ZERO = Decimal(0)
CENT = Decimal("0.01")
_PLACES = {places: Decimal(1).scaleb(-places) for places in range(9)}
_LIMIT = Decimal(10) ** 15


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Half-up, away from zero."""
    return value.quantize(_PLACES[places], ROUND_HALF_UP)


def trimmed(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent, as Xero writes it."""
    whole = value.to_integral_value()
    return whole.quantize(_PLACES[0]) if whole == value else value.normalize()


def number(wire: dict[str, Any], key: str) -> Decimal | None:
    """A number as JSON or as text; None when absent, null or empty. Raises Refused (400)."""
    value = wire.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise malformed(f"Could not convert the value of {key} to a number")
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise malformed(f"Could not convert the value of {key} to a number") from None
    if not found.is_finite() or abs(found) >= _LIMIT:
        raise malformed(f"The value of {key} is out of range")
    return found
