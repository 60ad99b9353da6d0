"""The worker: claims lanes, works on them in the order of the rules, gives every lease back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import structlog

from contracts.topics import lane_key
from libs.connector import connections, events, lanes, leases, rows
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
from libs.connector.kernel import Desk, Kernel, desk
from libs.connector.lanes import Lane, LeaseLost
from libs.connector.pull import Puller
from libs.connector.push import Pause, Planner, Work
from libs.connector.resolve import Resolver
from libs.connector.rows import Row, put_of
from libs.connector.send import Sender
from libs.messaging.backoff import delay
from libs.messaging.waiting import Wakeup
from libs.service.database import Connection, is_transient

MANY = 50
BUGS = 3
BASE, CAP = timedelta(seconds=1), timedelta(minutes=5)
RECHECK = timedelta(seconds=5)
RECONNECT = 10 * 365 * 86_400.0

log = structlog.get_logger()
Failures = dict[str, SyncError | timedelta]


@dataclass(slots=True)
class Turn:
    """One claim: lanes of one type of one connection, leased until `until`."""

    kernel: Kernel
    lanes: list[Lane]
    until: float
    failures: Failures = field(default_factory=dict)

    async def work(self) -> None:
        """Resolve open calls, then the notices, then the puts."""
        async with self.kernel.pool.acquire() as db:
            try:
                view = await desk(self.kernel, db, self.lanes[0].connection)
                waiting = await rows.pending(db, [lane.key for lane in self.lanes])
                sender = Sender(view, self.kernel.pool, self.failures, self.until)
                await self._resolve(db, view, sender)
                await self._pull(db, view, waiting)
                await self._push(db, view, sender, waiting)
            except SyncError as error:
                for lane in self.lanes:
                    self.failures.setdefault(lane.key, error)

    def _fine(self) -> list[Lane]:
        return [lane for lane in self.lanes if lane.key not in self.failures]

    async def _resolve(self, db: Connection, view: Desk, sender: Sender) -> None:
        opened = [lane for lane in self.lanes if lane.call]
        if opened:
            await Resolver(view, sender, self.failures).resolve(db, opened)
            for lane in opened:
                if lane.call:
                    self.failures.setdefault(lane.key, timedelta())

    async def _pull(self, db: Connection, view: Desk, waiting: Mapping[str, list[Row]]) -> None:
        noticed = [
            (lane, row)
            for lane in self._fine()
            for row in waiting[lane.key]
            if row.kind == "notice"
        ]
        await Puller(view, self.failures).pull(db, noticed)

    async def _push(
        self, db: Connection, view: Desk, sender: Sender, waiting: Mapping[str, list[Row]]
    ) -> None:
        works = []
        for lane in self._fine():
            puts = [row for row in waiting[lane.key] if row.kind != "notice"]
            if puts:
                event = puts[-1].event()
                works.append(Work(lane, puts[-1], event, put_of(event, lane.connection)))
        planned = await Planner(view, self.failures).plan(db, works)
        await sender.send(planned)


async def run(kernel: Kernel, wakeup: Wakeup) -> None:
    """Work until cancelled; wakes at once when something is filed, and every second."""
    while True:
        try:
            if not await turn(kernel):
                await wakeup.wait()
        except Exception as error:
            if not is_transient(error):
                log.exception("worker.failed")
            await asyncio.sleep(1.0)


async def turn(kernel: Kernel) -> bool:
    """One claim; False where nothing is due."""
    until = monotonic() + kernel.lease.total_seconds()
    async with kernel.pool.acquire() as db:
        claimed = await lanes.claim(db, kernel.lease, MANY)
    if not claimed:
        return False
    claim = Turn(kernel, claimed, until)
    with kernel.sessions.figures.turns.time():
        await _attempt(claim)
    async with kernel.pool.acquire() as db:
        for lane in claimed:
            await finish(kernel, db, lane, claim.failures.get(lane.key))
    return True


async def _attempt(claim: Turn) -> None:
    """Anything that is no error of the tree is our bug: tried three times, one lane at a time."""
    try:
        await claim.work()
    except LeaseLost:
        log.info("lease.lost", lanes=len(claim.lanes))
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("turn.failed", lanes=[lane.key for lane in claim.lanes][:5])
        for lane in claim.lanes:
            claim.failures.setdefault(lane.key, _bug(lane, error, alone=len(claim.lanes) == 1))


def _bug(lane: Lane, error: Exception, *, alone: bool) -> SyncError | timedelta:
    lane.alone = True
    if lane.attempts < BUGS or not alone:
        return delay(lane.attempts, base=BASE, cap=CAP, jitter_seed=lane.key)
    return Rejected(
        f"{lane.type} {lane.id} could not be worked on: a fault of ours ({type(error).__name__}).",
        reason="bug",
        action="Report it with the record's id; ledgerbridge retry takes it up again.",
    )


async def finish(
    kernel: Kernel, db: Connection, lane: Lane, why: SyncError | timedelta | None
) -> None:
    """Give the lane back as its end asks for."""
    try:
        async with db.transaction():
            await lanes.fence(db, lane)
            await _end(kernel, db, lane, why)
    except LeaseLost:
        log.info("lease.lost", lane=lane.key)


async def _end(
    kernel: Kernel, db: Connection, lane: Lane, why: SyncError | timedelta | None
) -> None:
    if why is None:
        if lane.hold:
            await leases.unhold(db, lane)
        await leases.release(db, lane)
        return
    if isinstance(why, timedelta):
        await _keep(db, lane)
        await leases.release(db, lane, why)
        return
    kernel.sessions.figures.failed.labels(why.reason).inc()
    log.info("lane.failed", lane=lane.key, reason=why.reason, sentence=why.sentence)
    await _end_error(kernel, db, lane, why)


async def _end_error(kernel: Kernel, db: Connection, lane: Lane, why: SyncError) -> None:
    if isinstance(why, Pause | RateLimited):
        await _keep(db, lane)
        if isinstance(why, RateLimited):
            await connections.hold(db, lane.connection, why.after.total_seconds(), why.reason)
        await leases.release(db, lane, why.after)
    elif isinstance(why, Disconnected):
        await _keep(db, lane)
        await connections.hold(db, lane.connection, RECONNECT, why.reason)
        kernel.sessions.credentials.forget(lane.connection)
        await leases.release(db, lane, timedelta())
    elif isinstance(why, NotReady):
        await _wait(kernel, db, lane, why)
    elif isinstance(why, Held):
        await _hold(kernel, db, lane, why)
    elif isinstance(why, Rejected):
        await _bury(kernel, db, lane, why)
    else:
        await _again(db, lane, why)


async def _again(db: Connection, lane: Lane, why: SyncError) -> None:
    await _keep(db, lane)
    wait = delay(lane.attempts, base=BASE, cap=CAP, jitter_seed=lane.key)
    if isinstance(why, Conflict | Uncertain):
        wait = min(wait, BASE)
    await leases.release(db, lane, wait)


async def _wait(kernel: Kernel, db: Connection, lane: Lane, why: NotReady) -> None:
    """It is woken when what it refers to has its record; its reason is that record's reason."""
    needs = [lane_key(lane.connection, kind, entity) for kind, entity in why.waits_for]
    await _keep(db, lane)
    await leases.wait_for(db, lane, needs)
    stuck = await db.fetchrow(
        """
        select type, id, hold_sentence, hold_action from lane
        where key = any($1) and (hold <> '' or dead) order by key limit 1
        """,
        needs,
    )
    if stuck:
        sentence = f"It waits for {stuck['type']} {stuck['id']}: {stuck['hold_sentence']}"
        await _hold(kernel, db, lane, Held(sentence, reason="waits", action=stuck["hold_action"]))
        return
    await leases.release(db, lane, RECHECK if needs else timedelta())


async def _hold(kernel: Kernel, db: Connection, lane: Lane, why: SyncError) -> None:
    if not await leases.is_held(db, lane, why.reason, why.sentence):
        await _tell(kernel, db, lane, why, dead=False)
    await _keep(db, lane)
    await leases.hold(db, lane, why.reason, why.sentence, why.action)


async def _bury(kernel: Kernel, db: Connection, lane: Lane, why: SyncError) -> None:
    """Dead until a newer put or a retry; it never blocks its lane."""
    waiting = (await rows.pending(db, [lane.key]))[lane.key]
    lane.dead = True
    await _tell(kernel, db, lane, why, dead=True)
    await _keep(db, lane)
    await rows.done(db, [row.seq for row in waiting], "dead")
    await leases.bury(db, lane, why.sentence, why.action)


async def _tell(kernel: Kernel, db: Connection, lane: Lane, why: SyncError, *, dead: bool) -> None:
    teller = (await desk(kernel, db, lane.connection)).teller
    (teller.rejected if dead else teller.held)(lane, why)


async def _keep(db: Connection, lane: Lane) -> None:
    await lanes.save(db, lane)
    await events.journal(db, lane)
