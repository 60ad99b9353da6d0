"""A connector's schema, laid out once and emptied for every test."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from libs.connector import filing
from libs.service.database import (
    Connection,
    Pool,
    create_database,
    drop_database,
    migrate,
    open_pool,
)
from tests.libs.connector.filed import open_connection

SCHEMA = "connectors_acme"
MIGRATIONS = Path(filing.__file__).parent / "migrations"
EMPTY = """
do $$ declare names text; begin
    select string_agg(format('%I', tablename), ', ') into names from pg_tables
    where schemaname = current_schema and tablename <> 'schema_migration';
    execute 'truncate ' || names || ' restart identity';
end $$
"""


@pytest.fixture(scope="session")
def kernel_database(postgres_server: str) -> Iterator[str]:
    """A database with the kernel's schema in it: making one takes a second."""
    name = f"test_{uuid.uuid4().hex}"

    async def lay_out() -> str:
        url = await create_database(postgres_server, name)
        await migrate(url, SCHEMA, MIGRATIONS)
        return url

    yield asyncio.run(lay_out())
    asyncio.run(drop_database(postgres_server, name))


@pytest.fixture
async def pool(kernel_database: str) -> AsyncIterator[Pool]:
    """A pool in the kernel's schema, with nothing in it."""
    async with open_pool(kernel_database, SCHEMA, size=4) as pool:
        await pool.execute(EMPTY)
        yield pool


@pytest.fixture
async def db(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of that pool; connection x1 of tenant t1 is open and described."""
    async with pool.acquire() as db:
        await open_connection(db)
        yield db
