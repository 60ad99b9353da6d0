"""Kafka or PostgreSQL is gone for a while: nothing is lost or doubled, all heals by itself."""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from contracts.entities import Entity, Invoice
from libs.devstack.kafka import start_kafka
from libs.devstack.postgres import start_postgres
from libs.testing.builders import contact, invoice, line
from services.ops.processes import LocalStack
from tests.flows.counting import one_each, struck, writes_to
from tests.flows.stack import local_stack
from tests.flows.world import Json, World

pytestmark = pytest.mark.slow

OURS = ("KAFKA_URL", "POSTGRES_URL", "TOPIC_PREFIX")


@pytest.fixture(scope="module")
def own_stack() -> Iterator[LocalStack]:
    """A stack with a Kafka and a PostgreSQL of its own, which may be stopped."""
    folder = Path(tempfile.mkdtemp(prefix="lb-own-"))
    with pytest.MonkeyPatch.context() as patch:
        for name in OURS:
            patch.delenv(name, raising=False)
        stack = local_stack(folder, ["xero"])
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def served(own_stack: LocalStack) -> AsyncIterator[World]:
    """A tenant with a connected company, a contact, and a batch of which a call is under way."""
    tenant = f"t{uuid.uuid4().hex[:10]}"
    async with World(own_stack, own_stack.environment(), "", tenant) as world:
        await world.connect()
        await save(world, contact())
        await world.settled("contact", "c1")
        await world.fault("hang", method="PUT", path="/Invoices", seconds=1.0)
        await save(world, *_sold(range(12)))
        await struck(world, "hang")
        yield world


def _sold(numbers: Sequence[int]) -> list[Invoice]:
    """Every other one is numbered by the ledger."""
    return [
        invoice(f"i{n}", [line(unit_price=Decimal(n + 1))], number=f"INV-{n}" if n % 2 else "")
        for n in numbers
    ]


async def save(world: World, *entities: Entity) -> None:
    """Save in the product, as its users do: its own outbox publishes them."""
    url = f"{world.stack.url('reference_product')}/imports"
    lines = "\n".join(entity.model_dump_json() for entity in entities)
    answer = await world.http.post(url, params={"tenant": world.tenant}, content=lines)
    assert answer.status_code == 201, answer.text


async def all_there(world: World, count: int) -> None:
    """Each invoice once in the ledger, and the product knows where."""
    entities = [f"i{n}" for n in range(count)]
    for entity in entities:
        await world.settled("invoice", entity)
    there = await one_each(world, entities)
    for entity in entities:
        place = partial(_place, world, entity)
        told = await world.until(place, f"the product to hear of {entity}")
        assert there[entity]["InvoiceID"] in str(told)


async def _place(world: World, entity: str) -> Json:
    book = await world.product("invoice", entity)
    return book["ledgers"] if book else None


def processes(stack: LocalStack) -> list[object]:
    return [service.process for service in stack.services.values() if service.is_running]


async def test_kafka_stopped_and_started_under_a_batch(served: World) -> None:
    """Kafka goes while a call is under way. Meanwhile the product saves more invoices and the
    bookkeeper renames the customer; when Kafka is back, all of it arrives, once."""
    before = processes(served.stack)
    node = served.stack.kafka
    assert node is not None
    await asyncio.to_thread(node.stop)
    await save(served, *_sold(range(12, 18)))
    [there] = await served.live("Contacts")
    await served.bookkeeper("edit", "Contacts", there["ContactID"], changes={"Name": "Quay Ltd"})
    await asyncio.to_thread(start_kafka, node.data)
    await all_there(served, 18)
    changed = await served.told("contact", "c1", "entity.changed")
    assert changed["after"]["name"] == "Quay Ltd"
    assert processes(served.stack) == before
    assert sum(row["elements"] for row in await writes_to(served, "Invoices")) == 18


async def test_postgresql_stopped_and_started_under_a_batch(served: World) -> None:
    """PostgreSQL goes while a call is under way: the ledger stores it, and nobody can note it.
    When it is back the outcome is found, and what was published meanwhile is filed."""
    before = processes(served.stack)
    node = served.stack.postgres
    assert node is not None
    await asyncio.to_thread(node.stop)
    await served.publish(served.event(one) for one in _sold(range(12, 18)))
    await served.until(lambda: _stored(served), "the ledger to have stored the call")
    await asyncio.to_thread(start_postgres, node.data)
    await all_there(served, 18)
    assert processes(served.stack) == before
    assert sum(row["elements"] for row in await writes_to(served, "Invoices")) == 18


async def _stored(world: World) -> bool:
    return bool(await world.live("Invoices"))
