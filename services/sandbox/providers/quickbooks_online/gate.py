"""Requests of the Accounting API: token, realm, limits and faults, then one transaction."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request

from services.sandbox.clock import Clock
from services.sandbox.cutting import cut
from services.sandbox.faults import CALLS, Fault, Faults
from services.sandbox.providers.quickbooks_online.answers import (
    Refused,
    faulty,
    good,
    not_of_realm,
    throttled,
    unauthenticated,
    unauthorized,
)
from services.sandbox.providers.quickbooks_online.books import Books, Event
from services.sandbox.providers.quickbooks_online.call import Call
from services.sandbox.providers.quickbooks_online.dispatch import Ask, dispatch
from services.sandbox.providers.quickbooks_online.errors import Invalid
from services.sandbox.providers.quickbooks_online.grants import Access, Grants
from services.sandbox.providers.quickbooks_online.limits import Limits
from services.sandbox.providers.quickbooks_online.oauth import ACCOUNTING
from services.sandbox.providers.quickbooks_online.requestids import (
    RequestIds,
    Stored,
    fingerprint,
)
from services.sandbox.providers.quickbooks_online.states import checked
from services.sandbox.requestlog import Logged

Publish = Callable[[str, list[Event]], None]
UNHEARD = "Business Validation Error: A rule of the vendor's that its documents do not name."


@dataclass(slots=True)
class Gate:
    """Answers requests over the simulated companies."""

    clock: Clock
    faults: Faults
    companies: Mapping[str, Books]
    grants: Grants
    limits: Limits
    requestids: RequestIds
    publish: Publish

    async def answer(
        self, request: Request, path: str, row: Logged
    ) -> tuple[Stored, dict[str, str]]:
        """One answer and its headers; raises ConnectionCutError where there is no socket to cut."""
        realm, *parts = path.strip("/").split("/")
        now = self.clock.now()
        try:
            access = self._access(request)
            books = self.companies.get(realm)
            if books is None or access.grant.company != realm:
                raise not_of_realm(now)
            row.company = realm
            if ACCOUNTING not in access.grant.scopes:
                detail = "access token does not have sufficient scope"
                raise unauthorized(now, detail)
            checked(books)
            metered = request.method == "GET" or parts[:1] == ["query"]
            app, batch = access.grant.app.id, parts[:1] == ["batch"]
            if self.limits.throttled(app, realm, batch=batch, metered=metered):
                raise throttled(now)
            ask = Ask(
                request.method,
                tuple(parts),
                dict(request.query_params),
                await request.body(),
                request.headers.get("content-type", ""),
            )
            return await self._faulty(request, ask, row, Where(books, app)), {}
        except Refused as refused:
            return refused.answer, refused.headers
        except Invalid as error:
            return faulty(request, now, error, self.companies[realm].habits), {}

    def _access(self, request: Request) -> Access:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        access = self.grants.access.get(token)
        now = self.clock.now()
        if scheme.lower() != "bearer" or access is None:
            raise unauthenticated(now, "Malformed bearer token: too short or too long")
        if not access.grant.alive:
            raise unauthenticated(now, "Token revoked")
        if access.until <= self.clock.seconds():
            raise unauthenticated(now, "Token expired")
        return access

    async def _faulty(self, request: Request, ask: Ask, row: Logged, where: "Where") -> Stored:
        """The call as it is, or as the armed fault spoils it."""
        names = CALLS if self._ages(ask) else CALLS - {"stale-version"}
        fault = self.faults.take(names, ask.method, "/" + "/".join(ask.parts))
        row.fault = fault.fault if fault else None
        if fault is None:
            return self._once(request, ask, row, where)
        await self._before(request, fault)
        if fault.fault == "partial":
            stop = fault.after_elements or 0
            ask = Ask(ask.method, ask.parts, ask.query, ask.body, ask.content_type, stop)
        where.stale = fault.fault == "stale-version"
        answer = self._once(request, ask, row, where)
        if fault.fault == "error-after":
            raise broken(fault)
        if fault.fault in {"lose-answer", "partial"}:
            await cut(request.scope)
        return answer

    async def _before(self, request: Request, fault: Fault) -> None:
        """What a fault does before anything is committed."""
        if fault.fault == "throttle":
            raise throttled(self.clock.now(), fault.seconds)
        if fault.fault == "error-before":
            raise broken(fault)
        if fault.fault == "hang":
            await asyncio.sleep(fault.seconds or 0)
            if not fault.commit:
                await cut(request.scope)
                raise broken(fault)

    def _ages(self, ask: Ask) -> bool:
        """Does the call change something that was there, so that it can be stale?"""
        if not any(fault["fault"] == "stale-version" for fault in self.faults.armed()):
            return True
        try:
            wire = json.loads(ask.body) if ask.writes else None
        except ValueError:
            return False
        return isinstance(wire, dict) and bool(wire.get("Id") or wire.get("BatchItemRequest"))

    def _once(self, request: Request, ask: Ask, row: Logged, where: "Where") -> Stored:
        """Act, unless the requestid has acted before."""
        books, key = where.books, ask.query.get("requestid")
        row.idempotency_key = key
        if not key or not ask.writes:
            return self._act(request, ask, row, where)
        print_ = fingerprint("/".join(ask.parts).lower(), ask.query, ask.body)
        first = self.requestids.find(books.id, key, print_, batch=ask.head == "batch")
        if first is not None:
            row.replayed = True
            return first
        answer = self._act(request, ask, row, where)
        if answer.status < 500:
            self.requestids.keep(books.id, key, print_, answer, books.habits.requestid_life)
        return answer

    def _act(self, request: Request, ask: Ask, row: Logged, where: "Where") -> Stored:
        """Handle the call in one transaction."""
        books = where.books
        call = Call(books, where.app, stale=where.stale)
        start = books.savepoint()
        try:
            answered = dispatch(call, ask, self.limits)
        except Invalid as error:
            books.rollback(start)
            return faulty(request, self.clock.now(), error, books.habits)
        except BaseException:
            books.rollback(start)
            raise
        row.elements = answered.elements
        self.publish(books.id, books.commit())
        if answered.media:
            return Stored(200, answered.content, answered.media)
        return good(request, self.clock.now(), answered.body, bare=answered.bare)


@dataclass(slots=True)
class Where:
    """The company a call is for, and the app that makes it."""

    books: Books
    app: str
    stale: bool = False


def broken(fault: Fault) -> Invalid:
    """The 5xx of a fault, or with a status of 4xx a refusal by a rule that nobody has met yet."""
    status = fault.status or 500
    if status < 500:
        return Invalid("6999", "Business Validation Error", UNHEARD, status=status)
    detail = "An unexpected error occurred while accessing or saving your data."
    return Invalid(
        "10000",
        "An application error has occurred while processing your request",
        f"System Failure Error: {detail}",
        status=status,
        kind="SystemFault",
    )
