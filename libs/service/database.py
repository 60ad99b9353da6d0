"""PostgreSQL: migrations, a pool that works as the service's own role in its own schema."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import structlog

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
else:  # asyncpg's classes take no parameters when the program runs
    Pool, Connection = asyncpg.Pool, asyncpg.Connection

TRANSIENT: tuple[type[Exception], ...] = (
    OSError,  # FileNotFoundError among them: a Unix socket is gone while the server is down
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
)

log = structlog.get_logger()


class MigrationChanged(RuntimeError):
    """A migration that has been applied no longer has the same text."""


def is_transient(error: BaseException) -> bool:
    """Whether the same statement may succeed once PostgreSQL answers again."""
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)  # the others are mistakes in our own calls
    return isinstance(error, TRANSIENT)


def schema_of(service: str) -> str:
    """The schema a service owns: its name, dots as underscores."""
    return service.replace(".", "_")


def role_of(schema: str) -> str:
    """The role a service works as."""
    return f"lb_{schema}"


@asynccontextmanager
async def database(
    url: str, schema: str, migrations: Path, *, size: int = 10
) -> "AsyncIterator[Pool]":
    """Migrate `schema`, then a pool in it, closed at the end."""
    await migrate(url, schema, migrations)
    async with open_pool(url, schema, size=size) as pool:
        yield pool


@asynccontextmanager
async def open_pool(url: str, schema: str, *, size: int = 10) -> "AsyncIterator[Pool]":
    """A pool of up to `size` connections that work as the schema's role."""
    pool = await asyncpg.create_pool(
        url, min_size=1, max_size=size, server_settings=_session(schema)
    )
    try:
        yield pool
    finally:
        await pool.close()


async def connect(url: str, schema: str) -> "asyncpg.Connection[asyncpg.Record]":
    """One connection beside the pool that works as the schema's role, for LISTEN say."""
    return await asyncpg.connect(url, server_settings=_session(schema))


async def migrate(url: str, schema: str, folder: Path) -> list[str]:
    """Apply what is new of `folder`'s `NNN_*.sql` in one transaction; returns their names.

    Creates schema and role first. Safe to run from several processes at once. Raises
    `MigrationChanged` when an applied file has been edited.
    """
    files = sorted(folder.glob("[0-9][0-9][0-9]_*.sql"))
    connection = await asyncpg.connect(url, server_settings={"application_name": "migrate"})
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(hashtext($1))", f"lb/{schema}")
            await _own_schema(connection, schema)
            applied = [file.name for file in files if await _apply(connection, file)]
    finally:
        await connection.close()
    if applied:
        log.info("schema.migrated", schema=schema, applied=applied)
    return applied


async def create_database(url: str, name: str) -> str:
    """Create the database `name` unless it is there; returns its URL."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"create database {quoted(name)}")
    except asyncpg.DuplicateDatabaseError:
        log.debug("database.found", database=name)
    finally:
        await connection.close()
    return with_database(url, name)


async def drop_database(url: str, name: str) -> None:
    """Drop the database `name`, whoever is still connected to it."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"drop database if exists {quoted(name)} with (force)")
    finally:
        await connection.close()


def with_database(url: str, name: str) -> str:
    """`url` leading to another database of the same server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def quoted(identifier: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def _session(schema: str) -> dict[str, str]:
    # Start-up parameters, not SET: the pool's RESET ALL goes back to these.
    return {"role": role_of(schema), "search_path": schema, "application_name": schema}


CREATE_ROLE = """
do $$
begin
    create role {role};
    execute 'grant {role} to current_user';
exception when duplicate_object or unique_violation then
    -- Roles belong to the whole server: another database's migration was first.
end
$$
"""


async def _own_schema(connection: "asyncpg.Connection[asyncpg.Record]", schema: str) -> None:
    role = quoted(role_of(schema))
    known = "select from pg_roles where rolname = $1"
    if await connection.fetchrow(known, role_of(schema)) is None:
        await connection.execute(CREATE_ROLE.format(role=role))
    owned = f"create schema if not exists {quoted(schema)} authorization {role}"
    await connection.execute(owned)
    await connection.execute(f"set local role {role}")
    await connection.execute(f"set local search_path = {quoted(schema)}")
    await connection.execute(
        """
        create table if not exists schema_migration (
            name text primary key,
            digest text not null,
            applied_at timestamptz not null default now()
        )
        """
    )


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", file: Path) -> bool:
    sql = file.read_text()
    digest = hashlib.sha256(sql.encode()).hexdigest()
    seen = await connection.fetchval(
        "select digest from schema_migration where name = $1", file.name
    )
    if seen == digest:
        return False
    if seen is not None:
        raise MigrationChanged(f"{file.name} was applied before it was edited; add a new file.")
    await connection.execute(sql)
    await connection.execute(
        "insert into schema_migration (name, digest) values ($1, $2)", file.name, digest
    )
    return True
