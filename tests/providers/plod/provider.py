"""The simulated Plod Books: a small API of its own, sharing nothing with the connector."""

import asyncio
import json
import time
from collections import deque
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from services.sandbox.clock import Clock
from services.sandbox.cutting import cut
from services.sandbox.faults import CALLS, Fault, Faults
from services.sandbox.ledger import Ledger
from services.sandbox.provider import EVERYTHING, Part, RefusedError, Table, Wire
from services.sandbox.requestlog import Logged, RequestLog
from tests.providers.plod.books import ACCOUNTS, FIELDS, TAXES, Books, Refused
from tests.providers.plod.signin import SignIn

CALLS_PER_WINDOW, WINDOW = 30, 10.0
PAGE = 20


class PlodProvider:
    """Serves the vendor's own paths and what the control API asks."""

    id = "plod"

    def __init__(self, *, limits: bool) -> None:
        self.limits = limits
        self.clock = Clock()
        self.faults = Faults(CALLS - {"partial", "throttle"})
        self.log = RequestLog()
        self._sign_in = SignIn()
        self._called: deque[float] = deque()
        self._books: dict[str, Books] = {}
        for name in ("Ash & Co", "Birch Ltd"):
            self.create_company({"name": name})

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The vendor's API below `/plod`."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        path = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
        query = request.url.query if path.startswith("/v1/") else ""
        row = self.log.open(self.clock.now().isoformat(), request.method, path, query)
        response = await self._answer(request, path, row)
        row.status = response.status_code
        await response(scope, receive, send)

    async def _answer(self, request: Request, path: str, row: Logged) -> Response:
        if path == "/authorize":
            return await self._sign_in.authorize(request)
        if path == "/token":
            return await self._sign_in.token(request)
        if not self._sign_in.knows(request):
            return _error(401, "token", "Sign in first.")
        if path == "/companies":
            return JSONResponse([{"key": b.key, "title": b.title} for b in self._books.values()])
        books = self._books.get(request.headers.get("plod-company", ""))
        if books is None or not path.startswith("/v1/"):
            return _error(404, "not_found", "There is no such company or path.")
        row.company = books.key
        if self.limits and not self._admitted():
            return _error(429, "limit", "30 calls in 10 seconds, all companies together.")
        return await self._faulty(request, books, path.removeprefix("/v1/"), row)

    def _admitted(self) -> bool:
        now = time.monotonic()
        while self._called and self._called[0] <= now - WINDOW:
            self._called.popleft()
        admitted = len(self._called) < CALLS_PER_WINDOW
        if admitted:
            self._called.append(now)
        return admitted

    async def _faulty(self, request: Request, books: Books, path: str, row: Logged) -> Response:
        body = await request.body()
        fault = self.faults.take(CALLS, request.method, f"/{path}") or Fault(0, "")
        row.fault = fault.fault or None
        if fault.fault == "error-before":
            return _error(fault.status or 503, "down", "Try again later.")
        if fault.fault == "stale-version":
            return _error(409, "stale_version", "It has another version by now.")
        if fault.fault == "hang":
            await asyncio.sleep(fault.seconds or 0)
        if fault.fault == "hang" and not fault.commit:
            await cut(request.scope)
            return _error(503, "down", "Nobody hears this.")
        answer = _done(request, books, path, body)
        if fault.fault in {"lose-answer", "hang"}:
            await cut(request.scope)
        if fault.fault == "error-after":
            return _error(fault.status or 500, "broken", "Something went wrong.")
        return answer

    # What the control API asks

    def companies(self) -> list[Wire]:
        """`id`, `name` and `currency` of each."""
        return [_named(books) for books in self._books.values()]

    def create_company(self, wanted: Wire) -> Wire:
        """One more."""
        key = f"plod-{len(self._books) + 1}"
        currency = str(wanted.get("currency") or "GBP")
        self._books[key] = Books(key, str(wanted["name"]), currency, self.clock.now)
        return _named(self._books[key])

    def summary(self, company: str) -> Wire:
        """With the number of records of each resource."""
        books = self._company(company)
        return {**_named(books), "counts": {name: len(r) for name, r in books.records.items()}}

    def documents(self, company: str, part: Part = EVERYTHING) -> bytes:
        """Every record as the API shows it; what was deleted is gone."""
        books = self._company(company)
        return json.dumps({name: part.of(name, books.listed(name)) for name in FIELDS}).encode()

    def tables(self, company: str) -> list[Table]:
        """The invoices, for people."""
        found = self._company(company).listed("invoices")
        rows: list[tuple[str, ...]] = [(r["number"], r["date"], r["total"]) for r in found]
        return [Table("Invoices", ("Number", "Date", "Total"), rows, len(rows))]

    def ledger(self, company: str) -> Ledger:
        """The company's journal."""
        return self._company(company).ledger

    def account_label(self, company: str, account: str) -> tuple[str, str]:
        """Code and name."""
        return account, ACCOUNTS[account][0]

    def bookkeeper(self, company: str, action: Wire) -> bytes:
        """`add` (record), `edit` (id, changes) and `delete` (id) of a resource."""
        books = self._company(company)
        resource, id_, done = action["resource"], int(action.get("id", 0)), action["do"]
        try:
            if done == "add":
                return json.dumps(books.add(resource, action["record"])).encode()
            now = books.get(resource, id_)
            if done == "delete":
                books.remove(resource, id_, now["version"])
                return b"{}"
            kept = {name: now[name] for name in FIELDS[resource]}
            wanted = {**kept, **action["changes"], "version": now["version"]}
            return json.dumps(books.replace(resource, id_, wanted)).encode()
        except Refused as refused:
            raise RefusedError(str(refused), refused.status) from None

    async def subscribe(self, wanted: Wire) -> Wire:
        """There are no webhooks."""
        raise RefusedError("Plod Books sends no webhooks.", 404)

    async def unsubscribe(self) -> None:
        """There is nothing to end."""

    def subscription(self) -> Wire:
        """There is none."""
        return {"url": None, "state": "disabled", "delivered": 0, "pending": 0}

    async def aclose(self) -> None:
        """Nothing runs in the background."""

    def _company(self, company: str) -> Books:
        if company not in self._books:
            raise RefusedError(f"There is no company {company}.", 404)
        return self._books[company]


def simulator(*, limits: bool) -> PlodProvider:
    """What the sandbox starts."""
    return PlodProvider(limits=limits)


def _done(request: Request, books: Books, path: str, body: bytes) -> Response:
    resource, _, id_ = path.partition("/")
    try:
        if path == "company":
            return JSONResponse(_company(books))
        if resource not in FIELDS or (id_ and not id_.isdigit()):
            raise Refused(404, "not_found", f"There is nothing at {path}.")
        if request.method == "POST":
            return JSONResponse(books.add(resource, json.loads(body)), 201)
        if request.method == "PUT":
            return JSONResponse(books.replace(resource, int(id_), json.loads(body)))
        if request.method == "DELETE":
            books.remove(resource, int(id_), request.query_params.get("version"))
            return Response(status_code=204)
        if id_:
            return JSONResponse(books.get(resource, int(id_)))
        return JSONResponse(_listed(books, resource, dict(request.query_params)))
    except Refused as refused:
        return _error(refused.status, refused.code, str(refused))


def _listed(books: Books, resource: str, asked: dict[str, str]) -> Any:
    """A page of 20, by the moment of change; `next` is the offset of the following one."""
    found = books.listed(resource)
    if since := asked.get("changed_since"):
        moment = datetime.fromisoformat(since)
        found = [r for r in found if datetime.fromisoformat(r["changed"]) >= moment]
    if resource == "invoices" and (memo := asked.get("memo")):
        found = [record for record in found if memo in record["memo"]]
    if resource == "places" and (customer := asked.get("customer")):
        found = [record for record in found if str(record["customer"]) == customer]
    if resource == "products" and (code := asked.get("code")):
        found = [record for record in found if record["code"] == code]
    start = int(asked.get("from", 0))
    more = start + PAGE if len(found) > start + PAGE else None
    return {resource: found[start : start + PAGE], "next": more}


def _company(books: Books) -> Wire:
    return {
        "key": books.key,
        "title": books.title,
        "currency": books.currency,
        "accounts": [{"code": c, "name": n, "kind": k} for c, (n, k) in ACCOUNTS.items()],
        "taxes": [{"code": code, "percent": f"{rate:.2f}"} for code, rate in TAXES.items()],
    }


def _named(books: Books) -> Wire:
    return {"id": books.key, "name": books.title, "currency": books.currency}


def _error(status: int, code: str, message: str) -> Response:
    retry = {"retry-after": "3"} if status == 429 else {}
    return JSONResponse({"code": code, "message": message}, status, headers=retry)
