"""Sending: writes become calls, whose intent is committed before the request leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from libs.connector import calls, events, lanes
from libs.connector.calls import Call
from libs.connector.deliver import Courier, Job
from libs.connector.errors import Disconnected, RateLimited, Rejected, SyncError, Unavailable
from libs.connector.ids import settled
from libs.connector.interface import Request, Sorts, Verb
from libs.connector.kernel import Desk
from libs.connector.lane import LeaseLost
from libs.connector.settle import Meant
from libs.connector.work import Work
from libs.service.database import Connection, Pool

OUTSIDE = (RateLimited, Disconnected, Unavailable)


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends for one claim."""

    desk: Desk
    pool: Pool
    failures: dict[str, SyncError | timedelta]
    courier: Courier

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
        found: list[list[Job]] = []
        for (verb, _), same in groupby(sorted(jobs, key=self._way), key=self._way):
            together = list(same)
            facts = self.desk.kernel.facts(together[0].lane.type)
            # What cannot be found again is never sent in bulk.
            lost = verb is Verb.CREATE and facts.find == "none"
            size = 1 if lost or verb not in facts.bulk_verbs else facts.bulk
            alone = [[job] for job in together if job.lane.alone or job.lane.doubt]
            rest = [job for job in together if not (job.lane.alone or job.lane.doubt)]
            found += alone + [rest[i : i + size] for i in range(0, len(rest), size)]
        return found

    def _way(self, job: Job) -> tuple[Verb, str]:
        connector, write = self.desk.kernel.connector, job.write
        if isinstance(connector, Sorts):
            return write.verb, connector.together(write, self.desk.context)
        return write.verb, ""

    async def _call(self, jobs: list[Job]) -> None:
        doubt = jobs[0].lane.doubt and jobs[0].write.verb is Verb.CREATE
        try:
            call = await self._begin(jobs, doubt=doubt)
        except LeaseLost:
            self._all(jobs, timedelta())
        except SyncError as error:
            # What keeps one of them from being described must not keep the others.
            if len(jobs) > 1 and not isinstance(error, OUTSIDE):
                await self._halves(jobs)
            else:
                self._all(jobs, error)
        else:
            if doubt:
                # It may have been created before the schema was lost: it is found first.
                self._all(jobs, timedelta())
            elif not await self.courier.deliver(call, jobs):
                await self._halves(jobs)

    async def _halves(self, jobs: list[Job]) -> None:
        middle = len(jobs) // 2
        await self._call(jobs[:middle])
        await self._call(jobs[middle:])

    async def _begin(self, jobs: list[Job], *, doubt: bool) -> Call:
        session = await self.desk.kernel.sessions.session(self.desk.account)
        async with self.pool.acquire() as db:
            request = await self._request(db, jobs)
            if len(request.body) > self.desk.kernel.provider.calls.body_bytes and len(jobs) > 1:
                raise Rejected("The request is too large for one call.", reason="too-large")
            if not doubt:
                await session.reserve(request)
            return await self._commit(db, jobs, request, doubt=doubt)

    async def _request(self, db: Connection, jobs: Sequence[Job]) -> Request:
        connector, context = self.desk.kernel.connector, self.desk.context
        writes = [job.write for job in jobs]
        return await settled(db, self.desk.ids, lambda: connector.request(writes, context))

    async def _commit(
        self, db: Connection, jobs: Sequence[Job], request: Request, *, doubt: bool
    ) -> Call:
        """The intent, with all that was decided before it."""
        first = jobs[0]
        async with lanes.change(db, *(job.lane for job in jobs)):
            for job in jobs:
                job.lane.doubt = False
            await lanes.save_all(db, [job.lane for job in jobs])
            await events.journal(db, *(job.lane for job in jobs))
            call = await calls.begin(
                db,
                self.desk.account.id,
                first.lane.type,
                first.write.verb,
                request,
                [job.meant.intent(job.lane.key) for job in jobs],
                min(job.lane.leased_until for job in jobs),
                before=doubt,
            )
            for job in jobs:
                job.lane.call = call.id
        return call

    def _all(self, jobs: Sequence[Job], why: SyncError | timedelta) -> None:
        for job in jobs:
            self.failures[job.lane.key] = why
