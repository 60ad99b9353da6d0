"""Entities and events as a product's users and a connector make them."""

from typing import Any

from pydantic import TypeAdapter

from contracts.entities import Entity
from contracts.messages import EntityChanged, EntityPut
from contracts.values import EntityType
from tests.services.reference_product.around import NOW

ENTITY: TypeAdapter[Entity] = TypeAdapter(Entity)
CONTACT: dict[str, Any] = {"type": "contact", "id": "c1", "name": "Corner Garage"}


def invoice(number: str = "i1", **more: Any) -> dict[str, Any]:
    """An invoice of 100.00 and 20 % VAT."""
    line = {"id": "1", "quantity": "2", "unit_price": "50.00", "tax_rate": "20"}
    return {
        "type": "invoice",
        "id": number,
        "number": number,
        "issue_date": "2026-03-01",
        "currency": "GBP",
        "customer": "c1",
        "lines": [line],
        "totals": {"net": "100.00", "tax": "20.00", "gross": "120.00"},
        **more,
    }


def payment(amount: str, **more: Any) -> dict[str, Any]:
    """A payment of invoice i1."""
    return {
        "type": "payment",
        "id": "p1",
        "contact": "c1",
        "date": "2026-03-02",
        "amount": amount,
        "currency": "GBP",
        "allocations": [{"document": "i1", "amount": amount}],
        **more,
    }


def put(entity: dict[str, Any], revision: int, **more: Any) -> EntityPut:
    """A put of another writer."""
    return EntityPut(
        tenant="demo",
        revision=revision,
        made_at=NOW,
        entity=ENTITY.validate_python(entity),
        **more,
    )


def lane(entity: str, number: int, kind: str = "contact", **more: Any) -> dict[str, Any]:
    """What every event of a lane has."""
    return {
        "tenant": "demo",
        "provider": "xero",
        "connection": "x1",
        "number": number,
        "at": NOW,
        "type": EntityType(kind),
        "id": entity,
        "revision": 1,
        "state": "bound",
        **more,
    }


def changed(
    before: dict[str, Any] | None, after: dict[str, Any] | None, *, number: int, **more: Any
) -> EntityChanged:
    """The ledger changed `before` into `after`."""
    one = after or before
    assert one is not None
    return EntityChanged(
        **{**lane(one["id"], number, one["type"]), **more},
        before=ENTITY.validate_python(before) if before else None,
        after=ENTITY.validate_python(after) if after else None,
    )
