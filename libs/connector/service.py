"""A connector as a service: its consumers, workers, relay and clocks around one kernel."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import structlog
from fastapi import FastAPI

from contracts.provider import provider as provider_facts
from contracts.topics import COMMANDS, CONNECTIONS, INVOICING_EVENTS, webhooks
from libs.connector import batches, company, questions, reread, restore, status, triggers, worker
from libs.connector.credentials import Credentials
from libs.connector.errors import SyncError
from libs.connector.figures import Figures
from libs.connector.intake import Intake
from libs.connector.interface import Connector, Judges, Notifies
from libs.connector.kernel import Kernel
from libs.connector.limits import Limiter
from libs.connector.session import Sessions, unbiased
from libs.messaging.broker import create_broker, ensure_topics, start_with_retry, subscriber
from libs.messaging.logs import LogReader
from libs.messaging.publisher import KafkaDown, Publisher
from libs.messaging.relay import Relay
from libs.messaging.topics import Names
from libs.messaging.waiting import Notifications
from libs.service.app import create_service
from libs.service.database import connect, database, is_transient, schema_of
from libs.service.origins import Origins
from libs.service.settings import ServiceSettings
from libs.service.tokens import TokenSigner

MIGRATIONS = Path(__file__).parent / "migrations"
WORKERS = 6
POOL = 24

log = structlog.get_logger()


class ConnectorSettings(ServiceSettings):
    """What an operator may set of a connector."""

    settles_within: float | None = None
    """Seconds an unknown outcome stays quiet; tests shorten it, else the provider's own."""
    sandbox_limits: str = "on"
    """`off`: the simulator that calls are led to knows no limits."""
    call_timeout: float | None = None
    """Seconds a call to the provider may take; else the provider's own."""
    lease_slack: float = 30.0
    """Seconds a lease lasts beyond three calls: what a killed worker held waits as long."""
    sweep_every: float | None = None
    """Seconds between sweeps; else the provider's own."""


def create_app(provider: str, connector: Connector) -> FastAPI:
    """The service of one provider's connector."""
    settings = ConnectorSettings()
    app = create_service(
        f"connectors.{provider}",
        resources=[lambda app: _running(app, provider, connector, settings)],
        checks={"database": _database_answers, "kafka": _consuming},
    )
    app.include_router(status.router(settings))
    return app


async def _database_answers(app: FastAPI) -> None:
    await app.state.kernel.pool.fetchval("select 1")


async def _consuming(app: FastAPI) -> None:
    await app.state.broker.ping(timeout=1.0)


@asynccontextmanager
async def _running(
    app: FastAPI, provider: str, connector: Connector, settings: ConnectorSettings
) -> AsyncIterator[None]:
    names = Names(settings.topic_prefix)
    schema = schema_of(f"connectors.{provider}")
    await ensure_topics(settings.kafka_url, settings.topic_prefix, [provider])
    async with AsyncExitStack() as stack:
        kernel = await _kernel(stack, app, provider, connector, settings, schema)
        app.state.kernel = kernel
        reader = LogReader(settings.kafka_url, names)
        await restore.restore(kernel, reader)
        intake = Intake(kernel, names)
        app.state.broker = await _consume(stack, intake, settings.kafka_url)
        publisher = await stack.enter_async_context(Publisher(settings.kafka_url, names))
        wakes = Notifications(lambda: connect(settings.postgres_url, schema))
        tasks = await _tasks(kernel, intake, reader, publisher, wakes)
        stack.push_async_callback(_stop, [asyncio.create_task(task) for task in tasks])
        yield


async def _kernel(
    stack: AsyncExitStack,
    app: FastAPI,
    provider: str,
    connector: Connector,
    settings: ConnectorSettings,
    schema: str,
) -> Kernel:
    facts = _adjusted(provider, settings)
    pool = await stack.enter_async_context(
        database(settings.postgres_url, schema, MIGRATIONS, size=POOL)
    )
    http = await stack.enter_async_context(httpx.AsyncClient(timeout=10.0))
    signer = TokenSigner.from_settings(f"connectors.{provider}", settings, provider)
    sessions = Sessions(
        facts,
        Origins.from_environment(),
        http,
        Credentials(http, settings.auth_url, signer),
        Limiter(pool, provider, facts.limits),
        Figures.create(app.state.registry),
        connector.judge if isinstance(connector, Judges) else unbiased,
    )
    settles = settings.settles_within
    quiet = facts.calls.settles() if settles is None else timedelta(seconds=settles)
    slack = timedelta(seconds=settings.lease_slack)
    return Kernel(facts, connector, pool, sessions, quiet, facts.calls.timeout, slack)


def _adjusted(provider: str, settings: ConnectorSettings) -> Any:
    facts = provider_facts(provider)
    if settings.sandbox_limits == "off" and Origins.from_environment().origin(provider):
        # A simulator without limits; the vendor's own are never lifted.
        free = facts.limits.model_copy(update={"windows": ()})
        facts = facts.model_copy(update={"limits": free})
    if settings.call_timeout is not None:
        calls = facts.calls.model_copy(update={"timeout": timedelta(seconds=settings.call_timeout)})
        facts = facts.model_copy(update={"calls": calls})
    if settings.sweep_every is not None:
        every = timedelta(seconds=settings.sweep_every)
        facts = facts.model_copy(update={"sweep_every": every})
    return facts


async def _consume(stack: AsyncExitStack, intake: Intake, url: str) -> Any:
    broker = create_broker(url, client_id=intake.service)
    group = intake.names.group(f"ledgerbridge.{intake.service}")
    handlers: list[tuple[str, str, Callable[..., Awaitable[object]]]] = [
        (INVOICING_EVENTS.name, "events", intake.events),
        (CONNECTIONS.name, "connections", intake.connections),
        (COMMANDS.name, "commands", intake.commands),
    ]
    if isinstance(intake.kernel.connector, Notifies):
        handlers.append((webhooks(intake.kernel.provider.id).name, "webhooks", intake.webhooks))
    for topic, what, handler in handlers:
        subscriber(broker, intake.names.topic(topic), group=f"{group}.{what}")(handler)
    await start_with_retry(broker.start, limit=None)
    stack.push_async_callback(broker.stop)
    return broker


async def _tasks(
    kernel: Kernel,
    intake: Intake,
    reader: LogReader,
    publisher: Publisher,
    wakes: Notifications,
) -> list[Any]:
    async def file_again(only: Collection[str], records: Any) -> None:
        async with kernel.pool.acquire() as db:
            await intake.file(db, records, only=only, again=True)

    async def report() -> int:
        async with kernel.pool.acquire() as db, db.transaction():
            return await batches.report(db, kernel.provider)

    filed = await wakes.subscribe("lane")
    return [
        wakes.run(),
        Relay(kernel.pool, publisher, await wakes.subscribe("journal")).run(),
        *(worker.run(kernel, filed) for _ in range(WORKERS)),
        _every(0.5, lambda: reread.read_due(kernel.pool, reader, file_again, kernel.provider.id)),
        _every(0.5, lambda: company.describe_due(kernel)),
        _every(1.0, lambda: triggers.run_due(kernel)),
        _every(0.5, report),
        _every(0.3, lambda: questions.answer_due(kernel, reader)),
    ]


async def _every(seconds: float, do: Callable[[], Awaitable[object]]) -> None:
    """Do it again and again; what the outside world does to it is no reason to stop."""
    while True:
        try:
            await do()
        except (KafkaDown, SyncError) as error:
            log.warning("task.failed", error=str(error))
        except Exception as error:
            if not is_transient(error):
                log.exception("task.failed")
        await asyncio.sleep(seconds)


async def _stop(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
