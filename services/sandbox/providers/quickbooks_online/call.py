"""One call as its handlers see it: the company, who asks, and what the request chose."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from services.sandbox.providers.quickbooks_online.books import Books
from services.sandbox.providers.quickbooks_online.errors import Invalid, Wire, bad_id, required
from services.sandbox.providers.quickbooks_online.table import Row


@dataclass(slots=True)
class Call:
    """A write or read in a company; `app` is None when a person acts in QuickBooks itself."""

    books: Books
    app: str | None = None
    include: frozenset[str] = frozenset()
    sparse: bool = False
    hidden: set[tuple[str, str]] = field(default_factory=set)
    """Objects made earlier in the same batch: later items cannot see them."""

    stale: bool = False
    """A fault: every object was changed by somebody else meanwhile."""

    def of(self, wire: Wire) -> "Call":
        """The same call, sparse or full as this object says."""
        return replace(self, sparse=str(wire.get("sparse", "")).lower() == "true")

    def get(self, entity: str, id_: object) -> Row | None:
        """A live row this call can see."""
        if self.hidden and (entity, str(id_)) in self.hidden:
            return None
        return self.books.tables[entity].get(id_)

    def visible(self, entity: str, rows: Iterable[Row]) -> Iterable[Row]:
        """Rows without those the call cannot see."""
        if not self.hidden:
            return rows
        return (row for row in rows if (entity, row["Id"]) not in self.hidden)


Build = Callable[[Call, Wire, Row | None], Row]
Settle = Callable[[Call, Row | None, Row | None], None]
View = Callable[[Books, Row, Wire], None]


def _nothing(*_: object) -> None:
    """For kinds without that step."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one entity is made, changed and shown; `filters` types its filterable properties."""

    name: str
    filters: dict[str, str]
    build: Build | None = None
    settle: Settle = _nothing
    guard: Callable[[Call, Row], None] = _nothing
    void: Callable[[Call, Wire, Row], Row] | None = None
    void_by_update: bool = False
    deletable: bool = False
    view: View = _nothing
    listed: bool = False
    """A list entity: inactive rows are hidden from queries."""


def decoded(body: bytes) -> Any:
    """JSON with numbers as Decimal; raises Invalid."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Invalid("500", "Unsupported Operation", "Invalid UTF-8 bytes", status=500) from None
    except (ValueError, RecursionError):
        # Code and text are UNCONFIRMED.
        raise Invalid("2010", "Request has invalid or unsupported property", "Not JSON") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def is_blank(value: object) -> bool:
    """Absent: the vendor's own SDKs send empty strings for what they leave out."""
    return value is None or value == ""


def object_of(wire: Any, element: str) -> Wire:
    """A JSON object; raises Invalid."""
    if not isinstance(wire, dict):
        raise required(element)
    return wire


def id_of(wire: Wire) -> str | None:
    """The object's `Id`; None when there is none. Raises Invalid for what is no id."""
    value = wire.get("Id")
    if is_blank(value) or value in {0, "0"}:
        return None
    if isinstance(value, (dict, list)) or not str(value).isalnum():
        raise bad_id(value)
    return str(value)
