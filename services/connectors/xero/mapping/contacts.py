"""Contacts (dossier section 5): customers and suppliers are one object."""

from collections.abc import Collection

from contracts.entities import Address, Contact, RecordStatus
from contracts.values import EntityType
from libs.connector.interface import Record, Write
from services.connectors.xero.mapping.wire import Element, Raw, present, unmarked, updated

ADDRESS_TYPES = {"billing": "POBOX", "delivery": "STREET"}
KINDS = {xero: kind for kind, xero in ADDRESS_TYPES.items()}
NUMBER_LENGTH = 50
LINE_FIELDS = ("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4")


def contact_number(contact: str, marker: str) -> str:
    """The customer id a bookkeeper knows and our marker; the marker alone where both are too long."""
    both = f"{contact} {marker}"
    return both if len(both) <= NUMBER_LENGTH and '"' not in contact else marker


def contact_to_xero(contact: Contact, changed: Collection[str] = ()) -> Element:
    """The element of a create, or only what has changed of it for an update."""
    everything = present(
        {
            "Name": contact.name,
            "FirstName": contact.first_name,
            "LastName": contact.last_name,
            "EmailAddress": contact.email,
            "TaxNumber": contact.tax_number[:50],
            "CompanyNumber": contact.company_number[:50],
            "DefaultCurrency": contact.currency,
            "ContactStatus": "ARCHIVED" if contact.status == "archived" else "ACTIVE",
            "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": contact.phone[:50]}],
            "Addresses": [_address_to(address) for address in contact.addresses],
        }
    )
    if not changed:
        return everything
    wanted = {FIELDS.get(path.split(".")[0], "") for path in changed}
    return {name: value for name, value in everything.items() if name in wanted}


FIELDS = {
    "name": "Name",
    "first_name": "FirstName",
    "last_name": "LastName",
    "email": "EmailAddress",
    "tax_number": "TaxNumber",
    "company_number": "CompanyNumber",
    "currency": "DefaultCurrency",
    "status": "ContactStatus",
    "phone": "Phones",
    "addresses": "Addresses",
}


def contact_element(write: Write, contact: Contact) -> Element:
    """What a write sends: a create carries the marker, an update the id."""
    if write.record:
        return {"ContactID": write.record, **contact_to_xero(contact, write.changed)}
    number = contact_number(contact.id, write.marker)
    return {"ContactNumber": number, **contact_to_xero(contact)}


def contact_from_xero(raw: Raw) -> Contact:
    """The record as an entity; what Xero has no field for keeps its default."""
    phones = {phone.get("PhoneType"): phone for phone in raw.get("Phones") or ()}
    addresses = [_address_from(address) for address in raw.get("Addresses") or ()]
    return Contact(
        id=str(raw.get("ContactID") or "new"),
        name=raw["Name"],
        first_name=raw.get("FirstName") or "",
        last_name=raw.get("LastName") or "",
        email=raw.get("EmailAddress") or "",
        phone=_phone(phones.get("DEFAULT", {})),
        tax_number=raw.get("TaxNumber") or "",
        company_number=raw.get("CompanyNumber") or "",
        currency=raw.get("DefaultCurrency") or None,
        addresses=tuple(address for address in addresses if address),
        status=RecordStatus.ARCHIVED
        if raw.get("ContactStatus") == "ARCHIVED"
        else RecordStatus.ACTIVE,
    )


def contact_record(raw: Raw) -> Record:
    """The record as the kernel keeps it."""
    return Record(
        EntityType.CONTACT,
        raw["ContactID"],
        raw,
        marker=unmarked(raw.get("ContactNumber") or "")[1],
        updated_at=updated(raw),
        status=raw.get("ContactStatus") or "",
        replaced_by=raw.get("MergedToContactID") or "",
    )


def _address_to(address: Address) -> Element:
    lines = address.lines.split("\n")
    # Xero has four lines; what is more goes into the last.
    fitting = [*lines[:3], ", ".join(lines[3:])] if len(lines) > len(LINE_FIELDS) else lines
    return {
        "AddressType": ADDRESS_TYPES[address.kind],
        **dict(zip(LINE_FIELDS, (line[:500] for line in fitting), strict=False)),
        "City": address.city,
        "Region": address.region,
        "PostalCode": address.postal_code[:50],
        "Country": address.country or "",
    }


def _address_from(raw: Raw) -> Address | None:
    kind = KINDS.get(raw.get("AddressType", ""))
    lines = "\n".join(raw[name] for name in LINE_FIELDS if raw.get(name))
    country = raw.get("Country") or ""
    found = Address(
        kind="delivery" if kind == "delivery" else "billing",
        lines=lines,
        city=raw.get("City") or "",
        region=raw.get("Region") or "",
        postal_code=raw.get("PostalCode") or "",
        country=country if len(country) == 2 and country.isascii() and country.isupper() else None,
    )
    return found if kind and found != Address(kind=found.kind) else None


def _phone(raw: Raw) -> str:
    parts = (raw.get(name) for name in ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber"))
    return " ".join(part for part in parts if part)
