"""The books behind the API: double entry, whatever is done in whatever order."""

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.services.sandbox.myob.client import MyobClient, ref
from tests.services.sandbox.server import Json

SERVICE = "/Sale/Invoice/Service"
BILL = "/Purchase/Bill/Service"


def trial(myob: MyobClient) -> dict[str, Decimal]:
    """Debit less credit by account name; asserts that both sides are equal."""
    found = myob.sandbox.control("GET", f"/companies/{myob.company}/trial-balance")
    assert Decimal(found["debit"]) == Decimal(found["credit"])
    return {
        row["name"]: Decimal(row["debit"]) - Decimal(row["credit"]) for row in found["accounts"]
    }


def owed(myob: MyobClient, path: str) -> Decimal:
    rows = myob.items(path, **{"$top": 1000})
    return sum((Decimal(row["BalanceDueAmount"]) for row in rows), Decimal(0))


def assert_books(myob: MyobClient) -> None:
    """Every entry balances; control accounts equal the sum of balances, and of the cards'."""
    books = trial(myob)
    assert books.get("Trade Debtors", 0) == owed(myob, "/Sale/Invoice")
    assert books.get("Trade Creditors", 0) == -owed(myob, "/Purchase/Bill")
    for path, account, sign in (
        ("/Contact/Customer", "Trade Debtors", 1),
        ("/Contact/Supplier", "Trade Creditors", -1),
    ):
        cards = sum(Decimal(row["CurrentBalance"]) for row in myob.items(path))
        assert cards == sign * books.get(account, Decimal(0))
    journal = myob.sandbox.control("GET", f"/companies/{myob.company}/journal")["entries"]
    for entry in journal:
        sides = [
            sum(Decimal(line[side]) for line in entry["lines"]) for side in ("debit", "credit")
        ]
        assert sides[0] == sides[1]


def test_an_invoice(myob: MyobClient) -> None:
    """Receivable against income, tax and freight."""
    made = myob.invoice(100, Freight=10)
    books = trial(myob)
    assert books == {
        "Trade Debtors": 121,
        "Sales": -100,
        "GST Collected": -11,
        "Freight Collected": -10,
    }
    myob.delete(SERVICE, made)
    assert set(trial(myob).values()) == {0}


def test_an_edit_posts_the_new_figures(myob: MyobClient) -> None:
    made = myob.untaxed(100)
    myob.update(SERVICE, made, Lines=[myob.line(70, TaxCode=myob.free)])
    assert trial(myob)["Trade Debtors"] == 70


def test_money_in_and_out(myob: MyobClient) -> None:
    """Payments move money to the bank, to undeposited funds, to deposits; and back."""
    invoice = myob.untaxed(100)
    first = myob.pay(invoice, 40)
    second = myob.create(
        "/Sale/CustomerPayment", myob.payment((invoice, 60), DepositTo="UndepositedFunds")
    )
    books = trial(myob)
    assert [books["Business Bank Account"], books["Undeposited Funds"]] == [
        Decimal(40),
        Decimal(60),
    ]
    myob.do("deposit", id=second["UID"], account="1-1120")
    assert trial(myob)["Card Clearing Account"] == 60
    myob.do("undo_deposit", id=second["UID"])
    assert trial(myob)["Card Clearing Account"] == 0
    assert trial(myob)["Undeposited Funds"] == 60
    myob.delete("/Sale/CustomerPayment", first)
    assert trial(myob)["Trade Debtors"] == 40


def test_a_deposit_is_a_liability(myob: MyobClient) -> None:
    """A payment of an order is owed to the customer until the order is invoiced."""
    body = myob.sale(Lines=[myob.line(100, TaxCode=myob.free)])
    order = myob.create("/Sale/Order/Service", body)
    myob.do("pay", resource="Sale/Order", id=order["UID"], amount=30)
    assert trial(myob)["Customer Deposits"] == -30
    myob.create(SERVICE, body | {"Order": ref(order)})
    books = trial(myob)
    assert [books["Customer Deposits"], books["Trade Debtors"]] == [Decimal(0), Decimal(70)]
    assert_books(myob)


class Clerk:
    """Does one random thing after the other, as the API allows."""

    def __init__(self, myob: MyobClient, seed: int) -> None:
        self.myob = myob
        self.dice = random.Random(seed)
        self.card = ref(myob.customer())
        self.supplier = ref(myob.supplier())
        [usd] = myob.items("/GeneralLedger/Currency", **{"$filter": "Code eq 'USD'"})
        self.usd = ref(usd)
        self.done: dict[str, list[Json]] = {}

    def amount(self, below: Decimal = Decimal(500)) -> Decimal:
        return Decimal(self.dice.randint(1, max(int(below * 100), 1))) / 100

    def act(self) -> None:
        steps = [self.sell, self.sell, self.buy, self.foreign, self.credit, self.pay, self.pay]
        self.dice.choice([*steps, self.pay_bill, self.undo, self.edit, self.settle, self.refund])()

    def write(self, path: str, body: Json) -> None:
        self.done.setdefault(path, []).append(self.myob.create(path, body))

    def lines(self, sign: int = 1) -> list[Json]:
        codes = [ref(code) for code in self.myob.codes.values()]
        return [
            self.myob.line(sign * self.amount(), TaxCode=self.dice.choice(codes))
            for _ in range(self.dice.randint(1, 4))
        ]

    def sell(self) -> None:
        fields: dict[str, Any] = {"IsTaxInclusive": self.dice.random() < 0.5}
        fields["Freight"] = self.dice.choice([0, self.amount(Decimal(20))])
        self.write(SERVICE, self.myob.sale(Customer=self.card, Lines=self.lines(), **fields))

    def buy(self) -> None:
        self.write(BILL, self.myob.purchase(Supplier=self.supplier, Lines=self.lines()))

    def foreign(self) -> None:
        line = self.myob.line(None, TotalForeign=self.amount())
        rate = self.amount(Decimal(3))
        fields = {"ForeignCurrency": self.usd, "CurrencyExchangeRate": rate}
        self.write(SERVICE, self.myob.sale(Customer=self.card, Lines=[line], **fields))

    def credit(self) -> None:
        self.write(SERVICE, self.myob.sale(Customer=self.card, Lines=self.lines(-1)))

    def some(self, path: str, *, credit: bool = False) -> Json | None:
        rows = [
            row
            for row in self.myob.items(path, **{"$top": 1000})
            if (row["BalanceDueAmount"] < 0 if credit else row["BalanceDueAmount"] > 0)
        ]
        return self.dice.choice(rows) if rows else None

    def pay(self) -> None:
        if invoice := self.some("/Sale/Invoice"):
            self.do_pay(invoice, "Sale/Invoice", "/Sale/CustomerPayment")

    def pay_bill(self) -> None:
        if bill := self.some("/Purchase/Bill"):
            self.do_pay(bill, "Purchase/Bill", "/Purchase/SupplierPayment")

    def do_pay(self, document: Json, resource: str, path: str) -> None:
        due = Decimal(document["BalanceDueAmountForeign"] or document["BalanceDueAmount"])
        amount = self.dice.choice([due, self.amount(due)])
        made = self.myob.do("pay", resource=resource, id=document["UID"], amount=str(amount))
        self.done.setdefault(path, []).append(made)

    def undo(self) -> None:
        path = self.dice.choice(sorted(self.done) or [""])
        rows = self.done.get(path, [])
        if rows:
            row = rows.pop(self.dice.randrange(len(rows)))
            answer = self.myob.send("DELETE", f"{path}/{row['UID']}")
            assert answer.status_code in (200, 400, 404), answer.text

    def edit(self) -> None:
        rows = self.done.get(SERVICE, [])
        if rows:
            row = self.myob.read(SERVICE, self.dice.choice(rows)["UID"])
            lines = [] if row["TotalAmountForeign"] else self.lines()
            body = row | {"Lines": lines or row["Lines"]}
            answer = self.myob.send("PUT", f"{SERVICE}/{row['UID']}", json=body)
            assert answer.status_code in (200, 400), answer.text

    def settle(self) -> None:
        credit, invoice = self.some("/Sale/Invoice", credit=True), self.some("/Sale/Invoice")
        if credit and invoice and not invoice["ForeignCurrency"]:
            made = self.myob.do("apply_credit", id=credit["UID"], to=invoice["UID"])
            self.done.setdefault("/Sale/CreditSettlement", []).append(made)

    def refund(self) -> None:
        if credit := self.some("/Sale/Invoice", credit=True):
            made = self.myob.do("refund", id=credit["UID"])
            self.done.setdefault("/Sale/CreditRefund", []).append(made)


@pytest.mark.parametrize("seed", range(5))
def test_random_work_keeps_the_books(myob: MyobClient, seed: int) -> None:
    """After anything: the trial balance balances, control accounts equal what is owed."""
    clerk = Clerk(myob, seed)
    for step in range(60):
        clerk.act()
        if step % 20 == 19:
            assert_books(myob)
