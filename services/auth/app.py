"""The auth service: connects companies, keeps their tokens, hands them to connectors."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from contracts.provider import provider_ids
from libs.messaging.broker import ensure_topics
from libs.messaging.publisher import Publisher
from libs.messaging.relay import CHANNEL, Relay
from libs.messaging.topics import Names
from libs.messaging.waiting import Notifications
from libs.service.app import NotReadyYet, create_service
from libs.service.database import connect, database
from libs.service.origins import Origins
from libs.service.secrets import KeyRing, Vault
from libs.service.tokens import TokenVerifier, caller_dependency
from services.auth import browser, internal
from services.auth.connections import Connections
from services.auth.disconnecting import Ending
from services.auth.errors import TurnedAway
from services.auth.flow import Flow
from services.auth.grants import Grants
from services.auth.keys import Keys
from services.auth.pages import Pages
from services.auth.parts import Parts
from services.auth.settings import AuthSettings
from services.auth.upkeep import Upkeep
from services.auth.vendors import Vendors
from services.auth.visits import Visits

if TYPE_CHECKING:
    from libs.service.database import Pool

SCHEMA = "auth"
FOLDER = Path(__file__).parent


def create_app(settings: AuthSettings | None = None) -> FastAPI:
    """The service; raises `ValueError` naming the setting that is missing."""
    settings = settings or AuthSettings()
    vault = Vault(KeyRing.from_settings(settings))
    caller = caller_dependency(TokenVerifier.from_settings("auth", settings))
    vendors = Vendors(Origins.from_environment())

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            pool = await stack.enter_async_context(
                database(settings.postgres_url, SCHEMA, FOLDER / "migrations")
            )
            the = _parts(settings, pool, vault, vendors)
            app.state.pool, app.state.parts = pool, the
            names = Names(settings.topic_prefix)
            publisher = Publisher(settings.kafka_url, names, client_id=SCHEMA)
            await stack.enter_async_context(publisher)
            app.state.tasks = await _start_tasks(settings, the, pool, publisher)
            stack.push_async_callback(_stop, app.state.tasks)
            yield

    app = create_service(
        "Ledgerbridge auth",
        resources=[running],
        checks={"database": _database_answers, "tasks": _tasks_run},
    )
    app.mount("/static", StaticFiles(directory=FOLDER / "static"))
    app.include_router(browser.router)
    app.include_router(internal.router(caller))
    app.add_exception_handler(TurnedAway, browser.turned_away)
    app.add_exception_handler(internal.Refused, internal.refused)
    return app


def _parts(settings: AuthSettings, pool: "Pool", vault: Vault, vendors: Vendors) -> Parts:
    if settings.link_key is None:
        raise ValueError("LINK_KEY is not set: nobody could be sent here to connect.")
    grants = Grants(pool, vault)
    connections = Connections(pool)
    keys = Keys(pool, grants, connections, vendors, settings.refresh_margin)
    ending = Ending(connections, grants, keys, vendors)
    visits = Visits(pool, vault)
    flow = Flow(
        pool=pool,
        link_key=settings.link_key,
        base_url=settings.base_url,
        vendors=vendors,
        visits=visits,
        grants=grants,
        connections=connections,
        ending=ending,
    )
    upkeep = Upkeep(pool, vendors, visits, connections, keys, ending, settings.probe_every)
    pages = Pages(settings.base_url)
    return Parts(pages, vendors, visits, flow, connections, keys, ending, upkeep)


async def _start_tasks(
    settings: AuthSettings, the: Parts, pool: "Pool", publisher: Publisher
) -> list[asyncio.Task[None]]:
    notifications = Notifications(partial(connect, settings.postgres_url, SCHEMA))
    relay = Relay(pool, publisher, await notifications.subscribe(CHANNEL))

    async def publish() -> None:
        await ensure_topics(settings.kafka_url, settings.topic_prefix, provider_ids(), limit=None)
        await relay.run()

    chores = (notifications.run(), publish(), the.upkeep.forever(settings.upkeep_every))
    return [asyncio.create_task(chore) for chore in chores]


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _database_answers(app: FastAPI) -> None:
    await app.state.pool.fetchval("select 1")


async def _tasks_run(app: FastAPI) -> None:
    if any(task.done() for task in app.state.tasks):
        raise NotReadyYet("A background task has ended; the log says why.")
