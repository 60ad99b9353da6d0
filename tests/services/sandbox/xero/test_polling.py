"""Section 9 of the dossier, polling: `If-Modified-Since` and what a sweep sees."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient, unique
from tests.services.sandbox.xero.oauth import sign_in

KEYS = {
    "Invoices": "InvoiceID",
    "Contacts": "ContactID",
    "Payments": "PaymentID",
    "BatchPayments": "BatchPaymentID",
    "CreditNotes": "CreditNoteID",
    "Overpayments": "OverpaymentID",
    "Prepayments": "PrepaymentID",
    "PurchaseOrders": "PurchaseOrderID",
    "BankTransactions": "BankTransactionID",
    "Items": "ItemID",
}


def later(xero: XeroClient, hours: int = 2) -> datetime:
    """Let hours pass; a moment in the middle of them."""
    moment = datetime.now(UTC) + timedelta(hours=hours / 2)
    xero.sandbox.advance(hours * 3600)
    xero.token = sign_in(xero.sandbox)
    return moment


def since(xero: XeroClient, resource: str, moment: datetime, **params: Any) -> list[Json]:
    headers = {"If-Modified-Since": moment.strftime("%Y-%m-%dT%H:%M:%S")}
    found: list[Json] = xero.call("GET", f"/{resource}", params=params, headers=headers)[resource]
    return found


def make(xero: XeroClient, resource: str) -> str:
    """One new record of a resource; its id."""
    child = {"Invoice": {"InvoiceID": xero.untaxed(50)["InvoiceID"]}, "Amount": 1}
    bill = xero.bill()
    received = {"Contact": bill["Contact"], "BankAccount": xero.bank, "LineAmountTypes": "NoTax"}
    over = {"Description": "Excess", "Quantity": 1, "UnitAmount": 5}
    debtors = xero.account(SystemAccount="DEBTORS")["Code"]
    bodies: dict[str, Json] = {
        "Invoices": xero.sale(),
        "Contacts": {"Name": unique("Rata Cafe")},
        "Payments": child | {"Account": xero.bank},
        "BatchPayments": {"Account": xero.bank, "Date": "2026-09-01", "Payments": [child]},
        "CreditNotes": xero.credit(),
        "PurchaseOrders": {key: bill[key] for key in ("Contact", "LineItems")},
        "Items": {"Code": unique("SKU")[:30]},
        "BankTransactions": received
        | {"Type": "SPEND", "LineItems": [xero.plain(1, AccountCode=xero.expense)]},
        "Overpayments": received
        | {"Type": "RECEIVE-OVERPAYMENT", "LineItems": [over | {"AccountCode": debtors}]},
        "Prepayments": received
        | {"Type": "RECEIVE-PREPAYMENT", "LineItems": [over | {"AccountCode": xero.income}]},
    }
    banked = resource in ("Overpayments", "Prepayments")
    target = "BankTransactions" if banked else resource
    made: str = xero.create(target, bodies[resource])[KEYS[resource]]
    return made


@pytest.mark.parametrize("resource", KEYS)
def test_if_modified_since(xero: XeroClient, resource: str) -> None:
    """header `If-Modified-Since` (UTC, seconds) on Invoices, Contacts, Payments, …"""
    old = make(xero, resource)
    moment = later(xero)
    new = make(xero, resource)
    found = {r[KEYS[resource]] for r in since(xero, resource, moment, page=1)}
    assert new in found
    assert old not in found


@pytest.mark.parametrize("resource", ["Accounts", "Users"])
def test_if_modified_since_on_settings(xero: XeroClient, resource: str) -> None:
    """…, Items, Accounts, Users."""
    moment = later(xero)
    assert since(xero, resource, moment) == []


def test_an_edit_shows(xero: XeroClient) -> None:
    """Polling: a record changed since comes back."""
    made = xero.invoice()["InvoiceID"]
    moment = later(xero)
    xero.update("Invoices", made, {"Reference": "new"})
    assert [i["InvoiceID"] for i in since(xero, "Invoices", moment, page=1)] == [made]


def test_a_payment_shows_as_a_changed_invoice(xero: XeroClient) -> None:
    """Paying raises an INVOICE UPDATE: `UpdatedDateUTC` of the invoice moves (section 6)."""
    made = xero.untaxed(10)
    moment = later(xero)
    xero.pay(made, 4)
    found = since(xero, "Invoices", moment, page=1)
    assert [i["InvoiceID"] for i in found] == [made["InvoiceID"]]


def test_combined_with_page_and_order(xero: XeroClient) -> None:
    """Combine with `page` and `order=UpdatedDateUTC ASC`."""
    moment = later(xero)
    made = []
    for _ in range(3):
        made.append(xero.contact()["ContactID"])
        xero.sandbox.advance(1)
    params = {"pageSize": 2, "order": "UpdatedDateUTC ASC"}
    pages = [since(xero, "Contacts", moment, page=page, **params) for page in (1, 2)]
    assert [[c["ContactID"] for c in page] for page in pages] == [made[:2], made[2:]]


def test_where_updated_as_the_second_form(xero: XeroClient) -> None:
    """`where=UpdatedDateUTC>=DateTime(2026,09,10,03,00,00)` as the second form."""
    xero.invoice()
    moment = later(xero)
    new = xero.invoice()["InvoiceID"]
    stamp = moment.strftime("%Y,%m,%d,%H,%M,%S")
    found = xero.records("Invoices", where=f"UpdatedDateUTC>=DateTime({stamp})", page=1)
    assert [i["InvoiceID"] for i in found] == [new]


def test_voided_and_deleted_documents_come_back(xero: XeroClient) -> None:
    """Voided/deleted documents come back with their final status."""
    void, draft = xero.invoice()["InvoiceID"], xero.invoice(Status="DRAFT")["InvoiceID"]
    moment = later(xero)
    xero.update("Invoices", void, {"Status": "VOIDED"})
    xero.update("Invoices", draft, {"Status": "DELETED"})
    found = {i["InvoiceID"]: i["Status"] for i in since(xero, "Invoices", moment, page=1)}
    assert found == {void: "VOIDED", draft: "DELETED"}


def test_archived_contacts_only_when_asked(xero: XeroClient) -> None:
    """archived contacts only with `includeArchived=true`."""
    key = xero.contact()["ContactID"]
    moment = later(xero)
    xero.update("Contacts", key, {"ContactStatus": "ARCHIVED"})
    assert since(xero, "Contacts", moment, page=1) == []
    [found] = since(xero, "Contacts", moment, page=1, includeArchived="true")
    assert found["ContactStatus"] == "ARCHIVED"


def test_deleted_items_vanish(xero: XeroClient) -> None:
    """deleted items simply vanish -> full compare."""
    key = xero.create("Items", {"Code": unique("SKU")[:30]})["ItemID"]
    moment = later(xero)
    xero.send("DELETE", f"/Items/{key}")
    assert since(xero, "Items", moment) == []


def test_journals_need_the_advanced_tier(xero: XeroClient) -> None:
    """`GET /Journals?offset=` is a total feed but needs the Advanced tier."""
    answer = xero.send("GET", "/Journals", params={"offset": 0})
    assert answer.status_code in (401, 403, 404, 501)
