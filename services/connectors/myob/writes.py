"""Writes as MYOB takes them: one record per call, an update replaces all of it (section 8)."""

from collections.abc import Mapping

from contracts.entities import (
    Bill,
    Contact,
    CreditNote,
    Invoice,
    Item,
    Payment,
    PurchaseOrder,
    Refund,
)
from contracts.values import EntityType
from libs.connector import wire
from libs.connector.errors import Conflict, Held
from libs.connector.interface import Context, Request, Verb, Write
from services.connectors.myob import paying, settlements, steps
from services.connectors.myob.mapping import (
    contacts,
    documents,
    edits,
    items,
    lines,
    overpayments,
    payments,
    purchases,
    refunds,
    sales,
)
from services.connectors.myob.mapping.wire import (
    PLACE,
    Element,
    plain,
    sides,
    spelled,
    uid_of,
)
from services.connectors.myob.places import CARDS, ITEMS, OTHERS, WRITTEN, path_of
from services.connectors.myob.wanted import REMOVALS, fields_of

FULL = (("returnBody", "true"), ("generateUris", "false"))


def request(write: Write, context: Context) -> Request:
    """The next call of a write."""
    entity = write.entity
    replaces = write.verb is Verb.UPDATE or write.type is EntityType.CONTACT
    if replaces and write.verb is not Verb.CREATE and not write.raw:
        raise Conflict(f"{write.type} {write.id} must be read before it is replaced.")
    if isinstance(entity, Contact):
        return _contact(write, entity, context)
    if isinstance(entity, Item):
        return _item(write, entity, context)
    if isinstance(entity, Payment):
        return _payment(write, entity, context)
    if write.verb in REMOVALS:
        return _delete(write, write.record)
    return _paper(write, context)


def _paper(write: Write, context: Context) -> Request:
    entity = write.entity
    if isinstance(entity, Refund):
        return _post(refunds.PATH, refunds.refund_to_myob(entity, write.marker, context))
    if isinstance(entity, CreditNote) and fields_of(write) == {"allocations"}:
        return _settlement(write, entity, context)
    assert isinstance(entity, documents.Paper)
    return _document(write, entity, context)


def layout_of(document: documents.Paper, context: Context) -> str:
    """Where a new document goes."""
    if isinstance(document, PurchaseOrder | Bill):
        return purchases.purchase_layout(document, context)
    return lines.layout_of(document.lines)


def _contact(write: Write, contact: Contact, context: Context) -> Request:
    if write.verb is Verb.CREATE:
        first = contacts.main_role(contact)
        return _post(CARDS[first], contacts.new_card(contact, first, write.marker, context))
    if one := steps.put_away(write, contact):
        return _put(write, one, {**plain(sides(write.raw)[one]), "IsActive": False})
    if write.verb in REMOVALS:
        return _put(write, write.record, _archived(write, contact))
    missing = steps.missing_role(write, contact)
    if missing is None or fields_of(write) - {"customer", "supplier"}:
        main = next(one for one in contacts.ROLES if one == write.raw[PLACE])
        card = contacts.changed_card(write.raw, contact, main, write.changed)
        return _put(write, write.record, card)
    beside = contacts.cards_of(write.raw).get(missing)
    if beside is None:
        return _post(CARDS[missing], contacts.new_card(contact, missing, write.marker, context))
    card = contacts.card_to_myob(contact, missing)
    details = contacts.DETAILS[missing]
    card[details] = {**(beside.get(details) or {}), **card[details]}
    return _put(write, spelled(missing, beside["UID"]), {**plain(beside), **card})


def _archived(write: Write, contact: Contact) -> Element:
    """Put away, and its card id given back: a new card of the customer may have it."""
    card = {**plain(write.raw), "IsActive": False}
    if card.get("DisplayID") == contacts.card_number(contact.id):
        card["DisplayID"] = contacts.NO_CARD
    return card


def _item(write: Write, item: Item, context: Context) -> Request:
    if write.verb in REMOVALS:
        return _delete(write, write.record)
    if write.verb is Verb.CREATE:
        return _post(ITEMS, items.item_to_myob(item, context))
    changed = {path.split(".")[0] for path in write.changed}
    return _put(write, write.record, items.changed_item(write.raw, item, changed, context))


def _payment(write: Write, payment: Payment, context: Context) -> Request:
    if write.verb is Verb.UPDATE:
        if one := paying.used(write, payment, context) or paying.wrong_rest(write, payment):
            return _delete(write, one)
        return _overpayment(write, payment, context)
    if write.verb in REMOVALS:
        return _delete(write, write.record)
    place = payments.main_place(payment)
    if place == sales.OVERPAID:
        return _overpayment(write, payment, context)
    return _post(OTHERS[place], payments.payment_to_myob(payment, write.marker, context))


def _overpayment(write: Write, payment: Payment, context: Context) -> Request:
    credit = overpayments.overpayment_to_myob(payment, write.marker, context)
    return _post(OTHERS[sales.OVERPAID], credit)


def _settlement(write: Write, note: CreditNote, context: Context) -> Request:
    if one := settlements.superfluous(write, settlements.amounts(note), context):
        return _delete(write, one)
    applied = settlements.unapplied(write, note, context)
    credit = uid_of(write.record)
    element = sales.settlement_to_myob(note, credit, applied, write.marker, context)
    return _post(OTHERS[sales.SETTLEMENT], element)


def _document(write: Write, document: documents.Paper, context: Context) -> Request:
    kind = documents.KINDS[document.type]
    if write.verb is Verb.CREATE:
        path = f"{kind.path}/{layout_of(document, context)}"
        return _post(path, _new(write, document, context))
    if write.raw[PLACE] not in WRITTEN:
        raise Held(
            f"{write.type} {write.id} has the layout {write.raw[PLACE]} in MYOB, which is not "
            "written from outside.",
            reason="layout",
            action="Change it in MYOB by hand.",
        )
    head = _head(write, document, context)
    return _put(write, write.record, edits.changed_document(write, document, head, context))


def _new(write: Write, document: documents.Paper, context: Context) -> Element:
    if isinstance(document, Invoice | CreditNote):
        return sales.sale_to_myob(document, write.marker, context)
    return purchases.purchase_to_myob(document, write.marker, context)


def _head(write: Write, document: documents.Paper, context: Context) -> Element:
    if isinstance(document, Invoice | CreditNote):
        return sales.sale_head(document, write.marker, context)
    return purchases.purchase_head(document, write.marker, context)


def _post(path: str, element: Mapping[str, object]) -> Request:
    return Request("POST", path, FULL, wire.encode(element))


def _put(write: Write, external: str, element: Mapping[str, object]) -> Request:
    return Request("PUT", _path(write, external), FULL, wire.encode(element))


def _delete(write: Write, external: str) -> Request:
    return Request("DELETE", _path(write, external))


def _path(write: Write, external: str) -> str:
    path = path_of(write.type, external)
    assert path is not None, f"{external} is no id of a {write.type}"
    return path
