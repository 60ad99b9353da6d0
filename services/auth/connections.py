"""The connections' rows; every change is journalled, whole, in the transaction that makes it."""

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import asyncpg

from contracts.messages import Connection as Message
from contracts.messages import Scope
from libs.service.links import ConnectLink
from services.auth.answers import Company
from services.auth.journal import write

if TYPE_CHECKING:
    from libs.service.database import Connection, Pool

NAMESPACE = uuid.UUID("0d1c9a52-2f0b-5c3e-8f57-6c1d5f6ab0e4")

# A reconnect keeps its start, so that nothing made meanwhile is left out; what was disconnected
# and is connected anew begins now, because its books may have been kept by hand.
OPEN = """
insert into connection as c (id, tenant, provider, company, company_name, link, grant_id, state,
                             opened_at, starts_at, scope)
values ($1, $2, $3, $4, $5, $6, $7, 'open', now(), coalesce($8, now()), coalesce($9, '{}'::jsonb))
on conflict (id) do update set
    company_name = excluded.company_name, link = excluded.link, grant_id = excluded.grant_id,
    opened_at = case when c.state = 'closed' then now() else c.opened_at end,
    starts_at = case when c.state <> 'closed' or $10 then least(c.starts_at, $8)
                     else excluded.starts_at end,
    scope = coalesce($9, c.scope), state = 'open', reason = '', version = c.version + 1
returning *
"""
REVIVE = """
update connection set state = 'open', reason = '', version = version + 1
where grant_id = $1 and state = 'broken' and company = any($2) returning *
"""
BREAK = """
update connection set state = 'broken', reason = $2, version = version + 1
where grant_id = $1 and state = 'open' and company <> all($3) returning *
"""
RENAME = """
update connection set company_name = $3, version = version + 1
where grant_id = $1 and company = $2 and state <> 'closed' and company_name <> $3 returning *
"""
WARN = """
update connection set reason = $2, version = version + 1
where grant_id = $1 and state = 'open' and reason <> $2 returning *
"""
CLOSE = """
update connection set state = 'closed', reason = 'Disconnected.', version = version + 1
where id = $1 and state <> 'closed' returning *
"""
START = """
update connection set starts_at = $2, version = version + 1
where id = $1 and state <> 'closed' and starts_at > $2 returning *
"""


class CompanyTaken(Exception):
    """The company has another connection that is not closed."""


class Connections:
    """Reads and changes connections."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool

    async def read(self, connection: str | uuid.UUID) -> asyncpg.Record | None:
        """None when there is no such connection."""
        try:
            key = uuid.UUID(str(connection))
        except ValueError:
            return None
        return await self._pool.fetchrow("select * from connection where id = $1", key)

    async def listed(self, tenant: str, provider: str | None) -> Sequence[Message]:
        """A tenant's connections, closed ones too, the newest first."""
        rows = await self._pool.fetch(
            """
            select * from connection where tenant = $1 and ($2::text is null or provider = $2)
            order by opened_at desc, id
            """,
            tenant,
            provider,
        )
        return [message(row) for row in rows]

    async def holders(self, provider: str, companies: Iterable[str]) -> Sequence[asyncpg.Record]:
        """The connections, not closed, that hold these companies."""
        return await self._pool.fetch(
            """
            select id, tenant, company, state from connection
            where provider = $1 and company = any($2) and state <> 'closed'
            """,
            provider,
            list(companies),
        )

    async def open(
        self, db: "Connection", provider: str, link: ConnectLink, grant: uuid.UUID, company: Company
    ) -> Message:
        """Open, or open again, the tenant's connection of a company; raises `CompanyTaken`."""
        scope = None if link.scope is None else link.scope.model_dump_json()
        key = connection_id(link.tenant, provider, company.id)
        wanted = (link.tenant, provider, company.id, company.name, company.link, grant)
        resumes = link.connection is not None
        try:
            row = await db.fetchrow(OPEN, key, *wanted, link.starts_at, scope, resumes)
        except asyncpg.UniqueViolationError:
            raise CompanyTaken from None
        return await self._written(db, row)

    async def revive(self, db: "Connection", grant: uuid.UUID, companies: Iterable[str]) -> None:
        """A new consent mends the other broken connections whose companies it reaches."""
        await self._all_written(db, await db.fetch(REVIVE, grant, list(companies)))

    async def break_all(
        self, db: "Connection", grant: uuid.UUID, reason: str, *, but: Iterable[str] = ()
    ) -> None:
        """The open connections of a grant must be connected again, but those of some companies."""
        await self._all_written(db, await db.fetch(BREAK, grant, reason, list(but)))

    async def warn(self, db: "Connection", grant: uuid.UUID, sentence: str) -> None:
        """Tell what is about to happen to the open connections of a grant; they stay open."""
        await self._all_written(db, await db.fetch(WARN, grant, sentence))

    async def companies(self, grant: uuid.UUID) -> Sequence[str]:
        """The companies of the open connections of a grant."""
        rows = await self._pool.fetch(
            "select company from connection where grant_id = $1 and state = 'open'", grant
        )
        return [row["company"] for row in rows]

    async def rename(self, db: "Connection", grant: uuid.UUID, company: Company) -> None:
        """Take over the company's name as it is at the provider now."""
        await self._all_written(db, await db.fetch(RENAME, grant, company.id, company.name))

    async def close(self, connection: uuid.UUID) -> Message | None:
        """None when it was closed already."""
        return await self._change(CLOSE, connection)

    async def move_start(self, connection: uuid.UUID, starts_at: datetime) -> Message | None:
        """Begin earlier; None when it is closed or does not begin later than that."""
        return await self._change(START, connection, starts_at)

    async def forget_link(self, connection: uuid.UUID) -> None:
        """The provider has let the company go."""
        await self._pool.execute(
            "update connection set link = null where id = $1 and state = 'closed'", connection
        )

    async def _change(self, sql: str, *values: Any) -> Message | None:
        async with self._pool.acquire() as db, db.transaction():
            row = await db.fetchrow(sql, *values)
            return None if row is None else await self._written(db, row)

    async def _all_written(self, db: "Connection", rows: Iterable[asyncpg.Record]) -> None:
        for row in rows:
            await self._written(db, row)

    async def _written(self, db: "Connection", row: asyncpg.Record | None) -> Message:
        assert row is not None
        changed = message(row)
        await write(db, changed)
        return changed


def connection_id(tenant: str, provider: str, company: str) -> uuid.UUID:
    """The same for the same company of the same tenant, however often it is connected."""
    return uuid.uuid5(NAMESPACE, json.dumps([tenant, provider, company]))


def message(row: asyncpg.Record) -> Message:
    """The whole connection as it is published."""
    return Message(
        id=str(row["id"]),
        tenant=row["tenant"],
        provider=row["provider"],
        company=row["company"],
        company_name=row["company_name"],
        state=row["state"],
        reason=row["reason"],
        opened_at=row["opened_at"],
        starts_at=row["starts_at"],
        scope=Scope.model_validate_json(row["scope"]),
        version=row["version"],
    )
