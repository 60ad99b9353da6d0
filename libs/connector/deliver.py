"""Delivering: a committed call leaves, and what is known of its outcome is settled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import structlog

from libs.connector import calls, settle
from libs.connector import merge as rules
from libs.connector.calls import Call
from libs.connector.errors import (
    Disconnected,
    NotReady,
    RateLimited,
    Rejected,
    SyncError,
    Unavailable,
    Uncertain,
)
from libs.connector.interface import Answer, Record, Result, Verb, Write
from libs.connector.kernel import Desk
from libs.connector.lane import Lane, LeaseLost
from libs.connector.numbers import ELSEWHERE, NUMBERED, REPORTED
from libs.connector.settle import UNREADABLE, Meant, Outcome
from libs.connector.work import Pause
from libs.service.database import Connection, Pool

LOST = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
NOT_SENT = (NotReady, RateLimited, Unavailable, Disconnected)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """One lane's share of a call."""

    lane: Lane
    meant: Meant
    write: Write


@dataclass(frozen=True, slots=True)
class Courier:
    """Delivers for one claim; `until`: when its leases end (monotonic seconds)."""

    desk: Desk
    pool: Pool
    failures: dict[str, SyncError | timedelta]
    until: float

    async def deliver(self, call: Call, jobs: Sequence[Job]) -> bool:
        """Send it and settle what is known; False where all of it was refused as a whole and
        should be tried in halves."""
        kernel = self.desk.kernel
        leave_by = self.until - kernel.timeout.total_seconds()
        try:
            session = await kernel.sessions.session(self.desk.account)
            answer = await session.send(call.request, call.key, leave_by)
            results = self._understood(jobs, answer)
        except Uncertain as unknown:
            await self._unknown(call, jobs, unknown)
        except SyncError as error:
            return await self._refused(call, jobs, error)
        else:
            pairs = list(zip(jobs, results, strict=True))
            together = await self._written(call, pairs)
            for job, result in pairs:
                if job.lane.key not in together:
                    await self._result(call, job, result)
        return True

    async def _written(self, call: Call, pairs: Sequence[tuple[Job, Result]]) -> Collection[str]:
        """Settle all that was written at once; the lanes settled: all of these, or none, because
        what fails for one must not keep the others from being settled each for itself."""
        outcomes = [Outcome(j.lane, j.meant, r) for j, r in pairs if isinstance(r, Record)]
        if len(outcomes) < 2:
            return ()
        try:
            async with self.pool.acquire() as db:
                await settle.settle(db, self.desk, call.id, *outcomes, full=True)
        except (LeaseLost, asyncpg.PostgresError, *UNREADABLE) as error:
            log.info("settle.apart", lanes=len(outcomes), error=type(error).__name__)
            return ()
        return {outcome.lane.key for outcome in outcomes}

    def _understood(self, jobs: Sequence[Job], answer: Answer) -> Sequence[Result]:
        """What cannot be read of an answer does not mean that nothing was stored."""
        writes = [job.write for job in jobs]
        try:
            return self.desk.kernel.connector.results(writes, answer, self.desk.context)
        except NOT_SENT as error:
            raise Uncertain(error.sentence, answered=True) from error

    async def _unknown(self, call: Call, jobs: Sequence[Job], error: Uncertain) -> None:
        async with self.pool.acquire() as db:
            await calls.left(db, call, error=error.answered)
        for job in jobs:
            self.failures[job.lane.key] = self.desk.kernel.settles

    async def _refused(self, call: Call, jobs: Sequence[Job], error: SyncError) -> bool:
        """Nothing of this send was stored; what an earlier one did is as unknown as before."""
        if call.repeats and isinstance(error, NOT_SENT):
            async with self.pool.acquire() as db:
                await calls.left(db, call, error=False)
            for job in jobs:
                self.failures[job.lane.key] = error
            return True
        halved = len(jobs) > 1 and isinstance(error, Rejected)
        for job in jobs:
            await self._result(call, job, timedelta() if halved else error)
        return not halved

    async def _result(self, call: Call, job: Job, result: Result | timedelta) -> None:
        if isinstance(result, Uncertain):
            await self._unknown(call, [job], result)
            return
        async with self.pool.acquire() as db:
            try:
                await self._settle(db, call, job, result)
            except (LeaseLost, *LOST) as error:
                # It could not be kept under the lease: what an answer named is a fact all the same.
                log.warning("settle.failed", lane=job.lane.key, error=type(error).__name__)
                if isinstance(result, Record):
                    await calls.remember(db, call.id, job.lane.key, result.id)
                self.failures[job.lane.key] = timedelta()
            except SyncError as held:
                self.failures[job.lane.key] = held

    async def _settle(
        self, db: Connection, call: Call, job: Job, result: Result | timedelta
    ) -> None:
        if isinstance(result, Record):
            done = Outcome(job.lane, job.meant, result)
            await settle.settle(db, self.desk, call.id, done, full=True)
            return
        result = self._collided(job, result)
        self._answer_refused(job, result)
        await settle.not_done(db, job.lane, call.id, _outcome(result))
        if isinstance(result, SyncError):
            self.failures[job.lane.key] = result

    def _collided(self, job: Job, result: SyncError | timedelta) -> SyncError | timedelta:
        """A number or name that is taken is looked at, once, before it is anybody's problem."""
        lane = job.lane
        if not isinstance(result, SyncError) or job.write.verb is not Verb.CREATE:
            return result
        numbered = result.reason in REPORTED and lane.type in NUMBERED
        if not numbered and result.reason != ELSEWHERE:
            return result
        lane.collided = not lane.collided
        return Pause(timedelta()) if lane.collided else result

    def _answer_refused(self, job: Job, result: SyncError | timedelta) -> None:
        lane = job.lane
        if isinstance(result, Rejected):
            put = job.meant.put
            merged = put.state if job.meant.partial else job.meant.merged
            lane.agreed, told = rules.on_refused(lane.agreed, put, merged)
            self.desk.teller.publish(lane, told, lane.agreed.theirs)


def _outcome(result: SyncError | timedelta) -> str:
    return "halved" if isinstance(result, timedelta) else result.reason
