"""Section 6 of the dossier, money that is not (yet) for an invoice, and moving it."""

from typing import Any

import pytest

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient


def receive(xero: XeroClient, kind: str, contact: Json, amount: Any, **fields: Any) -> Json:
    """Money received from a customer ahead of, or above, an invoice."""
    debtors = xero.account(SystemAccount="DEBTORS")
    line = {"Description": "Excess", "Quantity": 1, "UnitAmount": amount}
    line["AccountCode"] = debtors["Code"] if kind == "OVERPAYMENT" else xero.income
    body = {
        "Type": f"RECEIVE-{kind}",
        "Contact": {"ContactID": contact["ContactID"]},
        "BankAccount": xero.bank,
        "Date": "2026-09-11",
        "LineAmountTypes": "NoTax",
        "LineItems": [line],
    }
    return xero.create("BankTransactions", body | fields)


def overpaid(xero: XeroClient, invoice: Json, amount: Any) -> Json:
    """The overpayment behind such a bank transaction."""
    made = receive(xero, "OVERPAYMENT", invoice["Contact"], amount)
    return xero.read("Overpayments", made["OverpaymentID"])


def allocate(xero: XeroClient, path: str, invoice: Json, amount: Any, expect: int = 200) -> Any:
    body = {"Amount": amount, "Date": "2026-09-12", "Invoice": {"InvoiceID": invoice["InvoiceID"]}}
    return xero.call("PUT", f"{path}/Allocations", expect, json={"Allocations": [body]})


def test_overpayment(xero: XeroClient) -> None:
    """Excess = `PUT /BankTransactions` `Type RECEIVE-OVERPAYMENT` -> appears in `/Overpayments`."""
    invoice = xero.untaxed(100)
    over = overpaid(xero, invoice, 50)
    assert (over["RemainingCredit"], over["Status"]) == (50, "AUTHORISED")
    assert over["Type"] in ("RECEIVE-OVERPAYMENT", "AROVERPAYMENT")
    listed = {o["OverpaymentID"] for o in xero.records("Overpayments", page=1)}
    assert over["OverpaymentID"] in listed
    assert over["Allocations"] == []


def test_overpayment_has_one_line_without_tax(xero: XeroClient) -> None:
    """(one line, `LineAmountTypes NoTax`, account = receivables system account)."""
    contact = xero.contact()
    made = receive(xero, "OVERPAYMENT", contact, 50)
    lines = [
        {key: made["LineItems"][0][key] for key in ("Description", "UnitAmount", "AccountCode")}
    ] * 2
    body = {
        "Type": "RECEIVE-OVERPAYMENT",
        "Contact": {"ContactID": contact["ContactID"]},
        "BankAccount": xero.bank,
        "LineAmountTypes": "NoTax",
        "LineItems": lines,
    }
    xero.refuse("PUT", "/BankTransactions", {"BankTransactions": [body]}, "")


def test_prepayment(xero: XeroClient) -> None:
    """deposits = `RECEIVE-PREPAYMENT` -> `/Prepayments` (tax allowed)."""
    contact = xero.contact()
    made = receive(xero, "PREPAYMENT", contact, 50)
    pre = xero.read("Prepayments", made["PrepaymentID"])
    assert (pre["RemainingCredit"], pre["Status"]) == (50, "AUTHORISED")
    assert pre["PrepaymentID"] in {p["PrepaymentID"] for p in xero.records("Prepayments", page=1)}


def test_prepayment_may_have_tax(xero: XeroClient) -> None:
    """`RECEIVE-PREPAYMENT` … (tax allowed)."""
    contact = xero.contact()
    lines = [xero.line(100)]
    fields = {"LineAmountTypes": "Exclusive", "LineItems": lines}
    made = receive(xero, "PREPAYMENT", contact, 0, **fields)
    assert made["TotalTax"] == xero.rate()["EffectiveRate"]


@pytest.mark.parametrize("kind", ["OVERPAYMENT", "PREPAYMENT"])
def test_allocate_and_un_allocate(xero: XeroClient, kind: str) -> None:
    """Allocate: `PUT /Overpayments/{id}/Allocations`; `DELETE …/Allocations/{AllocationID}`."""
    invoice = xero.untaxed(100)
    made = receive(xero, kind, invoice["Contact"], 50)
    resource, name = f"{kind.title()}s", f"{kind.title()}ID"
    path = f"/{resource}/{made[name]}"
    allocate(xero, path, invoice, 30)
    after = xero.read(resource, made[name])
    assert after["RemainingCredit"] == 20
    due = xero.read("Invoices", invoice["InvoiceID"])
    assert due["AmountDue"] == 70
    assert [o[name] for o in due[resource]] == [made[name]]
    [allocation] = after["Allocations"]
    answer = xero.call("DELETE", f"{path}/Allocations/{allocation['AllocationID']}")
    assert answer["IsDeleted"] is True
    assert xero.read("Invoices", invoice["InvoiceID"])["AmountDue"] == 100
    assert xero.read(resource, made[name])["RemainingCredit"] == 50


def test_all_allocated_is_paid(xero: XeroClient) -> None:
    """`Status AUTHORISED|PAID|VOIDED`."""
    invoice = xero.untaxed(100)
    over = overpaid(xero, invoice, 50)
    allocate(xero, f"/Overpayments/{over['OverpaymentID']}", invoice, 50)
    assert xero.read("Overpayments", over["OverpaymentID"])["Status"] == "PAID"


def test_more_than_remains_is_refused(xero: XeroClient) -> None:
    """A refused allocation > remaining credit gives 400 (section 4)."""
    invoice = xero.untaxed(100)
    over = overpaid(xero, invoice, 50)
    path = f"/Overpayments/{over['OverpaymentID']}"
    allocate(xero, path, invoice, 51, expect=400)
    assert xero.read("Invoices", invoice["InvoiceID"])["AmountDue"] == 100


def test_move_to_another_invoice(xero: XeroClient) -> None:
    """**Move**: credit/over/prepayment = delete allocation + new allocation."""
    wrong = xero.untaxed(100)
    right = xero.untaxed(100, Contact=wrong["Contact"])
    over = overpaid(xero, wrong, 50)
    path = f"/Overpayments/{over['OverpaymentID']}"
    allocate(xero, path, wrong, 50)
    [allocation] = xero.read("Overpayments", over["OverpaymentID"])["Allocations"]
    xero.call("DELETE", f"{path}/Allocations/{allocation['AllocationID']}")
    allocate(xero, path, right, 50)
    due = [xero.read("Invoices", i["InvoiceID"])["AmountDue"] for i in (wrong, right)]
    assert due == [100, 50]


def test_move_of_a_cash_payment(xero: XeroClient) -> None:
    """**Move** to another invoice: cash payment = delete + create (new id)."""
    wrong, right = xero.untaxed(100), xero.untaxed(100)
    old = xero.pay(wrong, 40)["PaymentID"]
    xero.update("Payments", old, {"Status": "DELETED"})
    assert xero.pay(right, 40)["PaymentID"] != old
    due = [xero.read("Invoices", i["InvoiceID"])["AmountDue"] for i in (wrong, right)]
    assert due == [100, 60]


def test_refund_of_an_overpayment(xero: XeroClient) -> None:
    """refund: Payment with subject `Overpayment`."""
    over = overpaid(xero, xero.untaxed(100), 50)
    subject = {"OverpaymentID": over["OverpaymentID"]}
    body = {"Overpayment": subject, "Account": xero.bank, "Date": "2026-09-13", "Amount": 50}
    made = xero.create("Payments", body)
    assert made["PaymentType"] == "AROVERPAYMENTPAYMENT"
    after = xero.read("Overpayments", over["OverpaymentID"])
    assert (after["RemainingCredit"], after["Status"]) == (0, "PAID")


def test_fees_are_spend_transactions(xero: XeroClient) -> None:
    """Fees: SPEND bank transaction; expenses paid at once = `BankTransactions` `Type SPEND`."""
    body = {
        "Type": "SPEND",
        "Contact": {"ContactID": xero.contact()["ContactID"]},
        "BankAccount": xero.bank,
        "LineItems": [xero.plain(3, AccountCode=xero.expense)],
        "LineAmountTypes": "NoTax",
    }
    made = xero.create("BankTransactions", body)
    assert (made["Type"], made["Status"], made["Total"]) == ("SPEND", "AUTHORISED", 3)
