"""Sweeps: what changed in the ledger since the last look becomes notices, as if it had hooked."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

import structlog

from contracts.provider import Provider
from contracts.values import EntityType
from libs.connector import connections, rows
from libs.connector.census import census
from libs.connector.errors import RateLimited, SyncError
from libs.connector.interface import Answer, Connector, ListsTogether, Record, Session
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
    looks = list(_groups(kernel, [(row["id"], row["name"]) for row in due]))
    return sum([await _look(kernel, connection, named) for connection, named in looks])


def _groups(kernel: Kernel, due: Sequence[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """What one look is for: where one call lists all kinds, all sweeps of a connection."""
    at_once = isinstance(kernel.connector, ListsTogether)
    for connection, rows_ in groupby(due, key=itemgetter(0)):
        named = [name for _, name in rows_]
        swept = [name for name in named if at_once and name.startswith("sweep/")]
        if swept:
            yield connection, swept
        yield from ((connection, [name]) for name in named if name not in swept)


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


async def _look(kernel: Kernel, connection: str, due: Sequence[str]) -> int:
    """Look at what is due; what failed is due again at once, or when the limit allows."""
    claims = [(n, await _claim(kernel, connection, n, _how_often(kernel, n))) for n in due]
    claimed = [name for name, mine in claims if mine]
    if not claimed:
        return 0
    look = sweep if claimed[0].startswith("sweep/") else _census
    try:
        return await look(kernel, connection, [EntityType(n.partition("/")[2]) for n in claimed])
    except SyncError as error:
        log.warning("sweep.failed", connection=connection, look=claimed, reason=error.reason)
        await kernel.pool.execute(
            "update cursor set swept_at = '-infinity' where connection = $1 and name = any($2)",
            connection,
            claimed,
        )
        if isinstance(error, RateLimited):
            async with kernel.pool.acquire() as db:
                await connections.hold(db, connection, error.after.total_seconds(), error.reason)
        return 0


async def _census(kernel: Kernel, connection: str, kinds: Sequence[EntityType]) -> int:
    async with kernel.pool.acquire() as db:
        account = await connections.account(db, connection)
    session = Patient(await kernel.sessions.session(account))
    return sum([await census(kernel, session, connection, kind) for kind in kinds])


async def sweep(kernel: Kernel, connection: str, kinds: Sequence[EntityType]) -> int:
    """Ask for what changed, and again until a query of several pages brings nothing new.

    A record edited while the pages are read moves to the end and pulls another one over a page's
    edge: only a query without news has seen them all.
    """
    async with kernel.pool.acquire() as db:
        account = await connections.account(db, connection)
        began: datetime = await db.fetchval("select clock_timestamp()")
        since = await _since(db, kernel, connection, kinds)
    session = Patient(await kernel.sessions.session(account))
    seen: set[tuple[EntityType, str, datetime | None]] = set()
    found = 0
    while True:
        pages, new = Counter[EntityType](), 0
        async for kind, page in _changes(kernel.connector, session, since):
            pages[kind] += 1
            fresh = [r for r in page if (kind, r.id, r.updated_at) not in seen]
            seen |= {(kind, r.id, r.updated_at) for r in fresh}
            new += len(fresh)
            async with kernel.pool.acquire() as db, db.transaction():
                found += await _hint(db, connection, kind, fresh)
        if max(pages.values(), default=0) < 2 or not new:
            break
    moments = [moment for _, _, moment in seen if moment]
    await _advance(kernel, connection, kinds, max([began - DAILY, *moments]))
    return found


async def _since(
    db: Connection, kernel: Kernel, connection: str, kinds: Sequence[EntityType]
) -> dict[EntityType, datetime]:
    rows_ = await db.fetch(
        "select name, at from cursor where connection = $1 and name = any($2)",
        connection,
        [f"sweep/{kind}" for kind in kinds],
    )
    at = {str(row["name"]): row["at"] for row in rows_}
    return {kind: at[f"sweep/{kind}"] - kernel.provider.sweep_overlap for kind in kinds}


async def _changes(
    connector: Connector, session: Session, since: Mapping[EntityType, datetime]
) -> AsyncIterator[tuple[EntityType, Sequence[Record]]]:
    if isinstance(connector, ListsTogether):
        async for kind, page in connector.changes_together(session, since):
            yield kind, page
        return
    for kind, at in since.items():
        async for page in connector.changes(session, kind, at):
            yield kind, page


async def _advance(
    kernel: Kernel, connection: str, kinds: Sequence[EntityType], to: datetime
) -> None:
    """A look shows all that had changed: of what is quiet it need not go back further each time.

    The ledger's own moments count; of its clock and ours we know that they are no day apart.
    """
    await kernel.pool.execute(
        "update cursor set at = greatest(at, $3) where connection = $1 and name = any($2)",
        connection,
        [f"sweep/{kind}" for kind in kinds],
        to,
    )


async def _hint(
    db: Connection, connection: str, kind: EntityType, records: Sequence[Record]
) -> int:
    """Notices for those that are not as we saw them last; nothing of what is gone and never was
    ours."""
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
    news = {
        record.id: record.updated_at
        for record in records
        if not _is_as_seen(record, *seen.get(record.id, ("", "")))
        and (record.id in seen or record.state != "deleted")
    }
    return await rows.notice(db, connection, kind, news) if news else 0


def _is_as_seen(record: Record, moment: str, version: str) -> bool:
    """By its version where it has one, else by the moment of its last change."""
    if record.version:
        return record.version == version
    return record.updated_at is not None and record.updated_at.isoformat() == moment
