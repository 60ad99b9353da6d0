"""What users granted to apps: connections, scopes, authorization codes and rotating tokens."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256

from services.sandbox.clock import Clock
from services.sandbox.providers.xero.books import new_id
from services.sandbox.providers.xero.errors import Wire

ACCESS_LIFE = 1800
REFRESH_LIFE = 60 * 86_400
GRACE = 1800
CODE_LIFE = 300
USER = "00000000-5a4d-4b0c-8a70-7a3e5b1d0001"
EMAIL = "bookkeeper@sandbox.example"


@dataclass(frozen=True, slots=True)
class App:
    """An app as registered in the developer portal."""

    id: str
    secret: str
    name: str


APPS = {"sandbox": App("sandbox", "sandbox-secret", "Ledgerbridge")}


@dataclass(slots=True)
class Grant:
    """All that one user allowed one app; tokens belong to it, not to a connection."""

    app: App
    scopes: dict[str, None] = field(default_factory=dict)
    connections: dict[str, Wire] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Consent:
    """One request for authorization, as the app made it."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code, good once."""

    consent: Consent
    auth_event: str
    until: float


@dataclass(slots=True)
class Refresh:
    """A refresh token; dead 60 days after its issue, or 30 minutes after its successor's."""

    auth_event: str
    until: float


@dataclass(frozen=True, slots=True)
class Access:
    """An access token."""

    grant: Grant
    scopes: frozenset[str]
    until: float


class InvalidGrantError(Exception):
    """The code or refresh token is not, or no longer, good."""


class Grants:
    """The grants of the one simulated user."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.by_app: dict[str, Grant] = {}
        self._codes: dict[str, Code] = {}
        self._refresh: dict[str, tuple[Grant, Refresh]] = {}
        self.access: dict[str, Access] = {}

    def approve(self, consent: Consent, companies: list[tuple[str, str]]) -> str:
        """Connect these companies (id, name); returns the code for the redirect."""
        grant = self.by_app.setdefault(consent.app.id, Grant(consent.app))
        grant.scopes.update(dict.fromkeys(consent.scopes))
        event = new_id()
        for company, name in companies:
            self._connect(grant, company, name, event)
        code = secrets.token_urlsafe(32)
        self._codes[code] = Code(consent, event, self._clock.seconds() + CODE_LIFE)
        return code

    def _connect(self, grant: Grant, company: str, name: str, event: str) -> None:
        now = self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"
        before = grant.connections.get(company)
        grant.connections[company] = {
            "id": before["id"] if before else new_id(),
            "authEventId": event,
            "tenantId": company,
            "tenantType": "ORGANISATION",
            "tenantName": name,
            "createdDateUtc": before["createdDateUtc"] if before else now,
            "updatedDateUtc": now,
        }

    def redeem(self, code: str, redirect_uri: str, verifier: str, app: App) -> tuple[Grant, str]:
        """The grant and event behind a code; raises InvalidGrantError."""
        known = self._codes.pop(code, None)
        if known is None or known.until <= self._clock.seconds() or known.consent.app is not app:
            raise InvalidGrantError
        if known.consent.redirect_uri != redirect_uri:
            raise InvalidGrantError
        challenge = known.consent.challenge
        if bool(verifier) != bool(challenge) or (challenge and not _proves(verifier, challenge)):
            raise InvalidGrantError
        return self.by_app[app.id], known.auth_event

    def rotate(self, token: str, app: App) -> tuple[Grant, str]:
        """The grant behind a refresh token, which lives on for its grace; or InvalidGrantError."""
        found = self._refresh.get(token)
        now = self._clock.seconds()
        if found is None or found[1].until <= now or found[0].app is not app:
            raise InvalidGrantError
        grant, refresh = found
        refresh.until = min(refresh.until, now + GRACE)
        return grant, refresh.auth_event

    def add_refresh(self, grant: Grant, auth_event: str) -> str:
        """A new refresh token."""
        token = secrets.token_urlsafe(48)
        until = self._clock.seconds() + REFRESH_LIFE
        self._refresh[token] = (grant, Refresh(auth_event, until))
        return token

    def revoke(self, token: str, app: App) -> None:
        """End the user's whole grant: every connection and every token of it."""
        grant = self._refresh.get(token, (None, None))[0]
        if grant is None or grant.app is not app:
            return
        self.by_app.pop(app.id, None)
        grant.connections.clear()
        grant.scopes.clear()
        self._refresh = {key: one for key, one in self._refresh.items() if one[0] is not grant}
        self.access = {key: one for key, one in self.access.items() if one.grant is not grant}


def _proves(verifier: str, challenge: str) -> bool:
    if not 43 <= len(verifier) <= 128 or not verifier.isascii():
        return False
    digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return secrets.compare_digest(digest, challenge)
