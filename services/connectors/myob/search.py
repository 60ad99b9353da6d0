"""Searching for what an unknown outcome may have made: there is no idempotency key (section 8).

By card id or number where we gave one, else among all of that day; our marker tells which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from contracts.entities import Entity, Payment
from contracts.values import EntityType
from libs.connector.errors import Unavailable
from libs.connector.interface import Record, Session, Wanted
from services.connectors.myob import listing, reads
from services.connectors.myob.mapping import contacts, documents, items, payments, refunds, sales
from services.connectors.myob.mapping.documents import KINDS
from services.connectors.myob.mapping.wire import (
    Raw,
    of_day,
    place_of,
    quoted,
    spelled,
    unmarked,
)
from services.connectors.myob.places import CARDS, INVOICES, ITEMS, OTHERS, SETTLEMENTS, WRITTEN


async def find(session: Session, wanted: Sequence[Wanted]) -> list[Record]:
    """All records that may be what is wanted, whole."""
    found: dict[str, Record] = {}
    for one in wanted:
        for record in await _one(session, one):
            found[record.id] = record
    return list(found.values())


async def _one(session: Session, wanted: Wanted) -> list[Record]:
    if wanted.type is EntityType.ITEM:
        return await _items(session, wanted)
    if wanted.record:
        beside = await _sides(session, wanted)
        known = list(dict.fromkeys([*wanted.parts, *beside]))
        record = await reads.read(session, wanted.type, wanted.record, known)
        return [record] if record else []
    found = []
    for external in await _mains(session, wanted):
        record = await reads.read(session, wanted.type, external)
        found += [record] if record else []
    return found


async def _items(session: Session, wanted: Wanted) -> list[Record]:
    """By their code; one that was cut is still the wanted one."""
    code = items.item_code(wanted.number)
    rows = await listing.matching(session, ITEMS, f"Number eq {quoted(code)}")
    found = [items.item_record(row) for row in rows]
    return [replace(one, number=wanted.number) for one in found if one.number == code]


async def _mains(session: Session, wanted: Wanted) -> list[str]:
    """The spelled ids of main records that carry the marker or our own number."""
    if wanted.type is EntityType.CONTACT:
        return await _cards(session, wanted, contacts.card_number(wanted.id), CARDS)
    if wanted.type is EntityType.PAYMENT:
        return await _payments(session, wanted)
    if wanted.type is EntityType.REFUND:
        rows = await _rows(session, refunds.PATH, "Memo", wanted)
        return [str(row["UID"]) for row in rows]
    return await _documents(session, wanted)


async def _sides(session: Session, wanted: Wanted) -> list[str]:
    """The spelled ids of side records that carry the marker."""
    if wanted.type is EntityType.CONTACT:
        roles = {role: path for role, path in CARDS.items() if role != place_of(wanted.record)}
        side = next(role for role in contacts.ROLES if role in roles)
        return await _cards(session, wanted, contacts.card_number(wanted.id, side=side), roles)
    if wanted.type is EntityType.PAYMENT:
        return await _rests(session, wanted)
    if wanted.type is EntityType.CREDIT_NOTE:
        rows = await _rows(session, SETTLEMENTS, "Memo", wanted)
        return [spelled(sales.SETTLEMENT, row["UID"]) for row in rows]
    return []


async def _cards(
    session: Session, wanted: Wanted, number: str, cards: Mapping[str, str]
) -> list[str]:
    found = []
    for role, path in cards.items():
        rows = await listing.matching(session, path, f"DisplayID eq {quoted(number)}")
        found += [spelled(role, row["UID"]) for row in rows if _marked(row, "Notes", wanted)]
    return found


async def _payments(session: Session, wanted: Wanted) -> list[str]:
    payment = wanted.entity
    place = payments.main_place(payment) if isinstance(payment, Payment) else payments.RECEIVED
    if place == sales.OVERPAID:
        return await _rests(session, wanted)
    rows = await _rows(session, OTHERS[place], "Memo", wanted)
    return [spelled(place, row["UID"]) for row in rows]


async def _rests(session: Session, wanted: Wanted) -> list[str]:
    rows = await _rows(session, INVOICES, "JournalMemo", wanted)
    ours = [row for row in rows if sales.is_negative(row) and sales.is_overpayment(row)]
    return [spelled(sales.OVERPAID, row["UID"]) for row in ours]


async def _documents(session: Session, wanted: Wanted) -> list[str]:
    """By our own number, where we gave one."""
    kind = KINDS[wanted.type]
    number = documents.document_number(wanted.number)
    found = []
    for layout in WRITTEN:
        path = f"{kind.path}/{layout}"
        if number:
            rows = await listing.matching(session, path, f"{kind.number} eq {quoted(number)}")
        else:
            rows = await _rows(session, path, "JournalMemo", wanted)
        found += [spelled(layout, row["UID"]) for row in rows]
    return found


async def _rows(session: Session, path: str, memo: str, wanted: Wanted) -> list[Raw]:
    """The rows that carry the marker: of its day, where that is known, for a memo may be no field
    of MYOB's filters."""
    day = _day(wanted.entity)
    asked = of_day(day) if day else f"substringof({quoted(wanted.marker)},{memo})"
    try:
        rows = await listing.matching(session, path, asked)
    except Unavailable:
        if day:
            raise
        return []
    return [row for row in rows if _marked(row, memo, wanted)]


def _day(entity: Entity | None) -> date | None:
    found: date | None = getattr(entity, "issue_date", None) or getattr(entity, "date", None)
    return found


def _marked(row: Raw, name: str, wanted: Wanted) -> bool:
    return unmarked(str(row.get(name) or ""))[1] == wanted.marker
