"""The spool: messages Kafka did not confirm, kept in PostgreSQL in the order they came."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from libs.messaging.publisher import Outgoing
from services.webhook_gateway.store import Store

if TYPE_CHECKING:
    import asyncpg

    from libs.service.database import Connection

BATCH_BYTES = 8 * 1024 * 1024

Lane = tuple[str, str]


def lane(message: Outgoing) -> Lane:
    """What must stay in order: the messages of one topic and key."""
    return message.topic, message.key


@dataclass(frozen=True, slots=True)
class Spooled:
    """A message of the spool and its place in the order."""

    seq: int
    message: Outgoing


@dataclass(frozen=True, slots=True)
class Spool:
    """Adds to the spool and asks about it; every call raises `StoreUnavailable`."""

    store: Store
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    async def add(self, messages: Sequence[Outgoing]) -> None:
        """Keep `messages`; returns after the commit."""
        async with self.store.brief() as connection:
            await connection.executemany(
                "insert into spool (topic, key, headers, value) values ($1, $2, $3, $4)",
                [(m.topic, m.key, _headers_to_json(m), m.value) for m in messages],
            )
        self.stirred.set()

    async def waiting_lanes(self, messages: Iterable[Outgoing]) -> set[Lane]:
        """Of which lanes of `messages` the spool still holds earlier ones."""
        lanes = [lane(message) for message in messages]
        async with self.store.brief() as connection:
            rows = await connection.fetch(
                """
                select topic, key from unnest($1::text[], $2::text[]) as l (topic, key)
                where exists (select from spool s where s.topic = l.topic and s.key = l.key)
                """,
                [topic for topic, _ in lanes],
                [key for _, key in lanes],
            )
        return {(row["topic"], row["key"]) for row in rows}

    async def size(self) -> int:
        """How many messages wait."""
        async with self.store.brief() as connection:
            return int(await connection.fetchval("select count(*) from spool"))


async def only_one(connection: "Connection") -> bool:
    """Whether this transaction is the one that drains; two at once would mix up the order."""
    taken = "select pg_try_advisory_xact_lock(hashtext('lb/webhook_gateway/drain'))"
    return bool(await connection.fetchval(taken))


async def oldest(connection: "Connection", limit: int) -> list[Spooled]:
    """The head of the spool: up to `limit` messages, of together some 8 MiB."""
    rows = await connection.fetch(
        """
        with head as (select seq, octet_length(value) as size from spool order by seq limit $1),
        summed as (select seq, sum(size) over (order by seq) - size as before from head)
        select seq, topic, key, headers, value from spool join summed using (seq)
        where before < $2 order by seq
        """,
        limit,
        BATCH_BYTES,
    )
    return [Spooled(row["seq"], _message(row)) for row in rows]


async def remove(connection: "Connection", done: Sequence[int]) -> None:
    """Forget what Kafka has confirmed."""
    await connection.execute("delete from spool where seq = any($1::bigint[])", done)


def _headers_to_json(message: Outgoing) -> str:
    return json.dumps([(name, value.decode()) for name, value in message.headers])


def _message(row: "asyncpg.Record") -> Outgoing:
    headers = tuple((name, value.encode()) for name, value in json.loads(row["headers"]))
    return Outgoing(row["topic"], row["key"], row["value"], headers)
