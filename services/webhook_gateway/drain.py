"""Drains the spool into Kafka in order; of all replicas one at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from services.webhook_gateway import spool as spools
from services.webhook_gateway.figures import Figures
from services.webhook_gateway.outlet import Outlet
from services.webhook_gateway.settings import GatewaySettings
from services.webhook_gateway.spool import Lane, Spool, Spooled
from services.webhook_gateway.store import FAILURES, StoreUnavailable

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Drain:
    """Runs for the life of the service."""

    outlet: Outlet
    spool: Spool
    figures: Figures
    settings: GatewaySettings

    async def run(self) -> None:
        """Drain whenever there is something to drain and Kafka confirms; ends by cancellation."""
        while True:
            try:
                await self._empty()
            except StoreUnavailable:
                log.debug("spool.unreachable")
            except FAILURES as error:
                log.warning("spool.drain_failed", error=type(error).__name__)
            await self._wait()

    async def _wait(self) -> None:
        """Until something is spooled or Kafka is back, or a while: other replicas spool too."""
        try:
            async with asyncio.timeout(self.settings.drain_every.total_seconds()):
                await self.spool.stirred.wait()
        except TimeoutError:
            return
        self.spool.stirred.clear()

    async def _empty(self) -> None:
        while True:
            waiting = await self.spool.size()
            self.figures.waiting.set(waiting)
            if not waiting or not self.outlet.up or not await self._drain_some():
                return

    async def _drain_some(self) -> bool:
        """One batch; whether to go on. A failure here means that it is published once more."""
        async with self.spool.store.transaction() as connection:
            if not await spools.only_one(connection):
                return False
            head = await spools.oldest(connection, self.settings.drain_messages)
            done = await self._publish(head)
            await spools.remove(connection, [each.seq for each in done])
        for each in done:
            self.figures.drained.labels(each.message.topic).inc()
        log.info("spool.drained", messages=len(done), left=len(head) - len(done))
        return len(done) == len(head)

    async def _publish(self, head: Sequence[Spooled]) -> list[Spooled]:
        lanes: dict[Lane, list[Spooled]] = defaultdict(list)
        for each in head:
            lanes[spools.lane(each.message)].append(each)
        parts = await asyncio.gather(*map(self._publish_lane, lanes.values()))
        return [each for part in parts for each in part]

    async def _publish_lane(self, one: Sequence[Spooled]) -> list[Spooled]:
        """One company's messages, each after the one before it is confirmed."""
        for number, each in enumerate(one):
            if not await self.outlet.publish([each.message]):
                return list(one[:number])
        return list(one)
