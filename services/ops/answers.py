"""Asking a connector on Kafka: the command goes out, and its report comes back among the events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from contracts.messages import Command, Message
from contracts.topics import ACCOUNTING_EVENTS
from libs.devstack.process import DevstackError
from libs.messaging.broker import FETCH_BYTES, PARTITION_FETCH_BYTES
from libs.messaging.cloudevents import BadEnvelope, Envelope
from libs.messaging.publisher import KafkaDown
from libs.messaging.topics import Names
from libs.service.settings import ServiceSettings
from services.ops.commanding import tell

M = TypeVar("M", bound=Message)


async def ask(
    settings: ServiceSettings, command: Command, report: type[M], provider: str, seconds: float
) -> M:
    """The report that answers a command; raises DevstackError after `seconds`, or KafkaDown."""
    try:
        async with _events(settings) as consumer:
            await tell(settings, command, provider)
            return await asyncio.wait_for(_answer(consumer, command, report), seconds)
    except TimeoutError:
        sentence = f"The {provider} connector has not answered within {seconds:.0f} s."
        raise DevstackError(f"{sentence} Is it running, and the connection open?") from None
    except KafkaError as error:
        raise KafkaDown(f"Kafka answered {type(error).__name__}.") from error


@asynccontextmanager
async def _events(settings: ServiceSettings) -> AsyncIterator[AIOKafkaConsumer]:
    """All that connectors say from now on."""
    topic = Names(settings.topic_prefix).topic(ACCOUNTING_EVENTS.name)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_url,
        enable_auto_commit=False,
        fetch_max_bytes=FETCH_BYTES,
        max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
    )
    await consumer.start()
    try:
        parts = [TopicPartition(topic, n) for n in range(ACCOUNTING_EVENTS.partitions)]
        ends = await consumer.end_offsets(parts)
        consumer.assign(parts)
        for part, end in ends.items():
            consumer.seek(part, end)
        yield consumer
    finally:
        await consumer.stop()


async def _answer(consumer: AIOKafkaConsumer, command: Command, report: type[M]) -> M:
    while True:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            for record in records:
                try:
                    kind = Envelope.of(record.headers).type
                except BadEnvelope:
                    continue
                if kind == report.EVENT:
                    found = report.model_validate_json(record.value or b"")
                    if getattr(found, "command", "") == command.id:
                        return found
