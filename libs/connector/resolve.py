"""Open calls: whichever row of a lane comes next first finds out what became of its call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.connector import calls, events, lanes, parts, settle
from libs.connector.calls import Call
from libs.connector.deliver import Courier, Job
from libs.connector.dissolve import dissolve, job_of
from libs.connector.errors import Held, SyncError
from libs.connector.ids import settled
from libs.connector.interface import Record, Verb
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.numbers import inward
from libs.connector.outcome import (
    Adopt,
    Doubtful,
    Found,
    Gone,
    Repeat,
    quiet_until,
    resolve_create,
)
from libs.connector.search import number_of, open_call, wanted_of, without_lines
from libs.connector.settle import Meant, Outcome
from libs.connector.states import is_void, state_of
from libs.connector.takein import take_in
from libs.connector.threeway import update_happened
from libs.service.database import Connection


@dataclass(frozen=True, slots=True)
class Case:
    """A lane with its open call; `known`: a record that a late answer named."""

    job: Job
    call: Call
    known: str = ""


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves the open calls of claimed lanes of one type."""

    desk: Desk
    courier: Courier
    failures: dict[str, SyncError | timedelta]

    async def resolve(self, db: Connection, opened: Sequence[Lane]) -> None:
        """Afterwards a lane has no open call, or stands in `failures`."""
        cases = [case for lane in opened if (case := await self._case(db, lane))]
        now: datetime = await db.fetchval("select clock_timestamp()")
        quiet = [case for case in cases if self._is_quiet(case, now)]
        creates = [case for case in quiet if case.call.verb is Verb.CREATE]
        others = [case for case in quiet if case.call.verb is not Verb.CREATE]
        await self._find(db, creates)
        await self._read(db, others)

    async def _case(self, db: Connection, lane: Lane) -> Case | None:
        assert lane.call
        async with db.transaction():
            await db.execute("select from call where id = $1 for update", lane.call)
            lane.call = await db.fetchval("select call from lane where key = $1", lane.key)
            if lane.call is None:
                return None
            call = await calls.load(db, lane.call)
            if call.lanes > 1:
                call = await dissolve(db, self.desk, lane, call)
        [intent] = await calls.intents(db, call.id)
        return Case(job_of(lane, Meant.load(intent)), call, intent.known)

    def _is_quiet(self, case: Case, now: datetime) -> bool:
        until = quiet_until(open_call(case.call), self.desk.kernel.traits(case.call.type))
        if now < until:
            self.failures[case.job.lane.key] = until - now
        return now >= until

    # Creates are searched

    async def _find(self, db: Connection, cases: Sequence[Case]) -> None:
        """A few at a time: what is found stays found when the limit ends the search."""
        size = self.desk.kernel.facts(cases[0].call.type).find_bulk if cases else 1
        for i in range(0, len(cases), size):
            await self._find_some(db, cases[i : i + size])

    async def _find_some(self, db: Connection, cases: Sequence[Case]) -> None:
        traits = self.desk.kernel.traits(cases[0].call.type)
        found = await self._search(cases) if traits.find != "none" else ()
        for case in cases:
            records = {r.id: r for r in found if self._could_be(case.job, r)}
            records |= await self._named(case)
            seen = [await self._found(db, case, record) for record in records.values()]
            verdict = resolve_create(
                case.job.lane.key, open_call(case.call), seen, traits, self._leaves(case)
            )
            try:
                await self._act(db, case, verdict, records)
            except SyncError as error:
                self.failures[case.job.lane.key] = error

    def _leaves(self, case: Case) -> datetime:
        """The latest moment at which a repeat could leave."""
        return case.job.lane.leased_until - self.desk.kernel.timeout

    async def _named(self, case: Case) -> Mapping[str, Record]:
        """The record that an answer named too late."""
        if not case.known:
            return {}
        session = await self.desk.kernel.sessions.session(self.desk.account)
        found = await self.desk.kernel.connector.read(session, case.call.type, {case.known: ()})
        return {case.known: Record(case.call.type, case.known, {}, "deleted"), **found}

    async def _search(self, cases: Sequence[Case]) -> Sequence[Record]:
        session = await self.desk.kernel.sessions.session(self.desk.account)
        wanted = [wanted_of(case.job, case.call.first_sent) for case in cases]
        return await self.desk.kernel.connector.find(session, cases[0].call.type, wanted)

    def _could_be(self, job: Job, record: Record) -> bool:
        """A record of an ended generation is no answer."""
        if job.lane.has_ended(record.id):
            return False
        number = number_of(job)
        return record.marker == job.lane.marker or bool(number and record.number == number)

    async def _found(self, db: Connection, case: Case, record: Record) -> Found:
        job, lane = case.job, case.job.lane
        owner = await db.fetchval(
            "select lane from part where connection = $1 and type = $2 and external_id = $3",
            lane.connection,
            str(lane.type),
            record.id,
        )
        ours = record.marker == lane.marker or record.id == case.known
        equal = not record.marker and await self._equal(db, job, record)
        return Found(record.id, ours, equal, record.state == "deleted", owner or "")

    async def _equal(self, db: Connection, job: Job, record: Record) -> bool:
        entity = await settled(
            db,
            self.desk.ids,
            lambda: self.desk.kernel.connector.entity(record, self.desk.context),
        )
        return without_lines(state_of(inward(job.lane, entity))) == without_lines(job.meant.meant)

    async def _act(
        self,
        db: Connection,
        case: Case,
        verdict: Adopt | Gone | Repeat | Doubtful,
        records: dict[str, Record],
    ) -> None:
        job, call = case.job, case.call
        if isinstance(verdict, Adopt):
            done = Outcome(job.lane, job.meant, records[verdict.id])
            await settle.settle(db, self.desk, call.id, done, full=False)
        elif isinstance(verdict, Gone):
            await self._gone(db, job, call, verdict.id)
        elif isinstance(verdict, Repeat):
            await self._repeat(db, case, fresh=verdict.fresh)
        else:
            lane, tenant = job.lane, self.desk.account.tenant
            raise Held(
                verdict.sentence,
                reason="uncertain",
                action=f"Look for {lane.type} {lane.id} in the ledger. If it is not there: "
                f"ledgerbridge retry --type {lane.type} --id {lane.id} --tenant {tenant} "
                f"--connection {lane.connection}",
            )

    async def _gone(self, db: Connection, job: Job, call: Call, record: str) -> None:
        lane = job.lane
        async with lanes.change(db, lane):
            await parts.bind(db, lane, lane.type, record)
            await lanes.end_call(db, lane, written=False)
            lane.state = "bound"
            await take_in(db, self.desk, lane, None)
            await lanes.save(db, lane)
            await events.journal(db, lane)
            await calls.close(db, call.id, "deleted there")

    async def _repeat(self, db: Connection, case: Case, *, fresh: bool) -> None:
        call, lane = case.call, case.job.lane
        if not call.request.method or is_void(case.job.meant.put.state):
            # Nobody wants it any more, or it can no longer be described: it is not there, enough.
            await settle.not_done(db, lane, call.id, "not there")
            return
        key = calls.next_key(call.key) if fresh else call.key
        session = await self.desk.kernel.sessions.session(self.desk.account)
        await session.reserve(call.request)
        async with lanes.change(db, lane):
            await calls.again(db, call, lane.leased_until, key, fresh=fresh)
        again = await calls.load(db, call.id)
        await self.courier.deliver(again, [case.job])

    # Updates and removals are read

    async def _read(self, db: Connection, cases: Sequence[Case]) -> None:
        if not cases:
            return
        kernel = self.desk.kernel
        session = await kernel.sessions.session(self.desk.account)
        made = [case for case in cases if case.job.meant.makes]
        wanted = {c.job.lane.record: c.job.lane.sides for c in cases if c not in made}
        kind = cases[0].call.type
        found = dict(await kernel.connector.read(session, kind, wanted)) if wanted else {}
        if made:
            found |= {record.id: record for record in await self._search(made)}
        for case in cases:
            try:
                await self._compare(db, case, found.get(case.job.lane.record))
            except SyncError as error:
                self.failures[case.job.lane.key] = error

    async def _compare(self, db: Connection, case: Case, record: Record | None) -> None:
        job, call = case.job, case.call
        if await self._happened(db, job, record):
            seen = record or Record(job.lane.type, job.lane.record, {}, "deleted")
            done = Outcome(job.lane, job.meant, seen)
            await settle.settle(db, self.desk, call.id, done, full=False)
            return
        await take_in(db, self.desk, job.lane, record)
        await settle.not_done(db, job.lane, call.id, "did not happen")

    async def _happened(self, db: Connection, job: Job, record: Record | None) -> bool:
        live = record is not None and record.state == "live"
        if job.meant.verb is Verb.DELETE:
            return not live
        if record is None or record.state == "deleted":
            return False
        if job.meant.verb is Verb.VOID:
            return not live
        shown = await self.desk.shown(db, job.lane, record, job.meant.meant)
        theirs = job.lane.agreed.theirs
        return update_happened(job.meant.delta, theirs, job.meant.meant, shown)
