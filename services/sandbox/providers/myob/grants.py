"""What users granted to apps: one company file per consent, codes and rotating tokens."""

import secrets
from dataclasses import dataclass

from services.sandbox.clock import Clock
from services.sandbox.providers.myob.books import Books

ACCESS_LIFE = 1200
CODE_LIFE = 120
"""A code lives 2 to 5 minutes."""
DAY = 86_400
YEAR = 365 * DAY
"""MYOB asks for a new consent each year."""

USER = "7d0b1c52-5a4d-4b0c-8a70-7a3e5b1d0002"
EMAIL = "bookkeeper@sandbox.example"


@dataclass(frozen=True, slots=True)
class App:
    """An API key with its secret."""

    id: str
    secret: str
    name: str


APPS = {"sandbox": App("sandbox", "sandbox-secret", "Ledgerbridge")}


@dataclass(frozen=True, slots=True)
class Consent:
    """One request for authorization, as the app made it."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    prompt: bool
    """`prompt=consent`: without it the redirect does not name the company file."""


@dataclass(eq=False, slots=True)
class Grant:
    """What one consent allows: one app, one company file, its scopes, for a year."""

    app: App
    company: str
    scopes: tuple[str, ...]
    until: float
    ended: bool = False


@dataclass(slots=True)
class _Lasting:
    grant: Grant
    until: float


class InvalidGrantError(Exception):
    """The code or refresh token is not, or no longer, good."""


class Grants:
    """The grants of the one simulated user."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.standing: dict[str, list[Grant]] = {}
        self._codes: dict[str, tuple[Consent, _Lasting]] = {}
        self._refresh: dict[str, _Lasting] = {}
        self._access: dict[str, _Lasting] = {}

    def approve(self, consent: Consent, company: str) -> str:
        """Let the app into this company file; returns the code for the redirect."""
        now = self._clock.seconds()
        grant = Grant(consent.app, company, consent.scopes, now + YEAR)
        self.standing.setdefault(company, []).append(grant)
        code = secrets.token_urlsafe(32)
        self._codes[code] = (consent, _Lasting(grant, now + CODE_LIFE))
        return code

    def redeem(self, code: str, redirect_uri: str, app: App) -> Grant:
        """The grant behind a code, which is good once; raises InvalidGrantError."""
        consent, lasting = self._codes.pop(code, (None, None))
        if consent is None or lasting is None or consent.redirect_uri != redirect_uri:
            raise InvalidGrantError
        return self._alive(lasting, app)

    def rotate(self, token: str, app: App, companies: dict[str, Books]) -> Grant:
        """The grant behind a refresh token, which dies of it; raises InvalidGrantError.

        Whether the old one keeps working is UNCONFIRMED: the company's `refresh_grace` says how
        long it does.
        """
        lasting = self._refresh.get(token)
        if lasting is None:
            raise InvalidGrantError
        grant = self._alive(lasting, app)
        grace = companies[grant.company].habits.refresh_grace
        lasting.until = min(lasting.until, self._clock.seconds() + grace)
        return grant

    def issue(self, grant: Grant, books: Books) -> tuple[str, str]:
        """A new access token and refresh token."""
        now = self._clock.seconds()
        access, refresh = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
        self._access[access] = _Lasting(grant, now + ACCESS_LIFE)
        self._refresh[refresh] = _Lasting(grant, now + books.habits.refresh_days * DAY)
        return access, refresh

    def opened(self, token: str) -> Grant | None:
        """The grant of an access token; None when it is not, or no longer, good."""
        lasting = self._access.get(token)
        if lasting is None or lasting.until <= self._clock.seconds() or lasting.grant.ended:
            return None
        return lasting.grant

    def end(self, company: str) -> None:
        """The user takes the app out of the file: every token of it is dead."""
        for grant in self.standing.pop(company, []):
            grant.ended = True

    def _alive(self, lasting: _Lasting, app: App) -> Grant:
        grant, now = lasting.grant, self._clock.seconds()
        if lasting.until <= now or grant.until <= now or grant.ended or grant.app is not app:
            raise InvalidGrantError
        return grant
