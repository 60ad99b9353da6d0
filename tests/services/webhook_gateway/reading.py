"""What the gateway has published, as a consumer sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.messaging.topics import Names

Record = Any
WAIT = 60.0


class Topics:
    """Reads whole topics of one broker, from the beginning to the present end."""

    def __init__(self, url: str, prefix: str) -> None:
        self._url = url
        self._names = Names(prefix)

    async def read(self, topic: str) -> list[Record]:
        """All records of the topic; nothing of a topic that is not there."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self._url, auto_offset_reset="earliest")
        await consumer.start()
        try:
            return await self._read(consumer, self._names.topic(topic))
        finally:
            await consumer.stop()

    async def wait_for(self, topic: str, ids: int) -> list[Record]:
        """The records once there are `ids` different ones."""
        found: list[Record] = []

        async def enough() -> bool:
            nonlocal found
            found = await self.read(topic)
            return len({header(record, "ce_id") for record in found}) >= ids

        await eventually(enough)
        return found

    async def _read(self, consumer: AIOKafkaConsumer, topic: str) -> list[Record]:
        partitions = [
            TopicPartition(topic, number)
            for number in sorted(
                consumer.partitions_for_topic(topic) or await _known(consumer, topic)
            )
        ]
        consumer.assign(partitions)
        records: list[Record] = []
        for partition, end in (await consumer.end_offsets(partitions)).items():
            while await consumer.position(partition) < end:
                records.append(await consumer.getone(partition))
        return records


async def _known(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    await consumer._client.fetch_all_metadata()
    await consumer._client.add_topic(topic)
    return consumer.partitions_for_topic(topic) or set()


def header(record: Record, name: str) -> str:
    value: bytes = dict(record.headers)[name]
    return value.decode()


async def eventually(condition: Callable[[], Awaitable[bool]], limit: float = WAIT) -> None:
    """Return once the condition holds; fails after `limit` seconds."""
    async with asyncio.timeout(limit):
        while not await condition():  # noqa: ASYNC110 - the condition is in another process
            await asyncio.sleep(0.05)
