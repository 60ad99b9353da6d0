"""One call of the API as its handlers see it, and what they answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.errors import Refused, Wire, error, missing, unreadable
from services.sandbox.providers.myob.fields import Row
from services.sandbox.providers.myob.showing import Shown


@dataclass(slots=True)
class Call:
    """A request with its company file found; `person` when somebody acts in MYOB's own UI."""

    books: Books
    method: str = "GET"
    query: dict[str, str] = field(default_factory=dict)
    base: str = ""
    address: str = ""
    accept: str = ""
    wire: Any = None
    person: bool = False

    @property
    def shown(self) -> Shown:
        """How records are answered; `generateUris` is true unless told otherwise."""
        return Shown(self.books, "" if self.query.get("generateUris") == "false" else self.base)

    def flag(self, name: str) -> bool:
        """Is this query parameter `true`?"""
        return self.query.get(name, "").lower() == "true"

    def body(self) -> Wire:
        """The object that was sent; raises Refused (400)."""
        if not isinstance(self.wire, dict):
            raise unreadable("The body is not an object")
        return self.wire

    def warn(self, name: str, message: str) -> None:
        """A warning fails the call only with `warningsAsErrors=true`."""
        if self.flag("warningsAsErrors"):
            raise Refused(400, error(name, message, None, "", "Warning"))


@dataclass(slots=True)
class Answer:
    """What a handler answers: JSON, raw content, or nothing."""

    body: Any = None
    status: int = 200
    content: bytes | None = None
    content_type: str = ""
    location: str | None = None


Handler = Callable[..., Answer]


def decoded(body: bytes) -> Any:
    """JSON with numbers as Decimal; raises Refused (400) when it is none."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise unreadable("The body is not JSON") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def found(call: Call, table: str, uid: str) -> Row:
    """A row by UID; raises Refused (404)."""
    row = call.books.tables[table].get(uid)
    if row is None:
        raise missing()
    return row
