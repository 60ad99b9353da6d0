"""When a connection is synced: in runs, or at once for what somebody asks for."""

import asyncio
import uuid
from typing import Any

from contracts.messages import SetPolicy, SyncNow
from contracts.values import EntityType
from libs.service.database import connect
from libs.testing.builders import contact, invoice, line
from tests.flows import acts
from tests.flows.world import World


async def strike(world: World) -> None:
    """The clock strikes: the connection's next run is due now."""
    db = await connect(world.environment["POSTGRES_URL"], "connectors_xero")
    try:
        await db.execute("update connection set runs_at = now() where id = $1", world.connection)
    finally:
        await db.close()


async def calls(world: World) -> int:
    return len(await world.requests())


async def test_with_daily_nothing_is_called_until_the_run_which_takes_all_that_is_unsynced(
    world: World,
) -> None:
    """Sync is at the end of the day. An invoice that was held yesterday, a new one and the
    bookkeeper's edit wait without a call; the run takes all of them, and what comes after it waits
    for the next."""
    await world.connect()
    await acts.save(world, contact(), invoice("i0"))
    await world.put(invoice("held", [line("l1", tax_code="EXEMPT")]))
    await world.held("invoice", "held")
    await choose(world, trigger="daily")
    await world.map("tax_code", "EXEMPT", "ZERORATEDOUTPUT")
    await world.until(lambda: mended(world), "the mapping to be known")
    before = await calls(world)
    await world.put(invoice("i1"))
    await world.filed("invoice", "i1")
    there = await acts.the(world, "Invoices", InvoiceNumber="INV-i0")
    await world.bookkeeper(
        "edit", "Invoices", there["InvoiceID"], changes={"DueDate": "2026-05-01"}
    )
    await world.until(lambda: hinted(world), "the webhook to arrive")
    await looked_twice(world)
    assert await calls(world) == before
    await strike(world)
    await asyncio.gather(*(world.settled("invoice", i) for i in ("held", "i1")))
    await acts.comes_back(world, "invoice", "i0")
    await world.until(lambda: over(world), "the run to end")
    after = await calls(world)
    await world.put(invoice("i2"))
    await world.filed("invoice", "i2")
    await looked_twice(world)
    assert await calls(world) == after
    await choose(world, trigger="live")
    await world.settled("invoice", "i2")


async def test_sync_now_for_one_record_and_one_batch_and_all(world: World) -> None:
    """Every four hours: of three invoices one is asked for by itself, with the customer it needs,
    two as a batch; the rest comes with the whole connection."""
    await world.connect()
    await choose(world, trigger="hours", every_hours=4)
    for entity in ("c1", "c2"):
        await world.put(contact(entity))
    await world.put(invoice("i1"))
    await world.publish([world.event(invoice(i), batch="b1") for i in ("i2", "i3")])
    await world.put(invoice("i4", customer="c2"))
    await world.filed("invoice", "i4")
    await now(world, type=EntityType.INVOICE, entity="i1")
    await world.settled("invoice", "i1")
    assert [i["InvoiceNumber"] for i in await world.live("Invoices")] == ["INV-i1"]
    await now(world, batch="b1")
    await asyncio.gather(*(world.settled("invoice", i) for i in ("i2", "i3")))
    await looked_twice(world)
    assert len(await world.live("Invoices")) == 3
    assert len(await world.live("Contacts")) == 1
    await now(world)
    await world.settled("invoice", "i4")


async def choose(world: World, **chosen: Any) -> None:
    """Set the trigger; in force when this returns."""
    await world.command(SetPolicy(**acts.order(world), **chosen))

    async def look() -> bool:
        [found] = (await world.status())["connections"]
        return bool(found["policy"].get("trigger") == chosen["trigger"])

    await world.until(look, "the trigger to be set")


async def now(world: World, **what: Any) -> None:
    await world.command(SyncNow(**acts.order(world), **what))


async def mended(world: World) -> bool:
    return not (await world.record("invoice", "held"))["hold"]


async def hinted(world: World) -> bool:
    received = (await world.record("invoice", "i0"))["received"]
    return any((row["kind"], row["state"]) == ("notice", "pending") for row in received)


async def over(world: World) -> bool:
    [found] = (await world.status())["connections"]
    return not found["running"]


async def looked_twice(world: World) -> None:
    """Wait until the connector has served another connection meanwhile: it does not sleep."""
    tenant = f"{world.tenant}-{uuid.uuid4().hex[:4]}"
    other = World(world.stack, world.environment, world.prefix, tenant)
    async with other as same:
        await same.connect()
        await same.put(contact())
        await same.settled("contact", "c1")
