"""Writes that take several calls: which comes next, and what it brings about (dossier section 6).

A call that `step` describes is told again by what `request` is then given, so each of these rules
stands once, here, as what is to be done with a record's sides.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal

from contracts.entities import Bill, Contact, CreditNote, Payment, RecordStatus
from libs.connector.interface import Context, Step, Verb, Write
from services.connectors.myob import paying
from services.connectors.myob.mapping import contacts, lines, sales
from services.connectors.myob.mapping.documents import Paper
from services.connectors.myob.mapping.refs import Role
from services.connectors.myob.mapping.wire import PLACE, place_of, sides
from services.connectors.myob.settlements import amounts, superfluous, unapplied, without
from services.connectors.myob.wanted import REMOVALS, before, fields_of


def step(write: Write, context: Context) -> Step | None:
    """See Steps.step."""
    entity = write.entity
    if isinstance(entity, Contact):
        return _contact_step(write, entity)
    if isinstance(entity, Payment):
        return paying.step(write, entity, context)
    if isinstance(entity, Paper) and _other_layout(write, entity):
        if isinstance(entity, CreditNote) and sides(write.raw):
            return _note_step(write, entity.model_copy(update={"allocations": ()}), context)
        return Step(Verb.DELETE, entity)
    return _note_step(write, entity, context) if isinstance(entity, CreditNote) else None


# Contacts: the card beside the main one


def put_away(write: Write, contact: Contact) -> str | None:
    """The active card beside the main one that is to rest: nobody wants it, or its details follow
    the main card's, which change now."""
    details = fields_of(write) - {"customer", "supplier"}
    gone = contact.status == RecordStatus.ARCHIVED or write.verb in REMOVALS
    for one, card in sides(write.raw).items():
        wanted = place_of(one) in contacts.roles_of(contact) and not gone
        if card.get("IsActive", True) and (details or not wanted):
            return one
    return None


def missing_role(write: Write, contact: Contact) -> Role | None:
    """The role whose card is to be made or taken up again."""
    if contact.status == RecordStatus.ARCHIVED:
        return None
    live = contacts.live_roles(write.raw)
    wanted: set[str] = set(contacts.roles_of(contact))
    return next((role for role in contacts.ROLES if role in wanted - live), None)


def _contact_step(write: Write, contact: Contact) -> Step | None:
    if write.verb is Verb.CREATE:
        main = contacts.main_role(contact)
        both = len(contacts.roles_of(contact)) > 1
        return Step(Verb.CREATE, _with_roles(contact, {main})) if both else None
    if not write.raw:
        return None
    live = contacts.live_roles(write.raw)
    if card := put_away(write, contact):
        return Step(Verb.UPDATE, _with_roles(before(write, contact), live - {place_of(card)}))
    role = missing_role(write, contact)
    if write.verb in REMOVALS or role is None:
        return None
    if fields_of(write) - {"customer", "supplier"}:
        return Step(Verb.UPDATE, _with_roles(contact, live))
    makes = role not in contacts.cards_of(write.raw)
    return Step(Verb.UPDATE, _with_roles(contact, live | {role}), makes)


def _with_roles(contact: Contact, roles: Collection[str]) -> Contact:
    return contact.model_copy(
        update={"customer": "Customer" in roles, "supplier": "Supplier" in roles}
    )


# Credit notes: their settlements


def _note_step(write: Write, note: CreditNote, context: Context) -> Step | None:
    if write.verb is Verb.CREATE:
        return Step(Verb.CREATE, _applying(note, {})) if note.allocations else None
    if not write.raw:
        return None
    applied = sales.settled(write.raw, context)
    if one := superfluous(write, amounts(note), context):
        left = without(applied, write, one, context)
        return Step(Verb.UPDATE, _applying(before(write, note), left))
    if write.verb in REMOVALS or not unapplied(write, note, context):
        return None
    if fields_of(write) - {"allocations"}:
        return Step(Verb.UPDATE, _applying(note, applied))
    return Step(Verb.UPDATE, note, makes=True)


def _applying(note: CreditNote, applied: Mapping[str, Decimal]) -> CreditNote:
    shares = [{"document": local, "amount": applied[local]} for local in applied]
    return CreditNote.model_validate({**note.model_dump(), "allocations": shares})


# Documents: their layout cannot change


def _other_layout(write: Write, document: Paper) -> bool:
    """Whether the document needs another layout or order than it has: it ends, and another takes
    its place. Service takes any line, so only an item invoice that gets a line without one."""
    if write.verb is not Verb.UPDATE or not write.raw:
        return False
    fields = fields_of(write)
    if isinstance(document, Bill) and "purchase_orders" in fields:
        return True
    plain = lines.layout_of(document.lines) != "Item"
    return "lines" in fields and write.raw[PLACE] == "Item" and plain
