"""Migrations and pools on a real PostgreSQL."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from libs.devstack.postgres import start_postgres
from libs.service.database import (
    MigrationChanged,
    connect,
    create_database,
    database,
    drop_database,
    is_transient,
    migrate,
    open_pool,
    role_of,
    schema_of,
    with_database,
)


@pytest.fixture
async def schema(database_url: str, postgres_server: str) -> AsyncIterator[str]:
    """Roles belong to the whole server, so each test takes a name of its own."""
    name = f"probe_{uuid.uuid4().hex[:8]}"
    yield name
    owner = await asyncpg.connect(database_url)
    await owner.execute(f"drop schema if exists {name} cascade")
    if await owner.fetchrow("select from pg_roles where rolname = $1", role_of(name)):
        await owner.execute(f"drop owned by {role_of(name)}; drop role {role_of(name)}")
    await owner.close()


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    (tmp_path / "001_thing.sql").write_text("create table thing (id int); create table b (id int);")
    (tmp_path / "notes.sql").write_text("this is not a migration")
    return tmp_path


def test_names() -> None:
    assert schema_of("connectors.acme") == "connectors_acme"
    assert role_of("connectors_acme") == "lb_connectors_acme"
    assert with_database("postgresql://u:p@h:1/a?x=1", "b") == "postgresql://u:p@h:1/b?x=1"
    assert with_database("postgresql://u:@/a?host=/run", "b") == "postgresql://u:@/b?host=/run"


async def test_migrations_are_applied_once(
    database_url: str, schema: str, migrations: Path
) -> None:
    assert await migrate(database_url, schema, migrations) == ["001_thing.sql"]
    assert await migrate(database_url, schema, migrations) == []
    (migrations / "002_more.sql").write_text("alter table thing add name text")
    assert await migrate(database_url, schema, migrations) == ["002_more.sql"]


async def test_an_edited_migration_is_refused(
    database_url: str, schema: str, migrations: Path
) -> None:
    await migrate(database_url, schema, migrations)
    (migrations / "001_thing.sql").write_text("create table other (id int)")
    with pytest.raises(MigrationChanged, match="001_thing"):
        await migrate(database_url, schema, migrations)


async def test_a_failing_migration_leaves_nothing(
    database_url: str, schema: str, migrations: Path
) -> None:
    (migrations / "002_bad.sql").write_text("create table c (id int); select 1/0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(database_url, schema, migrations)
    (migrations / "002_bad.sql").unlink()
    assert await migrate(database_url, schema, migrations) == ["001_thing.sql"]


async def test_several_processes_may_migrate_at_once(
    database_url: str, schema: str, migrations: Path
) -> None:
    # Role and schema are there, so nothing but the lock keeps the six apart.
    await migrate(database_url, schema, migrations)
    (migrations / "002_more.sql").write_text("alter table thing add name text")
    applied = await asyncio.gather(*(migrate(database_url, schema, migrations) for _ in range(6)))
    assert sorted(map(len, applied)) == [0, 0, 0, 0, 0, 1]


async def test_several_databases_of_one_server_may_migrate_at_once(
    postgres_server: str, schema: str, migrations: Path
) -> None:
    names = [f"test_{uuid.uuid4().hex}" for _ in range(4)]
    urls = [await create_database(postgres_server, name) for name in names]
    try:
        applied = await asyncio.gather(*(migrate(url, schema, migrations) for url in urls))
        assert applied == [["001_thing.sql"]] * 4
    finally:
        for name in names:
            await drop_database(postgres_server, name)


async def test_the_pool_works_as_its_role_in_its_schema(
    database_url: str, schema: str, migrations: Path
) -> None:
    async with database(database_url, schema, migrations, size=1) as pool:
        for _ in range(2):  # the second time the connection has been through the pool's RESET ALL
            async with pool.acquire() as connection:
                assert await connection.fetchval("select current_user") == role_of(schema)
                assert await connection.fetchval("show search_path") == schema
                await connection.execute("insert into thing values (1)")
                await connection.execute("set search_path = public")
    listener = await connect(database_url, schema)
    assert await listener.fetchval("select count(*) from thing") == 2
    await listener.close()


async def test_one_service_cannot_read_anothers_schema(
    database_url: str, schema: str, migrations: Path
) -> None:
    await migrate(database_url, schema, migrations)
    other = f"{schema}_two"
    await migrate(database_url, other, migrations)
    try:
        async with open_pool(database_url, other) as pool:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.fetch(f"select * from {schema}.thing")
    finally:
        owner = await asyncpg.connect(database_url)
        await owner.execute(f"drop owned by {role_of(other)}; drop role {role_of(other)}")
        await owner.close()


def test_what_may_pass_is_told_from_what_will_not() -> None:
    assert is_transient(FileNotFoundError())
    assert is_transient(ConnectionRefusedError())
    assert is_transient(asyncpg.ConnectionDoesNotExistError())
    assert is_transient(asyncpg.AdminShutdownError())
    assert is_transient(asyncpg.InterfaceError("the underlying connection is closed"))
    assert not is_transient(asyncpg.InterfaceError("another operation is in progress"))
    assert not is_transient(asyncpg.UniqueViolationError())
    assert not is_transient(asyncpg.DataError())


async def test_the_pool_heals_after_the_server_was_killed(
    devstack_folder: Path, migrations: Path
) -> None:
    node = start_postgres(devstack_folder / f"own-{os.getpid()}")
    try:
        async with database(node.url, "healing", migrations, size=2) as pool:
            assert await pool.fetchval("select 1") == 1
            await asyncio.to_thread(node.kill)
            with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)) as down:
                await pool.fetchval("select 1")
            assert is_transient(down.value)
            with pytest.raises(OSError) as gone:
                await pool.fetchval("select 1")
            assert is_transient(gone.value)
            node = await asyncio.to_thread(start_postgres, node.data)
            assert await pool.fetchval("select 1") == 1
    finally:
        node.stop()
