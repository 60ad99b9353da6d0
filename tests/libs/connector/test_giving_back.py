"""What is filed at the very moment in which its lane is given back is worked on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from contracts.values import EntityType
from libs.connector import lanes, leases, parts, rows
from libs.connector.lane import Lane
from libs.service.database import Connection, Pool
from tests.libs.connector.filed import LEASE, claim, file, lane, put

C1 = "x1/contact/c1"
End = Callable[[Connection, Lane], Awaitable[None]]


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


async def _hold(db: Connection, claimed: Lane) -> None:
    since = await db.fetchval("select clock_timestamp()")
    async with lanes.change(db, claimed):
        await leases.hold(db, claimed, "unmapped", "No account is chosen.", "Choose one.", since)


async def _turn_away(db: Connection, claimed: Lane) -> None:
    async with lanes.change(db, claimed):
        claimed.skipped = True
        await lanes.save(db, claimed)
        await db.execute("update inbox set state = 'done'")
    await leases.release_all(db, [claimed])


@pytest.mark.parametrize("end", [_hold, _turn_away])
async def test_what_a_killed_worker_held_or_turned_away_is_looked_at_again(
    db: Connection, end: End
) -> None:
    """Killed before it could see that its reason had ended meanwhile: the lane is due when its
    lease would have ended, still held, so that the same reason is not told twice."""
    await file(db, put())
    (claimed,) = await claim(db)
    await end(db, claimed)
    assert await claim(db) == []
    await db.execute("update lane set due_at = due_at - $1::interval", LEASE)
    (again,) = await claim(db)
    assert (again.hold, again.skipped) == (claimed.hold, claimed.skipped)


@pytest.mark.parametrize("end", [_hold, _turn_away])
async def test_what_was_held_by_all_that_is_known_rests(db: Connection, end: End) -> None:
    await file(db, put())
    (claimed,) = await claim(db)
    await end(db, claimed)
    await leases.rest(db, [claimed])
    assert (await lane(db, C1))["due_at"] is None


async def test_what_has_come_since_it_was_held_does_not_rest(db: Connection) -> None:
    await file(db, put())
    (claimed,) = await claim(db)
    await _hold(db, claimed)
    await file(db, put(revision=2))
    await leases.rest(db, [claimed])
    assert len(await claim(db)) == 1


async def test_what_waits_for_what_may_end_without_a_word_does_not_rest(db: Connection) -> None:
    await file(db, put())
    (claimed,) = await claim(db, lease=timedelta(seconds=1))
    await _hold(db, claimed)
    await leases.look_again(db, claimed, timedelta(seconds=30))
    await leases.rest(db, [claimed])
    assert (await lane(db, C1))["due_at"] is not None


async def _until_blocked(pool: Pool, worker: int) -> None:
    blocked = False
    async with asyncio.timeout(20):
        while not blocked:
            blocked = await pool.fetchval("select pg_blocking_pids($1) <> '{}'", worker)
