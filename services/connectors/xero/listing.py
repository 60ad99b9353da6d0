"""Reading, searching and listing Xero's records (dossier sections 3, 8 and 9)."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from contracts.values import EntityType
from libs.connector.interface import Answer, Record, Session, Wanted
from services.connectors.xero.mapping import contacts, documents, items, payments
from services.connectors.xero.mapping.wire import Raw, marked, moment

IDS_AT_ONCE = 40
PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Resource:
    """Where a kind of record is, and how its id is called; `paged` lists show lines only so."""

    path: str
    id: str
    paged: bool = True


RESOURCES = {
    EntityType.CONTACT: Resource("Contacts", "ContactID"),
    EntityType.ITEM: Resource("Items", "ItemID", paged=False),
    EntityType.INVOICE: Resource("Invoices", "InvoiceID"),
    EntityType.CREDIT_NOTE: Resource("CreditNotes", "CreditNoteID"),
    EntityType.PAYMENT: Resource("Payments", "PaymentID"),
}
ALWAYS = {EntityType.CONTACT: {"includeArchived": "true"}}


def record(kind: EntityType, raw: Raw) -> Record:
    """A wire element as the kernel keeps it."""
    if kind is EntityType.CONTACT:
        return contacts.contact_record(raw)
    if kind is EntityType.ITEM:
        return items.item_record(raw)
    if kind is EntityType.PAYMENT:
        return payments.payment_record(raw)
    return documents.document_record(raw, kind)


def is_ours(kind: EntityType, raw: Raw) -> bool:
    """Bills and payments of bills stand in the same lists; they are other entities."""
    if kind in documents.TYPES:
        return bool(raw.get("Type") == documents.TYPES[kind])
    return kind is not EntityType.PAYMENT or payments.is_ours(raw)


def records(kind: EntityType, answer: Answer) -> list[Record]:
    """The records of an answer, as of the moment its envelope names (dossier section 4)."""
    body = answer.json() if answer.status == 200 else {}
    elements = body.get(RESOURCES[kind].path, ())
    as_of = answered(body)
    return [replace(record(kind, raw), as_of=as_of) for raw in elements if is_ours(kind, raw)]


def answered(body: Raw) -> datetime | None:
    """Xero's clock when it answered."""
    return moment(str(body["DateTimeUTC"])) if body.get("DateTimeUTC") else None


async def _query(session: Session, kind: EntityType, params: dict[str, str]) -> list[Record]:
    resource = RESOURCES[kind]
    page = {"page": "1"} if resource.paged else {}
    answer = await session.get(f"/{resource.path}", {**ALWAYS.get(kind, {}), **page, **params})
    return records(kind, answer)


async def read(session: Session, kind: EntityType, ids: Collection[str]) -> list[Record]:
    """Records by id, deleted ones where Xero shows them; lines only come in paged lists."""
    if kind in (EntityType.CONTACT, EntityType.INVOICE):
        found = []
        for some in _batched(list(ids)):
            found += await _query(session, kind, {"IDs": ",".join(some)})
        return found
    if kind is EntityType.ITEM and len(ids) > 1:
        return [r for r in await _query(session, kind, {}) if r.id in ids]
    return [found for one in ids if (found := await _one(session, kind, one))]


async def _one(session: Session, kind: EntityType, identity: str) -> Record | None:
    answer = await session.get(f"/{RESOURCES[kind].path}/{identity}")
    return next(iter(records(kind, answer)), None)


async def find(session: Session, kind: EntityType, wanted: Sequence[Wanted]) -> list[Record]:
    """What may be the answer we lost, by number, code or marked reference."""
    numbers = [one.number for one in wanted if one.number and "," not in one.number]
    if kind is EntityType.INVOICE and len(numbers) == len(wanted):
        found = []
        for some in _batched(numbers):
            found += await _query(session, kind, {"InvoiceNumbers": ",".join(some)})
        return found
    if kind is EntityType.ITEM:
        codes = {items.item_code(one.number) for one in wanted}
        return [r for r in await _query(session, kind, {}) if r.number in codes]
    found = []
    for one in wanted:
        found += await _query(session, kind, {"where": _where(kind, one)})
    return found


def _batched(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[i : i + IDS_AT_ONCE] for i in range(0, len(ids), IDS_AT_ONCE)]


def _where(kind: EntityType, wanted: Wanted) -> str:
    if kind is EntityType.CONTACT:
        number = contacts.contact_number(wanted.id, wanted.marker)
        return f'ContactNumber=="{number}"'
    if kind is EntityType.CREDIT_NOTE and wanted.number:
        return f'CreditNoteNumber=="{wanted.number}"'
    word = "reference" if kind is EntityType.PAYMENT else "job"
    text = str(getattr(wanted.entity, word, ""))
    return f'Reference=="{marked(text, wanted.marker)}"'


async def changes(
    session: Session, kind: EntityType, since: datetime | None
) -> AsyncIterator[Sequence[Record]]:
    """Pages of what changed since then; whether the moment itself is included is unconfirmed."""
    resource = RESOURCES[kind]
    headers = {}
    if since is not None:
        headers["If-Modified-Since"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    page = 1
    while True:
        params = dict(ALWAYS.get(kind, {}))
        if resource.paged:
            params |= {
                "page": str(page),
                "pageSize": str(PAGE_SIZE),
                "order": "UpdatedDateUTC ASC",
            }
        answer = await session.get(f"/{resource.path}", params, headers)
        elements = answer.json().get(resource.path, ()) if answer.status == 200 else ()
        if elements:
            yield [record(kind, raw) for raw in elements if is_ours(kind, raw)]
        if not resource.paged or len(elements) < PAGE_SIZE:
            return
        page += 1
