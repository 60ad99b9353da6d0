"""MYOB Business API v2: https://developer.myob.com/api/myob-business-api/api-overview/"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime

from contracts.entities import DocumentStatus, Entity, MoneyStatus, Payment, Refund
from contracts.values import EntityType
from libs.connector.errors import Held, SyncError
from libs.connector.interface import (
    Answer,
    Company,
    Context,
    Record,
    Request,
    Result,
    Session,
    Step,
    Wanted,
    Write,
)
from services.connectors.myob import (
    answers,
    checks,
    company,
    errors,
    judging,
    listing,
    normal,
    reads,
    search,
    sources,
    steps,
)
from services.connectors.myob import writes as calls
from services.connectors.myob.mapping import contacts, items, payments, purchases, refunds, sales
from services.connectors.myob.wanted import REMOVALS


class MyobConnector:
    """What is odd about MYOB: full replacement with versions, layouts, two cards for a contact,
    credits that are negative invoices, sides of a record, a throttle that is a 403."""

    # Writes

    def request(self, writes: Sequence[Write], context: Context) -> Request:
        """One record per call."""
        return calls.request(writes[0], context)

    def results(
        self, writes: Sequence[Write], answer: Answer, context: Context
    ) -> Sequence[Result]:
        """The record, or what to do about the refusal (dossier section 10)."""
        write = writes[0]
        if answer.status in (200, 201, 204):
            return [answers.stored(write, answer, context)]
        if answer.status == 404 and write.verb in REMOVALS:
            return [answers.deleted(write)]
        raise errors.refused(write, answer)

    def step(self, write: Write, context: Context) -> Step | None:
        """See Steps.step; nothing is ended for what could not take its place."""
        if write.replaces:
            checks.check(write.entity, context)
        return steps.step(write, context)

    def judge(self, answer: Answer) -> SyncError | None:
        """See Judges.judge."""
        return judging.judge(answer)

    # Translation

    def entity(self, record: Record, context: Context) -> Entity:
        """See Maps.entity; what was deleted is void, for MYOB voids nothing."""
        if not record.raw:
            raise Held(f"MYOB did not show {record.type} {record.id}.", reason="incomplete")
        found = _entity(record, context)
        if record.state != "deleted" or record.type in (EntityType.CONTACT, EntityType.ITEM):
            return found
        money = isinstance(found, Payment | Refund)
        void = MoneyStatus.VOID if money else DocumentStatus.VOID
        return found.model_copy(update={"status": void})

    def normalised(self, entity: Entity, context: Context) -> Entity:
        """See Maps.normalised."""
        return normal.as_stored(entity, context)

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
        """One call each, and one for every side record."""
        found = {}
        for one in ids:
            record = await reads.read(session, kind, one, ids[one])
            if record is not None:
                found[one] = record
        return found

    async def find(
        self, session: Session, kind: EntityType, wanted: Sequence[Wanted]
    ) -> Sequence[Record]:
        """See Finds.find."""
        del kind
        return await search.find(session, wanted)

    def changes(
        self, session: Session, kind: EntityType, since: datetime | None
    ) -> AsyncIterator[Sequence[Record]]:
        """See Lists.changes."""
        return listing.changes(session, sources.sources(kind), since)

    async def census(self, session: Session, kind: EntityType) -> Collection[str]:
        """Main records and side records alike: no list shows a delete."""
        looked = listing.changes(session, sources.sources(kind), None)
        return [record.id async for page in looked for record in page]


def _entity(record: Record, context: Context) -> Entity:
    raw = record.raw
    if record.type is EntityType.CONTACT:
        return contacts.contact_from_myob(raw)
    if record.type is EntityType.ITEM:
        return items.item_from_myob(raw, context)
    if record.type is EntityType.INVOICE:
        return sales.invoice_from_myob(raw, context)
    if record.type is EntityType.CREDIT_NOTE:
        return sales.credit_note_from_myob(raw, context)
    return _other(record, context)


def _other(record: Record, context: Context) -> Entity:
    if record.type is EntityType.PAYMENT:
        return payments.payment_from_myob(record.raw, context)
    if record.type is EntityType.REFUND:
        return refunds.refund_from_myob(record.raw, context)
    if record.type is EntityType.PURCHASE_ORDER:
        return purchases.order_from_myob(record.raw, context)
    return purchases.bill_from_myob(record.raw, context)
