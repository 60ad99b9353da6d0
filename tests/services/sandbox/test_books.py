"""The books behind the API: double entry, whatever is done in whatever order."""

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient

CENT = Decimal("0.01")


def trial_balance(xero: XeroClient) -> Any:
    return xero.sandbox.control("GET", f"/companies/{xero.tenant}/trial-balance")


def balance(xero: XeroClient, **account: str) -> Decimal:
    """Debit less credit of one account."""
    names = set(xero.account(**account).values())
    rows = [r for r in trial_balance(xero)["accounts"] if r["account"] in names]
    return sum((Decimal(r["debit"]) - Decimal(r["credit"]) for r in rows), Decimal(0))


def entries(xero: XeroClient, document: str) -> list[Json]:
    path = f"/companies/{xero.tenant}/journal"
    found: list[Json] = xero.sandbox.control("GET", path, params={"document": document})["entries"]
    return found


def assert_balanced(xero: XeroClient) -> None:
    """The trial balance and every entry of the journal balance."""
    trial = trial_balance(xero)
    assert Decimal(trial["debit"]) == Decimal(trial["credit"])
    for side in ("debit", "credit"):
        assert sum(Decimal(row[side]) for row in trial["accounts"]) == Decimal(trial[side])
    path = f"/companies/{xero.tenant}/journal"
    for entry in xero.sandbox.control("GET", path)["entries"]:
        sides = [
            sum(Decimal(line[side]) for line in entry["lines"]) for side in ("debit", "credit")
        ]
        assert sides[0] == sides[1], entry


def open_sales(xero: XeroClient) -> Decimal:
    """What customers owe, by the API: invoices due less credit not yet used."""
    due = sum(
        (
            Decimal(i["AmountDue"])
            for i in xero.records("Invoices", page=1, pageSize=1000)
            if i["Type"] == "ACCREC" and i["Status"] in ("AUTHORISED", "PAID")
        ),
        Decimal(0),
    )
    credit = sum(
        (
            Decimal(n["RemainingCredit"])
            for n in xero.records("CreditNotes", page=1, pageSize=1000)
            if n["Type"] == "ACCRECCREDIT" and n["Status"] in ("AUTHORISED", "PAID")
        ),
        Decimal(0),
    )
    return due - credit


def test_an_invoice_posts_one_balanced_entry(xero: XeroClient) -> None:
    """Every document posts balanced journal entries: receivable, income, tax."""
    made = xero.invoice()
    [entry] = entries(xero, made["InvoiceID"])
    assert set(entry) >= {"at", "document", "kind", "lines"}
    assert all(set(line) == {"account", "name", "debit", "credit"} for line in entry["lines"])
    debit = sum(Decimal(line["debit"]) for line in entry["lines"])
    assert debit == sum(Decimal(line["credit"]) for line in entry["lines"]) == made["Total"]
    assert balance(xero, SystemAccount="DEBTORS") == made["Total"]
    assert balance(xero, Code=xero.income) == -100


def test_a_draft_posts_nothing(xero: XeroClient) -> None:
    """Only what is approved is in the books."""
    made = xero.invoice(Status="DRAFT")
    assert entries(xero, made["InvoiceID"]) == []
    assert balance(xero, SystemAccount="DEBTORS") == 0
    xero.update("Invoices", made["InvoiceID"], {"Status": "AUTHORISED"})
    assert balance(xero, SystemAccount="DEBTORS") == made["Total"]


def test_a_void_takes_everything_back(xero: XeroClient) -> None:
    """A voided document leaves no balance behind."""
    made = xero.invoice()
    xero.update("Invoices", made["InvoiceID"], {"Status": "VOIDED"})
    assert balance(xero, SystemAccount="DEBTORS") == 0
    assert balance(xero, Code=xero.income) == 0
    assert_balanced(xero)


def test_a_payment_moves_money_to_the_bank(xero: XeroClient) -> None:
    """Payment: bank up, receivable down; its removal turns that round."""
    made = xero.untaxed(100)
    payment = xero.pay(made, 40)
    bank = {"AccountID": xero.bank["AccountID"]}
    assert balance(xero, **bank) == 40
    assert balance(xero, SystemAccount="DEBTORS") == 60
    xero.update("Payments", payment["PaymentID"], {"Status": "DELETED"})
    assert balance(xero, **bank) == 0
    assert balance(xero, SystemAccount="DEBTORS") == 100


def test_an_edit_posts_the_new_figures(xero: XeroClient) -> None:
    """An edited invoice stands in the books as edited."""
    made = xero.untaxed(100)
    xero.update("Invoices", made["InvoiceID"], {"LineItems": [xero.plain(70)]})
    assert balance(xero, SystemAccount="DEBTORS") == 70
    assert_balanced(xero)


def test_a_gap_goes_to_rounding(xero: XeroClient) -> None:
    """A gap goes to the `ROUNDING` system account: the entry balances all the same."""
    made = xero.invoice(LineItems=[xero.line(33.33, TaxAmount=5.01), xero.line(0.01)])
    assert_balanced(xero)
    assert balance(xero, SystemAccount="DEBTORS") == made["Total"]


def test_an_allocation_moves_nothing_in_total(xero: XeroClient) -> None:
    """A credit note lowers what is owed when approved; allocating it only ties the two."""
    invoice = xero.untaxed(100)
    fields = {"LineAmountTypes": "NoTax", "LineItems": [xero.plain(30)]}
    note = xero.create("CreditNotes", xero.credit(Contact=invoice["Contact"], **fields))
    assert balance(xero, SystemAccount="DEBTORS") == 70
    body = {"Amount": 20, "Date": "2026-09-03", "Invoice": {"InvoiceID": invoice["InvoiceID"]}}
    path = f"/CreditNotes/{note['CreditNoteID']}/Allocations"
    xero.call("PUT", path, json={"Allocations": [body]})
    assert balance(xero, SystemAccount="DEBTORS") == 70


class Clerk:
    """Does one random thing after the other, as the API allows."""

    def __init__(self, xero: XeroClient, seed: int) -> None:
        self.xero = xero
        self.dice = random.Random(seed)
        self.invoices: list[str] = []
        self.payments: list[str] = []
        self.notes: list[str] = []

    def amount(self, below: Decimal = Decimal(500)) -> Decimal:
        """An odd amount above zero."""
        return Decimal(self.dice.randint(1, int(below * 100))) / 100

    def act(self) -> None:
        """One step."""
        steps = [self.sell, self.sell, self.credit, self.pay, self.pay, self.unpay]
        self.dice.choice([*steps, self.void, self.edit, self.allocate])()

    def sell(self) -> None:
        lines = [
            self.xero.line(self.amount(), Quantity=self.dice.randint(1, 7))
            for _ in range(self.dice.randint(1, 4))
        ]
        kind = self.dice.choice(["Exclusive", "Inclusive"])
        fields = {"LineItems": lines, "LineAmountTypes": kind}
        status = self.dice.choice(["AUTHORISED", "AUTHORISED", "DRAFT"])
        made = self.xero.invoice(Contact={"Name": "Rata Cafe"}, Status=status, **fields)
        self.invoices.append(made["InvoiceID"])

    def credit(self) -> None:
        fields = {"Contact": {"Name": "Rata Cafe"}, "LineItems": [self.xero.line(self.amount())]}
        made = self.xero.create("CreditNotes", self.xero.credit(**fields))
        self.notes.append(made["CreditNoteID"])

    def pick(self) -> Json | None:
        """Some invoice that is open."""
        if not self.invoices:
            return None
        made = self.xero.read("Invoices", self.dice.choice(self.invoices))
        return made if made["Status"] == "AUTHORISED" and made["AmountDue"] > 0 else None

    def pay(self) -> None:
        if invoice := self.pick():
            due = Decimal(invoice["AmountDue"])
            amount = self.dice.choice([due, self.amount(due)])
            self.payments.append(self.xero.pay(invoice, amount)["PaymentID"])

    def unpay(self) -> None:
        if self.payments:
            key = self.payments.pop(self.dice.randrange(len(self.payments)))
            self.xero.update("Payments", key, {"Status": "DELETED"})

    def void(self) -> None:
        if invoice := self.pick():
            path = f"/Invoices/{invoice['InvoiceID']}"
            answer = self.xero.send("POST", path, json={"Status": "VOIDED"})
            touched = invoice["AmountPaid"] or invoice.get("AmountCredited")
            assert answer.status_code == (400 if touched else 200)

    def edit(self) -> None:
        if invoice := self.pick():
            path = f"/Invoices/{invoice['InvoiceID']}"
            body = {"LineItems": [self.xero.line(self.amount())]}
            self.xero.send("POST", path, json=body)

    def allocate(self) -> None:
        invoice = self.pick()
        if not invoice or not self.notes:
            return
        note = self.xero.read("CreditNotes", self.dice.choice(self.notes))
        amount = min(Decimal(note["RemainingCredit"]), Decimal(invoice["AmountDue"]))
        if amount > 0:
            body = {"Amount": amount, "Date": "2026-09-03", "Invoice": {}}
            body["Invoice"] = {"InvoiceID": invoice["InvoiceID"]}
            path = f"/CreditNotes/{note['CreditNoteID']}/Allocations"
            self.xero.call("PUT", path, json={"Allocations": [body]})


@pytest.mark.parametrize("seed", range(4))
def test_random_work_keeps_the_books(xero: XeroClient, seed: int) -> None:
    """After anything: the trial balance balances, receivables equal the sum of AmountDue."""
    clerk = Clerk(xero, seed)
    for step in range(60):
        clerk.act()
        if step % 20 == 19:
            assert_balanced(xero)
            assert balance(xero, SystemAccount="DEBTORS") == open_sales(xero)


def test_the_summary_tells_the_same(xero: XeroClient) -> None:
    """`{"id","name","currency","counts":{"Invoices":n,…},"trial_balance":[…]}`."""
    xero.invoice()
    path = f"/companies/{xero.tenant}"
    summary = xero.sandbox.control("GET", path, headers={"Accept": "application/json"})
    assert set(summary) == {"id", "name", "currency", "counts", "trial_balance"}
    assert summary["counts"]["Invoices"] == 1
    assert summary["trial_balance"] == trial_balance(xero)["accounts"]
