"""Customers and vendors (dossier section 5): a contact that is both has a record of each."""

from collections.abc import Collection, Mapping

from contracts.entities import Address, Contact, RecordStatus
from contracts.events import ExternalId
from contracts.values import EntityType
from libs.connector.errors import NotReady
from libs.connector.interface import Context, Notice, Record
from services.connectors.quickbooks_online.mapping import notes
from services.connectors.quickbooks_online.mapping.addresses import (
    ADDRESSES,
    address_from,
    address_to,
)
from services.connectors.quickbooks_online.mapping.wire import (
    Element,
    Raw,
    is_active,
    name,
    ref,
    ref_of,
    resource_id,
    text,
    undeleted,
    updated,
)

CUSTOMER, VENDOR = "Customer", "Vendor"
OTHER = {CUSTOMER: VENDOR, VENDOR: CUSTOMER}
SUFFIX = {VENDOR: " (supplier)", CUSTOMER: " (customer)"}
"""Names are unique over customers, vendors and employees: a side record has its own (6240)."""
DISPLAY_LENGTH, NAME_LENGTH, PHONE_LENGTH = 500, 100, 30
MULTICURRENCY = "multicurrency"


def reference(contact: str, resource: str, context: Context) -> str:
    """The id of a contact's customer or vendor record; NotReady until it has that one."""
    main = context.ids.external(EntityType.CONTACT, contact)
    for external in (main, *context.ids.sides(EntityType.CONTACT, contact)):
        kind, identity = resource_id(external)
        if kind in ("", resource):
            return identity
    raise NotReady(((EntityType.CONTACT, contact),))


def main_resource(contact: Contact) -> str:
    """Where a new contact goes: one that is both becomes a customer first."""
    return VENDOR if contact.supplier and not contact.customer else CUSTOMER


def contact_to_qbo(
    contact: Contact,
    resource: str,
    context: Context,
    *,
    marker: str = "",
    side: bool = False,
    apart: bool = False,
) -> Element:
    """The whole element, what is empty too: in a sparse update an absent field would stay.

    `apart`: another kind of record has its name, so it is told apart as a side record is.
    """
    called = name(contact.name, DISPLAY_LENGTH - 12) or contact.id
    element: Element = {
        "DisplayName": called + (SUFFIX[resource] if side or apart else ""),
        "CompanyName": called[:NAME_LENGTH].strip(),
        "GivenName": name(contact.first_name),
        "FamilyName": name(contact.last_name),
        "PrimaryEmailAddr": {"Address": contact.email.strip()},
        "PrimaryPhone": {"FreeFormNumber": contact.phone[:PHONE_LENGTH].strip()},
        "Notes": notes.written(_noted(contact, marker, side=side), notes.NOTES),
        "Active": contact.status != RecordStatus.ARCHIVED,
    }
    for kind, field in ADDRESSES[resource].items():
        known = (address for address in contact.addresses if address.kind == kind)
        element[field] = address_to(next(known, None))
    if MULTICURRENCY in context.company.features and contact.currency:
        element["CurrencyRef"] = ref(contact.currency)
    if resource == CUSTOMER:
        element |= _parent(contact, context)
    return element


def contact_from_qbo(raw: Raw, main: str, context: Context) -> Contact:
    """The records as an entity; those of a contact with two are told by its main one."""
    shown = raw[main]
    noted = notes.parsed(shown.get("Notes"))
    live = [resource for resource in (CUSTOMER, VENDOR) if _is_live(raw, resource)]
    roles = live or [resource for resource in (CUSTOMER, VENDOR) if resource in raw]
    parent = ref_of(shown, "ParentRef") if main == CUSTOMER else ""
    return Contact(
        id=str(shown.get("Id") or "new"),
        name=_name(shown, main),
        customer=CUSTOMER in roles,
        supplier=VENDOR in roles,
        parent=context.ids.local(EntityType.CONTACT, f"{CUSTOMER}/{parent}") if parent else None,
        first_name=text(shown, "GivenName"),
        last_name=text(shown, "FamilyName"),
        email=text(shown.get("PrimaryEmailAddr") or {}, "Address"),
        phone=text(shown.get("PrimaryPhone") or {}, "FreeFormNumber"),
        tax_number=noted.labels.get("Tax number", "")[:255],
        company_number=noted.labels.get("Company number", "")[:255],
        currency=ref_of(shown, "CurrencyRef") or context.company.currency,
        addresses=_addresses(shown, main),
        status=RecordStatus.ACTIVE if live else RecordStatus.ARCHIVED,
        attributes=dict(noted.attributes),
        link=noted.labels.get("Link", "")[:255],
    )


def is_apart(shown: Raw, resource: str) -> bool:
    """Whether its name was told apart: the company's own is without what was added."""
    called = undeleted(text(shown, "DisplayName", DISPLAY_LENGTH), shown)
    plain = called.removesuffix(SUFFIX[resource])
    return plain != called and text(shown, "CompanyName") == plain[:NAME_LENGTH].strip()


def _name(shown: Raw, main: str) -> str:
    called = undeleted(text(shown, "DisplayName"), shown) or text(shown, "CompanyName") or "?"
    return called.removesuffix(SUFFIX[main]) if is_apart(shown, main) else called


def contact_record(raw: Raw, external: str) -> Record:
    """The record as the kernel keeps it; the other of two is its side record."""
    main, _ = resource_id(external)
    sides = [resource for resource in (CUSTOMER, VENDOR) if resource in raw and resource != main]
    noted = notes.parsed(raw[main].get("Notes"))
    active = any(_is_live(raw, resource) for resource in (CUSTOMER, VENDOR))
    return Record(
        EntityType.CONTACT,
        external,
        raw,
        version=str(raw[main].get("SyncToken") or ""),
        marker=noted.marker,
        updated_at=updated(raw[main]),
        status="active" if active else "archived",
        parts=tuple(
            ExternalId(type=EntityType.CONTACT, id=f"{resource}/{raw[resource]['Id']}")
            for resource in sides
        ),
    )


def belonging(record: Record, customer: str) -> Record:
    """The record of a vendor that stands beside a customer."""
    return Record(
        record.type,
        record.id,
        record.raw,
        updated_at=record.updated_at,
        belongs_to=Notice(EntityType.CONTACT, customer),
    )


def _noted(contact: Contact, marker: str, *, side: bool) -> notes.Noted:
    labels = {
        "Tax number": contact.tax_number,
        "Company number": contact.company_number,
        "Link": contact.link,
    }
    own = "" if side else marker
    return notes.Noted(labels, contact.attributes, "", own, notes.side_of(marker) if side else "")


def _parent(contact: Contact, context: Context) -> Element:
    if contact.parent is None:
        return {"Job": False}
    parent = reference(contact.parent, CUSTOMER, context)
    return {"Job": True, "ParentRef": ref(parent), "BillWithParent": True}


def _addresses(shown: Raw, main: str) -> tuple[Address, ...]:
    found = (address_from(shown.get(field), kind) for kind, field in ADDRESSES[main].items())
    return tuple(address for address in found if address)


def _is_live(raw: Mapping[str, Raw], resource: str) -> bool:
    return resource in raw and is_active(raw[resource])


def wanted_roles(contact: Contact) -> Collection[str]:
    """The records a contact is to have."""
    chosen = {VENDOR} if contact.supplier else set()
    return chosen | ({CUSTOMER} if contact.customer or not chosen else set())


def complete(raw: Mapping[str, Raw], externals: Collection[str]) -> bool:
    """Whether the raw form has all of a contact's records."""
    return all(resource_id(external)[0] in raw for external in externals)
