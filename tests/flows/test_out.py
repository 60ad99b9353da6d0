"""The way out: one record per entity, whatever happens on the way."""

import asyncio
import uuid

from libs.testing.builders import contact, invoice, item, line
from tests.flows.world import World


async def test_an_invoice_reaches_the_ledger_with_its_contact_and_item(world: World) -> None:
    await world.connect()
    sold = invoice("i1", [line("l1", item="p1", tax_rate="20")])
    await world.put(sold, included=[(contact("c1"), 1), (item("p1"), 1)])
    record = await world.settled("invoice", "i1")
    [there] = await world.live("Invoices")
    assert (there["InvoiceNumber"], there["Total"]) == ("INV-i1", 60)
    assert there["LineItems"][0]["ItemCode"] == "CODE-p1"
    assert [c["Name"] for c in await world.live("Contacts")] == ["Harbour Joinery c1"]
    assert [p["external_id"] for p in record["parts"]] == [there["InvoiceID"]]


async def test_an_answer_lost_after_the_commit_makes_no_second_invoice(world: World) -> None:
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    await world.fault("lose-answer", method="PUT", path="/Invoices")
    await world.put(invoice("i1"))
    await world.settled("invoice", "i1")
    assert len(await world.live("Invoices")) == 1
    assert len(await world.requests(method="PUT", path="/Invoices")) <= 1


async def test_killed_between_call_and_settle_single(world: World) -> None:
    """The connector dies while the ledger works; it finds its invoice again."""
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    await world.fault("hang", method="PUT", path="/Invoices", seconds=1.0, commit=True)
    await world.put(invoice("i1"))
    await world.until(lambda: _sent(world, "i1"), "the call to leave")
    await world.kill_connector()
    await world.start_connector()
    await world.settled("invoice", "i1")
    assert len(await world.live("Invoices")) == 1


async def test_every_event_delivered_twice_is_written_once(world: World) -> None:
    await world.connect()
    events = [world.event(contact("c1"))]
    events += [world.event(invoice(f"i{n}", number=f"T-{uuid.uuid4().hex[:6]}")) for n in range(8)]
    await world.publish(events, times=2)
    await asyncio.gather(*(world.settled("invoice", f"i{n}") for n in range(8)))
    await world.quiet()
    assert len(await world.live("Invoices")) == 8
    assert len(await world.live("Contacts")) == 1


async def test_an_invoice_before_its_contact_waits_for_it(world: World) -> None:
    await world.connect()
    await world.put(invoice("i1"))
    await world.until(lambda: _received(world, "i1"), "the invoice to be filed")
    await world.put(contact("c1"))
    await world.settled("invoice", "i1")
    assert len(await world.live("Invoices")) == 1


async def _sent(world: World, entity: str) -> bool:
    calls = (await world.record("invoice", entity)).get("calls", [])
    return any(call["state"] == "open" for call in calls)


async def _received(world: World, entity: str) -> bool:
    return bool((await world.record("invoice", entity)).get("received"))
