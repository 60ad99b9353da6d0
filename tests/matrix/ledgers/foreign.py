"""Foreign money, as each ledger keeps it: the bookkeeper's acts, one class per provider."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from tests.flows.world import World
from tests.matrix.ledgers.acting import balance_of, record_of

DAY = "2026-03-06"


class Foreign(Protocol):
    """What a bookkeeper does with other currencies."""

    def __init__(self, world: World) -> None: ...

    async def deal_in(self, currency: str) -> None:
        """The company uses it from now on."""

    async def pay(self, number: str, amount: Decimal, rate: Decimal) -> None:
        """A payment of an invoice, in its currency; `rate`: own currency for one of that."""

    async def gain(self) -> Decimal:
        """What the company has gained by rates, in its own currency; a loss is negative."""


@dataclass(slots=True)
class XeroForeign:
    """Rates are said the other way round."""

    world: World

    async def deal_in(self, currency: str) -> None:
        await self.world.bookkeeper("enable_currency", "Organisation", code=currency)

    async def pay(self, number: str, amount: Decimal, rate: Decimal) -> None:
        of = await record_of(self.world, "Invoices", InvoiceNumber=number)
        record = {
            "Invoice": {"InvoiceID": of["InvoiceID"]},
            "Account": {"Code": "090"},
            "Date": DAY,
            "Amount": str(amount),
            "CurrencyRate": str(1 / rate),
        }
        await self.world.bookkeeper("add", "Payments", record=record)

    async def gain(self) -> Decimal:
        return -await balance_of(self.world, "Realised Currency Gains")


@dataclass(slots=True)
class QuickBooksForeign:
    """Once switched on it cannot be switched off; customers have one currency each."""

    world: World

    async def deal_in(self, currency: str) -> None:
        on = {"CurrencyPrefs": {"MultiCurrencyEnabled": True}}
        await self.world.bookkeeper("settings", "Preferences", changes=on)
        await self.world.bookkeeper("add", "CompanyCurrency", record={"Code": currency})

    async def pay(self, number: str, amount: Decimal, rate: Decimal) -> None:
        of = await record_of(self.world, "Invoice", DocNumber=number)
        link = {"TxnId": of["Id"], "TxnType": "Invoice"}
        record = {
            "CustomerRef": {"value": of["CustomerRef"]["value"]},
            "CurrencyRef": {"value": of["CurrencyRef"]["value"]},
            "ExchangeRate": str(rate),
            "TxnDate": DAY,
            "TotalAmt": str(amount),
            "Line": [{"Amount": str(amount), "LinkedTxn": [link]}],
        }
        await self.world.bookkeeper("add", "Payment", record=record)

    async def gain(self) -> Decimal:
        return -await balance_of(self.world, "Exchange Gain or Loss")


@dataclass(slots=True)
class MyobForeign:
    """A company file of AccountRight."""

    world: World

    async def deal_in(self, currency: str) -> None:
        """What it is seeded with is in use; another is added."""
        known = (await self.world.documents())["GeneralLedger/Currency"]
        if any(one["Code"] == currency for one in known):
            return
        resource = "GeneralLedger/Currency"
        await self.world.bookkeeper("enable_currency", resource, code=currency, rate=1.1)

    async def pay(self, number: str, amount: Decimal, rate: Decimal) -> None:
        of = await record_of(self.world, "Sale/Invoice", Number=number)
        bank = await record_of(self.world, "GeneralLedger/Account", Name="Business Bank Account")
        line = {"Type": "Invoice", "UID": of["UID"], "AmountAppliedForeign": float(amount)}
        record = {
            "DepositTo": "Account",
            "Account": {"UID": bank["UID"]},
            "Customer": {"UID": of["Customer"]["UID"]},
            "Date": DAY,
            "ForeignCurrency": {"UID": of["ForeignCurrency"]["UID"]},
            "CurrencyExchangeRate": float(rate),
            "Invoices": [line],
        }
        await self.world.bookkeeper("add", "Sale/CustomerPayment", record=record)

    async def gain(self) -> Decimal:
        return -await balance_of(self.world, "Currency Gain/Loss")


FOREIGN: Mapping[str, Callable[[World], Foreign]] = {
    "xero": XeroForeign,
    "quickbooks_online": QuickBooksForeign,
    "myob": MyobForeign,
}
