"""Section 6 of the dossier, payments of invoices, batches, refusals, removal."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient, errors
from tests.services.sandbox.xero.oauth import sign_in

OUTSTANDING = "Payment amount exceeds the amount outstanding on this document"
AUTHORISED = "Payments can only be made against authorised documents"


def test_put_is_bulk(xero: XeroClient) -> None:
    """**Create:** `PUT /Payments` (bulk)."""
    first, second = xero.untaxed(10), xero.untaxed(20)
    bodies = [xero.payment(first, 10, Reference="ch_77"), xero.payment(second, 5)]
    made = xero.bulk("Payments", bodies)
    assert [p["Amount"] for p in made] == [10, 5]
    assert len({p["PaymentID"] for p in made}) == 2


def test_post_makes_one(xero: XeroClient) -> None:
    """or `POST /Payments` (one)."""
    invoice = xero.untaxed(10)
    body = xero.payment(invoice, 4)
    [made] = xero.call("POST", "/Payments", json=body)["Payments"]
    assert made["Amount"] == 4
    assert xero.read("Invoices", invoice["InvoiceID"])["AmountDue"] == 6


def test_answer(xero: XeroClient) -> None:
    """Answer: `PaymentID`, `PaymentType` `ACCRECPAYMENT`, `Status` `AUTHORISED`, nested Invoice."""
    invoice = xero.untaxed(10)
    made = xero.pay(invoice, 4, Reference="ch_77")
    assert (made["PaymentType"], made["Status"]) == ("ACCRECPAYMENT", "AUTHORISED")
    assert made["Invoice"]["InvoiceID"] == invoice["InvoiceID"]
    assert (made["Invoice"]["AmountDue"], made["Invoice"]["AmountPaid"]) == (6, 4)
    assert made["Date"] == "/Date(1788998400000+0000)/"
    read = xero.read("Payments", made["PaymentID"])
    assert (read["Reference"], read["Amount"]) == ("ch_77", 4)
    assert read["Account"]["AccountID"] == xero.bank["AccountID"]


def test_account_by_code(xero: XeroClient) -> None:
    """`"Account":{"Code":"090"}`."""
    coded = [
        a
        for a in xero.accounts
        if a.get("Code") and (a["Type"] == "BANK" or a["EnablePaymentsToAccount"])
    ]
    assert coded, "no account with a code takes payments"
    made = xero.pay(xero.untaxed(10), 4, Account={"Code": coded[0]["Code"]})
    assert made["Account"]["AccountID"] == coded[0]["AccountID"]


def test_invoice_by_number(xero: XeroClient) -> None:
    """One subject: `Invoice` (OpenAPI file: by `InvoiceID` or `InvoiceNumber`)."""
    invoice = xero.untaxed(10)
    xero.pay(invoice, 4, Invoice={"InvoiceNumber": invoice["InvoiceNumber"]})
    assert xero.read("Invoices", invoice["InvoiceID"])["AmountDue"] == 6


def test_exactly_one_subject(xero: XeroClient) -> None:
    """Each payment has exactly one subject: `Invoice` | `CreditNote` | …"""
    body = xero.payment(xero.untaxed(10), 4)
    note = xero.create("CreditNotes", xero.credit())
    both = body | {"CreditNote": {"CreditNoteID": note["CreditNoteID"]}}
    xero.refuse("PUT", "/Payments", {"Payments": [both]}, "")
    del body["Invoice"]
    xero.refuse("PUT", "/Payments", {"Payments": [body]}, "")


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED"])
def test_only_authorised_documents(xero: XeroClient, status: str) -> None:
    """Must be AUTHORISED ("Payments can only be made against authorised documents")."""
    body = xero.payment(xero.untaxed(10, Status=status), 4)
    xero.refuse("PUT", "/Payments", {"Payments": [body]}, AUTHORISED)


def test_not_a_voided_document(xero: XeroClient) -> None:
    """Must be AUTHORISED."""
    invoice = xero.untaxed(10)
    xero.update("Invoices", invoice["InvoiceID"], {"Status": "VOIDED"})
    body = xero.payment(invoice, 4)
    xero.refuse("PUT", "/Payments", {"Payments": [body]}, AUTHORISED)


def test_not_more_than_due(xero: XeroClient) -> None:
    """`Amount` <= AmountDue ("Payment amount exceeds the amount outstanding on this document")."""
    invoice = xero.untaxed(10)
    body = xero.payment(invoice, 10.01)
    xero.refuse("PUT", "/Payments", {"Payments": [body]}, OUTSTANDING)
    assert xero.read("Invoices", invoice["InvoiceID"])["AmountDue"] == 10


@pytest.mark.parametrize("amount", [0, -5])
def test_amounts_are_positive(xero: XeroClient, amount: int) -> None:
    """A refund is a Payment whose subject is `CreditNote`, not a negative amount."""
    body = xero.payment(xero.untaxed(10), amount)
    xero.refuse("PUT", "/Payments", {"Payments": [body]}, "")


def test_several_payments_on_one_invoice(xero: XeroClient) -> None:
    """**Several payments on one invoice:** repeat; read the invoice (`Payments[]`, `AmountDue`)."""
    invoice = xero.untaxed(100)
    ids = {xero.pay(invoice, amount)["PaymentID"] for amount in (10, 20, 30)}
    after = xero.read("Invoices", invoice["InvoiceID"])
    assert (after["AmountDue"], after["AmountPaid"]) == (40, 60)
    assert {p["PaymentID"] for p in after["Payments"]} == ids
    assert sum(p["Amount"] for p in after["Payments"]) == 60


def test_two_equal_payments_are_two(xero: XeroClient) -> None:
    """Natural keys: payments have **none** (section 8)."""
    invoice = xero.untaxed(100)
    first, second = (xero.pay(invoice, 10, Reference="same")["PaymentID"] for _ in range(2))
    assert first != second


def test_bill_payment(xero: XeroClient) -> None:
    """payments of bills = the same /Payments (section 7)."""
    bill = xero.create("Invoices", xero.bill())
    made = xero.pay(bill, 4)
    assert made["PaymentType"] == "ACCPAYPAYMENT"


def test_delete(xero: XeroClient) -> None:
    """**Delete:** `POST /Payments/{PaymentID}` `{"Status":"DELETED"}`."""
    invoice = xero.untaxed(100)
    key = xero.pay(invoice, 40)["PaymentID"]
    assert xero.update("Payments", key, {"Status": "DELETED"})["Status"] == "DELETED"
    assert xero.read("Payments", key)["Status"] == "DELETED"
    after = xero.read("Invoices", invoice["InvoiceID"])
    assert (after["AmountDue"], after["AmountPaid"]) == (100, 0)
    assert key not in {p["PaymentID"] for p in after.get("Payments", [])}


@pytest.mark.parametrize("change", [{"Amount": 5}, {"Reference": "x"}, {"Date": "2026-10-01"}])
def test_nothing_else_is_editable(xero: XeroClient, change: Json) -> None:
    """The only allowed change; nothing else is editable."""
    made = xero.pay(xero.untaxed(100), 40, Reference="ch_77")
    answer = xero.send("POST", f"/Payments/{made['PaymentID']}", json=change)
    assert answer.status_code == 400
    after = xero.read("Payments", made["PaymentID"])
    assert (after["Amount"], after["Reference"], after["Date"]) == (40, "ch_77", made["Date"])


def test_deleted_twice(xero: XeroClient) -> None:
    """`Status AUTHORISED|DELETED`: a deleted payment changes no more."""
    invoice = xero.untaxed(100)
    key = xero.pay(invoice, 40)["PaymentID"]
    xero.update("Payments", key, {"Status": "DELETED"})
    xero.send("POST", f"/Payments/{key}", json={"Status": "DELETED"})
    assert xero.read("Invoices", invoice["InvoiceID"])["AmountDue"] == 100


def test_poll_by_modified_since(xero: XeroClient) -> None:
    """Poll `GET /Payments?page=1` with `If-Modified-Since`; a deletion shows as `DELETED`."""
    invoice = xero.untaxed(100)
    old, gone = xero.pay(invoice, 10), xero.pay(invoice, 20)
    xero.sandbox.advance(3600)
    since = datetime.now(UTC).timestamp() + 1800
    xero.token = sign_in(xero.sandbox)
    xero.update("Payments", gone["PaymentID"], {"Status": "DELETED"})
    stamp = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    headers = {"If-Modified-Since": stamp}
    found = xero.call("GET", "/Payments", params={"page": 1}, headers=headers)["Payments"]
    assert [(p["PaymentID"], p["Status"]) for p in found] == [(gone["PaymentID"], "DELETED")]
    assert old["PaymentID"] in {p["PaymentID"] for p in xero.records("Payments", page=1)}


def test_a_bookkeepers_payment_is_an_ordinary_one(xero: XeroClient) -> None:
    """Bank-reconciled money shows as ordinary payments."""
    invoice = xero.untaxed(100)
    fields = {"resource": "Invoices", "id": invoice["InvoiceID"], "amount": "25"}
    xero.sandbox.bookkeeper(xero.tenant, "pay", **fields)
    [payment] = xero.read("Invoices", invoice["InvoiceID"])["Payments"]
    read = xero.read("Payments", payment["PaymentID"])
    assert (read["Amount"], read["PaymentType"]) == (25, "ACCRECPAYMENT")


def batch(xero: XeroClient, *amounts: Any) -> tuple[Json, list[Json]]:
    invoices = [xero.untaxed(100) for _ in amounts]
    children = [
        {"Invoice": {"InvoiceID": i["InvoiceID"]}, "Amount": amount}
        for i, amount in zip(invoices, amounts, strict=True)
    ]
    body = {"Account": xero.bank, "Date": "2026-09-10", "Reference": "dep 5", "Payments": children}
    return xero.create("BatchPayments", body), invoices


def test_batch(xero: XeroClient) -> None:
    """`PUT /BatchPayments` -> `BatchPaymentID`, `Type RECBATCH|PAYBATCH`, `TotalAmount`."""
    made, invoices = batch(xero, 10, 20)
    assert (made["Type"], made["TotalAmount"]) == ("RECBATCH", 30)
    due = [xero.read("Invoices", i["InvoiceID"])["AmountDue"] for i in invoices]
    assert due == [90, 80]


def test_batch_children_are_payments(xero: XeroClient) -> None:
    """Children also appear in /Payments with `BatchPaymentID`."""
    made, _ = batch(xero, 10, 20)
    key = made["BatchPaymentID"]
    children = [p for p in xero.records("Payments", page=1) if p.get("BatchPaymentID") == key]
    assert sorted(p["Amount"] for p in children) == [10, 20]
    assert {p["PaymentID"] for p in children} == {p["PaymentID"] for p in made["Payments"]}


def test_batch_answer_shape(xero: XeroClient) -> None:
    """No `Payments[].Account`, only `InvoiceID`/`CurrencyCode` inside each child Invoice."""
    made, _ = batch(xero, 10, 20)
    empty = {"Payments", "CreditNotes", "Prepayments", "Overpayments", "HasErrors"}
    for child in made["Payments"]:
        assert "Account" not in child
        shown = set(child["Invoice"]) - empty - {"IsDiscounted", "LineItems"}
        assert shown == {"InvoiceID", "CurrencyCode"}


@pytest.mark.parametrize("by_path", [True, False])
def test_batch_delete(xero: XeroClient, by_path: bool) -> None:
    """Batch: `POST /BatchPayments` with the id, or `POST /BatchPayments/{id}` `{"Status":…}`."""
    made, invoices = batch(xero, 10, 20)
    key = made["BatchPaymentID"]
    if by_path:
        xero.update("BatchPayments", key, {"Status": "DELETED"})
    else:
        body = {"BatchPayments": [{"BatchPaymentID": key, "Status": "DELETED"}]}
        xero.call("POST", "/BatchPayments", json=body)
    assert xero.read("BatchPayments", key)["Status"] == "DELETED"
    assert xero.read("Invoices", invoices[0]["InvoiceID"])["AmountDue"] == 100


def test_deleting_a_child_of_a_batch(xero: XeroClient) -> None:
    """Deleting one child of a batch: refused (**UNCONFIRMED**)."""
    made, _ = batch(xero, 10, 20)
    path = f"/Payments/{made['Payments'][0]['PaymentID']}"
    assert xero.send("POST", path, json={"Status": "DELETED"}).status_code in (200, 400)


def test_a_batch_above_one_invoice_is_refused_whole(xero: XeroClient) -> None:
    """`Amount` <= AmountDue holds for the children of a batch."""
    invoices = [xero.untaxed(10), xero.untaxed(10)]
    children = [
        {"Invoice": {"InvoiceID": i["InvoiceID"]}, "Amount": amount}
        for i, amount in zip(invoices, (5, 11), strict=True)
    ]
    body = {"Account": xero.bank, "Date": "2026-09-10", "Payments": children}
    [element] = xero.bulk("BatchPayments", [body])
    assert errors(element) or any(errors(p) for p in element["Payments"])
    assert xero.read("Invoices", invoices[0]["InvoiceID"])["AmountDue"] == 10


def test_payment_services(xero: XeroClient) -> None:
    """`PUT /PaymentServices` …; scope `paymentservices`: without it 401."""
    body = {"PaymentServices": [{"PaymentServiceName": "Acme Pay", "PayNowText": "Pay now"}]}
    assert xero.send("PUT", "/PaymentServices", json=body).status_code in (401, 404, 501)
