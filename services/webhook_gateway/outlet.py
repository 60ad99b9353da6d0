"""The way out to Kafka: bounded, and remembering whether Kafka confirms at the moment."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiokafka.errors import MessageSizeTooLargeError

from libs.messaging.broker import ensure_topics
from libs.messaging.publisher import KafkaDown, Outgoing, Publisher, TooLarge
from services.webhook_gateway.figures import Figures
from services.webhook_gateway.records import too_large
from services.webhook_gateway.settings import GatewaySettings

PROBE_EVERY = 0.5
PROBE_LIMIT = 5.0

log = structlog.get_logger()


@dataclass(slots=True)
class Outlet:
    """Publishes; once Kafka does not confirm in time, `up` is false until a probe succeeds.

    The probe is no message: each unconfirmed one would arrive once more when Kafka is back.
    """

    publisher: Publisher
    settings: GatewaySettings
    providers: Sequence[str]
    figures: Figures
    stirred: asyncio.Event
    up: bool = False

    async def run(self) -> None:
        """Create the topics when Kafka is first seen, and see when it is back; never ends."""
        while True:
            if not self.up and await self._answers():
                log.info("kafka.up")
                self._set(up=True)
                self.stirred.set()
            await asyncio.sleep(PROBE_EVERY)

    async def publish(self, messages: Sequence[Outgoing]) -> list[Outgoing]:
        """Those of `messages` that Kafka confirmed; the others may still arrive later."""
        confirmed = await asyncio.gather(*map(self._publish, messages))
        return [message for message, sure in zip(messages, confirmed, strict=True) if sure]

    async def _publish(self, message: Outgoing) -> bool:
        try:
            await self._send(message)
        except TooLarge:
            return await self._publish_dead(message)
        except KafkaDown as down:
            if isinstance(down.__cause__, MessageSizeTooLargeError):
                return await self._publish_dead(message)
            if self.up:
                log.warning("kafka.down", sentence=str(down))
            self._set(up=False)
            return False
        return True

    async def _publish_dead(self, message: Outgoing) -> bool:
        self.figures.dead.labels("too-large").inc()
        try:
            await self._send(too_large(message))
        except (KafkaDown, TooLarge):
            return False
        return True

    async def _send(self, message: Outgoing) -> None:
        await self.publisher.publish(
            message.topic,
            message.key,
            message.value,
            message.headers,
            timeout=self.settings.publish_within.total_seconds(),
        )

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(PROBE_LIMIT):
                await ensure_topics(
                    self.settings.kafka_url, self.settings.topic_prefix, self.providers, limit=0
                )
        except (KafkaDown, TimeoutError):
            return False
        return True

    def _set(self, *, up: bool) -> None:
        self.up = up
        self.figures.kafka_up.set(up)
