"""Xero's error answers: validation, malformed data, bad queries and the problem-like bodies."""

from typing import Any
from uuid import uuid4

Wire = dict[str, Any]


class Invalid(Exception):
    """One element breaks rules; each message is a sentence of the vendor's."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


class Refused(Exception):
    """The whole request is answered with this status and body."""

    def __init__(self, status: int, body: Wire, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def validation(elements: list[Wire]) -> Refused:
    """400 with the failed elements echoed (dossier section 10)."""
    return Refused(
        400,
        {
            "ErrorNumber": 10,
            "Type": "ValidationException",
            "Message": "A validation exception occurred",
            "Elements": elements,
        },
    )


def malformed(message: str) -> Refused:
    """400 `PostDataInvalidException`: the body cannot be read."""
    return _numbered(14, "PostDataInvalidException", message)


def bad_query(message: str) -> Refused:
    """400 `QueryParseException`; its number 16 is UNCONFIRMED."""
    return _numbered(16, "QueryParseException", message)


def key_misused(message: str) -> Refused:
    """400 for a wrong Idempotency-Key; number and type are UNCONFIRMED, the text is not."""
    return _numbered(10, "ValidationException", message)


def _numbered(number: int, kind: str, message: str) -> Refused:
    return Refused(400, {"ErrorNumber": number, "Type": kind, "Message": message})


def problem(status: int, title: str, detail: str) -> Refused:
    """The problem-like body of 401, 403 and the gateway's other answers (dossier section 2)."""
    body: Wire = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": str(uuid4()),
        "Extensions": {},
    }
    return Refused(status, body)


def unauthorized(detail: str) -> Refused:
    """401."""
    return problem(401, "Unauthorized", detail)


def forbidden() -> Refused:
    """403: the tenant is not, or no longer, connected."""
    return problem(403, "Forbidden", "AuthenticationUnsuccessful")


def not_found() -> Refused:
    """404; the body's shape is UNCONFIRMED."""
    return problem(404, "Not Found", "The resource you're looking for cannot be found")


def too_large() -> Refused:
    """Over 3.5 MB; the status (413 or 400) is UNCONFIRMED."""
    return problem(413, "Payload Too Large", "The request body exceeds 3.5 MB")
