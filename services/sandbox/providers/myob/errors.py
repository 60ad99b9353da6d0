"""MYOB's error answers: a list of `Errors`, each named (dossier section 10)."""

from typing import Any

Wire = dict[str, Any]
LEARN_MORE = "https://developer.myob.com/api/myob-business-api/api-overview/error-messages/"


class Refused(Exception):
    """The request is answered with this status and these errors."""

    def __init__(self, status: int, *errors: Wire) -> None:
        super().__init__(status, *errors)
        self.status = status
        self.errors = errors

    @property
    def body(self) -> Wire:
        """As it stands on the wire."""
        return {"Errors": list(self.errors), "Information": None}


def error(
    name: str,
    message: str,
    code: int | None = None,
    details: str = "",
    severity: str = "Error",
) -> Wire:
    """One element of `Errors`; the vendor's page shows a null code where there is none."""
    return {
        "Name": name,
        "Message": message,
        "AdditionalDetails": details,
        "ErrorCode": code,
        "Severity": severity,
        "LearnMore": LEARN_MORE,
    }


def invalid(name: str, message: str, code: int | None = None, details: str = "") -> Refused:
    """400 with one error."""
    return Refused(400, error(name, message, code, details))


def required(path: str) -> Wire:
    """A field that must be sent."""
    return error("Required", f"{path} is required", 100, path)


def dead(path: str) -> Wire:
    """A reference to something that is not there."""
    return error("NotFound", f"{path} was not found", 150, path)


def unreadable(details: str) -> Refused:
    """400 `SerializationError`."""
    return invalid("SerializationError", "The request body could not be read", 50, details)


def too_long(path: str, size: int) -> Wire:
    """A text above its length; name and code are UNCONFIRMED."""
    return error("MaximumLengthExceeded", f"{path} has more than {size} characters", None, path)


def out_of_place(path: str, message: str) -> Refused:
    """A value that breaks a rule the dossier gives no name for (UNCONFIRMED name)."""
    return invalid("InvalidValue", message, None, path)


def bad_query(details: str) -> Refused:
    """400 for an OData option that cannot be used; its name is UNCONFIRMED."""
    return invalid("BadRequest", "The query is not valid", None, details)


def stale(path: str) -> Refused:
    """409 for a missing or outdated RowVersion."""
    return Refused(
        409,
        error(
            "IncorrectRowVersionSupplied",
            "The RowVersion supplied is missing or not the current one",
            111,
            path,
        ),
    )


def not_yours_to_choose(path: str) -> Refused:
    """409 for UID, RowID or RowVersion in a POST; its name is UNCONFIRMED."""
    return Refused(409, error("Conflict", f"{path} must not be supplied on POST", None, path))


def duplicate(path: str, value: str) -> Wire:
    """An identifier that is taken; the exact text is UNCONFIRMED."""
    return error("DuplicateIdentifier", f"{path} '{value}' already exists", None, path)


def unauthorized() -> Refused:
    """401."""
    text = "The supplied OAuth token (Bearer) is not valid"
    return Refused(401, error("OAuthTokenIsInvalid", "Access denied", None, text))


def denied(details: str) -> Refused:
    """403: company-file user, role, scope or company."""
    return Refused(403, error("AccessDenied", "Access denied", None, details))


def inactive() -> Refused:
    """403: the API key is missing, unknown or suspended."""
    details = "Header: x-myobapi-key"
    return Refused(
        403, error("DeveloperInactive", "The API key is missing or not active", None, details)
    )


def throttled(window: str, status: int = 403) -> Refused:
    """403 `RateLimitError` of the key's `per-second` or `daily` limit."""
    message = f"API key has exceeded the {window} rate limit"
    return Refused(status, error("RateLimitError", message, None, "Header: x-myobapi-key"))


def missing() -> Refused:
    """404; the body's shape is UNCONFIRMED."""
    return Refused(404, error("ResourceNotFound", "The resource was not found"))


def not_allowed(method: str) -> Refused:
    """405."""
    return Refused(405, error("MethodNotAllowed", f"{method} is not supported here"))
