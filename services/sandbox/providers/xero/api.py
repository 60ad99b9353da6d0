"""The Accounting API's gate: tokens, tenants, scopes, limits, faults, idempotency, commit."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request

from services.sandbox.clock import Clock
from services.sandbox.cutting import cut
from services.sandbox.faults import CALLS, Faults
from services.sandbox.providers.xero.books import Books, Event
from services.sandbox.providers.xero.call import Call
from services.sandbox.providers.xero.dates import read_since
from services.sandbox.providers.xero.errors import (
    Refused,
    forbidden,
)
from services.sandbox.providers.xero.gate import (
    access_of,
    broken,
    permit,
    read_body,
    read_wire,
    rendered,
    stored,
    throttled_answer,
)
from services.sandbox.providers.xero.grants import Access, Grants
from services.sandbox.providers.xero.idempotency import METHODS, Idempotency, Stored, fingerprint
from services.sandbox.providers.xero.limits import Limits, Throttled
from services.sandbox.providers.xero.routes import dispatch
from services.sandbox.requestlog import Logged

Publish = Callable[[str, list[Event]], None]


@dataclass(slots=True)
class Gate:
    """Answers requests of the Accounting API over the simulated companies."""

    clock: Clock
    faults: Faults
    companies: Mapping[str, Books]
    grants: Grants
    limits: Limits
    idempotency: Idempotency
    publish: Publish

    async def answer(
        self, request: Request, path: str, row: Logged
    ) -> tuple[Stored, dict[str, str]]:
        """One answer and its headers; raises ConnectionCutError where there is no socket to cut."""
        headers: dict[str, str] = {}
        try:
            access = access_of(self.grants, self.clock, request)
            books = self._tenant(access, request)
            row.company = books.id
            permit(access, request.method, path)
            app = access.grant.app.id
            with self.limits.in_flight(app, books.id):
                throttled = self.limits.take(app, books.id)
                headers |= self.limits.headers(app, books.id)
                if throttled:
                    raise throttled_answer(throttled)
                return await self._faulty(request, path, row, Where(books, app)), headers
        except Refused as refused:
            headers |= refused.headers
            return stored(refused.status, refused.body, request), headers

    def _tenant(self, access: Access, request: Request) -> Books:
        tenant = request.headers.get("xero-tenant-id", "").lower()
        if tenant not in access.grant.connections or tenant not in self.companies:
            raise forbidden()
        return self.companies[tenant]

    async def _faulty(self, request: Request, path: str, row: Logged, where: "Where") -> Stored:
        """The call as it is, or as the armed fault spoils it."""
        body = await read_body(request)
        fault = self.faults.take(CALLS, request.method, path)
        row.fault = fault.fault if fault else None
        if fault is None:
            return self._once(request, path, body, row, where)
        if fault.fault == "throttle":
            raise throttled_answer(
                Throttled("minute", 5 if fault.seconds is None else int(fault.seconds))
            )
        if fault.fault == "error-before":
            raise broken(fault)
        if fault.fault == "hang":
            await asyncio.sleep(fault.seconds or 0)
            if not fault.commit:
                await cut(request.scope)
                raise broken(fault)
        stop = fault.after_elements or 0 if fault.fault == "partial" else None
        answer = self._once(request, path, body, row, where, stop)
        if fault.fault == "error-after":
            raise broken(fault)
        if fault.fault in {"lose-answer", "partial"}:
            await cut(request.scope)
        return answer

    def _once(
        self,
        request: Request,
        path: str,
        body: bytes,
        row: Logged,
        where: "Where",
        stop: int | None = None,
    ) -> Stored:
        """Act, unless the idempotency key has acted before."""
        key = request.headers.get("idempotency-key")
        row.idempotency_key = key
        if not key or request.method not in METHODS:
            return self._act(request, path, body, row, where, stop)
        print_ = fingerprint(request.method, path, request.url.query, body)
        first = self.idempotency.find(where.app, where.books.id, key, print_)
        if first is not None:
            row.replayed = True
            return first
        answer = self._act(request, path, body, row, where, stop)
        self.idempotency.keep(where.app, where.books.id, key, print_, answer)
        return answer

    def _act(
        self,
        request: Request,
        path: str,
        body: bytes,
        row: Logged,
        where: "Where",
        stop: int | None,
    ) -> Stored:
        """Handle the call in one transaction."""
        books = where.books
        if "application/pdf" in request.headers.get("accept", "") and path.count("/") == 2:
            path += "/pdf"
        call = Call(
            books,
            request.method,
            {key.lower(): value for key, value in request.query_params.items()},
            where.app,
            read_since(request.headers.get("if-modified-since", "")),
            body,
            stop_after=stop,
        )
        start = books.savepoint()
        try:
            if body and "/attachments/" not in path.lower():
                call.wire = read_wire(request, body)
            answer = dispatch(call, path)
        except Refused as refused:
            books.rollback(start)
            return stored(refused.status, refused.body, request)
        except BaseException:
            books.rollback(start)
            raise
        finally:
            row.elements = call.elements
        self.publish(books.id, books.commit())
        return rendered(books, answer, request)


@dataclass(frozen=True, slots=True)
class Where:
    """The company a call is for, and the app that makes it."""

    books: Books
    app: str
