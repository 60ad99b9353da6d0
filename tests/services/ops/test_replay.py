"""`ledgerbridge replay` against a real broker."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.topics import INVOICING_EVENTS, webhooks
from libs.messaging import deadletters
from libs.messaging.broker import ensure_topics
from libs.messaging.cloudevents import headers
from libs.messaging.publisher import Publisher
from libs.messaging.record import Record
from libs.messaging.topics import Names
from tests.services.ops.commanded import answered, header, ledgerbridge, log

NOW = datetime.now(UTC)
HOUR_AGO = (NOW - timedelta(hours=1)).isoformat()
TOPIC = INVOICING_EVENTS.name
WEBHOOKS = webhooks("xero").name

Operator = Mapping[str, str]


@pytest.fixture
async def publisher(
    operator: Operator, kafka_url: str, topic_prefix: str
) -> AsyncIterator[Publisher]:
    await ensure_topics(kafka_url, topic_prefix, ["xero"])
    async with Publisher(kafka_url, Names(topic_prefix)) as publisher:
        yield publisher


async def send(publisher: Publisher, body: bytes, tenant: str = "demo", topic: str = TOPIC) -> None:
    made = headers("entity.put", source="/test", id=body.decode(), time=NOW, tenant=tenant)
    await publisher.publish(topic, f"{tenant}/x", body, made)


async def replay(*arguments: object) -> Any:
    return answered(await ledgerbridge("replay", "--from", HOUR_AGO, "--json", *arguments))


def bodies(records: list[Record]) -> list[bytes | None]:
    return sorted((record.value for record in records), key=lambda value: value or b"")


async def test_records_are_published_again_as_they_came(
    publisher: Publisher, kafka_url: str, topic_prefix: str
) -> None:
    await send(publisher, b"one")
    said = await replay()
    assert (said["chosen"], said["topics"]) == (1, {TOPIC: 1})
    first, again = await log(kafka_url, topic_prefix)
    assert (again.key, again.value) == (first.key, first.value)
    assert list(again.headers)[:-1] == list(first.headers)
    assert header(again, "ce_replayed")


async def test_what_a_replay_wrote_is_not_replayed(
    publisher: Publisher, kafka_url: str, topic_prefix: str
) -> None:
    await send(publisher, b"one")
    for _ in range(3):
        await replay()
    assert len(await log(kafka_url, topic_prefix)) == 4


async def test_only_the_tenant_asked_for(
    publisher: Publisher, kafka_url: str, topic_prefix: str
) -> None:
    await send(publisher, b"mine", tenant="acme")
    await send(publisher, b"other", tenant="other")
    await replay("--tenant", "acme")
    assert bodies(await log(kafka_url, topic_prefix)) == [b"mine", b"mine", b"other"]


async def test_only_the_range_asked_for(
    publisher: Publisher, kafka_url: str, topic_prefix: str
) -> None:
    await send(publisher, b"one")
    (record,) = await log(kafka_url, topic_prefix)
    moment = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    later = (moment + timedelta(milliseconds=1)).isoformat()
    before = answered(
        await ledgerbridge("replay", "--from", HOUR_AGO, "--to", moment.isoformat(), "--json")
    )
    after = answered(await ledgerbridge("replay", "--from", later, "--json"))
    exactly = answered(
        await ledgerbridge("replay", "--from", moment.isoformat(), "--to", later, "--json")
    )
    assert (before["chosen"], after["chosen"], exactly["chosen"]) == (0, 0, 1)


async def test_a_dry_run_only_counts(
    publisher: Publisher, kafka_url: str, topic_prefix: str
) -> None:
    await send(publisher, b"one")
    said = await replay("--dry-run")
    assert (said["chosen"], said["dry_run"]) == (1, True)
    assert len(await log(kafka_url, topic_prefix)) == 1


async def test_webhooks_too(publisher: Publisher, kafka_url: str, topic_prefix: str) -> None:
    await send(publisher, b"hook", topic=WEBHOOKS)
    await replay("--topic", WEBHOOKS)
    assert len(await log(kafka_url, topic_prefix, WEBHOOKS)) == 2


async def test_of_a_dead_letter_the_record_it_is_about(
    publisher: Publisher, kafka_url: str, topic_prefix: str
) -> None:
    await send(publisher, b"broken")
    await send(publisher, b"fine")
    records = await log(kafka_url, topic_prefix)
    broken = next(record for record in records if record.value == b"broken")
    names = Names(topic_prefix)
    letter = deadletters.dead_letter(broken, names, consumer="x", reason="y", sentence="z")
    lost = letter.model_copy(update={"offset": letter.offset + 1000})
    for one in (letter, lost):
        message = deadletters.outgoing(one, source="/test", time=NOW)
        await publisher.publish_many([message])
    said = await replay("--topic", "accounting.dead-letters.v1")
    assert (said["chosen"], said["missing"], said["topics"]) == (2, 1, {TOPIC: 1})
    again = await log(kafka_url, topic_prefix)
    assert bodies(again) == [b"broken", b"broken", b"fine"]


@pytest.mark.parametrize("topic", ["accounting.events.v1", "accounting.webhooks.nobody.v1"])
async def test_a_topic_nobody_reads_is_wrong_usage(operator: Operator, topic: str) -> None:
    said = await ledgerbridge("replay", "--from", HOUR_AGO, "--topic", topic)
    assert said.exit_code == 2
