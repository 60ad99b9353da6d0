"""What a person can do in Xero that the sandbox's bookkeeper cannot: apply credits, pay many at
once, choose trackings. Done through Xero's own API, by another of the company's users."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from libs.testing import builders
from tests.flows import acts
from tests.flows.world import Json, World
from tests.services.sandbox.server import Sandbox
from tests.services.sandbox.xero.client import XeroClient
from tests.services.sandbox.xero.oauth import sign_in

DAY = builders.DAY.isoformat()


@asynccontextmanager
async def user(world: World) -> AsyncIterator[XeroClient]:
    """Somebody who works in the company's books."""
    sandbox = Sandbox(world.sandbox)
    try:
        yield XeroClient(sandbox, world.company, await asyncio.to_thread(sign_in, sandbox))
    finally:
        sandbox.raw.close()
        sandbox.http.close()


async def apply(xero: XeroClient, resource: str, credit: str, invoice: str, amount: int) -> str:
    """Apply a credit to an invoice; the allocation's id."""
    share = {"Amount": amount, "Date": DAY, "Invoice": {"InvoiceID": invoice}}
    path = f"/{resource}/{credit}/Allocations"
    made = await asyncio.to_thread(xero.call, "PUT", path, json={"Allocations": [share]})
    return str(made["Allocations"][0]["AllocationID"])


async def unapply(xero: XeroClient, resource: str, credit: str, allocation: str) -> None:
    """Take an allocation back."""
    path = f"/{resource}/{credit}/Allocations/{allocation}"
    await asyncio.to_thread(xero.call, "DELETE", path)


async def make(xero: XeroClient, resource: str, record: Json) -> Json:
    """A new record."""
    return await asyncio.to_thread(xero.create, resource, record)


async def due(world: World) -> Mapping[str, Decimal]:
    """What each invoice or bill still asks for, by number."""
    found = (await world.documents())["Invoices"]
    return {one["InvoiceNumber"]: Decimal(str(one["AmountDue"])) for one in found}


async def ids(world: World) -> Mapping[str, str]:
    """Invoice number -> Xero's id."""
    found = (await world.documents())["Invoices"]
    return {one["InvoiceNumber"]: one["InvoiceID"] for one in found}


async def nothing_more(world: World) -> None:
    """All that was ever said comes once more, and nothing is written; the books balance."""
    writes = await world.writes()
    await acts.deliver_again(world)
    assert await world.writes() == writes
    answer = await world.http.get(f"{world.control}/companies/{world.company}/trial-balance")
    sums: Any = answer.json()
    assert Decimal(sums["debit"]) == Decimal(sums["credit"])


async def put(world: World, kind: str, entity: str, **changes: Any) -> Json:
    """The product's user edits, and the ledger has taken it."""
    revision = await acts.edit(world, kind, entity, **changes)
    return await world.settled(kind, entity, revision)


def share(document: str, amount: Any, kind: str = "invoice") -> Json:
    """An allocation as the product's API takes it."""
    return {"document": document, "document_type": kind, "amount": str(amount)}
