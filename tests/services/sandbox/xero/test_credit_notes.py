"""Section 4 of the dossier, credit notes: create, allocate, undo, refund."""

from typing import Any

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient


def note_of(xero: XeroClient, invoice: Json | None = None, amount: Any = 100, **more: Any) -> Json:
    """A new approved credit note over exactly this amount."""
    contact = {"ContactID": (invoice or xero.untaxed())["Contact"]["ContactID"]}
    lines = [xero.plain(amount)]
    body = {"Contact": contact, "LineAmountTypes": "NoTax", "LineItems": lines} | more
    return xero.create("CreditNotes", xero.credit(**body))


def allocate(xero: XeroClient, note: Json, invoice: Json, amount: Any, expect: int = 200) -> Any:
    body = {"Amount": amount, "Date": "2026-09-03", "Invoice": {"InvoiceID": invoice["InvoiceID"]}}
    path = f"/CreditNotes/{note['CreditNoteID']}/Allocations"
    return xero.call("PUT", path, expect, json={"Allocations": [body]})


def allocation_of(xero: XeroClient, note: Json) -> Json:
    [allocation] = xero.read("CreditNotes", note["CreditNoteID"])["Allocations"]
    found: Json = allocation
    return found


def test_create(xero: XeroClient) -> None:
    """`PUT /CreditNotes` `Type: ACCRECCREDIT`."""
    made = xero.create("CreditNotes", xero.credit(Reference="job 77"))
    assert (made["Type"], made["Status"], made["SubTotal"]) == ("ACCRECCREDIT", "AUTHORISED", 100)
    assert made["RemainingCredit"] == made["Total"]
    assert xero.read("CreditNotes", made["CreditNoteID"])["LineItems"] == made["LineItems"]


def test_read_by_number(xero: XeroClient) -> None:
    """`GET /CreditNotes/{id}`; by number through `where`."""
    made = xero.create("CreditNotes", xero.credit(CreditNoteNumber="CN-77"))
    found = xero.records("CreditNotes", where='CreditNoteNumber=="CN-77"')
    assert [n["CreditNoteID"] for n in found] == [made["CreditNoteID"]]


def test_numbers_share_no_sequence_with_invoices(xero: XeroClient) -> None:
    """Credit-note numbers share no sequence with invoices."""
    number = xero.invoice()["InvoiceNumber"]
    xero.create("CreditNotes", xero.credit())
    following = xero.invoice()["InvoiceNumber"]
    digits = [int("".join(c for c in n if c.isdigit())) for n in (number, following)]
    assert digits[1] == digits[0] + 1
    made = xero.create("CreditNotes", xero.credit(CreditNoteNumber=following))
    assert made["CreditNoteNumber"] == following


def test_allocate(xero: XeroClient) -> None:
    """allocate `PUT /CreditNotes/{id}/Allocations` `{"Allocations":[{"Amount":20,…}]}`."""
    invoice = xero.untaxed(100)
    note = note_of(xero, invoice, 30)
    allocate(xero, note, invoice, 20)
    assert xero.read("CreditNotes", note["CreditNoteID"])["RemainingCredit"] == 10
    after = xero.read("Invoices", invoice["InvoiceID"])
    assert (after["AmountDue"], after["AmountCredited"], after["AmountPaid"]) == (80, 20, 0)
    [applied] = after["CreditNotes"]
    assert applied["CreditNoteID"] == note["CreditNoteID"]
    assert applied["AppliedAmount"] == 20


def test_a_whole_allocation_pays_both(xero: XeroClient) -> None:
    """`PAID` is set by the system when AmountDue reaches 0."""
    invoice = xero.untaxed(100)
    note = note_of(xero, invoice, 100)
    allocate(xero, note, invoice, 100)
    assert xero.read("Invoices", invoice["InvoiceID"])["Status"] == "PAID"
    after = xero.read("CreditNotes", note["CreditNoteID"])
    assert (after["Status"], after["RemainingCredit"]) == ("PAID", 0)


def test_undo(xero: XeroClient) -> None:
    """undo `DELETE …/Allocations/{AllocationID}` (200 `{"AllocationId":…,"IsDeleted":true}`)."""
    invoice = xero.untaxed(100)
    note = note_of(xero, invoice, 100)
    allocate(xero, note, invoice, 100)
    key = allocation_of(xero, note)["AllocationID"]
    answer = xero.call("DELETE", f"/CreditNotes/{note['CreditNoteID']}/Allocations/{key}")
    assert (answer["AllocationId"], answer["IsDeleted"]) == (key, True)
    after = xero.read("Invoices", invoice["InvoiceID"])
    assert (after["Status"], after["AmountDue"]) == ("AUTHORISED", 100)
    after = xero.read("CreditNotes", note["CreditNoteID"])
    assert (after["Status"], after["RemainingCredit"]) == ("AUTHORISED", 100)
    assert not after["Allocations"]


def test_an_allocation_above_the_credit_is_refused(xero: XeroClient) -> None:
    """A refused allocation > remaining credit gives 400."""
    invoice = xero.untaxed(100)
    note = note_of(xero, invoice, 30)
    allocate(xero, note, invoice, 31, expect=400)
    assert xero.read("Invoices", invoice["InvoiceID"])["AmountDue"] == 100


def test_an_allocation_above_the_invoice_is_refused(xero: XeroClient) -> None:
    """The amount of an allocation is bounded by AmountDue, as a payment's is (section 6)."""
    invoice = xero.untaxed(10)
    note = note_of(xero, invoice, 30)
    allocate(xero, note, invoice, 11, expect=400)


def test_cash_refund(xero: XeroClient) -> None:
    """cash refund = Payment whose subject is `CreditNote`."""
    note = note_of(xero, amount=30)
    subject = {"CreditNoteID": note["CreditNoteID"]}
    body = {"CreditNote": subject, "Account": xero.bank, "Date": "2026-09-04", "Amount": 30}
    payment = xero.create("Payments", body)
    assert payment["PaymentType"] == "ARCREDITPAYMENT"
    after = xero.read("CreditNotes", note["CreditNoteID"])
    assert (after["Status"], after["RemainingCredit"]) == ("PAID", 0)


def test_a_refund_above_the_credit_is_refused(xero: XeroClient) -> None:
    """`Amount` <= what is left ("Payment amount exceeds the amount outstanding …", section 6)."""
    note = note_of(xero, amount=30)
    subject = {"CreditNoteID": note["CreditNoteID"]}
    body = {"CreditNote": subject, "Account": xero.bank, "Date": "2026-09-04", "Amount": 31}
    xero.refuse("PUT", "/Payments", {"Payments": [body]}, "exceeds")


def test_void(xero: XeroClient) -> None:
    """`AUTHORISED -> VOIDED` holds for credit notes too (OpenAPI file: CreditNote.Status)."""
    note = note_of(xero)
    changes = {"Status": "VOIDED"}
    assert xero.update("CreditNotes", note["CreditNoteID"], changes)["Status"] == "VOIDED"


def test_void_with_an_allocation_is_refused(xero: XeroClient) -> None:
    """A document with a payment or credit allocated cannot be edited or voided."""
    invoice = xero.untaxed(100)
    note = note_of(xero, invoice)
    allocate(xero, note, invoice, 20)
    path = f"/CreditNotes/{note['CreditNoteID']}"
    xero.refuse("POST", path, {"Status": "VOIDED"}, "")


def test_supplier_credit(xero: XeroClient) -> None:
    """Customers and suppliers are one object; a supplier's credit is `ACCPAYCREDIT`."""
    bill = xero.bill()
    del bill["DueDate"]
    assert xero.create("CreditNotes", bill | {"Type": "ACCPAYCREDIT"})["RemainingCredit"] > 0
