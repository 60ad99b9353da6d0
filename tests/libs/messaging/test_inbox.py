from collections.abc import Sequence
from typing import TYPE_CHECKING

import asyncpg
import pytest

from libs.messaging.inbox import Received, receive

if TYPE_CHECKING:
    from libs.service.database import Connection, Pool


class Table:
    """Files names into `filed`, buries bytes into `buried`; counts the tries."""

    def __init__(self, connection: "Connection") -> None:
        self.connection = connection
        self.tries = 0
        self.errors: list[str | None] = []

    async def file(self, names: Sequence[str]) -> None:
        self.tries += 1
        statement = "insert into filed (name) select unnest($1::text[])"
        await self.connection.execute(statement, list(names))

    async def bury(self, name: str, error: asyncpg.PostgresError) -> None:
        self.errors.append(error.sqlstate)
        await self.connection.execute("insert into buried values ($1)", name.encode())


async def names_in(pool: "Pool", table: str) -> list[str | bytes]:
    return [row["name"] for row in await pool.fetch(f"select name from {table} order by name")]


def batch(count: int) -> list[str]:
    return [f"n{number:03}" for number in range(count)]


async def test_a_good_batch_is_filed_in_one_statement(pool: "Pool") -> None:
    async with pool.acquire() as connection:
        table = Table(connection)
        received = await receive(connection, batch(500), table.file, table.bury)
    assert (received, table.tries) == (Received(filed=500), 1)
    assert await names_in(pool, "filed") == batch(500)


@pytest.mark.parametrize("place", [0, 250, 499])
async def test_one_nul_in_five_hundred_is_buried_and_the_rest_filed(
    pool: "Pool", place: int
) -> None:
    names = batch(500)
    names[place] = "bad\x00name"
    async with pool.acquire() as connection:
        table = Table(connection)
        received = await receive(connection, names, table.file, table.bury)
    assert received == Received(filed=499, buried=1)
    assert table.errors == ["22021"]
    assert (
        await names_in(pool, "filed")
        == [name for name in batch(500) if name != names[place]][:place] + batch(500)[place + 1 :]
    )
    assert await names_in(pool, "buried") == [b"bad\x00name"]
    assert table.tries < 25


async def test_what_breaks_a_constraint_is_buried_too(pool: "Pool") -> None:
    async with pool.acquire() as connection:
        table = Table(connection)
        names = ["a", "refused", "a", "b"]
        received = await receive(connection, names, table.file, table.bury)
    assert received == Received(filed=2, buried=2)
    assert table.errors == ["23514", "23505"]
    assert await names_in(pool, "filed") == ["a", "b"]


async def test_any_other_error_keeps_nothing_and_is_raised(pool: "Pool") -> None:
    async with pool.acquire() as connection:
        table = Table(connection)

        async def fail(name: str, error: asyncpg.PostgresError) -> None:
            raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            await receive(connection, [*batch(10), "\x00"], table.file, fail)
        with pytest.raises(asyncpg.UndefinedTableError):
            await receive(
                connection, ["a"], lambda _: connection.execute("select from nowhere"), table.bury
            )
    assert await names_in(pool, "filed") == []
    assert await names_in(pool, "buried") == []


async def test_an_empty_batch_is_nothing(pool: "Pool") -> None:
    async with pool.acquire() as connection:
        table = Table(connection)
        assert await receive(connection, [], table.file, table.bury) == Received()
    assert table.tries == 0
