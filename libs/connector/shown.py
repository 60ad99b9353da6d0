"""What the ledger last showed of other records than the one at work."""

import json
from collections.abc import Mapping, Sequence

from contracts.entities import Bill, Document, Entity, Line
from contracts.topics import lane_key
from contracts.values import EntityType
from libs.connector import lanes
from libs.connector.flat import join
from libs.connector.lane import Lane
from libs.connector.states import entity_of
from libs.service.database import Connection

Ref = tuple[EntityType, str]


async def entities(
    db: Connection, connection: str, refs: Sequence[Ref]
) -> dict[Ref, Entity | None]:
    """Entities as they are there, with the ledger's line ids; None for what is not there."""
    keys = {lane_key(connection, kind, entity): (kind, entity) for kind, entity in refs}
    known = await lanes.load(db, list(keys)) if keys else {}
    return {ref: _entity(known[key]) if key in known else None for key, ref in keys.items()}


async def bills(db: Connection, connection: str, order: str) -> Mapping[str, Sequence[Line]]:
    """By bill, the lines of all that deliver the order."""
    rows = await db.fetch(
        """
        select key from lane where connection = $1 and type = $2 and state = 'bound'
          and (agreed -> 'said' @> $3::jsonb
            or agreed -> 'said' = '"ours"' and agreed -> 'ours' @> $3::jsonb)
        """,
        connection,
        str(EntityType.BILL),
        json.dumps([[join("purchase_orders", order), True]]),
    )
    known = await lanes.load(db, [row["key"] for row in rows])
    shown = {lane.id: _entity(lane) for lane in known.values()}
    return {name: bill.lines for name, bill in shown.items() if isinstance(bill, Bill)}


def _entity(lane: Lane) -> Entity | None:
    if lane.state != "bound" or not lane.agreed.theirs:
        return None
    found = entity_of(lane.agreed.theirs, lane.type, lane.id)
    if not isinstance(found, Document):
        return found
    theirs = {ours: there for there, ours in lane.lines.items()}
    named = [line.model_copy(update={"id": theirs.get(line.id, line.id)}) for line in found.lines]
    return found.model_copy(update={"lines": tuple(named)})
