"""Operational replay: a range of a log published again, so that connectors look at it anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError

from contracts.messages import DeadLetter
from contracts.topics import DEAD_LETTERS, INVOICING_EVENTS
from libs.messaging.logs import LogReader, Span
from libs.messaging.publisher import Outgoing, Publisher
from libs.messaging.record import Record

REPLAYED = "ce_replayed"
WEBHOOKS = ("accounting.webhooks.", ".v1")
TIMEOUT = 60.0

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Range:
    """What of which topic; `until` is exclusive, an empty tenant means all."""

    topic: str
    since: datetime
    until: datetime
    tenant: str = ""

    def holds(self, record: Record) -> bool:
        """Whether to publish it again; what a replay wrote is not: its original is here too."""
        attributes = dict(record.headers)
        in_time = record.timestamp < self.until.timestamp() * 1000
        whose = (attributes.get("ce_tenant") or b"").decode(errors="replace")
        return in_time and REPLAYED not in attributes and self.tenant in {"", whose}


@dataclass(slots=True)
class Replayed:
    """How many records were read, fit, and were published again, per topic.

    `missing`: dead letters whose original is no longer in its log.
    """

    read: int = 0
    chosen: int = 0
    missing: int = 0
    topics: dict[str, int] = field(default_factory=dict)


def can_be_replayed(topic: str) -> bool:
    """Connectors read these; what they publish themselves is not published for them."""
    is_webhooks = topic.startswith(WEBHOOKS[0]) and topic.endswith(WEBHOOKS[1])
    return topic in {INVOICING_EVENTS.name, DEAD_LETTERS.name} or is_webhooks


async def replay(
    reader: LogReader, publisher: Publisher | None, wanted: Range, at: datetime, told: Told
) -> Replayed:
    """Publish the range again, key, headers and value as they came; without a publisher only count.

    Of dead letters it is the record they are about, to its own topic. Raises KafkaDown, and
    LookupError where there is no such topic.
    """
    counted = Replayed()
    bounds = await reader.bounds(wanted.topic, wanted.since)
    total = sum(span.end - span.start for span in bounds.values())

    async def handle(records: Sequence[Record]) -> None:
        counted.read += len(records)
        fit = [record for record in records if wanted.holds(record)]
        counted.chosen += len(fit)
        found = [(wanted.topic, record) for record in fit]
        if wanted.topic == DEAD_LETTERS.name:
            found = [one for record in fit for one in await _original(reader, record)]
            counted.missing += len(fit) - len(found)
        for topic, _ in found:
            counted.topics[topic] = counted.topics.get(topic, 0) + 1
        if publisher is not None:
            again = [_again(topic, record, at) for topic, record in found]
            await publisher.publish_many(again, timeout=TIMEOUT)
        told(counted.read, total)

    await reader.read(wanted.topic, bounds, handle)
    return counted


def _again(topic: str, record: Record, at: datetime) -> Outgoing:
    kept = [(name, value) for name, value in record.headers if value is not None]
    mark = (REPLAYED, at.isoformat().encode())
    return Outgoing(topic, (record.key or b"").decode(), record.value, (*kept, mark))


async def _original(reader: LogReader, record: Record) -> list[tuple[str, Record]]:
    """The record a dead letter is about; nothing where its log has let it go."""
    try:
        letter = DeadLetter.model_validate_json(record.value or b"")
    except ValidationError:
        return []
    found: list[Record] = []

    async def keep(records: Sequence[Record]) -> None:
        found.extend(records)

    try:
        held = (await reader.bounds(letter.topic)).get(letter.partition, Span(0, 0))
    except LookupError:
        return []
    if held.start <= letter.offset < held.end:
        place = {letter.partition: Span(letter.offset, letter.offset + 1)}
        await reader.read(letter.topic, place, keep)
    return [(letter.topic, one) for one in found]
