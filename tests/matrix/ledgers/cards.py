"""Customers who pay by card, as each ledger keeps it: the bookkeeper's acts, one per provider."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from tests.flows.world import World
from tests.matrix.ledgers.acting import balance_of, record_of

DAY = "2026-03-06"


class Cards(Protocol):
    """A merchant service: what customers pay is banked less a fee."""

    def __init__(self, world: World) -> None: ...

    async def pay(self, number: str, amount: Decimal, fee: Decimal) -> str:
        """The customer pays an invoice by card: all of it is a payment, the fee stands apart."""

    async def deposit(self, payment: str) -> None:
        """The money has come to the bank: the payment is deposited, or reconciled."""

    async def undo(self, payment: str) -> None:
        """As if it had not come yet."""

    async def fees(self) -> Decimal:
        """What the service has cost."""


@dataclass(slots=True)
class XeroCards:
    """A clearing account: payments come in there, the fee is spent from it."""

    world: World

    async def pay(self, number: str, amount: Decimal, fee: Decimal) -> str:
        of = await record_of(self.world, "Invoices", InvoiceNumber=number)
        clearing = await record_of(self.world, "Accounts", Name="Card Clearing Account")
        where = {"AccountID": clearing["AccountID"]}
        record = {
            "Invoice": {"InvoiceID": of["InvoiceID"]},
            "Account": where,
            "Date": DAY,
            "Amount": str(amount),
        }
        made = await self.world.bookkeeper("add", "Payments", record=record)
        line = {"Description": "Card fee", "Quantity": 1, "UnitAmount": str(fee)}
        spent = {
            "Type": "SPEND",
            "Contact": {"Name": "Card Service"},
            "BankAccount": where,
            "Date": DAY,
            "LineAmountTypes": "NoTax",
            "LineItems": [{**line, "AccountCode": "404"}],
        }
        await self.world.bookkeeper("add", "BankTransactions", record=spent)
        return str(made["PaymentID"])

    async def deposit(self, payment: str) -> None:
        await self.world.bookkeeper("reconcile", "Payments", payment)

    async def undo(self, payment: str) -> None:
        await self.world.bookkeeper("reconcile", "Payments", payment, undo=True)

    async def fees(self) -> Decimal:
        return await balance_of(self.world, "Bank Fees")


@dataclass(slots=True)
class QuickBooksCards:
    """An ordinary payment with the card's data; the deposit has a line for the fee."""

    world: World
    fee: Decimal = Decimal(0)

    async def pay(self, number: str, amount: Decimal, fee: Decimal) -> str:
        self.fee = fee
        of = await record_of(self.world, "Invoice", DocNumber=number)
        card = await record_of(self.world, "PaymentMethod", Name="Visa")
        record = {
            "CustomerRef": {"value": of["CustomerRef"]["value"]},
            "CurrencyRef": {"value": of["CurrencyRef"]["value"]},
            "PaymentMethodRef": {"value": card["Id"]},
            "TxnSource": "EInvoice",
            "CreditCardPayment": {"CreditChargeInfo": {"Type": "Visa", "ProcessPayment": False}},
            "TxnDate": DAY,
            "TotalAmt": str(amount),
            "Line": [_link(of["Id"], "Invoice", amount)],
        }
        return str((await self.world.bookkeeper("add", "Payment", record=record))["Id"])

    async def deposit(self, payment: str) -> None:
        bank = await record_of(self.world, "Account", Name="Checking")
        costs = await record_of(self.world, "Account", Name="Office Expenses")
        fee = {
            "Amount": str(-self.fee),
            "DetailType": "DepositLineDetail",
            "DepositLineDetail": {"AccountRef": {"value": costs["Id"]}},
        }
        held = {"LinkedTxn": [{"TxnId": payment, "TxnType": "Payment"}]}
        record = {
            "DepositToAccountRef": {"value": bank["Id"]},
            "TxnDate": DAY,
            "Line": [held, fee],
        }
        await self.world.bookkeeper("add", "Deposit", record=record)

    async def undo(self, payment: str) -> None:
        [deposit] = (await self.world.documents())["Deposit"]
        await self.world.bookkeeper("delete", "Deposit", deposit["Id"])

    async def fees(self) -> Decimal:
        return await balance_of(self.world, "Office Expenses")


@dataclass(slots=True)
class MyobCards:
    """Undeposited funds until the service pays out; the fee is spent."""

    world: World

    async def pay(self, number: str, amount: Decimal, fee: Decimal) -> str:
        of = await record_of(self.world, "Sale/Invoice", Number=number)
        record = {
            "DepositTo": "UndepositedFunds",
            "Customer": {"UID": of["Customer"]["UID"]},
            "Date": DAY,
            "PaymentMethod": "Visa",
            "Invoices": [{"Type": "Invoice", "UID": of["UID"], "AmountApplied": float(amount)}],
        }
        made = await self.world.bookkeeper("add", "Sale/CustomerPayment", record=record)
        line = {
            "Account": await self._ref("GeneralLedger/Account", Name="Bank Fees"),
            "TaxCode": await self._ref("GeneralLedger/TaxCode", Code="N-T"),
            "Amount": float(fee),
        }
        spent = {
            "PayFrom": "Account",
            "Account": await self._ref("GeneralLedger/Account", Name="Business Bank Account"),
            "Date": DAY,
            "Lines": [line],
        }
        await self.world.bookkeeper("add", "Banking/SpendMoneyTxn", record=spent)
        return str(made["UID"])

    async def deposit(self, payment: str) -> None:
        await self.world.bookkeeper("deposit", "Sale/CustomerPayment", payment)

    async def undo(self, payment: str) -> None:
        await self.world.bookkeeper("undo_deposit", "Sale/CustomerPayment", payment)

    async def fees(self) -> Decimal:
        return await balance_of(self.world, "Bank Fees")

    async def _ref(self, resource: str, **wanted: str) -> dict[str, Any]:
        return {"UID": (await record_of(self.world, resource, **wanted))["UID"]}


def _link(transaction: str, kind: str, amount: Decimal) -> dict[str, Any]:
    link = {"TxnId": transaction, "TxnType": kind}
    return {"Amount": str(amount), "LinkedTxn": [link]}


CARDS: Mapping[str, Callable[[World], Cards]] = {
    "xero": XeroCards,
    "quickbooks_online": QuickBooksCards,
    "myob": MyobCards,
}
