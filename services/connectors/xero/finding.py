"""Searching for what may be the answer we lost, by number, code or marker (dossier section 8)."""

from collections.abc import Sequence

from contracts.entities import Document, Payment
from contracts.values import EntityType
from libs.connector.interface import Record, Session, Wanted
from services.connectors.xero import reading
from services.connectors.xero.mapping import advances, contacts, items, places
from services.connectors.xero.mapping.places import spelled
from services.connectors.xero.mapping.wire import Raw, marked, unmarked

WORDS = {EntityType.PAYMENT: "reference", EntityType.REFUND: "reference", EntityType.BILL: "number"}
"""The text that our marker stands behind; of a document it is its job."""


async def find(session: Session, kind: EntityType, wanted: Sequence[Wanted]) -> list[Record]:
    """All records that carry one of the markers or numbers."""
    if kind is EntityType.ITEM:
        return await _find_items(session, wanted)
    found: list[Record] = []
    listable = _listable if kind is EntityType.INVOICE else _never
    for some in reading.batched([one.number for one in wanted if listable(one.number)]):
        found += await reading.query(session, kind, {"InvoiceNumbers": ",".join(some)})
    for one in wanted:
        if not listable(one.number):
            found += await _find_one(session, kind, one)
    return list({one.id: one for one in found if not one.belongs_to}.values())


async def _find_one(session: Session, kind: EntityType, wanted: Wanted) -> list[Record]:
    if kind is EntityType.PAYMENT:
        return await _find_payment(session, wanted)
    if kind is EntityType.PURCHASE_ORDER:
        return await _find_order(session, wanted)
    found: list[Record] = []
    for params in _searches(kind, wanted):
        found += await reading.query(session, kind, params)
    return found


async def _find_payment(session: Session, wanted: Wanted) -> list[Record]:
    """A payment, the batch that one is a part of, or the bank transaction of an overpayment."""
    found = await reading.query(session, EntityType.PAYMENT, _by_reference(wanted))
    whole = [one.belongs_to.record for one in found if one.belongs_to]
    plain = [one for one in found if not one.belongs_to]
    batches = [record for record in whole if places.place_of(record) == places.BATCH]
    made = [await _bank_transaction(session, wanted)] if _may_be_credit(wanted) else []
    sides = dict.fromkeys(batches, ()) | {
        spelled(place, raw[places.RESOURCES[place].id]): (
            spelled(places.BANK, raw[places.RESOURCES[places.BANK].id]),
        )
        for raw in made
        if raw
        for place in places.CREDITS
        if places.RESOURCES[place].id in raw
    }
    return plain + await reading.read(session, EntityType.PAYMENT, sides)


def _may_be_credit(wanted: Wanted) -> bool:
    """Money of several documents may be one, too: its currency decides."""
    entity = wanted.entity
    if not isinstance(entity, Payment):
        return True
    return bool(places.unapplied(entity)) or len(entity.allocations) > 1


async def _bank_transaction(session: Session, wanted: Wanted) -> Raw | None:
    """By type and day: whether a bank transaction of its kind keeps a reference is not sure."""
    payment = wanted.entity
    if not isinstance(payment, Payment):
        return None
    shown = await reading.transactions(session, advances.TYPES[payment.direction], payment.date)
    return next((raw for raw in shown if unmarked(advances.said(raw))[1] == wanted.marker), None)


async def _find_order(session: Session, wanted: Wanted) -> list[Record]:
    """By its day: the list of orders has no other filter, and a number may hold a slash."""
    kind = EntityType.PURCHASE_ORDER
    order = wanted.entity
    if not isinstance(order, Document):
        return []
    same = order.issue_date.isoformat()
    days = {"DateFrom": same, "DateTo": same, "pageSize": "1000"}
    return [
        one
        for one in await reading.query(session, kind, days)
        if one.marker == wanted.marker or (wanted.number and one.number == wanted.number)
    ]


async def _find_items(session: Session, wanted: Sequence[Wanted]) -> list[Record]:
    """The list is unpaged and whole: for a single item it is asked to name one."""
    codes = {items.item_code(one.number) for one in wanted}
    alone = next(iter(codes))
    named = {"where": f'Code=="{alone}"'} if len(codes) == 1 and _searchable(alone) else {}
    found = await reading.query(session, EntityType.ITEM, named)
    return [r for r in found if r.number in codes]


def _listable(number: str) -> bool:
    return bool(number) and "," not in number and len(number) <= reading.LISTED_LENGTH


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
    searches = [_by_reference(wanted)]
    if kind in (EntityType.INVOICE, EntityType.BILL):
        # Also where the bookkeeper has edited the reference since.
        searches.append({"searchTerm": wanted.marker})
    return searches


def _by_reference(wanted: Wanted) -> dict[str, str]:
    said = marked(str(getattr(wanted.entity, WORDS.get(wanted.type, "job"), "")), wanted.marker)
    field = "InvoiceNumber" if wanted.type is EntityType.BILL else "Reference"
    return {"where": f'{field}=="{said}"'}
