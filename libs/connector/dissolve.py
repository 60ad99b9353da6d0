"""Dissolving: each lane of a bulk call of unknown outcome gets an open call of its own."""

from functools import partial

from libs.connector import calls, lanes
from libs.connector.calls import Call
from libs.connector.deliver import Job
from libs.connector.errors import SyncError
from libs.connector.ids import settled
from libs.connector.interface import Request
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.settle import Meant
from libs.connector.states import entity_of
from libs.connector.work import write_of
from libs.service.database import Connection


async def dissolve(db: Connection, desk: Desk, lane: Lane, call: Call) -> Call:
    """Dissolve the call for all its lanes; the new one of `lane`. Call in a transaction that has
    locked the call."""
    intents = {intent.lane: intent for intent in await calls.intents(db, call.id)}
    rows = await db.fetch("select key from lane where call = $1 order by key", call.id)
    waiting = await lanes.load(db, [row["key"] for row in rows])
    requests = {
        key: await _alone(db, desk, job_of(other, Meant.load(intents[key])))
        for key, other in waiting.items()
    }
    await calls.dissolve(db, call, requests)
    lane.call = await db.fetchval("select call from lane where key = $1", lane.key)
    assert lane.call
    return await calls.load(db, lane.call)


def job_of(lane: Lane, meant: Meant) -> Job:
    """A lane's share of a call, from what was kept of it."""
    wanted = meant.merged or lane.agreed.ours or lane.agreed.theirs
    entity = entity_of(wanted, lane.type, lane.id, meant.totals)
    return Job(lane, meant, write_of(lane, meant.verb, entity, meant.delta))


async def _alone(db: Connection, desk: Desk, job: Job) -> Request:
    """The call of one lane; what can no longer be described is never sent again."""
    ask = partial(desk.kernel.connector.request, [job.write], desk.context)
    try:
        return await settled(db, desk.ids, ask)
    except SyncError:
        return Request("", "")
