"""Hints of records: one row each, followed however late they come."""

from typing import Any

from contracts.values import EntityType
from libs.connector import lanes, leases, parts, rows
from libs.connector.lane import Lane
from libs.connector.states import local_id
from libs.service.database import Connection
from tests.libs.connector.filed import claim, file, put

C1, I1 = "x1/contact/c1", "x1/invoice/i1"


async def hold(db: Connection, held: Lane, reason: str = "unmapped") -> None:
    """Hold a lane whose rows are looked at now."""
    since = await db.fetchval("select clock_timestamp()")
    await leases.hold(db, held, reason, "No account is chosen.", "Choose one.", since)


def local_lane(record: str) -> str:
    """The lane of a record first seen in the ledger."""
    return f"x1/contact/{local_id('x1', EntityType.CONTACT, record)}"


async def keys(db: Connection, **options: Any) -> list[str]:
    return [claimed.key for claimed in await claim(db, **options)]


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
    await parts.bind(db, mine, "contact", "r1")
    await hint(db, "r1")
    assert (await notices(db))[-1][:2] == (C1, "r1")
    assert await db.fetchval("select count(*) from lane") == 1


async def test_a_notice_overtakes_the_put_that_waits(db: Connection) -> None:
    await file(db, put())
    (mine,) = await claim(db)
    await parts.bind(db, mine, "contact", "r1")
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


async def test_a_hint_that_is_buried_with_its_lane_is_not_read_for_ever(db: Connection) -> None:
    await hint(db, "r1")
    (mine,) = await claim(db)
    since = await db.fetchval("select clock_timestamp()")
    await hint(db, "r2")
    await rows.bury(db, mine.key, 0, since)
    await leases.bury(db, mine, "It cannot be read.", "Report it.")
    assert await keys(db) == [local_lane("r2")]
