"""Contacts: customers and suppliers are two cards (dossier section 5).

One that is both has a main card and one beside it, whose details follow the main card's.
"""

import re
from collections.abc import Collection

from contracts.entities import Contact, RecordStatus
from contracts.messages import ExternalId
from contracts.values import EntityType
from libs.connector.flat import names
from libs.connector.interface import Context, Record
from services.connectors.myob.mapping import addresses
from services.connectors.myob.mapping.refs import Role, usual_tax
from services.connectors.myob.mapping.wire import (
    PLACE,
    SIDES,
    Element,
    Raw,
    cut,
    moment,
    place_of,
    plain,
    shortened,
    sides,
    spelled,
    text,
    unmarked,
)

COMPANY_LENGTH, LAST_LENGTH, FIRST_LENGTH, CARD_LENGTH = 50, 30, 20, 15
ROLES: tuple[Role, Role] = ("Customer", "Supplier")
DETAILS = {"Customer": "SellingDetails", "Supplier": "BuyingDetails"}
NAMES = frozenset({"name", "first_name", "last_name"})
NO_CARD = "*None"
FULL = "Full name: "
ABN = re.compile(r"\d{11}")


def main_role(contact: Contact) -> Role:
    """One that is both is a customer first."""
    return "Customer" if contact.customer or not contact.supplier else "Supplier"


def roles_of(contact: Contact) -> set[Role]:
    """The cards that it is to have."""
    both: dict[Role, bool] = {"Customer": contact.customer, "Supplier": contact.supplier}
    return {role for role in ROLES if both[role]} or {"Customer"}


def card_number(contact: str, *, side: Role | None = None) -> str:
    """The card id, unique over all cards: the customer's number as people know it, else a digest
    and its end; the card beside it has its role's first letter behind."""
    return shortened(f"{contact}/{side[0]}" if side else contact, CARD_LENGTH)


def new_card(contact: Contact, role: Role, marker: str, context: Context) -> Element:
    """The whole card; `marker` is in the notes, where a bookkeeper's own may stand beside it."""
    side = None if role == main_role(contact) else role
    tax = usual_tax(context)
    card = card_to_myob(contact, role)
    card[DETAILS[role]] = {**card[DETAILS[role]], "TaxCode": tax, "FreightTaxCode": tax}
    return {
        **card,
        "DisplayID": card_number(contact.id, side=side),
        "Notes": _notes("", contact, marker),
    }


def card_to_myob(contact: Contact, role: Role) -> Element:
    """What of the contact a card says."""
    abn = _abn(contact.tax_number)
    return {
        **_names(contact),
        "IsActive": contact.status != RecordStatus.ARCHIVED,
        "Addresses": addresses.addresses_to_myob(contact),
        DETAILS[role]: {"ABN": abn} if abn else {},
    }


def changed_card(shown: Raw, contact: Contact, role: Role, changed: Collection[str]) -> Element:
    """The card as it is there with what has changed."""
    card, fields = plain(shown), {names(path)[0] for path in changed}
    if NAMES & fields:
        card |= {"FirstName": None, "LastName": None, "CompanyName": None} | _names(contact)
        said = str(card.get("Notes") or "")
        if FULL in said or len(" ".join(contact.name.split())) > COMPANY_LENGTH:
            card["Notes"] = _notes(said, contact, unmarked(said)[1])
    if "tax_number" in fields:
        details = {**(card.get(DETAILS[role]) or {}), "ABN": _abn(contact.tax_number)}
        card[DETAILS[role]] = details
    if fields & {"status", "customer", "supplier"}:
        archived = contact.status == RecordStatus.ARCHIVED
        card["IsActive"] = role in roles_of(contact) and not archived
    card["Addresses"] = addresses.changed_addresses(
        card.get("Addresses") or (), contact, changed, person=bool(card.get("IsIndividual"))
    )
    return card


def contact_from_myob(raw: Raw) -> Contact:
    """The card and the one beside it as an entity; what the main card says counts."""
    roles, first = live_roles(raw), addresses.first_of(raw)
    person = bool(raw.get("IsIndividual"))
    asked = addresses.person_from_myob(text(first, "ContactName").strip())
    both = (text(raw, "FirstName").strip(), text(raw, "LastName").strip()) if person else asked
    name = " ".join(both).strip() if person else text(raw, "CompanyName").strip()
    archived = not any(card.get("IsActive", True) for card in cards_of(raw).values())
    details = raw.get(DETAILS[raw[PLACE]]) or {}
    return Contact(
        id=str(raw.get("UID") or "new"),
        name=name[:255] or text(raw, "DisplayID") or "?",
        customer="Customer" in roles,
        supplier="Supplier" in roles,
        first_name=both[0],
        last_name=both[1],
        email=text(first, "Email"),
        phone=text(first, "Phone1"),
        tax_number=text(details, "ABN"),
        addresses=tuple(addresses.addresses_from_myob(raw.get("Addresses") or ())),
        status=RecordStatus.ARCHIVED if archived else RecordStatus.ACTIVE,
    )


def as_stored(contact: Contact) -> Contact:
    """What the cards will show."""
    roles, main = roles_of(contact), main_role(contact)
    beside = {spelled(role, "side"): card_to_myob(contact, role) for role in roles - {main}}
    return contact_from_myob({**card_to_myob(contact, main), PLACE: main, SIDES: beside})


def contact_record(raw: Raw) -> Record:
    """The record as the kernel keeps it."""
    number = str(raw.get("DisplayID") or "")
    return Record(
        EntityType.CONTACT,
        spelled(raw[PLACE], raw["UID"]),
        raw,
        version=str(raw.get("RowVersion") or ""),
        marker=unmarked(str(raw.get("Notes") or ""))[1],
        number="" if number == NO_CARD else number,
        updated_at=moment(raw.get("LastModified")),
        status="active" if raw.get("IsActive", True) else "archived",
        parts=tuple(ExternalId(type=EntityType.CONTACT, id=one) for one in sides(raw)),
    )


def cards_of(raw: Raw) -> dict[str, Raw]:
    """All cards of a contact by their role."""
    return {raw[PLACE]: raw, **{place_of(one): card for one, card in sides(raw).items()}}


def live_roles(raw: Raw) -> set[str]:
    """The roles of its active cards; of one put away altogether, of all."""
    cards = cards_of(raw)
    return {role for role, card in cards.items() if card.get("IsActive", True)} or set(cards)


def _names(contact: Contact) -> Element:
    """A person where first and last name make the name, else a company."""
    name = " ".join(contact.name.split())
    first, last = " ".join(contact.first_name.split()), " ".join(contact.last_name.split())
    fits = len(first) <= FIRST_LENGTH and len(last) <= LAST_LENGTH
    if first and last and name == f"{first} {last}" and fits:
        return {"IsIndividual": True, "FirstName": first, "LastName": last}
    return {"IsIndividual": False, "CompanyName": cut(name, COMPANY_LENGTH)}


def _notes(shown: str, contact: Contact, marker: str) -> str:
    """A name that is too long stands whole in the notes."""
    lines = [line for line in shown.splitlines() if not line.startswith(FULL)]
    kept = [line for line in (unmarked(line)[0] for line in lines) if line]
    name = " ".join(contact.name.split())
    full = [FULL + name] if len(name) > COMPANY_LENGTH else []
    room = 255 - len(marker) - 1
    return f"{cut(chr(10).join([*kept, *full]), room)}\n{marker}".strip()


def _abn(number: str) -> str:
    """An Australian business number as MYOB spells it; another number has no field."""
    digits = "".join(number.split())
    if not ABN.fullmatch(digits):
        return ""
    return f"{digits[:2]} {digits[2:5]} {digits[5:8]} {digits[8:]}"
