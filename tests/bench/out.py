"""The way out: an invoice event on Kafka until the sandbox has committed the invoice."""

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Any

from libs.testing.builders import contact, invoice, line
from tests.bench.figures import Figure, median, percentiles
from tests.bench.moments import committed, filed, moment, told
from tests.bench.stack import CONNECTOR, Bench, BenchFailed
from tests.bench.tap import SETTLED
from tests.flows.world import World

PART = "Kafka event -> invoice in the ledger"
TENANTS = 16
"""So that the minute's 60 calls of each company are never near: that is another figure."""
P50, P99 = 50.0, 200.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One invoice, the moment before it was given to Kafka, and when it was heard to be settled."""

    world: World
    id: str
    at: float
    heard: float


async def measure(bench: Bench) -> list[Figure]:
    """One invoice at a time, each after a pause of its own; the contact is there already."""
    count, tenants = bench.size(200, 20), bench.size(TENANTS, 2)
    async with bench.worlds(tenants) as worlds:
        for world in worlds:
            await world.put(contact("c1"))
            await bench.tap.arrival(f"{world.connection}/contact/c1", SETTLED)
        sent, before = [], bench.busy(CONNECTOR)
        for number in range(count):
            bench.told("invoices one at a time", number, count)
            sent.append(await _one(bench, worlds[number % tenants], f"i{number}"))
        busy = 1000 * (bench.busy(CONNECTOR) - before) / count
        used = Figure(PART, "  processor time of the connector, each, echo included", busy, "ms")
        return [*await _figures(worlds, sent), used]


async def _one(bench: Bench, world: World, entity: str) -> Sent:
    await asyncio.sleep(random.uniform(0.1, 0.4))
    number = f"B-{world.tenant[-6:]}-{entity}"
    wanted = invoice(entity, [line(f"l{n}") for n in range(random.randint(1, 5))], number=number)
    event = world.event(wanted)
    at = time.time()
    await world.publish([event])
    heard = await bench.tap.arrival(f"{world.connection}/invoice/{entity}", SETTLED)
    return Sent(world, entity, at, heard)


async def _figures(worlds: list[World], sent: list[Sent]) -> list[Figure]:
    stored: dict[str, Any] = {}
    for world in worlds:
        stored |= {record["InvoiceNumber"]: record for record in await world.live("Invoices")}
    if len(stored) != len(sent):
        raise BenchFailed(f"{len(stored)} invoices are in the ledger, {len(sent)} were published.")
    there = [committed(stored[f"B-{one.world.tenant[-6:]}-{one.id}"]) for one in sent]
    records = [await one.world.record("invoice", one.id) for one in sent]
    inbox = [filed(record, "put") for record in records]
    intent = [moment(record["calls"][-1]["first_sent"]) for record in records]
    journal = [told(record, SETTLED) for record in records]
    published = [one.at for one in sent]
    return [
        *percentiles(PART, f"{len(sent)} invoices", _gaps(published, there), P50, P99),
        median(PART, "event -> inbox", _gaps(published, inbox)),
        median(PART, "inbox -> intent committed", _gaps(inbox, intent)),
        median(PART, "intent -> stored by the ledger", _gaps(intent, there)),
        median(PART, "stored -> journal committed", _gaps(there, journal)),
        median(PART, "journal -> EntitySettled heard", _gaps(journal, [s.heard for s in sent])),
    ]


def _gaps(starts: list[float], ends: list[float]) -> list[float]:
    return [end - start for start, end in zip(starts, ends, strict=True)]
