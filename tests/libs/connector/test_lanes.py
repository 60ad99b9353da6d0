"""Lanes are claimed fairly, by one worker at a time; who has lost its lease changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

import pytest

from contracts.values import EntityType
from libs.connector import lanes, leases, rows, settle
from libs.connector.agreed import Agreed, Put
from libs.connector.interface import Record, Verb
from libs.connector.lane import Lane, LeaseLost
from libs.connector.settle import Meant
from libs.connector.states import local_id
from libs.service.database import Connection, Pool
from libs.testing.builders import contact, invoice
from tests.libs.connector.filed import LATER, LEASE, claim, file, lane, open_connection, put

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


def local_lane(record: str) -> str:
    """The lane of a record first seen in the ledger."""
    return f"x1/contact/{local_id('x1', EntityType.CONTACT, record)}"


async def keys(db: Connection, **options: Any) -> list[str]:
    return [claimed.key for claimed in await claim(db, **options)]


# Claims


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


async def test_a_hint_that_is_buried_with_its_lane_is_not_read_for_ever(db: Connection) -> None:
    await hint(db, "r1")
    (mine,) = await claim(db)
    since = await db.fetchval("select clock_timestamp()")
    await hint(db, "r2")
    await rows.bury(db, mine.key, 0, since)
    await leases.bury(db, mine, "It cannot be read.", "Report it.")
    assert await keys(db) == [local_lane("r2")]


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


# The fence


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
        await settle.settle(db, nobody, late, uuid4(), MEANT, record, full=True)
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
            assert await lanes.bind(db, mine, "contact", "r1")
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
    assert await lanes.bind(db, one, "contact", "r1")
    assert not await lanes.bind(db, two, "contact", "r1")
    assert await lanes.bind(db, one, "contact", "r1")
    assert two.parts == ()
    assert await lanes.bind(db, two, "invoice", "r1")


async def test_the_record_of_an_ended_generation_is_not_the_lanes(db: Connection) -> None:
    await file(db, put())
    (mine,) = await claim(db)
    await lanes.bind(db, mine, "contact", "r1")
    mine.state = "bound"
    assert mine.record == "r1"
    mine.generation += 1
    assert mine.record == ""


async def test_what_is_taken_over_keeps_its_record_and_its_doubt(db: Connection) -> None:
    await file(db, put(contact("c1")), put(contact("c2")))
    old, new = sorted(await claim(db), key=lambda claimed: claimed.key)
    await lanes.bind(db, old, "contact", "r1")
    old.state, old.doubt, old.version = "bound", True, "v7"
    async with db.transaction():
        await lanes.take_over(db, old, new)
    found = await lanes.load(db, [C1, "x1/contact/c2"])
    assert found[C1].state == "absent"
    assert found[C1].record == ""
    assert found["x1/contact/c2"].record == "r1"
    assert found["x1/contact/c2"].doubt
    assert found["x1/contact/c2"].version == "v7"


# Notices


async def hint(db: Connection, *records: str) -> int:
    async with db.transaction():
        return await rows.notice(db, "x1", EntityType.CONTACT, dict.fromkeys(records))


async def notices(db: Connection) -> list[tuple[str, str, int]]:
    found = await db.fetch(
        "select lane, record, hints from inbox where state = 'pending' order by record"
    )
    return [(row["lane"], row["record"], row["hints"]) for row in found]


async def test_notices_of_one_record_coalesce(db: Connection) -> None:
    await hint(db, "r1", "r2")
    await hint(db, "r1")
    found = await notices(db)
    assert [(record, hints) for _, record, hints in found] == [("r1", 2), ("r2", 1)]
    assert len(await keys(db)) == 2


async def test_a_notice_goes_to_the_lane_that_has_the_record(db: Connection) -> None:
    await file(db, put())
    (mine,) = await claim(db)
    await lanes.bind(db, mine, "contact", "r1")
    await hint(db, "r1")
    assert (await notices(db))[-1][:2] == (C1, "r1")
    assert await db.fetchval("select count(*) from lane") == 1


async def test_a_notice_overtakes_the_put_that_waits(db: Connection) -> None:
    await file(db, put())
    (mine,) = await claim(db)
    await lanes.bind(db, mine, "contact", "r1")
    await hint(db, "r1")
    waiting = await rows.pending(db, [C1])
    assert [row.kind for row in waiting[C1]] == ["notice", "put"]


async def test_a_hint_that_comes_while_the_record_is_read_is_followed(db: Connection) -> None:
    await hint(db, "r1")
    (mine,) = await claim(db)
    ((row,),) = (await rows.pending(db, [mine.key])).values()
    await hint(db, "r1")
    await rows.noticed(db, row)
    await leases.release(db, mine)
    assert await keys(db) == [mine.key]
    ((again,),) = (await rows.pending(db, [mine.key])).values()
    await rows.noticed(db, again)
    assert await notices(db) == []


async def test_a_hint_that_holds_its_lane_is_not_read_again_at_once(db: Connection) -> None:
    await hint(db, "r1")
    (mine,) = await claim(db)
    await hold(db, mine, "uncertain")
    assert await keys(db) == []
    await hint(db, "r1")
    assert await keys(db) == [mine.key]


async def test_a_hint_that_comes_while_its_lane_is_held_is_followed(db: Connection) -> None:
    await hint(db, "r1")
    (mine,) = await claim(db)
    since = await db.fetchval("select clock_timestamp()")
    await hint(db, "r1")
    await leases.hold(db, mine, "uncertain", "Several records carry the mark.", "", since)
    assert await keys(db) == [mine.key]


async def test_a_lane_made_for_a_hint_is_forgotten_and_no_other(db: Connection) -> None:
    await hint(db, "r1")
    await file(db, put())
    claimed = {found.key: found for found in await claim(db)}
    await db.execute("update inbox set state = 'done'")
    for found in claimed.values():
        await lanes.discard(db, found)
    rest = await db.fetch("select key from lane")
    assert [row["key"] for row in rest] == [C1]


async def test_a_lane_is_not_forgotten_while_something_waits_in_it(db: Connection) -> None:
    await hint(db, "r1")
    (mine,) = await claim(db)
    await lanes.discard(db, mine)
    assert await db.fetchval("select count(*) from lane") == 1


# Waiting for others


async def test_who_waits_is_woken_when_the_last_it_waits_for_has_its_record(
    db: Connection,
) -> None:
    await file(db, put(invoice("i1"), made_at=LATER))
    (waiting,) = await claim(db)
    async with db.transaction():
        await leases.wait_for(db, waiting, [C1, "x1/item/p1"])
        await hold(db, waiting, "waits")
    await leases.wake_waiters(db, C1)
    assert await keys(db) == []
    await leases.wake_waiters(db, "x1/item/p1")
    assert await keys(db) == [I1]


async def test_only_what_is_dormant_is_roused(db: Connection) -> None:
    await file(db, put(contact("c1")), put(contact("c2")))
    await db.execute("update lane set due_at = null")
    await db.execute("update lane set hold = 'uncertain' where id = 'c2'")
    await leases.rouse(db, [C1, "x1/contact/c2", "x1/contact/c9"])
    assert await keys(db) == [C1]
