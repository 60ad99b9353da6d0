"""Xero's lists and what is bought there, as a bookkeeper sees them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from tests.flows.world import World
from tests.matrix.ledger import NotOffered, counted
from tests.matrix.ledgers.xero_seen import named
from tests.matrix.seen import ZERO, amount

PAYABLE = "Accounts Payable"


class XeroLists:
    """See tests.matrix.ledger.Ledger."""

    world: World
    families: ClassVar[bool] = False

    async def payable(self) -> Decimal:
        url = f"{self.world.control}/companies/{self.world.company}/trial-balance"
        trial = (await self.world.http.get(url)).json()
        owed = [a for a in trial["accounts"] if a["name"] == PAYABLE]
        return sum((amount(a["credit"]) - amount(a["debit"]) for a in owed), ZERO)

    async def costs(self) -> Mapping[str, str]:
        """Suggested at connect."""
        return {}

    async def move_customer(self, name: str, parent: str) -> None:
        raise NotOffered(f"{name}, {parent}: Sub-customers: none. `ContactGroups` are labels only.")

    async def roles(self, name: str) -> set[str]:
        [one] = named((await self.world.documents())["Contacts"], name)
        flags = {"customer": one["IsCustomer"], "supplier": one["IsSupplier"]}
        return {role for role, said in flags.items() if said}

    async def add_customers(self, people: Sequence[tuple[str, str]]) -> None:
        for name, email in people:
            record = {"Name": name, "EmailAddress": email}
            await self.world.bookkeeper("add", "Contacts", record=record)

    async def add_items(self, items: Sequence[tuple[str, str, Decimal]]) -> None:
        for code, name, price in items:
            sold = {"UnitPrice": str(price)}
            record = {"Code": code, "Name": name, "IsSold": True, "SalesDetails": sold}
            await self.world.bookkeeper("add", "Items", record=record)

    async def many(self, kind: str) -> int:
        return await counted(self.world, {"contact": "Contacts", "item": "Items"}[kind])
