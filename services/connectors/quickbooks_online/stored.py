"""What QuickBooks will show after it has stored an entity: our own words, in its spelling."""

from decimal import Decimal
from typing import Any

from contracts.entities import (
    Bill,
    Contact,
    CreditNote,
    DocumentStatus,
    Entity,
    Invoice,
    Item,
    Line,
    MoneyStatus,
    Payment,
    PurchaseOrder,
    Refund,
)
from contracts.values import EntityType
from libs.connector.interface import Context, Record
from libs.connector.money import cents
from services.connectors.quickbooks_online import records
from services.connectors.quickbooks_online.mapping import (
    contacts,
    documents,
    items,
    lines,
    notes,
    payments,
    purchase_lines,
    purchases,
    refunds,
)
from services.connectors.quickbooks_online.mapping.wire import Element

EMPTIED = {"PrivateNote": notes.VOIDED, "TotalAmt": Decimal(0)}


def stored(entity: Entity, context: Context) -> Entity:
    """See Maps.normalised; references of ours stay ours, there and back."""
    if isinstance(entity, Contact):
        return _contact(entity, context)
    if isinstance(entity, Item):
        return items.item_from_qbo(items.item_to_qbo(entity, context), context)
    if isinstance(entity, Payment):
        return _payment(entity, context)
    if isinstance(entity, Refund):
        return _refund(entity, context)
    if isinstance(entity, Invoice | CreditNote):
        return _sale(entity, context)
    assert isinstance(entity, Bill | PurchaseOrder)
    return _purchase(entity, context)


def _contact(contact: Contact, context: Context) -> Entity:
    main = contacts.main_resource(contact)
    raw = {
        resource: contacts.contact_to_qbo(contact, resource, context, side=resource != main)
        for resource in contacts.wanted_roles(contact)
    }
    shown = contacts.contact_from_qbo(raw, main, context)
    parent = contact.parent if main == contacts.CUSTOMER else None
    return shown.model_copy(update={"parent": parent})


def _payment(payment: Payment, context: Context) -> Entity:
    element = payments.payment_to_qbo(payment, "", context)
    void = payment.status == MoneyStatus.VOID
    if void:
        element |= EMPTIED
    raw = {payments.RESOURCES[payment.direction]: element}
    shown = payments.payment_from_qbo(raw, context)
    kept = [one.model_copy(update={"amount": cents(one.amount)}) for one in payment.allocations]
    return shown.model_copy(
        update={"contact": payment.contact, "allocations": () if void else tuple(kept)}
    )


def _refund(refund: Refund, context: Context) -> Entity:
    element = refunds.refund_to_qbo(refund, "", context) | {"TotalAmt": cents(refund.amount)}
    void = refund.status == MoneyStatus.VOID
    if void:
        element |= EMPTIED
    shown = refunds.refund_from_qbo(element, context)
    kept = (
        ()
        if void
        else tuple(
            one.model_copy(update={"amount": cents(one.amount)}) for one in refund.allocations
        )
    )
    return shown.model_copy(update={"contact": refund.contact, "allocations": kept})


def _sale(document: Invoice | CreditNote, context: Context) -> Entity:
    void = document.status == DocumentStatus.VOID
    element = documents.document_to_qbo(document, "", context)
    sent = _named(lines.lines_to_qbo(document, context), document.lines)
    element = _as_shown(element, sent, document)
    if void:
        element |= EMPTIED
    record = Record(
        EntityType(document.type), "new", {records.RESOURCES[EntityType(document.type)][0]: element}
    )
    shown = records.entity(record, context)
    assert isinstance(shown, Invoice | CreditNote)
    same: dict[str, Any] = {
        "customer": document.customer,
        "lines": _same(shown.lines, document.lines),
        "totals": shown.totals if void else document.totals,
    }
    if isinstance(document, CreditNote):
        same["invoice"] = None if void else document.invoice
        same["allocations"] = document.allocations
    return shown.model_copy(update=same)


def _purchase(document: Bill | PurchaseOrder, context: Context) -> Entity:
    void = document.status == DocumentStatus.VOID
    element = purchases.purchase_to_qbo(document, "", context)
    sent = _named(purchase_lines.lines_to_qbo(document, context), document.lines)
    element = _as_shown(element, sent, document) | (EMPTIED if void else {})
    shown = purchases.purchase_from_qbo(element, EntityType(document.type), context)
    same: dict[str, Any] = {
        "supplier": document.supplier,
        "lines": _same(shown.lines, document.lines),
        "totals": shown.totals if void else document.totals,
    }
    if isinstance(document, Bill):
        same["purchase_orders"] = document.purchase_orders
    return shown.model_copy(update=same)


def _named(sent: list[Element], own: tuple[Line, ...]) -> list[Element]:
    return [{**element, "Id": line.id} for element, line in zip(sent, own, strict=True)]


def _as_shown(
    element: Element,
    sent: list[Element],
    document: Invoice | CreditNote | Bill | PurchaseOrder,
) -> Element:
    """With the totals that the vendor reckons."""
    detail = {**(element.get("TxnTaxDetail") or {}), "TotalTax": document.totals.tax}
    return {**element, "Line": sent, "TotalAmt": document.totals.gross, "TxnTaxDetail": detail}


def _same(shown: tuple[Line, ...], own: tuple[Line, ...]) -> tuple[Line, ...]:
    """A reference we translated there and back is still the same record of ours."""
    return tuple(
        line.model_copy(update={"item": mine.item}) if line.item else line
        for line, mine in zip(shown, own, strict=True)
    )
