"""A topic replayed whole, and a connector's schema that was lost: nothing twice, nothing undone."""

import asyncio
from typing import Any

import asyncpg

from contracts.entities import Entity
from contracts.messages import Recreate
from contracts.values import EntityType
from libs.testing.builders import contact, invoice, item, line, payment
from tests.flows.world import World

EXEMPT = line("l1", tax_code="EXEMPT")


async def lose_schema(world: World) -> None:
    """Stop the connector and drop all it knew."""
    await world.kill_connector()
    db = await asyncpg.connect(world.environment["POSTGRES_URL"])
    try:
        await db.execute("drop schema connectors_xero cascade")
    finally:
        await db.close()


async def restored(world: World) -> None:
    """Wait until the log has been read again and all of it has come to rest."""

    async def look() -> bool:
        found = (await world.status())["connections"]
        return bool(found) and all(c["described"] and not c["restoring"] for c in found)

    await world.until(look, "the schema to be restored", 60)
    await world.quiet()


async def some_books(world: World) -> list[tuple[Entity, int]]:
    """A contact, an item, two invoices (one edited), a payment; all of it in the ledger."""
    await world.connect()
    first = invoice("i1", [line("l1", item="p1")])
    made: list[tuple[Entity, int]] = [
        (contact("c1"), 1),
        (item("p1"), 1),
        (first, 1),
        (invoice("i2"), 1),
        (invoice("i2", due_date="2026-04-15"), 2),
        (payment(first), 1),
    ]
    await world.publish([world.event(entity, number) for entity, number in made])
    await world.settled("invoice", "i2", 2)
    await world.settled("payment", "y1")
    await world.quiet()
    return made


async def count(world: World) -> dict[str, int]:
    return {kind: len(records) for kind, records in (await world.documents()).items()}


async def progress(world: World) -> Any:
    """The newest progress of the tenant's only batch that the product has taken in."""
    url = f"{world.stack.url('reference_product')}/batches"
    answer = await world.http.get(url, params={"tenant": world.tenant})
    return next((b for b in answer.json()["batches"] if b["synced"] == b["total"]), None)


async def _both_synced(world: World, number: int) -> bool:
    found = await progress(world)
    return bool(found and found["synced"] == 2 and found["number"] > number)


async def test_the_whole_topic_replayed_writes_nothing(world: World) -> None:
    """Every event once more, oldest first: the connector knows each, and no call leaves."""
    made = await some_books(world)
    before, writes = await count(world), await world.writes()
    await world.publish([world.event(entity, number) for entity, number in made])
    await world.put(contact("c2"))
    await world.settled("contact", "c2")
    await world.quiet()
    assert await world.writes() == writes + 1
    assert await count(world) == {**before, "Contacts": before["Contacts"] + 1}


async def test_a_lost_schema_is_restored_and_writes_nothing(world: World) -> None:
    """The schema is dropped: what the topics hold fills it again, without one write. Puts after it
    change the same records, and the whole topic replayed on top makes no double. What a person
    has mapped is still known, and the numbers of a batch's progress go on."""
    made = await some_books(world)
    await world.map("tax_code", "EXEMPT", "NONE")
    await world.publish([world.event(invoice("i3", [EXEMPT]), batch="b1")])
    await world.settled("invoice", "i3")
    told = await world.until(lambda: progress(world), "the progress of the batch")
    parts = (await world.record("invoice", "i2"))["parts"]
    before, writes = await count(world), await world.writes()
    await lose_schema(world)
    await world.start_connector()
    await restored(world)
    assert (await world.writes(), await count(world)) == (writes, before)
    await world.publish([world.event(entity, number) for entity, number in made])
    await world.put(invoice("i2", due_date="2026-05-20"), 3)
    await world.put(contact("c1", name="Harbour Joinery Ltd"), 2)
    await world.settled("invoice", "i2", 3)
    await world.settled("contact", "c1", 2)
    await world.quiet()
    assert (await world.writes(), await count(world)) == (writes + 2, before)
    assert (await world.record("invoice", "i2"))["parts"] == parts
    [there] = [i for i in await world.live("Invoices") if i["InvoiceNumber"] == "INV-i2"]
    assert there["DueDateString"].startswith("2026-05-20")
    assert [c["Name"] for c in await world.live("Contacts")] == ["Harbour Joinery Ltd"]
    await world.publish([world.event(invoice("i4", [EXEMPT]), batch="b1")])
    await world.settled("invoice", "i4")
    taxes = [i["LineItems"][0]["TaxType"] for i in await world.live("Invoices")]
    assert taxes.count("NONE") == 2
    await world.until(lambda: _both_synced(world, told["number"]), "the batch to be told of")


async def test_what_both_sides_did_while_the_schema_was_lost_survives(world: World) -> None:
    """While nobody listens the bookkeeper changes an invoice's due date and the product one of its
    lines. After the restore the ledger has both, and the product is told of the due date."""
    await some_books(world)
    await lose_schema(world)
    [there] = [i for i in await world.live("Invoices") if i["InvoiceNumber"] == "INV-i2"]
    changes = {"DueDate": "2026-06-30"}
    await world.bookkeeper("edit", "Invoices", there["InvoiceID"], changes=changes)
    lines = [line("l1"), line("l2", quantity="3")]
    await world.put(invoice("i2", lines, due_date="2026-04-15"), 3)
    await world.start_connector()
    await restored(world)
    await world.settled("invoice", "i2", 3)
    told = await world.told("invoice", "i2", "entity.changed")
    assert told["after"]["due_date"] == "2026-06-30"
    [there] = [i for i in await world.live("Invoices") if i["InvoiceNumber"] == "INV-i2"]
    assert there["DueDateString"].startswith("2026-06-30")
    assert there["Total"] == 125


async def test_a_create_under_way_when_the_schema_was_lost_is_found(world: World) -> None:
    """The ledger stores an invoice, its answer is lost, and so is the schema with the intent. The
    invoice is in doubt: it is looked for before it is created, and found. So is a contact."""
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    await world.fault("hang", method="PUT", path="/Invoices", seconds=1.0, commit=True)
    await world.fault("hang", method="PUT", path="/Contacts", seconds=1.0, commit=True)
    await world.put(invoice("i1"))
    await world.put(contact("c2"))
    await world.until(lambda: _open_calls(world, 2), "both calls to leave")
    await lose_schema(world)
    await world.until(lambda: _there(world, 1, 2), "the ledger to have stored both")
    await world.start_connector()
    await restored(world)
    await world.settled("invoice", "i1")
    await world.settled("contact", "c2")
    assert len(await world.requests(method="PUT", path="/Invoices")) == 1
    assert len(await world.live("Invoices")) == 1
    assert len(await world.live("Contacts")) == 2


async def test_a_generation_ended_by_recreate_survives_a_lost_schema(world: World) -> None:
    """An item was deleted in the ledger and created again by command. After the
    restore the lane is of the later generation, bound to the later record, and stays so."""
    await world.connect()
    await world.put(item("p1"))
    await world.settled("item", "p1")
    [first] = [i for i in await world.live("Items") if i["Code"] == "CODE-p1"]
    await world.bookkeeper("delete", "Items", first["ItemID"])
    await world.put(item("p1", name="Steel hinge"), 2)
    lane = await world.held("item", "p1")
    assert lane["hold"] == "gone"
    await world.command(
        Recreate(
            id=f"r-{world.tenant}",
            tenant=world.tenant,
            connection=world.connection,
            type=EntityType.ITEM,
            entity="p1",
            generation=0,
        )
    )
    await world.settled("item", "p1", 2)
    await world.quiet()
    before, writes = await world.record("item", "p1"), await world.writes()
    assert before["generation"] == 1
    await lose_schema(world)
    await world.start_connector()
    await restored(world)
    after = await world.record("item", "p1")
    assert (after["generation"], after["state"]) == (1, "bound")
    assert after["marker"] == before["marker"]
    assert await world.writes() == writes
    await world.put(item("p1", name="Iron hinge"), 3)
    await world.settled("item", "p1", 3)
    assert [i["Name"] for i in await world.live("Items") if i["Code"] == "CODE-p1"] == [
        "Iron hinge"
    ]


async def _open_calls(world: World, wanted: int) -> bool:
    pairs = (("invoice", "i1"), ("contact", "c2"))
    records = await asyncio.gather(*(world.record(*pair) for pair in pairs))
    calls = [call for record in records for call in record.get("calls", [])]
    return len([call for call in calls if call["state"] == "open"]) == wanted


async def _there(world: World, invoices: int, contacts: int) -> bool:
    found = await count(world)
    return (found["Invoices"], found["Contacts"]) == (invoices, contacts)
