"""The control API: companies, the page of the books, the bookkeeper's hands."""

from typing import Any

import pytest

from tests.services.sandbox.server import Json, Sandbox
from tests.services.sandbox.xero.client import XeroClient, unique


def do(xero: XeroClient, what: str, resource: str = "Invoices", **fields: Any) -> Json:
    return xero.sandbox.bookkeeper(xero.tenant, what, resource=resource, **fields)


def test_two_companies_from_the_start(sandbox: Sandbox) -> None:
    """Seeded from the start: two companies."""
    companies = sandbox.control("GET", "/companies")
    assert len(companies) >= 2
    assert all(set(company) == {"id", "name", "currency"} for company in companies)


def test_a_new_company(sandbox: Sandbox) -> None:
    """`POST …/companies` `{"name","currency"?,"country"?}`: 201, one seeded company."""
    answer = sandbox.http.post("/companies", json={"name": "Rimu Ltd", "currency": "GBP"})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["currency"]) == ("Rimu Ltd", "GBP")
    assert made["id"] in {c["id"] for c in sandbox.control("GET", "/companies")}


def test_an_unknown_company_is_404(sandbox: Sandbox) -> None:
    """Errors: 4xx `{"error": "<sentence>"}`."""
    answer = sandbox.http.get("/companies/nobody/trial-balance")
    assert answer.status_code == 404
    assert answer.json()["error"]


def test_the_page_for_people(xero: XeroClient) -> None:
    """read-only HTML page of the books (documents, payments, journal, trial balance)."""
    contact = {"Name": unique("<b>Rata & Co</b>")}
    made = xero.untaxed(100, Contact=contact)
    xero.pay(made, 40)
    answer = xero.sandbox.http.get(f"/companies/{xero.tenant}", headers={"Accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")
    assert made["InvoiceNumber"] in answer.text
    assert "<b>Rata" not in answer.text
    assert "<form" not in answer.text.lower()


def test_documents(xero: XeroClient) -> None:
    """every record, as the API shows it, by resource (deleted/voided ones included)."""
    made = xero.invoice()
    xero.update("Invoices", made["InvoiceID"], {"Status": "VOIDED"})
    documents = xero.sandbox.documents(xero.tenant)
    assert set(documents) >= {"Invoices", "CreditNotes", "Contacts", "Items", "Payments"}
    [shown] = documents["Invoices"]
    assert shown["Status"] == "VOIDED"
    read = xero.send("GET", f"/Invoices/{made['InvoiceID']}").json()["Invoices"][0]
    assert shown == read


def test_documents_of_one_resource_a_page_at_a_time(xero: XeroClient) -> None:
    """`resource`, `skip` and `take`: what is large is shown in parts."""
    made = [xero.invoice()["InvoiceID"] for _ in range(3)]
    path, seen = f"/companies/{xero.tenant}/documents", []
    for skip in range(0, 4, 2):
        asked = {"resource": "Invoices", "skip": skip, "take": 2}
        shown = xero.sandbox.control("GET", path, params=asked)
        assert not any(shown[name] for name in shown if name != "Invoices")
        seen.append([one["InvoiceID"] for one in shown["Invoices"]])
    assert seen == [made[:2], made[2:]]


def test_bookkeeper_adds_and_edits(xero: XeroClient) -> None:
    """`add` (resource, `record`), `edit` (id, `changes`): the record as the API shows it."""
    contact = do(xero, "add", "Contacts", record={"Name": unique("Rimu Bar")})
    changed = do(xero, "edit", "Contacts", id=contact["ContactID"], changes={"FirstName": "Rimu"})
    assert changed["FirstName"] == "Rimu"
    assert xero.read("Contacts", contact["ContactID"])["FirstName"] == "Rimu"


def test_bookkeeper_pays_and_unpays(xero: XeroClient) -> None:
    """`pay` (id of invoice, `amount`, `date`?, `account`?), `unpay` (payment id)."""
    made = xero.untaxed(100)
    do(xero, "pay", id=made["InvoiceID"], amount="30", date="2026-09-05")
    after = xero.read("Invoices", made["InvoiceID"])
    assert after["AmountDue"] == 70
    do(xero, "unpay", "Payments", id=after["Payments"][0]["PaymentID"])
    assert xero.read("Invoices", made["InvoiceID"])["AmountDue"] == 100


def test_bookkeeper_voids_and_deletes(xero: XeroClient) -> None:
    """`void`, `delete`."""
    approved, draft = xero.invoice(), xero.invoice(Status="DRAFT")
    assert do(xero, "void", id=approved["InvoiceID"])["Status"] == "VOIDED"
    assert do(xero, "delete", id=draft["InvoiceID"])["Status"] == "DELETED"


def test_bookkeeper_archives_and_brings_back(xero: XeroClient) -> None:
    """`archive`, `unarchive`."""
    key = xero.contact()["ContactID"]
    assert do(xero, "archive", "Contacts", id=key)["ContactStatus"] == "ARCHIVED"
    assert do(xero, "unarchive", "Contacts", id=key)["ContactStatus"] == "ACTIVE"


def test_bookkeeper_merges(xero: XeroClient) -> None:
    """`merge` (id into `into`): the documents go with the contact."""
    kept = xero.contact()
    made = xero.invoice()
    lost = made["Contact"]["ContactID"]
    do(xero, "merge", "Contacts", id=lost, into=kept["ContactID"])
    assert xero.read("Contacts", lost)["MergedToContactID"] == kept["ContactID"]
    after = xero.read("Invoices", made["InvoiceID"])
    assert after["Contact"]["ContactID"] == kept["ContactID"]


def test_bookkeeper_copies(xero: XeroClient) -> None:
    """`copy` (id): a second document of the same lines, number and id its own."""
    made = xero.invoice()
    copy = do(xero, "copy", id=made["InvoiceID"])
    assert copy["InvoiceID"] != made["InvoiceID"]
    assert copy["InvoiceNumber"] != made["InvoiceNumber"]
    assert copy["SubTotal"] == 100


def test_bookkeeper_renames_an_account(xero: XeroClient) -> None:
    """`rename_account`."""
    account = xero.account(Class="REVENUE")
    changes = {"Name": "Print sales"}
    do(xero, "rename_account", "Accounts", id=account["AccountID"], changes=changes)
    [after] = [a for a in xero.records("Accounts") if a["AccountID"] == account["AccountID"]]
    assert after["Name"] == "Print sales"


@pytest.mark.parametrize("status", ["PAID"])
def test_the_same_rules_hold_for_the_bookkeeper(xero: XeroClient, status: str) -> None:
    """acts as a person in the vendor's UI (same rules)."""
    made = xero.untaxed(100)
    body = {"do": "pay", "resource": "Invoices", "id": made["InvoiceID"], "amount": "100.01"}
    path = f"/companies/{xero.tenant}/bookkeeper"
    answer = xero.sandbox.http.post(path, json=body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]
    assert xero.read("Invoices", made["InvoiceID"])["Status"] != status


def test_no_limit_for_the_bookkeeper(strict: Sandbox) -> None:
    """(same rules, webhooks raised, no API limits)."""
    company = strict.company()["id"]
    for n in range(70):
        strict.bookkeeper(company, "add", resource="Contacts", record={"Name": f"Contact {n}"})
    assert len(strict.documents(company)["Contacts"]) >= 70


def test_a_person_chooses_companies_on_the_consent_page(sandbox: Sandbox) -> None:
    """The authorize page is a real consent page with a company picker."""
    company = sandbox.company()
    query = {
        "response_type": "code",
        "client_id": "sandbox",
        "redirect_uri": "http://127.0.0.1:9/callback",
        "scope": "openid offline_access accounting.settings",
        "state": "s",
    }
    page = sandbox.raw.get(f"{sandbox.root}/identity/connect/authorize", params=query)
    assert page.status_code == 200
    assert company["name"] in page.text
    assert "<form" in page.text.lower()
