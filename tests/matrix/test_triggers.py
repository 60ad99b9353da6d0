"""Row 27, and the half of row 1 that waits: when a connection is synced."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contracts.features import Feature
from contracts.messages import SetPolicy, SyncNow
from contracts.values import EntityType
from libs.service.database import connect
from libs.testing.builders import contact, invoice, line
from tests.flows import acts
from tests.flows.world import Json, World
from tests.matrix.cells import row
from tests.matrix.desk import Desk
from tests.matrix.test_batches import put

DAYS_END = "18:30"
FOUR = timedelta(hours=4)
SLACK = timedelta(minutes=5)


@row(Feature.LIVE_OUT)
async def test_with_daily_nothing_is_called_until_the_run(desk: Desk) -> None:
    """What is saved, and what the bookkeeper does, waits without a call; the run takes both."""
    await desk.save(contact(), invoice("i1"))
    await choose(desk, trigger="daily")
    before = await calls(desk)
    await post(desk, invoice("i2"))
    await desk.ledger.edit_invoice("INV-i1", due="2026-05-05")
    await looked_twice(desk)
    assert await calls(desk) == before
    await strike(desk)
    await desk.world.settled("invoice", "i2")
    await over(desk)
    await choose(desk, trigger="live")
    books = await desk.proven()
    assert books.invoices["INV-i1"].due == "2026-05-05"
    assert set(books.invoices) == {"INV-i1", "INV-i2"}


@row(Feature.TRIGGERS)
async def test_the_end_of_the_day_is_the_companys_and_takes_failed_days_too(desk: Desk) -> None:
    """An invoice was held yesterday; the ledger was down at today's end, so nothing of the run
    was synced; tomorrow's end takes all of it."""
    await desk.save(contact())
    await post(desk, invoice("held", [line("l1", tax_code="EXEMPT")]))
    await desk.held("invoice", "held")
    await choose(desk, trigger="daily", daily_at=DAYS_END)
    due = datetime.fromisoformat((await connection(desk))["runs_at"])
    assert due.astimezone(ZoneInfo(desk.ledger.time_zone)).strftime("%H:%M") == DAYS_END
    assert datetime.now(UTC) < due <= datetime.now(UTC) + timedelta(hours=24)
    await desk.world.map("tax_code", "EXEMPT", desk.ledger.untaxed["tax_code/0 %"])
    await post(desk, invoice("i1"))
    await down_for_a_run(desk)
    assert (await desk.ledger.books()).invoices == {}
    await strike(desk)
    await acts.together(*(desk.world.settled("invoice", name) for name in ("held", "i1")))
    await over(desk)
    await choose(desk, trigger="live")
    assert set((await desk.proven()).invoices) == {"INV-held", "INV-i1"}


@row(Feature.TRIGGERS)
async def test_every_so_many_hours(desk: Desk) -> None:
    await desk.save(contact())
    await choose(desk, trigger="hours", every_hours=4)
    await due_in(desk, FOUR)
    await post(desk, invoice("i1"))
    await looked_twice(desk)
    assert (await desk.ledger.books()).invoices == {}
    await strike(desk)
    await desk.world.settled("invoice", "i1")
    await over(desk)
    await due_in(desk, FOUR)
    await choose(desk, trigger="live")
    assert set((await desk.proven()).invoices) == {"INV-i1"}


@row(Feature.TRIGGERS)
async def test_by_status(desk: Desk) -> None:
    """Only what was sent to the customer goes to the ledger, once it was."""
    await desk.save(contact())
    await acts.policy(desk.world, push_from="sent")
    await post(desk, invoice("i1"))
    told = await desk.world.told("invoice", "i1", "entity.held")
    assert told["reason"] == "draft"
    assert "'sent'" in told["sentence"]
    assert (await desk.ledger.books()).invoices == {}
    await desk.edit("invoice", "i1", status="sent")
    assert set((await desk.proven()).invoices) == {"INV-i1"}


@row(Feature.TRIGGERS)
async def test_sync_now_for_one_record_one_batch_and_all(desk: Desk) -> None:
    """Every four hours: of four invoices one is asked for by itself, with the customer it needs,
    two as a batch; the rest comes with the whole connection."""
    await choose(desk, trigger="hours", every_hours=4)
    await post(desk, contact("c1"))
    await post(desk, contact("c2"))
    await post(desk, invoice("i1"))
    await put(desk, [invoice("i2"), invoice("i3")])
    await post(desk, invoice("i4", customer="c2"))
    await filed(desk, "i2", "i3", "i4")
    await now(desk, type=EntityType.INVOICE, entity="i1")
    await desk.world.settled("invoice", "i1")
    assert await there(desk) == {"INV-i1"}
    await now(desk, batch="March")
    await acts.together(*(desk.world.settled("invoice", name) for name in ("i2", "i3")))
    await looked_twice(desk)
    assert await there(desk) == {"INV-i1", "INV-i2", "INV-i3"}
    assert "Harbour Joinery c2" not in (await desk.ledger.books()).contacts
    await now(desk)
    await desk.world.settled("invoice", "i4")
    await over(desk)
    await choose(desk, trigger="live")
    assert set((await desk.proven()).invoices) == {f"INV-i{n}" for n in range(1, 5)}


async def post(desk: Desk, entity: Any) -> None:
    """The product's user saves it; the connector has heard of it when this returns."""
    one = desk.at_home(entity)
    await acts.post(desk.world, one.model_dump(mode="json"))
    await desk.world.filed(one.type, one.id)


async def filed(desk: Desk, *invoices: str) -> None:
    await acts.together(*(desk.world.filed("invoice", name) for name in invoices))


async def there(desk: Desk) -> set[str]:
    """The numbers of the ledger's invoices."""
    return set((await desk.ledger.books()).invoices)


async def calls(desk: Desk) -> int:
    return len(await desk.world.requests())


async def connection(desk: Desk) -> Json:
    [found] = (await desk.world.status())["connections"]
    return found


async def choose(desk: Desk, **chosen: Any) -> None:
    """Set the trigger; in force, and the next run planned, when this returns."""
    await desk.world.command(SetPolicy(**acts.order(desk.world), **chosen))

    async def look() -> bool:
        found = await connection(desk)
        policy = {**found["policy"], **chosen}
        planned = bool(found["runs_at"]) == bool(found["timed"])
        return planned and bool(policy == found["policy"])

    await desk.world.until(look, "the trigger to be set")


async def now(desk: Desk, **what: Any) -> None:
    await desk.world.command(SyncNow(**acts.order(desk.world), **what))


async def due_in(desk: Desk, time: timedelta) -> None:
    due = datetime.fromisoformat((await connection(desk))["runs_at"])
    assert abs(due - datetime.now(UTC) - time) < SLACK


async def turn(desk: Desk, what: str) -> None:
    """Time passes for the connector: `what` of the connection is set."""
    schema = f"connectors_{desk.world.provider}"
    db = await connect(desk.world.environment["POSTGRES_URL"], schema)
    try:
        await db.execute(f"update connection set {what} where id = $1", desk.world.connection)
    finally:
        await db.close()


async def strike(desk: Desk) -> None:
    """The clock strikes: the connection's next run is due now."""
    await turn(desk, "runs_at = now()")


async def down_for_a_run(desk: Desk) -> None:
    """The ledger is down at the day's end and for the rest of the run."""
    await desk.world.fault("error-before", status=503, times=1_000_000)
    before = await calls(desk)
    await strike(desk)

    async def tried() -> bool:
        return await calls(desk) > before + 1

    await desk.world.until(tried, "the run to fail")
    # A run that does not come to its end lasts an hour; then it waits for the next.
    await turn(desk, "running_since = running_since - interval '2 hours'")
    await over(desk)
    await desk.world.clear_faults()


async def over(desk: Desk) -> None:
    async def look() -> bool:
        return not (await connection(desk))["running"]

    await desk.world.until(look, "the run to end")


async def looked_twice(desk: Desk) -> None:
    """Wait until the connector has served another connection meanwhile: it does not sleep."""
    world = desk.world
    tenant = f"{world.tenant}-{uuid.uuid4().hex[:4]}"
    async with World(
        world.stack, world.environment, world.prefix, tenant, provider=world.provider
    ) as other:
        await other.connect()
        await other.put(contact())
        await asyncio.wait_for(other.settled("contact", "c1"), 90)
