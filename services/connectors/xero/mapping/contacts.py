"""Contacts (dossier section 5): customers and suppliers are one object."""

from collections.abc import Collection

from contracts.entities import Address, Contact, RecordStatus
from contracts.values import EntityType
from libs.connector.flat import names
from libs.connector.interface import Record, Write
from services.connectors.xero.mapping.wire import Element, Raw, present, text, unmarked, updated

ADDRESS_TYPES = {"billing": "POBOX", "delivery": "STREET"}
KINDS = {xero: kind for kind, xero in ADDRESS_TYPES.items()}
NUMBER_LENGTH = 50
LINES = ("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4")
LINE_LENGTH, CODE_LENGTH = 500, 50
UNSEARCHABLE = frozenset('"\\')
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


def contact_number(contact: str, marker: str) -> str:
    """The customer id a bookkeeper knows and our marker; the latter alone where both are long."""
    both = f"{contact} {marker}"
    return both if len(both) <= NUMBER_LENGTH and not UNSEARCHABLE & set(contact) else marker


def contact_to_xero(contact: Contact) -> Element:
    """The whole element."""
    return present(
        {
            # Doubled or trailing spaces would make false duplicates (dossier section 11).
            "Name": " ".join(contact.name.split()) or contact.id,
            "FirstName": contact.first_name,
            "LastName": contact.last_name,
            "EmailAddress": contact.email,
            "TaxNumber": contact.tax_number[:CODE_LENGTH],
            "CompanyNumber": contact.company_number[:CODE_LENGTH],
            "DefaultCurrency": contact.currency,
            "ContactStatus": "ARCHIVED" if contact.status == "archived" else "ACTIVE",
            "Phones": [_phone_to(contact.phone)],
            "Addresses": [_address_to(address) for address in contact.addresses],
        }
    )


def contact_element(write: Write, contact: Contact) -> Element:
    """What a write sends: a create carries the marker, an update the id and what has changed."""
    whole = contact_to_xero(contact)
    if not write.record:
        return {"ContactNumber": contact_number(contact.id, write.marker), **whole}
    wanted = {FIELDS.get(names(path)[0]) for path in write.changed}
    element = {name: value for name, value in whole.items() if name in wanted}
    if "Addresses" in wanted:
        element["Addresses"] = _both_addresses(contact, write.changed)
    return {"ContactID": write.record, **element}


def _both_addresses(contact: Contact, changed: Collection[str]) -> list[Element]:
    """Both kinds with all their fields: right whether Xero replaces the list or merges it."""
    known = {address.kind: address for address in contact.addresses}
    found = []
    for kind in ("billing", "delivery"):
        element = _address_to(known.get(kind) or Address(kind=kind))
        if f"addresses.{kind}.country" in changed:
            element.setdefault("Country", "")
        found.append(element)
    return found


def contact_from_xero(raw: Raw) -> Contact:
    """The record as an entity; what Xero has no field for keeps its default."""
    phones = {phone.get("PhoneType"): phone for phone in raw.get("Phones") or ()}
    addresses = [_address_from(address) for address in raw.get("Addresses") or ()]
    archived = raw.get("ContactStatus") == "ARCHIVED"
    return Contact(
        id=str(raw.get("ContactID") or "new"),
        name=text(raw, "Name"),
        first_name=text(raw, "FirstName"),
        last_name=text(raw, "LastName"),
        email=text(raw, "EmailAddress"),
        phone=_phone_from(phones.get("DEFAULT", {})),
        tax_number=text(raw, "TaxNumber"),
        company_number=text(raw, "CompanyNumber"),
        currency=raw.get("DefaultCurrency") or None,
        addresses=tuple(address for address in addresses if address),
        status=RecordStatus.ARCHIVED if archived else RecordStatus.ACTIVE,
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
    """All lines, empty ones too: an absent one would stay as it is."""
    lines = [line.strip() for line in address.lines.split("\n") if line.strip()]
    # Xero has four lines; what is more goes into the last.
    fitting = [*lines[:3], ", ".join(lines[3:]), "", "", ""][: len(LINES)]
    return present(
        {
            "AddressType": ADDRESS_TYPES[address.kind],
            **dict(zip(LINES, (line[:LINE_LENGTH].strip() for line in fitting), strict=True)),
            "City": address.city,
            "Region": address.region,
            "PostalCode": address.postal_code[:CODE_LENGTH],
            # One that we cannot read, say "England", is left to the bookkeeper.
            "Country": address.country,
        }
    )


def _address_from(raw: Raw) -> Address | None:
    kind = KINDS.get(raw.get("AddressType", ""))
    country = text(raw, "Country")
    found = Address(
        kind="delivery" if kind == "delivery" else "billing",
        lines="\n".join(line for name in LINES if (line := text(raw, name, LINE_LENGTH))),
        city=text(raw, "City"),
        region=text(raw, "Region"),
        postal_code=text(raw, "PostalCode"),
        country=country if len(country) == 2 and country.isascii() and country.isupper() else None,
    )
    return found if kind and found != Address(kind=found.kind) else None


def _phone_to(phone: str) -> Element:
    """All in one field; the others are emptied, else they would be read in front of it."""
    return {
        "PhoneType": "DEFAULT",
        "PhoneNumber": phone[:CODE_LENGTH],
        "PhoneAreaCode": "",
        "PhoneCountryCode": "",
    }


def _phone_from(raw: Raw) -> str:
    parts = (text(raw, name) for name in ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber"))
    return " ".join(part for part in parts if part)
