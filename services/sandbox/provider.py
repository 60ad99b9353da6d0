"""What the control API needs of a simulated provider."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

from starlette.types import Receive, Scope, Send

from services.sandbox.clock import Clock
from services.sandbox.faults import Faults
from services.sandbox.ledger import Ledger
from services.sandbox.requestlog import RequestLog

Wire = dict[str, Any]
T = TypeVar("T")


class RefusedError(Exception):
    """The control API cannot do that; the message is a sentence for a person."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the books' page: a heading and rows of text."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    total: int


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a company's records: `take` of one resource after the first `skip`; else all."""

    resource: str | None = None
    skip: int = 0
    take: int | None = None

    def of(self, resource: str, rows: Iterable[T]) -> list[T]:
        """Those of this resource that belong to the part."""
        if self.resource not in {None, resource}:
            return []
        return list(islice(rows, self.skip, None if self.take is None else self.skip + self.take))


EVERYTHING = Part()


class Provider(Protocol):
    """A simulated vendor: its API as an ASGI application, and what `/_control` may do to it."""

    id: str
    clock: Clock
    faults: Faults
    log: RequestLog

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The vendor's own paths."""

    def companies(self) -> list[Wire]:
        """`id`, `name` and `currency` of each."""

    def create_company(self, wanted: Wire) -> Wire:
        """One more, seeded; raises RefusedError."""

    def summary(self, company: str) -> Wire:
        """`id`, `name`, `currency` and `counts`; raises RefusedError when unknown."""

    def documents(self, company: str, part: Part = EVERYTHING) -> bytes:
        """JSON: the records as the API shows them, by resource."""

    def tables(self, company: str) -> list[Table]:
        """The newest documents, for people."""

    def ledger(self, company: str) -> Ledger:
        """The company's journal."""

    def account_label(self, company: str, account: str) -> tuple[str, str]:
        """Code (or id) and name of a ledger account."""

    def bookkeeper(self, company: str, action: Wire) -> bytes:
        """Act as a person in the vendor's UI; JSON of the record; raises RefusedError."""

    async def subscribe(self, wanted: Wire) -> Wire:
        """Subscribe to webhooks as the developer portal would; raises RefusedError."""

    async def unsubscribe(self) -> None:
        """End the subscription."""

    def subscription(self) -> Wire:
        """`url`, `state`, `delivered` and `pending`."""

    async def aclose(self) -> None:
        """Stop what runs in the background."""
