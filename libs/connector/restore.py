"""A new schema, or one that was lost, is filled from the topics before its first claim."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from pydantic import ValidationError

from contracts.messages import (
    ALL,
    BatchProgress,
    Check,
    Command,
    ExternalId,
    LaneEvent,
    Message,
    Preview,
    Reconcile,
)
from contracts.messages import Connection as ConnectionMessage
from contracts.topics import ACCOUNTING_EVENTS, COMMANDS, CONNECTIONS, Topic, lane_key
from libs.connector import commands, connections, reread
from libs.connector.agreed import Agreed, dump
from libs.connector.intake import ORDERS
from libs.connector.kernel import Kernel
from libs.connector.lane import marker_of
from libs.connector.states import local_id
from libs.messaging.cloudevents import BadEnvelope, Envelope
from libs.messaging.logs import LogReader
from libs.messaging.record import Record
from libs.service.database import Connection

log = structlog.get_logger()


@dataclass(slots=True)
class Memory:
    """What the topics still know of this provider's lanes."""

    provider: str
    connections: dict[str, ConnectionMessage] = field(default_factory=dict)
    newest: dict[str, LaneEvent] = field(default_factory=dict)
    parts: dict[tuple[str, str, str], tuple[str, LaneEvent]] = field(default_factory=dict)
    batches: dict[tuple[str, str], BatchProgress] = field(default_factory=dict)

    def fold_connections(self, records: Sequence[Record]) -> None:
        """The newest word of auth about each connection."""
        for record in records:
            message = _read(record, ConnectionMessage)
            if isinstance(message, ConnectionMessage) and message.provider == self.provider:
                self.connections[message.id] = message

    def fold_events(self, records: Sequence[Record]) -> None:
        """The newest event of each lane, and every external id."""
        for record in records:
            try:
                envelope = Envelope.of(record.headers)
            except BadEnvelope:
                continue
            kind = ALL.get(envelope.type)
            if envelope.extensions.get("provider") != self.provider or kind is None:
                continue
            event = _read(record, kind)
            if isinstance(event, LaneEvent):
                self._take(event)
            elif isinstance(event, BatchProgress):
                self.batches[event.connection, event.batch] = event

    def _take(self, event: LaneEvent) -> None:
        lane = lane_key(event.connection, event.type, event.id)
        known = self.newest.get(lane)
        if known is None or event.number > known.number:
            self.newest[lane] = event
        for part in event.external_ids:
            self._own(lane, event, part)

    def _own(self, lane: str, event: LaneEvent, part: ExternalId) -> None:
        """A record on two lanes was taken over: it belongs to the one that is not its own."""
        key, external = (event.connection, part.type, part.id), part.id
        known = self.parts.get(key)
        taken = known is not None and known[0] != lane
        if taken and event.id == local_id(event.connection, event.type, external):
            return
        self.parts[key] = (lane, event)


async def restore(kernel: Kernel, reader: LogReader) -> bool:
    """Fill an empty schema; False where it lives already. Nothing is claimed until the log has
    been read again and what was on its way to the ledger has had time to arrive."""
    async with kernel.pool.acquire() as db:
        if await db.fetchval("select true from life"):
            return False
    memory = Memory(kernel.provider.id)
    await _fold(reader, CONNECTIONS, memory.fold_connections)
    await _fold(reader, ACCOUNTING_EVENTS, memory.fold_events)
    async with kernel.pool.acquire() as db, db.transaction():
        await db.execute("lock table life")
        if await db.fetchval("select true from life"):
            return False
        await _write(db, memory, kernel.settles)
    await _obey_again(kernel, reader)
    await kernel.pool.execute("insert into life default values")
    log.info("schema.restored", connections=len(memory.connections), lanes=len(memory.newest))
    return True


async def _fold(reader: LogReader, topic: Topic, fold: Callable[[Sequence[Record]], None]) -> None:
    async def handle(records: Sequence[Record]) -> None:
        fold(records)

    await reader.read(topic.name, await reader.bounds(topic.name), handle)


async def _write(db: Connection, memory: Memory, settles: timedelta) -> None:
    for message in memory.connections.values():
        await connections.fold(db, message)
        await db.execute(
            "update connection set restoring = true, held_until = now() + $2 where id = $1",
            message.id,
            settles,
        )
        if message.state != "closed":
            await reread.ask(db, message.id)
    await _lanes(db, memory)
    for progress in memory.batches.values():
        if progress.connection in memory.connections:
            await db.execute(
                "insert into batch (connection, id, made_at, number) values ($1, $2, $3, $4)",
                progress.connection,
                progress.batch,
                progress.at,
                progress.number,
            )


async def _lanes(db: Connection, memory: Memory) -> None:
    owners = {lane for lane, _ in memory.parts.values()}
    for key, event in memory.newest.items():
        if event.connection in memory.connections:
            await _lane(db, key, event, owns=key in owners)
    for (_, kind, external), (lane, event) in memory.parts.items():
        if event.connection in memory.connections:
            await db.execute(
                """
                insert into part (connection, type, external_id, lane, generation, main)
                values ($1, $2, $3, $4, $5, $6) on conflict do nothing
                """,
                event.connection,
                kind,
                external,
                lane,
                event.generation,
                external == event.external_ids[0].id,
            )


async def _lane(db: Connection, key: str, event: LaneEvent, *, owns: bool) -> None:
    state = event.state if owns or event.state in ("absent", "gone") else "absent"
    agreed = Agreed(number=event.number, settled=event.revision, seen=event.revision)
    await db.execute(
        """
        insert into lane (key, connection, type, id, marker, generation, state, agreed,
            ledger_number, number, doubt)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $7 = 'bound')
        on conflict (key) do nothing
        """,
        key,
        event.connection,
        str(event.type),
        event.id,
        marker_of(event.connection, event.type, event.id, event.generation),
        event.generation,
        state,
        json.dumps(dump(agreed)),
        event.ledger_number,
        event.number,
    )


async def _obey_again(kernel: Kernel, reader: LogReader) -> None:
    """Mappings, policies and generations are what people said, not what the ledger shows."""

    async def handle(records: Sequence[Record]) -> None:
        for record in records:
            try:
                order = ORDERS.get(Envelope.of(record.headers).type)
            except BadEnvelope:
                continue
            command = _read(record, order) if order else None
            if isinstance(command, Command) and not isinstance(
                command, Check | Preview | Reconcile
            ):
                async with kernel.pool.acquire() as db, db.transaction():
                    await commands.obey(kernel, db, command)

    await reader.read(COMMANDS.name, await reader.bounds(COMMANDS.name), handle)


def _read(record: Record, kind: type[Message]) -> Message | None:
    try:
        return kind.model_validate_json(record.value or b"")
    except ValidationError:
        return None
