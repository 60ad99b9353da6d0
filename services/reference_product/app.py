"""The reference product as a service: HTTP API, the consumer of both topics, the relay."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from contracts.topics import ACCOUNTING_EVENTS, INVOICING_EVENTS
from libs.messaging.broker import create_broker, ensure_topics, start_broker, subscriber
from libs.messaging.publisher import Publisher
from libs.messaging.relay import CHANNEL, Relay
from libs.messaging.topics import Names
from libs.messaging.waiting import Notifications
from libs.service.app import NotReadyYet, create_service
from libs.service.database import connect, database
from services.reference_product.api import api
from services.reference_product.folding import Folding
from services.reference_product.product import Overtaken, Taker
from services.reference_product.settings import SCHEMA, ProductSettings

if TYPE_CHECKING:
    from libs.service.database import Pool

MIGRATIONS = Path(__file__).parent / "migrations"


def create_app() -> FastAPI:
    """The service, its settings read from the environment."""
    running = Running(ProductSettings())
    app = create_service(
        "Reference product", resources=[running.open], checks={"books": running.check}
    )
    app.include_router(api())
    app.add_exception_handler(Overtaken, _overtaken)
    return app


@dataclass(slots=True)
class Running:
    """What runs beside the HTTP API; it starts whether or not Kafka is there."""

    settings: ProductSettings
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @asynccontextmanager
    async def open(self, app: FastAPI) -> AsyncIterator[None]:
        names = Names(self.settings.topic_prefix)
        async with AsyncExitStack() as stack:
            opened = database(self.settings.postgres_url, SCHEMA, MIGRATIONS)
            app.state.pool = pool = await stack.enter_async_context(opened)
            publisher = Publisher(self.settings.kafka_url, names, client_id=SCHEMA)
            await stack.enter_async_context(publisher)
            stack.push_async_callback(self._cancel)
            await self._relay(pool, publisher)
            self._run("consumer", self._consume(app, names))
            yield

    async def check(self, app: FastAPI) -> None:
        """Ready while the database answers and both directions run; raises `NotReadyYet`."""
        if dead := [task.get_name() for task in self.tasks if task.done()]:
            raise NotReadyYet(f"{', '.join(dead)} has ended; see the log.")
        if not getattr(app.state, "consuming", False):
            raise NotReadyYet("Kafka has not answered yet.")
        await app.state.pool.fetchval("select 1")

    async def _relay(self, pool: "Pool", publisher: Publisher) -> None:
        notices = Notifications(lambda: connect(self.settings.postgres_url, SCHEMA))
        wakeup = await notices.subscribe(CHANNEL)
        self._run("notifications", notices.run())
        self._run("relay", Relay(pool, publisher, wakeup).run())

    async def _consume(self, app: FastAPI, names: Names) -> None:
        """Read both topics for ever; Kafka may come later than we do."""
        settings = self.settings
        await ensure_topics(settings.kafka_url, settings.topic_prefix, limit=None)
        broker = create_broker(settings.kafka_url, client_id=SCHEMA)
        folding = Folding(app.state.pool, names, Taker(settings.own_ids))
        subscriber(
            broker,
            names.topic(INVOICING_EVENTS),
            names.topic(ACCOUNTING_EVENTS),
            group=names.group(SCHEMA),
        )(folding.fold)
        try:
            await start_broker(broker, limit=None)
            app.state.consuming = True
            await asyncio.Event().wait()
        finally:
            await broker.stop()

    def _run(self, name: str, work: Coroutine[None, None, None]) -> None:
        self.tasks.append(asyncio.create_task(work, name=name))

    async def _cancel(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def _overtaken(_: object, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 409)
