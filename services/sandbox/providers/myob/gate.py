"""The API's gate: key, limits, token, company file, user, scope; faults; commit."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from services.sandbox.cutting import cut
from services.sandbox.faults import CALLS, Fault, Faults
from services.sandbox.providers.myob.books import Books
from services.sandbox.providers.myob.call import Answer, Call, decoded
from services.sandbox.providers.myob.errors import (
    Refused,
    denied,
    error,
    inactive,
    invalid,
    missing,
    throttled,
    unauthorized,
)
from services.sandbox.providers.myob.grants import APPS, Grant, Grants
from services.sandbox.providers.myob.limits import Limits
from services.sandbox.providers.myob.routes import dispatch, scopes_of
from services.sandbox.providers.myob.showing import encoded
from services.sandbox.requestlog import Logged

JSON = "application/json; charset=utf-8"
STALE = frozenset({"stale-version"})
LONG = 60
"""A throttle of more seconds than this is the daily limit's."""


@dataclass(slots=True)
class Gate:
    """Answers requests of the API over the simulated company files."""

    faults: Faults
    companies: Mapping[str, Books]
    grants: Grants
    limits: Limits
    suspended: set[str]

    async def answer(self, request: Request, path: str, row: Logged) -> Response:
        """One answer; raises ConnectionCutError where there is no socket to cut."""
        try:
            return await self._guarded(request, path, row)
        except Refused as refused:
            return Response(encoded(refused.body), refused.status, media_type=JSON)

    async def _guarded(self, request: Request, path: str, row: Logged) -> Response:
        key = request.headers.get("x-myobapi-key", "")
        if key not in APPS or key in self.suspended:
            raise inactive()
        if window := self.limits.take(key):
            raise throttled(window)
        grant = self._grant(request, key)
        parts = path.strip("/").split("/", 1)
        if parts[0] in {"", "Info"}:
            return self._outside(request, parts[0])
        books = self.companies.get(parts[0].lower())
        if books is None or grant.company != books.id:
            raise denied("The company file is not of this consent")
        row.company = books.id
        rest = parts[1] if len(parts) > 1 else ""
        self._permit(request, books, grant, rest)
        return await self._faulty(request, rest, row, books)

    def _grant(self, request: Request, key: str) -> Grant:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self.grants.opened(token)
        if scheme.lower() != "bearer" or grant is None or grant.app.id != key:
            raise unauthorized()
        if request.headers.get("x-myobapi-version") != "v2":
            # UNCONFIRMED: what a call without the version is answered.
            raise invalid("Required", "x-myobapi-version is required", 100, "x-myobapi-version")
        return grant

    def _outside(self, request: Request, name: str) -> Response:
        """`GET /accountright/` lists no files any more; `Info` tells of the build."""
        if request.method != "GET":
            raise missing()
        body: object = {"ApplicationName": "AccountRight API"} if name else []
        return Response(encoded(body), media_type=JSON)

    def _permit(self, request: Request, books: Books, grant: Grant, path: str) -> None:
        if books.removed:
            raise denied("The user has no access to the company file")
        user = books.habits.file_user
        sent = request.headers.get("x-myobapi-cftoken", "")
        if user and sent != b64encode(user.encode()).decode():
            raise denied("Header: x-myobapi-cftoken")
        if not set(scopes_of(path)) & set(grant.scopes):
            raise denied("The scope of the token does not cover this resource")

    async def _faulty(self, request: Request, path: str, row: Logged, books: Books) -> Response:
        """The call as it is, or as the armed fault spoils it."""
        body = await request.body()
        fault = self._fault(request.method, f"/{path}")
        row.fault = fault.fault if fault else None
        if fault is None:
            return self._act(request, path, body, books)
        if fault.fault == "throttle":
            window = "daily" if (fault.seconds or 0) > LONG else "per-second"
            raise throttled(window, fault.status or 403)
        if fault.fault == "hang":
            await asyncio.sleep(fault.seconds or 0)
        if fault.fault == "error-before" or not fault.commit:
            if fault.fault == "hang":
                await cut(request.scope)
            return _broken(fault)
        if fault.fault == "stale-version":
            _touch(books, path)
        answer = self._act(request, path, body, books)
        if fault.fault == "lose-answer":
            await cut(request.scope)
        return _broken(fault) if fault.fault == "error-after" else answer

    def _fault(self, method: str, path: str) -> Fault | None:
        """Only a PUT can be stale."""
        fault = self.faults.take(CALLS - STALE, method, path)
        if fault is None and method == "PUT":
            fault = self.faults.take(STALE, method, path)
        return fault

    def _act(self, request: Request, path: str, body: bytes, books: Books) -> Response:
        """Handle the call in one transaction."""
        call = call_of(request, books)
        start = books.savepoint()
        try:
            call.wire = decoded(body) if body else None
            answer = dispatch(call, path)
        except BaseException:
            books.rollback(start)
            raise
        books.commit()
        return _response(request, answer)


def call_of(request: Request, books: Books) -> Call:
    """The request as handlers see it: URIs stay on the origin that was asked."""
    origin = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
    return Call(
        books,
        request.method,
        dict(request.query_params),
        f"{origin}/accountright/{books.id}",
        f"{request.url.scheme}://{request.url.netloc}{request.url.path}",
        request.headers.get("accept", ""),
    )


def _response(request: Request, answer: Answer) -> Response:
    headers = {"location": answer.location} if answer.location else {}
    if answer.content is not None:
        return Response(answer.content, answer.status, headers, answer.content_type)
    if answer.body is None:
        return Response(b"", answer.status, headers)
    content = encoded(answer.body)
    if request.method == "GET":
        headers["etag"] = f'"{sha256(content).hexdigest()[:32]}"'
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(b"", 304, headers)
    return Response(content, answer.status, headers, JSON)


def _broken(fault: Fault) -> Response:
    """The 5xx of a fault; what is not the vendor's own 500 or 504 has no JSON body."""
    status = fault.status or 500
    names = {500: "InternalError", 504: "GatewayTimeout"}
    if status not in names:
        return Response("<html>The service is unavailable.</html>", status, media_type="text/html")
    refused = Refused(status, error(names[status], "An error occurred"))
    return Response(encoded(refused.body), status, media_type=JSON)


def _touch(books: Books, path: str) -> None:
    """Somebody else saves the record first."""
    uid = path.strip("/").rpartition("/")[2]
    for name, table in books.tables.items():
        row = table.get(uid)
        if row is not None and "RowVersion" in row:
            books.save(name, row)
            books.commit()
            return
