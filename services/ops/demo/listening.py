"""Hears what travels on the topics, as one more consumer that disturbs nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from contracts.messages import ALL, Message
from contracts.topics import ACCOUNTING_EVENTS, INVOICING_EVENTS
from libs.devstack.process import DevstackError
from libs.messaging.broker import FETCH_BYTES, PARTITION_FETCH_BYTES
from libs.messaging.cloudevents import Envelope
from libs.messaging.topics import Names
from services.ops.demo.waiting import until


@dataclass(frozen=True, slots=True)
class Heard:
    """One event; `at` is the record's own time on Kafka."""

    topic: str
    key: str
    event: str
    at: datetime
    value: bytes = field(repr=False)

    def read(self) -> Any:
        """The message itself."""
        kind: type[Message] = ALL[self.event]
        return kind.model_validate_json(self.value)


Match = Callable[[Heard], bool]


@dataclass(slots=True)
class Listener:
    """Every event of a tenant since it began to listen, in the order of arrival."""

    url: str
    names: Names
    tenant: str
    heard: list[Heard] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hears from now on."""
        consumer = AIOKafkaConsumer(
            self.names.topic(INVOICING_EVENTS),
            self.names.topic(ACCOUNTING_EVENTS),
            bootstrap_servers=self.url,
            auto_offset_reset="latest",
            enable_auto_commit=False,
            fetch_max_bytes=FETCH_BYTES,
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
        )
        await consumer.start()
        # The ends are taken now: what is published next is heard, however late the first fetch.
        await asyncio.gather(*(consumer.position(part) for part in consumer.assignment()))
        task = asyncio.create_task(self._hear(consumer))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await consumer.stop()

    def all(self, match: Match, since: int = 0) -> Iterator[Heard]:
        """What matches, of what was heard after the first `since`."""
        return (one for one in self.heard[since:] if match(one))

    async def wait(self, match: Match, what: str, *, since: int = 0, limit: float = 120) -> Heard:
        """The first that matches, waited for; raises DevstackError after `limit` seconds."""
        try:
            async with asyncio.timeout(limit), self._news:
                while (found := next(self.all(match, since), None)) is None:
                    await self._news.wait()
                return found
        except TimeoutError:
            raise DevstackError(f"Waited {limit:.0f} s in vain: {what}.") from None

    async def read_by_all(self, limit: float = 60) -> None:
        """Until every consumer has taken in what is on `invoicing.events.v1` now.

        Raises DevstackError.
        """
        admin = AIOKafkaAdminClient(bootstrap_servers=self.url)
        await admin.start()
        try:
            ends = await self._ends()
            what = "the consumers have read all that was published"
            await until(lambda: self._committed(admin, ends), what, limit)
        finally:
            await admin.close()

    async def _hear(self, consumer: AIOKafkaConsumer) -> None:
        async for record in consumer:
            envelope = Envelope.of(record.headers)
            tenants = {envelope.tenant, (record.key or b"").decode().partition("/")[0]}
            if self.tenant in tenants and record.value is not None:
                at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
                topic, key = self.names.unprefixed(record.topic), (record.key or b"").decode()
                async with self._news:
                    self.heard.append(Heard(topic, key, envelope.type, at, record.value))
                    self._news.notify_all()

    async def _ends(self) -> dict[TopicPartition, int]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.url)
        await consumer.start()
        try:
            name = self.names.topic(INVOICING_EVENTS)
            parts = [TopicPartition(name, n) for n in range(INVOICING_EVENTS.partitions)]
            return dict(await consumer.end_offsets(parts))
        finally:
            await consumer.stop()

    async def _committed(self, admin: AIOKafkaAdminClient, ends: dict[TopicPartition, int]) -> bool:
        ours = self.names.group("")
        groups = [name for name, _ in await admin.list_consumer_groups() if name.startswith(ours)]
        for group in groups:
            offsets = await admin.list_consumer_group_offsets(group)
            read = {part: found.offset for part, found in offsets.items() if part in ends}
            if any(offset < ends[part] for part, offset in read.items()):
                return False
        return True
