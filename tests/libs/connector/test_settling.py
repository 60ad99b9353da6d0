"""The answers of a bulk call are settled together; what is wrong with one keeps no other."""

import pytest

from libs.connector.errors import Held, Rejected
from libs.service.database import Connection, Pool
from libs.testing.builders import contact
from tests.libs.connector.answered import NAMES, Sent, bulk, is_settled
from tests.libs.connector.filed import file, lane, put


@pytest.fixture
async def sent(db: Connection, pool: Pool) -> Sent:
    """A call under way."""
    return await bulk(db, pool)


async def test_all_of_a_call_is_settled_at_once(db: Connection, sent: Sent) -> None:
    await sent.deliver(db)
    assert [await is_settled(db, name) for name in NAMES] == [True] * 3
    assert sent.failures == {}
    assert await db.fetchval("select count(distinct at) from journal") == 1
    assert await db.fetchval("select state from call") == "closed"


async def test_a_record_of_another_lane_keeps_only_its_own(db: Connection, sent: Sent) -> None:
    await file(db, put(contact("c9")))
    await db.execute("insert into part values ('x1', 'contact', 'r-c2', 'x1/contact/c9')")
    await sent.deliver(db)
    assert [await is_settled(db, name) for name in NAMES] == [True, False, True]
    assert isinstance(sent.failures["x1/contact/c2"], Held)
    assert (await lane(db, "x1/contact/c2"))["call"] == sent.call.id
    assert await db.fetchval("select state from call") == "open"


async def test_two_with_one_record_do_not_keep_the_third(db: Connection, sent: Sent) -> None:
    sent.ledger.found[1] = sent.ledger.found[0]
    await sent.deliver(db)
    assert await is_settled(db, "c1")
    assert await is_settled(db, "c3")
    assert isinstance(sent.failures["x1/contact/c2"], Held)


async def test_a_lane_that_is_lost_keeps_only_its_own(db: Connection, sent: Sent) -> None:
    """What its answer named is remembered all the same."""
    await db.execute("update lane set token = token + 1 where key = 'x1/contact/c2'")
    await sent.deliver(db)
    assert [await is_settled(db, name) for name in NAMES] == [True, False, True]
    known = await db.fetchval("select known from intent where lane = 'x1/contact/c2'")
    assert known == "r-c2"


async def test_an_unreadable_record_is_bound_and_read_again(db: Connection, sent: Sent) -> None:
    sent.ledger.unreadable = "r-c2"
    await sent.deliver(db)
    assert [await is_settled(db, name) for name in NAMES] == [True] * 3
    hinted = await db.fetch("select lane from inbox where kind = 'notice' and state = 'pending'")
    assert [row["lane"] for row in hinted] == ["x1/contact/c2"]


async def test_one_that_is_refused_keeps_only_its_own(db: Connection, sent: Sent) -> None:
    sent.ledger.found[1] = Rejected("No.", reason="refused")
    await sent.deliver(db)
    assert [await is_settled(db, name) for name in NAMES] == [True, False, True]
    assert (await lane(db, "x1/contact/c2"))["call"] is None
    assert list(sent.failures) == ["x1/contact/c2"]
