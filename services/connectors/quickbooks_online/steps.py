"""Writes that take several calls: a second record of a contact, what applies a credit note."""

from typing import TypeVar

from contracts.entities import Allocation, Contact, CreditNote, Entity, Refund
from libs.connector.interface import Context, Step, Verb, Write
from libs.connector.states import entity_of
from services.connectors.quickbooks_online.mapping import cheques, contacts
from services.connectors.quickbooks_online.mapping.contacts import CUSTOMER, VENDOR
from services.connectors.quickbooks_online.mapping.wire import resource_id

E = TypeVar("E", Contact, CreditNote)
FLAGS = {CUSTOMER: "customer", VENDOR: "supplier"}


def step(write: Write, context: Context) -> Step | None:
    """See Steps.step."""
    del context
    if isinstance(write.entity, Refund):
        cheques.refuse(write)
    if isinstance(write.entity, Contact):
        return _contact_step(write, write.entity)
    if isinstance(write.entity, CreditNote):
        return _credit_step(write, write.entity)
    return None


def _before(write: Write, wanted: E) -> E:
    """What is there now."""
    if not write.before:
        return wanted
    found: Entity = entity_of(dict(write.before), write.type, write.id)
    assert isinstance(found, type(wanted))
    return found


def _contact_step(write: Write, contact: Contact) -> Step | None:
    both = len(contacts.wanted_roles(contact)) > 1
    if write.verb is Verb.CREATE and both:
        return Step(Verb.CREATE, contact.model_copy(update={"supplier": False}))
    if write.verb is not Verb.UPDATE or write.parts:
        return None
    other = contacts.OTHER[resource_id(write.record)[0]]
    if other not in contacts.wanted_roles(contact):
        return None
    made = _before(write, contact).model_copy(update={FLAGS[other]: True})
    return Step(Verb.UPDATE, made, makes=True)


def _credit_step(write: Write, note: CreditNote) -> Step | None:
    if write.verb is Verb.CREATE:
        bare = note.model_copy(update={"allocations": ()})
        return Step(Verb.CREATE, bare) if note.allocations else None
    before = _before(write, note)
    there = {share.document: share for share in before.allocations}
    wanted = {share.document: share for share in note.allocations}
    if write.verb is not Verb.UPDATE:
        wanted = {}
    for document, share in there.items():
        if wanted.get(document) != share:
            left = tuple(one for one in before.allocations if one.document != document)
            return Step(Verb.UPDATE, before.model_copy(update={"allocations": left}))
    if write.verb is not Verb.UPDATE:
        return None
    return _with_more(write, note, there, wanted)


def _with_more(
    write: Write,
    note: CreditNote,
    there: dict[str, Allocation],
    wanted: dict[str, Allocation],
) -> Step | None:
    """First everything else, then one application after the other."""
    new = [share for document, share in wanted.items() if document not in there]
    if not new:
        return None
    now = tuple(there.values())
    if any(not path.startswith("allocations.") for path in write.changed):
        return Step(Verb.UPDATE, note.model_copy(update={"allocations": now}))
    applied = note.model_copy(update={"allocations": (*now, new[0])})
    return Step(Verb.UPDATE, applied, makes=True)
