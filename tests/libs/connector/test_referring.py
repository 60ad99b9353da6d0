"""A record that is gone because it was merged there: what named it is read again."""

from dataclasses import replace

import pytest

from contracts.entities import Entity
from contracts.values import EntityType
from libs.connector import lanes, leases, parts, referring
from libs.connector.flat import State
from libs.connector.lane import Lane
from libs.connector.states import state_of
from libs.service.database import Connection
from libs.testing.builders import contact, invoice, item, line, payment
from tests.libs.connector.filed import claim, file, put


async def bound(db: Connection, entity: Entity, theirs: State | None = None) -> Lane:
    """A lane of ours whose record is `there-<id>`."""
    await file(db, put(entity))
    (lane,) = await claim(db)
    async with lanes.change(db, lane):
        await parts.bind(db, lane, entity.type, f"there-{entity.id}")
        lane.state = "bound"
        state = state_of(entity)
        agreed = replace(lane.agreed, ours=state, theirs=state if theirs is None else theirs)
        lane.agreed = agreed
        await lanes.save(db, lane)
    await db.execute("update inbox set state = 'done'")
    await leases.release_all(db, [lane])
    return lane


async def hinted(db: Connection) -> set[str]:
    rows = await db.fetch("select record from inbox where kind = 'notice' and state = 'pending'")
    return {row["record"] for row in rows}


async def test_what_named_a_contact_that_is_gone_is_read_again(db: Connection) -> None:
    gone = await bound(db, contact("c1"))
    one, other = invoice("i1"), invoice("i2", customer="c2")
    await bound(db, one)
    await bound(db, other)
    await bound(db, payment(one, id="y1"))
    await bound(db, contact("c3", parent="c1"))
    await bound(db, contact("c4", name="c1"))
    await referring.hint(db, gone)
    assert await hinted(db) == {"there-i1", "there-y1", "there-c3"}


async def test_the_ledgers_word_counts_and_not_the_products(db: Connection) -> None:
    gone = await bound(db, contact("c1"))
    moved = invoice("i1")
    await bound(db, moved, theirs=state_of(moved.model_copy(update={"customer": "c2"})))
    await referring.hint(db, gone)
    assert await hinted(db) == set()


@pytest.mark.parametrize(("named", "expected"), [("p1", {"there-i1"}), ("p2", set())])
async def test_lines_name_items(db: Connection, named: str, expected: set[str]) -> None:
    gone = await bound(db, item("p1"))
    await bound(db, invoice("i1", (line("l1"), line("l2.3", item=named))))
    await referring.hint(db, gone)
    assert await hinted(db) == expected
    assert gone.type is EntityType.ITEM
