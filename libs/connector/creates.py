"""Creates whose record nobody has seen yet: an unknown record may be what one of them made."""

from collections.abc import Sequence

from contracts.values import EntityType
from libs.connector.kernel import Desk
from libs.service.database import Connection


async def under_way(db: Connection, connection: str, kind: EntityType) -> list[str]:
    """The open calls that create records of a kind."""
    found = await db.fetch(
        """
        select distinct c.id::text from call c join lane l on l.call = c.id
        where c.connection = $1 and c.type = $2 and c.verb = 'create' and c.state = 'open'
        """,
        connection,
        str(kind),
    )
    return [row["id"] for row in found]


async def any_open(db: Connection, calls: Sequence[str]) -> bool:
    """Whether one of the calls, or what it was dissolved into, is still open."""
    return bool(
        await db.fetchval(
            """
            select exists (
                select from intent i join lane l on l.key = i.lane
                where i.call = any($1::text[]::uuid[]) and l.call is not null
            )
            """,
            list(calls),
        )
    )


async def in_doubt(db: Connection, desk: Desk, kind: EntityType) -> bool:
    """After a restore: whether a create that may have made a record is still in doubt.

    Where records are found by our marker it would carry one, and be adopted.
    """
    if desk.kernel.facts(kind).find == "marker":
        return False
    return bool(
        await db.fetchval(
            """
            select exists (select from lane where connection = $1 and type = $2 and doubt
                and state = 'absent' and (due_at is not null or hold <> ''))
            """,
            desk.account.id,
            str(kind),
        )
    )
