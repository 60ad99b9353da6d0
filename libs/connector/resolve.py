"""Open calls: whichever row of a lane comes next first finds out what became of its call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from libs.connector import calls, events, lanes, settle
from libs.connector.calls import Call
from libs.connector.errors import Held, SyncError
from libs.connector.flat import State
from libs.connector.ids import settled
from libs.connector.interface import Record, Verb, Wanted
from libs.connector.kernel import Desk
from libs.connector.lanes import Lane
from libs.connector.outcome import (
    Adopt,
    Doubtful,
    Found,
    Gone,
    Open,
    Repeat,
    quiet_until,
    resolve_create,
)
from libs.connector.pull import take_in
from libs.connector.push import write_of
from libs.connector.send import Job, Sender
from libs.connector.settle import Meant
from libs.connector.states import entity_of, state_of
from libs.connector.threeway import update_happened
from libs.service.database import Connection


@dataclass(frozen=True, slots=True)
class Case:
    """A lane with its open call."""

    job: Job
    call: Call


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves the open calls of claimed lanes of one type."""

    desk: Desk
    sender: Sender
    failures: dict[str, SyncError | timedelta]

    async def resolve(self, db: Connection, opened: Sequence[Lane]) -> None:
        """Afterwards a lane has no open call, or stands in `failures`."""
        cases = [case for lane in opened if (case := await self._case(db, lane))]
        now: datetime = await db.fetchval("select clock_timestamp()")
        quiet = [case for case in cases if self._is_quiet(case, now)]
        creates = [case for case in quiet if case.call.verb is Verb.CREATE]
        others = [case for case in quiet if case.call.verb is not Verb.CREATE]
        await self._find(db, creates, now)
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
                call = await self._dissolve(db, lane, call)
        intents = await calls.intents(db, call.id)
        return Case(self._job(lane, Meant.load(intents[0])), call)

    async def _dissolve(self, db: Connection, lane: Lane, call: Call) -> Call:
        """Each lane of a bulk call of unknown outcome finds alone."""
        intents = {i.lane: i for i in await calls.intents(db, call.id)}
        rows = await db.fetch("select key from lane where call = $1 order by key", call.id)
        waiting = await lanes.load(db, [row["key"] for row in rows])
        connector, context = self.desk.kernel.connector, self.desk.context
        requests = {}
        for key, other in waiting.items():
            write = self._job(other, Meant.load(intents[key])).write
            ask = partial(connector.request, [write], context)
            requests[key] = await settled(db, self.desk.ids, ask)
        made = await calls.dissolve(db, call, requests)
        lane.call = made[lane.key]
        return await calls.load(db, lane.call)

    def _job(self, lane: Lane, meant: Meant) -> Job:
        wanted = meant.merged or lane.agreed.ours or lane.agreed.theirs
        entity = entity_of(wanted, lane.type, lane.id, meant.totals)
        return Job(lane, meant, write_of(lane, meant.verb, entity, meant.delta))

    def _is_quiet(self, case: Case, now: datetime) -> bool:
        until = quiet_until(_open(case.call), self.desk.kernel.traits(case.call.type))
        if now < until:
            self.failures[case.job.lane.key] = until - now
        return now >= until

    # Creates are searched

    async def _find(self, db: Connection, cases: Sequence[Case], now: datetime) -> None:
        if not cases:
            return
        traits = self.desk.kernel.traits(cases[0].call.type)
        found: Sequence[Record] = ()
        if traits.find != "none":
            found = await self.search(cases)
        for case in cases:
            records = [r for r in found if self._could_be(case.job, r)]
            seen = [await self._found(db, case.job, record) for record in records]
            verdict = resolve_create(case.job.lane.key, _open(case.call), seen, traits, now)
            try:
                await self._act(db, case, verdict, {record.id: record for record in records})
            except SyncError as error:
                self.failures[case.job.lane.key] = error

    async def search(self, cases: Sequence[Case]) -> Sequence[Record]:
        """One search for all of them."""
        kernel = self.desk.kernel
        session = await kernel.sessions.session(self.desk.account)
        wanted = [wanted_of(case.job, case.call.first_sent) for case in cases]
        return await kernel.connector.find(session, cases[0].call.type, wanted)

    def _could_be(self, job: Job, record: Record) -> bool:
        number = number_of(job)
        return record.marker == job.lane.marker or bool(number and record.number == number)

    async def _found(self, db: Connection, job: Job, record: Record) -> Found:
        lane = job.lane
        owner = await db.fetchval(
            "select lane from part where connection = $1 and type = $2 and external_id = $3",
            lane.connection,
            str(lane.type),
            record.id,
        )
        ours = record.marker == lane.marker
        equal = not record.marker and await self._equal(db, job, record)
        return Found(record.id, ours, equal, record.state == "deleted", owner or "")

    async def _equal(self, db: Connection, job: Job, record: Record) -> bool:
        entity = await settled(
            db,
            self.desk.ids,
            lambda: self.desk.kernel.connector.entity(record, self.desk.context),
        )
        return _without_lines(state_of(entity)) == _without_lines(job.meant.meant)

    async def _act(
        self,
        db: Connection,
        case: Case,
        verdict: Adopt | Gone | Repeat | Doubtful,
        records: dict[str, Record],
    ) -> None:
        job, call = case.job, case.call
        if isinstance(verdict, Adopt):
            await settle.settle(
                db, self.desk, job.lane, call.id, job.meant, records[verdict.id], full=False
            )
        elif isinstance(verdict, Gone):
            await self._gone(db, job, call, verdict.id)
        elif isinstance(verdict, Repeat):
            await self._repeat(db, case, fresh=verdict.fresh)
        else:
            raise Held(
                verdict.sentence,
                reason="uncertain",
                action=f"Look for {job.lane.type} {job.lane.id} in the ledger; then ledgerbridge "
                f"retry --connection {job.lane.connection} {job.lane.type} {job.lane.id}.",
            )

    async def _gone(self, db: Connection, job: Job, call: Call, record: str) -> None:
        lane = job.lane
        async with db.transaction():
            await lanes.fence(db, lane)
            await lanes.bind(db, lane, lane.type, record)
            lane.call, lane.state = None, "bound"
            await take_in(db, self.desk, lane, None)
            await lanes.save(db, lane)
            await events.journal(db, lane)
            await calls.close(db, call.id, "deleted there")

    async def _repeat(self, db: Connection, case: Case, *, fresh: bool) -> None:
        call, lane = case.call, case.job.lane
        turns = call.errors if fresh else 0
        key = calls.new_key(call.id, turns + 1) if fresh else call.key
        session = await self.desk.kernel.sessions.session(self.desk.account)
        await session.reserve()
        async with db.transaction():
            await lanes.fence(db, lane)
            await calls.again(db, call, lane.leased_until, key, fresh=fresh)
        again = await calls.load(db, call.id)
        await self.sender.deliver(again, [case.job])

    # Updates and removals are read

    async def _read(self, db: Connection, cases: Sequence[Case]) -> None:
        if not cases:
            return
        kernel = self.desk.kernel
        session = await kernel.sessions.session(self.desk.account)
        ids = [case.job.lane.record for case in cases]
        found = await kernel.connector.read(session, cases[0].call.type, ids)
        for case in cases:
            try:
                await self._compare(db, case, found.get(case.job.lane.record))
            except SyncError as error:
                self.failures[case.job.lane.key] = error

    async def _compare(self, db: Connection, case: Case, record: Record | None) -> None:
        job, call = case.job, case.call
        if await self._happened(db, job, record):
            seen = record or Record(job.lane.type, job.lane.record, {}, "deleted")
            await settle.settle(db, self.desk, job.lane, call.id, job.meant, seen, full=False)
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


def wanted_of(job: Job, since: datetime) -> Wanted:
    """What a lost create is searched by."""
    lane = job.lane
    return Wanted(lane.type, lane.id, lane.marker, number_of(job), since, job.write.entity)


def number_of(job: Job) -> str:
    """The number or code we gave the record, "" where the ledger numbers it."""
    entity = job.write.entity
    return str(getattr(entity, "number", "") or getattr(entity, "code", ""))


def _open(call: Call) -> Open:
    return Open(call.first_sent, call.deadline, call.left_at, call.errors)


def _without_lines(state: State) -> dict[str, object]:
    """Line ids differ on the two sides; what the lines say does not."""
    plain: dict[str, object] = {k: v for k, v in state.items() if not k.startswith("lines.")}
    contents: dict[str, set[tuple[str, object]]] = {}
    for path, value in state.items():
        if path.startswith("lines."):
            _, line, leaf = path.split(".", 2)
            contents.setdefault(line, set()).add((leaf, value))
    plain["lines"] = sorted(sorted(map(str, content)) for content in contents.values())
    return plain
