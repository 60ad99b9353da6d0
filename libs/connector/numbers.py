"""What a record is called in the ledger: a number that is taken there gets a prefix, the name of
whom belongs to another his."""

from contracts.entities import DOCUMENTS, Contact, Entity
from contracts.values import EntityType
from libs.connector.lane import Lane

DUPLICATE = "duplicate-number"
"""Why a record is held whose number or code is used in the ledger already."""
REPORTED = frozenset({DUPLICATE, "number-taken", "code-taken"})
"""The reasons under which connectors report it."""
ELSEWHERE = "name-elsewhere"
"""The reason under which they report a name that a record of another kind has: the two do not meet,
and it is sent once more to be spelled apart."""
NUMBERED = DOCUMENTS | {EntityType.ITEM}


def number(entity: Entity | None) -> str:
    """The number or code we give a record, "" where the ledger numbers it."""
    return str(getattr(entity, "number", "") or getattr(entity, "code", ""))


def outward(lane: Lane, entity: Entity) -> Entity:
    """As the ledger is to number or name it."""
    if isinstance(entity, Contact):
        return entity.model_copy(update={"name": lane.above + entity.name})
    ours = number(entity)
    if not (lane.prefix and ours and entity.type in DOCUMENTS):
        return entity
    return entity.model_copy(update={"number": lane.prefix + ours})


def inward(lane: Lane, entity: Entity) -> Entity:
    """As the product numbers or names it."""
    if isinstance(entity, Contact):
        return entity.model_copy(update={"name": entity.name.removeprefix(lane.above)})
    theirs = number(entity)
    if not (lane.prefix and entity.type in DOCUMENTS and theirs.startswith(lane.prefix)):
        return entity
    return entity.model_copy(update={"number": theirs.removeprefix(lane.prefix)})


def prefix_between(ledger: str, product: str) -> str:
    """What stands before the product's number in the ledger's: a lost schema's prefix."""
    return ledger.removesuffix(product) if product and ledger.endswith(product) else ""
