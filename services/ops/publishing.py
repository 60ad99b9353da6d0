"""Publishing what an importer yields to `invoicing.events.v1`, counted by kind and money."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice

from contracts.entities import Document
from contracts.messages import BatchClosed, EntityDeleted, EntityPut, Message
from contracts.topics import INVOICING_EVENTS, MAX_EVENT_BYTES, event_key
from libs.messaging.cloudevents import headers
from libs.messaging.publisher import Outgoing, Publisher
from services.ops.importers.refused import Imported, Refused

SOURCE = "/ledgerbridge/publish"
IDS = uuid.UUID("6f2b7b0e-6a0f-5d36-9a0e-0d8a6f0c2c11")
CHUNK = 200
TIMEOUT = 60.0

Told = Callable[[int], None]


@dataclass(slots=True)
class Sum:
    """How many of a kind, and what they come to."""

    count: int = 0
    net: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    gross: Decimal = Decimal(0)

    def add(self, document: Document | None) -> None:
        self.count += 1
        if document is not None:
            self.net += document.totals.net
            self.tax += document.totals.tax
            self.gross += document.totals.gross


@dataclass(slots=True)
class Summary:
    """What was published, per kind and currency, and what was refused."""

    sums: dict[tuple[str, str], Sum] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    published: int = 0

    def count(self, message: Message) -> None:
        entity = message.entity if isinstance(message, EntityPut) else None
        document = entity if isinstance(entity, Document) else None
        kind = entity.type.value if entity else message.EVENT
        key = (kind, document.currency if document else "")
        self.sums.setdefault(key, Sum()).add(document)


async def publish(
    publisher: Publisher | None, messages: Iterable[Imported], at: datetime, told: Told
) -> Summary:
    """Publish in order and count; without a publisher only count. `told` hears each step's size.

    Raises KafkaDown.
    """
    summary = Summary()
    for chunk in _chunks(messages):
        out = list(_sound(chunk, at, summary))
        if publisher is not None:
            await publisher.publish_many(out, timeout=TIMEOUT)
        summary.published += len(out)
        told(len(chunk))
    return summary


def outgoing(message: Message, at: datetime) -> Outgoing:
    """The message as it travels; the same content always has the same `ce_id`."""
    tenant, key, version = _address(message)
    identity = str(uuid.uuid5(IDS, f"{message.EVENT} {key} {version}"))
    envelope = headers(message, source=SOURCE, id=identity, time=at, tenant=tenant)
    return Outgoing(INVOICING_EVENTS.name, key, message.model_dump_json().encode(), tuple(envelope))


def _address(message: Message) -> tuple[str, str, str]:
    match message:
        case EntityPut(tenant=tenant, entity=entity, revision=revision):
            return tenant, event_key(tenant, entity.type, entity.id), str(revision)
        case EntityDeleted(tenant=tenant, type=kind, id=local, revision=revision):
            return tenant, event_key(tenant, kind, local), str(revision)
        case BatchClosed(tenant=tenant, batch=batch, documents=documents):
            return tenant, f"{tenant}/batch/{batch.id}", " ".join(documents)
    raise TypeError(f"{type(message).__name__} is no event of an invoicing product")


def _sound(chunk: Iterable[Imported], at: datetime, summary: Summary) -> Iterator[Outgoing]:
    for message in chunk:
        if isinstance(message, Refused):
            summary.refused.append(message)
            continue
        out = outgoing(message, at)
        size = len(out.value or b"")
        if size > MAX_EVENT_BYTES:
            sentence = f"{size} bytes; an event has at most {MAX_EVENT_BYTES}: split the document"
            summary.refused.append(Refused(out.key, "", sentence))
            continue
        summary.count(message)
        yield out


def _chunks(messages: Iterable[Imported]) -> Iterator[list[Imported]]:
    source = iter(messages)
    while chunk := list(islice(source, CHUNK)):
        yield chunk
