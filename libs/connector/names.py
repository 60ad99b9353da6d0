"""The name of whom belongs to another, where the ledger has no families: `Parent: Child`. Pure."""

from contracts.entities import Contact, Entity
from contracts.values import EntityType
from libs.connector.flat import State
from libs.connector.lane import Lane

BELOW = ": "
PARENT = "parent"


def called(lane: Lane, entity: Entity, expected: State) -> Entity:
    """As the product names it, what the ledger has before that being kept with the lane.

    `expected` is what is known of the record: somebody may have changed either half of the name.
    """
    child = (
        lane.prefix or lane.above or lane.agreed.ours.get(PARENT) or lane.agreed.said.get(PARENT)
    )
    if not (isinstance(entity, Contact) and child):
        return entity
    lane.prefix = _before(lane, entity.name, str(expected.get("name", "")))
    return entity.model_copy(update={"name": entity.name.removeprefix(lane.prefix)})


def _before(lane: Lane, name: str, own: str) -> str:
    if name == own:
        return ""
    if own and name.endswith(BELOW + own):
        return name.removesuffix(own)
    known = (
        one for one in (lane.above, lane.prefix) if one and name.startswith(one) and name != one
    )
    return next(known, "")


def renamed(lane: Lane, ours: State, wanted: State, normal: State) -> State:
    """The name, where it is to be written because of the parent alone.

    A bookkeeper who took the parent out of the name is left with that.
    """
    asked = lane.prefix or ours.get(PARENT) != wanted.get(PARENT)
    if lane.type is not EntityType.CONTACT or lane.state != "bound" or not asked:
        return {}
    return {"name": normal["name"]} if lane.prefix != lane.above and "name" in normal else {}


def whole_name(lane: Lane) -> str:
    """As the ledger has it."""
    return f"{lane.prefix}{lane.agreed.theirs.get('name', '')}"
