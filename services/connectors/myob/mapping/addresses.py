"""A card's addresses: 1 is for bills and holds email and phone, 2 for deliveries (section 5)."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from contracts.entities import Address, Contact
from services.connectors.myob.mapping.wire import Element, Raw, cut, present, text

LOCATIONS = MappingProxyType({"billing": 1, "delivery": 2})
COUNTRIES: Mapping[str, str] = MappingProxyType({"AU": "Australia", "NZ": "New Zealand"})
CODES = {name: code for code, name in COUNTRIES.items()}
PHONE_LENGTH, CODE_LENGTH, STREET_LENGTH, TEXT_LENGTH = 21, 10, 255, 255


def addresses_to_myob(contact: Contact) -> list[Element]:
    """All addresses of a new card."""
    return _without_empty([_first(contact), *_others(contact)])


def changed_addresses(
    shown: Sequence[Raw], contact: Contact, changed: Collection[str], *, person: bool
) -> list[Element]:
    """The card's addresses with what has changed of them; the rest is the bookkeeper's."""
    known = {int(one.get("Location") or 0): dict(one) for one in shown}
    ours: dict[str, Address] = {address.kind: address for address in contact.addresses}
    for kind, location in LOCATIONS.items():
        fields = {path.split(".")[2] for path in changed if path.startswith(f"addresses.{kind}.")}
        if fields:
            said = _address(ours.get(kind) or Address(kind="billing"))
            if "country" not in fields:
                # One that we cannot read, say "England", is the bookkeeper's.
                said.pop("Country")
            known.setdefault(location, {"Location": location}).update(said)
    if reached := _reached(contact, changed, person=person):
        known.setdefault(1, {"Location": 1}).update(reached)
    return [known[location] for location in sorted(known)]


def addresses_from_myob(shown: Sequence[Raw]) -> list[Address]:
    """Those of the two that say anything."""
    found = []
    for one in shown:
        kind = next((k for k, at in LOCATIONS.items() if at == one.get("Location")), None)
        address = _address_from(one, delivery=kind == "delivery")
        if kind and address != Address(kind=address.kind):
            found.append(address)
    return found


def first_of(raw: Raw) -> Raw:
    """The address that holds email and phone."""
    shown = raw.get("Addresses") or ()
    return next((one for one in shown if one.get("Location") == 1), {})


def phone_to_myob(phone: str) -> str:
    """At most 21 characters: blanks go first."""
    held = " ".join(phone.split())
    held = held if len(held) <= PHONE_LENGTH else held.replace(" ", "")
    return cut(held, PHONE_LENGTH)


def person_to_myob(contact: Contact) -> str:
    """The person to ask for at a company."""
    return " ".join(f"{contact.first_name} {contact.last_name}".split())[:TEXT_LENGTH].strip()


def person_from_myob(said: str) -> tuple[str, str]:
    """(first name, last name): the last word is the last name."""
    first, _, last = said.rpartition(" ")
    return (first, last) if first else (last, "")


def _first(contact: Contact) -> Element:
    billing = next((one for one in contact.addresses if one.kind == "billing"), None)
    return {
        "Location": 1,
        **_address(billing or Address(kind="billing")),
        "Email": contact.email,
        "Phone1": phone_to_myob(contact.phone),
        "ContactName": person_to_myob(contact),
    }


def _others(contact: Contact) -> list[Element]:
    delivery = [one for one in contact.addresses if one.kind == "delivery"]
    return [{"Location": 2, **_address(one)} for one in delivery]


def _reached(contact: Contact, changed: Collection[str], *, person: bool) -> Element:
    found: Element = {}
    if "email" in changed:
        found["Email"] = contact.email
    if "phone" in changed:
        found["Phone1"] = phone_to_myob(contact.phone)
    if {"first_name", "last_name"} & set(changed) and not person:
        found["ContactName"] = person_to_myob(contact)
    return found


def _address(address: Address) -> Element:
    lines = [line.strip() for line in address.lines.split("\n") if line.strip()]
    country = address.country or ""
    return {
        "Street": cut("\n".join(lines), STREET_LENGTH),
        "City": address.city,
        "State": address.region,
        "PostCode": cut(address.postal_code, CODE_LENGTH),
        "Country": COUNTRIES.get(country, country),
    }


def _without_empty(found: list[Element]) -> list[Element]:
    return [present({name: value or None for name, value in one.items()}) for one in found]


def _address_from(raw: Raw, *, delivery: bool) -> Address:
    lines = [line.strip() for line in text(raw, "Street", 4000).split("\n")]
    said = text(raw, "Country").strip()
    country = CODES.get(said, said)
    return Address(
        kind="delivery" if delivery else "billing",
        lines="\n".join(line for line in lines if line),
        city=text(raw, "City"),
        region=text(raw, "State"),
        postal_code=text(raw, "PostCode"),
        country=country if len(country) == 2 and country.isascii() and country.isupper() else None,
    )
