"""Visits to a consent page: a state is good once, for ten minutes, in the browser that began."""

import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg

from libs.service.links import ConnectLink
from libs.service.secrets import Vault
from services.auth.answers import Company
from services.auth.errors import EXPIRED, OTHER_BROWSER, UNKNOWN_STATE, USED, TurnedAway

if TYPE_CHECKING:
    from libs.service.database import Connection, Pool

LIFE = timedelta(minutes=10)

BEGIN = """
insert into oauth_state (id, state_hash, browser_hash, provider, link, verifier, step, expires_at)
values ($1, $2, $3, $4, $5, $6, 'sent', now() + $7::interval)
"""
TAKE = """
update oauth_state set step = 'returned'
where state_hash = $1 and provider = $2 and browser_hash = $3 and step = 'sent'
  and expires_at > now()
returning *
"""
CHOOSE = """
update oauth_state set step = 'choosing', grant_id = $2, companies = $3,
    expires_at = now() + $4::interval
where id = $1
"""
FORGET = "delete from oauth_state where expires_at < now() - interval '1 day'"


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit; the verifier is only there where it is wanted."""

    id: uuid.UUID
    provider: str
    link: ConnectLink
    step: str
    expired: bool = False
    verifier: str = field(default="", repr=False)
    grant: uuid.UUID | None = None
    companies: Sequence[Company] = ()
    connection: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """What the consent page is sent."""

    state: str = field(repr=False)
    verifier: str = field(repr=False)


class Visits:
    """Reads and writes the visits' rows."""

    def __init__(self, pool: "Pool", vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def begin(self, provider: str, link: ConnectLink, browser: str) -> Departure:
        """A new state, bound to the browser whose session cookie holds `browser`."""
        key = uuid.uuid4()
        departure = Departure(secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        await self._pool.execute(
            BEGIN,
            key,
            _hash(departure.state),
            _hash(browser),
            provider,
            link.model_dump_json(),
            self._vault.seal(departure.verifier.encode(), _context(key)),
            LIFE,
        )
        return departure

    async def take(self, provider: str, state: str, browser: str) -> Visit:
        """The visit that comes back, once; raises `TurnedAway`."""
        row = await self._pool.fetchrow(TAKE, _hash(state), provider, _hash(browser))
        if row is None:
            raise await self._refusal(provider, state, browser)
        verifier = self._vault.open(row["verifier"], _context(row["id"]))
        return _visit(row, verifier.decode())

    async def read(self, visit: uuid.UUID, browser: str) -> Visit:
        """A visit of this browser; raises `TurnedAway`."""
        row = await self._pool.fetchrow(
            "select *, expires_at <= now() as expired from oauth_state where id = $1", visit
        )
        if row is None:
            raise TurnedAway(UNKNOWN_STATE, "There is no such visit.")
        if not hmac.compare_digest(row["browser_hash"], _hash(browser)):
            raise TurnedAway(OTHER_BROWSER, "The visit belongs to another browser.")
        return _visit(row, expired=row["expired"])

    async def ask(self, visit: Visit, grant: uuid.UUID, companies: Sequence[Company]) -> None:
        """Keep the companies to choose from."""
        listed = json.dumps([asdict(company) for company in companies])
        await self._pool.execute(CHOOSE, visit.id, grant, listed, LIFE)

    async def finish(self, db: "Connection", visit: Visit, connection: str) -> None:
        """The visit ends in this connection."""
        await db.execute(
            "update oauth_state set step = 'done', connection_id = $2 where id = $1",
            visit.id,
            uuid.UUID(connection),
        )

    async def forget_old(self) -> None:
        """Delete what ended more than a day ago."""
        await self._pool.execute(FORGET)

    async def _refusal(self, provider: str, state: str, browser: str) -> TurnedAway:
        row = await self._pool.fetchrow(
            """
            select link, step, browser_hash, expires_at <= now() as expired
            from oauth_state where state_hash = $1 and provider = $2
            """,
            _hash(state),
            provider,
        )
        if row is None:
            return TurnedAway(UNKNOWN_STATE, "The answer does not belong to a visit of ours.")
        if not hmac.compare_digest(row["browser_hash"], _hash(browser)):
            return TurnedAway(OTHER_BROWSER, "This visit was begun in another browser.")
        return_to = ConnectLink.model_validate_json(row["link"]).return_to
        if row["step"] != "sent":
            sentence = "The provider's answer was already used; it is good once."
            return TurnedAway(USED, sentence, return_to=return_to)
        sentence = "A visit to the provider's page is good for ten minutes."
        return TurnedAway(EXPIRED, sentence, return_to=return_to)


def csrf_token(visit: Visit, browser: str) -> str:
    """What a form of this visit carries; only the browser's cookie can make it."""
    return hmac.new(browser.encode(), visit.id.bytes, hashlib.sha256).hexdigest()


def _visit(row: asyncpg.Record, verifier: str = "", *, expired: bool = False) -> Visit:
    companies = json.loads(row["companies"] or "[]")
    return Visit(
        id=row["id"],
        provider=row["provider"],
        link=ConnectLink.model_validate_json(row["link"]),
        step=row["step"],
        expired=expired,
        verifier=verifier,
        grant=row["grant_id"],
        companies=[Company(**company) for company in companies],
        connection=row["connection_id"],
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _context(visit: uuid.UUID) -> str:
    return f"oauth_state/{visit}"
