"""Canonical entities with sensible defaults; the totals are reckoned from the lines."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.entities import (
    Address,
    Allocation,
    Contact,
    CreditNote,
    Entity,
    Invoice,
    Item,
    Line,
    LineKind,
    Payment,
    TaxMode,
)
from libs.connector.money import totals_of

DAY = date(2026, 3, 2)
CURRENCY = "GBP"


def contact(entity: str = "c1", **fields: Any) -> Contact:
    """A customer with an address."""
    default = {
        "id": entity,
        "name": f"Harbour Joinery {entity}",
        "email": "accounts@harbour.example",
        "addresses": (
            Address(kind="billing", lines="1 Quay Street", city="Leith", postal_code="EH6 6AA"),
        ),
    }
    return Contact.model_validate({**default, **fields})


def item(entity: str = "p1", **fields: Any) -> Item:
    """Something sold at 25.00."""
    default = {
        "id": entity,
        "code": f"CODE-{entity}",
        "name": "Brass hinge",
        "description": "Brass hinge, 75 mm",
        "unit_price": Decimal("25.00"),
    }
    return Item.model_validate({**default, **fields})


def line(entity: str = "l1", **fields: Any) -> Line:
    """Two of an article at 25.00 without tax."""
    default = {
        "id": entity,
        "kind": LineKind.PART,
        "description": f"Brass hinge {entity}",
        "quantity": Decimal(2),
        "unit_price": Decimal("25.00"),
        "tax_rate": Decimal(0),
    }
    return Line.model_validate({**default, **fields})


def invoice(entity: str = "i1", lines: Sequence[Line] | None = None, **fields: Any) -> Invoice:
    """An approved invoice of contact c1 over two lines."""
    default = {
        **_document(entity, lines, fields),
        "number": f"INV-{entity}",
        "customer": "c1",
        "due_date": DAY.replace(day=30),
    }
    return Invoice.model_validate({**default, **fields})


def credit_note(
    entity: str = "n1", lines: Sequence[Line] | None = None, **fields: Any
) -> CreditNote:
    """An approved credit note of contact c1."""
    default = {**_document(entity, lines, fields), "number": f"CN-{entity}", "customer": "c1"}
    return CreditNote.model_validate({**default, **fields})


def payment(of: Invoice, entity: str = "y1", **fields: Any) -> Payment:
    """All of an invoice, paid."""
    amount = fields.get("amount", of.totals.gross)
    default = {
        "id": entity,
        "contact": of.customer,
        "date": of.issue_date,
        "amount": amount,
        "currency": of.currency,
        "allocations": (Allocation(document=of.id, amount=amount),),
    }
    return Payment.model_validate({**default, **fields})


def samples(
    currency: str = CURRENCY,
    tax_mode: TaxMode = TaxMode.EXCLUSIVE,
    tax_rate: Decimal = Decimal(0),
) -> tuple[Entity, ...]:
    """One entity of each kind, what is referred to before what refers to it."""
    shared: dict[str, Any] = {"currency": currency, "tax_mode": tax_mode}
    part = line("l1", item="p1", tax_rate=tax_rate)
    work = line("l2", kind=LineKind.LABOUR, quantity=Decimal("1.5"), tax_rate=tax_rate)
    of = invoice("i1", (part, work), **shared)
    return contact(), item(), of, credit_note("n1", (part,), **shared), payment(of)


def _document(entity: str, lines: Sequence[Line] | None, fields: dict[str, Any]) -> dict[str, Any]:
    chosen = tuple(lines) if lines is not None else (line("l1"), line("l2"))
    mode = fields.get("tax_mode", TaxMode.EXCLUSIVE)
    return {
        "id": entity,
        "issue_date": DAY,
        "currency": CURRENCY,
        "tax_mode": mode,
        "lines": chosen,
        "totals": totals_of(chosen, mode),
    }
