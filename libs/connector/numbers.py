"""A document's number in the ledger, where a prefix keeps it from one that is taken there."""

from contracts.entities import DOCUMENTS, Entity
from contracts.values import EntityType
from libs.connector.lane import Lane

DUPLICATE = "duplicate-number"
"""Why a record is held whose number or code is used in the ledger already."""
REPORTED = frozenset({DUPLICATE, "number-taken", "code-taken"})
"""The reasons under which connectors report it."""
NUMBERED = DOCUMENTS | {EntityType.ITEM}


def number(entity: Entity | None) -> str:
    """The number or code we give a record, "" where the ledger numbers it."""
    return str(getattr(entity, "number", "") or getattr(entity, "code", ""))


def outward(lane: Lane, entity: Entity) -> Entity:
    """As the ledger is to number it."""
    ours = number(entity)
    if not (lane.prefix and ours and entity.type in DOCUMENTS):
        return entity
    return entity.model_copy(update={"number": lane.prefix + ours})


def inward(lane: Lane, entity: Entity) -> Entity:
    """As the product numbers it."""
    theirs = number(entity)
    if not (lane.prefix and entity.type in DOCUMENTS and theirs.startswith(lane.prefix)):
        return entity
    return entity.model_copy(update={"number": theirs.removeprefix(lane.prefix)})


def prefix_between(ledger: str, product: str) -> str:
    """What stands before the product's number in the ledger's: a lost schema's prefix."""
    return ledger.removesuffix(product) if product and ledger.endswith(product) else ""
