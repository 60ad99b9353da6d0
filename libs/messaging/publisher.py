"""Publishing to Kafka: idempotent, acknowledged by all replicas, and never without a bound."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from contracts.topics import MAX_MESSAGE_BYTES
from libs.messaging.topics import Names

PUBLISH_LIMIT = 5.0
CLOSE_LIMIT = 5.0

log = structlog.get_logger()
Acknowledgement = asyncio.Future[Any]


class KafkaDown(Exception):
    """Kafka has not acknowledged in time; the first `acknowledged` messages of several it has.

    What was not acknowledged may still be delivered later: publish it again under the same
    `ce_id`, consumers drop the second.
    """

    def __init__(self, sentence: str, acknowledged: int = 0) -> None:
        super().__init__(sentence)
        self.acknowledged = acknowledged


class TooLarge(ValueError):
    """The message is larger than any topic takes; sending it again does not help."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish; `topic` is the name in `contracts.topics`, without a prefix."""

    topic: str
    key: str
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Publisher:
    """One idempotent producer, connected at the first publish and again whenever it has to be.

    It can be made while Kafka is down. Use as an asynchronous context manager, or call `stop`.
    """

    def __init__(self, url: str, names: Names, *, client_id: str = "ledgerbridge") -> None:
        self._url = url
        self._names = names
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Send what is buffered, for a few seconds at most, and disconnect."""
        self._discard()
        await asyncio.gather(*self._closing)

    async def publish(
        self,
        topic: str,
        key: str,
        value: bytes | None,
        headers: Iterable[tuple[str, bytes]] = (),
        *,
        timeout: float = PUBLISH_LIMIT,  # noqa: ASYNC109 - the bound is the point
    ) -> None:
        """Publish one message and wait until it is acknowledged, at most `timeout` seconds.

        Raises `KafkaDown` or `TooLarge`.
        """
        await self.publish_many([Outgoing(topic, key, value, tuple(headers))], timeout=timeout)

    async def publish_many(
        self,
        messages: Sequence[Outgoing],
        *,
        timeout: float = PUBLISH_LIMIT,  # noqa: ASYNC109 - the bound is the point
    ) -> None:
        """Publish in order, pipelined, and wait until all are acknowledged.

        Raises `KafkaDown`, which tells how many of the first were acknowledged, or `TooLarge`.
        """
        pending: list[Acknowledgement] = []
        try:
            async with asyncio.timeout(timeout):
                await self._send(messages, pending)
                await asyncio.wait(pending) if pending else None
        except TimeoutError:
            raise self._down("has not acknowledged in time", pending) from None
        except MessageSizeTooLargeError:
            raise TooLarge(f"A message is larger than {MAX_MESSAGE_BYTES} bytes.") from None
        except (KafkaError, OSError) as error:
            raise self._failed(error, pending) from error
        finally:
            self._forget(pending)
        refusals = [refused for done in pending if (refused := done.exception())]
        if refusals:
            raise self._failed(refusals[0], pending) from refusals[0]

    async def _send(self, messages: Sequence[Outgoing], pending: list[Acknowledgement]) -> None:
        producer = await self._connected()
        for message in messages:
            acknowledgement = await producer.send(
                self._names.topic(message.topic),
                message.value,
                key=message.key.encode(),
                headers=list(message.headers),
            )
            pending.append(acknowledgement)

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._producer is None:
                producer = self._create()
                try:
                    await producer.start()
                except BaseException:
                    await _close(producer)
                    raise
                self._producer = producer
            return self._producer

    def _create(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self._url,
            client_id=self._client_id,
            enable_idempotence=True,
            acks="all",
            max_request_size=MAX_MESSAGE_BYTES,
        )

    def _failed(self, error: BaseException, pending: list[Acknowledgement]) -> KafkaDown:
        # aiokafka leaves a gap in a partition's sequence numbers after a batch the broker refused;
        # from then on every send there is out of order, so the producer is of no more use.
        self._discard()
        return self._down(f"answered {type(error).__name__}", pending)

    def _down(self, what: str, pending: list[Acknowledgement]) -> KafkaDown:
        acknowledged = 0
        for acknowledgement in pending:
            if not _succeeded(acknowledgement):
                break
            acknowledged += 1
        return KafkaDown(f"Kafka {what}.", acknowledged)

    def _forget(self, pending: list[Acknowledgement]) -> None:
        for acknowledgement in pending:
            acknowledgement.add_done_callback(_look_at)

    def _discard(self) -> None:
        if self._producer is not None:
            task = asyncio.create_task(_close(self._producer))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
            self._producer = None


def _succeeded(acknowledgement: Acknowledgement) -> bool:
    done = acknowledgement.done() and not acknowledgement.cancelled()
    return done and acknowledgement.exception() is None


def _look_at(acknowledgement: Acknowledgement) -> None:
    # An exception nobody looks at is logged when the future is collected.
    if not acknowledgement.cancelled():
        acknowledgement.exception()


async def _close(producer: AIOKafkaProducer) -> None:
    try:
        await asyncio.wait_for(producer.stop(), CLOSE_LIMIT)
    except (TimeoutError, KafkaError) as error:
        # stop() waits for a broker that is gone, and then leaves its sender running.
        log.warning("publisher.abandoned", error=type(error).__name__)
        sender = producer._sender.sender_task  # noqa: SLF001 - nothing public ends it
        if sender is not None:
            sender.cancel()
        await producer.client.close()
