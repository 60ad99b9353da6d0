"""Section 5 of the dossier, the fields of a contact: lengths, kinds, terms."""

import pytest

from tests.services.sandbox.xero.client import XeroClient, errors, unique

LENGTHS = {
    "Name": 255,
    "FirstName": 255,
    "LastName": 255,
    "EmailAddress": 255,
    "TaxNumber": 50,
    "CompanyNumber": 50,
    "ContactNumber": 50,
    "AccountNumber": 50,
}


@pytest.mark.parametrize(("field", "length"), LENGTHS.items())
def test_lengths(xero: XeroClient, field: str, length: int) -> None:
    """Lengths: First/LastName 255, EmailAddress 255, TaxNumber 50, CompanyNumber 50, …"""
    tail = "@example.org" if field == "EmailAddress" else ""
    whole, longer = ("a" * (n - len(tail)) + tail for n in (length, length + 1))
    assert xero.create("Contacts", {"Name": unique("Rata")} | {field: whole})[field] == whole
    sent = {"Name": unique("Rata")} | {field: longer}
    xero.refuse("PUT", "/Contacts", {"Contacts": [sent]}, "")


ADDRESS = {"AddressLine1": 500, "City": 255, "Region": 255, "PostalCode": 50, "Country": 50}


@pytest.mark.parametrize(("field", "length"), ADDRESS.items())
def test_address_lengths(xero: XeroClient, field: str, length: int) -> None:
    """Address lines 500, City/Region 255, PostalCode 50, Country 50 (letters), AttentionTo 255."""
    for size, good in ((length, True), (length + 1, False)):
        address = {"AddressType": "POBOX", field: "a" * size}
        [element] = xero.bulk("Contacts", [{"Name": unique("Rata"), "Addresses": [address]}])
        assert (errors(element) == []) is good


PHONE = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}


@pytest.mark.parametrize(("field", "length"), PHONE.items())
def test_phone_lengths(xero: XeroClient, field: str, length: int) -> None:
    """PhoneNumber 50, PhoneAreaCode 10, PhoneCountryCode 20."""
    for size, good in ((length, True), (length + 1, False)):
        phone = {"PhoneType": "DEFAULT", field: "1" * size}
        [element] = xero.bulk("Contacts", [{"Name": unique("Rata"), "Phones": [phone]}])
        assert (errors(element) == []) is good


def test_country_holds_letters(xero: XeroClient) -> None:
    """Country 50 (letters)."""
    address = {"AddressType": "POBOX", "Country": "NZ 64"}
    body = {"Contacts": [{"Name": unique("Rata"), "Addresses": [address]}]}
    xero.refuse("PUT", "/Contacts", body, "")


def test_email_has_no_umlauts(xero: XeroClient) -> None:
    """EmailAddress 255 (no umlauts)."""
    body = {"Contacts": [{"Name": unique("Rata"), "EmailAddress": "käfer@example.org"}]}
    xero.refuse("PUT", "/Contacts", body, "")


def test_address_and_phone_types(xero: XeroClient) -> None:
    """AddressType `POBOX` (billing) / `STREET` (physical); PhoneType `DEFAULT|DDI|MOBILE|FAX`."""
    sent = {"AddressType": "POBOX", "AddressLine1": "1 Main St", "City": "Napier"}
    phone = {"PhoneType": "MOBILE", "PhoneNumber": "555 1212"}
    made = xero.contact(Addresses=[sent], Phones=[phone])
    after = xero.read("Contacts", made["ContactID"])
    kinds = {a["AddressType"]: a for a in after["Addresses"]}
    assert set(kinds) == {"POBOX", "STREET"}
    assert sent.items() <= kinds["POBOX"].items()
    phones = {p["PhoneType"]: p for p in after["Phones"]}
    assert set(phones) >= {"DEFAULT", "DDI", "FAX", "MOBILE"}
    assert phones["MOBILE"]["PhoneNumber"] == "555 1212"
    for wrong in ({"Addresses": [{"AddressType": "HOME"}]}, {"Phones": [{"PhoneType": "HOME"}]}):
        xero.refuse("PUT", "/Contacts", {"Contacts": [{"Name": unique("Rata")} | wrong]}, "")


def test_contact_persons(xero: XeroClient) -> None:
    """`ContactPersons[]` (max 5 **UNCONFIRMED**)."""
    people = [{"FirstName": f"P{n}", "EmailAddress": f"p{n}@example.org"} for n in range(5)]
    made = xero.contact(ContactPersons=people)
    after = xero.read("Contacts", made["ContactID"])
    assert [p["FirstName"] for p in after["ContactPersons"]] == ["P0", "P1", "P2", "P3", "P4"]


def test_payment_terms(xero: XeroClient) -> None:
    """`PaymentTerms`: `{"Bills":{"Day":15,"Type":"OFCURRENTMONTH"},"Sales":{…}}`."""
    terms = {
        "Bills": {"Day": 15, "Type": "OFCURRENTMONTH"},
        "Sales": {"Day": 10, "Type": "DAYSAFTERBILLDATE"},
    }
    made = xero.contact(PaymentTerms=terms)
    assert xero.read("Contacts", made["ContactID"])["PaymentTerms"] == terms
    terms["Sales"]["Type"] = "WHENEVER"
    body = {"Contacts": [{"Name": unique("Rata"), "PaymentTerms": terms}]}
    xero.refuse("PUT", "/Contacts", body, "")
