"""What refers to a record that is gone: a merge has given it to another, as only reading shows."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.values import EntityType
from libs.connector import rows
from libs.connector.lane import Lane
from libs.service.database import Connection

PATHS: Mapping[EntityType, str] = MappingProxyType(
    {
        EntityType.CONTACT: r"^(customer|supplier|contact|parent)$",
        EntityType.ITEM: r"^lines\.[^.]+\.item$",
    }
)
"""Where a record is referred to by others; of what is not named here none is left behind."""


async def hint(db: Connection, lane: Lane) -> None:
    """Whatever the ledger said belonged to the lane's record is looked at again."""
    if lane.type not in PATHS:
        return
    found = await db.fetch(
        """
        select l.type, p.external_id from lane l join part p
            on p.lane = l.key and p.type = l.type and p.main and p.generation = l.generation
        cross join lateral (select case jsonb_typeof(l.agreed -> 'theirs')
            when 'array' then l.agreed -> 'theirs' else l.agreed -> 'ours' end as known) a
        where l.connection = $1 and l.state in ('bound', 'void') and l.key <> $2
          and exists (select from jsonb_array_elements(a.known) e
            where e ->> 1 = $3 and e ->> 0 ~ $4)
        """,
        lane.connection,
        lane.key,
        lane.id,
        PATHS[lane.type],
    )
    for kind in sorted({row["type"] for row in found}):
        news = {row["external_id"]: None for row in found if row["type"] == kind}
        await rows.notice(db, lane.connection, EntityType(kind), news)
