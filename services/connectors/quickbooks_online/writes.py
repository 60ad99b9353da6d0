"""What a write does there: its operations, and the record that their answers make."""

from collections.abc import Sequence

from contracts.entities import (
    Allocation,
    Bill,
    Contact,
    CreditNote,
    Invoice,
    Item,
    Payment,
    PurchaseOrder,
    Refund,
)
from contracts.values import EntityType
from libs.connector.errors import Held
from libs.connector.interface import Context, Record, Verb, Write
from services.connectors.quickbooks_online import records
from services.connectors.quickbooks_online.mapping import (
    contact_writes,
    contacts,
    documents,
    headers,
    items,
    payments,
    purchases,
    refunds,
    settlements,
)
from services.connectors.quickbooks_online.mapping.wire import Element, Raw
from services.connectors.quickbooks_online.requests import (
    CREATE,
    DELETE,
    UPDATE,
    VOID,
    Act,
    act_of,
)

REMOVED = (Verb.VOID, Verb.DELETE)
VOIDED = frozenset({EntityType.INVOICE, EntityType.PAYMENT})
"""Kept with nothing left of their amounts; the other transactions can only be deleted."""
ARCHIVED = frozenset({EntityType.CONTACT, EntityType.ITEM})


def resources(write: Write) -> list[str]:
    """What the answer to each operation of a write shows."""
    if write.type is EntityType.CONTACT:
        return contact_writes.targets(write)
    if applies(write):
        return [settlements.PAYMENT]
    if isinstance(write.entity, Payment):
        return [payments.RESOURCES[write.entity.direction]]
    return [records.RESOURCES[write.type][0]]


def acts(write: Write, context: Context) -> list[Act]:
    """The operations of a write."""
    if write.type is EntityType.CONTACT:
        found = contact_writes.contact_elements(write, context)
        return [act_of(resource, element) for resource, element in found]
    if applies(write):
        return [_application(write, context)]
    [resource] = resources(write)
    if write.verb in REMOVED and write.type not in ARCHIVED:
        there: Raw = write.raw.get(resource) or {}
        voids = not _deletes(write)
        element = headers.identified(write, there)
        if resource not in ("Payment", "BillPayment") or not voids:
            element.pop("sparse")
        return [Act(resource, VOID if voids else DELETE, element)]
    return [act_of(resource, _element(write, context))]


def applies(write: Write) -> bool:
    """Whether it is a step that only applies a credit note, or takes that back."""
    return (
        write.verb is Verb.UPDATE
        and isinstance(write.entity, CreditNote)
        and all(path.startswith("allocations.") for path in write.changed)
    )


def _deletes(write: Write) -> bool:
    """What the product voids is kept without its amounts, where the vendor has that."""
    voids = write.verb is Verb.VOID and write.type in VOIDED
    return write.verb in REMOVED and write.type not in ARCHIVED and not voids


def answered(write: Write, shown: Sequence[Raw]) -> Record:
    """The record after the operations of a write; `shown`: an object for each of them."""
    if _deletes(write):
        return Record(write.type, write.record, {}, "deleted")
    named = resources(write)
    if write.type is EntityType.CONTACT:
        return _contact(write, {**write.raw, **dict(zip(named, shown, strict=True))})
    if applies(write):
        return _applied(write, shown[0])
    if write.type is EntityType.CREDIT_NOTE:
        return records.credit_note(shown[0], settlements.known(write))
    return records.record(write.type, named[0], shown[0])


def _element(write: Write, context: Context) -> Element:
    entity = write.entity
    if isinstance(entity, Item):
        return items.item_element(write, entity, context)
    if isinstance(entity, Invoice | CreditNote):
        return documents.document_element(write, entity, context)
    if isinstance(entity, Bill | PurchaseOrder):
        return purchases.purchase_element(write, entity, context)
    if isinstance(entity, Refund):
        return refunds.refund_element(write, entity, context)
    assert isinstance(entity, Payment)
    return payments.payment_element(write, entity, context)


def _contact(write: Write, raw: Raw) -> Record:
    assert isinstance(write.entity, Contact)
    main = contacts.main_resource(write.entity)
    external = write.record or f"{main}/{raw[main]['Id']}"
    complete = contacts.complete(raw, (external, *write.parts))
    return contacts.contact_record(raw, external) if complete else _unshown(write)


def _unshown(write: Write) -> Record:
    """It is stored, but the answer alone does not show all of it."""
    return Record(write.type, write.record, {})


# Credit notes are applied by payments of nothing


def _application(write: Write, context: Context) -> Act:
    note = write.entity
    assert isinstance(note, CreditNote)
    there = allocated(write, context)
    wanted = {share.document: share for share in note.allocations}
    added = [share for document, share in wanted.items() if document not in there]
    if added:
        element = settlements.new_settlement(write, note, added[0], context)
        return Act(settlements.PAYMENT, CREATE, element)
    removed = [document for document in there if document not in wanted]
    return _taken_back(write, removed[0] if removed else next(iter(there)), context)


def allocated(write: Write, context: Context) -> dict[str, Allocation]:
    """What a credit note settles there now."""
    found = settlements.allocations_of(write.record, settlements.known(write), context)
    return {share.document: share for share in found}


def _taken_back(write: Write, document: str, context: Context) -> Act:
    invoice = context.ids.external(EntityType.INVOICE, document)
    found = settlements.of_invoice(settlements.known(write), write.record, invoice)
    alone = [payment for payment in found if settlements.is_settlement(payment)]
    if not alone:
        raise Held(
            f"Credit note {write.id} was applied together with money in QuickBooks.",
            reason="applied",
            action="Change that payment in QuickBooks by hand.",
        )
    payment = alone[0]
    element: Element = {"Id": str(payment["Id"]), "SyncToken": str(payment.get("SyncToken"))}
    rest = [link for link in settlements.links(payment) if link[:2] != ("Invoice", invoice)]
    others = [link for link in rest if link[0] in settlements.OWED]
    if not others:
        return Act(settlements.PAYMENT, DELETE, element)
    lines = settlements.linked(others, write.record)
    return Act(settlements.PAYMENT, UPDATE, {**element, "sparse": True, "Line": lines})


def _applied(write: Write, shown: Raw) -> Record:
    """The credit note with its settlements as they are after this one."""
    memo = write.raw.get(settlements.MEMO)
    if not memo:
        return _unshown(write)
    others = [p for p in settlements.known(write) if str(p["Id"]) != str(shown["Id"])]
    deleted = shown.get("status") == records.DELETED
    return records.credit_note(memo, others if deleted else [*others, shown])
