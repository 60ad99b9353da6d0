"""How the ledger will show what the product has, with our ids and the product's own number."""

from contracts.entities import Totals
from libs.connector import numbers
from libs.connector.flat import State
from libs.connector.ids import settled
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.states import entity_of, state_of
from libs.service.database import Connection


async def stored(
    db: Connection, desk: Desk, lane: Lane, state: State, totals: Totals | None
) -> State:
    """The state as the ledger would store it; raises NotReady or Held where it cannot."""
    entity = numbers.outward(lane, entity_of(state, lane.type, lane.id, totals))
    connector, context = desk.kernel.connector, desk.context
    normal = await settled(db, desk.ids, lambda: connector.normalised(entity, context))
    return state_of(numbers.inward(lane, normal))
