"""Sending: the intent is committed, the request leaves, what is known of the outcome is settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from time import monotonic

from libs.connector import calls, events, lanes, settle
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
from libs.connector.ids import settled
from libs.connector.interface import Record, Request, Verb, Write
from libs.connector.kernel import Desk
from libs.connector.lanes import Lane, LeaseLost
from libs.connector.push import Work
from libs.connector.settle import Meant
from libs.service.database import Connection, Pool


@dataclass(frozen=True, slots=True)
class Job:
    """One lane's share of a call."""

    lane: Lane
    meant: Meant
    write: Write


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends for one claim; `until`: when its leases end (monotonic seconds)."""

    desk: Desk
    pool: Pool
    failures: dict[str, SyncError | timedelta]
    until: float

    async def send(self, works: Sequence[Work]) -> None:
        """Send what is to be written, many at a time where the provider takes that."""
        jobs = [
            Job(w.lane, Meant.of(w, w.write.verb, w.change), w.write)
            for w in works
            if w.write and w.change
        ]
        for group in self._groups(jobs):
            await self._call(group)

    def _groups(self, jobs: Sequence[Job]) -> list[list[Job]]:
        ordered = sorted(jobs, key=lambda job: job.write.verb)
        found: list[list[Job]] = []
        for verb, same in groupby(ordered, key=lambda job: job.write.verb):
            together = list(same)
            facts = self.desk.kernel.facts(together[0].lane.type)
            # What cannot be found again is never sent in bulk.
            size = 1 if verb is Verb.CREATE and facts.find == "none" else facts.bulk
            alone = [[job] for job in together if job.lane.alone or job.lane.doubt]
            rest = [job for job in together if not (job.lane.alone or job.lane.doubt)]
            found += alone + [rest[i : i + size] for i in range(0, len(rest), size)]
        return found

    async def _call(self, jobs: list[Job]) -> None:
        doubt = jobs[0].lane.doubt and jobs[0].write.verb is Verb.CREATE
        try:
            call = await self._begin(jobs)
        except LeaseLost:
            self._all(jobs, timedelta())
        except SyncError as error:
            # What keeps one of them from being described must not keep the others.
            outside = isinstance(error, RateLimited | Disconnected | Unavailable)
            if len(jobs) > 1 and not outside:
                await self._halves(jobs)
            else:
                self._all(jobs, error)
        else:
            if doubt:
                # It may have been created before the schema was lost: it is found first.
                async with self.pool.acquire() as db:
                    await calls.sent_before(db, call.id)
                self._all(jobs, timedelta())
            else:
                await self.deliver(call, jobs)

    async def _begin(self, jobs: list[Job]) -> Call:
        session = await self.desk.kernel.sessions.session(self.desk.account)
        async with self.pool.acquire() as db:
            request = await self._request(db, jobs)
            if len(request.body) > self.desk.kernel.provider.calls.body_bytes and len(jobs) > 1:
                raise Rejected("The request is too large for one call.", reason="too-large")
            await session.reserve()
            return await self._commit(db, jobs, request)

    async def _halves(self, jobs: list[Job]) -> None:
        middle = len(jobs) // 2
        await self._call(jobs[:middle])
        await self._call(jobs[middle:])

    async def _request(self, db: Connection, jobs: Sequence[Job]) -> Request:
        connector, context = self.desk.kernel.connector, self.desk.context
        writes = [job.write for job in jobs]
        return await settled(db, self.desk.ids, lambda: connector.request(writes, context))

    async def _commit(self, db: Connection, jobs: Sequence[Job], request: Request) -> Call:
        """The intent, with all that was decided before it."""
        first = jobs[0]
        async with db.transaction():
            for job in sorted(jobs, key=lambda job: job.lane.key):
                job.lane.doubt = False
                await lanes.fence(db, job.lane)
                await lanes.save(db, job.lane)
                await events.journal(db, job.lane)
            call = await calls.begin(
                db,
                self.desk.account.id,
                first.lane.type,
                first.write.verb,
                request,
                [job.meant.intent(job.lane.key) for job in jobs],
                min(job.lane.leased_until for job in jobs),
            )
        for job in jobs:
            job.lane.call = call.id
        return call

    async def deliver(self, call: Call, jobs: list[Job]) -> None:
        """Send a committed call and settle what is known of it."""
        kernel = self.desk.kernel
        try:
            if monotonic() + kernel.timeout.total_seconds() > self.until:
                # Its timeout would outlive the lease: another worker could meet it on its way.
                raise NotReady(())
            session = await kernel.sessions.session(self.desk.account)
            answer = await session.send(call.request, call.key)
            writes = [job.write for job in jobs]
            results = kernel.connector.results(writes, answer, self.desk.context)
        except Uncertain as unknown:
            await self._unknown(call, jobs, unknown)
        except SyncError as error:
            await self._refused(call, jobs, error)
        else:
            for job, result in zip(jobs, results, strict=True):
                await self._result(call, job, result)

    async def _unknown(self, call: Call, jobs: Sequence[Job], error: Uncertain) -> None:
        async with self.pool.acquire() as db:
            await calls.left(db, call.id, error=error.answered)
        self._all(jobs, self.desk.kernel.settles)

    async def _refused(self, call: Call, jobs: list[Job], error: SyncError) -> None:
        """Nothing of it was stored; a bulk call refused as a whole is halved."""
        halved = len(jobs) > 1 and isinstance(error, Rejected)
        for job in jobs:
            await self._result(call, job, timedelta() if halved else error)
        if halved:
            await self._halves(jobs)

    async def _result(self, call: Call, job: Job, result: Record | SyncError | timedelta) -> None:
        async with self.pool.acquire() as db:
            try:
                if isinstance(result, Record):
                    await settle.settle(
                        db, self.desk, job.lane, call.id, job.meant, result, full=True
                    )
                    return
                self._answer_refused(job, result)
                await settle.not_done(db, job.lane, call.id, _outcome(result))
            except LeaseLost:
                return
            except SyncError as held:
                result = held
        if not isinstance(result, timedelta):
            self.failures[job.lane.key] = result

    def _answer_refused(self, job: Job, result: SyncError | timedelta) -> None:
        lane = job.lane
        if isinstance(result, Rejected):
            lane.alone = False
            lane.agreed, told = rules.on_refused(lane.agreed, job.meant.put, job.meant.merged)
            self.desk.teller.publish(lane, told, lane.agreed.theirs)

    def _all(self, jobs: Sequence[Job], why: SyncError | timedelta) -> None:
        for job in jobs:
            self.failures[job.lane.key] = why


def _outcome(result: SyncError | timedelta) -> str:
    return "halved" if isinstance(result, timedelta) else result.reason
