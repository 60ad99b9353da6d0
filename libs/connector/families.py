"""Sub-customers where the ledger has none: the name says whose somebody is, `Parent: Child`."""

import json

from contracts.entities import Contact, Entity
from contracts.topics import lane_key
from contracts.values import EntityType
from libs.connector import alerts, lanes
from libs.connector.errors import NotReady
from libs.connector.flat import State
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.names import BELOW, PARENT, whole_name
from libs.service.database import Connection


def by_name(desk: Desk, lane: Lane) -> bool:
    """Whether the lane is a contact of a ledger in which nobody belongs to another."""
    known = desk.kernel.provider.entities.get(EntityType.CONTACT)
    return lane.type is EntityType.CONTACT and known is not None and known.families == "name"


async def above(db: Connection, desk: Desk, lane: Lane, wanted: State) -> str:
    """What is to stand before the name: the parent's whole name there.

    Raises NotReady until the parent has its record.
    """
    parent = wanted.get(PARENT)
    if not (parent and by_name(desk, lane)):
        return ""
    known = (await lanes.load(db, [lane_key(lane.connection, lane.type, parent)])).values()
    names = [whole_name(one) for one in known if one.state == "bound"]
    if not names:
        raise NotReady(((lane.type, parent),))
    return names[0] + BELOW


async def follow(db: Connection, desk: Desk, lane: Lane, former: str) -> None:
    """Somebody is called otherwise than before: the names of those below are looked at again."""
    if not by_name(desk, lane) or former in ("", whole_name(lane)):
        return
    rows = await db.fetch(
        """
        with child as (
            select key from lane where connection = $1 and type = $2 and state = 'bound'
              and (agreed -> 'said' @> $3::jsonb
                or agreed -> 'said' = '"ours"' and agreed -> 'ours' @> $3::jsonb)
        ), newest as (
            select max(i.seq) as seq from inbox i join child on child.key = i.lane
            where i.kind <> 'notice' group by i.lane
        )
        update inbox set state = 'pending' from newest
        where inbox.seq = newest.seq and inbox.kind = 'put' returning inbox.lane
        """,
        lane.connection,
        str(lane.type),
        json.dumps([[PARENT, lane.id]]),
    )
    await db.execute(
        "update lane set due_at = now() where key = any($1) and hold = '' and not dead",
        sorted(row["lane"] for row in rows),
    )


async def tell(db: Connection, desk: Desk, lane: Lane, entity: Entity) -> None:
    """The user is told, once, what a family looks like there."""
    if not (lane.above and isinstance(entity, Contact)):
        return
    ledger = desk.kernel.provider.name
    sentence = (
        f"{ledger} has no sub-customers: whom a customer belongs to stands in front of the name "
        f"there, as in '{entity.name}'. In the product everything stays as it is."
    )
    action = f"Nothing needs to be done; whoever is to belong to another in {ledger} too, is put "
    action += "below it in the product."
    word = "sub_customers", "all"
    async with db.transaction():
        await alerts.tell_once(db, desk.kernel.provider.id, desk.account, word, sentence, action)
