"""What users granted to apps: one company per consent, codes, tokens that rotate and die."""

import secrets
from dataclasses import dataclass, field

from services.sandbox.clock import Clock

ACCESS_LIFE = 3600
REFRESH_LIFE = 8_640_000
"""100 days, rolling."""
HARD_LIFE = 5 * 365 * 86_400
ROTATION = 86_400
"""The value of a refresh token changes daily, and the one before it lives as long again."""
CODE_LIFE = 600
EMAIL = "bookkeeper@sandbox.example"
USER = "5a4d0b0c-8a70-4a3e-9b1d-7e3f5c2a1d01"


@dataclass(frozen=True, slots=True)
class App:
    """An app as registered in the developer portal."""

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


@dataclass(slots=True)
class Refresh:
    """One value of a grant's refresh token."""

    value: str
    made: float
    until: float


@dataclass(slots=True)
class Grant:
    """A connection: one app, one company."""

    app: App
    company: str
    scopes: tuple[str, ...]
    born: float
    tokens: list[Refresh] = field(default_factory=list)
    alive: bool = True
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """An access token."""

    grant: Grant
    until: float


class InvalidGrantError(Exception):
    """The code or refresh token is not, or no longer, good."""


class Grants:
    """The grants of the one simulated user."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, tuple[Consent, str, float]] = {}
        self._refresh: dict[str, Grant] = {}
        self._current: dict[tuple[str, str], list[Grant]] = {}
        self.access: dict[str, Access] = {}

    def approve(self, consent: Consent, company: str) -> str:
        """The code for the redirect."""
        code = "AB" + secrets.token_urlsafe(30)
        self._codes[code] = (consent, company, self._clock.seconds() + CODE_LIFE)
        return code

    def redeem(self, code: str, redirect_uri: str, app: App, *, replaces: bool) -> Grant:
        """The new grant behind a code; raises InvalidGrantError."""
        consent, company, until = self._codes.pop(code, (None, "", 0.0))
        now = self._clock.seconds()
        if consent is None or until <= now or consent.app is not app:
            raise InvalidGrantError
        if consent.redirect_uri != redirect_uri:
            raise InvalidGrantError
        former = self._current.setdefault((app.id, company), [])
        if replaces:
            for grant in former:
                grant.alive = False
            former.clear()
        grant = Grant(app, company, consent.scopes, now)
        former.append(grant)
        self._renew(grant)
        return grant

    def refresh(self, token: str, app: App) -> Grant:
        """The grant behind a refresh token, its value renewed once a day; or InvalidGrantError."""
        grant = self._refresh.get(token)
        now = self._clock.seconds()
        if grant is None or grant.app is not app or not grant.alive:
            raise InvalidGrantError
        used = next(one for one in grant.tokens if one.value == token)
        if used.until <= now or grant.born + HARD_LIFE <= now:
            raise InvalidGrantError
        if now - grant.tokens[-1].made >= ROTATION:
            self.rotate(grant)
        return grant

    def rotate(self, grant: Grant) -> None:
        """A new value now; the one before it has 24 hours left."""
        newest = grant.tokens[-1]
        newest.until = min(newest.until, self._clock.seconds() + ROTATION)
        self._renew(grant)

    def _renew(self, grant: Grant) -> None:
        now = self._clock.seconds()
        value = f"AB11{int(now) + REFRESH_LIFE}{secrets.token_urlsafe(24)}"
        grant.tokens.append(Refresh(value, now, min(now + REFRESH_LIFE, grant.born + HARD_LIFE)))
        self._refresh[value] = grant

    def issue(self, grant: Grant) -> str:
        """A new access token; the older ones live on."""
        token = "eyJlbmMi" + secrets.token_urlsafe(48)
        self.access[token] = Access(grant, self._clock.seconds() + ACCESS_LIFE)
        return token

    def of(self, token: str) -> Grant | None:
        """The live grant behind a refresh or access token."""
        access = self.access.get(token)
        grant = access.grant if access else self._refresh.get(token)
        return grant if grant and grant.alive else None

    def revoke(self, grant: Grant) -> None:
        """Every token of it is dead."""
        grant.alive = False
        kept = self._current.get((grant.app.id, grant.company), [])
        if grant in kept:
            kept.remove(grant)

    def disconnect(self, company: str) -> int:
        """A user disconnects every app from a company; how many there were."""
        found = [g for (_, of), many in self._current.items() if of == company for g in list(many)]
        for grant in found:
            self.revoke(grant)
        return len(found)

    def connected(self, company: str) -> bool:
        """Is an app connected to the company?"""
        return any(of == company and many for (_, of), many in self._current.items())
