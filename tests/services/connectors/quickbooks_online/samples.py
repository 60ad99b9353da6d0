"""Entities for the suites: what is sold, and what is bought."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.entities import (
    Allocation,
    Bill,
    Entity,
    Line,
    LineKind,
    Payment,
    PurchaseOrder,
    Refund,
    TaxMode,
)
from libs.connector.money import totals_of
from libs.testing import builders

DAY = builders.DAY


def sold(currency: str, rate: Decimal) -> Sequence[Entity]:
    """A customer and everything that is sold to it."""
    invoice = builders.invoice(
        "i1",
        (
            builders.line("l1", item="p1", tax_rate=rate),
            builders.line("l2", kind=LineKind.LABOUR, quantity=Decimal("1.5"), tax_rate=rate),
        ),
        currency=currency,
        job="Kitchen",
        note="Thank you.",
        attributes={"colour": "red"},
        link="https://product.example/i1",
    )
    refund = Refund(
        id="r1",
        contact="c1",
        date=DAY,
        amount=Decimal("12.50"),
        currency=currency,
        reference="CARD-1",
    )
    note = builders.credit_note("n1", (builders.line("l1", item="p1", tax_rate=rate),))
    return (
        builders.contact(
            attributes={"since": "2019"}, link="https://product.example/c1", phone="555-0100"
        ),
        builders.item(account=None),
        invoice,
        note.model_copy(update={"currency": currency}),
        builders.payment(invoice, reference="CHK-5501"),
        refund,
    )


def bought(currency: str) -> Sequence[Entity]:
    """A supplier and everything that is bought from it."""
    supplier = builders.contact("s1", name="Timber Yard", customer=False, supplier=True)
    item = builders.item("p2", purchase_price=Decimal("4.00"))
    lines = (
        builders.line("l1", item="p2", unit_price=Decimal("4.00"), quantity=Decimal(5)),
        builders.line("l2", quantity=Decimal(1), unit_price=Decimal("7.25")),
    )
    order = PurchaseOrder(**_document("o1", lines, currency), number="PO-1", supplier="s1")
    bill = Bill(
        **_document("b1", lines, currency),
        number="THEIRS-9",
        supplier="s1",
        due_date=date(2026, 3, 30),
        purchase_orders=("o1",),
    )
    paid = Payment(
        id="y2",
        direction="paid",
        contact="s1",
        date=DAY,
        amount=bill.totals.gross,
        currency=currency,
        allocations=(Allocation(document="b1", document_type="bill", amount=bill.totals.gross),),
    )
    return supplier, item, order, bill, paid


def _document(entity: str, lines: tuple[Line, ...], currency: str) -> dict[str, Any]:
    return {
        "id": entity,
        "issue_date": DAY,
        "currency": currency,
        "lines": lines,
        "totals": totals_of(lines, TaxMode.EXCLUSIVE),
    }
