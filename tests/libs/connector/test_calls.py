"""Calls are committed before they leave and stay open until their outcome is known."""

from datetime import timedelta
from typing import Any

from contracts.values import EntityType
from libs.connector import calls, lanes
from libs.connector.calls import Call, Intent
from libs.connector.interface import Request, Verb
from libs.connector.lane import Lane
from libs.service.database import Connection
from libs.testing.builders import contact
from tests.libs.connector.filed import claim, file, lane, put

C1, C2 = "x1/contact/c1", "x1/contact/c2"
REQUEST = Request("PUT", "/Contacts", (("a", "b"),), b'{"x": 1}', (("H", "v"),))


async def begin(db: Connection, *taken: Lane, **options: Any) -> Call:
    """A create of these lanes, committed."""
    intents = [Intent(one.key, Verb.CREATE, 1, 1, {"n": n}, {}) for n, one in enumerate(taken)]
    until = taken[0].leased_until
    async with db.transaction():
        return await calls.begin(
            db, "x1", EntityType.CONTACT, Verb.CREATE, REQUEST, intents, until, **options
        )


async def two(db: Connection) -> list[Lane]:
    await file(db, put(contact("c1")), put(contact("c2")))
    return sorted(await claim(db), key=lambda claimed: claimed.key)


async def test_a_call_keeps_the_exact_bytes_and_belongs_to_its_lanes(db: Connection) -> None:
    call = await begin(db, *await two(db))
    assert await calls.load(db, call.id) == call
    assert call.request == REQUEST
    assert (call.lanes, call.left_at, call.errors, call.repeats) == (2, None, 0, False)
    assert (await lane(db, C1))["call"] == (await lane(db, C2))["call"] == call.id
    assert [intent.lane for intent in await calls.intents(db, call.id)] == [C1, C2]


async def test_saving_a_lane_leaves_its_call_alone(db: Connection) -> None:
    one, other = await two(db)
    call = await begin(db, one, other)
    assert one.call is None
    await lanes.save(db, one)
    assert (await lane(db, C1))["call"] == call.id


async def test_a_call_that_may_have_been_sent_before_is_quiet_already(db: Connection) -> None:
    one, _ = await two(db)
    call = await begin(db, one, before=True)
    assert call.left_at is not None
    assert call.left_at == call.first_sent < one.leased_until - timedelta(days=3000)


async def test_only_the_sender_of_the_newest_send_says_when_it_left(db: Connection) -> None:
    one, _ = await two(db)
    first = await begin(db, one)
    await calls.left(db, first, error=True)
    assert (await calls.load(db, first.id)).errors == 1
    await calls.again(db, first, one.leased_until, first.key, fresh=False)
    again = await calls.load(db, first.id)
    assert again.repeats
    await calls.left(db, first, error=True)
    assert await calls.load(db, first.id) == again
    await calls.left(db, again, error=True)
    now = await calls.load(db, first.id)
    assert now.left_at is not None
    assert now.errors == 2
    assert now.first_sent == first.first_sent


async def test_every_spent_key_is_followed_by_another_one(db: Connection) -> None:
    one, _ = await two(db)
    call = await begin(db, one)
    keys = [call.key]
    for _ in range(3):
        await calls.again(db, call, one.leased_until, calls.next_key(call.key), fresh=True)
        call = await calls.load(db, call.id)
        keys.append(call.key)
        assert call.errors == 0
    assert len(set(keys)) == 4


async def test_a_bulk_call_is_closed_by_the_last_of_its_lanes(db: Connection) -> None:
    one, other = await two(db)
    call = await begin(db, one, other)

    async def state() -> str:
        found: str = await db.fetchval("select state from call where id = $1", call.id)
        return found

    await lanes.end_call(db, one, written=True)
    await calls.close(db, call.id, "done")
    assert await state() == "open"
    await lanes.end_call(db, other, written=False)
    await calls.close(db, call.id, "done")
    assert await state() == "closed"


async def test_a_bulk_call_of_unknown_outcome_becomes_one_call_per_lane(db: Connection) -> None:
    one, other = await two(db)
    call = await begin(db, one, other)
    await calls.remember(db, call.id, C2, "r2")
    async with db.transaction():
        await calls.dissolve(db, call, {C1: REQUEST, C2: REQUEST})
    first, second = (await lane(db, C1))["call"], (await lane(db, C2))["call"]
    assert len({first, second, call.id}) == 3
    alone = [await calls.load(db, first), await calls.load(db, second)]
    assert len({part.key for part in alone} | {call.key}) == 3
    assert all(part.first_sent == call.first_sent for part in alone)
    assert all(part.deadline == call.deadline for part in alone)
    assert [intent.lane for intent in await calls.intents(db, first)] == [C1]
    assert [intent.known for intent in await calls.intents(db, second)] == ["r2"]


async def test_a_lane_already_settled_is_not_in_the_dissolved_call(db: Connection) -> None:
    one, other = await two(db)
    call = await begin(db, one, other)
    await lanes.end_call(db, one, written=True)
    async with db.transaction():
        await calls.dissolve(db, call, {C2: REQUEST})
    assert (await lane(db, C1))["call"] is None
    assert (await lane(db, C2))["call"] not in (None, call.id)
