"""What a correct product does with an event, as pure functions."""

import uuid
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from contracts.values import EntityType

State = dict[str, Any]
Reference = tuple[EntityType, str]
Rename = Callable[[EntityType, str], str]

OWN = uuid.UUID("0f3d5a1e-92d6-5c55-8c57-0c3b7f1b6f01")
FIELDS = {
    "customer": EntityType.CONTACT,
    "supplier": EntityType.CONTACT,
    "contact": EntityType.CONTACT,
    "item": EntityType.ITEM,
    "invoice": EntityType.INVOICE,
    "account": EntityType.ACCOUNT,
    "purchase_account": EntityType.ACCOUNT,
    "tax_code": EntityType.TAX_CODE,
    "purchase_tax_code": EntityType.TAX_CODE,
}


class Verdict(Enum):
    """What becomes of an EntityChanged."""

    TAKE = auto()
    LEAVE = auto()
    WAIT = auto()


def verdict(built_on: int, newest: int) -> Verdict:
    """Take what is built on our newest revision; leave what is older, a newer put answers it.

    A revision we have not seen yet is on its way: another writer of our books published it.
    """
    if built_on == newest:
        return Verdict.TAKE
    return Verdict.LEAVE if built_on < newest else Verdict.WAIT


def own_id(tenant: str, kind: EntityType, origin: str) -> str:
    """An id of our own for a record first seen in a ledger."""
    return f"our-{uuid.uuid5(OWN, f'{tenant}/{kind}/{origin}')}"


def references(state: State) -> set[Reference]:
    """Every entity the state refers to."""
    found: set[Reference] = set()

    def note(kind: EntityType, reference: str) -> str:
        found.add((kind, reference))
        return reference

    renamed(state, note)
    return found


def renamed(state: State, rename: Rename) -> State:
    """The state with every reference as `rename` has it."""
    new = _fields(state, rename)
    if state.get("type") == EntityType.CONTACT and state.get("parent"):
        new["parent"] = rename(EntityType.CONTACT, state["parent"])
    if orders := state.get("purchase_orders"):
        new["purchase_orders"] = [rename(EntityType.PURCHASE_ORDER, order) for order in orders]
    if "lines" in state:
        new["lines"] = [_fields(line, rename) for line in state["lines"]]
    if "allocations" in state:
        new["allocations"] = [_allocation(share, rename) for share in state["allocations"]]
    return new


def _fields(state: State, rename: Rename) -> State:
    # A contact's `customer` is a flag, not a reference.
    return {
        name: rename(FIELDS[name], value) if name in FIELDS and isinstance(value, str) else value
        for name, value in state.items()
    }


def _allocation(share: State, rename: Rename) -> State:
    kind = EntityType(share["document_type"])
    return {**share, "document": rename(kind, share["document"])}
