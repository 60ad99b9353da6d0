"""A tenant with several companies: each document lands in exactly one of them."""

import asyncio
from decimal import Decimal

import pytest

from contracts.entities import Allocation, Invoice
from contracts.messages import Scope
from libs.testing.builders import contact, invoice, payment
from tests.flows.world import World

Two = tuple[World, World]


@pytest.fixture
async def two(world: World) -> Two:
    """Two companies of one tenant: north takes location n, south s."""
    seen = []
    for location in ("n", "s"):
        await world.connect(scope=Scope(locations=(location,)))
        seen.append(world.at(world.company, world.connection))
    north, south = seen
    await world.put(contact("c1"))
    await asyncio.gather(*(side.settled("contact", "c1") for side in seen))
    return north, south


async def numbers(side: World) -> list[str]:
    return sorted(i["InvoiceNumber"] for i in await side.live("Invoices"))


async def test_each_invoice_lands_in_exactly_one_company(two: Two) -> None:
    north, south = two
    where = {f"i{n}": "ns"[n % 2] for n in range(8)}
    events = [north.event(invoice(entity, location=at)) for entity, at in where.items()]
    await north.publish(events)
    for entity, at in where.items():
        taker, other = (north, south) if at == "n" else (south, north)
        await taker.settled("invoice", entity)
        told = await other.told("invoice", entity, "entity.held")
        assert told["reason"] == "other-connection"
    assert await numbers(north) == [f"INV-i{n}" for n in (0, 2, 4, 6)]
    assert await numbers(south) == [f"INV-i{n}" for n in (1, 3, 5, 7)]


async def test_an_invoice_of_no_connection_is_held_with_a_question(two: Two) -> None:
    """Nobody takes location w, and both sides ask; when the south's scope is widened it goes there
    without another put, and the north asks no more."""
    north, south = two
    await north.put(invoice("i1", location="w"))
    for side in two:
        lane = await side.held("invoice", "i1")
        assert lane["hold"] == "no-connection"
        assert "location" in lane["hold_sentence"]
        assert "Widen" in lane["hold_action"]
    assert await numbers(north) == await numbers(south) == []
    wide = Scope(locations=("s", "w"))
    await south.connect(south.company, connection=south.connection, scope=wide)
    await south.settled("invoice", "i1")
    told = await north.told("invoice", "i1", "entity.held", 2)
    assert told["reason"] == "other-connection"
    assert (await numbers(north), await numbers(south)) == ([], ["INV-i1"])


async def test_a_moved_invoice_is_removed_there_before_it_is_created_here(two: Two) -> None:
    """Its location changes from n to s: it is void in the north before the south has it, and at no
    moment in both. Back again, it is void in the south; Xero keeps the number of what is void, so
    the north asks for another one, and with that it is there."""
    north, south = two
    await north.put(invoice("i1", location="n"))
    await north.settled("invoice", "i1")
    await north.put(invoice("i1", location="s"), 2)
    await south.settled("invoice", "i1", 2)
    assert (await numbers(north), await numbers(south)) == ([], ["INV-i1"])
    removed = await north.requests(method="POST", path="/Invoices")
    created = await south.requests(method="PUT", path="/Invoices")
    assert len(removed) == len(created) == 1
    assert removed[0]["seq"] < created[0]["seq"]
    await north.put(invoice("i1", location="n"), 3)
    assert (await north.held("invoice", "i1"))["hold"] == "number-taken"
    assert (await numbers(north), await numbers(south)) == ([], [])
    await north.put(invoice("i1", location="n", number="INV-i1-2"), 4)
    await north.settled("invoice", "i1", 4)
    assert (await numbers(north), await numbers(south)) == (["INV-i1-2"], [])


async def test_a_paid_invoice_that_moves_is_held_on_both_sides(two: Two) -> None:
    """The north cannot void what is paid there, and says so; the south, which waits for that,
    gives the north's reason and creates nothing."""
    north, south = two
    await north.put(invoice("i1", location="n"))
    await north.settled("invoice", "i1")
    [there] = await north.live("Invoices")
    await north.bookkeeper("pay", "Invoices", there["InvoiceID"], amount=there["Total"])
    await north.put(invoice("i1", location="s"), 2)
    assert (await north.held("invoice", "i1"))["hold"] == "paid"
    waiting = await south.held("invoice", "i1")
    assert waiting["hold"] == "waits"
    assert "payment" in waiting["hold_sentence"]
    assert (await numbers(north), await numbers(south)) == (["INV-i1"], [])


async def test_a_payment_follows_its_invoice(two: Two) -> None:
    """Whatever comes first: the payment goes where its invoice is, and the other side says that it
    is not its."""
    north, south = two
    of: Invoice = invoice("i1", location="s")
    await north.put(payment(of))
    await asyncio.gather(*(side.filed("payment", "y1") for side in two))
    await north.put(of)
    await south.settled("payment", "y1")
    await north.until(lambda: _left_out(north, "y1"), "the north to leave the payment out")
    assert len(await south.live("Payments")) == 1
    assert await north.live("Payments") == []


async def test_a_payment_over_invoices_of_two_connections_is_shared(two: Two) -> None:
    """Each company gets its own share, and neither waits for the other's invoice."""
    north, south = two
    first, second = invoice("i1", location="n"), invoice("i2", location="s")
    await north.publish([north.event(first), north.event(second)])
    await north.settled("invoice", "i1")
    await south.settled("invoice", "i2")
    shares = (
        Allocation(document="i1", amount=Decimal(100)),
        Allocation(document="i2", amount=Decimal(40)),
    )
    await north.put(payment(first, amount=Decimal(140), allocations=shares))
    await asyncio.gather(*(side.settled("payment", "y1") for side in two))
    assert [p["Amount"] for p in await north.live("Payments")] == [100]
    assert [p["Amount"] for p in await south.live("Payments")] == [40]


async def _left_out(side: World, entity: str) -> bool:
    told = [data for name, data in await side.events("payment", entity) if name == "entity.held"]
    return bool(told) and told[-1]["reason"] == "other-connection"
