"""Writes as they travel and what their answers mean (dossier sections 3 to 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from contracts.entities import Contact, Item, Payment, Refund
from contracts.values import EntityType
from libs.connector import wire
from libs.connector.errors import Held, Rejected, Uncertain
from libs.connector.interface import Answer, Context, Record, Request, Result, Verb, Write
from services.connectors.xero import errors, listing
from services.connectors.xero.mapping import (
    allocations,
    contacts,
    documents,
    edits,
    items,
    money,
    payments,
    places,
    refunds,
)
from services.connectors.xero.mapping.lines import AnyDocument
from services.connectors.xero.mapping.places import Resource
from services.connectors.xero.mapping.wire import Element, Raw

NOBODY = "00000000-0000-0000-0000-000000000000"
ALONE = (("summarizeErrors", "false"),)
PRICED = (*ALONE, ("unitdp", "4"))
REMOVALS = (Verb.VOID, Verb.DELETE)
MONEY = (EntityType.PAYMENT, EntityType.REFUND)


def together(write: Write, context: Context) -> str:
    """Writes that one call can carry have the same; an allocation is always alone."""
    if allocations.is_step(write):
        return f"{write.record}/Allocations"
    return _resource(write, context).path


def request(writes: Sequence[Write], context: Context) -> Request:
    """One call for all of them; money, an item or an allocation is removed by one of its own."""
    first = writes[0]
    resource = _resource(first, context)
    path = f"/{resource.path}"
    if allocations.is_step(first):
        return _share_request(first, context)
    if first.verb is Verb.DELETE and first.type is EntityType.ITEM:
        return Request("DELETE", f"{path}/{first.record}")
    elements = [_element(write, context) for write in writes]
    if first.verb in REMOVALS and first.type in MONEY:
        return Request("POST", f"{path}/{_removed(first)}", (), wire.encode(elements[0]))
    method = "PUT" if first.verb is Verb.CREATE else "POST"
    priced = first.type in documents.IDS or first.type is EntityType.ITEM
    body = wire.encode({resource.path: elements})
    return Request(method, path, PRICED if priced else ALONE, body)


def results(writes: Sequence[Write], answer: Answer, context: Context) -> Sequence[Result]:
    """One result per write, in order (dossier sections 3 and 10)."""
    first = writes[0]
    if allocations.is_step(first):
        return [_share_result(first, answer)]
    gone = answer.status == 404 and first.verb is Verb.DELETE and len(writes) == 1
    if answer.status == 204 or gone:
        return [Record(first.type, first.record, {}, "deleted")]
    _refuse(writes, answer)
    resource = _resource(first, context)
    body = errors.envelope(answer) or {}
    elements = body.get(resource.path) or ()
    if len(elements) != len(writes):
        raise Uncertain("Xero's answer does not tell what became of each record.")
    as_of = listing.answered(body)
    pairs = zip(writes, elements, strict=True)
    found = [_result(write, raw, resource, context) for write, raw in pairs]
    return [replace(r, as_of=as_of) if isinstance(r, Record) else r for r in found]


def _refuse(writes: Sequence[Write], answer: Answer) -> None:
    if answer.status == 413:
        raise Rejected("Xero finds the request too large.", reason="too-large")
    if answer.status != 200:
        raise errors.whole(writes, answer)


def _resource(write: Write, context: Context) -> Resource:
    """Where the record is written: an overpayment by its bank transaction."""
    if write.type is not EntityType.PAYMENT:
        return listing.RESOURCES[write.type]
    place = payments.place(write, context)
    return places.RESOURCES[places.BANK if place in places.CREDITS else place]


def _removed(write: Write) -> str:
    """The record that is removed: of an overpayment, the bank transaction that made it."""
    if places.place_of(write.record) not in places.CREDITS:
        return places.guid_of(write.record)
    behind = [part for part in write.parts if places.place_of(part) == places.BANK]
    if not behind:
        raise Held(
            f"Payment {write.id} was made in Xero by paying too much; Xero lets only a person "
            "remove it.",
            reason="cannot-change",
            action="Remove it in Xero by hand.",
        )
    return places.guid_of(behind[0])


def _element(write: Write, context: Context) -> Element:
    entity = write.entity
    if isinstance(entity, Payment):
        return payments.payment_element(write, entity, context)
    if isinstance(entity, Refund):
        return refunds.refund_element(write, entity, context)
    if write.verb in REMOVALS:
        return _removal(write)
    if isinstance(entity, Contact):
        return contacts.contact_element(write, entity)
    if isinstance(entity, Item):
        return items.item_element(write, entity, context)
    assert isinstance(entity, AnyDocument)
    return edits.document_element(write, entity, context)


def _removal(write: Write) -> Element:
    """Drafts and orders are deleted, approved documents voided, contacts archived."""
    if write.type is EntityType.CONTACT:
        return {"ContactID": write.record, "ContactStatus": "ARCHIVED"}
    draft = (write.before or {}).get("status") == "draft"
    deleted = draft or write.type is EntityType.PURCHASE_ORDER
    return {documents.IDS[write.type]: write.record, "Status": "DELETED" if deleted else "VOIDED"}


def _result(write: Write, raw: Raw, resource: Resource, context: Context) -> Result:
    refused = [one for one in (raw, *_nested(raw, resource)) if errors.is_refused(one)]
    if refused:
        said = [message for one in refused for message in errors.messages_of(one)]
        return errors.refused(write, said)
    if raw.get(resource.id, NOBODY) == NOBODY:
        raise Uncertain(f"Xero's answer does not show {write.type} {write.id}.")
    found = listing.record(write.type, raw)
    # Some answers leave out whose money it is, or it became another's: stored, to be read.
    return found if _tells(write, raw, context) else replace(found, raw={})


def _nested(raw: Raw, resource: Resource) -> Sequence[Raw]:
    """The parts of a batch payment have errors of their own."""
    return raw.get("Payments") or () if resource.path == "BatchPayments" else ()


def _tells(write: Write, raw: Raw, context: Context) -> bool:
    """Whether the answer shows what was meant: a payment is the invoice's customer's."""
    if not isinstance(write.entity, Payment | Refund):
        return True
    subjects = ("Invoice", "CreditNote", *places.CREDITS)
    shown: Sequence[Mapping[str, object]] = [raw, *(raw.get(name) or {} for name in subjects)]
    whose = next(filter(None, map(money.contact_of, shown)), "")
    if write.verb is not Verb.CREATE:
        return bool(whose)
    return whose == context.ids.external(EntityType.CONTACT, write.entity.contact)


def _share_request(write: Write, context: Context) -> Request:
    record = write.record
    if write.type is EntityType.PAYMENT:
        path = f"/{places.RESOURCES[places.place_of(record)].path}/{places.guid_of(record)}"
    else:
        path = f"/{listing.RESOURCES[write.type].path}/{record}"
    made = allocations.made(write, context)
    if made is None:
        return Request("DELETE", f"{path}/Allocations/{allocations.taken_back(write, context)}")
    body = wire.encode({"Allocations": [made]})
    return Request("PUT", f"{path}/Allocations", ALONE, body)


def _share_result(write: Write, answer: Answer) -> Result:
    """Stored, but the answer does not show the record. One that is not there is taken back."""
    if answer.status not in (200, 204, 404):
        raise errors.whole([write], answer)
    if answer.status == 404 and allocations.makes(write):
        raise errors.whole([write], answer)
    shown = (errors.envelope(answer) or {}).get("Allocations") or ()
    if refused := [one for one in shown if errors.is_refused(one)]:
        return errors.refused(write, errors.messages_of(refused[0]))
    return Record(write.type, write.record, {})
