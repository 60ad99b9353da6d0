"""JSON towards vendors: numbers are read as Decimal and Decimals are written as numbers."""

import json
from decimal import Decimal
from typing import Any

import msgspec

from libs.connector.errors import Unavailable

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(value: Any) -> bytes:
    """JSON bytes, Decimals as numbers with all their digits."""
    return _ENCODER.encode(value)


def decode(body: bytes) -> Any:
    """The JSON value with numbers as Decimal; Unavailable where it is not JSON."""
    try:
        return json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except ValueError as error:
        raise Unavailable("The provider's answer is not JSON.") from error
