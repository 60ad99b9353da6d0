"""Lanes are claimed fairly, by one worker at a time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.connector import lanes, leases, rows
from libs.connector.lane import Lane
from libs.service.database import Connection, Pool
from libs.testing.builders import contact, invoice
from tests.libs.connector.filed import LATER, claim, file, lane, open_connection, put

C1, I1 = "x1/contact/c1", "x1/invoice/i1"


@pytest.fixture
async def other(pool: Pool) -> AsyncIterator[Connection]:
    """A second worker's connection."""
    async with pool.acquire() as other:
        yield other


async def lose_lease(db: Connection) -> None:
    """The time of all leases is over."""
    await db.execute("update lane set leased_until = '-infinity'")


async def hold(db: Connection, held: Lane, reason: str = "unmapped") -> None:
    """Hold a lane whose rows are looked at now."""
    since = await db.fetchval("select clock_timestamp()")
    await leases.hold(db, held, reason, "No account is chosen.", "Choose one.", since)


async def keys(db: Connection, **options: Any) -> list[str]:
    return [claimed.key for claimed in await claim(db, **options)]


async def test_the_connection_served_longest_ago_is_next(db: Connection) -> None:
    await open_connection(db, "x2", "t2")
    await file(db, *(put(invoice(f"i{n}")) for n in range(3)), put(invoice("j1"), tenant="t2"))
    found = [await keys(db, many=1) for _ in range(5)]
    connections = [key.split("/")[0] for (key,) in found[:4]]
    assert connections[:2] in (["x1", "x2"], ["x2", "x1"])
    assert connections[2:] == ["x1", "x1"]
    assert found[4] == []


async def test_a_claim_takes_many_lanes_of_one_type(db: Connection) -> None:
    await file(db, put(contact("c1")), put(contact("c2")), put(contact("c3")))
    await file(db, put(invoice("i1")), put(invoice("i2")))
    claims = [sorted(await keys(db)), sorted(await keys(db)), await keys(db)]
    assert claims == [
        ["x1/contact/c1", "x1/contact/c2", "x1/contact/c3"],
        ["x1/invoice/i1", "x1/invoice/i2"],
        [],
    ]


async def test_two_workers_never_have_the_same_lane(db: Connection, other: Connection) -> None:
    await file(db, *(put(contact(f"c{n}")) for n in range(40)))
    found: list[str] = []

    async def work(own: Connection) -> None:
        while got := await keys(own, many=3):
            found.extend(got)

    await asyncio.gather(work(db), work(other))
    # A worker that meets the other's claim goes away empty-handed and comes again.
    await work(db)
    assert len(found) == len(set(found)) == 40


async def test_a_leased_lane_is_not_claimed(db: Connection, other: Connection) -> None:
    await file(db, put())
    assert await keys(db) == [C1]
    assert await keys(other) == []
    await lose_lease(db)
    assert await keys(other) == [C1]


@pytest.mark.parametrize(
    "pause",
    [
        "restoring = true",
        "state = 'broken'",
        "held_until = now() + interval '1 minute'",
        "facts = null",
        "patience = '1 minute'",
    ],
)
async def test_a_paused_connection_is_not_claimed(db: Connection, pause: str) -> None:
    await file(db, put())
    await db.execute(f"update connection set {pause}")
    assert await keys(db) == []


async def test_a_held_lane_is_not_claimed(db: Connection) -> None:
    await file(db, put())
    (held,) = await claim(db)
    await hold(db, held)
    assert await keys(db) == []


async def test_a_put_that_comes_while_its_predecessor_is_held_is_tried(db: Connection) -> None:
    await file(db, put(revision=1))
    (held,) = await claim(db)
    await file(db, put(revision=2))
    await hold(db, held)
    assert await keys(db) == [C1]
    assert (await lane(db, C1))["hold"] == ""


async def test_a_put_that_comes_while_its_predecessor_is_refused_is_tried(db: Connection) -> None:
    await file(db, put(revision=1))
    (refused,) = await claim(db)
    await file(db, put(revision=2))
    refused.dead = True
    await lanes.save(db, refused)
    await rows.bury(db, C1, refused.revision, LATER)
    await leases.bury(db, refused, "It was refused.", "Correct it.")
    assert not (await lane(db, C1))["dead"]
    assert await keys(db) == [C1]
    waiting = await rows.pending(db, [C1])
    assert [row.revision for row in waiting[C1]] == [2]


async def test_a_lane_without_rows_is_due_no_more(db: Connection) -> None:
    await file(db, put())
    (done,) = await claim(db)
    await rows.done(db, [row.seq for row in (await rows.pending(db, [C1]))[C1]])
    await leases.release(db, done)
    assert (await lane(db, C1))["due_at"] is None


async def test_what_comes_while_a_lane_is_worked_on_is_due_at_its_release(db: Connection) -> None:
    await file(db, put(revision=1))
    (busy,) = await claim(db)
    await file(db, put(revision=2))
    await leases.release(db, busy)
    assert await keys(db) == [C1]
