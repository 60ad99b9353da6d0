"""MYOB's lists and what is bought there, as a bookkeeper sees them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from tests.flows.world import Json, World
from tests.matrix.ledger import NotOffered, counted
from tests.matrix.ledgers.myob_seen import (
    ACCOUNTS,
    CUSTOMERS,
    ITEMS,
    SUPPLIERS,
    TAX_CODES,
    named,
)
from tests.matrix.seen import ZERO, amount

PAYABLE, SALES, COSTS, UNTAXED = "Trade Creditors", "Sales", "Cost of Goods Sold", "FRE"


class MyobLists:
    """See tests.matrix.ledger.Ledger."""

    world: World
    families: ClassVar[bool] = False

    async def payable(self) -> Decimal:
        url = f"{self.world.control}/companies/{self.world.company}/trial-balance"
        trial = (await self.world.http.get(url)).json()
        owed = [a for a in trial["accounts"] if a["name"] == PAYABLE]
        return sum((amount(a["credit"]) - amount(a["debit"]) for a in owed), ZERO)

    async def costs(self) -> Mapping[str, str]:
        code = (await self._account(COSTS))["DisplayID"]
        return {"line_kind/purchase_part": code, "tax_code/purchase_0 %": UNTAXED}

    async def move_customer(self, name: str, parent: str) -> None:
        raise NotOffered(f"{name}, {parent}: Sub-customers: none; Jobs may emulate")

    async def roles(self, name: str) -> set[str]:
        there = await self.world.documents()
        cards = {"customer": there[CUSTOMERS], "supplier": there[SUPPLIERS]}
        return {role for role, some in cards.items() if named(some, name)}

    async def add_customers(self, people: Sequence[tuple[str, str]]) -> None:
        free = await self._untaxed()
        for name, email in people:
            record = {
                "CompanyName": name,
                "IsIndividual": False,
                "Addresses": [{"Location": 1, "Email": email}],
                "SellingDetails": {"TaxCode": free, "FreightTaxCode": free},
            }
            await self.world.bookkeeper("add", CUSTOMERS, record=record)

    async def add_items(self, items: Sequence[tuple[str, str, Decimal]]) -> None:
        free, sales = await self._untaxed(), (await self._account(SALES))["UID"]
        for code, name, price in items:
            record = {
                "Number": code,
                "Name": name,
                "IsSold": True,
                "IncomeAccount": {"UID": sales},
                "SellingDetails": {"BaseSellingPrice": float(price), "TaxCode": free},
            }
            await self.world.bookkeeper("add", ITEMS, record=record)

    async def many(self, kind: str) -> int:
        return await counted(self.world, {"contact": CUSTOMERS, "item": ITEMS}[kind])

    async def _untaxed(self) -> Json:
        there = (await self.world.documents())[TAX_CODES]
        [free] = [{"UID": t["UID"]} for t in there if t["Code"] == UNTAXED]
        return free

    async def _account(self, name: str) -> Json:
        [one] = [a for a in (await self.world.documents())[ACCOUNTS] if a["Name"] == name]
        return one
