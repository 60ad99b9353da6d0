"""The way out: one record per entity, whatever happens on the way."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from contracts.entities import DocumentStatus
from contracts.messages import EntityDeleted, SetPolicy
from contracts.topics import COMMANDS, INVOICING_EVENTS
from libs.messaging.logs import LogReader
from libs.messaging.publisher import Publisher
from libs.messaging.topics import Names
from libs.testing.builders import contact, invoice, item, line, payment
from services.ops.replaying import Range, replay
from tests.flows.counting import caught_up, one_each, posted, struck, writes_to
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


async def test_killed_between_call_and_settle_single(world: World) -> None:
    """The connector dies while the ledger works; it finds its invoice again."""
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    await world.fault("hang", method="PUT", path="/Invoices", seconds=1.0)
    await world.put(invoice("i1"))
    await struck(world, "hang")
    await world.kill_connector()
    await world.start_connector()
    await world.settled("invoice", "i1")
    await one_each(world, ["i1"])
    assert len(await writes_to(world, "Invoices")) == 1


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


async def test_a_lower_revision_that_arrives_later_is_dropped(world: World) -> None:
    """Revision 3 has settled when revision 2 comes late, and again after it: it changes nothing."""
    await world.connect()
    newest = invoice("i1", due_date="2026-05-05")
    await world.put(newest, revision=3, included=[(contact(), 1)])
    await world.settled("invoice", "i1", 3)
    writes = await world.writes()
    await world.publish([world.event(invoice("i1"), 2), world.event(newest, 3)], times=2)
    await caught_up(world)
    there = await one_each(world, ["i1"])
    assert there["i1"]["DueDateString"].startswith("2026-05-05")
    assert await world.writes() == writes
    settled = [told for event, told in await world.events("invoice", "i1") if "settled" in event]
    assert [told["revision"] for told in settled] == [3]


async def test_an_invoice_and_its_payment(world: World) -> None:
    """The payment comes first, waits for its invoice, and clears it; the journal balances."""
    await world.connect()
    whole = invoice("i1")
    await world.publish([world.event(payment(whole)), world.event(whole)])
    await world.put(contact())
    record = await world.settled("payment", "y1")
    [paid] = await world.live("Payments")
    assert [part["external_id"] for part in record["parts"]] == [paid["PaymentID"]]
    there = await one_each(world, ["i1"])
    assert (there["i1"]["Status"], there["i1"]["AmountDue"]) == ("PAID", 0)
    assert len(await writes_to(world, "Payments")) == 1


async def test_a_void_keeps_the_number_and_takes_the_money_back(world: World) -> None:
    """Voided once, and said twice: there is one write, and what was posted is reversed."""
    await world.connect()
    await world.put(invoice("i1"), included=[(contact(), 1)])
    await world.settled("invoice", "i1")
    void = invoice("i1", status=DocumentStatus.VOID)
    await world.put(void, revision=2)
    await world.settled("invoice", "i1", 2)
    await world.put(void, revision=3)
    record = await world.settled("invoice", "i1", 3)
    [there] = (await world.documents())["Invoices"]
    assert (there["InvoiceNumber"], there["Status"]) == ("INV-i1", "VOIDED")
    assert record["state"] == "void"
    assert await posted(world, "accrec ") == {}
    assert len(await writes_to(world, "Invoices", "POST")) == 1


async def test_a_void_of_what_was_never_there_makes_nothing(world: World) -> None:
    await world.connect()
    await world.put(invoice("i1", status=DocumentStatus.VOID), included=[(contact(), 1)])
    await world.settled("invoice", "i1")
    assert (await world.documents())["Invoices"] == []


async def test_a_draft_is_pushed_where_the_policy_says_so_and_can_be_deleted(world: World) -> None:
    """A draft is not sent until `push_from` says draft; deleted in the product, it is deleted in
    the ledger, and a late repeat of it does not bring it back."""
    await world.connect()
    draft = invoice("i1", status=DocumentStatus.DRAFT)
    await world.put(draft, included=[(contact(), 1)])
    held = await world.told("invoice", "i1", "entity.held")
    assert held["reason"] == "draft"
    policy = SetPolicy(
        id=uuid.uuid4().hex, tenant=world.tenant, connection=world.connection, push_from="draft"
    )
    await world.command(policy)
    await caught_up(world, COMMANDS.name, "commands")
    await world.put(draft, revision=2)
    await world.settled("invoice", "i1", 2)
    [there] = (await world.documents())["Invoices"]
    assert there["Status"] == "DRAFT"
    deleted = EntityDeleted(tenant=world.tenant, type=draft.type, id="i1", revision=9)
    await world.publish([deleted, world.event(draft, 8), deleted])
    await world.settled("invoice", "i1", 9)
    await caught_up(world)
    await world.quiet()
    [there] = (await world.documents())["Invoices"]
    assert there["Status"] == "DELETED"
    assert len(await writes_to(world, "Invoices")) == 1


async def test_the_whole_topic_replayed_writes_nothing(world: World) -> None:
    """Contacts, items, invoices, an edit, a void and a payment; then all of it once more, as
    `ledgerbridge replay` publishes it."""
    await world.connect()
    sold = [invoice(f"i{n}", [line(item="p1", quantity=Decimal(n + 1))]) for n in range(5)]
    await world.put(sold[0], included=[(contact(), 1), (item(), 1)])
    await world.publish(world.event(one) for one in sold[1:])
    await world.put(payment(sold[1]))
    for entity in ("i0", "i2", "i3", "i4"):
        await world.settled("invoice", entity)
    await world.put(invoice("i0", sold[0].lines, due_date="2026-05-05"), revision=2)
    await world.put(invoice("i2", sold[2].lines, status=DocumentStatus.VOID), revision=2)
    await world.settled("payment", "y1")
    await world.settled("invoice", "i0", 2)
    await world.settled("invoice", "i2", 2)
    await world.quiet()
    writes, books = await world.writes(), await world.documents()
    assert await _replayed(world) >= 8
    await caught_up(world)
    await world.quiet()
    assert await world.writes() == writes
    assert await world.documents() == books


async def _replayed(world: World) -> int:
    """What `ledgerbridge replay` has published again of this tenant."""
    names, url = Names(world.prefix), world.environment["KAFKA_URL"]
    now = datetime.now(UTC)
    wanted = Range(INVOICING_EVENTS.name, now - timedelta(hours=1), now, world.tenant)
    async with Publisher(url, names) as publisher:
        told = await replay(LogReader(url, names), publisher, wanted, now, lambda *_: None)
    return told.chosen


async def _received(world: World, entity: str) -> bool:
    return bool((await world.record("invoice", entity)).get("received"))
