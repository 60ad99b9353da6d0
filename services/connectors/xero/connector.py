"""Xero's Accounting API 2.0: https://developer.xero.com/documentation/api/accounting/overview"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts.entities import Contact, CreditNote, Entity, Invoice, Item, Payment
from contracts.values import EntityType
from libs.connector import wire
from libs.connector.errors import Rejected, Unavailable, Uncertain
from libs.connector.interface import (
    Answer,
    Company,
    Context,
    Notice,
    Record,
    Request,
    Result,
    Session,
    Verb,
    Wanted,
    Write,
)
from services.connectors.xero import checks, company, errors, listing
from services.connectors.xero.mapping import contacts, documents, edits, items, payments
from services.connectors.xero.mapping.wire import Element, Raw, moment

RESOURCES = listing.RESOURCES
NOBODY = "00000000-0000-0000-0000-000000000000"
ALONE = (("summarizeErrors", "false"),)
PRICED = (*ALONE, ("unitdp", "4"))
UNPRICED = (EntityType.CONTACT, EntityType.PAYMENT)
CATEGORIES = {
    "INVOICE": EntityType.INVOICE,
    "CONTACT": EntityType.CONTACT,
    "CREDITNOTE": EntityType.CREDIT_NOTE,
}


class XeroConnector:
    """What is odd about Xero: PUT creates, POST updates, bulk by default, status decides."""

    # Writes

    def request(self, writes: Sequence[Write], context: Context) -> Request:
        """One call for all of them; a payment or an item is removed by a call of its own."""
        first = writes[0]
        path = f"/{RESOURCES[first.type].path}"
        if first.verb is Verb.DELETE and first.type is EntityType.ITEM:
            return Request("DELETE", f"{path}/{first.record}")
        elements = [_element(write, context) for write in writes]
        if first.verb in (Verb.VOID, Verb.DELETE) and first.type is EntityType.PAYMENT:
            return Request("POST", f"{path}/{first.record}", (), wire.encode(elements[0]))
        method = "PUT" if first.verb is Verb.CREATE else "POST"
        body = wire.encode({RESOURCES[first.type].path: elements})
        return Request(method, path, ALONE if first.type in UNPRICED else PRICED, body)

    def results(
        self, writes: Sequence[Write], answer: Answer, context: Context
    ) -> Sequence[Result]:
        """One result per write, in order (dossier sections 3 and 10)."""
        del context
        first = writes[0]
        gone = answer.status == 404 and first.verb is Verb.DELETE and len(writes) == 1
        if answer.status == 204 or gone:
            return [Record(first.type, first.record, {}, "deleted")]
        if answer.status == 413:
            raise Rejected("Xero finds the request too large.", reason="too-large")
        if answer.status != 200:
            raise errors.whole(writes, answer)
        body = errors.envelope(answer) or {}
        elements = body.get(RESOURCES[first.type].path) or ()
        if len(elements) != len(writes):
            raise Uncertain("Xero's answer does not tell what became of each record.")
        as_of = listing.answered(body)
        found = [_result(write, raw) for write, raw in zip(writes, elements, strict=True)]
        return [replace(r, as_of=as_of) if isinstance(r, Record) else r for r in found]

    # Translation

    def entity(self, record: Record, context: Context) -> Entity:
        """See Maps.entity."""
        return _entity(record.type, record.raw, context)

    def normalised(self, entity: Entity, context: Context) -> Entity:
        """Xero shows what it was sent, in the spelling of our own mapping."""
        if isinstance(entity, Contact):
            return contacts.contact_from_xero(contacts.contact_to_xero(entity))
        if isinstance(entity, Item):
            return items.item_from_xero(items.item_to_xero(entity, context))
        if isinstance(entity, Invoice | CreditNote):
            return checks.as_stored(entity, context)
        assert isinstance(entity, Payment)
        return checks.payment_as_stored(entity, context)

    def check(self, entity: Entity, context: Context) -> None:
        """See Maps.check."""
        checks.check(entity, context)

    # Reads

    async def describe(self, session: Session) -> Company:
        """See Describes.describe."""
        return await company.describe(session)

    async def read(
        self, session: Session, kind: EntityType, ids: Collection[str]
    ) -> Mapping[str, Record]:
        """See Reads.read."""
        return {record.id: record for record in await listing.read(session, kind, ids)}

    async def find(
        self, session: Session, kind: EntityType, wanted: Sequence[Wanted]
    ) -> Sequence[Record]:
        """See Finds.find."""
        return await listing.find(session, kind, wanted)

    def changes(
        self, session: Session, kind: EntityType, since: datetime | None
    ) -> AsyncIterator[Sequence[Record]]:
        """See Lists.changes."""
        return listing.changes(session, kind, since)

    async def census(self, session: Session, kind: EntityType) -> Collection[str]:
        """See Lists.census."""
        return [r.id async for page in listing.changes(session, kind, None) for r in page]

    # Notices

    def notices(self, body: bytes, company: str) -> Sequence[Notice]:
        """Ids only; categories and types come in mixed case (dossier section 9)."""
        try:
            events = wire.decode(body)["events"]
            ours = [event for event in events if event.get("tenantId") == company]
            return [notice for event in ours if (notice := _notice(event))]
        except (Unavailable, KeyError, TypeError, AttributeError, ValueError) as error:
            raise Rejected("The webhook's body is not one of Xero's.", reason="body") from error


def _notice(event: Raw) -> Notice | None:
    kind = CATEGORIES.get(str(event.get("eventCategory", "")).upper())
    at = event.get("eventDateUtc") or event.get("eventDateUTC")
    return Notice(kind, event["resourceId"], moment(str(at)) if at else None) if kind else None


def _element(write: Write, context: Context) -> Element:
    if write.verb in (Verb.VOID, Verb.DELETE):
        return _removal(write)
    entity = write.entity
    if isinstance(entity, Contact):
        return contacts.contact_element(write, entity)
    if isinstance(entity, Item):
        return items.item_element(write, entity, context)
    if isinstance(entity, Invoice | CreditNote):
        return edits.document_element(write, entity, context)
    assert isinstance(entity, Payment)
    return payments.payment_element(write, entity, context)


def _removal(write: Write) -> Element:
    """Drafts are deleted, approved documents voided, contacts archived (dossier sections 4, 5)."""
    if write.type is EntityType.CONTACT:
        return {"ContactID": write.record, "ContactStatus": "ARCHIVED"}
    if write.type is EntityType.PAYMENT:
        return {"Status": "DELETED"}
    draft = (write.before or {}).get("status") == "draft"
    return {
        documents.IDS[write.type]: write.record,
        "Status": "DELETED" if draft else "VOIDED",
    }


def _result(write: Write, raw: Raw) -> Result:
    if errors.is_refused(raw):
        return errors.refused(write, errors.messages_of(raw))
    if raw.get(RESOURCES[write.type].id, NOBODY) == NOBODY:
        raise Uncertain(f"Xero's answer does not show {write.type} {write.id}.")
    return listing.record(write.type, raw)


def _entity(kind: EntityType, raw: Mapping[str, Any], context: Context) -> Entity:
    if kind is EntityType.CONTACT:
        return contacts.contact_from_xero(raw)
    if kind is EntityType.ITEM:
        return items.item_from_xero(raw)
    if kind is EntityType.PAYMENT:
        return payments.payment_from_xero(raw, context)
    return documents.document_from_xero(raw, kind, context)
