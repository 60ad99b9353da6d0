"""What stands around the product in a test: its users, other writers, and ledgers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from aiokafka.admin import AIOKafkaAdminClient

from contracts.messages import ALL, EntityPut, LaneEvent, Message, Numbered
from contracts.topics import ACCOUNTING_EVENTS, INVOICING_EVENTS, lane_key
from libs.messaging.cloudevents import Envelope, headers
from libs.messaging.logs import LogReader
from libs.messaging.publisher import Outgoing, Publisher
from libs.messaging.record import Record
from libs.messaging.topics import Names

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMIT = 60
TOPICS = (INVOICING_EVENTS.name, ACCOUNTING_EVENTS.name)


@dataclass(frozen=True, slots=True)
class Around:
    """The product's HTTP API, and Kafka from the other side."""

    http: httpx.AsyncClient
    kafka: str
    names: Names
    publisher: Publisher

    async def is_ready(self) -> bool:
        return (await self.http.get("/ready")).status_code == 200

    async def save(self, entity: dict[str, Any], **more: Any) -> int:
        """A user saves; the revision."""
        answer = await self.http.post("/entities", json={"entity": entity, **more})
        assert answer.status_code == 201, answer.text
        return int(answer.json()["revision"])

    async def get(self, kind: str, entity: str) -> dict[str, Any]:
        """The entity as the product shows it; empty where there is none."""
        answer = await self.http.get(f"/entities/{kind}/{entity}")
        return dict(answer.json()) if answer.status_code == 200 else {}

    async def sums(self) -> dict[str, dict[str, Any]]:
        found = (await self.http.get("/summary")).json()["sums"]
        return {row["type"]: row for row in found}

    async def put(self, *puts: EntityPut) -> None:
        """Another writer of the product's topic."""
        await self._send(INVOICING_EVENTS.name, [(f"demo/{put.entity.id}", put) for put in puts])

    async def tell(self, *events: Numbered) -> None:
        """A connector."""
        await self._send(ACCOUNTING_EVENTS.name, [(_key(event), event) for event in events])

    async def send_raw(self, value: bytes, event: str = "entity.put") -> None:
        made = headers(event, source="/test", id="raw", time=NOW, tenant="demo")
        await self.publisher.publish(INVOICING_EVENTS.name, "raw", value, made)

    async def log(self, topic: str = INVOICING_EVENTS.name) -> list[Record]:
        """Everything on a topic."""
        found: list[Record] = []

        async def keep(records: Sequence[Record]) -> None:
            found.extend(records)

        reader = LogReader(self.kafka, self.names)
        await reader.read(topic, await reader.bounds(topic), keep)
        return found

    async def messages(self, count: int, event: str = "entity.put") -> list[Any]:
        """The product's own messages of a kind by revision, once there are `count`."""
        found: list[Record] = []

        async def enough() -> bool:
            found[:] = [record for record in await self.log() if _is_own(record, event)]
            return len(found) >= count

        await until(enough)
        read = [ALL[event].model_validate_json(record.value or b"") for record in found]
        return sorted(read, key=lambda message: message.revision)

    async def newest(self, entity: str, revision: int) -> EntityPut:
        """The product's own put of that revision, once it is there."""
        found: list[EntityPut] = []

        async def there() -> bool:
            found[:] = [
                put
                for put in await self.messages(0)
                if (put.entity.id, put.revision) == (entity, revision)
            ]
            return bool(found)

        await until(there)
        return found[0]

    async def folded(self) -> None:
        """Return once the product has committed every record of both topics."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        reader = LogReader(self.kafka, self.names)

        async def all_committed() -> bool:
            ends = {
                (self.names.topic(topic), partition): span.end
                for topic in TOPICS
                for partition, span in (await reader.bounds(topic)).items()
            }
            group = self.names.group("reference_product")
            done = await admin.list_consumer_group_offsets(group)
            reached = {(part.topic, part.partition): at.offset for part, at in done.items()}
            return all(reached.get(part, 0) >= end for part, end in ends.items())

        try:
            await until(all_committed)
        finally:
            await admin.close()

    async def _send(self, topic: str, messages: Sequence[tuple[str, Message]]) -> None:
        made = tuple(headers("x", source="/test", id="t", time=NOW, tenant="demo"))
        await self.publisher.publish_many(
            [
                Outgoing(
                    topic,
                    key,
                    message.model_dump_json().encode(),
                    tuple((n, message.EVENT.encode() if n == "ce_type" else v) for n, v in made),
                )
                for key, message in messages
            ]
        )


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return once the condition holds; fails after a bounded time."""
    async with asyncio.timeout(LIMIT):
        while not await condition():  # noqa: ASYNC110 - the condition is in Kafka
            await asyncio.sleep(0.05)


def _key(event: Numbered) -> str:
    if isinstance(event, LaneEvent):
        return lane_key(event.connection, event.type, event.id)
    return f"{event.connection}/{event.EVENT}"


def _is_own(record: Record, event: str) -> bool:
    envelope = Envelope.of(record.headers)
    return (envelope.source, envelope.type) == ("/reference_product", event)
