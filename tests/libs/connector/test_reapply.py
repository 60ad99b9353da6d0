"""What is applied to a paid document is taken off for an edit, and put on again: once."""

from typing import Any

import pytest

from libs.connector import connections, lanes, parts, reapply
from libs.connector.agreed import Agreed
from libs.connector.errors import Held, NotReady
from libs.connector.lane import Lane
from libs.connector.states import state_of
from libs.service.database import Connection
from libs.testing.builders import invoice, payment
from tests.libs.connector.filed import LEASE, claim, file, put

I1, Y1 = "x1/invoice/i1", "x1/payment/y1"
PAID = Held("It is paid.", reason="paid")


async def paid(db: Connection, **more: Any) -> Lane:
    """Invoice i1 and its payment y1 have records; an edit of i1 is under way; its lane."""
    await file(db, put(invoice("i1")), put(payment(invoice("i1"))))
    for _ in range(2):
        for lane in await claim(db):
            await parts.bind(db, lane, lane.type, f"r-{lane.id}")
            lane.state = "bound"
            one = invoice("i1") if lane.key == I1 else payment(invoice("i1"))
            lane.agreed = Agreed(ours=state_of(one), theirs=state_of(one), **more)
            await lanes.save(db, lane)
    await db.execute("update inbox set state = 'done'")
    await db.execute("update lane set due_at = null, leased_until = '-infinity'")
    await connections.set_policy(db, "x1", {"paid_edits": "reapply"})
    await file(db, put(invoice("i1", job="Roof"), revision=2))
    (edited,) = await claim(db)
    return edited


async def again(db: Connection) -> Lane:
    """The document's lane, claimed once more."""
    await db.execute("update lane set leased_until = '-infinity' where key = $1", I1)
    return (await lanes.lease(db, [I1], LEASE))[0]


async def waiting(db: Connection) -> list[str]:
    found = await db.fetch("select lane from inbox where state = 'pending' order by lane")
    return [row["lane"] for row in found]


async def test_what_is_applied_to_it_is_taken_off_and_waited_for(db: Connection) -> None:
    edited = await paid(db)
    found = await reapply.wanted(db, edited, PAID)
    assert isinstance(found, NotReady)
    assert found.waits_for == (("payment", "y1"),)
    (off,) = await claim(db)
    assert off.key == Y1
    assert await reapply.taken_off(db, [off]) == {Y1: [("invoice", "i1")]}
    assert set(reapply.shares(off.agreed.theirs, [found.waits_for[0]])) == set()
    left = reapply.shares(off.agreed.theirs, [("invoice", "i1")])  # type: ignore[list-item]
    assert left == {"allocations.i1.amount": None, "allocations.i1.document_type": None}


async def test_when_it_is_over_the_put_is_written_again_and_not_taken_off_once_more(
    db: Connection,
) -> None:
    """Until a newer revision wants it, or a person has it tried again."""
    edited = await paid(db)
    assert await reapply.wanted(db, edited, PAID)
    await db.execute("update inbox set state = 'done' where lane = $1", Y1)
    await reapply.over(db, edited)
    assert await waiting(db) == [I1, Y1]
    assert await reapply.taken_off(db, [(await lanes.load(db, [Y1]))[Y1]]) == {}
    assert await reapply.wanted(db, edited, PAID) is None
    await file(db, put(invoice("i1", job="Wall"), revision=3))
    assert await reapply.wanted(db, await again(db), PAID)
    await reapply.over(db, edited)
    assert await reapply.wanted(db, await again(db), PAID) is None
    await reapply.forget(db, "x1", I1)
    assert await reapply.wanted(db, await again(db), PAID)


@pytest.mark.parametrize(
    "change",
    [
        "update connection set policy = '{}'",
        "update lane set hold = 'conflict' where type = 'payment'",
        "delete from inbox where kind = 'put' and state = 'done' and lane like '%payment%'",
        "update lane set state = 'gone' where type = 'payment'",
    ],
)
async def test_where_it_cannot_be_taken_off_it_stays_held(db: Connection, change: str) -> None:
    edited = await paid(db)
    await db.execute(change)
    assert await reapply.wanted(db, edited, PAID) is None
    assert await waiting(db) == [I1]


async def test_a_void_and_other_reasons_take_nothing_off(db: Connection) -> None:
    edited = await paid(db)
    assert await reapply.wanted(db, edited, Held("It is locked.", reason="period-locked")) is None
    await file(db, put(invoice("i1", status="void"), revision=3))
    assert await reapply.wanted(db, await again(db), PAID) is None
