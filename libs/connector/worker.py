"""The worker: claims lanes, works on them in the order of the rules, gives every lease back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import asyncpg
import structlog

from libs.connector import connections, differing, lanes, leases, rows
from libs.connector.connections import Account
from libs.connector.deliver import Courier
from libs.connector.errors import Rejected, SyncError
from libs.connector.finish import BASE, CAP, finish
from libs.connector.kernel import Desk, Kernel, desk
from libs.connector.lane import Lane, LeaseLost
from libs.connector.pull import Puller
from libs.connector.push import Planner
from libs.connector.resolve import Resolver
from libs.connector.rows import Row, put_of
from libs.connector.send import Sender
from libs.connector.work import Work
from libs.messaging.backoff import delay
from libs.messaging.waiting import Wakeup
from libs.service.database import Connection, is_transient

MANY = 50
BUGS = 3
AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)

log = structlog.get_logger()
Failures = dict[str, SyncError | timedelta]


@dataclass(slots=True)
class Turn:
    """One claim: lanes of one type of one connection, leased until `until`."""

    kernel: Kernel
    lanes: list[Lane]
    until: float
    failures: Failures = field(default_factory=dict)
    account: Account | None = None
    bug: str = ""
    """What of ours went wrong; the working copies are then not to be trusted."""

    async def work(self) -> None:
        """Resolve open calls, then the notices, then the puts."""
        async with self.kernel.pool.acquire() as db:
            try:
                view = await desk(self.kernel, db, self.lanes[0].connection)
                self.account = view.account
                waiting = await rows.pending(db, [lane.key for lane in self.lanes])
                courier = Courier(view, self.kernel.pool, self.failures, self.until)
                if await self._resolve(db, view, courier):
                    waiting = await rows.pending(db, [lane.key for lane in self.lanes])
                sender = Sender(view, self.kernel.pool, self.failures, courier)
                await self._pull(db, view, waiting)
                await self._push(db, view, sender, waiting)
            except SyncError as error:
                for lane in self.lanes:
                    self.failures.setdefault(lane.key, error)

    def _fine(self) -> list[Lane]:
        return [lane for lane in self.lanes if lane.key not in self.failures]

    async def _resolve(self, db: Connection, view: Desk, courier: Courier) -> bool:
        opened = [lane for lane in self.lanes if lane.call]
        if opened:
            await Resolver(view, courier, self.failures).resolve(db, opened)
            for lane in opened:
                if lane.call:
                    self.failures.setdefault(lane.key, timedelta())
        return bool(opened)

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
            if not await turn(kernel, wakeup):
                await wakeup.wait()
        except Exception as error:
            if not is_transient(error):
                log.exception("worker.failed")
            await asyncio.sleep(1.0)


async def turn(kernel: Kernel, wakeup: Wakeup) -> bool:
    """One claim; False where nothing is due. Another worker looks whether there is more."""
    until = monotonic() + kernel.lease.total_seconds()
    async with kernel.pool.acquire() as db:
        claimed = await lanes.claim(db, kernel.lease, MANY)
    if not claimed:
        return False
    wakeup.wake()
    claim = Turn(kernel, claimed, until)
    with kernel.sessions.figures.turns.time():
        await _attempt(claim)
    async with kernel.pool.acquire() as db:
        for lane in claimed:
            if lane.key not in claim.failures and (odd := differing.fault(lane)):
                claim.failures[lane.key] = odd
        well = [lane for lane in claimed if lane.key not in claim.failures and not lane.hold]
        await leases.release_all(db, well)
        for lane in claimed:
            if lane not in well:
                await finish(kernel, db, lane, claim.failures.get(lane.key), bug=claim.bug)
    await _catch_up(claim)
    return True


async def _catch_up(claim: Turn) -> None:
    """What was turned away or held is looked at again where the connection has changed since."""
    if claim.account and (claim.failures or any(lane.skipped for lane in claim.lanes)):
        async with claim.kernel.pool.acquire() as db:
            await connections.catch_up(db, claim.account, [lane.key for lane in claim.lanes])
            await leases.rest(db, claim.lanes)


async def _attempt(claim: Turn) -> None:
    """Anything that is no error of the tree is our bug: tried three times, one lane at a time."""
    try:
        await claim.work()
    except LeaseLost:
        log.info("lease.lost", lanes=len(claim.lanes))
        for lane in claim.lanes:
            claim.failures.setdefault(lane.key, timedelta())
    except AGAIN:
        for lane in claim.lanes:
            claim.failures.setdefault(lane.key, BASE)
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("turn.failed", lanes=[lane.key for lane in claim.lanes][:5])
        claim.bug = type(error).__name__
        for lane in claim.lanes:
            claim.failures.setdefault(lane.key, _bug(lane, claim))


def _bug(lane: Lane, claim: Turn) -> SyncError | timedelta:
    if lane.attempts < BUGS or len(claim.lanes) > 1:
        return delay(lane.attempts, base=BASE, cap=CAP, jitter_seed=lane.key)
    return Rejected(
        f"{lane.type} {lane.id} could not be worked on: a fault of ours ({claim.bug}).",
        reason="bug",
        action="Report it with the record's id; ledgerbridge retry takes it up again.",
    )
