"""What a write's answer shows: the record, together with what is known of its sides."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contracts.entities import Contact, CreditNote, Payment, Refund
from contracts.values import EntityType
from libs.connector.errors import Unavailable, Uncertain
from libs.connector.interface import Answer, Context, Record, Verb, Write
from services.connectors.myob import paying, reads, settlements, writes
from services.connectors.myob.mapping import contacts, payments, sales
from services.connectors.myob.mapping.documents import Paper
from services.connectors.myob.mapping.wire import (
    PLACE,
    SIDES,
    SPELLED,
    Element,
    Raw,
    place_of,
    sides,
    spelled,
    uid_of,
)
from services.connectors.myob.wanted import REMOVALS, fields_of

LOCATION = re.compile(r"/([0-9A-Fa-f-]{36})/?$")


def stored(write: Write, answer: Answer, context: Context) -> Record:
    """The record after a call that went well.

    Raises Uncertain where the answer to a create names no record.
    """
    body = _body(answer)
    if write.verb in REMOVALS and write.type is not EntityType.CONTACT:
        return deleted(write)
    if not body:
        return _bodiless(write, answer, context)
    place = _place(write, body, context)
    raw = {**body, PLACE: place, **_spelled(write, context)}
    external = spelled(place, body["UID"])
    if _is_main(write, external):
        known = {} if write.verb is Verb.CREATE else sides(write.raw)
        found = reads.record(write.type, {**raw, SIDES: known} if known else raw)
        return replace(found, raw={}) if _is_anothers(write, context) else found
    return _composed(write, {**sides(write.raw), external: raw})


def deleted(write: Write) -> Record:
    """A record that is not there any more."""
    return Record(write.type, write.record, write.raw, "deleted")


def _is_anothers(write: Write, context: Context) -> bool:
    """Whether it went as somebody else's payment: that is read like any change, and told."""
    payment = write.entity
    return isinstance(payment, Payment) and payments.payer(payment, context) != payment.contact


def _body(answer: Answer) -> Element:
    """What cannot be read of an answer that says 2xx does not undo what was stored."""
    try:
        found: Any = answer.json() if answer.body else {}
    except Unavailable:
        return {}
    return found if isinstance(found, dict) and found.get("UID") else {}


def _bodiless(write: Write, answer: Answer, context: Context) -> Record:
    """A side record was deleted, or MYOB does not show what it stored: then it is read again."""
    if write.verb is not Verb.CREATE:
        left = {
            one: side for one, side in sides(write.raw).items() if one != _ended(write, context)
        }
        if write.raw and len(left) < len(sides(write.raw)):
            return _composed(write, left)
        return Record(write.type, write.record, {})
    named = LOCATION.search(answer.headers.get("location", ""))
    if named is None:
        raise Uncertain(f"MYOB's answer does not show {write.type} {write.id}.", answered=True)
    place = _place(write, {}, context)
    return Record(write.type, spelled(place, named[1]) if place else named[1], {})


def _ended(write: Write, context: Context) -> str | None:
    """The side record that the call deleted."""
    if isinstance(write.entity, Payment):
        return paying.used(write, write.entity, context) or paying.wrong_rest(write, write.entity)
    if isinstance(write.entity, CreditNote) and fields_of(write) == {"allocations"}:
        return settlements.superfluous(write, settlements.amounts(write.entity), context)
    return None


def _composed(write: Write, beside: Mapping[str, Raw]) -> Record:
    """The main record as it was read for this write, with its sides as they are now."""
    if write.raw:
        return reads.record(write.type, {**write.raw, SIDES: dict(beside)})
    parts = sales.parts_of(write.type, beside)
    return Record(write.type, write.record, {}, parts=parts)


def _is_main(write: Write, external: str) -> bool:
    return write.verb is Verb.CREATE or uid_of(external) == uid_of(write.record)


def _place(write: Write, body: Raw, context: Context) -> str:
    """Where what the answer shows lies, by what it has."""
    entity = write.entity
    if uid_of(write.record) == body.get("UID"):
        return place_of(write.record)
    if isinstance(entity, Contact):
        if not body:
            return contacts.main_role(entity)
        return "Supplier" if "BuyingDetails" in body else "Customer"
    if isinstance(entity, Payment):
        side = write.verb is not Verb.CREATE
        return sales.OVERPAID if side else payments.main_place(entity)
    if isinstance(entity, CreditNote) and "CreditFromInvoice" in body:
        return sales.SETTLEMENT
    return writes.layout_of(entity, context) if isinstance(entity, Paper) else ""


def _spelled(write: Write, context: Context) -> Element:
    """The places of the documents that it names, which we know: they need no look."""
    entity = write.entity
    if not isinstance(entity, Payment | CreditNote | Refund):
        return {}
    found: dict[str, str] = {}
    for share in entity.allocations:
        kind = EntityType(share.document_type)
        known = [context.ids.external(kind, share.document)]
        if kind is EntityType.PAYMENT:
            # What is given back of a payment is the credit beside it.
            known += context.ids.sides(kind, share.document)
        found |= {uid_of(external): external for external in known}
    return {SPELLED: found}
