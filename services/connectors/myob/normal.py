"""What MYOB will show of an entity: sent through our own mapping and back."""

from collections.abc import Mapping
from typing import Any

from contracts.entities import (
    Bill,
    Contact,
    CreditNote,
    DocumentStatus,
    Entity,
    Invoice,
    Item,
    Payment,
    PurchaseOrder,
    Refund,
)
from libs.connector.interface import Context
from services.connectors.myob.mapping import (
    contacts,
    delivered,
    items,
    overpayments,
    payments,
    purchases,
    refunds,
    sales,
)
from services.connectors.myob.mapping.documents import Paper
from services.connectors.myob.mapping.wire import PLACE, SIDES
from services.connectors.myob.writes import layout_of


def as_stored(entity: Entity, context: Context) -> Entity:
    """The entity in MYOB's spelling, with our own ids; raises Held where it has no spelling."""
    if isinstance(entity, Contact):
        return contacts.as_stored(entity)
    if isinstance(entity, Item):
        return items.item_from_myob(items.item_to_myob(entity, context), context)
    if isinstance(entity, Payment):
        return _payment(entity, context)
    if isinstance(entity, Refund):
        raw = refunds.refund_to_myob(entity, "", context)
        stored = refunds.refund_from_myob(raw, context)
        return stored.model_copy(update=_kept(entity))
    assert isinstance(entity, Paper)
    return _document(entity, context)


def _document(document: Paper, context: Context) -> Paper:
    raw = _shown(document, context)
    stored: Paper
    same: dict[str, Any] = {}
    if isinstance(document, Invoice):
        stored = sales.invoice_from_myob(raw, context)
        same["customer"] = document.customer
    elif isinstance(document, CreditNote):
        stored = sales.credit_note_from_myob(raw, context)
        same |= {"customer": document.customer, "allocations": document.allocations}
    elif isinstance(document, PurchaseOrder):
        stored = purchases.order_from_myob(raw, context)
        same["supplier"] = document.supplier
    else:
        assert isinstance(document, Bill)
        stored = purchases.bill_from_myob(raw, context)
        orders = delivered.orders_of(document, context)
        same |= {"supplier": document.supplier, "purchase_orders": orders}
    lines = [
        shown.model_copy(update={"id": own.id, "item": shown.item and own.item})
        for shown, own in zip(stored.lines, document.lines, strict=True)
    ]
    if document.status == DocumentStatus.VOID:
        same["status"] = DocumentStatus.VOID
    # A reference we translated there and back is still the same record of ours.
    return stored.model_copy(update={**same, "lines": tuple(lines)})


def _shown(document: Paper, context: Context) -> Mapping[str, Any]:
    """What was sent, as MYOB shows it; a job is read where there is a marker."""
    marker = "lb-aaaaaaaaaaaaaaaa"
    if isinstance(document, Invoice | CreditNote):
        raw = sales.sale_to_myob(document, marker, context)
    else:
        raw = purchases.purchase_to_myob(document, marker, context)
    return {**raw, PLACE: layout_of(document, context)}


def _payment(payment: Payment, context: Context) -> Payment:
    place = payments.main_place(payment)
    if place == sales.OVERPAID:
        raw = overpayments.overpayment_to_myob(payment, "", context)
        raw["TotalAmount"] = raw["Lines"][0]["Total"]
    else:
        raw = payments.payment_to_myob(payment, "", context)
    rest = overpayments.rest_of(payment)
    if rest and place != sales.OVERPAID:
        raw[SIDES] = {f"{sales.OVERPAID}/new": {"TotalAmount": -rest}}
    stored = payments.payment_from_myob({**raw, PLACE: place}, context)
    return stored.model_copy(update=_kept(payment))


def _kept(money: Payment | Refund) -> dict[str, Any]:
    """References of ours; and a void one is to be deleted."""
    return {"contact": money.contact, "allocations": money.allocations, "status": money.status}
