"""The buyer of a UBL document (BG-7) as a contact."""

from typing import TYPE_CHECKING

from contracts.entities import Address, Contact
from services.ops.importers.xml import Unreadable, child, children, text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PARTY = "cac:AccountingCustomerParty/cac:Party"
STREETS = ("cbc:StreetName", "cbc:AdditionalStreetName", "cac:AddressLine/cbc:Line")


def buyer(document: "Element") -> Contact:
    """The contact of BG-7; its id is BT-46, else the VAT, registration or electronic address.

    Raises Unreadable where the party has no name.
    """
    party = child(document, PARTY)
    if party is None:
        raise Unreadable(PARTY, "is missing")
    name = text(party, "cac:PartyLegalEntity/cbc:RegistrationName")
    name = name or text(party, "cac:PartyName/cbc:Name")
    if not name:
        raise Unreadable(f"{PARTY}/cac:PartyLegalEntity/cbc:RegistrationName", "is missing")
    first, _, last = text(party, "cac:Contact/cbc:Name").rpartition(" ")
    return Contact(
        id=_id(party) or name[:100],
        name=name,
        first_name=first,
        last_name=last,
        email=text(party, "cac:Contact/cbc:ElectronicMail"),
        phone=text(party, "cac:Contact/cbc:Telephone"),
        tax_number=_vat(party),
        company_number=text(party, "cac:PartyLegalEntity/cbc:CompanyID"),
        addresses=_addresses(party),
    )


def _id(party: "Element") -> str:
    return (
        text(party, "cac:PartyIdentification/cbc:ID")
        or _vat(party)
        or text(party, "cac:PartyLegalEntity/cbc:CompanyID")
        or text(party, "cbc:EndpointID")
    )


def _vat(party: "Element") -> str:
    schemes = children(party, "cac:PartyTaxScheme")
    found = (text(s, "cbc:CompanyID") for s in schemes if text(s, "cac:TaxScheme/cbc:ID") == "VAT")
    return next(found, "")


def _addresses(party: "Element") -> tuple[Address, ...]:
    address = child(party, "cac:PostalAddress")
    if address is None:
        return ()
    return (
        Address(
            kind="billing",
            lines="\n".join(filter(None, (text(address, street) for street in STREETS))),
            city=text(address, "cbc:CityName"),
            region=text(address, "cbc:CountrySubentity"),
            postal_code=text(address, "cbc:PostalZone"),
            country=text(address, "cac:Country/cbc:IdentificationCode") or None,
        ),
    )
