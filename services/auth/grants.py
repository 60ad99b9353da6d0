"""The grants' rows: sealed tokens, and the lease of whoever refreshes them."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg

from libs.service.secrets import Vault
from services.auth.answers import Tokens

if TYPE_CHECKING:
    from libs.service.database import Connection, Pool


NAMESPACE = uuid.UUID("5a4d7c0e-6c1f-5d58-9d0e-3f2a6b1c8e47")

# A token that lives shorter than the margin would never be fresh.
READ = """
select *, state = 'live' as live, refresh_started_at is not null as in_doubt,
       coalesce(refresh_retry_at > now(), false) as waiting,
       expires_at > now() + least($2::interval, (expires_at - refreshed_at) / 4) as fresh,
       expires_at > now() + least($3::interval, (expires_at - refreshed_at) / 8) as usable
from provider_grant where id = $1
"""
STORE = """
insert into provider_grant as g
    (id, provider, subject, state, tokens, expires_at, refreshed_at, probed_at, refresh_life,
     ends_at)
values ($1, $2, $3, 'live', $4, now() + $5::interval, now(), now(), $6, now() + $7::interval)
on conflict (id) do update set state = 'live', tokens = excluded.tokens,
    expires_at = excluded.expires_at, refreshed_at = now(), probed_at = now(),
    refresh_started_at = null, refresh_leased_until = null, refresh_retry_at = null,
    refresh_life = excluded.refresh_life, ends_at = excluded.ends_at, version = g.version + 1
"""
LEASE = """
update provider_grant set version = version + 1, refresh_leased_until = now() + $3::interval,
    refresh_started_at = coalesce(refresh_started_at, now())
where id = $1 and version = $2 and state = 'live'
  and coalesce(refresh_leased_until <= now(), true)
returning version
"""
SETTLE = """
update provider_grant set version = version + 1, tokens = $3, expires_at = now() + $4::interval,
    refreshed_at = now(), refresh_started_at = null, refresh_leased_until = null,
    refresh_retry_at = null, refresh_life = coalesce($5, refresh_life),
    ends_at = coalesce(now() + $6::interval, ends_at)
where id = $1 and version = $2 and state = 'live'
"""
POSTPONE = """
update provider_grant set refresh_leased_until = null, refresh_retry_at = now() + $3::interval
where id = $1 and version = $2
"""
BURY = """
update provider_grant set version = version + 1, state = $3, tokens = null,
    refresh_started_at = null, refresh_leased_until = null
where id = $1 and version = $2 and state = 'live' returning id
"""
UNUSED = """
select * from provider_grant g where id = $1 and state = 'live'
  and not exists (select from connection c where c.grant_id = g.id and c.state = any($2))
  and not exists (select from oauth_state s
                  where s.grant_id = g.id and s.step = 'choosing' and s.expires_at > now())
for update
"""
NOT_CLOSED = ("open", "broken")


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as read; `fresh`: well before its end, `usable`: good for a call that leaves now."""

    id: uuid.UUID
    provider: str
    live: bool
    version: int
    expires_at: datetime
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    in_doubt: bool
    waiting: bool
    fresh: bool
    usable: bool


class Grants:
    """Reads and writes grants; tokens are sealed on the way in and opened on the way out."""

    def __init__(self, pool: "Pool", vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def read(self, grant: uuid.UUID, *, margin: timedelta, floor: timedelta) -> Grant | None:
        """None when there is no such grant."""
        row = await self._pool.fetchrow(READ, grant, margin, floor)
        return None if row is None else self._grant(row)

    async def store(self, db: "Connection", provider: str, tokens: Tokens) -> uuid.UUID:
        """Keep what a consent brought: one grant per subject, or per consent of an unnamed one."""
        subject = tokens.subject or str(uuid.uuid4())
        grant = uuid.uuid5(NAMESPACE, json.dumps([provider, subject]))
        sealed = self._seal(grant, tokens.access, tokens.refresh)
        lives = (tokens.life, tokens.refresh_life, tokens.consent_life)
        await db.execute(STORE, grant, provider, subject, sealed, *lives)
        return grant

    async def lease(self, grant: Grant, life: timedelta) -> int | None:
        """Commit the intent to refresh; the new version, None if another was first."""
        version: int | None = await self._pool.fetchval(LEASE, grant.id, grant.version, life)
        return version

    async def settle(self, grant: Grant, version: int, tokens: Tokens) -> None:
        """Keep the answer to a refresh, unless the lease was lost or a new consent came."""
        # A provider that does not rotate answers without a refresh token.
        sealed = self._seal(grant.id, tokens.access, tokens.refresh or grant.refresh)
        lives = (tokens.life, tokens.refresh_life, tokens.consent_life)
        await self._pool.execute(SETTLE, grant.id, version, sealed, *lives)

    async def postpone(self, grant: Grant, version: int, wait: timedelta) -> None:
        """The outcome is unknown: give the lease back, keep the intent and the old tokens."""
        await self._pool.execute(POSTPONE, grant.id, version, wait)

    async def bury(self, db: "Connection", grant: uuid.UUID, version: int) -> bool:
        """The provider refused it: erase its tokens; false if somebody else changed it first."""
        return await db.fetchval(BURY, grant, version, "dead") is not None

    async def end_unused(self, grant: uuid.UUID, users: Sequence[str] = NOT_CLOSED) -> str | None:
        """Erase the tokens of a grant nothing uses; the one to revoke, None if it is in use.

        `users` are the states in which a connection counts as using it.
        """
        async with self._pool.acquire() as db, db.transaction():
            row = await db.fetchrow(UNUSED, grant, users)
            if row is None:
                return None
            await db.execute(BURY, grant, row["version"], "ended")
        access, refresh = self._open(row)
        return refresh or access

    def _grant(self, row: asyncpg.Record) -> Grant:
        access, refresh = self._open(row) if row["live"] else ("", None)
        flags = {name: row[name] for name in ("live", "in_doubt", "waiting", "fresh", "usable")}
        return Grant(
            id=row["id"],
            provider=row["provider"],
            version=row["version"],
            expires_at=row["expires_at"],
            access=access,
            refresh=refresh,
            **flags,
        )

    def _seal(self, grant: uuid.UUID, access: str, refresh: str | None) -> bytes:
        plain = json.dumps({"access": access, "refresh": refresh}).encode()
        return self._vault.seal(plain, context(grant))

    def _open(self, row: asyncpg.Record) -> tuple[str, str | None]:
        opened = json.loads(self._vault.open(row["tokens"], context(row["id"])))
        return opened["access"], opened["refresh"]


def context(grant: uuid.UUID) -> str:
    """What sealed tokens are bound to: moved to another row they do not open."""
    return f"grant/{grant}"
