"""Reading the log again for a connection that opens, or whose start was moved back."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from contracts.topics import INVOICING_EVENTS
from libs.connector import snapshots
from libs.messaging.logs import LogReader, Span
from libs.messaging.record import Record
from libs.service.database import Connection, Pool

EARLIER = timedelta(minutes=10)
"""The product's clock may be slow; revisions make what is read twice harmless."""

FileAgain = Callable[[Collection[str], Sequence[Record]], Awaitable[object]]

log = structlog.get_logger()


async def ask(db: Connection, connection: str) -> None:
    """Have the log read again, from the start, whatever of an earlier reading is left."""
    await db.execute("delete from reread where connection = $1", connection)
    await db.execute("insert into reread (connection) values ($1)", connection)
    await db.execute("select pg_notify('reread', '')")


async def under_way(db: Connection, connection: str) -> bool:
    """Whether the log has not been read to its end yet."""
    query = "select exists (select from reread where connection = $1)"
    return bool(await db.fetchval(query, connection))


async def read_due(pool: Pool, reader: LogReader, file: FileAgain, provider: str) -> None:
    """Read for every connection that has asked; those that ask together are read for together.

    What a connection's start is older than the log by is asked of the product.
    """
    while group := await _group(pool, reader, provider):
        await _read(pool, reader, file, group)


@dataclass(frozen=True, slots=True)
class Group:
    """Connections with the same part of the log to read, and when each has asked."""

    asked: Mapping[str, datetime]
    spans: Mapping[int, Span]


async def _read(pool: Pool, reader: LogReader, file: FileAgain, group: Group) -> None:
    """Progress is kept, so that a killed reader goes on."""
    connections = list(group.asked)

    async def handle(records: Sequence[Record]) -> None:
        await file(connections, records)

    async def progress(partition: int, position: int) -> None:
        await pool.execute(
            "update reread_part set next = $3 where connection = any($1) and partition = $2",
            connections,
            partition,
            position,
        )

    read = await reader.read(INVOICING_EVENTS.name, group.spans, handle, progress)
    await _end(pool, group)
    log.info("log.read_again", connections=connections[:10], of=len(connections), records=read)


async def _end(pool: Pool, group: Group) -> None:
    """Unless it was asked for again meanwhile, the reading is over, and so is a restore."""
    await pool.execute(
        """
        with over as (
            delete from reread r using unnest($1::text[], $2::timestamptz[]) as a (id, asked_at)
            where r.connection = a.id and r.asked_at = a.asked_at returning r.connection
        )
        update connection set restoring = false where id in (select connection from over)
        """,
        list(group.asked),
        list(group.asked.values()),
    )


async def _group(pool: Pool, reader: LogReader, provider: str) -> Group | None:
    """The first that has asked, and all that have the same left to read; None: nobody has."""
    rows = await pool.fetch(
        """
        select r.connection, r.asked_at, c.starts_at, c.starts_at < c.opened_at as earlier,
            (select array_agg(array[p.partition, p.next, p.until] order by p.partition)
                from reread_part p where p.connection = r.connection) as left_over
        from reread r join connection c on c.id = r.connection order by r.asked_at, r.connection
        """
    )
    if not rows:
        return None
    left = rows[0]["left_over"]
    together = [row for row in rows if row["left_over"] == left]
    asked = {row["connection"]: row["asked_at"] for row in together}
    if left is not None:
        return Group(asked, {number: Span(start, end) for number, start, end in left})
    # The connections' rows are committed; only now are the ends taken.
    since = min(row["starts_at"] for row in together) - EARLIER
    spans = await reader.bounds(INVOICING_EVENTS.name, since)
    earlier = [row for row in together if row["earlier"]]
    whole = await reader.whole_since(INVOICING_EVENTS.name) if earlier else None
    async with pool.acquire() as db, db.transaction():
        await db.executemany(
            """
            insert into reread_part (connection, partition, next, until) values ($1, $2, $3, $4)
            on conflict do nothing
            """,
            [(one, nr, span.start, span.end) for one in asked for nr, span in spans.items()],
        )
        for row in earlier:
            if whole is None or row["starts_at"] < whole:
                await snapshots.request(db, provider, row["connection"], row["asked_at"])
    return Group(asked, spans)
