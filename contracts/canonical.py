"""One byte form of a JSON value (after RFC 8785), so that a hash over it means something."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

HASH = "sha256"
"""The field that carries the hash of all the others."""
SAFE = 2**53


def canonical(value: Any) -> bytes:
    """UTF-8 without white space, names in the order of their UTF-16 code units.

    Raises TypeError for what has no single form: a float, an integer above 2**53; money is text.
    """
    text = json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256, in hex, over the canonical form of all fields but `sha256` itself."""
    rest = {name: value for name, value in content.items() if name != HASH}
    return hashlib.sha256(canonical(rest)).hexdigest()


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return {name: _ordered(value[name]) for name in names}
    if isinstance(value, list | tuple):
        return [_ordered(one) for one in value]
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int) and abs(value) < SAFE:
        return value
    raise TypeError(f"a {type(value).__name__} has no canonical form: write it as text")
