"""The journal relay: publishes what a service committed to its `journal`, in order.

The table (in the schema of the pool's role):

    create table journal (
        seq bigint generated always as identity primary key,
        topic text not null,            -- as in contracts.topics, without a prefix
        key text not null,
        headers jsonb not null,         -- name -> text
        value bytea,
        at timestamptz not null default now(),
        published_at timestamptz
    );
    create index on journal (seq) where published_at is null;

A transaction that writes to it ends with `select pg_notify('journal', '')`.

Order holds per key, not over all: a row with a lower `seq` may be committed after a higher one has
been published, and goes out then. Rows of one key are written under the lock of its lane, so the
second gets its `seq` after the first is committed. What was published but not marked, because a
process or a server ended in between, is published again; consumers drop it by its lane's number.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import structlog

from libs.messaging.backoff import delay
from libs.messaging.publisher import KafkaDown, Outgoing, Publisher, TooLarge
from libs.messaging.waiting import Wakeup

if TYPE_CHECKING:
    from libs.service.database import Connection, Pool

CHANNEL = "journal"
BATCH_ROWS = 500
BATCH_BYTES = 32 * 1024 * 1024
PUBLISH_LIMIT = 30.0
STANDBY_SECONDS = 1.0
RETRY_BASE = timedelta(milliseconds=100)
RETRY_CAP = timedelta(seconds=5)

log = structlog.get_logger()


class Relay:
    """Publishes the journal of the pool's schema; of all replicas, one at a time does.

    `wakeup` is a subscription to `CHANNEL` of `Notifications`.
    """

    def __init__(self, pool: "Pool", publisher: Publisher, wakeup: Wakeup) -> None:
        self._pool = pool
        self._publisher = publisher
        self._wakeup = wakeup
        self._failures = 0

    async def run(self) -> None:
        """Publish until cancelled, whatever Kafka and PostgreSQL do meanwhile."""
        while True:
            try:
                async with self._pool.acquire() as connection, _lead(connection):
                    await self._publish_all(connection)
            except (
                KafkaDown,
                TooLarge,
                OSError,
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
            ) as error:
                self._failures += 1
                level = log.error if isinstance(error, TooLarge) else log.warning
                level("relay.failed", failures=self._failures, error=repr(error))
                await asyncio.sleep(self._pause().total_seconds())

    def _pause(self) -> timedelta:
        return delay(self._failures, base=RETRY_BASE, cap=RETRY_CAP, jitter_seed="relay")

    async def _publish_all(self, connection: "Connection") -> None:
        while True:
            # After a failure one row alone: a message nobody can publish then holds up only
            # those behind it, and the log names it.
            limit = 1 if self._failures else BATCH_ROWS
            rows = await _unpublished(connection, limit)
            if not rows:
                await self._wakeup.wait()
                continue
            await self._publish(connection, rows)
            self._failures = 0

    async def _publish(self, connection: "Connection", rows: list[asyncpg.Record]) -> None:
        messages = [_message(row) for row in rows]
        try:
            await self._publisher.publish_many(messages, timeout=PUBLISH_LIMIT)
        except KafkaDown as error:
            await _mark(connection, rows[: error.acknowledged])
            raise
        except TooLarge:
            log.error("journal.too_large", first=rows[0]["seq"], last=rows[-1]["seq"])
            raise
        await _mark(connection, rows)


@asynccontextmanager
async def _lead(connection: "Connection") -> AsyncIterator[None]:
    # The lock belongs to the connection that reads and marks: who loses it can do neither.
    statement = (
        "select pg_try_advisory_lock(hashtextextended('relay/' || current_schema(), 0)) as leads"
    )
    try:
        while not await connection.fetchval(statement):  # noqa: ASYNC110 - another process holds it
            await asyncio.sleep(STANDBY_SECONDS)
        # A mark that a crash of the server loses is a repeat, which consumers drop.
        await connection.execute("set synchronous_commit = off")
        yield
    finally:
        if not connection.is_closed():
            await connection.reset()


async def _unpublished(connection: "Connection", limit: int) -> list[asyncpg.Record]:
    return await connection.fetch(
        """
        select seq, topic, key, headers::text as headers, value
        from (
            select head.*, sum(coalesce(octet_length(value), 0)) over (order by seq)
                - coalesce(octet_length(value), 0) as bytes_before
            from (
                select seq, topic, key, headers, value from journal
                where published_at is null order by seq limit $1
            ) head
        ) sized
        where bytes_before < $2
        order by seq
        """,
        limit,
        BATCH_BYTES,
    )


async def _mark(connection: "Connection", rows: list[asyncpg.Record]) -> None:
    await connection.execute(
        "update journal set published_at = clock_timestamp() where seq = any($1::bigint[])",
        [row["seq"] for row in rows],
    )


def _message(row: asyncpg.Record) -> Outgoing:
    headers = json.loads(row["headers"])
    return Outgoing(
        topic=row["topic"],
        key=row["key"],
        value=row["value"],
        headers=tuple((name, text.encode()) for name, text in headers.items()),
    )
