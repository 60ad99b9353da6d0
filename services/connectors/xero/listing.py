"""Listing Xero's records, and which of them is what (dossier sections 3 and 9)."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from contracts.values import EntityType
from libs.connector.interface import Answer, Notice, Record, Session
from services.connectors.xero.mapping import (
    advances,
    contacts,
    documents,
    items,
    payments,
    places,
    refunds,
    shown,
)
from services.connectors.xero.mapping.places import Resource
from services.connectors.xero.mapping.wire import Raw, moment

PAGE_SIZE = 200
RESOURCES = {
    EntityType.CONTACT: Resource("Contacts", "ContactID"),
    EntityType.ITEM: Resource("Items", "ItemID"),
    EntityType.INVOICE: Resource("Invoices", "InvoiceID"),
    EntityType.CREDIT_NOTE: Resource("CreditNotes", "CreditNoteID"),
    EntityType.PAYMENT: places.RESOURCES[places.PAYMENT],
    EntityType.REFUND: places.RESOURCES[places.PAYMENT],
    EntityType.PURCHASE_ORDER: Resource("PurchaseOrders", "PurchaseOrderID"),
    EntityType.BILL: Resource("Invoices", "InvoiceID"),
}
ALWAYS = {EntityType.CONTACT: {"includeArchived": "true"}}
ONLY = {EntityType.BILL: {"where": 'Type=="ACCPAY"'}}
SHARED = (
    (EntityType.INVOICE, EntityType.BILL),
    (EntityType.PAYMENT, EntityType.REFUND),
)
"""Kinds that lie in one list, and are hinted at alike."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that a kind of record is in; `paged` lists show lines only so."""

    path: str
    paged: bool = True


def lists(kind: EntityType) -> Sequence[Listed]:
    """The lists a kind of record is in. Parts of batch payments are listed as payments."""
    if kind is EntityType.PAYMENT:
        found = (places.PAYMENT, *places.CREDITS)
        return [Listed(places.RESOURCES[place].path) for place in found]
    return [Listed(RESOURCES[kind].path, paged=kind is not EntityType.ITEM)]


def record(kind: EntityType, raw: Raw) -> Record:
    """A wire element as the kernel keeps it."""
    if kind is EntityType.CONTACT:
        return contacts.contact_record(raw)
    if kind is EntityType.ITEM:
        return items.item_record(raw)
    if kind is EntityType.PAYMENT:
        return payments.payment_record(raw)
    if kind is EntityType.REFUND:
        return refunds.refund_record(raw)
    return shown.document_record(raw, kind)


def is_ours(kind: EntityType, raw: Raw) -> bool:
    """Whether an element of a list that several kinds share is of this one."""
    if kind in documents.TYPES:
        return bool(raw.get("Type") == documents.TYPES[kind])
    if kind is EntityType.PAYMENT:
        return payments.is_ours(raw) or advances.is_credit(raw)
    return kind is not EntityType.REFUND or refunds.is_ours(raw)


def record_or_other(kind: EntityType, raw: Raw) -> Record | None:
    """The record; one that is of the other kind in its list names that as what it belongs to."""
    if is_ours(kind, raw):
        return record(kind, raw)
    others = [other for pair in SHARED if kind in pair for other in pair if other is not kind]
    for other in others:
        if is_ours(other, raw):
            named = raw[RESOURCES[kind].id]
            return Record(kind, named, {}, belongs_to=Notice(other, named))
    return None


def elements(path: str, answer: Answer) -> tuple[Sequence[Raw], datetime | None]:
    """The elements of an answer, and the moment its envelope names (dossier section 4)."""
    body = answer.json() if answer.status == 200 else {}
    return body.get(path) or (), answered(body)


def answered(body: Raw) -> datetime | None:
    """Xero's clock when it answered."""
    return moment(str(body["DateTimeUTC"])) if body.get("DateTimeUTC") else None


async def changes(
    session: Session, kind: EntityType, since: datetime | None
) -> AsyncIterator[Sequence[Record]]:
    """Pages of what changed since then; whether the moment itself is included is unconfirmed."""
    for listed in lists(kind):
        async for page in _pages(session, kind, listed, since):
            found = [_whole(record(kind, raw)) for raw in page if is_ours(kind, raw)]
            # A part of a batch payment is news of the batch.
            yield list({(one.id, one.updated_at): one for one in found}.values())


def _whole(listed: Record) -> Record:
    whole = listed.belongs_to
    return replace(listed, id=whole.record, belongs_to=None) if whole else listed


async def _pages(
    session: Session, kind: EntityType, listed: Listed, since: datetime | None
) -> AsyncIterator[Sequence[Raw]]:
    headers = {}
    if since is not None:
        headers["If-Modified-Since"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    page = 1
    while True:
        params = {**ALWAYS.get(kind, {}), **ONLY.get(kind, {})}
        if listed.paged:
            params |= {
                "page": str(page),
                "pageSize": str(PAGE_SIZE),
                "order": "UpdatedDateUTC ASC",
            }
        answer = await session.get(f"/{listed.path}", params, headers)
        found, _ = elements(listed.path, answer)
        if found:
            yield found
        if not listed.paged or len(found) < PAGE_SIZE:
            return
        page += 1
