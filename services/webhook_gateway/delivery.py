"""Where a message is safe before the provider is answered: in Kafka, else in the spool."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from libs.messaging.publisher import Outgoing
from services.webhook_gateway.figures import Figures
from services.webhook_gateway.outlet import Outlet
from services.webhook_gateway.spool import Spool, lane
from services.webhook_gateway.store import StoreUnavailable

log = structlog.get_logger()


class NowhereToKeep(Exception):
    """Neither Kafka nor PostgreSQL took it: the provider must send it again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Keeps messages; while Kafka is known not to confirm, no webhook waits for it."""

    outlet: Outlet
    spool: Spool
    figures: Figures

    async def keep(self, messages: Sequence[Outgoing]) -> None:
        """Returns once every message is in Kafka or in the spool; raises `NowhereToKeep`.

        What Kafka did not confirm in time is spooled although it may still arrive: consumers
        see it twice, with the same `ce_id`.
        """
        direct = await self._not_behind(messages) if messages and self.outlet.up else []
        confirmed = await self.outlet.publish(direct)
        for message in confirmed:
            self.figures.published.labels(message.topic).inc()
        left = [message for message in messages if message not in confirmed]
        if not left:
            return
        try:
            await self.spool.add(left)
        except StoreUnavailable:
            raise NowhereToKeep from None
        self._count_spooled(left)

    async def _not_behind(self, messages: Sequence[Outgoing]) -> list[Outgoing]:
        """Those of `messages` that overtake nothing of their company in the spool."""
        try:
            waiting = await self.spool.waiting_lanes(messages)
        except StoreUnavailable:
            # Out of order is better than not at all: a webhook is only a hint to read.
            return list(messages)
        return [message for message in messages if lane(message) not in waiting]

    def _count_spooled(self, messages: Sequence[Outgoing]) -> None:
        log.info("webhook.spooled", messages=len(messages))
        for message in messages:
            self.figures.spooled.labels(message.topic).inc()
