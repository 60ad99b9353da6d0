"""Xero's Accounting API 2.0: https://developer.xero.com/documentation/api/accounting/overview"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime

from contracts.entities import Entity
from contracts.values import EntityType
from libs.connector import wire
from libs.connector.errors import Rejected, Unavailable
from libs.connector.interface import (
    Answer,
    Company,
    Context,
    Notice,
    Record,
    Request,
    Result,
    Session,
    Step,
    Wanted,
    Write,
)
from services.connectors.xero import (
    checks,
    company,
    finding,
    listing,
    reading,
    steps,
    stored,
    writes,
)
from services.connectors.xero.mapping import contacts, documents, items, payments, refunds
from services.connectors.xero.mapping.places import PREPAYMENT, spelled
from services.connectors.xero.mapping.wire import Raw, moment

CATEGORIES = {
    # A bill's too: the read tells, and passes it on.
    "INVOICE": EntityType.INVOICE,
    "CONTACT": EntityType.CONTACT,
    "CREDITNOTE": EntityType.CREDIT_NOTE,
    "PREPAYMENT": EntityType.PAYMENT,
}


class XeroConnector:
    """What is odd about Xero: PUT creates, POST updates, bulk by default, status decides."""

    # Writes

    def together(self, write: Write, context: Context) -> str:
        """See Sorts.together."""
        return writes.together(write, context)

    def request(self, writes_: Sequence[Write], context: Context) -> Request:
        """See Pushes.request."""
        return writes.request(writes_, context)

    def results(
        self, writes_: Sequence[Write], answer: Answer, context: Context
    ) -> Sequence[Result]:
        """See Pushes.results."""
        return writes.results(writes_, answer, context)

    def step(self, write: Write, context: Context) -> Step | None:
        """See Steps.step."""
        return steps.step(write, context)

    # Translation

    def entity(self, record: Record, context: Context) -> Entity:
        """See Maps.entity."""
        raw = record.raw
        if record.type is EntityType.CONTACT:
            return contacts.contact_from_xero(raw)
        if record.type is EntityType.ITEM:
            return items.item_from_xero(raw)
        if record.type is EntityType.PAYMENT:
            return payments.payment_from_xero(raw, context)
        if record.type is EntityType.REFUND:
            return refunds.refund_from_xero(raw, context)
        return documents.document_from_xero(raw, record.type, context)

    def normalised(self, entity: Entity, context: Context) -> Entity:
        """See Maps.normalised."""
        return stored.normalised(entity, context)

    def check(self, entity: Entity, context: Context) -> None:
        """See Maps.check."""
        checks.check(entity, context)

    # Reads

    async def describe(self, session: Session) -> Company:
        """See Describes.describe."""
        return await company.describe(session)

    async def read(
        self, session: Session, kind: EntityType, ids: Mapping[str, Sequence[str]]
    ) -> Mapping[str, Record]:
        """See Reads.read."""
        return {record.id: record for record in await reading.read(session, kind, ids)}

    async def find(
        self, session: Session, kind: EntityType, wanted: Sequence[Wanted]
    ) -> Sequence[Record]:
        """See Finds.find."""
        return await finding.find(session, kind, wanted)

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
    category = str(event.get("eventCategory", "")).upper()
    if category not in CATEGORIES:
        return None
    record, at = event["resourceId"], event.get("eventDateUtc") or event.get("eventDateUTC")
    named = spelled(PREPAYMENT, record) if category == "PREPAYMENT" else record
    return Notice(CATEGORIES[category], named, moment(str(at)) if at else None)
