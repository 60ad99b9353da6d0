"""What a write wants, in words that every resource shares."""

from typing import TypeVar

from contracts.entities import Contact, CreditNote, Entity, Payment
from contracts.values import EntityType
from libs.connector.flat import names
from libs.connector.interface import Verb, Write
from libs.connector.states import entity_of

E = TypeVar("E", bound=Contact | CreditNote | Payment)
REMOVALS = (Verb.VOID, Verb.DELETE)


def fields_of(write: Write) -> set[str]:
    """The fields that a write changes."""
    return {names(path)[0] for path in write.changed}


def before(write: Write, entity: E) -> E:
    """What is there now, in our line ids."""
    if not write.before:
        return entity
    found: Entity = entity_of(dict(write.before), EntityType(write.type), write.id)
    assert isinstance(found, type(entity))
    return found
