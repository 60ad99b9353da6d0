"""What money or a credit is applied to: such a document may take now what it could not before."""

from collections.abc import Iterator

from contracts.topics import lane_key
from contracts.values import EntityType
from libs.connector import rows
from libs.connector.flat import State, names
from libs.connector.lane import Lane
from libs.service.database import Connection

ALLOCATIONS, KIND = "allocations", "document_type"


def documents(state: State) -> Iterator[tuple[EntityType, str]]:
    """The documents that a payment, a credit note or a refund is applied to."""
    for path, value in state.items():
        field, *element = names(path)
        if field == ALLOCATIONS and element[1:] == [KIND]:
            yield EntityType(value), element[0]


async def hint(db: Connection, lane: Lane, before: State) -> None:
    """What the lane was or is applied to is looked at, where something waits to be written there:
    a change of a paid document, say. Call it when the lane is saved: no lane is locked then."""
    named = {*documents(before), *documents(lane.agreed.theirs)}
    if not named:
        return
    keys = [lane_key(lane.connection, kind, entity) for kind, entity in sorted(named)]
    found = await db.fetch(
        """
        select l.type, p.external_id from lane l join part p
            on p.lane = l.key and p.type = l.type and p.main and p.generation = l.generation
        where l.key = any($1) and l.state = 'bound'
          and exists (select from inbox i
            where i.lane = l.key and i.state = 'pending' and i.kind <> 'notice')
        """,
        keys,
    )
    for row in found:
        news = {row["external_id"]: None}
        await rows.notice(db, lane.connection, EntityType(row["type"]), news)
