"""Payments of the ledger: records of their own; the invoice's balance is told beside them."""

from datetime import date
from decimal import Decimal

from contracts.entities import Allocation, MoneyStatus, Payment
from contracts.values import EntityType
from libs.testing.builders import contact, invoice, payment
from tests.flows import acts
from tests.flows.acts import SETTLED, born
from tests.flows.world import Json, World

DAY = "2026-03-09"


async def test_a_payment_made_there_comes_back_and_so_does_its_end(world: World) -> None:
    """Part paid, paid, the first payment taken back: the product has each, and the balance."""
    await world.connect()
    await acts.save(world, contact(), invoice())
    writes = await world.writes()
    identity = (await acts.the(world, "Invoices"))["InvoiceID"]
    part = await world.bookkeeper("pay", "Invoices", identity, amount="40.00", date=DAY)
    local = born(world, EntityType.PAYMENT, part["PaymentID"])
    paid = await acts.comes_back(world, "payment", local, 0)
    assert paid.before is None
    assert isinstance(paid.after, Payment)
    assert (paid.after.contact, paid.after.date) == ("c1", date.fromisoformat(DAY))
    assert paid.after.allocations == (Allocation(document="i1", amount=Decimal(40)),)
    await _stands_at(world, 60, "AUTHORISED")
    rest = await world.bookkeeper("pay", "Invoices", identity, amount="60.00", date=DAY)
    await acts.comes_back(world, "payment", born(world, EntityType.PAYMENT, rest["PaymentID"]), 0)
    await _stands_at(world, 0, "PAID")
    await world.bookkeeper("unpay", "Payments", part["PaymentID"])
    ended = await acts.comes_back(world, "payment", local, 1)
    assert ended.before == paid.after
    assert ended.after == paid.after.model_copy(update={"status": MoneyStatus.VOID})
    await _stands_at(world, 40, "AUTHORISED")
    await acts.deliver_again(world)
    assert await world.writes() == writes
    assert (await world.product("invoice", "i1"))["revision"] == 1
    assert await acts.changed(world, "invoice", "i1") == []
    assert len(await acts.of_product(world, "payment")) == 2


async def test_a_payment_of_the_product_deleted_there_ends_in_the_product(world: World) -> None:
    """Ours, by its own id: it is not paid again, and its end is told by its invoice."""
    await world.connect()
    await acts.save(world, contact(), invoice(), payment(invoice()))
    await _stands_at(world, 0, "PAID")
    writes = await world.writes()
    there = await acts.the(world, "Payments")
    await world.bookkeeper("unpay", "Payments", there["PaymentID"])
    ended = await acts.comes_back(world, "payment", "y1")
    assert ended.after is not None
    assert ended.after == payment(invoice()).model_copy(update={"status": MoneyStatus.VOID})
    await _stands_at(world, 100, "AUTHORISED")
    await acts.deliver_again(world)
    assert await world.writes() == writes
    assert len((await world.documents())["Payments"]) == 1


async def _stands_at(world: World, balance: int, status: str) -> None:
    """Wait until the product shows so much open there; told without a call, if not by our own."""

    async def look() -> Json:
        [place] = (await world.product("invoice", "i1"))["ledgers"]
        return place["status"] == status and int(Decimal(place["balance"])) == balance

    await world.until(look, f"a balance of {balance} in the product")
    told = [data for name, data in await world.events("invoice", "i1") if name == SETTLED]
    assert int(Decimal(told[-1]["balance"])) == balance
    assert told[-1]["without_call"] is True
