"""References are collected, looked up at once, and the translation runs again."""

import pytest

from contracts.values import EntityType
from libs.connector import lanes, parts
from libs.connector.errors import Held, NotReady
from libs.connector.ids import LaneIds, settled
from libs.connector.states import local_id
from libs.service.database import Connection
from libs.testing.builders import contact, item
from tests.libs.connector.filed import claim, file, put

CONTACT, ITEM = EntityType.CONTACT, EntityType.ITEM


@pytest.fixture
async def bound(db: Connection) -> Connection:
    """c1 is record r1, numbered N1; i1 is the item r1; c2 waits."""
    await file(db, put(contact("c1")), put(contact("c2")), put(item("i1")))
    for _ in range(2):
        for lane in await claim(db):
            if lane.id != "c2":
                await parts.bind(db, lane, lane.type, "r1")
                lane.state, lane.ledger_number = "bound", f"N-{lane.type}"
                await lanes.save(db, lane)
    return db


async def test_all_references_of_a_translation_are_known_after_one_look(
    bound: Connection,
) -> None:
    ids, runs = LaneIds("x1"), 0

    def translate() -> tuple[str, str, str, str | None]:
        nonlocal runs
        runs += 1
        return (
            ids.external(CONTACT, "c1"),
            ids.number(ITEM, "i1"),
            ids.local(CONTACT, "r1"),
            ids.numbered(ITEM, "N-item"),
        )

    assert await settled(bound, ids, translate) == ("r1", "N-item", "c1", "i1")
    assert runs == 2


async def test_what_has_no_record_is_waited_for(bound: Connection) -> None:
    ids = LaneIds("x1")
    with pytest.raises(NotReady) as waits:
        await settled(bound, ids, lambda: ids.external(CONTACT, "c2"))
    assert waits.value.waits_for == ((CONTACT, "c2"),)
    with pytest.raises(NotReady):
        await settled(bound, ids, lambda: ids.external(CONTACT, "c9"))


async def test_what_is_gone_is_no_reference(bound: Connection) -> None:
    await bound.execute("update lane set state = 'gone' where id = 'c1'")
    ids = LaneIds("x1")
    with pytest.raises(NotReady):
        await settled(bound, ids, lambda: ids.external(CONTACT, "c1"))


async def test_an_error_before_the_look_is_no_error(bound: Connection) -> None:
    """A translation that trips over a placeholder runs again with the real id."""
    ids = LaneIds("x1")

    def translate() -> str:
        if (found := ids.external(CONTACT, "c1")) != "r1":
            raise Held(f"{found} is no id.")
        return found

    assert await settled(bound, ids, translate) == "r1"


async def test_a_record_nobody_knows_gets_the_id_it_will_be_bound_to(bound: Connection) -> None:
    ids = LaneIds("x1")
    found = await settled(bound, ids, lambda: ids.local(CONTACT, "r9"))
    assert found == local_id("x1", CONTACT, "r9")
    assert ids.unseen() == {CONTACT: {"r9"}}
    assert ids.unseen() == {}


async def test_ids_of_other_types_and_connections_are_not_taken(bound: Connection) -> None:
    ids = LaneIds("x1")
    assert await settled(bound, ids, lambda: ids.local(EntityType.INVOICE, "r1")) != "c1"
    other = LaneIds("x2")
    assert await settled(bound, other, lambda: other.local(CONTACT, "r1")) != "c1"
    assert await settled(bound, ids, lambda: ids.numbered(CONTACT, "N-item")) is None
