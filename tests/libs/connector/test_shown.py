"""What the ledger last showed of others: an order's lines by its own ids, the bills for it."""

from dataclasses import replace
from functools import partial

from contracts.entities import Bill, Entity, PurchaseOrder
from contracts.values import EntityType
from libs.connector import lanes
from libs.connector.agreed import Agreed
from libs.connector.ids import LaneIds, settled
from libs.connector.states import state_of
from libs.service.database import Connection
from libs.testing.builders import line
from tests.libs.connector.filed import claim, file, put
from tests.services.connectors.xero import bought

ORDER = bought.order((line("l1"), line("l2")), id="o.1")


def bill(name: str, *orders: str) -> Bill:
    return bought.bill((line("l1"),), id=name, number=name, purchase_orders=orders)


async def bound(db: Connection, *there: Entity) -> None:
    """All of these have their records; the product's last word differs for the bill b2."""
    await file(db, *(put(entity) for entity in there))
    for lane in await claim(db):
        entity = next(one for one in there if one.id == lane.id)
        state = state_of(entity)
        said = {**state, "note": "Soon"} if lane.id == "b2" else state
        lane.agreed = replace(Agreed(), ours=state, theirs=state, owed=state, said=said)
        lane.state, lane.lines = "bound", {"71": "l1", "72": "l2"}
        async with lanes.change(db, lane):
            await lanes.save(db, lane)


async def test_an_order_is_shown_with_the_ledgers_line_ids(db: Connection) -> None:
    await bound(db, ORDER)
    ids = LaneIds("x1")
    found = await settled(db, ids, lambda: ids.shown(EntityType.PURCHASE_ORDER, "o.1"))
    assert isinstance(found, PurchaseOrder)
    assert [one.id for one in found.lines] == ["71", "72"]
    assert await settled(db, ids, lambda: ids.shown(EntityType.PURCHASE_ORDER, "o9")) is None


async def test_an_orders_bills_are_those_that_name_it(db: Connection) -> None:
    """Whether the lane keeps its states apart or as one; not the bill that asks."""
    await bound(db, bill("b1", "o.1"), bill("b2", "o.1"), bill("b3", "o2"), bill("b4"))
    ids = LaneIds("x1")
    for besides, count in (("b9", 2), ("b1", 1), ("b2", 1)):
        found = await settled(db, ids, partial(ids.delivered, "o.1", besides))
        assert len(found) == count
