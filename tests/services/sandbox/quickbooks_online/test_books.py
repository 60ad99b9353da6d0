"""The books behind the API balance, whatever is done in whatever order."""

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.services.sandbox.quickbooks_online.client import Qbo, applied, token_of
from tests.services.sandbox.server import Json


class Clerk:
    """Does one random thing after the other, as the API allows."""

    def __init__(self, qbo: Qbo, seed_: int) -> None:
        self.qbo = qbo
        self.dice = random.Random(seed_)
        self.customer = qbo.customer()
        self.made: dict[str, list[str]] = {"Invoice": [], "CreditMemo": [], "Payment": []}
        self.tax = qbo.ref("TaxCode", Name="California")

    def act(self) -> None:
        """One step."""
        steps = [self.sell, self.sell, self.credit, self.pay, self.pay, self.edit]
        self.dice.choice([*steps, self.void, self.delete, self.settle])()

    def amount(self, below: int = 500) -> Decimal:
        """An odd amount above zero."""
        return Decimal(self.dice.randint(1, below * 100)) / 100

    def body(self) -> Json:
        """A form of odd lines."""
        lines: list[Json] = [
            self.qbo.line(self.amount(), tax=self.dice.choice(["TAX", "NON"]))
            for _ in range(self.dice.randint(1, 3))
        ]
        if self.dice.random() < 0.3:
            detail = {"PercentBased": True, "DiscountPercent": self.dice.randint(1, 50)}
            lines.append({"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail})
        return {
            "CustomerRef": {"value": self.customer["Id"]},
            "Line": lines,
            "ApplyTaxAfterDiscount": self.dice.random() < 0.5,
            "TxnTaxDetail": {"TxnTaxCodeRef": self.tax},
        }

    def sell(self) -> None:
        self.made["Invoice"].append(self.qbo.post("Invoice", self.body())["Id"])

    def credit(self) -> None:
        self.made["CreditMemo"].append(self.qbo.post("CreditMemo", self.body())["Id"])

    def pick(self, entity: str) -> Json | None:
        """Some object of an entity."""
        ids = self.made[entity]
        return self.qbo.read(entity, self.dice.choice(ids)) if ids else None

    def pay(self) -> None:
        row = self.pick("Invoice")
        if row and row["Balance"] > 0:
            part = min(row["Balance"], self.amount())
            wire = {
                "CustomerRef": {"value": self.customer["Id"]},
                "TotalAmt": part + self.dice.choice([0, 5]),
                "Line": [applied(row, part)],
            }
            self.made["Payment"].append(self.qbo.post("Payment", wire)["Id"])

    def settle(self) -> None:
        row, memo = self.pick("Invoice"), self.pick("CreditMemo")
        if row and memo and row["Balance"] > 0 and memo["RemainingCredit"] > 0:
            self.qbo.person("apply_credit", id=row["Id"], credit=memo["Id"])

    def edit(self) -> None:
        row = self.pick("Invoice")
        if row and row.get("PrivateNote") != "Voided":
            body = {k: v for k, v in self.body().items() if k in {"Line", "ApplyTaxAfterDiscount"}}
            self.qbo.post("Invoice", token_of(row) | {"sparse": True} | body)

    def void(self) -> None:
        row = self.pick("Invoice")
        if row and row.get("PrivateNote") != "Voided":
            self.qbo.post("Invoice", token_of(row), operation="void")

    def delete(self) -> None:
        entity = self.dice.choice(list(self.made))
        if row := self.pick(entity):
            self.qbo.post(entity, token_of(row), operation="delete")
            self.made[entity].remove(row["Id"])


@pytest.mark.parametrize("seed_", range(4))
def test_random_work_keeps_the_books(qbo: Qbo, seed_: int) -> None:
    """The trial balance balances; receivables are what invoices, credits and payments leave."""
    clerk = Clerk(qbo, seed_)
    for step in range(60):
        clerk.act()
        if step % 15 == 14:
            qbo.balanced()
            books = qbo.sandbox.documents(qbo.realm)
            assert qbo.ledger("Accounts Receivable (A/R)") == open_sales(books)
            customer = qbo.read("Customer", clerk.customer["Id"])
            assert customer["Balance"] == open_sales(books)


def open_sales(books: Any) -> Decimal:
    """What customers owe, by the documents."""
    owed = Decimal(0)
    for entity, key, sign in (
        ("Invoice", "Balance", 1),
        ("CreditMemo", "RemainingCredit", -1),
        ("Payment", "UnappliedAmt", -1),
    ):
        for row in books[entity]:
            if row.get("status") != "Deleted":
                owed += sign * Decimal(str(row[key]))
    return owed
