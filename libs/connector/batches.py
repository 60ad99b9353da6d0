"""Invoice batches of the product: who belongs to one, and how far it has come."""

import json
from collections.abc import Sequence
from datetime import datetime

from contracts.messages import BatchClosed, BatchProgress
from contracts.provider import Provider
from libs.connector import connections
from libs.connector.events import append, numbered
from libs.service.database import Connection

Member = tuple[str, str | None, str, datetime | None]


async def join(db: Connection, members: Sequence[Member]) -> None:
    """(connection, batch, lane, moment the batch was made): the lanes are members."""
    ordered = sorted({(connection, batch, lane) for connection, batch, lane, _ in members})
    made = {(connection, batch): at for connection, batch, _, at in members}
    await db.executemany(
        """
        insert into batch (connection, id, made_at) values ($1, $2, $3)
        on conflict (connection, id) do update set done = false
        """,
        [(connection, batch, at) for (connection, batch), at in sorted(made.items())],
    )
    await db.executemany(
        """
        insert into batch_member (connection, batch, lane) values ($1, $2, $3)
        on conflict do nothing
        """,
        ordered,
    )


async def closed(db: Connection, takers: Sequence[str], event: BatchClosed) -> None:
    """No more members come; it may be said before the first of them has."""
    await db.executemany(
        """
        insert into batch (connection, id, made_at, closed, documents) values ($1, $2, $3, true, $4)
        on conflict (connection, id) do update set closed = true, documents = excluded.documents
        """,
        [(taker, event.batch.id, event.batch.made_at, len(event.documents)) for taker in takers],
    )


async def report(db: Connection, provider: Provider) -> int:
    """Tell the progress of batches that have moved since they were last told; how many."""
    rows = await db.fetch(
        """
        select b.connection, b.id, b.number, b.closed, b.told, greatest(b.documents,
                count(m.lane)) as total,
            count(*) filter (where l.hold = '' and not l.dead and not p.waits and not l.skipped
                and l.state in ('bound', 'void')) as synced,
            count(*) filter (where l.skipped) as skipped,
            count(*) filter (where l.dead or l.hold in ('uncertain', 'conflict', 'gone'))
                as needs_you,
            count(*) filter (where l.hold not in ('', 'uncertain', 'conflict', 'gone')) as held
        from batch b
        join batch_member m on m.connection = b.connection and m.batch = b.id
        join lane l on l.key = m.lane
        cross join lateral (select exists (select from inbox i
            where i.lane = l.key and i.state = 'pending' and i.kind <> 'notice') as waits) p
        where not b.done
        group by b.connection, b.id, b.number, b.closed, b.told, b.documents
        """
    )
    told = 0
    for row in rows:
        figures = {k: row[k] for k in ("total", "synced", "held", "needs_you", "skipped", "closed")}
        if row["told"] is None or json.loads(row["told"]) != figures:
            await _tell(db, provider, row["connection"], row["id"], row["number"] + 1, figures)
            told += 1
        if row["closed"] and row["synced"] + row["skipped"] == row["total"]:
            await db.execute(
                "update batch set done = true where connection = $1 and id = $2",
                row["connection"],
                row["id"],
            )
    return told


async def _tell(
    db: Connection,
    provider: Provider,
    connection: str,
    batch: str,
    number: int,
    figures: dict[str, int],
) -> None:
    account = await connections.account(db, connection)
    event = BatchProgress.model_validate(
        {**numbered(account, provider.id, number), "batch": batch, **figures}
    )
    await db.execute(
        "update batch set number = $3, told = $4 where connection = $1 and id = $2",
        connection,
        batch,
        number,
        json.dumps(figures),
    )
    await append(db, event, f"{connection}/batch/{batch}")
