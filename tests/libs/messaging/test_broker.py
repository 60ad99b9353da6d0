import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import UnsupportedVersionError

from contracts.topics import INVOICING_EVENTS, MAX_EVENT_BYTES
from libs.devstack.process import free_port
from libs.messaging.broker import (
    Handler,
    create_broker,
    ensure_topics,
    start_broker,
    start_with_retry,
    subscriber,
)
from libs.messaging.publisher import KafkaDown, Outgoing, Publisher
from libs.messaging.record import Record
from libs.messaging.topics import Names

TOPIC = INVOICING_EVENTS.name
LIMIT = 30
Consume = Callable[[Handler], AbstractAsyncContextManager[None]]


class Inbox:
    """What a handler was given, in order; `until` waits for as many."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._more = asyncio.Condition()

    async def take(self, records: tuple[Record, ...]) -> None:
        async with self._more:
            self.records.extend(records)
            self._more.notify_all()

    async def until(self, count: int) -> list[bytes | None]:
        async with asyncio.timeout(LIMIT), self._more:
            await self._more.wait_for(lambda: len(self.records) >= count)
        return [record.value for record in self.records]


@pytest.fixture
def consume(kafka_url: str, names: Names) -> Consume:
    """Run a consumer of the invoicing topic, in a group of this test, while in the context."""

    @asynccontextmanager
    async def run(handler: Handler) -> AsyncIterator[None]:
        broker = create_broker(kafka_url)
        subscriber(broker, names.topic(TOPIC), group=names.group("g"))(handler)
        await start_broker(broker)
        try:
            yield
        finally:
            await broker.stop()

    return run


async def committed(kafka_url: str, names: Names) -> int:
    """The sum of the group's committed offsets."""
    consumer = AIOKafkaConsumer(
        names.topic(TOPIC),
        bootstrap_servers=kafka_url,
        group_id=names.group("g"),
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        return sum([await consumer.committed(part) or 0 for part in consumer.assignment()])
    finally:
        await consumer.stop()


async def test_what_was_published_before_the_first_start_is_taken(
    consume: Consume, publisher: Publisher
) -> None:
    inbox = Inbox()
    await publisher.publish(TOPIC, "k", b"before")
    async with consume(inbox.take):
        assert await inbox.until(1) == [b"before"]
        await publisher.publish(TOPIC, "k", b"after")
        assert await inbox.until(2) == [b"before", b"after"]


async def test_what_a_handler_raised_on_comes_again_in_order(
    consume: Consume, publisher: Publisher
) -> None:
    inbox, refusals = Inbox(), 2

    async def refuse_twice(records: tuple[Record, ...]) -> None:
        nonlocal refusals
        if refusals:
            refusals -= 1
            raise RuntimeError("the database is away")
        await inbox.take(records)

    await publisher.publish_many([Outgoing(TOPIC, "k", b"%d" % n) for n in range(20)])
    async with consume(refuse_twice):
        assert await inbox.until(20) == [b"%d" % n for n in range(20)]
    assert refusals == 0


async def test_the_offset_is_committed_only_after_the_handler(
    consume: Consume, publisher: Publisher, kafka_url: str, names: Names
) -> None:
    """A process that ends while it works on a batch has not acknowledged it."""
    entered = asyncio.Event()

    async def never_done(_: tuple[Record, ...]) -> None:
        entered.set()
        raise RuntimeError("killed")

    await publisher.publish(TOPIC, "k", b"kept")
    async with consume(never_done), asyncio.timeout(LIMIT):
        await entered.wait()
    assert await committed(kafka_url, names) == 0
    inbox = Inbox()
    async with consume(inbox.take):
        assert await inbox.until(1) == [b"kept"]
    assert await committed(kafka_url, names) == 1


@pytest.mark.parametrize("body", [b"0", b"{", b"\xff\xfe\x00", b"", None])
async def test_an_undecodable_body_reaches_the_handler_as_it_is_and_once(
    body: bytes | None, consume: Consume, publisher: Publisher
) -> None:
    inbox = Inbox()
    await publisher.publish(TOPIC, "k", body)
    await publisher.publish(TOPIC, "k", b"next")
    async with consume(inbox.take):
        assert await inbox.until(2) == [body, b"next"]


async def test_an_undecodable_header_reaches_the_handler_as_it_is_and_once(
    consume: Consume, kafka_url: str, names: Names
) -> None:
    inbox = Inbox()
    producer = AIOKafkaProducer(bootstrap_servers=kafka_url)
    await producer.start()
    strange = [("ce_type", b"\xff\xfe"), ("none", None)]
    await producer.send_and_wait(names.topic(TOPIC), b"odd", key=b"k", headers=strange)
    await producer.send_and_wait(names.topic(TOPIC), b"next", key=b"k")
    await producer.stop()
    async with consume(inbox.take):
        assert await inbox.until(2) == [b"odd", b"next"]
    assert list(inbox.records[0].headers) == strange


async def test_an_event_of_ten_megabytes_arrives_among_small_ones(
    consume: Consume, publisher: Publisher
) -> None:
    inbox, large = Inbox(), b"x" * MAX_EVENT_BYTES
    bodies = [b"first", large, b"last"]
    await publisher.publish_many([Outgoing(TOPIC, "k", body) for body in bodies], timeout=30)
    async with consume(inbox.take):
        assert await inbox.until(3) == bodies


async def test_what_a_producer_aborted_is_not_taken(
    consume: Consume, kafka_url: str, names: Names, publisher: Publisher
) -> None:
    inbox = Inbox()
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka_url, transactional_id=names.group("transaction")
    )
    await producer.start()
    await producer.begin_transaction()
    await producer.send_and_wait(names.topic(TOPIC), b"aborted", key=b"k")
    await producer.abort_transaction()
    await producer.stop()
    await publisher.publish(TOPIC, "k", b"real")
    async with consume(inbox.take):
        assert await inbox.until(1) == [b"real"]


async def test_topics_are_created_with_their_settings_and_again_without_complaint(
    kafka_url: str, topic_prefix: str
) -> None:
    for _ in range(2):
        await ensure_topics(kafka_url, topic_prefix, ["acme"])
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    try:
        names = {name for name in await admin.list_topics() if name.startswith(topic_prefix)}
        name = topic_prefix + TOPIC
        [described] = await admin.describe_topics([name])
        resource = ConfigResource(ConfigResourceType.TOPIC, name)
        [answer] = await admin.describe_configs([resource])
    finally:
        await admin.close()
    assert names == {
        topic_prefix + topic
        for topic in (
            "invoicing.events.v1",
            "accounting.connections.v1",
            "accounting.commands.v1",
            "accounting.events.v1",
            "accounting.dead-letters.v1",
            "accounting.webhooks.acme.v1",
        )
    }
    assert len(described["partitions"]) == INVOICING_EVENTS.partitions
    config = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    assert INVOICING_EVENTS.config.items() <= config.items()


async def test_a_start_without_kafka_is_tried_again_and_then_told() -> None:
    broker = create_broker(f"127.0.0.1:{free_port()}")
    subscriber(broker, TOPIC, group="g")(Inbox().take)
    with pytest.raises(KafkaDown, match="has not answered"):
        await start_broker(broker, limit=1)


async def test_a_mistake_of_ours_is_not_tried_again() -> None:
    async def start() -> None:
        raise UnsupportedVersionError

    with pytest.raises(UnsupportedVersionError):
        await start_with_retry(start, limit=None)


async def test_a_start_succeeds_once_kafka_is_there() -> None:
    attempts = 0

    async def start() -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise ConnectionRefusedError

    await start_with_retry(start, limit=None)
    assert attempts == 3
