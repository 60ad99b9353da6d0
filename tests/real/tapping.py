"""Hears what the connector tells, and keeps of each lane only the last word."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from contracts.topics import ACCOUNTING_EVENTS

SETTLED, HELD, REJECTED, CHANGED = (
    "entity.settled",
    "entity.held",
    "entity.rejected",
    "entity.changed",
)
LAST = (SETTLED, HELD, REJECTED)


@dataclass(slots=True)
class Told:
    """The last outcome of each lane, and how many events of each type there were."""

    outcomes: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    """Edits that the ledger is said to have made: nobody made any."""

    def take(self, record: ConsumerRecord) -> None:
        event = dict(record.headers).get("ce_type", b"").decode()
        self.counts[event] += 1
        if event in LAST:
            self.outcomes[(record.key or b"").decode()] = event
        if event == CHANGED:
            fields = json.loads(record.value or b"{}")
            self.foreign.append(f"{(record.key or b'').decode()}: {fields}"[:1500])


@asynccontextmanager
async def telling(url: str, prefix: str) -> AsyncIterator[Told]:
    """All that is told from now on."""
    consumer = AIOKafkaConsumer(
        prefix + ACCOUNTING_EVENTS.name, bootstrap_servers=url, auto_offset_reset="latest"
    )
    await consumer.start()
    await asyncio.gather(*(consumer.position(part) for part in consumer.assignment()))
    told = Told()

    async def hear() -> None:
        async for record in consumer:
            told.take(record)

    task = asyncio.create_task(hear())
    try:
        yield told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await consumer.stop()
