"""Hears `accounting.events.v1` as one more consumer, and when each event arrived."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from contracts.topics import ACCOUNTING_EVENTS

SETTLED, CHANGED = "entity.settled", "entity.changed"
TROUBLE = ("entity.held", "entity.rejected", "conflict.found")


@dataclass(slots=True)
class Tap:
    """Arrivals by lane and event type; times are Unix seconds of this machine."""

    arrivals: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    trouble: list[str] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def count(self, event: str, connection: str) -> int:
        """How many lanes of a connection have told it."""
        return sum(name == event and key.startswith(connection) for key, name in self.arrivals)

    async def arrival(self, key: str, event: str, number: int = 1, limit: float = 60) -> float:
        """When the `number`-th event of that type of that lane arrived; waits for it.

        Raises TimeoutError after `limit` seconds.
        """
        found = self.arrivals[key, event]
        async with asyncio.timeout(limit), self._news:
            await self._news.wait_for(lambda: len(found) >= number)
        return found[number - 1]

    async def hear(self, consumer: AIOKafkaConsumer) -> None:
        """Take in all that comes, until cancelled."""
        async for record in consumer:
            await self._take(record, time.time())

    async def _take(self, record: ConsumerRecord, at: float) -> None:
        event = dict(record.headers).get("ce_type", b"").decode()
        if event in TROUBLE:
            self.trouble.append((record.value or b"").decode()[:600])
        async with self._news:
            self.arrivals[(record.key or b"").decode(), event].append(at)
            self._news.notify_all()


@asynccontextmanager
async def listening(url: str, prefix: str) -> AsyncIterator[Tap]:
    """A tap that hears all from now on."""
    consumer = AIOKafkaConsumer(
        prefix + ACCOUNTING_EVENTS.name, bootstrap_servers=url, auto_offset_reset="latest"
    )
    await consumer.start()
    await asyncio.gather(*(consumer.position(part) for part in consumer.assignment()))
    tap = Tap()
    task = asyncio.create_task(tap.hear(consumer))
    try:
        yield tap
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await consumer.stop()
