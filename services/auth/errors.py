"""What can go wrong with a grant, named for what to do about it.

Exception
├── VendorDown     no usable answer: the same again later
├── GrantDead      refused for good: a person must connect again
├── Misconfigured  the operator must mend the app's credentials
└── TurnedAway     the person in the browser gets a page that says why and what next
"""

from dataclasses import dataclass, field
from datetime import timedelta


class VendorDown(Exception):
    """The provider gave no usable answer; the message is a sentence."""

    def __init__(self, message: str, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


class GrantDead(Exception):
    """The provider no longer takes the grant's tokens; the message is the reason."""


class Misconfigured(Exception):
    """The provider does not accept our app, or we have no credentials for it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A page of its own: HTTP status, what happened, what to do next."""

    word: str
    status: int
    title: str
    next_step: str


DENIED = Reason(
    "denied", 403, "Access was not granted", "Start again and choose to allow access at {provider}."
)
BAD_LINK = Reason(
    "bad-link", 400, "This link does not work", "Go back to your invoicing and connect again."
)
UNKNOWN_PROVIDER = Reason(
    "unknown-provider", 404, "There is no such connection", "Go back and choose again."
)
UNKNOWN_STATE = Reason(
    "unknown-state", 400, "This page was opened out of turn", "Go back and connect again."
)
EXPIRED = Reason(
    "expired", 410, "That took too long", "Go back and connect again, within ten minutes."
)
USED = Reason(
    "used",
    409,
    "This step was already taken",
    "If the company does not show as connected, connect again.",
)
OTHER_BROWSER = Reason(
    "other-browser",
    403,
    "Another browser began this",
    "Finish in the browser you began in, or connect again in this one.",
)
NO_COMPANY = Reason(
    "no-company",
    409,
    "No company to connect",
    "Sign in at {provider} as somebody who may connect the company, and choose one there.",
)
WRONG_COMPANY = Reason(
    "wrong-company",
    409,
    "That is another company",
    "Connect again and choose {wanted} at {provider}; another company needs a connection of its "
    "own.",
)
TAKEN = Reason(
    "taken",
    409,
    "That company is already connected",
    "Disconnect it there first, or choose another company.",
)
VENDOR_DOWN = Reason(
    "vendor-down", 503, "{provider} does not answer", "Wait a minute, then connect again."
)
REFUSED = Reason("refused", 502, "{provider} refused the sign-in", "Connect again.")
MISCONFIGURED = Reason(
    "misconfigured",
    503,
    "This connection is not set up",
    "Tell support: the app's credentials for {provider} are missing or wrong.",
)


class TurnedAway(Exception):
    """Shown to the person as an error page."""

    def __init__(
        self,
        reason: Reason,
        sentence: str,
        *,
        return_to: str | None = None,
        **names: str,
    ) -> None:
        super().__init__(sentence)
        self.page = ErrorPage(reason, sentence, return_to, names)


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """The words of one error page."""

    reason: Reason
    sentence: str
    return_to: str | None = None
    names: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.reason.title.format(**self.names)

    @property
    def next_step(self) -> str:
        return self.reason.next_step.format(**self.names)
