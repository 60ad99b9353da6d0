"""The end of a claim: every lane is given back as its outcome asks for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from contracts.topics import lane_key
from libs.connector import connections, events, lanes, leases, reapply, rows
from libs.connector.elsewhere import StillElsewhere
from libs.connector.errors import (
    Conflict,
    Disconnected,
    Held,
    NotReady,
    RateLimited,
    Rejected,
    SyncError,
    Uncertain,
)
from libs.connector.kernel import Kernel, desk
from libs.connector.lane import Lane, LeaseLost
from libs.connector.work import Pause
from libs.messaging.backoff import delay
from libs.service.database import Connection

BASE, CAP = timedelta(seconds=1), timedelta(minutes=5)
RECHECK = timedelta(seconds=5)
STUCK = timedelta(seconds=30)
RECONNECT = 10 * 365 * 86_400.0

log = structlog.get_logger()


async def finish(
    kernel: Kernel, db: Connection, lane: Lane, why: SyncError | timedelta | None, *, bug: str = ""
) -> None:
    """Give the lane back. `bug`: what it holds is not to be trusted and not to be saved."""
    try:
        if bug and isinstance(why, timedelta):
            await db.execute("update lane set alone = true where key = $1", lane.key)
            await leases.release(db, lane, why)
        elif bug:
            stored = (await lanes.load(db, [lane.key])).get(lane.key, lane)
            await _end(kernel, db, replace(stored, token=lane.token), why)
        else:
            await _end(kernel, db, lane, why)
    except LeaseLost:
        log.info("lease.lost", lane=lane.key)


async def _end(
    kernel: Kernel, db: Connection, lane: Lane, why: SyncError | timedelta | None
) -> None:
    if why is None:
        async with lanes.change(db, lane):
            if lane.hold:
                await leases.unhold(db, lane)
            await leases.release(db, lane)
        return
    if isinstance(why, timedelta):
        async with lanes.change(db, lane):
            await _keep(db, lane)
            await leases.release(db, lane, why, spent=False)
        return
    kernel.sessions.figures.failed.labels(why.reason).inc()
    if not isinstance(why, RateLimited | Pause):
        log.info("lane.failed", lane=lane.key, reason=why.reason, sentence=why.sentence)
    async with lanes.change(db, lane):
        why = await reapply.wanted(db, lane, why) or why
        await _end_error(kernel, db, lane, why)
    if isinstance(why, NotReady):
        await leases.rouse(db, _needs(lane, why))
        await leases.urge_too(db, lane, _needs(lane, why))


async def _end_error(kernel: Kernel, db: Connection, lane: Lane, why: SyncError) -> None:
    if isinstance(why, Pause):
        await _keep(db, lane)
        await leases.release(db, lane, why.after, spent=False)
    elif isinstance(why, RateLimited):
        await _keep(db, lane)
        await connections.hold(db, lane.connection, why.after.total_seconds(), why.reason)
        await leases.release(db, lane, why.after, spent=False)
    elif isinstance(why, Disconnected):
        await _keep(db, lane)
        await connections.hold(db, lane.connection, RECONNECT, why.reason)
        kernel.sessions.credentials.forget(lane.connection)
        await leases.release(db, lane, timedelta(), spent=False)
    elif isinstance(why, NotReady):
        await _wait(kernel, db, lane, why)
    elif isinstance(why, Held):
        await _hold(kernel, db, lane, why)
    elif isinstance(why, Rejected):
        await _bury(kernel, db, lane, why)
    else:
        await _again(db, lane, why)


async def _again(db: Connection, lane: Lane, why: SyncError) -> None:
    wait = delay(lane.attempts, base=BASE, cap=CAP, jitter_seed=lane.key)
    if isinstance(why, Conflict):
        # The version is not that of what we know: it is read before the next write.
        lane.version = ""
    await _keep(db, lane)
    await leases.release(db, lane, min(wait, BASE) if isinstance(why, Uncertain) else wait)


def _needs(lane: Lane, why: NotReady) -> list[str]:
    if isinstance(why, StillElsewhere):
        return list(why.lanes)
    return [lane_key(lane.connection, kind, entity) for kind, entity in why.waits_for]


async def _wait(kernel: Kernel, db: Connection, lane: Lane, why: NotReady) -> None:
    """It is woken when what it refers to has its record; its reason is that record's reason.

    What has been removed elsewhere in the meantime is what was waited for, and no reason.
    """
    needs = _needs(lane, why)
    await _keep(db, lane)
    again = await leases.waits_for(db, lane, needs)
    await leases.wait_for(db, lane, needs)
    stuck = await db.fetchrow(
        """
        select type, id, hold_action as action,
            case when state = 'gone' then 'it was deleted in the ledger'
                when state = 'void' then 'it is void or archived in the ledger'
                else hold_sentence end as reason
        from lane where key = any($1) and (hold not in ('', 'waits') or dead or skipped
            or state in ('gone', 'void'))
            and (not $2 or state = 'bound' or call is not null) order by key limit 1
        """,
        needs,
        isinstance(why, StillElsewhere),
    )
    if stuck is None and not needs:
        await leases.release(db, lane, timedelta(), spent=False)
        return
    if stuck is None:
        # What was waited for may have come just now: whoever looks a second time knows.
        await _not_as_such(kernel, db, lane, needs if again else ())
        return
    sentence = f"It waits for {stuck['type']} {stuck['id']}: {stuck['reason']}"
    await _hold(kernel, db, lane, Held(sentence, reason="waits", action=stuck["action"]))
    await leases.look_again(db, lane, STUCK)


async def _not_as_such(kernel: Kernel, db: Connection, lane: Lane, needs: Sequence[str]) -> None:
    """Who is there, and not as what is asked for, will not come by himself: a customer, of whom
    something is bought."""
    row = await db.fetchrow(
        """
        select type, id from lane l where key = any($1) and type = 'contact' and state = 'bound'
          and call is null and leased_until <= now() and attempts = 0
          and not exists (select from inbox i where i.lane = l.key and i.state = 'pending')
        order by key limit 1
        """,
        needs,
    )
    if row is None:
        await leases.release(db, lane, RECHECK, spent=False)
        return
    sentence = (
        f"It waits for contact {row['id']}, who is in the ledger, but not as what is asked for "
        "here: a supplier for what is bought, a customer for what is sold."
    )
    action = f"Make contact {row['id']} that, too, in the product; this then goes by itself."
    await _hold(kernel, db, lane, Held(sentence, reason="waits", action=action))
    await leases.look_again(db, lane, STUCK)


async def _hold(kernel: Kernel, db: Connection, lane: Lane, why: SyncError) -> None:
    if why.reason != NotReady.reason:
        await reapply.over(db, lane)
    if not await leases.is_held(db, lane, why.reason, why.sentence):
        await _tell(kernel, db, lane, why, dead=False)
    await _keep(db, lane)
    since = _claimed_at(kernel, lane)
    await leases.hold(db, lane, why.reason, why.sentence, why.action, since)


async def _bury(kernel: Kernel, db: Connection, lane: Lane, why: SyncError) -> None:
    """Dead until a newer put or a retry; it never blocks its lane."""
    lane.dead = True
    await reapply.over(db, lane)
    await _tell(kernel, db, lane, why, dead=True)
    await _keep(db, lane)
    await rows.bury(db, lane.key, lane.revision, _claimed_at(kernel, lane))
    await leases.bury(db, lane, why.sentence, why.action)


def _claimed_at(kernel: Kernel, lane: Lane) -> datetime:
    """What came after this has not been worked on yet."""
    return lane.leased_until - kernel.lease


async def _tell(kernel: Kernel, db: Connection, lane: Lane, why: SyncError, *, dead: bool) -> None:
    teller = (await desk(kernel, db, lane.connection)).teller
    (teller.rejected if dead else teller.held)(lane, why)


async def _keep(db: Connection, lane: Lane) -> None:
    await lanes.save(db, lane)
    await events.journal(db, lane)
