"""Who has lost its lease changes nothing; a record belongs to one lane."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

import pytest

from contracts.values import EntityType
from libs.connector import lanes, leases, parts, settle
from libs.connector.agreed import Agreed, Put
from libs.connector.interface import Record, Verb
from libs.connector.lane import Lane, LeaseLost
from libs.connector.settle import Meant, Outcome
from libs.service.database import Connection, Pool
from libs.testing.builders import contact
from tests.libs.connector.filed import LEASE, claim, file, lane, put

C1, I1 = "x1/contact/c1", "x1/invoice/i1"
MEANT = Meant(Verb.CREATE, None, Put(1, {}, None), {}, {}, {}, (), False, None)


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


async def test_a_lost_lease_saves_nothing(db: Connection, other: Connection) -> None:
    await file(db, put())
    (late,) = await claim(db)
    await lose_lease(db)
    (now,) = await claim(other)
    before = await lane(db, C1)
    late.state, late.agreed = "bound", Agreed(number=9)
    with pytest.raises(LeaseLost):
        await lanes.save(db, late)
    with pytest.raises(LeaseLost):
        await lanes.fence(db, late)
    assert await lane(db, C1) == before
    await lanes.save(other, now)


async def test_a_settle_by_a_lost_lease_changes_nothing(db: Connection, other: Connection) -> None:
    await file(db, put())
    (late,) = await claim(db)
    await lose_lease(db)
    await claim(other)
    before = await lane(db, C1)
    record = Record(EntityType.CONTACT, "r1", {})
    nobody = cast("Any", None)
    with pytest.raises(LeaseLost):
        await settle.settle(db, nobody, uuid4(), Outcome(late, MEANT, record), full=True)
    with pytest.raises(LeaseLost):
        await settle.not_done(db, late, uuid4(), "refused")
    assert await lane(db, C1) == before
    assert await db.fetchval("select count(*) from part") == 0


async def test_a_lost_lease_gives_nothing_back(db: Connection, other: Connection) -> None:
    await file(db, put())
    (late,) = await claim(db)
    await lose_lease(db)
    await claim(other)
    before = await lane(db, C1)
    await leases.release(db, late)
    await hold(db, late)
    await leases.bury(db, late, "It was refused.", "Correct it.")
    assert await lane(db, C1) == before


async def test_a_transaction_that_fails_leaves_no_trace_in_the_working_copy(
    db: Connection,
) -> None:
    await file(db, put())
    (mine,) = await claim(db)
    before = replace(mine, events=[*mine.events])

    async def fail() -> None:
        async with lanes.change(db, mine):
            assert await parts.bind(db, mine, "contact", "r1")
            mine.state, mine.doubt, mine.agreed = "bound", True, Agreed(number=3)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert mine == before
    assert await db.fetchval("select count(*) from part") == 0


async def test_a_lane_can_be_leased_beside_a_claim_only_where_it_is_free(
    db: Connection, other: Connection
) -> None:
    await file(db, put(contact("c1")), put(contact("c2")))
    await claim(db, many=1)
    leased = await lanes.lease(other, [C1, "x1/contact/c2"], LEASE)
    assert len(leased) == 1
    assert await lanes.lease(other, [C1, "x1/contact/c2"], LEASE) == []


# Parts


async def test_a_record_belongs_to_one_lane(db: Connection) -> None:
    await file(db, put(contact("c1")), put(contact("c2")))
    one, two = sorted(await claim(db), key=lambda claimed: claimed.key)
    assert await parts.bind(db, one, "contact", "r1")
    two.generation = 5
    assert not await parts.bind(db, two, "contact", "r1")
    assert await db.fetchval("select generation from part") == 0
    assert await parts.bind(db, one, "contact", "r1")
    assert two.parts == ()
    assert await parts.bind(db, two, "invoice", "r1")


async def test_the_record_of_an_ended_generation_is_not_the_lanes(db: Connection) -> None:
    await file(db, put())
    (mine,) = await claim(db)
    await parts.bind(db, mine, "contact", "r1")
    mine.state = "bound"
    assert mine.record == "r1"
    mine.generation += 1
    assert mine.record == ""


async def test_what_is_taken_over_keeps_its_record_and_its_doubt(db: Connection) -> None:
    await file(db, put(contact("c1")), put(contact("c2")))
    old, new = sorted(await claim(db), key=lambda claimed: claimed.key)
    await parts.bind(db, old, "contact", "r1")
    old.state, old.doubt, old.version = "bound", True, "v7"
    async with db.transaction():
        await lanes.take_over(db, old, new)
    found = await lanes.load(db, [C1, "x1/contact/c2"])
    assert found[C1].state == "absent"
    assert found[C1].record == ""
    assert found["x1/contact/c2"].record == "r1"
    assert found["x1/contact/c2"].doubt
    assert found["x1/contact/c2"].version == "v7"
