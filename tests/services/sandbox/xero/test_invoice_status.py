"""Section 4 of the dossier, the life of an invoice: statuses, edits, mail, paper, files."""

import pytest

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient, unique

LOCKED_BY_PAYMENT = (
    "This document cannot be edited as it has a payment or credit note allocated to it."
)


def paid_in_part(xero: XeroClient) -> str:
    made = xero.untaxed(100)
    xero.pay(made, 40)
    key: str = made["InvoiceID"]
    return key


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED"])
def test_delete(xero: XeroClient, status: str) -> None:
    """delete: `POST /Invoices/{id}` `{"Status":"DELETED"}` (DRAFT or SUBMITTED only)."""
    key = xero.invoice(Status=status)["InvoiceID"]
    assert xero.update("Invoices", key, {"Status": "DELETED"})["Status"] == "DELETED"


def test_delete_of_an_approved_invoice_is_refused(xero: XeroClient) -> None:
    """delete: DRAFT or SUBMITTED only."""
    key = xero.invoice()["InvoiceID"]
    xero.refuse("POST", f"/Invoices/{key}", {"Status": "DELETED"}, "")
    assert xero.read("Invoices", key)["Status"] == "AUTHORISED"


def test_void(xero: XeroClient) -> None:
    """void: `POST /Invoices/{id}` `{"Status":"VOIDED"}` (AUTHORISED with no payment/credit)."""
    key = xero.invoice()["InvoiceID"]
    assert xero.update("Invoices", key, {"Status": "VOIDED"})["Status"] == "VOIDED"
    assert xero.read("Invoices", key)["AmountDue"] == 0


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED"])
def test_void_of_a_draft_is_refused(xero: XeroClient, status: str) -> None:
    """`DRAFT|SUBMITTED -> DELETED`; `AUTHORISED -> VOIDED`."""
    key = xero.invoice(Status=status)["InvoiceID"]
    xero.refuse("POST", f"/Invoices/{key}", {"Status": "VOIDED"}, "")


def test_void_with_a_payment_is_refused(xero: XeroClient) -> None:
    """void: AUTHORISED with no payment/credit; payments must go first (section 12)."""
    made = xero.untaxed(100)
    payment = xero.pay(made, 40)
    xero.refuse("POST", f"/Invoices/{made['InvoiceID']}", {"Status": "VOIDED"}, "")
    xero.update("Payments", payment["PaymentID"], {"Status": "DELETED"})
    xero.update("Invoices", made["InvoiceID"], {"Status": "VOIDED"})


def test_the_way_up(xero: XeroClient) -> None:
    """`DRAFT -> SUBMITTED -> AUTHORISED -> PAID`."""
    made = xero.untaxed(100, Status="DRAFT")
    for status in ("SUBMITTED", "AUTHORISED"):
        after = xero.update("Invoices", made["InvoiceID"], {"Status": status})
        assert after["Status"] == status
    xero.pay(made, 100)
    assert xero.read("Invoices", made["InvoiceID"])["Status"] == "PAID"


def test_paid_is_set_by_the_system_and_falls_back(xero: XeroClient) -> None:
    """`PAID` is set by the system when AmountDue reaches 0 and falls back on payment removal."""
    made = xero.untaxed(100)
    payment = xero.pay(made, 100)
    paid = xero.read("Invoices", made["InvoiceID"])
    assert (paid["Status"], paid["AmountDue"], paid["AmountPaid"]) == ("PAID", 0, 100)
    assert paid["FullyPaidOnDate"]
    xero.update("Payments", payment["PaymentID"], {"Status": "DELETED"})
    back = xero.read("Invoices", made["InvoiceID"])
    assert (back["Status"], back["AmountDue"], back["AmountPaid"]) == ("AUTHORISED", 100, 0)


def test_paid_cannot_be_sent(xero: XeroClient) -> None:
    """`PAID` is set by the system."""
    key = xero.invoice()["InvoiceID"]
    xero.refuse("POST", f"/Invoices/{key}", {"Status": "PAID"}, "")
    xero.refuse("PUT", "/Invoices", {"Invoices": [xero.sale(Status="PAID")]}, "")


def test_authorised_cannot_go_back(xero: XeroClient) -> None:
    """AUTHORISED cannot go back to DRAFT."""
    key = xero.invoice()["InvoiceID"]
    xero.refuse("POST", f"/Invoices/{key}", {"Status": "DRAFT"}, "")


@pytest.mark.parametrize(("start", "end"), [("DRAFT", "DELETED"), ("AUTHORISED", "VOIDED")])
def test_final_statuses_stay_readable(xero: XeroClient, start: str, end: str) -> None:
    """DELETED and VOIDED are final and stay readable."""
    made = xero.invoice(Status=start)
    key = made["InvoiceID"]
    xero.update("Invoices", key, {"Status": end})
    for change in ({"Status": "AUTHORISED"}, {"Status": "DRAFT"}, {"Reference": "x"}):
        xero.refuse("POST", f"/Invoices/{key}", change, "")
    assert xero.read("Invoices", key)["Status"] == end
    assert key in {i["InvoiceID"] for i in xero.records("Invoices", IDs=key)}


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED", "AUTHORISED"])
def test_editable_without_payment(xero: XeroClient, status: str) -> None:
    """Editable? DRAFT, SUBMITTED, AUTHORISED-without-payment: yes."""
    key = xero.invoice(Status=status)["InvoiceID"]
    xero.update("Invoices", key, {"Reference": "new", "LineItems": [xero.line(7)]})
    after = xero.read("Invoices", key)
    assert (after["Reference"], after["SubTotal"], after["Status"]) == ("new", 7, status)


@pytest.mark.parametrize("change", [{"Reference": "new"}, {"DueDate": "2026-12-01"}])
def test_no_field_is_editable_with_a_payment(xero: XeroClient, change: dict[str, str]) -> None:
    """With any payment: 400 "This document cannot be edited …" (not even Reference)."""
    key = paid_in_part(xero)
    before = xero.read("Invoices", key)
    error = xero.call("POST", f"/Invoices/{key}", 400, json=change)
    told = " ".join(m["Message"] for e in error["Elements"] for m in e["ValidationErrors"])
    assert LOCKED_BY_PAYMENT in told or "Invoice not of valid status for modification" in told
    assert xero.read("Invoices", key) == before


def test_no_edit_with_a_credit_note_allocated(xero: XeroClient) -> None:
    """With any payment **or credit**: 400."""
    made = xero.untaxed(100)
    note = xero.create("CreditNotes", xero.credit(Contact=made["Contact"]))
    allocation = {"Amount": 20, "Date": "2026-09-03", "Invoice": {"InvoiceID": made["InvoiceID"]}}
    path = f"/CreditNotes/{note['CreditNoteID']}/Allocations"
    xero.call("PUT", path, json={"Allocations": [allocation]})
    xero.refuse("POST", f"/Invoices/{made['InvoiceID']}", {"Reference": "x"}, "")


def test_edit_again_after_the_payment_is_gone(xero: XeroClient) -> None:
    """An edit of a part-paid invoice = delete payments, edit, re-apply."""
    made = xero.untaxed(100)
    payment = xero.pay(made, 40)
    xero.update("Payments", payment["PaymentID"], {"Status": "DELETED"})
    xero.update("Invoices", made["InvoiceID"], {"Reference": "edited"})
    xero.pay(made, 40)
    after = xero.read("Invoices", made["InvoiceID"])
    assert (after["Reference"], after["AmountDue"]) == ("edited", 60)


def test_email(xero: XeroClient) -> None:
    """email: `POST /Invoices/{id}/Email` with `{}` -> 204; 400 if there is no address."""
    contact = xero.contact(EmailAddress="rata@example.org")
    made = xero.invoice(Contact={"ContactID": contact["ContactID"]})
    assert xero.send("POST", f"/Invoices/{made['InvoiceID']}/Email", json={}).status_code == 204
    assert xero.read("Invoices", made["InvoiceID"])["SentToContact"] is True
    other = xero.invoice()["InvoiceID"]
    assert xero.send("POST", f"/Invoices/{other}/Email", json={}).status_code == 400


def test_email_of_a_draft(xero: XeroClient) -> None:
    """400 if draft (draft rule **UNCONFIRMED**)."""
    contact = xero.contact(EmailAddress="rata@example.org")
    draft = xero.invoice(Contact={"ContactID": contact["ContactID"]}, Status="DRAFT")
    answer = xero.send("POST", f"/Invoices/{draft['InvoiceID']}/Email", json={})
    assert answer.status_code in (204, 400)


def test_pdf(xero: XeroClient) -> None:
    """pdf: `GET /Invoices/{id}` with `Accept: application/pdf` or `/Invoices/{id}/pdf`."""
    key = xero.invoice()["InvoiceID"]
    headers = {"Accept": "application/pdf"}
    for path in (f"/Invoices/{key}", f"/Invoices/{key}/pdf"):
        answer = xero.send("GET", path, headers=headers)
        assert answer.headers["content-type"].startswith("application/pdf")
        assert answer.content.startswith(b"%PDF")


def test_online_invoice(xero: XeroClient) -> None:
    """`GET /Invoices/{id}/OnlineInvoice` -> `https://in.xero.com/…` (ACCREC, approved)."""
    key = xero.invoice()["InvoiceID"]
    [online] = xero.get(f"/Invoices/{key}/OnlineInvoice")["OnlineInvoices"]
    assert online["OnlineInvoiceUrl"].startswith("https://in.xero.com/")
    for other in (xero.invoice(Status="DRAFT"), xero.create("Invoices", xero.bill())):
        answer = xero.send("GET", f"/Invoices/{other['InvoiceID']}/OnlineInvoice")
        assert answer.status_code in (400, 404)


def test_history_notes(xero: XeroClient) -> None:
    """notes: `GET/PUT /Invoices/{id}/History`."""
    key = xero.invoice()["InvoiceID"]
    note = unique("Called the customer")
    xero.call("PUT", f"/Invoices/{key}/History", json={"HistoryRecords": [{"Details": note}]})
    told = xero.get(f"/Invoices/{key}/History")["HistoryRecords"]
    assert note in {record["Details"] for record in told}


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_attachments(xero: XeroClient, method: str) -> None:
    """files: `PUT/POST /Invoices/{id}/Attachments/{FileName}?IncludeOnline=true` raw bytes."""
    key = xero.invoice()["InvoiceID"]
    path = f"/Invoices/{key}/Attachments/job.txt"
    sent: Json = {"content": b"raw bytes", "headers": {"Content-Type": "text/plain"}}
    xero.call(method, path, params={"IncludeOnline": "true"}, **sent)
    [file] = xero.get(f"/Invoices/{key}/Attachments")["Attachments"]
    assert (file["FileName"], file["ContentLength"]) == ("job.txt", 9)
    assert xero.send("GET", path, headers={"Accept": "text/plain"}).content == b"raw bytes"
    assert xero.read("Invoices", key)["HasAttachments"] is True
