"""Where a connection begins: what is older than it, what the log still holds, what is a draft."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from contracts.entities import Invoice
from contracts.messages import EntityPut, Included, MoveStart, SetPolicy
from contracts.topics import INVOICING_EVENTS
from libs.testing.builders import contact, invoice, item, line, payment
from tests.flows.world import World

AGO = timedelta(hours=1)


def earlier() -> datetime:
    """A moment before the connection began."""
    return datetime.now(UTC) - AGO


async def started(world: World) -> datetime:
    """The moment the connection begins, as auth has it."""
    [found] = [c for c in await world.connections() if c["id"] == world.connection]
    return datetime.fromisoformat(found["starts_at"])


async def test_an_invoice_older_than_the_connection_is_never_created(world: World) -> None:
    """Made before the connection: as a put and as an included snapshot alike it is left out, and
    the product is told so. Of a batch the moment the batch was made decides, either way."""
    await world.connect()
    await world.put(contact("c1"))
    old, new = invoice("old"), invoice("new")
    await world.put(old, made_at=earlier())
    about_old = world.event(payment(old)).model_copy(update={"included": (_snapshot(old),)})
    await world.publish([about_old, _of_batch(world, invoice("late"), batch_at=earlier())])
    in_time = _of_batch(world, new, batch_at=datetime.now(UTC), made_at=earlier())
    await world.publish([in_time])
    await world.settled("invoice", "new")
    for entity in ("old", "late"):
        told = await world.told("invoice", entity, "entity.held")
        assert told["reason"] == "before-connection"
        assert "before the connection" in told["sentence"]
    assert [i["InvoiceNumber"] for i in await world.live("Invoices")] == ["INV-new"]
    assert await world.live("Payments") == []


async def test_an_invoice_older_than_the_connection_that_is_edited_and_paid(world: World) -> None:
    """Each edit ends visibly as `before-connection`; the payment is held and says what for, and
    neither is looked at in the ledger again and again."""
    await world.connect()
    await world.put(contact("c1"))
    await world.settled("contact", "c1")
    old = invoice("old")
    await world.put(old, made_at=earlier())
    await world.told("invoice", "old", "entity.held")
    await world.put(old.model_copy(update={"note": "edited"}), 2, made_at=earlier())
    edited = await world.told("invoice", "old", "entity.held", 2)
    assert (edited["reason"], edited["revision"]) == ("before-connection", 2)
    await world.put(payment(old))
    lane = await world.held("payment", "y1")
    assert lane["hold"] == "waits"
    assert "invoice old" in lane["hold_sentence"]
    assert "before the connection" in lane["hold_sentence"]
    assert (await world.told("payment", "y1", "entity.held"))["sentence"] == lane["hold_sentence"]
    assert await world.live("Invoices") == []
    assert await world.requests(method="PUT", path="/Invoices") == []
    assert [name for name, _ in await world.events("payment", "y1")] == ["entity.held"]


async def test_an_old_contact_and_item_are_sent_when_something_refers_to_them(
    world: World,
) -> None:
    """Alone they are not sent, however often they are edited; a new invoice brings them along,
    filed before it or included in it."""
    await world.connect()
    await world.put(contact("c1"), made_at=earlier())
    await world.put(item("p1"), made_at=earlier())
    await world.put(contact("c9"), made_at=earlier())
    await world.put(contact("c9", name="Nobody"), 2, made_at=earlier())
    await asyncio.gather(*(world.filed("contact", c) for c in ("c1", "c9")))
    await world.put(contact("c2"))
    await world.settled("contact", "c2")
    await world.quiet()
    assert [c["Name"] for c in await world.live("Contacts")] == ["Harbour Joinery c2"]
    await world.put(invoice("i1", [line("l1", item="p1")]))
    await world.settled("invoice", "i1")
    other = invoice("i2", [line("l1", item="p2")], customer="c3")
    put = world.event(other)
    old = tuple(
        Included(revision=1, made_at=earlier(), entity=part) for part in (contact("c3"), item("p2"))
    )
    await world.publish([put.model_copy(update={"included": old})])
    await world.settled("invoice", "i2")
    names = sorted(c["Name"] for c in await world.live("Contacts"))
    assert names == [f"Harbour Joinery c{n}" for n in (1, 2, 3)]
    assert {"CODE-p1", "CODE-p2"} <= {i["Code"] for i in await world.live("Items")}


async def test_an_earlier_start_brings_the_older_invoices_once(world: World) -> None:
    """One invoice was published before the connection, one was turned away live: when the start
    is moved back the log is read again, and both arrive, once."""
    await world.put(contact("c1"), made_at=earlier())
    await world.put(invoice("logged"), made_at=earlier())
    await world.put(invoice("ancient"), made_at=earlier() - 10 * AGO)
    await world.connect()
    await world.put(invoice("live"), made_at=earlier())
    await world.told("invoice", "live", "entity.held")
    start = {"id": f"m1-{world.tenant}", "tenant": world.tenant, "connection": world.connection}
    await world.command(MoveStart(**start, starts_at=datetime.now(UTC) - 2 * AGO))
    await asyncio.gather(*(world.settled("invoice", i) for i in ("logged", "live")))
    await world.told("invoice", "ancient", "entity.held")
    await world.quiet()
    numbers = sorted(i["InvoiceNumber"] for i in await world.live("Invoices"))
    assert numbers == ["INV-live", "INV-logged"]
    assert len(await world.live("Contacts")) == 1


async def test_a_moved_start_survives_the_next_word_of_auth(world: World) -> None:
    """The command is the connector's to keep: auth, which knows of no earlier start, says the
    connection anew (a reconnect), and a draft of the time between is still taken when approved."""
    await world.connect()
    await world.put(contact("c1"))
    draft = invoice("d1", status="draft")
    start = {"id": f"m2-{world.tenant}", "tenant": world.tenant, "connection": world.connection}
    await world.command(MoveStart(**start, starts_at=datetime.now(UTC) - 2 * AGO))
    await world.put(draft, made_at=earlier())
    await world.until(lambda: _told_of(world, "d1", "draft"), "it to be a draft")
    await world.connect(world.company, connection=world.connection)
    await world.put(invoice("d1"), 2, made_at=earlier())
    await world.settled("invoice", "d1", 2)
    assert len(await world.live("Invoices")) == 1


async def test_what_is_published_while_a_tenant_connects_arrives_once(world: World) -> None:
    """The product publishes before, during and after the connection opens; each document made
    from its start on is there once, none made before it."""
    made: dict[str, datetime] = {}

    async def publish(count: int) -> None:
        for _ in range(count):
            entity = f"i{len(made)}"
            made[entity] = datetime.now(UTC)
            put = world.event(invoice(entity), made_at=made[entity])
            included = (Included(revision=1, made_at=made[entity], entity=contact("c1")),)
            await world.publish([put.model_copy(update={"included": included})])

    await publish(20)
    connecting = asyncio.create_task(world.connect())
    while not connecting.done():
        await publish(1)
        await world.status()
    await connecting
    await publish(20)
    start = await started(world)
    wanted = {entity for entity, at in made.items() if at >= start}
    assert 20 < len(wanted) < len(made), "the connection opened while the product published"
    await world.until(lambda: _all_settled(world, wanted), "all of them to settle", 60)
    await world.quiet()
    there = Counter(i["InvoiceNumber"] for i in await world.live("Invoices"))
    assert there == Counter(f"INV-{entity}" for entity in wanted)
    assert len(await world.live("Contacts")) == 1


async def test_a_product_whose_clock_is_slow_while_a_tenant_connects(world: World) -> None:
    """The product's clock is behind by five minutes. What it makes just after the connection bears
    a moment before the start: it is turned away and said so, never lost without a word, and a
    start moved back by those minutes brings it. A fast clock, or ours that is behind: what was
    published before the connection and bears a moment after the start comes from the log."""
    await world.put(contact("c1"))
    await world.put(invoice("fast"), made_at=datetime.now(UTC) + timedelta(minutes=1))
    await world.connect()
    await world.settled("invoice", "fast")
    slow = timedelta(minutes=5)
    await world.put(invoice("slow"), made_at=datetime.now(UTC) - slow)
    told = await world.told("invoice", "slow", "entity.held")
    assert told["reason"] == "before-connection"
    assert len(await world.live("Invoices")) == 1
    start = {"id": f"m3-{world.tenant}", "tenant": world.tenant, "connection": world.connection}
    await world.command(MoveStart(**start, starts_at=await started(world) - slow))
    await world.settled("invoice", "slow")
    assert len(await world.live("Invoices")) == 2


async def test_a_reading_of_the_log_killed_halfway_goes_on(world: World) -> None:
    """The connector dies in the middle of a filing of the log read again; started anew it reads
    the rest, and everything is there once."""
    count = 60
    await world.put(contact("c1"))
    await world.publish([world.event(invoice(f"i{n}")) for n in range(count)])
    begin = datetime.now(UTC) - AGO
    company = await world.new_company()
    async with _stuck_at(world, f"i{count - 1}") as stuck:
        connecting = asyncio.create_task(world.connect(company, starts_at=begin))
        await world.until(stuck, "the reading to be under way")
        await world.kill_connector()
    assert await _rereads(world) == 1
    await world.start_connector()
    await connecting
    await world.until(lambda: _all_settled(world, {f"i{n}" for n in range(count)}), "all")
    there = Counter(i["InvoiceNumber"] for i in await world.live("Invoices"))
    assert there == Counter(f"INV-i{n}" for n in range(count))
    assert await _rereads(world) == 0


async def test_what_the_log_no_longer_holds_is_asked_of_the_product(world: World) -> None:
    """The log has been cut; a start before that is asked of the product, whose ordinary puts bring
    what was made since, and nothing that is older."""
    await world.put(contact("c1"), made_at=earlier())
    await world.put(invoice("ancient"), made_at=earlier() - AGO)
    await world.put(invoice("old"), made_at=earlier())
    await world.until(lambda: world.product("invoice", "old"), "the product to have it")
    await _cut(world)
    await world.connect(starts_at=earlier() - AGO / 2)
    await world.settled("invoice", "old")
    await world.quiet()
    assert [i["InvoiceNumber"] for i in await world.live("Invoices")] == ["INV-old"]
    assert await world.record("invoice", "ancient") == {}


async def test_drafts_wait_until_they_are_approved(world: World) -> None:
    """By default a draft is not sent and says so; approved, it is. Where the policy is to send
    from `draft` on, drafts that were turned away are sent as drafts."""
    await world.connect()
    await world.put(contact("c1"))
    for entity in ("i1", "i2"):
        await world.put(invoice(entity, status="draft"))
        told = await world.told("invoice", entity, "entity.held")
        assert told["reason"] == "draft"
    await world.put(invoice("i1"), 2)
    await world.settled("invoice", "i1", 2)
    assert [i["Status"] for i in await world.live("Invoices")] == ["AUTHORISED"]
    await world.command(
        SetPolicy(
            id=f"s1-{world.tenant}",
            tenant=world.tenant,
            connection=world.connection,
            push_from="draft",
        )
    )
    await world.settled("invoice", "i2")
    there = {i["InvoiceNumber"]: i["Status"] for i in await world.live("Invoices")}
    assert there == {"INV-i1": "AUTHORISED", "INV-i2": "DRAFT"}


async def _cut(world: World) -> None:
    """Nothing that was published so far is in the log any more."""
    admin = AIOKafkaAdminClient(bootstrap_servers=world.environment["KAFKA_URL"])
    await admin.start()
    try:
        name = world.prefix + INVOICING_EVENTS.name
        [topic] = await admin.describe_topics([name])
        parts = [TopicPartition(name, part["partition"]) for part in topic["partitions"]]
        await admin.delete_records({part: RecordsToDelete(before_offset=-1) for part in parts})
    finally:
        await admin.close()


def _snapshot(of: Invoice) -> Included:
    return Included(revision=1, made_at=earlier(), entity=of)


def _of_batch(world: World, of: Invoice, *, batch_at: datetime, **more: Any) -> EntityPut:
    put = world.event(of, batch="b1-" + of.id, **more)
    assert put.batch is not None
    return put.model_copy(update={"batch": put.batch.model_copy(update={"made_at": batch_at})})


async def _all_settled(world: World, entities: set[str]) -> bool:
    [found] = (await world.status())["connections"]
    bound = {(row["type"], row["state"]): row["n"] for row in found["lanes_by_type"]}
    return int(bound.get(("invoice", "bound"), 0)) >= len(entities)


async def _told_of(world: World, entity: str, reason: str) -> bool:
    return any(data.get("reason") == reason for _, data in await world.events("invoice", entity))


async def _rereads(world: World) -> Any:
    return await _ask(
        world,
        "select count(*) from reread join connection c on c.id = connection where tenant = $1",
        world.tenant,
    )


async def _ask(world: World, sql: str, *values: Any) -> Any:
    db = await asyncpg.connect(world.environment["POSTGRES_URL"])
    try:
        await db.execute("set search_path = connectors_xero")
        return await db.fetchval(sql, *values)
    finally:
        await db.close()


@asynccontextmanager
async def _stuck_at(world: World, entity: str) -> AsyncIterator[Any]:
    """Whoever files this entity waits, inside his transaction; yields a look whether one does."""
    number = abs(hash(world.tenant)) % 2**31
    db = await asyncpg.connect(world.environment["POSTGRES_URL"])
    await db.execute(
        f"""
        set search_path = connectors_xero;
        select pg_advisory_lock({number});
        create function stuck() returns trigger language plpgsql as
            $$ begin perform pg_advisory_xact_lock({number}); return new; end $$;
        grant execute on function stuck() to public;
        create trigger stuck before insert on lane for each row
            when (new.id = '{entity}') execute function stuck();
        """
    )

    async def look() -> bool:
        waiting: bool = await db.fetchval(
            "select exists (select from pg_locks where locktype = 'advisory' and not granted "
            "and objid = $1::bigint::oid)",
            number,
        )
        return waiting

    try:
        yield look
    finally:
        await db.execute(f"select pg_advisory_unlock({number})")
        await db.execute("drop trigger stuck on lane; drop function stuck()")
        await db.close()
