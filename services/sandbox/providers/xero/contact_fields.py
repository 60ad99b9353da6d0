"""A contact's fields: lengths, addresses, phones, persons and payment terms."""

import re
from typing import Any

from services.sandbox.providers.xero.call import part, text, truth
from services.sandbox.providers.xero.errors import Invalid, Wire, malformed
from services.sandbox.providers.xero.table import Row

TEXTS = {
    "Name": 255,
    "FirstName": 255,
    "LastName": 255,
    "EmailAddress": 255,
    "ContactNumber": 50,
    "AccountNumber": 50,
    "CompanyNumber": 50,
    "TaxNumber": 50,
    "BankAccountDetails": 255,
    "AccountsReceivableTaxType": 50,
    "AccountsPayableTaxType": 50,
    "SalesDefaultLineAmountType": 50,
    "PurchasesDefaultLineAmountType": 50,
    "DefaultCurrency": 3,
    "XeroNetworkKey": 255,
    "SalesDefaultAccountCode": 10,
    "PurchasesDefaultAccountCode": 10,
    "TaxNumberType": 10,
}
ADDRESS = {
    **{f"AddressLine{n}": 500 for n in (1, 2, 3, 4)},
    "City": 255,
    "Region": 255,
    "PostalCode": 50,
    "Country": 50,
    "AttentionTo": 255,
}
PHONE = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}
ADDRESS_TYPES = ("POBOX", "STREET")
PHONE_TYPES = ("DEFAULT", "DDI", "FAX", "MOBILE")
OFFICE = "OFFICE"
TERMS = frozenset({"DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH"})
MOST_PERSONS = 5  # UNCONFIRMED
_EMAIL = re.compile(r"^[!-?A-~]+@[!-?A-~]+$")
_COUNTRY = re.compile(r"^[^\W\d_]([^\W\d_]|[ .,'()&-])*$")


def fields(wire: Wire) -> Row:
    """The fields that were sent, checked; raises Invalid with every complaint."""
    wrong: list[str] = []
    row = _texts(wire, TEXTS, wrong)
    if "Name" in wire and not (row.get("Name") or "").strip():
        wrong.append("The contact name must be specified")  # UNCONFIRMED text
    if row.get("EmailAddress") and not _EMAIL.match(row["EmailAddress"]):
        wrong.append("Email address must be valid")  # UNCONFIRMED text
    # Arrays that are sent replace the stored ones (UNCONFIRMED per array).
    if wire.get("Addresses") is not None:
        row["Addresses"] = [_address(one, wrong) for one in _array(wire, "Addresses")]
    if wire.get("Phones") is not None:
        row["Phones"] = [_phone(one, wrong) for one in _array(wire, "Phones")]
    if wire.get("ContactPersons") is not None:
        row["ContactPersons"] = _persons(_array(wire, "ContactPersons"), wrong)
    if wire.get("PaymentTerms") is not None:
        row["PaymentTerms"] = _terms(part(wire, "PaymentTerms"), wrong)
    if wrong:
        raise Invalid(*wrong)
    return row


def _texts(wire: Wire, lengths: dict[str, int], wrong: list[str]) -> Row:
    row: Row = {}
    for key, longest in lengths.items():
        if key in wire:
            value = text(wire, key)
            row[key] = value
            if value is not None and len(value) > longest:
                # The text is UNCONFIRMED, the lengths are not (dossier section 5).
                wrong.append(f"{key} must not be longer than {longest} characters")
    return row


def _array(wire: Wire, key: str) -> list[Wire]:
    value: Any = wire[key]
    if not isinstance(value, list):
        raise malformed(f"{key} must be an array")
    return [one for one in value if isinstance(one, dict)]


def _address(wire: Wire, wrong: list[str]) -> Wire:
    if (kind := text(wire, "AddressType")) not in ADDRESS_TYPES:
        wrong.append(f"'{kind}' is not a valid AddressType")
    found = _texts(wire, ADDRESS, wrong)
    if found.get("Country") and not _COUNTRY.match(found["Country"]):
        wrong.append("Country must contain letters only")
    return {"AddressType": kind, **_present(found)}


def _phone(wire: Wire, wrong: list[str]) -> Wire:
    if (kind := text(wire, "PhoneType")) not in {*PHONE_TYPES, OFFICE}:
        wrong.append(f"'{kind}' is not a valid PhoneType")
    return {"PhoneType": kind, **_present(_texts(wire, PHONE, wrong))}


def _persons(persons: list[Wire], wrong: list[str]) -> list[Wire]:
    if len(persons) > MOST_PERSONS:
        wrong.append(f"A contact may have at most {MOST_PERSONS} contact persons")
    lengths = {"FirstName": 255, "LastName": 255, "EmailAddress": 255}
    return [
        {
            **_present(_texts(person, lengths, wrong)),
            "IncludeInEmails": bool(truth(person, "IncludeInEmails")),
        }
        for person in persons
    ]


def _terms(wire: Wire, wrong: list[str]) -> Wire:
    out: Wire = {}
    for side in ("Bills", "Sales"):
        if term := part(wire, side):
            day = str(term.get("Day", ""))
            if term.get("Type") not in TERMS or not day.isdigit():
                wrong.append(f"The payment terms for {side} are not valid")
                continue
            out[side] = {"Day": int(day), "Type": term["Type"]}
    return out


def _present(found: Row) -> Wire:
    return {key: value for key, value in found.items() if value is not None}


def every_type(sent: list[Wire], key: str, types: tuple[str, ...]) -> list[Wire]:
    """One entry per type, empty ones too, as Xero shows addresses and phones."""
    by_type = {one[key]: one for one in sent}
    return [by_type.pop(kind, {key: kind}) for kind in types] + list(by_type.values())
