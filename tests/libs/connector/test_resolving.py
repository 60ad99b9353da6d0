"""A bulk call of unknown outcome: each of its lanes finds out alone what became of its own."""

from dataclasses import replace

import pytest

from contracts.values import EntityType
from libs.connector.interface import Record
from libs.connector.resolve import Resolver
from libs.service.database import Connection, Pool
from tests.libs.connector.answered import NAMES, Sent, bulk, is_settled


@pytest.fixture
async def lost(db: Connection, pool: Pool) -> Sent:
    """Its answer was lost long ago; whoever sent it is gone."""
    sent = await bulk(db, pool)
    await db.execute("update call set left_at = now() - interval '1 hour'")
    return sent


async def test_what_is_found_is_adopted_and_the_rest_repeated_alone(
    db: Connection, lost: Sent
) -> None:
    """One of the three was stored. The others are sent again, each by a call of its own with a
    key of its own: the bulk call's would answer for all three."""
    first, *others = lost.jobs
    found = Record(EntityType.CONTACT, "r-c1", {"id": "c1"})
    lost.ledger.there = [replace(found, marker=first.lane.marker)]
    answers = lost.ledger.found[1:]
    for job, answer in zip(others, answers, strict=True):
        lost.ledger.found = [answer]
        await _resolve(db, lost, job.lane.key)
    await _resolve(db, lost, first.lane.key)
    assert [await is_settled(db, name) for name in NAMES] == [True] * 3
    assert [request.body for request, _ in lost.ledger.sent] == [b"c2", b"c3"]
    assert len({lost.call.key, *(key for _, key in lost.ledger.sent)}) == 3
    states = await db.fetch("select lanes, state from call order by lanes, state")
    assert [tuple(row) for row in states] == [(1, "closed")] * 3 + [(3, "dissolved")]


async def test_nothing_is_looked_for_before_a_late_commit_would_have_happened(
    db: Connection, lost: Sent
) -> None:
    await db.execute("update call set left_at = now()")
    await _resolve(db, lost, "x1/contact/c1")
    assert lost.ledger.sent == []
    assert "x1/contact/c1" in lost.failures


async def _resolve(db: Connection, lost: Sent, key: str) -> None:
    courier = await lost.courier(db)
    [lane] = [job.lane for job in lost.jobs if job.lane.key == key]
    await Resolver(courier.desk, courier, lost.failures).resolve(db, [lane])
