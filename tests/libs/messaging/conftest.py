"""Topics of a test's own, a publisher, a way to see what a topic holds; a schema with a journal."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaConsumer

from libs.messaging.broker import ensure_topics
from libs.messaging.publisher import Publisher
from libs.messaging.record import Record
from libs.messaging.topics import Names
from libs.service import database

if TYPE_CHECKING:
    from libs.service.database import Pool

SCHEMA = "messaging_test"
JOURNAL = """
create table journal (
    seq bigint generated always as identity primary key,
    topic text not null,
    key text not null,
    headers jsonb not null,
    value bytea,
    at timestamptz not null default now(),
    published_at timestamptz
);
create index on journal (seq) where published_at is null;
create table filed (name text primary key check (name <> 'refused'));
create table buried (name bytea not null);
"""
LIMIT = 30
ReadTopic = Callable[[str, int], Awaitable[list[Record]]]


@pytest.fixture
async def names(kafka_url: str, topic_prefix: str) -> Names:
    """The names of this test's topics, which exist."""
    await ensure_topics(kafka_url, topic_prefix, ["acme"])
    return Names(topic_prefix)


@pytest.fixture
async def publisher(kafka_url: str, names: Names) -> AsyncIterator[Publisher]:
    async with Publisher(kafka_url, names) as publisher:
        yield publisher


@pytest.fixture
def read_topic(kafka_url: str, names: Names) -> ReadTopic:
    """The first `count` records of a topic, as any consumer sees them; waits until there are."""

    async def read(topic: str, count: int) -> list[Record]:
        consumer = AIOKafkaConsumer(
            names.topic(topic), bootstrap_servers=kafka_url, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            async with asyncio.timeout(LIMIT):
                return [await consumer.getone() for _ in range(count)]
        finally:
            await consumer.stop()

    return read


@pytest.fixture
async def pool(database_url: str, tmp_path: Path) -> AsyncIterator["Pool"]:
    """A pool in a schema with a journal and two tables to file into."""
    (tmp_path / "001_tables.sql").write_text(JOURNAL)
    async with database.database(database_url, SCHEMA, tmp_path) as pool:
        yield pool


@asynccontextmanager
async def running(coroutine: Any) -> AsyncIterator[asyncio.Task[None]]:
    """Run something that never ends while in the context; raise what it raised."""
    task = asyncio.create_task(coroutine)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Ask until the answer is true, for a bounded time."""
    async with asyncio.timeout(LIMIT):
        while not await condition():  # noqa: ASYNC110 - the condition is in another process
            await asyncio.sleep(0.01)
