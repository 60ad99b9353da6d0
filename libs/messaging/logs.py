"""Reading a topic's log again, from a moment up to its end: replay, backfill and restore."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from libs.messaging.broker import FETCH_BYTES, PARTITION_FETCH_BYTES
from libs.messaging.publisher import KafkaDown
from libs.messaging.record import Record
from libs.messaging.topics import Names

BATCH = 500
POLL_MS = 200
PATIENCE = timedelta(minutes=2)

log = structlog.get_logger()
Handle = Callable[[Sequence[Record]], Awaitable[object]]
Progress = Callable[[int, int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a partition to read: from offset `start` up to, not including, `end`."""

    start: int
    end: int

    @property
    def is_empty(self) -> bool:
        return self.start >= self.end


Bounds = Mapping[int, Span]


class LogReader:
    """Reads topics without a consumer group: whoever else reads them is not disturbed.

    Topics are named as in `contracts.topics`. Raises `KafkaDown` where Kafka does not answer.
    """

    def __init__(self, url: str, names: Names, *, patience: timedelta = PATIENCE) -> None:
        self._url = url
        self._names = names
        self._patience = patience.total_seconds()

    async def bounds(self, topic: str, since: datetime | None = None) -> dict[int, Span]:
        """Per partition, what is in the log now and not older than `since` (None: all of it).

        A partition with nothing newer has an empty span, at its end. Raises LookupError where
        there is no such topic.
        """
        async with self._consumer() as consumer:
            parts = await self._partitions(topic)
            # The ends first: they are the promise. What comes later is the live subscriber's.
            ends = await consumer.end_offsets(parts)
            starts = await _starts(consumer, parts, since)
        spans = {part: _span(starts[part], ends[part]) for part in parts}
        return {part.partition: span for part, span in spans.items()}

    async def whole_since(self, topic: str) -> datetime | None:
        """The moment from which on the log misses nothing; None where it holds no record.

        What was published before its first record, or was removed since, it does not hold.
        Raises LookupError where there is no such topic.
        """
        async with self._consumer() as consumer:
            parts = await self._partitions(topic)
            begins = await consumer.beginning_offsets(parts)
            firsts = await consumer.offsets_for_times(dict.fromkeys(parts, 0))
        moments = {part: first.timestamp for part, first in firsts.items() if first}
        cut = {part for part, begin in begins.items() if begin}
        if not moments or cut - moments.keys():
            return None
        newest = max(min(moments.values()), *(moments[part] for part in cut), 0)
        return datetime.fromtimestamp(newest / 1000, UTC)

    async def read(
        self, topic: str, bounds: Bounds, handle: Handle, progress: Progress | None = None
    ) -> int:
        """Hand every record within `bounds` to `handle`, in the order of its partition.

        After each batch `progress(partition, position)` is told the offset from which a reader
        that was interrupted goes on: start from `Span(position, end)`. Returns how many records
        there were.
        """
        name = self._names.topic(topic)
        spans = {
            TopicPartition(name, number): span
            for number, span in bounds.items()
            if not span.is_empty
        }
        if not spans:
            return 0
        async with self._consumer() as consumer:
            consumer.assign(list(spans))
            for part, span in spans.items():
                consumer.seek(part, span.start)
            return await _Reading(consumer, spans, handle, progress, self._patience).run()

    async def committed(self, group: str, topic: str) -> dict[int, int]:
        """Partition -> the offset up to which a consumer group has done its work."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._url)
        try:
            await admin.start()
            done = await admin.list_consumer_group_offsets(self._names.group(group))
        except KafkaError as error:
            raise KafkaDown(f"Kafka answered {type(error).__name__}.") from error
        finally:
            await admin.close()
        name = self._names.topic(topic)
        return {part.partition: at.offset for part, at in done.items() if part.topic == name}

    async def _partitions(self, topic: str) -> list[TopicPartition]:
        # A consumer without a subscription learns of no topic's partitions.
        name = self._names.topic(topic)
        admin = AIOKafkaAdminClient(bootstrap_servers=self._url)
        try:
            await admin.start()
            [described] = await admin.describe_topics([name])
        finally:
            await admin.close()
        if described["error_code"]:
            raise LookupError(f"There is no topic {name} on this broker.")
        numbers = sorted(part["partition"] for part in described["partitions"])
        return [TopicPartition(name, number) for number in numbers]

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._url,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # where retention has passed the start meanwhile
            isolation_level="read_committed",
            fetch_max_bytes=FETCH_BYTES,
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
        )
        try:
            await consumer.start()
            yield consumer
        except KafkaError as error:
            raise KafkaDown(f"Kafka answered {type(error).__name__}.") from error
        finally:
            await consumer.stop()


class _Reading:
    """One pass over the spans."""

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        spans: Mapping[TopicPartition, Span],
        handle: Handle,
        progress: Progress | None,
        patience: float,
    ) -> None:
        self._consumer = consumer
        self._spans = spans
        self._handle = handle
        self._progress = progress
        self._patience = patience
        self._positions = {part: span.start for part, span in spans.items()}

    async def run(self) -> int:
        count = 0
        waiting_since = asyncio.get_running_loop().time()
        while open_parts := self._open():
            batches = await self._consumer.getmany(
                *open_parts, timeout_ms=POLL_MS, max_records=BATCH
            )
            for part, records in batches.items():
                count += await self._hand_on(part, records)
            now = asyncio.get_running_loop().time()
            if await self._advance(open_parts):
                waiting_since = now
            elif now - waiting_since > self._patience:
                raise KafkaDown(f"Kafka has sent nothing for {self._patience:.0f} s.")
        return count

    def _open(self) -> list[TopicPartition]:
        return [part for part, span in self._spans.items() if self._positions[part] < span.end]

    async def _hand_on(self, part: TopicPartition, records: Sequence[Record]) -> int:
        within = [record for record in records if record.offset < self._spans[part].end]
        if within:
            await self._handle(within)
        return len(within)

    async def _advance(self, parts: list[TopicPartition]) -> bool:
        """Ask where the consumer stands: past markers and compacted records it hands out none."""
        moved = False
        for part in parts:
            position = min(await self._consumer.position(part), self._spans[part].end)
            if position > self._positions[part]:
                moved = True
                self._positions[part] = position
                if self._progress:
                    await self._progress(part.partition, position)
            if position == self._spans[part].end:
                self._consumer.pause(part)
        return moved


async def _starts(
    consumer: AIOKafkaConsumer, parts: list[TopicPartition], since: datetime | None
) -> dict[TopicPartition, int | None]:
    if since is None:
        return dict(await consumer.beginning_offsets(parts))
    moment = int(since.timestamp() * 1000)
    found = await consumer.offsets_for_times(dict.fromkeys(parts, moment))
    return {part: found[part].offset if found[part] else None for part in parts}


def _span(start: int | None, end: int) -> Span:
    # No newer record, or only one that came after the ends were taken: nothing to read.
    return Span(end if start is None else min(start, end), end)
