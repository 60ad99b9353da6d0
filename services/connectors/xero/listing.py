"""Reading, searching and listing Xero's records (dossier sections 3, 8 and 9)."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from contracts.values import EntityType
from libs.connector.interface import Answer, Record, Session, Wanted
from services.connectors.xero.mapping import contacts, documents, items, payments
from services.connectors.xero.mapping.wire import Raw, marked, moment

IDS_AT_ONCE = 40
LISTED_LENGTH = 1_500
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
        found: list[Record] = []
        for some in _batched(list(ids)):
            found += await _query(session, kind, {"IDs": ",".join(some)})
        return found
    if kind is EntityType.ITEM and len(ids) > 1:
        return [r for r in await _query(session, kind, {}) if r.id in ids]
    return [known for one in ids if (known := await _one(session, kind, one))]


async def _one(session: Session, kind: EntityType, identity: str) -> Record | None:
    answer = await session.get(f"/{RESOURCES[kind].path}/{identity}")
    return next(iter(records(kind, answer)), None)


async def find(session: Session, kind: EntityType, wanted: Sequence[Wanted]) -> list[Record]:
    """What may be the answer we lost, by number, code or marked reference."""
    if kind is EntityType.ITEM:
        return await _find_items(session, wanted)
    found: list[Record] = []
    listable = _listable if kind is EntityType.INVOICE else _never
    for some in _batched([one.number for one in wanted if listable(one.number)]):
        found += await _query(session, kind, {"InvoiceNumbers": ",".join(some)})
    for one in wanted:
        if not listable(one.number):
            for params in _searches(kind, one):
                found += await _query(session, kind, params)
    return list({one.id: one for one in found}.values())


async def _find_items(session: Session, wanted: Sequence[Wanted]) -> list[Record]:
    """The list is unpaged and whole: for a single item it is asked to name one."""
    codes = {items.item_code(one.number) for one in wanted}
    alone = next(iter(codes))
    named = {"where": f'Code=="{alone}"'} if len(codes) == 1 and _searchable(alone) else {}
    return [r for r in await _query(session, EntityType.ITEM, named) if r.number in codes]


def _batched(ids: Sequence[str]) -> Iterator[list[str]]:
    """As many as fit: about 40, in about 1,500 characters of the address."""
    some: list[str] = []
    for one in ids:
        if some and (len(some) >= IDS_AT_ONCE or sum(map(len, some)) + len(one) > LISTED_LENGTH):
            yield some
            some = []
        some.append(one)
    if some:
        yield some


def _listable(number: str) -> bool:
    return bool(number) and "," not in number and len(number) <= LISTED_LENGTH


def _never(number: str) -> bool:
    """Only invoices are listed by many numbers at once."""
    del number
    return False


def _searchable(text: str) -> bool:
    """A quote or a backslash breaks the `where` language."""
    return bool(text) and not {'"', "\\"} & set(text)


def _searches(kind: EntityType, wanted: Wanted) -> list[dict[str, str]]:
    if kind is EntityType.CONTACT:
        number = contacts.contact_number(wanted.id, wanted.marker)
        return [{"where": f'ContactNumber=="{number}"'}]
    if kind is EntityType.CREDIT_NOTE and _searchable(wanted.number):
        return [{"where": f'CreditNoteNumber=="{wanted.number}"'}]
    word = "reference" if kind is EntityType.PAYMENT else "job"
    said = marked(str(getattr(wanted.entity, word, "")), wanted.marker)
    searches = [{"where": f'Reference=="{said}"'}]
    if kind is EntityType.INVOICE:
        # Also where the bookkeeper has edited the reference since.
        searches.append({"searchTerm": wanted.marker})
    return searches


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
