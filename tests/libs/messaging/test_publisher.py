import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.topics import MAX_EVENT_BYTES, MAX_MESSAGE_BYTES
from libs.devstack.process import free_port
from libs.messaging.publisher import KafkaDown, Outgoing, Publisher, TooLarge
from libs.messaging.topics import Names
from tests.libs.messaging.conftest import LIMIT, ReadTopic

TOPIC = "accounting.dead-letters.v1"


@pytest.fixture
async def narrow_topic(kafka_url: str, names: Names) -> str:
    """A topic whose broker takes less than the producer sends."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    try:
        config = {"max.message.bytes": "1000"}
        await admin.create_topics([NewTopic(names.topic("narrow"), 1, 1, topic_configs=config)])
    finally:
        await admin.close()
    return "narrow"


async def test_a_published_message_arrives_with_key_and_headers(
    publisher: Publisher, read_topic: ReadTopic
) -> None:
    await publisher.publish(TOPIC, "k/1", b"body", [("ce_id", b"e1")])
    [record] = await read_topic(TOPIC, 1)
    assert (record.key, record.value) == (b"k/1", b"body")
    assert list(record.headers) == [("ce_id", b"e1")]


async def test_many_arrive_in_order(publisher: Publisher, read_topic: ReadTopic) -> None:
    await publisher.publish_many([Outgoing(TOPIC, "k", b"%d" % n) for n in range(2000)])
    records = await read_topic(TOPIC, 2000)
    assert [record.value for record in records] == [b"%d" % n for n in range(2000)]


async def test_a_change_of_the_largest_event_fits(
    publisher: Publisher, read_topic: ReadTopic
) -> None:
    body = b"x" * (2 * MAX_EVENT_BYTES)
    await publisher.publish("accounting.events.v1", "k", body, timeout=30)
    [record] = await read_topic("accounting.events.v1", 1)
    assert record.value == body


async def test_what_no_topic_takes_is_refused_and_the_rest_goes_on(publisher: Publisher) -> None:
    with pytest.raises(TooLarge):
        await publisher.publish(TOPIC, "k", b"x" * (MAX_MESSAGE_BYTES + 1))
    await publisher.publish(TOPIC, "k", b"small")


async def test_a_publish_while_kafka_is_down_is_bounded_and_typed() -> None:
    async with Publisher(f"127.0.0.1:{free_port()}", Names()) as publisher:
        with pytest.raises(KafkaDown) as raised:
            await publisher.publish(TOPIC, "k", b"body", timeout=1)
    assert raised.value.acknowledged == 0


async def test_a_publish_to_a_kafka_that_never_answers_is_bounded() -> None:
    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    async with server, Publisher(f"127.0.0.1:{port}", Names()) as publisher:
        # aiokafka's own bound is 40 s.
        async with asyncio.timeout(LIMIT):
            with pytest.raises(KafkaDown):
                await publisher.publish(TOPIC, "k", b"body", timeout=0.2)


async def test_a_message_the_broker_refuses_spoils_nothing_that_follows(
    publisher: Publisher, read_topic: ReadTopic, narrow_topic: str
) -> None:
    await publisher.publish(narrow_topic, "k", b"first")
    with pytest.raises(KafkaDown):
        await publisher.publish(narrow_topic, "k", b"x" * 2000, timeout=30)
    await publisher.publish(narrow_topic, "k", b"second")
    records = await read_topic(narrow_topic, 2)
    assert [record.value for record in records] == [b"first", b"second"]


async def test_kafka_down_tells_how_many_of_the_first_were_acknowledged(
    publisher: Publisher, narrow_topic: str
) -> None:
    good, bad = Outgoing(TOPIC, "k", b"good"), Outgoing(narrow_topic, "k", b"x" * 2000)
    with pytest.raises(KafkaDown) as raised:
        await publisher.publish_many([good, good, bad, good], timeout=30)
    assert raised.value.acknowledged == 2


async def test_concurrent_publishes_share_one_connection(
    publisher: Publisher, read_topic: ReadTopic
) -> None:
    await asyncio.gather(*(publisher.publish(TOPIC, "k", b"%d" % n) for n in range(50)))
    records = await read_topic(TOPIC, 50)
    assert {record.value for record in records} == {b"%d" % n for n in range(50)}
