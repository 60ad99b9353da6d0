"""What waits for others is woken; what is dormant is roused."""

from typing import Any

from libs.connector import leases
from libs.connector.lane import Lane
from libs.service.database import Connection
from libs.testing.builders import contact, invoice
from tests.libs.connector.filed import LATER, claim, file, put

C1, I1 = "x1/contact/c1", "x1/invoice/i1"


async def hold(db: Connection, held: Lane, reason: str = "unmapped") -> None:
    """Hold a lane whose rows are looked at now."""
    since = await db.fetchval("select clock_timestamp()")
    await leases.hold(db, held, reason, "No account is chosen.", "Choose one.", since)


async def keys(db: Connection, **options: Any) -> list[str]:
    return [claimed.key for claimed in await claim(db, **options)]


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
