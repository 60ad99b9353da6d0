"""Answers on the wire: upper-case JSON, the lower-case one of refusals, XML."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from services.sandbox.providers.quickbooks_online import xmlform
from services.sandbox.providers.quickbooks_online.books import Habits
from services.sandbox.providers.quickbooks_online.errors import Invalid, Wire
from services.sandbox.providers.quickbooks_online.rendering import encoded, framed
from services.sandbox.providers.quickbooks_online.requestids import Stored

JSON = "application/json;charset=UTF-8"
XML = "application/xml;charset=UTF-8"
THROTTLED = "message=ThrottleExceeded; errorCode=003001; statusCode=429"
NO_SUCH_COMPANY = "AuthenticationErrorGeneral: SRV-110-Authentication Failure , statusCode: 401"
WRONG_CLUSTER = "Accessing Wrong Cluster : WrongClusterError"


@dataclass(slots=True)
class Refused(Exception):
    """The request is turned away before it reaches the company's data."""

    answer: Stored
    headers: dict[str, str]


def wants_xml(request: Request) -> bool:
    """JSON has to be asked for; without an Accept header it is JSON too."""
    accept = request.headers.get("accept", "")
    return "xml" in accept and "json" not in accept


def good(request: Request, now: datetime, body: Wire, *, bare: bool = False) -> Stored:
    """200."""
    whole = body if bare else framed(now, body)
    if wants_xml(request):
        return Stored(200, xmlform.write(whole), XML)
    return Stored(200, encoded(whole), JSON)


def faulty(request: Request, now: datetime, error: Invalid, habits: Habits) -> Stored:
    """A fault in the form the company has a habit of, JSON with its status by default."""
    body = framed(now, {"Fault": error.fault()})
    if wants_xml(request) or habits.fault_form == "xml":
        return Stored(error.status, xmlform.write(body), XML)
    return Stored(200 if habits.fault_form == "ok" else error.status, encoded(body), JSON)


def lower(now: datetime, status: int, name: str, code: str, detail: str, kind: str) -> Stored:
    """The envelope of the gateway before the API: every key lower-case."""
    message = f"message={name}; errorCode={int(code):06d}; statusCode={status}"
    error = {"message": message, "detail": detail, "code": code, "element": None}
    body: Wire = {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": kind},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(now.timestamp() * 1000),
        "status": None,
        "cdcresponse": [],
    }
    return Stored(status, encoded(body), JSON)


def in_xml(now: datetime, status: int, kind: str, code: str, message: str, detail: str) -> Stored:
    """A refusal in XML, whatever was asked for."""
    error = {"code": code, "Message": message, "Detail": detail}
    body = framed(now, {"Fault": {"type": kind, "Error": [error]}})
    return Stored(status, xmlform.write(body), XML)


def unauthenticated(now: datetime, detail: str) -> Refused:
    """401, 3200: the token is dead or none."""
    return Refused(
        lower(now, 401, "AuthenticationFailed", "3200", detail, "AUTHENTICATION"),
        {"www-authenticate": 'Bearer realm="Intuit", error="invalid_token"'},
    )


def unauthorized(now: datetime, detail: str) -> Refused:
    """403, 3100: the app or the scope."""
    return Refused(lower(now, 403, "ApplicationAuthorizationFailed", "3100", detail, "SERVICE"), {})


def not_of_realm(now: datetime) -> Refused:
    """401 in XML even when JSON was asked for: a good token, another company."""
    message = "General Authentication Error"
    return Refused(in_xml(now, 401, "AuthenticationFault", "100", message, NO_SUCH_COMPANY), {})


def throttled(now: datetime, seconds: float | None = None) -> Refused:
    """429 in XML; whether Retry-After is sent is UNCONFIRMED, so only a fault switch sends it."""
    detail = "The request limit was reached. Try again later"
    headers = {} if seconds is None else {"retry-after": str(int(seconds))}
    return Refused(in_xml(now, 429, "SERVICE", "3001", THROTTLED, detail), headers)
