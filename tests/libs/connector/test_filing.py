"""Events of the product become rows of lanes, whatever else lies in the batch."""

from datetime import timedelta
from typing import Any, cast

import pytest

from contracts.messages import EntityDeleted, Included
from contracts.provider import provider
from contracts.values import EntityType
from libs.connector import leases
from libs.connector.intake import Intake
from libs.connector.kernel import Kernel
from libs.messaging.topics import Names
from libs.service.database import Connection, Pool
from libs.testing.builders import contact, invoice, payment
from tests.libs.connector.filed import (
    LATER,
    START,
    claim,
    file,
    lane,
    open_connection,
    pending,
    put,
    sent,
)

C1, I1 = "x1/contact/c1", "x1/invoice/i1"
OLD = START - timedelta(days=400)


@pytest.fixture
def intake(pool: Pool) -> Intake:
    """Only what filing needs of a connector."""
    none = cast("Any", None)
    moment = timedelta(seconds=1)
    return Intake(Kernel(provider("xero"), none, pool, none, moment, moment), Names(""))


async def test_the_newest_revision_wins_within_a_batch_and_later(db: Connection) -> None:
    await file(db, put(revision=2), put(revision=3), put(revision=1))
    assert await pending(db) == [(C1, 3)]
    for late in (2, 1, 3):
        await file(db, put(revision=late))
        assert await pending(db) == [(C1, 3)]
        assert (await lane(db, C1))["revision"] == 3
    assert await db.fetchval("select count(*) from inbox") == 1


async def test_a_newer_put_supersedes_the_one_that_waits(db: Connection) -> None:
    await file(db, put(revision=1))
    await file(db, put(revision=2))
    assert await pending(db) == [(C1, 2)]
    states = await db.fetch("select state from inbox order by seq")
    assert [row["state"] for row in states] == ["superseded", "pending"]


async def test_what_is_included_is_filed_into_a_lane_of_its_own_first(db: Connection) -> None:
    included = Included(revision=7, made_at=LATER, entity=contact("c1"))
    await file(db, put(invoice("i1"), included=(included,)))
    assert await pending(db) == [(C1, 7), (I1, 1)]


async def test_an_older_snapshot_does_not_undo_a_put(db: Connection) -> None:
    await file(db, put(contact("c1", name="Newer"), revision=8))
    included = Included(revision=7, made_at=LATER, entity=contact("c1"))
    await file(db, put(invoice("i1"), included=(included,)))
    assert await pending(db) == [(C1, 8), (I1, 1)]


async def test_an_unknown_tenant_is_skipped_without_parsing(db: Connection) -> None:
    burials = await file(db, sent(put(), value=b"\xff not JSON", tenant="t9"))
    assert burials == []
    assert await pending(db) == []


async def test_one_bad_record_is_buried_and_the_rest_is_filed(
    db: Connection, intake: Intake
) -> None:
    good = [sent(put(contact(f"c{n}"))) for n in range(500)]
    name = b"Harbour Joinery c250"
    nul = sent(put(), value=(good[250].value or b"").replace(name, b"a\\u0000b"))
    assert nul.value != good[250].value
    await intake.file(db, [*good[:250], nul, *good[250:]])
    assert len(await pending(db)) == 500
    letters = await db.fetch("select value from journal where topic like '%dead-letters%'")
    assert len(letters) == 1
    assert b"U+0000" in letters[0]["value"]


async def test_what_postgresql_refuses_is_halved_down_to_the_record(
    db: Connection, intake: Intake
) -> None:
    """The contract refuses control characters before; anything else may be refused here."""
    await db.execute("alter table lane add constraint refused check (id <> 'c250')")
    try:
        await intake.file(db, [sent(put(contact(f"c{n}"))) for n in range(500)])
    finally:
        await db.execute("alter table lane drop constraint refused")
    assert len(await pending(db)) == 499
    letters = await db.fetch("select value from journal where topic like '%dead-letters%'")
    assert len(letters) == 1
    assert b"23514" in letters[0]["value"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [(b"\xff\xfe", "invalid"), (b"{}", "invalid"), (b"", "invalid"), (b"[]", "invalid")],
)
async def test_a_body_that_cannot_be_read(db: Connection, value: bytes, reason: str) -> None:
    burials = await file(db, sent(put(), value=value), put(contact("c2")))
    assert [burial.reason for burial in burials] == [reason]
    assert burials[0].sentence
    assert await pending(db) == [("x1/contact/c2", 1)]


async def test_headers_and_body_must_name_the_same_tenant(db: Connection) -> None:
    await open_connection(db, "x2", "t2")
    burials = await file(db, sent(put(), tenant="t2"))
    assert [burial.reason for burial in burials] == ["tenant"]
    assert await pending(db) == []


async def test_every_connection_of_the_tenant_gets_its_own_lane(db: Connection) -> None:
    await open_connection(db, "x2")
    await open_connection(db, "x3", state="closed")
    await file(db, put())
    assert await pending(db) == [(C1, 1), ("x2/contact/c1", 1)]


async def test_the_log_is_read_again_for_one_connection_alone(db: Connection) -> None:
    await open_connection(db, "x2")
    await file(db, put(), only=["x2"])
    assert await pending(db) == [("x2/contact/c1", 1)]


async def test_a_delete_is_a_put_of_nothing(db: Connection) -> None:
    await file(db, put(revision=1))
    gone = EntityDeleted(tenant="t1", type=EntityType.CONTACT, id="c1", revision=2)
    await file(db, sent(gone))
    assert await pending(db) == [(C1, 2)]


async def test_a_newer_put_revives_a_dead_lane_and_ends_a_hold(db: Connection) -> None:
    await file(db, put(revision=1))
    await db.execute("update lane set dead = true, hold = 'unmapped', due_at = null")
    await file(db, put(revision=2))
    now = await lane(db, C1)
    assert (now["dead"], now["hold"]) == (False, "")
    assert [claimed.key for claimed in await claim(db)] == [C1]


async def test_a_newer_put_does_not_end_an_uncertain_hold(db: Connection) -> None:
    await file(db, put(revision=1))
    await db.execute("update lane set hold = 'uncertain', due_at = null")
    await file(db, put(revision=2))
    assert (await lane(db, C1))["hold"] == "uncertain"
    assert await claim(db) == []


# What is sent only when something refers to it


async def test_a_contact_older_than_the_connection_is_dormant(db: Connection) -> None:
    await file(db, put(made_at=OLD), put(contact("c2"), made_at=LATER))
    assert [claimed.key for claimed in await claim(db)] == ["x1/contact/c2"]
    await file(db, put(made_at=OLD, revision=2))
    assert await claim(db) == []


async def test_a_dormant_contact_is_sent_when_something_refers_to_it(db: Connection) -> None:
    await file(db, put(made_at=OLD))
    await leases.rouse(db, [C1])
    assert [claimed.key for claimed in await claim(db)] == [C1]


async def test_a_contact_that_is_waited_for_is_not_dormant(db: Connection) -> None:
    await file(db, put(payment(invoice("i1")), made_at=LATER))
    (waiting,) = await claim(db)
    async with db.transaction():
        await leases.wait_for(db, waiting, [C1])
    await file(db, put(made_at=OLD))
    assert [claimed.key for claimed in await claim(db)] == [C1]


# After a restore


async def restoring(db: Connection) -> None:
    await db.execute("update connection set restoring = true")


async def test_what_the_log_names_after_a_restore_is_in_doubt(db: Connection) -> None:
    await restoring(db)
    await file(db, put(), reread=True)
    assert (await lane(db, C1))["doubt"]


@pytest.mark.parametrize("live", [1, 2])
async def test_it_is_in_doubt_even_if_the_live_subscriber_was_first(
    db: Connection, live: int
) -> None:
    await restoring(db)
    await file(db, put(revision=live))
    await file(db, put(revision=1), reread=True)
    assert (await lane(db, C1))["doubt"]


async def test_a_lane_with_its_record_is_in_no_doubt(db: Connection) -> None:
    await restoring(db)
    await file(db, put())
    await db.execute("update lane set state = 'bound'")
    await file(db, put(revision=2), reread=True)
    assert not (await lane(db, C1))["doubt"]


async def test_a_reading_without_a_restore_puts_nothing_in_doubt(db: Connection) -> None:
    await file(db, put(), reread=True)
    assert not (await lane(db, C1))["doubt"]


async def test_the_put_settled_last_is_kept_for_the_merge(db: Connection) -> None:
    await restoring(db)
    await file(db, put(revision=1))
    await db.execute("""update lane set state = 'bound', doubt = true, agreed = '{"settled": 1}'""")
    await db.execute("delete from inbox")
    await file(db, put(revision=1), put(revision=2), reread=True)
    assert await pending(db) == [(C1, 2)]
    kept = await db.fetch("select revision from inbox where state = 'superseded'")
    assert [row["revision"] for row in kept] == [1]
