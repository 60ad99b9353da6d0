"""When a connection that is not synced at once is due, and what is claimed of it until then."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.messages import SyncNow
from contracts.values import EntityType
from libs.connector import connections, triggers
from libs.connector.policy import Policy
from libs.connector.triggers import next_run
from libs.connector.zones import zone
from libs.service.database import Connection
from libs.testing.builders import contact
from tests.libs.connector.filed import claim, file, open_connection, put

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
DAILY = Policy(trigger="daily")


def test_live_has_no_runs() -> None:
    assert next_run(Policy(), "UTC", NOW) is None


def test_every_so_many_hours_from_now() -> None:
    four = Policy(trigger="hours", every_hours=4)
    assert next_run(four, "Pacific/Auckland", NOW) == NOW + timedelta(hours=4)


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("UTC", "2026-03-28T23:59:00+00:00"),
        ("Europe/London", "2026-03-28T23:59:00+00:00"),
        ("GMTSTANDARDTIME", "2026-03-28T23:59:00+00:00"),
        ("New Zealand Standard Time", "2026-03-29T10:59:00+00:00"),
        ("America/Los_Angeles", "2026-03-29T06:59:00+00:00"),
        ("Nowhere/Nothing", "2026-03-28T23:59:00+00:00"),
    ],
)
def test_the_end_of_the_day_is_the_companys(name: str, due: str) -> None:
    assert next_run(DAILY, name, NOW) == datetime.fromisoformat(due)


def test_the_day_the_clocks_change_ends_when_it_ends() -> None:
    """London goes to summer time on 29 March 2026: its day ends an hour earlier in UTC."""
    first = next_run(DAILY, "Europe/London", datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
    assert first == datetime(2026, 3, 29, 22, 59, tzinfo=UTC)
    assert first is not None
    assert next_run(DAILY, "Europe/London", first) == first + timedelta(days=1)


def test_a_run_whose_moment_has_passed_today_is_due_tomorrow() -> None:
    morning = Policy(trigger="daily", daily_at="06:30")
    assert next_run(morning, "UTC", NOW) == datetime(2026, 3, 29, 6, 30, tzinfo=UTC)
    assert next_run(morning, "UTC", NOW - timedelta(hours=6)) == datetime(
        2026, 3, 28, 6, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("AUSEASTERNSTANDARDTIME", "Australia/Sydney"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("UTC-11", "Etc/GMT+11"),
        ("", "UTC"),
        ("../etc/passwd", "UTC"),
    ],
)
def test_zones_by_the_names_vendors_give(name: str, known: str) -> None:
    assert str(zone(name)) == known


async def _timed(db: Connection) -> None:
    await connections.set_policy(db, "x1", {"trigger": "daily"})
    await triggers.set_trigger(db, "x1")


async def test_between_runs_nothing_is_claimed_but_what_is_urged(db: Connection) -> None:
    await _timed(db)
    await file(db, put(contact("c1")), put(contact("c2")))
    assert await claim(db) == []
    one = SyncNow(id="s1", tenant="t1", connection="x1", type=EntityType.CONTACT, entity="c2")
    await triggers.urge(db, one)
    assert [lane.id for lane in await claim(db)] == ["c2"]
    assert await claim(db) == []


async def test_a_run_takes_up_what_waits_and_what_was_dead_or_held(db: Connection) -> None:
    await _timed(db)
    await file(db, *(put(contact(entity)) for entity in ("c1", "c2", "c3", "c4")))
    await db.execute("update lane set dead = true, due_at = null where id = 'c2'")
    await db.execute("update inbox set state = 'dead' where lane = 'x1/contact/c2'")
    await db.execute("update lane set hold = 'unmapped', due_at = null where id = 'c3'")
    await db.execute("update lane set hold = 'conflict', due_at = null where id = 'c4'")
    await triggers.begin(db, "x1", ["sweep/contact"])
    assert sorted(lane.id for lane in await claim(db)) == ["c1", "c2", "c3"]


async def test_the_next_run_is_reckoned_when_the_trigger_is_set(db: Connection) -> None:
    await _timed(db)
    due = await db.fetchval("select runs_at from connection where id = 'x1'")
    assert (due.hour, due.minute) == (23, 59)
    await connections.set_policy(db, "x1", {"trigger": "live"})
    await triggers.set_trigger(db, "x1")
    assert await db.fetchval("select not timed and runs_at is null from connection")


async def test_a_connection_between_its_runs_does_not_stand_in_the_way(db: Connection) -> None:
    await open_connection(db, "x2", "t2")
    await _timed(db)
    await file(db, put(contact("c1")))
    await file(db, put(contact("c1"), tenant="t2"))
    await db.execute("update connection set served_at = now() where id = 'x2'")
    assert [lane.connection for lane in await claim(db)] == ["x2"]
