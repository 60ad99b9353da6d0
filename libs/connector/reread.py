"""Reading the log again for a connection that opens, or whose start was moved back."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from contracts.topics import INVOICING_EVENTS
from libs.messaging.logs import LogReader, Span
from libs.messaging.record import Record
from libs.service.database import Connection, Pool

EARLIER = timedelta(minutes=10)
"""The product's clock may be slow; revisions make what is read twice harmless."""

FileAgain = Callable[[str, Sequence[Record]], Awaitable[object]]

log = structlog.get_logger()


async def ask(db: Connection, connection: str) -> None:
    """Have the log read again, from the start, whatever of an earlier reading is left."""
    await db.execute("delete from reread where connection = $1", connection)
    await db.execute("insert into reread (connection) values ($1)", connection)
    await db.execute("select pg_notify('reread', '')")


async def read_due(pool: Pool, reader: LogReader, file: FileAgain) -> None:
    """Read for every connection that has asked, one after the other."""
    while await _read_one(pool, reader, file):
        pass


async def _read_one(pool: Pool, reader: LogReader, file: FileAgain) -> bool:
    """Read for one that has asked; progress is kept, so a killed reader goes on."""
    row = await pool.fetchrow(
        """
        select r.connection, r.asked_at, c.starts_at from reread r
        join connection c on c.id = r.connection order by r.asked_at limit 1
        """
    )
    if row is None:
        return False
    connection = row["connection"]
    spans = await _spans(pool, reader, connection, row["starts_at"])

    async def handle(records: Sequence[Record]) -> None:
        await file(connection, records)

    async def progress(partition: int, position: int) -> None:
        await pool.execute(
            "update reread_part set next = $3 where connection = $1 and partition = $2",
            connection,
            partition,
            position,
        )

    read = await reader.read(INVOICING_EVENTS.name, spans, handle, progress)
    await _end(pool, connection, row["asked_at"])
    log.info("log.read_again", connection=connection, records=read)
    return True


async def _end(pool: Pool, connection: str, asked_at: datetime) -> None:
    """Unless it was asked for again meanwhile, the reading is over, and so is a restore."""
    await pool.execute(
        """
        with over as (
            delete from reread where connection = $1 and asked_at = $2 returning connection
        )
        update connection set restoring = false where id in (select connection from over)
        """,
        connection,
        asked_at,
    )


async def _spans(
    pool: Pool, reader: LogReader, connection: str, starts_at: datetime
) -> dict[int, Span]:
    """What is left to read: as noted, else from ten minutes before the start to the end now."""
    rows = await pool.fetch(
        "select partition, next, until from reread_part where connection = $1", connection
    )
    if rows:
        return {row["partition"]: Span(row["next"], row["until"]) for row in rows}
    spans = await reader.bounds(INVOICING_EVENTS.name, starts_at - EARLIER)
    await pool.executemany(
        """
        insert into reread_part (connection, partition, next, until) values ($1, $2, $3, $4)
        on conflict do nothing
        """,
        [(connection, number, span.start, span.end) for number, span in spans.items()],
    )
    return spans
