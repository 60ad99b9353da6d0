"""What stands between a request and its handler: token, scope, size, and the form of both."""

from starlette.requests import Request

from services.sandbox.clock import Clock
from services.sandbox.faults import Fault
from services.sandbox.providers.xero import xmlform
from services.sandbox.providers.xero.books import Books
from services.sandbox.providers.xero.call import Answer, decoded
from services.sandbox.providers.xero.errors import Refused, problem, too_large, unauthorized
from services.sandbox.providers.xero.grants import Access, Grants
from services.sandbox.providers.xero.idempotency import Stored
from services.sandbox.providers.xero.limits import Throttled
from services.sandbox.providers.xero.rendering import encoded, envelope
from services.sandbox.providers.xero.routes import scopes_of

LARGEST = 3_670_016
"""3.5 MB."""

JSON = "application/json"
XML = "text/xml"


def access_of(grants: Grants, clock: Clock, request: Request) -> Access:
    """What the bearer token opens; raises Refused (401)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    access = grants.access.get(token)
    if scheme.lower() != "bearer" or access is None:
        raise unauthorized("AuthenticationUnsuccessful")
    if access.until <= clock.seconds():
        raise unauthorized("TokenExpired: token expired")
    return access


def permit(access: Access, method: str, path: str) -> None:
    """Raises Refused (401) when no scope of the token opens the path."""
    wanted = set(scopes_of(path))
    if method == "GET":
        wanted |= {f"{scope}.read" for scope in wanted}
    if wanted and not wanted & access.scopes:
        raise unauthorized("AuthorizationUnsuccessful")


async def read_body(request: Request) -> bytes:
    """The raw body; raises Refused above 3.5 MB.

    It is read to its end: whoever is cut off while sending may never see the answer.
    """
    body, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= LARGEST:
            body += chunk
    if size > LARGEST:
        raise too_large()
    return bytes(body)


def read_wire(request: Request, body: bytes) -> object:
    """The body as JSON or, from old clients, XML; raises Refused (400)."""
    if "xml" in request.headers.get("content-type", "") or body.lstrip()[:1] == b"<":
        return xmlform.read(body)
    return decoded(body)


def throttled_answer(throttled: Throttled) -> Refused:
    """429; its body is empty, as it may be."""
    headers = {
        "retry-after": str(throttled.retry_after),
        "x-rate-limit-problem": throttled.problem,
    }
    return Refused(429, {}, headers)


def broken(fault: Fault) -> Refused:
    """The 5xx of a fault."""
    status = fault.status or 500
    return Refused(status, problem(status, "An error occurred", "").body)


def stored(status: int, body: dict[str, object], request: Request) -> Stored:
    """An answer without an envelope."""
    if not body:
        return Stored(status, b"", "text/plain")
    if _wants_json(request):
        return Stored(status, encoded(body), JSON)
    return Stored(status, xmlform.write(body, "ApiException"), XML)


def rendered(books: Books, answer: Answer, request: Request) -> Stored:
    """The answer in the form that was asked for."""
    if answer.content is not None:
        return Stored(answer.status, answer.content, answer.content_type)
    if answer.body is None:
        return Stored(answer.status, b"", "")
    if answer.bare:
        return stored(answer.status, answer.body, request)
    whole = envelope(books, answer.body)
    if _wants_json(request):
        return Stored(answer.status, encoded(whole), JSON)
    return Stored(answer.status, xmlform.write(whole), XML)


def _wants_json(request: Request) -> bool:
    return JSON in request.headers.get("accept", "")
