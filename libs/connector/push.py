"""The way out: what the product wants becomes calls, committed before they are sent."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from contracts.entities import Document, Totals
from contracts.messages import EntityPut
from libs.connector import connections, differing, families, gate, lanes, periods, places, reapply
from libs.connector import merge as rules
from libs.connector.agreed import Held as Asked
from libs.connector.agreed import Plan, Settled
from libs.connector.agreed import Write as Change
from libs.connector.errors import Held, NotReady, SyncError
from libs.connector.flat import State
from libs.connector.ids import settled
from libs.connector.interface import Step, Steps, Verb, Write
from libs.connector.kernel import Desk
from libs.connector.lane import Lane
from libs.connector.meeting import Meeting
from libs.connector.names import renamed
from libs.connector.numbers import inward
from libs.connector.reapply import Named
from libs.connector.spelling import stored, stored_all
from libs.connector.states import entity_of, is_void, same_money, state_of
from libs.connector.takein import take_in
from libs.connector.taking import Taker, keep
from libs.connector.threeway import derived, plus
from libs.connector.work import Work, new_generation, step_of, verb_of, with_implied, write_of
from libs.service.database import Connection


@dataclass(frozen=True, slots=True)
class Planner:
    """Finds out what puts leave to write; what fails is kept by lane in `failures`."""

    desk: Desk
    failures: dict[str, SyncError | timedelta]

    async def plan(self, db: Connection, works: Sequence[Work]) -> list[Work]:
        """Settle what leaves nothing to write; the rest comes back with its writes.

        Where the provider has no version, records are read first and merged.
        """
        taker = Taker(self.desk, await connections.other_scopes(db, self.desk.account))
        taken = [w for w in works if await self._guard(w, taker.take(db, w))]
        meeting = Meeting(self.desk)
        await meeting.prepare(db, taken)
        taken = [w for w in taken if await self._guard(w, meeting.meet(db, w))]
        off = await reapply.taken_off(db, [work.lane for work in taken])
        free = await self._normalise(db, [w for w in taken if w.lane.key not in off])
        open_ones = [w for w in free if await self._guard(w, self._first_look(db, w))]
        lifted = [w for w in taken if w.lane.key in off]
        unread = [w for w in (*open_ones, *lifted) if self._must_read(w)]
        await self._read(db, unread)
        seen = [w for w in open_ones if w.lane.key not in self.failures]
        planned = [w for w in seen if await self._guard(w, self._decide(db, w))]
        seen = [w for w in lifted if w.lane.key not in self.failures]
        return planned + [w for w in seen if await self._guard(w, self._take_off(db, w, off))]

    async def _guard(self, work: Work, step: Awaitable[bool]) -> bool:
        try:
            return await step
        except SyncError as error:
            self.failures[work.lane.key] = error
            return False

    # What is there to write

    async def _first_look(self, db: Connection, work: Work) -> bool:
        """Plan by what is known; a put that leaves nothing to write needs no read."""
        if work.lane.doubt:
            return True
        plan = work.plan = self._plan(work)
        if isinstance(plan, Settled):
            await self._settle(db, work, plan)
            return False
        if not self.desk.account.policy.sends(work.lane.type):
            await Taker(self.desk).turn_away(db, work, gate.not_sent(work.lane.type))
            return False
        return True

    def _must_read(self, work: Work) -> bool:
        facts = self.desk.kernel.facts(work.lane.type)
        blind = facts.whole or not facts.version
        unsure = blind or work.lane.doubt or not work.lane.version
        return bool(work.lane.record) and unsure and work.lane.state == "bound"

    async def _read(self, db: Connection, works: Sequence[Work]) -> None:
        if not works:
            return
        kernel, lane = self.desk.kernel, works[0].lane
        session = await kernel.sessions.session(self.desk.account)
        wanted = {work.lane.record: work.lane.sides for work in works}
        found = await kernel.connector.read(session, lane.type, wanted)
        for work in works:
            record = found.get(work.lane.record)
            live = record is not None and record.state != "deleted"
            work.raw, work.plan = record.raw if record else {}, None
            await self._guard(work, take_in(db, self.desk, work.lane, record if live else None))

    async def _decide(self, db: Connection, work: Work) -> bool:
        lane, plan = work.lane, work.plan or self._plan(work)
        if isinstance(plan, Settled):
            await self._settle(db, work, plan)
            return False
        if isinstance(plan, Asked):
            await self._ask(db, work, plan)
            return False
        work.change, lane.agreed = plan, plan.agreed
        self.desk.teller.publish(lane, plan.publications, lane.agreed.theirs)
        if plan.recreates or (lane.state == "void" and plan.kind == "create"):
            new_generation(lane)
        work.write = self._write(work, work.change)
        await self._check(db, work.write)
        await families.tell(db, self.desk, lane, work.write.entity)
        await self._step(db, work, work.write, work.change)
        return True

    async def _take_off(self, db: Connection, work: Work, off: Mapping[str, list[Named]]) -> bool:
        """It is applied to the documents no more; the put stays, to be written when they are."""
        lane = work.lane
        documents = off[lane.key]
        delta = reapply.shares(lane.agreed.theirs, documents) if lane.state == "bound" else {}
        if not delta:
            raise NotReady(tuple(documents))
        left = plus(lane.agreed.theirs, delta)
        work.change = Change(lane.agreed, (), "update", delta, left, left, (), recreates=False)
        work.write = self._write(work, work.change)
        await self._check(db, work.write)
        await self._step(db, work, work.write, work.change)
        if work.step is None and work.write.verb is Verb.UPDATE:
            work.step = Step(Verb.UPDATE, work.write.entity)
        return True

    async def _step(self, db: Connection, work: Work, write: Write, change: Change) -> None:
        """Of a write that takes several calls only the next one is made."""
        connector, context = self.desk.kernel.connector, self.desk.context
        if not isinstance(connector, Steps):
            return
        work.step = await settled(db, self.desk.ids, lambda: connector.step(write, context))
        if work.step is None:
            return
        planned = inward(work.lane, work.step.entity)
        state = state_of(planned)
        totals = getattr(work.step.entity, "totals", None)
        shown = await stored(db, self.desk, work.lane, state, totals)
        work.change = step_of(change, work.lane.agreed.theirs, state_of(write.entity), state, shown)
        step = write_of(work.lane, work.step.verb, planned, work.change.delta)
        work.write = replace(step, raw=work.raw)

    def _plan(self, work: Work) -> Plan:
        lane, put = work.lane, work.put
        plan = rules.plan_push(
            lane.agreed,
            put,
            lambda path, _: work.normal.get(path),
            self.desk.account.policy.conflicts,
            gone=lane.state == "gone",
        )
        implied = derived(lane.agreed.theirs, put.state, work.former, work.normal)
        implied |= renamed(lane, lane.agreed.ours, put.state, work.normal)
        if isinstance(plan, Asked) or not implied:
            return plan
        return with_implied(plan, lane.agreed, put, implied)

    async def _normalise(self, db: Connection, works: Sequence[Work]) -> list[Work]:
        """The puts, and what was settled before them, as the ledger makes them."""
        works = [work for work in works if await self._guard(work, self._above(db, work))]
        said = [work for work in works if work.put.state]
        wanted = [(work.lane, work.put.state, _totals(work)) for work in said]
        for work, normal in zip(said, await stored_all(db, self.desk, wanted), strict=True):
            work.normal = self._found(work, normal)
        ours = {w.lane.key: rules.acknowledge(w.lane.agreed, w.put).ours for w in said}
        known = [work for work in said if ours[work.lane.key] and work.lane.agreed.theirs]
        former = [(work.lane, ours[work.lane.key], None) for work in known]
        for work, was in zip(known, await stored_all(db, self.desk, former), strict=True):
            work.former = self._found(work, was)
        return [work for work in works if work.lane.key not in self.failures]

    async def _above(self, db: Connection, work: Work) -> bool:
        work.lane.above = await families.above(db, self.desk, work.lane, work.put.state)
        return True

    def _found(self, work: Work, state: State | SyncError) -> State:
        if isinstance(state, SyncError):
            self.failures.setdefault(work.lane.key, state)
            return {}
        return state

    def _write(self, work: Work, change: Change) -> Write:
        lane = work.lane
        verb = verb_of(change, self.desk.kernel.facts(lane.type).update, lane)
        wanted = change.merged or lane.agreed.ours or lane.agreed.theirs
        totals = _totals(work) if same_money(wanted, work.put.state) else None
        entity = entity_of(wanted, lane.type, lane.id, totals)
        replaces = verb is Verb.DELETE and change.kind == "update"
        return replace(write_of(lane, verb, entity, change.delta), raw=work.raw, replaces=replaces)

    async def _check(self, db: Connection, write: Write) -> None:
        connector, context = self.desk.kernel.connector, self.desk.context
        if write.verb in (Verb.CREATE, Verb.UPDATE):
            await settled(db, self.desk.ids, lambda: connector.check(write.entity, context))
            await places.tell_of(db, self.desk, write.entity)
        else:
            periods.check_removal(write, context.company)

    # Ends without a call

    async def _settle(self, db: Connection, work: Work, plan: Settled) -> None:
        lane = work.lane
        async with lanes.change(db, lane):
            lane.agreed, lane.skipped = plan.agreed, False
            lane.facts = differing.settled(lane.facts, _totals(work))
            self.desk.teller.publish(lane, plan.publications, lane.agreed.theirs)
            if is_void(work.put.state) and lane.state == "bound":
                lane.state = "void"
            self.desk.teller.settled(lane, without_call=True)
            await reapply.over(db, lane)
            await keep(db, work, finished=True)

    async def _ask(self, db: Connection, work: Work, plan: Asked) -> None:
        lane = work.lane
        async with lanes.change(db, lane):
            lane.agreed = plan.agreed
            self.desk.teller.publish(lane, plan.publications, lane.agreed.theirs)
            await keep(db, work, finished=False)
        raise self._question(lane)

    def _question(self, lane: Lane) -> Held:
        where = f"--tenant {self.desk.account.tenant} --connection {lane.connection}"
        if lane.state == "gone":
            return Held(
                "It was deleted in the ledger; the product still wants it.",
                reason="gone",
                action=f"ledgerbridge recreate {lane.type} {lane.id} --generation "
                f"{lane.generation} {where} creates it again; or delete it in the product.",
            )
        number = lane.agreed.held.number if lane.agreed.held else 0
        return Held(
            "Both sides changed it, and each says something else.",
            reason="conflict",
            action=f"ledgerbridge resolve {lane.type} {lane.id} product|ledger --conflict "
            f"{number} {where}",
        )


def _totals(work: Work) -> Totals | None:
    entity = work.event.entity if isinstance(work.event, EntityPut) else None
    return entity.totals if isinstance(entity, Document) else None
