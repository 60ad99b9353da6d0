"""How the ledger will show what the product has, with our ids and the product's own number."""

from collections.abc import Sequence
from functools import partial

from contracts.entities import Entity, Totals
from libs.connector import numbers
from libs.connector.errors import SyncError
from libs.connector.flat import State
from libs.connector.ids import settled_all
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.states import entity_of, state_of
from libs.service.database import Connection


async def stored(
    db: Connection, desk: Desk, lane: Lane, state: State, totals: Totals | None
) -> State:
    """The state as the ledger would store it; raises NotReady or Held where it cannot."""
    [found] = await stored_all(db, desk, [(lane, state, totals)])
    if isinstance(found, SyncError):
        raise found
    return found


async def stored_all(
    db: Connection, desk: Desk, wanted: Sequence[tuple[Lane, State, Totals | None]]
) -> list[State | SyncError]:
    """See `stored`, of many at once: an error of the tree stands in the place of its state."""
    connector, context = desk.kernel.connector, desk.context

    def translate(lane: Lane, entity: Entity) -> State:
        return state_of(numbers.inward(lane, connector.normalised(entity, context)))

    asked = [
        partial(
            translate, lane, numbers.outward(lane, entity_of(state, lane.type, lane.id, totals))
        )
        for lane, state, totals in wanted
    ]
    return await settled_all(db, desk.ids, asked, (SyncError,))
