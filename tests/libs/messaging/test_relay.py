import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest

from contracts.topics import MAX_MESSAGE_BYTES
from libs.messaging.publisher import KafkaDown, Outgoing, Publisher
from libs.messaging.relay import CHANNEL, Relay
from libs.messaging.topics import Names
from libs.messaging.waiting import Notifications
from libs.service.database import connect
from tests.libs.messaging.conftest import SCHEMA, ReadTopic, running, until

if TYPE_CHECKING:
    from libs.service.database import Connection, Pool

TOPIC = "accounting.dead-letters.v1"
INSERT = "insert into journal (topic, key, headers, value) values ($1, $2, $3, $4)"


class Unlucky(Publisher):
    """Publishes as ever, but ends before it can tell, as many times as `failures` says."""

    failures = 1

    async def publish_many(
        self,
        messages: Sequence[Outgoing],
        *,
        timeout: float = 5,  # noqa: ASYNC109 - as in Publisher
    ) -> None:
        await super().publish_many(messages, timeout=timeout)
        if self.failures:
            self.failures -= 1
            raise KafkaDown("Kafka has not acknowledged in time.", 3)


@pytest.fixture
async def notifications(database_url: str, pool: "Pool") -> AsyncIterator[Notifications]:
    """Waiters that are woken by notices alone."""
    notifications = Notifications(lambda: connect(database_url, SCHEMA), poll=timedelta(hours=1))
    async with running(notifications.run()):
        yield notifications


async def write(connection: "Connection | Pool", *bodies: bytes, key: str = "k") -> None:
    headers = json.dumps({"ce_id": "e1"})
    for body in bodies:
        await connection.execute(INSERT, TOPIC, key, headers, body)
    await connection.execute("select pg_notify($1, '')", CHANNEL)


async def unpublished(pool: "Pool") -> int:
    count: int = await pool.fetchval("select count(*) from journal where published_at is null")
    return count


async def all_published(pool: "Pool") -> bool:
    return await unpublished(pool) == 0


def numbered(count: int) -> list[bytes]:
    return [b"%d" % n for n in range(count)]


async def test_rows_are_published_in_order_with_key_and_headers_and_marked(
    pool: "Pool", publisher: Publisher, notifications: Notifications, read_topic: ReadTopic
) -> None:
    await write(pool, *numbered(1200))
    async with running(Relay(pool, publisher, await notifications.subscribe(CHANNEL)).run()):
        await until(lambda: all_published(pool))
    records = await read_topic(TOPIC, 1200)
    assert [record.value for record in records] == numbered(1200)
    assert records[0].key == b"k"
    assert list(records[0].headers) == [("ce_id", b"e1")]


async def test_a_row_is_published_when_its_transaction_notifies(
    pool: "Pool", publisher: Publisher, notifications: Notifications
) -> None:
    async with running(Relay(pool, publisher, await notifications.subscribe(CHANNEL)).run()):
        for round_ in range(3):
            await write(pool, b"%d" % round_)
            await until(lambda: all_published(pool))


async def test_what_was_published_but_not_marked_is_published_again(
    pool: "Pool", kafka_url: str, names: Names, notifications: Notifications, read_topic: ReadTopic
) -> None:
    await write(pool, *numbered(6))
    async with Unlucky(kafka_url, names) as publisher:
        wakeup = await notifications.subscribe(CHANNEL)
        async with running(Relay(pool, publisher, wakeup).run()):
            await until(lambda: all_published(pool))
    records = await read_topic(TOPIC, 9)
    # The first three were acknowledged and marked, the others come twice: no gap, order kept.
    assert [record.value for record in records] == [*numbered(6), b"3", b"4", b"5"]


async def test_a_row_committed_after_a_higher_one_was_published_is_not_skipped(
    pool: "Pool", publisher: Publisher, notifications: Notifications, read_topic: ReadTopic
) -> None:
    # The relay ends first: it would publish what the slow transaction commits.
    async with (
        pool.acquire() as slow,
        slow.transaction(),
        running(Relay(pool, publisher, await notifications.subscribe(CHANNEL)).run()),
    ):
        await write(slow, b"early seq", key="a")
        await write(pool, b"late seq", key="b")
        await until(lambda: all_published(pool))
    assert await unpublished(pool) == 1
    async with running(Relay(pool, publisher, await notifications.subscribe(CHANNEL)).run()):
        await until(lambda: all_published(pool))
    records = await read_topic(TOPIC, 2)
    assert [record.value for record in records] == [b"late seq", b"early seq"]


async def test_of_two_replicas_one_publishes_and_the_other_takes_over(
    pool: "Pool", publisher: Publisher, notifications: Notifications, read_topic: ReadTopic
) -> None:
    first = Relay(pool, publisher, await notifications.subscribe(CHANNEL))
    second = Relay(pool, publisher, await notifications.subscribe(CHANNEL))
    async with running(first.run()) as leading:
        await write(pool, b"0")
        await until(lambda: all_published(pool))
        async with running(second.run()):
            await write(pool, *numbered(200)[1:])
            await until(lambda: all_published(pool))
            leading.cancel()
            await asyncio.wait([leading])
            await write(pool, b"200")
            await until(lambda: all_published(pool))
    await write(pool, b"end")
    async with running(Relay(pool, publisher, await notifications.subscribe(CHANNEL)).run()):
        await until(lambda: all_published(pool))
    # Twice published by both would show as one record too many before the last.
    records = await read_topic(TOPIC, 202)
    assert [record.value for record in records] == [*numbered(201), b"end"]


async def test_the_relay_goes_on_after_postgresql_has_cut_its_connections(
    pool: "Pool", publisher: Publisher, notifications: Notifications, database_url: str
) -> None:
    admin = await asyncpg.connect(database_url)
    async with running(Relay(pool, publisher, await notifications.subscribe(CHANNEL)).run()):
        await write(pool, b"before")
        await until(lambda: all_published(pool))
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        await admin.execute(f"set search_path = {SCHEMA}")
        await write(admin, b"after")

        async def published() -> bool:
            count = "select count(*) from journal where published_at is null"
            return bool(await admin.fetchval(count) == 0)

        await until(published)
    await admin.close()


async def test_a_row_nobody_can_publish_holds_up_only_what_is_behind_it(
    pool: "Pool", publisher: Publisher, notifications: Notifications, read_topic: ReadTopic
) -> None:
    await write(pool, b"first", b"x" * (MAX_MESSAGE_BYTES + 1), b"behind")
    async with running(Relay(pool, publisher, await notifications.subscribe(CHANNEL)).run()):

        async def first_is_marked() -> bool:
            return await unpublished(pool) == 2

        await until(first_is_marked)
        await pool.execute("delete from journal where octet_length(value) > 10000000")
        await until(lambda: all_published(pool))
    assert (await read_topic(TOPIC, 1))[0].value == b"first"


async def test_a_backlog_of_large_rows_is_taken_in_parts(
    pool: "Pool", publisher: Publisher, notifications: Notifications, read_topic: ReadTopic
) -> None:
    bodies = [bytes([65 + n]) * 10_000_000 for n in range(5)]
    await write(pool, *bodies)
    async with running(Relay(pool, publisher, await notifications.subscribe(CHANNEL)).run()):
        await until(lambda: all_published(pool))
    assert [record.value for record in await read_topic(TOPIC, 5)] == bodies
