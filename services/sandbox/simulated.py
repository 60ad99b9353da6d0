"""What every simulated vendor does alike: it logs each request and finds its companies."""

import time
from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.sandbox.clock import Clock
from services.sandbox.faults import Faults
from services.sandbox.ledger import Ledger
from services.sandbox.provider import RefusedError, Wire
from services.sandbox.requestlog import Logged, RequestLog


class Company(Protocol):
    """The books of one company, whatever else they hold."""

    id: str
    ledger: Ledger

    @property
    def name(self) -> str: ...

    @property
    def currency(self) -> str: ...


C = TypeVar("C", bound=Company)


class Simulated(ABC, Generic[C]):
    """A vendor's ASGI application and companies; ids are compared in lower case."""

    api: ClassVar[str]
    """The path below which the API is; elsewhere queries hold codes and states, kept out of the
    log."""

    def __init__(self, faults: Faults) -> None:
        self.clock = Clock()
        self.faults = faults
        self.log = RequestLog()
        self.books: dict[str, C] = {}

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The vendor's own paths."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        path = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
        started = time.perf_counter()
        at = self.clock.now().isoformat()
        query = request.url.query if path.startswith(self.api) else ""
        row = self.log.open(at, request.method, path, query)
        response = await self._response(request, path, row)
        row.status = response.status_code
        row.ms = round((time.perf_counter() - started) * 1000, 3)
        response.headers.update(self._stamp(f"{row.seq} {at}"))
        await response(scope, receive, send)

    @abstractmethod
    async def _response(self, request: Request, path: str, row: Logged) -> Response:
        """The answer to one request."""

    @abstractmethod
    def _stamp(self, request: str) -> dict[str, str]:
        """The headers that name a request for the vendor's support."""

    def companies(self) -> list[Wire]:
        """Id, name and currency of each."""
        return [named(books) for books in self.books.values()]

    def ledger(self, company: str) -> Ledger:
        """The journal."""
        return self._books(company).ledger

    def _books(self, company: str) -> C:
        try:
            return self.books[company.lower()]
        except KeyError:
            raise RefusedError(f"There is no company {company}.", 404) from None


def named(books: Company) -> Wire:
    """A company as the control API lists it."""
    return {"id": books.id, "name": books.name, "currency": books.currency}
