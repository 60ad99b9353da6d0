"""Reading Xero's records by id, in bulk where it lets us (dossier sections 3, 6 and 9)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from contracts.values import EntityType
from libs.connector.interface import Record, Session
from services.connectors.xero import listing
from services.connectors.xero.mapping import advances, money, payments, places, refunds
from services.connectors.xero.mapping.places import guid_of, place_of
from services.connectors.xero.mapping.wire import Raw, day

IDS_AT_ONCE = 40
LISTED_LENGTH = 1_500
MONEY = (EntityType.PAYMENT, EntityType.REFUND)
CREDIT_IDS = tuple(places.RESOURCES[place].id for place in places.CREDITS)
MANY = (EntityType.CONTACT, EntityType.INVOICE, EntityType.BILL)


async def query(session: Session, kind: EntityType, params: Mapping[str, str]) -> list[Record]:
    """The records of a list; one that is of another kind names it."""
    path = listing.RESOURCES[kind].path
    page = {} if kind is EntityType.ITEM else {"page": "1"}
    answer = await session.get(f"/{path}", {**listing.ALWAYS.get(kind, {}), **page, **params})
    found, as_of = listing.elements(path, answer)
    known = (listing.record_or_other(kind, raw) for raw in found)
    return [replace(one, as_of=as_of) for one in known if one]


def batched(ids: Sequence[str]) -> Iterator[list[str]]:
    """As many as fit: about 40, in about 1,500 characters of the address."""
    some: list[str] = []
    for one in ids:
        if some and (len(some) >= IDS_AT_ONCE or sum(map(len, some)) + len(one) > LISTED_LENGTH):
            yield some
            some = []
        some.append(one)
    if some:
        yield some


async def read(
    session: Session, kind: EntityType, ids: Mapping[str, Sequence[str]]
) -> list[Record]:
    """Records by id, deleted ones where Xero shows them; lines only come in paged lists."""
    if kind in MANY:
        found: list[Record] = []
        for some in batched(list(ids)):
            found += await query(session, kind, {"IDs": ",".join(some)})
        return found
    if kind is EntityType.ITEM and len(ids) > 1:
        return [r for r in await query(session, kind, {}) if r.id in ids]
    readers = [_one(session, kind, one, ids[one]) for one in ids]
    return [known for reader in readers if (known := await reader)]


async def _one(
    session: Session, kind: EntityType, identity: str, sides: Sequence[str]
) -> Record | None:
    path = listing.RESOURCES[kind].path
    if kind is EntityType.PAYMENT:
        path = places.RESOURCES[place_of(identity)].path
    answer = await session.get(f"/{path}/{guid_of(identity)}")
    found, as_of = listing.elements(path, answer)
    if not found:
        return None
    whole = await _completed(session, found[0], sides) if kind in MONEY else found[0]
    known = listing.record_or_other(kind, whole)
    return replace(known, as_of=as_of) if known else None


async def _completed(session: Session, raw: Raw, sides: Sequence[str]) -> Raw:
    """What one answer leaves out: whose it is, the account it went to."""
    if payments.is_batch(raw):
        return await _with_parts(session, raw, sides)
    if advances.is_credit(raw):
        return await _with_bank(session, raw, sides)
    if refunds.is_ours(raw) and not money.contact_of(refunds.subject_shown(raw)):
        return await _with_subject(session, raw)
    return raw


async def _with_parts(session: Session, raw: Raw, sides: Sequence[str]) -> Raw:
    """One part tells whose the batch is and at what rate; a deleted batch shows none of them."""
    parts = list(raw.get("Payments") or ())
    if not parts:
        parts = [one for side in sides if (one := await _raw(session, places.PAYMENT, side))]
    first = await _raw(session, places.PAYMENT, parts[0]["PaymentID"]) if parts else None
    shown = first or {}
    contact = (shown.get("Invoice") or {}).get("Contact")
    return {**raw, "Payments": parts, "Contact": contact, "CurrencyRate": shown.get("CurrencyRate")}


async def _with_bank(session: Session, raw: Raw, sides: Sequence[str]) -> Raw:
    """The bank transaction that made it has the account, and our marker."""
    behind = next((side for side in sides if place_of(side) == places.BANK), "")
    bank = await _raw(session, places.BANK, behind) if behind else await _bank_of(session, raw)
    if not bank:
        return raw
    names = ("BankTransactionID", "BankAccount")
    kept = {name: bank[name] for name in names if name in bank}
    return {**raw, **kept, "Reference": bank.get("Reference") or raw.get("Reference")}


async def _bank_of(session: Session, raw: Raw) -> Raw | None:
    """By its type and day: the link to the credit cannot be asked for."""
    made = day(raw, "Date")
    kind = str(raw.get("Type") or "")
    if made is None or "-" not in kind:
        return None
    names = [name for name in CREDIT_IDS if raw.get(name)]
    found = await transactions(session, kind, made)
    return next((one for one in found if any(one.get(n) == raw[n] for n in names)), None)


async def transactions(session: Session, kind: str, made: date) -> list[Raw]:
    """The bank transactions of a type and day."""
    where = f'Type=="{kind}" AND Date==DateTime({made:%Y,%m,%d})'
    path, all_of_them, page = "BankTransactions", list[Raw](), 1
    while True:
        params = {"where": where, "page": str(page), "pageSize": str(listing.PAGE_SIZE)}
        found, _ = listing.elements(path, await session.get(f"/{path}", params))
        all_of_them += found
        if len(found) < listing.PAGE_SIZE:
            return all_of_them
        page += 1


async def _with_subject(session: Session, raw: Raw) -> Raw:
    """A refund of an overpayment shows no more than the overpayment's id."""
    place = next((place for place in places.CREDITS if raw.get(place)), "")
    if not place:
        return raw
    whole = await _raw(session, place, raw[place][places.RESOURCES[place].id])
    return {**raw, place: {**raw[place], **(whole or {})}}


async def _raw(session: Session, place: str, record: str) -> Raw | None:
    path = places.RESOURCES[place].path
    answer = await session.get(f"/{path}/{guid_of(record)}")
    return next(iter(listing.elements(path, answer)[0]), None)
