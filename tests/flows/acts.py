"""Product and ledger acting in turn: the product's user, the bookkeeper, and what comes of both."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from contracts.entities import Entity
from contracts.messages import EntityChanged, SetPolicy, SyncNow
from contracts.topics import ACCOUNTING_EVENTS, COMMANDS, INVOICING_EVENTS, Topic, webhooks
from contracts.values import EntityType
from libs.connector.states import ENTITY, local_id
from libs.messaging.logs import LogReader
from libs.messaging.record import Record
from libs.messaging.topics import Names
from libs.service.database import connect
from tests.flows.world import Json, World

CHANGED, SETTLED, CONFLICT = "entity.changed", "entity.settled", "conflict.found"

# The product's user


async def save(world: World, *entities: Entity) -> None:
    """The product's user saves these, kind by kind; all are there when this returns."""
    for _, alike in groupby(entities, key=lambda entity: entity.type):
        some = list(alike)
        for entity in some:
            await post(world, entity.model_dump(mode="json"))
        for entity in some:
            await world.settled(entity.type, entity.id)


async def edit(world: World, kind: str, entity: str, **changes: Any) -> int:
    """The product's user changes fields of what the product has now; the new revision."""
    book = await world.product(kind, entity)
    return await post(world, {**book["entity"], **changes}, expected=book["revision"])


async def post(world: World, entity: Json, expected: int | None = None) -> int:
    body = {"tenant": world.tenant, "entity": entity, "expected": expected}
    answer = await world.http.post(f"{world.stack.url('reference_product')}/entities", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["revision"])


async def in_product(world: World, kind: str, entity: str, revision: int) -> Json:
    """Wait until the product has that revision; what it has."""

    async def look() -> Json:
        book = await world.product(kind, entity)
        return book if book and book["revision"] >= revision else None

    return await world.until(look, f"revision {revision} of {kind} {entity} in the product")


async def of_product(world: World, kind: str) -> list[Json]:
    """All that the product has of a kind."""
    url, found = f"{world.stack.url('reference_product')}/entities", list[Json]()
    while True:
        after = found[-1]["id"] if found else ""
        page = {"tenant": world.tenant, "type": kind, "limit": 1000, "after": after}
        some = (await world.http.get(url, params=page)).json()["entities"]
        found += some
        if len(some) < 1000:
            return found


@asynccontextmanager
async def deaf_product(world: World) -> AsyncIterator[None]:
    """Meanwhile the product reads nothing of what the ledgers say; its users go on."""
    db = await connect(world.environment["POSTGRES_URL"], "reference_product")
    try:
        async with db.transaction():
            await db.execute("lock table seen in exclusive mode")
            yield
    finally:
        await db.close()


# The ledger


async def blind(world: World) -> None:
    """No webhook reaches us from now on."""
    await world.fault("drop-webhooks", times=1_000_000)


async def the(world: World, resource: str, **wanted: Any) -> Json:
    """The one record of the ledger with these fields."""
    found = (await world.documents())[resource]
    [one] = [r for r in found if all(r.get(k) == v for k, v in wanted.items())]
    return one


def born(world: World, kind: EntityType, external: str) -> str:
    """The local id of a record first seen in the ledger."""
    return local_id(world.connection, kind, external)


def lines_with(there: Json, change: Callable[[list[Json]], Sequence[Json]]) -> Json:
    """The bookkeeper's change of an invoice's lines: those left as they are are named by id."""
    return {
        "LineItems": change([{"LineItemID": line["LineItemID"]} for line in there["LineItems"]])
    }


# Commands


async def sync(world: World) -> None:
    """Sweep now, and take up all that is due."""
    await world.command(SyncNow(**order(world)))


async def policy(world: World, **chosen: Any) -> None:
    """Set how the connection decides; in force when this returns."""
    await world.command(SetPolicy(**order(world), **chosen))
    await caught_up(world)


def order(world: World) -> Json:
    return {"id": uuid.uuid4().hex, "tenant": world.tenant, "connection": world.connection}


# What came of it


async def changed(world: World, kind: str, entity: str) -> list[Json]:
    """Every EntityChanged of a record so far."""
    return [data for name, data in await world.events(kind, entity) if name == CHANGED]


async def conflicts(world: World, entity: str) -> list[Json]:
    """Every ConflictFound of an invoice so far."""
    return [data for name, data in await world.events("invoice", entity) if name == CONFLICT]


async def comes_back(world: World, kind: str, entity: str, revision: int = 1) -> EntityChanged:
    """Wait until a change built on `revision` is in the product, and its put has settled.

    The product publishes it whole as the next revision, and names it in `applied`.
    """
    told = await world.until(
        lambda: _told(world, kind, entity, revision), f"a change of {kind} {entity}"
    )
    event = EntityChanged.model_validate(told)
    book = await in_product(world, kind, entity, revision + 1)
    assert (book["revision"], book["applied"]) == (revision + 1, {world.connection: event.number})
    assert ENTITY.validate_python(book["entity"]) == event.after
    await world.settled(kind, entity, revision + 1)
    return event


async def _told(world: World, kind: str, entity: str, revision: int) -> Json:
    found = await changed(world, kind, entity)
    return next((data for data in found if data["revision"] == revision), None)


async def sent(world: World, kind: str, entity: str) -> list[tuple[str, Json]]:
    """What left for the ledger about a record: (verb, body), in order."""
    db = await connect(world.environment["POSTGRES_URL"], f"connectors_{world.provider}")
    try:
        rows = await db.fetch(
            "select c.verb, c.body from call c join intent i on i.call = c.id "
            "where i.lane = $1 order by c.first_sent",
            f"{world.connection}/{kind}/{entity}",
        )
    finally:
        await db.close()
    return [(row["verb"], json.loads(row["body"] or b"null")) for row in rows]


async def deliver_again(world: World) -> None:
    """Everything that was ever published for the tenant comes once more, in its old order."""
    names = Names(world.prefix)
    reader = LogReader(world.environment["KAFKA_URL"], names)
    for topic in _read(world):
        again: list[Record] = []

        async def keep(records: Sequence[Record], again: list[Record] = again) -> None:
            again += [r for r in records if _is_of(world, r)]

        await reader.read(topic.name, await reader.bounds(topic.name), keep)
        for record in again:
            made = [(name, value or b"") for name, value in record.headers]
            await world.raw(topic.name, record.key or b"", record.value or b"", made)
    await caught_up(world)


def _is_of(world: World, record: Record) -> bool:
    tenant = dict(record.headers).get("ce_tenant")
    return tenant == world.tenant.encode() or record.key == world.company.encode()


async def caught_up(world: World) -> None:
    """Wait until all that was published is taken in, and what came of that too."""
    url = world.environment["KAFKA_URL"]
    parts = [
        TopicPartition(world.prefix + t.name, n) for t in _read(world) for n in range(t.partitions)
    ]
    before: list[Any] = []
    admin = AIOKafkaAdminClient(bootstrap_servers=url)
    async with AIOKafkaConsumer(bootstrap_servers=url) as consumer:
        await admin.start()

        async def look() -> bool:
            ends = await consumer.end_offsets(parts)
            resting = await _is_resting(world) and await _have_read(world, admin, ends)
            still = resting and [ends] == before
            before[:] = [ends]
            return still

        try:
            await world.until(look, "everything to come to rest")
        finally:
            await admin.close()


def _read(world: World) -> tuple[Topic, ...]:
    return INVOICING_EVENTS, COMMANDS, webhooks(world.provider), ACCOUNTING_EVENTS


async def _is_resting(world: World) -> bool:
    hook = await world.http.get(f"{world.control}/webhook")
    here = [one["waiting"] for one in (await world.status())["connections"]]
    return not hook.json()["pending"] and not any(here)


async def _have_read(
    world: World, admin: AIOKafkaAdminClient, ends: Mapping[TopicPartition, int]
) -> bool:
    """Whether product and connector have committed all up to `ends`."""
    connector = f"ledgerbridge.connectors.{world.provider}."
    groups = (
        *(connector + name for name in ("events", "webhooks", "commands")),
        "reference_product",
    )
    for group in groups:
        done = await admin.list_consumer_group_offsets(world.prefix + group)
        if any(0 <= offset.offset < ends.get(part, 0) for part, offset in done.items()):
            return False
    return True


async def together(*waits: Any) -> list[Any]:
    """All of these at once."""
    return list(await asyncio.gather(*waits))
