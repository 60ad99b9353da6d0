"""QuickBooks Online's lists and what is bought there, as a bookkeeper sees them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from tests.flows.world import Json, World
from tests.matrix.ledger import counted
from tests.matrix.ledgers.quickbooks_online_seen import BESIDE
from tests.matrix.seen import ZERO, amount

PAYABLE, SALES, COSTS = "Accounts Payable (A/P)", "Sales of Product Income", "Cost of Goods Sold"
ROLES = {"Customer": "customer", "Vendor": "supplier"}


class QuickBooksLists:
    """See tests.matrix.ledger.Ledger."""

    world: World
    families: ClassVar[bool] = True

    async def payable(self) -> Decimal:
        url = f"{self.world.control}/companies/{self.world.company}/trial-balance"
        trial = (await self.world.http.get(url)).json()
        owed = [a for a in trial["accounts"] if a["name"] == PAYABLE]
        return sum((amount(a["credit"]) - amount(a["debit"]) for a in owed), ZERO)

    async def costs(self) -> Mapping[str, str]:
        return {"line_kind/purchase_part": await self._account(COSTS)}

    async def move_customer(self, name: str, parent: str) -> None:
        there = (await self.world.documents())["Customer"]
        ids = {c["DisplayName"]: str(c["Id"]) for c in there if c["Active"]}
        wire: Json = {"Job": False}
        if parent:
            wire = {"Job": True, "ParentRef": {"value": ids[parent]}, "BillWithParent": True}
        await self.world.bookkeeper("edit", "Customer", ids[name], changes=wire)

    async def roles(self, name: str) -> set[str]:
        there = await self.world.documents()
        return {
            role
            for entity, role in ROLES.items()
            for one in there[entity]
            if one["Active"] and one["DisplayName"] in (name, f"{name}{BESIDE}")
        }

    async def add_customers(self, people: Sequence[tuple[str, str]]) -> None:
        for name, email in people:
            record = {"DisplayName": name, "PrimaryEmailAddr": {"Address": email}}
            await self.world.bookkeeper("add", "Customer", record=record)

    async def add_items(self, items: Sequence[tuple[str, str, Decimal]]) -> None:
        sales = {"value": await self._account(SALES)}
        for code, name, price in items:
            record = {
                "Name": f"{name} ({code})",
                "Sku": code,
                "Type": "NonInventory",
                "UnitPrice": str(price),
                "IncomeAccountRef": sales,
            }
            await self.world.bookkeeper("add", "Item", record=record)

    async def many(self, kind: str) -> int:
        return await counted(self.world, {"contact": "Customer", "item": "Item"}[kind])

    async def _account(self, name: str) -> str:
        [one] = [a for a in (await self.world.documents())["Account"] if a["Name"] == name]
        return str(one["Id"])
