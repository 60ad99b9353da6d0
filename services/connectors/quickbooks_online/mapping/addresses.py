"""Postal addresses: five lines, a country by its alpha-3 code (dossier sections 5 and 11)."""

from typing import Literal

from contracts.entities import Address
from services.connectors.quickbooks_online.mapping.countries import alpha2, alpha3
from services.connectors.quickbooks_online.mapping.wire import Element, Raw, one_line, text

Kind = Literal["billing", "delivery"]
ADDRESSES: dict[str, dict[Kind, str]] = {
    "Customer": {"billing": "BillAddr", "delivery": "ShipAddr"},
    "Vendor": {"billing": "BillAddr"},
}
LINES = ("Line1", "Line2", "Line3", "Line4", "Line5")
LINE_LENGTH, POSTAL_LENGTH = 500, 30


def address_to(address: Address | None) -> Element:
    """All fields, empty ones too: an absent one might stay as it is."""
    said = address.lines.split("\n") if address else []
    lines = [one_line(line) for line in said if line.strip()]
    # There are five lines; what is more goes into the last.
    fitting = [*lines[:4], ", ".join(lines[4:]), "", "", "", ""][: len(LINES)]
    cut = [line[:LINE_LENGTH].strip() for line in fitting]
    return {
        **dict(zip(LINES, cut, strict=True)),
        "City": address.city.strip() if address else "",
        "CountrySubDivisionCode": address.region.strip() if address else "",
        "PostalCode": address.postal_code[:POSTAL_LENGTH].strip() if address else "",
        "Country": alpha3(address.country) if address else "",
    }


def address_from(raw: Raw | None, kind: Kind) -> Address | None:
    """The address, None where it says nothing."""
    shown = raw or {}
    found = Address(
        kind=kind,
        lines="\n".join(line for name in LINES if (line := text(shown, name, LINE_LENGTH))),
        city=text(shown, "City"),
        region=text(shown, "CountrySubDivisionCode"),
        postal_code=text(shown, "PostalCode"),
        country=alpha2(text(shown, "Country")),
    )
    return found if found != Address(kind=kind) else None


def filled(element: Element, known: Raw | None, *, keep_country: bool) -> Element:
    """Over the address that is there: what we have no word for stays, a foreign country too."""
    kept = dict(known or {})
    if keep_country and kept.get("Country") and not element["Country"]:
        element = {key: value for key, value in element.items() if key != "Country"}
    return {**kept, **element}
