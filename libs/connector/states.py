"""Canonical entities as states to be merged, and back; derived fields are left out of a state."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from pydantic import TypeAdapter

from contracts.entities import DOCUMENTS, Entity, Line, Totals
from contracts.values import EntityType
from libs.connector.flat import KEYS, State, flatten, unflatten
from libs.connector.money import totals_of

ENTITY: Final[TypeAdapter[Entity]] = TypeAdapter(Entity)
DERIVED = frozenset({"id", "type", "totals"})
SPACE = UUID("5b0c1a53-6f6c-4c0b-9a55-0d4b36a3a1c7")


def state_of(entity: Entity) -> State:
    """The entity without what is derived: identity, totals, empty texts."""
    plain = entity.model_dump(exclude=set(DERIVED), exclude_none=True)
    return {k: v for k, v in flatten(plain, KEYS).items() if v != ""}


def entity_of(state: State, kind: EntityType, entity: str, totals: Totals | None = None) -> Entity:
    """The inverse; a document's totals are those given, else reckoned from its lines."""
    plain: dict[str, Any] = {**unflatten(state, KEYS), "type": kind, "id": entity}
    if kind in DOCUMENTS:
        plain["totals"] = totals or _reckoned(plain)
    return ENTITY.validate_python(plain)


def _reckoned(plain: Mapping[str, Any]) -> Totals:
    lines = [Line.model_validate(line) for line in plain.get("lines", ())]
    return totals_of(lines, plain.get("tax_mode", "exclusive"))


def local_id(connection: str, kind: EntityType, external: str) -> str:
    """The local id of a record first seen in the ledger."""
    return str(uuid5(SPACE, f"{connection}/{kind}/{external}"))


def is_void(state: State) -> bool:
    """Whether the product wants no live record: voided, or deleted (an empty state)."""
    return not state or state.get("status") == "void"


def same_money(a: State, b: State) -> bool:
    """Whether two states come to the same totals: lines and tax mode are equal."""

    def money(state: State) -> State:
        return {k: v for k, v in state.items() if k.startswith("lines.") or k == "tax_mode"}

    return money(a) == money(b)


def decimal(value: str | Decimal | None) -> Decimal | None:
    """A stored amount."""
    return None if value is None else Decimal(value)
