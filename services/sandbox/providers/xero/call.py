"""One call of the Accounting API as its handlers see it, and what they answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.errors import Wire, malformed, not_found
from services.sandbox.providers.xero.table import Row, Table


@dataclass(slots=True)
class Call:
    """A request with its tenant found; `app` is None when a person acts in Xero's own UI."""

    books: Books
    method: str = "GET"
    query: dict[str, str] = field(default_factory=dict)
    app: str | None = None
    since: datetime | None = None
    body: bytes = b""
    content_type: str = ""
    wire: Any = None
    stop_after: int | None = None
    elements: int | None = None

    @property
    def unitdp(self) -> int:
        """Decimal places of unit amounts: 2, or 4 with `unitdp=4`."""
        return 4 if self.query.get("unitdp") == "4" else 2

    @property
    def separate(self) -> bool:
        """`summarizeErrors=false`: each element has its own outcome."""
        return self.query.get("summarizeerrors", "").lower() == "false"

    def flag(self, name: str) -> bool:
        """Is this query parameter `true`?"""
        return self.query.get(name, "").lower() == "true"

    def csv(self, name: str) -> list[str] | None:
        """The values of a comma-separated query parameter; None when it is absent."""
        value = self.query.get(name)
        return None if value is None else [part.strip() for part in value.split(",")]

    def elements_of(self, name: str) -> list[Wire]:
        """The records of the body: `{"Invoices": […]}`, a bare array, or a single record."""
        wire = self.wire
        if isinstance(wire, dict) and name in wire:
            wire = wire[name]
        found = wire if isinstance(wire, list) else [wire]
        if not found or not all(isinstance(element, dict) for element in found):
            raise malformed(f"The request body must contain {name}")
        self.elements = len(found)
        return found


@dataclass(slots=True)
class Answer:
    """What a handler answers: keys of the envelope, a body without one, or raw content."""

    body: Wire | None = None
    status: int = 200
    content: bytes | None = None
    content_type: str = ""
    bare: bool = False


Handler = Callable[..., Answer]


def decoded(body: bytes) -> Any:
    """JSON with numbers as Decimal; raises Refused (400) when it is none."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise malformed("The request body could not be read as JSON") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def found(table: Table, id_: str, index: str | None = None) -> Row:
    """A row by id, else by number; raises Refused (404)."""
    row = table.get(id_)
    if row is None and index is not None:
        row = next(iter(reversed(table.find(index, id_))), None)
    if row is None:
        raise not_found()
    return row


def text(wire: Wire, key: str) -> str | None:
    """A text field; None when absent or null. Raises Refused (400) for an object or array."""
    value = wire.get(key)
    if value is None:
        return None
    if isinstance(value, (dict, list)):
        raise malformed(f"Could not convert the value of {key} to text")
    return str(value)


def truth(wire: Wire, key: str) -> bool | None:
    """A boolean field as JSON or as text; None when absent or null."""
    value = wire.get(key)
    return None if value is None else str(value).lower() == "true"


def part(wire: Wire, key: str) -> Wire:
    """A nested object; empty when absent. Raises Refused (400) for anything else."""
    value = wire.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise malformed(f"Could not read {key}")
    return value
