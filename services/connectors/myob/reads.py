"""Reading records whole: with their side records, and with what they refer to spelled out."""

import re
from collections.abc import Mapping, Sequence

from contracts.values import EntityType
from libs.connector.interface import Notice, Record, Session
from services.connectors.myob import listing
from services.connectors.myob.mapping import contacts, documents, items, payments, refunds, sales
from services.connectors.myob.mapping.documents import KINDS
from services.connectors.myob.mapping.wire import (
    PLACE,
    SIDES,
    SPELLED,
    Element,
    Raw,
    day_of,
    linked,
    number,
    place_of,
    spelled,
)
from services.connectors.myob.places import INVOICES, SETTLEMENTS, layouts, path_of

LAYOUT = re.compile(r"/(Item|Service|Professional|Miscellaneous|TimeBilling)/[^/]*$")


async def read(
    session: Session, kind: EntityType, external: str, parts: Sequence[str] = ()
) -> Record | None:
    """A record with the side records that are known of it, and a credit note's settlements."""
    raw = await fetch(session, kind, external)
    if raw is not None and raw[PLACE] == sales.SETTLEMENT:
        return await _settlement(session, external, raw)
    if raw is None or (kind in KINDS and not is_kind(kind, raw)):
        return None
    found = {one: side for one in parts if (side := await fetch(session, kind, one)) is not None}
    for credit in _credits(kind, raw, found):
        found |= await _settlements(session, credit, found)
    return record(kind, {**raw, SIDES: found} if found else raw)


async def fetch(session: Session, kind: EntityType, external: str) -> Element | None:
    """One record or side record as MYOB shows it, its references spelled."""
    path = path_of(kind, external)
    if path is None:
        return None
    answer = await session.get(path)
    if answer.status != 200:
        return None
    raw: Element = answer.json()
    return await spelled_out(session, {**raw, PLACE: place_of(external)})


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
    if kind in (EntityType.INVOICE, EntityType.CREDIT_NOTE):
        return sales.sale_record(raw, kind)
    return documents.document_record(raw, kind)


async def spelled_out(session: Session, raw: Element) -> Element:
    """With the places of the documents that a payment, settlement or refund names."""
    named = [("/Purchase/Bill", row.get("Purchase") or {}) for row in raw.get("Lines") or ()]
    named += [(INVOICES, row.get("Sale") or {}) for row in raw.get("Lines") or ()]
    named += [(INVOICES, row) for row in raw.get("Invoices") or ()]
    if "Amount" in raw:
        named.append((INVOICES, raw.get("Invoice") or {}))
    found: dict[str, str] = {}
    for path, link in named:
        uid = str(link.get("UID") or "")
        if uid and uid not in found and link.get("Type") != "Order":
            found[uid] = await locate(session, path, link, credit="Amount" in raw)
    return {**raw, SPELLED: found} if found else raw


async def locate(session: Session, path: str, link: Raw, *, credit: bool = False) -> str:
    """The spelled id of a document that a link names: its URI has the layout, else each is tried.

    `credit`: it may be what a payment left, which is to be told apart. An id without a place comes
    back for one that is not there any more.
    """
    uid, uri = str(link["UID"]), LAYOUT.search(str(link.get("URI") or ""))
    if uri and not credit:
        return spelled(uri[1], uid)
    for layout in [uri[1]] if uri else layouts(path):
        answer = await session.get(f"{path}/{layout}/{uid}", listing.SMALL)
        if answer.status == 200:
            overpaid = credit and sales.is_overpayment(answer.json())
            return spelled(sales.OVERPAID if overpaid else layout, uid)
    return uid


def _credits(kind: EntityType, raw: Raw, beside: Mapping[str, Raw]) -> list[Raw]:
    """What of a record settlements may apply: a credit note, or what a payment left."""
    if kind is EntityType.CREDIT_NOTE:
        return [raw]
    every = [raw, *beside.values()] if kind is EntityType.PAYMENT else []
    return [one for one in every if one[PLACE] == sales.OVERPAID]


async def _settlement(session: Session, external: str, raw: Raw) -> Record | None:
    """A settlement nobody knew, which stands beside its credit note or payment."""
    link = raw.get("CreditFromInvoice") or {}
    if not link.get("UID"):
        return None
    main = await locate(session, INVOICES, link, credit=True)
    paid = place_of(main) == sales.OVERPAID
    beside = Notice(EntityType.PAYMENT if paid else EntityType.CREDIT_NOTE, main)
    return Record(EntityType.CREDIT_NOTE, external, raw, belongs_to=beside)


async def _settlements(
    session: Session, credit: Raw, known: Mapping[str, Raw]
) -> dict[str, Element]:
    """All settlements of a credit: they are only looked for where its balance shows more than the
    known ones apply. None can be older than the credit."""
    found = {
        one: dict(side)
        for one, side in known.items()
        if linked(side, "CreditFromInvoice") == credit["UID"]
    }
    applied = number(credit, "TotalAmount") - number(credit, "BalanceDueAmount")
    shown = sum(number(r, "AmountApplied") for s in found.values() for r in s.get("Lines") or ())
    if -applied == shown:
        return found
    issued = day_of(credit, "Date")
    # Not by `matching`: their URIs are wanted.
    asked = {"$filter": f"Date ge datetime'{issued}T00:00:00'"}
    async for rows in listing.pages(session, SETTLEMENTS, asked):
        for raw in rows:
            if linked(raw, "CreditFromInvoice") == credit["UID"]:
                side = {**raw, PLACE: sales.SETTLEMENT}
                found[spelled(sales.SETTLEMENT, raw["UID"])] = await spelled_out(session, side)
    return found


def is_kind(kind: EntityType, raw: Raw) -> bool:
    """Invoices and credits stand in the same collections, and so do bills and debits."""
    if kind in (EntityType.INVOICE, EntityType.CREDIT_NOTE):
        return sales.kind_of(raw) is kind
    return kind is not EntityType.BILL or not sales.is_negative(raw)
