"""The census: where no list shows deletes, all ids are compared with what is known."""

from collections.abc import Collection

import structlog

from contracts.values import EntityType
from libs.connector import rows
from libs.connector.interface import Session
from libs.connector.kernel import Kernel
from libs.service.database import Connection

EVERYTHING = ""
"""Stands in `listed` for a first census: what was there before the connection is no news."""

log = structlog.get_logger()


async def census(kernel: Kernel, session: Session, connection: str, kind: EntityType) -> int:
    """Notices for bound records that the ledger no longer lists, and for those that it lists for
    the first time: a record dated long ago may be shown by no other list."""
    live = await kernel.connector.census(session, kind)
    async with kernel.pool.acquire() as db, db.transaction():
        gone = await _gone(db, connection, kind, live)
        new = await _new(db, connection, kind, live)
        log.debug("census.taken", connection=connection, type=kind, gone=len(gone), new=len(new))
        return await rows.notice(db, connection, kind, dict.fromkeys([*gone, *new]))


async def _gone(
    db: Connection, connection: str, kind: EntityType, live: Collection[str]
) -> list[str]:
    found = await db.fetch(
        """
        select p.external_id from part p join lane l on l.key = p.lane
        where p.connection = $1 and p.type = $2 and l.state = 'bound'
          and p.generation = l.generation and not p.external_id = any($3)
        """,
        connection,
        str(kind),
        list(live),
    )
    return [row["external_id"] for row in found]


async def _new(
    db: Connection, connection: str, kind: EntityType, live: Collection[str]
) -> list[str]:
    found = await db.fetch(
        """
        with fresh as (
            insert into listed (connection, type, external_id)
            select $1, $2, id from unnest($3::text[]) as id on conflict do nothing
            returning external_id
        )
        select external_id from fresh where external_id <> $4
          and exists (select from listed where connection = $1 and type = $2 and external_id = $4)
          and not exists (select from part p where p.connection = $1 and p.type = $2
            and p.external_id = fresh.external_id)
        """,
        connection,
        str(kind),
        [*live, EVERYTHING],
        EVERYTHING,
    )
    return [row["external_id"] for row in found]
