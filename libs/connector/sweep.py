"""Sweeps: what changed in the ledger since the last look becomes notices, as if it had hooked."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from contracts.provider import Provider
from contracts.values import EntityType
from libs.connector import connections, rows
from libs.connector.census import census
from libs.connector.errors import RateLimited, SyncError
from libs.connector.interface import Answer, Record, Session
from libs.connector.kernel import Kernel
from libs.service.database import Connection

DAILY = timedelta(days=1)
PATIENCE = timedelta(minutes=2)

log = structlog.get_logger()


async def sweep_due(kernel: Kernel) -> int:
    """Sweep what is due of every open connection; how many notices were filed."""
    async with kernel.pool.acquire() as db:
        due = await db.fetch(
            """
            select c.id, n.name from connection c
            cross join unnest($1::text[], $2::interval[]) as n (name, every)
            left join cursor k on k.connection = c.id and k.name = n.name
            where c.state = 'open' and c.facts is not null and not c.restoring
              and (not c.timed or c.running_since is not null)
              and c.held_until <= now() and (k.swept_at is null or k.swept_at + n.every <= now())
            order by c.id, n.name
            """,
            names(kernel.provider),
            [_how_often(kernel, name) for name in names(kernel.provider)],
        )
    return sum([await _look(kernel, row["id"], row["name"]) for row in due])


def names(provider: Provider) -> list[str]:
    """The cursors of a connection: `sweep/<type>`, and `census/<type>` for unlisted deletes."""
    swept = [f"sweep/{kind}" for kind, facts in provider.entities.items() if facts.swept]
    return swept + [f"census/{kind}" for kind in provider.calls.unlisted_deletes]


async def _claim(kernel: Kernel, connection: str, name: str, every: timedelta) -> bool:
    """One replica sweeps; the first time only when it is due, back to the moment of connecting."""
    return bool(
        await kernel.pool.fetchval(
            """
            insert into cursor as c (connection, name, at, swept_at)
            select id, $2, opened_at, now() from connection where id = $1
            on conflict (connection, name) do update set swept_at = now()
            where c.swept_at + $3 <= now()
            returning xmax <> 0
            """,
            connection,
            name,
            every,
        )
    )


@dataclass(frozen=True, slots=True)
class Patient:
    """Waits for the limit between pages: a look that had to begin again would never end.

    What takes longer than `PATIENCE` is given up; implements `interface.Session`.
    """

    session: Session

    @property
    def company(self) -> str:
        """See Session.company."""
        return self.session.company

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """See Session.get."""
        while True:
            try:
                return await self.session.get(path, params, headers)
            except RateLimited as error:
                if error.after > PATIENCE:
                    raise
                await asyncio.sleep(error.after.total_seconds())


def _how_often(kernel: Kernel, name: str) -> timedelta:
    return kernel.provider.sweep_every if name.startswith("sweep/") else DAILY


async def _look(kernel: Kernel, connection: str, name: str) -> int:
    """Look if it is due; what failed is due again at once, or when the limit allows."""
    what, _, kind = name.partition("/")
    look = sweep if what == "sweep" else _census
    if not await _claim(kernel, connection, name, _how_often(kernel, name)):
        return 0
    try:
        return await look(kernel, connection, EntityType(kind))
    except SyncError as error:
        log.warning("sweep.failed", connection=connection, look=name, reason=error.reason)
        await kernel.pool.execute(
            "update cursor set swept_at = '-infinity' where connection = $1 and name = $2",
            connection,
            name,
        )
        if isinstance(error, RateLimited):
            async with kernel.pool.acquire() as db:
                await connections.hold(db, connection, error.after.total_seconds(), error.reason)
        return 0


async def _census(kernel: Kernel, connection: str, kind: EntityType) -> int:
    async with kernel.pool.acquire() as db:
        account = await connections.account(db, connection)
    session = Patient(await kernel.sessions.session(account))
    return await census(kernel, session, connection, kind)


async def sweep(kernel: Kernel, connection: str, kind: EntityType) -> int:
    """Ask for what changed, and again until a query of several pages brings nothing new.

    A record edited while the pages are read moves to the end and pulls another one over a page's
    edge: only a query without news has seen them all.
    """
    async with kernel.pool.acquire() as db:
        account = await connections.account(db, connection)
        name = f"sweep/{kind}"
        at: datetime = await db.fetchval(
            "select at from cursor where connection = $1 and name = $2", connection, name
        )
    session = Patient(await kernel.sessions.session(account))
    seen: set[tuple[str, datetime | None]] = set()
    found = 0
    while True:
        pages, new = 0, 0
        since = at - kernel.provider.sweep_overlap
        async for page in kernel.connector.changes(session, kind, since):
            pages += 1
            fresh = [r for r in page if (r.id, r.updated_at) not in seen]
            seen |= {(r.id, r.updated_at) for r in fresh}
            new += len(fresh)
            async with kernel.pool.acquire() as db, db.transaction():
                found += await _hint(db, connection, kind, fresh)
        if pages < 2 or not new:
            break
    newest = max((moment for _, moment in seen if moment), default=at)
    await kernel.pool.execute(
        "update cursor set at = greatest(at, $3) where connection = $1 and name = $2",
        connection,
        name,
        newest,
    )
    return found


async def _hint(
    db: Connection, connection: str, kind: EntityType, records: Sequence[Record]
) -> int:
    """Notices for those that are not as we saw them last."""
    if not records:
        return 0
    known = await db.fetch(
        """
        select p.external_id, l.facts ->> 'updated_at' as seen, l.version from part p
        join lane l on l.key = p.lane and p.generation = l.generation
        where p.connection = $1 and p.type = $2 and p.external_id = any($3)
        """,
        connection,
        str(kind),
        [record.id for record in records],
    )
    seen = {row["external_id"]: (row["seen"], row["version"]) for row in known}
    news = {r.id: r.updated_at for r in records if not _is_as_seen(r, *seen.get(r.id, ("", "")))}
    return await rows.notice(db, connection, kind, news) if news else 0


def _is_as_seen(record: Record, moment: str, version: str) -> bool:
    """By its version where it has one, else by the moment of its last change."""
    if record.version:
        return record.version == version
    return record.updated_at is not None and record.updated_at.isoformat() == moment
