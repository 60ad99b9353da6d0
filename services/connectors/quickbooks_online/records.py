"""Objects of the vendor as the kernel keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from contracts.entities import Entity
from contracts.values import EntityType
from libs.connector.interface import Context, Record
from services.connectors.quickbooks_online.mapping import (
    cheques,
    contacts,
    documents,
    headers,
    items,
    payments,
    purchases,
    refunds,
    settlements,
)
from services.connectors.quickbooks_online.mapping.wire import Raw, resource_id, updated

RESOURCES: Mapping[EntityType, tuple[str, ...]] = MappingProxyType(
    {
        EntityType.CONTACT: (contacts.CUSTOMER, contacts.VENDOR),
        EntityType.ITEM: ("Item",),
        EntityType.INVOICE: ("Invoice",),
        EntityType.CREDIT_NOTE: (settlements.MEMO,),
        EntityType.PAYMENT: (payments.RECEIVED, payments.PAID),
        EntityType.REFUND: (refunds.RESOURCE, cheques.RESOURCE),
        EntityType.PURCHASE_ORDER: ("PurchaseOrder",),
        EntityType.BILL: ("Bill",),
    }
)
KINDS = {resource: kind for kind, found in RESOURCES.items() for resource in found}
NEVER_MADE = frozenset({cheques.RESOURCE})
"""What only a person makes: a lost create of ours is not searched among them."""
NAMED = frozenset({"Customer", "Vendor", "Item"})
"""Lists, of which inactive rows are hidden unless they are asked for."""
DELETED = "Deleted"


def external(kind: EntityType, resource: str, identity: str) -> str:
    """How a record is called: with its resource where its kind has several."""
    return f"{resource}/{identity}" if len(RESOURCES[kind]) > 1 else identity


def is_ours(resource: str, raw: Raw) -> bool:
    """Not categories and bundles among the items, nor what is bought among the cheques."""
    if raw.get("status") == DELETED:
        return True
    if resource == cheques.RESOURCE:
        return cheques.is_to_customer(raw)
    return resource != "Item" or raw.get("Type") in items.KEPT


def record(kind: EntityType, resource: str, raw: Raw) -> Record:
    """An object alone, without its side records."""
    identity = external(kind, resource, str(raw["Id"]))
    if raw.get("status") == DELETED:
        return Record(kind, identity, {resource: raw}, "deleted", updated_at=updated(raw))
    if kind is EntityType.CONTACT:
        return contacts.contact_record({resource: raw}, identity)
    if kind is EntityType.ITEM:
        return replace(items.item_record(raw), raw={resource: raw})
    if kind is EntityType.PAYMENT:
        return payments.payment_record(raw, resource)
    if kind is EntityType.REFUND:
        alone = resource == cheques.RESOURCE
        return cheques.cheque_record(raw, ()) if alone else refunds.refund_record(raw)
    return headers.document_record(raw, kind, {resource: raw})


def credit_note(memo: Raw, settled_by: Sequence[Raw]) -> Record:
    """A credit memo with the payments that apply it."""
    whole = {settlements.MEMO: memo, "Payments": list(settled_by)}
    alone = headers.document_record(memo, EntityType.CREDIT_NOTE, whole)
    sides = settlements.sides(str(memo["Id"]), settled_by)
    return replace(alone, related=cheques.refunds_of(settled_by), parts=sides)


def entity(found: Record, context: Context) -> Entity:
    """A record as an entity."""
    kind, raw = found.type, found.raw
    if kind is EntityType.CONTACT:
        return contacts.contact_from_qbo(raw, resource_id(found.id)[0], context)
    if kind is EntityType.PAYMENT:
        return payments.payment_from_qbo(raw, context)
    if kind is EntityType.REFUND:
        return _refund(raw, context)
    shown = raw[RESOURCES[kind][0]]
    if kind is EntityType.ITEM:
        return items.item_from_qbo(shown, context)
    if kind in (EntityType.BILL, EntityType.PURCHASE_ORDER):
        return purchases.purchase_from_qbo(shown, kind, context)
    settled_by = raw.get("Payments") or ()
    shares = settlements.allocations_of(str(shown.get("Id")), settled_by, context)
    return documents.document_from_qbo(shown, kind, shares, context)


def _refund(raw: Raw, context: Context) -> Entity:
    if cheques.RESOURCE in raw:
        return cheques.refund_from_cheque(raw, context)
    return refunds.refund_from_qbo(raw[refunds.RESOURCE], context)
