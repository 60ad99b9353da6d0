"""What a write of a contact sends: one element per record it touches."""

from collections.abc import Collection, Mapping

from contracts.entities import Contact
from libs.connector.flat import names
from libs.connector.interface import Context, Verb, Write
from services.connectors.quickbooks_online.mapping import addresses, contacts, notes
from services.connectors.quickbooks_online.mapping.contacts import OTHER
from services.connectors.quickbooks_online.mapping.wire import Element, Raw, filled, resource_id

FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("DisplayName", "CompanyName"),
    "first_name": ("GivenName",),
    "last_name": ("FamilyName",),
    "email": ("PrimaryEmailAddr",),
    "phone": ("PrimaryPhone",),
    "tax_number": ("Notes",),
    "company_number": ("Notes",),
    "link": ("Notes",),
    "attributes": ("Notes",),
    "currency": ("CurrencyRef",),
    "parent": ("Job", "ParentRef", "BillWithParent"),
    "status": ("Active", "DisplayName"),
    "customer": ("Active",),
    "supplier": ("Active",),
}
ROLES = frozenset({"customer", "supplier"})


def targets(write: Write) -> list[str]:
    """The resources of a write's records, the main one first."""
    assert isinstance(write.entity, Contact)
    if not write.record:
        return [contacts.main_resource(write.entity)]
    main, _ = resource_id(write.record)
    found = [main] if _touches_main(write) else []
    wanted = OTHER[main] in contacts.wanted_roles(write.entity)
    removed = write.verb in (Verb.VOID, Verb.DELETE)
    if side_id(write) or (wanted and not removed):
        found.append(OTHER[main])
    return found or [main]


def side_id(write: Write) -> str:
    """The id of the side record, "" where there is none yet."""
    return next((resource_id(part)[1] for part in write.parts), "")


def contact_elements(write: Write, context: Context) -> list[tuple[str, Element]]:
    """Resource and element of each record that is written."""
    contact = write.entity
    assert isinstance(contact, Contact)
    found = []
    main = resource_id(write.record)[0] if write.record else contacts.main_resource(contact)
    for resource in targets(write):
        identity = resource_id(write.record)[1] if resource == main else side_id(write)
        if identity:
            found.append((resource, _changed(write, contact, resource, identity, context)))
        else:
            whole = contacts.contact_to_qbo(
                contact,
                resource,
                context,
                marker=write.marker,
                side=resource != main,
                apart=write.collided,
            )
            found.append((resource, filled(whole)))
    return found


def _touches_main(write: Write) -> bool:
    """A contact that only gets its other record leaves the main one as it is."""
    return write.verb is not Verb.UPDATE or bool(write.parts or write.changed - ROLES)


def _changed(
    write: Write, contact: Contact, resource: str, identity: str, context: Context
) -> Element:
    known: Raw = write.raw.get(resource) or {}
    main = resource_id(write.record)[0] == resource
    version = known.get("SyncToken") or (write.version if main else "")
    element: Element = {"Id": identity, "SyncToken": str(version), "sparse": True}
    if write.verb in (Verb.VOID, Verb.DELETE):
        return {**element, "Active": False}
    whole = contacts.contact_to_qbo(
        contact,
        resource,
        context,
        marker=write.marker,
        side=not main,
        apart=contacts.is_apart(known, resource),
    )
    whole["Active"] = whole["Active"] and resource in contacts.wanted_roles(contact)
    wanted = {field for path in write.changed for field in _fields(path, resource)}
    element |= {field: value for field, value in whole.items() if field in wanted}
    return _over_what_is_there(element, known, write)


def _fields(path: str, resource: str) -> Collection[str]:
    """The fields of a path of ours; of the addresses the one it is about."""
    first, *more = names(path)
    if first != "addresses":
        return FIELDS.get(first, ())
    known = addresses.ADDRESSES[resource]
    return [field for kind, field in known.items() if kind == more[0]]


def _over_what_is_there(element: Element, known: Raw, write: Write) -> Element:
    """What a bookkeeper wrote beside ours stays: notes, the rest of an address."""
    if "Notes" in element:
        free = notes.parsed(known.get("Notes")).free
        mine = notes.parsed(element["Notes"])
        side = notes.side_of(mine.side) if mine.side else ""
        whole = notes.Noted(mine.labels, mine.attributes, free, mine.marker, side)
        element["Notes"] = notes.written(whole, notes.NOTES)
    for kind, field in (("billing", "BillAddr"), ("delivery", "ShipAddr")):
        if field in element:
            keep = f"addresses.{kind}.country" not in write.changed
            element[field] = addresses.filled(element[field], known.get(field), keep_country=keep)
    return element
