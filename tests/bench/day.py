"""One real day of the Online Retail data set into an empty company, the real limits on."""

import asyncio
import time
from datetime import UTC, datetime
from importlib.resources import as_file, files

from contracts.entities import Document
from contracts.messages import EntityPut
from libs.messaging.publisher import Publisher
from libs.messaging.topics import Names
from services.ops.importers.files import Wanted, messages
from services.ops.publishing import publish
from tests.bench.figures import Figure
from tests.bench.stack import CONNECTOR, Bench, BenchFailed
from tests.bench.tap import SETTLED
from tests.flows.world import World

PART = "the demo day"
SAMPLE = "online-retail-2010-12-01.csv.gz"
SECONDS = 20.0
DOCUMENTS = 143
LIMIT = 180.0


async def measure(bench: Bench) -> list[Figure]:
    """From the first event on Kafka until the last document has settled."""
    async with bench.worlds(1) as [world]:
        puts = _puts(world)
        documents = sum(isinstance(put.entity, Document) for put in puts)
        if documents != DOCUMENTS:
            raise BenchFailed(f"The sample has {documents} documents, not {DOCUMENTS}.")
        before, busy = len(await world.requests()), bench.busy(CONNECTOR)
        start = time.time()
        await _publish(bench, world, puts)
        published = time.time()
        end = await _settled(bench, world, puts)
        used = bench.busy(CONNECTOR) - busy
        requests = (await world.requests())[before:]
        there = len(await world.live("Invoices")) + len(await world.live("CreditNotes"))
    if there != DOCUMENTS:
        raise BenchFailed(f"{there} documents are in the ledger, {DOCUMENTS} were published.")
    writes = sum(request["method"] != "GET" for request in requests)
    records = f"{DOCUMENTS} documents of {len(puts)} records"
    return [
        Figure(PART, f"{records}, until the last has settled", end - start, "s", SECONDS),
        Figure(PART, "  of it until all are on Kafka", published - start, "s"),
        Figure(PART, "  processor time of the connector", used, "s"),
        Figure(PART, "writes", writes, ""),
        Figure(PART, "all calls (of the minute's 60)", len(requests), "", 60),
        Figure(PART, "answers 429", sum(r["status"] == 429 for r in requests), "", 0),
    ]


def _puts(world: World) -> list[EntityPut]:
    wanted = Wanted(world.tenant, datetime.now(UTC), issue_date=datetime.now(UTC).date())
    with as_file(files("services.ops.sample") / SAMPLE) as path:
        found = list(messages(path, wanted))
    puts = [one for one in found if isinstance(one, EntityPut)]
    if len(puts) != len(found):
        raise BenchFailed(f"{len(found) - len(puts)} records of the sample were refused.")
    return puts


async def _publish(bench: Bench, world: World, puts: list[EntityPut]) -> None:
    url = world.environment["KAFKA_URL"]
    async with Publisher(url, Names(bench.prefix), client_id="bench") as publisher:
        at = datetime.now(UTC)
        await publish(publisher, puts, at, lambda _: None)


async def _settled(bench: Bench, world: World, puts: list[EntityPut]) -> float:
    """When the last of them was heard to be settled."""
    tap, give_up = bench.tap, time.time() + LIMIT
    while (done := tap.count(SETTLED, world.connection)) < len(puts):
        bench.told("the demo day", done, len(puts))
        if time.time() > give_up:
            raise BenchFailed(f"{done} of {len(puts)} settled. First trouble: {tap.trouble[:1]}")
        await asyncio.sleep(0.1)
    settled = (
        times[0]
        for (key, event), times in tap.arrivals.items()
        if event == SETTLED and key.startswith(world.connection)
    )
    return max(settled)
