from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from contracts.topics import MAX_EVENT_BYTES
from libs.messaging.logs import LogReader, Span
from libs.messaging.publisher import KafkaDown, Outgoing, Publisher
from libs.messaging.record import Record
from libs.messaging.topics import Names

TOPIC = "invoicing.events.v1"  # six partitions, LogAppendTime
ONE = "accounting.dead-letters.v1"  # one partition


class Reader:
    """Collects what a LogReader hands on."""

    def __init__(self) -> None:
        self.values: list[bytes | None] = []
        self.positions: dict[int, int] = {}

    async def handle(self, records: Sequence[Record]) -> None:
        self.values.extend(record.value for record in records)

    async def progress(self, partition: int, position: int) -> None:
        assert position > self.positions.get(partition, -1)
        self.positions[partition] = position


@pytest.fixture
def logs(kafka_url: str, names: Names) -> LogReader:
    return LogReader(kafka_url, names, patience=timedelta(seconds=20))


def messages(topic: str, *bodies: str) -> list[Outgoing]:
    return [Outgoing(topic, f"k{number}", body.encode()) for number, body in enumerate(bodies)]


def now() -> datetime:
    return datetime.now(UTC)


async def test_an_empty_topic_has_empty_spans_and_nothing_is_read(logs: LogReader) -> None:
    bounds = await logs.bounds(TOPIC, now() - timedelta(days=1))
    assert bounds == {number: Span(0, 0) for number in range(6)}
    assert await logs.read(TOPIC, bounds, Reader().handle) == 0


async def test_everything_is_read_up_to_the_ends_taken_before(
    logs: LogReader, publisher: Publisher
) -> None:
    bodies = [f"body {number}" for number in range(3000)]
    await publisher.publish_many(messages(TOPIC, *bodies), timeout=30)
    bounds = await logs.bounds(TOPIC)
    await publisher.publish_many(messages(TOPIC, *["later"] * 100))
    reader = Reader()
    assert await logs.read(TOPIC, bounds, reader.handle, reader.progress) == 3000
    assert sorted(value.decode() for value in reader.values if value) == sorted(bodies)
    assert reader.positions == {number: span.end for number, span in bounds.items()}


async def test_reading_starts_at_the_moment_and_none_means_nothing_to_read(
    logs: LogReader, publisher: Publisher
) -> None:
    await publisher.publish(ONE, "k", b"old")
    moment = now() + timedelta(milliseconds=1)
    while now() <= moment + timedelta(milliseconds=5):
        await publisher.publish(TOPIC, "k", b"time passes")
    assert await logs.bounds(ONE, moment) == {0: Span(1, 1)}
    await publisher.publish(ONE, "k", b"new")
    bounds = await logs.bounds(ONE, moment)
    assert bounds == {0: Span(1, 2)}
    reader = Reader()
    assert await logs.read(ONE, bounds, reader.handle) == 1
    assert reader.values == [b"new"]


async def test_an_interrupted_reading_goes_on_where_it_was(
    logs: LogReader, publisher: Publisher
) -> None:
    bodies = [str(number) for number in range(1200)]
    await publisher.publish_many(messages(ONE, *bodies), timeout=30)
    bounds = await logs.bounds(ONE)
    reader = Reader()

    async def fail_at_the_second(records: Sequence[Record]) -> None:
        if reader.values:
            raise RuntimeError("killed")
        await reader.handle(records)

    with pytest.raises(RuntimeError, match="killed"):
        await logs.read(ONE, bounds, fail_at_the_second, reader.progress)
    rest = {0: Span(reader.positions[0], bounds[0].end)}
    await logs.read(ONE, rest, reader.handle, reader.progress)
    assert [value.decode() for value in reader.values if value] == bodies


async def test_a_log_that_ends_in_transaction_markers_is_read_to_its_end(
    logs: LogReader, kafka_url: str, names: Names
) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka_url, transactional_id=names.group("transaction")
    )
    await producer.start()
    async with producer.transaction():
        await producer.send(names.topic(ONE), b"kept", key=b"k")
    await producer.begin_transaction()
    await producer.send_and_wait(names.topic(ONE), b"aborted", key=b"k")
    await producer.abort_transaction()
    await producer.stop()
    bounds = await logs.bounds(ONE)
    assert bounds == {0: Span(0, 4)}
    reader = Reader()
    assert await logs.read(ONE, bounds, reader.handle, reader.progress) == 1
    assert (reader.values, reader.positions) == ([b"kept"], {0: 4})


async def test_tombstones_and_large_events_are_read_too(
    logs: LogReader, publisher: Publisher
) -> None:
    await publisher.publish("accounting.connections.v1", "c1", None)
    large = b"x" * MAX_EVENT_BYTES
    await publisher.publish(ONE, "k", large, timeout=30)
    reader = Reader()
    for topic in ("accounting.connections.v1", ONE):
        await logs.read(topic, await logs.bounds(topic), reader.handle)
    assert reader.values == [None, large]


async def test_a_log_that_does_not_come_is_not_waited_for_without_end(
    kafka_url: str, names: Names, publisher: Publisher
) -> None:
    await publisher.publish(ONE, "k", b"only")
    reader, impatient = Reader(), LogReader(kafka_url, names, patience=timedelta(milliseconds=300))
    with pytest.raises(KafkaDown, match="sent nothing"):
        await impatient.read(ONE, {0: Span(0, 2)}, reader.handle, reader.progress)
    assert (reader.values, reader.positions) == ([b"only"], {0: 1})


async def test_an_unknown_topic_is_told(logs: LogReader) -> None:
    with pytest.raises(LookupError, match="no topic"):
        await logs.bounds("nowhere")


async def test_how_far_a_group_has_come(logs: LogReader, kafka_url: str, names: Names) -> None:
    assert await logs.committed("readers", ONE) == {}
    part, other = (TopicPartition(names.topic(topic), 0) for topic in (ONE, TOPIC))
    group = names.group("readers")
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka_url, group_id=group, enable_auto_commit=False
    ) as consumer:
        consumer.assign([part, other])
        await consumer.commit({part: 0, other: 0})
    assert await logs.committed("readers", ONE) == {0: 0}


async def test_a_log_misses_nothing_since_its_first_record(
    logs: LogReader, publisher: Publisher
) -> None:
    """Until then it holds nothing; a partition without any record holds all that there was."""
    assert await logs.whole_since(TOPIC) is None
    before = now() - timedelta(milliseconds=1)
    await publisher.publish_many(messages(TOPIC, "first", "second"))
    since = await logs.whole_since(TOPIC)
    assert since is not None
    assert before <= since <= now()


async def test_a_log_misses_what_was_removed_from_a_partition(
    logs: LogReader, publisher: Publisher, kafka_url: str, names: Names
) -> None:
    """It is whole from the first record left there; nothing tells where none is left."""
    await publisher.publish_many(messages(TOPIC, *map(str, range(50))))
    first = await logs.whole_since(TOPIC)
    assert first is not None
    part = TopicPartition(names.topic(TOPIC), (await logs.bounds(TOPIC)).popitem()[0])
    await _remove_all(kafka_url, part)
    assert await logs.whole_since(TOPIC) is None
    moment = now()
    await publisher.publish_many(messages(TOPIC, *map(str, range(50))))
    left = await logs.whole_since(TOPIC)
    assert left is not None
    assert left >= moment - timedelta(milliseconds=1) > first


async def _remove_all(kafka_url: str, part: TopicPartition) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    try:
        await admin.delete_records({part: RecordsToDelete(before_offset=-1)})
    finally:
        await admin.close()
