"""The FastStream broker as every consumer here needs it, and the topics it reads."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from contracts.topics import SHARED, Topic, webhooks
from libs.messaging.backoff import delay
from libs.messaging.publisher import KafkaDown
from libs.messaging.record import Record
from libs.messaging.topics import Names

Handler = Callable[[tuple[Record, ...]], Awaitable[object]]

IDLE_MS = 1_000  # how long a consumer listens at a time; a record ends it at once
FETCH_BYTES = 16 * 1024 * 1024
PARTITION_FETCH_BYTES = 2 * 1024 * 1024  # a larger record still comes, alone (KIP-74)
REPLICAS = 3
STOP_LIMIT = 10.0
KNOWN_LIMIT, KNOWN_PAUSE = 10.0, 0.02
RETRY_BASE = timedelta(milliseconds=200)
RETRY_CAP = timedelta(seconds=5)

log = structlog.get_logger()


def create_broker(url: str, *, client_id: str = "ledgerbridge") -> KafkaBroker:
    """A broker whose handlers get raw bytes, and again whatever they raised on."""
    return KafkaBroker(
        url,
        client_id=client_id,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        allow_auto_create_topics=False,
        consumer_only=True,  # publishing is `Publisher`'s: bounded and idempotent
        graceful_timeout=STOP_LIMIT,
        parser=_parse,
        decoder=_raw,
        logger=None,
    )


def subscriber(
    broker: KafkaBroker, *topics: str, group: str, max_records: int = 500
) -> Callable[[Handler], Handler]:
    """Decorator: the function gets batches of records of `topics`, from the earliest on.

    `topics` and `group` are names on the broker (see `Names`). The offset is committed when the
    function returns; when it raises, the same records come again after a growing wait.
    """
    subscribe = broker.subscriber(
        *topics,
        group_id=group,
        batch=True,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_records=max_records,
        fetch_max_bytes=FETCH_BYTES,
        max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
    )

    # FastStream's own, when none came, sleeps for as long again without listening.
    subscribe.get_msg = partial(_records, max_records)  # type: ignore[method-assign]

    def register(handler: Handler) -> Handler:
        subscribe(_patient(handler, group))
        return handler

    return register


async def _records(max_records: int, consumer: AIOKafkaConsumer) -> tuple[Any, ...]:
    found = await consumer.getmany(timeout_ms=IDLE_MS, max_records=max_records)
    return tuple(chain.from_iterable(found.values()))


def _patient(handler: Handler, group: str) -> Callable[[KafkaMessage], Awaitable[None]]:
    failures = 0

    async def consume(message: KafkaMessage) -> None:
        nonlocal failures
        records: Any = message.raw_message
        try:
            await handler(records)
        except Exception as error:
            failures += 1
            wait = delay(failures, base=RETRY_BASE, cap=RETRY_CAP, jitter_seed=group)
            log.warning(
                "batch.refused",
                group=group,
                records=len(records),
                failures=failures,
                error=type(error).__name__,
                exc_info=error,
            )
            await asyncio.sleep(wait.total_seconds())
            raise
        failures = 0

    return consume


async def _raw(message: KafkaMessage) -> Any:
    return message.body


async def _parse(
    records: tuple[Any, ...], original: Callable[[Any], Awaitable[KafkaMessage]]
) -> KafkaMessage:
    # FastStream decodes every header; one that is not UTF-8 would lose its whole batch unseen.
    bare = tuple(replace(record, headers=()) for record in records)
    message = await original(bare)
    message.raw_message = records
    return message


async def start_broker(broker: KafkaBroker, *, limit: float | None = 60.0) -> None:
    """Start the broker's subscribers, waiting for Kafka as `start_with_retry` does."""

    async def start() -> None:
        try:
            await broker.start()
        except BaseException:
            await broker.stop()  # else the consumers of this attempt stay connected
            raise

    await start_with_retry(start, limit=limit)


async def start_with_retry(
    start: Callable[[], Awaitable[object]], *, limit: float | None = 60.0
) -> None:
    """Call `start` until it succeeds, while Kafka is not there.

    Raises `KafkaDown` after `limit` seconds (with None it never gives up), and at once what would
    be the same with Kafka there.
    """
    loop = asyncio.get_running_loop()
    give_up = None if limit is None else loop.time() + limit
    attempt = 0
    while True:
        try:
            await start()
            return
        except (KafkaError, OSError) as error:
            if isinstance(error, KafkaError) and not error.retriable:
                raise
            attempt += 1
            wait = delay(attempt, base=RETRY_BASE, cap=RETRY_CAP, jitter_seed="start")
            log.warning("kafka.unreachable", attempt=attempt, error=type(error).__name__)
            if give_up is not None and loop.time() + wait.total_seconds() > give_up:
                raise KafkaDown(f"Kafka has not answered for {limit} s.") from error
            await asyncio.sleep(wait.total_seconds())


async def ensure_topics(
    url: str, prefix: str = "", providers: Iterable[str] = (), *, limit: float | None = 60.0
) -> None:
    """Create every topic of `contracts.topics` that is missing, webhooks of `providers` included.

    Topics that exist are left as they are. Raises `KafkaDown` after `limit` seconds.
    """
    wanted = (*SHARED, *(webhooks(provider) for provider in providers))
    await start_with_retry(lambda: _create_topics(url, Names(prefix), wanted), limit=limit)


async def _create_topics(url: str, names: Names, topics: Iterable[Topic]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=url)
    try:
        await admin.start()
        replicas = min(REPLICAS, len((await admin.describe_cluster())["brokers"]))
        answer = await admin.create_topics([_new(names, topic, replicas) for topic in topics])
        for name, code, *_ in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(name)
        await _until_known(admin, [names.topic(topic) for topic in topics])
    finally:
        await admin.close()


async def _until_known(admin: AIOKafkaAdminClient, topics: list[str]) -> None:
    """The controller answers before the brokers know of what it has made."""
    async with asyncio.timeout(KNOWN_LIMIT):
        while any(  # noqa: ASYNC110 - the answer is in another process
            found["error_code"] for found in await admin.describe_topics(topics)
        ):
            await asyncio.sleep(KNOWN_PAUSE)


def _new(names: Names, topic: Topic, replicas: int) -> NewTopic:
    name = names.topic(topic)
    return NewTopic(name, topic.partitions, replicas, topic_configs=dict(topic.config))
