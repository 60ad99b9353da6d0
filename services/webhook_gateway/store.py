"""The gateway's PostgreSQL, which may be away at any time, from the very start on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import structlog

from libs.service.database import database
from services.webhook_gateway.settings import SCHEMA

if TYPE_CHECKING:
    from libs.service.database import Connection, Pool

MIGRATIONS = Path(__file__).parent / "migrations"
FAILURES = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
RETRY_EVERY = 0.5

log = structlog.get_logger()


class StoreUnavailable(Exception):
    """PostgreSQL does not answer, or not in time."""


@dataclass(slots=True)
class Store:
    """Connections for at most `within`, so that no webhook waits for a database that is away."""

    url: str
    within: timedelta
    _pool: "Pool | None" = None

    async def run(self) -> None:
        """Migrate and connect as soon as PostgreSQL answers; ends by cancellation.

        Once connected the pool heals by itself.
        """
        while True:
            try:
                async with database(self.url, SCHEMA, MIGRATIONS) as pool:
                    self._pool = pool
                    log.info("store.connected")
                    await asyncio.Event().wait()
            except FAILURES as error:
                log.warning("store.unreachable", error=type(error).__name__)
            finally:
                self._pool = None
            await asyncio.sleep(RETRY_EVERY)

    @asynccontextmanager
    async def brief(self) -> "AsyncIterator[Connection]":
        """A connection for `within`; raises `StoreUnavailable`."""
        try:
            async with asyncio.timeout(self.within.total_seconds()):
                async with self.transaction() as connection:
                    yield connection
        except FAILURES as error:
            log.warning("store.failed", error=type(error).__name__)
            raise StoreUnavailable from error

    @asynccontextmanager
    async def transaction(self) -> "AsyncIterator[Connection]":
        """A transaction without a bound but for its beginning; raises `StoreUnavailable`."""
        if self._pool is None:
            raise StoreUnavailable
        bound = self.within.total_seconds()
        async with self._pool.acquire(timeout=bound) as connection, connection.transaction():
            yield connection

    async def ping(self) -> None:
        """Raises `StoreUnavailable` when nothing could be kept now."""
        async with self.brief() as connection:
            await connection.execute("select 1")
