"""Chores nobody asks for: doubts settled, idle grants kept alive, companies probed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import structlog

from libs.service.secrets import SecretUnreadable
from services.auth.connections import Connections
from services.auth.disconnecting import Ending
from services.auth.errors import GrantDead, Misconfigured, VendorDown
from services.auth.keys import Keys
from services.auth.vendors import Vendor, Vendors
from services.auth.visits import Visits

if TYPE_CHECKING:
    from libs.service.database import Pool

# A refresh whose answer was lost must be repeated while the provider's grace lasts.
DOUBTFUL = """
select id from provider_grant
where state = 'live' and refresh_started_at is not null
  and coalesce(refresh_leased_until <= now(), true) and coalesce(refresh_retry_at <= now(), true)
"""
IDLE = """
select id from provider_grant
where state = 'live' and provider = $1
  and refreshed_at < now() - coalesce(refresh_life, $2::interval) / 2
"""
ENDING = """
select id, provider, ends_at from provider_grant where state = 'live' and ends_at < now() + $1
"""
EARLY = timedelta(days=30)
ABANDONED = """
select id, provider from provider_grant g
where state = 'live' and refreshed_at < now() - interval '15 minutes'
  and not exists (select from connection c where c.grant_id = g.id and c.state <> 'closed')
"""
KEPT = """
select c.* from connection c join provider_grant g on g.id = c.grant_id
where c.state = 'closed' and c.link is not null and g.state = 'live'
"""
PROBE = """
update provider_grant set probed_at = now() where id = (
    select id from provider_grant g
    where state = 'live' and probed_at <= now() - $1::interval
      and exists (select from connection c where c.grant_id = g.id and c.state = 'open')
    order by probed_at limit 1 for update skip locked)
returning id, provider
"""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The chores; several replicas may do them at once."""

    pool: "Pool"
    vendors: Vendors
    visits: Visits
    connections: Connections
    keys: Keys
    ending: Ending
    probe_every: timedelta

    async def once(self) -> None:
        """Every chore, one after the other; one that fails does not stop the next."""
        ours = (self.settle_doubts, self.keep_idle, self.warn, self.clean)
        for chore in (*ours, self.let_go, self.probe):
            await _tolerant(chore)

    async def forever(self, every: timedelta) -> None:
        """Every chore again and again, until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(every.total_seconds())

    async def settle_doubts(self) -> None:
        """Repeat the refreshes whose answers never came."""
        for row in await self.pool.fetch(DOUBTFUL):
            await _quietly(self.keys.access(row["id"]))

    async def keep_idle(self) -> None:
        """Refresh what would die unused, at half its life."""
        for vendor in self.vendors:
            life = vendor.oauth.refresh_token_life
            for row in await self.pool.fetch(IDLE, vendor.facts.id, life):
                await _quietly(self.keys.renew(row["id"]))

    async def warn(self) -> None:
        """Say a month before that a consent ends, however much it is used."""
        for row in await self.pool.fetch(ENDING, EARLY):
            name, day = self.vendors[row["provider"]].name, row["ends_at"].astimezone(UTC)
            sentence = f"{name} lets us in until {day.day} {day:%B %Y}: connect again before that."
            async with self.pool.acquire() as db, db.transaction():
                await self.connections.warn(db, row["id"], sentence)

    async def clean(self) -> None:
        """Erase grants that never got a connection, or lost it, and old visits."""
        for row in await self.pool.fetch(ABANDONED):
            await self.ending.release(row["id"], self.vendors[row["provider"]])
        await self.visits.forget_old()

    async def let_go(self) -> None:
        """Repeat what a provider did not hear when a connection was closed."""
        for row in await self.pool.fetch(KEPT):
            await self.ending.let_go(row)

    async def probe(self) -> None:
        """Ask for the companies of each grant that is due."""
        while (row := await self.pool.fetchrow(PROBE, self.probe_every)) is not None:
            await _quietly(self.probe_grant(row["id"], row["provider"]))

    async def probe_grant(self, grant: UUID, provider: str) -> None:
        """A company no longer listed breaks its connection; a renamed one is published.

        Raises `GrantDead`, `VendorDown`, `Misconfigured`; then nothing is changed.
        """
        vendor = self.vendors[provider]
        if not vendor.lists:
            await self._probe_each(grant, vendor)
            return
        token = await self.keys.access(grant)
        listed = await vendor.companies(token.value)
        reason = f"Access to this company was removed at {vendor.name}."
        async with self.pool.acquire() as db, db.transaction():
            there = [company.id for company in listed]
            await self.connections.break_all(db, grant, reason, but=there)
            for company in listed:
                await self.connections.rename(db, grant, company)

    async def _probe_each(self, grant: UUID, vendor: Vendor) -> None:
        token = await self.keys.access(grant)
        for company in await self.connections.companies(grant):
            found = await vendor.company(token.value, company)
            if found is None:
                # One refusal is no proof, but a grant that was taken away is not renewed.
                await self.keys.renew(grant)
                log.warning("company.unreached", grant=str(grant), provider=vendor.facts.id)
                continue
            async with self.pool.acquire() as db, db.transaction():
                await self.connections.rename(db, grant, found)


async def _quietly(chore: Awaitable[object]) -> None:
    try:
        await chore
    except (GrantDead, VendorDown, Misconfigured, SecretUnreadable) as error:
        log.warning("chore.postponed", reason=str(error))


async def _tolerant(chore: Callable[[], Awaitable[None]]) -> None:
    try:
        await chore()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SecretUnreadable) as error:
        log.warning("chore.failed", chore=chore.__name__, error=type(error).__name__)
