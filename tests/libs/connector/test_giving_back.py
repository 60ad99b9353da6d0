"""What is filed at the very moment in which its lane is given back is worked on."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from contracts.values import EntityType
from libs.connector import leases, parts, rows
from libs.service.database import Connection, Pool
from tests.libs.connector.filed import claim, file, lane, put

C1 = "x1/contact/c1"


@pytest.fixture
async def other(pool: Pool) -> AsyncIterator[Connection]:
    """The connection of whoever files."""
    async with pool.acquire() as other:
        yield other


@pytest.mark.parametrize("kind", ["put", "notice"])
async def test_a_row_filed_while_its_lane_is_given_back_is_due(
    db: Connection, other: Connection, pool: Pool, kind: str
) -> None:
    """The worker is done with all it knows of and waits for the lane's row, which whoever files
    has locked: what it sees from then on has the new row in it."""
    await file(db, put())
    (claimed,) = await claim(db)
    await parts.bind(db, claimed, EntityType.CONTACT, "r1")
    await db.execute("update inbox set state = 'done'")
    async with other.transaction():
        if kind == "put":
            await file(other, put(revision=2))
        else:
            await rows.notice(other, "x1", EntityType.CONTACT, {"r1": None})
        giving = asyncio.create_task(leases.release_all(db, [claimed]))
        await _until_blocked(pool, db.get_server_pid())
    await giving
    assert (await lane(db, C1))["due_at"] is not None


async def _until_blocked(pool: Pool, worker: int) -> None:
    blocked = False
    async with asyncio.timeout(20):
        while not blocked:
            blocked = await pool.fetchval("select pg_blocking_pids($1) <> '{}'", worker)
